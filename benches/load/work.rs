//! What is measured: records in, records out, and how long one record takes.

use crate::peer::Peer;
use protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use protocol::{ApiKey, Request, Response};
use records::{BatchBuilder, BatchOptions, Batches, Record};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const PRODUCE_VERSION: i16 = 9;
const FETCH_VERSION: i16 = 11;
/// As many as Kafka's own producer has in flight by default.
const IN_FLIGHT: i32 = 5;
/// `fetch.max.bytes` and `max.partition.fetch.bytes` of Kafka's own consumer.
const FETCH_BYTES: i32 = 52_428_800;
const PARTITION_BYTES: i32 = 1_048_576;
const VALUE: [u8; 100] = [b'k'; 100];

/// How long the leader of a new topic may refuse records, not knowing yet that it leads.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends `records` records in batches of `batch`, several in flight, acknowledged by all replicas.
pub fn produce(peer: &mut Peer, topic: &str, records: u64, batch: u64) -> Result<(), String> {
    peer.topic(topic)?;
    let mut frame = Peer::framed(&produce_request(topic, batch), PRODUCE_VERSION);
    taken(peer, &mut frame)?;
    let started = Instant::now();
    let mut sent = 0;
    while sent < records {
        peer.send(&mut frame)?;
        sent += batch;
        if peer.in_flight() >= IN_FLIGHT {
            acknowledged(peer)?;
        }
    }
    while peer.in_flight() > 0 {
        acknowledged(peer)?;
    }
    rate("in", sent, started);
    Ok(())
}

/// Reads `records` records from the beginning, one fetch after another.
pub fn fetch(peer: &mut Peer, topic: &str, records: u64) -> Result<(), String> {
    let started = Instant::now();
    let (mut read, mut offset) = (0_u64, 0_i64);
    while read < records {
        peer.send(&mut Peer::framed(
            &fetch_request(topic, offset),
            FETCH_VERSION,
        ))?;
        let Response::Fetch(response) = peer.receive(ApiKey::Fetch, FETCH_VERSION)? else {
            unreachable!("decoded as one")
        };
        let topic = response.responses.first().ok_or("no topic in the answer")?;
        let answer = topic
            .partitions
            .first()
            .ok_or("no partition in the answer")?;
        let bytes = answer.records.as_deref().unwrap_or_default();
        if answer.error_code != 0 || bytes.is_empty() {
            return Err(format!("error {} at offset {offset}", answer.error_code));
        }
        for batch in Batches::new(bytes) {
            let header = batch.map_err(|error| error.to_string())?.header;
            read += u64::try_from(header.records_count).unwrap_or_default();
            offset = header.last_offset() + 1;
        }
    }
    rate("out", read, started);
    Ok(())
}

/// Sends one record at a time and waits for each: the 50th and the 99th percentile.
pub fn latency(peer: &mut Peer, topic: &str, records: u64) -> Result<(), String> {
    peer.topic(topic)?;
    let mut frame = Peer::framed(&produce_request(topic, 1), PRODUCE_VERSION);
    taken(peer, &mut frame)?;
    let mut times = Vec::new();
    for _ in 0..records {
        let started = Instant::now();
        peer.send(&mut frame)?;
        acknowledged(peer)?;
        times.push(started.elapsed());
    }
    times.sort();
    for (name, share) in [("p50", 50), ("p99", 99)] {
        let at = times
            .get(times.len() * share / 100)
            .copied()
            .unwrap_or_default();
        figure(name, at.as_secs_f64() * 1e6, "µs");
    }
    Ok(())
}

/// Sends a batch until the leader takes it.
fn taken(peer: &mut Peer, frame: &mut [u8]) -> Result<(), String> {
    let since = Instant::now();
    loop {
        peer.send(frame)?;
        match acknowledged(peer) {
            Err(_) if since.elapsed() < PATIENCE => {}
            outcome => return outcome,
        }
    }
}

fn acknowledged(peer: &mut Peer) -> Result<(), String> {
    let Response::Produce(response) = peer.receive(ApiKey::Produce, PRODUCE_VERSION)? else {
        unreachable!("decoded as one")
    };
    let topic = response.responses.first().ok_or("no topic in the answer")?;
    let answer = topic
        .partition_responses
        .first()
        .ok_or("no partition in the answer")?;
    match answer.error_code {
        0 => Ok(()),
        code => Err(format!("the server refused a batch: error {code}")),
    }
}

fn produce_request(topic: &str, records: u64) -> Request {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut batch = BatchBuilder::new(BatchOptions::default());
    for _ in 0..records {
        let record = Record {
            timestamp: i64::try_from(now.as_millis()).unwrap_or_default(),
            key: None,
            value: Some(&VALUE),
            headers: &[],
        };
        batch.append(&record).expect("room for a record");
    }
    let data = PartitionProduceData {
        index: 0,
        records: Some(batch.build()),
    };
    let topic = TopicProduceData {
        name: topic.to_owned(),
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    let request = ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![topic],
        ..ProduceRequest::default()
    };
    request.into()
}

fn fetch_request(topic: &str, offset: i64) -> Request {
    let partition = FetchPartition {
        partition: 0,
        fetch_offset: offset,
        partition_max_bytes: PARTITION_BYTES,
        ..FetchPartition::default()
    };
    let topic = FetchTopic {
        topic: topic.to_owned(),
        partitions: vec![partition],
        ..FetchTopic::default()
    };
    let request = FetchRequest {
        max_wait_ms: 500,
        min_bytes: 1,
        max_bytes: FETCH_BYTES,
        topics: vec![topic],
        ..FetchRequest::default()
    };
    request.into()
}

fn rate(name: &str, records: u64, started: Instant) {
    figure(
        name,
        records as f64 / started.elapsed().as_secs_f64(),
        "rec/s",
    );
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("load\t{name}\t{value:.0}\t{unit}");
}
