//! What the brokers of the small cluster know and answer: the engine's own logs and groups under a
//! plain reading of the other requests.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::group::{
    CoordinatorEffect, CoordinatorNode, GroupConfig, GroupCoordinator, RequestContext,
    RequestToken, TopicResolver, find_coordinator,
};
use engine::ids::TopicPartition;
use engine::log::PartitionLog;
use engine::log::append::{LeaderAppend, Origin};
use engine::log::config::LogConfig;
use engine::log::lookup::ReadLimit;
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::messages::api_versions::{ApiVersion, ApiVersionsResponse};
use protocol::messages::create_topics::{
    CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse,
};
use protocol::messages::describe_cluster::DescribeClusterResponse;
use protocol::messages::fetch::{
    FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use protocol::messages::init_producer_id::InitProducerIdResponse;
use protocol::messages::list_offsets::{
    ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use protocol::messages::metadata::{
    MetadataRequest, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
    MetadataResponseTopic,
};
use protocol::messages::produce::{
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceResponse,
};
use protocol::{ApiKey, ErrorCode, Request, RequestHeader, Response, Uuid};

/// A topic with its partitions.
pub struct Topic {
    pub id: Uuid,
    pub partitions: Vec<Partition>,
}

/// A partition: the one log stands for all replicas.
pub struct Partition {
    pub leader: i32,
    pub epoch: i32,
    pub log: PartitionLog,
}

/// What the brokers share.
pub struct Shared {
    pub brokers: i32,
    pub topics: BTreeMap<String, Topic>,
    pub groups: GroupCoordinator,
    pub auto_create: bool,
    next_producer_id: i64,
    next_topic: u8,
}

/// An answer, now or later.
pub enum Answer {
    Now(Response),
    /// The group coordinator will answer the request with this token.
    Later,
    /// Nothing to read yet; ask again when there is, or at this time.
    Park(SimTime),
    None,
}

pub struct Names<'a>(pub &'a BTreeMap<String, Topic>);

impl TopicResolver for Names<'_> {
    fn id_of(&self, topic: &str) -> Option<Uuid> {
        self.0.get(topic).map(|topic| topic.id)
    }

    fn name_of(&self, id: Uuid) -> Option<String> {
        let found = self.0.iter().find(|(_, topic)| topic.id == id);
        found.map(|(name, _)| name.clone())
    }

    fn has(&self, partition: &TopicPartition) -> bool {
        self.0.contains_key(&partition.topic)
    }

    fn partition_count(&self, topic: &str) -> i32 {
        let topic = self.0.get(topic);
        topic.map_or(0, |topic| topic.partitions.len() as i32)
    }

    fn topic_names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn version(&self) -> i64 {
        self.0.len() as i64
    }

    fn group_setting(&self, _: &str, _: &str) -> Option<i32> {
        None
    }
}

impl Shared {
    pub fn new(brokers: i32, now: SimTime) -> Shared {
        let config = GroupConfig {
            offsets_partitions: 1,
            initial_rebalance_delay_ms: 0,
            ..GroupConfig::default()
        };
        let mut groups = GroupCoordinator::new(config, Rng::from_seed(99));
        groups.start_loading(0, 0);
        groups.finish_loading(now, 0);
        Shared {
            brokers,
            topics: BTreeMap::new(),
            groups,
            auto_create: true,
            next_producer_id: 1000,
            next_topic: 1,
        }
    }

    pub fn create(&mut self, name: &str, partitions: i32) {
        let mut id = [7; 16];
        id[15] = self.next_topic;
        self.next_topic += 1;
        let partitions = (0..partitions).map(|p| {
            let mut log = PartitionLog::new(LogConfig::default());
            log.begin_epoch(0);
            let leader = 1 + p % self.brokers;
            Partition {
                leader,
                epoch: 0,
                log,
            }
        });
        let partitions = partitions.collect();
        self.topics.insert(
            name.to_owned(),
            Topic {
                id: Uuid(id),
                partitions,
            },
        );
    }

    pub fn port(broker: i32) -> u16 {
        u16::try_from(8097 + broker).unwrap()
    }

