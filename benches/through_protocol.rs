//! Produce and fetch through the protocol: request frame, broker, response frame, and records read.

use crate::codec::{ONE, THOUSAND, VALUE, encode};
use crate::measure::Bench;
use bytes::Bytes;
use client::admin::{AdminCall, AdminConfig, NewTopic};
use engine::broker::Broker;
use engine::ids::TopicPartition;
use engine::net::{Address, ConnId, Machine, NetIn, NetOut};
use engine::time::SimTime;
use protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use protocol::{ApiKey, Request, RequestHeader, Response, Uuid};
use records::Batches;
use world::input::{ClusterSpec, Input, Pace, Reply};
use world::world::World;

const TOPIC: &str = "measured";
const PRODUCE_VERSION: i16 = 13;
const FETCH_VERSION: i16 = 17;
/// After so many bytes a broker makes room for a fresh one, so that no log outgrows a tab.
const FRESH_AFTER_BYTES: usize = 16 * 1024 * 1024;

/// Requests with one record and with a thousand.
pub fn requests(bench: &Bench) {
    let lab = Lab::new();
    for (ceiling, count, words) in [
        (ONE, 1, "1 record of 100 B"),
        (THOUSAND, 1000, "1000 records of 100 B"),
    ] {
        let amount = (count, "rec");
        let mut broker = lab.connect();
        bench.rate(
            &format!("produce {words} through the protocol"),
            amount,
            Some(ceiling),
            || lab.renewed(&mut broker).produce(encode(count)),
        );
        let mut broker = lab.connect();
        broker.produce(encode(count));
        bench.rate(
            &format!("fetch {words} through the protocol"),
            amount,
            Some(ceiling),
            || assert_eq!(broker.fetch(0), count),
        );
        let mut broker = lab.connect();
        bench.rate(
            &format!("produce, then fetch {words} through the protocol"),
            amount,
            Some(ceiling),
            || {
                let broker = lab.renewed(&mut broker);
                let offset = broker.produce(encode(count));
                assert_eq!(broker.fetch(offset), count);
            },
        );
    }
}

/// A cluster of one broker with a topic, as a world makes it.
struct Lab {
    broker: Broker,
    topic_id: Uuid,
    now: SimTime,
}

/// A connection to a broker.
struct Connection {
    broker: Broker,
    topic_id: Uuid,
    now: SimTime,
    conn: ConnId,
    correlation_id: i32,
    stored_bytes: usize,
}

impl Lab {
    fn new() -> Lab {
        let mut world = World::new(1, SimTime(1_700_000_000_000_000), Pace::Real);
        let spec = ClusterSpec {
            brokers: 1,
            first_port: 8098,
            offsets_partitions: 1,
        };
        world
            .apply(Input::StartCluster(spec))
            .expect("an empty world");
        let config = AdminConfig::new("admin", vec![Address::new("localhost", 8098)]);
        let Ok(Reply::Client(admin)) = world.apply(Input::SpawnAdmin(config)) else {
            unreachable!("an admin client is always let in")
        };
        let topic = NewTopic {
            name: TOPIC.to_owned(),
            partitions: Some(1),
            replication_factor: Some(1),
            ..NewTopic::default()
        };
        let call = AdminCall::CreateTopics(vec![topic]);
        world
            .apply(Input::Call(admin, call))
            .expect("an admin client");
        world.run_until(world.started_at().plus_millis(10_000));
        let cluster = world.cluster().expect("it runs");
        let broker = cluster.broker(1).expect("broker 1").clone();
        let hosted = broker.replicas().hosted(&TopicPartition::new(TOPIC, 0));
        Lab {
            topic_id: hosted.expect("the topic").topic_id,
            now: world.now(),
            broker,
        }
    }

    fn connect(&self) -> Connection {
        let mut connection = Connection {
            broker: self.broker.clone(),
            topic_id: self.topic_id,
            now: self.now,
            conn: ConnId::incoming(1 << 40),
            correlation_id: 0,
            stored_bytes: 0,
        };
        let accepted = NetIn::Accepted {
            conn: connection.conn,
            peer_host: "/127.0.0.1".to_owned(),
        };
        connection.broker.handle(self.now, accepted);
        connection.broker.drain();
        connection
    }

    /// The same connection, or one to a fresh broker once much is stored.
    fn renewed<'a>(&self, connection: &'a mut Connection) -> &'a mut Connection {
        if connection.stored_bytes > FRESH_AFTER_BYTES {
            *connection = self.connect();
        }
        connection
    }
}

impl Connection {
    /// Sends a batch and gives the offset that it got.
    fn produce(&mut self, batch: Bytes) -> i64 {
        self.stored_bytes += batch.len();
        let data = PartitionProduceData {
            index: 0,
            records: Some(batch),
        };
        let topic = TopicProduceData {
            topic_id: self.topic_id,
            partition_data: vec![data],
            ..TopicProduceData::default()
        };
        let request = ProduceRequest {
            acks: -1,
            timeout_ms: 30_000,
            topic_data: vec![topic],
            ..ProduceRequest::default()
        };
        let response = self.call(request.into(), ApiKey::Produce, PRODUCE_VERSION);
        let Response::Produce(response) = response else {
            unreachable!("decoded as one")
        };
        let topic = response.responses.first().expect("an answer to the topic");
        let answer = topic.partition_responses.first().expect("to the partition");
        assert_eq!(answer.error_code, 0, "the broker refused a batch");
        answer.base_offset
    }

    /// Fetches one batch and reads its records; gives how many.
    fn fetch(&mut self, offset: i64) -> u32 {
        let partition = FetchPartition {
            partition: 0,
            fetch_offset: offset,
            partition_max_bytes: 1_048_576,
            ..FetchPartition::default()
        };
        let topic = FetchTopic {
            topic_id: self.topic_id,
            partitions: vec![partition],
            ..FetchTopic::default()
        };
        let request = FetchRequest {
            min_bytes: 1,
            max_wait_ms: 500,
            topics: vec![topic],
            ..FetchRequest::default()
        };
        let response = self.call(request.into(), ApiKey::Fetch, FETCH_VERSION);
        let Response::Fetch(response) = response else {
            unreachable!("decoded as one")
        };
        let topic = response.responses.first().expect("an answer to the topic");
        let answer = topic.partitions.first().expect("to the partition");
        let mut read = 0;
        for batch in Batches::new(answer.records.as_deref().unwrap_or_default()) {
            let batch = batch.expect("a batch");
            batch.check().expect("a sound batch");
            for record in batch.records().expect("records") {
                let value = record.expect("a record").value;
                read += u32::from(value.is_some_and(|value| value.len() == VALUE.len()));
            }
        }
        read
    }

    /// Request frame in, response frame out.
    fn call(&mut self, request: Request, api: ApiKey, version: i16) -> Response {
        self.correlation_id = self.correlation_id.wrapping_add(1);
        let header = RequestHeader {
            api_key: api.key(),
            api_version: version,
            correlation_id: self.correlation_id,
            client_id: Some("measuring".to_owned()),
        };
        let frame = request.encode(&header);
        self.broker.handle(self.now, NetIn::Frame(self.conn, frame));
        let mine = self.broker.drain().into_iter().find_map(|out| match out {
            NetOut::Send(conn, frame) if conn == self.conn => Some(frame),
            _ => None,
        });
        let frame = mine.expect("an answer at once");
        let (_, response) = Response::decode(api.key(), version, &frame).expect("an answer");
        response
    }
}
