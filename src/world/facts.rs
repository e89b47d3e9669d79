//! Facts of the cluster, read from across its machines: for the picture, the tables and the checks
//! of walkthroughs. Nothing here changes anything.

use records::sorted::SortedMap;

use bytes::Bytes;
use engine::group::Group;
use engine::ids::{BrokerId, TopicPartition};
use engine::log::PartitionLog;
use records::{Batch, Batches, RecordView, open};

use crate::client::{Body, Client};
use crate::input::ClientId;
use crate::world::World;

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRecord {
    /// Its offset.
    pub offset: i64,
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Whether the broker set the timestamp.
    pub log_append_time: bool,
    /// The key, shared with the log.
    pub key: Option<Bytes>,
    /// The value, shared with the log.
    pub value: Option<Bytes>,
    /// Headers in order, duplicates kept.
    pub headers: Vec<(String, Option<Bytes>)>,
    /// Bytes that the record takes in its batch, roughly: key, value and headers.
    pub size: usize,
}

/// How many brokers are registered and not fenced.
pub fn brokers_alive(world: &World) -> usize {
    world.cluster().map_or(0, |cluster| {
        cluster.controller().image().alive_brokers().count()
    })
}

/// The broker that leads a partition, as the controller has it.
pub fn leader_of(world: &World, partition: &TopicPartition) -> Option<BrokerId> {
    let image = world.cluster()?.controller().image();
    Some(image.partition(partition)?.leader).filter(|leader| *leader >= 0)
}

/// A partition's log as its leader has it.
pub fn leader_log<'a>(world: &'a World, partition: &TopicPartition) -> Option<&'a PartitionLog> {
    world
        .cluster()?
        .broker(leader_of(world, partition)?)?
        .log(partition)
}

/// Whether a topic exists and every partition's leader has taken it up.
pub fn topic_is_led(world: &World, topic: &str) -> bool {
    let partitions = partitions_of(world, topic);
    !partitions.is_empty() && partitions.iter().all(|p| leader_log(world, p).is_some())
}

/// The partitions of a topic.
pub fn partitions_of(world: &World, topic: &str) -> Vec<TopicPartition> {
    let image = world
        .cluster()
        .and_then(|cluster| cluster.controller().image().topic(topic));
    let numbers = image.into_iter().flat_map(|topic| topic.partitions.keys());
    numbers
        .map(|number| TopicPartition::new(topic, *number))
        .collect()
}

/// The first offset of a partition that can be read.
pub fn log_start(world: &World, partition: &TopicPartition) -> Option<i64> {
    leader_log(world, partition).map(PartitionLog::log_start_offset)
}

/// Log end offsets of every partition of the topics that users made.
pub fn log_ends(world: &World) -> SortedMap<TopicPartition, i64> {
    user_partitions(world)
        .filter_map(|partition| {
            let end = leader_log(world, &partition)?.log_end_offset();
            Some((partition, end))
        })
        .collect()
}

/// Every partition of the topics that users made.
pub fn user_partitions(world: &World) -> impl Iterator<Item = TopicPartition> + '_ {
    let topics = world
        .cluster()
        .into_iter()
        .flat_map(|c| c.controller().image().topics());
    topics
        .filter(|topic| !is_internal(&topic.name))
        .flat_map(|topic| {
            topic
                .partitions
                .keys()
                .map(|number| TopicPartition::new(topic.name.clone(), *number))
        })
}

/// Whether Kafka itself keeps things in a topic of this name.
pub fn is_internal(topic: &str) -> bool {
    topic.starts_with("__")
}

/// How many records a topic holds now.
pub fn records_stored(world: &World, topic: &str) -> u64 {
    let stored = |partition: &TopicPartition| {
        let log = leader_log(world, partition)?;
        u64::try_from(log.log_end_offset().saturating_sub(log.log_start_offset())).ok()
    };
    partitions_of(world, topic).iter().filter_map(stored).sum()
}

/// One stored record, as its partition's leader has it.
pub fn record(world: &World, partition: &TopicPartition, offset: i64) -> Option<StoredRecord> {
    records_from(world, partition, offset)
        .next()
        .filter(|record| record.offset == offset)
}

/// The stored records of a partition from an offset on.
pub fn records_from<'a>(
    world: &'a World,
    partition: &TopicPartition,
    offset: i64,
) -> impl Iterator<Item = StoredRecord> + 'a {
    let log = leader_log(world, partition);
    log.into_iter()
        .flat_map(move |log| log.batches_from(offset))
        .filter(|batch| !batch.is_control)
        .flat_map(|batch| stored_records(&batch.bytes))
        .filter(move |record| record.offset >= offset)
}

