//! Requests as a client makes them, and what tests want of the answers.

use bytes::Bytes;
use engine::ids::TopicPartition;
use protocol::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData,
};
use protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
};
use protocol::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, TopicProduceData,
};
use protocol::{Response, Uuid};
use records::{Batch, BatchBuilder, BatchOptions, Batches, Record, open};

use super::sim::Sim;

pub const PRODUCE: i16 = 12;
pub const FETCH: i16 = 17;

pub fn tp(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

pub fn batch_of(now_ms: i64, options: BatchOptions, values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(options);
    for value in values {
        let record = Record {
            timestamp: now_ms,
            key: Some(b"key"),
            value: Some(value.as_bytes()),
            headers: &[],
        };
        builder.append(&record).unwrap();
    }
    builder.build()
}

pub fn produce_bytes(partition: &TopicPartition, acks: i16, records: Bytes) -> ProduceRequest {
    ProduceRequest {
        acks,
        timeout_ms: 1_500,
        topic_data: vec![TopicProduceData {
            name: partition.topic.clone(),
            partition_data: vec![PartitionProduceData {
                index: partition.partition,
                records: Some(records),
            }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

pub fn produced(response: Response) -> PartitionProduceResponse {
    let Response::Produce(response) = response else {
        panic!("{response:?}");
    };
    response.responses[0].partition_responses[0].clone()
}

pub fn fetch(partition: &TopicPartition, offset: i64, max_wait_ms: i32) -> FetchRequest {
    FetchRequest {
        max_wait_ms,
        min_bytes: 1,
        max_bytes: 50 * 1024 * 1024,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: partition.topic.clone(),
            partitions: vec![FetchPartition {
                partition: partition.partition,
                fetch_offset: offset,
                partition_max_bytes: 1024 * 1024,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}

pub fn fetch_response(response: Response) -> FetchResponse {
    let Response::Fetch(response) = response else {
        panic!("{response:?}");
    };
    response
}

pub fn fetched(response: Response) -> PartitionData {
    fetch_response(response).responses[0].partitions[0].clone()
}

pub fn values(data: &PartitionData) -> Vec<String> {
    let bytes = data.records.clone().unwrap_or_default();
    let mut values = Vec::new();
    for batch in Batches::new(&bytes) {
        let plain = open(&bytes.slice_ref(batch.unwrap().bytes)).unwrap();
        for record in Batch::parse(&plain).unwrap().records().unwrap() {
            let value = record.unwrap().value.unwrap().to_vec();
            values.push(String::from_utf8(value).unwrap());
        }
    }
    values
}

impl Sim {
    pub fn create(
        &mut self,
        topic: &str,
        partitions: i32,
        replicas: i16,
        configs: &[(&str, &str)],
    ) {
        let configs = configs.iter().map(|(name, value)| CreatableTopicConfig {
            name: (*name).into(),
            value: Some((*value).into()),
        });
        let request = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: topic.into(),
                num_partitions: partitions,
                replication_factor: replicas,
                configs: configs.collect(),
                ..CreatableTopic::default()
            }],
            timeout_ms: 30_000,
            ..CreateTopicsRequest::default()
        };
        let broker = *self.brokers.keys().next().unwrap();
        let Response::CreateTopics(response) = self.call(broker, request, 7) else {
            panic!();
        };
        assert_eq!(response.topics[0].error_code, 0, "{response:?}");
        self.run_ms(20);
    }

    pub fn now_ms(&self) -> i64 {
        self.now.as_millis()
    }

    pub fn batch(&self, values: &[&str]) -> Bytes {
        batch_of(self.now_ms(), BatchOptions::default(), values)
    }

    pub fn produce_to(
        &self,
        partition: &TopicPartition,
        acks: i16,
        values: &[&str],
    ) -> ProduceRequest {
        self.fill(produce_bytes(partition, acks, self.batch(values)))
    }

    /// Adds the topic's id, so that the request works in every version.
    pub fn fill(&self, mut request: ProduceRequest) -> ProduceRequest {
        for topic in &mut request.topic_data {
            let image = self.controller.image().topic(&topic.name);
            topic.topic_id = image.map_or(Uuid::ZERO, |topic| topic.id);
        }
        request
    }

    pub fn fetch_of(
        &self,
        partition: &TopicPartition,
        offset: i64,
        max_wait_ms: i32,
    ) -> FetchRequest {
        let mut request = fetch(partition, offset, max_wait_ms);
        let image = self.controller.image().topic(&partition.topic);
        request.topics[0].topic_id = image.map_or(Uuid::ZERO, |topic| topic.id);
        request
    }

    /// Produces to the leader; gives the answer.
    pub fn produce(
        &mut self,
        partition: &TopicPartition,
        acks: i16,
        values: &[&str],
    ) -> PartitionProduceResponse {
        let request = self.produce_to(partition, acks, values);
        let leader = self.leader(partition);
        produced(self.call(leader, request, PRODUCE))
    }

    /// All values that a consumer sees.
    pub fn consume(&mut self, partition: &TopicPartition) -> Vec<String> {
        let request = self.fetch_of(partition, 0, 0);
        let leader = self.leader(partition);
        let data = fetched(self.call(leader, request, FETCH));
        assert_eq!(data.error_code, 0);
        values(&data)
    }

    pub fn list(
        &mut self,
        broker: i32,
        partition: &TopicPartition,
        timestamp: i64,
        version: i16,
    ) -> ListOffsetsPartitionResponse {
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![ListOffsetsTopic {
                name: partition.topic.clone(),
                partitions: vec![ListOffsetsPartition {
                    partition_index: partition.partition,
                    timestamp,
                    ..ListOffsetsPartition::default()
                }],
            }],
            ..ListOffsetsRequest::default()
        };
        let Response::ListOffsets(response) = self.call(broker, request, version) else {
            panic!();
        };
        response.topics[0].partitions[0].clone()
    }
}
