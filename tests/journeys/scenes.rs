//! Every scene of the menu.

use crate::steps::{clock_millis, open_scene};
use playground_journeys::{Look, Screen, journey};

#[test]
fn every_scene_opens() {
    journey("scenes", Look::on(Screen::Desktop), |page| {
        for (title, shows) in [
            ("The lecture, from the start", "Start a cluster"),
            ("The lecture's diagram", "topic-1"),
            ("Empty cluster", "Create topic"),
            ("Three brokers", "Create topic"),
            ("Secret channel", "secret_channel"),
        ] {
            open_scene(page, title);
            page.wait_until(&format!("{shows:?} in the diagram"), || {
                let drawn = "return document.querySelector('.stage').textContent";
                page.run(drawn, vec![])
                    .as_str()
                    .is_some_and(|text| text.contains(shows))
            });
            page.screenshot(&format!(
                "scene-{}",
                title.to_lowercase().replace([' ', ',', '\''], "-")
            ));
        }
        page.press("Scene");
        page.see("Fifty partitions");
    });
}

#[test]
fn the_busy_scene_shows_fifty_partitions() {
    journey("scene-rush-hour", Look::on(Screen::Desktop), |page| {
        open_scene(page, "Rush hour");
        page.wait_until("time goes on", || clock_millis(page) > 14_000);
        let shown = page.attribute("svg.flow", "aria-label").unwrap_or_default();
        assert!(shown.contains("with 50 partitions"), "{shown}");
        assert!(page.count(".lane") > 4, "nearly no lane is drawn");
    });
}

#[test]
fn a_link_opens_its_scene() {
    journey("scene-by-link", Look::on(Screen::Desktop), |page| {
        page.open_at("?link#scene=three-brokers");
        page.see_in("button.scene", "Three brokers");
        page.press("Brokers");
    });
}
