//! Puts values down as bytes, in one version.

use bytes::Bytes;

use super::value::List;
use super::{Field, Kind, Value};

/// Room that a frame begins with: most are no longer.
const FRAME_ROOM: usize = 160;
/// Room left after a long run of bytes: what follows a batch of records in its frame must not make the
/// whole frame move.
const ROOM_AFTER_BYTES: usize = 256;

/// Grows the bytes of one message in one version.
pub struct Writer {
    out: Vec<u8>,
    version: i16,
    flexible: bool,
    probe: Option<bool>,
}

impl Writer {
    /// Starts with no bytes; `flexible` selects compact lengths and tagged fields.
    pub fn new(version: i16, flexible: bool) -> Self {
        Self {
            out: Vec::new(),
            version,
            flexible,
            probe: None,
        }
    }

    /// The same, with room for a whole frame.
    pub fn for_frame(version: i16, flexible: bool) -> Self {
        Self {
            out: Vec::with_capacity(FRAME_ROOM),
            ..Writer::new(version, flexible)
        }
    }

    /// Whether every field of a struct holds what an unset one does.
    pub(crate) fn is_unset(value: &dyn Value) -> bool {
        // The struct hands over its fields as for writing, but they are only looked at.
        let mut writer = Writer {
            probe: Some(true),
            ..Writer::new(0, false)
        };
        value.write(&mut writer, false);
        writer.probe == Some(true)
    }

    /// Appends bytes as they are.
    pub fn put(&mut self, bytes: &[u8]) {
        if bytes.len() > FRAME_ROOM {
            self.out
                .reserve(bytes.len().saturating_add(ROOM_AFTER_BYTES));
        }
        self.out.extend_from_slice(bytes);
    }

    /// Appends a number in groups of seven bits, lowest first.
    pub fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    /// Everything written.
    pub fn finish(self) -> Bytes {
        Bytes::from(self.out)
    }

    /// Switches between flexible and older notation, as headers and bodies may differ.
    pub(crate) fn set_flexible(&mut self, flexible: bool) {
        self.flexible = flexible;
    }

    pub(super) fn length(&mut self, kind: Kind, length: usize) {
        match kind {
            _ if self.flexible => self.unsigned_varint((length as u32).saturating_add(1)),
            Kind::String => self.put(&(length as i16).to_be_bytes()),
            _ => self.put(&(length as i32).to_be_bytes()),
        }
    }

    pub(super) fn list(&mut self, list: &dyn List) {
        self.length(Kind::Long, list.count());
        for index in 0..list.count() {
            if let Some(item) = list.item(index) {
                item.write(self, false);
            }
        }
    }

    pub(super) fn null(&mut self, kind: Kind) {
        match kind {
            Kind::Struct => self.put(&[0xff]),
            _ if self.flexible => self.put(&[0]),
            Kind::String => self.put(&[0xff; 2]),
            Kind::Long | Kind::Plain => self.put(&[0xff; 4]),
        }
    }

    /// Writes the fields that this version has, then the tagged ones that are not as if unset.
    pub fn structure(&mut self, fields: &[Field], values: &[&dyn Value]) {
        if self.probe.is_some() {
            let unset = fields
                .iter()
                .zip(values)
                .all(|(f, value)| value.is_initial(f.initial));
            self.probe = Some(unset);
            return;
        }
        for (field, value) in fields.iter().zip(values) {
            if field.is_plain(self.version, self.flexible) {
                value.write(self, field.nullable.contains(self.version));
            }
        }
        if self.flexible {
            self.tagged(fields, values);
        }
    }

    /// No tagged fields, in flexible versions.
    pub(crate) fn no_tags(&mut self) {
        if self.flexible {
            self.put(&[0]);
        }
    }

    fn tagged(&mut self, fields: &[Field], values: &[&dyn Value]) {
        let version = self.version;
        let chosen = |field: &Field, value: &&dyn Value| {
            field.is_tagged(version) && !value.is_initial(field.initial)
        };
        let count = fields
            .iter()
            .zip(values)
            .filter(|(f, v)| chosen(f, v))
            .count();
        self.unsigned_varint(count as u32);
        let mut written = 0;
        // Tags go out in ascending order; a table may list them in another.
        for tag in 0..=u8::MAX {
            if written == count {
                break;
            }
            let mut rows = fields.iter().zip(values);
            if let Some((field, value)) = rows.find(|(f, v)| f.tag == Some(tag) && chosen(f, v)) {
                let mut inner = Writer::new(self.version, true);
                value.write(&mut inner, field.nullable.contains(self.version));
                self.unsigned_varint(u32::from(tag));
                self.unsigned_varint(inner.out.len() as u32);
                self.put(&inner.out);
                written += 1;
            }
        }
    }
}
