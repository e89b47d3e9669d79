//! Notes to oneself, and traces of one machine.

use crate::rust::has_word;
use crate::tree::{Offence, Tree};

/// Notes to oneself; put together here so that this file does not hold them.
const NOTES: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];
/// Folders of one machine.
const MACHINE: [&str; 3] = [
    concat!("/wo", "rk/"),
    concat!("/root", "/."),
    concat!("/Us", "ers/"),
];

/// Notes to oneself anywhere, and paths that exist on one machine only.
pub fn offences(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    // Recorded sessions of the real thing are what they are.
    let own = tree
        .files
        .iter()
        .filter(|file| !file.path.ends_with(".txt"));
    for file in own {
        for (at, line) in file.text.lines().enumerate() {
            for note in NOTES.iter().filter(|note| has_word(line, note)) {
                found.push(Offence::new(
                    file,
                    at + 1,
                    format!("{note} is left: do it, or say plainly what is so"),
                ));
            }
            for path in MACHINE.iter().filter(|path| line.contains(**path)) {
                found.push(Offence::new(
                    file,
                    at + 1,
                    format!("{path} is a folder of one machine: use a path within the project"),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn notes_and_machine_paths_are_found() {
        let planted = format!(
            "// {}: later\nlet path = \"{}here\";\n",
            NOTES[0], MACHINE[0]
        );
        assert_eq!(
            offences(&Tree::planted(&[("src/ui/root.rs", &planted)])).len(),
            2
        );
        assert_eq!(
            offences(&Tree::planted(&[("README.md", "See src/lib.rs.\n")])).len(),
            0
        );
    }
}
