//! The replicas a broker keeps: whom each follows or who follows it, and how far it is committed.
//!
//! - [`leader`]: a leader's view of its followers
//! - [`roles`]: taking over and handing over leadership as the metadata says
//! - [`isr`]: asking the controller to change the in-sync replicas
//! - [`fetcher`]: fetching from leaders; `fetched`: what they answer
//! - `verifications`: questions about transactions that are open
//! - `journal`: what is noted for whoever keeps the logs in files

mod fetched;
pub mod fetcher;
pub mod isr;
mod journal;
pub mod leader;
pub mod roles;
mod verifications;

use records::sorted::{SortedMap, SortedSet};

use protocol::{ErrorCode, Uuid};
use serde::Serialize;

use crate::broker::disk::Disk;
use crate::ids::{BrokerId, TopicPartition};
use crate::log::PartitionLog;
use crate::log::journal::DiskChange;
use crate::replica::leader::{FollowerFetch, LagRule, Leader};
use crate::replica::verifications::Verifications;
use crate::time::SimTime;

/// What a replica does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Role {
    /// It takes what producers send.
    Leader(Leader),
    /// It copies its leader's log, if there is a leader.
    Follower,
}

/// One partition that this broker keeps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hosted {
    /// The topic's id.
    pub topic_id: Uuid,
    /// Who leads it; -1 if nobody.
    pub leader: BrokerId,
    /// The leader's epoch.
    pub leader_epoch: i32,
    /// Grows with every change of the partition's metadata.
    pub partition_epoch: i32,
    /// All replicas, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// What this broker's replica does.
    pub role: Role,
}

/// All replicas of one broker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replicas {
    me: BrokerId,
    lag_max_ms: i64,
    disk: Disk,
    hosted: SortedMap<TopicPartition, Hosted>,
    /// Brokers that may be in sync, and their registrations' epochs.
    eligible: SortedMap<BrokerId, i64>,
    /// Partitions where something happened that a parked request may wait for.
    changed: SortedSet<TopicPartition>,
    /// Partitions whose change of in-sync replicas has not been sent yet.
    isr_wanted: SortedSet<TopicPartition>,
    /// When the first in-sync follower of a partition will have lagged too long.
    shrink_at: SortedMap<TopicPartition, SimTime>,
    verifications: Verifications,
    /// Changes of logs that were not taken yet, if somebody wants them.
    #[serde(skip)]
    journal: Option<Vec<DiskChange>>,
}

/// A partition that this broker leads.
#[derive(Debug, Clone, Copy)]
pub struct Led<'a> {
    /// Its metadata.
    pub hosted: &'a Hosted,
    /// Its followers.
    pub leader: &'a Leader,
    /// Its log.
    pub log: &'a PartitionLog,
}

/// A fetch of a follower, before the leader adds what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchNote {
    /// Who fetches.
    pub broker: BrokerId,
    /// Its registration, or -1.
    pub broker_epoch: i64,
    /// The offset it fetches.
    pub offset: i64,
    /// Where its log starts.
    pub log_start_offset: i64,
}

impl Hosted {
    /// Compares the leader epoch that a request was made for with this one's; -1 asks for nothing.
    pub fn check_epoch(&self, current_leader_epoch: i32) -> Result<(), ErrorCode> {
        if current_leader_epoch < 0 || current_leader_epoch == self.leader_epoch {
            Ok(())
        } else if current_leader_epoch < self.leader_epoch {
            Err(ErrorCode::FencedLeaderEpoch)
        } else {
            Err(ErrorCode::UnknownLeaderEpoch)
        }
    }

    /// Whether this broker leads it.
    pub fn is_led_here(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }
}

impl Led<'_> {
    /// Whether fewer replicas are in sync than `min.insync.replicas` demands. A topic with fewer
    /// replicas than that is content with all of them.
    pub fn is_under_min_isr(&self) -> bool {
        let wanted = self.log.config().min_insync_replicas;
        let wanted = usize::try_from(wanted).unwrap_or(0);
        self.leader.isr.len() < wanted.min(self.hosted.replicas.len())
    }
}

impl Replicas {
    /// The replicas on `disk`; their roles come with the metadata.
    pub fn new(me: BrokerId, lag_max_ms: i64, disk: Disk) -> Replicas {
        Replicas {
            me,
            lag_max_ms,
            disk,
            hosted: SortedMap::new(),
            eligible: SortedMap::new(),
            changed: SortedSet::new(),
            isr_wanted: SortedSet::new(),
            shrink_at: SortedMap::new(),
            verifications: Verifications::default(),
            journal: None,
        }
    }

    /// What remains of them when the broker dies.
    pub fn into_disk(self) -> Disk {
        self.disk
    }

    /// The log of a replica.
    pub fn log(&self, partition: &TopicPartition) -> Option<&PartitionLog> {
        Some(&self.disk.logs.get(partition)?.log)
    }

    /// All logs, by partition.
    pub fn logs(&self) -> impl Iterator<Item = (&TopicPartition, &PartitionLog)> {
        let logs = self.disk.logs.iter();
        logs.map(|(partition, stored)| (partition, &stored.log))
    }

    /// A partition this broker keeps.
    pub fn hosted(&self, partition: &TopicPartition) -> Option<&Hosted> {
        self.hosted.get(partition)
    }

    /// All partitions this broker keeps.
    pub fn all_hosted(&self) -> impl Iterator<Item = (&TopicPartition, &Hosted)> {
        self.hosted.iter()
    }

