//! Fetch: waiting, limits, epochs, sessions.

use protocol::ErrorCode;

use super::requests::{FETCH, fetch_response, fetched, tp, values};
use super::sim::Sim;

#[test]
fn every_version_reads_and_shares_the_stored_bytes() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    sim.produce(&tp("t", 0), -1, &["a", "b"]);
    for version in 4..=18 {
        let request = sim.fetch_of(&tp("t", 0), 1, 0);
        let data = fetched(sim.call(1, request, version));
        assert_eq!((data.error_code, data.high_watermark), (0, 2), "{version}");
        assert_eq!(values(&data), ["a", "b"], "a whole batch, from its start");
        assert_eq!(data.last_stable_offset, 2);
    }
}

#[test]
fn a_fetch_waits_for_records_or_for_its_time() {
    let mut sim = Sim::new(1);
    sim.create("t", 2, 1, &[]);
    let conn = sim.connect(1);
    let request = sim.fetch_of(&tp("t", 0), 0, 500);
    sim.send(conn, request.clone(), FETCH);
    sim.run_ms(499);
    assert!(sim.answer(conn).is_none());
    // Records elsewhere are none of its business.
    sim.produce(&tp("t", 1), 1, &["x"]);
    assert!(sim.answer(conn).is_none());
    sim.run_ms(1);
    assert_eq!(values(&fetched(sim.answer(conn).unwrap().1)), [""; 0]);
    sim.send(conn, request.clone(), FETCH);
    sim.run_ms(100);
    sim.produce(&tp("t", 0), 1, &["a"]);
    assert_eq!(values(&fetched(sim.answer(conn).unwrap().1)), ["a"]);
    // With a minimum it waits until that much is there.
    let mut greedy = sim.fetch_of(&tp("t", 0), 1, 10_000);
    greedy.min_bytes = 140;
    sim.send(conn, greedy, FETCH);
    sim.produce(&tp("t", 0), 1, &["b"]);
    assert!(sim.answer(conn).is_none());
    sim.produce(&tp("t", 0), 1, &["c"]);
    assert_eq!(values(&fetched(sim.answer(conn).unwrap().1)), ["b", "c"]);
}

#[test]
fn one_request_at_a_time_and_answers_in_order() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let conn = sim.connect(1);
    let waiting = sim.fetch_of(&tp("t", 0), 0, 400);
    let first = sim.send(conn, waiting, FETCH);
    let request = sim.produce_to(&tp("t", 0), 1, &["behind"]);
    let second = sim.send(conn, request, 12);
    sim.run_ms(300);
    assert!(
        sim.answer(conn).is_none(),
        "the produce waits behind the fetch"
    );
    assert_eq!(sim.consume(&tp("t", 0)).len(), 0);
    sim.run_ms(200);
    assert_eq!(sim.answer(conn).unwrap().0, first);
    assert_eq!(sim.answer(conn).unwrap().0, second);
    // A client that goes away takes its parked request with it.
    let waiting = sim.fetch_of(&tp("t", 0), 1, 60_000);
    sim.send(conn, waiting, FETCH);
    sim.hang_up(conn);
    sim.produce(&tp("t", 0), 1, &["after"]);
}

#[test]
fn limits_leave_at_least_one_batch() {
    let mut sim = Sim::new(1);
    sim.create("t", 2, 1, &[]);
    for partition in 0..2 {
        for value in ["one", "two", "three"] {
            sim.produce(&tp("t", partition), 1, &[value]);
        }
    }
    let mut request = sim.fetch_of(&tp("t", 0), 0, 0);
    let mut second = request.topics[0].partitions[0].clone();
    second.partition = 1;
    request.topics[0].partitions.push(second);
    request.max_bytes = 1;
    let response = fetch_response(sim.call(1, request.clone(), FETCH));
    let read = |response: &protocol::messages::fetch::FetchResponse, partition: usize| {
        values(&response.responses[0].partitions[partition])
    };
    assert_eq!(read(&response, 0), ["one"]);
    assert_eq!(read(&response, 1), [""; 0]);
    request.max_bytes = i32::MAX;
    request.topics[0].partitions[0].partition_max_bytes = 150;
    request.topics[0].partitions[1].partition_max_bytes = 1;
    let response = fetch_response(sim.call(1, request, FETCH));
    assert_eq!(read(&response, 0), ["one", "two"]);
    assert_eq!(read(&response, 1), [""; 0]);
}

#[test]
fn offsets_epochs_and_ids_are_checked() {
    let mut sim = Sim::new(2);
    sim.create("t", 1, 1, &[]);
    let leader = sim.leader(&tp("t", 0));
    sim.produce(&tp("t", 0), 1, &["a"]);
    let good = sim.fetch_of(&tp("t", 0), 0, 0);
    let mut error = |broker, change: &dyn Fn(&mut protocol::messages::fetch::FetchRequest)| {
        let mut request = good.clone();
        change(&mut request);
        ErrorCode::from_code(fetched(sim.call(broker, request, FETCH)).error_code)
    };
    let part = |r: &mut protocol::messages::fetch::FetchRequest, offset, epoch| {
        r.topics[0].partitions[0].fetch_offset = offset;
        r.topics[0].partitions[0].current_leader_epoch = epoch;
    };
    assert_eq!(error(leader, &|r| part(r, 1, 0)), ErrorCode::None);
    assert_eq!(
        error(leader, &|r| part(r, 2, -1)),
        ErrorCode::OffsetOutOfRange
    );
    assert_eq!(
        error(leader, &|r| part(r, -1, -1)),
        ErrorCode::OffsetOutOfRange
    );
    assert_eq!(
        error(leader, &|r| part(r, 0, 1)),
        ErrorCode::UnknownLeaderEpoch
    );
    assert_eq!(
        error(3 - leader, &|r| part(r, 0, -1)),
        ErrorCode::NotLeaderOrFollower
    );
    let unknown = error(leader, &|r| r.topics[0].topic_id = protocol::Uuid([9; 16]));
    assert_eq!(unknown, ErrorCode::UnknownTopicId);
    let beyond = error(leader, &|r| r.topics[0].partitions[0].partition = 7);
    assert_eq!(beyond, ErrorCode::UnknownTopicOrPartition);
}
