//! A story for a whole cluster, as bytes: requests on a few connections, bytes that are none, time that
//! passes, clients that leave, a broker that dies and comes back. After each step the cluster must be in
//! order, and every answer must be one that its client can read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::OnceLock;

use bytes::Bytes;
use engine::broker::Broker;
use engine::invariants::violations;
use engine::net::Address;
use engine::time::SimTime;
use gateway::cluster::{ClientId, Cluster, Input, Output, Plan};
use gateway::settings::Setting;
use protocol::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use protocol::messages::find_coordinator::FindCoordinatorRequest;
use protocol::{ApiKey, Request, Response};

use crate::{api, frame, version};

const START: u64 = 1_700_000_000_000_000;
const CONNECTIONS: u8 = 3;
/// Longer stories say nothing new.
const MOST_STEPS: usize = 64;
const BROKER: i32 = 1;

/// What a step does; the first byte's lowest three bits say which, the others on which connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A request with a good header: API, version, body.
    Request(u8, u8, u8, Vec<u8>),
    /// A frame of any bytes.
    Raw(u8, Vec<u8>),
    /// So many tenths of a second pass.
    Wait(u8),
    /// A client leaves and comes back.
    Reopen(u8),
    /// The broker dies and starts again.
    Restart,
}

struct Story {
    cluster: Cluster,
    now: SimTime,
    /// The client behind each connection.
    clients: [ClientId; CONNECTIONS as usize],
    next_client: u64,
    /// What each client waits for, by API and version.
    asked: BTreeMap<ClientId, VecDeque<(i16, i16, i32)>>,
    correlation: i32,
}

impl Step {
    /// Reads a story; bytes that make no step end it.
    pub fn read_all(bytes: &[u8]) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut rest = bytes;
        while steps.len() < MOST_STEPS
            && let Some(step) = Step::read(&mut rest)
        {
            steps.push(step);
        }
        steps
    }

    fn read(rest: &mut &[u8]) -> Option<Step> {
        let op = take(rest, 1)?[0];
        let conn = (op >> 3) % CONNECTIONS;
        Some(match op & 7 {
            0..=3 => {
                let head = take(rest, 2)?;
                Step::Request(conn, head[0], head[1], sized(rest)?)
            }
            4 => Step::Raw(conn, sized(rest)?),
            5 => Step::Wait(take(rest, 1)?[0]),
            6 => Step::Reopen(conn),
            _ => Step::Restart,
        })
    }

    /// Writes a step as [`Step::read_all`] reads it.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut with_body = |op: u8, head: &[u8], body: &[u8]| {
            out.push(op);
            out.extend_from_slice(head);
            let length = u16::try_from(body.len()).expect("a short body");
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(body);
        };
        match self {
            Step::Request(conn, api, version, body) => {
                with_body(conn << 3, &[*api, *version], body);
            }
            Step::Raw(conn, bytes) => with_body(conn << 3 | 4, &[], bytes),
            Step::Wait(tenths) => out.extend_from_slice(&[5, *tenths]),
            Step::Reopen(conn) => out.push(conn << 3 | 6),
            Step::Restart => out.push(7),
        }
    }
}

/// Tells a story to a cluster that has topics and a group coordinator.
///
/// # Panics
/// Where something is found.
pub fn run(steps: &[Step]) {
    static PREPARED: OnceLock<Cluster> = OnceLock::new();
    let mut story = Story::begin(PREPARED.get_or_init(prepared).clone());
    for step in steps {
        story.step(step);
    }
    // What waits comes to its end, most of it.
    story.step(&Step::Wait(255));
}

/// A broker with two topics, one of them compacted, and its own topic for offsets.
fn prepared() -> Cluster {
    // Heartbeats would be most of what happens.
    let settings = [
        "offsets.topic.num.partitions=2",
        "broker.heartbeat.interval.ms=8000",
    ];
    let plan = Plan {
        seed: 7,
        started_at: START,
        brokers: vec![Address::new("localhost", 9092)],
        settings: settings
            .map(|text| text.parse::<Setting>().expect("a setting"))
            .into(),
    };
    let mut story = Story::begin(Cluster::new(plan));
    let compacted = CreatableTopicConfig {
        name: "cleanup.policy".into(),
        value: Some("compact".into()),
    };
    let topics =
        [("a", Vec::new()), ("c", vec![compacted])].map(|(name, configs)| CreatableTopic {
            name: name.into(),
            num_partitions: 2,
            replication_factor: 1,
            configs,
            ..CreatableTopic::default()
        });
    let create = CreateTopicsRequest {
        topics: topics.into(),
        ..CreateTopicsRequest::default()
    };
    story.ask(&create.into());
    let find = FindCoordinatorRequest {
        coordinator_keys: vec!["g".into()],
        ..FindCoordinatorRequest::default()
    };
    story.ask(&find.into());
    for client in story.clients {
        story.turn(vec![Input::Closed(client)]);
    }
    story.cluster
}

impl Story {
    fn begin(cluster: Cluster) -> Story {
        let mut story = Story {
            cluster,
            now: SimTime(START).plus_millis(60_000),
            clients: [ClientId(0); CONNECTIONS as usize],
            next_client: 1_000,
            asked: BTreeMap::new(),
            correlation: 0,
        };
        story.turn(Vec::new());
        for conn in 0..CONNECTIONS {
            story.open(conn);
        }
        story
    }

