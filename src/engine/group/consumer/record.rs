//! What is written down of a group of the consumer protocol, and how it takes effect.

use bytes::Bytes;
use protocol::Versioned;
use protocol::coordinator_records::{
    ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupKey, ConsumerGroupMemberKey,
    ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataValue,
    ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataValue, CoordinatorKey,
};
use serde::Serialize;

use crate::group::consumer::group::ConsumerGroup;
use crate::group::consumer::member::{ConsumerMember, Current};
use crate::group::consumer::partitions::{Target, target_from_record, target_to_record};
use crate::group::face::CoordinatorRecord;

/// One record of a group of the consumer protocol; `None` is a tombstone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ConsumerChange {
    /// The epoch of the group, and a hash of the topics it reads.
    Epoch(Option<ConsumerGroupMetadataValue>),
    /// The topics it reads, as Kafka 4.0 kept them; only ever deleted.
    Topics,
    /// What a member wants.
    Member(String, Option<Box<ConsumerGroupMemberMetadataValue>>),
    /// For which epoch the target assignment is, and when it was worked out.
    TargetEpoch(Option<ConsumerGroupTargetAssignmentMetadataValue>),
    /// What a member is to own.
    Target(String, Option<ConsumerGroupTargetAssignmentMemberValue>),
    /// What a member owns.
    Current(String, Option<ConsumerGroupCurrentMemberAssignmentValue>),
    /// The topics of a regular expression.
    Regex(String, Option<ConsumerGroupRegularExpressionValue>),
}

impl ConsumerChange {
    pub(super) fn target(member: &str, target: &Target) -> ConsumerChange {
        let record = ConsumerGroupTargetAssignmentMemberValue {
            topic_partitions: target_to_record(target),
        };
        ConsumerChange::Target(member.to_owned(), Some(record))
    }

    pub(super) fn current(member: &str, current: &Current) -> ConsumerChange {
        ConsumerChange::Current(member.to_owned(), Some(current.to_record()))
    }

    /// Whether it takes something away.
    pub(in crate::group) fn is_tombstone(&self) -> bool {
        matches!(
            self,
            Self::Epoch(None)
                | Self::Topics
                | Self::Member(_, None)
                | Self::TargetEpoch(None)
                | Self::Target(_, None)
                | Self::Current(_, None)
                | Self::Regex(_, None)
        )
    }

    /// The record that says so.
    pub(in crate::group) fn encode(&self, group: &str) -> CoordinatorRecord {
        let of_group = || ConsumerGroupKey {
            group_id: group.to_owned(),
        };
        let of_member = |member: &str| ConsumerGroupMemberKey {
            group_id: group.to_owned(),
            member_id: member.to_owned(),
        };
        let (key, value) = match self {
            Self::Epoch(value) => (
                CoordinatorKey::ConsumerGroupMetadata(of_group()),
                value.as_ref().map(|value| value.encode(0)),
            ),
            Self::Topics => (
                CoordinatorKey::ConsumerGroupPartitionMetadata(of_group()),
                None,
            ),
            Self::Member(id, value) => (
                CoordinatorKey::ConsumerGroupMemberMetadata(of_member(id)),
                value.as_ref().map(|value| value.encode(0)),
            ),
            Self::TargetEpoch(value) => (
                CoordinatorKey::ConsumerGroupTargetAssignmentMetadata(of_group()),
                value.as_ref().map(|value| value.encode(0)),
            ),
            Self::Target(id, value) => (
                CoordinatorKey::ConsumerGroupTargetAssignmentMember(of_member(id)),
                value.as_ref().map(|value| value.encode(0)),
            ),
            Self::Current(id, value) => (
                CoordinatorKey::ConsumerGroupCurrentMemberAssignment(of_member(id)),
                value.as_ref().map(|value| value.encode(0)),
            ),
            Self::Regex(regex, value) => (
                CoordinatorKey::ConsumerGroupRegularExpression(of_member(regex)),
                value.as_ref().map(|value| value.encode(0)),
            ),
        };
        CoordinatorRecord {
            key: key.encode(),
            value,
        }
    }

