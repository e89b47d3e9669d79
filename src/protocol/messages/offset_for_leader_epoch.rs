//! OffsetForLeaderEpoch: where a leader epoch ends in the log, to detect truncation.

use crate::wire::messages;

messages! {
    /// The request.
    OffsetForLeaderEpochRequest {
        replica_id: i32 [3+] = -2;
        topics: Vec<OffsetForLeaderTopic> [0+];
    }

    /// One of `OffsetForLeaderEpochRequest::topics`.
    OffsetForLeaderTopic {
        topic: String [0+];
        partitions: Vec<OffsetForLeaderPartition> [0+];
    }

    /// One of `OffsetForLeaderTopic::partitions`.
    OffsetForLeaderPartition {
        partition: i32 [0+];
        current_leader_epoch: i32 [2+] = -1;
        leader_epoch: i32 [0+];
    }

    /// The response.
    OffsetForLeaderEpochResponse {
        throttle_time_ms: i32 [2+];
        topics: Vec<OffsetForLeaderTopicResult> [0+];
    }

    /// One of `OffsetForLeaderEpochResponse::topics`.
    OffsetForLeaderTopicResult {
        topic: String [0+];
        partitions: Vec<EpochEndOffset> [0+];
    }

    /// One of `OffsetForLeaderTopicResult::partitions`.
    EpochEndOffset {
        error_code: i16 [0+];
        partition: i32 [0+];
        leader_epoch: i32 [1+] = -1;
        end_offset: i64 [0+] = -1;
    }
}
