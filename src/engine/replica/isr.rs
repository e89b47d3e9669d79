//! Changing the in-sync replicas: the leader notices, the controller decides (AlterPartition).

use protocol::{ErrorCode, Uuid};

use crate::ids::{BrokerId, TopicPartition};
use crate::replica::leader::{LagRule, Leader, PendingIsr};
use crate::replica::{Hosted, Replicas, Role};
use crate::time::SimTime;

/// A change of in-sync replicas to ask the controller for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsrProposal {
    /// The partition.
    pub partition: TopicPartition,
    /// The topic's id.
    pub topic_id: Uuid,
    /// The leader's epoch.
    pub leader_epoch: i32,
    /// The partition's epoch that the change builds on.
    pub partition_epoch: i32,
    /// The members asked for, and their registrations' epochs.
    pub isr: Vec<(BrokerId, i64)>,
}

/// What the controller answered for one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsrAnswer {
    /// Its error, if any.
    pub error: ErrorCode,
    /// The leader's epoch it knows.
    pub leader_epoch: i32,
    /// The partition's epoch after the change.
    pub partition_epoch: i32,
    /// The in-sync replicas it knows.
    pub isr: Vec<BrokerId>,
}

impl Replicas {
    /// When a follower will first have lagged too long.
    pub fn next_shrink(&self) -> Option<SimTime> {
        self.shrink_at.values().min().copied()
    }

    /// Proposes to drop the in-sync followers that have lagged too long.
    pub fn shrink_lagging(&mut self, now: SimTime) {
        let due = self.shrink_at.iter().filter(|(_, at)| **at <= now);
        let due: Vec<TopicPartition> = due.map(|(partition, _)| partition.clone()).collect();
        for partition in due {
            let log_end = self.log(&partition).map_or(0, |log| log.log_end_offset());
            let rule = LagRule {
                now,
                max_ms: self.lag_max_ms,
                leader_end: log_end,
            };
            self.propose(&partition, |leader| {
                let gone = leader.out_of_sync(&rule);
                (!gone.is_empty()).then(|| leader.isr.difference(&gone).copied().collect())
            });
            self.settle(&partition, now);
        }
    }

    /// The proposals not sent yet; they count as sent from now on.
    #[inline(never)]
    pub fn take_proposals(&mut self) -> Vec<IsrProposal> {
        let wanted = std::mem::take(&mut self.isr_wanted);
        let mut proposals = Vec::new();
        for partition in wanted {
            let Some(hosted) = self.hosted.get_mut(&partition) else {
                continue;
            };
            let Role::Leader(Leader {
                pending: Some(pending),
                ..
            }) = &mut hosted.role
            else {
                continue;
            };
            pending.sent = true;
            let isr = pending.isr.iter();
            let isr = isr.map(|id| (*id, self.eligible.get(id).copied().unwrap_or(-1)));
            proposals.push(IsrProposal {
                topic_id: hosted.topic_id,
                leader_epoch: hosted.leader_epoch,
                partition_epoch: hosted.partition_epoch,
                isr: isr.collect(),
                partition,
            });
        }
        proposals
    }

    /// Whether there are proposals to take.
    pub fn has_proposals(&self) -> bool {
        !self.isr_wanted.is_empty()
    }

    /// The request that carried a proposal failed as a whole: it goes out again.
    pub fn propose_again(&mut self, partition: &TopicPartition) {
        if let Some(Hosted {
            role:
                Role::Leader(Leader {
                    pending: Some(pending),
                    ..
                }),
            ..
        }) = self.hosted.get_mut(partition)
        {
            pending.sent = false;
            self.isr_wanted.insert(partition.clone());
        }
    }

    /// Takes the controller's answer to a proposal.
    pub fn on_answer(&mut self, partition: &TopicPartition, now: SimTime, answer: &IsrAnswer) {
        let Some(hosted) = self.hosted.get_mut(partition) else {
            return;
        };
        let Role::Leader(leader) = &mut hosted.role else {
            return;
        };
        match answer.error {
            ErrorCode::None
                if answer.leader_epoch == hosted.leader_epoch
                    && answer.partition_epoch >= hosted.partition_epoch =>
            {
                hosted.partition_epoch = answer.partition_epoch;
                leader.isr = answer.isr.iter().copied().collect();
                leader.pending = None;
            }
            // The controller found the change wrong for now; what it knows stands.
            ErrorCode::IneligibleReplica | ErrorCode::OperationNotAttempted => {
                leader.pending = None;
            }
            // This leader is behind; the metadata on its way settles the matter.
            _ => {}
        }
        self.changed.insert(partition.clone());
        self.settle(partition, now);
    }

    pub(super) fn maybe_expand(&mut self, partition: &TopicPartition, follower: BrokerId) {
        let high_watermark = self.log(partition).map_or(0, |log| log.high_watermark());
        self.propose(partition, |leader| {
            leader.may_join(follower, high_watermark).then(|| {
                let mut isr = leader.isr.clone();
                isr.insert(follower);
                isr
            })
        });
    }

    #[inline(never)]
    fn propose(
        &mut self,
        partition: &TopicPartition,
        wish: impl FnOnce(&Leader) -> Option<records::sorted::SortedSet<BrokerId>>,
    ) {
        let Some(Hosted {
            role: Role::Leader(leader),
            ..
        }) = self.hosted.get_mut(partition)
        else {
            return;
        };
        if leader.pending.is_some() {
            return;
        }
        if let Some(isr) = wish(leader) {
            leader.pending = Some(PendingIsr { isr, sent: false });
            self.isr_wanted.insert(partition.clone());
        }
    }
}
