//! InitProducerId: an id and epoch for an idempotent or transactional producer.
//!
//! Version 6 is not stable in Kafka 4.3: a broker does not speak it unless told to.

use crate::wire::messages;

messages! {
    /// The request.
    InitProducerIdRequest {
        transactional_id: Option<String> [0+] null[0+];
        transaction_timeout_ms: i32 [0+];
        producer_id: i64 [3+] = -1;
        producer_epoch: i16 [3+] = -1;
    }

    /// The response.
    InitProducerIdResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        producer_id: i64 [0+] = -1;
        producer_epoch: i16 [0+];
    }
}
