//! A lane laid out: the part of [`super::view`] that every partition has.

use engine::ids::{BrokerId, TopicPartition};

use super::measure::Fitted;
use super::view::Rect;
use crate::keys::KeyMark;

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

impl LaneView {
    /// A lane of which nothing but its place is known.
    pub fn bare(at: TopicPartition, rect: Rect) -> LaneView {
        LaneView {
            at,
            rect,
            label: String::new(),
            name: String::new(),
            name_at: (rect.x, rect.y),
            selected: false,
            dim: false,
            broker: None,
            follower: false,
            of: None,
            badges: Vec::new(),
            rail: None,
            to: 0,
            log_start: 0,
            log_end: 0,
            remark: None,
            leaderless: None,
            cell_style: CellStyle::Full,
            cells: Vec::new(),
            older: None,
            newer: None,
            slot: None,
            hw: None,
            ring: None,
            bar: None,
            rows: Vec::new(),
            flash: false,
        }
    }
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
