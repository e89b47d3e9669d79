//! Tests of the page in a real browser; `cargo xtask test` runs them in headless Chromium.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod flow;
#[path = "../components/scene.rs"]
#[allow(dead_code)] // the components' tests use the rest
mod scene;
#[path = "../simulation/sitting.rs"]
mod sitting;

use gloo::timers::future::TimeoutFuture;
use kafka_playground::ui::root::Root;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn the_root_draws_a_page() {
    let document = gloo::utils::document();
    let host = document.create_element("div").expect("an element");
    gloo::utils::body()
        .append_child(&host)
        .expect("room in the body");

    let page = yew::Renderer::<Root>::with_root(host.clone()).render();
    TimeoutFuture::new(0).await;

    let main = host.query_selector("main").expect("a valid selector");
    assert!(
        main.is_some(),
        "the page has no <main>: {}",
        host.inner_html()
    );
    page.destroy();
}

#[wasm_bindgen_test]
fn a_recorded_sitting_comes_to_the_same_bytes_as_on_the_host() {
    assert_eq!(sitting::digest(), sitting::EXPECTED.trim());
}
