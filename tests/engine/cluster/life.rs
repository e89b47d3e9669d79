//! A broker's life, and the topics it makes by itself.

use engine::ids::OFFSETS_TOPIC;
use engine::net::Machine;
use engine::time::Reason;
use protocol::messages::api_versions::ApiVersionsRequest;
use protocol::messages::create_topics::CreateTopicsRequest;
use protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use protocol::messages::find_coordinator::FindCoordinatorRequest;
use protocol::messages::init_producer_id::InitProducerIdRequest;
use protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use protocol::{ApiKey, ErrorCode, Request, RequestHeader, Response};

use super::requests::tp;
use super::sim::{Node, Sim};

fn metadata(topic: &str) -> MetadataRequest {
    MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: Some(topic.into()),
            ..MetadataRequestTopic::default()
        }]),
        allow_auto_topic_creation: true,
        ..MetadataRequest::default()
    }
}

fn topic_error(response: Response) -> ErrorCode {
    let Response::Metadata(response) = response else {
        panic!();
    };
    ErrorCode::from_code(response.topics[0].error_code)
}

#[test]
fn three_brokers_find_each_other() {
    let mut sim = Sim::new(3);
    let Response::Metadata(response) = sim.call(2, metadata("none"), 12) else {
        panic!();
    };
    let nodes: Vec<i32> = response.brokers.iter().map(|b| b.node_id).collect();
    assert_eq!(nodes, [1, 2, 3]);
    assert_eq!(response.cluster_id.as_deref(), Some("cluster"));
    // Idle brokers only poll and beat: no fence falls in a minute.
    sim.run_ms(60_000);
    assert!((1..=3).all(|id| sim.controller.image().is_alive(id)));
}

#[test]
fn an_idle_broker_sleeps_until_something_is_due() {
    let mut sim = Sim::new(1);
    let before = sim.frames;
    sim.run_ms(10_000);
    // Per second two polls for metadata and half a heartbeat, each with its answer.
    let frames = sim.frames - before;
    assert!((40..=60).contains(&frames), "{frames}");
    let wakeup = sim.brokers[&1].next_wakeup().unwrap();
    assert!(wakeup.at > sim.now);
    assert_eq!(wakeup.reason, Reason::BrokerHeartbeat);
}

#[test]
fn a_silent_broker_is_fenced_and_let_in_again() {
    let mut sim = Sim::new(2);
    sim.cut(Node::Broker(2), Node::Controller);
    sim.run_ms(12_000);
    assert!(!sim.controller.image().is_alive(2));
    sim.heal();
    sim.run_ms(5_000);
    assert!(sim.controller.image().is_alive(2));
}

#[test]
fn brokers_survive_a_silent_controller() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    sim.stop_controller();
    sim.run_ms(1_000);
    assert_eq!(sim.produce(&tp("t", 0), -1, &["a"]).error_code, 0);
    assert_eq!(sim.consume(&tp("t", 0)), ["a"]);
    let conn = sim.connect(1);
    let request = CreateTopicsRequest {
        topics: vec![Default::default()],
        ..CreateTopicsRequest::default()
    };
    sim.send(conn, request, 7);
    sim.run_ms(29_000);
    assert!(sim.answer(conn).is_none());
    sim.run_ms(2_000);
    let Some((_, Response::CreateTopics(response))) = sim.answer(conn) else {
        panic!("the broker answers itself in the end");
    };
    assert_eq!(
        response.topics[0].error_code,
        ErrorCode::RequestTimedOut.code()
    );
    sim.start_controller();
    sim.run_ms(12_000);
    assert!(sim.controller.image().is_alive(1));
    sim.create("u", 1, 1, &[]);
}

#[test]
fn a_topic_is_made_when_it_is_first_asked_for() {
    let mut sim = Sim::new(1);
    let first = topic_error(sim.call(1, metadata("nowhere"), 12));
    assert_eq!(first, ErrorCode::UnknownTopicOrPartition);
    sim.run_ms(10);
    let second = topic_error(sim.call(1, metadata("nowhere"), 12));
    assert_eq!(second, ErrorCode::None);
    let mut plain = metadata("elsewhere");
    plain.allow_auto_topic_creation = false;
    sim.call(1, plain.clone(), 12);
    sim.run_ms(10);
    let unwanted = topic_error(sim.call(1, plain, 12));
    assert_eq!(unwanted, ErrorCode::UnknownTopicOrPartition);
}

#[test]
fn auto_creation_can_be_forbidden() {
    let mut sim = Sim::with(1, |config| config.auto_create_topics = false);
    sim.call(1, metadata("nowhere"), 12);
    sim.run_ms(10);
    let error = topic_error(sim.call(1, metadata("nowhere"), 12));
    assert_eq!(error, ErrorCode::UnknownTopicOrPartition);
}

