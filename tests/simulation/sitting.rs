//! One recorded sitting and the digest of the world it leads to: the same on the host and in wasm.

use bytes::Bytes;
use client::admin::{AdminCall, AdminConfig, NewTopic};
use client::consumer::{ConsumerConfig, OffsetReset, Subscription};
use client::producer::{ProducerConfig, ProducerRecord};
use engine::net::Address;
use engine::time::SimTime;
use world::input::{ClientId, ClusterSpec, Input, Pace, Reader, Workload};
use world::world::World;

/// The digest that every platform must come to.
pub const EXPECTED: &str = include_str!("digest.txt");

/// Plays the sitting and gives the digest of every byte of the world at its end.
pub fn digest() -> String {
    let mut world = World::new(42, SimTime(1_700_000_000_000_000), Pace::Teaching);
    for (millis, input) in inputs() {
        world.run_until(world.started_at().plus_millis(millis));
        let _ = world.apply(input);
    }
    world.run_until(world.started_at().plus_millis(60_000));
    let bytes = postcard::to_allocvec(&world).expect("a world can be written");
    format!(
        "{} bytes, crc32c {:08x}",
        bytes.len(),
        crc32c::crc32c(&bytes)
    )
}

fn inputs() -> Vec<(i64, Input)> {
    let bootstrap = vec![Address::new("localhost", 8098)];
    let topic = NewTopic {
        name: "secret_channel".to_owned(),
        partitions: Some(3),
        replication_factor: Some(3),
        ..NewTopic::default()
    };
    let mut reads = ConsumerConfig::new("consumer-1", bootstrap.clone());
    reads.group_id = Some("analytics".to_owned());
    reads.auto_offset_reset = OffsetReset::Earliest;
    let subscription = Subscription::Topics(vec!["secret_channel".to_owned()]);
    let workload = Workload {
        topic: "secret_channel".to_owned(),
        partition: None,
        interval_micros: 700_000,
        keys: vec![Some("nfsturm".to_owned()), Some("ennius".to_owned()), None],
        values: vec!["{key} says {n}".to_owned()],
        headers: Vec::new(),
        remaining: Some(50),
    };
    let record = ProducerRecord {
        topic: "secret_channel".to_owned(),
        key: Some(Bytes::from_static(b"livius")),
        value: Some(Bytes::from_static(b"None can tune a drone reed.")),
        ..ProducerRecord::default()
    };
    vec![
        (
            0,
            Input::StartCluster(ClusterSpec {
                brokers: 3,
                first_port: 8098,
                offsets_partitions: 5,
            }),
        ),
        (
            2_000,
            Input::SpawnAdmin(AdminConfig::new("admin", bootstrap.clone())),
        ),
        (
            2_000,
            Input::Call(ClientId(0), AdminCall::CreateTopics(vec![topic])),
        ),
        (
            4_000,
            Input::SpawnProducer(ProducerConfig::new("agent-nfsturm", bootstrap)),
        ),
        (4_000, Input::SetWorkload(ClientId(1), Some(workload))),
        (
            6_000,
            Input::SpawnConsumer(reads.clone(), subscription.clone()),
        ),
        (
            6_000,
            Input::SetReader(ClientId(2), Some(Reader::default())),
        ),
        (20_000, Input::Send(ClientId(1), record)),
        (30_000, Input::SpawnConsumer(reads, subscription)),
        (
            30_000,
            Input::SetReader(
                ClientId(3),
                Some(Reader {
                    records_per_second: Some(2),
                }),
            ),
        ),
        (50_000, Input::Kill(ClientId(2))),
    ]
}
