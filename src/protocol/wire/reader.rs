//! Takes values from bytes that anyone may have sent.
//!
//! Nothing here allocates by a length that the bytes merely claim: a length is held against what is
//! left of the frame first, and arrays grow by what was really read.

use bytes::Bytes;

use crate::error::{DecodeErrorKind, Fault};

use super::value::List;
use super::{Field, FieldSpan, Kind, Tracer, Value};

/// Walks the bytes of one message in one version.
pub struct Reader<'a> {
    frame: &'a Bytes,
    at: usize,
    end: usize,
    version: i16,
    flexible: bool,
    tracer: Option<Tracer>,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte; `flexible` selects compact lengths and tagged fields.
    pub fn new(frame: &'a Bytes, version: i16, flexible: bool) -> Self {
        Self {
            frame,
            at: 0,
            end: frame.len(),
            version,
            flexible,
            tracer: None,
        }
    }

    /// Records where every field lies, from now on.
    pub(crate) fn with_tracer(mut self, tracer: Option<Tracer>) -> Self {
        self.tracer = tracer;
        self
    }

    /// The spans recorded so far.
    pub(crate) fn into_spans(self) -> Vec<FieldSpan> {
        self.tracer.map(Tracer::finish).unwrap_or_default()
    }

    /// Switches version and notation, as headers and bodies differ.
    pub(crate) fn set_version(&mut self, version: i16, flexible: bool) {
        self.version = version;
        self.flexible = flexible;
    }

    /// Whether lengths are compact, as last set.
    pub(crate) fn is_flexible(&self) -> bool {
        self.flexible
    }

    /// Bytes read so far.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// The next `length` bytes.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.saturating_add(length);
        match self.frame.get(self.at..end) {
            Some(bytes) if end <= self.end => {
                self.at = end;
                Ok(bytes)
            }
            _ => Err(self.fault(DecodeErrorKind::Truncated {
                missing: end.saturating_sub(self.end),
            })),
        }
    }

    /// The next `length` bytes as a slice that shares the frame's memory.
    pub fn share(&mut self, length: usize) -> Result<Bytes, Fault> {
        let bytes = self.take(length)?;
        Ok(self.frame.slice_ref(bytes))
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    /// A number in groups of seven bits, lowest first; at most five bytes.
    pub fn unsigned_varint(&mut self) -> Result<u32, Fault> {
        let start = self.at;
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.array::<1>()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Fault::new(DecodeErrorKind::VarintTooLong, start))
    }

    /// A length that what is left of the frame can hold, at `min_size` bytes for each.
    pub(super) fn length(&mut self, kind: Kind, min_size: usize) -> Result<usize, Fault> {
        let start = self.at;
        let claimed = if self.flexible {
            i64::from(self.unsigned_varint()?) - 1
        } else if kind == Kind::String {
            i64::from(i16::from_be_bytes(self.array()?))
        } else {
            i64::from(i32::from_be_bytes(self.array()?))
        };
        let Ok(length) = usize::try_from(claimed) else {
            let kind = match claimed {
                -1 => DecodeErrorKind::UnexpectedNull,
                _ => DecodeErrorKind::LengthOutOfBounds { claimed },
            };
            return Err(Fault::new(kind, start));
        };
        if length.saturating_mul(min_size) > self.remaining() {
            return Err(Fault::new(
                DecodeErrorKind::LengthOutOfBounds { claimed },
                start,
            ));
        }
        Ok(length)
    }

    /// Whether a null stands here; if so it is consumed.
    pub(super) fn null(&mut self, kind: Kind, nullable: bool) -> Result<bool, Fault> {
        let start = self.at;
        let is_null = match kind {
            Kind::Plain => false,
            Kind::Struct => nullable && i8::from_be_bytes(self.array()?) < 0,
            _ if self.flexible => self.skip_if(&[0]),
            Kind::String => self.skip_if(&[0xff; 2]),
            Kind::Long => self.skip_if(&[0xff; 4]),
        };
        if is_null && !nullable {
            return Err(Fault::new(DecodeErrorKind::UnexpectedNull, start));
        }
        Ok(is_null)
    }

    /// Reads an array whose elements are called `name` and take `min_size` bytes at least.
    pub(super) fn list(
        &mut self,
        name: &'static str,
        min_size: usize,
        list: &mut dyn List,
    ) -> Result<(), Fault> {
        let length = self.length(Kind::Long, min_size)?;
        for index in 0..length {
            // It grows by what was really read, not by the length that the bytes claim.
            if let Some(item) = list.grow() {
                self.traced(name, item, false)
                    .map_err(|fault| fault.at_index(index))?;
            }
        }
        Ok(())
    }

    /// Reads the fields that this version has, then the tagged ones; unknown tags are skipped.
    pub fn structure(
        &mut self,
        fields: &'static [Field],
        values: &mut [&mut dyn Value],
    ) -> Result<(), Fault> {
        for (field, value) in fields.iter().zip(values.iter_mut()) {
            if field.is_plain(self.version, self.flexible) {
                self.field(field, *value)?;
            }
        }
        if self.flexible {
            self.tagged(fields, values)
        } else {
            Ok(())
        }
    }

    /// Skips the tagged fields of a place where none is known.
    pub(crate) fn skip_tags(&mut self) -> Result<(), Fault> {
        if self.flexible {
            self.tagged(&[], &mut [])
        } else {
            Ok(())
        }
    }

    /// Reads `value` and notes where it lay.
    pub(crate) fn traced(
        &mut self,
        name: &'static str,
        value: &mut dyn Value,
        nullable: bool,
    ) -> Result<(), Fault> {
        self.open(name);
        let outcome = value.read(self, nullable);
        if self.tracer.is_some() {
            let text = if outcome.is_ok() {
                value.describe()
            } else {
                String::new()
            };
            self.close(text);
        }
        outcome
    }

    pub(crate) fn open(&mut self, name: &'static str) {
        if let Some(tracer) = &mut self.tracer {
            tracer.open(name, self.at);
        }
    }

    pub(crate) fn close(&mut self, value: String) {
        if let Some(tracer) = &mut self.tracer {
            tracer.close(self.at, value);
        }
    }

    fn field(&mut self, field: &'static Field, value: &mut dyn Value) -> Result<(), Fault> {
        let nullable = field.nullable.contains(self.version);
        self.traced(field.name, value, nullable)
            .map_err(|fault| fault.within(field.name))
    }

    fn tagged(
        &mut self,
        fields: &'static [Field],
        values: &mut [&mut dyn Value],
    ) -> Result<(), Fault> {
        self.open("tagged_fields");
        let outcome = self.tags(fields, values);
        self.close(String::new());
        outcome
    }

    fn tags(
        &mut self,
        fields: &'static [Field],
        values: &mut [&mut dyn Value],
    ) -> Result<(), Fault> {
        let count = self.unsigned_varint()?;
        let mut lowest = 0;
        for _ in 0..count {
            let at = self.at;
            let tag = self.unsigned_varint()?;
            if tag < lowest {
                return Err(Fault::new(DecodeErrorKind::TagOutOfOrder { tag }, at));
            }
            lowest = tag.saturating_add(1);
            let size = self.unsigned_varint()? as usize;
            if size > self.remaining() {
                let claimed = size as i64;
                return Err(self.fault(DecodeErrorKind::LengthOutOfBounds { claimed }));
            }
            // The value may not reach beyond the room its tag declares, nor leave some of it unread.
            let outer = std::mem::replace(&mut self.end, self.at.saturating_add(size));
            let known = fields
                .iter()
                .zip(values.iter_mut())
                .find(|(f, _)| f.tag.map(u32::from) == Some(tag) && f.is_tagged(self.version));
            let outcome = match known {
                Some((field, value)) => self.field(field, *value),
                None => Ok(()),
            };
            self.at = if outcome.is_ok() { self.end } else { self.at };
            self.end = outer;
            outcome?;
        }
        Ok(())
    }

    fn skip_if(&mut self, mark: &[u8]) -> bool {
        let found = self
            .frame
            .get(self.at..self.end)
            .is_some_and(|rest| rest.starts_with(mark));
        if found {
            self.at += mark.len();
        }
        found
    }

    fn fault(&self, kind: DecodeErrorKind) -> Fault {
        Fault::new(kind, self.at)
    }
}
