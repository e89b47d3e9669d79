//! The scene of a sitting: what its world holds and what the user chose to see.

use std::collections::{BTreeMap, BTreeSet};

use client::consumer::Consumer;
use engine::group::Group;
use engine::ids::TopicPartition;
use engine::image::partition::PartitionImage;
use protocol::consumer_protocol::ConsumerProtocolAssignment;
use session::layout::Arrange;
use session::session::Session;
use world::client::{Body, Client};
use world::cluster::Cluster;
use world::facts;
use world::input::ClientId;
use world::world::World;

use super::input::{
    Arrangement, AssignedIn, BrokerIn, FlowInput, FlowSettings, Form, GroupIn, Health, Leg,
    MemberIn, PartitionIn, ProducerIn, ReplicaIn, ReplicaState, TopicIn,
};
use super::layout::layout;
use super::measure::Measure;
use super::memory::FlowMemory;
use super::producers::SPARKS;
use super::rates::Rates;
use super::travels::travels;
use super::view::FlowView;

/// How much larger the projector shows everything.
const PROJECTOR: f64 = 1.35;

/// What only the page knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Width and height of the canvas, in CSS pixels.
    pub viewport: (f64, f64),
    /// How far the canvas is scrolled down, in CSS pixels.
    pub scroll: f64,
    /// Desk or phone.
    pub form: Form,
    /// Whether the system asks for reduced motion.
    pub still: bool,
    /// Client groups and consumer groups that show all they hold.
    pub expanded: BTreeSet<String>,
}

/// The diagram of a sitting.
pub fn view(session: &Session, page: &Page, memory: &mut FlowMemory, measure: Measure) -> FlowView {
    let input = scene(session, page, memory);
    layout(&input, &mut memory.records(session.world()), measure)
}

/// The scene of a sitting.
pub fn scene(session: &Session, page: &Page, memory: &mut FlowMemory) -> FlowInput {
    let world = session.world();
    memory.begin(world);
    let rates = Rates::of(session.journal());
    let topics = topics(world, memory, &rates, session.flow().show_internal);
    let groups = groups(world, memory, &rates, &topics);
    let travels = travels(world, memory, &|client| member_of(&groups, client));
    let producers = producers(world, memory, &rates, &travels);
    FlowInput {
        now: world.now(),
        brokers: brokers(world, &topics),
        topics: topics
            .into_iter()
            .map(|topic| TopicIn {
                keys: memory.keys_of(&topic.name),
                ..topic
            })
            .collect(),
        groups,
        producers,
        travels,
        settings: settings(session, page),
    }
}

fn settings(session: &Session, page: &Page) -> FlowSettings {
    let flow = session.flow();
    let larger = if session.layout().projector {
        PROJECTOR
    } else {
        1.0
    };
    FlowSettings {
        selection: session.selection().cloned(),
        filter: flow.filter.clone(),
        zoom: f64::from(flow.zoom) / 100.0 * larger,
        viewport: page.viewport,
        scroll: page.scroll,
        form: page.form,
        arrangement: match flow.arrange {
            Arrange::Topics => Arrangement::Topics,
            Arrange::Brokers => Arrangement::Brokers,
        },
        scrolled: flow.scrolled.clone(),
        toggled_topics: flow.toggled_topics.clone(),
        expanded: page.expanded.clone(),
        still: page.still,
        ..FlowSettings::default()
    }
}

