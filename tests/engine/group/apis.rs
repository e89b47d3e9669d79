//! What each API of the coordinator says from outside, version by version.

use bytes::Bytes;
use engine::group::{
    Change, CommittedOffset, CoordinatorEffect, CoordinatorNode, GroupConfig, GroupCoordinator,
    RequestContext, RequestToken, TopicResolver, find_coordinator,
};
use engine::ids::TopicPartition;
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::messages::consumer_group_describe::ConsumerGroupDescribeRequest;
use protocol::messages::delete_groups::DeleteGroupsRequest;
use protocol::messages::describe_groups::DescribeGroupsRequest;
use protocol::messages::find_coordinator::FindCoordinatorRequest;
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use protocol::messages::leave_group::LeaveGroupRequest;
use protocol::messages::list_groups::ListGroupsRequest;
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::offset_delete::OffsetDeleteRequest;
use protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use protocol::{ErrorCode, Request, Response, Uuid};

use super::table::Topics;

struct Desk {
    coordinator: GroupCoordinator,
    now: SimTime,
    records: Vec<Change>,
}

impl Desk {
    /// With as many offsets partitions, all led here.
    fn new(partitions: i32) -> Desk {
        let config = GroupConfig {
            offsets_partitions: partitions,
            initial_rebalance_delay_ms: 0,
            ..GroupConfig::default()
        };
        let mut coordinator = GroupCoordinator::new(config, Rng::from_seed(1));
        for partition in 0..partitions {
            coordinator.start_loading(partition, 0);
            coordinator.finish_loading(SimTime::default(), partition);
        }
        Desk {
            coordinator,
            now: SimTime::default(),
            records: Vec::new(),
        }
    }

    /// The answers to a request, with all writes done at once.
    fn ask(&mut self, version: i16, request: impl Into<Request>) -> Vec<Response> {
        let context = RequestContext {
            token: RequestToken(0),
            client_id: "c".to_owned(),
            client_host: "/127.0.0.1".to_owned(),
            api_version: version,
        };
        let request = request.into();
        let effects = self
            .coordinator
            .handle(self.now, &context, request, &Topics);
        let mut answers = self.settle(effects);
        let effects = self.coordinator.advance(self.now, &Topics);
        answers.extend(self.settle(effects));
        answers
    }

    fn settle(&mut self, effects: Vec<CoordinatorEffect>) -> Vec<Response> {
        let mut answers = Vec::new();
        for effect in effects {
            match effect {
                CoordinatorEffect::Respond { response, .. } => answers.push(response),
                CoordinatorEffect::Append { records, write, .. } => {
                    let changes = records
                        .iter()
                        .filter_map(|r| Change::decode(&r.key, r.value.as_deref()));
                    self.records.extend(changes);
                    let effects = self.coordinator.on_written(self.now, write, Ok(()));
                    answers.extend(self.settle(effects));
                }
            }
        }
        answers
    }

    fn only(&mut self, version: i16, request: impl Into<Request>) -> Response {
        let mut answers = self.ask(version, request);
        assert_eq!(answers.len(), 1, "{answers:?}");
        answers.remove(0)
    }

    /// Makes `group` stable with one member; gives the member's id.
    fn stable(&mut self, group: &str) -> String {
        let Response::JoinGroup(joined) = self.only(3, join(group)) else {
            panic!("not a JoinGroup response");
        };
        let sync = SyncGroupRequest {
            group_id: group.to_owned(),
            generation_id: joined.generation_id,
            member_id: joined.member_id.clone(),
            assignments: vec![SyncGroupRequestAssignment {
                member_id: joined.member_id.clone(),
                assignment: Bytes::from_static(b"all"),
            }],
            ..SyncGroupRequest::default()
        };
        let Response::SyncGroup(synced) = self.only(3, sync) else {
            panic!("not a SyncGroup response");
        };
        assert_eq!(synced.error_code, 0);
        joined.member_id
    }

