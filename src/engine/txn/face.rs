//! What the transaction coordinator is told and what it wants done.

use protocol::Response;
use records::Outcome;
use records::sorted::SortedSet;
use serde::Serialize;

use crate::group::{CoordinatorRecord, RequestToken, WriteId};
use crate::ids::TopicPartition;

/// Kafka's settings for transactions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TxnConfig {
    /// `transaction.state.log.num.partitions`
    pub partitions: i32,
    /// `transaction.max.timeout.ms`
    pub max_timeout_ms: i32,
    /// `transactional.id.expiration.ms`
    pub id_expiration_ms: i64,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`
    pub abort_check_interval_ms: i64,
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`
    pub expiry_check_interval_ms: i64,
}

impl Default for TxnConfig {
    fn default() -> TxnConfig {
        TxnConfig {
            partitions: 50,
            max_timeout_ms: 900_000,
            id_expiration_ms: 604_800_000,
            abort_check_interval_ms: 10_000,
            expiry_check_interval_ms: 3_600_000,
        }
    }
}

/// Names the end of one transaction, as long as one coordinator sees to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MarkerKey {
    /// The partition of the transactions topic that keeps it.
    pub partition: i32,
    /// The leader epoch in which this broker coordinates it.
    pub coordinator_epoch: i32,
    /// Whose transaction it is.
    pub transactional_id: String,
    /// The producer's epoch that the markers carry.
    pub producer_epoch: i16,
}

/// Markers to be written wherever a transaction has records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MarkerJob {
    /// What to report under.
    pub key: MarkerKey,
    /// The producer.
    pub producer_id: i64,
    /// How the transaction ends.
    pub outcome: Outcome,
    /// The `transaction.version` its producer speaks.
    pub transaction_version: i8,
    /// Where to write.
    pub partitions: SortedSet<TopicPartition>,
}

/// What the coordinator wants done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum TxnEffect {
    /// Append the record with `acks=all`, then call [`super::TxnCoordinator::on_written`], for one
    /// partition in the order of appending.
    Append {
        /// A partition of the transactions topic.
        partition: i32,
        /// The record.
        record: CoordinatorRecord,
        /// What to call back with.
        write: WriteId,
    },
    /// Answer a request. Every token is answered once.
    Respond {
        /// Which request.
        token: RequestToken,
        /// The answer, for the request's version.
        response: Response,
    },
    /// Have the markers written, however long it takes, then call
    /// [`super::TxnCoordinator::on_markers_written`].
    SendMarkers(MarkerJob),
    /// All markers are written, but not the note of it: report it again in a while.
    ReportAgain(MarkerJob),
    /// Another broker sees to the markers of this partition now.
    DropMarkers(i32),
}
