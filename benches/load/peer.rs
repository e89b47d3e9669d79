//! One connection: frames out, frames in.

use bytes::Bytes;
use protocol::messages::api_versions::ApiVersionsRequest;
use protocol::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use protocol::{ApiKey, ErrorCode, Request, RequestHeader, Response};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Where the correlation id stands in a request's frame.
const CORRELATION_ID: std::ops::Range<usize> = 4..8;
/// How long a topic may take to get its leader.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a server.
pub struct Peer {
    stream: TcpStream,
    correlation_id: i32,
    answered: i32,
}

impl Peer {
    /// Connects.
    pub fn open(to: &str) -> Result<Peer, String> {
        let stream = TcpStream::connect(to).map_err(|error| format!("{to}: {error}"))?;
        stream.set_nodelay(true).map_err(said)?;
        Ok(Peer {
            stream,
            correlation_id: 0,
            answered: 0,
        })
    }

    /// A request's frame with its length, to be sent again and again.
    pub fn framed(request: &Request, version: i16) -> Vec<u8> {
        let header = RequestHeader {
            api_key: request.api_key(),
            api_version: version,
            correlation_id: 0,
            client_id: Some("load".to_owned()),
        };
        let frame = request.encode(&header);
        let length = u32::try_from(frame.len()).expect("a small frame");
        [&length.to_be_bytes()[..], &frame].concat()
    }

    /// Sends a frame under the next correlation id.
    pub fn send(&mut self, framed: &mut [u8]) -> Result<(), String> {
        self.correlation_id = self.correlation_id.wrapping_add(1);
        let place = CORRELATION_ID.start + 4..CORRELATION_ID.end + 4;
        framed
            .get_mut(place)
            .expect("a frame holds its header")
            .copy_from_slice(&self.correlation_id.to_be_bytes());
        self.stream.write_all(framed).map_err(said)
    }

    /// Waits for the next answer, which must be the one to the oldest request.
    pub fn receive(&mut self, api: ApiKey, version: i16) -> Result<Response, String> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).map_err(said)?;
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut frame).map_err(said)?;
        let (id, response) = Response::decode(api.key(), version, &Bytes::from(frame))
            .map_err(|error| error.to_string())?;
        self.answered = self.answered.wrapping_add(1);
        if id == self.answered {
            Ok(response)
        } else {
            Err(format!("answer {id} came where {} was due", self.answered))
        }
    }

    /// How many requests have no answer yet.
    pub fn in_flight(&self) -> i32 {
        self.correlation_id.wrapping_sub(self.answered)
    }

    /// Asks what the server speaks: it serves.
    pub fn versions(&mut self) -> Result<(), String> {
        let request = ApiVersionsRequest::default();
        self.call(&request.into(), 0).map(|_| ())
    }

    /// Makes sure that the topic is there, with one partition that has a leader.
    pub fn topic(&mut self, name: &str) -> Result<(), String> {
        let topic = CreatableTopic {
            name: name.to_owned(),
            num_partitions: 1,
            replication_factor: 1,
            ..CreatableTopic::default()
        };
        let create = CreateTopicsRequest {
            topics: vec![topic],
            ..CreateTopicsRequest::default()
        };
        self.call(&create.into(), 5)?;
        let topic = MetadataRequestTopic {
            name: Some(name.to_owned()),
            ..MetadataRequestTopic::default()
        };
        let look = Request::from(MetadataRequest {
            topics: Some(vec![topic]),
            ..MetadataRequest::default()
        });
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            let Response::Metadata(seen) = self.call(&look, 9)? else {
                unreachable!("decoded as one")
            };
            let partition = seen
                .topics
                .first()
                .and_then(|topic| topic.partitions.first());
            if partition.is_some_and(|partition| partition.error_code == ErrorCode::None.code()) {
                return Ok(());
            }
        }
        Err(format!("{name} has no leader"))
    }

    fn call(&mut self, request: &Request, version: i16) -> Result<Response, String> {
        self.send(&mut Peer::framed(request, version))?;
        let api = ApiKey::from_key(request.api_key()).expect("an API spoken here");
        self.receive(api, version)
    }
}

fn said(error: std::io::Error) -> String {
    error.to_string()
}
