//! OffsetDelete: committed offsets of a group go.

use crate::wire::messages;

messages! {
    /// The request.
    OffsetDeleteRequest {
        group_id: String [0+];
        topics: Vec<OffsetDeleteRequestTopic> [0+];
    }

    /// One of `OffsetDeleteRequest::topics`.
    OffsetDeleteRequestTopic {
        name: String [0+];
        partitions: Vec<OffsetDeleteRequestPartition> [0+];
    }

    /// One of `OffsetDeleteRequestTopic::partitions`.
    OffsetDeleteRequestPartition {
        partition_index: i32 [0+];
    }

    /// The response.
    OffsetDeleteResponse {
        error_code: i16 [0+];
        throttle_time_ms: i32 [0+];
        topics: Vec<OffsetDeleteResponseTopic> [0+];
    }

    /// One of `OffsetDeleteResponse::topics`.
    OffsetDeleteResponseTopic {
        name: String [0+];
        partitions: Vec<OffsetDeleteResponsePartition> [0+];
    }

    /// One of `OffsetDeleteResponseTopic::partitions`.
    OffsetDeleteResponsePartition {
        partition_index: i32 [0+];
        error_code: i16 [0+];
    }
}
