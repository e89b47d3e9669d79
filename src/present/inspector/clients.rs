//! A group or a client in detail.

use client::consumer::{Assignor, Consumer, OffsetReset};
use client::producer::Producer;
use engine::group::{Group, partition_of_group};
use engine::ids::{OFFSETS_TOPIC, TopicPartition};
use session::action::Action;
use session::session::Session;
use world::client::{Body, Client};
use world::facts;
use world::input::{ClientId, Workload};
use world::world::World;

use crate::flow::text::{rate_text, whole};
use crate::groups::{self, GroupRows};
use crate::inspector::Fact;
use crate::memory::Memory;
use crate::words;

/// A group in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupDetail {
    /// Where it stands in every partition.
    pub rows: GroupRows,
    /// What there is to know.
    pub facts: Vec<Fact>,
    /// Its members.
    pub members: Vec<Member>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its client id.
    pub client_id: String,
    /// The id that the coordinator gave it.
    pub member_id: String,
    /// Whether it computes the group's assignments.
    pub leads: bool,
    /// The client on this page, if it is one.
    pub client: Option<ClientId>,
    /// Its partitions, as ranges.
    pub assignment: String,
    /// Records not committed in them.
    pub lag: u64,
}

/// A client in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientDetail {
    /// Which.
    pub id: ClientId,
    /// `client.id`
    pub client_id: String,
    /// `producer`, `consumer` or `admin client`.
    pub kind: &'static str,
    /// What it has done and does.
    pub facts: Vec<Fact>,
    /// The configuration in force.
    pub config: Vec<Fact>,
    /// What it does by itself, if it does.
    pub drive: Option<Drive>,
    /// Whether it is closing already.
    pub closing: bool,
}

/// What a client does by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Drive {
    /// Whether it stands still.
    pub paused: bool,
    /// Records a second; `None` is as many as come.
    pub rate: Option<String>,
    /// Stops it, or lets it go on.
    pub toggle: Action,
    /// A producer's workload, for another rate.
    pub workload: Option<Workload>,
}

/// A group in detail; `None` if it does not exist now.
#[inline(never)]
pub fn group(session: &Session, id: &str) -> Option<GroupDetail> {
    let world = session.world();
    let group = facts::group(world, id)?;
    let rows = groups::rows_of(world, group, true);
    let assignor = match (&group.consumer, group.protocol.as_deref()) {
        (Some(consumer), _) => consumer.assignor(),
        (None, Some(protocol)) if !protocol.is_empty() => protocol,
        _ => "none",
    };
    let kind = match &group.consumer {
        Some(_) => "consumer".to_owned(),
        None => group.protocol_type.clone().unwrap_or_default(),
    };
    let generation = match group.consumer {
        Some(_) => "Epoch",
        None => "Generation",
    };
    let mut facts = vec![
        Fact::new("State", group.state_name()),
        Fact::new(generation, group.generation_or_epoch()),
        Fact::new("Assignor", assignor).noted(kind),
    ];
    facts.extend(coordinator(world, id));
    facts.push(Fact::new("Lag", whole(rows.lag)));
    Some(GroupDetail {
        members: group
            .roster()
            .into_iter()
            .map(|named| member(world, group, &rows, named))
            .collect(),
        rows,
        facts,
    })
}

/// The partition of the offsets topic that a group belongs to, and the broker that leads it.
fn coordinator(world: &World, group: &str) -> Option<Fact> {
    let count = facts::partitions_of(world, OFFSETS_TOPIC).len();
    let number = partition_of_group(group, i32::try_from(count).ok()?);
    let partition = TopicPartition::new(OFFSETS_TOPIC, number);
    let leader = facts::leader_of(world, &partition)?;
    Some(Fact::new("Coordinator", format!("broker {leader}")).noted(format!("{partition}")))
}

fn member(
    world: &World,
    group: &Group,
    rows: &GroupRows,
    (member_id, client_id): (&str, &str),
) -> Member {
    let is_it = |client: &Client| match &client.body {
        Body::Consumer(consumer) => consumer.member_id() == Some(member_id),
        Body::Producer(_) | Body::Admin(_) => false,
    };
    let mut of_group = facts::members_of(world, &group.id);
    let client = of_group.find(|(_, client)| is_it(client)).map(|(id, _)| id);
    let owned = rows.rows.iter().filter(|row| {
        row.owner
            .as_ref()
            .is_some_and(|(_, id)| Some(*id) == client)
    });
    let partitions: Vec<TopicPartition> = owned.clone().map(|row| row.partition.clone()).collect();
    Member {
        client_id: client_id.to_owned(),
        member_id: member_id.to_owned(),
        leads: group.leader.as_deref() == Some(member_id),
        client,
        assignment: ranges(&partitions),
        lag: owned.filter_map(|row| row.lag).sum(),
    }
}

