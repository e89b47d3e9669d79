//! The scene of the design: three brokers, two topics, three producers, two groups, one record selected.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use present::flow::input::{
    AssignedIn, BrokerIn, CellIn, FlowInput, GroupIn, Health, Leg, MemberIn, PartitionIn,
    ProducerIn, RecordSource, Replay, ReplicaIn, ReplicaState, TopicIn, Travel,
};
use present::keys::KeyMark;
use session::selection::Selection;
use world::input::ClientId;

/// Records in memory.
#[derive(Default)]
pub struct Records(pub SortedMap<TopicPartition, Vec<CellIn>>);

impl RecordSource for Records {
    fn cells(&mut self, at: &TopicPartition, from: i64, to: i64, _preview: bool) -> Vec<CellIn> {
        let all = self.0.get(at).map(Vec::as_slice).unwrap_or_default();
        all.iter()
            .filter(|cell| cell.offset >= from && cell.offset < to)
            .cloned()
            .collect()
    }
}

/// A key of the scene by name.
pub fn key(name: &str) -> KeyMark {
    let names = [
        "nfsturm", "ennius", "livius", "pacuvius", "glasgow", "oban", "skye", "perth",
    ];
    let slot = names
        .iter()
        .position(|known| *known == name)
        .map_or(0, |n| n as u8 + 1);
    KeyMark::new(slot, name)
}

fn cells(first: i64, keys: &[&str]) -> Vec<CellIn> {
    let numbered = keys.iter().zip(first..);
    numbered
        .map(|(name, offset)| CellIn {
            offset,
            key: key(name),
            preview: format!("{{\"agent_id\":\"{name}\"}}"),
        })
        .collect()
}

