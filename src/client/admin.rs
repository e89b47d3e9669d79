//! The admin client: one call, one answer, with the retries and routing the Java client does.
//!
//! - [`Admin`]: the machine: submits calls, routes and retries them
//! - `plan`: what a call asks, of whom
//! - `request`, `answer`, `groups`, `log_dirs`: a call's items to requests, and responses to results
//! - `progress`: what answers do to calls

mod answer;
mod groups;
mod log_dirs;
mod machine;
mod plan;
mod progress;
mod request;

pub use machine::Admin;

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use engine::net::Address;
use serde::{Deserialize, Serialize};

use crate::event::{ClientError, LogLine};

/// What an admin client is told at its start. Names and defaults are the Java client's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdminConfig {
    /// `client.id`
    pub client_id: String,
    /// `bootstrap.servers`
    pub bootstrap: Vec<Address>,
    /// `request.timeout.ms`
    pub request_timeout_ms: i64,
    /// `default.api.timeout.ms`
    pub default_api_timeout_ms: i64,
    /// `retry.backoff.ms`
    pub retry_backoff_ms: i64,
}

impl AdminConfig {
    /// Kafka 4's defaults for `client_id` against `bootstrap`.
    pub fn new(client_id: impl Into<String>, bootstrap: Vec<Address>) -> AdminConfig {
        AdminConfig {
            client_id: client_id.into(),
            bootstrap,
            request_timeout_ms: 30_000,
            default_api_timeout_ms: 60_000,
            retry_backoff_ms: 100,
        }
    }
}

/// Names one call of an admin client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CallId(pub u64);

/// A topic to create.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions, or `None` for the broker's `num.partitions`.
    pub partitions: Option<i32>,
    /// How many replicas each, or `None` for the broker's `default.replication.factor`.
    pub replication_factor: Option<i16>,
    /// Brokers for each partition, if chosen by hand.
    pub assignments: SortedMap<i32, Vec<i32>>,
    /// Configurations that differ from the defaults.
    pub configs: Vec<(String, String)>,
}

/// A topic that is to have more partitions: its name, their new number, and the brokers of each
/// new one if chosen by hand.
pub type MorePartitions = (String, i32, Option<Vec<Vec<i32>>>);

/// Which offset `ListOffsets` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OffsetSpec {
    /// -2: the oldest record there is.
    Earliest,
    /// -1: behind the newest record that consumers may read.
    Latest,
    /// -3: the record with the largest timestamp.
    MaxTimestamp,
    /// -4: the oldest record on the broker's own disk.
    EarliestLocal,
    /// -5: the newest record in tiered storage.
    LatestTiered,
    /// The first record at or after this time, in milliseconds since the Unix epoch.
    Timestamp(i64),
}

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AdminCall {
    /// Creates topics.
    CreateTopics(Vec<NewTopic>),
    /// Deletes topics by name.
    DeleteTopics(Vec<String>),
    /// Lists topic names.
    ListTopics,
    /// Describes topics by name (partitions, leaders, replicas).
    DescribeTopics(Vec<String>),
    /// Raises the number of partitions.
    CreatePartitions(Vec<MorePartitions>),
    /// Describes the configurations of topics.
    DescribeTopicConfigs(Vec<String>),
    /// Sets (`Some`) or resets (`None`) configurations of a topic.
    AlterTopicConfigs(String, Vec<(String, Option<String>)>),
    /// Looks offsets up.
    ListOffsets(Vec<(TopicPartition, OffsetSpec)>),
    /// Deletes records before an offset (-1: before the high watermark).
    DeleteRecords(Vec<(TopicPartition, i64)>),
    /// Lists groups of every broker.
    ListGroups,
    /// Describes groups.
    DescribeGroups(Vec<String>),
    /// Committed offsets of a group: of these partitions, or of all.
    ListGroupOffsets(String, Option<Vec<TopicPartition>>),
    /// Commits offsets for a group that has no members.
    AlterGroupOffsets(String, Vec<(TopicPartition, i64)>),
    /// Forgets offsets of a group.
    DeleteGroupOffsets(String, Vec<TopicPartition>),
    /// Deletes groups.
    DeleteGroups(Vec<String>),
    /// Takes members out of a group by instance id, or all of them.
    RemoveMembers(String, Vec<String>),
    /// Describes the cluster: brokers and controller.
    DescribeCluster,
    /// Describes the log directories of these brokers.
    DescribeLogDirs(Vec<i32>),
}

/// One partition as described.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartitionDescription {
    /// Its number.
    pub partition: i32,
    /// The leader's broker id, -1 for none.
    pub leader: i32,
    /// Replicas, preferred leader first.
    pub replicas: Vec<i32>,
    /// In-sync replicas.
    pub isr: Vec<i32>,
    /// Eligible leader replicas, if told.
    pub elr: Vec<i32>,
    /// Last known eligible leader replicas, if told.
    pub last_known_elr: Vec<i32>,
}

/// A topic as described.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicDescription {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Whether Kafka itself keeps things there.
    pub internal: bool,
    /// Its partitions by number.
    pub partitions: Vec<PartitionDescription>,
}

/// One configuration entry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConfigEntry {
    /// Name.
    pub name: String,
    /// Value, `None` if hidden.
    pub value: Option<String>,
    /// Where the value is from, as DescribeConfigs numbers it (1 = set on the topic, 5 = default).
    pub source: i8,
}

