//! Who may commit and fetch offsets of a group of the consumer protocol.

use protocol::ErrorCode;
use protocol::messages::offset_commit::OffsetCommitRequest;

use crate::group::consumer::group::ConsumerGroup;
use crate::group::consumer::member::{ConsumerMember, Current};
use crate::group::consumer::partitions::TopicIdPartition;

/// Members commit with their epoch from this version on.
const MEMBER_EPOCH_SINCE: i16 = 9;

/// What a commit of a group has to be held against, partition by partition.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::group) enum CommitCheck {
    /// Everything may be committed.
    Pass,
    /// The member is behind: only what it was given in `epoch` or before is still its own.
    Since {
        epoch: i32,
        current: Box<Current>,
        error: ErrorCode,
    },
}

impl CommitCheck {
    pub(in crate::group) fn partition(&self, at: &TopicIdPartition) -> Result<(), ErrorCode> {
        let CommitCheck::Since {
            epoch,
            current,
            error,
        } = self
        else {
            return Ok(());
        };
        let since = current
            .assigned
            .get(at)
            .or_else(|| current.revoking.get(at));
        match since {
            Some(since) if epoch >= since => Ok(()),
            _ => Err(*error),
        }
    }
}

impl ConsumerGroup {
    pub(in crate::group) fn check_commit(
        &self,
        request: &OffsetCommitRequest,
        version: i16,
    ) -> Result<CommitCheck, ErrorCode> {
        let epoch = request.generation_id_or_member_epoch;
        if epoch < 0 && self.members.is_empty() {
            // An administrator, who may only touch a group at rest.
            return Ok(CommitCheck::Pass);
        }
        let member = self.members.get(&request.member_id);
        let member = member.ok_or(ErrorCode::UnknownMemberId)?;
        if !member.is_classic() && version < MEMBER_EPOCH_SINCE {
            return Err(ErrorCode::UnsupportedVersion);
        }
        match epoch.cmp(&member.current.epoch) {
            std::cmp::Ordering::Equal => Ok(CommitCheck::Pass),
            std::cmp::Ordering::Greater => Err(stale(member)),
            std::cmp::Ordering::Less => Ok(CommitCheck::Since {
                epoch,
                current: Box::new(member.current.clone()),
                error: stale(member),
            }),
        }
    }

    pub(in crate::group) fn check_fetch(
        &self,
        member_id: Option<&str>,
        epoch: i32,
    ) -> Result<(), ErrorCode> {
        if member_id.is_none() && epoch < 0 {
            return Ok(());
        }
        let member = self.members.get(member_id.unwrap_or_default());
        let member = member.ok_or(ErrorCode::UnknownMemberId)?;
        if epoch == member.current.epoch {
            Ok(())
        } else {
            Err(stale(member))
        }
    }
}

fn stale(member: &ConsumerMember) -> ErrorCode {
    if member.is_classic() {
        ErrorCode::IllegalGeneration
    } else {
        ErrorCode::StaleMemberEpoch
    }
}
