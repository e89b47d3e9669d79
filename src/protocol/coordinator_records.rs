//! What a group coordinator writes to `__consumer_offsets`.
//!
//! Keys and values start with a 16-bit version; a key's version tells what the record is about.

use bytes::Bytes;
use serde::Serialize;

use crate::error::{DecodeError, DecodeErrorKind, Fault};
use crate::uuid::Uuid;
use crate::versioned::Versioned;
use crate::wire::{Versions, messages};

messages! {
    /// Key of a committed offset.
    OffsetCommitKey {
        group: String [0+];
        topic: String [0+];
        partition: i32 [0+];
    }

    /// A committed offset.
    OffsetCommitValue {
        offset: i64 [0+];
        leader_epoch: i32 [3+] = -1;
        metadata: String [0+];
        commit_timestamp: i64 [0+];
        expire_timestamp: i64 [1] = -1;
        topic_id: Uuid [4+] tag 0;
    }

    /// Key of a classic group.
    GroupMetadataKey {
        group: String [0+];
    }

    /// A classic group.
    GroupMetadataValue {
        protocol_type: String [0+];
        generation: i32 [0+];
        protocol: Option<String> [0+] null[0+];
        leader: Option<String> [0+] null[0+];
        current_state_timestamp: i64 [2+] = -1;
        members: Vec<MemberMetadata> [0+];
    }

    /// A member of it.
    MemberMetadata {
        member_id: String [0+];
        group_instance_id: Option<String> [3+] none[3+];
        client_id: String [0+];
        client_host: String [0+];
        rebalance_timeout: i32 [1+] = -1;
        session_timeout: i32 [0+];
        subscription: Bytes [0+];
        assignment: Bytes [0+];
    }

    /// Key of what is kept once for a group of the consumer protocol.
    ConsumerGroupKey {
        group_id: String [0+];
    }

    /// Key of what is kept for each member of such a group, or for each of its regular expressions.
    ConsumerGroupMemberKey {
        group_id: String [0+];
        member_id: String [0+];
    }

    /// A group of the consumer protocol.
    ConsumerGroupMetadataValue {
        epoch: i32 [0+];
        metadata_hash: i64 [0+] tag 0;
    }

    /// What a member of it wants.
    ConsumerGroupMemberMetadataValue {
        instance_id: Option<String> [0+] null[0+];
        rack_id: Option<String> [0+] null[0+];
        client_id: String [0+];
        client_host: String [0+];
        subscribed_topic_names: Vec<String> [0+];
        subscribed_topic_regex: Option<String> [0+] null[0+];
        rebalance_timeout_ms: i32 [0+] = -1;
        server_assignor: Option<String> [0+] null[0+];
        classic_member_metadata: Option<ClassicMemberMetadata> [0+] none[0+] tag 0;
    }

    /// What is kept of a member that still speaks the classic protocol.
    ClassicMemberMetadata {
        session_timeout_ms: i32 [0+];
        supported_protocols: Vec<ClassicProtocol> [0+];
    }

    /// One of `ClassicMemberMetadata::supported_protocols`.
    ClassicProtocol {
        name: String [0+];
        metadata: Bytes [0+];
    }

    /// For which epoch of the group the target assignment was worked out, and when.
    ConsumerGroupTargetAssignmentMetadataValue {
        assignment_epoch: i32 [0+];
        assignment_timestamp: i64 [0+] tag 0;
    }

    /// What a member is to own.
    ConsumerGroupTargetAssignmentMemberValue {
        topic_partitions: Vec<TargetPartitions> [0+];
    }

    /// One of `ConsumerGroupTargetAssignmentMemberValue::topic_partitions`.
    TargetPartitions {
        topic_id: Uuid [0+];
        partitions: Vec<i32> [0+];
    }

    /// What a member owns, and what it has yet to let go.
    ConsumerGroupCurrentMemberAssignmentValue {
        member_epoch: i32 [0+];
        previous_member_epoch: i32 [0+];
        state: i8 [0+];
        assigned_partitions: Vec<CurrentPartitions> [0+];
        partitions_pending_revocation: Vec<CurrentPartitions> [0+];
    }

    /// Partitions of a topic, each with the epoch in which it was given.
    CurrentPartitions {
        topic_id: Uuid [0+];
        partitions: Vec<i32> [0+];
        assignment_epochs: Option<Vec<i32>> [0+] none[0+] tag 0;
    }

    /// The topics that a regular expression stands for.
    ConsumerGroupRegularExpressionValue {
        topics: Vec<String> [0+];
        version: i64 [0+];
        timestamp: i64 [0+];
    }
}

