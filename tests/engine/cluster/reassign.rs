//! Replicas move between brokers; what the quorum and the list of resources say.

use engine::ids::TopicPartition;
use protocol::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use protocol::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreateTopicsRequest,
};
use protocol::messages::describe_quorum::{AskedPartition, AskedTopic, DescribeQuorumRequest};
use protocol::messages::list_config_resources::ListConfigResourcesRequest;
use protocol::messages::list_partition_reassignments::ListPartitionReassignmentsRequest;
use protocol::{ErrorCode, Response};

use super::requests::{PRODUCE, produced, tp};
use super::sim::{Node, Sim};

fn create_on(sim: &mut Sim, topic: &str, replicas: &[i32]) {
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: topic.into(),
            num_partitions: -1,
            replication_factor: -1,
            assignments: vec![CreatableReplicaAssignment {
                partition_index: 0,
                broker_ids: replicas.to_vec(),
            }],
            ..CreatableTopic::default()
        }],
        timeout_ms: 1_000,
        ..CreateTopicsRequest::default()
    };
    sim.call(1, request, 7);
    sim.run_ms(10);
}

fn reassign(
    sim: &mut Sim,
    partition: &TopicPartition,
    replicas: Option<&[i32]>,
    factor_may_change: bool,
) -> (ErrorCode, Option<String>) {
    let request = AlterPartitionReassignmentsRequest {
        allow_replication_factor_change: factor_may_change,
        topics: vec![ReassignableTopic {
            name: partition.topic.clone(),
            partitions: vec![ReassignablePartition {
                partition_index: partition.partition,
                replicas: replicas.map(<[i32]>::to_vec),
            }],
        }],
        ..AlterPartitionReassignmentsRequest::default()
    };
    let Response::AlterPartitionReassignments(response) = sim.call(1, request, 1) else {
        panic!();
    };
    assert_eq!(response.error_code, 0);
    let answer = response.responses[0].partitions[0].clone();
    (
        ErrorCode::from_code(answer.error_code),
        answer.error_message,
    )
}

/// Replicas, those that come and those that go, of the reassignments in progress.
fn moving(sim: &mut Sim) -> Vec<(Vec<i32>, Vec<i32>, Vec<i32>)> {
    let request = ListPartitionReassignmentsRequest {
        topics: None,
        ..ListPartitionReassignmentsRequest::default()
    };
    let Response::ListPartitionReassignments(response) = sim.call(2, request, 0) else {
        panic!();
    };
    let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
    partitions
        .map(|p| {
            (
                p.replicas.clone(),
                p.adding_replicas.clone(),
                p.removing_replicas.clone(),
            )
        })
        .collect()
}

fn replicas(sim: &Sim, partition: &TopicPartition) -> Vec<i32> {
    let image = sim.controller.image().partition(partition);
    image.unwrap().replicas.clone()
}

#[test]
fn replicas_move_with_all_their_records() {
    let mut sim = Sim::new(3);
    create_on(&mut sim, "t", &[1, 2]);
    let partition = tp("t", 0);
    sim.produce(&partition, -1, &["a", "b"]);
    let none = (ErrorCode::None, None);
    assert_eq!(reassign(&mut sim, &partition, Some(&[3, 2]), false), none);
    sim.run_ms(3_000);
    assert_eq!(replicas(&sim, &partition), [3, 2]);
    assert_eq!(
        (sim.leader(&partition), sim.isr(&partition)),
        (3, vec![2, 3])
    );
    assert_eq!(moving(&mut sim), []);
    assert!(
        sim.brokers[&1].log(&partition).is_none(),
        "it keeps nothing"
    );
    assert_eq!(sim.consume(&partition), ["a", "b"]);
    assert_eq!(sim.produce(&partition, -1, &["c"]).base_offset, 2);
    // More replicas than before, and fewer.
    assert_eq!(reassign(&mut sim, &partition, Some(&[3, 2, 1]), true), none);
    sim.run_ms(3_000);
    assert_eq!(sim.isr(&partition), [1, 2, 3]);
    assert_eq!(reassign(&mut sim, &partition, Some(&[1]), true), none);
    sim.run_ms(3_000);
    assert_eq!((sim.leader(&partition), sim.isr(&partition)), (1, vec![1]));
    assert_eq!(sim.consume(&partition), ["a", "b", "c"]);
}

