//! `cargo xtask opening`: sees what the page's opening runs.

use crate::bindgen;
use crate::files;
use crate::page::{self, BESIDE, Kind};
use crate::parts::opening::{FILE, Opening};
use crate::step::{Outcome, say};
use crate::tally::Tally;
use crate::tests;
use std::collections::BTreeSet;
use std::path::Path;

/// What a line of the journey starts with that names a function that ran.
const MARK: &str = "ran\t";

/// Watches the opening on every screen, and writes down what it skips.
pub fn watch() -> Outcome {
    page::build(Kind::Counting)?;
    let args = ["--ignored", "--nocapture", "opening::what_runs"];
    let mut tally = Tally::default();
    let lines = tests::through(Kind::Counting, &args, |cargo| {
        tally.run("Watching the page open", cargo)
    })?;
    tally.close()?;
    let ran: BTreeSet<usize> = lines
        .iter()
        .filter_map(|line| line.split_once(MARK))
        .flat_map(|(_, numbers)| numbers.split(','))
        .filter_map(|number| number.trim().parse().ok())
        .collect();
    let names = files::read(&Path::new(BESIDE).join(bindgen::NAMES_FILE))?;
    let names = String::from_utf8_lossy(&names);
    let names: Vec<&str> = names.lines().collect();
    if ran.is_empty() {
        return Err("the journey named no function that ran.".to_owned());
    }
    files::write(
        Path::new(FILE),
        Opening::seen(&names, &ran).text().as_bytes(),
    )?;
    say(&format!(
        "{} of {} functions ran; {FILE} has it",
        ran.len(),
        names.len()
    ));
    Ok(())
}
