//! Counting tests over several runners, from the lines they close with.

use crate::step::{self, Outcome, say};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Tests that passed and failed so far, and what went wrong besides.
#[derive(Debug, Default, PartialEq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and runs that broke without saying which test did.
    pub failed: u64,
}

impl Tally {
    /// Runs one runner to its end, its output shown as it comes, and adds what it counted.
    ///
    /// Returns every line that the runner printed.
    pub fn run(&mut self, what: &str, command: &mut Command) -> Outcome<Vec<String>> {
        say(what);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| step::cannot_start(command, &error))?;
        let mut lines = Vec::new();
        let mut counted = Tally::default();
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                println!("{line}");
                counted.read(&line);
                lines.push(line);
            }
        }
        let status = child
            .wait()
            .map_err(|error| format!("lost sight of a test run: {error}."))?;
        if !status.success() && counted.failed == 0 {
            say(&format!("{what}: broke off ({status})"));
            counted.failed = 1;
        }
        self.passed += counted.passed;
        self.failed += counted.failed;
        Ok(lines)
    }

    /// Counts what could not even be started as one failure, and says why.
    pub fn broke(&mut self, trouble: &str) {
        say(trouble);
        self.failed += 1;
    }

    /// Prints the closing line; an error when anything failed or nothing ran.
    pub fn close(&self) -> Outcome {
        println!("{} passed, {} failed", self.passed, self.failed);
        match (self.passed, self.failed) {
            (0, 0) => Err("no test ran; is the filter right?".to_owned()),
            (_, 0) => Ok(()),
            _ => Err("not every test passed; the failures are above.".to_owned()),
        }
    }

    /// Reads `test result: ok. 3 passed; 1 failed; …`, as cargo and the browser's runner close.
    fn read(&mut self, line: &str) {
        let Some((_, counts)) = line.split_once("test result: ") else {
            return;
        };
        for count in counts.split(['.', ';']) {
            match count.trim().split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_summed() {
        let mut tally = Tally::default();
        tally.read("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s");
        tally.read(
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 filtered out; finished in 0.10s",
        );
        tally.read("test codec::round_trip ... ok");
        assert_eq!(
            tally,
            Tally {
                passed: 14,
                failed: 3
            }
        );
    }

    #[test]
    fn a_run_that_breaks_without_counting_is_a_failure() {
        let mut tally = Tally::default();
        let ran = tally.run(
            "Breaking",
            Command::new("sh").args(["-c", "echo no test; exit 3"]),
        );
        assert_eq!(ran, Ok(vec!["no test".to_owned()]));
        assert_eq!(
            tally,
            Tally {
                passed: 0,
                failed: 1
            }
        );
        assert!(tally.close().is_err());
    }

    #[test]
    fn no_test_at_all_is_not_a_success() {
        assert!(Tally::default().close().is_err());
    }
}
