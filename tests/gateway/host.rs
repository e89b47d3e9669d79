//! A cluster on a directory, without sockets.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use engine::net::Address;
use engine::rng::Rng;
use engine::time::SimTime;
use gateway::cluster::{ClientId, Cluster, Input, Output, Plan};
use gateway::data::{Data, Opened};
use protocol::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use protocol::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use protocol::messages::find_coordinator::FindCoordinatorRequest;
use protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use protocol::{Request, RequestHeader, Response};

use crate::peer::{NAMES_UNTIL, fetch_request, produce_request};

/// How long a folder may stay locked after this process has let go of it.
const HANDED_OVER: Duration = Duration::from_secs(2);

/// A directory that goes when the test is over.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("playground-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Scratch(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A cluster on a directory, without sockets.
pub struct Host {
    pub cluster: Cluster,
    pub data: Data,
    pub now: SimTime,
    pub torn: Vec<String>,
    pub asked: i32,
}

/// Opens a folder that this process has let go of. A server that another test starts just then holds all open
/// files, and so the lock, until it runs its own program.
fn open_free(dir: &Path, brokers: i32) -> Result<Opened, String> {
    let since = Instant::now();
    loop {
        match Data::open(dir, brokers, &mut Rng::from_seed(7)) {
            Err(trouble) if trouble.contains("is in use") && since.elapsed() < HANDED_OVER => {
                std::thread::yield_now();
            }
            outcome => return outcome,
        }
    }
}

impl Host {
    pub fn open(dir: &Path, brokers: i32, now: SimTime) -> Result<Host, String> {
        Host::open_with(dir, brokers, now, "offsets.topic.num.partitions=2")
    }

    pub fn open_with(
        dir: &Path,
        brokers: i32,
        now: SimTime,
        offsets: &str,
    ) -> Result<Host, String> {
        let plan = Plan {
            seed: 7,
            started_at: now.0,
            brokers: (1..=brokers)
                .map(|id| Address::new("localhost", 9000 + id as u16))
                .collect(),
            settings: vec![offsets.parse().unwrap()],
        };
        let Opened { data, kept, torn } = open_free(dir, brokers)?;
        let mut host = Host {
            cluster: Cluster::restore(plan, kept)?,
            data,
            now,
            torn,
            asked: 0,
        };
        for client in 1..=brokers {
            host.turn(vec![]);
            host.wait_for(|host| host.cluster.all_serve());
            host.turn(vec![Input::Accepted {
                client: ClientId(client as u64),
                broker: client,
                peer_host: "/127.0.0.1".into(),
            }]);
        }
        Ok(host)
    }

    pub fn turn(&mut self, inputs: Vec<Input>) -> Vec<Output> {
        let outputs = self.cluster.turn(self.now, inputs);
        self.data.write(self.now, &mut self.cluster).unwrap();
        outputs
    }

    pub fn wait_for(&mut self, done: impl Fn(&Host) -> bool) {
        for _ in 0..10_000 {
            if done(self) {
                return;
            }
            self.now = self.now.plus_millis(10);
            self.turn(vec![]);
        }
        panic!("it never comes");
    }

    pub fn send(&mut self, broker: i32, request: impl Into<Request>, version: i16) -> Vec<Output> {
        let request = request.into();
        self.asked += 1;
        let header = RequestHeader {
            api_key: request.api_key(),
            api_version: version,
            correlation_id: self.asked,
            client_id: Some("host".into()),
        };
        let frame = request.encode(&header);
        self.turn(vec![Input::Frame(ClientId(broker as u64), frame)])
    }

    pub fn ask(&mut self, broker: i32, request: impl Into<Request>, version: i16) -> Response {
        let request = request.into();
        let key = request.api_key();
        let mut outputs = self.send(broker, request, version);
        for _ in 0..10_000 {
            for output in outputs {
                if let Output::Frame(_, frame) = output {
                    return Response::decode(key, version, &frame).unwrap().1;
                }
            }
            self.now = self.now.plus_millis(10);
            outputs = self.turn(vec![]);
        }
        panic!("no answer to {key}");
    }

