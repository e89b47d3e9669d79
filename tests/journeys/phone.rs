//! The whole of it on a phone.

use playground_journeys::{Look, Page, Screen, journey};

#[test]
fn tabs_sheet_and_sending() {
    journey("phone", Look::on(Screen::Phone), |page| {
        page.click(".ptabs button:nth-child(2)");
        page.see("Send your own record");
        no_overhang(page);
        page.screenshot("phone-walkthrough");
        page.press("Send your own record");
        page.see_in("dialog", "Send a record");
        no_overhang(page);
        page.screenshot("phone-composer");
        page.press_in("dialog", "Send");
        page.press_in(".ptabs", "Flow");
        let mine = "[data-o][aria-label$=\"key you\"]";
        page.wait_until("the record in the diagram", || page.count(mine) == 1);
        page.click(mine);
        page.press_in(".ptabs", "Record");
        page.see_in(".insp .why", "murmur2(\"you\")");
        no_overhang(page);
        page.screenshot("phone-record");
        page.press_in(".ptabs", "Flow");
        sheet(page);
    });
}

#[test]
fn the_terminal_on_a_phone() {
    journey("phone-terminal", Look::on(Screen::Phone).dark(), |page| {
        page.type_in_terminal(
            "kafka-topics --describe --topic secret_channel --bootstrap-server localhost:8098",
        );
        page.terminal_shows("PartitionCount: 3");
        no_overhang(page);
    });
}

fn sheet(page: &Page) {
    page.press("Dock: half");
    page.press("Dock: full");
    page.see_in(".grab", "");
    page.press("Dock: only its tabs");
    page.wait_until("half a sheet", || {
        page.count("[aria-label=\"Dock: half\"]") == 1
    });
}

fn no_overhang(page: &Page) {
    let overhang =
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(
        page.run(overhang, vec![]),
        0,
        "the page is wider than the screen"
    );
}
