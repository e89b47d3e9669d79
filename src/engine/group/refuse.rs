//! How each API says that something went wrong.

use protocol::messages::consumer_group_describe::DescribedGroup as ConsumerGroup;
use protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatResponse;
use protocol::messages::describe_groups::DescribedGroup;
use protocol::messages::heartbeat::HeartbeatResponse;
use protocol::messages::leave_group::LeaveGroupResponse;
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
};
use protocol::messages::offset_delete::OffsetDeleteResponse;
use protocol::{ErrorCode, Response};

use crate::group::membership::{join_error, sync_error};
use crate::group::txn_commit;

pub(super) fn heartbeat(outcome: Result<(), ErrorCode>) -> HeartbeatResponse {
    HeartbeatResponse {
        error_code: outcome.err().map_or(0, ErrorCode::code),
        ..HeartbeatResponse::default()
    }
}

pub(super) fn leave(error: ErrorCode) -> LeaveGroupResponse {
    LeaveGroupResponse {
        error_code: error.code(),
        ..LeaveGroupResponse::default()
    }
}

pub(super) fn offset_delete(error: ErrorCode) -> OffsetDeleteResponse {
    OffsetDeleteResponse {
        error_code: error.code(),
        ..OffsetDeleteResponse::default()
    }
}

/// OffsetCommit has no error of its own: every partition carries it.
pub(super) fn offset_commit(
    request: &OffsetCommitRequest,
    error: ErrorCode,
) -> OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic
            .partitions
            .iter()
            .map(|partition| OffsetCommitResponsePartition {
                partition_index: partition.partition_index,
                error_code: error.code(),
            });
        OffsetCommitResponseTopic {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions: partitions.collect(),
        }
    });
    OffsetCommitResponse {
        topics: topics.collect(),
        ..OffsetCommitResponse::default()
    }
}

pub(super) fn described(group: &str, error: ErrorCode) -> DescribedGroup {
    DescribedGroup {
        group_id: group.to_owned(),
        error_code: error.code(),
        ..DescribedGroup::default()
    }
}

pub(super) fn consumer_group(group: &str, error: ErrorCode) -> ConsumerGroup {
    ConsumerGroup {
        group_id: group.to_owned(),
        error_code: error.code(),
        ..ConsumerGroup::default()
    }
}

/// The answer that was meant to be sent, now that its records are lost.
pub(super) fn with_error(response: Response, error: ErrorCode) -> Response {
    match response {
        Response::OffsetCommit(mut response) => {
            let partitions = response.topics.iter_mut().flat_map(|t| &mut t.partitions);
            for partition in partitions {
                partition.error_code = error.code();
            }
            response.into()
        }
        Response::ConsumerGroupHeartbeat(_) => ConsumerGroupHeartbeatResponse {
            error_code: error.code(),
            error_message: Some(error.message().to_owned()),
            ..ConsumerGroupHeartbeatResponse::default()
        }
        .into(),
        Response::TxnOffsetCommit(response) => txn_commit::lost(response, error),
        Response::LeaveGroup(_) => leave(error).into(),
        Response::OffsetDelete(_) => offset_delete(error).into(),
        Response::JoinGroup(response) => join_error(&response.member_id, error).into(),
        Response::SyncGroup(_) => sync_error(error).into(),
        other => other,
    }
}
