//! One partition as the metadata log has it.

use serde::Serialize;

use crate::ids::BrokerId;

/// Stands for "no leader".
pub const NO_LEADER: BrokerId = -1;

/// In a change record: the leader stays, and with it the leader epoch.
pub const NO_LEADER_CHANGE: BrokerId = -2;

/// One partition: who keeps it, who is in sync, who leads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartitionImage {
    /// The brokers that keep it; the first is the preferred leader.
    pub replicas: Vec<BrokerId>,
    /// The in-sync replicas, in the order they were written.
    pub isr: Vec<BrokerId>,
    /// Replicas that leave when the reassignment in progress is done.
    pub removing_replicas: Vec<BrokerId>,
    /// Replicas that come with the reassignment in progress.
    pub adding_replicas: Vec<BrokerId>,
    /// Eligible leader replicas: not in sync, yet known to have every committed record.
    pub elr: Vec<BrokerId>,
    /// The last leader known when both the in-sync and the eligible replicas ran empty.
    pub last_known_elr: Vec<BrokerId>,
    /// The leader, or [`NO_LEADER`].
    pub leader: BrokerId,
    /// Whether the leader was elected uncleanly and still recovers.
    pub recovering: bool,
    /// Grows with each election.
    pub leader_epoch: i32,
    /// Grows with each change of any kind.
    pub partition_epoch: i32,
}

impl PartitionImage {
    /// Whether some broker leads it.
    pub fn has_leader(&self) -> bool {
        self.leader != NO_LEADER
    }

    /// The replica that should lead when all are in sync.
    pub fn preferred_leader(&self) -> Option<BrokerId> {
        self.replicas.first().copied()
    }

    /// Whether its preferred leader leads.
    pub fn is_led_by_preferred(&self) -> bool {
        self.preferred_leader() == Some(self.leader)
    }
}
