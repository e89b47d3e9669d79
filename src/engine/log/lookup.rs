//! Reading: the batches for a fetch.

use bytes::{Bytes, BytesMut};

use crate::log::PartitionLog;

/// How much a read may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimit {
    /// Only batches that end below this offset.
    pub below: i64,
    /// At most so many bytes.
    pub max_bytes: usize,
    /// Return the first batch even if it alone is larger, so that a reader can always go on.
    pub at_least_one: bool,
}

impl PartitionLog {
    /// The bytes of the batches from `offset` on. One batch is shared; several are joined.
    pub fn read(&self, offset: i64, limit: ReadLimit) -> Bytes {
        let mut chosen: Vec<&Bytes> = Vec::new();
        let mut size = 0usize;
        for batch in self.batches_from(offset) {
            let grown = size.saturating_add(batch.bytes.len());
            let first = chosen.is_empty() && limit.at_least_one;
            if batch.last_offset >= limit.below || (grown > limit.max_bytes && !first) {
                break;
            }
            size = grown;
            chosen.push(&batch.bytes);
        }
        match chosen.as_slice() {
            [] => Bytes::new(),
            [one] => (*one).clone(),
            many => {
                let mut joined = BytesMut::with_capacity(size);
                for bytes in many {
                    joined.extend_from_slice(bytes);
                }
                joined.freeze()
            }
        }
    }

    /// How many bytes lie from `offset` up to `below`; work is logarithmic in the log's length.
    pub fn bytes_between(&self, offset: i64, below: i64) -> u64 {
        if below <= offset {
            return 0;
        }
        let position = |offset: i64| {
            let batch = self.batches_from(offset).next();
            batch.map_or(self.end_position, |batch| batch.position)
        };
        position(below).saturating_sub(position(offset))
    }
}
