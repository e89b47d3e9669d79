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
}

/// The key of a record in `__consumer_offsets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum CoordinatorKey {
    /// A committed offset.
    OffsetCommit(OffsetCommitKey),
    /// A classic group.
    GroupMetadata(GroupMetadataKey),
}

impl CoordinatorKey {
    /// Reads a key; one of another kind is [`DecodeErrorKind::UnknownRecordType`].
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let kind = bytes.first_chunk().map(|first| i16::from_be_bytes(*first));
        match kind {
            Some(GROUP_METADATA) => Ok(Self::GroupMetadata(GroupMetadataKey::decode(bytes)?.1)),
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
