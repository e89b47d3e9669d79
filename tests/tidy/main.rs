//! The rules that no compiler holds, as tests: layers, bans, design tokens, sizes, leftovers.
//!
//! Each rule is a function from the project's files to its offences, so that its own tests can plant one.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test that fails panics

mod attached;
mod bans;
mod imports;
mod layers;
mod leftovers;
mod rust;
mod sizes;
mod styles;
mod tree;

use std::path::Path;
use tree::{Offence, Tree};

fn holds(rule: &str, find: impl Fn(&Tree) -> Vec<Offence>) {
    let offences = find(&Tree::of_project());
    let lines: Vec<String> = offences.iter().map(Offence::to_string).collect();
    assert!(lines.is_empty(), "{rule}:\n{}\n", lines.join("\n"));
}

#[test]
fn the_project_is_found() {
    let tree = Tree::of_project();
    assert!(
        tree.rust().count() > 10 && tree.styles().count() > 1,
        "the rules look at nothing"
    );
}

#[test]
fn layers_depend_only_to_the_left() {
    holds(
        "a layer uses only what stands to its left",
        layers::offences,
    );
}

#[test]
fn nothing_below_the_page_knows_clock_chance_or_browser() {
    holds(
        "below ui there is no clock, chance, thread, file, browser or unordered map",
        bans::offences,
    );
}

#[test]
fn imports_name_what_they_bring() {
    holds("an import says what it brings", imports::offences);
}

#[test]
fn colours_and_sizes_come_from_the_tokens() {
    holds(
        "colours, type sizes and durations stand in static/css/tokens.css",
        styles::literals,
    );
}

#[test]
fn stylesheets_are_named_after_their_components() {
    holds("a component's stylesheet has its name", styles::strangers);
}

#[test]
fn every_class_is_used() {
    holds(
        "a class that nothing uses is dead weight",
        styles::dead_classes,
    );
}

#[test]
fn functions_and_files_stay_small() {
    holds(
        "a function fits on a screen and a file holds one idea",
        sizes::offences,
    );
}

#[test]
fn nothing_is_left_over() {
    holds(
        "what is to be done is done, and nothing speaks of one machine",
        leftovers::offences,
    );
}

#[test]
fn every_test_program_runs() {
    holds("a test program belongs to a package", attached::unattached);
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    holds("a link leads to a file of the project", |tree| {
        attached::dead_links(tree, |path| root.join(path).exists())
    });
}