#[test]
fn a_move_to_a_dead_broker_waits_and_can_be_cancelled() {
    let mut sim = Sim::new(3);
    create_on(&mut sim, "t", &[1, 2]);
    let partition = tp("t", 0);
    sim.produce(&partition, -1, &["a"]);
    sim.kill(3);
    sim.run_ms(12_000);
    let none = (ErrorCode::None, None);
    assert_eq!(reassign(&mut sim, &partition, Some(&[3, 2]), true), none);
    sim.run_ms(3_000);
    let expected = [(vec![3, 2, 1], vec![3], vec![1])];
    assert_eq!(moving(&mut sim), expected);
    assert_eq!(sim.produce(&partition, -1, &["b"]).error_code, 0);
    assert_eq!(reassign(&mut sim, &partition, None, true), none);
    assert_eq!(moving(&mut sim), []);
    assert_eq!(replicas(&sim, &partition), [2, 1]);
    let (error, why) = reassign(&mut sim, &partition, None, true);
    assert_eq!(error, ErrorCode::NoReassignmentInProgress);
    assert_eq!(
        why.as_deref(),
        Some("No partition reassignment is in progress.")
    );
    // Begun again, it ends when the broker is back.
    assert_eq!(reassign(&mut sim, &partition, Some(&[3, 2]), true), none);
    sim.start(3);
    sim.run_ms(5_000);
    assert_eq!(replicas(&sim, &partition), [3, 2]);
    assert_eq!(sim.consume(&partition), ["a", "b"]);
}

#[test]
fn going_back_needs_an_old_replica_in_sync() {
    let mut sim = Sim::new(3);
    create_on(&mut sim, "t", &[3]);
    let partition = tp("t", 0);
    sim.kill(3);
    sim.run_ms(12_000);
    assert_eq!(sim.leader(&partition), -1);
    reassign(&mut sim, &partition, Some(&[1]), true);
    let elect = protocol::messages::elect_leaders::ElectLeadersRequest {
        election_type: 1,
        topic_partitions: None,
        ..Default::default()
    };
    sim.call(1, elect, 2);
    assert_eq!(sim.leader(&partition), 1, "an unclean leader");
    let (error, why) = reassign(&mut sim, &partition, None, true);
    assert_eq!(error, ErrorCode::InvalidReplicaAssignment);
    let expected = "Unable to revert partition assignment for t:0 because it would require an unclean \
                    leader election.";
    assert_eq!(why.as_deref(), Some(expected));
    sim.start(3);
    sim.run_ms(5_000);
    assert_eq!(replicas(&sim, &partition), [1]);
}

#[test]
fn impossible_moves_are_refused() {
    let mut sim = Sim::new(3);
    create_on(&mut sim, "t", &[1, 2]);
    let known = tp("t", 0);
    let rows: &[(TopicPartition, &[i32], bool, ErrorCode)] = &[
        (tp("u", 0), &[1], true, ErrorCode::UnknownTopicOrPartition),
        (tp("t", 1), &[1], true, ErrorCode::UnknownTopicOrPartition),
        (
            known.clone(),
            &[],
            true,
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            known.clone(),
            &[1, 1],
            true,
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            known.clone(),
            &[1, 9],
            true,
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            known.clone(),
            &[1],
            false,
            ErrorCode::InvalidReplicationFactor,
        ),
    ];
    for (partition, replicas, may_change, expected) in rows {
        let (error, why) = reassign(&mut sim, partition, Some(replicas), *may_change);
        assert_eq!(error, *expected, "{partition} to {replicas:?}");
        assert!(why.is_some());
    }
    // To where it is already: nothing to do.
    assert_eq!(
        reassign(&mut sim, &known, Some(&[1, 2]), false),
        (ErrorCode::None, None)
    );
    assert_eq!(moving(&mut sim), []);
}

