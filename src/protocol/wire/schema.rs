//! The facts of one field: in which versions it exists, may be null, is tagged, and starts as what.

/// An inclusive range of message versions; empty when `first > last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The first version in the range.
    pub first: i16,
    /// The last version in the range.
    pub last: i16,
}

/// What a field holds when nobody set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initial {
    /// Zero, false, or empty.
    Zero,
    /// Null.
    Null,
    /// This number; 1 is true.
    Number(i64),
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
    pub tag: Option<u32>,
    /// Its default.
    pub initial: Initial,
}

impl Versions {
    /// No version at all.
    pub const NONE: Versions = Versions { first: 1, last: 0 };

    /// Whether `version` lies in the range.
    pub fn contains(self, version: i16) -> bool {
        self.first <= version && version <= self.last
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
