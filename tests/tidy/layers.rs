//! Layers are packages, so the compiler holds the rule once the manifests do.

use crate::tree::{File, Offence, Tree};

/// The layers below the page, left to right.
pub const LAYERS: [&str; 9] = [
    "records", "protocol", "engine", "client", "world", "shell", "lesson", "session", "present",
];
/// What only the page may know: the browser, and libraries that bring a clock, chance or I/O.
const PAGE_ONLY: [&str; 13] = [
    "yew",
    "gloo",
    "web-sys",
    "js-sys",
    "wasm-bindgen",
    "wasm-bindgen-futures",
    "rand",
    "getrandom",
    "chrono",
    "time",
    "tokio",
    "regex",
    "anyhow",
];

/// A manifest that depends to the right, on the page, or on something below no layer should.
pub fn offences(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for (place, layer) in LAYERS.iter().enumerate() {
        let path = format!("src/{layer}/Cargo.toml");
        for manifest in tree.files.iter().filter(|file| file.path == path) {
            check(manifest, place, &mut found);
        }
    }
    found
}

fn check(manifest: &File, place: usize, found: &mut Vec<Offence>) {
    let mut section = "";
    let mut lints = false;
    for (at, line) in manifest.text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            section = line;
            lints |= line == "[lints]";
        }
        // Tests may look further, and at what the page brings.
        if !section.contains("dependencies") || section.contains("dev-dependencies") {
            continue;
        }
        let end = line.find(['.', ' ', '=']).unwrap_or(line.len());
        let name = &line[..end];
        let to_the_right = LAYERS
            .iter()
            .position(|other| *other == name)
            .is_some_and(|other| other >= place);
        if to_the_right || PAGE_ONLY.contains(&name) {
            let layer = LAYERS[place];
            found.push(Offence::new(
                manifest,
                at + 1,
                format!("{layer} must not use {name}: move what needs it to a layer further right"),
            ));
        }
    }
    if !lints {
        found.push(Offence::new(
            manifest,
            1,
            "the workspace's lints are off: add [lints] workspace = true",
        ));
    }
}

#[cfg(test)]
mod test {
    use super::*;

    const LINTS: &str = "[lints]\nworkspace = true\n";

    fn count(path: &str, text: &str) -> usize {
        offences(&Tree::planted(&[(path, text)])).len()
    }

    #[test]
    fn a_dependency_to_the_right_is_found() {
        let engine = |line: &str| {
            count(
                "src/engine/Cargo.toml",
                &format!("[dependencies]\n{line}\n{LINTS}"),
            )
        };
        assert_eq!(engine("protocol.workspace = true"), 0);
        assert_eq!(engine("client.workspace = true"), 1);
        assert_eq!(engine("world = { path = \"../world\" }"), 1);
        assert_eq!(engine("web-sys = \"0.3\""), 1);
    }

    #[test]
    fn tests_may_look_further_but_lints_stay_on() {
        let text = "[dev-dependencies]\nworld.workspace = true\n";
        assert_eq!(count("src/engine/Cargo.toml", &format!("{text}{LINTS}")), 0);
        assert_eq!(count("src/engine/Cargo.toml", text), 1);
    }
}
