//! Writes messages as bytes from the table alone, with chosen, random or hostile values.

use crate::schema::{Field, Message, Type};

/// Numbers that look random and are the same on every run.
pub struct Dice(u64);

/// A field of the written bytes: what a trace must show. Elements of arrays have no name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub name: String,
    pub start: usize,
    pub end: usize,
    pub children: Vec<Span>,
}

/// Which values to write.
pub enum Values {
    /// What an unset field holds.
    Unset,
    /// Anything that the version allows.
    Random(Dice),
    /// One entry in every array, and this length (-1 is null) in the array, string or bytes that comes
    /// at this position; nothing is written after it.
    Claim { position: usize, length: i64 },
}

/// Bytes of one message in one version, as they grow.
pub struct Writer {
    pub out: Vec<u8>,
    pub spans: Vec<Span>,
    pub values: Values,
    /// Whether the false length has been written.
    pub stopped: bool,
    /// Whether null is allowed where it was written.
    pub nullable: bool,
    version: i16,
    flexible: bool,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides.max(1)
    }

    fn integer(&mut self) -> i64 {
        match self.roll(6) {
            0 => 0,
            1 => -1,
            2 => i64::MAX,
            3 => i64::MIN,
            4 => self.roll(1000) as i64,
            _ => self.roll(u64::MAX) as i64,
        }
    }

    fn length(&mut self) -> usize {
        match self.roll(12) {
            0 => 0,
            1 => 126 + self.roll(4) as usize,
            _ => self.roll(9) as usize,
        }
    }
}

impl Writer {
    pub fn new(values: Values) -> Self {
        Writer {
            out: Vec::new(),
            spans: Vec::new(),
            values,
            stopped: false,
            nullable: false,
            version: 0,
            flexible: false,
        }
    }

    /// A request's header; its client id keeps the old notation, `flexible` or not.
    pub fn request_header(&mut self, key: i16, version: i16, flexible: bool) {
        self.out.extend(key.to_be_bytes());
        self.out.extend(version.to_be_bytes());
        self.out.extend(77i32.to_be_bytes());
        self.out.extend([0, 3, b'e', b'g', b'g']);
        if flexible {
            self.out.push(0);
        }
    }

    /// A response's header.
    pub fn response_header(&mut self, flexible: bool) {
        self.out.extend(77i32.to_be_bytes());
        if flexible {
            self.out.push(0);
        }
    }

    pub fn body(&mut self, message: &Message, version: i16) {
        self.version = version;
        self.flexible = message.flexible.contains(version);
        self.structure(&message.fields);
    }

    fn structure(&mut self, fields: &[Field]) {
        let (flexible, version) = (self.flexible, self.version);
        let present = |f: &&Field| f.versions.contains(version);
        for field in fields
            .iter()
            .filter(present)
            .filter(|f| f.tag.is_none() || !flexible)
        {
            self.spanned(&field.name, |w| w.field(field));
        }
        if flexible && !self.stopped {
            let tagged: Vec<&Field> = fields
                .iter()
                .filter(present)
                .filter(|f| f.tag.is_some())
                .collect();
            self.spanned("tagged_fields", |w| w.tagged(tagged));
        }
    }

    fn tagged(&mut self, mut fields: Vec<&Field>) {
        fields.sort_by_key(|field| field.tag);
        let mut written = Vec::new();
        for field in fields {
            let values = match &mut self.values {
                Values::Unset => continue,
                Values::Random(dice) => Values::Random(Dice::new(dice.roll(u64::MAX))),
                Values::Claim { position, length } => Values::Claim {
                    position: *position,
                    length: *length,
                },
            };
            let unset = self.apart(Values::Unset, |w| w.field(field)).out;
            let set = self.apart(values, |w| w.spanned(&field.name, |w| w.field(field)));
            if set.stopped {
                return self.claimed_tag(field.tag.unwrap(), set);
            }
            let wanted = match (&mut self.values, set.values) {
                (Values::Random(dice), _) => dice.roll(4) > 0,
                (Values::Claim { position, .. }, Values::Claim { position: left, .. }) => {
                    *position = left;
                    false
                }
                _ => false,
            };
            if wanted && set.out != unset {
                written.push((field.tag.unwrap(), set.out, set.spans));
            }
        }
        self.varint(written.len() as u32);
        for (tag, inner, spans) in written {
            self.varint(tag);
            self.varint(inner.len() as u32);
            let base = self.out.len();
            self.out.extend(inner);
            self.spans
                .extend(spans.into_iter().map(|span| span.moved(base)));
        }
    }

    /// A tagged field with a false length in it, and room for the bytes that follow.
    fn claimed_tag(&mut self, tag: u32, inner: Writer) {
        self.varint(1);
        self.varint(tag);
        self.varint(inner.out.len() as u32 + 16);
        self.out.extend(inner.out);
        self.stopped = true;
        self.nullable = inner.nullable;
    }

