//! Replication through crashes: followers catch up, leaders change, logs never part for good.

use engine::ids::TopicPartition;
use protocol::ErrorCode;
use protocol::messages::list_offsets::ListOffsetsPartitionResponse;

use super::requests::{PRODUCE, produced, tp};
use super::sim::{Node, Sim};

const SEEDS: u64 = 60;

fn ends(sim: &Sim, partition: &TopicPartition) -> Vec<(i64, i64)> {
    let logs = sim
        .brokers
        .values()
        .filter_map(|broker| broker.log(partition));
    logs.map(|log| (log.high_watermark(), log.log_end_offset()))
        .collect()
}

#[test]
fn followers_hear_of_the_high_watermark_at_once() {
    let mut sim = Sim::new(3);
    sim.create("t", 1, 3, &[]);
    sim.produce(&tp("t", 0), -1, &["a", "b"]);
    sim.settle();
    assert_eq!(ends(&sim, &tp("t", 0)), [(2, 2); 3]);
}

#[test]
fn a_follower_that_was_away_catches_up_and_is_in_sync_again() {
    let mut sim = Sim::new(3);
    sim.create("t", 1, 3, &[]);
    let partition = tp("t", 0);
    sim.produce(&partition, -1, &["a"]);
    let leader = sim.leader(&partition);
    let follower = (1..=3).find(|id| *id != leader).unwrap();
    sim.kill(follower);
    sim.run_ms(12_000);
    assert_eq!(sim.isr(&partition).len(), 2, "the controller fences it");
    for value in ["b", "c", "d"] {
        assert_eq!(sim.produce(&partition, -1, &[value]).error_code, 0);
    }
    sim.start(follower);
    sim.run_ms(5_000);
    assert_eq!(sim.isr(&partition), [1, 2, 3]);
    assert_eq!(ends(&sim, &partition), [(4, 4); 3]);
}

#[test]
fn a_leader_that_dies_and_returns_cuts_what_nobody_else_had() {
    let mut sim = Sim::new(3);
    sim.create("t", 1, 3, &[]);
    let partition = tp("t", 0);
    sim.produce(&partition, -1, &["a"]);
    let old = sim.leader(&partition);
    for other in (1..=3).filter(|id| *id != old) {
        sim.cut(Node::Broker(old), Node::Broker(other));
    }
    // Acknowledged by the leader alone: may be lost, and is.
    assert_eq!(sim.produce(&partition, 1, &["lost"]).base_offset, 1);
    sim.kill(old);
    sim.heal();
    sim.run_ms(12_000);
    let new = sim.leader(&partition);
    assert!(new != old && new > 0);
    assert_eq!(sim.produce(&partition, -1, &["kept"]).base_offset, 1);
    sim.start(old);
    sim.run_ms(5_000);
    assert_eq!(sim.isr(&partition), [1, 2, 3]);
    assert_eq!(sim.consume(&partition), ["a", "kept"]);
    assert_eq!(ends(&sim, &partition), [(2, 2); 3]);
    let epochs: Vec<_> = sim
        .brokers
        .values()
        .map(|b| b.log(&partition).unwrap().leader_epochs().clone())
        .collect();
    assert!(epochs.iter().all(|each| *each == epochs[0]));
}

#[test]
fn a_leader_cut_off_from_all_stops_acknowledging() {
    let mut sim = Sim::new(3);
    sim.create("t", 1, 3, &[("min.insync.replicas", "2")]);
    let partition = tp("t", 0);
    sim.produce(&partition, -1, &["a"]);
    let old = sim.leader(&partition);
    sim.cut(Node::Broker(old), Node::Controller);
    for other in (1..=3).filter(|id| *id != old) {
        sim.cut(Node::Broker(old), Node::Broker(other));
    }
    let request = sim.produce_to(&partition, -1, &["never"]);
    let answer = produced(sim.call(old, request, PRODUCE));
    assert_eq!(answer.error_code, ErrorCode::RequestTimedOut.code());
    sim.run_ms(12_000);
    assert_ne!(sim.leader(&partition), old);
    assert_eq!(sim.produce(&partition, -1, &["b"]).error_code, 0);
    // A producer that waits at the old leader is sent away when it learns the news.
    let conn = sim.connect(old);
    let mut request = sim.produce_to(&partition, -1, &["neither"]);
    request.timeout_ms = 60_000;
    sim.send(conn, request, PRODUCE);
    sim.heal();
    sim.run_ms(5_000);
    let answer = produced(sim.answer(conn).unwrap().1);
    assert_eq!(answer.error_code, ErrorCode::NotLeaderOrFollower.code());
    assert_eq!(sim.consume(&partition), ["a", "b"]);
    assert_eq!(ends(&sim, &partition), [(2, 2); 3]);
}

