//! The program `kafka-playground`: `serve` a cluster, `replay` a recording of one.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use gateway::options::{Command, Options};
use gateway::{replay, serve};

fn main() -> ExitCode {
    // A wrong option ends here, with clap's sentence and exit code 2.
    let done = match Options::parse().command {
        Command::Serve(options) => serve::serve(&options),
        Command::Replay { file } => replay::replay(&file).map(|replayed| {
            let _ = writeln!(std::io::stdout(), "{replayed}");
        }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let _ = writeln!(std::io::stderr(), "kafka-playground: {sentence}");
            ExitCode::FAILURE
        }
    }
}
