//! Steps that take a while: said aloud when they start, and one sentence when they fail.

use std::process::{Command, ExitStatus};
use std::time::Instant;

/// What a command comes to: nothing, or one sentence that says what is wrong and what to do.
pub type Outcome<T = ()> = Result<T, String>;

/// Tells the person waiting what happens now.
pub fn say(what: &str) {
    eprintln!("==> {what}");
}

/// Runs a program to its end, its output going where ours goes; `advice` ends the sentence of a failure.
pub fn run(what: &str, command: &mut Command, advice: &str) -> Outcome {
    say(what);
    let started = Instant::now();
    let status = status_of(command)?;
    if status.success() {
        eprintln!("    done in {:.1} s", started.elapsed().as_secs_f64());
        return Ok(());
    }
    Err(format!("{} failed ({status}). {advice}", words(command)))
}

/// Runs a program and says how it ended.
pub fn status_of(command: &mut Command) -> Outcome<ExitStatus> {
    let status = command.status();
    status.map_err(|error| cannot_start(command, &error))
}

/// Runs a program and returns what it printed, or nothing when it failed or is not there.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The sentence for a program that could not be started.
pub fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("cannot start {}: {error}. Is it installed?", words(command))
}

fn words(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    let args = command
        .get_args()
        .map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(program)
        .chain(args)
        .collect::<Vec<_>>()
        .join(" ")
}
