//! A partition, a topic or a broker in detail.

use engine::ids::{BrokerId, TopicPartition};
use engine::log::PartitionLog;
use session::session::Session;
use world::facts;

use crate::flow::text::whole;
use crate::inspector::Fact;
use crate::stored::Packed;
use crate::words;

/// Idempotent producers listed.
const PRODUCERS: usize = 8;

/// A partition in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionDetail {
    /// Which.
    pub partition: TopicPartition,
    /// What there is to know.
    pub facts: Vec<Fact>,
    /// Its replicas.
    pub replicas: Vec<Replica>,
    /// Idempotent producers that its log remembers.
    pub producers: Vec<Fact>,
    /// What deleting records would begin with: the high watermark.
    pub delete_before: i64,
    /// How many partitions its topic has.
    pub partitions: i32,
    /// The topic's other partitions' neighbours: the one before and the one behind.
    pub neighbours: (Option<i32>, Option<i32>),
}

/// A replica of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// The broker that keeps it.
    pub broker: BrokerId,
    /// Whether it leads.
    pub leads: bool,
    /// Whether it is in sync.
    pub in_sync: bool,
    /// How far its log reaches.
    pub log_end: Option<i64>,
}

/// A topic in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicDetail {
    /// Its name.
    pub name: String,
    /// What there is to know.
    pub facts: Vec<Fact>,
    /// Its partitions: number, leader, stored offsets.
    pub partitions: Vec<PartitionLine>,
}

/// A partition in a topic's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionLine {
    /// Which.
    pub partition: TopicPartition,
    /// Its leader.
    pub leader: Option<BrokerId>,
    /// Its first offset and its log end.
    pub offsets: Option<(i64, i64)>,
}

/// A broker in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokerDetail {
    /// Its number.
    pub id: BrokerId,
    /// What there is to know.
    pub facts: Vec<Fact>,
}

/// A partition in detail; `None` if there is no such partition now.
#[inline(never)]
pub fn partition(session: &Session, partition: &TopicPartition) -> Option<PartitionDetail> {
    let world = session.world();
    let cluster = world.cluster()?;
    let image = cluster.controller().image();
    let known = image.partition(partition)?;
    let partitions = image.topic(&partition.topic)?.partition_count();
    let log = facts::leader_log(world, partition);
    let replicas = known.replicas.iter().map(|id| Replica {
        broker: *id,
        leads: *id == known.leader,
        in_sync: known.isr.contains(id),
        log_end: cluster
            .broker(*id)
            .and_then(|broker| broker.log(partition))
            .map(PartitionLog::log_end_offset),
    });
    let mut facts = vec![
        Fact::new("Leader", leader_text(known.leader)),
        Fact::new("Leader epoch", known.leader_epoch)
            .noted(format!("partition epoch {}", known.partition_epoch)),
    ];
    facts.extend(log.into_iter().flat_map(log_facts));
    Some(PartitionDetail {
        partition: partition.clone(),
        facts,
        replicas: replicas.collect(),
        producers: log.map(producers).unwrap_or_default(),
        delete_before: log.map_or(0, PartitionLog::high_watermark),
        partitions,
        neighbours: (
            Some(partition.partition.saturating_sub(1)).filter(|number| *number >= 0),
            Some(partition.partition.saturating_add(1)).filter(|number| *number < partitions),
        ),
    })
}

fn leader_text(leader: BrokerId) -> String {
    match leader {
        0.. => format!("broker {leader}"),
        _ => "none".to_owned(),
    }
}

fn log_facts(log: &PartitionLog) -> Vec<Fact> {
    let records = log.log_end_offset().saturating_sub(log.log_start_offset());
    let behind = log.log_end_offset().saturating_sub(log.high_watermark());
    let mut facts = vec![
        Fact::new("Log start", log.log_start_offset()),
        Fact::new("High watermark", log.high_watermark()),
        Fact::new("Log end", log.log_end_offset()),
        Fact::new("Records", whole(u64::try_from(records).unwrap_or(0)))
            .noted(words::size(log.size_bytes())),
        Fact::new("Segments", log.segments().len()),
    ];
    if behind > 0
        && let Some(mark) = facts.get_mut(1)
    {
        mark.note = Some(format!("{behind} not yet replicated"));
    }
    if let Some(batch) = log.last_batch() {
        let packed = Packed::new(batch);
        facts.push(Fact::new("Last batch", packed.text()));
    }
    facts
}

fn producers(log: &PartitionLog) -> Vec<Fact> {
    let known = log.producers().iter().take(PRODUCERS);
    let fact = |(id, state): (i64, &engine::log::producers::ProducerState)| {
        let last = state.batches.back().map(|batch| batch.last_sequence);
        let last = last.map_or_else(|| "none".to_owned(), |last| last.to_string());
        Fact::new("Producer id", id).noted(format!("epoch {}, last sequence {last}", state.epoch))
    };
    known.map(fact).collect()
}

/// A topic in detail; `None` if it does not exist now.
#[inline(never)]
pub fn topic(session: &Session, name: &str) -> Option<TopicDetail> {
    let world = session.world();
    let image = world.cluster()?.controller().image();
    let topic = image.topic(name)?;
    let replication = topic
        .partitions
        .values()
        .next()
        .map_or(0, |partition| partition.replicas.len());
    let mut facts = vec![
        Fact::new("Topic id", topic.id),
        Fact::new("Partitions", topic.partition_count()),
        Fact::new("Replication", replication),
        Fact::new("Records", whole(facts::records_stored(world, name))),
    ];
    let overrides = image.topic_overrides(name).into_iter().flatten();
    facts.extend(overrides.map(|(key, value)| Fact::new("Config", format!("{key}={value}"))));
    let partitions = topic.partitions.iter().map(|(number, known)| {
        let partition = TopicPartition::new(name, *number);
        let log = facts::leader_log(world, &partition);
        PartitionLine {
            leader: Some(known.leader).filter(|leader| *leader >= 0),
            offsets: log.map(|log| (log.log_start_offset(), log.log_end_offset())),
            partition,
        }
    });
    Some(TopicDetail {
        name: name.to_owned(),
        facts,
        partitions: partitions.collect(),
    })
}

/// A broker in detail; `None` if there is none of this number now.
#[inline(never)]
pub fn broker(session: &Session, id: BrokerId) -> Option<BrokerDetail> {
    let cluster = session.world().cluster()?;
    let broker = cluster.broker(id)?;
    let image = cluster.controller().image();
    let registration = image.broker(id);
    let leads = broker
        .replicas()
        .all_hosted()
        .filter(|(_, hosted)| hosted.is_led_here())
        .count();
    let bytes: u64 = broker.logs().map(|(_, log)| log.size_bytes()).sum();
    let mut facts = vec![
        Fact::new(
            "State",
            match registration {
                Some(registration) if registration.fenced => "fenced",
                Some(_) if broker.is_serving() => "serves clients",
                Some(_) => "registered",
                None => "not registered yet",
            },
        ),
        Fact::new("Leads", words::count(leads, "partition")),
        Fact::new("Replicas", broker.logs().count()).noted(words::size(bytes)),
        Fact::new("Groups", broker.groups().groups().count()).noted("coordinated here"),
    ];
    if let Some(registration) = registration {
        let at = &registration.endpoint;
        facts.push(Fact::new("Address", format!("{}:{}", at.host, at.port)));
        facts.push(Fact::new("Broker epoch", registration.epoch));
    }
    Some(BrokerDetail { id, facts })
}
