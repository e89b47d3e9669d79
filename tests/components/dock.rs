//! The dock as markup, from real sittings.

use std::rc::Rc;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use kafka_playground::ui::dock::{Dock, DockProps};
use present::dock::dock;
use present::memory::Memory;
use session::action::{Action, Composed};
use session::dock::{DockLook, ProtocolQuery, RecordsAt, RecordsQuery, Typed};
use session::layout::DockTab;
use session::msg::{Look, Msg};
use session::scene::SceneId;
use session::selection::Selection;
use session::session::Session;
use shell::terminal::TerminalId;
use yew::Callback;

use crate::render::markup;

pub(crate) const EVIL: &str = "<img src=x onerror=alert(1)>";
pub(crate) const START: SimTime = SimTime(1_764_000_000_000_000);

/// A sitting that has gone on for some seconds.
pub(crate) fn sitting(scene: SceneId, seconds: u64) -> Session {
    let mut session = Session::open(scene, 7, START);
    pass(&mut session, seconds);
    session
}

pub(crate) fn pass(session: &mut Session, seconds: u64) {
    for _ in 0..seconds * 10 {
        session.update(Msg::TimePassed(100_000));
    }
}

pub(crate) fn type_line(session: &mut Session, line: &str) {
    session.update(Msg::LineEntered(TerminalId(1), line.to_owned()));
    pass(session, 3);
}

pub(crate) fn open(session: &mut Session, tab: DockTab) {
    session.update(Msg::Look(Look::DockTab(tab)));
}

fn look(session: &mut Session, look: DockLook) {
    session.update(Msg::Look(Look::Dock(look)));
}

/// The dock's markup after `play`.
fn shown(scene: SceneId, play: fn(&mut Session)) -> String {
    markup::<Dock>(move || {
        let mut session = sitting(scene, 5);
        play(&mut session);
        let view = dock(&session, &mut Memory::default());
        DockProps {
            view: Rc::new(view),
            act: Callback::noop(),
            on_dialog: Callback::noop(),
        }
    })
}

pub(crate) fn send_evil(session: &mut Session) {
    session.update(Msg::Acted(Action::Send(Composed {
        topic: "secret_channel".to_owned(),
        key: Some(EVIL.to_owned()),
        value: Some(format!("{{\"a\": \"{EVIL}\"}}")),
        headers: vec![(EVIL.to_owned(), Some(EVIL.to_owned()))],
        count: 1,
        per_second: 1,
        ..Composed::default()
    })));
    pass(session, 3);
}

#[test]
fn a_terminal_offers_a_first_command_and_shows_what_was_entered() {
    let fresh = shown(SceneId::Lecture, |_| {});
    for part in [
        "id=\"terminal-input-1\"",
        "role=\"log\"",
        "aria-live=\"polite\"",
        "docker-compose up -d",
        "Terminal 1",
    ] {
        assert!(fresh.contains(part), "{part} is not in {fresh}");
    }
    let used = shown(SceneId::SecretChannel, |session| {
        type_line(session, "echo hello; nonsense");
    });
    assert!(used.contains("hello") && used.contains("nonsense: command not found"));
    assert!(used.contains("Exit 127") && !used.contains("Try "));
}

#[test]
fn a_consumers_lines_carry_their_records_glyph_and_the_selected_one_stands_out() {
    let html = shown(SceneId::SecretChannel, |session| {
        pass(session, 10);
        type_line(
            session,
            "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel --from-beginning",
        );
        pass(session, 5);
        let partition = (0..3)
            .map(|number| TopicPartition::new("secret_channel", number))
            .find(|at| world::facts::record(session.world(), at, 0).is_some())
            .expect("a record");
        session.update(Msg::Selected(Some(Selection::Record(partition, 0))));
    });
    assert!(html.contains("class=\"ln rec\"") && html.contains("class=\"g k1\""));
    assert_eq!(html.matches("class=\"ln rec on\"").count(), 1);
    assert!(html.contains("Running") && html.contains("Stop"));
}

#[test]
fn long_output_is_not_all_in_the_page() {
    let html = shown(SceneId::EmptyCluster, |session| {
        type_line(session, "seq 4000");
    });
    assert_eq!(
        html.matches("class=\"ln\"").count(),
        present::terminal::LINES
    );
    assert!(html.contains(">4000<") && !html.contains(">3000<"));
    let back = shown(SceneId::EmptyCluster, |session| {
        type_line(session, "seq 4000");
        look(session, DockLook::Scrolled(TerminalId(1), Some(3050)));
    });
    assert!(back.contains(">3000<") && !back.contains(">4000<"));
}

#[test]
fn completions_are_listed_with_what_they_are() {
    let html = shown(SceneId::SecretChannel, |session| {
        let line = "kafka-con".to_owned();
        let typed = Typed {
            terminal: TerminalId(1),
            cursor: line.len(),
            line,
        };
        look(session, DockLook::Typed(Some(typed)));
    });
    // The list opens once the same text stands in the field; the view is what it opens with.
    assert!(html.contains("terminal-input-1"));
    let mut session = sitting(SceneId::SecretChannel, 1);
    let line = "kafka-con".to_owned();
    let typed = Typed {
        terminal: TerminalId(1),
        cursor: line.len(),
        line,
    };
    look(&mut session, DockLook::Typed(Some(typed)));
    let view = present::terminal::terminal(&session, &mut Memory::default(), TerminalId(1));
    let completion = view.expect("a terminal").completion.expect("completions");
    assert!(completion.candidates.len() >= 2, "{completion:?}");
    assert!(
        completion
            .candidates
            .iter()
            .all(|found| !found.summary.is_empty())
    );
}

