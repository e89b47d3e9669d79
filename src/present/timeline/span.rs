//! How much time is in view, and the scale below it.

use session::layout::Window;

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
/// What "all" can span, before it grows hour by hour.
const SPANS: [u64; 9] = [
    MINUTE,
    2 * MINUTE,
    3 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    60 * MINUTE,
];

/// The time in view, in microseconds since the scene opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub from: u64,
    /// How long it is; never 0.
    pub length: u64,
    /// Where time stands.
    pub now: u64,
}

/// A mark of the scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Per cent from the scene's beginning.
    pub x: f64,
    /// The time, at every second mark.
    pub label: Option<String>,
    /// Whether the label stays where there is little room.
    pub sparse: bool,
}

impl Span {
    /// The time in view: from the beginning until it is full, then with the newest at the right edge.
    pub fn of(window: Window, now: u64) -> Span {
        let length = match window {
            Window::Minute => MINUTE,
            Window::FiveMinutes => 5 * MINUTE,
            Window::All => {
                let hours = now.div_ceil(60 * MINUTE).saturating_mul(60 * MINUTE);
                SPANS.into_iter().find(|span| *span >= now).unwrap_or(hours)
            }
        };
        Span {
            from: now.saturating_sub(length),
            length,
            now,
        }
    }

    /// A moment's place: per cent of the width, from the scene's beginning.
    pub fn place(&self, at: u64) -> f64 {
        at as f64 * 100.0 / self.length as f64
    }

    /// How far the whole has moved to the left, in per cent of the width.
    pub fn moved(&self) -> f64 {
        self.place(self.from)
    }

    /// The playhead's place: per cent of the width in view.
    pub fn playhead(&self) -> f64 {
        self.place(self.now.saturating_sub(self.from))
    }

    /// The moment at a part (0 to 1) of the width in view; never after now.
    pub fn moment(&self, part: f64) -> u64 {
        let within = (part.clamp(0.0, 1.0) * self.length as f64) as u64;
        self.from.saturating_add(within).min(self.now)
    }

    /// The scale: about six labels, with a mark between each two.
    pub fn ticks(&self) -> Vec<Tick> {
        let step = self.step() / 2;
        let first = self.from.div_ceil(step);
        let last = self.from.saturating_add(self.length) / step;
        let tick = |number: u64| {
            let at = number.saturating_mul(step);
            Tick {
                x: self.place(at),
                sparse: number.is_multiple_of(4),
                label: number.is_multiple_of(2).then(|| clock(at, false)),
            }
        };
        (first..=last).map(tick).collect()
    }

    fn step(&self) -> u64 {
        const STEPS: [u64; 7] = [10, 20, 30, 60, 120, 300, 600];
        let fits = |step: &u64| self.length / (step * SECOND) <= 6;
        STEPS
            .into_iter()
            .find(fits)
            .map_or(self.length / 6, |step| step * SECOND)
            .max(2)
    }
}

/// `00:42`, with hours once there are any; `tenths` adds `.3`.
pub fn clock(micros: u64, tenths: bool) -> String {
    let seconds = micros / SECOND;
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let mut text = match hours {
        0 => format!("{minutes:02}:{rest:02}"),
        _ => format!("{hours}:{minutes:02}:{rest:02}"),
    };
    if tenths {
        text.push_str(&format!(".{}", micros / 100_000 % 10));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{MINUTE, SECOND, Span, clock};
    use session::layout::Window;

    #[test]
    fn a_minute_fills_before_it_moves() {
        let early = Span::of(Window::Minute, 42 * SECOND);
        assert_eq!((early.from, early.playhead()), (0, 70.0));
        let late = Span::of(Window::Minute, 90 * SECOND);
        assert_eq!(
            (late.from, late.playhead(), late.moved()),
            (30 * SECOND, 100.0, 50.0)
        );
    }

    #[test]
    fn all_always_holds_all() {
        for now in [0, MINUTE, MINUTE + 1, 61 * MINUTE, 5_000 * MINUTE] {
            let span = Span::of(Window::All, now);
            assert_eq!(span.from, 0);
            assert!(span.length >= now, "{now}");
        }
    }

    #[test]
    fn the_scale_is_labelled_every_ten_seconds_of_a_minute() {
        let ticks = Span::of(Window::Minute, 0).ticks();
        assert_eq!(ticks.len(), 13);
        let labels: Vec<_> = ticks.into_iter().filter_map(|tick| tick.label).collect();
        assert_eq!(
            labels,
            [
                "00:00", "00:10", "00:20", "00:30", "00:40", "00:50", "01:00"
            ]
        );
    }

    #[test]
    fn a_place_in_view_is_a_moment_that_has_been() {
        let span = Span::of(Window::Minute, 90 * SECOND);
        assert_eq!(span.moment(0.5), 60 * SECOND);
        let early = Span::of(Window::Minute, 10 * SECOND);
        assert_eq!(early.moment(0.9), 10 * SECOND);
    }

    #[test]
    fn times_are_told_with_hours_once_there_are_any() {
        assert_eq!(clock(42_350_000, true), "00:42.3");
        assert_eq!(clock(3_661 * SECOND, false), "1:01:01");
    }
}
