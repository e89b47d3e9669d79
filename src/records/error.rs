//! What can be wrong with a batch.

use std::fmt;

use crate::codec::MAX_OPENED;
use crate::header::Codec;

/// Why bytes are not a sound batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchError {
    /// The bytes end before the batch does.
    Truncated,
    /// The batch claims a length that no batch has.
    InvalidLength(i32),
    /// Not the record format of today (magic 2).
    UnsupportedMagic(i8),
    /// The checksum in the batch and the one of its bytes.
    CrcMismatch {
        /// What the batch says.
        stored: u32,
        /// What its bytes give.
        computed: u32,
    },
    /// The compression type is none that Kafka has.
    UnknownCodec(u8),
    /// The records are compressed: they can be walked once the batch is opened.
    Compressed(Codec),
    /// The records are not what their compression says.
    Damaged(Codec),
    /// The records open to more than is borne.
    OpensTooLarge(Codec),
    /// The number of records does not fit the offsets that the batch spans.
    InvalidCount {
        /// The number of records the batch claims.
        records: i32,
        /// The offset of the last record, counted from the first.
        last_offset_delta: i32,
    },
    /// A record's parts do not fill the record, or do not fit into it.
    InvalidRecord,
    /// Bytes are left after the last record.
    TrailingBytes(usize),
    /// One more record would make the batch longer than its 32-bit length can say.
    TooLarge,
    /// The next record's offset does not lie after the last one's.
    OffsetOrder,
    /// Not a marker that ends a transaction.
    InvalidMarker,
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the batch is cut off"),
            Self::InvalidLength(length) => write!(f, "a batch cannot be {length} bytes long"),
            Self::UnsupportedMagic(magic) => {
                write!(f, "record format {magic} is not supported, only 2")
            }
            Self::CrcMismatch { stored, computed } => {
                write!(f, "the checksum is {computed}, but the batch says {stored}")
            }
            Self::UnknownCodec(codec) => write!(f, "compression type {codec} is not known"),
            Self::Compressed(codec) => write!(f, "compressed with {}", codec.name()),
            Self::Damaged(codec) => write!(f, "the records are not sound {}", codec.name()),
            Self::OpensTooLarge(codec) => {
                write!(
                    f,
                    "the records open to more than {MAX_OPENED} bytes of {}",
                    codec.name()
                )
            }
            Self::InvalidCount {
                records,
                last_offset_delta,
            } => {
                write!(
                    f,
                    "{records} records, but the last offset delta is {last_offset_delta}"
                )
            }
            Self::InvalidRecord => f.write_str("a record is damaged"),
            Self::TrailingBytes(count) => write!(f, "{count} bytes after the last record"),
            Self::TooLarge => f.write_str("the batch would be too large"),
            Self::OffsetOrder => f.write_str("offsets in a batch must ascend"),
            Self::InvalidMarker => f.write_str("not a transaction marker"),
        }
    }
}

impl std::error::Error for BatchError {}