    fn commit(&mut self, version: i16, group: &str, topic: OffsetCommitRequestTopic) -> i16 {
        let request = OffsetCommitRequest {
            group_id: group.to_owned(),
            topics: vec![topic],
            ..OffsetCommitRequest::default()
        };
        match self.only(version, request) {
            Response::OffsetCommit(response) => response.topics[0].partitions[0].error_code,
            other => panic!("{other:?}"),
        }
    }
}

fn join(group: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: group.to_owned(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        protocol_type: "consumer".to_owned(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".to_owned(),
            metadata: Bytes::from_static(b"subscription"),
        }],
        ..JoinGroupRequest::default()
    }
}

fn at(offset: i64) -> Vec<OffsetCommitRequestPartition> {
    vec![OffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: offset,
        committed_metadata: Some("note".to_owned()),
        ..OffsetCommitRequestPartition::default()
    }]
}

fn named(topic: &str, offset: i64) -> OffsetCommitRequestTopic {
    OffsetCommitRequestTopic {
        name: topic.to_owned(),
        partitions: at(offset),
        ..OffsetCommitRequestTopic::default()
    }
}

#[test]
fn describe_shows_a_stable_group_and_denies_a_missing_one() {
    let mut desk = Desk::new(5);
    let member_id = desk.stable("g");
    let groups = vec!["g".to_owned(), "missing".to_owned()];
    let ask = |include_authorized_operations| DescribeGroupsRequest {
        groups: groups.clone(),
        include_authorized_operations,
    };
    let Response::DescribeGroups(six) = desk.only(6, ask(true)) else {
        panic!("not a DescribeGroups response");
    };
    let [stable, missing] = &six.groups[..] else {
        panic!("{six:?}");
    };
    assert_eq!(
        (stable.error_code, stable.error_message.as_deref()),
        (0, None)
    );
    assert_eq!(stable.group_state, "Stable");
    assert_eq!(
        (&*stable.protocol_type, &*stable.protocol_data),
        ("consumer", "range")
    );
    assert_eq!(stable.authorized_operations, 3400);
    let member = &stable.members[0];
    assert_eq!((&member.member_id, &*member.client_id), (&member_id, "c"));
    assert_eq!(member.client_host, "/127.0.0.1");
    assert_eq!(&member.member_metadata[..], b"subscription");
    assert_eq!(&member.member_assignment[..], b"all");
    assert_eq!(missing.error_code, ErrorCode::GroupIdNotFound.code());
    assert_eq!(
        missing.error_message.as_deref(),
        Some("Group missing not found.")
    );
    assert_eq!(missing.group_state, "Dead");

    let Response::DescribeGroups(five) = desk.only(5, ask(false)) else {
        panic!("not a DescribeGroups response");
    };
    assert_eq!(
        (five.groups[1].error_code, &*five.groups[1].group_state),
        (0, "Dead")
    );
    assert_eq!(five.groups[0].authorized_operations, i32::MIN);

    // Amid a rebalance what members subscribe to is not settled.
    desk.ask(3, join("g"));
    let Response::DescribeGroups(amid) = desk.only(6, ask(false)) else {
        panic!("not a DescribeGroups response");
    };
    assert_eq!(amid.groups[0].group_state, "PreparingRebalance");
    assert_eq!(amid.groups[0].protocol_data, "");
    assert!(
        amid.groups[0]
            .members
            .iter()
            .all(|m| m.member_metadata.is_empty())
    );
}