    pub fn answer(
        &mut self,
        now: SimTime,
        broker: i32,
        token: RequestToken,
        (header, request): (&RequestHeader, &Request),
    ) -> (Answer, Vec<CoordinatorEffect>) {
        let answer = match request {
            Request::ApiVersions(_) => Answer::Now(versions()),
            Request::Metadata(body) => Answer::Now(self.metadata(body).into()),
            Request::InitProducerId(body) => {
                assert_eq!(body.transactional_id, None, "not transactional");
                self.next_producer_id += 1;
                let producer_id = self.next_producer_id - 1;
                Answer::Now(
                    InitProducerIdResponse {
                        producer_id,
                        ..Default::default()
                    }
                    .into(),
                )
            }
            Request::Produce(body) => match (body.acks, self.produce(now, broker, body)) {
                (0, _) => Answer::None,
                (_, response) => Answer::Now(response.into()),
            },
            Request::Fetch(body) => self.fetch(now, broker, body),
            Request::ListOffsets(body) => Answer::Now(self.list_offsets(broker, body).into()),
            Request::FindCoordinator(body) => {
                let node = || CoordinatorNode {
                    id: 1,
                    host: "localhost".to_owned(),
                    port: Shared::port(1),
                };
                Answer::Now(find_coordinator(body, header.api_version, 1, |_| Some(node())).into())
            }
            Request::CreateTopics(body) => Answer::Now(self.create_topics(body).into()),
            Request::DescribeCluster(_) => Answer::Now(DescribeClusterResponse::default().into()),
            _ => {
                let context = RequestContext {
                    token,
                    client_id: header.client_id.clone().unwrap_or_default(),
                    client_host: "/127.0.0.1".to_owned(),
                    api_version: header.api_version,
                };
                let names = Names(&self.topics);
                let effects = self.groups.handle(now, &context, request.clone(), &names);
                return (Answer::Later, effects);
            }
        };
        (answer, Vec::new())
    }

    fn metadata(&mut self, body: &MetadataRequest) -> MetadataResponse {
        let asked: Vec<String> = match &body.topics {
            None => self.topics.keys().cloned().collect(),
            Some(topics) => topics
                .iter()
                .filter_map(|topic| topic.name.clone())
                .collect(),
        };
        let topics = asked.into_iter().map(|name| {
            let Some(topic) = self.topics.get(&name) else {
                if body.allow_auto_topic_creation && self.auto_create {
                    self.create(&name, 1);
                }
                return MetadataResponseTopic {
                    error_code: ErrorCode::UnknownTopicOrPartition.code(),
                    name: Some(name),
                    ..Default::default()
                };
            };
            MetadataResponseTopic {
                topic_id: topic.id,
                name: Some(name),
                partitions: topic
                    .partitions
                    .iter()
                    .zip(0..)
                    .map(|(p, i)| described(p, i))
                    .collect(),
                ..Default::default()
            }
        });
        let topics = topics.collect();
        MetadataResponse {
            brokers: (1..=self.brokers)
                .map(|id| MetadataResponseBroker {
                    node_id: id,
                    host: "localhost".to_owned(),
                    port: i32::from(Shared::port(id)),
                    rack: None,
                })
                .collect(),
            cluster_id: Some("cluster".to_owned()),
            controller_id: 1,
            topics,
            ..Default::default()
        }
    }

    fn find(&mut self, name: &str, id: Uuid, partition: i32) -> Option<&mut Partition> {
        let topic = if name.is_empty() {
            self.topics.values_mut().find(|topic| topic.id == id)
        } else {
            self.topics.get_mut(name)
        };
        topic?.partitions.get_mut(usize::try_from(partition).ok()?)
    }

    fn produce(&mut self, now: SimTime, broker: i32, body: &ProduceRequest) -> ProduceResponse {
        let mut responses = Vec::new();
        for topic in &body.topic_data {
            let mut rows = Vec::new();
            for data in &topic.partition_data {
                let mut row = PartitionProduceResponse {
                    index: data.index,
                    ..Default::default()
                };
                let records = data.records.clone().unwrap_or_default();
                match self.find(&topic.name, topic.topic_id, data.index) {
                    None => row.error_code = ErrorCode::UnknownTopicOrPartition.code(),
                    Some(p) if p.leader != broker => {
                        row.error_code = ErrorCode::NotLeaderOrFollower.code();
                    }
                    Some(p) => append(p, now, &records, &mut row),
                }
                rows.push(row);
            }
            responses.push(TopicProduceResponse {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partition_responses: rows,
            });
        }
        ProduceResponse {
            responses,
            ..Default::default()
        }
    }

