//! Rates and lag over time, as small charts.

use records::sorted::SortedMap;
use std::fmt::Write;
use std::rc::Rc;

use session::journal::{SAMPLE_MILLIS, Sample};
use session::session::Session;

use crate::flow::text::{rate_text, whole};
use crate::memory::Memory;
use crate::words;

/// Samples that a chart shows: two minutes.
const SHOWN: usize = 240;
/// A chart's box, in its own units.
pub const WIDTH: f64 = 240.0;
/// A chart's box, in its own units.
pub const HEIGHT: f64 = 56.0;
/// Groups with a chart of their own.
const GROUPS: usize = 24;

/// Rates and lag over time.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricsView {
    /// Records in, records out, then a chart for each group's lag.
    pub charts: Vec<Chart>,
    /// How many more groups there are.
    pub more: usize,
}

/// One chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What it counts.
    pub unit: &'static str,
    /// The newest value.
    pub now: String,
    /// The greatest value shown.
    pub most: String,
    /// The line, as an svg path.
    pub line: String,
    /// What lies below the line, as an svg path.
    pub area: String,
    /// The moments at both ends, by the page's clock.
    pub span: (String, String),
    /// The same in a sentence.
    pub summary: String,
}

/// Rates and lag as the sitting has them.
#[inline(never)]
pub fn metrics(session: &Session, memory: &mut Memory) -> Rc<MetricsView> {
    let newest = session
        .journal()
        .samples()
        .next_back()
        .map(|sample| sample.at);
    if let Some((known, view)) = &memory.metrics
        && *known == newest
    {
        return Rc::clone(view);
    }
    let view = Rc::new(view(session));
    memory.metrics = Some((newest, Rc::clone(&view)));
    view
}

fn view(session: &Session) -> MetricsView {
    let all = session.journal().samples();
    let skip = all.len().saturating_sub(SHOWN);
    let samples: Vec<&Sample> = all.skip(skip).collect();
    let started = session.world().started_at();
    let clock = |sample: Option<&&Sample>| {
        sample.map_or_else(String::new, |sample| {
            let text = words::clock(sample.at.millis_since(started));
            text.split('.').next().unwrap_or_default().to_owned()
        })
    };
    let span = (clock(samples.first()), clock(samples.last()));
    let per_second = |count: u64| count as f64 * 1_000.0 / SAMPLE_MILLIS as f64;
    let rate = |title: &str, of: fn(&Sample) -> u64| {
        let values: Vec<f64> = samples
            .iter()
            .map(|sample| per_second(of(sample)))
            .collect();
        chart(
            title.to_owned(),
            "records/s",
            &smooth(&values),
            rate_text,
            &span,
        )
    };
    let mut charts = vec![
        rate("Records in", |sample| sample.produced),
        rate("Records out", |sample| sample.consumed),
    ];
    let mut groups: SortedMap<&str, ()> = SortedMap::new();
    for sample in &samples {
        groups.extend(sample.lag.keys().map(|group| (group.as_str(), ())));
    }
    let lag_text = |lag: f64| whole(lag as u64);
    for group in groups.keys().take(GROUPS) {
        let lag = |sample: &&Sample| sample.lag.get(*group).copied().unwrap_or(0) as f64;
        let values: Vec<f64> = samples.iter().map(lag).collect();
        charts.push(chart(
            format!("Lag of {group}"),
            "records",
            &values,
            lag_text,
            &span,
        ));
    }
    MetricsView {
        charts,
        more: groups.len().saturating_sub(GROUPS),
    }
}

/// The mean of each value and the one before it: a rate over a second jumps less than one over half.
fn smooth(values: &[f64]) -> Vec<f64> {
    let before = values.first().into_iter().chain(values);
    before.zip(values).map(|(a, b)| (a + b) / 2.0).collect()
}

fn chart(
    title: String,
    unit: &'static str,
    values: &[f64],
    text: fn(f64) -> String,
    span: &(String, String),
) -> Chart {
    let most = values.iter().copied().fold(0.0, f64::max);
    let now = values.last().copied().unwrap_or(0.0);
    let line = line(values, most);
    let area = match values.is_empty() {
        true => String::new(),
        false => format!("{line}V{HEIGHT}H0Z"),
    };
    let summary = format!(
        "{title}: {} {unit} now, at most {} from {} to {}.",
        text(now),
        text(most),
        span.0,
        span.1
    );
    Chart {
        unit,
        now: text(now),
        most: text(most),
        line,
        area,
        span: span.clone(),
        summary,
        title,
    }
}

/// The values from left to right over the whole width; the greatest reaches the top.
fn line(values: &[f64], most: f64) -> String {
    let mut path = String::new();
    let steps = values.len().saturating_sub(1).max(1) as f64;
    for (at, value) in values.iter().enumerate() {
        let x = at as f64 / steps * WIDTH;
        let share = if most > 0.0 { value / most } else { 0.0 };
        let y = HEIGHT - 2.0 - share * (HEIGHT - 4.0);
        let verb = if at == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{verb}{x:.1} {y:.1}");
    }
    // A single value is a level, not a point.
    if values.len() == 1 {
        let _ = write!(path, "H{WIDTH}");
    }
    path
}

#[cfg(test)]
mod tests {
    use super::{line, smooth};

    #[test]
    fn a_line_spans_the_box_and_its_greatest_value_the_height() {
        assert_eq!(
            line(&[0.0, 10.0, 5.0], 10.0),
            "M0.0 54.0L120.0 2.0L240.0 28.0"
        );
        assert_eq!(line(&[3.0], 3.0), "M0.0 2.0H240");
        assert_eq!(line(&[0.0, 0.0], 0.0), "M0.0 54.0L240.0 54.0");
        assert_eq!(line(&[], 0.0), "");
        assert_eq!(smooth(&[2.0, 4.0, 0.0]), [2.0, 3.0, 2.0]);
    }
}