#[test]
fn consumer_group_describe_sends_clients_to_describe_groups() {
    let mut desk = Desk::new(5);
    desk.stable("g");
    let request = ConsumerGroupDescribeRequest {
        group_ids: vec!["g".to_owned(), "missing".to_owned()],
        ..ConsumerGroupDescribeRequest::default()
    };
    let Response::ConsumerGroupDescribe(response) = desk.only(1, request) else {
        panic!("not a ConsumerGroupDescribe response");
    };
    let shown = response.groups.iter().map(|group| {
        let message = group.error_message.clone().unwrap_or_default();
        (ErrorCode::from_code(group.error_code), message)
    });
    let shown: Vec<(ErrorCode, String)> = shown.collect();
    let not_found = ErrorCode::GroupIdNotFound;
    assert_eq!(
        shown,
        [
            (not_found, "Group g is not a consumer group.".to_owned()),
            (not_found, "Group missing not found.".to_owned()),
        ]
    );
}

#[test]
fn list_shows_states_and_types_and_filters_by_them() {
    let mut desk = Desk::new(5);
    desk.stable("g");
    assert_eq!(desk.commit(9, "h", named("t", 1)), 0);
    let mut list = |states: &[&str], types: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
        let request = ListGroupsRequest {
            states_filter: owned(states),
            types_filter: owned(types),
        };
        let Response::ListGroups(response) = desk.only(5, request) else {
            panic!("not a ListGroups response");
        };
        let mut rows: Vec<[String; 4]> = response
            .groups
            .into_iter()
            .map(|g| [g.group_id, g.protocol_type, g.group_state, g.group_type])
            .collect();
        rows.sort();
        rows
    };
    let g = ["g", "consumer", "Stable", "classic"].map(str::to_owned);
    let h = ["h", "", "Empty", "classic"].map(str::to_owned);
    assert_eq!(list(&[], &[]), [g.clone(), h.clone()]);
    assert_eq!(list(&["stable"], &[]), [g]);
    assert_eq!(list(&["Empty", "Dead"], &["Classic"]), [h]);
    assert!(list(&[], &["consumer"]).is_empty());
}

#[test]
fn offsets_come_and_go_in_every_version() {
    let mut desk = Desk::new(5);
    let t = Topics.id_of("t").unwrap_or_default();
    assert_eq!(desk.commit(2, "g", named("t", 7)), 0);
    let written = desk.records.last().cloned();
    let expected = Change::Offset {
        group: "g".to_owned(),
        partition: TopicPartition::new("t", 0),
        offset: Some(CommittedOffset {
            offset: 7,
            leader_epoch: -1,
            metadata: "note".to_owned(),
            commit_timestamp: 0,
            expire_timestamp: None,
            topic_id: t,
        }),
    };
    assert_eq!(written, Some(expected));
    let by_id = |topic_id, offset| OffsetCommitRequestTopic {
        topic_id,
        partitions: at(offset),
        ..OffsetCommitRequestTopic::default()
    };
    assert_eq!(desk.commit(10, "g", by_id(t, 8)), 0);
    let unknown = desk.commit(10, "g", by_id(Uuid([9; 16]), 8));
    assert_eq!(unknown, ErrorCode::UnknownTopicId.code());
    let unknown = desk.commit(9, "g", named("nowhere", 8));
    assert_eq!(unknown, ErrorCode::UnknownTopicOrPartition.code());

    for version in [1, 2, 7] {
        let request = OffsetFetchRequest {
            group_id: "g".to_owned(),
            topics: Some(vec![OffsetFetchRequestTopic {
                name: "t".to_owned(),
                partition_indexes: vec![0, 5],
            }]),
            ..OffsetFetchRequest::default()
        };
        let Response::OffsetFetch(response) = desk.only(version, request) else {
            panic!("not an OffsetFetch response");
        };
        let partitions = &response.topics[0].partitions;
        assert_eq!(partitions[0].committed_offset, 8);
        assert_eq!(partitions[0].metadata.as_deref(), Some("note"));
        assert_eq!(partitions[1].committed_offset, -1);
        assert_eq!(partitions[1].metadata.as_deref(), Some(""));
    }
    for (name, topic_id, version) in [("t", Uuid::ZERO, 9), ("", t, 10)] {
        let group = |topics| OffsetFetchRequestGroup {
            group_id: "g".to_owned(),
            topics,
            ..OffsetFetchRequestGroup::default()
        };
        let asked = OffsetFetchRequestTopics {
            name: name.to_owned(),
            topic_id,
            partition_indexes: vec![0],
        };
        let request = OffsetFetchRequest {
            groups: vec![group(Some(vec![asked])), group(None)],
            ..OffsetFetchRequest::default()
        };
        let Response::OffsetFetch(response) = desk.only(version, request) else {
            panic!("not an OffsetFetch response");
        };
        for group in &response.groups {
            assert_eq!(group.topics[0].topic_id, topic_id);
            assert_eq!(group.topics[0].partitions[0].committed_offset, 8);
        }
    }
}