#[test]
fn a_new_leader_does_not_guess_the_high_watermark() {
    let mut sim = Sim::new(3);
    sim.create("t", 1, 3, &[]);
    let partition = tp("t", 0);
    let replicas = sim
        .controller
        .image()
        .partition(&partition)
        .unwrap()
        .replicas
        .clone();
    let (old, next, last) = (replicas[0], replicas[1], replicas[2]);
    sim.cut(Node::Broker(old), Node::Broker(last));
    sim.cut(Node::Broker(next), Node::Broker(last));
    sim.produce(&partition, 1, &["not committed yet"]);
    sim.kill(old);
    sim.run_ms(12_000);
    assert_eq!(sim.leader(&partition), next);
    let code = |found: ListOffsetsPartitionResponse| ErrorCode::from_code(found.error_code);
    assert_eq!(
        code(sim.list(next, &partition, -1, 5)),
        ErrorCode::OffsetNotAvailable
    );
    assert_eq!(
        code(sim.list(next, &partition, -1, 4)),
        ErrorCode::LeaderNotAvailable
    );
    sim.heal();
    sim.run_ms(2_000);
    assert_eq!(sim.list(next, &partition, -1, 5).offset, 1);
}

#[test]
fn a_single_broker_keeps_its_records_through_a_crash() {
    let mut sim = Sim::new(1);
    sim.create("t", 2, 1, &[]);
    sim.produce(&tp("t", 0), -1, &["a", "b"]);
    sim.kill(1);
    sim.run_ms(12_000);
    sim.start(1);
    sim.run_ms(5_000);
    assert_eq!(sim.consume(&tp("t", 0)), ["a", "b"]);
    assert_eq!(sim.produce(&tp("t", 0), -1, &["c"]).base_offset, 2);
}

#[test]
fn a_follower_whose_place_was_deleted_goes_on_where_the_leader_starts() {
    let mut sim = Sim::new(2);
    sim.create(
        "t",
        1,
        2,
        &[("segment.bytes", "1048576"), ("retention.ms", "20000")],
    );
    let partition = tp("t", 0);
    sim.produce(&partition, -1, &["a"]);
    let leader = sim.leader(&partition);
    let follower = 3 - leader;
    sim.kill(follower);
    sim.run_ms(12_000);
    sim.produce(&partition, -1, &["b", "c"]);
    // Retention runs and empties the log.
    sim.run_ms(330_000);
    assert_eq!(
        sim.brokers[&leader]
            .log(&partition)
            .unwrap()
            .log_start_offset(),
        3
    );
    sim.produce(&partition, -1, &["d"]);
    sim.start(follower);
    sim.run_ms(5_000);
    assert_eq!(sim.isr(&partition), [1, 2]);
    let log = sim.brokers[&follower].log(&partition).unwrap();
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (3, 4));
}

#[test]
fn random_crashes_lose_nothing_that_was_acknowledged() {
    for seed in 0..SEEDS {
        let mut rng = engine::rng::Rng::from_seed(seed);
        let mut sim = Sim::new(3);
        sim.create("t", 2, 3, &[("min.insync.replicas", "2")]);
        let mut acknowledged: [Vec<String>; 2] = Default::default();
        let mut count = 0;
        for _ in 0..40 {
            match rng.below(12) {
                0 if sim.brokers.len() == 3 => sim.kill(1 + rng.below(3) as i32),
                1 => {
                    let down = (1..=3).find(|id| !sim.brokers.contains_key(id));
                    if let Some(id) = down {
                        sim.start(id);
                    }
                }
                2 => {
                    let ids: Vec<i32> = sim.brokers.keys().copied().collect();
                    sim.cut(Node::Broker(ids[0]), Node::Broker(ids[1]));
                }
                3 => sim.heal(),
                5 => sim.cut(Node::Broker(1 + rng.below(3) as i32), Node::Controller),
                6 => {
                    // May be lost, and makes logs part.
                    let partition = tp("t", rng.below(2) as i32);
                    let leader = sim.leader(&partition);
                    if sim.brokers.contains_key(&leader) {
                        let request = sim.produce_to(&partition, 1, &["perhaps"]);
                        sim.try_call(leader, request, PRODUCE, 2_000);
                    }
                }
                4 => sim.run_ms(rng.below(40_000) as i64),
                _ => {
                    let number = rng.below(2) as usize;
                    let partition = tp("t", number as i32);
                    let leader = sim.leader(&partition);
                    if sim.brokers.contains_key(&leader) {
                        let value = count.to_string();
                        count += 1;
                        let request = sim.produce_to(&partition, -1, &[&value]);
                        let answer = sim.try_call(leader, request, PRODUCE, 2_000);
                        if answer.is_some_and(|answer| produced(answer).error_code == 0) {
                            acknowledged[number].push(value);
                        }
                    }
                }
            }
            sim.run_ms(rng.below(2_000) as i64);
        }
        sim.heal();
        for id in 1..=3 {
            if !sim.brokers.contains_key(&id) {
                sim.start(id);
            }
        }
        sim.run_ms(60_000);
        for (number, expected) in (0..).zip(&acknowledged) {
            let partition = tp("t", number);
            assert_eq!(sim.isr(&partition), [1, 2, 3], "seed {seed}");
            let stored = sim.consume(&partition);
            let mut rest = stored.iter();
            for value in expected {
                assert!(
                    rest.any(|found| found == value),
                    "seed {seed}: {value} is lost of {stored:?}"
                );
            }
        }
    }
}
