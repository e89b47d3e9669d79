//! Membership in a group: what is known of it, and when to rebalance.
//!
//! - `coordinator`: which broker looks after the group
//! - `join`: joining, and what a leader decides
//! - `stay`: heartbeats and leaving
//! - `remote`: all of it by the consumer protocol

use records::sorted::SortedSet;

use engine::ids::TopicPartition;
use engine::time::{Reason, SimTime, Wakeup};
use serde::Serialize;

use self::remote::Remote;
use super::commits::CommitReason;
use super::machine::Consumer;
use super::{Assignor, ConsumerConfig, ConsumerEvent, GroupProtocol, Subscription};
use crate::assignor::{Member, PartitionCounts};

mod coordinator;
mod join;
mod remote;
mod stay;

/// What a consumer knows of its group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Group {
    pub(super) member_id: String,
    /// -1 outside a generation.
    pub(super) generation: i32,
    coordinator: Option<i32>,
    search: Search,
    phase: Phase,
    /// Join again as soon as that may be.
    rejoin: bool,
    reason: String,
    /// Partitions were given to others meanwhile, for all this consumer knows.
    lost: bool,
    /// What is not kept through the rebalance under way was given back.
    gave_back: bool,
    /// Joined with these.
    joined_with: SortedSet<String>,
    assignor: Option<Assignor>,
    /// As leader: topics of all members, and how many partitions they had.
    lead: Option<(SortedSet<String>, PartitionCounts)>,
    /// What was last assigned, and in which generation.
    assigned: Option<(Vec<TopicPartition>, i32)>,
    heartbeat_at: SimTime,
    heartbeat_sent: bool,
    heard_at: SimTime,
    failures: u32,
    retry_at: SimTime,
    /// Counts memberships, so that answers to an earlier one are known as such.
    pub(super) attempt: u32,
    /// The group refused this consumer for good.
    refused: bool,
    /// What only members by the consumer protocol have.
    remote: Remote,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Search {
    /// Where the question goes, under which correlation id; and whether it went.
    asked: Option<(i32, i32, bool)>,
    failures: u32,
    retry_at: SimTime,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
enum Phase {
    Out,
    /// Offsets are committed before partitions are given back.
    Committing,
    Prepared,
    Joining,
    /// As leader, waits for metadata of topics that only others want.
    Assigning {
        members: Vec<Member>,
        version: u64,
    },
    Syncing,
    Stable,
}

impl Group {
    pub(super) fn new(now: SimTime) -> Group {
        Group {
            member_id: String::new(),
            generation: -1,
            coordinator: None,
            search: Search {
                asked: None,
                failures: 0,
                retry_at: now,
            },
            phase: Phase::Out,
            rejoin: false,
            reason: String::new(),
            lost: false,
            gave_back: false,
            joined_with: SortedSet::new(),
            assignor: None,
            lead: None,
            assigned: None,
            heartbeat_at: now,
            heartbeat_sent: false,
            heard_at: now,
            failures: 0,
            retry_at: now,
            attempt: 0,
            refused: false,
            remote: Remote::new(),
        }
    }

    pub(super) fn is_rebalancing(&self) -> bool {
        !matches!(self.phase, Phase::Out | Phase::Stable)
    }

    /// Topics that only other members want, if this one leads.
    pub(super) fn topics_of_others(&self) -> Option<&SortedSet<String>> {
        self.lead.as_ref().map(|(topics, _)| topics)
    }

    /// Offsets are committed; partitions may be given back.
    pub(super) fn prepared(&mut self) {
        if self.phase == Phase::Committing {
            self.phase = Phase::Prepared;
        }
    }

    /// When something is due, as far as this is known at `now`.
    pub(super) fn next_wakeup(
        &self,
        now: SimTime,
        in_poll: bool,
        config: &ConsumerConfig,
    ) -> Option<Wakeup> {
        let session_timeout_ms = config.session_timeout_ms;
        let at = |at: SimTime, reason| (at > now).then_some(Wakeup { at, reason });
        let search = self.coordinator.is_none() && self.search.asked.is_none();
        let search = search
            .then(|| at(self.search.retry_at, Reason::Retry))
            .flatten();
        if config.group_protocol == GroupProtocol::Consumer {
            return Wakeup::earlier(search, self.next_remote_wakeup(now, in_poll));
        }
        let own = match self.phase {
            Phase::Stable if !self.heartbeat_sent => at(self.heartbeat_at, Reason::Heartbeat),
            Phase::Stable => {
                let silent = self.heard_at.plus_millis(i64::from(session_timeout_ms));
                at(silent, Reason::MemberSession)
            }
            Phase::Out | Phase::Prepared if in_poll => at(self.retry_at, Reason::Retry),
            _ => None,
        };
        Wakeup::earlier(search, own)
    }

    fn reset(&mut self) {
        self.generation = -1;
        self.phase = Phase::Out;
        self.lead = None;
        self.heartbeat_sent = false;
        self.gave_back = false;
        self.attempt = self.attempt.wrapping_add(1);
    }
}

impl Consumer {
    /// Joins again when that may be.
    pub(super) fn rejoin(&mut self) {
        self.group.rejoin = true;
    }

    /// Does what membership needs now.
    pub(super) fn take_part(&mut self, now: SimTime) {
        let managed = matches!(
            self.subscription,
            Some(Subscription::Topics(_) | Subscription::Pattern(_))
        );
        if !managed || self.config.group_id.is_none() || self.group.refused {
            return;
        }
        if self.is_remote() {
            return self.take_part_remote(now);
        }
        self.note_changes();
        match &self.group.phase {
            Phase::Out if self.in_poll && now >= self.group.retry_at => {
                let waits = matches!(self.subscription, Some(Subscription::Pattern(_)));
                if !waits || self.core.metadata.version > 0 {
                    self.prepare(now);
                }
            }
            Phase::Stable if self.group.rejoin && self.in_poll => self.prepare(now),
            Phase::Stable => self.stay(now),
            Phase::Assigning { version, .. } if self.core.metadata.version > *version => {
                self.assign_now(now);
            }
            _ => {}
        }
        if self.group.phase == Phase::Prepared && now >= self.group.retry_at {
            self.give_back();
            self.send_join(now);
        }
    }

    /// Subscribed topics that changed, or partitions that a leader did not know of, call for a
    /// rebalance.
    fn note_changes(&mut self) {
        if self.group.phase != Phase::Stable {
            return;
        }
        let subscription_changed = self.group.joined_with != self.topics;
        let counts_changed = self.group.lead.as_ref().is_some_and(|(topics, counts)| {
            self.core.metadata.version > 0 && self.counts(topics) != *counts
        });
        if subscription_changed || counts_changed {
            let reason = if counts_changed {
                "cached metadata has changed since the assignment"
            } else {
                "the subscription has changed"
            };
            reason.clone_into(&mut self.group.reason);
            self.group.rejoin = true;
        }
    }

    fn counts(&self, topics: &SortedSet<String>) -> PartitionCounts {
        let known = topics.iter().filter_map(|topic| {
            let count = self.core.metadata.partition_count(topic)?;
            Some((topic.clone(), count))
        });
        known.collect()
    }

    /// Begins a rebalance: commits first, so that whoever gets a partition goes on from here.
    fn prepare(&mut self, now: SimTime) {
        self.group.rejoin = false;
        self.group.gave_back = false;
        self.group.attempt = self.group.attempt.wrapping_add(1);
        self.group.heartbeat_sent = false;
        self.group.phase = Phase::Committing;
        let member = self.group.generation >= 0 && !self.group.lost;
        let commits = member && self.config.enable_auto_commit;
        if !(commits && self.send_commit(now, CommitReason::Rebalance)) {
            self.group.prepared();
        }
    }

    fn cooperates(&self) -> bool {
        self.config
            .assignors
            .iter()
            .all(|assignor| assignor.is_cooperative())
    }

    /// Gives back what cannot be kept through the rebalance.
    #[inline(never)]
    fn give_back(&mut self) {
        if std::mem::replace(&mut self.group.gave_back, true) {
            return;
        }
        let owned = self.partitions.names();
        let kept: Vec<TopicPartition> = if self.cooperates() && !self.group.lost {
            owned
                .iter()
                .filter(|tp| self.topics.contains(&tp.topic))
                .cloned()
                .collect()
        } else {
            Vec::new()
        };
        let gone: Vec<TopicPartition> = owned.into_iter().filter(|tp| !kept.contains(tp)).collect();
        let lost = std::mem::replace(&mut self.group.lost, false);
        if !gone.is_empty() {
            self.partitions.assign(self.now, &kept);
            self.events.push(if lost {
                ConsumerEvent::Lost(gone)
            } else {
                ConsumerEvent::Revoked(gone)
            });
        }
    }
}
