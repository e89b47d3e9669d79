//! The timeline: records produced over time, and what happened when.
//!
//! - [`span`]: how much time is in view
//! - [`bars`]: how many records were produced when
//! - [`marks`]: rebalances, starts, stops, the selected record
//!
//! Places are per cent of the width in view, counted from the scene's beginning, so that what has
//! been drawn stays as it is while time goes on: only the whole moves to the left.

pub mod bars;
pub mod marks;
pub mod span;

use session::layout::Window;
use session::session::Session;

use crate::keys::KeySlots;
use bars::Bar;
use marks::{MarkView, Outage};
use span::{Span, Tick, clock};

/// What the timeline shows.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineView {
    /// Whether time goes on.
    pub playing: bool,
    /// How much time was chosen to be in view.
    pub window: Window,
    /// The time in view.
    pub span: Span,
    /// Records produced.
    pub bars: Vec<Bar>,
    /// Marks of the scale.
    pub ticks: Vec<Tick>,
    /// What happened.
    pub marks: Vec<MarkView>,
    /// Times without a cluster between two clusters.
    pub outages: Vec<Outage>,
}

/// What stands at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Microseconds since the scene opened.
    pub at: u64,
    /// The moment: `00:12.5`.
    pub time: String,
    /// What was produced around it, and what happened there.
    pub text: String,
    /// The mark that stands there, by its number.
    pub mark: Option<usize>,
}

/// The timeline of a sitting; `keys` knows which glyph a record key has.
pub fn timeline(session: &Session, keys: &KeySlots) -> TimelineView {
    let span = Span::of(session.layout().window, session.elapsed_micros());
    let (marks, outages) = marks::marks(session, keys, &span);
    TimelineView {
        playing: session.playing(),
        window: session.layout().window,
        bars: bars::bars(session, &span),
        ticks: span.ticks(),
        marks,
        outages,
        span,
    }
}

impl TimelineView {
    /// What stands at a moment, `at` microseconds since the scene opened.
    pub fn reading(&self, at: u64) -> Reading {
        let at = at.min(self.span.now);
        let bar = self.bars.iter().find(|bar| bar.covers(at));
        let near = self.span.length / 100;
        let marks = self.marks.iter().enumerate();
        let mark = marks
            .filter(|(_, mark)| mark.at.abs_diff(at) <= near)
            .min_by_key(|(_, mark)| mark.at.abs_diff(at));
        let records = match bar.map_or(0, |bar| bar.records) {
            0 => "no records".to_owned(),
            1 => "1 record".to_owned(),
            many => format!("{many} records"),
        };
        let text = match mark {
            Some((_, mark)) => format!("{records} · {}", mark.title),
            None => records,
        };
        Reading {
            at,
            time: clock(at, true),
            text,
            mark: mark.map(|(number, _)| number),
        }
    }

    /// Where time stands, for a screen reader.
    pub fn spoken(&self) -> String {
        let seconds = clock(self.span.now, true);
        let state = if self.playing { "live" } else { "paused" };
        format!("{seconds}, {state}")
    }
}
