//! Metadata: the brokers and topics of the cluster.

use protocol::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker,
    MetadataResponsePartition, MetadataResponseTopic,
};
use protocol::{ErrorCode, Uuid};

use crate::api::facts::{
    BrokerFacts, CLUSTER_OPERATIONS, NO_AUTHORIZED_OPERATIONS, TOPIC_OPERATIONS, is_internal,
};
use crate::controller::names;
use crate::ids::BrokerId;
use crate::image::partition::PartitionImage;
use crate::image::{MetadataImage, TopicImage};

/// The first version in which topics may be asked for by id.
const FIRST_VERSION_BY_ID: i16 = 12;

/// The answer as far as the image has it. A topic that is asked for by name and does not exist is
/// [`ErrorCode::UnknownTopicOrPartition`]; if the broker makes it ([`topics_to_create`]), a later
/// answer has it, not this one.
pub fn metadata(
    image: &MetadataImage,
    facts: &BrokerFacts,
    request: &MetadataRequest,
    version: i16,
) -> MetadataResponse {
    let brokers = image.alive_brokers().map(|broker| MetadataResponseBroker {
        node_id: broker.id,
        host: broker.endpoint.host.clone(),
        port: i32::from(broker.endpoint.port),
        rack: broker.rack.clone(),
    });
    let mut topics: Vec<MetadataResponseTopic> = match wanted(request, version) {
        None => image.topics().map(|topic| found(image, topic)).collect(),
        Some(wanted) => wanted
            .iter()
            .map(|topic| look_up(image, topic, version))
            .collect(),
    };
    if request.include_topic_authorized_operations {
        for topic in topics.iter_mut().filter(|topic| topic.error_code == 0) {
            topic.topic_authorized_operations = TOPIC_OPERATIONS;
        }
    }
    let cluster_authorized_operations = if request.include_cluster_authorized_operations {
        CLUSTER_OPERATIONS
    } else {
        NO_AUTHORIZED_OPERATIONS
    };
    MetadataResponse {
        brokers: brokers.collect(),
        cluster_id: Some(facts.cluster_id.clone()),
        controller_id: controller_id(image, facts),
        topics,
        cluster_authorized_operations,
        ..Default::default()
    }
}

/// The names that are asked for, may be made, and do not exist yet.
pub fn topics_to_create(image: &MetadataImage, request: &MetadataRequest) -> Vec<String> {
    if !request.allow_auto_topic_creation {
        return Vec::new();
    }
    let names = request
        .topics
        .iter()
        .flatten()
        .filter(|topic| topic.topic_id == Uuid::ZERO);
    let names = names.filter_map(|topic| topic.name.clone());
    names
        .filter(|name| names::check(name).is_ok() && image.topic(name).is_none())
        .collect()
}

/// The node that clients are told to be the controller. Any broker passes their requests on, so
/// one that lives is named.
pub fn controller_id(image: &MetadataImage, facts: &BrokerFacts) -> BrokerId {
    if image.is_alive(facts.controller_id) {
        return facts.controller_id;
    }
    image.alive_brokers().next().map_or(-1, |broker| broker.id)
}

/// The replicas of a partition that cannot serve now.
pub fn offline_replicas(image: &MetadataImage, partition: &PartitionImage) -> Vec<BrokerId> {
    partition
        .replicas
        .iter()
        .copied()
        .filter(|broker| !image.is_alive(*broker))
        .collect()
}

/// The leader that clients are told, and the error if there is none.
pub fn leader_for_clients(
    image: &MetadataImage,
    partition: &PartitionImage,
) -> (BrokerId, ErrorCode) {
    if partition.has_leader() && image.is_alive(partition.leader) {
        (partition.leader, ErrorCode::None)
    } else {
        (-1, ErrorCode::LeaderNotAvailable)
    }
}

/// What is asked for; `None` is everything. Version 0 had no null, and asked for everything with an
/// empty list.
fn wanted(request: &MetadataRequest, version: i16) -> Option<&[MetadataRequestTopic]> {
    let topics = request.topics.as_deref()?;
    if version == 0 && topics.is_empty() {
        None
    } else {
        Some(topics)
    }
}

fn look_up(
    image: &MetadataImage,
    wanted: &MetadataRequestTopic,
    version: i16,
) -> MetadataResponseTopic {
    let refused = |error: ErrorCode| MetadataResponseTopic {
        error_code: error.code(),
        name: wanted.name.clone(),
        topic_id: wanted.topic_id,
        is_internal: wanted.name.as_deref().is_some_and(is_internal),
        ..Default::default()
    };
    // Versions 10 and 11 carry ids, but Kafka serves them from 12 on.
    let by_id = wanted.topic_id != Uuid::ZERO;
    if version < FIRST_VERSION_BY_ID && (by_id || wanted.name.is_none()) {
        return MetadataResponseTopic {
            name: Some(wanted.name.clone().unwrap_or_default()),
            ..refused(ErrorCode::InvalidRequest)
        };
    }
    if by_id {
        // Asked by id, the answer has no name when nobody has the id.
        let unknown = || MetadataResponseTopic {
            name: None,
            ..refused(ErrorCode::UnknownTopicId)
        };
        return image
            .topic_by_id(wanted.topic_id)
            .map_or_else(unknown, |topic| found(image, topic));
    }
    let name = wanted.name.as_deref().unwrap_or_default();
    match image.topic(name) {
        Some(topic) => found(image, topic),
        None if names::check(name).is_err() => refused(ErrorCode::InvalidTopicException),
        None => refused(ErrorCode::UnknownTopicOrPartition),
    }
}

fn found(image: &MetadataImage, topic: &TopicImage) -> MetadataResponseTopic {
    let partitions = topic
        .partitions
        .iter()
        .map(|(&partition_index, partition)| {
            let (leader_id, error) = leader_for_clients(image, partition);
            MetadataResponsePartition {
                error_code: error.code(),
                partition_index,
                leader_id,
                leader_epoch: partition.leader_epoch,
                replica_nodes: partition.replicas.clone(),
                isr_nodes: partition.isr.clone(),
                offline_replicas: offline_replicas(image, partition),
            }
        });
    MetadataResponseTopic {
        name: Some(topic.name.clone()),
        topic_id: topic.id,
        is_internal: is_internal(&topic.name),
        partitions: partitions.collect(),
        ..Default::default()
    }
}
