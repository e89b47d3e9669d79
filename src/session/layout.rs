//! What of the page is open and how the diagram is looked at: kept with the sitting, so that a
//! lesson, a link or a test can speak of it.

use records::sorted::{SortedMap, SortedSet};

use engine::ids::TopicPartition;
use serde::{Deserialize, Serialize};
use shell::terminal::TerminalId;

/// What of the page is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// The walkthrough on the left.
    pub left_open: bool,
    /// The inspector on the right.
    pub right_open: bool,
    /// The dock below; closed, only its tabs show.
    pub dock_open: bool,
    /// What the dock shows.
    pub dock: DockTab,
    /// A second terminal beside the first.
    pub split: Option<TerminalId>,
    /// Nothing but the diagram, larger.
    pub projector: bool,
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// On a phone: which panel fills the screen.
    pub phone_panel: PhonePanel,
    /// The inspector's open tab.
    pub inspector: InspectorTab,
    /// Whether single keys act as shortcuts.
    pub shortcuts: bool,
    /// How much of a phone's screen the dock takes, when it is open.
    pub sheet: Sheet,
    /// Widths and heights that were dragged.
    pub sizes: Sizes,
    /// How much time the timeline shows.
    pub window: Window,
}

impl Default for Layout {
    fn default() -> Layout {
        Layout {
            left_open: true,
            right_open: true,
            dock_open: true,
            dock: DockTab::Terminal(TerminalId(1)),
            split: None,
            projector: false,
            theme: Theme::System,
            phone_panel: PhonePanel::Flow,
            inspector: InspectorTab::Record,
            shortcuts: true,
            sheet: Sheet::Half,
            sizes: Sizes::default(),
            window: Window::Minute,
        }
    }
}

/// A tab of the dock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DockTab {
    /// One of the terminals.
    Terminal(TerminalId),
    /// Records as a table.
    Records,
    /// Groups as a table.
    Groups,
    /// Every request and response.
    Protocol,
    /// Rates and lag over time.
    Metrics,
}

/// A tab of the inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InspectorTab {
    /// The selected record.
    Record,
    /// The selected partition, or the selected record's.
    Partition,
    /// The selected group.
    Group,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// As the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What fills a phone's screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhonePanel {
    /// The diagram.
    Flow,
    /// The walkthrough.
    Walkthrough,
    /// The inspector.
    Record,
}

/// How much of a phone's screen the dock takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sheet {
    /// Only its tabs.
    Peek,
    /// A part.
    Half,
    /// All below the panels' tabs.
    Full,
}

/// How much time the timeline shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Window {
    /// A minute.
    Minute,
    /// Five minutes.
    FiveMinutes,
    /// All since the scene opened.
    All,
}

/// An edge between panels that can be dragged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edge {
    /// Between walkthrough and diagram.
    Left,
    /// Between diagram and inspector.
    Right,
    /// Between diagram and dock.
    Dock,
}

impl Edge {
    /// The smallest and the largest size that dragging gives, in CSS pixels.
    pub fn bounds(self) -> (u16, u16) {
        match self {
            Edge::Left => (280, 420),
            Edge::Right => (300, 480),
            Edge::Dock => (120, 1_200),
        }
    }

    /// The design's size in CSS pixels.
    pub fn usual(self) -> u16 {
        match self {
            Edge::Left => 320,
            Edge::Right => 340,
            Edge::Dock => 228,
        }
    }
}

/// Sizes of panels in CSS pixels, where they were dragged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// The walkthrough's width.
    pub left: Option<u16>,
    /// The inspector's width.
    pub right: Option<u16>,
    /// The dock's height.
    pub dock: Option<u16>,
}

impl Sizes {
    /// The size at an edge.
    pub fn at(&self, edge: Edge) -> u16 {
        let dragged = match edge {
            Edge::Left => self.left,
            Edge::Right => self.right,
            Edge::Dock => self.dock,
        };
        dragged.unwrap_or_else(|| edge.usual())
    }

    /// Sets the size at an edge, within its bounds; `None` is the design's.
    pub fn set(&mut self, edge: Edge, size: Option<u16>) {
        let (least, most) = edge.bounds();
        let size = size.map(|size| size.clamp(least, most));
        match edge {
            Edge::Left => self.left = size,
            Edge::Right => self.right = size,
            Edge::Dock => self.dock = size,
        }
    }
}

/// How the diagram is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowSettings {
    /// By topics or by brokers.
    pub arrange: Arrange,
    /// What to dim: everything that does not contain this text.
    pub filter: String,
    /// Per cent; 100 is the size of the design.
    pub zoom: u16,
    /// Lanes scrolled back: the offset at the right edge, for those that do not follow the log end.
    pub scrolled: SortedMap<TopicPartition, i64>,
    /// Topics whose lanes are folded although they would be open, or open although they would fold.
    pub toggled_topics: SortedSet<String>,
    /// Whether Kafka's own topics show.
    pub show_internal: bool,
}

impl Default for FlowSettings {
    fn default() -> FlowSettings {
        FlowSettings {
            arrange: Arrange::Topics,
            filter: String::new(),
            zoom: 100,
            scrolled: SortedMap::new(),
            toggled_topics: SortedSet::new(),
            show_internal: false,
        }
    }
}

/// How the storage column is arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arrange {
    /// Topics with their partitions.
    Topics,
    /// Brokers with their replicas.
    Brokers,
}
