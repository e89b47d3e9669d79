//! The producer: partitioner, batches, linger, retries, idempotence.
//!
//! - [`Producer`]: the machine
//! - `accumulator`: batches per partition, and the sequence numbers that make retries safe
//! - `partitioner`: where records without a key go
//! - `admit`: which partition a record goes to, and how long it may wait
//! - `sender`, `verdict`: batches to requests, and responses to acknowledgements, retries, failures

mod accumulator;
mod admit;
mod machine;
mod partitioner;
mod sender;
mod verdict;

pub use machine::Producer;

use bytes::Bytes;
use engine::net::Address;
use records::Compression;
use serde::{Deserialize, Serialize};

use crate::event::{ClientError, Header, LogLine};

/// What a producer is told at its start. Names and defaults are the Java client's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProducerConfig {
    /// `client.id`
    pub client_id: String,
    /// `bootstrap.servers`
    pub bootstrap: Vec<Address>,
    /// `acks`: 0, 1 or -1 for all.
    pub acks: i16,
    /// `linger.ms`
    pub linger_ms: i64,
    /// `batch.size` in bytes.
    pub batch_size: usize,
    /// `max.request.size` in bytes.
    pub max_request_size: usize,
    /// `buffer.memory` in bytes.
    pub buffer_memory: usize,
    /// `retries`
    pub retries: i32,
    /// `retry.backoff.ms`
    pub retry_backoff_ms: i64,
    /// `request.timeout.ms`
    pub request_timeout_ms: i64,
    /// `delivery.timeout.ms`
    pub delivery_timeout_ms: i64,
    /// `max.block.ms`: how long a record may wait for metadata or memory.
    pub max_block_ms: i64,
    /// `enable.idempotence`
    pub enable_idempotence: bool,
    /// `max.in.flight.requests.per.connection`
    pub max_in_flight: usize,
    /// `metadata.max.age.ms`
    pub metadata_max_age_ms: i64,
    /// `partitioner.ignore.keys`
    pub ignore_keys: bool,
    /// `compression.type`, and its level where the codec has several.
    #[serde(default)]
    pub compression: Compression,
}

impl ProducerConfig {
    /// Kafka 4's defaults for `client_id` against `bootstrap`.
    pub fn new(client_id: impl Into<String>, bootstrap: Vec<Address>) -> ProducerConfig {
        ProducerConfig {
            client_id: client_id.into(),
            bootstrap,
            acks: -1,
            linger_ms: 5,
            batch_size: 16_384,
            max_request_size: 1_048_576,
            buffer_memory: 33_554_432,
            retries: i32::MAX,
            retry_backoff_ms: 100,
            request_timeout_ms: 30_000,
            delivery_timeout_ms: 120_000,
            max_block_ms: 60_000,
            enable_idempotence: true,
            max_in_flight: 5,
            metadata_max_age_ms: 300_000,
            ignore_keys: false,
            compression: Compression::NONE,
        }
    }
}

/// A record to send.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProducerRecord {
    /// The topic.
    pub topic: String,
    /// The partition, or `None` to let the partitioner choose.
    pub partition: Option<i32>,
    /// Milliseconds since the Unix epoch, or `None` for the time of sending.
    pub timestamp: Option<i64>,
    /// The key.
    pub key: Option<Bytes>,
    /// The value; `None` is a tombstone.
    pub value: Option<Bytes>,
    /// Headers in order.
    pub headers: Vec<Header>,
}

/// Names one record handed to `send`, in the order of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SendId(pub u64);

/// What happened to records.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ProducerEvent {
    /// The broker took it. With `acks=0` the offset is -1.
    Acked {
        /// Which record.
        id: SendId,
        /// The partition it went to.
        partition: i32,
        /// Its offset there.
        offset: i64,
    },
    /// It will not be delivered.
    Failed {
        /// Which record.
        id: SendId,
        /// Why.
        error: ClientError,
    },
    /// A line for the client's log.
    Log(LogLine),
    /// `close` is done: everything sent or failed, connections closed.
    Closed,
}
