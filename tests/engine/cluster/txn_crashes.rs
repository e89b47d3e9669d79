//! Transactions when brokers die: their coordinator in every state, the leader of their records.

use engine::ids::{TRANSACTIONS_TOPIC, TopicPartition};
use engine::txn::TxnState;
use protocol::ErrorCode;

use super::requests::tp;
use super::sim::{Node, Sim};
use super::txn_client::{Producer, Speaks};

const BOTH: [Speaks; 2] = [Speaks::V1, Speaks::V2];

fn three() -> Sim {
    Sim::with(3, |config| {
        config.offsets_replication = 3;
        config.transactions_replication = 3;
        config.transactions_min_isr = 2;
    })
}

/// A topic partition that the transaction's coordinator does not lead.
fn elsewhere(sim: &mut Sim, producer: &Producer) -> TopicPartition {
    sim.create("t", 3, 3, &[]);
    let here = producer.coordinator(sim);
    let mut partitions = (0..3).map(|number| tp("t", number));
    partitions.find(|at| sim.leader(at) != here).unwrap()
}

/// The coordinator dies, another takes over, and the dead one comes back.
fn lose_coordinator(sim: &mut Sim, producer: &Producer) {
    let here = producer.coordinator(sim);
    sim.kill(here);
    sim.run_ms(10_000);
    assert_ne!(producer.coordinator(sim), here);
    sim.start(here);
    sim.run_ms(5_000);
}

fn state(sim: &mut Sim, producer: &Producer) -> TxnState {
    let here = producer.coordinator(sim);
    let known = sim.brokers[&here].transactions().transaction(producer.id);
    known.unwrap().state
}

#[test]
fn a_transaction_outlives_its_coordinator_while_it_is_open() {
    for speaks in BOTH {
        let mut sim = three();
        let mut producer = Producer::ready(&mut sim, "tx", speaks);
        let t = elsewhere(&mut sim, &producer);
        lose_coordinator(&mut sim, &producer);
        assert_eq!(state(&mut sim, &producer), TxnState::Empty);
        assert_eq!(producer.send(&mut sim, &t, &["a"]), ErrorCode::None);
        lose_coordinator(&mut sim, &producer);
        assert_eq!(state(&mut sim, &producer), TxnState::Ongoing, "{speaks:?}");
        assert_eq!(producer.send(&mut sim, &t, &["b"]), ErrorCode::None);
        assert_eq!(producer.end(&mut sim, true), ErrorCode::None);
        sim.run_ms(500);
        assert_eq!(sim.read_committed(&t).0, ["a", "b"], "{speaks:?}");
        lose_coordinator(&mut sim, &producer);
        assert_eq!(state(&mut sim, &producer), TxnState::CompleteCommit);
        assert_eq!(producer.send(&mut sim, &t, &["c"]), ErrorCode::None);
        assert_eq!(producer.end(&mut sim, true), ErrorCode::None);
        sim.run_ms(500);
        assert_eq!(sim.read_committed(&t).0, ["a", "b", "c"], "{speaks:?}");
    }
}

#[test]
fn what_is_decided_is_seen_through_by_the_next_coordinator() {
    for (speaks, commit) in BOTH.into_iter().flat_map(|s| [(s, true), (s, false)]) {
        let mut sim = three();
        let mut producer = Producer::ready(&mut sim, "tx", speaks);
        let t = elsewhere(&mut sim, &producer);
        assert_eq!(producer.send(&mut sim, &t, &["a"]), ErrorCode::None);
        let (here, leader) = (producer.coordinator(&mut sim), sim.leader(&t));
        // The markers do not get through, so the transaction stays decided but not done.
        sim.cut(Node::Broker(here), Node::Broker(leader));
        assert_eq!(producer.end(&mut sim, commit), ErrorCode::None);
        let decided = if commit {
            TxnState::PrepareCommit
        } else {
            TxnState::PrepareAbort
        };
        assert_eq!(state(&mut sim, &producer), decided);
        assert_eq!(sim.read_committed(&t), (vec![], 0));
        sim.kill(here);
        sim.heal();
        sim.run_ms(12_000);
        let expected: &[&str] = if commit { &["a"] } else { &[] };
        assert_eq!(sim.read_committed(&t).0, expected, "{speaks:?} {commit}");
        assert_eq!(sim.read_committed(&t).1, 2);
        sim.start(here);
        sim.run_ms(3_000);
        assert_eq!(producer.send(&mut sim, &t, &["b"]), ErrorCode::None);
        assert_eq!(producer.end(&mut sim, true), ErrorCode::None);
    }
}

#[test]
fn the_leader_of_its_records_changes_in_the_middle() {
    for speaks in BOTH {
        let mut sim = three();
        let mut producer = Producer::ready(&mut sim, "tx", speaks);
        let t = elsewhere(&mut sim, &producer);
        assert_eq!(producer.send(&mut sim, &t, &["a"]), ErrorCode::None);
        let leader = sim.leader(&t);
        sim.kill(leader);
        sim.run_ms(10_000);
        assert_eq!(producer.send(&mut sim, &t, &["b"]), ErrorCode::None);
        assert_eq!(sim.read_committed(&t), (vec![], 0));
        sim.start(leader);
        sim.run_ms(3_000);
        assert_eq!(producer.end(&mut sim, false), ErrorCode::None);
        sim.run_ms(500);
        assert_eq!(producer.send(&mut sim, &t, &["c"]), ErrorCode::None);
        assert_eq!(producer.end(&mut sim, true), ErrorCode::None);
        sim.run_ms(500);
        assert_eq!(sim.read_committed(&t), (vec!["c".into()], 5), "{speaks:?}");
        // The one that came back knows as much as the one that led meanwhile.
        let aborted = |sim: &Sim, id: i32| {
            let log = sim.brokers[&id].log(&t).unwrap();
            (
                log.transactions().aborted().to_vec(),
                log.last_stable_offset(),
            )
        };
        let known = aborted(&sim, sim.leader(&t));
        assert_eq!(aborted(&sim, leader), known);
    }
}

#[test]
fn a_partition_that_is_deleted_does_not_hold_its_transaction_up() {
    let mut sim = three();
    let mut producer = Producer::ready(&mut sim, "tx", Speaks::V2);
    let t = elsewhere(&mut sim, &producer);
    assert_eq!(producer.send(&mut sim, &t, &["a"]), ErrorCode::None);
    let request = protocol::messages::delete_topics::DeleteTopicsRequest {
        topics: vec![protocol::messages::delete_topics::DeleteTopicState {
            name: Some("t".into()),
            ..Default::default()
        }],
        ..Default::default()
    };
    sim.call(1, request, 6);
    sim.run_ms(100);
    assert_eq!(producer.end(&mut sim, true), ErrorCode::None);
    sim.run_ms(500);
    assert_eq!(state(&mut sim, &producer), TxnState::CompleteCommit);
    let number = sim.brokers[&1].transactions().partition_for("tx");
    let kept = tp(TRANSACTIONS_TOPIC, number);
    let leader = sim.leader(&kept);
    assert!(sim.brokers[&leader].log(&kept).unwrap().log_end_offset() >= 4);
}
