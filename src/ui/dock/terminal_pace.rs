//! How fast a terminal talks: what comes faster than anyone can listen is told as a number.

use gloo::timers::callback::Interval;
use yew::prelude::*;

/// How often a fast terminal is summed up.
const EVERY_MILLIS: u32 = 2_000;
/// More lines than this in that time are too fast to be read out: five a second.
const LINES: u64 = 10;

/// How fast a terminal talks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pace {
    /// Whether its lines come too fast to be read out.
    pub fast: bool,
    /// What is said instead.
    pub summary: String,
}

/// How fast a terminal talks that has shown `seen` lines so far.
#[hook]
pub fn use_pace(seen: u64, records: bool) -> Pace {
    let pace = use_state(Pace::default);
    let now = use_mut_ref(|| (seen, records));
    let told = use_mut_ref(|| seen);
    *now.borrow_mut() = (seen, records);
    let burst = seen.saturating_sub(*told.borrow()) > LINES;
    {
        let pace = pace.clone();
        use_effect_with((), move |()| {
            let timer = Interval::new(EVERY_MILLIS, move || {
                let (seen, records) = *now.borrow();
                let new = seen.saturating_sub(*told.borrow());
                *told.borrow_mut() = seen;
                pace.set(summed_up(new, records));
            });
            move || drop(timer)
        });
    }
    Pace {
        fast: pace.fast || burst,
        summary: pace.summary.clone(),
    }
}

fn summed_up(new: u64, records: bool) -> Pace {
    if new <= LINES {
        return Pace::default();
    }
    let what = if records {
        "records received"
    } else {
        "lines of output"
    };
    Pace {
        fast: true,
        summary: format!("{new} {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, summed_up};

    #[test]
    fn fast_output_is_a_number() {
        assert_eq!(summed_up(10, true), Pace::default());
        assert_eq!(summed_up(42, true).summary, "42 records received");
        assert_eq!(summed_up(42, false).summary, "42 lines of output");
    }
}
