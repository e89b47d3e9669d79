//! Segments: the unit in which the oldest records are deleted.

use serde::Serialize;

use crate::log::PartitionLog;
use crate::log::batch::StoredBatch;
use crate::log::journal::LogChange;
use crate::time::SimTime;

/// A run of batches that Kafka would keep in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// Offset of its first record.
    pub base_offset: i64,
    /// Bytes in it.
    pub size: u64,
    /// The timestamp of its first batch, from which `segment.ms` counts.
    pub first_timestamp: i64,
    /// The largest timestamp in it, from which `retention.ms` counts.
    pub max_timestamp: i64,
}

impl PartitionLog {
    /// Deletes the segments that `retention.ms` and `retention.bytes` no longer cover. True if the
    /// log's start moved.
    pub fn apply_retention(&mut self, now: SimTime) -> bool {
        let before = self.log_start_offset;
        if self.config().delete {
            self.delete_old(now);
            self.delete_excess();
        }
        before != self.log_start_offset
    }

    /// Forgets idempotent producers that have been silent since before `before_ms`.
    pub fn expire_producers(&mut self, before_ms: i64) {
        self.producers.expire(before_ms);
    }

    /// Puts a batch that is being appended into its segment, rolling a new one when it is due.
    pub(crate) fn note_in_segment(&mut self, batch: &StoredBatch) {
        let limit = u64::try_from(self.config().segment_bytes).unwrap_or(u64::MAX);
        // A record must leave the newest segment before it can be compacted in time.
        let roll_ms = match self.config() {
            config if config.compact => config.segment_ms.min(config.max_compaction_lag_ms),
            config => config.segment_ms,
        };
        if let Some(active) = self.segments.last_mut() {
            let full = active.size.saturating_add(batch.size()) > limit;
            let age = batch.max_timestamp.saturating_sub(active.first_timestamp);
            let old = active.first_timestamp >= 0 && age > roll_ms;
            if active.size == 0 {
                active.first_timestamp = batch.max_timestamp;
            }
            if active.size == 0 || !(full || old) {
                active.size = active.size.saturating_add(batch.size());
                active.max_timestamp = active.max_timestamp.max(batch.max_timestamp);
                return;
            }
        }
        self.journal.note(|| LogChange::Rolled(batch.base_offset));
        self.segments.push(Segment {
            base_offset: batch.base_offset,
            size: batch.size(),
            first_timestamp: batch.max_timestamp,
            max_timestamp: batch.max_timestamp,
        });
    }

    /// Deletes the whole segments that end at or before `offset`, but never the active one.
    pub(crate) fn drop_segments_before(&mut self, offset: i64) {
        let covered = self
            .segments
            .windows(2)
            .take_while(|pair| pair.get(1).is_some_and(|next| next.base_offset <= offset))
            .count();
        self.drop_segments(covered);
    }

    /// Makes the segments agree with a log whose end was cut.
    #[inline(never)]
    pub(crate) fn truncate_segments(&mut self) {
        let end = self.log_end_offset();
        self.segments.retain(|segment| segment.base_offset < end);
        let Some(base) = self.segments.last().map(|segment| segment.base_offset) else {
            self.journal.note(|| LogChange::Restarted(end));
            return;
        };
        let (mut size, mut max_timestamp) = (0u64, -1);
        for batch in self.batches.starting_at(base) {
            size = size.saturating_add(batch.size());
            max_timestamp = batch.max_timestamp.max(max_timestamp);
        }
        if let Some(active) = self.segments.last_mut() {
            (active.size, active.max_timestamp) = (size, max_timestamp);
        }
        self.journal.note(|| LogChange::Truncated {
            segment: base,
            size,
        });
    }

    fn delete_old(&mut self, now: SimTime) {
        let retention = self.config().retention_ms;
        if retention < 0 {
            return;
        }
        let now_ms = now.as_millis();
        let expired = |segment: &Segment| now_ms.saturating_sub(segment.max_timestamp) > retention;
        let count = self.deletable_prefix(|segment, _| expired(segment));
        self.delete_prefix(count);
    }

    fn delete_excess(&mut self) {
        let Ok(limit) = u64::try_from(self.config().retention_bytes) else {
            return;
        };
        let mut excess = self.size_bytes().saturating_sub(limit);
        // A segment goes only if what is left is still at least the limit.
        let mut count = 0;
        for segment in &self.segments {
            if excess < segment.size || excess == 0 {
                break;
            }
            excess = excess.saturating_sub(segment.size);
            count += 1;
        }
        self.delete_prefix(count.min(self.deletable_prefix(|_, _| true)));
    }

    /// How many of the oldest segments satisfy `wanted` and hold nothing above the high watermark.
    fn deletable_prefix(&self, wanted: impl Fn(&Segment, i64) -> bool) -> usize {
        let ends = self
            .segments
            .iter()
            .skip(1)
            .map(|segment| segment.base_offset)
            .chain(std::iter::once(self.log_end_offset()));
        self.segments
            .iter()
            .zip(ends)
            .take_while(|(segment, end)| *end <= self.high_watermark() && wanted(segment, *end))
            .count()
    }

    fn delete_prefix(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        // When all of it goes, Kafka rolls a new, empty segment at the end first.
        let start = self
            .segments
            .get(count)
            .map_or(self.log_end_offset(), |segment| segment.base_offset);
        self.drop_segments(count);
        self.log_start_offset = self.log_start_offset.max(start);
        self.high_watermark = self.high_watermark.max(self.log_start_offset);
        self.epochs.delete_before(self.log_start_offset);
        self.transactions.delete_before(self.log_start_offset);
        self.note_epochs();
    }

    fn drop_segments(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let start = self
            .segments
            .get(count)
            .map_or(self.log_end_offset(), |segment| segment.base_offset);
        self.segments.drain(..count.min(self.segments.len()));
        self.batches.delete_before(start);
        if self.segments.is_empty() {
            self.journal.note(|| LogChange::Rolled(start));
        }
        self.journal.note(|| LogChange::SegmentsDeleted(start));
    }
}
