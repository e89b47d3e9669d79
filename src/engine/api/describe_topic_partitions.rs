//! DescribeTopicPartitions: partitions in detail, page by page.

use records::sorted::SortedSet;

use protocol::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use protocol::{ErrorCode, Uuid};

use crate::api::facts::{TOPIC_OPERATIONS, is_internal};
use crate::api::metadata::{leader_for_clients, offline_replicas};
use crate::controller::names;
use crate::image::partition::PartitionImage;
use crate::image::{MetadataImage, TopicImage};

/// The most partitions in one answer, whatever the request says
/// (`max.request.partition.size.limit`).
const MOST_PARTITIONS: i32 = 2000;

/// One page: topics in the order of their names from the cursor on, up to the limit. The cursor of
/// the answer is where the next page starts.
#[inline(never)]
pub fn describe_topic_partitions(
    image: &MetadataImage,
    request: &DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let limit = request.response_partition_limit.clamp(1, MOST_PARTITIONS);
    let mut room = usize::try_from(limit).unwrap_or(1);
    let (from_topic, from_partition) = match &request.cursor {
        Some(cursor) => (cursor.topic_name.as_str(), cursor.partition_index.max(0)),
        None => ("", 0),
    };
    let mut response = DescribeTopicPartitionsResponse::default();
    for name in wanted(image, request, from_topic) {
        if room == 0 {
            response.next_cursor = Some(cursor(name, 0));
            break;
        }
        let Some(topic) = image.topic(name) else {
            response.topics.push(missing(name));
            continue;
        };
        let first = if name == from_topic {
            from_partition
        } else {
            0
        };
        let (described, next) = page(image, topic, first, room);
        room = room.saturating_sub(described.partitions.len());
        response.topics.push(described);
        if let Some(next) = next {
            response.next_cursor = Some(cursor(name, next));
            break;
        }
    }
    response
}

fn wanted<'a>(
    image: &'a MetadataImage,
    request: &'a DescribeTopicPartitionsRequest,
    from: &'a str,
) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    if request.topics.is_empty() {
        return Box::new(image.topics_from(from).map(|topic| topic.name.as_str()));
    }
    let names: SortedSet<&str> = request
        .topics
        .iter()
        .map(|topic| topic.name.as_str())
        .collect();
    Box::new(names.into_iter().filter(move |name| *name >= from))
}

fn page(
    image: &MetadataImage,
    topic: &TopicImage,
    first: i32,
    room: usize,
) -> (DescribeTopicPartitionsResponseTopic, Option<i32>) {
    let mut rest = topic.partitions.range(first..);
    let shown = rest
        .by_ref()
        .take(room)
        .map(|(index, partition)| describe(image, *index, partition));
    let partitions = shown.collect();
    let next = rest.next().map(|(index, _)| *index);
    let described = DescribeTopicPartitionsResponseTopic {
        name: Some(topic.name.clone()),
        topic_id: topic.id,
        is_internal: is_internal(&topic.name),
        partitions,
        topic_authorized_operations: TOPIC_OPERATIONS,
        ..Default::default()
    };
    (described, next)
}

fn describe(
    image: &MetadataImage,
    partition_index: i32,
    partition: &PartitionImage,
) -> DescribeTopicPartitionsResponsePartition {
    let (leader_id, error) = leader_for_clients(image, partition);
    DescribeTopicPartitionsResponsePartition {
        error_code: error.code(),
        partition_index,
        leader_id,
        leader_epoch: partition.leader_epoch,
        replica_nodes: partition.replicas.clone(),
        isr_nodes: partition.isr.clone(),
        eligible_leader_replicas: Some(partition.elr.clone()),
        last_known_elr: Some(partition.last_known_elr.clone()),
        offline_replicas: offline_replicas(image, partition),
    }
}

fn missing(name: &str) -> DescribeTopicPartitionsResponseTopic {
    let error = match names::check(name) {
        Ok(()) => ErrorCode::UnknownTopicOrPartition,
        Err(_) => ErrorCode::InvalidTopicException,
    };
    DescribeTopicPartitionsResponseTopic {
        error_code: error.code(),
        name: Some(name.to_owned()),
        topic_id: Uuid::ZERO,
        is_internal: is_internal(name),
        ..Default::default()
    }
}

fn cursor(topic: &str, partition_index: i32) -> Cursor {
    Cursor {
        topic_name: topic.to_owned(),
        partition_index,
    }
}
