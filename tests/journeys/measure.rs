//! How soon the page draws, from the navigation on.

use playground_journeys::{Look, Screen, journey};

/// Loads that the median is taken of.
const LOADS: usize = 9;

/// Not a check: `cargo xtask bench` runs it and reads its lines.
#[test]
#[ignore = "measured by cargo xtask bench"]
fn measure_the_first_picture() {
    journey("measure", Look::on(Screen::Desktop), |page| {
        let mut paints = Vec::new();
        let mut pictures = Vec::new();
        for _ in 0..LOADS {
            page.open();
            paints.push(mark(page.run(
                "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0",
                vec![],
            )));
            pictures.push(mark(page.run(
                "return performance.getEntriesByName('drawn')[0].startTime",
                vec![],
            )));
        }
        println!(
            "bench\tnavigation to first paint, median\t{}\tms",
            median(paints)
        );
        println!(
            "bench\tnavigation to first interactive picture, median\t{}\tms",
            median(pictures)
        );
    });
}

/// Frames that the figures of one frame are taken of: ten seconds.
const FRAMES: usize = 600;

/// From now on each frame's own work is timed: the page's callback and what it leaves to microtasks (its
/// drawing), up to the callback that comes next in the same frame; then what the browser does to lay the
/// page out.
const TIME_FRAMES: &str = "
    const own = window.requestAnimationFrame.bind(window);
    window.timedFrames = [];
    window.requestAnimationFrame = (then) => {
        let began = 0;
        const handle = own((now) => { began = performance.now(); then(now); });
        own(() => {
            const worked = performance.now();
            document.body.offsetHeight;
            if (began) window.timedFrames.push([worked - began, performance.now() - worked]);
        });
        return handle;
    };";

/// Not a check: `cargo xtask bench` runs it and reads its lines.
#[test]
#[ignore = "measured by cargo xtask bench"]
fn measure_a_frame_at_rush_hour() {
    journey("measure-frames", Look::on(Screen::Desktop), |page| {
        page.open_at("#scene=rush-hour");
        page.reload();
        page.run(TIME_FRAMES, vec![]);
        let mut frames = Vec::new();
        while frames.len() < FRAMES {
            std::thread::sleep(std::time::Duration::from_secs(1));
            let timed = page.run("return window.timedFrames.splice(0)", vec![]);
            frames.extend(timed.as_array().expect("a list of frames").clone());
        }
        for (at, name) in [(0, "present and draw"), (1, "layout by the browser")] {
            let times: Vec<f64> = frames.iter().map(|frame| mark(frame[at].clone())).collect();
            let of = "one frame at rush hour";
            println!(
                "bench\t{of}: {name}, median\t{}\tms",
                share(times.clone(), 50)
            );
            println!("bench\t{of}: {name}, p99\t{}\tms", share(times, 99));
        }
    });
}

fn mark(value: serde_json::Value) -> f64 {
    value.as_f64().expect("a time in milliseconds")
}

fn median(times: Vec<f64>) -> f64 {
    share(times, 50)
}

/// The time that so many of a hundred stay within.
fn share(mut times: Vec<f64>, percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() * percent / 100]
}