#[test]
fn the_quorum_is_the_controller_and_brokers_observe() {
    let mut sim = Sim::new(3);
    sim.run_ms(5_000);
    let ask = |topic: &str| DescribeQuorumRequest {
        topics: vec![AskedTopic {
            topic_name: topic.into(),
            partitions: vec![AskedPartition { partition_index: 0 }],
        }],
    };
    let Response::DescribeQuorum(response) = sim.call(2, ask("__cluster_metadata"), 2) else {
        panic!();
    };
    assert_eq!(response.error_code, 0);
    let partition = &response.topics[0].partitions[0];
    assert_eq!((partition.error_code, partition.leader_id), (0, 1));
    let voters: Vec<i32> = partition
        .current_voters
        .iter()
        .map(|r| r.replica_id)
        .collect();
    assert_eq!(voters, [1]);
    let observers: Vec<i32> = partition.observers.iter().map(|r| r.replica_id).collect();
    assert_eq!(observers, [2, 3]);
    let end = partition.high_watermark;
    assert!(end > 0 && partition.observers.iter().all(|r| r.log_end_offset == end));
    assert_eq!(response.nodes[0].listeners[0].name, "CONTROLLER");
    // One that is cut off falls behind.
    sim.cut(Node::Broker(3), Node::Controller);
    create_on(&mut sim, "t", &[1]);
    sim.run_ms(4_000);
    let Response::DescribeQuorum(response) = sim.call(2, ask("__cluster_metadata"), 2) else {
        panic!();
    };
    let partition = &response.topics[0].partitions[0];
    let behind = partition
        .observers
        .iter()
        .find(|r| r.replica_id == 3)
        .unwrap();
    assert!(behind.log_end_offset < partition.high_watermark);
    let Response::DescribeQuorum(response) = sim.call(2, ask("t"), 0) else {
        panic!();
    };
    let code = response.topics[0].partitions[0].error_code;
    assert_eq!(code, ErrorCode::UnknownTopicOrPartition.code());
}

#[test]
fn resources_are_listed_by_type() {
    let mut sim = Sim::new(2);
    create_on(&mut sim, "t", &[1]);
    let ask = |sim: &mut Sim, kinds: &[i8], version: i16| {
        let request = ListConfigResourcesRequest {
            resource_types: kinds.to_vec(),
        };
        let Response::ListConfigResources(response) = sim.call(1, request, version) else {
            panic!();
        };
        let resources = response.config_resources.into_iter();
        let resources: Vec<(i8, String)> = resources
            .map(|resource| (resource.resource_type, resource.resource_name))
            .collect();
        (ErrorCode::from_code(response.error_code), resources)
    };
    let of = |rows: &[(i8, &str)]| -> Vec<(i8, String)> {
        rows.iter()
            .map(|(kind, name)| (*kind, (*name).to_owned()))
            .collect()
    };
    assert_eq!(ask(&mut sim, &[], 0), (ErrorCode::None, vec![]));
    assert_eq!(ask(&mut sim, &[2], 1), (ErrorCode::None, of(&[(2, "t")])));
    let everything = of(&[(2, "t"), (4, "1"), (4, "2"), (8, "1"), (8, "2")]);
    assert_eq!(ask(&mut sim, &[], 1), (ErrorCode::None, everything));
    assert_eq!(
        ask(&mut sim, &[3], 1),
        (ErrorCode::UnsupportedVersion, vec![])
    );
}

#[test]
fn a_record_that_waits_is_acknowledged_when_the_one_it_waits_for_is_taken_out() {
    let mut sim = Sim::new(3);
    create_on(&mut sim, "t", &[1, 2, 3]);
    let partition = tp("t", 0);
    sim.cut(Node::Broker(3), Node::Broker(1));
    let conn = sim.connect(1);
    let mut request = sim.produce_to(&partition, -1, &["a"]);
    request.timeout_ms = 20_000;
    sim.send(conn, request, PRODUCE);
    sim.run_ms(1_000);
    assert!(sim.answer(conn).is_none());
    // The leader stays, in a new epoch.
    reassign(&mut sim, &partition, Some(&[1, 2]), true);
    sim.run_ms(1_000);
    let (_, answer) = sim.answer(conn).expect("it is committed");
    assert_eq!(produced(answer).error_code, 0);
    assert_eq!(sim.consume(&partition), ["a"]);
}