    /// The group that a record is about, and what it says; `None` if it is of another kind of group
    /// or damaged.
    pub(in crate::group) fn decode(
        key: CoordinatorKey,
        value: Option<&Bytes>,
    ) -> Option<(String, ConsumerChange)> {
        Some(match key {
            CoordinatorKey::ConsumerGroupMetadata(key) => (key.group_id, Self::Epoch(read(value)?)),
            CoordinatorKey::ConsumerGroupPartitionMetadata(key) => (key.group_id, Self::Topics),
            CoordinatorKey::ConsumerGroupMemberMetadata(key) => {
                let value = read(value)?.map(Box::new);
                (key.group_id, Self::Member(key.member_id, value))
            }
            CoordinatorKey::ConsumerGroupTargetAssignmentMetadata(key) => {
                (key.group_id, Self::TargetEpoch(read(value)?))
            }
            CoordinatorKey::ConsumerGroupTargetAssignmentMember(key) => {
                (key.group_id, Self::Target(key.member_id, read(value)?))
            }
            CoordinatorKey::ConsumerGroupCurrentMemberAssignment(key) => {
                (key.group_id, Self::Current(key.member_id, read(value)?))
            }
            CoordinatorKey::ConsumerGroupRegularExpression(key) => {
                (key.group_id, Self::Regex(key.member_id, read(value)?))
            }
            CoordinatorKey::OffsetCommit(_) | CoordinatorKey::GroupMetadata(_) => return None,
        })
    }
}

/// `Some(None)` is a tombstone.
fn read<T: Versioned>(value: Option<&Bytes>) -> Option<Option<T>> {
    match value {
        Some(value) => Some(Some(T::decode(value).ok()?.1)),
        None => Some(None),
    }
}

impl ConsumerGroup {
    /// Takes a record in, as it is written and as it is read again.
    pub(in crate::group) fn apply(&mut self, change: &ConsumerChange) {
        match change {
            ConsumerChange::Epoch(value) => {
                let value = value.clone().unwrap_or_default();
                self.epoch = value.epoch;
                self.metadata_hash = value.metadata_hash;
            }
            ConsumerChange::Topics => {}
            ConsumerChange::Member(id, Some(wants)) => {
                let instance = wants.instance_id.clone();
                self.member_mut(id).wants = (**wants).clone();
                if let Some(instance) = instance {
                    self.statics.insert(instance, id.clone());
                }
            }
            ConsumerChange::Member(id, None) => {
                let gone = self.members.remove(id);
                let instance = gone.and_then(|gone| gone.wants.instance_id);
                // Another may have taken its place already.
                if let Some(instance) = instance
                    && self.statics.get(&instance) == Some(id)
                {
                    self.statics.remove(&instance);
                }
            }
            ConsumerChange::TargetEpoch(value) => {
                let value = value.clone().unwrap_or_default();
                self.target_epoch = value.assignment_epoch;
                self.target_since = value.assignment_timestamp;
            }
            ConsumerChange::Target(id, Some(value)) => {
                let target = target_from_record(&value.topic_partitions);
                self.targets.insert(id.clone(), target);
            }
            ConsumerChange::Target(id, None) => {
                self.targets.remove(id);
            }
            ConsumerChange::Current(id, Some(value)) => {
                self.member_mut(id).current = Current::from_record(value);
            }
            ConsumerChange::Current(id, None) => {
                if let Some(member) = self.members.get_mut(id) {
                    member.current = Current::new();
                }
            }
            ConsumerChange::Regex(regex, Some(value)) => {
                self.regexes.insert(regex.clone(), value.clone());
            }
            ConsumerChange::Regex(regex, None) => {
                self.regexes.remove(regex);
            }
        }
    }

    fn member_mut(&mut self, id: &str) -> &mut ConsumerMember {
        self.members
            .entry(id.to_owned())
            .or_insert_with(|| ConsumerMember::new(id))
    }
}
