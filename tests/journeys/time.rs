//! Time stands still, goes on by one event, and runs faster.

use crate::steps::{at_speed, clock_millis};
use playground_journeys::{Look, Screen, journey};
use std::time::Duration;

#[test]
fn pause_step_and_speed() {
    journey("time", Look::on(Screen::Desktop), |page| {
        page.press("Pause");
        page.see_in(".clock .paused", "");
        let paused = clock_millis(page);
        page.watch(Duration::from_millis(500));
        assert_eq!(clock_millis(page), paused, "time went on while paused");
        page.press("Step one event");
        page.wait_until("one event to pass", || clock_millis(page) > paused);
        let stepped = clock_millis(page);
        page.watch(Duration::from_millis(300));
        assert_eq!(clock_millis(page), stepped, "a step went on");
        at_speed(page, "16×");
        page.press("Play");
        page.wait_until("half a minute", || clock_millis(page) > stepped + 30_000);
        at_speed(page, "¼×");
        let slow = clock_millis(page);
        page.watch(Duration::from_secs(1));
        assert!(
            clock_millis(page) < slow + 2_000,
            "a quarter of the speed is too fast"
        );
        assert!(clock_millis(page) > slow, "time stands still");
    });
}

#[test]
fn a_start_over_is_one_click() {
    journey("time-start-over", Look::on(Screen::Desktop), |page| {
        at_speed(page, "16×");
        page.wait_until("time passes", || clock_millis(page) > 60_000);
        page.press_in(".transport", "Start this scene over");
        page.wait_until("time begins again", || clock_millis(page) < 45_000);
    });
}
