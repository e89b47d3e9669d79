//! The keyboard: which key does what, anywhere on the page.
//!
//! - [`map`]: what a key means
//! - [`regions`]: F6 and other moves of the focus
//! - [`shortcuts`]: the keys as the help lists them

pub mod map;
pub mod regions;
pub mod shortcuts;

use engine::ids::TopicPartition;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::utils::document;
use session::layout::{DockTab, Theme};
use session::msg::{Look, Msg, Speed};
use session::selection::Selection;
use session::session::Session;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::ui::dialogs::Dialog;
use crate::ui::top::bar::other_than;
use map::{Intent, Press, Spot, intent};

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
    let now = use_mut_ref(|| props.clone());
    *now.borrow_mut() = props.clone();
    use_effect_with((), move |()| {
        let options = EventListenerOptions::enable_prevent_default();
        let listener =
            EventListener::new_with_options(&document(), "keydown", options, move |event| {
                if let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() {
                    let props = now.borrow().clone();
                    on_key(event, &props);
                }
            });
        move || drop(listener)
    });
    html! {}
}

fn on_key(event: &web_sys::KeyboardEvent, props: &KeyboardProps) {
    if event.default_prevented() {
        return;
    }
    let press = Press {
        key: event.key(),
        code: event.code(),
        shift: event.shift_key(),
        chord: event.ctrl_key() || event.alt_key() || event.meta_key(),
        repeats: event.repeat(),
        spot: spot(event),
    };
    let Some(intent) = intent(&press, &props.facts) else {
        return;
    };
    event.prevent_default();
    match intent {
        Intent::Do(msg) => props.act.emit(msg),
        Intent::Open(dialog) => props.on_dialog.emit(dialog),
        Intent::Theme => {
            props
                .act
                .emit(Msg::Look(Look::Theme(other_than(props.facts.theme))));
        }
        Intent::Fit => props.on_fit.emit(()),
        Intent::Filter => regions::focus_filter(),
        Intent::Region(toward) => regions::go(toward),
        Intent::LeaveTerminal => regions::leave_terminal(),
    }
}

fn spot(event: &web_sys::KeyboardEvent) -> Spot {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return Spot::Page;
    };
    let within = |selector: &str| target.closest(selector).ok().flatten().is_some();
    if within("dialog, [role=menu]") {
        Spot::Elsewhere
    } else if within(".term") {
        Spot::Terminal
    } else if within("input:not([type=checkbox]), textarea, select, [contenteditable=true]") {
        Spot::Field
    } else if within("button, a[href], summary, [role=button], [role=slider], [role=tab]") {
        Spot::Button
    } else {
        Spot::Page
    }
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
