//! A controller on the bench: brokers and admin clients are played by the test.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::controller::{Controller, ControllerConfig};
use engine::ids::TopicPartition;
use engine::image::MetadataImage;
use engine::image::partition::PartitionImage;
use engine::net::{ConnId, Machine, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::messages::alter_partition::{
    AlterPartitionRequest, AlterPartitionResponse, BrokerState, PartitionData, TopicData,
};
use protocol::messages::broker_heartbeat::{BrokerHeartbeatRequest, BrokerHeartbeatResponse};
use protocol::messages::broker_registration::{
    BrokerRegistrationRequest, BrokerRegistrationResponse, Listener,
};
use protocol::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
    CreateTopicsResponse,
};
use protocol::{ErrorCode, Request, RequestHeader, Response, Uuid};

pub const CLUSTER: &str = "a-cluster";

/// What a response says: code and sentence.
pub type Verdict = (ErrorCode, Option<String>);

pub struct Lab {
    pub controller: Controller,
    pub now: SimTime,
    pub epochs: BTreeMap<i32, i64>,
    lives: u8,
    correlation: i32,
}

impl Lab {
    /// A controller and `brokers` brokers that live.
    pub fn new(brokers: i32) -> Lab {
        Lab::with(brokers, |_| {})
    }

    pub fn with(brokers: i32, change: impl Fn(&mut ControllerConfig)) -> Lab {
        let now = SimTime::from_millis(1_700_000_000_000);
        let mut config = ControllerConfig::new(1, CLUSTER);
        change(&mut config);
        let controller = Controller::new(config, Rng::from_seed(7), now);
        let mut lab = Lab {
            controller,
            now,
            epochs: BTreeMap::new(),
            lives: 0,
            correlation: 0,
        };
        lab.connect(ConnId::incoming(0));
        for broker in 1..=brokers {
            lab.start(broker);
        }
        lab
    }

    /// The controller dies, and this one takes its place.
    pub fn replace(&mut self, controller: Controller) {
        self.controller = controller;
        self.connect(ConnId::incoming(0));
    }

    pub fn connect(&mut self, conn: ConnId) {
        let peer_host = "/127.0.0.1".to_owned();
        self.controller
            .handle(self.now, NetIn::Accepted { conn, peer_host });
    }

    pub fn image(&self) -> &MetadataImage {
        self.controller.image()
    }

    /// Sends a request in its newest version and gives the answer, which must come at once.
    pub fn ask(&mut self, request: impl Into<Request>) -> Response {
        let request = request.into();
        let version = request.api().spec().max_version;
        self.ask_in(version, request)
    }

    pub fn ask_in(&mut self, version: i16, request: Request) -> Response {
        let conn = ConnId::incoming(0);
        let api_key = request.api_key();
        self.send(conn, version, &request);
        let mut answers = self.frames(conn);
        assert_eq!(answers.len(), 1, "one answer at once");
        let (correlation, response) =
            Response::decode(api_key, version, &answers.remove(0)).unwrap();
        assert_eq!(correlation, self.correlation);
        response
    }

    pub fn send(&mut self, conn: ConnId, version: i16, request: &Request) {
        self.correlation += 1;
        let header = RequestHeader {
            api_key: request.api_key(),
            api_version: version,
            correlation_id: self.correlation,
            client_id: Some("test".to_owned()),
        };
        let frame = request.encode(&header);
        self.controller.handle(self.now, NetIn::Frame(conn, frame));
    }

    /// What was sent on a connection since it was last asked; other connections' frames are dropped.
    pub fn frames(&mut self, conn: ConnId) -> Vec<Bytes> {
        let out = self.controller.drain();
        let frames = out.into_iter().filter_map(|out| match out {
            NetOut::Send(to, frame) if to == conn => Some(frame),
            _ => None,
        });
        frames.collect()
    }

    /// Lets time pass, waking the controller when it wants it.
    pub fn pass(&mut self, millis: i64) {
        let end = self.now.plus_millis(millis);
        while let Some(wakeup) = self
            .controller
            .next_wakeup()
            .filter(|wakeup| wakeup.at <= end)
        {
            self.now = self.now.max(wakeup.at);
            self.controller.advance(self.now);
        }
        self.now = end;
    }

    /// Lets time pass while these brokers send their heartbeats.
    pub fn pass_with(&mut self, millis: i64, brokers: &[i32]) {
        for _ in 0..millis / 1000 {
            self.pass(1000);
            for broker in brokers {
                self.beat(*broker);
            }
        }
    }

    /// A new process of a broker registers; nothing more.
    pub fn register(&mut self, broker: i32) -> BrokerRegistrationResponse {
        self.lives += 1;
        let request = registration(broker, self.lives);
        let Response::BrokerRegistration(response) = self.ask(request) else {
            panic!()
        };
        if response.error_code == 0 {
            self.epochs.insert(broker, response.broker_epoch);
        }
        response
    }

    /// A broker registers, catches up and is unfenced.
    pub fn start(&mut self, broker: i32) {
        assert_eq!(self.register(broker).error_code, 0);
        assert!(!self.beat(broker).is_fenced);
    }

