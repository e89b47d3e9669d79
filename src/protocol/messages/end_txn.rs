//! EndTxn: a producer commits or aborts its transaction.

use crate::wire::messages;

messages! {
    /// The request.
    EndTxnRequest {
        transactional_id: String [0+];
        producer_id: i64 [0+];
        producer_epoch: i16 [0+];
        committed: bool [0+];
    }

    /// The response. From version 5 on it says what id and epoch the next transaction has.
    EndTxnResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        producer_id: i64 [5+] = -1;
        producer_epoch: i16 [5+] = -1;
    }
}
