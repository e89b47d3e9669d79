//! Fetch sessions: what a client need not ask again, and what it is not told again.

use engine::net::ConnId;
use protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, ForgottenTopic,
};
use protocol::{ErrorCode, Uuid};

use super::requests::{FETCH, fetch_response, tp, values};
use super::sim::Sim;

fn topic_id(sim: &Sim, topic: &str) -> Uuid {
    sim.controller.image().topic(topic).unwrap().id
}

fn ask(sim: &Sim, topic: &str, session: (i32, i32), offsets: &[(i32, i64)]) -> FetchRequest {
    let partitions = offsets
        .iter()
        .map(|(partition, fetch_offset)| FetchPartition {
            partition: *partition,
            fetch_offset: *fetch_offset,
            partition_max_bytes: 1 << 20,
            ..FetchPartition::default()
        });
    let topics = if offsets.is_empty() {
        Vec::new()
    } else {
        vec![FetchTopic {
            topic: topic.into(),
            topic_id: topic_id(sim, topic),
            partitions: partitions.collect(),
        }]
    };
    FetchRequest {
        max_wait_ms: 500,
        min_bytes: 1,
        max_bytes: 50 << 20,
        session_id: session.0,
        session_epoch: session.1,
        topics,
        ..FetchRequest::default()
    }
}

fn get(sim: &mut Sim, conn: ConnId, request: FetchRequest) -> FetchResponse {
    sim.send(conn, request, FETCH);
    let end = sim.now.plus_millis(1_000);
    loop {
        if let Some((_, response)) = sim.answer(conn) {
            return fetch_response(response);
        }
        assert!(sim.now < end, "no answer");
        sim.run_ms(10);
    }
}

/// Partition and values of what an answer tells.
fn told(response: &FetchResponse) -> Vec<(i32, Vec<String>)> {
    assert_eq!(response.error_code, 0);
    let partitions = response
        .responses
        .iter()
        .flat_map(|topic| &topic.partitions);
    partitions
        .map(|data| (data.partition_index, values(data)))
        .collect()
}

fn error(response: &FetchResponse) -> ErrorCode {
    ErrorCode::from_code(response.error_code)
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[test]
fn a_session_tells_only_what_is_new() {
    let mut sim = Sim::new(1);
    sim.create("t", 3, 1, &[]);
    sim.produce(&tp("t", 1), -1, &["a"]);
    let conn = sim.connect(1);
    let first = ask(&sim, "t", (0, 0), &[(0, 0), (1, 0), (2, 0)]);
    let first = get(&mut sim, conn, first);
    let id = first.session_id;
    assert!(id > 0);
    let nothing = vec![];
    assert_eq!(
        told(&first),
        [(0, nothing.clone()), (1, strings(&["a"])), (2, nothing)]
    );
    // Its position moved on; nobody has written anything: the wait is served in full.
    let before = sim.now;
    let request = ask(&sim, "t", (id, 1), &[(1, 1)]);
    assert_eq!(told(&get(&mut sim, conn, request)), []);
    assert_eq!(sim.now.millis_since(before), 500);
    // What is written to any partition of the session ends the wait, and it alone is told.
    let request = ask(&sim, "t", (id, 2), &[]);
    sim.send(conn, request, FETCH);
    sim.run_ms(100);
    assert!(sim.answer(conn).is_none());
    sim.produce(&tp("t", 2), -1, &["b"]);
    let (_, response) = sim.answer(conn).expect("at once");
    assert_eq!(told(&fetch_response(response)), [(2, strings(&["b"]))]);
    // Not moved on: told again.
    let request = ask(&sim, "t", (id, 3), &[]);
    assert_eq!(told(&get(&mut sim, conn, request)), [(2, strings(&["b"]))]);
    // A forgotten partition is silent, and keeps nobody waiting.
    let mut request = ask(&sim, "t", (id, 4), &[]);
    request.forgotten_topics_data = vec![ForgottenTopic {
        topic: "t".into(),
        topic_id: topic_id(&sim, "t"),
        partitions: vec![2],
    }];
    assert_eq!(told(&get(&mut sim, conn, request)), []);
}

#[test]
fn epochs_and_ids_are_checked_and_a_session_ends() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    sim.produce(&tp("t", 0), -1, &["a"]);
    let conn = sim.connect(1);
    let request = ask(&sim, "t", (0, 0), &[(0, 0)]);
    let id = get(&mut sim, conn, request).session_id;
    let request = ask(&sim, "t", (id, 2), &[]);
    let answer = get(&mut sim, conn, request);
    assert_eq!(error(&answer), ErrorCode::InvalidFetchSessionEpoch);
    let request = ask(&sim, "t", (id ^ 1, 1), &[]);
    let answer = get(&mut sim, conn, request);
    assert_eq!(error(&answer), ErrorCode::FetchSessionIdNotFound);
    // Names instead of ids.
    let request = ask(&sim, "t", (id, 1), &[]);
    sim.send(conn, request, 12);
    let (_, response) = sim.answer(conn).unwrap();
    let code = error(&fetch_response(response));
    assert_eq!(code, ErrorCode::FetchSessionTopicIdError);
    // Another session in its place.
    let request = ask(&sim, "t", (id, 0), &[(0, 0)]);
    let next = get(&mut sim, conn, request).session_id;
    assert!(next > 0 && next != id);
    assert_eq!(sim.brokers[&1].fetch_sessions().len(), 1);
    // Epoch -1 ends it; the fetch itself is served.
    let request = ask(&sim, "t", (next, -1), &[(0, 0)]);
    let last = get(&mut sim, conn, request);
    assert_eq!(
        (last.session_id, told(&last)),
        (0, vec![(0, strings(&["a"]))])
    );
    assert!(sim.brokers[&1].fetch_sessions().is_empty());
    // Forgetting everything ends one too.
    let request = ask(&sim, "t", (0, 0), &[(0, 0)]);
    let id = get(&mut sim, conn, request).session_id;
    let mut request = ask(&sim, "t", (id, 1), &[]);
    request.forgotten_topics_data = vec![ForgottenTopic {
        topic: "t".into(),
        topic_id: topic_id(&sim, "t"),
        partitions: vec![0],
    }];
    assert_eq!(get(&mut sim, conn, request).session_id, 0);
    assert!(sim.brokers[&1].fetch_sessions().is_empty());
}

