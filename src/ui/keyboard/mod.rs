//! The keyboard: which key does what, anywhere on the page.

use engine::ids::TopicPartition;
use session::layout::{DockTab, Theme};
use session::msg::{Msg, Speed};
use session::selection::Selection;
use session::session::Session;
use yew::prelude::*;

use crate::ui::dialogs::Dialog;

/// What of the sitting a key's meaning depends on.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyFacts {
    /// Whether single keys act.
    pub shortcuts: bool,
    /// Whether time goes on.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// The dock's tabs in order.
    pub tabs: Vec<DockTab>,
    /// What is selected.
    pub selection: Option<Selection>,
    /// The diagram's size in per cent.
    pub zoom: u16,
    /// The chosen theme.
    pub theme: Theme,
    /// The groups that read the selected record's topic.
    pub readers: Vec<String>,
}

/// What the keyboard needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct KeyboardProps {
    /// What a key's meaning depends on.
    pub facts: KeyFacts,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
    /// The diagram is to fit its place.
    pub on_fit: Callback<()>,
}

/// Listens to the whole page's keys; draws nothing.
#[component]
pub fn Keyboard(props: &KeyboardProps) -> Html {
    let _ = props;
    html! {}
}

/// What keys mean in a sitting now.
pub fn facts(session: &Session) -> KeyFacts {
    let terminals = session
        .shell()
        .terminals()
        .map(|terminal| DockTab::Terminal(terminal.id()));
    let tables = [
        DockTab::Records,
        DockTab::Groups,
        DockTab::Protocol,
        DockTab::Metrics,
    ];
    KeyFacts {
        shortcuts: session.layout().shortcuts,
        playing: session.playing(),
        speed: session.speed(),
        tabs: terminals.chain(tables).collect(),
        selection: session.selection().cloned(),
        zoom: session.flow().zoom,
        theme: session.layout().theme,
        readers: readers(session),
    }
}

fn readers(session: &Session) -> Vec<String> {
    let Some(TopicPartition { topic, .. }) = session.selection().and_then(Selection::partition)
    else {
        return Vec::new();
    };
    present::dialogs::facts::facts(session).groups_of(topic)
}
