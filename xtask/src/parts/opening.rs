//! What the opening runs, as it was seen: `cargo xtask opening` looks and writes it down.

use std::collections::BTreeSet;

/// Where it is written down.
pub const FILE: &str = "xtask/src/parts/opening.txt";
const WRITTEN_DOWN: &str = include_str!("opening.txt");

/// The functions that the opening was seen to skip.
///
/// A function that was not there then counts as one that the opening runs: what nobody has looked at is
/// loaded at once.
pub struct Opening {
    skipped: BTreeSet<u32>,
}

impl Opening {
    /// As it stands in `opening.txt`.
    pub fn written_down() -> Opening {
        Opening::read(WRITTEN_DOWN)
    }

    /// From a text with a mark in each line.
    pub fn read(text: &str) -> Opening {
        let marks = text.lines().map(|line| u32::from_str_radix(line, 16));
        Opening {
            skipped: marks.flatten().collect(),
        }
    }

    /// From the names of all functions and the numbers, among these, of those that ran.
    pub fn seen(names: &[&str], ran: &BTreeSet<usize>) -> Opening {
        let marks = |runs: bool| {
            let names = names.iter().enumerate();
            names
                .filter(move |(at, _)| ran.contains(at) == runs)
                .map(|(_, name)| short(name))
        };
        let mut skipped: BTreeSet<u32> = marks(false).collect();
        // Functions may share a name; one that runs keeps all of them.
        for mark in marks(true) {
            skipped.remove(&mark);
        }
        Opening { skipped }
    }

    /// The text that `read` reads.
    pub fn text(&self) -> String {
        self.skipped
            .iter()
            .map(|mark| format!("{mark:08x}\n"))
            .collect()
    }

    /// Whether a function can wait.
    pub fn skips(&self, name: &str) -> bool {
        !name.is_empty() && self.skipped.contains(&short(name))
    }
}

/// A number that stands for some bytes (FNV-1a).
pub fn mark(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn short(name: &str) -> u32 {
    let mark = mark(name.as_bytes());
    (mark ^ (mark >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_run_is_skipped_and_what_is_new_is_not() {
        let opening = Opening::seen(&["a", "b", "twice", "twice"], &BTreeSet::from([0, 3]));
        for opening in [Opening::read(&opening.text()), opening] {
            assert!(opening.skips("b"));
            assert!(!opening.skips("a"));
            assert!(!opening.skips("twice"));
            assert!(!opening.skips("new"));
            assert!(!opening.skips(""));
        }
    }
}
