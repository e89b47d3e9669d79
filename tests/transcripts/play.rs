//! Plays transcripts and prints each line that differs, with both sides: `cargo xtask transcripts FILE…`
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod compare;
mod player;
mod script;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut differing = 0;
    for path in std::env::args().skip(1) {
        let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
        let transcript = match read.and_then(|text| script::read(&text)) {
            Ok(transcript) => transcript,
            Err(error) => {
                println!("{path}: {error}");
                differing += 1;
                continue;
            }
        };
        let found = player::play(&transcript);
        let verdict = if found.is_empty() { "same" } else { "differs" };
        println!("{path}: {}: {verdict}", transcript.title);
        for difference in &found {
            println!("{path}:{}: $ {}", difference.line, difference.command);
            for line in &difference.lines {
                println!("    {line}");
            }
        }
        differing += found.len();
    }
    println!("{differing} command(s) differ");
    match differing {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