pub fn tp(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

fn partition(id: i32, leader: i32, behind: Option<i32>, hw: i64, end: i64) -> PartitionIn {
    let replicas = (1..=3)
        .map(|broker| {
            let state = match broker {
                _ if broker == leader => ReplicaState::Leader,
                _ if Some(broker) == behind => ReplicaState::OutOfSync,
                _ => ReplicaState::InSync,
            };
            let log_end = if broker == leader {
                end
            } else {
                hw.min(end) - i64::from(state == ReplicaState::OutOfSync)
            };
            ReplicaIn {
                broker,
                state,
                log_end,
            }
        })
        .collect();
    PartitionIn {
        id,
        leader: Some(leader),
        replicas,
        log_start: 0,
        high_watermark: hw,
        log_end: end,
        rate: 0.0,
    }
}

fn member(id: &str, name: &str, topic: &str, assigned: &[(i32, i64)]) -> MemberIn {
    MemberIn {
        id: id.into(),
        client: Some(ClientId(id.bytes().map(u64::from).sum())),
        name: name.into(),
        assigned: assigned
            .iter()
            .map(|(p, position)| AssignedIn {
                at: tp(topic, *p),
                position: Some(*position),
                rate: 1.0,
            })
            .collect(),
        note: None,
        error: None,
    }
}

fn committed(topic: &str, offsets: &[i64]) -> SortedMap<TopicPartition, i64> {
    offsets
        .iter()
        .enumerate()
        .map(|(p, offset)| (tp(topic, p as i32), *offset))
        .collect()
}

fn travel(leg: Leg, topic: &str, p: i32, name: &str, part: f64, now: SimTime) -> Travel {
    let sent = SimTime(now.0 - (600_000.0 * part) as u64);
    Travel {
        leg,
        at: tp(topic, p),
        key: key(name),
        nth: 0,
        sent,
        arrives: SimTime(sent.0 + 600_000),
    }
}

fn topics() -> Vec<TopicIn> {
    vec![
        TopicIn {
            name: "secret_channel".into(),
            replication: 3,
            keys: ["nfsturm", "pacuvius", "ennius", "livius"].map(key).into(),
            rate: 1.0,
            partitions: vec![
                partition(0, 1, None, 10, 11),
                partition(1, 2, Some(3), 4, 4),
                partition(2, 1, None, 6, 6),
            ],
        },
        TopicIn {
            name: "bagpipe_sales".into(),
            replication: 3,
            keys: ["glasgow", "oban", "skye", "perth"].map(key).into(),
            rate: 20.0,
            partitions: vec![
                partition(0, 3, None, 352, 352),
                partition(1, 2, None, 335, 335),
            ],
        },
    ]
}

fn producers() -> Vec<ProducerIn> {
    let producer = |id, name: &str, keys, sent, targets: Vec<TopicPartition>| ProducerIn {
        id: ClientId(id),
        client_id: name.into(),
        keys,
        sent,
        targets: targets.into_iter().map(|at| (at, 1.0)).collect(),
        ..ProducerIn::default()
    };
    let mut sales = producer(
        3,
        "sales-generator",
        4,
        687,
        vec![tp("bagpipe_sales", 0), tp("bagpipe_sales", 1)],
    );
    sales.rate = Some(20.0);
    sales.history = [
        9, 10, 8, 11, 10, 9, 12, 10, 9, 11, 8, 10, 10, 12, 9, 10, 11, 9, 10, 10,
    ]
    .map(f64::from)
    .into();
    vec![
        producer(1, "agent-nfsturm", 2, 11, vec![tp("secret_channel", 0)]),
        producer(
            2,
            "agent-ennius",
            2,
            10,
            vec![tp("secret_channel", 1), tp("secret_channel", 2)],
        ),
        sales,
    ]
}

fn groups() -> Vec<GroupIn> {
    vec![
        GroupIn {
            name: "analytics".into(),
            state: "Stable".into(),
            replay: None,
            committed: committed("secret_channel", &[8, 4, 5]),
            members: vec![
                member("a1", "consumer-1", "secret_channel", &[(0, 10), (1, 4)]),
                member("a2", "consumer-2", "secret_channel", &[(2, 5)]),
            ],
        },
        GroupIn {
            name: "audit".into(),
            state: "Replaying".into(),
            replay: Some(Replay {
                done: 12,
                total: 20,
            }),
            committed: committed("secret_channel", &[3, 4, 0]),
            members: vec![member(
                "b1",
                "consumer-1",
                "secret_channel",
                &[(0, 5), (1, 4), (2, 3)],
            )],
        },
    ]
}

fn travels(now: SimTime) -> Vec<Travel> {
    let sent = |producer, topic, p, name, part| {
        travel(
            Leg::Produce {
                producer: ClientId(producer),
            },
            topic,
            p,
            name,
            part,
            now,
        )
    };
    let read = |group: &str, member: &str, p, name, part| {
        travel(
            Leg::Fetch {
                group: group.into(),
                member: member.into(),
            },
            "secret_channel",
            p,
            name,
            part,
            now,
        )
    };
    vec![
        sent(1, "secret_channel", 0, "nfsturm", 0.07),
        sent(1, "secret_channel", 0, "pacuvius", 0.56),
        sent(2, "secret_channel", 1, "ennius", 0.07),
        sent(2, "secret_channel", 2, "livius", 0.43),
        sent(3, "bagpipe_sales", 0, "glasgow", 0.07),
        sent(3, "bagpipe_sales", 0, "oban", 0.18),
        sent(3, "bagpipe_sales", 1, "skye", 0.08),
        sent(3, "bagpipe_sales", 1, "perth", 0.27),
        read("analytics", "a1", 0, "nfsturm", 0.7),
        read("analytics", "a2", 2, "livius", 0.7),
        read("audit", "b1", 0, "nfsturm", 0.8),
        read("audit", "b1", 2, "livius", 0.72),
    ]
}

/// The scene and its records.
pub fn design() -> (FlowInput, Records) {
    let now = SimTime(1_000_042_350_000);
    let mut input = FlowInput {
        now,
        brokers: vec![
            BrokerIn {
                id: 1,
                health: Health::Up,
                controller: true,
            },
            BrokerIn {
                id: 2,
                health: Health::Up,
                controller: false,
            },
            BrokerIn {
                id: 3,
                health: Health::CatchingUp,
                controller: false,
            },
        ],
        topics: topics(),
        groups: groups(),
        producers: producers(),
        travels: travels(now),
        ..FlowInput::default()
    };
    input.settings.selection = Some(Selection::Record(tp("secret_channel", 0), 4));
    let (n, p, g, s, r) = ("nfsturm", "pacuvius", "glasgow", "skye", "perth");
    let mut records = Records::default();
    records.0.insert(
        tp("secret_channel", 0),
        cells(0, &[n, n, p, n, n, p, n, n, p, n, p]),
    );
    records
        .0
        .insert(tp("secret_channel", 1), cells(0, &["ennius"; 4]));
    records
        .0
        .insert(tp("secret_channel", 2), cells(0, &["livius"; 6]));
    records.0.insert(
        tp("bagpipe_sales", 0),
        cells(340, &[g, g, g, g, "oban", g, g, g, g, g, g, g]),
    );
    records.0.insert(
        tp("bagpipe_sales", 1),
        cells(323, &[s, s, s, s, s, r, s, s, r, r, r, s]),
    );
    (input, records)
}

/// Fifty partitions, thirty clients, a thousand records a second.
pub fn busy() -> (FlowInput, Records) {
    let (mut input, mut records) = design();
    input.settings.selection = None;
    input.topics.clear();
    input.travels.clear();
    records.0.clear();
    for t in 0..5 {
        let name = format!("topic-{t}");
        let partitions = (0..10).map(|p| {
            let end = 1000 + i64::from(t * 10 + p) * 7;
            records
                .0
                .insert(tp(&name, p), cells(end - 40, &["glasgow"; 40]));
            PartitionIn {
                rate: 20.0,
                ..partition(p, 1 + p % 3, None, end, end)
            }
        });
        input.topics.push(TopicIn {
            partitions: partitions.collect(),
            replication: 3,
            keys: vec![key("glasgow")],
            rate: 200.0,
            name,
        });
    }
    let all: Vec<TopicPartition> = (0..5)
        .flat_map(|t| (0..10).map(move |p| tp(&format!("topic-{t}"), p)))
        .collect();
    input.producers = (0..15)
        .map(|n| ProducerIn {
            id: ClientId(n),
            client_id: format!("agent-{n}"),
            sent: 1000,
            rate: Some(66.0),
            history: vec![66.0; 20],
            targets: all.iter().map(|at| (at.clone(), 66.0 / 50.0)).collect(),
            ..ProducerIn::default()
        })
        .collect();
    input.groups = (0..3).map(|n| busy_group(n, &input.topics, &all)).collect();
    for (n, at) in all.iter().cycle().take(600).enumerate() {
        let mut one = travel(
            Leg::Produce {
                producer: ClientId(n as u64 % 15),
            },
            "",
            0,
            "glasgow",
            (n % 60) as f64 / 60.0,
            input.now,
        );
        one.at = at.clone();
        input.travels.push(one);
    }
    (input, records)
}

fn busy_group(n: i64, topics: &[TopicIn], all: &[TopicPartition]) -> GroupIn {
    let end = |at: &TopicPartition| {
        let topic = topics.iter().find(|topic| topic.name == at.topic);
        topic
            .and_then(|topic| topic.partitions.get(at.partition as usize))
            .map_or(0, |p| p.log_end)
    };
    let members = (0..5)
        .map(|m| MemberIn {
            id: format!("m{n}-{m}"),
            client: Some(ClientId(500 + 10 * n as u64 + m as u64)),
            name: format!("worker-{m}"),
            assigned: all
                .iter()
                .filter(|at| at.partition % 5 == m)
                .map(|at| AssignedIn {
                    at: at.clone(),
                    position: Some(end(at) - 3),
                    rate: 20.0,
                })
                .collect(),
            note: None,
            error: None,
        })
        .collect();
    GroupIn {
        name: format!("group-{n}"),
        state: "Stable".into(),
        replay: None,
        committed: all.iter().map(|at| (at.clone(), end(at) - 5 * n)).collect(),
        members,
    }
}