#[test]
fn every_record_has_a_row_and_its_text_is_never_markup() {
    let html = shown(SceneId::SecretChannel, |session| {
        send_evil(session);
        open(session, DockTab::Records);
    });
    assert!(html.contains("role=\"table\" aria-label=\"Records\""));
    assert!(
        html.contains("&lt;img src=x"),
        "the key is not shown as typed"
    );
    assert!(!html.contains("<img"), "markup from a record in {html}");
    let rows = html.matches("class=\"tr").count();
    assert!(rows > 3, "{rows} rows");
}

#[test]
fn groups_stand_with_their_lag_and_what_can_be_done() {
    let html = shown(SceneId::SecretChannel, |session| {
        pass(session, 10);
        open(session, DockTab::Groups);
    });
    for part in [
        "Stable",
        "2 members",
        "secret_channel-0",
        "From start",
        "--to-earliest",
        "Delete…",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn a_chosen_frame_shows_its_fields_and_bytes() {
    let html = shown(SceneId::SecretChannel, |session| {
        open(session, DockTab::Protocol);
        let produce = session
            .journal()
            .frames()
            .find(|f| f.call.api_key == 0 && !f.is_response);
        let query = ProtocolQuery {
            selected: Some(produce.expect("a produce request").number),
            filter: "produce".to_owned(),
            ..ProtocolQuery::default()
        };
        look(session, DockLook::Protocol(query));
    });
    for part in [
        "Produce",
        "RequestHeader",
        "RecordBatch",
        "base_sequence",
        "class=\"hx\"",
        "agent-",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!(!html.contains("ApiVersions") && !html.contains("Heartbeat<"));
}

#[test]
fn charts_say_in_a_sentence_what_they_draw() {
    let html = shown(SceneId::SecretChannel, |session| {
        pass(session, 5);
        open(session, DockTab::Metrics);
    });
    for part in [
        "aria-label=\"Records in: ",
        "Lag of ",
        "ch-line",
        "records/s",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn a_closed_dock_has_its_tabs_only_and_two_panes_stand_side_by_side() {
    let closed = shown(SceneId::SecretChannel, |session| {
        session.update(Msg::Look(Look::DockToggled));
    });
    assert!(closed.contains("Protocol log") && !closed.contains("terminal-input-1"));
    let two = shown(SceneId::SecretChannel, |session| {
        session.update(Msg::TerminalOpened);
        session.update(Msg::Look(Look::Split(Some(TerminalId(1)))));
    });
    let (one, other) = (two.find("terminal-input-1"), two.find("terminal-input-2"));
    assert!(one.expect("the first") < other.expect("the second"));
}

#[test]
fn pages_of_records_follow_each_other_without_a_gap() {
    let mut session = sitting(SceneId::EmptyCluster, 1);
    type_line(
        &mut session,
        "kafka-topics --bootstrap-server localhost:8098 --create --topic many --partitions 3",
    );
    type_line(
        &mut session,
        "seq 3000 | kafka-console-producer --bootstrap-server localhost:8098 --topic many",
    );
    pass(&mut session, 20);
    let mut memory = Memory::default();
    let mut ask = |at: RecordsAt| {
        let query = RecordsQuery {
            at,
            ..RecordsQuery::default()
        };
        look(&mut session, DockLook::Records(query));
        present::records::records(&session, &mut memory)
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut view = ask(RecordsAt::Oldest);
    assert_eq!(
        (view.total.as_str(), view.rows.len()),
        ("3000", present::records::ROWS)
    );
    for _ in 0..60 {
        seen.extend(
            view.rows
                .iter()
                .map(|row| (row.partition.clone(), row.offset)),
        );
        match view.newer.clone() {
            Some(RecordsAt::Newest) | None => break,
            Some(next) => view = ask(next),
        }
    }
    assert_eq!(seen.len(), 3000, "forwards");
    seen.clear();
    view = ask(RecordsAt::Newest);
    for _ in 0..60 {
        seen.extend(
            view.rows
                .iter()
                .map(|row| (row.partition.clone(), row.offset)),
        );
        match view.older.clone() {
            None => break,
            Some(next) => view = ask(next),
        }
    }
    assert_eq!(seen.len(), 3000, "backwards");
    let at_offset = ask(RecordsAt::Offset(500));
    assert!(at_offset.rows.iter().all(|row| row.offset >= 500));
}

#[test]
fn a_filter_finds_what_lies_far_back() {
    let mut session = sitting(SceneId::EmptyCluster, 1);
    type_line(
        &mut session,
        "(echo needle; seq 5000) | kafka-console-producer --bootstrap-server localhost:8098 --topic hay",
    );
    type_line(
        &mut session,
        "seq 5000 | kafka-console-producer --bootstrap-server localhost:8098 --topic hay",
    );
    pass(&mut session, 30);
    let mut memory = Memory::default();
    let mut query = RecordsQuery {
        filter: "4999".to_owned(),
        ..RecordsQuery::default()
    };
    look(&mut session, DockLook::Records(query.clone()));
    let found = present::records::records(&session, &mut memory);
    assert_eq!(found.rows.len(), 1, "{found:?}");
    query.filter = "2500".to_owned();
    let mut rounds = 0;
    loop {
        look(&mut session, DockLook::Records(query.clone()));
        let found = present::records::records(&session, &mut memory);
        if found
            .rows
            .iter()
            .any(|row| row.value.as_deref() == Some("2500"))
        {
            break;
        }
        query.at = found.searched.as_ref().expect("there is more").next.clone();
        rounds += 1;
        assert!(rounds < 9, "not found");
    }
    assert!(rounds > 0);
}
