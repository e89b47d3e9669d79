//! What a partition remembers of idempotent producers, so that a retried batch is stored once.

use records::sorted::SortedMap;
use std::collections::VecDeque;

use protocol::ErrorCode;
use records::{Batch, Marker};
use serde::Serialize;

use crate::log::batch::StoredBatch;
use crate::log::transactions::{EndedTransaction, Transactions};

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
    /// The largest timestamp of its last batch or marker.
    pub last_timestamp: i64,
    /// The epoch of the transaction coordinator that wrote its last marker, or -1.
    pub coordinator_epoch: i32,
    /// Where its open transaction begins.
    pub transaction_start: Option<i64>,
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
    /// Whether it belongs to a transaction.
    pub transactional: bool,
    /// Whether the coordinator has said that the partition is part of that transaction.
    pub verified: bool,
}

/// What a transaction coordinator says of a marker that it has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkerClaim {
    /// The producer whose transaction ends.
    pub producer_id: i64,
    /// Its epoch.
    pub epoch: i16,
    /// The coordinator's epoch.
    pub coordinator_epoch: i32,
    /// Whether every transaction has an epoch of its own, as from `transaction.version` 2 on.
    pub epoch_per_transaction: bool,
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
    /// Refuse it: it is not part of an open transaction.
    NoTransaction,
    /// Refuse it: the producer is in the middle of a transaction.
    InTransaction,
}

impl ProducerState {
    fn new(epoch: i16) -> ProducerState {
        ProducerState {
            epoch,
            batches: VecDeque::new(),
            last_timestamp: -1,
            coordinator_epoch: -1,
            transaction_start: None,
        }
    }

    /// Sequence number of its last record in this epoch, or -1.
    pub fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |last| last.last_sequence)
    }

    fn enter_epoch(&mut self, epoch: i16) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batches.clear();
        }
    }

    /// Kafka puts sequence before everything a transaction demands of an epoch it knows.
    fn judge(&self, claim: &BatchClaim) -> Verdict {
        if claim.epoch < self.epoch {
            return Verdict::StaleEpoch;
        }
        let expected = if claim.epoch > self.epoch {
            0
        } else {
            self.batches
                .back()
                .map_or(0, |last| next_sequence(last.last_sequence))
        };
        if claim.first_sequence != expected {
            return Verdict::OutOfOrder;
        }
        if self.transaction_start.is_some() && !claim.transactional {
            return Verdict::InTransaction;
        }
        Verdict::Append
    }

    fn duplicate(&self, claim: &BatchClaim) -> Option<WrittenBatch> {
        let same = |batch: &&WrittenBatch| {
            batch.first_sequence == claim.first_sequence
                && batch.last_sequence == claim.last_sequence
        };
        let own = claim.epoch == self.epoch;
        own.then(|| self.batches.iter().find(same).copied())
            .flatten()
    }
}

impl ProducerStates {
    /// What is known of one producer.
    pub(crate) fn get(&self, producer_id: i64) -> Option<&ProducerState> {
        self.producers.get(&producer_id)
    }

