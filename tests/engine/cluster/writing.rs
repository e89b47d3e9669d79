//! Produce: acknowledgements, refusals, idempotence.

use engine::ids::OFFSETS_TOPIC;
use protocol::{ErrorCode, Response, Uuid};
use records::BatchOptions;

use super::requests::{PRODUCE, batch_of, produce_bytes, produced, tp};
use super::sim::{Node, Sim};

fn code(error: ErrorCode) -> i16 {
    error.code()
}

#[test]
fn every_version_appends() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    for (offset, version) in (3..=13).enumerate() {
        let request = sim.produce_to(&tp("t", 0), 1, &["v"]);
        let answer = produced(sim.call(1, request, version));
        assert_eq!(
            (answer.error_code, answer.base_offset),
            (0, offset as i64),
            "{version}"
        );
        assert_eq!(answer.log_append_time_ms, -1);
    }
    let values = sim.consume(&tp("t", 0));
    assert_eq!(values.len(), 11);
}

#[test]
fn what_cannot_be_appended_is_refused_with_kafkas_error() {
    let mut sim = Sim::new(2);
    sim.create("t", 1, 1, &[("max.message.bytes", "200")]);
    sim.create("c", 1, 1, &[("cleanup.policy", "compact")]);
    sim.create(
        "stamped",
        1,
        1,
        &[("message.timestamp.type", "LogAppendTime")],
    );
    let partition = tp("t", 0);
    let leader = sim.leader(&partition);
    let other = 3 - leader;
    let mut refused = |broker: i32, request, version| {
        let answer = produced(sim.call(broker, request, version));
        assert_eq!(answer.base_offset, -1);
        answer.error_code
    };
    let good = batch_of(1_700_000_000_000, BatchOptions::default(), &["v"]);
    let to = |topic: &str, index, acks| produce_bytes(&tp(topic, index), acks, good.clone());
    assert_eq!(
        refused(leader, to("none", 0, 1), 12),
        code(ErrorCode::UnknownTopicOrPartition)
    );
    assert_eq!(
        refused(leader, to("t", 5, 1), 12),
        code(ErrorCode::UnknownTopicOrPartition)
    );
    assert_eq!(
        refused(leader, to("t", 0, 1), 13),
        code(ErrorCode::UnknownTopicId)
    );
    assert_eq!(
        refused(leader, to("t", 0, 2), 12),
        code(ErrorCode::InvalidRequiredAcks)
    );
    assert_eq!(
        refused(other, to("t", 0, 1), 12),
        code(ErrorCode::NotLeaderOrFollower)
    );
    let large = "x".repeat(300);
    let large = batch_of(1_700_000_000_000, BatchOptions::default(), &[&large]);
    let large = produce_bytes(&tp("t", 0), 1, large);
    assert_eq!(refused(leader, large, 12), code(ErrorCode::MessageTooLarge));
    let empty = produce_bytes(&tp("t", 0), 1, Default::default());
    assert_eq!(refused(leader, empty, 12), code(ErrorCode::InvalidRecord));
    let mut damaged = good.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let damaged = produce_bytes(&tp("t", 0), 1, damaged.into());
    assert_eq!(
        refused(leader, damaged, 12),
        code(ErrorCode::CorruptMessage)
    );
    let mut null = produce_bytes(&tp("t", 0), 1, Default::default());
    null.topic_data[0].partition_data[0].records = None;
    assert_eq!(refused(leader, null, 12), code(ErrorCode::InvalidRecord));
    let stamped = tp("stamped", 0);
    let answer = sim.produce(&stamped, 1, &["v"]);
    assert_eq!(
        (answer.error_code, answer.log_append_time_ms),
        (0, sim.now_ms())
    );
}

#[test]
fn a_client_at_the_wrong_broker_is_told_where_to_go() {
    let mut sim = Sim::new(2);
    sim.create("t", 1, 1, &[]);
    let leader = sim.leader(&tp("t", 0));
    let request = sim.produce_to(&tp("t", 0), 1, &["v"]);
    let Response::Produce(response) = sim.call(3 - leader, request, 13) else {
        panic!();
    };
    let answer = &response.responses[0].partition_responses[0];
    assert_eq!(answer.current_leader.leader_id, leader);
    assert_eq!(response.node_endpoints[0].node_id, leader);
    assert_eq!(response.node_endpoints[0].port, 9000 + leader);
    assert_ne!(response.responses[0].topic_id, Uuid::ZERO);
}

#[test]
fn clients_keep_out_of_the_offsets_topic() {
    let mut sim = Sim::new(1);
    sim.create(OFFSETS_TOPIC, 3, 1, &[]);
    let answer = sim.produce(&tp(OFFSETS_TOPIC, 0), 1, &["v"]);
    assert_eq!(answer.error_code, code(ErrorCode::InvalidTopicException));
}