#[test]
fn old_commits_bring_their_own_retention() {
    let mut desk = Desk::new(1);
    let request = OffsetCommitRequest {
        group_id: "g".to_owned(),
        retention_time_ms: 1_000,
        topics: vec![named("t", 1)],
        ..OffsetCommitRequest::default()
    };
    desk.only(4, request);
    assert_eq!(desk.commit(9, "g", named("u", 1)), 0);
    desk.now = SimTime::from_millis(600_000);
    let effects = desk.coordinator.advance(desk.now, &Topics);
    desk.settle(effects);
    let offsets = desk.coordinator.group("g").map(|g| g.offsets.clone());
    let left: Vec<String> = offsets
        .unwrap_or_default()
        .keys()
        .map(|p| p.to_string())
        .collect();
    assert_eq!(left, ["u-0"]);
}

#[test]
fn the_empty_group_name_only_stores_offsets() {
    let mut desk = Desk::new(1);
    assert_eq!(desk.commit(9, "", named("t", 1)), 0);
    let requests: [(i16, Request); 5] = [
        (9, join("").into()),
        (4, SyncGroupRequest::default().into()),
        (4, HeartbeatRequest::default().into()),
        (5, LeaveGroupRequest::default().into()),
        (0, OffsetDeleteRequest::default().into()),
    ];
    for (version, request) in requests {
        let code = match desk.only(version, request) {
            Response::JoinGroup(response) => response.error_code,
            Response::SyncGroup(response) => response.error_code,
            Response::Heartbeat(response) => response.error_code,
            Response::LeaveGroup(response) => response.error_code,
            Response::OffsetDelete(response) => response.error_code,
            other => panic!("{other:?}"),
        };
        assert_eq!(code, ErrorCode::InvalidGroupId.code());
    }
}

#[test]
fn while_loading_only_heartbeats_are_content() {
    let mut desk = Desk::new(1);
    desk.coordinator.resign(0);
    desk.coordinator.start_loading(0, 1);
    let loading = ErrorCode::CoordinatorLoadInProgress.code();
    let beat = HeartbeatRequest {
        group_id: "g".to_owned(),
        ..HeartbeatRequest::default()
    };
    let requests: [(i16, Request); 4] = [
        (9, join("g").into()),
        (4, beat.into()),
        (5, ListGroupsRequest::default().into()),
        (1, fetch_all("g").into()),
    ];
    let codes = requests.map(|(version, request)| match desk.only(version, request) {
        Response::JoinGroup(response) => response.error_code,
        Response::Heartbeat(response) => response.error_code,
        Response::ListGroups(response) => response.error_code,
        // Version 1 has no error of its own.
        Response::OffsetFetch(response) => response.topics[0].partitions[0].error_code,
        other => panic!("{other:?}"),
    });
    assert_eq!(codes, [loading, 0, loading, loading]);
    assert_eq!(desk.coordinator.next_wakeup(), None);
}

fn fetch_all(group: &str) -> OffsetFetchRequest {
    OffsetFetchRequest {
        group_id: group.to_owned(),
        topics: Some(vec![OffsetFetchRequestTopic {
            name: "t".to_owned(),
            partition_indexes: vec![0],
        }]),
        ..OffsetFetchRequest::default()
    }
}

