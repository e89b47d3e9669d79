//! AddPartitionsToTxn: partitions join a producer's transaction, or a leader asks whether they have.

use crate::wire::messages;

messages! {
    /// The request. Producers send versions up to 3, brokers the later ones.
    AddPartitionsToTxnRequest {
        transactions: Vec<AddPartitionsToTxnTransaction> [4+];
        v3_and_below_transactional_id: String [0-3];
        v3_and_below_producer_id: i64 [0-3];
        v3_and_below_producer_epoch: i16 [0-3];
        v3_and_below_topics: Vec<AddPartitionsToTxnTopic> [0-3];
    }

    /// One of `AddPartitionsToTxnRequest::transactions`.
    AddPartitionsToTxnTransaction {
        transactional_id: String [4+];
        producer_id: i64 [4+];
        producer_epoch: i16 [4+];
        verify_only: bool [4+];
        topics: Vec<AddPartitionsToTxnTopic> [4+];
    }

    /// A topic and some of its partitions.
    AddPartitionsToTxnTopic {
        name: String [0+];
        partitions: Vec<i32> [0+];
    }

    /// The response.
    AddPartitionsToTxnResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [4+];
        results_by_transaction: Vec<AddPartitionsToTxnResult> [4+];
        results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult> [0-3];
    }

    /// One of `AddPartitionsToTxnResponse::results_by_transaction`.
    AddPartitionsToTxnResult {
        transactional_id: String [4+];
        topic_results: Vec<AddPartitionsToTxnTopicResult> [4+];
    }

    /// What became of the partitions of a topic.
    AddPartitionsToTxnTopicResult {
        name: String [0+];
        results_by_partition: Vec<AddPartitionsToTxnPartitionResult> [0+];
    }

    /// One of `AddPartitionsToTxnTopicResult::results_by_partition`.
    AddPartitionsToTxnPartitionResult {
        partition_index: i32 [0+];
        partition_error_code: i16 [0+];
    }
}
