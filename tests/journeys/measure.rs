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

fn mark(value: serde_json::Value) -> f64 {
    value.as_f64().expect("a time in milliseconds")
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
