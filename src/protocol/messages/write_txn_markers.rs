//! WriteTxnMarkers: a transaction coordinator has leaders write how a transaction ended.

use crate::wire::messages;

messages! {
    /// The request.
    WriteTxnMarkersRequest {
        markers: Vec<WritableTxnMarker> [0+];
    }

    /// One of `WriteTxnMarkersRequest::markers`.
    WritableTxnMarker {
        producer_id: i64 [0+];
        producer_epoch: i16 [0+];
        transaction_result: bool [0+];
        topics: Vec<WritableTxnMarkerTopic> [0+];
        coordinator_epoch: i32 [0+];
        transaction_version: i8 [2+];
    }

    /// One of `WritableTxnMarker::topics`.
    WritableTxnMarkerTopic {
        name: String [0+];
        partition_indexes: Vec<i32> [0+];
    }

    /// The response.
    WriteTxnMarkersResponse {
        markers: Vec<WritableTxnMarkerResult> [0+];
    }

    /// One of `WriteTxnMarkersResponse::markers`.
    WritableTxnMarkerResult {
        producer_id: i64 [0+];
        topics: Vec<WritableTxnMarkerTopicResult> [0+];
    }

    /// One of `WritableTxnMarkerResult::topics`.
    WritableTxnMarkerTopicResult {
        name: String [0+];
        partitions: Vec<WritableTxnMarkerPartitionResult> [0+];
    }

    /// One of `WritableTxnMarkerTopicResult::partitions`.
    WritableTxnMarkerPartitionResult {
        partition_index: i32 [0+];
        error_code: i16 [0+];
    }
}
