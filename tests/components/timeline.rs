//! The timeline: bars, marks, and what is read off it.

use std::rc::Rc;

use kafka_playground::ui::timeline::track::moved;
use kafka_playground::ui::timeline::{Timeline, TimelineProps};
use present::keys::KeySlots;
use present::timeline::{TimelineView, timeline};
use session::action::Action;
use session::layout::Window;
use session::msg::{Look, Msg};
use session::scene::SceneId;
use session::selection::Selection;
use session::session::Session;
use yew::Callback;

use crate::render::markup;
use crate::sitting::{open, pass};

const SECOND: u64 = 1_000_000;

fn view(session: &Session) -> TimelineView {
    timeline(session, &KeySlots::default())
}

fn drawn(session: &Session) -> String {
    let session = session.clone();
    markup::<Timeline>(move || TimelineProps {
        view: Rc::new(view(&session)),
        act: Callback::noop(),
    })
}

#[test]
fn the_opening_scene_has_bars_and_a_slider_that_tells_the_time() {
    let session = open(SceneId::SecretChannel);
    let html = drawn(&session);
    for part in [
        "class=\"bar\"",
        "role=\"slider\"",
        "aria-valuetext=\"00:24.0, live\"",
        "aria-label=\"Time in view\"",
        ">00:10<",
        "Live",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
}

#[test]
fn every_record_that_was_produced_stands_in_a_bar() {
    let mut session = open(SceneId::SecretChannel);
    pass(&mut session, 20);
    let drawn: u64 = view(&session).bars.iter().map(|bar| bar.records).sum();
    let sampled: u64 = session
        .journal()
        .samples()
        .map(|sample| sample.produced)
        .sum();
    assert!(drawn > 5, "{drawn}");
    assert_eq!(drawn, sampled);
}

#[test]
fn time_that_stands_still_says_so() {
    let mut session = open(SceneId::SecretChannel);
    session.update(Msg::Paused);
    let html = drawn(&session);
    assert!(html.contains("Go on") && html.contains("00:24.0, paused"));
}

#[test]
fn the_window_decides_what_is_in_view() {
    let mut session = open(SceneId::SecretChannel);
    pass(&mut session, 60);
    let from = view(&session).span.from;
    assert_eq!(from, session.elapsed_micros() - 60 * SECOND);
    assert!(from > 20 * SECOND);
    session.update(Msg::Look(Look::Window(Window::All)));
    assert_eq!(view(&session).span.from, 0);
    assert!(drawn(&session).contains(">00:20<"));
}

#[test]
fn a_cluster_that_is_removed_leaves_its_marks() {
    let mut session = open(SceneId::SecretChannel);
    session.update(Msg::Acted(Action::StopCluster));
    pass(&mut session, 5);
    session.update(Msg::Acted(Action::StartCluster(1)));
    pass(&mut session, 5);
    let view = view(&session);
    let titles: Vec<&str> = view.marks.iter().map(|mark| mark.title.as_str()).collect();
    assert!(titles.contains(&"Cluster removed"), "{titles:?}");
    assert_eq!(view.outages.len(), 1);
    assert!(drawn(&session).contains("class=\"outage\""));
}

#[test]
fn the_selected_record_has_a_mark_that_selects_it() {
    let mut session = open(SceneId::SecretChannel);
    let stored = world::facts::user_partitions(session.world()).find_map(|at| {
        let record = world::facts::records_from(session.world(), &at, 0).next()?;
        Some(Selection::Record(at, record.offset))
    });
    session.update(Msg::Selected(stored.clone()));
    let view = view(&session);
    let mark = view
        .marks
        .iter()
        .find(|mark| mark.label == Some("Selected record") || mark.selects == stored);
    let mark = mark.expect("a mark");
    assert!(mark.at < view.span.now);
    assert_eq!(mark.selects, stored);
    assert!(view.reading(mark.at).text.contains(&mark.title));
}

#[test]
fn arrow_keys_read_off_the_timeline_within_what_has_been() {
    let session = open(SceneId::SecretChannel);
    let view = view(&session);
    let now = view.span.now;
    assert_eq!(
        moved(&view, None, "ArrowLeft"),
        Some(Some(now - SECOND / 2))
    );
    assert_eq!(moved(&view, Some(now), "ArrowRight"), Some(Some(now)));
    assert_eq!(
        moved(&view, Some(now), "PageDown"),
        Some(Some(now - 5 * SECOND))
    );
    assert_eq!(moved(&view, Some(now), "Home"), Some(Some(0)));
    assert_eq!(moved(&view, Some(0), "ArrowLeft"), Some(Some(0)));
    assert_eq!(moved(&view, Some(0), "End"), Some(Some(now)));
    assert_eq!(moved(&view, Some(0), "Escape"), Some(None));
    assert_eq!(moved(&view, None, "Escape"), None);
    assert_eq!(moved(&view, None, "x"), None);
}
