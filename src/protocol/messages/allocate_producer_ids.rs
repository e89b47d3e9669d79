//! AllocateProducerIds: a broker takes a block of producer ids from the controller.

use crate::wire::messages;

messages! {
    /// The request.
    AllocateProducerIdsRequest {
        broker_id: i32 [0+];
        broker_epoch: i64 [0+] = -1;
    }

    /// The response.
    AllocateProducerIdsResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        producer_id_start: i64 [0+];
        producer_id_len: i32 [0+];
    }
}