    /// A partition that this broker must lead, in the epoch that the asker has in mind (-1 for any).
    pub fn led(&self, partition: &TopicPartition, epoch: i32) -> Result<Led<'_>, ErrorCode> {
        let hosted = self.hosted.get(partition);
        let hosted = hosted.ok_or(ErrorCode::NotLeaderOrFollower)?;
        hosted.check_epoch(epoch)?;
        let Role::Leader(leader) = &hosted.role else {
            return Err(ErrorCode::NotLeaderOrFollower);
        };
        let log = self.log(partition).ok_or(ErrorCode::KafkaStorageError)?;
        Ok(Led {
            hosted,
            leader,
            log,
        })
    }

    /// The partitions where something happened since the last call.
    pub fn take_changed(&mut self) -> SortedSet<TopicPartition> {
        std::mem::take(&mut self.changed)
    }

    /// Changes a log, and follows up on what that means for readers, followers and commitment.
    pub fn change_log<R>(
        &mut self,
        partition: &TopicPartition,
        now: SimTime,
        change: impl FnOnce(&mut PartitionLog) -> R,
    ) -> Option<R> {
        let stored = self.disk.logs.get_mut(partition)?;
        let result = change(&mut stored.log);
        if let Some(journal) = &mut self.journal {
            stored.log.move_changes(partition, journal);
        }
        self.changed.insert(partition.clone());
        self.settle(partition, now);
        Some(result)
    }

    /// Notes how far a follower has come. Errors if it is no replica, or an earlier run of one.
    #[inline(never)]
    pub fn note_fetch(
        &mut self,
        partition: &TopicPartition,
        now: SimTime,
        note: FetchNote,
    ) -> Result<(), ErrorCode> {
        let log_end = self.log(partition).map_or(0, PartitionLog::log_end_offset);
        let known_epoch = self.eligible.get(&note.broker).copied();
        let Some(Hosted {
            role: Role::Leader(leader),
            ..
        }) = self.hosted.get_mut(partition)
        else {
            return Err(ErrorCode::NotLeaderOrFollower);
        };
        let before = leader.followers.get(&note.broker).copied();
        let noted = leader.note_fetch(&FollowerFetch {
            broker: note.broker,
            broker_epoch: note.broker_epoch,
            offset: note.offset,
            log_start_offset: note.log_start_offset,
            at: now,
            leader_end: log_end,
        });
        if !noted {
            return Err(ErrorCode::UnknownLeaderEpoch);
        }
        if before.is_some_and(|before| before.log_start_offset != note.log_start_offset) {
            self.changed.insert(partition.clone());
        }
        self.settle(partition, now);
        let current = note.broker_epoch < 0 || known_epoch == Some(note.broker_epoch);
        if known_epoch.is_some() && current {
            self.maybe_expand(partition, note.broker);
        }
        Ok(())
    }

    /// Deletes what the topics' retention no longer covers, on leaders and followers alike, and
    /// forgets producers silent since before `silent_since_ms`.
    pub fn apply_retention(&mut self, now: SimTime, silent_since_ms: i64) {
        for (partition, stored) in &mut self.disk.logs {
            stored.log.expire_producers(silent_since_ms);
            if stored.log.apply_retention(now) {
                self.changed.insert(partition.clone());
                if let Some(journal) = &mut self.journal {
                    stored.log.move_changes(partition, journal);
                }
            }
        }
    }

    /// Compacts the logs of compacted topics, each replica by itself.
    pub fn compact(&mut self, now: SimTime) {
        for (partition, stored) in &mut self.disk.logs {
            if stored.log.compact(now)
                && let Some(journal) = &mut self.journal
            {
                stored.log.move_changes(partition, journal);
            }
        }
    }

    /// The least log start among this leader and its live followers: what DeleteRecords waits for.
    pub fn low_watermark(&self, partition: &TopicPartition) -> Option<i64> {
        let led = self.led(partition, -1).ok()?;
        let followers = led.leader.followers.iter();
        let live = followers.filter(|(id, _)| self.eligible.contains_key(id));
        Some(
            live.map(|(_, progress)| progress.log_start_offset)
                .fold(led.log.log_start_offset(), i64::min),
        )
    }

    /// After a change: moves the high watermark if it can, and looks again who lags.
    fn settle(&mut self, partition: &TopicPartition, now: SimTime) {
        let Some(stored) = self.disk.logs.get_mut(partition) else {
            return;
        };
        let Some(hosted) = self.hosted.get(partition) else {
            return;
        };
        let Role::Leader(leader) = &hosted.role else {
            self.shrink_at.remove(partition);
            return;
        };
        let rule = LagRule {
            now,
            max_ms: self.lag_max_ms,
            leader_end: stored.log.log_end_offset(),
        };
        // Below `min.insync.replicas` nothing more is committed, so that what consumers have seen
        // survives the loss of all but that many replicas.
        let led = Led {
            hosted,
            leader,
            log: &stored.log,
        };
        if !led.is_under_min_isr() {
            let committed = leader.committed_offset(&rule, &self.eligible);
            if committed > stored.log.high_watermark() && stored.log.set_high_watermark(committed) {
                self.changed.insert(partition.clone());
            }
        }
        match leader.next_shrink(self.lag_max_ms, rule.leader_end) {
            Some(at) => {
                self.shrink_at.insert(partition.clone(), at);
            }
            None => {
                self.shrink_at.remove(partition);
            }
        }
    }
}
