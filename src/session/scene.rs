//! Opening scenes, as data: what stands and moves when a scene opens.

use serde::{Deserialize, Serialize};
use world::input::Workload;

use crate::action::{NewConsumer, NewProducer};

/// The scenes of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SceneId {
    /// Two agents, one channel: what the page opens on.
    SecretChannel,
    /// The lecture, on a machine where nothing runs yet.
    Lecture,
    /// The lecture's diagram, live.
    Diagram,
    /// One broker and nothing else.
    EmptyCluster,
    /// Three brokers and nothing else.
    ThreeBrokers,
    /// Fifty partitions and thirty clients.
    Busy,
}

/// A scene as the menu and the opening need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Which.
    pub id: SceneId,
    /// Its name in the menu.
    pub title: &'static str,
    /// One line on what it shows.
    pub about: &'static str,
    /// How many brokers run; none is an empty machine.
    pub brokers: Option<i32>,
    /// Topics: name, partitions, replication factor.
    pub topics: Vec<(String, i32, i16)>,
    /// Producers that send by themselves.
    pub producers: Vec<NewProducer>,
    /// Consumers that read by themselves.
    pub consumers: Vec<NewConsumer>,
    /// Simulated milliseconds that have passed when the curtain rises.
    pub lead_in_millis: i64,
}

impl SceneId {
    /// All scenes in the order of the menu.
    pub const ALL: [SceneId; 6] = [
        SceneId::SecretChannel,
        SceneId::Lecture,
        SceneId::Diagram,
        SceneId::EmptyCluster,
        SceneId::ThreeBrokers,
        SceneId::Busy,
    ];

    /// Its name in a link.
    pub fn name(self) -> &'static str {
        match self {
            SceneId::SecretChannel => "secret-channel",
            SceneId::Lecture => "lecture",
            SceneId::Diagram => "diagram",
            SceneId::EmptyCluster => "empty",
            SceneId::ThreeBrokers => "three-brokers",
            SceneId::Busy => "rush-hour",
        }
    }

    /// The scene that a link names.
    pub fn named(name: &str) -> Option<SceneId> {
        SceneId::ALL.into_iter().find(|scene| scene.name() == name)
    }

    /// The scene itself.
    pub fn scene(self) -> Scene {
        match self {
            SceneId::SecretChannel => secret_channel(),
            SceneId::Lecture => lecture(),
            SceneId::Diagram => diagram(),
            SceneId::EmptyCluster => empty(
                self,
                "Empty cluster",
                "One broker, no topics. Build what you like.",
                1,
            ),
            SceneId::ThreeBrokers => empty(
                self,
                "Three brokers",
                "Three brokers, no topics. Try replication.",
                3,
            ),
            SceneId::Busy => busy(),
        }
    }
}

fn secret_channel() -> Scene {
    let agent = |client_id: &str, keys: &[&str], interval_millis: u64, messages: &[&str]| {
        producer(
            client_id,
            "secret_channel",
            keys,
            interval_millis,
            messages
                .iter()
                .map(|message| format!("{{\"agent_id\":\"{{key}}\",\"message\":\"{message}\"}}"))
                .collect(),
        )
    };
    Scene {
        id: SceneId::SecretChannel,
        title: "Secret channel",
        about: "Two agents send now and then; one group reads along.",
        brokers: Some(1),
        topics: vec![("secret_channel".to_owned(), 3, 1)],
        producers: vec![
            agent(
                "agent-nfsturm",
                &["nfsturm", "pacuvius"],
                3_700,
                &[
                    "Bacalhau was ordered from the fishmonger. Due to arrive on Friday.",
                    "Reporting from the quay.",
                    "The ferry is late.",
                    "Ask the fishmonger.",
                ],
            ),
            agent(
                "agent-ennius",
                &["ennius", "livius"],
                5_300,
                &[
                    "Pastel de Nata shipment intercepted.",
                    "He wants the password.",
                    "None can tune a drone reed.",
                ],
            ),
        ],
        consumers: vec![
            consumer("consumer-1", "analytics", "secret_channel"),
            consumer("consumer-2", "analytics", "secret_channel"),
        ],
        lead_in_millis: 24_000,
    }
}

