//! Transactions through brokers: what readers see, who is shut out, and what survives a crash.

use engine::txn::TxnState;
use protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use protocol::{ErrorCode, Response};

use super::requests::tp;
use super::sim::Sim;
use super::txn_client::{Producer, Speaks, group_coordinator};

const BOTH: [Speaks; 2] = [Speaks::V1, Speaks::V2];

#[test]
fn committed_records_are_read_and_aborted_ones_are_not() {
    for speaks in BOTH {
        let mut sim = Sim::new(1);
        sim.create("t", 1, 1, &[]);
        let t = tp("t", 0);
        let mut producer = Producer::ready(&mut sim, "tx", speaks);
        assert_eq!((producer.producer_id, producer.epoch), (0, 0));
        assert_eq!(producer.send(&mut sim, &t, &["a", "b"]), ErrorCode::None);
        assert_eq!(producer.send(&mut sim, &t, &["c"]), ErrorCode::None);
        assert_eq!(sim.read_committed(&t), (vec![], 0), "{speaks:?}");
        assert_eq!(producer.end(&mut sim, true), ErrorCode::None);
        sim.run_ms(100);
        assert_eq!(sim.read_committed(&t).0, ["a", "b", "c"], "{speaks:?}");
        assert_eq!(producer.send(&mut sim, &t, &["x"]), ErrorCode::None);
        assert_eq!(producer.end(&mut sim, false), ErrorCode::None);
        assert_eq!(producer.send(&mut sim, &t, &["d"]), ErrorCode::None);
        assert_eq!(producer.end(&mut sim, true), ErrorCode::None);
        sim.run_ms(100);
        assert_eq!(
            sim.read_committed(&t),
            (vec!["a".into(), "b".into(), "c".into(), "d".into()], 8)
        );
        let epoch = if speaks == Speaks::V2 { 3 } else { 0 };
        assert_eq!((producer.producer_id, producer.epoch), (0, epoch));
    }
}

fn committed(sim: &mut Sim, group: &str, require_stable: bool) -> Result<i64, ErrorCode> {
    let here = group_coordinator(sim, group);
    let request = OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: group.into(),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: "t".into(),
                partition_indexes: vec![0],
                ..OffsetFetchRequestTopics::default()
            }]),
            ..OffsetFetchRequestGroup::default()
        }],
        require_stable,
        ..OffsetFetchRequest::default()
    };
    let Response::OffsetFetch(response) = sim.call(here, request, 9) else {
        panic!();
    };
    assert_eq!(response.groups[0].error_code, 0);
    let found = &response.groups[0].topics[0].partitions[0];
    match found.error_code {
        0 => Ok(found.committed_offset),
        code => Err(ErrorCode::from_code(code)),
    }
}

#[test]
fn offsets_count_with_the_transaction_they_are_part_of() {
    for speaks in BOTH {
        let mut sim = Sim::new(1);
        sim.create("t", 1, 1, &[]);
        let mut producer = Producer::ready(&mut sim, "tx", speaks);
        assert_eq!(
            producer.send(&mut sim, &tp("t", 0), &["out"]),
            ErrorCode::None
        );
        assert_eq!(producer.send_offsets(&mut sim, "g", 5), ErrorCode::None);
        assert_eq!(committed(&mut sim, "g", false), Ok(-1), "{speaks:?}");
        let unstable = Err(ErrorCode::UnstableOffsetCommit);
        assert_eq!(committed(&mut sim, "g", true), unstable);
        assert_eq!(producer.end(&mut sim, true), ErrorCode::None);
        sim.run_ms(100);
        assert_eq!(committed(&mut sim, "g", true), Ok(5), "{speaks:?}");
        assert_eq!(producer.send_offsets(&mut sim, "g", 9), ErrorCode::None);
        assert_eq!(producer.end(&mut sim, false), ErrorCode::None);
        sim.run_ms(100);
        assert_eq!(committed(&mut sim, "g", true), Ok(5), "{speaks:?}");
        // Both the offsets and those that wait for a marker are read back from the log.
        assert_eq!(producer.send_offsets(&mut sim, "g", 7), ErrorCode::None);
        sim.kill(1);
        sim.run_ms(10_000);
        sim.start(1);
        sim.run_ms(5_000);
        assert_eq!(committed(&mut sim, "g", false), Ok(5), "{speaks:?}");
        assert_eq!(committed(&mut sim, "g", true), unstable);
        assert_eq!(producer.end(&mut sim, true), ErrorCode::None);
        sim.run_ms(200);
        assert_eq!(committed(&mut sim, "g", true), Ok(7), "{speaks:?}");
    }
}

