//! ListOffsets, DeleteRecords, DescribeLogDirs, OffsetForLeaderEpoch, retention.

use engine::ids::TopicPartition;
use protocol::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use protocol::messages::describe_log_dirs::{DescribableLogDirTopic, DescribeLogDirsRequest};
use protocol::messages::offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use protocol::{ErrorCode, Response};

use super::requests::tp;
use super::sim::{Node, Sim};

fn delete(sim: &mut Sim, partition: &TopicPartition, offset: i64) -> (ErrorCode, i64) {
    let request = DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: partition.topic.clone(),
            partitions: vec![DeleteRecordsPartition {
                partition_index: partition.partition,
                offset,
            }],
        }],
        timeout_ms: 2_000,
    };
    let leader = sim.leader(partition);
    let Response::DeleteRecords(response) = sim.call(leader, request, 2) else {
        panic!();
    };
    let result = &response.topics[0].partitions[0];
    (
        ErrorCode::from_code(result.error_code),
        result.low_watermark,
    )
}

#[test]
fn offsets_are_listed_by_every_special_time() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let partition = tp("t", 0);
    let first_time = sim.now_ms();
    sim.produce(&partition, 1, &["a"]);
    sim.run_ms(100);
    let second_time = sim.now_ms();
    sim.produce(&partition, 1, &["b", "c"]);
    let mut list = |timestamp, version| {
        let found = sim.list(1, &partition, timestamp, version);
        (
            ErrorCode::from_code(found.error_code),
            found.offset,
            found.timestamp,
        )
    };
    for version in 1..=11 {
        assert_eq!(list(-1, version), (ErrorCode::None, 3, -1));
        assert_eq!(list(-2, version), (ErrorCode::None, 0, -1));
        assert_eq!(list(first_time, version), (ErrorCode::None, 0, first_time));
        assert_eq!(
            list(first_time + 1, version),
            (ErrorCode::None, 1, second_time)
        );
        assert_eq!(list(second_time + 1, version), (ErrorCode::None, -1, -1));
    }
    assert_eq!(list(-3, 7), (ErrorCode::None, 1, second_time));
    assert_eq!(list(-3, 6).0, ErrorCode::UnsupportedVersion);
    assert_eq!(list(-4, 8), (ErrorCode::None, 0, -1));
    assert_eq!(list(-5, 9), (ErrorCode::None, -1, -1));
    assert_eq!(list(-6, 11), (ErrorCode::None, -1, -1));
    assert_eq!(list(-7, 11).0, ErrorCode::UnsupportedVersion);
    assert_eq!(
        sim.list(1, &tp("none", 0), -1, 5).error_code,
        ErrorCode::UnknownTopicOrPartition.code()
    );
}

#[test]
fn deleted_records_are_gone_on_all_replicas() {
    let mut sim = Sim::new(3);
    sim.create("t", 1, 3, &[]);
    sim.create("c", 1, 1, &[("cleanup.policy", "compact")]);
    let partition = tp("t", 0);
    for value in ["a", "b", "c"] {
        sim.produce(&partition, -1, &[value]);
    }
    assert_eq!(delete(&mut sim, &partition, 2), (ErrorCode::None, 2));
    for broker in sim.brokers.values() {
        assert_eq!(broker.log(&partition).unwrap().log_start_offset(), 2);
    }
    let leader = sim.leader(&partition);
    assert_eq!(sim.list(leader, &partition, -2, 5).offset, 2);
    assert_eq!(
        delete(&mut sim, &partition, 4).0,
        ErrorCode::OffsetOutOfRange
    );
    assert_eq!(
        delete(&mut sim, &partition, -2).0,
        ErrorCode::OffsetOutOfRange
    );
    assert_eq!(delete(&mut sim, &partition, -1), (ErrorCode::None, 3));
    assert_eq!(
        delete(&mut sim, &tp("c", 0), 0).0,
        ErrorCode::PolicyViolation
    );
    // A live replica that does not hear of it holds the answer back.
    sim.produce(&partition, -1, &["d"]);
    let follower = (1..=3).find(|id| *id != leader).unwrap();
    sim.cut(Node::Broker(follower), Node::Broker(leader));
    assert_eq!(
        delete(&mut sim, &partition, -1).0,
        ErrorCode::RequestTimedOut
    );
    sim.heal();
    sim.run_ms(3_000);
    assert_eq!(
        sim.brokers[&follower]
            .log(&partition)
            .unwrap()
            .log_start_offset(),
        4
    );
}

