//! The inspector as markup, from real sittings.

use std::rc::Rc;

use engine::ids::TopicPartition;
use kafka_playground::ui::inspector::{Inspector, InspectorProps};
use present::inspector::inspector;
use present::memory::Memory;
use session::action::{Action, Composed};
use session::msg::Msg;
use session::scene::SceneId;
use session::selection::Selection;
use session::session::Session;
use yew::Callback;

use crate::dock::{pass, send_evil, sitting, type_line};
use crate::render::markup;

fn shown(scene: SceneId, play: fn(&mut Session)) -> String {
    markup::<Inspector>(move || {
        let mut session = sitting(scene, 5);
        play(&mut session);
        let view = inspector(&session, &mut Memory::default());
        InspectorProps {
            view: Rc::new(view),
            act: Callback::noop(),
            on_dialog: Callback::noop(),
        }
    })
}

/// Selects the newest record of a topic.
fn newest(session: &mut Session, topic: &str) {
    let records = world::facts::partitions_of(session.world(), topic);
    let last = |partition: &TopicPartition| {
        let log = world::facts::leader_log(session.world(), partition)?;
        let record = present::stored::before(log, log.log_end_offset())?;
        Some((record.timestamp, partition.clone(), record.offset))
    };
    let newest = records.iter().filter_map(last).max();
    let (_, partition, offset) = newest.expect("a record");
    session.update(Msg::Selected(Some(Selection::Record(partition, offset))));
}

fn send(session: &mut Session, key: Option<&str>, value: Option<&str>) {
    session.update(Msg::Acted(Action::Send(Composed {
        topic: "secret_channel".to_owned(),
        key: key.map(str::to_owned),
        value: value.map(str::to_owned),
        count: 1,
        per_second: 1,
        ..Composed::default()
    })));
    pass(session, 2);
    newest_of_composer(session, value);
}

/// Selects the record with this value.
fn newest_of_composer(session: &mut Session, value: Option<&str>) {
    let world = session.world();
    let found = world::facts::partitions_of(world, "secret_channel")
        .into_iter()
        .find_map(|partition| {
            let mut records = world::facts::records_from(world, &partition, 0);
            let record = records.find(|r| r.value.as_deref() == value.map(str::as_bytes))?;
            Some((partition.clone(), record.offset))
        });
    let (partition, offset) = found.expect("the record");
    session.update(Msg::Selected(Some(Selection::Record(partition, offset))));
}

