//! How fast the playground is, natively and in the browser: `cargo xtask bench` runs both.
//!
//! A measurement is a function that is listed in [`measurements`]; it says what it measures in the words of
//! the product and names the ceiling that it is compared with. `cargo bench --bench playground -- WORDS` runs
//! those with these words in their names.
#![allow(clippy::unreachable, clippy::expect_used)]

mod codec;
mod measure;
mod scenes;
mod through_protocol;

use measure::Bench;

/// Every measurement, ceilings first.
fn measurements(bench: &Bench) {
    codec::ceilings(bench);
    through_protocol::requests(bench);
    scenes::rush_hour(bench);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    let start = std::time::Instant::now();
    let words = std::env::args().skip(1);
    let only = words.into_iter().find(|word| !word.starts_with('-'));
    measurements(&Bench {
        now: &|| start.elapsed().as_secs_f64() * 1000.0,
        say: &|line| println!("{line}"),
        only: &only.unwrap_or_default(),
    });
}

/// The browser's test runner calls the test below instead.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(target_arch = "wasm32")]
mod in_browser {
    use crate::measure::Bench;
    use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

    wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    fn measurements() {
        let clock = web_sys::window()
            .and_then(|window| window.performance())
            .expect("a clock");
        crate::measurements(&Bench {
            now: &|| clock.now(),
            say: &|line| console_log!("{line}"),
            only: "",
        });
    }
}
