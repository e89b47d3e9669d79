//! Where a transactional id stands, and the record that says so.

use bytes::Bytes;
use protocol::Versioned;
use protocol::transaction_records::{PartitionsSchema, TransactionLogKey, TransactionLogValue};
use records::sorted::{SortedMap, SortedSet};
use serde::Serialize;

use crate::group::CoordinatorRecord;
use crate::ids::TopicPartition;

/// Stands for "no producer id".
pub(super) const NO_ID: i64 = -1;
/// Stands for "no producer epoch".
pub(super) const NO_EPOCH: i16 = -1;
/// The `transaction.version` from which on every transaction has an epoch of its own.
pub(super) const EPOCH_PER_TRANSACTION: i16 = 2;

/// The states of a transactional id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum TxnState {
    /// No transaction yet.
    Empty,
    /// Partitions have joined a transaction.
    Ongoing,
    /// The transaction is committed, the markers are being written.
    PrepareCommit,
    /// The transaction is aborted, the markers are being written.
    PrepareAbort,
    /// The transaction is committed and its markers are written.
    CompleteCommit,
    /// The transaction is aborted and its markers are written.
    CompleteAbort,
    /// The transactional id is being forgotten.
    Dead,
    /// An earlier instance of the producer is being shut out.
    PrepareEpochFence,
}

impl TxnState {
    /// All of them, by Kafka's numbers.
    pub const ALL: [TxnState; 8] = [
        TxnState::Empty,
        TxnState::Ongoing,
        TxnState::PrepareCommit,
        TxnState::PrepareAbort,
        TxnState::CompleteCommit,
        TxnState::CompleteAbort,
        TxnState::Dead,
        TxnState::PrepareEpochFence,
    ];

    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            TxnState::Empty => "Empty",
            TxnState::Ongoing => "Ongoing",
            TxnState::PrepareCommit => "PrepareCommit",
            TxnState::PrepareAbort => "PrepareAbort",
            TxnState::CompleteCommit => "CompleteCommit",
            TxnState::CompleteAbort => "CompleteAbort",
            TxnState::Dead => "Dead",
            TxnState::PrepareEpochFence => "PrepareEpochFence",
        }
    }

    pub(super) fn is_prepared(self) -> bool {
        matches!(self, TxnState::PrepareCommit | TxnState::PrepareAbort)
    }

    /// Whether nothing is under way.
    pub(super) fn is_at_rest(self) -> bool {
        matches!(
            self,
            TxnState::Empty | TxnState::CompleteCommit | TxnState::CompleteAbort
        )
    }

    fn number(self) -> i8 {
        let place = Self::ALL.iter().position(|state| *state == self);
        place
            .and_then(|place| i8::try_from(place).ok())
            .unwrap_or(0)
    }

    fn from_number(number: i8) -> Option<TxnState> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

/// A transactional id and its current or last transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transaction {
    /// The producer's name for itself.
    pub transactional_id: String,
    /// The producer id.
    pub producer_id: i64,
    /// The producer id before the epochs of that one ran out, or -1.
    pub previous_producer_id: i64,
    /// The producer id from the next transaction on, if the epochs run out with this one, or -1.
    pub next_producer_id: i64,
    /// The producer's epoch; -1 before the first.
    pub producer_epoch: i16,
    /// The epoch before, if its owner may still ask again for the current one, or -1.
    pub last_producer_epoch: i16,
    /// How long a transaction may take, in milliseconds.
    pub timeout_ms: i32,
    /// Where it stands.
    pub state: TxnState,
    /// The partitions that have joined the transaction.
    pub partitions: SortedSet<TopicPartition>,
    /// When the transaction began, in milliseconds since the Unix epoch; -1 before the first.
    pub start_ms: i64,
    /// When this was last changed, in milliseconds since the Unix epoch.
    pub update_ms: i64,
    /// The `transaction.version` that the producer speaks.
    pub client_version: i16,
}

