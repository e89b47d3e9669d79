//! DeleteRecords: records before an offset go.

use crate::wire::messages;

messages! {
    /// The request.
    DeleteRecordsRequest {
        topics: Vec<DeleteRecordsTopic> [0+];
        timeout_ms: i32 [0+];
    }

    /// One of `DeleteRecordsRequest::topics`.
    DeleteRecordsTopic {
        name: String [0+];
        partitions: Vec<DeleteRecordsPartition> [0+];
    }

    /// One of `DeleteRecordsTopic::partitions`.
    DeleteRecordsPartition {
        partition_index: i32 [0+];
        offset: i64 [0+];
    }

    /// The response.
    DeleteRecordsResponse {
        throttle_time_ms: i32 [0+];
        topics: Vec<DeleteRecordsTopicResult> [0+];
    }

    /// One of `DeleteRecordsResponse::topics`.
    DeleteRecordsTopicResult {
        name: String [0+];
        partitions: Vec<DeleteRecordsPartitionResult> [0+];
    }

    /// One of `DeleteRecordsTopicResult::partitions`.
    DeleteRecordsPartitionResult {
        partition_index: i32 [0+];
        low_watermark: i64 [0+];
        error_code: i16 [0+];
    }
}
