//! What happened when: rebalances, starts, stops, and the selected record.

use engine::time::SimTime;
use records::sorted::Arrange;
use session::journal::{Mark, MarkKind};
use session::selection::Selection;
use session::session::Session;

use super::span::{Span, clock};
use crate::keys::{KeyMark, KeySlots};

/// So many marks are drawn; older ones of a busy time are left out.
const MOST: usize = 60;
/// A letter of a label takes about this part of the width, in per cent.
const LETTER: f64 = 0.56;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkView {
    /// When, in microseconds since the scene opened.
    pub at: u64,
    /// Per cent from the scene's beginning.
    pub x: f64,
    /// How it is drawn.
    pub icon: MarkIcon,
    /// A word or two beside it, where there is room.
    pub label: Option<&'static str>,
    /// What happened, to whom: `Rebalance of analytics`.
    pub title: String,
    /// When, as the clock shows it.
    pub time: String,
    /// What it is about, to select.
    pub selects: Option<Selection>,
}

/// How a mark is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum MarkIcon {
    /// A group shared its partitions anew: ◆.
    Rebalance,
    /// The cluster started: ○.
    Started,
    /// The cluster was removed: ✕.
    Stopped,
    /// The selected record: its key's glyph.
    Record(KeyMark),
}

/// A time without a cluster between two clusters, in per cent.
#[derive(Debug, Clone, PartialEq)]
pub struct Outage {
    /// From the scene's beginning.
    pub x: f64,
    /// Of the width in view.
    pub width: f64,
}

/// The marks in view, oldest first, and the times without a cluster.
pub fn marks(session: &Session, keys: &KeySlots, span: &Span) -> (Vec<MarkView>, Vec<Outage>) {
    let start = session.world().started_at();
    let journal = session.journal().marks();
    let outages = outages(
        journal.map(|mark| (mark.at.micros_since(start), &mark.what)),
        span,
    );
    let newest = session.journal().marks().rev();
    let mut found: Vec<MarkView> = newest
        .map(|mark| view(mark, start, span))
        .take_while(|mark| mark.at >= span.from)
        .take(MOST)
        .chain(selected(session, keys, span).filter(|mark| mark.at >= span.from))
        .collect();
    found.arrange_by_key(|mark| mark.at);
    drop_labels_without_room(&mut found, span);
    (found, outages)
}

fn view(mark: &Mark, start: SimTime, span: &Span) -> MarkView {
    let at = mark.at.micros_since(start);
    let (icon, label, title, selects) = match &mark.what {
        MarkKind::Rebalance(group) => (
            MarkIcon::Rebalance,
            "Rebalance",
            format!("Rebalance of {group}"),
            Some(Selection::Group(group.clone())),
        ),
        MarkKind::ClusterStarted => (
            MarkIcon::Started,
            "Cluster started",
            "Cluster started".to_owned(),
            None,
        ),
        MarkKind::ClusterStopped => (
            MarkIcon::Stopped,
            "Cluster removed",
            "Cluster removed".to_owned(),
            None,
        ),
    };
    MarkView {
        at,
        x: span.place(at),
        icon,
        label: Some(label),
        title,
        time: clock(at, true),
        selects,
    }
}

fn selected(session: &Session, keys: &KeySlots, span: &Span) -> Option<MarkView> {
    let Some(Selection::Record(partition, offset)) = session.selection() else {
        return None;
    };
    let record = world::facts::record(session.world(), partition, *offset)?;
    let at = SimTime::from_millis(record.timestamp)
        .0
        .checked_sub(session.world().started_at().0)?;
    Some(MarkView {
        at,
        x: span.place(at),
        icon: MarkIcon::Record(keys.known(record.key.as_deref())),
        label: Some("Selected record"),
        title: format!("{partition} @ {offset}"),
        time: clock(at, true),
        selects: session.selection().cloned(),
    })
}

/// A label stays where the next mark leaves room for it, and the head that stands at the present too.
fn drop_labels_without_room(marks: &mut [MarkView], span: &Span) {
    let mut next = span.place(span.now).min(span.moved() + 100.0);
    for mark in marks.iter_mut().rev() {
        let letters = mark.label.map_or(0, |label| label.chars().count());
        if mark.x + (letters as f64 + 3.0) * LETTER > next {
            mark.label = None;
        }
        next = mark.x;
    }
}

fn outages<'a>(marks: impl Iterator<Item = (u64, &'a MarkKind)>, span: &Span) -> Vec<Outage> {
    let mut found = Vec::new();
    let mut down = None;
    let mut close = |down: &mut Option<u64>, until: u64| {
        if let Some(from) = down.take().filter(|_| until > span.from) {
            let width = span.place(until.saturating_sub(from));
            found.push(Outage {
                x: span.place(from),
                width,
            });
        }
    };
    for (at, what) in marks {
        match what {
            MarkKind::ClusterStopped => down = Some(at),
            MarkKind::ClusterStarted => close(&mut down, at),
            MarkKind::Rebalance(_) => {}
        }
    }
    close(&mut down, span.now);
    found
}

#[cfg(test)]
mod tests {
    use super::{MarkIcon, MarkView, Outage, drop_labels_without_room, outages};
    use crate::timeline::span::Span;
    use session::journal::MarkKind;
    use session::layout::Window;

    const SECOND: u64 = 1_000_000;

    fn mark(x: f64) -> MarkView {
        MarkView {
            at: 0,
            x,
            icon: MarkIcon::Rebalance,
            label: Some("Rebalance"),
            title: String::new(),
            time: String::new(),
            selects: None,
        }
    }

    #[test]
    fn labels_do_not_run_into_each_other() {
        let mut marks = [mark(10.0), mark(12.0), mark(50.0), mark(97.0)];
        drop_labels_without_room(&mut marks, &Span::of(Window::Minute, 60 * SECOND));
        let kept: Vec<_> = marks.iter().map(|mark| mark.label.is_some()).collect();
        assert_eq!(kept, [false, true, true, false]);
        let mut marks = [mark(10.0), mark(50.0)];
        drop_labels_without_room(&mut marks, &Span::of(Window::Minute, 32 * SECOND));
        let kept: Vec<_> = marks.iter().map(|mark| mark.label.is_some()).collect();
        assert_eq!(kept, [true, false], "a label under the head of the present");
    }

    #[test]
    fn a_time_without_a_cluster_lasts_until_the_next_start_or_until_now() {
        let span = Span::of(Window::Minute, 60 * SECOND);
        let (stop, start) = (MarkKind::ClusterStopped, MarkKind::ClusterStarted);
        let marks = [
            (0, &start),
            (6 * SECOND, &stop),
            (12 * SECOND, &start),
            (54 * SECOND, &stop),
        ];
        let expected = [
            Outage {
                x: 10.0,
                width: 10.0,
            },
            Outage {
                x: 90.0,
                width: 10.0,
            },
        ];
        assert_eq!(outages(marks.into_iter(), &span), expected);
    }
}