    /// A heartbeat of a broker that has replayed the whole log.
    pub fn beat(&mut self, broker: i32) -> BrokerHeartbeatResponse {
        self.heartbeat(broker, |_| {})
    }

    pub fn heartbeat(
        &mut self,
        broker: i32,
        change: fn(&mut BrokerHeartbeatRequest),
    ) -> BrokerHeartbeatResponse {
        let mut request = BrokerHeartbeatRequest {
            broker_id: broker,
            broker_epoch: self.epochs.get(&broker).copied().unwrap_or(-1),
            current_metadata_offset: self.controller.log().end_offset() - 1,
            ..Default::default()
        };
        change(&mut request);
        let Response::BrokerHeartbeat(response) = self.ask(request) else {
            panic!()
        };
        response
    }

    pub fn create(&mut self, topic: CreatableTopic) -> Verdict {
        let response = self.create_all(vec![topic], false);
        let result = &response.topics[0];
        (
            ErrorCode::from_code(result.error_code),
            result.error_message.clone(),
        )
    }

    pub fn create_all(
        &mut self,
        topics: Vec<CreatableTopic>,
        validate_only: bool,
    ) -> CreateTopicsResponse {
        let request = CreateTopicsRequest {
            topics,
            validate_only,
            ..Default::default()
        };
        let Response::CreateTopics(response) = self.ask(request) else {
            panic!()
        };
        response
    }

    /// A topic with one partition on these replicas; gives its id.
    pub fn create_on(&mut self, name: &str, replicas: &[i32]) -> Uuid {
        assert_eq!(self.create(by_hand(name, &[replicas])).0, ErrorCode::None);
        self.image().topic(name).unwrap().id
    }

    pub fn partition(&self, topic: &str, index: i32) -> PartitionImage {
        self.image()
            .partition(&TopicPartition::new(topic, index))
            .unwrap()
            .clone()
    }

    /// Leader, in-sync replicas, leader epoch, partition epoch.
    pub fn standing(&self, topic: &str) -> (i32, Vec<i32>, i32, i32) {
        let partition = self.partition(topic, 0);
        (
            partition.leader,
            partition.isr,
            partition.leader_epoch,
            partition.partition_epoch,
        )
    }

    /// The leader of partition 0 asks for other in-sync replicas, with what it knows to be current.
    pub fn alter_isr(
        &mut self,
        topic: &str,
        isr: &[i32],
        change: fn(&mut AlterPartitionRequest),
    ) -> ErrorCode {
        let partition = self.partition(topic, 0);
        let epochs = &self.epochs;
        let state = |broker: &i32| BrokerState {
            broker_id: *broker,
            broker_epoch: epochs.get(broker).copied().unwrap_or(-1),
        };
        let data = PartitionData {
            partition_index: 0,
            leader_epoch: partition.leader_epoch,
            partition_epoch: partition.partition_epoch,
            new_isr_with_epochs: isr.iter().map(state).collect(),
            ..Default::default()
        };
        let topic_id = self.image().topic(topic).unwrap().id;
        let mut request = AlterPartitionRequest {
            broker_id: partition.leader,
            broker_epoch: self.epochs.get(&partition.leader).copied().unwrap_or(-1),
            topics: vec![TopicData {
                topic_id,
                partitions: vec![data],
            }],
        };
        change(&mut request);
        let Response::AlterPartition(response) = self.ask(request) else {
            panic!()
        };
        altered(&response)
    }
}

pub fn altered(response: &AlterPartitionResponse) -> ErrorCode {
    let inner = response
        .topics
        .first()
        .map_or(0, |topic| topic.partitions[0].error_code);
    ErrorCode::from_code(if response.error_code != 0 {
        response.error_code
    } else {
        inner
    })
}

pub fn registration(broker: i32, life: u8) -> BrokerRegistrationRequest {
    let listener = Listener {
        name: "PLAINTEXT".to_owned(),
        host: "localhost".to_owned(),
        port: u16::try_from(8097 + broker).unwrap(),
        security_protocol: 0,
    };
    BrokerRegistrationRequest {
        broker_id: broker,
        cluster_id: CLUSTER.to_owned(),
        incarnation_id: Uuid([life; 16]),
        listeners: vec![listener],
        ..Default::default()
    }
}

/// A topic by counts; -1 is the default.
pub fn by_count(name: &str, partitions: i32, replication: i16) -> CreatableTopic {
    CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: replication,
        ..Default::default()
    }
}

/// A topic with its replicas chosen by hand.
pub fn by_hand(name: &str, replicas: &[&[i32]]) -> CreatableTopic {
    let assignment = |(index, replicas): (i32, &&[i32])| CreatableReplicaAssignment {
        partition_index: index,
        broker_ids: replicas.to_vec(),
    };
    CreatableTopic {
        assignments: (0..).zip(replicas).map(assignment).collect(),
        ..by_count(name, -1, -1)
    }
}

pub fn with_config(mut topic: CreatableTopic, key: &str, value: &str) -> CreatableTopic {
    topic.configs.push(CreatableTopicConfig {
        name: key.to_owned(),
        value: Some(value.to_owned()),
    });
    topic
}
