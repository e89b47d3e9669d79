//! What survives a broker's crash.

use records::sorted::SortedMap;

use protocol::Uuid;
use serde::Serialize;

use crate::ids::TopicPartition;
use crate::log::PartitionLog;
use crate::log::restore::{Damage, KeptLog};

/// One broker's disk: the logs of its replicas.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Disk {
    /// The replicas' logs.
    pub(crate) logs: SortedMap<TopicPartition, StoredLog>,
    /// The broker's epoch when it last stopped in order; -1 if it died, or never ran.
    pub(crate) clean_epoch: CleanEpoch,
}

/// A log, and which topic it belongs to: a topic deleted and created again gets another id.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct StoredLog {
    pub(crate) topic_id: [u8; 16],
    pub(crate) log: PartitionLog,
}

impl Disk {
    /// Puts a replica back that was kept in files, up to the first damage.
    pub fn restore(
        &mut self,
        partition: TopicPartition,
        topic_id: Uuid,
        kept: KeptLog,
    ) -> Option<Damage> {
        let (log, damage) = PartitionLog::restore(kept);
        let topic_id = topic_id.0;
        self.logs.insert(partition, StoredLog { topic_id, log });
        damage
    }

    /// Notes that the broker stopped in order when its epoch was `epoch`: nothing here is lost.
    pub fn set_clean_epoch(&mut self, epoch: i64) {
        self.clean_epoch = CleanEpoch(epoch);
    }

    /// Where a replica's log ends, if there is one.
    pub fn log_end_offset(&self, partition: &TopicPartition) -> Option<i64> {
        Some(self.logs.get(partition)?.log.log_end_offset())
    }
}

/// `.kafka_cleanshutdown`: the epoch of a broker that stopped in order, so that the controller knows
/// that nothing of its logs is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct CleanEpoch(pub(crate) i64);

impl Default for CleanEpoch {
    fn default() -> CleanEpoch {
        CleanEpoch(-1)
    }
}
