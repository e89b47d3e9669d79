//! What the coordinator is told and what it wants done.

use bytes::Bytes;
use protocol::{Response, Uuid};
use serde::Serialize;

use crate::ids::TopicPartition;
use crate::image::MetadataImage;

/// Names a request that whoever holds the coordinator still has to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RequestToken(pub u64);

/// Names a write to an offsets partition that is on its way. Later writes have greater names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct WriteId(pub u64);

/// Who asks, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestContext {
    /// The answer carries it back.
    pub token: RequestToken,
    /// The client's name for itself, from the request's header.
    pub client_id: String,
    /// Where it is, such as `/127.0.0.1`.
    pub client_host: String,
    /// The version of the request; the answer is for the same one.
    pub api_version: i16,
}

/// One record for an offsets partition, as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoordinatorRecord {
    /// The key, with its leading type number.
    pub key: Bytes,
    /// The value, with its leading version; `None` is a tombstone.
    pub value: Option<Bytes>,
}

/// What the coordinator wants done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum CoordinatorEffect {
    /// Append the records as one batch with `acks=all`, then call
    /// [`super::GroupCoordinator::on_written`], for one partition in the order of appending.
    Append {
        /// A partition of the offsets topic.
        partition: i32,
        /// Never empty.
        records: Vec<CoordinatorRecord>,
        /// What to call back with.
        write: WriteId,
        /// The id and epoch of the producer whose transaction the records are part of.
        producer: Option<(i64, i16)>,
    },
    /// Answer a request. Every token is answered once.
    Respond {
        /// Which request.
        token: RequestToken,
        /// The answer, for the request's version.
        response: Response,
    },
}

/// Names and ids of the topics that exist: OffsetCommit and OffsetFetch speak of ids from version 10.
pub trait TopicResolver {
    /// The id of a topic, if it exists.
    fn id_of(&self, topic: &str) -> Option<Uuid>;
    /// The name of the topic with this id, if it exists.
    fn name_of(&self, id: Uuid) -> Option<String>;
    /// Whether this partition exists.
    fn has(&self, partition: &TopicPartition) -> bool;
    /// How many partitions a topic has; 0 if it does not exist.
    fn partition_count(&self, topic: &str) -> i32;
    /// The names of all topics, in their order.
    fn topic_names(&self) -> Vec<String>;
    /// Goes up with every change of the metadata.
    fn version(&self) -> i64;
    /// What is set on a group itself, if anything.
    fn group_setting(&self, group: &str, key: &str) -> Option<i32>;
}

impl TopicResolver for MetadataImage {
    fn id_of(&self, topic: &str) -> Option<Uuid> {
        self.topic(topic).map(|topic| topic.id)
    }

    fn name_of(&self, id: Uuid) -> Option<String> {
        self.topic_by_id(id).map(|topic| topic.name.clone())
    }

    fn has(&self, partition: &TopicPartition) -> bool {
        self.partition(partition).is_some()
    }

    fn partition_count(&self, topic: &str) -> i32 {
        let topic = self.topic(topic);
        topic.map_or(0, |topic| {
            i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX)
        })
    }

    fn topic_names(&self) -> Vec<String> {
        self.topics().map(|topic| topic.name.clone()).collect()
    }

    fn version(&self) -> i64 {
        self.offset()
    }

    fn group_setting(&self, group: &str, key: &str) -> Option<i32> {
        self.group_overrides(group)?.get(key)?.parse().ok()
    }
}

/// Kafka's settings for groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupConfig {
    /// `offsets.topic.num.partitions`
    pub offsets_partitions: i32,
    /// `group.initial.rebalance.delay.ms`
    pub initial_rebalance_delay_ms: i32,
    /// `group.min.session.timeout.ms`
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`
    pub max_session_timeout_ms: i32,
    /// `group.max.size`
    pub max_size: i32,
    /// `offset.metadata.max.bytes`
    pub offset_metadata_max_bytes: usize,
    /// `offsets.retention.minutes`
    pub offsets_retention_minutes: i32,
    /// `offsets.retention.check.interval.ms`
    pub offsets_retention_check_interval_ms: i64,
    /// `group.consumer.session.timeout.ms`
    pub consumer_session_timeout_ms: i32,
    /// `group.consumer.min.session.timeout.ms`
    pub consumer_min_session_timeout_ms: i32,
    /// `group.consumer.max.session.timeout.ms`
    pub consumer_max_session_timeout_ms: i32,
    /// `group.consumer.heartbeat.interval.ms`
    pub consumer_heartbeat_interval_ms: i32,
    /// `group.consumer.min.heartbeat.interval.ms`
    pub consumer_min_heartbeat_interval_ms: i32,
    /// `group.consumer.max.heartbeat.interval.ms`
    pub consumer_max_heartbeat_interval_ms: i32,
    /// `group.consumer.assignment.interval.ms`
    pub consumer_assignment_interval_ms: i32,
    /// `group.consumer.max.assignment.interval.ms`
    pub consumer_max_assignment_interval_ms: i32,
    /// `group.consumer.max.size`
    pub consumer_max_size: i32,
    /// How long a member that has never had an answer may wait in JoinGroup; not configurable in Kafka.
    pub new_member_join_timeout_ms: i32,
}

impl Default for GroupConfig {
    fn default() -> GroupConfig {
        GroupConfig {
            offsets_partitions: 50,
            initial_rebalance_delay_ms: 3_000,
            min_session_timeout_ms: 6_000,
            max_session_timeout_ms: 1_800_000,
            max_size: i32::MAX,
            offset_metadata_max_bytes: 4_096,
            offsets_retention_minutes: 10_080,
            offsets_retention_check_interval_ms: 600_000,
            consumer_session_timeout_ms: 45_000,
            consumer_min_session_timeout_ms: 45_000,
            consumer_max_session_timeout_ms: 60_000,
            consumer_heartbeat_interval_ms: 5_000,
            consumer_min_heartbeat_interval_ms: 5_000,
            consumer_max_heartbeat_interval_ms: 15_000,
            consumer_assignment_interval_ms: 1_000,
            consumer_max_assignment_interval_ms: 15_000,
            consumer_max_size: i32::MAX,
            new_member_join_timeout_ms: 300_000,
        }
    }
}
