//! Which producers' transactions a leader is asking about, so that a late "yes" cannot let records in
//! after the transaction has ended.

use records::sorted::SortedMap;
use serde::Serialize;

use crate::ids::TopicPartition;
use crate::replica::Replicas;

/// The questions that are open, by partition and producer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Verifications {
    open: SortedMap<(TopicPartition, i64), u64>,
    next: u64,
}

impl Verifications {
    pub(super) fn forget(&mut self, partition: &TopicPartition) {
        self.open.retain(|(of, _), _| of != partition);
    }
}

impl Replicas {
    /// A leader begins to ask whether a producer's transaction counts a partition in. The number that
    /// comes back tells this question from later ones.
    pub fn begin_verification(&mut self, partition: &TopicPartition, producer_id: i64) -> u64 {
        let next = self.verifications.next;
        let key = (partition.clone(), producer_id);
        let number = *self.verifications.open.entry(key).or_insert(next);
        if number == next {
            self.verifications.next = next.saturating_add(1);
        }
        number
    }

    /// The answer was yes. True if the question still stands: no marker was written meanwhile.
    pub fn still_asks(&self, partition: &TopicPartition, producer_id: i64, number: u64) -> bool {
        let key = (partition.clone(), producer_id);
        self.verifications.open.get(&key) == Some(&number)
    }

    /// The answer was no, or there was none: nothing waits for this question any more. Anyone may name any
    /// producer, so refused ones must not be remembered.
    pub fn drop_refused(&mut self, partition: &TopicPartition, producer_id: i64, number: u64) {
        if self.still_asks(partition, producer_id, number) {
            self.end_verification(partition, producer_id);
        }
    }

    /// How many questions stand.
    pub fn open_verifications(&self) -> usize {
        self.verifications.open.len()
    }

    /// The producer's transaction has begun or ended in the partition: the question is settled.
    pub fn end_verification(&mut self, partition: &TopicPartition, producer_id: i64) {
        let key = (partition.clone(), producer_id);
        self.verifications.open.remove(&key);
    }
}