/// Partitions by topic, neighbours as ranges: `secret_channel 0–2, 5`.
pub fn ranges(partitions: &[TopicPartition]) -> String {
    let mut out = String::new();
    let mut topic: Option<&str> = None;
    let mut rest = partitions;
    while let Some((first, after)) = rest.split_first() {
        let length = after
            .iter()
            .zip(first.partition.saturating_add(1)..)
            .take_while(|(next, number)| next.topic == first.topic && next.partition == *number)
            .count();
        match topic {
            Some(known) if known == first.topic => out.push_str(", "),
            known => {
                out.push_str(known.map_or("", |_| " · "));
                out.push_str(&first.topic);
                out.push(' ');
            }
        }
        topic = Some(&first.topic);
        out.push_str(&first.partition.to_string());
        let last = i32::try_from(length)
            .unwrap_or(0)
            .saturating_add(first.partition);
        if length > 0 {
            out.push_str(if length == 1 { ", " } else { "–" });
            out.push_str(&last.to_string());
        }
        rest = after.get(length..).unwrap_or_default();
    }
    if out.is_empty() {
        out.push_str("no partitions");
    }
    out
}

/// A client in detail; `None` if it has left.
#[inline(never)]
pub fn client(session: &Session, memory: &mut Memory, id: ClientId) -> Option<ClientDetail> {
    let world = session.world();
    let client = world.client(id)?;
    let (kind, facts, config) = match &client.body {
        Body::Producer(producer) => (
            "producer",
            producer_facts(client, producer),
            producer_config(producer),
        ),
        Body::Consumer(consumer) => (
            "consumer",
            consumer_facts(client, consumer),
            consumer_config(consumer),
        ),
        Body::Admin(_) => ("admin client", Vec::new(), Vec::new()),
    };
    Some(ClientDetail {
        id,
        client_id: client.client_id.clone(),
        kind,
        facts,
        config,
        drive: drive(client, memory, id),
        closing: client.is_closing(),
    })
}

fn drive(client: &Client, memory: &mut Memory, id: ClientId) -> Option<Drive> {
    if let Some(state) = client.workload() {
        memory.workloads.insert(id, state.workload.clone());
        return Some(Drive {
            paused: false,
            rate: Some(per_second(&state.workload)),
            toggle: Action::SetWorkload(id, None),
            workload: Some(state.workload.clone()),
        });
    }
    if let Some(reader) = client.reader() {
        let rate = reader.reader.records_per_second;
        let paused = rate == Some(0);
        return Some(Drive {
            paused,
            rate: rate.filter(|rate| *rate > 0).map(|rate| rate.to_string()),
            toggle: Action::SetReadRate(id, (!paused).then_some(0)),
            workload: None,
        });
    }
    let workload = memory.workloads.get(&id)?;
    Some(Drive {
        paused: true,
        rate: Some(per_second(workload)),
        toggle: Action::SetWorkload(id, Some(workload.clone())),
        workload: Some(workload.clone()),
    })
}

fn per_second(workload: &Workload) -> String {
    rate_text(1_000_000.0 / workload.interval_micros.max(1) as f64)
}

fn producer_facts(client: &Client, producer: &Producer) -> Vec<Fact> {
    let stats = &client.stats;
    let mut facts = vec![
        Fact::new("Sent", whole(stats.sent)),
        Fact::new("Acknowledged", whole(stats.acked)),
        Fact::new("Failed", whole(stats.failed)),
        Fact::new("Under way", producer.pending()),
    ];
    facts.extend(counts(client));
    facts
}