#[test]
fn the_first_group_has_the_offsets_topic_made() {
    let mut sim = Sim::new(1);
    let ask = || FindCoordinatorRequest {
        coordinator_keys: vec!["g".into()],
        ..FindCoordinatorRequest::default()
    };
    let found = |response: Response| {
        let Response::FindCoordinator(response) = response else {
            panic!();
        };
        let found = &response.coordinators[0];
        (ErrorCode::from_code(found.error_code), found.node_id)
    };
    let first = found(sim.call(1, ask(), 4));
    assert_eq!(first.0, ErrorCode::CoordinatorNotAvailable);
    sim.run_ms(10);
    assert_eq!(found(sim.call(1, ask(), 4)), (ErrorCode::None, 1));
    let topic = sim.controller.image().topic(OFFSETS_TOPIC).unwrap();
    assert_eq!(topic.partition_count(), 3);
}

#[test]
fn deleted_topics_leave_no_log() {
    let mut sim = Sim::new(2);
    sim.create("t", 2, 2, &[]);
    sim.produce(&tp("t", 0), -1, &["a"]);
    let request = DeleteTopicsRequest {
        topics: vec![DeleteTopicState {
            name: Some("t".into()),
            ..DeleteTopicState::default()
        }],
        ..DeleteTopicsRequest::default()
    };
    sim.kill(2);
    sim.call(1, request, 6);
    sim.run_ms(10);
    assert_eq!(sim.brokers[&1].logs().count(), 0);
    // A broker that was away finds out when it comes back, even if the name is taken again.
    sim.run_ms(20_000);
    sim.create("t", 1, 1, &[]);
    sim.start(2);
    sim.run_ms(5_000);
    assert!(
        sim.brokers[&2]
            .logs()
            .all(|(_, log)| log.log_end_offset() == 0)
    );
    let kept: usize = sim.brokers.values().map(|b| b.logs().count()).sum();
    assert_eq!(kept, 1);
}

#[test]
fn producer_ids_are_unique_across_brokers() {
    let mut sim = Sim::new(2);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..1_200 {
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: 60_000,
            ..InitProducerIdRequest::default()
        };
        let Response::InitProducerId(response) = sim.call(1 + round % 2, request, 4) else {
            panic!();
        };
        assert_eq!((response.error_code, response.producer_epoch), (0, 0));
        assert!(seen.insert(response.producer_id));
    }
}

#[test]
fn versions_are_told_even_to_clients_from_the_future() {
    let mut sim = Sim::new(1);
    let request = ApiVersionsRequest {
        client_software_name: "test".into(),
        client_software_version: "1.0".into(),
    };
    let Response::ApiVersions(response) = sim.call(1, request.clone(), 4) else {
        panic!();
    };
    let range = |key: ApiKey| {
        let found = response
            .api_keys
            .iter()
            .find(|api| api.api_key == key.key());
        found.map(|api| (api.min_version, api.max_version))
    };
    assert_eq!(range(ApiKey::Produce), Some((0, 13)));
    assert_eq!(range(ApiKey::Fetch), Some((4, 18)));
    assert_eq!(range(ApiKey::InitProducerId), Some((0, 5)));
    assert_eq!(range(ApiKey::AlterPartition), None);
    assert_eq!(range(ApiKey::BrokerHeartbeat), None);
    let level = |name: &str| {
        let mut finalized = response.finalized_features.iter();
        finalized
            .find(|feature| feature.name == name)
            .map(|feature| feature.max_version_level)
    };
    assert_eq!(level("group.version"), Some(1));
    let supported = response.supported_features.iter();
    assert!(supported.clone().any(|feature| feature.min_version == 0));
    let Response::ApiVersions(older) = sim.call(1, request.clone(), 3) else {
        panic!();
    };
    let mut supported = older.supported_features.iter();
    assert!(
        supported.all(|feature| feature.min_version > 0),
        "version 3 cannot say 0"
    );
    let conn = sim.connect(1);
    let header = RequestHeader {
        api_key: ApiKey::ApiVersions.key(),
        api_version: 0,
        correlation_id: 77,
        client_id: None,
    };
    let mut frame = Request::ApiVersions(request.clone())
        .encode(&header)
        .to_vec();
    frame[2..4].copy_from_slice(&99i16.to_be_bytes());
    sim.send_raw(conn, frame.into());
    let answer = sim.raw_answer(conn).unwrap();
    let (correlation, answer) = Response::decode(ApiKey::ApiVersions.key(), 0, &answer).unwrap();
    let Response::ApiVersions(answer) = answer else {
        panic!();
    };
    assert_eq!(
        (correlation, answer.error_code),
        (77, ErrorCode::UnsupportedVersion.code())
    );
    // The connection lives on.
    sim.send(conn, request, 3);
    assert!(sim.answer(conn).is_some());
    let nameless = ApiVersionsRequest::default();
    let Response::ApiVersions(response) = sim.call(1, nameless, 3) else {
        panic!();
    };
    assert_eq!(response.error_code, ErrorCode::InvalidRequest.code());
}

#[test]
fn the_same_story_gives_the_same_state() {
    let story = || {
        let mut sim = Sim::new(3);
        sim.create("t", 3, 3, &[]);
        for i in 0..10 {
            sim.produce(&tp("t", i % 3), -1, &["a", "b"]);
        }
        sim.kill(2);
        sim.run_ms(15_000);
        sim.start(2);
        sim.run_ms(15_000);
        sim
    };
    let (a, b) = (story(), story());
    assert_eq!(a.brokers, b.brokers);
    assert_eq!(a.controller, b.controller);
}
