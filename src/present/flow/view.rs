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

/// One partition.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneView {
    /// The partition.
    pub at: TopicPartition,
    /// What it fills.
    pub rect: Rect,
    /// Read out.
    pub label: String,
    /// `P0`
    pub name: String,
    /// Left end and baseline of the name.
    pub name_at: (f64, f64),
    /// Whether the selection lies in it.
    pub selected: bool,
    /// Whether the filter passes over it.
    pub dim: bool,
    /// The broker whose replica it is (the Brokers arrangement).
    pub broker: Option<BrokerId>,
    /// Whether it is a follower's copy (the Brokers arrangement).
    pub follower: bool,
    /// Topic and role, in the place of badges (the Brokers arrangement): left end, baselines, texts.
    pub of: Option<(f64, f64, Fitted, &'static str)>,
    /// Brokers that hold it.
    pub badges: Vec<BadgeView>,
    /// Line along the top into the log's end: path data, and the arrow's.
    pub rail: Option<RailView>,
    /// The offset behind the last in sight.
    pub to: i64,
    /// The first offset stored.
    pub log_start: i64,
    /// The offset the next record gets.
    pub log_end: i64,
    /// Said instead of cells: "No records yet. Send one."
    pub remark: Option<(f64, f64, &'static str)>,
    /// Whether no broker leads it: where the badge stands.
    pub leaderless: Option<(f64, f64)>,
    /// Height of a cell and of its text.
    pub cell_style: CellStyle,
    /// Records in sight.
    pub cells: Vec<CellView>,
    /// Torn edge at the left: older records.
    pub older: Option<TornView>,
    /// Torn edge at the right: newer records.
    pub newer: Option<TornView>,
    /// The dashed cell: the offset the next record gets.
    pub slot: Option<SlotView>,
    /// The high watermark.
    pub hw: Option<HwView>,
    /// The ring about the selected cell.
    pub ring: Option<Rect>,
    /// The log as one bar, when zoomed far out.
    pub bar: Option<BarView>,
    /// One row for each group that reads it.
    pub rows: Vec<RowView>,
    /// Whether a record has just arrived (shown where nothing may travel).
    pub flash: bool,
}

/// How much a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellStyle {
    /// The glyph alone.
    Small,
    /// Offset and glyph.
    #[default]
    Full,
    /// Offset, glyph, key and the beginning of the value.
    Wide,
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

/// A broker's badge on a lane.
#[derive(Debug, Clone, PartialEq)]
pub struct BadgeView {
    /// Left edge.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// `B1`, or `+2`.
    pub text: String,
    /// `lead`, `isr` or `osr`.
    pub class: &'static str,
    /// The tooltip: `Broker 1: leader`.
    pub title: String,
}

/// The write rail.
#[derive(Debug, Clone, PartialEq)]
pub struct RailView {
    /// Path data of the line.
    pub d: String,
    /// Path data of the arrow.
    pub head: String,
    /// The selected record's colour, if its path runs here.
    pub on: Option<u8>,
    /// Whether it leads nowhere: no leader.
    pub broken: bool,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct CellView {
    /// Its offset.
    pub offset: i64,
    /// What it fills.
    pub rect: Rect,
    /// Its key.
    pub key: KeyMark,
    /// Whether it is selected.
    pub selected: bool,
    /// Whether it lies behind the high watermark.
    pub unreplicated: bool,
    /// Whether the filter passes over it.
    pub dim: bool,
    /// Key and beginning of the value, in a wide cell.
    pub wide: Option<(Fitted, Fitted)>,
    /// Read out.
    pub label: String,
}

/// A torn edge that more records lie behind.
#[derive(Debug, Clone, PartialEq)]
pub struct TornView {
    /// Path data.
    pub d: String,
    /// Where the `…` stands.
    pub text: (f64, f64),
    /// Read out: `12 older records`.
    pub label: String,
}

/// The log's end.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotView {
    /// What it fills.
    pub rect: Rect,
    /// The offset, empty in a small cell.
    pub text: String,
}

/// The high watermark.
#[derive(Debug, Clone, PartialEq)]
pub struct HwView {
    /// Where the tick stands.
    pub x: f64,
    /// Its upper end.
    pub y1: f64,
    /// Its lower end.
    pub y2: f64,
    /// `HW 10`, and its right end and baseline.
    pub text: Option<(f64, f64, String)>,
}

/// A whole log as one bar.
#[derive(Debug, Clone, PartialEq)]
pub struct BarView {
    /// The log.
    pub log: Rect,
    /// The greatest lag, at its end.
    pub lag: Rect,
}

/// A group's row under a lane.
#[derive(Debug, Clone, PartialEq)]
pub struct RowView {
    /// The group; several merged have a name of their own.
    pub group: String,
    /// The group's name.
    pub name: Fitted,
    /// Where the name begins.
    pub name_x: f64,
    /// HW − committed; `–` while nothing is committed.
    pub lag: String,
    /// Whether nothing is left to read.
    pub zero: bool,
    /// Right end of the lag.
    pub lag_x: f64,
    /// The middle of the track.
    pub y: f64,
    /// The thin line before the committed offset: left and right end.
    pub base: (f64, f64),
    /// Read, not committed: left end and width.
    pub read: Option<(f64, f64)>,
    /// Not read: left end and width.
    pub unread: Option<(f64, f64)>,
    /// The line that leaves the row: left and right end.
    pub rail: Option<(f64, f64)>,
    /// The selected record's colour, if its path leaves here.
    pub on: Option<u8>,
    /// The position.
    pub caret: Option<f64>,
    /// The committed offset.
    pub flag: Option<FlagView>,
    /// Read out.
    pub label: String,
}

/// The committed offset's flag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlagView {
    /// Its pole.
    pub x: f64,
    /// Whether it stands on the triangle: nothing read is uncommitted.
    pub on_caret: bool,
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
