//! DeleteTopics: topics go, by name or id.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    DeleteTopicsRequest {
        topics: Vec<DeleteTopicState> [6+];
        topic_names: Vec<String> [0-5];
        timeout_ms: i32 [0+];
    }

    /// One of `DeleteTopicsRequest::topics`.
    DeleteTopicState {
        name: Option<String> [6+] none[6+];
        topic_id: Uuid [6+];
    }

    /// The response.
    DeleteTopicsResponse {
        throttle_time_ms: i32 [1+];
        responses: Vec<DeletableTopicResult> [0+];
    }

    /// One of `DeleteTopicsResponse::responses`.
    DeletableTopicResult {
        name: Option<String> [0+] null[6+];
        topic_id: Uuid [6+];
        error_code: i16 [0+];
        error_message: Option<String> [5+] none[5+];
    }
}
