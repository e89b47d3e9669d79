//! Compression of a batch's records: the formats that Kafka's clients write.
//!
//! Opening is bounded: output grows only as it really comes out, and never beyond [`MAX_OPENED`].

mod gzip;
mod lz4;
mod snappy;
mod zstd;

use serde::{Deserialize, Serialize};

use crate::error::BatchError;
use crate::header::Codec;

/// The most bytes that the records of one batch may open to. Kafka has no such limit; in a tab, a
/// small batch that opens to gigabytes would take everything with it.
pub const MAX_OPENED: usize = 64 << 20;

/// How to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compression {
    /// The format.
    pub codec: Codec,
    /// How hard gzip tries, from 1 to 9; other values mean its usual effort. The other formats have
    /// one level here.
    pub level: i32,
}

/// What went wrong while opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The bytes are not of the format.
    Damaged,
    /// More came out than allowed.
    TooMuch,
}

/// Output that knows its limit.
struct Sink {
    bytes: Vec<u8>,
    limit: usize,
}

impl Compression {
    /// No compression.
    pub const NONE: Compression = Compression::new(Codec::None);

    /// A format at its usual effort.
    pub const fn new(codec: Codec) -> Compression {
        Compression { codec, level: -1 }
    }
}

impl Default for Compression {
    fn default() -> Compression {
        Compression::NONE
    }
}

impl Sink {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.room_for(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn room_for(&self, more: usize) -> Result<(), Fault> {
        if more > self.limit.saturating_sub(self.bytes.len()) {
            return Err(Fault::TooMuch);
        }
        Ok(())
    }
}

/// Appends the compressed `bytes` to `out`.
pub(crate) fn compress(how: Compression, bytes: &[u8], out: &mut Vec<u8>) {
    match how.codec {
        Codec::None => out.extend_from_slice(bytes),
        Codec::Gzip => gzip::compress(how.level, bytes, out),
        Codec::Snappy => snappy::compress(bytes, out),
        Codec::Lz4 => lz4::compress(bytes, out),
        Codec::Zstd => zstd::compress(bytes, out),
    }
}

/// Appends what `bytes` open to to `out`, at most `limit` bytes in all.
pub(crate) fn decompress(
    codec: Codec,
    bytes: &[u8],
    out: Vec<u8>,
    limit: usize,
) -> Result<Vec<u8>, BatchError> {
    let mut sink = Sink { bytes: out, limit };
    let outcome = match codec {
        Codec::None => sink.put(bytes),
        Codec::Gzip => gzip::decompress(bytes, &mut sink),
        Codec::Snappy => snappy::decompress(bytes, &mut sink),
        Codec::Lz4 => lz4::decompress(bytes, &mut sink),
        Codec::Zstd => zstd::decompress(bytes, &mut sink),
    };
    match outcome {
        Ok(()) => Ok(sink.bytes),
        Err(Fault::Damaged) => Err(BatchError::Damaged(codec)),
        Err(Fault::TooMuch) => Err(BatchError::OpensTooLarge(codec)),
    }
}

#[cfg(test)]
mod tests;
