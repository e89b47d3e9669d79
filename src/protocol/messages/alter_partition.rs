//! AlterPartition: a leader asks the controller to change its in-sync replicas.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    AlterPartitionRequest {
        broker_id: i32 [0+];
        broker_epoch: i64 [0+] = -1;
        topics: Vec<TopicData> [0+];
    }

    /// One of `AlterPartitionRequest::topics`.
    TopicData {
        topic_id: Uuid [2+];
        partitions: Vec<PartitionData> [0+];
    }

    /// One of `TopicData::partitions`.
    PartitionData {
        partition_index: i32 [0+];
        leader_epoch: i32 [0+];
        new_isr: Vec<i32> [0-2];
        new_isr_with_epochs: Vec<BrokerState> [3+];
        leader_recovery_state: i8 [1+];
        partition_epoch: i32 [0+];
    }

    /// One of `PartitionData::new_isr_with_epochs`.
    BrokerState {
        broker_id: i32 [3+];
        broker_epoch: i64 [3+] = -1;
    }

    /// The response.
    AlterPartitionResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        topics: Vec<ResponseTopicData> [0+];
    }

    /// One of `AlterPartitionResponse::topics`.
    ResponseTopicData {
        topic_id: Uuid [2+];
        partitions: Vec<ResponsePartitionData> [0+];
    }

    /// One of `ResponseTopicData::partitions`.
    ResponsePartitionData {
        partition_index: i32 [0+];
        error_code: i16 [0+];
        leader_id: i32 [0+];
        leader_epoch: i32 [0+];
        isr: Vec<i32> [0+];
        leader_recovery_state: i8 [1+];
        partition_epoch: i32 [0+];
    }
}
