//! Puts values down as bytes, in one version.

use bytes::Bytes;

use super::{Field, Kind, Value};

/// Grows the bytes of one message in one version.
pub struct Writer {
    out: Vec<u8>,
    version: i16,
    flexible: bool,
}

impl Writer {
    /// Starts with no bytes; `flexible` selects compact lengths and tagged fields.
    pub fn new(version: i16, flexible: bool) -> Self {
        Self {
            out: Vec::new(),
            version,
            flexible,
        }
    }

    /// Appends bytes as they are.
    pub fn put(&mut self, bytes: &[u8]) {
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
        let mut chosen: Vec<(u32, &Field, &dyn Value)> = Vec::new();
        for (field, value) in fields.iter().zip(values) {
            if let Some(tag) = field.tag
                && field.is_tagged(self.version)
                && !value.is_initial(field.initial)
            {
                chosen.push((tag, field, *value));
            }
        }
        chosen.sort_unstable_by_key(|&(tag, _, _)| tag);
        self.unsigned_varint(chosen.len() as u32);
        for (tag, field, value) in chosen {
            let mut inner = Writer::new(self.version, true);
            value.write(&mut inner, field.nullable.contains(self.version));
            self.unsigned_varint(tag);
            self.unsigned_varint(inner.out.len() as u32);
            self.put(&inner.out);
        }
    }
}
