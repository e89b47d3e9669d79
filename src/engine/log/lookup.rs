//! Reading: the batches for a fetch, and offsets by time.

use bytes::{Bytes, BytesMut};

use records::{Batch, RecordView, open};

use crate::log::PartitionLog;
use crate::log::batch::StoredBatch;

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

/// A record found by its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedOffset {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp in milliseconds.
    pub timestamp: i64,
    /// The leader epoch it was appended in.
    pub leader_epoch: i32,
}

impl PartitionLog {
    /// The first record whose timestamp is at least `timestamp`.
    pub fn offset_for_time(&self, timestamp: i64) -> Option<TimedOffset> {
        self.batches
            .starting_after(move |batch| batch.timestamp_reached < timestamp)
            .filter(|batch| batch.max_timestamp >= timestamp)
            .find_map(|batch| self.find_in(batch, |record| record.timestamp >= timestamp))
    }

    /// The first record that has the largest timestamp of all.
    pub fn offset_of_max_timestamp(&self) -> Option<TimedOffset> {
        let batches = self.batches_from(self.log_start_offset());
        let mut newest: Option<&StoredBatch> = None;
        for batch in batches {
            if newest.is_none_or(|newest| batch.max_timestamp > newest.max_timestamp) {
                newest = Some(batch);
            }
        }
        let newest = newest?;
        self.find_in(newest, |record| record.timestamp >= newest.max_timestamp)
    }

    fn find_in(
        &self,
        batch: &StoredBatch,
        wanted: impl Fn(&RecordView<'_>) -> bool,
    ) -> Option<TimedOffset> {
        let start = self.log_start_offset();
        let plain = open(&batch.bytes).ok()?;
        let records = Batch::parse(&plain).and_then(|b| b.records()).ok()?;
        let mut readable = records
            .map_while(Result::ok)
            .filter(|record| record.offset >= start);
        let found = readable.find(wanted)?;
        Some(TimedOffset {
            offset: found.offset,
            timestamp: found.timestamp,
            leader_epoch: batch.leader_epoch,
        })
    }

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
