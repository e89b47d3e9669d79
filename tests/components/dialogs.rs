//! Every dialog as markup.

use std::rc::Rc;

use engine::ids::TopicPartition;
use kafka_playground::ui::dialogs::{Dialog, Dialogs, DialogsProps};
use kafka_playground::ui::keyboard::shortcuts::SHORTCUTS;
use present::dialogs::facts::{DialogFacts, facts};
use session::action::Composed;
use session::scene::SceneId;
use yew::Callback;

use crate::render::markup;
use crate::sitting::open;

fn drawn(dialog: Dialog, facts: DialogFacts) -> String {
    markup::<Dialogs>(move || DialogsProps {
        open: Some(dialog),
        facts: Rc::new(facts),
        shortcuts: true,
        act: Callback::noop(),
        on_close: Callback::noop(),
    })
}

fn of_the_opening_scene() -> DialogFacts {
    facts(&open(SceneId::SecretChannel))
}

fn partition() -> TopicPartition {
    TopicPartition {
        topic: "secret_channel".to_owned(),
        partition: 0,
    }
}

#[test]
fn dialogs_know_topics_groups_and_producers() {
    let facts = of_the_opening_scene();
    assert_eq!(facts.brokers, 1);
    assert_eq!(facts.topics.get("secret_channel"), Some(&3));
    assert_eq!(facts.producers.len(), 2);
    assert_eq!(facts.groups_of("secret_channel"), ["analytics"]);
    assert_eq!(facts.free_name("consumer"), "consumer-3");
}

#[test]
fn every_dialog_has_a_title_and_a_way_out() {
    let facts = of_the_opening_scene();
    let edit = facts.producers.keys().next().copied();
    let record = Composed {
        topic: "secret_channel".to_owned(),
        ..Composed::default()
    };
    let dialogs = [
        (Dialog::Topic, "Create a topic"),
        (
            Dialog::AddPartitions("secret_channel".to_owned()),
            "Add partitions to secret_channel",
        ),
        (
            Dialog::Producer {
                topic: None,
                edit: None,
            },
            "Add a producer",
        ),
        (
            Dialog::Producer { topic: None, edit },
            "What agent-nfsturm sends",
        ),
        (
            Dialog::Consumer {
                group: None,
                topic: None,
            },
            "Add a consumer",
        ),
        (Dialog::Compose(record), "Send a record"),
        (
            Dialog::MoveGroup("analytics".to_owned()),
            "Move group analytics",
        ),
        (
            Dialog::Replay(partition(), 4),
            "Replay from secret_channel-0 @ 4",
        ),
        (
            Dialog::ConfirmDeleteTopic("secret_channel".to_owned()),
            "Delete topic secret_channel?",
        ),
        (
            Dialog::ConfirmDeleteGroup("analytics".to_owned()),
            "Delete group analytics?",
        ),
        (
            Dialog::ConfirmDeleteRecords(partition(), 4),
            "Delete the records of secret_channel-0 before offset 4?",
        ),
        (Dialog::ConfirmStopCluster, "Remove the cluster?"),
        (Dialog::ConfirmStartOver, "Start this scene over?"),
        (Dialog::Help, "Help"),
    ];
    for (dialog, title) in dialogs {
        let html = drawn(dialog.clone(), facts.clone());
        assert!(
            html.contains(&format!("<h2 id=\"modal-title\">{title}</h2>")),
            "{dialog:?}: {html}"
        );
        assert!(
            html.starts_with("<dialog") && html.contains("aria-label=\"Close\""),
            "{dialog:?}"
        );
        assert!(
            !html.contains("aria-invalid"),
            "{dialog:?} begins without a mistake"
        );
    }
}

#[test]
fn what_the_buttons_do_stands_there_as_a_command() {
    let facts = of_the_opening_scene();
    let consumer = drawn(
        Dialog::Consumer {
            group: None,
            topic: None,
        },
        facts.clone(),
    );
    assert!(consumer.contains(
        "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel"
    ));
    let delete = drawn(
        Dialog::ConfirmDeleteTopic("secret_channel".to_owned()),
        facts.clone(),
    );
    assert!(delete.contains(
        "kafka-topics --bootstrap-server localhost:8098 --delete --topic secret_channel"
    ));
    let replay = drawn(Dialog::Replay(partition(), 4), facts);
    assert!(
        replay.contains("--group analytics --topic secret_channel:0 --to-offset 4 --execute"),
        "{replay}"
    );
}

#[test]
fn a_composed_record_is_text_and_never_markup() {
    let record = Composed {
        topic: "secret_channel".to_owned(),
        key: Some("<b>k</b>".to_owned()),
        value: Some("<img src=x onerror=alert(1)>".to_owned()),
        ..Composed::default()
    };
    let html = drawn(Dialog::Compose(record), of_the_opening_scene());
    assert!(
        html.contains("&lt;img src=x onerror=alert(1)&gt;"),
        "{html}"
    );
    assert!(!html.contains("<img") && !html.contains("<b>k"));
    assert!(html.contains("Plain text; Kafka takes any bytes."));
}

#[test]
fn single_quotes_are_explained() {
    let record = Composed {
        topic: "secret_channel".to_owned(),
        value: Some("{'agent_id': 'nfsturm'}".to_owned()),
        ..Composed::default()
    };
    let html = drawn(Dialog::Compose(record), of_the_opening_scene());
    assert!(html.contains("single quotes where JSON wants double ones"));
}

#[test]
fn without_a_cluster_a_form_says_so() {
    let html = drawn(Dialog::Topic, facts(&open(SceneId::Lecture)));
    assert!(html.contains("No cluster runs.") && html.contains("Start one"));
}

#[test]
fn the_help_lists_every_shortcut_and_the_marks() {
    let html = drawn(Dialog::Help, DialogFacts::default());
    for shortcut in SHORTCUTS {
        assert!(html.contains(shortcut.what), "{}", shortcut.what);
    }
    assert!(html.contains("Committed offset") && html.contains("High watermark"));
}
