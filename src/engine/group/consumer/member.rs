//! One member of a group of the consumer protocol.

use protocol::coordinator_records::{
    ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupMemberMetadataValue,
};
use records::sorted::SortedSet;
use serde::Serialize;

use crate::group::consumer::partitions::{Owned, owned_from_record, owned_to_record};
use crate::time::SimTime;

/// The epoch of a static member that is away and will be back.
pub const AWAY_EPOCH: i32 = -2;

/// How far a member has come towards its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum MemberState {
    /// It owns what it is to own.
    Stable,
    /// It has to let partitions go before it may enter the next epoch.
    Unrevoked,
    /// It waits for partitions that others have yet to let go.
    Unreleased,
    /// A later Kafka wrote something that this one does not know.
    Unknown,
}

impl MemberState {
    fn code(self) -> i8 {
        match self {
            MemberState::Stable => 0,
            MemberState::Unrevoked => 1,
            MemberState::Unreleased => 2,
            MemberState::Unknown => 127,
        }
    }

    fn from_code(code: i8) -> MemberState {
        match code {
            0 => MemberState::Stable,
            1 => MemberState::Unrevoked,
            2 => MemberState::Unreleased,
            _ => MemberState::Unknown,
        }
    }
}

/// What a member owns and in which epoch it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Current {
    /// The epoch of the group that it has reached; 0 as it joins, [`AWAY_EPOCH`] while it is away.
    pub epoch: i32,
    /// The epoch before: the answer with the new one may have been lost on its way.
    pub previous_epoch: i32,
    /// How far it is.
    pub state: MemberState,
    /// What it owns.
    pub assigned: Owned,
    /// What it has been told to let go and has not acknowledged.
    pub revoking: Owned,
}

impl Current {
    /// One that joins.
    pub(super) fn new() -> Current {
        Current {
            epoch: 0,
            previous_epoch: -1,
            state: MemberState::Stable,
            assigned: Owned::new(),
            revoking: Owned::new(),
        }
    }

    /// Whether nothing is left to do for an epoch of the target assignment.
    pub(super) fn is_reconciled_to(&self, epoch: i32) -> bool {
        self.state == MemberState::Stable && self.epoch == epoch
    }

    pub(super) fn to_record(&self) -> ConsumerGroupCurrentMemberAssignmentValue {
        ConsumerGroupCurrentMemberAssignmentValue {
            member_epoch: self.epoch,
            previous_member_epoch: self.previous_epoch,
            state: self.state.code(),
            assigned_partitions: owned_to_record(&self.assigned),
            partitions_pending_revocation: owned_to_record(&self.revoking),
        }
    }

    pub(super) fn from_record(record: &ConsumerGroupCurrentMemberAssignmentValue) -> Current {
        let epoch = record.member_epoch;
        Current {
            epoch,
            previous_epoch: record.previous_member_epoch,
            state: MemberState::from_code(record.state),
            assigned: owned_from_record(&record.assigned_partitions, epoch),
            revoking: owned_from_record(&record.partitions_pending_revocation, epoch),
        }
    }
}

/// A member of a group of the consumer protocol.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsumerMember {
    /// Its id, made by its client or, before version 1, by the coordinator.
    pub id: String,
    /// Who it is and what it wants, as it is written down.
    pub wants: ConsumerGroupMemberMetadataValue,
    /// What it owns.
    pub current: Current,
    /// When its session ends unless it is heard of.
    pub(super) session_ends: SimTime,
    /// When it must have let go what it was told to; never if it need not.
    pub(super) revoke_by: SimTime,
}

impl ConsumerMember {
    pub(super) fn new(id: &str) -> ConsumerMember {
        ConsumerMember {
            id: id.to_owned(),
            wants: ConsumerGroupMemberMetadataValue {
                instance_id: None,
                rack_id: None,
                subscribed_topic_regex: None,
                server_assignor: None,
                ..ConsumerGroupMemberMetadataValue::default()
            },
            current: Current::new(),
            session_ends: SimTime::NEVER,
            revoke_by: SimTime::NEVER,
        }
    }

    /// Its regular expression, if it has one that is not empty.
    pub fn regex(&self) -> Option<&str> {
        let regex = self.wants.subscribed_topic_regex.as_deref();
        regex.filter(|regex| !regex.is_empty())
    }

    /// Whether it still speaks the classic protocol.
    pub fn is_classic(&self) -> bool {
        self.wants.classic_member_metadata.is_some()
    }

    /// The topics it names itself.
    pub(super) fn names(&self) -> SortedSet<&str> {
        let names = self.wants.subscribed_topic_names.iter();
        names.map(String::as_str).collect()
    }
}