#[test]
fn what_cannot_be_read_is_told_until_it_can() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let conn = sim.connect(1);
    let request = ask(&sim, "t", (0, 0), &[(0, 7)]);
    let first = get(&mut sim, conn, request);
    let code = |response: &FetchResponse| {
        ErrorCode::from_code(response.responses[0].partitions[0].error_code)
    };
    assert_eq!(code(&first), ErrorCode::OffsetOutOfRange);
    let id = first.session_id;
    let request = ask(&sim, "t", (id, 1), &[]);
    let second = get(&mut sim, conn, request);
    assert_eq!(code(&second), ErrorCode::OffsetOutOfRange);
    let request = ask(&sim, "t", (id, 2), &[(0, 0)]);
    let well = get(&mut sim, conn, request);
    assert_eq!(told(&well), [(0, vec![])], "so that the client knows");
    // The topic goes: the session says so, and a topic of the same name is another one.
    let waits = ask(&sim, "t", (id, 3), &[]);
    sim.send(conn, waits, FETCH);
    let delete = DeleteTopicsRequest {
        topics: vec![DeleteTopicState {
            name: Some("t".into()),
            ..DeleteTopicState::default()
        }],
        ..DeleteTopicsRequest::default()
    };
    sim.call(1, delete, 6);
    sim.create("t", 1, 1, &[]);
    sim.run_ms(600);
    let (_, response) = sim.answer(conn).unwrap();
    let gone = fetch_response(response);
    assert!(matches!(
        code(&gone),
        ErrorCode::UnknownTopicId | ErrorCode::NotLeaderOrFollower
    ));
    let request = FetchRequest {
        topics: vec![],
        ..ask(&sim, "t", (id, 4), &[])
    };
    let later = get(&mut sim, conn, request);
    assert_eq!(code(&later), ErrorCode::UnknownTopicId);
}

#[test]
fn partitions_take_turns_when_there_is_little_room() {
    let mut sim = Sim::new(1);
    sim.create("t", 2, 1, &[]);
    for partition in [0, 1] {
        sim.produce(&tp("t", partition), -1, &["a"]);
        sim.produce(&tp("t", partition), -1, &["b"]);
    }
    let conn = sim.connect(1);
    let mut request = ask(&sim, "t", (0, 0), &[(0, 0), (1, 0)]);
    request.max_bytes = 1;
    let first = get(&mut sim, conn, request);
    assert_eq!(told(&first), [(0, strings(&["a"])), (1, vec![])]);
    let id = first.session_id;
    let mut told_now = Vec::new();
    let mut next = [1, 0];
    for epoch in 1..=3 {
        let mut request = ask(&sim, "t", (id, epoch), &[(0, next[0]), (1, next[1])]);
        request.max_bytes = 1;
        let answer = get(&mut sim, conn, request);
        let with_records = told(&answer)
            .into_iter()
            .filter(|(_, values)| !values.is_empty());
        for (partition, values) in with_records {
            next[partition as usize] += values.len() as i64;
            told_now.push((partition, values[0].clone()));
        }
    }
    // The first answer of a session moves nothing; from then on who gave waits for the others.
    let expected = [(0, "b"), (1, "a"), (1, "b")].map(|(n, value)| (n, value.to_owned()));
    assert_eq!(told_now, expected);
}

#[test]
fn a_thousand_sessions_are_kept_and_stale_ones_give_way() {
    let mut sim = Sim::new(1);
    sim.create("t", 2, 1, &[]);
    sim.produce(&tp("t", 0), -1, &["a"]);
    let conn = sim.connect(1);
    let one = ask(&sim, "t", (0, 0), &[(0, 0)]);
    let first = get(&mut sim, conn, one.clone()).session_id;
    sim.run_ms(1);
    for _ in 1..1_000 {
        assert!(get(&mut sim, conn, one.clone()).session_id > 0);
    }
    assert_eq!(get(&mut sim, conn, one.clone()).session_id, 0, "no room");
    sim.run_ms(121_000);
    assert!(get(&mut sim, conn, one.clone()).session_id > 0);
    assert_eq!(sim.brokers[&1].fetch_sessions().len(), 1_000);
    let request = ask(&sim, "t", (first, 1), &[]);
    let answer = get(&mut sim, conn, request);
    assert_eq!(
        error(&answer),
        ErrorCode::FetchSessionIdNotFound,
        "it gave way"
    );
}
