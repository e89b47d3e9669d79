//! What a world stores: its brokers and topics, as the diagram's scene has them.

use records::sorted::Arrange;
use records::sorted::SortedSet;

use engine::ids::TopicPartition;
use engine::image::partition::PartitionImage;
use world::cluster::Cluster;
use world::facts;
use world::world::World;

use super::input::{BrokerIn, Health, PartitionIn, ReplicaIn, ReplicaState, TopicIn};
use super::memory::FlowMemory;
use super::rates::Rates;

/// The brokers, each as healthy as it and the controller say.
pub fn brokers(world: &World, topics: &[TopicIn]) -> Vec<BrokerIn> {
    let Some(cluster) = world.cluster() else {
        return Vec::new();
    };
    let image = cluster.controller().image();
    let replicas = || {
        topics
            .iter()
            .flat_map(|topic| &topic.partitions)
            .flat_map(|p| &p.replicas)
    };
    let behind: SortedSet<i32> = replicas()
        .filter(|r| r.state == ReplicaState::OutOfSync)
        .map(|r| r.broker)
        .collect();
    let controller = cluster.controller().config().node_id;
    cluster
        .brokers()
        .map(|broker| {
            let id = broker.id();
            let health = if image.is_alive(id) {
                if behind.contains(&id) {
                    Health::CatchingUp
                } else {
                    Health::Up
                }
            } else if image.broker(id).is_none() || !broker.is_serving() {
                Health::Starting
            } else {
                Health::Down
            };
            BrokerIn {
                id,
                health,
                controller: id == controller,
            }
        })
        .collect()
}

/// The topics, without their keys.
pub fn topics(
    world: &World,
    memory: &mut FlowMemory,
    rates: &Rates,
    internal: bool,
) -> Vec<TopicIn> {
    let Some(cluster) = world.cluster() else {
        return Vec::new();
    };
    let image = cluster.controller().image();
    let shown = image
        .topics()
        .filter(|topic| internal || !facts::is_internal(&topic.name));
    let mut names: Vec<String> = shown.map(|topic| topic.name.clone()).collect();
    memory.order_topics(&mut names);
    names
        .into_iter()
        .filter_map(|name| {
            let topic = image.topic(&name)?;
            let partitions: Vec<PartitionIn> = topic
                .partitions
                .iter()
                .map(|(id, partition)| {
                    partition_in(
                        cluster,
                        &TopicPartition::new(name.clone(), *id),
                        partition,
                        rates,
                    )
                })
                .collect();
            Some(TopicIn {
                replication: partitions.first().map_or(0, |p| p.replicas.len()),
                keys: Vec::new(),
                rate: partitions.iter().map(|p| p.rate).sum(),
                partitions,
                name,
            })
        })
        .collect()
}

fn partition_in(
    cluster: &Cluster,
    at: &TopicPartition,
    image: &PartitionImage,
    rates: &Rates,
) -> PartitionIn {
    let leader = Some(image.leader).filter(|_| image.has_leader());
    let log = leader
        .and_then(|leader| cluster.broker(leader))
        .and_then(|broker| broker.log(at));
    // While nobody leads, the fullest replica tells what is stored.
    let fullest = || {
        let logs = image
            .replicas
            .iter()
            .filter_map(|id| cluster.broker(*id)?.log(at));
        logs.max_by_key(|log| log.log_end_offset())
    };
    let log = log.or_else(fullest);
    let mut ids = image.replicas.clone();
    ids.arrange();
    let replicas = ids.iter().map(|id| ReplicaIn {
        broker: *id,
        state: match (Some(*id) == leader, image.isr.contains(id)) {
            (true, _) => ReplicaState::Leader,
            (_, true) => ReplicaState::InSync,
            _ => ReplicaState::OutOfSync,
        },
        log_end: cluster
            .broker(*id)
            .and_then(|broker| broker.log(at))
            .map_or(0, |log| log.log_end_offset()),
    });
    PartitionIn {
        id: at.partition,
        leader,
        replicas: replicas.collect(),
        log_start: log.map_or(0, |log| log.log_start_offset()),
        high_watermark: log.map_or(0, |log| log.high_watermark()),
        log_end: log.map_or(0, |log| log.log_end_offset()),
        rate: rates.partition(at),
    }
}
