//! The walkthrough panel: what it offers, what it shows, and the lecture played by its Run buttons.

use std::rc::Rc;

use kafka_playground::ui::walkthrough::{Walkthrough, WalkthroughProps};
use present::walkthrough::{CommandView, Offer, walkthrough};
use session::msg::{Look, Msg};
use session::scene::SceneId;
use session::session::Session;
use yew::Callback;

use crate::render::markup;
use crate::sitting::{open, pass};

fn drawn(session: &Session) -> String {
    let view = walkthrough(session);
    markup::<Walkthrough>(move || WalkthroughProps {
        view: Rc::new(view),
        act: Callback::noop(),
        on_dialog: Callback::noop(),
    })
}

#[test]
fn the_opening_scene_invites_to_send_a_record() {
    let session = open(SceneId::SecretChannel);
    let Offer::Begin(invitation) = walkthrough(&session).offer else {
        panic!("no invitation")
    };
    let (words, record) = invitation.first.expect("a first action");
    assert_eq!(
        (words, record.topic.as_str()),
        ("Send your own record", "secret_channel")
    );
    let html = drawn(&session);
    for part in ["Send your own record", "Open the lecture", "Start Kafka"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(
        !html.contains("aria-current=\"step\""),
        "no step is open before one is chosen"
    );
}

#[test]
fn a_step_chosen_in_another_scene_opens() {
    let mut session = open(SceneId::EmptyCluster);
    assert!(matches!(walkthrough(&session).offer, Offer::OpenLecture(_)));
    session.update(Msg::StepChosen(2));
    let html = drawn(&session);
    assert!(html.contains("aria-current=\"step\""));
    assert!(html.contains("<b>kafka-topics</b>"));
}

#[test]
fn the_lecture_begins_with_its_first_step_open() {
    let session = open(SceneId::Lecture);
    let html = drawn(&session);
    for part in [
        "0/11",
        "aria-label=\"Step 1 of 11\"",
        "<code>docker-compose</code>",
        "<b>docker-compose</b>",
        "aria-label=\"Copy command\"",
        "Terminal 1",
        "class=\"spin\"",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert!(!html.contains("Send your own record"));
}

#[test]
fn a_collapsed_panel_is_a_rail() {
    let mut session = open(SceneId::Lecture);
    session.update(Msg::Look(Look::LeftToggled));
    let html = drawn(&session);
    assert!(html.contains("Open the walkthrough") && !html.contains("class=\"steps\""));
}

#[test]
fn a_line_for_a_program_waits_until_the_program_runs() {
    let mut session = open(SceneId::Lecture);
    session.update(Msg::StepChosen(7));
    let waits = |session: &Session| {
        let view = walkthrough(session);
        let body = view.steps[7].body.clone().expect("the open step");
        body.commands
            .iter()
            .map(|command| command.not_now.is_some())
            .collect::<Vec<_>>()
    };
    assert_eq!(waits(&session), [false, true, true]);
    session.update(Msg::LineRun(
        "docker-compose up -d".to_owned(),
        session::place::Place::Prompt,
    ));
    pass(&mut session, 10);
    let run = walkthrough(&session).steps[7]
        .body
        .clone()
        .expect("open")
        .commands[0]
        .run
        .clone();
    session.update(run);
    pass(&mut session, 5);
    assert_eq!(waits(&session), [false, false, false]);
}

fn commands(session: &Session, step: usize) -> Vec<CommandView> {
    let body = walkthrough(session).steps[step].body.clone();
    body.expect("the open step").commands
}

#[test]
fn the_lecture_is_done_by_pressing_run() {
    let mut session = open(SceneId::Lecture);
    for number in 0..walkthrough(&session).steps.len() {
        assert_eq!(
            walkthrough(&session).current,
            Some(number),
            "the step to do"
        );
        for at in 0..commands(&session, number).len() {
            let command = commands(&session, number).swap_remove(at);
            assert_eq!(command.not_now, None, "{}", command.line);
            session.update(command.run);
            pass(&mut session, 5);
        }
        pass(&mut session, 5);
        assert!(walkthrough(&session).steps[number].done, "step {number}");
    }
    let view = walkthrough(&session);
    assert_eq!(
        (view.progress().as_str(), view.offer),
        ("11/11", Offer::Finished)
    );
    // Of the consumers one stands beside what is in view.
    assert!(session.layout().split.is_some());
    assert!(drawn(&session).contains("The lecture is done."));
}
