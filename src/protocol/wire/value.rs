//! The field types of the protocol.

use bytes::Bytes;

use crate::error::{DecodeErrorKind, Fault};
use crate::uuid::Uuid;

use super::{Initial, Reader, Writer};

/// Anything that a message is made of, as seen by the reader and the writer.
pub trait Value {
    /// Takes an unset value from the bytes; `nullable` says whether null is allowed here and now.
    fn read(&mut self, reader: &mut Reader<'_>, nullable: bool) -> Result<(), Fault>;
    /// Puts the value down; an absent value becomes an empty one where null is not allowed.
    fn write(&self, writer: &mut Writer, nullable: bool);
    /// Whether the value is what an unset field holds.
    fn is_initial(&self, initial: Initial) -> bool;
    /// The value in a few characters, for a reader of the bytes.
    fn describe(&self) -> String;
}

/// A [`Value`] whose shape is known where it is declared.
pub trait Wire: Value + Sized {
    /// What one such thing is called inside an array.
    const NAME: &'static str;
    /// How its absence is written.
    const KIND: Kind;
    /// The fewest bytes one can take.
    const MIN_SIZE: usize;
    /// The value of an unset field.
    fn initial(initial: Initial) -> Self;
}

/// An array, whatever it is an array of: the loops over arrays are compiled only once.
pub(super) trait List {
    /// Appends an unset element.
    fn grow(&mut self) -> Option<&mut dyn Value>;
    fn count(&self) -> usize;
    fn item(&self, index: usize) -> Option<&dyn Value>;
}

/// How a null is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Never null.
    Plain,
    /// A length of 16 bits, -1 for null.
    String,
    /// A length of 32 bits, -1 for null: bytes and arrays.
    Long,
    /// A byte before it, -1 for null.
    Struct,
}

macro_rules! integer {
    ($($ty:ty, $size:literal);*) => {$(
        impl Value for $ty {
            fn read(&mut self, reader: &mut Reader<'_>, _nullable: bool) -> Result<(), Fault> {
                *self = <$ty>::from_be_bytes(reader.array()?);
                Ok(())
            }

            fn write(&self, writer: &mut Writer, _nullable: bool) {
                writer.put(&self.to_be_bytes());
            }

            fn is_initial(&self, initial: Initial) -> bool {
                *self == <$ty>::initial(initial)
            }

            fn describe(&self) -> String {
                self.to_string()
            }
        }

        impl Wire for $ty {
            const NAME: &'static str = stringify!($ty);
            const KIND: Kind = Kind::Plain;
            const MIN_SIZE: usize = $size;

            fn initial(initial: Initial) -> Self {
                match initial {
                    Initial::Number(number) => number as $ty,
                    Initial::Largest => <$ty>::MAX,
                    Initial::Zero | Initial::Null => 0,
                }
            }
        }
    )*};
}

integer! { i8, 1; i16, 2; u16, 2; i32, 4; i64, 8 }

impl Value for bool {
    fn read(&mut self, reader: &mut Reader<'_>, _nullable: bool) -> Result<(), Fault> {
        *self = reader.array::<1>()? != [0];
        Ok(())
    }

    fn write(&self, writer: &mut Writer, _nullable: bool) {
        writer.put(&[u8::from(*self)]);
    }

    fn is_initial(&self, initial: Initial) -> bool {
        *self == bool::initial(initial)
    }

    fn describe(&self) -> String {
        String::from(if *self { "true" } else { "false" })
    }
}

impl Wire for bool {
    const NAME: &'static str = "bool";
    const KIND: Kind = Kind::Plain;
    const MIN_SIZE: usize = 1;

    fn initial(initial: Initial) -> Self {
        initial == Initial::Number(1)
    }
}

impl Value for Uuid {
    fn read(&mut self, reader: &mut Reader<'_>, _nullable: bool) -> Result<(), Fault> {
        self.0 = reader.array()?;
        Ok(())
    }

    fn write(&self, writer: &mut Writer, _nullable: bool) {
        writer.put(&self.0);
    }

    fn is_initial(&self, _initial: Initial) -> bool {
        *self == Uuid::ZERO
    }

    fn describe(&self) -> String {
        self.to_string()
    }
}

impl Wire for Uuid {
    const NAME: &'static str = "uuid";
    const KIND: Kind = Kind::Plain;
    const MIN_SIZE: usize = 16;

    fn initial(_initial: Initial) -> Self {
        Uuid::ZERO
    }
}