    /// The producers known, by id.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &ProducerState)> {
        self.producers.iter().map(|(id, state)| (*id, state))
    }

    /// Whether a producer has a transaction open in this epoch.
    pub fn has_open(&self, producer_id: i64, epoch: i16) -> bool {
        let known = self.producers.get(&producer_id);
        known.is_some_and(|known| known.epoch == epoch && known.transaction_start.is_some())
    }

    /// Judges a batch that a client sends, or one of a group coordinator's offsets in a transaction.
    pub fn judge(&self, claim: &BatchClaim) -> Verdict {
        if claim.producer_id < 0 {
            return Verdict::Append;
        }
        let known = self.producers.get(&claim.producer_id);
        if let Some(batch) = known.and_then(|known| known.duplicate(claim)) {
            return Verdict::Duplicate(batch);
        }
        let part = claim.verified || self.has_open(claim.producer_id, claim.epoch);
        if claim.transactional && !part {
            return Verdict::NoTransaction;
        }
        // A partition that has never heard of a producer, or has forgotten it with its records,
        // takes any sequence: since Kafka 2.5 this is how producers survive retention.
        known.map_or(Verdict::Append, |known| known.judge(claim))
    }

    /// Judges offsets that a group coordinator writes for a producer; they have no sequence.
    pub fn judge_unsequenced(&self, claim: &BatchClaim) -> Verdict {
        let known = self.producers.get(&claim.producer_id);
        if !claim.verified && !self.has_open(claim.producer_id, claim.epoch) {
            Verdict::NoTransaction
        } else if known.is_some_and(|known| claim.epoch < known.epoch) {
            Verdict::StaleEpoch
        } else {
            Verdict::Append
        }
    }

    /// Judges a marker. One that is written twice does no harm.
    #[inline(never)]
    pub fn judge_marker(&self, claim: &MarkerClaim) -> Result<(), ErrorCode> {
        let Some(known) = self.producers.get(&claim.producer_id) else {
            return Ok(());
        };
        let again = claim.epoch == known.epoch
            && (known.transaction_start.is_none() || claim.epoch == i16::MAX);
        let stale = if claim.epoch_per_transaction {
            claim.epoch <= known.epoch && !again
        } else {
            claim.epoch < known.epoch
        };
        if stale {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if known.coordinator_epoch > claim.coordinator_epoch {
            return Err(ErrorCode::TransactionCoordinatorFenced);
        }
        Ok(())
    }

    /// Notes a batch that was appended.
    pub(crate) fn note(&mut self, batch: &StoredBatch, transactions: &mut Transactions) {
        if batch.producer_id < 0 {
            return;
        }
        let state = self.producers.entry(batch.producer_id);
        let state = state.or_insert_with(|| ProducerState::new(batch.producer_epoch));
        state.enter_epoch(batch.producer_epoch);
        state.last_timestamp = batch.max_timestamp;
        if batch.is_control {
            note_marker(state, batch, transactions);
            return;
        }
        if batch.is_transactional && state.transaction_start.is_none() {
            state.transaction_start = Some(batch.base_offset);
            transactions.begin(batch.base_offset, batch.producer_id);
        }
        if batch.base_sequence < 0 {
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

    /// Forgets producers whose last batch is older than `before`, in milliseconds, but none in the
    /// middle of a transaction.
    pub(crate) fn expire(&mut self, before: i64) {
        self.producers
            .retain(|_, state| state.transaction_start.is_some() || state.last_timestamp >= before);
    }
}

#[inline(never)]
fn note_marker(state: &mut ProducerState, batch: &StoredBatch, transactions: &mut Transactions) {
    let marker = Batch::parse(&batch.bytes).and_then(|batch| Marker::parse(&batch));
    let Ok(marker) = marker else {
        // Another kind of control record ends no transaction.
        return;
    };
    state.coordinator_epoch = marker.coordinator_epoch;
    if let Some(first_offset) = state.transaction_start.take() {
        transactions.end(EndedTransaction {
            producer_id: batch.producer_id,
            first_offset,
            last_offset: batch.last_offset,
            outcome: marker.outcome,
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
    use crate::log::transactions::Transactions;

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
            is_transactional: false,
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
            transactional: false,
            verified: false,
        }
    }

    fn note(states: &mut ProducerStates, batch: &StoredBatch) {
        states.note(batch, &mut Transactions::default());
    }

    #[test]
    fn sequences_follow_one_another() {
        let mut states = ProducerStates::default();
        assert_eq!(states.judge(&claim(0, 9, 9)), Verdict::Append);
        note(&mut states, &stored(0, 0, 2, 100));
        assert_eq!(states.judge(&claim(0, 2, 5)), Verdict::Append);
        assert_eq!(states.judge(&claim(0, 3, 3)), Verdict::OutOfOrder);
        let Verdict::Duplicate(batch) = states.judge(&claim(0, 0, 1)) else {
            panic!("a retry is a duplicate");
        };
        assert_eq!(batch.first_offset, 100);
        for i in 0..5 {
            note(&mut states, &stored(0, 2 + i, 1, 102 + i64::from(i)));
        }
        assert_eq!(states.judge(&claim(0, 0, 1)), Verdict::OutOfOrder);
    }

    #[test]
    fn epochs_fence_and_restart_at_zero() {
        let mut states = ProducerStates::default();
        note(&mut states, &stored(3, 0, 1, 0));
        assert_eq!(states.judge(&claim(2, 1, 1)), Verdict::StaleEpoch);
        assert_eq!(states.judge(&claim(4, 1, 1)), Verdict::OutOfOrder);
        assert_eq!(states.judge(&claim(4, 0, 0)), Verdict::Append);
    }

    #[test]
    fn sequences_wrap() {
        let mut states = ProducerStates::default();
        note(&mut states, &stored(0, i32::MAX, 2, 0));
        assert_eq!(states.judge(&claim(0, 1, 1)), Verdict::Append);
    }
}
