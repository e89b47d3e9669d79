//! Compaction: of the records of a key, the last one stays. Offsets stay as they are, and the newest
//! segment is never touched. What stays of a batch is told in `cleaner_batch`.

use bytes::Bytes;
use records::{Batch, BatchError, BatchHeader, open};

use crate::log::PartitionLog;
use crate::log::batch::StoredBatch;
use crate::log::cleaner_batch::{Cleaning, LastOffsets, Left, is_aborted};
use crate::log::journal::{CompactedSegment, LogChange};
use crate::log::retention::Segment;
use crate::time::SimTime;

/// Keys that are looked at in one go; segments beyond wait for the next.
const MOST_KEYS: usize = 1 << 20;

/// What a group of segments becomes.
#[derive(Debug, Default)]
struct Cleaned {
    segments: Vec<Segment>,
    batches: Vec<StoredBatch>,
    changes: Vec<CompactedSegment>,
}

impl PartitionLog {
    /// The offset up to which the log was compacted; what follows was not looked at yet.
    pub fn cleaned_to(&self) -> i64 {
        self.cleaned_to
    }

    /// Compacts the log, if its settings ask for that and enough of it is new. True if anything
    /// changed. A log with a damaged batch stays as it is.
    pub fn compact(&mut self, now: SimTime) -> bool {
        let now_ms = now.as_millis();
        let count = self.cleanable_segments(now_ms);
        if count == 0 {
            return false;
        }
        let Ok((last, count)) = self.last_offsets(count) else {
            return false;
        };
        let Ok(cleaned) = self.cleaned(&last, count, now_ms) else {
            return false;
        };
        self.put_in_place(cleaned, count)
    }

    /// How many of the oldest segments may be compacted; 0 if it is not worth it yet.
    fn cleanable_segments(&self, now_ms: i64) -> usize {
        let config = self.config();
        if !config.compact {
            return 0;
        }
        let stable = self.last_stable_offset();
        let (mut clean, mut dirty, mut count) = (0u64, 0u64, 0usize);
        let mut oldest_dirty = None;
        for pair in self.segments.windows(2) {
            let [segment, next] = pair else { break };
            let age = now_ms.saturating_sub(segment.max_timestamp);
            if next.base_offset > stable || age < config.min_compaction_lag_ms {
                break;
            }
            if next.base_offset <= self.cleaned_to {
                clean = clean.saturating_add(segment.size);
            } else {
                dirty = dirty.saturating_add(segment.size);
                oldest_dirty.get_or_insert(segment.first_timestamp);
            }
            count = count.saturating_add(1);
        }
        let overdue = oldest_dirty
            .is_some_and(|since| now_ms.saturating_sub(since) > config.max_compaction_lag_ms);
        let share = u128::from(dirty) * 1000;
        let wanted = u128::from(config.min_dirty_thousandths) * u128::from(dirty + clean);
        if dirty > 0 && (overdue || share > wanted) {
            count
        } else {
            0
        }
    }

    /// The last offset of each key in the segments not compacted yet, and how many segments that
    /// covers.
    fn last_offsets(&self, count: usize) -> Result<(LastOffsets, usize), BatchError> {
        let mut found = Vec::new();
        for place in 0..count {
            let end = self.segment_end(place);
            if end <= self.cleaned_to {
                continue;
            }
            let base = self.segments.get(place).map_or(end, |one| one.base_offset);
            for stored in self.batches_within(base, end) {
                if stored.is_control || is_aborted(&self.transactions, stored) {
                    continue;
                }
                let plain = open(&stored.bytes)?;
                for record in Batch::parse(&plain)?.records()? {
                    let record = record?;
                    if let Some(key) = record.key {
                        found.push((Bytes::copy_from_slice(key), record.offset));
                    }
                }
            }
            if found.len() > MOST_KEYS {
                return Ok((LastOffsets::new(found), place.saturating_add(1)));
            }
        }
        Ok((LastOffsets::new(found), count))
    }

