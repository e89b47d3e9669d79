//! What a partition remembers of idempotent producers, so that a retried batch is stored once.

use records::sorted::SortedMap;
use std::collections::VecDeque;

use serde::Serialize;

use crate::log::batch::StoredBatch;

/// Kafka's client keeps at most five requests in flight, so a retry is one of the last five batches.
const REMEMBERED_BATCHES: usize = 5;

/// A batch that a producer wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WrittenBatch {
    /// Sequence number of its first record.
    pub first_sequence: i32,
    /// Sequence number of its last record.
    pub last_sequence: i32,
    /// Offset of its first record.
    pub first_offset: i64,
    /// Offset of its last record.
    pub last_offset: i64,
    /// Its largest timestamp.
    pub timestamp: i64,
}

/// What is known of one producer id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProducerState {
    /// Its newest epoch.
    pub epoch: i16,
    /// Its last batches of that epoch, oldest first.
    pub batches: VecDeque<WrittenBatch>,
}

/// All producers of a partition, by producer id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProducerStates {
    producers: SortedMap<i64, ProducerState>,
}

/// What a producer says of a batch it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchClaim {
    /// Its id; negative if it is not idempotent.
    pub producer_id: i64,
    /// Its epoch.
    pub epoch: i16,
    /// Sequence number of the first record.
    pub first_sequence: i32,
    /// Sequence number of the last record.
    pub last_sequence: i32,
}

/// What to do with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Store it.
    Append,
    /// It is stored already, there.
    Duplicate(WrittenBatch),
    /// Refuse it: a newer instance of this producer has taken over.
    StaleEpoch,
    /// Refuse it: records before it are missing.
    OutOfOrder,
}

impl ProducerStates {
    /// The producers known, by id.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &ProducerState)> {
        self.producers.iter().map(|(id, state)| (*id, state))
    }

    /// Judges a batch that a client sends.
    pub fn judge(&self, claim: &BatchClaim) -> Verdict {
        if claim.producer_id < 0 {
            return Verdict::Append;
        }
        // A partition that has never heard of a producer, or has forgotten it with its records,
        // takes any sequence: since Kafka 2.5 this is how producers survive retention.
        let Some(known) = self.producers.get(&claim.producer_id) else {
            return Verdict::Append;
        };
        if claim.epoch < known.epoch {
            return Verdict::StaleEpoch;
        }
        if claim.epoch > known.epoch {
            return if claim.first_sequence == 0 {
                Verdict::Append
            } else {
                Verdict::OutOfOrder
            };
        }
        let same = |batch: &&WrittenBatch| {
            batch.first_sequence == claim.first_sequence
                && batch.last_sequence == claim.last_sequence
        };
        if let Some(batch) = known.batches.iter().find(same) {
            return Verdict::Duplicate(*batch);
        }
        match known.batches.back() {
            Some(last) if next_sequence(last.last_sequence) != claim.first_sequence => {
                Verdict::OutOfOrder
            }
            _ => Verdict::Append,
        }
    }

    /// Notes a batch that was appended.
    pub fn note(&mut self, batch: &StoredBatch) {
        if batch.producer_id < 0 {
            return;
        }
        let state = self
            .producers
            .entry(batch.producer_id)
            .or_insert_with(|| ProducerState {
                epoch: batch.producer_epoch,
                batches: VecDeque::new(),
            });
        if state.epoch != batch.producer_epoch {
            state.epoch = batch.producer_epoch;
            state.batches.clear();
        }
        if batch.is_control {
            return;
        }
        if state.batches.len() >= REMEMBERED_BATCHES {
            state.batches.pop_front();
        }
        state.batches.push_back(WrittenBatch {
            first_sequence: batch.base_sequence,
            last_sequence: batch.last_sequence(),
            first_offset: batch.base_offset,
            last_offset: batch.last_offset,
            timestamp: batch.max_timestamp,
        });
    }

    /// Forgets producers whose last batch is older than `before`, in milliseconds.
    pub(crate) fn expire(&mut self, before: i64) {
        self.producers.retain(|_, state| {
            state
                .batches
                .back()
                .is_none_or(|last| last.timestamp >= before)
        });
    }
}

fn next_sequence(last: i32) -> i32 {
    last.checked_add(1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{BatchClaim, ProducerStates, Verdict};
    use crate::log::batch::StoredBatch;

    fn stored(epoch: i16, first: i32, count: i32, base_offset: i64) -> StoredBatch {
        StoredBatch {
            base_offset,
            last_offset: base_offset + i64::from(count) - 1,
            leader_epoch: 0,
            max_timestamp: 0,
            timestamp_reached: 0,
            record_count: count,
            producer_id: 7,
            producer_epoch: epoch,
            base_sequence: first,
            is_control: false,
            position: 0,
            bytes: Bytes::new(),
        }
    }

    fn claim(epoch: i16, first: i32, last: i32) -> BatchClaim {
        BatchClaim {
            producer_id: 7,
            epoch,
            first_sequence: first,
            last_sequence: last,
        }
    }

    #[test]
    fn sequences_follow_one_another() {
        let mut states = ProducerStates::default();
        assert_eq!(states.judge(&claim(0, 9, 9)), Verdict::Append);
        states.note(&stored(0, 0, 2, 100));
        assert_eq!(states.judge(&claim(0, 2, 5)), Verdict::Append);
        assert_eq!(states.judge(&claim(0, 3, 3)), Verdict::OutOfOrder);
        let Verdict::Duplicate(batch) = states.judge(&claim(0, 0, 1)) else {
            panic!("a retry is a duplicate");
        };
        assert_eq!(batch.first_offset, 100);
        for i in 0..5 {
            states.note(&stored(0, 2 + i, 1, 102 + i64::from(i)));
        }
        assert_eq!(states.judge(&claim(0, 0, 1)), Verdict::OutOfOrder);
    }

    #[test]
    fn epochs_fence_and_restart_at_zero() {
        let mut states = ProducerStates::default();
        states.note(&stored(3, 0, 1, 0));
        assert_eq!(states.judge(&claim(2, 1, 1)), Verdict::StaleEpoch);
        assert_eq!(states.judge(&claim(4, 1, 1)), Verdict::OutOfOrder);
        assert_eq!(states.judge(&claim(4, 0, 0)), Verdict::Append);
    }

    #[test]
    fn sequences_wrap() {
        let mut states = ProducerStates::default();
        states.note(&stored(0, i32::MAX, 2, 0));
        assert_eq!(states.judge(&claim(0, 1, 1)), Verdict::Append);
    }
}
