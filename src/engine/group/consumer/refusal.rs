//! Why a request is refused, in Kafka's words.

use protocol::ErrorCode;
use protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatResponse;

/// An error and its message.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::group) struct Refusal {
    pub(in crate::group) error: ErrorCode,
    pub(in crate::group) message: String,
}

impl Refusal {
    pub(super) fn new(error: ErrorCode, message: impl Into<String>) -> Refusal {
        Refusal {
            error,
            message: message.into(),
        }
    }

    /// A message put together from parts.
    pub(super) fn of(error: ErrorCode, parts: &[&str]) -> Refusal {
        Refusal::new(error, parts.concat())
    }

    pub(in crate::group) fn into_response(self) -> ConsumerGroupHeartbeatResponse {
        ConsumerGroupHeartbeatResponse {
            error_code: self.error.code(),
            error_message: Some(self.message),
            ..ConsumerGroupHeartbeatResponse::default()
        }
    }
}
