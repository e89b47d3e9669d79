//! A sitting at rush hour: fifty partitions on three brokers, thirty clients.

use crate::measure::Bench;
use engine::time::SimTime;
use present::flow::memory::FlowMemory;
use present::flow::sitting::{self, Page};
use session::action::Action;
use session::msg::Msg;
use session::scene::SceneId;
use session::session::Session;
use world::input::ClientId;

/// One frame at sixty a second, in microseconds.
const FRAME_MICROS: u64 = 16_700;
const FRAMES: usize = 600;
/// What a thousand records a second take of twelve producers: one record every so often.
const THOUSAND_A_SECOND_MICROS: u64 = 12_000;

/// What a sitting costs: opening it, a frame of it, a second of its world.
pub fn rush_hour(bench: &Bench) {
    if !bench.only.is_empty() && !bench.only.starts_with("rush hour") {
        return;
    }
    let open = || Session::open(SceneId::Busy, 7, SimTime(1_700_000_000_000_000));
    bench.times("rush hour: opening the scene", 5, open);
    let session = open();
    bench.times("rush hour: a copy of the sitting", 50, || session.clone());
    frames(bench, "rush hour", open());
    frames(bench, "rush hour, 1000 records/s", hurried(open()));

    let mut world = open().world().clone();
    bench.rate("rush hour: simulated seconds", (1, "s"), None, || {
        world.run_until(world.now().plus_millis(1_000));
        world.take_events().len()
    });
    bench.rate("rush hour: steps of the world", (1, "step"), None, || {
        let step = world.step().expect("it never ends");
        world.take_events();
        step
    });
}

/// Time passes, then the diagram is computed, frame by frame.
fn frames(bench: &Bench, scene: &str, mut session: Session) {
    let name = format!("{scene}: 16.7 ms pass");
    bench.times(&name, FRAMES, || {
        session.update(Msg::TimePassed(FRAME_MICROS))
    });
    let page = Page {
        viewport: (780.0, 506.0),
        ..Page::default()
    };
    let mut memory = FlowMemory::default();
    let name = format!("{scene}: 16.7 ms pass, the diagram is laid out");
    bench.times(&name, FRAMES, || {
        session.update(Msg::TimePassed(FRAME_MICROS));
        sitting::view(&session, &page, &mut memory, &|text, _| {
            text.chars().count() as f64 * 7.0
        })
    });
}

/// The same sitting with producers in a hurry, and a while later.
fn hurried(mut session: Session) -> Session {
    let producers: Vec<ClientId> = session
        .world()
        .clients()
        .filter(|(_, client)| client.workload().is_some())
        .map(|(id, _)| id)
        .collect();
    for id in producers {
        let client = session.world().client(id).expect("a producer");
        let mut workload = client.workload().expect("a workload").workload.clone();
        workload.interval_micros = THOUSAND_A_SECOND_MICROS;
        session.update(Msg::Acted(Action::SetWorkload(id, Some(workload))));
    }
    for _ in 0..200 {
        session.update(Msg::TimePassed(FRAME_MICROS));
    }
    session
}
