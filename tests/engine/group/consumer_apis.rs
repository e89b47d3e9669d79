//! What other APIs make of groups of the consumer protocol: offsets, descriptions, lists, deletion,
//! and the way from one protocol to the other.

use protocol::messages::consumer_group_describe::{ConsumerGroupDescribeRequest, DescribedGroup};
use protocol::messages::delete_groups::DeleteGroupsRequest;
use protocol::messages::describe_groups::DescribeGroupsRequest;
use protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use protocol::messages::list_groups::ListGroupsRequest;
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use protocol::{ErrorCode, Response, Uuid};

use super::consumer::{GROUP, Stage};

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.cluster.create("t", 4);
    stage
}

fn commit(
    stage: &mut Stage,
    version: i16,
    member: &str,
    epoch: i32,
    partition: i32,
) -> &'static str {
    let by_id = version >= 10;
    let (id, _) = stage.cluster.topics["t"];
    let response = stage.ask(
        version,
        OffsetCommitRequest {
            group_id: GROUP.to_owned(),
            generation_id_or_member_epoch: epoch,
            member_id: member.to_owned(),
            topics: vec![OffsetCommitRequestTopic {
                name: if by_id { String::new() } else { "t".to_owned() },
                topic_id: if by_id { id } else { Uuid::ZERO },
                partitions: vec![OffsetCommitRequestPartition {
                    partition_index: partition,
                    committed_offset: 7,
                    ..OffsetCommitRequestPartition::default()
                }],
            }],
            ..OffsetCommitRequest::default()
        },
    );
    let Response::OffsetCommit(body) = response else {
        panic!("{response:?}");
    };
    ErrorCode::from_code(body.topics[0].partitions[0].error_code).name()
}

/// The error of the group, and the offset.
fn fetch(stage: &mut Stage, version: i16, member: Option<&str>, epoch: i32) -> (&'static str, i64) {
    let by_id = version >= 10;
    let (id, _) = stage.cluster.topics["t"];
    let response = stage.ask(
        version,
        OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: GROUP.to_owned(),
                member_id: member.map(str::to_owned),
                member_epoch: epoch,
                topics: Some(vec![OffsetFetchRequestTopics {
                    name: if by_id { String::new() } else { "t".to_owned() },
                    topic_id: if by_id { id } else { Uuid::ZERO },
                    partition_indexes: vec![0],
                }]),
            }],
            ..OffsetFetchRequest::default()
        },
    );
    let Response::OffsetFetch(body) = response else {
        panic!("{response:?}");
    };
    let group = &body.groups[0];
    let offset = group
        .topics
        .first()
        .map(|topic| topic.partitions[0].committed_offset);
    (
        ErrorCode::from_code(group.error_code).name(),
        offset.unwrap_or(-1),
    )
}

fn describe(stage: &mut Stage) -> DescribedGroup {
    let response = stage.ask(
        1,
        ConsumerGroupDescribeRequest {
            group_ids: vec![GROUP.to_owned()],
            ..ConsumerGroupDescribeRequest::default()
        },
    );
    let Response::ConsumerGroupDescribe(mut body) = response else {
        panic!("{response:?}");
    };
    body.groups.remove(0)
}

fn join_classic(stage: &mut Stage) -> &'static str {
    let response = stage.ask(
        9,
        JoinGroupRequest {
            group_id: GROUP.to_owned(),
            session_timeout_ms: 10_000,
            rebalance_timeout_ms: 10_000,
            protocol_type: "consumer".to_owned(),
            protocols: vec![JoinGroupRequestProtocol {
                name: "range".to_owned(),
                ..JoinGroupRequestProtocol::default()
            }],
            ..JoinGroupRequest::default()
        },
    );
    let Response::JoinGroup(body) = response else {
        panic!("{response:?}");
    };
    ErrorCode::from_code(body.error_code).name()
}

#[test]
fn members_commit_in_their_epoch() {
    let mut stage = stage();
    stage.join("a", &["t"]);
    assert_eq!(commit(&mut stage, 9, "a", 2, 0), "NONE");
    assert_eq!(commit(&mut stage, 10, "a", 2, 0), "NONE");
    assert_eq!(commit(&mut stage, 8, "a", 2, 0), "UNSUPPORTED_VERSION");
    assert_eq!(commit(&mut stage, 9, "a", 3, 0), "STALE_MEMBER_EPOCH");
    assert_eq!(commit(&mut stage, 9, "b", 2, 0), "UNKNOWN_MEMBER_ID");
    assert_eq!(commit(&mut stage, 9, "", -1, 0), "UNKNOWN_MEMBER_ID");
    // It is led to epoch 3 and has not heard of that: what it had before is its own as before.
    stage.wait(2_000);
    stage.join("b", &["t"]);
    stage.settle_down();
    assert_eq!(commit(&mut stage, 9, "a", 2, 0), "NONE");
    assert_eq!(commit(&mut stage, 9, "a", 2, 3), "STALE_MEMBER_EPOCH");
    assert_eq!(commit(&mut stage, 9, "b", 2, 3), "STALE_MEMBER_EPOCH");
    assert_eq!(commit(&mut stage, 9, "b", 3, 3), "NONE");
}

