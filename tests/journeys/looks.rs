//! Dark, on a projector, and with less motion.

use crate::steps::{at_speed, clock_millis, open_scene};
use playground_journeys::{Look, Page, Screen, journey};

#[test]
fn in_the_dark() {
    journey("look-dark", Look::on(Screen::Desktop).dark(), a_while);
}

#[test]
fn in_the_light() {
    journey("look-light", Look::on(Screen::Desktop), a_while);
}

#[test]
fn on_a_projector() {
    journey("look-projector", Look::on(Screen::Desktop), |page| {
        a_while(page);
        page.press("Projector view");
        page.wait_until("nothing but the diagram", || {
            page.count(".app.projector") == 1
        });
    });
}

#[test]
fn with_less_motion() {
    journey("look-still", Look::on(Screen::Desktop).still(), |page| {
        a_while(page);
        let moving = page.run("return document.getAnimations().length", vec![]);
        assert_eq!(moving, 0, "something moves");
    });
}

#[test]
fn on_a_tablet() {
    journey("look-tablet", Look::on(Screen::Tablet), a_while);
}

#[test]
fn three_brokers_in_the_dark() {
    journey(
        "look-brokers-dark",
        Look::on(Screen::Desktop).dark(),
        |page| {
            open_scene(page, "Rush hour");
            page.press("Brokers");
            page.wait_until("three frames", || page.count(".stage .frame") == 3);
        },
    );
}

/// Something is selected, something runs in a terminal, and some time has passed.
fn a_while(page: &Page) {
    at_speed(page, "16×");
    page.wait_until("a minute", || clock_millis(page) > 60_000);
    at_speed(page, "1×");
    page.type_in_terminal("kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel --from-beginning");
    page.wait_until("records in the terminal", || page.count(".term .rec") > 5);
    page.click("[data-t=secret_channel][data-p=\"0\"] [data-o]");
    page.see_in(".insp h2", "secret_channel-0 @");
}
