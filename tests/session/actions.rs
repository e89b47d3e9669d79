//! Buttons do what they say, by Kafka requests, and say what Kafka said.

use client::admin::NewTopic;
use engine::ids::TopicPartition;
use session::action::{Action, Composed, NewConsumer};
use session::command::command_for;
use session::scene::SceneId;
use world::facts;

use crate::support::{act, enter, open, said, screen, wait};

fn topic(name: &str, partitions: i32) -> Action {
    Action::CreateTopic(NewTopic {
        name: name.to_owned(),
        partitions: Some(partitions),
        ..NewTopic::default()
    })
}

fn message(topic: &str, key: &str, value: &str) -> Composed {
    Composed {
        topic: topic.to_owned(),
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
        headers: vec![("codename".to_owned(), Some("pelican".to_owned()))],
        count: 1,
        per_second: 1,
        ..Composed::default()
    }
}

#[test]
fn a_topic_is_created_used_and_deleted() {
    let mut session = open(SceneId::EmptyCluster);
    act(&mut session, topic("orders", 3));
    wait(&mut session, 2);
    act(
        &mut session,
        Action::Send(message("orders", "nfsturm", "one")),
    );
    wait(&mut session, 3);
    let stored = facts::record(session.world(), &TopicPartition::new("orders", 0), 0);
    let stored = stored.expect("nfsturm's hash leads to partition 0 of 3");
    assert_eq!(stored.value.as_deref(), Some(b"one".as_slice()));
    assert_eq!(stored.headers[0].0, "codename");
    act(&mut session, Action::DeleteTopic("orders".to_owned()));
    wait(&mut session, 2);
    assert_eq!(facts::user_partitions(session.world()).count(), 0);
    assert_eq!(
        said(&session),
        ["Topic orders was created.", "Topic orders was deleted."]
    );
}

#[test]
fn a_refusal_is_told_in_kafkas_words() {
    let mut session = open(SceneId::EmptyCluster);
    act(&mut session, topic("a b", 1));
    wait(&mut session, 2);
    let notice = session.notices().open().next().expect("it was refused");
    assert!(notice.is_error);
    assert!(
        notice
            .text
            .contains("'a b' contains one or more characters"),
        "{}",
        notice.text
    );
    assert_eq!(
        notice.exception.as_deref(),
        Some("org.apache.kafka.common.errors.InvalidTopicException")
    );
}

#[test]
fn a_running_member_replays_by_seeking() {
    let mut session = open(SceneId::SecretChannel);
    wait(&mut session, 3);
    let partition = TopicPartition::new("secret_channel", 0);
    let read_before = read_by_groups(&session);
    act(
        &mut session,
        Action::ReplayFrom("analytics".to_owned(), partition.clone(), 0),
    );
    wait(&mut session, 3);
    let replayed = facts::records_stored(session.world(), "secret_channel");
    assert!(
        read_by_groups(&session) >= read_before + 3,
        "of {replayed} stored"
    );
    assert_eq!(
        said(&session),
        ["analytics reads secret_channel-0 again from offset 0."]
    );
}

#[test]
fn an_idle_group_replays_by_a_reset() {
    let mut session = open(SceneId::SecretChannel);
    let members: Vec<_> = facts::members_of(session.world(), "analytics")
        .map(|(id, _)| id)
        .collect();
    for id in members {
        act(&mut session, Action::CloseClient(id));
    }
    wait(&mut session, 3);
    let partition = TopicPartition::new("secret_channel", 0);
    act(
        &mut session,
        Action::ReplayFrom("analytics".to_owned(), partition.clone(), 1),
    );
    wait(&mut session, 2);
    let group = facts::group(session.world(), "analytics").expect("its offsets are kept");
    assert_eq!(
        group
            .offsets
            .get(&partition)
            .map(|committed| committed.offset),
        Some(1)
    );
}

#[test]
fn a_third_member_shares_the_partitions() {
    let mut session = open(SceneId::SecretChannel);
    act(
        &mut session,
        Action::AddConsumer(NewConsumer {
            client_id: "consumer-3".to_owned(),
            group: "analytics".to_owned(),
            topics: vec!["secret_channel".to_owned()],
            from_beginning: true,
            records_per_second: None,
        }),
    );
    wait(&mut session, 8);
    let owned: Vec<usize> = facts::members_of(session.world(), "analytics")
        .map(|(_, client)| match &client.body {
            world::client::Body::Consumer(consumer) => consumer.assignment().len(),
            _ => 0,
        })
        .collect();
    assert_eq!(owned, [1, 1, 1]);
}

#[test]
fn the_command_beside_a_button_does_the_same() {
    let mut session = open(SceneId::EmptyCluster);
    let create = command_for(&topic("orders", 3)).expect("it has one");
    enter(&mut session, &create);
    wait(&mut session, 3);
    let send =
        command_for(&Action::Send(message("orders", "nfsturm", "it's \"one\""))).expect("one");
    enter(&mut session, &send);
    wait(&mut session, 4);
    let stored = facts::record(session.world(), &TopicPartition::new("orders", 0), 0);
    let stored = stored.unwrap_or_else(|| panic!("nothing stored:\n{}", screen(&session, 1)));
    assert_eq!(stored.key.as_deref(), Some(b"nfsturm".as_slice()));
    assert_eq!(stored.value.as_deref(), Some(b"it's \"one\"".as_slice()));
    assert_eq!(stored.headers[0].1.as_deref(), Some(b"pelican".as_slice()));
}

fn read_by_groups(session: &session::session::Session) -> u64 {
    facts::members_of(session.world(), "analytics")
        .map(|(_, client)| client.stats.read)
        .sum()
}