#[test]
fn members_fetch_in_their_epoch_and_others_as_they_like() {
    let mut stage = stage();
    stage.join("a", &["t"]);
    commit(&mut stage, 9, "a", 2, 0);
    for version in [9, 10] {
        assert_eq!(fetch(&mut stage, version, Some("a"), 2), ("NONE", 7));
        assert_eq!(fetch(&mut stage, version, None, -1), ("NONE", 7));
        assert_eq!(
            fetch(&mut stage, version, Some("a"), 1),
            ("STALE_MEMBER_EPOCH", -1)
        );
        assert_eq!(
            fetch(&mut stage, version, Some("b"), 2),
            ("UNKNOWN_MEMBER_ID", -1)
        );
    }
    stage.crash();
    assert_eq!(fetch(&mut stage, 9, Some("a"), 2), ("NONE", 7));
}

#[test]
fn a_description_shows_what_each_has_and_is_to_have() {
    let mut stage = stage();
    stage.join("a", &["t"]);
    stage.wait(2_000);
    stage.join("b", &["t"]);
    let group = describe(&mut stage);
    assert_eq!(group.group_state, "Reconciling");
    assert_eq!(group.assignor_name, "uniform");
    assert_eq!((group.group_epoch, group.assignment_epoch), (3, 3));
    let shown = |member: &protocol::messages::consumer_group_describe::Member| {
        let numbers = |of: &protocol::messages::consumer_group_describe::Assignment| {
            let topics = of.topic_partitions.iter();
            topics
                .flat_map(|topic| topic.partitions.clone())
                .collect::<Vec<i32>>()
        };
        let epoch = member.member_epoch;
        (
            epoch,
            numbers(&member.assignment),
            numbers(&member.target_assignment),
        )
    };
    assert_eq!(shown(&group.members[0]), (2, vec![0, 1, 2, 3], vec![0, 1]));
    assert_eq!(shown(&group.members[1]), (3, vec![], vec![2, 3]));
    assert_eq!(group.members[0].member_type, 1);
    assert_eq!(group.members[0].subscribed_topic_names, ["t"]);
}

#[test]
fn lists_and_classic_descriptions_say_what_kind_it_is() {
    let mut stage = stage();
    stage.join("a", &["t"]);
    let Response::ListGroups(list) = stage.ask(5, ListGroupsRequest::default()) else {
        panic!();
    };
    let group = &list.groups[0];
    assert_eq!(
        (
            &*group.protocol_type,
            &*group.group_type,
            &*group.group_state
        ),
        ("consumer", "consumer", "Stable")
    );
    for (types, states, found) in [
        ("classic", "", 0),
        ("consumer", "stable", 1),
        ("", "Empty", 0),
    ] {
        let list = |text: &str| match text {
            "" => Vec::new(),
            text => vec![text.to_owned()],
        };
        let request = ListGroupsRequest {
            types_filter: list(types),
            states_filter: list(states),
        };
        let Response::ListGroups(answer) = stage.ask(5, request) else {
            panic!();
        };
        assert_eq!(answer.groups.len(), found, "{types} {states}");
    }
    let asked = DescribeGroupsRequest {
        groups: vec![GROUP.to_owned()],
        ..DescribeGroupsRequest::default()
    };
    let Response::DescribeGroups(answer) = stage.ask(6, asked) else {
        panic!();
    };
    let group = &answer.groups[0];
    assert_eq!(
        ErrorCode::from_code(group.error_code),
        ErrorCode::GroupIdNotFound
    );
    assert_eq!(
        group.error_message.as_deref(),
        Some("Group g is not a classic group.")
    );
}

fn delete(stage: &mut Stage) -> &'static str {
    let asked = DeleteGroupsRequest {
        groups_names: vec![GROUP.to_owned()],
    };
    let Response::DeleteGroups(answer) = stage.ask(2, asked) else {
        panic!();
    };
    ErrorCode::from_code(answer.results[0].error_code).name()
}

#[test]
fn only_an_empty_group_is_deleted_and_nothing_is_left_of_it() {
    let mut stage = stage();
    stage.join("a", &["t"]);
    commit(&mut stage, 9, "a", 2, 0);
    assert_eq!(delete(&mut stage), "NON_EMPTY_GROUP");
    stage.leave("a", -1);
    assert_eq!(delete(&mut stage), "NONE");
    assert_eq!(stage.state(), "-");
    stage.crash();
    assert_eq!(stage.state(), "-");
    assert_eq!(fetch(&mut stage, 9, None, -1), ("NONE", -1));
}

#[test]
fn an_empty_group_goes_over_to_the_protocol_of_who_joins() {
    let mut stage = stage();
    stage.join("a", &["t"]);
    commit(&mut stage, 9, "a", 2, 0);
    assert_eq!(join_classic(&mut stage), "INCONSISTENT_GROUP_PROTOCOL");
    stage.leave("a", -1);
    assert_eq!(join_classic(&mut stage), "MEMBER_ID_REQUIRED");
    let group = stage.coordinator.group(GROUP).unwrap();
    assert!(group.consumer.is_none());
    assert_eq!(fetch(&mut stage, 9, None, -1), ("NONE", 7), "offsets stay");
    stage.crash();
    assert_eq!(stage.state(), "Empty");
    assert!(stage.coordinator.group(GROUP).unwrap().consumer.is_none());

    assert_eq!(stage.join("b", &["t"]).error_code, 0);
    assert_eq!(stage.state(), "Stable");
    assert_eq!(fetch(&mut stage, 9, None, -1), ("NONE", 7), "offsets stay");
    let before = stage.group().clone();
    stage.crash();
    assert_eq!(stage.group().members.len(), before.members.len());
    assert_eq!(stage.group().epoch, before.epoch);
    assert_eq!(fetch(&mut stage, 9, Some("b"), 2), ("NONE", 7));
}
