//! Consumers that share a topic's partitions.

use playground_journeys::{Look, Page, Screen, journey};

/// How many partitions each member of the group has, in the order of the diagram.
const SHARES: &str = "return [...document.querySelectorAll('.mem')]
  .map((member) => member.querySelectorAll('.pchip').length).join(' ')";

#[test]
fn a_third_consumer_joins_two() {
    journey("group-third-joins", Look::on(Screen::Desktop), |page| {
        shares_become(page, "2 1");
        page.click(".group .gtitle text");
        page.press_in(".insp", "Add consumer");
        page.see_in("dialog .command-line", "--group analytics");
        page.press_in("dialog", "Add consumer");
        shares_become(page, "1 1 1");
        page.see_in(".insp", "Stable");
        page.see_in(".insp", "consumer-3");
    });
}

#[test]
fn a_consumer_that_leaves_gives_its_partitions_back() {
    journey(
        "group-one-leaves",
        Look::on(Screen::Desktop).dark(),
        |page| {
            shares_become(page, "2 1");
            page.click(".mem text");
            page.see_in(".insp h2", "consumer-1");
            page.press_in(".insp", "Close");
            shares_become(page, "3");
        },
    );
}

fn shares_become(page: &Page, wanted: &str) {
    page.wait_until(&format!("partitions shared as {wanted:?}"), || {
        page.run(SHARES, vec![]) == wanted
    });
}