    fn ask(&mut self, request: &Request) {
        let spec = request.api().spec();
        let body = crate::body(request, spec.max_version);
        self.request(0, &frame(&spec, spec.max_version, 0, &body));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Request(conn, number, which, body) => {
                let spec = api(*number);
                let bytes = frame(&spec, version(&spec, *which), self.correlation, body);
                let bytes = if spec.api == ApiKey::Produce {
                    with_good_batches(bytes)
                } else {
                    bytes
                };
                self.request(*conn, &bytes);
            }
            Step::Raw(conn, bytes) => self.request(*conn, &Bytes::copy_from_slice(bytes)),
            Step::Wait(tenths) => {
                let end = self.now.plus_millis(i64::from(*tenths) * 100);
                // As the server does: it wakes the cluster when the cluster wants it.
                for _ in 0..10_000 {
                    let due = self.cluster.next_wakeup().filter(|at| *at <= end);
                    let Some(at) = due else { break };
                    self.now = self.now.max(at);
                    self.turn(Vec::new());
                }
                let due = self.cluster.next_wakeup();
                assert!(
                    due.is_none_or(|at| at > end),
                    "the cluster wakes without end"
                );
                self.now = end;
                self.turn(Vec::new());
            }
            Step::Reopen(conn) => {
                self.turn(vec![Input::Closed(self.clients[usize::from(*conn)])]);
                self.open(*conn);
            }
            Step::Restart => {
                self.turn(vec![Input::Kill(BROKER), Input::Start(BROKER)]);
                for conn in 0..CONNECTIONS {
                    self.open(conn);
                }
            }
        }
        let brokers: Vec<&Broker> = self.cluster.brokers().collect();
        let found = violations(&brokers);
        assert!(found.is_empty(), "{found:#?}");
    }

    fn open(&mut self, conn: u8) {
        let client = ClientId(self.next_client);
        self.next_client += 1;
        self.clients[usize::from(conn)] = client;
        self.asked.insert(client, VecDeque::new());
        self.turn(vec![Input::Accepted {
            client,
            broker: BROKER,
            peer_host: "/127.0.0.1".into(),
        }]);
    }

    fn request(&mut self, conn: u8, bytes: &Bytes) {
        let client = self.clients[usize::from(conn)];
        if let Some(head) = bytes.first_chunk::<8>() {
            let key = i16::from_be_bytes([head[0], head[1]]);
            let version = i16::from_be_bytes([head[2], head[3]]);
            let correlation = i32::from_be_bytes([head[4], head[5], head[6], head[7]]);
            let asked = self.asked.entry(client).or_default();
            asked.push_back((key, version, correlation));
        }
        self.correlation = self.correlation.wrapping_add(1);
        self.turn(vec![Input::Frame(client, bytes.clone())]);
    }

    fn turn(&mut self, inputs: Vec<Input>) {
        for output in self.cluster.turn(self.now, inputs) {
            match output {
                Output::Frame(client, frame) => self.read(client, &frame),
                Output::Idle(client) => {
                    self.asked.remove(&client);
                }
                Output::Close(client) => {
                    self.asked.remove(&client);
                    if let Some(conn) = self.clients.iter().position(|open| *open == client) {
                        self.clients[conn] = ClientId(0);
                    }
                }
            }
        }
        for conn in 0..CONNECTIONS {
            if self.clients[usize::from(conn)] == ClientId(0) && self.next_client > 1_000 {
                self.open(conn);
            }
        }
    }

    /// An answer is the answer to the oldest request that gets one.
    fn read(&mut self, client: ClientId, frame: &Bytes) {
        let answered = frame
            .first_chunk::<4>()
            .map(|head| i32::from_be_bytes(*head));
        let answered = answered.expect("an answer has a correlation id");
        let asked = self.asked.entry(client).or_default();
        // Those before it wanted none.
        while let Some((key, version, correlation)) = asked.pop_front() {
            if correlation != answered {
                assert_eq!(key, ApiKey::Produce.key(), "an answer is missing");
                continue;
            }
            let spoken = ApiKey::from_key(key).is_some_and(|api| api.spec().speaks(version));
            let version = if spoken { version } else { 0 };
            let read = Response::decode(key, version, frame);
            assert!(read.is_ok(), "{read:?} for API {key} v{version}");
            return;
        }
        panic!("an answer to nothing");
    }
}

/// The same produce request with lengths and checksums that hold, so that what lies behind them is
/// reached.
fn with_good_batches(bytes: Bytes) -> Bytes {
    let Ok((header, Request::Produce(mut request))) = Request::decode(&bytes) else {
        return bytes;
    };
    for topic in &mut request.topic_data {
        for partition in &mut topic.partition_data {
            partition.records = partition.records.take().map(with_good_checksum);
        }
    }
    Request::Produce(request).encode(&header)
}

/// The batch with a length, a magic number and a checksum that hold.
pub fn with_good_checksum(bytes: Bytes) -> Bytes {
    let mut batch = bytes.to_vec();
    if batch.len() < records::HEADER_SIZE {
        return bytes;
    }
    let length = u32::try_from(batch.len() - 12).expect("a short batch");
    batch[8..12].copy_from_slice(&length.to_be_bytes());
    batch[16] = 2;
    let crc = crc32c::crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&crc.to_be_bytes());
    Bytes::from(batch)
}

fn sized(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let length = take(rest, 2)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    // A length beyond the end takes what there is: an input stays useful when its end is cut.
    let bytes = take(rest, length.min(rest.len()))?;
    Some(bytes.to_vec())
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}
