//! Notices as markup.

use kafka_playground::ui::notices::{Notices, NoticesProps};
use present::notices::notices;
use session::action::Action;
use session::msg::Msg;
use session::scene::SceneId;
use session::session::Session;
use yew::Callback;

use crate::render::markup;
use crate::sitting::{open, pass};

fn drawn(session: &Session) -> String {
    let view = notices(session);
    markup::<Notices>(move || NoticesProps {
        view,
        act: Callback::noop(),
    })
}

#[test]
fn the_regions_are_there_before_anything_is_said() {
    let html = drawn(&open(SceneId::EmptyCluster));
    assert!(html.contains("role=\"alert\"") && html.contains("role=\"status\""));
}

#[test]
fn a_refusal_is_an_alert_in_kafkas_own_words() {
    let mut session = open(SceneId::EmptyCluster);
    session.update(Msg::Acted(Action::DeleteTopic("no-such-topic".to_owned())));
    pass(&mut session, 5);
    let html = drawn(&session);
    let alert = html.split("role=\"status\"").next().expect("the alerts");
    assert!(alert.contains("UnknownTopicOrPartitionException"), "{html}");
    assert!(
        alert.contains("Topic no-such-topic was not deleted."),
        "{html}"
    );
}

#[test]
fn only_the_newest_are_shown_and_a_closed_one_is_gone() {
    let mut session = open(SceneId::Lecture);
    for _ in 0..9 {
        session.update(Msg::Acted(Action::StopCluster));
    }
    let shown = notices(&session).errors;
    assert_eq!(shown.len(), 4);
    session.update(Msg::NoticeClosed(shown[3].id));
    assert!(!notices(&session).errors.contains(&shown[3]));
}
