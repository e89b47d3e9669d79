//! What reads and writes: producers, and groups with their members, as the diagram's scene has them.

use records::sorted::{SortedMap, SortedSet};

use client::consumer::Consumer;
use engine::group::Group;
use engine::ids::TopicPartition;
use protocol::consumer_protocol::ConsumerProtocolAssignment;
use world::client::{Body, Client};
use world::facts;
use world::input::ClientId;
use world::world::World;

use super::input::{AssignedIn, GroupIn, Leg, MemberIn, ProducerIn, TopicIn, Travel};
use super::memory::FlowMemory;
use super::rates::Rates;

/// The producers by number, with what they sent to and what is on its way.
pub fn producers(
    world: &World,
    memory: &mut FlowMemory,
    rates: &Rates,
    travels: &[Travel],
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
            let targets: SortedSet<&TopicPartition> =
                client.stats.partitions.keys().chain(under_way).collect();
            let workload = client.workload().map(|state| &state.workload);
            let rate =
                workload.map(|workload| 1_000_000.0 / (workload.interval_micros.max(1)) as f64);
            ProducerIn {
                id,
                client_id: client.client_id.clone(),
                keys: memory.producer_keys.get(&id).map_or(0, SortedSet::len),
                sent: client.stats.sent,
                rate,
                history: workload
                    .map(|_| memory.rate_history(id, client.stats.sent))
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
    memory.keep_producers(|id| all.iter().any(|producer| producer.id == id));
    all
}

/// The groups: those that coordinators know, and those that consumers of this world are of.
pub fn groups(
    world: &World,
    memory: &mut FlowMemory,
    rates: &Rates,
    topics: &[TopicIn],
) -> Vec<GroupIn> {
    let coordinated: SortedMap<&str, &Group> = facts::groups(world)
        .into_iter()
        .map(|group| (group.id.as_str(), group))
        .collect();
    let mut consumers: SortedMap<String, Vec<(ClientId, &Client, &Consumer)>> = SortedMap::new();
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
    let names: SortedSet<&str> = coordinated
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
    let committed: SortedMap<TopicPartition, i64> = match group {
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
    let known: SortedSet<&str> = consumers
        .iter()
        .filter_map(|(_, _, consumer)| consumer.member_id())
        .collect();
    let strangers = group
        .into_iter()
        .flat_map(|group| group.roster().into_iter().map(move |named| (group, named)))
        .filter(|(_, (id, _))| !known.contains(id));
    members.extend(strangers.map(|(group, (id, client_id))| MemberIn {
        id: id.to_owned(),
        client: None,
        name: client_id.to_owned(),
        assigned: match group.members.get(id) {
            Some(member) => assignment(&member.assignment, rates),
            None => Vec::new(),
        },
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
        Some(group) => group.state_name().to_owned(),
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
    let mut sizes: SortedMap<String, usize> = SortedMap::new();
    for member in members.iter() {
        *sizes.entry(member.name.clone()).or_default() += 1;
    }
    let mut next: SortedMap<String, usize> = SortedMap::new();
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
