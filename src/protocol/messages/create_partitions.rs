//! CreatePartitions: more partitions for a topic.

use crate::wire::messages;

messages! {
    /// The request.
    CreatePartitionsRequest {
        topics: Vec<CreatePartitionsTopic> [0+];
        timeout_ms: i32 [0+];
        validate_only: bool [0+];
    }

    /// One of `CreatePartitionsRequest::topics`.
    CreatePartitionsTopic {
        name: String [0+];
        count: i32 [0+];
        assignments: Option<Vec<CreatePartitionsAssignment>> [0+] null[0+];
    }

    /// One of `CreatePartitionsTopic::assignments`.
    CreatePartitionsAssignment {
        broker_ids: Vec<i32> [0+];
    }

    /// The response.
    CreatePartitionsResponse {
        throttle_time_ms: i32 [0+];
        results: Vec<CreatePartitionsTopicResult> [0+];
    }

    /// One of `CreatePartitionsResponse::results`.
    CreatePartitionsTopicResult {
        name: String [0+];
        error_code: i16 [0+];
        error_message: Option<String> [0+] none[0+];
    }
}
