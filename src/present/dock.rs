//! The dock: its tabs, and what stands open in it.

use std::rc::Rc;

use session::layout::DockTab;
use session::session::Session;
use shell::terminal::TerminalId;
use world::facts;

use crate::flow::text::whole;
use crate::groups::{self, GroupsView};
use crate::memory::Memory;
use crate::metrics::{self, MetricsView};
use crate::protocol_log::{self, ProtocolView};
use crate::records::{self, RecordsView};
use crate::terminal::{self, TerminalView};

/// The dock.
#[derive(Debug, Clone, PartialEq)]
pub struct DockView {
    /// Whether more than its tabs show.
    pub open: bool,
    /// Its tabs, the terminals' first.
    pub tabs: Vec<DockTabView>,
    /// What stands open: one pane, or two side by side.
    pub panes: Vec<Pane>,
    /// Whether there are two.
    pub split: bool,
    /// A terminal to show beside the first; `None` if one has to be opened for that.
    pub beside: Option<TerminalId>,
    /// The terminal that clearing is for.
    pub terminal: Option<TerminalId>,
}

/// A tab.
#[derive(Debug, Clone, PartialEq)]
pub struct DockTabView {
    /// What it opens.
    pub tab: DockTab,
    /// Its name.
    pub name: String,
    /// How many there are of what it shows.
    pub count: Option<String>,
    /// Whether it is open.
    pub on: bool,
    /// Whether a command runs there.
    pub running: bool,
    /// It stands beside this terminal, which takes its place when it comes to the fore.
    pub swaps: Option<TerminalId>,
}

/// What stands open in a part of the dock.
#[derive(Debug, Clone, PartialEq)]
pub struct Pane {
    /// Whether it is the second of two, which a phone leaves out.
    pub aside: bool,
    /// What it shows.
    pub body: PaneBody,
}

/// What a pane shows.
#[derive(Debug, Clone, PartialEq)]
pub enum PaneBody {
    /// A terminal.
    Terminal(Rc<TerminalView>),
    /// The table of records.
    Records(Rc<RecordsView>),
    /// The table of groups.
    Groups(Rc<GroupsView>),
    /// The protocol log.
    Protocol(Rc<ProtocolView>),
    /// Rates and lag.
    Metrics(Rc<MetricsView>),
}

/// The dock as the sitting has it.
pub fn dock(session: &Session, memory: &mut Memory) -> DockView {
    let layout = session.layout();
    let beside = split(session);
    let shown = shown(session, beside);
    let panes = if layout.dock_open {
        let main = shown.iter().map(|tab| Pane {
            aside: Some(*tab) == beside.map(DockTab::Terminal),
            body: body(session, memory, *tab),
        });
        main.collect()
    } else {
        Vec::new()
    };
    let first = match layout.dock {
        DockTab::Terminal(id) => Some(id),
        _ => beside,
    };
    DockView {
        open: layout.dock_open,
        tabs: tabs(session, &shown, beside),
        panes,
        split: shown.len() > 1,
        beside: session
            .shell()
            .terminals()
            .map(shell::terminal::Terminal::id)
            .find(|id| layout.dock != DockTab::Terminal(*id)),
        terminal: first,
    }
}

/// The terminal beside the first pane, if it is another than that.
fn split(session: &Session) -> Option<TerminalId> {
    let layout = session.layout();
    layout
        .split
        .filter(|id| layout.dock != DockTab::Terminal(*id))
        .filter(|id| session.shell().terminal(*id).is_some())
}

/// What is open, from left to right: terminals stand in the order of their numbers.
fn shown(session: &Session, beside: Option<TerminalId>) -> Vec<DockTab> {
    let main = session.layout().dock;
    match (main, beside) {
        (DockTab::Terminal(id), Some(other)) if other < id => {
            vec![DockTab::Terminal(other), main]
        }
        (_, Some(other)) => vec![main, DockTab::Terminal(other)],
        (_, None) => vec![main],
    }
}

fn tabs(session: &Session, shown: &[DockTab], beside: Option<TerminalId>) -> Vec<DockTabView> {
    let world = session.world();
    let front = match session.layout().dock {
        DockTab::Terminal(id) => Some(id),
        _ => None,
    };
    let tab = |tab: DockTab, name: String, count: Option<String>| DockTabView {
        tab,
        name,
        count,
        on: shown.contains(&tab),
        swaps: front.filter(|_| beside.map(DockTab::Terminal) == Some(tab)),
        running: matches!(tab, DockTab::Terminal(id) if session.shell().has_running(id)),
    };
    let terminals = session.shell().terminals().map(|terminal| {
        let id = terminal.id();
        tab(DockTab::Terminal(id), format!("Terminal {}", id.0), None)
    });
    let records = Some(whole(records::stored(session)));
    let groups = Some(whole(facts::groups(world).len() as u64));
    let mut tabs: Vec<DockTabView> = terminals.collect();
    tabs.push(tab(DockTab::Records, "Records".to_owned(), records));
    tabs.push(tab(DockTab::Groups, "Groups".to_owned(), groups));
    tabs.push(tab(DockTab::Protocol, "Protocol log".to_owned(), None));
    tabs.push(tab(DockTab::Metrics, "Metrics".to_owned(), None));
    tabs
}

fn body(session: &Session, memory: &mut Memory, tab: DockTab) -> PaneBody {
    match tab {
        DockTab::Terminal(id) => match terminal::terminal(session, memory, id) {
            Some(view) => PaneBody::Terminal(Rc::new(view)),
            // A terminal that was closed this very moment: there is always another to show.
            None => PaneBody::Records(records::records(session, memory)),
        },
        DockTab::Records => PaneBody::Records(records::records(session, memory)),
        DockTab::Groups => PaneBody::Groups(Rc::new(groups::groups(session))),
        DockTab::Protocol => PaneBody::Protocol(protocol_log::protocol_log(session, memory)),
        DockTab::Metrics => PaneBody::Metrics(metrics::metrics(session, memory)),
    }
}
