//! The page opens, on every screen, light and dark.

use playground_journeys::{Look, Page, Screen, journey};
use serde_json::json;

#[test]
fn on_a_desktop() {
    journey("opens-desktop", Look::on(Screen::Desktop), fits);
}

#[test]
fn in_the_dark() {
    journey("opens-desktop-dark", Look::on(Screen::Desktop).dark(), fits);
}

#[test]
fn on_a_phone() {
    journey("opens-phone", Look::on(Screen::Phone), fits);
}

#[test]
fn on_a_projector() {
    journey("opens-projector", Look::on(Screen::Projector).still(), fits);
}

/// The picture replaces the empty layout and is not wider than the screen.
fn fits(page: &Page) {
    assert_eq!(
        page.count(".skeleton"),
        0,
        "the empty layout still stands there"
    );
    assert!(
        page.count("#app > *") > 0,
        "nothing stands where the page should"
    );
    let overhang = page.run(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
        vec![],
    );
    assert_eq!(overhang, 0, "the page is wider than the screen");
}

#[test]
fn the_layout_stands_before_the_program() {
    journey("opens-layout", Look::on(Screen::Desktop), |page| {
        page.devtools(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": true}),
        );
        page.open_unready("?scripts=off");
        page.see("Starting the cluster");
        page.see("Allow scripts");
        let bar = page.run(
            "return document.querySelector('.skeleton-top').offsetHeight",
            vec![],
        );
        assert_eq!(bar, 48, "the layout has no styles");
    });
}