fn lecture() -> Scene {
    Scene {
        id: SceneId::Lecture,
        title: "The lecture, from the start",
        about: "An empty machine. Start Kafka with docker-compose and follow the notes.",
        brokers: None,
        topics: Vec::new(),
        producers: Vec::new(),
        consumers: Vec::new(),
        lead_in_millis: 0,
    }
}

/// The lecture draws Producer Client 1 on Partitions 1 and 3, Producer Client 2 on Partitions 2 and
/// 3. Kafka counts partitions from 0, and the keys below are ones whose murmur2 leads there.
fn diagram() -> Scene {
    let sender = |client_id: &str, keys: &[&str], interval_millis: u64| {
        producer(
            client_id,
            "topic-1",
            keys,
            interval_millis,
            vec!["message {n}".to_owned()],
        )
    };
    Scene {
        id: SceneId::Diagram,
        title: "The lecture's diagram",
        about: "Two producer clients, one topic, three partitions, as the lecture draws them.",
        brokers: Some(1),
        topics: vec![("topic-1".to_owned(), 3, 1)],
        producers: vec![
            sender("producer-client-1", &DIAGRAM_KEYS_1, 2_900),
            sender("producer-client-2", &DIAGRAM_KEYS_2, 3_500),
        ],
        consumers: Vec::new(),
        lead_in_millis: 15_000,
    }
}

/// Keys that go to partitions 0 and 2 of three.
pub const DIAGRAM_KEYS_1: [&str; 2] = ["nfsturm", "livius"];
/// Keys that go to partitions 1 and 2 of three.
pub const DIAGRAM_KEYS_2: [&str; 2] = ["ennius", "accius"];

#[inline(never)]
fn busy() -> Scene {
    let topics = [
        ("orders", 20),
        ("payments", 12),
        ("clicks", 12),
        ("bagpipe_sales", 6),
    ];
    let mut producers = Vec::new();
    let mut consumers = Vec::new();
    for (number, (topic, _)) in (1..=12u64).zip(topics.iter().cycle()) {
        let keys = ["glasgow", "oban", "skye", "perth", "leith", "ayr"];
        let name = format!("agent-{number:02}");
        let values = vec!["{\"from\":\"{key}\",\"number\":{n}}".to_owned()];
        producers.push(producer(&name, topic, &keys, 400 + number * 35, values));
    }
    for (group, topic, members) in [
        ("billing", "orders", 6),
        ("fraud", "payments", 4),
        ("dashboard", "clicks", 5),
        ("stock", "bagpipe_sales", 3),
    ] {
        for member in 1..=members {
            consumers.push(consumer(&format!("{group}-{member}"), group, topic));
        }
    }
    Scene {
        id: SceneId::Busy,
        title: "Rush hour",
        about: "Fifty partitions on three brokers, thirty clients.",
        brokers: Some(3),
        topics: topics
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count, 3))
            .collect(),
        producers,
        consumers,
        lead_in_millis: 12_000,
    }
}

fn empty(id: SceneId, title: &'static str, about: &'static str, brokers: i32) -> Scene {
    Scene {
        id,
        title,
        about,
        brokers: Some(brokers),
        topics: Vec::new(),
        producers: Vec::new(),
        consumers: Vec::new(),
        lead_in_millis: 2_000,
    }
}

fn producer(
    client_id: &str,
    topic: &str,
    keys: &[&str],
    interval_millis: u64,
    values: Vec<String>,
) -> NewProducer {
    NewProducer {
        client_id: client_id.to_owned(),
        acks: -1,
        workload: Workload {
            topic: topic.to_owned(),
            partition: None,
            interval_micros: interval_millis.saturating_mul(1000),
            keys: keys.iter().map(|key| Some((*key).to_owned())).collect(),
            values,
            headers: Vec::new(),
            remaining: None,
        },
    }
}

fn consumer(client_id: &str, group: &str, topic: &str) -> NewConsumer {
    NewConsumer {
        client_id: client_id.to_owned(),
        group: group.to_owned(),
        topics: vec![topic.to_owned()],
        from_beginning: true,
        records_per_second: None,
    }
}