/// The groups, each as its coordinator has it.
pub fn groups(world: &World) -> Vec<&Group> {
    let brokers = world
        .cluster()
        .into_iter()
        .flat_map(|cluster| cluster.brokers());
    brokers
        .flat_map(|broker| broker.groups().groups())
        .collect()
}

/// One group, as its coordinator has it.
pub fn group<'a>(world: &'a World, id: &str) -> Option<&'a Group> {
    groups(world).into_iter().find(|group| group.id == id)
}

/// A group's lag: records below the high watermark and not committed, over the partitions that it
/// committed an offset for or that its members own.
pub fn group_lag(world: &World, group: &Group) -> u64 {
    let committed = group
        .offsets
        .iter()
        .filter_map(|(partition, committed)| lag(world, partition, Some(committed.offset)));
    let owned_only = members_of(world, &group.id).flat_map(|(_, client)| owned(client));
    let uncommitted = owned_only
        .filter(|partition| !group.offsets.contains_key(partition))
        .filter_map(|partition| lag(world, &partition, None));
    committed.chain(uncommitted).sum()
}

/// Records of a partition below the high watermark and not committed; all of them if nothing is.
pub fn lag(world: &World, partition: &TopicPartition, committed: Option<i64>) -> Option<u64> {
    let log = leader_log(world, partition)?;
    let from = committed.unwrap_or_else(|| log.log_start_offset());
    u64::try_from(log.high_watermark().saturating_sub(from).max(0)).ok()
}

/// The consumers of this world that are of a group.
pub fn members_of<'a>(
    world: &'a World,
    group: &'a str,
) -> impl Iterator<Item = (ClientId, &'a Client)> {
    world
        .clients()
        .filter(move |(_, client)| group_name(client) == Some(group))
}

/// The group that a client is of.
pub fn group_of(world: &World, id: ClientId) -> Option<String> {
    group_name(world.client(id)?).map(str::to_owned)
}

/// The consumer of this world that owns a partition in a group.
pub fn owner_of(world: &World, group: &str, partition: &TopicPartition) -> Option<ClientId> {
    members_of(world, group)
        .find(|(_, client)| owned(client).contains(partition))
        .map(|(id, _)| id)
}

fn group_name(client: &Client) -> Option<&str> {
    match &client.body {
        Body::Consumer(consumer) => consumer.config().group_id.as_deref(),
        Body::Producer(_) | Body::Admin(_) => None,
    }
}

fn owned(client: &Client) -> Vec<TopicPartition> {
    match &client.body {
        Body::Consumer(consumer) => consumer.assignment().into_iter().collect(),
        Body::Producer(_) | Body::Admin(_) => Vec::new(),
    }
}

/// The records of stored batches; none of one that is damaged.
pub fn stored_records(batch: &Bytes) -> Vec<StoredRecord> {
    let mut stored = Vec::new();
    for batch_view in Batches::new(batch).flatten() {
        let log_append_time =
            batch_view.header.timestamp_type() == records::TimestampType::LogAppendTime;
        let Ok(plain) = open(&batch.slice_ref(batch_view.bytes)) else {
            continue;
        };
        let records = Batch::parse(&plain).and_then(|opened| opened.records());
        stored.extend(
            records
                .into_iter()
                .flatten()
                .flatten()
                .map(|record| owned_record(&plain, &record, log_append_time)),
        );
    }
    stored
}

fn owned_record(batch: &Bytes, record: &RecordView<'_>, log_append_time: bool) -> StoredRecord {
    let share = |part: &[u8]| batch.slice_ref(part);
    let headers: Vec<(String, Option<Bytes>)> = record
        .headers()
        .map(|header| (header.name().into_owned(), header.value.map(share)))
        .collect();
    let length = |part: Option<&[u8]>| part.map_or(0, <[u8]>::len);
    let header_bytes: usize = headers
        .iter()
        .map(|(k, v)| k.len() + v.as_ref().map_or(0, Bytes::len))
        .sum();
    StoredRecord {
        offset: record.offset,
        timestamp: record.timestamp,
        log_append_time,
        key: record.key.map(share),
        value: record.value.map(share),
        headers,
        size: length(record.key) + length(record.value) + header_bytes,
    }
}
