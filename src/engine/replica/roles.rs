//! Taking over and handing over leadership, as the metadata says.

use records::sorted::SortedMap;

use protocol::Uuid;

use crate::broker::disk::StoredLog;
use crate::ids::{BrokerId, TopicPartition};
use crate::image::partition::PartitionImage;
use crate::log::PartitionLog;
use crate::log::config::LogConfig;
use crate::replica::leader::Leader;
use crate::replica::{Hosted, Replicas, Role};
use crate::time::SimTime;

/// What new metadata meant for a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleChange {
    /// It does what it did, in the same epoch.
    Unchanged,
    /// It leads from now on.
    Leads,
    /// It follows from now on, or follows another, or in another epoch.
    Follows,
    /// This broker keeps no replica of it.
    NotHere,
}

/// What the metadata says of a partition.
#[derive(Debug, Clone, Copy)]
pub struct Assignment<'a> {
    /// The topic's id.
    pub topic_id: Uuid,
    /// The partition.
    pub image: &'a PartitionImage,
    /// The topic's settings.
    pub config: &'a LogConfig,
}

impl Replicas {
    /// Takes the brokers that may be in sync, and their registrations' epochs.
    pub fn set_eligible(&mut self, eligible: SortedMap<BrokerId, i64>, now: SimTime) {
        if self.eligible == eligible {
            return;
        }
        self.eligible = eligible;
        let all: Vec<TopicPartition> = self.hosted.keys().cloned().collect();
        for partition in all {
            // A dead follower no longer holds DeleteRecords back.
            self.changed.insert(partition.clone());
            self.settle(&partition, now);
        }
    }

    /// Takes new settings of a topic.
    pub fn set_config(&mut self, topic: &str, config: &LogConfig, now: SimTime) {
        let first = TopicPartition::new(topic, 0);
        let logs = self.disk.logs.range_mut(first..);
        let mut touched = Vec::new();
        for (partition, stored) in logs.take_while(|(partition, _)| partition.topic == topic) {
            stored.log.set_config(config.clone());
            touched.push(partition.clone());
        }
        for partition in touched {
            self.settle(&partition, now);
        }
    }

    /// Takes what the metadata says of a partition.
    pub fn assign(
        &mut self,
        partition: &TopicPartition,
        now: SimTime,
        assignment: Assignment<'_>,
    ) -> RoleChange {
        if !assignment.image.replicas.contains(&self.me) {
            return self.remove(partition);
        }
        self.ensure_log(partition, &assignment);
        let known = self.hosted.get(partition);
        let same = known.is_some_and(|known| {
            known.topic_id == assignment.topic_id
                && known.leader_epoch == assignment.image.leader_epoch
                && known.is_led_here() == (assignment.image.leader == self.me)
        });
        let change = if same {
            self.refresh(partition, now, assignment.image);
            RoleChange::Unchanged
        } else {
            self.take_role(partition, now, &assignment)
        };
        self.changed.insert(partition.clone());
        self.settle(partition, now);
        change
    }

    /// Deletes a replica.
    pub fn remove(&mut self, partition: &TopicPartition) -> RoleChange {
        if self.hosted.remove(partition).is_some() || self.disk.logs.contains_key(partition) {
            if self.disk.logs.remove(partition).is_some() {
                self.note_deleted(partition);
            }
            self.shrink_at.remove(partition);
            self.isr_wanted.remove(partition);
            self.verifications.forget(partition);
            self.changed.insert(partition.clone());
        }
        RoleChange::NotHere
    }

    /// The replicas on disk that `keep` denies: their topics were deleted while the broker was away.
    pub fn strays(&self, keep: impl Fn(&TopicPartition, Uuid) -> bool) -> Vec<TopicPartition> {
        let stray = self.disk.logs.iter();
        let stray = stray.filter(|(name, stored)| !keep(name, Uuid(stored.topic_id)));
        stray.map(|(partition, _)| partition.clone()).collect()
    }

    fn ensure_log(&mut self, partition: &TopicPartition, assignment: &Assignment<'_>) {
        let topic_id = assignment.topic_id.0;
        let known = self.disk.logs.get(partition);
        if known.is_none_or(|stored| stored.topic_id != topic_id) {
            let log = PartitionLog::new(assignment.config.clone());
            let stored = StoredLog { topic_id, log };
            self.disk.logs.insert(partition.clone(), stored);
            self.note_created(partition, assignment.topic_id);
        }
        // A log from before a crash may have missed a change of its topic's settings.
        if let Some(stored) = self.disk.logs.get_mut(partition)
            && stored.log.config() != assignment.config
        {
            stored.log.set_config(assignment.config.clone());
        }
    }

    fn refresh(&mut self, partition: &TopicPartition, now: SimTime, image: &PartitionImage) {
        let me = self.me;
        let Some(hosted) = self.hosted.get_mut(partition) else {
            return;
        };
        hosted.leader = image.leader;
        // What AlterPartition answered may be newer than the metadata that arrives here.
        if image.partition_epoch <= hosted.partition_epoch {
            return;
        }
        hosted.partition_epoch = image.partition_epoch;
        hosted.replicas.clone_from(&image.replicas);
        if let Role::Leader(leader) = &mut hosted.role {
            leader.isr = image.isr.iter().copied().collect();
            leader.pending = None;
            leader.set_followers(me, &image.replicas, now);
        }
    }

    fn take_role(
        &mut self,
        partition: &TopicPartition,
        now: SimTime,
        assignment: &Assignment<'_>,
    ) -> RoleChange {
        let image = assignment.image;
        let leads = image.leader == self.me;
        let role = match self.disk.logs.get_mut(partition) {
            Some(stored) if leads => {
                stored.log.begin_epoch(image.leader_epoch);
                if let Some(journal) = &mut self.journal {
                    stored.log.move_changes(partition, journal);
                }
                let log_end = stored.log.log_end_offset();
                let leader = Leader::new(self.me, &image.replicas, &image.isr, log_end, now);
                Role::Leader(leader)
            }
            _ => Role::Follower,
        };
        self.isr_wanted.remove(partition);
        self.verifications.forget(partition);
        let hosted = Hosted {
            topic_id: assignment.topic_id,
            leader: image.leader,
            leader_epoch: image.leader_epoch,
            partition_epoch: image.partition_epoch,
            replicas: image.replicas.clone(),
            role,
        };
        self.hosted.insert(partition.clone(), hosted);
        if leads {
            RoleChange::Leads
        } else {
            RoleChange::Follows
        }
    }
}
