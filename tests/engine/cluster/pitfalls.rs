//! What breaks real clients, one test each, as far as it shows without one. Elsewhere: clocks of
//! rebalances (`group::stories`), the same story giving the same bytes (`life`), partitions that change
//! hands under the consumer protocol (`group`).

use bytes::Bytes;
use engine::api::api_versions::{SPOKEN, range};
use engine::net::ConnId;
use protocol::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use protocol::messages::find_coordinator::FindCoordinatorRequest;
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use protocol::{ApiKey, ErrorCode, Request, RequestHeader, Response, Uuid};
use records::{BatchBuilder, BatchOptions, Batches, Record};

use super::requests::{
    FETCH, PRODUCE, batch_of, fetch_response, fetched, produce_bytes, produced, tp, values,
};
use super::sim::Sim;

/// The frame of a request that claims another version than it is written in.
fn claiming(request: impl Into<Request>, written_in: i16, claimed: i16) -> Bytes {
    let request = request.into();
    let header = RequestHeader {
        api_key: request.api_key(),
        api_version: written_in,
        correlation_id: 77,
        client_id: Some("test".into()),
    };
    let mut frame = request.encode(&header).to_vec();
    frame[2..4].copy_from_slice(&claimed.to_be_bytes());
    frame.into()
}

fn is_closed(sim: &mut Sim, frame: Bytes) -> bool {
    let conn: ConnId = sim.connect(1);
    sim.send_raw(conn, frame);
    sim.closed.contains(&conn)
}

fn somebody() -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: "test".into(),
        client_software_version: "1".into(),
    }
}

#[test]
fn pitfall_1_api_versions_too_new_is_answered_in_version_0() {
    let mut sim = Sim::new(1);
    let conn = sim.connect(1);
    sim.send_raw(conn, claiming(somebody(), 0, 5));
    let answer = sim.raw_answer(conn).unwrap();
    // Correlation id, error 35, one row: key 18 from 0 to 4; no throttle time, no tags.
    let expected = [0, 0, 0, 77, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4];
    assert_eq!(answer[..], expected);
    // The header of the answer is the old one in every version: no tags before the error code.
    sim.send_raw(conn, claiming(somebody(), 3, 3));
    let answer = sim.raw_answer(conn).unwrap();
    let rows = u8::try_from(SPOKEN.len() + 1).unwrap();
    assert_eq!(answer[..7], [0, 0, 0, 77, 0, 0, rows]);
}

#[test]
fn pitfall_2_old_produce_is_offered_but_refused() {
    assert_eq!(range(ApiKey::Produce).min_version, 0);
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    for version in 0..3 {
        let request = sim.produce_to(&tp("t", 0), 1, &["v"]);
        let frame = claiming(request, 3, version);
        assert!(is_closed(&mut sim, frame), "{version}");
    }
    assert_eq!(sim.consume(&tp("t", 0)).len(), 0);
}

#[test]
fn pitfall_3_tagged_fields_are_written_only_if_they_say_something() {
    let unset = Response::from(ApiVersionsResponse {
        finalized_features_epoch: -1,
        ..ApiVersionsResponse::default()
    });
    // Correlation id, no error, no rows, no throttle time, no tags.
    let expected = [0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0];
    assert_eq!(unset.encode(3, 1)[..], expected);
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let conn = sim.connect(1);
    let request = sim.fetch_of(&tp("t", 0), 0, 0);
    sim.send(conn, request, FETCH);
    let answer = sim.raw_answer(conn).unwrap();
    let tags_of_partition_topic_and_response = [0, 0, 0];
    assert!(answer.ends_with(&tags_of_partition_topic_and_response));
}