#[test]
fn epochs_end_where_the_next_begins() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    sim.produce(&tp("t", 0), 1, &["a", "b"]);
    let mut ask = |leader_epoch, current_leader_epoch| {
        let request = OffsetForLeaderEpochRequest {
            replica_id: -1,
            topics: vec![OffsetForLeaderTopic {
                topic: "t".into(),
                partitions: vec![OffsetForLeaderPartition {
                    partition: 0,
                    current_leader_epoch,
                    leader_epoch,
                }],
            }],
        };
        let Response::OffsetForLeaderEpoch(response) = sim.call(1, request, 4) else {
            panic!();
        };
        let end = &response.topics[0].partitions[0];
        (
            ErrorCode::from_code(end.error_code),
            end.leader_epoch,
            end.end_offset,
        )
    };
    assert_eq!(ask(0, 0), (ErrorCode::None, 0, 2));
    assert_eq!(ask(5, -1), (ErrorCode::None, -1, -1));
    assert_eq!(ask(0, 3).0, ErrorCode::UnknownLeaderEpoch);
}

#[test]
fn retention_deletes_in_its_own_time() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[("retention.ms", "60000")]);
    sim.produce(&tp("t", 0), 1, &["old"]);
    sim.run_ms(70_000);
    assert_eq!(sim.consume(&tp("t", 0)), ["old"], "nobody has looked yet");
    sim.run_ms(300_000);
    let log = sim.brokers[&1].log(&tp("t", 0)).unwrap();
    assert_eq!((log.log_start_offset(), log.size_bytes()), (1, 0));
    assert_eq!(sim.produce(&tp("t", 0), 1, &["new"]).base_offset, 1);
}

/// The directory that a broker names, and partition, size and lag of each replica in it.
fn log_dirs(
    sim: &mut Sim,
    broker: i32,
    topics: Option<Vec<DescribableLogDirTopic>>,
    version: i16,
) -> (String, Vec<(TopicPartition, i64, i64)>) {
    let request = DescribeLogDirsRequest { topics };
    let Response::DescribeLogDirs(response) = sim.call(broker, request, version) else {
        panic!();
    };
    assert_eq!((response.error_code, response.results.len()), (0, 1));
    let dir = &response.results[0];
    assert_eq!(
        (dir.error_code, dir.total_bytes, dir.usable_bytes),
        (0, -1, -1)
    );
    let rows = dir.topics.iter().flat_map(|topic| {
        let row = |p: &protocol::messages::describe_log_dirs::DescribeLogDirsPartition| {
            (
                tp(&topic.name, p.partition_index),
                p.partition_size,
                p.offset_lag,
            )
        };
        topic.partitions.iter().map(row).collect::<Vec<_>>()
    });
    (dir.log_dir.clone(), rows.collect())
}

#[test]
fn each_broker_tells_what_its_own_replicas_take() {
    let mut sim = Sim::with(2, |config| config.log_dir = "/data".to_owned());
    sim.create("both", 1, 2, &[]);
    sim.create("one", 2, 1, &[]);
    sim.produce(&tp("both", 0), -1, &["a", "b"]);
    sim.run_ms(1_000);
    let bytes = |sim: &Sim, broker: i32| {
        let log = sim.brokers[&broker].log(&tp("both", 0)).unwrap();
        i64::try_from(log.size_bytes()).unwrap()
    };
    for version in 1..=5 {
        let mut seen = Vec::new();
        for broker in [1, 2] {
            let (path, rows) = log_dirs(&mut sim, broker, None, version);
            assert_eq!(path, "/data");
            let size = bytes(&sim, broker);
            assert!(
                size > 60 && rows.contains(&(tp("both", 0), size, 0)),
                "{rows:?}"
            );
            seen.extend(rows.into_iter().filter(|(tp, ..)| tp.topic == "one"));
        }
        seen.sort();
        assert_eq!(seen, [(tp("one", 0), 0, 0), (tp("one", 1), 0, 0)]);
    }
    let asked = |topic: &str, partitions: &[i32]| DescribableLogDirTopic {
        topic: topic.to_owned(),
        partitions: partitions.to_vec(),
    };
    let some = vec![asked("both", &[0, 3]), asked("missing", &[0])];
    let (_, rows) = log_dirs(&mut sim, 2, Some(some), 5);
    assert_eq!(rows, [(tp("both", 0), bytes(&sim, 2), 0)]);
    assert!(log_dirs(&mut sim, 2, Some(Vec::new()), 5).1.is_empty());
}
