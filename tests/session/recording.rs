//! A recording does the same again.

use session::action::{Action, Composed};
use session::msg::Msg;
use session::recording::Recording;
use session::scene::SceneId;

use crate::support::{enter, open, wait};

#[test]
fn a_recorded_sitting_leads_to_the_same_world() {
    let mut session = open(SceneId::SecretChannel);
    let mut recording = Recording::of(&session);
    let send = Action::Send(Composed {
        topic: "secret_channel".to_owned(),
        value: Some("again".to_owned()),
        count: 1,
        ..Composed::default()
    });
    for msg in [
        Msg::Acted(send),
        Msg::LineEntered(
            shell::terminal::TerminalId(1),
            "kafka-topics --list --bootstrap-server localhost:8098".to_owned(),
        ),
    ] {
        recording.note(session.world().now(), &msg);
        session.update(msg);
        wait(&mut session, 2);
    }
    let text = recording.to_json().expect("it can be written");
    let read = Recording::from_json(&text).expect("it can be read");
    let again = read.replay(session.elapsed_micros());
    assert_eq!(again.world(), session.world());
}

#[test]
fn a_file_that_is_no_recording_is_refused_with_a_sentence() {
    let refused = Recording::from_json("{}").expect_err("it is none");
    assert!(
        refused.starts_with("This is not a recording of the playground"),
        "{refused}"
    );
    let mut session = open(SceneId::EmptyCluster);
    enter(&mut session, "echo still here");
    wait(&mut session, 1);
}
