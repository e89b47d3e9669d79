//! How many records were produced when.

use session::journal::{SAMPLE_MILLIS, Sample};
use session::session::Session;

use super::span::Span;

/// So many bars fill the width.
const BARS: u64 = 120;
/// A bar takes this part of its place.
const FILL: f64 = 0.83;
/// The tallest bar and the smallest, in CSS pixels.
const TALLEST: f64 = 19.0;
const SMALLEST: f64 = 3.5;
/// A scene in which little happens has low bars all the same.
const LEAST_PEAK: u64 = 4;

/// Records produced in a stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Where it begins, in microseconds since the scene opened.
    pub from: u64,
    /// How long it is.
    pub length: u64,
    /// How many records.
    pub records: u64,
    /// Per cent from the scene's beginning.
    pub x: f64,
    /// Per cent of the width in view.
    pub width: f64,
    /// CSS pixels.
    pub height: f64,
}

impl Bar {
    /// Whether a moment lies in its stretch of time.
    pub fn covers(&self, at: u64) -> bool {
        at.checked_sub(self.from)
            .is_some_and(|within| within < self.length)
    }
}

/// The bars in view; times in which nothing was produced have none.
pub fn bars(session: &Session, span: &Span) -> Vec<Bar> {
    let start = session.world().started_at();
    let samples = session.journal().samples();
    let counts = samples
        .rev()
        .map(|sample: &Sample| (sample.at.micros_since(start), sample.produced));
    heights(counts, span)
}

/// Sums up samples, newest first, each with the end of the time it covers.
fn heights(samples: impl Iterator<Item = (u64, u64)>, span: &Span) -> Vec<Bar> {
    let stretch = stretch(span);
    let mut sums: Vec<(u64, u64)> = Vec::new();
    for (end, produced) in samples {
        let number = end.saturating_sub(1) / stretch;
        if number < span.from / stretch {
            break;
        }
        match sums.last_mut() {
            Some((last, sum)) if *last == number => *sum = sum.saturating_add(produced),
            _ => sums.push((number, produced)),
        }
    }
    let peak = sums
        .iter()
        .map(|(_, sum)| *sum)
        .max()
        .unwrap_or(0)
        .max(LEAST_PEAK);
    let bar = |(number, records): (u64, u64)| {
        let from = number.saturating_mul(stretch);
        Bar {
            from,
            length: stretch,
            records,
            x: span.place(from),
            width: span.place(stretch) * FILL,
            height: SMALLEST + (TALLEST - SMALLEST) * records as f64 / peak as f64,
        }
    };
    sums.into_iter()
        .rev()
        .filter(|(_, sum)| *sum > 0)
        .map(bar)
        .collect()
}

/// How much time a bar sums up: whole samples.
fn stretch(span: &Span) -> u64 {
    let sample = SAMPLE_MILLIS.unsigned_abs() * 1_000;
    span.length
        .div_ceil(BARS)
        .div_ceil(sample)
        .saturating_mul(sample)
}

#[cfg(test)]
mod tests {
    use super::{TALLEST, heights};
    use crate::timeline::span::Span;
    use session::layout::Window;

    const HALF: u64 = 500_000;

    #[test]
    fn each_half_second_of_a_minute_has_its_bar() {
        let span = Span::of(Window::Minute, 20 * HALF);
        let samples = [(3 * HALF, 8), (2 * HALF, 0), (HALF, 4), (0, 0)];
        let bars = heights(samples.into_iter(), &span);
        let seen: Vec<_> = bars.iter().map(|bar| (bar.from, bar.records)).collect();
        assert_eq!(seen, [(0, 4), (2 * HALF, 8)]);
        assert_eq!(bars.last().map(|bar| bar.height), Some(TALLEST));
        assert!(bars[0].covers(0) && !bars[0].covers(HALF));
    }

    #[test]
    fn five_minutes_sum_up() {
        let span = Span::of(Window::FiveMinutes, 600 * HALF);
        let samples = (1..=10).rev().map(|end| (end * HALF, 1));
        let records: Vec<_> = heights(samples, &span)
            .iter()
            .map(|bar| bar.records)
            .collect();
        assert_eq!(records, [5, 5]);
    }

    #[test]
    fn what_is_out_of_view_is_not_drawn() {
        let span = Span::of(Window::Minute, 400 * HALF);
        let samples = (1..=400).rev().map(|end| (end * HALF, 1));
        assert_eq!(heights(samples, &span).len(), 120);
    }
}
