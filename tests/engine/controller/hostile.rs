//! Frames that nobody should send, and how brokers follow the log.

use bytes::Bytes;
use engine::controller::fetch::METADATA_TOPIC_ID;
use engine::image::MetadataImage;
use engine::net::{ConnId, Machine, NetIn, NetOut};
use engine::time::Reason;
use protocol::messages::api_versions::ApiVersionsRequest;
use protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic, PartitionData};
use protocol::messages::metadata::MetadataRequest;
use protocol::{ErrorCode, Request, RequestHeader, Response, Uuid};

use super::lab::{Lab, by_count};

const CONN: ConnId = ConnId(1 << 63 | 9);
const VERSION: i16 = 18;

#[test]
fn frames_that_cannot_be_read_end_the_connection() {
    let unspoken = Request::from(MetadataRequest::default()).encode(&RequestHeader {
        api_version: 12,
        ..Default::default()
    });
    let mut huge = vec![0, 19, 0, 7, 0, 0, 0, 1, 0, 1, b'x', 0];
    huge.extend([0xff, 0xff, 0xff, 0xff, 0x07]);
    let frames: [&[u8]; 5] = [
        &[],
        &[0, 19],
        &[0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff],
        &unspoken,
        &huge,
    ];
    for frame in frames {
        let mut lab = Lab::new(1);
        lab.connect(CONN);
        lab.controller.drain();
        lab.controller
            .handle(lab.now, NetIn::Frame(CONN, Bytes::copy_from_slice(frame)));
        assert_eq!(lab.controller.drain(), [NetOut::Close(CONN)], "{frame:?}");
        // Nothing more is taken from a closed connection, and others go on.
        lab.controller
            .handle(lab.now, NetIn::Frame(CONN, Bytes::copy_from_slice(frame)));
        assert_eq!(lab.controller.drain(), []);
        assert!(!lab.beat(1).is_fenced);
    }
}

#[test]
fn versions_are_told_even_to_those_who_ask_in_an_unknown_one() {
    let mut lab = Lab::new(0);
    let Response::ApiVersions(response) = lab.ask(ApiVersionsRequest::default()) else {
        panic!()
    };
    assert!(response.api_keys.iter().any(|api| api.api_key == 62));
    lab.connect(CONN);
    lab.controller.handle(
        lab.now,
        NetIn::Frame(
            CONN,
            Bytes::from_static(&[0, 18, 0, 99, 0, 0, 0, 5, 0xff, 0xff]),
        ),
    );
    let frame = lab.frames(CONN).remove(0);
    let (correlation, response) = Response::decode(18, 0, &frame).unwrap();
    let Response::ApiVersions(response) = response else {
        panic!()
    };
    assert_eq!(
        (correlation, ErrorCode::from_code(response.error_code)),
        (5, ErrorCode::UnsupportedVersion)
    );
}

#[test]
fn a_follower_that_replays_what_it_fetches_has_the_controllers_image() {
    let mut lab = Lab::new(3);
    lab.create(by_count("a", 4, 2));
    lab.create(by_count("b", 1, 3));
    let mut follower = MetadataImage::new();
    // Small fetches: at least one batch comes each time.
    while follower.offset() + 1 < lab.controller.log().end_offset() {
        let data = fetch(&mut lab, follower.offset() + 1, |request| {
            request.max_bytes = 1
        });
        assert_eq!(data.error_code, 0);
        let (delta, outcome) = follower.replay_log(&data.records.unwrap());
        outcome.unwrap();
        assert!(!delta.is_empty() || follower.offset() < 8);
    }
    assert_eq!(follower, *lab.image());
    // A batch that comes twice changes nothing.
    let (delta, outcome) = follower.replay_log(&lab.controller.log().read(0, usize::MAX));
    outcome.unwrap();
    assert!(delta.is_empty());
    assert_eq!(follower, *lab.image());
}

#[test]
fn a_damaged_log_is_applied_up_to_the_damage() {
    let mut lab = Lab::new(1);
    lab.create_on("t", &[1]);
    let log = lab.controller.log();
    let (sound, whole) = (log.read(0, 1), log.read(0, usize::MAX));
    for at in sound.len()..whole.len() {
        let mut bytes = whole.to_vec();
        bytes[at] ^= 0x55;
        let mut image = MetadataImage::new();
        let (_, _outcome) = image.replay_log(&Bytes::from(bytes));
        assert!(image.offset() >= 6, "the first batch stands");
        let mut cut = MetadataImage::new();
        let (_, outcome) = cut.replay_log(&whole.slice(..at));
        outcome.unwrap();
        assert!(cut.offset() < lab.image().offset());
    }
    let mut bytes = whole.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let (_, outcome) = MetadataImage::new().replay_log(&Bytes::from(bytes));
    assert!(
        outcome
            .unwrap_err()
            .to_string()
            .starts_with("a batch of the metadata log: ")
    );
}

