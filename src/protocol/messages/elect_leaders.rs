//! ElectLeaders: a preferred or an unclean leader election.

use crate::wire::messages;

messages! {
    /// The request.
    ElectLeadersRequest {
        election_type: i8 [1+];
        topic_partitions: Option<Vec<TopicPartitions>> [0+] null[0+];
        timeout_ms: i32 [0+] = 60000;
    }

    /// One of `ElectLeadersRequest::topic_partitions`.
    TopicPartitions {
        topic: String [0+];
        partitions: Vec<i32> [0+];
    }

    /// The response.
    ElectLeadersResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [1+];
        replica_election_results: Vec<ReplicaElectionResult> [0+];
    }

    /// One of `ElectLeadersResponse::replica_election_results`.
    ReplicaElectionResult {
        topic: String [0+];
        partition_result: Vec<PartitionResult> [0+];
    }

    /// One of `ReplicaElectionResult::partition_result`.
    PartitionResult {
        partition_id: i32 [0+];
        error_code: i16 [0+];
        error_message: Option<String> [0+] null[0+];
    }
}
