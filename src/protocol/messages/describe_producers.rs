//! DescribeProducers: what leaders know of the producers of their partitions.

use crate::wire::messages;

messages! {
    /// The request.
    DescribeProducersRequest {
        topics: Vec<TopicRequest> [0+];
    }

    /// One of `DescribeProducersRequest::topics`.
    TopicRequest {
        name: String [0+];
        partition_indexes: Vec<i32> [0+];
    }

    /// The response.
    DescribeProducersResponse {
        throttle_time_ms: i32 [0+];
        topics: Vec<TopicResponse> [0+];
    }

    /// One of `DescribeProducersResponse::topics`.
    TopicResponse {
        name: String [0+];
        partitions: Vec<PartitionResponse> [0+];
    }

    /// One of `TopicResponse::partitions`.
    PartitionResponse {
        partition_index: i32 [0+];
        error_code: i16 [0+];
        error_message: Option<String> [0+] none[0+];
        active_producers: Vec<ProducerState> [0+];
    }

    /// One of `PartitionResponse::active_producers`.
    ProducerState {
        producer_id: i64 [0+];
        producer_epoch: i32 [0+];
        last_sequence: i32 [0+] = -1;
        last_timestamp: i64 [0+] = -1;
        coordinator_epoch: i32 [0+];
        current_txn_start_offset: i64 [0+] = -1;
    }
}
