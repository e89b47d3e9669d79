//! The consumer: subscription, assignment, position, auto-commit, heartbeats.
//!
//! - [`Consumer`]: the machine and its verbs
//! - `group`: membership: coordinator, join, sync, heartbeats, leaving
//! - `leader`: what a group's leader does: reads subscriptions, assigns, writes assignments
//! - `partitions`: the partitions it reads and where in them
//! - `offsets`, `commits`: committed offsets, offsets looked up by time; committing
//! - `topics`: which topics it wants to know of
//! - `dispatch`: who gets which answer
//! - `fetch`, `buffer`: records on their way, and those fetched but not handed over yet

mod buffer;
mod commits;
mod dispatch;
mod fetch;
mod group;
mod leader;
mod machine;
mod offsets;
mod partitions;
mod topics;

pub use machine::Consumer;

use engine::ids::TopicPartition;
use engine::net::Address;
use serde::{Deserialize, Serialize};

use crate::event::{ClientError, LogLine};

/// What a consumer is told at its start. Names and defaults are the Java client's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsumerConfig {
    /// `client.id`
    pub client_id: String,
    /// `bootstrap.servers`
    pub bootstrap: Vec<Address>,
    /// `group.id`
    pub group_id: Option<String>,
    /// `group.protocol`
    pub group_protocol: GroupProtocol,
    /// `group.remote.assignor`: the coordinator's assignor, for the consumer protocol.
    pub group_remote_assignor: Option<String>,
    /// `group.instance.id`
    pub group_instance_id: Option<String>,
    /// `auto.offset.reset`
    pub auto_offset_reset: OffsetReset,
    /// `enable.auto.commit`
    pub enable_auto_commit: bool,
    /// `auto.commit.interval.ms`
    pub auto_commit_interval_ms: i64,
    /// `session.timeout.ms`
    pub session_timeout_ms: i32,
    /// `heartbeat.interval.ms`
    pub heartbeat_interval_ms: i64,
    /// `max.poll.interval.ms`
    pub max_poll_interval_ms: i32,
    /// `max.poll.records`
    pub max_poll_records: usize,
    /// `fetch.min.bytes`
    pub fetch_min_bytes: i32,
    /// `fetch.max.wait.ms`
    pub fetch_max_wait_ms: i32,
    /// `fetch.max.bytes`
    pub fetch_max_bytes: i32,
    /// `max.partition.fetch.bytes`
    pub max_partition_fetch_bytes: i32,
    /// `isolation.level`: whether to read only committed transactions.
    pub read_committed: bool,
    /// `request.timeout.ms`
    pub request_timeout_ms: i64,
    /// `retry.backoff.ms`
    pub retry_backoff_ms: i64,
    /// `metadata.max.age.ms`
    pub metadata_max_age_ms: i64,
    /// `allow.auto.create.topics`
    pub allow_auto_create_topics: bool,
    /// `partition.assignment.strategy`, best first.
    pub assignors: Vec<Assignor>,
}

impl ConsumerConfig {
    /// Kafka 4's defaults for `client_id` against `bootstrap`.
    pub fn new(client_id: impl Into<String>, bootstrap: Vec<Address>) -> ConsumerConfig {
        ConsumerConfig {
            client_id: client_id.into(),
            bootstrap,
            group_id: None,
            group_protocol: GroupProtocol::Classic,
            group_remote_assignor: None,
            group_instance_id: None,
            auto_offset_reset: OffsetReset::Latest,
            enable_auto_commit: true,
            auto_commit_interval_ms: 5_000,
            session_timeout_ms: 45_000,
            heartbeat_interval_ms: 3_000,
            max_poll_interval_ms: 300_000,
            max_poll_records: 500,
            fetch_min_bytes: 1,
            fetch_max_wait_ms: 500,
            fetch_max_bytes: 52_428_800,
            max_partition_fetch_bytes: 1_048_576,
            read_committed: false,
            request_timeout_ms: 30_000,
            retry_backoff_ms: 100,
            metadata_max_age_ms: 300_000,
            allow_auto_create_topics: true,
            assignors: vec![Assignor::Range, Assignor::CooperativeSticky],
        }
    }
}

/// How a consumer takes part in a group: `group.protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupProtocol {
    /// `classic`: a member assigns partitions, and all stop for a rebalance.
    Classic,
    /// `consumer`: the coordinator assigns partitions, and leads each member there (KIP-848).
    Consumer,
}

/// Where to begin without a committed offset: `auto.offset.reset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OffsetReset {
    /// The oldest record there is.
    Earliest,
    /// Only what comes from now on.
    Latest,
    /// Fail.
    None,
}

/// The client-side assignors, by the names they carry on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Assignor {
    /// `range`
    Range,
    /// `roundrobin`
    RoundRobin,
    /// `sticky`
    Sticky,
    /// `cooperative-sticky`
    CooperativeSticky,
}

/// What a consumer wants to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Subscription {
    /// These topics, shared with the group.
    Topics(Vec<String>),
    /// Every topic whose whole name matches, shared with the group.
    Pattern(String),
    /// Exactly these partitions, without a group's coordination.
    Assign(Vec<TopicPartition>),
}

/// Where to move a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeekTo {
    /// This offset.
    Offset(i64),
    /// The oldest record there is.
    Beginning,
    /// Behind the newest.
    End,
    /// The first record at or after this time, in milliseconds since the Unix epoch.
    Timestamp(i64),
}

/// What happened to a consumer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ConsumerEvent {
    /// It was given partitions in a rebalance.
    Assigned(Vec<TopicPartition>),
    /// It gave partitions back in a rebalance.
    Revoked(Vec<TopicPartition>),
    /// It lost partitions without being asked.
    Lost(Vec<TopicPartition>),
    /// Its coordinator took these offsets.
    Committed(Vec<(TopicPartition, i64)>),
    /// The consumer cannot go on; `poll` would throw this.
    Failed(ClientError),
    /// A line for the client's log.
    Log(LogLine),
    /// `close` is done.
    Closed,
}
