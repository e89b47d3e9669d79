//! Pages with the dock and the inspector, to be looked at beside the design's pictures.

use std::fs;
use std::rc::Rc;

use engine::ids::TopicPartition;
use kafka_playground::ui::dock::{Dock, DockProps};
use kafka_playground::ui::inspector::{Inspector, InspectorProps};
use present::dock::dock;
use present::inspector::inspector;
use present::memory::Memory;
use session::dock::{DockLook, ProtocolQuery};
use session::layout::DockTab;
use session::msg::{Look, Msg};
use session::scene::SceneId;
use session::selection::Selection;
use session::session::Session;
use shell::terminal::TerminalId;
use yew::Callback;

use crate::dock::{open, pass, sitting, type_line};
use crate::render::markup;

fn terminals(session: &mut Session) {
    type_line(
        session,
        "kafka-topics --describe --topic secret_channel --bootstrap-server localhost:8098",
    );
    session.update(Msg::TerminalOpened);
    session.update(Msg::Look(Look::Split(Some(TerminalId(1)))));
    let read = "kafka-console-consumer --topic secret_channel --group audit --from-beginning --bootstrap-server localhost:8098";
    session.update(Msg::LineEntered(TerminalId(2), read.to_owned()));
    pass(session, 6);
    select_newest(session);
}

fn select_newest(session: &mut Session) {
    let partition = TopicPartition::new("secret_channel", 0);
    let log = world::facts::leader_log(session.world(), &partition);
    let last = log.and_then(|log| present::stored::before(log, log.high_watermark()));
    let offset = last.expect("a record").offset;
    session.update(Msg::Selected(Some(Selection::Record(partition, offset))));
}

fn frames(session: &mut Session) {
    open(session, DockTab::Protocol);
    let produce = session.journal().frames().find(|f| f.call.api_key == 0);
    let query = ProtocolQuery {
        selected: produce.map(|found| found.number),
        ..ProtocolQuery::default()
    };
    session.update(Msg::Look(Look::Dock(DockLook::Protocol(query))));
    let partition = TopicPartition::new("secret_channel", 0);
    session.update(Msg::Selected(Some(Selection::Partition(partition))));
}

fn groups(session: &mut Session) {
    open(session, DockTab::Groups);
    session.update(Msg::Selected(Some(Selection::Group(
        "analytics".to_owned(),
    ))));
}

fn metrics(session: &mut Session) {
    open(session, DockTab::Metrics);
    let producer = session
        .world()
        .clients()
        .next()
        .map(|(id, _)| Selection::Client(id));
    session.update(Msg::Selected(producer));
}

fn records(session: &mut Session) {
    open(session, DockTab::Records);
    select_newest(session);
}

fn body(play: fn(&mut Session)) -> String {
    let session = move || {
        let mut session = sitting(SceneId::SecretChannel, 20);
        play(&mut session);
        session
    };
    let below = markup::<Dock>(move || DockProps {
        view: Rc::new(dock(&session(), &mut Memory::default())),
        act: Callback::noop(),
        on_dialog: Callback::noop(),
    });
    let right = markup::<Inspector>(move || InspectorProps {
        view: Rc::new(inspector(&session(), &mut Memory::default())),
        act: Callback::noop(),
        on_dialog: Callback::noop(),
    });
    format!(
        "<div class=\"app\"><header class=\"top\"></header><aside class=\"left\"></aside><main class=\"stage\"></main>{right}{below}<footer class=\"time\"></footer></div>"
    )
}

#[test]
#[ignore = "writes pages into target/dock to look at"]
fn pages_to_look_at() {
    let root = env!("CARGO_MANIFEST_DIR");
    let read = |path: String| fs::read_to_string(path).expect("a stylesheet");
    let mut css: String = ["tokens", "base", "layout"]
        .map(|name| read(format!("{root}/static/css/{name}.css")))
        .concat();
    for entry in fs::read_dir(format!("{root}/static/css/components")).expect("stylesheets") {
        css.push_str(&read(entry.expect("an entry").path().display().to_string()));
    }
    let out = format!("{root}/target/dock");
    fs::create_dir_all(&out).expect("a folder");
    type Act = fn(&mut Session);
    let pages: [(&str, Act); 5] = [
        ("terminals", terminals),
        ("records", records),
        ("groups", groups),
        ("protocol", frames),
        ("metrics", metrics),
    ];
    for (name, play) in pages {
        let body = body(play);
        for theme in ["light", "dark"] {
            let page = format!(
                "<!doctype html><html data-theme={theme}><meta charset=utf-8><style>{css}</style><body>{body}</body></html>"
            );
            fs::write(format!("{out}/{name}-{theme}.html"), page).expect("a page");
        }
    }
}