/// A group in a listing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupListing {
    /// Its id.
    pub group_id: String,
    /// `consumer`, or empty for a group that only committed offsets.
    pub protocol_type: String,
    /// Such as `Stable`.
    pub state: String,
    /// Such as `classic`.
    pub group_type: String,
}

/// A member of a described group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberDescription {
    /// Member id.
    pub member_id: String,
    /// `group.instance.id`
    pub instance_id: Option<String>,
    /// `client.id`
    pub client_id: String,
    /// Host as the coordinator saw it, such as `/127.0.0.1`.
    pub host: String,
    /// Partitions it owns.
    pub assignment: Vec<TopicPartition>,
    /// Its epoch, in a group of the consumer protocol.
    pub epoch: Option<i32>,
    /// Partitions it is to own, in a group of the consumer protocol.
    pub target: Vec<TopicPartition>,
}

/// A group as described.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupDescription {
    /// Its id.
    pub group_id: String,
    /// Such as `Stable`.
    pub state: String,
    /// `consumer` or empty.
    pub protocol_type: String,
    /// The assignor's name, or empty.
    pub protocol: String,
    /// The epoch of a group of the consumer protocol, and of its target assignment.
    pub epochs: Option<(i32, i32)>,
    /// Members as the coordinator lists them.
    pub members: Vec<MemberDescription>,
    /// The coordinator: broker id and address.
    pub coordinator: (i32, Address),
}

/// An offset that a group has committed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupOffset {
    /// Of which partition.
    pub partition: TopicPartition,
    /// The offset to go on at.
    pub offset: i64,
    /// The leader epoch of the record before it, if the committer told.
    pub leader_epoch: Option<i32>,
    /// What the committer noted with it.
    pub metadata: String,
}

/// What was found for one partition by `ListOffsets`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundOffset {
    /// The offset, -1 if there is none.
    pub offset: i64,
    /// The record's timestamp, -1 if not told.
    pub timestamp: i64,
    /// The leader epoch, -1 if not told.
    pub leader_epoch: i32,
}

/// A directory in which a broker keeps logs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogDirDescription {
    /// Its path.
    pub path: String,
    /// What is wrong with it, if anything.
    pub error: Option<ClientError>,
    /// The replicas in it.
    pub replicas: Vec<ReplicaInfo>,
    /// The size of its volume in bytes, -1 if not told.
    pub total_bytes: i64,
    /// How much of the volume is free, in bytes, -1 if not told.
    pub usable_bytes: i64,
}

/// A replica in a log directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplicaInfo {
    /// Of which partition.
    pub partition: TopicPartition,
    /// Bytes of its log.
    pub size: i64,
    /// How many records it is behind; -1 if not known.
    pub offset_lag: i64,
    /// Whether it is being moved here from another directory.
    pub is_future: bool,
}

/// Per-item outcome.
pub type Outcome<T> = Result<T, ClientError>;

/// The answer to a call; items in the order asked unless said otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum AdminAnswer {
    /// To `CreateTopics`: each topic's id.
    CreateTopics(Vec<(String, Outcome<String>)>),
    /// To `DeleteTopics`.
    DeleteTopics(Vec<(String, Outcome<()>)>),
    /// To `ListTopics`: name, id, internal; by name.
    ListTopics(Vec<(String, String, bool)>),
    /// To `DescribeTopics`.
    DescribeTopics(Vec<(String, Outcome<TopicDescription>)>),
    /// To `CreatePartitions`.
    CreatePartitions(Vec<(String, Outcome<()>)>),
    /// To `DescribeTopicConfigs`.
    DescribeTopicConfigs(Vec<(String, Outcome<Vec<ConfigEntry>>)>),
    /// To `AlterTopicConfigs`.
    AlterTopicConfigs(Outcome<()>),
    /// To `ListOffsets`.
    ListOffsets(Vec<(TopicPartition, Outcome<FoundOffset>)>),
    /// To `DeleteRecords`: each partition's new low watermark.
    DeleteRecords(Vec<(TopicPartition, Outcome<i64>)>),
    /// To `ListGroups`.
    ListGroups(Vec<GroupListing>),
    /// To `DescribeGroups`.
    DescribeGroups(Vec<(String, Outcome<GroupDescription>)>),
    /// To `ListGroupOffsets`: of each partition that has one.
    ListGroupOffsets(Outcome<Vec<GroupOffset>>),
    /// To `AlterGroupOffsets`.
    AlterGroupOffsets(Vec<(TopicPartition, Outcome<()>)>),
    /// To `DeleteGroupOffsets`.
    DeleteGroupOffsets(Outcome<Vec<(TopicPartition, Outcome<()>)>>),
    /// To `DeleteGroups`.
    DeleteGroups(Vec<(String, Outcome<()>)>),
    /// To `RemoveMembers`.
    RemoveMembers(Outcome<()>),
    /// To `DescribeCluster`: cluster id, controller, brokers.
    DescribeCluster(String, i32, Vec<(i32, Address)>),
    /// To `DescribeLogDirs`: each broker's directories.
    DescribeLogDirs(Vec<(i32, Outcome<Vec<LogDirDescription>>)>),
}

/// What happened to an admin client.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum AdminEvent {
    /// A call ended. `Err` if the call as a whole failed, by time-out for example.
    Done(CallId, Outcome<AdminAnswer>),
    /// A line for the client's log.
    Log(LogLine),
}