#[test]
fn the_delta_names_what_changed() {
    let mut lab = Lab::new(1);
    let mut follower = MetadataImage::new();
    let news = |lab: &Lab, follower: &mut MetadataImage| {
        let (delta, outcome) =
            follower.replay_log(&lab.controller.log().read(follower.offset() + 1, usize::MAX));
        outcome.unwrap();
        delta
    };
    let first = news(&lab, &mut follower);
    assert!(first.broker_configs_changed && first.brokers_changed.contains(&1));
    let id = lab.create_on("t", &[1]);
    let delta = news(&lab, &mut follower);
    assert_eq!(delta.topics_created.get(&id).map(String::as_str), Some("t"));
    assert_eq!(delta.partitions_changed.len(), 1);
    assert!(delta.brokers_changed.is_empty());
    lab.pass(10_000);
    let delta = news(&lab, &mut follower);
    assert_eq!(
        (delta.partitions_changed.len(), delta.brokers_changed.len()),
        (1, 1)
    );
}

#[test]
fn a_fetch_at_the_end_waits_for_news_or_its_time() {
    let mut lab = Lab::new(1);
    lab.connect(CONN);
    let end = lab.controller.log().end_offset();
    lab.send(CONN, VERSION, &request(end, |_| {}));
    assert!(lab.frames(CONN).is_empty());
    let wakeup = lab.controller.next_wakeup().unwrap();
    assert_eq!(
        (wakeup.reason, wakeup.at),
        (Reason::FetchDeadline, lab.now.plus_millis(500))
    );
    lab.pass(500);
    assert_eq!(answered(&mut lab).records.unwrap(), Bytes::new());

    lab.send(CONN, VERSION, &request(end, |_| {}));
    assert!(lab.frames(CONN).is_empty());
    lab.send(ConnId::incoming(0), 7, &create("t"));
    assert!(!answered(&mut lab).records.unwrap().is_empty());

    // A connection that closes takes its fetch with it.
    let end = lab.controller.log().end_offset();
    lab.send(CONN, VERSION, &request(end, |_| {}));
    lab.controller.handle(lab.now, NetIn::Closed(CONN));
    lab.pass(1000);
    assert!(lab.frames(CONN).is_empty());
}

#[test]
fn the_next_request_on_a_connection_ends_the_wait() {
    let mut lab = Lab::new(1);
    lab.connect(CONN);
    let end = lab.controller.log().end_offset();
    lab.send(CONN, VERSION, &request(end, |_| {}));
    lab.send(CONN, 4, &ApiVersionsRequest::default().into());
    let frames = lab.frames(CONN);
    assert_eq!(frames.len(), 2, "in the order of the requests");
    assert!(matches!(
        Response::decode(1, VERSION, &frames[0]),
        Ok((_, Response::Fetch(_)))
    ));
    assert!(matches!(
        Response::decode(18, 4, &frames[1]),
        Ok((_, Response::ApiVersions(_)))
    ));
}

#[test]
fn fetches_that_cannot_be_served_say_why() {
    let mut lab = Lab::new(1);
    type Change = fn(&mut FetchRequest);
    let rows: [(Change, ErrorCode); 6] = [
        (
            |r| r.topics[0].topic_id = Uuid([3; 16]),
            ErrorCode::UnknownTopicId,
        ),
        (
            |r| r.topics[0].partitions[0].partition = 1,
            ErrorCode::UnknownTopicOrPartition,
        ),
        (
            |r| r.topics[0].partitions[0].fetch_offset = i64::MAX,
            ErrorCode::OffsetOutOfRange,
        ),
        (
            |r| r.topics[0].partitions[0].fetch_offset = -1,
            ErrorCode::OffsetOutOfRange,
        ),
        (
            |r| r.topics[0].partitions[0].current_leader_epoch = 99,
            ErrorCode::UnknownLeaderEpoch,
        ),
        (
            |r| r.topics[0].partitions[0].current_leader_epoch = 0,
            ErrorCode::FencedLeaderEpoch,
        ),
    ];
    for (change, error) in rows {
        assert_eq!(
            ErrorCode::from_code(fetch(&mut lab, 0, change).error_code),
            error
        );
    }
}

fn create(topic: &str) -> Request {
    let topics = vec![by_count(topic, 1, 1)];
    protocol::messages::create_topics::CreateTopicsRequest {
        topics,
        ..Default::default()
    }
    .into()
}

fn request(fetch_offset: i64, change: fn(&mut FetchRequest)) -> Request {
    let partition = FetchPartition {
        fetch_offset,
        partition_max_bytes: i32::MAX,
        ..Default::default()
    };
    let topic = FetchTopic {
        topic_id: METADATA_TOPIC_ID,
        partitions: vec![partition],
        ..Default::default()
    };
    let mut request = FetchRequest {
        max_wait_ms: 500,
        topics: vec![topic],
        ..Default::default()
    };
    change(&mut request);
    request.into()
}

fn fetch(lab: &mut Lab, offset: i64, change: fn(&mut FetchRequest)) -> PartitionData {
    let Response::Fetch(mut response) = lab.ask(request(offset, change)) else {
        panic!()
    };
    response.responses.remove(0).partitions.remove(0)
}

fn answered(lab: &mut Lab) -> PartitionData {
    let frame = lab.frames(CONN).remove(0);
    let Ok((_, Response::Fetch(mut response))) = Response::decode(1, VERSION, &frame) else {
        panic!()
    };
    response.responses.remove(0).partitions.remove(0)
}
