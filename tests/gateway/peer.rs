//! A client that speaks frames, good and bad, over a socket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use bytes::Bytes;
use protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use protocol::{Request, RequestHeader, Response};
use records::{BatchBuilder, BatchOptions, Record};

use crate::server::PATIENCE;

/// Topics have names up to this version of Produce and Fetch, and ids after it.
pub const NAMES_UNTIL: i16 = 12;

pub struct Peer {
    pub stream: TcpStream,
    correlation: i32,
}

impl Peer {
    pub fn new(stream: TcpStream) -> Peer {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Peer {
            stream,
            correlation: 0,
        }
    }

    /// Sends a request; returns its correlation id.
    pub fn send(&mut self, request: impl Into<Request>, version: i16) -> i32 {
        let request = request.into();
        self.correlation += 1;
        let frame = frame_of(&request, version, self.correlation);
        self.stream.write_all(&frame).unwrap();
        self.correlation
    }

    /// The next response's bytes; `None` if the server has closed.
    pub fn receive(&mut self) -> Option<Bytes> {
        let mut length = [0; 4];
        match self.stream.read_exact(&mut length) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("no answer after {PATIENCE:?}")
            }
            Err(_) => return None,
        }
        let mut frame = vec![0; i32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut frame).unwrap();
        Some(Bytes::from(frame))
    }

    /// Asks and waits for the answer.
    pub fn ask(&mut self, request: impl Into<Request>, version: i16) -> Response {
        let request = request.into();
        let key = request.api_key();
        let correlation = self.send(request, version);
        let frame = self.receive().expect("an answer");
        let (answered, response) = Response::decode(key, version, &frame).unwrap();
        assert_eq!(answered, correlation);
        response
    }

    pub fn metadata(&mut self, topic: &str) -> MetadataResponse {
        let topic = MetadataRequestTopic {
            name: Some(topic.to_owned()),
            ..MetadataRequestTopic::default()
        };
        let request = MetadataRequest {
            topics: Some(vec![topic]),
            ..MetadataRequest::default()
        };
        match self.ask(request, 12) {
            Response::Metadata(response) => response,
            other => panic!("{other:?}"),
        }
    }

    /// The leader of a topic's first partition.
    pub fn leader(&mut self, topic: &str) -> usize {
        let metadata = self.metadata(topic);
        metadata.topics[0].partitions[0].leader_id as usize
    }

    /// Produces values to partition 0; the base offset, or the error code.
    pub fn produce(&mut self, topic: &str, values: &[Vec<u8>], acks: i16) -> Result<i64, i16> {
        match self.ask(produce_request(topic, values, acks), NAMES_UNTIL) {
            Response::Produce(response) => {
                let answer = &response.responses[0].partition_responses[0];
                match answer.error_code {
                    0 => Ok(answer.base_offset),
                    code => Err(code),
                }
            }
            other => panic!("{other:?}"),
        }
    }

    /// Produces one value with `acks=all`; nothing if the server is gone before it answers.
    pub fn try_produce(&mut self, topic: &str, value: &[u8]) -> Option<bool> {
        let request = Request::from(produce_request(topic, &[value.to_vec()], -1));
        self.correlation += 1;
        let frame = frame_of(&request, NAMES_UNTIL, self.correlation);
        self.stream.write_all(&frame).ok()?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).ok()?;
        let mut frame = vec![0; i32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut frame).ok()?;
        let answer = Response::decode(0, NAMES_UNTIL, &Bytes::from(frame)).unwrap();
        let Response::Produce(response) = answer.1 else {
            panic!()
        };
        Some(response.responses[0].partition_responses[0].error_code == 0)
    }

    /// The values of partition 0 from an offset on, as one fetch brings them.
    pub fn values(&mut self, topic: &str, offset: i64) -> Vec<Vec<u8>> {
        match self.ask(fetch_request(topic, offset, 500, 1), NAMES_UNTIL) {
            Response::Fetch(response) => {
                let data = &response.responses[0].partitions[0];
                assert_eq!(data.error_code, 0);
                let bytes = data.records.clone().unwrap_or_default();
                records::Batches::new(&bytes)
                    .flat_map(|batch| {
                        let batch = batch.unwrap();
                        let records = batch.records().unwrap();
                        records
                            .map(|record| record.unwrap().value.unwrap().to_vec())
                            .collect::<Vec<_>>()
                    })
                    .collect()
            }
            other => panic!("{other:?}"),
        }
    }

    /// Whether the server closes this connection, without another answer.
    pub fn is_closed(&mut self) -> bool {
        let give_up = Instant::now() + PATIENCE;
        let mut bytes = [0; 1024];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return true,
                Ok(_) => return false,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return true,
            }
            assert!(Instant::now() < give_up);
        }
    }
}

/// A request with its length, as it goes over a socket.
pub fn frame_of(request: &Request, version: i16, correlation_id: i32) -> Vec<u8> {
    let header = RequestHeader {
        api_key: request.api_key(),
        api_version: version,
        correlation_id,
        client_id: Some("peer".into()),
    };
    let body = request.encode(&header);
    let mut bytes = (body.len() as i32).to_be_bytes().to_vec();
    bytes.extend_from_slice(&body);
    bytes
}

pub fn produce_request(topic: &str, values: &[Vec<u8>], acks: i16) -> ProduceRequest {
    let mut batch = BatchBuilder::new(BatchOptions::default());
    for value in values {
        let record = Record {
            timestamp: 1_700_000_000_000,
            key: None,
            value: Some(value),
            headers: &[],
        };
        batch.append(&record).unwrap();
    }
    let data = PartitionProduceData {
        index: 0,
        records: Some(batch.build()),
    };
    ProduceRequest {
        acks,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: topic.to_owned(),
            partition_data: vec![data],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

pub fn fetch_request(topic: &str, offset: i64, wait_ms: i32, min_bytes: i32) -> FetchRequest {
    let partition = FetchPartition {
        partition: 0,
        fetch_offset: offset,
        partition_max_bytes: i32::MAX,
        ..FetchPartition::default()
    };
    FetchRequest {
        max_wait_ms: wait_ms,
        min_bytes,
        max_bytes: i32::MAX,
        topics: vec![FetchTopic {
            topic: topic.to_owned(),
            partitions: vec![partition],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}