#[test]
fn pitfall_4_topics_go_by_id_where_names_are_gone() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let id = sim.controller.image().topic("t").unwrap().id;
    let ask = |name: Option<&str>, topic_id: Uuid| MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: name.map(str::to_owned),
            topic_id,
        }]),
        ..MetadataRequest::default()
    };
    let topic = |response: Response| {
        let Response::Metadata(mut response) = response else {
            panic!();
        };
        response.topics.remove(0)
    };
    let named = topic(sim.call(1, ask(Some("t"), Uuid::ZERO), 10));
    assert_eq!(named.topic_id, id);
    let identified = topic(sim.call(1, ask(None, id), 12));
    assert_eq!(identified.name.as_deref(), Some("t"));
    let unknown = topic(sim.call(1, ask(None, Uuid([7; 16])), 12));
    assert_eq!(unknown.error_code, ErrorCode::UnknownTopicId.code());
    assert_eq!(unknown.name, None);
    let mut request = sim.fetch_of(&tp("t", 0), 0, 0);
    request.topics[0].topic_id = Uuid([7; 16]);
    let code = fetched(sim.call(1, request, 13)).error_code;
    assert_eq!(code, ErrorCode::UnknownTopicId.code());
    let mut request = sim.produce_to(&tp("t", 0), 1, &["v"]);
    request.topic_data[0].topic_id = Uuid([7; 16]);
    let code = produced(sim.call(1, request, 13)).error_code;
    assert_eq!(code, ErrorCode::UnknownTopicId.code());
}

#[test]
fn pitfall_5_bytes_behind_a_request_are_passed_over() {
    let mut sim = Sim::new(1);
    let request = MetadataRequest {
        topics: None,
        ..MetadataRequest::default()
    };
    let conn = sim.connect(1);
    let mut frame = claiming(request, 13, 13).to_vec();
    frame.extend([0, 0, 0]);
    sim.send_raw(conn, frame.into());
    assert!(sim.raw_answer(conn).is_some() && !sim.closed.contains(&conn));
}

#[test]
fn pitfall_6_batches_are_checked_numbered_in_place_and_given_whole() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let partition = tp("t", 0);
    let sent = batch_of(sim.now_ms(), BatchOptions::default(), &["a", "b", "c"]);
    for at in [21, 40, sent.len() - 1] {
        let mut damaged = sent.to_vec();
        damaged[at] ^= 1;
        let request = produce_bytes(&partition, 1, damaged.into());
        let code = produced(sim.call(1, request, PRODUCE)).error_code;
        assert_eq!(code, ErrorCode::CorruptMessage.code(), "byte {at}");
    }
    for _ in 0..2 {
        let request = produce_bytes(&partition, 1, sent.clone());
        sim.call(1, request, PRODUCE);
    }
    // From the middle of the second: the whole of it, with its offset, and otherwise as it was sent.
    let request = sim.fetch_of(&partition, 4, 0);
    let stored = fetched(sim.call(1, request, FETCH)).records.unwrap();
    assert_eq!(stored[..8], 3i64.to_be_bytes());
    assert_eq!(stored[8..12], sent[8..12]);
    assert_eq!(stored[16..], sent[16..]);
    // However little is allowed.
    let mut request = sim.fetch_of(&partition, 0, 0);
    request.max_bytes = 1;
    request.topics[0].partitions[0].partition_max_bytes = 1;
    let given = fetched(sim.call(1, request, FETCH));
    assert_eq!(values(&given), ["a", "b", "c"]);
}

#[test]
fn pitfall_7_versions_not_spoken_cost_the_connection() {
    let mut sim = Sim::new(1);
    for api in SPOKEN.iter().filter(|api| **api != ApiKey::ApiVersions) {
        let spec = api.spec();
        let newest = spec.max_version;
        let frame = claiming(Request::unset(*api), newest, newest + 1);
        assert!(is_closed(&mut sim, frame), "{api:?}");
        if spec.min_version > 0 {
            let oldest = spec.min_version;
            let frame = claiming(Request::unset(*api), oldest, oldest - 1);
            assert!(is_closed(&mut sim, frame), "{api:?}");
        }
    }
}

#[test]
fn pitfall_8_a_heartbeat_waits_behind_the_fetch_on_its_connection() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let conn = sim.connect(1);
    let fetch = sim.fetch_of(&tp("t", 0), 0, 5_000);
    let first = sim.send(conn, fetch, FETCH);
    let heartbeat = HeartbeatRequest {
        group_id: "g".into(),
        ..HeartbeatRequest::default()
    };
    let second = sim.send(conn, heartbeat, 4);
    sim.run_ms(4_900);
    assert!(sim.answer(conn).is_none());
    sim.run_ms(200);
    assert_eq!(sim.answer(conn).unwrap().0, first);
    assert_eq!(sim.answer(conn).unwrap().0, second);
}