fn consumer_facts(client: &Client, consumer: &Consumer) -> Vec<Fact> {
    let partitions: Vec<TopicPartition> = consumer.assignment().into_iter().collect();
    let group = consumer.config().group_id.clone();
    let mut facts = vec![
        Fact::new("Group", group.unwrap_or_else(|| "none".to_owned())),
        Fact::new("Generation", consumer.generation()),
        Fact::new("Assigned", ranges(&partitions)),
        Fact::new("Read", whole(client.stats.read)),
    ];
    if let Some((broker, address)) = consumer.coordinator() {
        let address = format!("{}:{}", address.host, address.port);
        facts.push(Fact::new("Coordinator", format!("broker {broker}")).noted(address));
    }
    for (partition, position) in consumer.positions() {
        facts.push(Fact::new("Position", position).noted(format!("in {partition}")));
    }
    facts
}

fn counts(client: &Client) -> impl Iterator<Item = Fact> + '_ {
    client.stats.partitions.iter().map(|(partition, count)| {
        Fact::new("Stored", whole(*count)).noted(format!("in {partition}"))
    })
}

fn producer_config(producer: &Producer) -> Vec<Fact> {
    let config = producer.config();
    let acks = match config.acks {
        -1 => "all".to_owned(),
        acks => acks.to_string(),
    };
    vec![
        Fact::new("acks", acks),
        Fact::new("enable.idempotence", config.enable_idempotence),
        Fact::new("linger.ms", config.linger_ms),
        Fact::new("batch.size", config.batch_size),
        Fact::new("max.in.flight…", config.max_in_flight).noted("requests per connection"),
        Fact::new("retries", config.retries),
        Fact::new("delivery.timeout.ms", config.delivery_timeout_ms),
        Fact::new("max.request.size", config.max_request_size),
        Fact::new("buffer.memory", config.buffer_memory),
    ]
}

fn consumer_config(consumer: &Consumer) -> Vec<Fact> {
    let config = consumer.config();
    let assignor = |assignor: &Assignor| match assignor {
        Assignor::Range => "range",
        Assignor::RoundRobin => "roundrobin",
        Assignor::Sticky => "sticky",
        Assignor::CooperativeSticky => "cooperative-sticky",
    };
    let assignors: Vec<&str> = config.assignors.iter().map(assignor).collect();
    vec![
        Fact::new(
            "group.id",
            config.group_id.clone().unwrap_or_else(|| "none".to_owned()),
        ),
        Fact::new(
            "auto.offset.reset",
            match config.auto_offset_reset {
                OffsetReset::Earliest => "earliest",
                OffsetReset::Latest => "latest",
                OffsetReset::None => "none",
            },
        ),
        Fact::new("enable.auto.commit", config.enable_auto_commit),
        Fact::new("auto.commit…", config.auto_commit_interval_ms).noted("interval.ms"),
        Fact::new("session.timeout.ms", config.session_timeout_ms),
        Fact::new("heartbeat…", config.heartbeat_interval_ms).noted("interval.ms"),
        Fact::new("max.poll.records", config.max_poll_records),
        Fact::new("fetch.min.bytes", config.fetch_min_bytes),
        Fact::new("fetch.max.wait.ms", config.fetch_max_wait_ms),
        Fact::new("assignors", assignors.join(", ")),
        Fact::new(
            "isolation.level",
            match config.read_committed {
                true => "read_committed",
                false => "read_uncommitted",
            },
        ),
    ]
}

/// What a workload becomes at another rate; `None` if that is no rate.
pub fn at_rate(workload: &Workload, per_second: f64) -> Option<Workload> {
    let possible = per_second.is_finite() && per_second > 0.0;
    possible.then(|| Workload {
        // The world itself holds the lower bound.
        interval_micros: (1_000_000.0 / per_second).min(1e12) as u64,
        ..workload.clone()
    })
}

/// A number of records with its noun.
pub fn records_text(count: u64) -> String {
    words::count(usize::try_from(count).unwrap_or(usize::MAX), "record")
}

#[cfg(test)]
mod tests {
    use super::ranges;
    use engine::ids::TopicPartition;

    #[test]
    fn neighbours_are_ranges() {
        let of = |list: &[(&str, i32)]| {
            let partitions: Vec<TopicPartition> = list
                .iter()
                .map(|(topic, number)| TopicPartition::new(*topic, *number))
                .collect();
            ranges(&partitions)
        };
        assert_eq!(of(&[("a", 0), ("a", 1), ("a", 2), ("a", 5)]), "a 0–2, 5");
        assert_eq!(of(&[("a", 1), ("a", 2), ("b", 3)]), "a 1, 2 · b 3");
        assert_eq!(of(&[]), "no partitions");
    }
}