    fn cleaned(
        &self,
        last: &LastOffsets,
        count: usize,
        now_ms: i64,
    ) -> Result<Cleaned, BatchError> {
        let mut cleaning = Cleaning::new(self, last, now_ms);
        let mut cleaned = Cleaned::default();
        let mut from = 0;
        while from < count {
            let until = self.group_end(from, count);
            let group = self.segments.get(from..until).unwrap_or_default();
            self.clean_group(
                group,
                self.segment_end(until - 1),
                &mut cleaning,
                &mut cleaned,
            )?;
            from = until;
        }
        Ok(cleaned)
    }

    /// The segments that go together into one are those that fit into one.
    fn group_end(&self, from: usize, count: usize) -> usize {
        let limit = u64::try_from(self.config().segment_bytes).unwrap_or(u64::MAX);
        let mut size = 0u64;
        let segments = self.segments.get(from..count).unwrap_or_default();
        let fitting = segments.iter().take_while(|segment| {
            size = size.saturating_add(segment.size);
            size <= limit
        });
        from.saturating_add(fitting.count().max(1))
    }

    fn clean_group(
        &self,
        group: &[Segment],
        end: i64,
        cleaning: &mut Cleaning<'_>,
        cleaned: &mut Cleaned,
    ) -> Result<(), BatchError> {
        let Some(mut segment) = group.first().copied() else {
            return Ok(());
        };
        let mut batches = Vec::new();
        let mut changed = group.len() > 1;
        for stored in self.batches_within(segment.base_offset, end) {
            match cleaning.clean(stored)? {
                Left::All => batches.push(stored.clone()),
                Left::Some(bytes) => {
                    let header = BatchHeader::parse(&bytes)?;
                    batches.push(StoredBatch::place(&header, header.max_timestamp, bytes));
                    changed = true;
                }
                Left::Nothing => changed = true,
            }
        }
        if !changed {
            cleaned.segments.push(segment);
            cleaned.batches.append(&mut batches);
            return Ok(());
        }
        (segment.size, segment.max_timestamp) = (0, -1);
        for batch in &mut batches {
            // What stays must not keep alive the memory of what goes.
            batch.bytes = Bytes::copy_from_slice(&batch.bytes);
            segment.size = segment.size.saturating_add(batch.size());
            segment.max_timestamp = segment.max_timestamp.max(batch.max_timestamp);
        }
        cleaned.changes.push(CompactedSegment {
            replaces: group.iter().map(|segment| segment.base_offset).collect(),
            batches: batches.iter().map(|batch| batch.bytes.clone()).collect(),
        });
        cleaned.segments.push(segment);
        cleaned.batches.append(&mut batches);
        Ok(())
    }

    fn put_in_place(&mut self, cleaned: Cleaned, count: usize) -> bool {
        let end = self.segment_end(count.saturating_sub(1));
        self.cleaned_to = end;
        if cleaned.changes.is_empty() {
            return false;
        }
        let mut batches = cleaned.batches;
        let following = self.batches.starting_at(end).next();
        let mut behind = following.map_or(self.end_position, |batch| batch.position);
        let size: u64 = batches.iter().map(StoredBatch::size).sum();
        if size > behind {
            // Word of a time to delete at can make a batch larger.
            let more = size.saturating_sub(behind);
            self.batches.shift_from(end, more);
            self.end_position = self.end_position.saturating_add(more);
            behind = size;
        }
        let (mut position, mut reached) = (behind.saturating_sub(size), -1);
        for batch in &mut batches {
            reached = batch.max_timestamp.max(reached);
            (batch.position, batch.timestamp_reached) = (position, reached);
            position = position.saturating_add(batch.size());
        }
        self.batches.replace_before(end, batches);
        self.segments
            .splice(..count.min(self.segments.len()), cleaned.segments);
        for change in cleaned.changes {
            self.journal.note(|| LogChange::Compacted(change));
        }
        true
    }

    fn batches_within(&self, base: i64, end: i64) -> impl Iterator<Item = &StoredBatch> {
        self.batches
            .starting_at(base)
            .take_while(move |batch| batch.base_offset < end)
    }

    fn segment_end(&self, place: usize) -> i64 {
        let next = self.segments.get(place.saturating_add(1));
        next.map_or(self.log_end_offset, |next| next.base_offset)
    }
}
