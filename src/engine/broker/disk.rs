//! What survives a broker's crash.

use records::sorted::SortedMap;

use serde::Serialize;

use crate::ids::TopicPartition;
use crate::log::PartitionLog;

/// One broker's disk: the logs of its replicas.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Disk {
    /// The replicas' logs.
    pub(crate) logs: SortedMap<TopicPartition, StoredLog>,
}

/// A log, and which topic it belongs to: a topic deleted and created again gets another id.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct StoredLog {
    pub(crate) topic_id: [u8; 16],
    pub(crate) log: PartitionLog,
}
