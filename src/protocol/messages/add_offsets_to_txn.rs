//! AddOffsetsToTxn: the offsets of a group join a producer's transaction.

use crate::wire::messages;

messages! {
    /// The request.
    AddOffsetsToTxnRequest {
        transactional_id: String [0+];
        producer_id: i64 [0+];
        producer_epoch: i16 [0+];
        group_id: String [0+];
    }

    /// The response.
    AddOffsetsToTxnResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
    }
}
