//! How long functions and files may be.

use crate::tree::{File, Offence, Tree};

/// A function fits on a screen.
const FUNCTION: usize = 70;
/// A file holds one idea; 400 lines are a good aim.
const FILE: usize = 500;
/// A file that only routes stays a table of contents.
const COORDINATOR: usize = 250;
/// The files that everything runs through, where a god file would grow.
const COORDINATORS: [&str; 11] = [
    "src/records/lib.rs",
    "src/protocol/lib.rs",
    "src/engine/lib.rs",
    "src/client/lib.rs",
    "src/world/lib.rs",
    "src/shell/lib.rs",
    "src/lesson/lib.rs",
    "src/session/lib.rs",
    "src/present/lib.rs",
    "src/ui/mod.rs",
    "src/ui/root.rs",
];
/// Files with a budget of their own: path, lines, and why they are one idea all the same.
const EXCEPTIONS: [(&str, usize, &str); 0] = [];

/// Functions and files over their budgets, tests not counted, and exceptions no longer needed.
pub fn offences(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    let own = tree.rust().filter(|file| !file.path.starts_with("tests/"));
    for file in own {
        long_functions(file, &mut found);
        long_file(file, &mut found);
    }
    found
}

fn long_functions(file: &File, found: &mut Vec<Offence>) {
    for function in file.code.functions() {
        let lines = function.last - function.first + 1;
        if lines > FUNCTION {
            let what = format!(
                "{} has {lines} lines; {FUNCTION} are allowed: give its parts names",
                function.name
            );
            found.push(Offence::new(file, function.first, what));
        }
    }
}

fn long_file(file: &File, found: &mut Vec<Offence>) {
    let lines = file.code.shipped().count();
    let exception = EXCEPTIONS.iter().find(|(path, ..)| *path == file.path);
    let usual = if COORDINATORS.contains(&file.path.as_str()) {
        COORDINATOR
    } else {
        FILE
    };
    let budget = exception.map_or(usual, |(_, lines, _)| *lines);
    if lines > budget && !file.path.ends_with("/tests.rs") {
        let what = format!(
            "{lines} lines besides its tests; {budget} are allowed: split it by idea, or name it in tests/tidy/sizes.rs with the reason"
        );
        found.push(Offence::new(file, budget, what));
    }
    if exception.is_some() && lines <= usual {
        found.push(Offence::new(
            file,
            1,
            "fits the usual budget again: strike it from tests/tidy/sizes.rs",
        ));
    }
}

#[cfg(test)]
mod test {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        offences(&Tree::planted(&[(path, text)])).len()
    }

    #[test]
    fn a_long_function_is_found() {
        let function =
            |lines: usize| format!("fn work() {{\n{}}}\n", "    step();\n".repeat(lines - 2));
        assert_eq!(count("src/world/run.rs", &function(FUNCTION)), 0);
        assert_eq!(count("src/world/run.rs", &function(FUNCTION + 1)), 1);
    }

    #[test]
    fn a_long_file_is_found_its_tests_not_counted() {
        let shipped = "const A: u8 = 1;\n".repeat(FILE);
        let tests = "#[cfg(test)]\nmod tests {\n    const B: u8 = 1;\n}\n";
        assert_eq!(count("src/world/run.rs", &format!("{shipped}{tests}")), 0);
        assert_eq!(
            count(
                "src/world/run.rs",
                &format!("{shipped}const C: u8 = 1;\n{tests}")
            ),
            1
        );
        assert_eq!(count("src/world/lib.rs", &shipped), 1);
    }
}