    fn field(&mut self, field: &Field) {
        if self.stopped {
            return;
        }
        let nullable = field.null.contains(self.version);
        let null = nullable
            && match &mut self.values {
                Values::Unset => field.default == "null" || matches!(field.ty, Type::Records),
                Values::Random(dice) => dice.roll(3) == 0,
                Values::Claim { .. } => false,
            };
        match &field.ty {
            Type::Struct(fields) => {
                if nullable {
                    self.out.push(if null { 0xff } else { 1 });
                }
                if !null {
                    self.structure(fields);
                }
            }
            Type::String if null => self.length(2, -1),
            Type::Bytes | Type::Records | Type::Array(_) if null => self.length(4, -1),
            ty => {
                self.nullable = nullable;
                self.value(ty, &field.default);
            }
        }
    }

    fn value(&mut self, ty: &Type, default: &str) {
        if self.stopped {
            return;
        }
        match ty {
            Type::Bool => {
                let value = match &mut self.values {
                    Values::Random(dice) => dice.roll(2) as u8,
                    _ => u8::from(default == "true"),
                };
                self.out.push(value);
            }
            Type::Int(size) => {
                let value = match &mut self.values {
                    Values::Random(dice) => dice.integer(),
                    _ => number(default),
                };
                self.out.extend(&value.to_be_bytes()[8 - size..]);
            }
            Type::Uuid => {
                let value = match &mut self.values {
                    Values::Random(dice) => dice.roll(u64::MAX),
                    _ => 0,
                };
                self.out.extend(u128::from(value).to_be_bytes());
            }
            Type::String => self.text(),
            Type::Bytes | Type::Records => self.blob(),
            Type::Struct(fields) => self.structure(fields),
            Type::Array(element) => {
                let Some(count) = self.count(4) else { return };
                for _ in 0..count {
                    self.nullable &= self.stopped;
                    self.spanned("", |w| w.value(element, ""));
                }
            }
        }
    }

    fn text(&mut self) {
        let text = match &mut self.values {
            Values::Random(dice) => {
                let letters = ["a", "Z", "0", "-", "é", "€", "🥚"];
                (0..dice.length())
                    .map(|_| letters[dice.roll(7) as usize])
                    .collect()
            }
            _ => String::new(),
        };
        if self.claim(2) {
            return;
        }
        self.length(2, text.len() as i64);
        self.out.extend(text.into_bytes());
    }

    fn blob(&mut self) {
        let blob: Vec<u8> = match &mut self.values {
            Values::Random(dice) => {
                let length = dice.length();
                (0..length).map(|_| dice.roll(256) as u8).collect()
            }
            _ => Vec::new(),
        };
        if self.claim(4) {
            return;
        }
        self.length(4, blob.len() as i64);
        self.out.extend(blob);
    }

    /// Writes the number of an array's entries; none if it is the false one.
    fn count(&mut self, width: usize) -> Option<u64> {
        let count = match &mut self.values {
            Values::Unset => 0,
            Values::Random(dice) => dice.roll(4),
            Values::Claim { .. } => 1,
        };
        if self.claim(width) {
            return None;
        }
        self.length(width, count as i64);
        Some(count)
    }

    /// Writes the false length if this is its place.
    fn claim(&mut self, width: usize) -> bool {
        let Values::Claim { position, length } = &mut self.values else {
            return self.stopped;
        };
        if self.stopped {
            return true;
        }
        if *position > 0 {
            *position -= 1;
            return false;
        }
        let length = *length;
        self.length(width, length);
        self.stopped = true;
        true
    }

    fn length(&mut self, width: usize, length: i64) {
        if self.flexible {
            self.varint((length + 1) as u32);
        } else {
            let length = if width == 2 {
                length.min(i64::from(i16::MAX))
            } else {
                length
            };
            self.out.extend(&length.to_be_bytes()[8 - width..]);
        }
    }

    fn varint(&mut self, mut value: u32) {
        if self.stopped {
            return;
        }
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    fn spanned(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        let outer = std::mem::take(&mut self.spans);
        let start = self.out.len();
        write(self);
        let children = std::mem::replace(&mut self.spans, outer);
        self.spans.push(Span {
            name: name.into(),
            start,
            end: self.out.len(),
            children,
        });
    }

    fn apart(&self, values: Values, write: impl FnOnce(&mut Writer)) -> Writer {
        let mut inner = Writer {
            version: self.version,
            flexible: true,
            ..Writer::new(values)
        };
        write(&mut inner);
        inner
    }
}

impl Span {
    fn moved(mut self, by: usize) -> Span {
        self.start += by;
        self.end += by;
        self.children = self
            .children
            .into_iter()
            .map(|child| child.moved(by))
            .collect();
        self
    }
}

fn number(text: &str) -> i64 {
    match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).unwrap(),
        None => text.parse().unwrap_or(0),
    }
}