#[test]
fn groups_of_several_partitions_are_deleted_in_one_answer() {
    let mut desk = Desk::new(50);
    desk.stable("busy");
    for group in ["a", "b"] {
        assert_eq!(desk.commit(9, group, named("t", 1)), 0);
    }
    assert_ne!(
        desk.coordinator.partition_for("a"),
        desk.coordinator.partition_for("b")
    );
    let names = ["a", "busy", "b", "missing", "a"];
    let request = DeleteGroupsRequest {
        groups_names: names.map(str::to_owned).to_vec(),
    };
    let context = RequestContext {
        token: RequestToken(7),
        client_id: "c".to_owned(),
        client_host: "/127.0.0.1".to_owned(),
        api_version: 2,
    };
    let effects = desk
        .coordinator
        .handle(desk.now, &context, request.into(), &Topics);
    let writes = effects.iter().map(|effect| match effect {
        CoordinatorEffect::Append { write, .. } => *write,
        other => panic!("answered too early: {other:?}"),
    });
    let writes: Vec<_> = writes.collect();
    assert_eq!(writes.len(), 2);
    assert!(
        desk.coordinator
            .on_written(desk.now, writes[0], Ok(()))
            .is_empty()
    );
    let lost = Err(ErrorCode::NotLeaderOrFollower);
    let effects = desk.coordinator.on_written(desk.now, writes[1], lost);
    let [
        CoordinatorEffect::Respond {
            response: Response::DeleteGroups(response),
            ..
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    let results = response.results.iter().map(|r| {
        (
            r.group_id.as_str(),
            ErrorCode::from_code(r.error_code).name(),
        )
    });
    let results: Vec<(&str, &str)> = results.collect();
    let lost_first = desk.coordinator.group("a").is_some();
    let (a, b) = if lost_first {
        ("NOT_COORDINATOR", "NONE")
    } else {
        ("NONE", "NOT_COORDINATOR")
    };
    let busy = ("busy", "NON_EMPTY_GROUP");
    let missing = ("missing", "GROUP_ID_NOT_FOUND");
    assert_eq!(results, [("a", a), busy, ("b", b), missing, ("a", a)]);
}

#[test]
fn find_coordinator_in_old_and_new_versions() {
    // "hello" is kept in partition 22 of 50.
    let leader_of = |partition| {
        (partition == 22).then(|| CoordinatorNode {
            id: 3,
            host: "localhost".to_owned(),
            port: 8100,
        })
    };
    let ask = |key: &str, key_type| FindCoordinatorRequest {
        key: key.to_owned(),
        key_type,
        coordinator_keys: vec![key.to_owned(), "g".to_owned()],
    };
    let old = find_coordinator(&ask("hello", 0), 3, 50, leader_of);
    assert_eq!((old.error_code, old.node_id, old.port), (0, 3, 8100));
    assert_eq!(
        (&*old.host, old.error_message.as_deref()),
        ("localhost", Some("NONE"))
    );
    let none = find_coordinator(&ask("g", 0), 0, 50, leader_of);
    assert_eq!(none.error_code, ErrorCode::CoordinatorNotAvailable.code());
    assert_eq!((none.node_id, none.port), (-1, -1));
    let new = find_coordinator(&ask("hello", 0), 6, 50, leader_of);
    let codes: Vec<(i16, i32)> = new
        .coordinators
        .iter()
        .map(|c| (c.error_code, c.node_id))
        .collect();
    assert_eq!(
        codes,
        [(0, 3), (ErrorCode::CoordinatorNotAvailable.code(), -1)]
    );
    let other = find_coordinator(&ask("hello", 2), 6, 50, leader_of);
    assert_eq!(
        other.coordinators[0].error_code,
        ErrorCode::InvalidRequest.code()
    );
}