#[test]
fn acks_0_gets_no_answer_and_an_error_costs_the_connection() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let conn = sim.connect(1);
    let request = sim.produce_to(&tp("t", 0), 0, &["silent"]);
    sim.send(conn, request, PRODUCE);
    let request = sim.produce_to(&tp("t", 0), 1, &["loud"]);
    let correlation = sim.send(conn, request, PRODUCE);
    assert_eq!(sim.answer(conn).unwrap().0, correlation);
    assert_eq!(sim.consume(&tp("t", 0)), ["silent", "loud"]);
    let bad = produce_bytes(&tp("none", 0), 0, sim.batch(&["v"]));
    sim.send(conn, bad, PRODUCE);
    assert!(sim.answer(conn).is_none() && sim.closed.contains(&conn));
}

#[test]
fn acks_all_waits_for_the_followers() {
    let mut sim = Sim::new(3);
    sim.create("t", 1, 3, &[("min.insync.replicas", "2")]);
    let partition = tp("t", 0);
    let leader = sim.leader(&partition);
    let followers: Vec<i32> = (1..=3).filter(|id| *id != leader).collect();
    assert_eq!(sim.produce(&partition, -1, &["a"]).error_code, 0);
    for broker in sim.brokers.values() {
        assert_eq!(broker.log(&partition).unwrap().log_end_offset(), 1);
    }
    // One follower falls silent: the record waits for it, then the time is up.
    sim.cut(Node::Broker(followers[0]), Node::Broker(leader));
    let conn = sim.connect(leader);
    let request = sim.produce_to(&partition, -1, &["b"]);
    sim.send(conn, request, PRODUCE);
    sim.run_ms(1_400);
    assert!(sim.answer(conn).is_none());
    sim.run_ms(200);
    let answer = produced(sim.answer(conn).unwrap().1);
    assert_eq!(answer.error_code, code(ErrorCode::RequestTimedOut));
    assert_eq!(sim.consume(&partition), ["a"]);
    // Half a minute later it is no longer in sync, and the record is committed without it.
    sim.run_ms(31_000);
    assert_eq!(sim.isr(&partition).len(), 2);
    assert_eq!(sim.consume(&partition), ["a", "b"]);
    // The second falls silent too: below min.insync.replicas nothing is accepted or committed.
    sim.cut(Node::Broker(followers[1]), Node::Broker(leader));
    let conn = sim.connect(leader);
    let mut request = sim.produce_to(&partition, -1, &["c"]);
    request.timeout_ms = 60_000;
    sim.send(conn, request, PRODUCE);
    sim.run_ms(40_000);
    assert_eq!(sim.isr(&partition), [leader]);
    let answer = sim.produce(&partition, -1, &["d"]);
    assert_eq!(answer.error_code, code(ErrorCode::NotEnoughReplicas));
    assert_eq!(sim.produce(&partition, 1, &["e"]).error_code, 0);
    assert_eq!(sim.consume(&partition), ["a", "b"]);
    sim.heal();
    sim.run_ms(5_000);
    assert_eq!(sim.isr(&partition), [1, 2, 3]);
    let answer = produced(sim.answer(conn).unwrap().1);
    assert_eq!(answer.error_code, 0);
    assert_eq!(sim.consume(&partition), ["a", "b", "c", "e"]);
}

#[test]
fn idempotent_retries_are_stored_once() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let now = sim.now_ms();
    let send = |sim: &mut Sim, epoch, sequence| {
        let options = BatchOptions {
            producer_id: 5,
            producer_epoch: epoch,
            base_sequence: sequence,
            ..BatchOptions::default()
        };
        let batch = batch_of(now, options, &["a", "b"]);
        let request = produce_bytes(&tp("t", 0), -1, batch);
        let answer = produced(sim.call(1, request, PRODUCE));
        (ErrorCode::from_code(answer.error_code), answer.base_offset)
    };
    assert_eq!(send(&mut sim, 0, 0), (ErrorCode::None, 0));
    assert_eq!(send(&mut sim, 0, 2), (ErrorCode::None, 2));
    assert_eq!(send(&mut sim, 0, 0), (ErrorCode::None, 0));
    assert_eq!(
        send(&mut sim, 0, 5),
        (ErrorCode::OutOfOrderSequenceNumber, -1)
    );
    assert_eq!(send(&mut sim, 1, 0), (ErrorCode::None, 4));
    assert_eq!(send(&mut sim, 0, 4), (ErrorCode::InvalidProducerEpoch, -1));
    assert_eq!(sim.consume(&tp("t", 0)).len(), 6);
}
