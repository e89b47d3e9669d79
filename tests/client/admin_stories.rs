//! Stories of admin clients.

use client::admin::{
    Admin, AdminAnswer, AdminCall, AdminConfig, AdminEvent, CallId, GroupOffset, NewTopic,
    OffsetSpec,
};
use engine::ids::TopicPartition;
use engine::rng::Rng;
use protocol::messages::create_topics::{CreatableTopicResult, CreateTopicsResponse};
use protocol::{ApiKey, ErrorCode};

use crate::cluster::{Client, Cluster, Fault, admin_log};

fn admin(cluster: &mut Cluster) -> usize {
    let config = AdminConfig::new("adminclient-1", Cluster::bootstrap());
    let now = cluster.now;
    cluster.add(Client::Admin(Box::new(Admin::new(
        config,
        now,
        Rng::from_seed(8),
    ))))
}

fn call(cluster: &mut Cluster, client: usize, call: AdminCall) -> CallId {
    let now = cluster.now;
    cluster.admin(client).submit(now, call)
}

fn answer(cluster: &mut Cluster, client: usize, asked: AdminCall) -> AdminAnswer {
    let id = call(cluster, client, asked);
    cluster.run(2_000);
    let events = cluster.admin(client).take_events();
    let done = events.into_iter().find_map(|event| match event {
        AdminEvent::Done(of, outcome) if of == id => Some(outcome),
        _ => None,
    });
    done.expect("an answer").unwrap()
}

fn topic(name: &str) -> NewTopic {
    NewTopic {
        name: name.to_owned(),
        partitions: Some(2),
        ..NewTopic::default()
    }
}

#[test]
fn creates_lists_and_explains_what_it_cannot_create() {
    let mut cluster = Cluster::new(2);
    let a = admin(&mut cluster);
    let wanted = AdminCall::CreateTopics(vec![topic("a"), topic("")]);
    let AdminAnswer::CreateTopics(rows) = answer(&mut cluster, a, wanted) else {
        panic!("another answer")
    };
    assert!(rows[0].1.is_ok());
    let error = rows[1].1.as_ref().unwrap_err();
    assert_eq!(
        error.message,
        "The given topic name '' cannot be represented in a request."
    );
    let again = AdminCall::CreateTopics(vec![topic("a")]);
    let AdminAnswer::CreateTopics(rows) = answer(&mut cluster, a, again) else {
        panic!("another answer")
    };
    let error = rows[0].1.as_ref().unwrap_err();
    assert_eq!(
        error.exception,
        "org.apache.kafka.common.errors.TopicExistsException"
    );
    assert_eq!(error.message, "Topic 'a' already exists.");
    let AdminAnswer::ListTopics(names) = answer(&mut cluster, a, AdminCall::ListTopics) else {
        panic!("another answer")
    };
    assert_eq!(
        names.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(),
        ["a"]
    );
}

#[test]
fn offsets_come_from_each_leader() {
    let mut cluster = Cluster::new(2);
    cluster.shared.create("t", 2);
    let a = admin(&mut cluster);
    let of = |p| (TopicPartition::new("t", p), OffsetSpec::Latest);
    let asked = AdminCall::ListOffsets(vec![of(0), of(1)]);
    let AdminAnswer::ListOffsets(rows) = answer(&mut cluster, a, asked) else {
        panic!("another answer")
    };
    assert!(
        rows.iter()
            .all(|(_, found)| found.as_ref().unwrap().offset == 0)
    );
    assert_eq!(
        cluster
            .requests
            .iter()
            .filter(|line| line.contains("ListOffsets"))
            .count(),
        2
    );
}

#[test]
fn groups_are_asked_of_their_coordinator() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 1);
    let a = admin(&mut cluster);
    let tp = TopicPartition::new("t", 0);
    let set = AdminCall::AlterGroupOffsets("g".to_owned(), vec![(tp.clone(), 5)]);
    let altered = answer(&mut cluster, a, set);
    assert_eq!(
        altered,
        AdminAnswer::AlterGroupOffsets(vec![(tp.clone(), Ok(()))])
    );
    let asked = AdminCall::ListGroupOffsets("g".to_owned(), None);
    let found = answer(&mut cluster, a, asked);
    assert_eq!(
        found,
        AdminAnswer::ListGroupOffsets(Ok(vec![GroupOffset {
            partition: tp,
            offset: 5,
            leader_epoch: None,
            metadata: String::new()
        }]))
    );
    let AdminAnswer::ListGroups(groups) = answer(&mut cluster, a, AdminCall::ListGroups) else {
        panic!("another answer")
    };
    assert_eq!(groups[0].group_id, "g");
    let missing = AdminCall::DescribeGroups(vec!["missing".to_owned()]);
    let AdminAnswer::DescribeGroups(rows) = answer(&mut cluster, a, missing) else {
        panic!("another answer")
    };
    let error = rows[0].1.as_ref().unwrap_err();
    assert_eq!(error.message, "Group missing not found.");
    let deleted = answer(
        &mut cluster,
        a,
        AdminCall::DeleteGroups(vec!["missing".to_owned()]),
    );
    let AdminAnswer::DeleteGroups(rows) = deleted else {
        panic!("another answer")
    };
    assert_eq!(
        rows[0].1.as_ref().unwrap_err().message,
        "The group id does not exist."
    );
}

#[test]
fn a_controller_that_is_none_is_asked_again() {
    let mut cluster = Cluster::new(1);
    let a = admin(&mut cluster);
    let refused = CreateTopicsResponse {
        topics: vec![CreatableTopicResult {
            name: "t".to_owned(),
            error_code: ErrorCode::NotController.code(),
            ..Default::default()
        }],
        ..Default::default()
    };
    cluster
        .faults
        .push_back((ApiKey::CreateTopics, Fault::Answer(refused.into())));
    let AdminAnswer::CreateTopics(rows) =
        answer(&mut cluster, a, AdminCall::CreateTopics(vec![topic("t")]))
    else {
        panic!("another answer")
    };
    assert!(rows[0].1.is_ok());
}

#[test]
fn where_nobody_listens_it_warns_about_once_a_second_and_gives_up_after_one_minute() {
    let mut cluster = Cluster::new(1);
    cluster.down.insert(1);
    let config = AdminConfig::new(
        "adminclient-1",
        vec![engine::net::Address::new("localhost", 9999)],
    );
    let now = cluster.now;
    let a = cluster.add(Client::Admin(Box::new(Admin::new(
        config,
        now,
        Rng::from_seed(8),
    ))));
    let id = call(&mut cluster, a, AdminCall::ListTopics);
    cluster.run(60_000);
    let events = cluster.admin(a).take_events();
    let lines = admin_log(&events);
    assert_eq!(
        lines[0],
        "[AdminClient clientId=adminclient-1] Connection to node -1 (localhost/127.0.0.1:9999) could not be established. Node may not be available."
    );
    assert!((50..80).contains(&lines.len()), "{} lines", lines.len());
    let Some(AdminEvent::Done(of, Err(error))) = events.last() else {
        panic!("no end: {:?}", events.last())
    };
    assert_eq!(*of, id);
    assert_eq!(
        error.exception,
        "org.apache.kafka.common.errors.TimeoutException"
    );
    assert_eq!(
        error.message,
        "Timed out waiting for a node assignment. Call: listTopics"
    );
}
