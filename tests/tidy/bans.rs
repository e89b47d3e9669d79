//! What must not stand below the page: the same seed and inputs give the same bytes, everywhere.

use crate::layers::LAYERS;
use crate::rust::has_word;
use crate::tree::{File, Offence, Tree};

/// A banned word of the language, and what to use instead.
const WORDS: [(&str, &str); 10] = [
    ("Instant", "time comes in as an argument"),
    ("SystemTime", "time comes in as an argument"),
    ("HashMap", "its order differs from run to run: use BTreeMap"),
    ("HashSet", "its order differs from run to run: use BTreeSet"),
    ("RandomState", "chance comes from engine::rng::Rng"),
    ("web_sys", "only ui knows the browser"),
    ("js_sys", "only ui knows the browser"),
    ("gloo", "only ui knows the browser"),
    ("yew", "only ui draws"),
    ("dbg", "events say what happens"),
];
/// A banned part of the standard library, and why.
const PARTS: [(&str, &str); 6] = [
    ("thread", "everything runs in one thread"),
    ("fs", "there are no files"),
    ("net", "frames go in and out as values"),
    ("env", "settings come in as arguments"),
    ("process", "there is nothing to end but the tab"),
    ("io", "bytes go in and out as values"),
];
const PRINTS: [&str; 4] = ["println!", "eprintln!", "print!(", "eprint!("];
/// Allowing these again undoes the workspace's lints.
const LINTS: [&str; 6] = [
    "unwrap_used",
    "expect_used",
    "panic",
    "indexing_slicing",
    "unreachable",
    "too_many_lines",
];

/// Clocks, chance, threads, files, browser and unordered maps below the page; lints undone anywhere.
pub fn offences(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.product() {
        if file.layer().is_some_and(|layer| LAYERS.contains(&layer)) && !is_tool(file) {
            below_the_page(file, &mut found);
        }
        lints_undone(file, &mut found);
    }
    found
}

/// Examples and tests are programs of their own, on the host.
fn is_tool(file: &File) -> bool {
    ["/examples/", "/tests/"]
        .iter()
        .any(|folder| file.path.contains(folder))
        || file.path.ends_with("/tests.rs")
}

fn below_the_page(file: &File, found: &mut Vec<Offence>) {
    for (number, line) in file.code.shipped() {
        let mut report = |name: &str, why: &str| {
            found.push(Offence::new(
                file,
                number,
                format!("{name} below the page: {why}"),
            ));
        };
        for (word, why) in WORDS {
            if has_word(line, word) {
                report(word, why);
            }
        }
        for (part, why) in PARTS {
            if has_word(line, &format!("std::{part}")) {
                report(&format!("std::{part}"), why);
            }
        }
        if line.trim_start().starts_with("use std::{")
            && PARTS.iter().any(|(part, _)| has_word(line, part))
        {
            report(
                "a part of std in a group",
                "write one use for each part, so that this rule can see it",
            );
        }
        for print in PRINTS.iter().filter(|print| line.contains(**print)) {
            report(print, "events say what happens");
        }
    }
}

fn lints_undone(file: &File, found: &mut Vec<Offence>) {
    if is_tool(file) {
        return;
    }
    for (number, line) in file.code.shipped() {
        let allows = line.contains("allow(") || line.contains("expect(clippy");
        for lint in LINTS
            .iter()
            .filter(|lint| allows && line.contains(&format!("clippy::{lint}")))
        {
            let what = format!(
                "{lint} is allowed here: a panic kills the tab; use get, checked_ and let-else"
            );
            found.push(Offence::new(file, number, what));
        }
    }
}

#[cfg(test)]
mod test {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        offences(&Tree::planted(&[(path, text)])).len()
    }

    #[test]
    fn clocks_chance_and_unordered_maps_are_found() {
        let engine = |text: &str| count("src/engine/broker.rs", text);
        assert_eq!(
            engine("use std::time::Duration;\nuse std::collections::BTreeMap;"),
            0
        );
        assert_eq!(engine("use std::time::Instant;"), 1);
        assert_eq!(engine("let seen: std::collections::HashMap<u8, u8>;"), 1);
        assert_eq!(engine("std::thread::spawn(work);"), 1);
        assert_eq!(engine("use std::{fs, mem};"), 1);
        assert_eq!(engine("println!();"), 1);
    }

    #[test]
    fn the_page_tests_and_words_in_comments_are_free() {
        assert_eq!(count("src/ui/effects.rs", "use web_sys::Window;"), 0);
        assert_eq!(
            count(
                "src/engine/log.rs",
                "// no HashMap here\nlet a = \"Instant\";"
            ),
            0
        );
        assert_eq!(
            count(
                "src/engine/log.rs",
                "#[cfg(test)]\nmod tests {\n use std::fs;\n}"
            ),
            0
        );
        assert_eq!(
            count("src/shell/examples/transcripts.rs", "use std::fs;"),
            0
        );
    }

    #[test]
    fn undone_lints_are_found_in_the_page_too() {
        assert_eq!(count("src/ui/root.rs", "#[allow(clippy::unwrap_used)]"), 1);
        assert_eq!(
            count("src/ui/root.rs", "#[allow(clippy::type_complexity)]"),
            0
        );
    }
}
