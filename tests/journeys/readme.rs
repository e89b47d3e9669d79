//! The picture at the top of the README.

use playground_journeys::{Look, Screen, journey};
use std::time::Duration;

/// Not a check: `cargo xtask screenshot` runs it.
#[test]
#[ignore = "taken by cargo xtask screenshot"]
fn picture_for_the_readme() {
    journey("readme", Look::on(Screen::Desktop), |page| {
        page.watch(Duration::from_secs(8))
    });
}