    fn fetch(&mut self, now: SimTime, broker: i32, body: &FetchRequest) -> Answer {
        let mut news = false;
        let mut responses = Vec::new();
        for topic in &body.topics {
            let mut rows = Vec::new();
            for asked in &topic.partitions {
                let found = self.find(&topic.topic, topic.topic_id, asked.partition);
                let row = read(found, broker, asked.fetch_offset);
                news |= row.error_code != 0 || row.records.as_ref().is_some_and(|r| !r.is_empty());
                rows.push(PartitionData {
                    partition_index: asked.partition,
                    ..row
                });
            }
            responses.push(FetchableTopicResponse {
                topic: topic.topic.clone(),
                topic_id: topic.topic_id,
                partitions: rows,
            });
        }
        if !news && body.max_wait_ms > 0 {
            return Answer::Park(now.plus_millis(i64::from(body.max_wait_ms)));
        }
        Answer::Now(
            FetchResponse {
                responses,
                ..Default::default()
            }
            .into(),
        )
    }

    fn list_offsets(&mut self, broker: i32, body: &ListOffsetsRequest) -> ListOffsetsResponse {
        let mut topics = Vec::new();
        for topic in &body.topics {
            let rows = topic.partitions.iter().map(|asked| {
                let mut row = ListOffsetsPartitionResponse {
                    partition_index: asked.partition_index,
                    ..Default::default()
                };
                match self.find(&topic.name, Uuid::ZERO, asked.partition_index) {
                    None => row.error_code = ErrorCode::UnknownTopicOrPartition.code(),
                    Some(p) if p.leader != broker => {
                        row.error_code = ErrorCode::NotLeaderOrFollower.code();
                    }
                    Some(p) => {
                        row.offset = match asked.timestamp {
                            -1 => p.log.high_watermark(),
                            -2 => p.log.log_start_offset(),
                            at => p.log.offset_for_time(at).map_or(-1, |found| found.offset),
                        };
                    }
                }
                row
            });
            let partitions = rows.collect();
            topics.push(ListOffsetsTopicResponse {
                name: topic.name.clone(),
                partitions,
            });
        }
        ListOffsetsResponse {
            topics,
            ..Default::default()
        }
    }

    fn create_topics(&mut self, body: &CreateTopicsRequest) -> CreateTopicsResponse {
        let topics = body.topics.iter().map(|topic| {
            let mut row = CreatableTopicResult {
                name: topic.name.clone(),
                ..Default::default()
            };
            if self.topics.contains_key(&topic.name) {
                row.error_code = ErrorCode::TopicAlreadyExists.code();
                row.error_message = Some(format!("Topic '{}' already exists.", topic.name));
            } else {
                self.create(&topic.name, topic.num_partitions.max(1));
                row.topic_id = self.topics[&topic.name].id;
            }
            row
        });
        CreateTopicsResponse {
            topics: topics.collect(),
            ..Default::default()
        }
    }
}

fn described(partition: &Partition, index: i32) -> MetadataResponsePartition {
    MetadataResponsePartition {
        partition_index: index,
        leader_id: partition.leader,
        leader_epoch: partition.epoch,
        replica_nodes: vec![partition.leader],
        isr_nodes: vec![partition.leader],
        ..Default::default()
    }
}

fn append(
    partition: &mut Partition,
    now: SimTime,
    records: &Bytes,
    row: &mut PartitionProduceResponse,
) {
    let how = LeaderAppend {
        now_ms: now.as_millis(),
        leader_epoch: partition.epoch,
        origin: Origin::Client,
    };
    match partition.log.append_as_leader(records, how) {
        Ok(appended) => {
            row.base_offset = appended.base_offset;
            partition.log.set_high_watermark(i64::MAX);
        }
        Err(error) => {
            row.error_code = error.code.code();
            row.error_message = Some(error.message);
        }
    }
}

fn read(partition: Option<&mut Partition>, broker: i32, offset: i64) -> PartitionData {
    let mut row = PartitionData::default();
    let Some(partition) = partition else {
        row.error_code = ErrorCode::UnknownTopicId.code();
        return row;
    };
    let log = &partition.log;
    row.high_watermark = log.high_watermark();
    if partition.leader != broker {
        row.error_code = ErrorCode::NotLeaderOrFollower.code();
    } else if offset < log.log_start_offset() || offset > log.log_end_offset() {
        row.error_code = ErrorCode::OffsetOutOfRange.code();
    } else {
        let limit = ReadLimit {
            below: log.high_watermark(),
            max_bytes: 1 << 20,
            at_least_one: true,
        };
        row.records = Some(log.read(offset, limit));
    }
    row
}

fn versions() -> Response {
    ApiVersionsResponse {
        api_keys: ApiKey::ALL
            .iter()
            .map(|spec| ApiVersion {
                api_key: spec.key,
                min_version: spec.min_version,
                max_version: spec.max_version,
            })
            .collect(),
        ..Default::default()
    }
    .into()
}
