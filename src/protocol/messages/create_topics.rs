//! CreateTopics: new topics.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    CreateTopicsRequest {
        topics: Vec<CreatableTopic> [0+];
        timeout_ms: i32 [0+] = 60000;
        validate_only: bool [1+];
    }

    /// One of `CreateTopicsRequest::topics`.
    CreatableTopic {
        name: String [0+];
        num_partitions: i32 [0+];
        replication_factor: i16 [0+];
        assignments: Vec<CreatableReplicaAssignment> [0+];
        configs: Vec<CreatableTopicConfig> [0+];
    }

    /// One of `CreatableTopic::assignments`.
    CreatableReplicaAssignment {
        partition_index: i32 [0+];
        broker_ids: Vec<i32> [0+];
    }

    /// One of `CreatableTopic::configs`.
    CreatableTopicConfig {
        name: String [0+];
        value: Option<String> [0+] null[0+];
    }

    /// The response.
    CreateTopicsResponse {
        throttle_time_ms: i32 [2+];
        topics: Vec<CreatableTopicResult> [0+];
    }

    /// One of `CreateTopicsResponse::topics`.
    CreatableTopicResult {
        name: String [0+];
        topic_id: Uuid [7+];
        error_code: i16 [0+];
        error_message: Option<String> [1+] null[0+];
        topic_config_error_code: i16 [5+] tag 0;
        num_partitions: i32 [5+] = -1;
        replication_factor: i16 [5+] = -1;
        configs: Option<Vec<CreatableTopicConfigs>> [5+] null[5+];
    }

    /// One of `CreatableTopicResult::configs`.
    CreatableTopicConfigs {
        name: String [5+];
        value: Option<String> [5+] null[5+];
        read_only: bool [5+];
        config_source: i8 [5+] = -1;
        is_sensitive: bool [5+];
    }
}
