//! Why bytes could not be read as a message, and where.

use std::fmt;

use crate::header::RequestHeader;

/// Bytes that are not the message they should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Where: bytes from the start of the frame.
    pub offset: usize,
    /// The field, like `topics[3].name`; empty for the frame itself.
    pub path: String,
    /// The request's header, when that much could be read.
    pub header: Option<RequestHeader>,
}

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// The bytes end too early.
    Truncated {
        /// How many more were needed at least.
        missing: usize,
    },
    /// A length is negative, or more than the rest of the frame can hold.
    LengthOutOfBounds {
        /// The length the bytes claim.
        claimed: i64,
    },
    /// Null where this version does not allow it.
    UnexpectedNull,
    /// A string that is not UTF-8.
    InvalidUtf8,
    /// A variable-length number that does not end.
    VarintTooLong,
    /// A tagged field that comes twice, or after one with a higher tag.
    TagOutOfOrder {
        /// The tag.
        tag: u32,
    },
    /// An API key that is not spoken here.
    UnsupportedApi {
        /// The key.
        api_key: i16,
    },
    /// A version that is not spoken here.
    UnsupportedVersion {
        /// The version.
        version: i16,
    },
    /// A record type that is not known.
    UnknownRecordType {
        /// The type.
        record_type: i64,
    },
}

/// A [`DecodeError`] on its way out: every level adds its part of the path.
#[derive(Debug)]
pub struct Fault(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: DecodeErrorKind,
    offset: usize,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Field(&'static str),
    Index(usize),
}

impl Fault {
    pub(crate) fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self(Box::new(Inner {
            kind,
            offset,
            steps: Vec::new(),
        }))
    }

    pub(crate) fn within(mut self, field: &'static str) -> Self {
        self.0.steps.push(Step::Field(field));
        self
    }

    pub(crate) fn at_index(mut self, index: usize) -> Self {
        self.0.steps.push(Step::Index(index));
        self
    }

    pub(crate) fn into_error(self, header: Option<RequestHeader>) -> DecodeError {
        let mut path = String::new();
        for step in self.0.steps.iter().rev() {
            match step {
                Step::Field(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                Step::Index(index) => {
                    path.push('[');
                    path.push_str(&index.to_string());
                    path.push(']');
                }
            }
        }
        DecodeError {
            kind: self.0.kind,
            offset: self.0.offset,
            path,
            header,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        write!(f, " at byte {}", self.offset)?;
        if self.path.is_empty() {
            Ok(())
        } else {
            write!(f, " in {}", self.path)
        }
    }
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { missing } => write!(f, "{missing} more bytes needed"),
            Self::LengthOutOfBounds { claimed } => {
                write!(f, "length {claimed} does not fit into the frame")
            }
            Self::UnexpectedNull => f.write_str("null where it is not allowed"),
            Self::InvalidUtf8 => f.write_str("string is not UTF-8"),
            Self::VarintTooLong => f.write_str("variable-length number does not end"),
            Self::TagOutOfOrder { tag } => write!(f, "tagged field {tag} is out of order"),
            Self::UnsupportedApi { api_key } => write!(f, "unsupported API key {api_key}"),
            Self::UnsupportedVersion { version } => write!(f, "unsupported version {version}"),
            Self::UnknownRecordType { record_type } => {
                write!(f, "unknown record type {record_type}")
            }
        }
    }
}

impl std::error::Error for DecodeError {}