impl Value for String {
    fn read(&mut self, reader: &mut Reader<'_>, _nullable: bool) -> Result<(), Fault> {
        let start = reader.offset();
        let length = reader.length(Kind::String, 1)?;
        let text = std::str::from_utf8(reader.take(length)?)
            .map_err(|_| Fault::new(DecodeErrorKind::InvalidUtf8, start))?;
        *self = String::from(text);
        Ok(())
    }

    fn write(&self, writer: &mut Writer, _nullable: bool) {
        writer.length(Kind::String, self.len());
        writer.put(self.as_bytes());
    }

    fn is_initial(&self, _initial: Initial) -> bool {
        self.is_empty()
    }

    fn describe(&self) -> String {
        self.clone()
    }
}

impl Wire for String {
    const NAME: &'static str = "string";
    const KIND: Kind = Kind::String;
    const MIN_SIZE: usize = 1;

    fn initial(_initial: Initial) -> Self {
        String::new()
    }
}

impl Value for Bytes {
    fn read(&mut self, reader: &mut Reader<'_>, _nullable: bool) -> Result<(), Fault> {
        let length = reader.length(Kind::Long, 1)?;
        *self = reader.share(length)?;
        Ok(())
    }

    fn write(&self, writer: &mut Writer, _nullable: bool) {
        writer.length(Kind::Long, self.len());
        writer.put(self);
    }

    fn is_initial(&self, _initial: Initial) -> bool {
        self.is_empty()
    }

    fn describe(&self) -> String {
        counted(self.len(), "byte", "bytes")
    }
}

impl Wire for Bytes {
    const NAME: &'static str = "bytes";
    const KIND: Kind = Kind::Long;
    const MIN_SIZE: usize = 1;

    fn initial(_initial: Initial) -> Self {
        Bytes::new()
    }
}

impl<T: Wire> Value for Vec<T> {
    fn read(&mut self, reader: &mut Reader<'_>, _nullable: bool) -> Result<(), Fault> {
        reader.list(T::NAME, T::MIN_SIZE, self)
    }

    fn write(&self, writer: &mut Writer, _nullable: bool) {
        writer.list(self);
    }

    fn is_initial(&self, _initial: Initial) -> bool {
        self.is_empty()
    }

    fn describe(&self) -> String {
        counted(self.len(), "entry", "entries")
    }
}

impl<T: Wire> List for Vec<T> {
    fn grow(&mut self) -> Option<&mut dyn Value> {
        self.push(T::initial(Initial::Zero));
        self.last_mut().map(|item| item as &mut dyn Value)
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, index: usize) -> Option<&dyn Value> {
        self.get(index).map(|item| item as &dyn Value)
    }
}

impl<T: Wire> Wire for Vec<T> {
    const NAME: &'static str = "array";
    const KIND: Kind = Kind::Long;
    const MIN_SIZE: usize = 1;

    fn initial(_initial: Initial) -> Self {
        Vec::new()
    }
}

impl<T: Wire> Value for Option<T> {
    fn read(&mut self, reader: &mut Reader<'_>, nullable: bool) -> Result<(), Fault> {
        *self = None;
        if !reader.null(T::KIND, nullable)? {
            let mut value = T::initial(Initial::Zero);
            value.read(reader, false)?;
            *self = Some(value);
        }
        Ok(())
    }

    fn write(&self, writer: &mut Writer, nullable: bool) {
        match self {
            None if nullable => writer.null(T::KIND),
            None => T::initial(Initial::Zero).write(writer, false),
            Some(value) => {
                if nullable && T::KIND == Kind::Struct {
                    writer.put(&[1]);
                }
                value.write(writer, false);
            }
        }
    }

    fn is_initial(&self, initial: Initial) -> bool {
        match self {
            None => initial == Initial::Null,
            Some(value) => initial != Initial::Null && value.is_initial(Initial::Zero),
        }
    }

    fn describe(&self) -> String {
        self.as_ref()
            .map_or_else(|| String::from("null"), Value::describe)
    }
}

impl<T: Wire> Wire for Option<T> {
    const NAME: &'static str = T::NAME;
    const KIND: Kind = Kind::Plain;
    const MIN_SIZE: usize = 1;

    fn initial(initial: Initial) -> Self {
        (initial != Initial::Null).then(|| T::initial(Initial::Zero))
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    let mut text = count.to_string();
    text.push(' ');
    text.push_str(if count == 1 { one } else { many });
    text
}
