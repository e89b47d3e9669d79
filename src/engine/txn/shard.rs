//! The transactional ids of one partition of the transactions topic.

use protocol::ErrorCode;
use records::Outcome;
use records::sorted::SortedMap;
use serde::Serialize;

use crate::group::{CoordinatorRecord, RequestToken, WriteId};
use crate::txn::face::{MarkerJob, MarkerKey, TxnEffect};
use crate::txn::state::{self, Transaction, TxnState};

/// A transactional id, and what is on its way to its log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Entry {
    pub(super) current: Transaction,
    /// The state that is being entered; nothing else may begin meanwhile.
    pub(super) pending: Option<TxnState>,
    /// Shutting out an earlier instance could not be written: its epoch is taken all the same.
    pub(super) failed_fence: bool,
}

/// The transactional ids whose records are in one partition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Shard {
    /// The epoch in which this broker leads the partition.
    pub(super) epoch: i32,
    pub(super) loading: bool,
    pub(super) entries: SortedMap<String, Entry>,
    /// Writes on their way, in the order of the log.
    pub(super) writes: SortedMap<WriteId, Write>,
}

/// A write on its way, and what it decides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Write {
    pub(super) transactional_id: String,
    /// What holds once it is written; `None` forgets the transactional id.
    pub(super) next: Option<Transaction>,
    pub(super) then: Then,
}

/// What follows a write.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum Then {
    /// InitProducerId is answered.
    Initialized(Caller),
    /// Partitions have joined: this part of an AddPartitionsToTxn is done.
    Added(RequestToken, usize),
    /// The group's offsets have joined.
    OffsetsAdded(Caller),
    /// The transaction is decided: markers are to be written.
    Prepared(EndedBy),
    /// All markers are written.
    Completed,
    /// The transactional id is forgotten.
    Expired,
}

/// A request, and the version to answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Caller {
    pub(super) token: RequestToken,
    pub(super) version: i16,
}

/// Who ends a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum EndedBy {
    /// The producer.
    Producer(Caller),
    /// Another instance of the producer that wants to begin: it has to ask again.
    Successor(Caller),
    /// Time.
    Timeout,
}

impl Entry {
    pub(super) fn new(current: Transaction) -> Entry {
        Entry {
            current,
            pending: None,
            failed_fence: false,
        }
    }
}

impl EndedBy {
    pub(super) fn is_fence(self) -> bool {
        !matches!(self, EndedBy::Producer(_))
    }
}

impl Shard {
    pub(super) fn new(epoch: i32) -> Shard {
        Shard {
            epoch,
            loading: true,
            entries: SortedMap::new(),
            writes: SortedMap::new(),
        }
    }

    /// Takes in one record of the partition.
    pub(super) fn replay(&mut self, key: &[u8], value: Option<&[u8]>) {
        let Some(id) = state::decode_key(key) else {
            return;
        };
        match value.map(|value| Transaction::decode(&id, value)) {
            Some(Some(transaction)) => {
                self.entries.insert(id, Entry::new(transaction));
            }
            // What cannot be read is skipped, as Kafka skips records it does not know.
            Some(None) => {}
            None => {
                self.entries.remove(&id);
            }
        }
    }

    /// All is replayed; transactions that were decided are seen through.
    pub(super) fn finish_loading(&mut self, partition: i32) -> Vec<TxnEffect> {
        self.loading = false;
        let decided = self.entries.iter();
        let decided = decided.filter(|(_, entry)| entry.current.state.is_prepared());
        let decided: Vec<String> = decided.map(|(id, _)| id.clone()).collect();
        let jobs = decided.iter().filter_map(|id| self.complete(partition, id));
        jobs.map(TxnEffect::SendMarkers).collect()
    }

    /// The markers that a decided transaction needs; until they are written nothing else begins.
    pub(super) fn complete(&mut self, partition: i32, id: &str) -> Option<MarkerJob> {
        let entry = self.entries.get_mut(id)?;
        let (outcome, complete) = match entry.current.state {
            TxnState::PrepareCommit => (Outcome::Commit, TxnState::CompleteCommit),
            TxnState::PrepareAbort => (Outcome::Abort, TxnState::CompleteAbort),
            _ => return None,
        };
        entry.pending = Some(complete);
        entry.failed_fence = false;
        Some(MarkerJob {
            key: MarkerKey {
                partition,
                coordinator_epoch: self.epoch,
                transactional_id: id.to_owned(),
                producer_epoch: entry.current.producer_epoch,
            },
            producer_id: entry.current.producer_id,
            outcome,
            transaction_version: i8::try_from(entry.current.client_version).unwrap_or(0),
            partitions: entry.current.partitions.clone(),
        })
    }
}

/// The record that a write puts into the log.
pub(super) fn record_of(write: &Write) -> CoordinatorRecord {
    match &write.next {
        Some(next) => next.record(),
        None => CoordinatorRecord {
            key: state::key(&write.transactional_id),
            value: None,
        },
    }
}

/// What a failed append means to a producer: look for the coordinator again, or try later.
pub(super) fn coordinator_error(append: ErrorCode) -> ErrorCode {
    match append {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::NotEnoughReplicasAfterAppend
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge => ErrorCode::UnknownServerError,
        other => other,
    }
}
