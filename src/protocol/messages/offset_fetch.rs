//! OffsetFetch: how far a group has read.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    OffsetFetchRequest {
        group_id: String [0-7];
        topics: Option<Vec<OffsetFetchRequestTopic>> [0-7] null[2-7];
        groups: Vec<OffsetFetchRequestGroup> [8+];
        require_stable: bool [7+];
    }

    /// One of `OffsetFetchRequest::topics`.
    OffsetFetchRequestTopic {
        name: String [0-7];
        partition_indexes: Vec<i32> [0-7];
    }

    /// One of `OffsetFetchRequest::groups`.
    OffsetFetchRequestGroup {
        group_id: String [8+];
        member_id: Option<String> [9+] none[9+];
        member_epoch: i32 [9+] = -1;
        topics: Option<Vec<OffsetFetchRequestTopics>> [8+] null[8+];
    }

    /// One of `OffsetFetchRequestGroup::topics`.
    OffsetFetchRequestTopics {
        name: String [8-9];
        topic_id: Uuid [10+];
        partition_indexes: Vec<i32> [8+];
    }

    /// The response.
    OffsetFetchResponse {
        throttle_time_ms: i32 [3+];
        topics: Vec<OffsetFetchResponseTopic> [0-7];
        error_code: i16 [2-7];
        groups: Vec<OffsetFetchResponseGroup> [8+];
    }

    /// One of `OffsetFetchResponse::topics`.
    OffsetFetchResponseTopic {
        name: String [0-7];
        partitions: Vec<OffsetFetchResponsePartition> [0-7];
    }

    /// One of `OffsetFetchResponseTopic::partitions`.
    OffsetFetchResponsePartition {
        partition_index: i32 [0-7];
        committed_offset: i64 [0-7];
        committed_leader_epoch: i32 [5-7] = -1;
        metadata: Option<String> [0-7] null[0-7];
        error_code: i16 [0-7];
    }

    /// One of `OffsetFetchResponse::groups`.
    OffsetFetchResponseGroup {
        group_id: String [8+];
        topics: Vec<OffsetFetchResponseTopics> [8+];
        error_code: i16 [8+];
    }

    /// One of `OffsetFetchResponseGroup::topics`.
    OffsetFetchResponseTopics {
        name: String [8-9];
        topic_id: Uuid [10+];
        partitions: Vec<OffsetFetchResponsePartitions> [8+];
    }

    /// One of `OffsetFetchResponseTopics::partitions`.
    OffsetFetchResponsePartitions {
        partition_index: i32 [8+];
        committed_offset: i64 [8+];
        committed_leader_epoch: i32 [8+] = -1;
        metadata: Option<String> [8+] null[8+];
        error_code: i16 [8+];
    }
}