    pub fn create(&mut self, topic: &str, replicas: i16, configs: &[(&str, &str)]) {
        let configs = configs.iter().map(|(name, value)| CreatableTopicConfig {
            name: (*name).into(),
            value: Some((*value).into()),
        });
        let request = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: topic.into(),
                num_partitions: 1,
                replication_factor: replicas,
                configs: configs.collect(),
                ..CreatableTopic::default()
            }],
            timeout_ms: 30_000,
            ..CreateTopicsRequest::default()
        };
        let Response::CreateTopics(response) = self.ask(1, request, 6) else {
            panic!()
        };
        assert_eq!(response.topics[0].error_code, 0, "{response:?}");
        self.wait_for(|host| host.leader(topic) > 0);
    }

    pub fn leader(&self, topic: &str) -> i32 {
        let partition = engine::ids::TopicPartition::new(topic, 0);
        let image = self.cluster.controller().image();
        image.partition(&partition).map_or(-1, |found| found.leader)
    }

    pub fn produce(&mut self, topic: &str, values: &[Vec<u8>]) -> i64 {
        let leader = self.leader(topic);
        let request = produce_request(topic, values, -1);
        let Response::Produce(response) = self.ask(leader, request, NAMES_UNTIL) else {
            panic!()
        };
        let answer = &response.responses[0].partition_responses[0];
        assert_eq!(answer.error_code, 0, "{answer:?}");
        answer.base_offset
    }

    pub fn values(&mut self, topic: &str, from: i64) -> Vec<Vec<u8>> {
        let leader = self.leader(topic);
        let request = fetch_request(topic, from, 0, 0);
        let Response::Fetch(response) = self.ask(leader, request, NAMES_UNTIL) else {
            panic!()
        };
        let data = &response.responses[0].partitions[0];
        assert_eq!(data.error_code, 0);
        let bytes = data.records.clone().unwrap_or_default();
        let mut values = Vec::new();
        for batch in records::Batches::new(&bytes) {
            for record in batch.unwrap().records().unwrap() {
                let record = record.unwrap();
                if record.offset >= from {
                    values.push(record.value.unwrap().to_vec());
                }
            }
        }
        values
    }

    /// The broker that keeps a group's offsets.
    pub fn coordinator(&mut self, group: &str) -> i32 {
        for _ in 0..1_000 {
            let request = FindCoordinatorRequest {
                coordinator_keys: vec![group.into()],
                ..FindCoordinatorRequest::default()
            };
            let Response::FindCoordinator(response) = self.ask(1, request, 4) else {
                panic!()
            };
            if response.coordinators[0].error_code == 0 {
                return response.coordinators[0].node_id;
            }
            self.now = self.now.plus_millis(10);
        }
        panic!("no coordinator");
    }

    pub fn commit(&mut self, group: &str, offset: i64) {
        let request = OffsetCommitRequest {
            group_id: group.into(),
            generation_id_or_member_epoch: -1,
            topics: vec![OffsetCommitRequestTopic {
                name: "songs".into(),
                partitions: vec![OffsetCommitRequestPartition {
                    committed_offset: offset,
                    ..OffsetCommitRequestPartition::default()
                }],
                ..OffsetCommitRequestTopic::default()
            }],
            ..OffsetCommitRequest::default()
        };
        for _ in 0..1_000 {
            let broker = self.coordinator(group);
            let Response::OffsetCommit(response) = self.ask(broker, request.clone(), 8) else {
                panic!()
            };
            if response.topics[0].partitions[0].error_code == 0 {
                return;
            }
            self.now = self.now.plus_millis(10);
        }
        panic!("it cannot be committed");
    }

    pub fn committed(&mut self, group: &str) -> i64 {
        let request = OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: group.into(),
                topics: Some(vec![OffsetFetchRequestTopics {
                    name: "songs".into(),
                    partition_indexes: vec![0],
                    ..OffsetFetchRequestTopics::default()
                }]),
                ..OffsetFetchRequestGroup::default()
            }],
            ..OffsetFetchRequest::default()
        };
        let broker = self.coordinator(group);
        let Response::OffsetFetch(response) = self.ask(broker, request, 8) else {
            panic!()
        };
        assert_eq!(response.groups[0].error_code, 0);
        response.groups[0].topics[0].partitions[0].committed_offset
    }

    pub fn log_start(&mut self, topic: &str) -> i64 {
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![ListOffsetsTopic {
                name: topic.into(),
                partitions: vec![ListOffsetsPartition {
                    timestamp: -2,
                    current_leader_epoch: -1,
                    ..ListOffsetsPartition::default()
                }],
            }],
            ..ListOffsetsRequest::default()
        };
        let leader = self.leader(topic);
        let Response::ListOffsets(response) = self.ask(leader, request, 7) else {
            panic!()
        };
        response.topics[0].partitions[0].offset
    }

    pub fn delete_before(&mut self, topic: &str, offset: i64) {
        let request = DeleteRecordsRequest {
            topics: vec![DeleteRecordsTopic {
                name: topic.into(),
                partitions: vec![DeleteRecordsPartition {
                    partition_index: 0,
                    offset,
                }],
            }],
            timeout_ms: 10_000,
        };
        let leader = self.leader(topic);
        let Response::DeleteRecords(response) = self.ask(leader, request, 2) else {
            panic!()
        };
        assert_eq!(response.topics[0].partitions[0].error_code, 0);
    }
}
