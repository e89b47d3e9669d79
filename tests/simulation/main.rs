//! Odd histories by seed: random inputs to a whole world, invariants swept after every step, and a
//! reference model (a list per partition) beside the engine. Every message names its seed:
//! `SEED=n cargo test -p playground-world --test simulation` plays one again.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test that fails panics

mod digest;
mod history;
mod model;
mod outages;
mod sitting;

/// Seeds in the ordinary run; `SEEDS=n` asks for more.
const SEEDS: u64 = 1_000;
/// Seeds of the histories in which brokers fail.
const OUTAGES: u64 = 60;

#[test]
fn a_thousand_odd_histories() {
    play_all(SEEDS, history::play);
}

#[test]
fn brokers_fail_and_return_and_nothing_acknowledged_is_lost() {
    play_all(OUTAGES, |seed| {
        let acknowledged = outages::play(seed);
        assert!(acknowledged > 50, "seed {seed}: {acknowledged} records");
    });
}

fn play_all(seeds: u64, play: impl Fn(u64) + Sync) {
    if let Some(seed) = number("SEED") {
        play(seed);
        return;
    }
    let seeds = number("SEEDS").unwrap_or(seeds);
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let play = &play;
    std::thread::scope(|scope| {
        for worker in 0..workers {
            scope.spawn(move || (worker..seeds).step_by(workers as usize).for_each(play));
        }
    });
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().expect("a number"))
}