/// The key of a record in `__consumer_offsets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum CoordinatorKey {
    /// A committed offset.
    OffsetCommit(OffsetCommitKey),
    /// A classic group.
    GroupMetadata(GroupMetadataKey),
    /// A group of the consumer protocol.
    ConsumerGroupMetadata(ConsumerGroupKey),
    /// The topics of such a group, as Kafka 4.0 wrote them; newer ones only delete it.
    ConsumerGroupPartitionMetadata(ConsumerGroupKey),
    /// What a member of it wants.
    ConsumerGroupMemberMetadata(ConsumerGroupMemberKey),
    /// For which epoch the target assignment is.
    ConsumerGroupTargetAssignmentMetadata(ConsumerGroupKey),
    /// What a member is to own.
    ConsumerGroupTargetAssignmentMember(ConsumerGroupMemberKey),
    /// What a member owns.
    ConsumerGroupCurrentMemberAssignment(ConsumerGroupMemberKey),
    /// The topics of a regular expression, which stands in the place of the member's id.
    ConsumerGroupRegularExpression(ConsumerGroupMemberKey),
}

impl CoordinatorKey {
    /// Reads a key; one of another kind is [`DecodeErrorKind::UnknownRecordType`].
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let kind = bytes.first_chunk().map(|first| i16::from_be_bytes(*first));
        match kind {
            Some(GROUP_METADATA) => Ok(Self::GroupMetadata(GroupMetadataKey::decode(bytes)?.1)),
            Some(kind @ (3 | 4 | 6)) => {
                let (_, key) = ConsumerGroupKey::decode(bytes)?;
                Ok(match kind {
                    3 => Self::ConsumerGroupMetadata(key),
                    4 => Self::ConsumerGroupPartitionMetadata(key),
                    _ => Self::ConsumerGroupTargetAssignmentMetadata(key),
                })
            }
            Some(kind @ (5 | 7 | 8 | 16)) => {
                let (_, key) = ConsumerGroupMemberKey::decode(bytes)?;
                Ok(match kind {
                    5 => Self::ConsumerGroupMemberMetadata(key),
                    7 => Self::ConsumerGroupTargetAssignmentMember(key),
                    8 => Self::ConsumerGroupCurrentMemberAssignment(key),
                    _ => Self::ConsumerGroupRegularExpression(key),
                })
            }
            // Too short for a version is too short for the struct: let it say so.
            Some(0..=OFFSET_COMMIT) | None => {
                Ok(Self::OffsetCommit(OffsetCommitKey::decode(bytes)?.1))
            }
            Some(record_type) => {
                let record_type = i64::from(record_type);
                let kind = DecodeErrorKind::UnknownRecordType { record_type };
                Err(Fault::new(kind, 0).into_error(None))
            }
        }
    }

    /// Writes a key as Kafka 4.3 does.
    pub fn encode(&self) -> Bytes {
        match self {
            Self::OffsetCommit(key) => key.encode(OFFSET_COMMIT),
            Self::GroupMetadata(key) => key.encode(GROUP_METADATA),
            Self::ConsumerGroupMetadata(key) => key.encode(3),
            Self::ConsumerGroupPartitionMetadata(key) => key.encode(4),
            Self::ConsumerGroupMemberMetadata(key) => key.encode(5),
            Self::ConsumerGroupTargetAssignmentMetadata(key) => key.encode(6),
            Self::ConsumerGroupTargetAssignmentMember(key) => key.encode(7),
            Self::ConsumerGroupCurrentMemberAssignment(key) => key.encode(8),
            Self::ConsumerGroupRegularExpression(key) => key.encode(16),
        }
    }
}

const OFFSET_COMMIT: i16 = 1;
const GROUP_METADATA: i16 = 2;

impl Versioned for OffsetCommitKey {
    const VERSIONS: Versions = Versions {
        first: 0,
        last: OFFSET_COMMIT as i8,
    };
}

impl Versioned for OffsetCommitValue {
    const VERSIONS: Versions = Versions { first: 0, last: 4 };
    const FLEXIBLE_FROM: i16 = 4;
}

impl Versioned for GroupMetadataKey {
    const VERSIONS: Versions = Versions {
        first: GROUP_METADATA as i8,
        last: GROUP_METADATA as i8,
    };
}

impl Versioned for GroupMetadataValue {
    const VERSIONS: Versions = Versions { first: 0, last: 4 };
    const FLEXIBLE_FROM: i16 = 4;
}

impl Versioned for ConsumerGroupKey {
    const VERSIONS: Versions = Versions { first: 3, last: 6 };
}

impl Versioned for ConsumerGroupMemberKey {
    const VERSIONS: Versions = Versions { first: 5, last: 16 };
}

/// Values that have only ever had one version, flexible from the start.
macro_rules! in_one_version {
    ($($value:ident)*) => {$(
        impl Versioned for $value {
            const VERSIONS: Versions = Versions { first: 0, last: 0 };
            const FLEXIBLE_FROM: i16 = 0;
        }
    )*};
}

in_one_version! {
    ConsumerGroupMetadataValue
    ConsumerGroupMemberMetadataValue
    ConsumerGroupTargetAssignmentMetadataValue
    ConsumerGroupTargetAssignmentMemberValue
    ConsumerGroupCurrentMemberAssignmentValue
    ConsumerGroupRegularExpressionValue
}
