//! Reading again what was read before.

use crate::steps::{at_prompt, at_speed, cell};
use playground_journeys::{Look, Page, Screen, journey};

const ROW: &str = "[data-t=secret_channel][data-p=\"0\"] .grow";

#[test]
fn a_group_reads_again_from_a_record() {
    journey("replay-from-here", Look::on(Screen::Desktop), |page| {
        page.wait_until("all is read", || lag_is(page, true));
        page.click(&cell("secret_channel", 0, 1));
        page.see_in(".insp h2", "secret_channel-0 @ 1");
        at_speed(page, "¼×");
        page.press_in(".insp", "Replay from here");
        page.see_in(".replay .pop", "kafka-consumer-groups");
        page.press_in(".replay", "Replay to analytics");
        page.wait_until("records to read again", || lag_is(page, false));
        page.screenshot("replay-under-way");
        at_speed(page, "16×");
        page.wait_until("all is read again", || lag_is(page, true));
    });
}

#[test]
fn the_console_reads_from_an_offset() {
    journey("replay-in-the-console", Look::on(Screen::Desktop), |page| {
        at_speed(page, "4×");
        let read =
            "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel";
        page.type_in_terminal(&format!("{read} --partition 0 --offset 2 --max-messages 2"));
        page.terminal_shows("Processed a total of 2 messages");
        at_prompt(page, 1);
        page.type_in_terminal(&format!("{read} --from-beginning --max-messages 9"));
        page.terminal_shows("Processed a total of 9 messages");
        page.wait_until("records as records", || page.count(".term .rec") == 11);
    });
}

fn lag_is(page: &Page, none: bool) -> bool {
    let label = page.attribute(ROW, "aria-label").unwrap_or_default();
    assert!(label.contains("lag"), "a row without lag: {label:?}");
    label.contains("lag 0") == none
}
