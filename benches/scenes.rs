//! A sitting at rush hour: fifty partitions on three brokers, thirty clients.

use crate::measure::Bench;
use engine::time::SimTime;
use session::msg::Msg;
use session::scene::SceneId;
use session::session::Session;

/// One frame at sixty a second, in microseconds.
const FRAME_MICROS: u64 = 16_700;
const FRAMES: usize = 1_200;
const SIMULATED_MILLIS: u32 = 1_000;

/// What the sitting costs: a frame of it, a second of its world, and opening it.
pub fn rush_hour(bench: &Bench) {
    let open = || Session::open(SceneId::Busy, 7, SimTime(1_700_000_000_000_000));
    bench.times("rush hour: opening the scene", 5, open);
    let mut session = open();
    bench.times(
        "rush hour: time passes for one frame of 16.7 ms",
        FRAMES,
        || session.update(Msg::TimePassed(FRAME_MICROS)),
    );
    let mut world = open().world().clone();
    bench.rate("rush hour: simulated seconds", (1, "s"), None, || {
        world.run_until(world.now().plus_millis(i64::from(SIMULATED_MILLIS)));
        world.take_events().len()
    });
    let mut world = open().world().clone();
    bench.rate("rush hour: steps of the world", (1, "step"), None, || {
        let step = world.step().expect("it never ends");
        world.take_events();
        step
    });
    bench.times("rush hour: a copy of the sitting", 50, || session.clone());
}
