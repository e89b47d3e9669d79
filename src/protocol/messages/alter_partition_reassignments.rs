//! AlterPartitionReassignments: partitions move to other brokers, or stop moving.

use crate::wire::messages;

messages! {
    /// The request.
    AlterPartitionReassignmentsRequest {
        timeout_ms: i32 [0+] = 60000;
        allow_replication_factor_change: bool [1+] = 1;
        topics: Vec<ReassignableTopic> [0+];
    }

    /// One of `AlterPartitionReassignmentsRequest::topics`.
    ReassignableTopic {
        name: String [0+];
        partitions: Vec<ReassignablePartition> [0+];
    }

    /// One of `ReassignableTopic::partitions`.
    ReassignablePartition {
        partition_index: i32 [0+];
        replicas: Option<Vec<i32>> [0+] none[0+];
    }

    /// The response.
    AlterPartitionReassignmentsResponse {
        throttle_time_ms: i32 [0+];
        allow_replication_factor_change: bool [1+] = 1;
        error_code: i16 [0+];
        error_message: Option<String> [0+] null[0+];
        responses: Vec<ReassignableTopicResponse> [0+];
    }

    /// One of `AlterPartitionReassignmentsResponse::responses`.
    ReassignableTopicResponse {
        name: String [0+];
        partitions: Vec<ReassignablePartitionResponse> [0+];
    }

    /// One of `ReassignableTopicResponse::partitions`.
    ReassignablePartitionResponse {
        partition_index: i32 [0+];
        error_code: i16 [0+];
        error_message: Option<String> [0+] null[0+];
    }
}
