//! Measuring: rounds long enough for a coarse clock, and the best of them, because whatever else the machine
//! does can only slow one down.

use std::hint::black_box;

/// Rounds that the best is taken of.
const ROUNDS: usize = 12;
/// How long one round lasts at least, in milliseconds: a browser's clock may tick only every 0.1 ms.
const ROUND_MS: f64 = 60.0;

/// What to compare a figure with: the name of another figure of the same run.
pub type Ceiling<'a> = Option<&'a str>;

/// A clock in milliseconds, and where the figures go.
pub struct Bench<'a> {
    /// Milliseconds since some moment.
    pub now: &'a dyn Fn() -> f64,
    /// Takes one line of output.
    pub say: &'a dyn Fn(&str),
    /// Only what has this in its name is measured; empty for all.
    pub only: &'a str,
}

impl Bench<'_> {
    /// Measures how many `unit`s a second `work` gets done, where one call does `amount` of them.
    pub fn rate<T>(
        &self,
        name: &str,
        (amount, unit): (u32, &str),
        ceiling: Ceiling<'_>,
        mut work: impl FnMut() -> T,
    ) {
        if !name.contains(self.only) {
            return;
        }
        self.round(&mut work);
        let best = (0..ROUNDS)
            .map(|_| f64::from(amount) * 1000.0 / self.round(&mut work))
            .fold(0.0, f64::max);
        self.figure(name, best, &format!("{unit}/s"), ceiling);
    }

    /// Measures how long one call of `work` takes, over `calls` of them: the median and the 99th percentile.
    pub fn times<T>(&self, name: &str, calls: usize, mut work: impl FnMut() -> T) {
        if !name.contains(self.only) {
            return;
        }
        black_box(work());
        let mut times: Vec<f64> = (0..calls)
            .map(|_| {
                let started = (self.now)();
                black_box(work());
                (self.now)() - started
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get(calls * share / 100).copied().unwrap_or_default();
        self.figure(&format!("{name}, median"), at(50), "ms", None);
        self.figure(&format!("{name}, p99"), at(99), "ms", None);
    }

    /// Gives out one figure.
    pub fn figure(&self, name: &str, value: f64, unit: &str, ceiling: Ceiling<'_>) {
        (self.say)(&format!(
            "bench\t{name}\t{value}\t{unit}\t{}",
            ceiling.unwrap_or_default()
        ));
    }

    /// Calls `work` for one round and returns the milliseconds that one call took.
    fn round<T>(&self, work: &mut impl FnMut() -> T) -> f64 {
        let started = (self.now)();
        let mut calls = 0_u32;
        let mut burst = 1_u32;
        loop {
            for _ in 0..burst {
                black_box(work());
            }
            calls = calls.saturating_add(burst);
            let elapsed = (self.now)() - started;
            if elapsed >= ROUND_MS {
                return elapsed / f64::from(calls);
            }
            // Asking the clock is dear in a browser: ask less often while calls are short.
            burst = burst.saturating_mul(2).min(calls.max(1));
        }
    }
}
