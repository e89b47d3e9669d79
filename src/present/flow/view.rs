//! The diagram laid out: every mark has its place, every label its text. Components only draw it.
//!
//! Lengths are in the drawing's own pixels; [`FlowView::scale`] says how large one is on screen.

use std::rc::Rc;

use engine::ids::{BrokerId, TopicPartition};
use session::selection::Selection;
use world::input::ClientId;

use super::input::Form;
use super::measure::Fitted;
use super::motion::{Dash, Dot};
use super::view_lane::LaneView;
use crate::keys::KeyMark;

/// The whole diagram.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlowView {
    /// Width and height of the drawing.
    pub size: (f64, f64),
    /// Screen pixels per drawing pixel.
    pub scale: f64,
    /// Desk or phone.
    pub form: Form,
    /// One sentence that says what is shown.
    pub label: String,
    /// Titles over the columns.
    pub columns: Vec<ColumnView>,
    /// The storage's frames: one, or one for each broker.
    pub frames: Vec<Rc<FrameView>>,
    /// Headers of topics.
    pub heads: Vec<Rc<HeadView>>,
    /// Partitions in sight.
    pub lanes: Vec<Rc<LaneView>>,
    /// Folded partitions.
    pub folds: Vec<Rc<FoldView>>,
    /// Producers in sight.
    pub producers: Vec<Rc<ProducerView>>,
    /// Groups in sight.
    pub groups: Vec<Rc<GroupView>>,
    /// Topics without a group.
    pub invitations: Vec<InvitationView>,
    /// All lines between nodes and lanes.
    pub edges: Rc<EdgesView>,
    /// What is said when there is nothing to show.
    pub empty: Option<EmptyView>,
    /// Records under way.
    pub dots: Vec<Dot>,
    /// Edges too busy for single records.
    pub dashes: Vec<Dash>,
    /// Where the view lies in the whole, when the canvas overflows: top and height as parts of 1.
    pub minimap: Option<(f64, f64)>,
}

/// A column's title.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnView {
    /// Its text.
    pub title: &'static str,
    /// Where the text begins.
    pub x: f64,
    /// Baseline of the text.
    pub y: f64,
    /// Left edge of the button that adds one.
    pub add_x: f64,
    /// What the button adds.
    pub adds: Adds,
}

/// What a button adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adds {
    /// A producer.
    Producer,
    /// A consumer group.
    Group,
}

/// A frame of the storage.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameView {
    /// Left, top, width, height.
    pub rect: Rect,
    /// Its title; a phone's frame has none.
    pub title: Option<String>,
    /// Baseline of the title.
    pub title_y: f64,
    /// Brokers shown in its header.
    pub brokers: Vec<BrokerView>,
    /// A remark at the right end: `RF 3`.
    pub note: Option<String>,
}

/// A broker in the storage's header.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokerView {
    /// The broker; `None` for "+2".
    pub id: Option<BrokerId>,
    /// Left edge, top, width.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// `B1`
    pub name: String,
    /// `controller`, `catching up`, `down`.
    pub note: Option<&'static str>,
    /// `""`, `w` or `e`, for the dot's colour.
    pub tone: &'static str,
    /// Read out.
    pub label: String,
}

/// A topic's header.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadView {
    /// The topic.
    pub topic: String,
    /// The strip it fills.
    pub rect: Rect,
    /// Whether it is the first thing in a rounded frame.
    pub round: bool,
    /// Its name.
    pub name: Fitted,
    /// Keys met in the topic.
    pub keys: Vec<HeadKey>,
    /// A remark at the right end, where no keys stand: `2 partitions · 20 msg/s`.
    pub note: Option<String>,
    /// Whether its lanes are folded away, and can be opened.
    pub folded: Option<bool>,
    /// Whether the filter passes over it.
    pub dim: bool,
}

/// A key in a topic's header.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadKey {
    /// Centre of the glyph.
    pub x: f64,
    /// Where the text begins.
    pub text_x: f64,
    /// The key.
    pub mark: KeyMark,
    /// Its text.
    pub text: Fitted,
}

/// Left, top, width, height.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rect {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// Left, top, width, height.
    pub fn new(x: f64, y: f64, w: f64, h: f64) -> Rect {
        Rect { x, y, w, h }
    }

    /// Its lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// Its right edge.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }
}

/// Folded partitions.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldView {
    /// What they fill.
    pub rect: Rect,
    /// The folded partitions.
    pub lanes: Vec<TopicPartition>,
    /// `P4–P17 · 14 partitions · lag 0`
    pub text: Fitted,
    /// Whether the filter passes over it.
    pub dim: bool,
}