impl Transaction {
    pub(super) fn new(transactional_id: &str, producer_id: i64, timeout_ms: i32, now: i64) -> Self {
        Transaction {
            transactional_id: transactional_id.to_owned(),
            producer_id,
            previous_producer_id: NO_ID,
            next_producer_id: NO_ID,
            producer_epoch: NO_EPOCH,
            last_producer_epoch: NO_EPOCH,
            timeout_ms,
            state: TxnState::Empty,
            partitions: SortedSet::new(),
            start_ms: -1,
            update_ms: now,
            client_version: 0,
        }
    }

    /// When the transaction has taken too long, in milliseconds since the Unix epoch; `None` if none
    /// is open.
    pub fn times_out_at(&self) -> Option<i64> {
        let open = self.state == TxnState::Ongoing;
        open.then(|| self.start_ms.saturating_add(i64::from(self.timeout_ms)))
    }

    /// The last epoch is kept free to shut the producer out with.
    pub(super) fn is_epoch_exhausted(&self) -> bool {
        is_exhausted(self.producer_epoch)
    }

    pub(super) fn has_epoch_per_transaction(&self) -> bool {
        self.client_version >= EPOCH_PER_TRANSACTION
    }

    /// The record that says so, as Kafka 4.3 writes it with `transaction.version` 2.
    pub(super) fn record(&self) -> CoordinatorRecord {
        let mut topics: SortedMap<&str, Vec<i32>> = SortedMap::new();
        for partition in &self.partitions {
            let partitions = topics.entry(&partition.topic).or_default();
            partitions.push(partition.partition);
        }
        let topics = topics
            .into_iter()
            .map(|(topic, partition_ids)| PartitionsSchema {
                topic: topic.to_owned(),
                partition_ids,
            });
        // A transactional id that has never had a transaction has no list of partitions.
        let listed = self.state != TxnState::Empty || !self.partitions.is_empty();
        let value = TransactionLogValue {
            producer_id: self.producer_id,
            previous_producer_id: self.previous_producer_id,
            next_producer_id: self.next_producer_id,
            producer_epoch: self.producer_epoch,
            next_producer_epoch: NO_EPOCH,
            transaction_timeout_ms: self.timeout_ms,
            transaction_status: self.state.number(),
            transaction_partitions: listed.then(|| topics.collect()),
            transaction_last_update_timestamp_ms: self.update_ms,
            transaction_start_timestamp_ms: self.start_ms,
            client_transaction_version: self.client_version,
        };
        CoordinatorRecord {
            key: key(&self.transactional_id),
            value: Some(value.encode(1)),
        }
    }

    /// What a record's value says; `None` for damaged bytes.
    pub(super) fn decode(transactional_id: &str, value: &[u8]) -> Option<Transaction> {
        let (_, value) = TransactionLogValue::decode(&Bytes::copy_from_slice(value)).ok()?;
        let mut partitions = SortedSet::new();
        for topic in value.transaction_partitions.unwrap_or_default() {
            for partition in topic.partition_ids {
                partitions.insert(TopicPartition::new(topic.topic.clone(), partition));
            }
        }
        Some(Transaction {
            transactional_id: transactional_id.to_owned(),
            producer_id: value.producer_id,
            previous_producer_id: value.previous_producer_id,
            next_producer_id: value.next_producer_id,
            producer_epoch: value.producer_epoch,
            // Nobody remembers who had the epoch before: whoever asks again is shut out.
            last_producer_epoch: NO_EPOCH,
            timeout_ms: value.transaction_timeout_ms,
            state: TxnState::from_number(value.transaction_status)?,
            partitions,
            start_ms: value.transaction_start_timestamp_ms,
            update_ms: value.transaction_last_update_timestamp_ms,
            client_version: value.client_transaction_version,
        })
    }
}

/// The key of a transactional id's records.
pub(super) fn key(transactional_id: &str) -> Bytes {
    let key = TransactionLogKey {
        transactional_id: transactional_id.to_owned(),
    };
    key.encode(0)
}

/// The transactional id that a record is about; `None` for damaged bytes and other kinds.
pub(super) fn decode_key(key: &[u8]) -> Option<String> {
    let (_, key) = TransactionLogKey::decode(&Bytes::copy_from_slice(key)).ok()?;
    Some(key.transactional_id)
}

pub(super) fn is_exhausted(epoch: i16) -> bool {
    epoch >= i16::MAX.saturating_sub(1)
}
