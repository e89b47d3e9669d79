//! Imports that hide where a name comes from.

use crate::tree::{Offence, Tree};

/// The one prelude that its users are taught to write.
const ALLOWED: &str = "use yew::prelude::*;";

/// Glob imports outside tests.
pub fn offences(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree
        .product()
        .filter(|file| !file.path.ends_with("/tests.rs"))
    {
        for (number, line) in file.code.shipped() {
            let line = line.trim();
            let import = line.starts_with("use ")
                || line.starts_with("pub use ")
                || line.starts_with("pub(crate) use ");
            if import && line.contains("*") && line != ALLOWED {
                found.push(Offence::new(
                    file,
                    number,
                    "a glob import hides where a name comes from: name each",
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod test {
    use super::*;

    fn count(text: &str) -> usize {
        offences(&Tree::planted(&[("src/world/clock.rs", text)])).len()
    }

    #[test]
    fn globs_are_found_outside_tests() {
        assert_eq!(count("use crate::event::*;"), 1);
        assert_eq!(count("pub use crate::event::{Event, *};"), 1);
        assert_eq!(count("use yew::prelude::*;\nuse crate::event::Event;"), 0);
        assert_eq!(count("#[cfg(test)]\nmod tests {\n    use super::*;\n}"), 0);
    }
}
