//! What can be done in a sitting, and what the page must do about it.

use serde::{Deserialize, Serialize};
use shell::terminal::TerminalId;

use crate::action::Action;
use crate::dock::DockLook;
use crate::layout::{Arrange, DockTab, Edge, InspectorTab, PhonePanel, Sheet, Theme, Window};
use crate::place::Place;
use crate::scene::SceneId;
use crate::selection::Selection;

/// Something that the person in front of the page did, or that time did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Msg {
    /// So many microseconds of the page's own time have passed.
    TimePassed(u64),
    /// Time goes on.
    Played,
    /// Time stands still.
    Paused,
    /// Time goes on by exactly one thing that one can see.
    Stepped,
    /// Time runs at this speed.
    SpeedChosen(Speed),
    /// A scene of the menu, from its start.
    SceneOpened(SceneId),
    /// This scene again, from its start.
    StartedOver,
    /// A line, or several, typed or pasted at a terminal and entered.
    LineEntered(TerminalId, String),
    /// Ctrl-C at a terminal.
    Interrupted(TerminalId),
    /// Ctrl-C at a terminal where this stood typed and not entered.
    LineAbandoned(TerminalId, String),
    /// Ctrl-D at a terminal.
    InputEnded(TerminalId),
    /// A command of the walkthrough, run in the terminal that suits it.
    CommandRun(String),
    /// A line of the walkthrough, typed where it belongs.
    LineRun(String, Place),
    /// A new terminal.
    TerminalOpened,
    /// A terminal and what runs in it are closed.
    TerminalClosed(TerminalId),
    /// What stands in a terminal is cleared.
    TerminalCleared(TerminalId),
    /// A button that touches the cluster.
    Acted(Action),
    /// Something was selected, or nothing.
    Selected(Option<Selection>),
    /// Something was selected to be looked at closely.
    Opened(Selection),
    /// The walkthrough's step that is looked at.
    StepChosen(usize),
    /// A notice was read.
    NoticeClosed(u64),
    /// The look of the page.
    Look(Look),
}

/// A change of what of the page is open and how the diagram is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Look {
    /// The walkthrough opens or closes.
    LeftToggled,
    /// The inspector opens or closes.
    RightToggled,
    /// The dock opens or closes.
    DockToggled,
    /// A tab of the dock.
    DockTab(DockTab),
    /// A second terminal beside the first, or no longer.
    Split(Option<TerminalId>),
    /// Projector view on or off.
    ProjectorToggled,
    /// Light or dark.
    Theme(Theme),
    /// A phone's panel.
    PhonePanel(PhonePanel),
    /// How much of a phone's screen the dock takes.
    Sheet(Sheet),
    /// A panel's edge was dragged: its new width or height in CSS pixels; `None` is the design's.
    Resized(Edge, Option<u16>),
    /// How much time the timeline shows.
    Window(Window),
    /// A tab of the inspector.
    InspectorTab(InspectorTab),
    /// Single-key shortcuts on or off.
    ShortcutsToggled,
    /// The diagram by topics or by brokers.
    Arranged(Arrange),
    /// What the diagram dims.
    Filtered(String),
    /// The diagram's size in per cent.
    Zoomed(u16),
    /// A lane scrolled so that this offset is at its right edge; `None` follows the log end.
    LaneScrolled(engine::ids::TopicPartition, Option<i64>),
    /// A topic's lanes fold or open.
    TopicToggled(String),
    /// Kafka's own topics show or hide.
    InternalToggled,
    /// What the dock's terminals and tables show.
    Dock(DockLook),
}

/// How fast simulated time runs, as a multiple of the page's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Speed {
    /// ¼×
    Quarter,
    /// ½×
    Half,
    /// 1×
    One,
    /// 2×
    Two,
    /// 4×
    Four,
    /// 8×
    Eight,
    /// 16×
    Sixteen,
}

impl Speed {
    /// All speeds, slowest first.
    pub const ALL: [Speed; 7] = [
        Speed::Quarter,
        Speed::Half,
        Speed::One,
        Speed::Two,
        Speed::Four,
        Speed::Eight,
        Speed::Sixteen,
    ];

    /// As the menu shows it.
    pub fn label(self) -> &'static str {
        match self {
            Speed::Quarter => "¼×",
            Speed::Half => "½×",
            Speed::One => "1×",
            Speed::Two => "2×",
            Speed::Four => "4×",
            Speed::Eight => "8×",
            Speed::Sixteen => "16×",
        }
    }

    /// Simulated microseconds for so many of the page's.
    pub fn scale(self, micros: u64) -> u64 {
        match self {
            Speed::Quarter => micros / 4,
            Speed::Half => micros / 2,
            Speed::One => micros,
            Speed::Two => micros.saturating_mul(2),
            Speed::Four => micros.saturating_mul(4),
            Speed::Eight => micros.saturating_mul(8),
            Speed::Sixteen => micros.saturating_mul(16),
        }
    }

    /// The next slower one, or itself.
    pub fn slower(self) -> Speed {
        Speed::ALL
            .iter()
            .rev()
            .copied()
            .find(|speed| *speed < self)
            .unwrap_or(self)
    }

    /// The next faster one, or itself.
    pub fn faster(self) -> Speed {
        Speed::ALL
            .iter()
            .copied()
            .find(|speed| *speed > self)
            .unwrap_or(self)
    }
}

/// What the page must do, because only it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Put the cursor into a terminal.
    FocusTerminal(TerminalId),
    /// Remember the look of the page for the next visit.
    RememberLook,
    /// Tell a screen reader.
    Announce(String),
}
