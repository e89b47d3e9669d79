//! Groups through brokers: their records in the log, their coordinator's death.

use engine::ids::OFFSETS_TOPIC;
use protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use protocol::messages::find_coordinator::FindCoordinatorRequest;
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use protocol::{ErrorCode, Response};

use super::requests::tp;
use super::sim::{Node, Sim};

fn three() -> Sim {
    Sim::with(3, |config| config.offsets_replication = 3)
}

fn coordinator(sim: &mut Sim, broker: i32) -> i32 {
    for _ in 0..100 {
        let request = FindCoordinatorRequest {
            coordinator_keys: vec!["g".into()],
            ..FindCoordinatorRequest::default()
        };
        let Response::FindCoordinator(response) = sim.call(broker, request, 4) else {
            panic!();
        };
        if response.coordinators[0].error_code == 0 {
            return response.coordinators[0].node_id;
        }
        sim.run_ms(500);
    }
    panic!("no coordinator");
}

fn join_request(member_id: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 20_000,
        member_id: member_id.into(),
        group_instance_id: None,
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".into(),
            ..JoinGroupRequestProtocol::default()
        }],
        ..JoinGroupRequest::default()
    }
}

/// Joins as the only member and gets its assignment; gives the member id and generation.
fn join(sim: &mut Sim, broker: i32) -> (String, i32) {
    let ask = |sim: &mut Sim, member: &str| -> JoinGroupResponse {
        let Response::JoinGroup(response) = sim.call(broker, join_request(member), 5) else {
            panic!();
        };
        response
    };
    let first = ask(sim, "");
    assert_eq!(first.error_code, ErrorCode::MemberIdRequired.code());
    let joined = ask(sim, &first.member_id);
    assert_eq!(joined.error_code, 0);
    let sync = SyncGroupRequest {
        group_id: "g".into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        group_instance_id: None,
        assignments: vec![SyncGroupRequestAssignment {
            member_id: joined.member_id.clone(),
            assignment: vec![0, 1].into(),
        }],
        ..SyncGroupRequest::default()
    };
    let Response::SyncGroup(synced) = sim.call(broker, sync, 3) else {
        panic!();
    };
    assert_eq!(
        (synced.error_code, synced.assignment.to_vec()),
        (0, vec![0, 1])
    );
    (joined.member_id, joined.generation_id)
}

fn commit(sim: &mut Sim, broker: i32, member: (&str, i32), offset: i64) -> ErrorCode {
    let request = OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: member.1,
        member_id: member.0.into(),
        group_instance_id: None,
        topics: vec![OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: 0,
                committed_offset: offset,
                ..OffsetCommitRequestPartition::default()
            }],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    };
    let Response::OffsetCommit(response) = sim.call(broker, request, 9) else {
        panic!();
    };
    ErrorCode::from_code(response.topics[0].partitions[0].error_code)
}

fn committed(sim: &mut Sim, broker: i32) -> Result<i64, ErrorCode> {
    let request = OffsetFetchRequest {
        groups: vec![OffsetFetchRequestGroup {
            group_id: "g".into(),
            member_id: None,
            member_epoch: -1,
            topics: Some(vec![OffsetFetchRequestTopics {
                name: "t".into(),
                partition_indexes: vec![0],
                ..OffsetFetchRequestTopics::default()
            }]),
        }],
        ..OffsetFetchRequest::default()
    };
    let Response::OffsetFetch(response) = sim.call(broker, request, 9) else {
        panic!();
    };
    match response.groups[0].error_code {
        0 => Ok(response.groups[0].topics[0].partitions[0].committed_offset),
        code => Err(ErrorCode::from_code(code)),
    }
}

fn heartbeat(sim: &mut Sim, broker: i32, member: (&str, i32)) -> ErrorCode {
    let request = HeartbeatRequest {
        group_id: "g".into(),
        generation_id: member.1,
        member_id: member.0.into(),
        group_instance_id: None,
    };
    let Response::Heartbeat(response) = sim.call(broker, request, 4) else {
        panic!();
    };
    ErrorCode::from_code(response.error_code)
}

