//! What the offsets topic holds, as values: the only things a coordinator remembers across a crash.

use records::sorted::SortedMap;

use bytes::Bytes;
use protocol::coordinator_records::{
    CoordinatorKey, GroupMetadataKey, GroupMetadataValue, OffsetCommitKey, OffsetCommitValue,
};
use protocol::{Uuid, Versioned};
use serde::Serialize;

use crate::group::consumer::ConsumerChange;
use crate::group::face::CoordinatorRecord;
use crate::ids::TopicPartition;

/// How far a group has read one partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommittedOffset {
    /// The offset of the next record to read.
    pub offset: i64,
    /// The epoch of the leader it was read from; -1 if unknown.
    pub leader_epoch: i32,
    /// Whatever the consumer wanted remembered.
    pub metadata: String,
    /// When it was committed, in milliseconds since the Unix epoch.
    pub commit_timestamp: i64,
    /// When it is forgotten, if its client said so (versions 2 to 4 of OffsetCommit could).
    pub expire_timestamp: Option<i64>,
    /// The id of the topic, zero if unknown.
    pub topic_id: Uuid,
}

/// Committed offsets by partition.
pub type Offsets = SortedMap<TopicPartition, CommittedOffset>;

/// One record of the offsets topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Change {
    /// An offset is committed, or forgotten.
    Offset {
        /// The group.
        group: String,
        /// The partition read.
        partition: TopicPartition,
        /// `None` forgets it.
        offset: Option<CommittedOffset>,
    },
    /// A generation of a group is settled, or the group is gone.
    Group {
        /// The group.
        group: String,
        /// `None` deletes it.
        metadata: Option<GroupMetadataValue>,
    },
    /// Something about a group of the consumer protocol.
    Consumer {
        /// The group.
        group: String,
        /// What.
        change: ConsumerChange,
    },
}

impl Change {
    /// The record that says so.
    pub fn encode(&self) -> CoordinatorRecord {
        match self {
            Change::Offset {
                group,
                partition,
                offset,
            } => CoordinatorRecord {
                key: CoordinatorKey::OffsetCommit(OffsetCommitKey {
                    group: group.clone(),
                    topic: partition.topic.clone(),
                    partition: partition.partition,
                })
                .encode(),
                value: offset.as_ref().map(encode_offset),
            },
            Change::Group { group, metadata } => CoordinatorRecord {
                key: CoordinatorKey::GroupMetadata(GroupMetadataKey {
                    group: group.clone(),
                })
                .encode(),
                value: metadata
                    .as_ref()
                    .map(|value| value.encode(GROUP_METADATA_VERSION)),
            },
            Change::Consumer { group, change } => change.encode(group),
        }
    }

    /// What a record says; `None` for keys of other kinds of groups and for damaged bytes, which are
    /// skipped as Kafka skips record types it does not know.
    pub fn decode(key: &[u8], value: Option<&[u8]>) -> Option<Change> {
        let value = value.map(Bytes::copy_from_slice);
        match CoordinatorKey::decode(&Bytes::copy_from_slice(key)).ok()? {
            CoordinatorKey::OffsetCommit(key) => Some(Change::Offset {
                group: key.group,
                partition: TopicPartition::new(key.topic, key.partition),
                offset: match value {
                    Some(value) => Some(decode_offset(&value)?),
                    None => None,
                },
            }),
            CoordinatorKey::GroupMetadata(key) => Some(Change::Group {
                group: key.group,
                metadata: match value {
                    Some(value) => Some(GroupMetadataValue::decode(&value).ok()?.1),
                    None => None,
                },
            }),
            key => {
                let (group, change) = ConsumerChange::decode(key, value.as_ref())?;
                Some(Change::Consumer { group, change })
            }
        }
    }
}

/// What Kafka 4.3 writes: the newest version without compact lengths.
const GROUP_METADATA_VERSION: i16 = 3;

fn encode_offset(offset: &CommittedOffset) -> Bytes {
    // Only version 1 can carry a time to expire at, only version 4 an id.
    let version = match offset.expire_timestamp {
        Some(_) => 1,
        None if offset.topic_id == Uuid::ZERO => 3,
        None => 4,
    };
    let value = OffsetCommitValue {
        offset: offset.offset,
        leader_epoch: offset.leader_epoch,
        metadata: offset.metadata.clone(),
        commit_timestamp: offset.commit_timestamp,
        expire_timestamp: offset.expire_timestamp.unwrap_or(-1),
        topic_id: offset.topic_id,
    };
    value.encode(version)
}

fn decode_offset(value: &Bytes) -> Option<CommittedOffset> {
    let (_, value) = OffsetCommitValue::decode(value).ok()?;
    Some(CommittedOffset {
        offset: value.offset,
        leader_epoch: value.leader_epoch,
        metadata: value.metadata,
        commit_timestamp: value.commit_timestamp,
        expire_timestamp: (value.expire_timestamp != -1).then_some(value.expire_timestamp),
        topic_id: value.topic_id,
    })
}
