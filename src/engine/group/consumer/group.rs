//! A group of the consumer protocol as it stands.

use protocol::coordinator_records::ConsumerGroupRegularExpressionValue;
use records::sorted::{SortedMap, SortedSet};
use serde::Serialize;

use crate::group::consumer::assignor;
use crate::group::consumer::member::ConsumerMember;
use crate::group::consumer::partitions::{Target, TopicIdPartition};

/// Where a group of the consumer protocol stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ConsumerState {
    /// No members.
    Empty,
    /// The group has changed since the target assignment was worked out.
    Assigning,
    /// Not every member has reached its target.
    Reconciling,
    /// Everyone owns what it is to own.
    Stable,
}

impl ConsumerState {
    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            ConsumerState::Empty => "Empty",
            ConsumerState::Assigning => "Assigning",
            ConsumerState::Reconciling => "Reconciling",
            ConsumerState::Stable => "Stable",
        }
    }
}

/// A group of the consumer protocol. All of it is in the log but the clocks of its members.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsumerGroup {
    /// Goes up with every change of members, subscriptions or topics.
    pub epoch: i32,
    /// Of the topics that the group reads, as of the last change of the epoch.
    pub(super) metadata_hash: i64,
    /// Members by id.
    pub members: SortedMap<String, ConsumerMember>,
    /// The epoch that the target assignment is for.
    pub target_epoch: i32,
    /// When it was worked out, in milliseconds; 0 if never.
    pub(super) target_since: i64,
    /// What each member is to own.
    pub targets: SortedMap<String, Target>,
    /// The topics of each regular expression.
    pub regexes: SortedMap<String, ConsumerGroupRegularExpressionValue>,
    /// Member ids by instance id.
    pub(super) statics: SortedMap<String, String>,
}

impl ConsumerGroup {
    /// A group that nobody has joined. Epochs start at 1, so that 0 can mean joining.
    pub(in crate::group) fn new() -> ConsumerGroup {
        ConsumerGroup {
            epoch: 1,
            metadata_hash: 0,
            members: SortedMap::new(),
            target_epoch: 1,
            target_since: 0,
            targets: SortedMap::new(),
            regexes: SortedMap::new(),
            statics: SortedMap::new(),
        }
    }

    /// Where it stands.
    pub fn state(&self) -> ConsumerState {
        if self.members.is_empty() {
            ConsumerState::Empty
        } else if self.epoch > self.target_epoch {
            ConsumerState::Assigning
        } else if self
            .members
            .values()
            .all(|member| member.current.is_reconciled_to(self.target_epoch))
        {
            ConsumerState::Stable
        } else {
            ConsumerState::Reconciling
        }
    }

    /// The assignor most members ask for; Kafka's default if none does.
    pub fn assignor(&self) -> &str {
        let mut votes: SortedMap<&str, usize> = SortedMap::new();
        for member in self.members.values() {
            if let Some(name) = &member.wants.server_assignor {
                let count = votes.entry(name.as_str()).or_default();
                *count = count.saturating_add(1);
            }
        }
        let mut best: Option<(&str, usize)> = None;
        for (name, count) in votes {
            if best.is_none_or(|(_, most)| count > most) {
                best = Some((name, count));
            }
        }
        let default = assignor::NAMES.first().copied().unwrap_or_default();
        best.map_or(default, |(name, _)| name)
    }

    /// The topics its members read, existing or not.
    pub fn topics(&self) -> SortedSet<String> {
        let mut topics = SortedSet::new();
        for member in self.members.values() {
            topics.extend(member.wants.subscribed_topic_names.iter().cloned());
            topics.extend(self.topics_of_regex(member).iter().cloned());
        }
        topics
    }

    /// The topics that a member's regular expression stands for.
    pub(super) fn topics_of_regex(&self, member: &ConsumerMember) -> &[String] {
        let found = member.regex().and_then(|regex| self.regexes.get(regex));
        found.map_or(&[], |found| found.topics.as_slice())
    }

    /// How many members have this regular expression.
    pub(super) fn members_with_regex(&self, regex: &str) -> usize {
        let members = self.members.values();
        members
            .filter(|member| member.regex() == Some(regex))
            .count()
    }

    /// Whether a member owns a partition or has yet to let it go.
    pub(super) fn is_owned(&self, at: &TopicIdPartition) -> bool {
        self.members.values().any(|member| {
            member.current.assigned.contains_key(at) || member.current.revoking.contains_key(at)
        })
    }
}