#[test]
fn a_group_and_its_offsets_survive_their_coordinator() {
    let mut sim = three();
    sim.create("t", 1, 3, &[]);
    let old = coordinator(&mut sim, 1);
    let (member, generation) = join(&mut sim, old);
    let member = (member.as_str(), generation);
    assert_eq!(commit(&mut sim, old, member, 42), ErrorCode::None);
    assert_eq!(committed(&mut sim, old), Ok(42));
    let other = 1 + old % 3;
    assert_eq!(committed(&mut sim, other), Err(ErrorCode::NotCoordinator));
    sim.kill(old);
    // The member stays in touch as soon as there is a coordinator again, and is still one.
    sim.run_ms(9_500);
    let new = coordinator(&mut sim, other);
    assert_ne!(new, old);
    assert_eq!(heartbeat(&mut sim, new, member), ErrorCode::None);
    assert_eq!(committed(&mut sim, new), Ok(42));
    assert_eq!(commit(&mut sim, new, member, 43), ErrorCode::None);
    let group = sim.brokers[&new].groups().group("g").unwrap();
    assert_eq!(
        (group.generation, group.state.name()),
        (generation, "Stable")
    );
    // The old one comes back as a follower and knows better than to answer.
    sim.start(old);
    sim.run_ms(5_000);
    assert_eq!(committed(&mut sim, old), Err(ErrorCode::NotCoordinator));
    assert_eq!(committed(&mut sim, new), Ok(43));
}

#[test]
fn commits_wait_for_the_followers() {
    let mut sim = three();
    sim.create("t", 1, 3, &[]);
    let here = coordinator(&mut sim, 1);
    let (member, generation) = join(&mut sim, here);
    for other in (1..=3).filter(|id| *id != here) {
        sim.cut(Node::Broker(here), Node::Broker(other));
    }
    let before = sim.now_ms();
    let member = (member.as_str(), generation);
    let error = commit(&mut sim, here, member, 1);
    assert_eq!(
        error,
        ErrorCode::CoordinatorNotAvailable,
        "not written in time"
    );
    assert!(sim.now_ms() - before >= 5_000);
    assert_eq!(
        committed(&mut sim, here),
        Ok(-1),
        "what is not safe does not count"
    );
    sim.heal();
    sim.run_ms(3_000);
    assert_eq!(commit(&mut sim, here, member, 2), ErrorCode::None);
}

#[test]
fn a_member_that_falls_silent_leaves_in_its_own_time() {
    let mut sim = Sim::new(1);
    let here = coordinator(&mut sim, 1);
    let (member, generation) = join(&mut sim, here);
    sim.run_ms(9_000);
    let member = (member.as_str(), generation);
    assert_eq!(heartbeat(&mut sim, here, member), ErrorCode::None);
    sim.run_ms(11_000);
    assert_eq!(
        heartbeat(&mut sim, here, member),
        ErrorCode::UnknownMemberId
    );
    let group = sim.brokers[&1].groups().group("g").unwrap();
    assert_eq!(group.state.name(), "Empty");
}

#[test]
fn offsets_of_deleted_topics_are_forgotten() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let here = coordinator(&mut sim, 1);
    assert_eq!(commit(&mut sim, here, ("", -1), 5), ErrorCode::None);
    assert_eq!(committed(&mut sim, here), Ok(5));
    let request = DeleteTopicsRequest {
        topics: vec![DeleteTopicState {
            name: Some("t".into()),
            ..DeleteTopicState::default()
        }],
        ..DeleteTopicsRequest::default()
    };
    sim.call(1, request, 6);
    sim.run_ms(10);
    assert_eq!(committed(&mut sim, here), Ok(-1));
    // The group's records are real records.
    let logs = sim.brokers[&1]
        .logs()
        .filter(|(name, _)| name.topic == OFFSETS_TOPIC);
    let records: i64 = logs.map(|(_, log)| log.log_end_offset()).sum();
    assert!(records >= 2, "{records}");
    assert!(sim.brokers[&1].log(&tp("t", 0)).is_none());
}

#[test]
fn offsets_survive_the_crash_of_a_single_broker() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let here = coordinator(&mut sim, 1);
    assert_eq!(commit(&mut sim, here, ("", -1), 7), ErrorCode::None);
    sim.kill(1);
    sim.run_ms(12_000);
    sim.start(1);
    sim.run_ms(3_000);
    assert_eq!(committed(&mut sim, here), Ok(7));
}
