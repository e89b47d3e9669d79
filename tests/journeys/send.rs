//! Sending a record of one's own from the opening scene, and looking at where it went.

use playground_journeys::{Look, Page, Screen, journey};

const MINE: &str = "[data-t=secret_channel] [data-o][aria-label$=\"key you\"]";

#[test]
fn ones_own_record_in_two_actions() {
    journey("send-own-record", Look::on(Screen::Desktop), |page| {
        page.press("Send your own record");
        page.press_in("dialog", "Send");
        page.wait_until("the record in the diagram", || page.count(MINE) == 1);
        page.click(MINE);
        says_why(page);
    });
}

#[test]
fn the_composer_checks_and_shows_the_command() {
    journey("send-composer", Look::on(Screen::Desktop).dark(), |page| {
        page.press("Send your own record");
        page.fill("Key", "nfsturm");
        page.fill("Value", "{'agent_id': 'nfsturm'}");
        page.see_in("dialog .form-split", "JSON");
        page.fill("Headers", "codename: pelican");
        page.see_in("dialog .command-line", "kafka-console-producer");
        page.see_in("dialog .command-line", "codename:pelican");
        page.choose("Partition", "Partition 2");
        page.see_in("dialog .command-line", "None of Kafka's tools does this");
        page.fill("Topic", "no such topic");
        page.see_in("dialog .bad", "");
    });
}

/// The inspector computes the partition that the diagram shows.
fn says_why(page: &Page) {
    page.see_in(".insp .why", "murmur2(\"you\")");
    page.see_in(".insp", "Hello from the quay.");
    let lane = "return document.querySelector('.cell.sel').closest('[data-p]').dataset.p";
    let partition = page
        .run(lane, vec![])
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert_eq!(page.text_of(".insp .why .res"), partition);
    page.see_in(".insp", &format!("Why partition {partition}?"));
}