/// A producer, or several with one prefix.
#[derive(Debug, Clone, PartialEq)]
pub struct ProducerView {
    /// What it fills.
    pub rect: Rect,
    /// What a click selects, or what it unfolds.
    pub target: NodeTarget,
    /// Client id, or `agent-* · 12`.
    pub name: Fitted,
    /// `2 keys · 11 sent`; a phone's node has none.
    pub sub: Option<Fitted>,
    /// Rate lately: left, top, height of each bar.
    pub spark: Vec<(f64, f64, f64)>,
    /// The selected record's colour, if it came from here.
    pub on: Option<u8>,
    /// Whether it is itself selected.
    pub picked: bool,
    /// Whether its sending is paused.
    pub paused: bool,
    /// The last exception.
    pub error: Option<String>,
    /// Whether the filter passes over it.
    pub dim: bool,
    /// Whether a record has just left (shown where nothing may travel).
    pub flash: bool,
    /// Read out.
    pub label: String,
}

/// What a click on a node does.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeTarget {
    /// Selects.
    Select(Selection),
    /// Shows all that it holds, or folds it again.
    Expand(String),
}

/// A consumer group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupView {
    /// The group.
    pub group: String,
    /// What its frame fills.
    pub rect: Rect,
    /// Its name.
    pub name: Fitted,
    /// `Stable`
    pub state: String,
    /// `err` for states that need help, `dim` while it rebalances, else empty.
    pub tone: &'static str,
    /// A phone's second line, instead of members.
    pub sub: Option<Fitted>,
    /// Its members.
    pub members: Vec<MemberView>,
    /// "+ 9 more": baseline and text.
    pub more: Option<(f64, String)>,
    /// How far a replay has come.
    pub progress: Option<ProgressView>,
    /// The selected record's colour, on the phone where the frame is the node.
    pub on: Option<u8>,
    /// Whether it is itself selected.
    pub picked: bool,
    /// Whether the filter passes over it.
    pub dim: bool,
    /// Read out.
    pub label: String,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberView {
    /// Its id.
    pub id: String,
    /// The client of this world that it is, if it is one.
    pub client: Option<ClientId>,
    /// What it fills.
    pub rect: Rect,
    /// Its name.
    pub name: Fitted,
    /// What it is assigned, as ranges.
    pub chips: Vec<ChipView>,
    /// `lag 2`, or `joining`.
    pub note: Option<String>,
    /// Whether the note is an exception's name.
    pub error: bool,
    /// The selected record's colour, if it is read here.
    pub on: Option<u8>,
    /// Whether it is itself selected.
    pub picked: bool,
    /// Whether a record has just arrived (shown where nothing may travel).
    pub flash: bool,
    /// Read out.
    pub label: String,
}

/// An assigned range.
#[derive(Debug, Clone, PartialEq)]
pub struct ChipView {
    /// Left edge.
    pub x: f64,
    /// Width.
    pub w: f64,
    /// `P0–P4`
    pub text: String,
}

/// How far a replay has come.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgressView {
    /// Left, top and width of the bar, and how much of it is filled.
    pub bar: Rect,
    /// Filled width.
    pub filled: f64,
    /// `12 of 20`
    pub text: String,
    /// `lag 13`
    pub lag: String,
    /// Baseline of both.
    pub text_y: f64,
}

/// A topic without a group: an invitation.
#[derive(Debug, Clone, PartialEq)]
pub struct InvitationView {
    /// The topic.
    pub topic: String,
    /// What it fills.
    pub rect: Rect,
    /// The topic's name.
    pub name: Fitted,
    /// Whether the filter passes over it.
    pub dim: bool,
}

/// All edges and the arrows at their ends.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EdgesView {
    /// Edges, those of the selected path last.
    pub edges: Vec<EdgeView>,
    /// Arrows into members: path data and colour.
    pub ports: Vec<(String, Option<u8>)>,
}

/// One edge.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeView {
    /// Path data.
    pub d: String,
    /// The selected record's colour, if its path runs here.
    pub on: Option<u8>,
    /// Line width, where it stands for several (log₂ of the rate).
    pub width: Option<f64>,
    /// Whether the filter passes over it.
    pub dim: bool,
    /// The node at its end, as [`node_key`] names it.
    pub node: String,
}

/// What is said when there is nothing to show.
#[derive(Debug, Clone, PartialEq)]
pub struct EmptyView {
    /// What it fills.
    pub rect: Rect,
    /// What is so.
    pub title: &'static str,
    /// What to do.
    pub text: &'static str,
    /// What the button does, if it has one.
    pub action: Option<EmptyAction>,
}

/// What the button of an empty picture does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyAction {
    /// Starts a cluster.
    StartCluster,
    /// Makes a topic.
    CreateTopic,
}

/// A name for a node that is the same in every frame.
pub fn node_key(selection: &Selection) -> String {
    match selection {
        Selection::Record(at, offset) => format!("r {at} {offset}"),
        Selection::Partition(at) => format!("l {at}"),
        Selection::Topic(topic) => format!("t {topic}"),
        Selection::Group(group) => format!("g {group}"),
        Selection::Client(id) => format!("p {}", id.0),
        Selection::Broker(id) => format!("b {id}"),
    }
}