#[test]
fn a_new_instance_shuts_the_old_one_out() {
    for speaks in BOTH {
        let mut sim = Sim::new(1);
        sim.create("t", 1, 1, &[]);
        let t = tp("t", 0);
        let mut zombie = Producer::ready(&mut sim, "tx", speaks);
        assert_eq!(zombie.send(&mut sim, &t, &["lost"]), ErrorCode::None);
        let mut heir = Producer::new("tx", speaks);
        // Its predecessor's transaction is aborted first.
        let first = heir.init_once(&mut sim);
        assert_eq!(first, Some(ErrorCode::ConcurrentTransactions));
        assert_eq!(heir.init(&mut sim), ErrorCode::None);
        assert_eq!((heir.producer_id, heir.epoch), (0, 2), "{speaks:?}");
        assert_eq!(
            zombie.send(&mut sim, &t, &["late"]),
            ErrorCode::InvalidProducerEpoch
        );
        assert_eq!(zombie.end(&mut sim, true), ErrorCode::ProducerFenced);
        assert_eq!(heir.send(&mut sim, &t, &["kept"]), ErrorCode::None);
        assert_eq!(heir.end(&mut sim, true), ErrorCode::None);
        sim.run_ms(100);
        assert_eq!(sim.read_committed(&t).0, ["kept"], "{speaks:?}");
    }
}

#[test]
fn producers_that_are_refused_leave_nothing_behind() {
    for speaks in BOTH {
        let mut sim = Sim::new(1);
        sim.create("t", 1, 1, &[]);
        let t = tp("t", 0);
        let mut honest = Producer::ready(&mut sim, "tx", speaks);
        assert_eq!(honest.send(&mut sim, &t, &["kept"]), ErrorCode::None);
        for number in 100..110 {
            let mut made_up = Producer::new("tx", speaks);
            made_up.producer_id = number;
            made_up.epoch = 0;
            let refused = made_up.produce_once(&mut sim, &t, &["lost"]);
            assert!(refused.is_some_and(ErrorCode::is_error), "{speaks:?}");
        }
        let leader = sim.leader(&t);
        assert_eq!(sim.brokers[&leader].replicas().open_verifications(), 0);
        assert_eq!(honest.end(&mut sim, true), ErrorCode::None);
        sim.run_ms(100);
        assert_eq!(sim.read_committed(&t).0, ["kept"], "{speaks:?}");
    }
}

#[test]
fn a_transaction_that_takes_too_long_is_aborted() {
    for speaks in BOTH {
        let mut sim = Sim::new(1);
        sim.create("t", 1, 1, &[]);
        let t = tp("t", 0);
        let mut slow = Producer::new("tx", speaks);
        slow.timeout_ms = 5_000;
        assert_eq!(slow.init(&mut sim), ErrorCode::None);
        assert_eq!(slow.send(&mut sim, &t, &["slow"]), ErrorCode::None);
        sim.run_ms(4_000);
        assert_eq!(sim.read_committed(&t), (vec![], 0));
        sim.run_ms(12_000);
        assert_eq!(sim.read_committed(&t), (vec![], 2), "{speaks:?}");
        let state = sim.brokers[&1].transactions().transaction("tx").unwrap();
        assert_eq!(
            (state.state, state.producer_epoch),
            (TxnState::CompleteAbort, 1)
        );
        let error = slow.end(&mut sim, true);
        let expected = match speaks {
            Speaks::V1 => ErrorCode::ProducerFenced,
            // The epoch that follows might be this producer's own, but it has aborted.
            Speaks::V2 => ErrorCode::InvalidTxnState,
        };
        assert_eq!(error, expected);
    }
}