fn brokers(world: &World, topics: &[TopicIn]) -> Vec<BrokerIn> {
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
    let behind: BTreeSet<i32> = replicas()
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

fn topics(world: &World, memory: &mut FlowMemory, rates: &Rates, internal: bool) -> Vec<TopicIn> {
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
    ids.sort_unstable();
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

fn producers(
    world: &World,
    memory: &mut FlowMemory,
    rates: &Rates,
    travels: &[super::input::Travel],
) -> Vec<ProducerIn> {
    let producers = world
        .clients()
        .filter(|(_, client)| matches!(client.body, Body::Producer(_)));
    let all: Vec<ProducerIn> = producers
        .map(|(id, client)| {
            let under_way = travels.iter().filter_map(|travel| match travel.leg {
                Leg::Produce { producer } if producer == id => Some(&travel.at),
                _ => None,
            });
            let targets: BTreeSet<&TopicPartition> =
                client.stats.partitions.keys().chain(under_way).collect();
            let workload = client.workload().map(|state| &state.workload);
            let rate =
                workload.map(|workload| 1_000_000.0 / (workload.interval_micros.max(1)) as f64);
            ProducerIn {
                id,
                client_id: client.client_id.clone(),
                keys: memory.producer_keys.get(&id).map_or(0, BTreeSet::len),
                sent: client.stats.sent,
                rate,
                history: workload
                    .map(|w| rates.history(&w.topic, SPARKS))
                    .unwrap_or_default(),
                targets: targets
                    .into_iter()
                    .map(|at| (at.clone(), rates.partition(at)))
                    .collect(),
                paused: false,
                error: None,
            }
        })
        .collect();
    memory
        .producer_keys
        .retain(|id, _| all.iter().any(|producer| producer.id == *id));
    all
}

fn groups(
    world: &World,
    memory: &mut FlowMemory,
    rates: &Rates,
    topics: &[TopicIn],
) -> Vec<GroupIn> {
    let coordinated: BTreeMap<&str, &Group> = facts::groups(world)
        .into_iter()
        .map(|group| (group.id.as_str(), group))
        .collect();
    let mut consumers: BTreeMap<String, Vec<(ClientId, &Client, &Consumer)>> = BTreeMap::new();
    for (id, client) in world.clients() {
        let Body::Consumer(consumer) = &client.body else {
            continue;
        };
        let name = consumer
            .config()
            .group_id
            .clone()
            .unwrap_or_else(|| client.client_id.clone());
        consumers
            .entry(name)
            .or_default()
            .push((id, client, consumer));
    }
    let names: BTreeSet<&str> = coordinated
        .keys()
        .copied()
        .chain(consumers.keys().map(String::as_str))
        .collect();
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    memory.order_groups(&mut names);
    let groups: Vec<GroupIn> = names
        .into_iter()
        .map(|name| {
            let mine = consumers.get(&name).map(Vec::as_slice).unwrap_or_default();
            group_in(
                &name,
                coordinated.get(name.as_str()).copied(),
                mine,
                rates,
                topics,
            )
        })
        .collect();
    with_replays(groups, memory, topics)
}

fn group_in(
    name: &str,
    group: Option<&Group>,
    consumers: &[(ClientId, &Client, &Consumer)],
    rates: &Rates,
    topics: &[TopicIn],
) -> GroupIn {
    let shown = |at: &TopicPartition| topics.iter().any(|topic| topic.name == at.topic);
    let committed: BTreeMap<TopicPartition, i64> = match group {
        Some(group) => group
            .offsets
            .iter()
            .map(|(at, offset)| (at.clone(), offset.offset))
            .collect(),
        None => consumers
            .iter()
            .flat_map(|(_, _, consumer)| consumer.committed())
            .collect(),
    };
    let mut members: Vec<MemberIn> = Vec::new();
    for (id, client, consumer) in consumers {
        members.push(member_in(*id, client, consumer, rates));
    }
    let known: BTreeSet<&str> = consumers
        .iter()
        .filter_map(|(_, _, consumer)| consumer.member_id())
        .collect();
    let strangers = group
        .into_iter()
        .flat_map(|group| group.members.values())
        .filter(|m| !known.contains(m.id.as_str()));
    members.extend(strangers.map(|member| MemberIn {
        id: member.id.clone(),
        client: None,
        name: member.client_id.clone(),
        assigned: assignment(&member.assignment, rates),
        note: None,
        error: None,
    }));
    number(&mut members);
    for member in &mut members {
        member.assigned.retain(|assigned| shown(&assigned.at));
    }
    GroupIn {
        name: name.to_owned(),
        state: state(group, consumers),
        replay: None,
        committed: committed.into_iter().filter(|(at, _)| shown(at)).collect(),
        members,
    }
}

fn state(group: Option<&Group>, consumers: &[(ClientId, &Client, &Consumer)]) -> String {
    let alone = consumers
        .iter()
        .all(|(_, _, consumer)| consumer.config().group_id.is_none());
    match group {
        Some(group) => group.state.name().to_owned(),
        None if alone && !consumers.is_empty() => "No group".to_owned(),
        None if consumers
            .iter()
            .any(|(_, _, consumer)| !consumer.assignment().is_empty()) =>
        {
            "Stable".to_owned()
        }
        None => "Joining".to_owned(),
    }
}

fn member_in(id: ClientId, client: &Client, consumer: &Consumer, rates: &Rates) -> MemberIn {
    let positions = consumer.positions();
    let assigned: Vec<AssignedIn> = consumer
        .assignment()
        .into_iter()
        .map(|at| AssignedIn {
            position: positions.get(&at).copied(),
            rate: rates.partition(&at),
            at,
        })
        .collect();
    let note = match (
        client.is_closing(),
        assigned.is_empty(),
        consumer.generation() < 0,
    ) {
        (true, ..) => Some("leaving".to_owned()),
        (_, true, true) => Some("joining".to_owned()),
        (_, true, false) => Some("idle".to_owned()),
        _ => None,
    };
    MemberIn {
        // Between joining and its first answer a member has no id; the client's number stands in.
        id: consumer
            .member_id()
            .map_or_else(|| format!("client {}", id.0), str::to_owned),
        client: Some(id),
        name: client.client_id.clone(),
        assigned,
        note,
        error: None,
    }
}

fn assignment(bytes: &bytes::Bytes, rates: &Rates) -> Vec<AssignedIn> {
    let Ok((_, decoded)) = <ConsumerProtocolAssignment as protocol::Versioned>::decode(bytes)
    else {
        return Vec::new();
    };
    let topics = decoded.assigned_partitions.into_iter();
    let all = topics.flat_map(|topic| {
        let name = topic.topic;
        topic
            .partitions
            .into_iter()
            .map(move |partition| TopicPartition::new(name.clone(), partition))
    });
    all.map(|at| AssignedIn {
        position: None,
        rate: rates.partition(&at),
        at,
    })
    .collect()
}

/// Members that share a client id are numbered: a console consumer's id is the same everywhere.
fn number(members: &mut [MemberIn]) {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for member in members.iter() {
        *sizes.entry(member.name.clone()).or_default() += 1;
    }
    let mut next: BTreeMap<String, usize> = BTreeMap::new();
    for member in members {
        if sizes.get(&member.name).is_some_and(|n| *n > 1) {
            let n = next.entry(member.name.clone()).or_default();
            *n = n.saturating_add(1);
            member.name = format!("{}-{n}", member.name);
        }
    }
}

fn with_replays(
    mut groups: Vec<GroupIn>,
    memory: &mut FlowMemory,
    topics: &[TopicIn],
) -> Vec<GroupIn> {
    let find = |at: &TopicPartition| {
        let topic = topics.iter().find(|topic| topic.name == at.topic)?;
        topic
            .partitions
            .iter()
            .find(|partition| partition.id == at.partition)
    };
    for group in &mut groups {
        for assigned in group.members.iter().flat_map(|member| &member.assigned) {
            if let (Some(position), Some(p)) = (assigned.position, find(&assigned.at)) {
                memory.replays.note(
                    &group.name,
                    &assigned.at,
                    position,
                    p.log_start,
                    p.high_watermark,
                );
            }
        }
    }
    memory.replays.keep(|name, at| {
        let group = groups.iter().find(|group| group.name == name);
        group.is_some_and(|group| {
            group
                .members
                .iter()
                .any(|m| m.assigned.iter().any(|a| a.at == *at))
        })
    });
    for group in &mut groups {
        group.replay = memory.replays.of(&group.name);
        if group.replay.is_some() && group.state == "Stable" {
            group.state = "Replaying".to_owned();
        }
    }
    groups
}

fn member_of(groups: &[GroupIn], client: ClientId) -> Option<(String, String)> {
    groups.iter().find_map(|group| {
        let member = group
            .members
            .iter()
            .find(|member| member.client == Some(client))?;
        Some((group.name.clone(), member.id.clone()))
    })
}