#[test]
fn a_record_says_what_it_is_why_it_lies_there_and_who_read_it() {
    let html = shown(SceneId::SecretChannel, |session| {
        send(
            session,
            Some("nfsturm"),
            Some("{\"agent_id\":\"nfsturm\",\"n\":1.0}"),
        );
        pass(session, 8);
    });
    for part in [
        "secret_channel-0 <span>@</span>",
        "CreateTime",
        "7 B",
        "<b>\"agent_id\"</b>: <s>\"nfsturm\"</s>,",
        "<i>1.0</i>",
        "Why partition 0?",
        "0x28670bc2",
        "677841858 mod 3 partitions",
        "Read, committed",
        "Replay from here",
        "Send again",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!(!html.contains("yet the record lies"));
}

#[test]
fn single_quotes_get_their_note_here() {
    let html = shown(SceneId::SecretChannel, |session| {
        send(session, None, Some("{'agent_id': 'nfsturm'}"));
    });
    assert!(html.contains("Text · ") && html.contains("JSON takes double quotes only"));
    assert!(html.contains("No key, so no hash"));
}

#[test]
fn keys_values_and_headers_are_text_and_never_markup() {
    let html = shown(SceneId::SecretChannel, |session| {
        send_evil(session);
        newest_of_composer(session, Some("{\"a\": \"<img src=x onerror=alert(1)>\"}"));
    });
    assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert!(!html.contains("<img"), "markup from a record in {html}");
}

#[test]
fn large_and_empty_and_missing_values() {
    let large = shown(SceneId::SecretChannel, |session| {
        let value: &'static str = Box::leak("x".repeat(1_000_000).into_boxed_str());
        send(session, Some("k"), Some(value));
    });
    assert!(large.len() < 40_000, "{} bytes", large.len());
    assert!(large.contains("Show more") && large.contains("Text · 1.0 MB"));
    let none = shown(SceneId::SecretChannel, |session| {
        send(session, Some("k"), None)
    });
    assert!(none.contains("a tombstone"));
    let gone = shown(SceneId::SecretChannel, |session| {
        let at = TopicPartition::new("secret_channel", 0);
        session.update(Msg::Selected(Some(Selection::Record(at, 999))));
    });
    assert!(gone.contains("secret_channel-0 @ 999 is no longer stored."));
}

#[test]
fn a_partition_a_topic_and_a_broker() {
    let partition = shown(SceneId::ThreeBrokers, |session| {
        type_line(
            session,
            "kafka-topics --bootstrap-server localhost:8098 --create --topic t --partitions 2 --replication-factor 3",
        );
        type_line(
            session,
            "echo hi | kafka-console-producer --bootstrap-server localhost:8098 --topic t",
        );
        session.update(Msg::Selected(Some(Selection::Partition(
            TopicPartition::new("t", 0),
        ))));
    });
    for part in [
        "Leader epoch",
        "High watermark",
        "in sync",
        "leader",
        "Add partitions…",
        "Delete topic…",
        "Delete records…",
    ] {
        assert!(partition.contains(part), "{part} is not in {partition}");
    }
    let topic = shown(SceneId::SecretChannel, |session| {
        session.update(Msg::Selected(Some(Selection::Topic(
            "secret_channel".to_owned(),
        ))));
    });
    assert!(topic.contains("Topic id") && topic.contains(">P2<"));
    let broker = shown(SceneId::SecretChannel, |session| {
        session.update(Msg::Selected(Some(Selection::Broker(1))));
    });
    assert!(broker.contains("serves clients") && broker.contains("localhost:8098"));
}

#[test]
fn a_group_and_a_client_that_can_be_paused_and_resumed() {
    let group = shown(SceneId::SecretChannel, |session| {
        pass(session, 8);
        let id = world::facts::groups(session.world())
            .first()
            .expect("a group")
            .id
            .clone();
        session.update(Msg::Selected(Some(Selection::Group(id))));
    });
    for part in [
        "Generation",
        "Coordinator",
        "__consumer_offsets-",
        "lag ",
        "secret_channel 0, 1",
    ] {
        assert!(group.contains(part), "{part} is not in {group}");
    }
    let mut session = sitting(SceneId::SecretChannel, 2);
    let mut memory = Memory::default();
    let producer = session
        .world()
        .clients()
        .find(|(_, client)| client.workload().is_some());
    let id = producer.expect("a producer").0;
    session.update(Msg::Selected(Some(Selection::Client(id))));
    let mut drive = |session: &Session| {
        let detail = present::inspector::clients::client(session, &mut memory, id);
        detail
            .expect("the client")
            .drive
            .expect("it sends by itself")
    };
    let running = drive(&session);
    assert!(!running.paused);
    session.update(Msg::Acted(running.toggle));
    assert!(
        session
            .world()
            .client(id)
            .expect("it stays")
            .workload()
            .is_none()
    );
    let paused = drive(&session);
    assert!(paused.paused);
    session.update(Msg::Acted(paused.toggle));
    assert_eq!(drive(&session).workload, running.workload);
}

#[test]
fn nothing_selected_says_what_to_do() {
    let html = shown(SceneId::SecretChannel, |_| {});
    assert!(html.contains("Select a record in the diagram"));
    let html = shown(SceneId::SecretChannel, |session| {
        newest(session, "secret_channel")
    });
    assert!(html.contains("aria-selected=\"true\" class=\"on\">Record<"));
}

#[test]
fn a_record_says_how_its_batch_is_compressed() {
    let html = shown(SceneId::SecretChannel, |session| {
        type_line(
            session,
            "seq 900 999 | kafka-console-producer --bootstrap-server localhost:8098 --topic secret_channel --compression-codec zstd",
        );
        pass(session, 5);
        newest_of_composer(session, Some("950"));
    });
    assert!(
        html.contains("<dt>Batch</dt><dd>100 records, zstd: "),
        "{html}"
    );
    assert!(html.contains("950"));
}
