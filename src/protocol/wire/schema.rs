//! The facts of one field: in which versions it exists, may be null, is tagged, and starts as what.

/// An inclusive range of message versions; empty when `first > last`.
///
/// There are hundreds of these, so they are small: no message has come near version 127.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The first version in the range.
    pub first: i8,
    /// The last version in the range; 127 if there is none.
    pub last: i8,
}

/// What a field holds when nobody set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initial {
    /// Zero, false, or empty.
    Zero,
    /// Null.
    Null,
    /// This number; 1 is true.
    Number(i32),
    /// The largest number of its type.
    Largest,
}

/// One row of a message's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The struct field's own name.
    pub name: &'static str,
    /// Versions that carry the field.
    pub versions: Versions,
    /// Versions in which it may be null.
    pub nullable: Versions,
    /// Its tag, where it travels as a tagged field of flexible versions.
    pub tag: Option<u8>,
    /// Its default.
    pub initial: Initial,
}

impl Versions {
    /// No version at all.
    pub const NONE: Versions = Versions { first: 1, last: 0 };

    /// Whether `version` lies in the range.
    pub fn contains(self, version: i16) -> bool {
        i16::from(self.first) <= version && version <= i16::from(self.last)
    }
}

impl Initial {
    /// The default of a field that states a number: 32 bits hold all of Kafka's but one.
    pub(crate) const fn number(number: i64) -> Initial {
        if number == i64::MAX {
            Initial::Largest
        } else {
            Initial::Number(number as i32)
        }
    }
}

impl Field {
    /// Whether the field travels among the untagged ones in this version.
    pub(super) fn is_plain(&self, version: i16, flexible: bool) -> bool {
        self.versions.contains(version) && (self.tag.is_none() || !flexible)
    }

    /// Whether the field travels as a tagged one in this (flexible) version.
    pub(super) fn is_tagged(&self, version: i16) -> bool {
        self.tag.is_some() && self.versions.contains(version)
    }
}
