//! The dock: tabs, and one or two panes below them.
//!
//! - [`terminal`], [`terminal_input`], [`terminal_events`], [`terminal_pace`]: a terminal
//! - [`records`], [`groups`], [`protocol_log`], [`hex`], [`metrics`]: the tables, the log, the charts
//! - [`follow`]: a list that follows its end, or stays where one scrolled to

pub mod follow;
pub mod groups;
pub mod hex;
pub mod metrics;
pub mod protocol_log;
pub mod records;
pub mod terminal;
pub mod terminal_events;
pub mod terminal_input;
pub mod terminal_pace;

use std::rc::Rc;

use present::dock::{DockTabView, DockView, Pane, PaneBody};
use session::msg::{Look, Msg};
use yew::prelude::*;

use crate::ui::dialogs::Dialog;
use crate::ui::dock::groups::GroupsTable;
use crate::ui::dock::metrics::Metrics;
use crate::ui::dock::protocol_log::ProtocolLog;
use crate::ui::dock::records::RecordsTable;
use crate::ui::dock::terminal::TerminalPane;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::tabs;

/// What the dock needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DockProps {
    /// What it shows.
    pub view: Rc<DockView>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    #[prop_or_else(Callback::noop)]
    pub on_dialog: Callback<Dialog>,
}

/// The dock: tabs, and one or two panes below them.
#[component]
pub fn Dock(props: &DockProps) -> Html {
    let DockProps {
        view,
        act,
        on_dialog,
    } = props;
    html! {
        <section class="dock" aria-label="Dock">
            <div class="tabs" role="tablist" aria-label="Dock" onkeydown={tabs::onkeydown()}>
                { for view.tabs.iter().map(|tab| tab_button(tab, act)) }
                <span class="fx" />
                { tools(view, act) }
            </div>
            if !view.panes.is_empty() {
                <div id="dock-panes" class={classes!("panes", view.split.then_some("two"))}>
                    { for view.panes.iter().map(|pane| self::pane(pane, act, on_dialog)) }
                </div>
            }
        </section>
    }
}

fn tab_button(tab: &DockTabView, act: &Callback<Msg>) -> Html {
    let onclick = {
        let (act, opens, swaps) = (act.clone(), tab.tab, tab.swaps);
        Callback::from(move |_: MouseEvent| {
            if swaps.is_some() {
                act.emit(Msg::Look(Look::Split(swaps)));
            }
            act.emit(Msg::Look(Look::DockTab(opens)));
        })
    };
    html! {
        <button key={tab.name.clone()} role="tab" class={classes!(tab.on.then_some("on"))}
            aria-selected={tab.on.to_string()} aria-controls="dock-panes" {onclick}>
            { &tab.name }
            if let Some(count) = &tab.count { { " " }<span class="n">{ count }</span> }
            if tab.running && !tab.on { { " " }<span class="tab-run" title="Running"><span class="vh">{ "Running" }</span></span> }
        </button>
    }
}

fn tools(view: &DockView, act: &Callback<Msg>) -> Html {
    let add = act.reform(|_: MouseEvent| Msg::TerminalOpened);
    let split = {
        let (act, split, beside, only) = (act.clone(), view.split, view.beside, view.terminal);
        Callback::from(move |_: MouseEvent| match (split, beside) {
            (true, _) => act.emit(Msg::Look(Look::Split(None))),
            (false, Some(id)) => act.emit(Msg::Look(Look::Split(Some(id)))),
            // A new one opens in the place of the only one, which then moves beside it.
            (false, None) => {
                act.emit(Msg::TerminalOpened);
                act.emit(Msg::Look(Look::Split(only)));
            }
        })
    };
    let clear = view.terminal.map(|id| {
        let onclick = act.reform(move |_: MouseEvent| Msg::TerminalCleared(id));
        html! {
            <button class="ib sm" aria-label="Clear terminal" title="Clear terminal (Ctrl+L)" {onclick}><Icon glyph={Glyph::Trash} size={15} /></button>
        }
    });
    let toggle = act.reform(|_: MouseEvent| Msg::Look(Look::DockToggled));
    let (name, glyph) = match view.open {
        true => ("Collapse dock", Glyph::ChevronDown),
        false => ("Open dock", Glyph::ChevronUp),
    };
    html! { <>
        <button class="ib sm" aria-label="New terminal" title="New terminal" onclick={add}><Icon glyph={Glyph::Plus} size={15} /></button>
        <button class="ib sm" aria-label="Split view" title="Split view" aria-pressed={view.split.to_string()} onclick={split}><Icon glyph={Glyph::Split} size={15} /></button>
        { for clear }
        <button class="ib sm" aria-label={name} title={name} aria-expanded={view.open.to_string()} onclick={toggle}><Icon glyph={glyph} size={15} /></button>
    </> }
}

fn pane(pane: &Pane, act: &Callback<Msg>, on_dialog: &Callback<Dialog>) -> Html {
    let (key, body) = match &pane.body {
        PaneBody::Terminal(view) => (
            format!("terminal-{}", view.id.0),
            html! { <TerminalPane view={view} {act} /> },
        ),
        PaneBody::Records(view) => (
            "records".to_owned(),
            html! { <RecordsTable view={view} {act} /> },
        ),
        PaneBody::Groups(view) => (
            "groups".to_owned(),
            html! { <GroupsTable view={view} {act} {on_dialog} /> },
        ),
        PaneBody::Protocol(view) => (
            "protocol".to_owned(),
            html! { <ProtocolLog view={view} {act} /> },
        ),
        PaneBody::Metrics(view) => ("metrics".to_owned(), html! { <Metrics view={view} /> }),
    };
    html! { <div {key} class={classes!("pane", pane.aside.then_some("aside"))}>{ body }</div> }
}