#[test]
fn pitfall_11_nobody_is_throttled_and_sessions_are_nobodys_duty() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let request = sim.fetch_of(&tp("t", 0), 0, 0);
    let response = fetch_response(sim.call(1, request, FETCH));
    assert_eq!((response.throttle_time_ms, response.session_id), (0, 0));
}

#[test]
fn pitfall_13_clients_are_sent_to_the_addresses_of_the_brokers() {
    let mut sim = Sim::new(3);
    let Response::Metadata(response) = sim.call(2, MetadataRequest::default(), 13) else {
        panic!();
    };
    let brokers = response.brokers.iter();
    let addresses: Vec<(i32, &str, i32)> = brokers
        .map(|broker| (broker.node_id, broker.host.as_str(), broker.port))
        .collect();
    let expected = [1, 2, 3].map(|id| (id, "localhost", 9000 + id));
    assert_eq!(addresses, expected);
    let ask = || FindCoordinatorRequest {
        coordinator_keys: vec!["g".into()],
        ..FindCoordinatorRequest::default()
    };
    sim.call(1, ask(), 4);
    sim.run_ms(100);
    let Response::FindCoordinator(response) = sim.call(1, ask(), 4) else {
        panic!();
    };
    let found = &response.coordinators[0];
    assert_eq!(found.host, "localhost");
    assert_eq!(found.port, 9000 + found.node_id);
}

#[test]
fn stamped_batches_have_sound_sums_and_the_brokers_time() {
    let mut sim = Sim::new(1);
    let stamps = [("message.timestamp.type", "LogAppendTime")];
    sim.create("t", 1, 1, &stamps);
    let partition = tp("t", 0);
    let old = batch_of(1_000, BatchOptions::default(), &["a", "b"]);
    let request = produce_bytes(&partition, 1, old);
    let answer = produced(sim.call(1, request, PRODUCE));
    let now = sim.now_ms();
    assert_eq!((answer.error_code, answer.log_append_time_ms), (0, now));
    let request = sim.fetch_of(&partition, 0, 0);
    let stored = fetched(sim.call(1, request, FETCH)).records.unwrap();
    assert!(!stored.is_empty());
    for batch in Batches::new(&stored) {
        let batch = batch.unwrap();
        batch.check().expect("its CRC is the new one");
        assert_eq!(batch.header.max_timestamp, now);
        for record in batch.records().unwrap() {
            assert_eq!(record.unwrap().timestamp, now);
        }
    }
}

#[test]
fn records_at_fault_are_named_one_by_one() {
    let mut sim = Sim::new(1);
    let bounds = [("message.timestamp.before.max.ms", "1000")];
    sim.create("t", 1, 1, &bounds);
    sim.create("c", 1, 1, &[("cleanup.policy", "compact")]);
    let now = sim.now_ms();
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for (key, timestamp) in [(None, now), (Some(&b"k"[..]), now - 5_000), (None, now)] {
        let record = Record {
            timestamp,
            key,
            value: Some(b"v"),
            headers: &[],
        };
        builder.append(&record).unwrap();
    }
    let batch = builder.build();
    let mut refused = |topic: &str, records: &Bytes| {
        let request = produce_bytes(&tp(topic, 0), 1, records.clone());
        let answer = produced(sim.call(1, request, PRODUCE));
        let places = answer.record_errors.iter().map(|e| e.batch_index);
        let places: Vec<i32> = places.collect();
        assert!(answer.error_message.is_some());
        (ErrorCode::from_code(answer.error_code), places)
    };
    let untimely = (ErrorCode::InvalidTimestamp, vec![1]);
    assert_eq!(refused("t", &batch), untimely);
    let keyless = (ErrorCode::InvalidRecord, vec![0, 2]);
    assert_eq!(refused("c", &batch), keyless);
    // A producer numbers from 0, in the present format, one batch at a time.
    let good = batch_of(now, BatchOptions::default(), &["a"]);
    let mut elsewhere = good.to_vec();
    elsewhere[7] = 5;
    let mut two = good.to_vec();
    two.extend_from_slice(&good);
    let mut old_format = good.to_vec();
    old_format[16] = 1;
    for wrong in [elsewhere, two, old_format] {
        let wrong: Bytes = wrong.into();
        assert_eq!(refused("t", &wrong).0, ErrorCode::InvalidRecord);
    }
    assert_eq!(sim.consume(&tp("t", 0)).len(), 0);
}
