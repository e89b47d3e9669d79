//! What clients tell the application that uses them.

use std::borrow::Cow;

use bytes::Bytes;
use engine::ids::TopicPartition;
use protocol::ErrorCode;
use serde::{Deserialize, Serialize};

/// A record header: a name and a value that may be null. Names may repeat; order is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The header's name.
    pub key: String,
    /// Its value.
    pub value: Option<Bytes>,
}

/// A line that the Java client would write to its log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogLine {
    /// How bad it is.
    pub level: LogLevel,
    /// The text, with the client's own prefix, such as `[Producer clientId=console-producer] …`.
    pub text: String,
    /// The Java class that says it, such as `org.apache.kafka.clients.NetworkClient`.
    pub logger: &'static str,
}

/// How bad a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum LogLevel {
    /// `WARN`
    Warn,
    /// `ERROR`
    Error,
}

/// Why an operation failed, in Kafka's terms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientError {
    /// The Java exception's full class name.
    pub exception: Cow<'static, str>,
    /// Its message.
    pub message: String,
    /// Kafka's error code, 0 if the client itself gave up.
    pub code: i16,
}

impl ClientError {
    /// What a broker answered, with its message or else the usual one for the code.
    pub fn of(code: i16, message: Option<&str>) -> ClientError {
        let error = ErrorCode::from_code(code);
        ClientError {
            exception: Cow::Owned(error.exception()),
            message: message.unwrap_or(error.message()).to_owned(),
            code,
        }
    }

    /// What the client itself says, with no code from a broker.
    pub fn local(exception: &'static str, message: impl Into<String>) -> ClientError {
        ClientError {
            exception: Cow::Borrowed(exception),
            message: message.into(),
            code: 0,
        }
    }

    /// `org.apache.kafka.common.errors.TimeoutException`
    pub fn timeout(message: impl Into<String>) -> ClientError {
        ClientError::local("org.apache.kafka.common.errors.TimeoutException", message)
    }
}

/// A record that a consumer read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsumerRecord {
    /// Where it was read.
    pub topic_partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// The leader epoch of its batch, -1 if unknown.
    pub leader_epoch: i32,
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Whether the broker set the timestamp (`LogAppendTime`) and not the producer (`CreateTime`).
    pub log_append_time: bool,
    /// The key, shared with the fetched batch.
    pub key: Option<Bytes>,
    /// The value, shared with the fetched batch.
    pub value: Option<Bytes>,
    /// The headers in order.
    pub headers: Vec<Header>,
}
