//! ListOffsets: which offset is the first, the last, or the first not older than a time.

use crate::wire::messages;

messages! {
    /// The request.
    ListOffsetsRequest {
        replica_id: i32 [0+];
        isolation_level: i8 [2+];
        topics: Vec<ListOffsetsTopic> [0+];
        timeout_ms: i32 [10+];
    }

    /// One of `ListOffsetsRequest::topics`.
    ListOffsetsTopic {
        name: String [0+];
        partitions: Vec<ListOffsetsPartition> [0+];
    }

    /// One of `ListOffsetsTopic::partitions`.
    ListOffsetsPartition {
        partition_index: i32 [0+];
        current_leader_epoch: i32 [4+] = -1;
        timestamp: i64 [0+];
    }

    /// The response.
    ListOffsetsResponse {
        throttle_time_ms: i32 [2+];
        topics: Vec<ListOffsetsTopicResponse> [0+];
    }

    /// One of `ListOffsetsResponse::topics`.
    ListOffsetsTopicResponse {
        name: String [0+];
        partitions: Vec<ListOffsetsPartitionResponse> [0+];
    }

    /// One of `ListOffsetsTopicResponse::partitions`.
    ListOffsetsPartitionResponse {
        partition_index: i32 [0+];
        error_code: i16 [0+];
        timestamp: i64 [1+] = -1;
        offset: i64 [1+] = -1;
        leader_epoch: i32 [4+] = -1;
    }
}
