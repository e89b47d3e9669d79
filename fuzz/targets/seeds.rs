//! Writes what the fuzzer starts from into `corpus/`: every request and response in every version,
//! good batches in every codec, short stories.

use std::fs;
use std::io;
use std::path::Path;

use playground_fuzz::script::Step;
use playground_fuzz::{batch, body};
use protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use protocol::messages::metadata::MetadataRequest;
use protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use protocol::{ApiKey, ApiSpec, Request, Response};
use records::{BatchOptions, Codec, Compression};

const CODECS: [Codec; 5] = [
    Codec::None,
    Codec::Gzip,
    Codec::Snappy,
    Codec::Lz4,
    Codec::Zstd,
];

fn main() -> io::Result<()> {
    for (number, spec) in (0..).zip(ApiKey::ALL) {
        for (place, version) in (0..).zip(spec.min_version..=spec.max_version) {
            let name = format!("{}-{version}", spec.name);
            let request = body(&Request::unset(spec.api), version);
            let response = Response::unset(spec.api).encode(version, 1);
            seed("decoder", &name, &[&[1, number, place], &request[..]])?;
            let answer = format!("{name}-response");
            seed("decoder", &answer, &[&[2, number, place], &response[..]])?;
            let mut story = Vec::new();
            Step::Request(0, number, place, request).write(&mut story);
            seed("broker", &name, &[&story])?;
        }
    }
    for codec in CODECS {
        for idempotent in [false, true] {
            let bytes = batch(options(codec, idempotent));
            for how in 0..16_u8 {
                let name = format!("{codec:?}-{idempotent}-{how}");
                seed("batches", &name, &[&[how], &bytes[..]])?;
            }
        }
    }
    stories()
}

fn options(codec: Codec, idempotent: bool) -> BatchOptions {
    let mut options = BatchOptions {
        compression: Compression::new(codec),
        ..BatchOptions::default()
    };
    if idempotent {
        (
            options.producer_id,
            options.producer_epoch,
            options.base_sequence,
        ) = (5, 0, 0);
    }
    options
}

fn stories() -> io::Result<()> {
    for codec in CODECS {
        for topic in ["a", "c", "new"] {
            let produce = step(0, &produce(topic, codec).into(), 12);
            let fetch = step(1, &fetch(topic).into(), 12);
            let waiting = [fetch.clone(), produce.clone(), Step::Wait(5)];
            story(&format!("read-{topic}-{codec:?}"), &waiting)?;
            let again = [
                produce.clone(),
                Step::Restart,
                fetch,
                produce,
                Step::Wait(255),
            ];
            story(&format!("restart-{topic}-{codec:?}"), &again)?;
        }
    }
    let join = step(0, &join().into(), 4);
    let ask = step(2, &MetadataRequest::default().into(), 12);
    story(
        "group",
        &[
            join.clone(),
            ask,
            join.clone(),
            Step::Wait(200),
            Step::Reopen(0),
            join,
        ],
    )
}

fn produce(topic: &str, codec: Codec) -> ProduceRequest {
    let data = PartitionProduceData {
        index: 0,
        records: Some(batch(options(codec, false))),
    };
    ProduceRequest {
        acks: -1,
        timeout_ms: 1_000,
        topic_data: vec![TopicProduceData {
            name: topic.into(),
            partition_data: vec![data],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

fn fetch(topic: &str) -> FetchRequest {
    let partition = FetchPartition {
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    FetchRequest {
        max_wait_ms: 300,
        min_bytes: 1,
        max_bytes: 1 << 20,
        topics: vec![FetchTopic {
            topic: topic.into(),
            partitions: vec![partition],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}

fn join() -> JoinGroupRequest {
    let protocol = JoinGroupRequestProtocol {
        name: "range".into(),
        metadata: bytes::Bytes::from_static(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    };
    JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: "consumer".into(),
        protocols: vec![protocol],
        ..JoinGroupRequest::default()
    }
}

fn step(conn: u8, request: &Request, version: i16) -> Step {
    let spec = request.api().spec();
    let number = ApiKey::ALL
        .iter()
        .position(|row: &ApiSpec| row.api == spec.api);
    let number = number.and_then(|number| u8::try_from(number).ok());
    let place = u8::try_from(version - spec.min_version).expect("a version");
    Step::Request(
        conn,
        number.expect("few APIs"),
        place,
        body(request, version),
    )
}

fn story(name: &str, steps: &[Step]) -> io::Result<()> {
    let mut bytes = Vec::new();
    steps.iter().for_each(|step| step.write(&mut bytes));
    seed("broker", name, &[&bytes])
}

fn seed(target: &str, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("seed-{name}")), parts.concat())
}
