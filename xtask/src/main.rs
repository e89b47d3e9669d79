//! The project's own commands: `cargo xtask help` lists them.

mod bench;
mod bindgen;
mod browser;
mod conformance;
mod files;
mod opening;
mod page;
mod parts;
mod serve;
mod serve_bench;
mod server;
mod sizes;
mod step;
mod tally;
mod tests;
mod tools;

use std::process::ExitCode;
use step::Outcome;

const HELP: &str = "\
The playground's commands:

  cargo xtask serve [--open] [--port N] [--dev]
      Build the page and serve it at http://localhost:8080; rebuild when a source file changes.
      --open opens it in a browser, --dev builds it faster, larger and slower.
  cargo xtask test [--only native|browser|journeys] [FILTER]
      Run every test: on this machine, in a headless browser, and journeys through the built page.
  cargo xtask build
      Leave the page in dist/, for any static file server under any path, and print what it weighs.
  cargo xtask bench
      Measure the layers natively and in the browser, and how soon the page draws.
  cargo xtask bench --serve [--against-kafka]
      Load the server: records a second, latency, start-up, memory; and a real Kafka 4.3.1 beside it.
  cargo xtask conformance [CLIENT...] [BEHAVIOUR...] [--brokers N] [--verbose] [--spark] [--real | --against HOST:PORT]
      Run six clients that others wrote against the server, and print what each can do with it.
      --spark runs Spark Structured Streaming instead of them, after half a gigabyte of download.
      --real starts the real Kafka instead; --verbose keeps the servers' logs, a line for each request.
  cargo xtask transcripts FILE...
      Play recorded terminal sessions and print each line that differs.
  cargo xtask opening
      See which of the program's functions the page's opening runs, and write it down for the build:
      the others become the part that is loaded when something is done.
  cargo xtask screenshot
      Take the README's picture, static/screenshot.png, from the real page.

What a command needs and does not find, it installs: the wasm target, Trunk (into target/tools), and
Chromium with its driver where apt may be used; otherwise it says what to type.";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match run(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("xtask {command}: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, args: &[String]) -> Outcome {
    // The two tools are started by Trunk and cargo, wherever these stand.
    match command {
        "wasm-bindgen" => return bindgen::bind(args),
        "wasm-bindgen-test-runner" => return bindgen::run_tests(args),
        _ => {}
    }
    files::enter_root()?;
    match command {
        "serve" => serve::serve(args),
        "build" => page::build_and_weigh(),
        "test" => tests::test(args),
        "bench" if args.iter().any(|arg| arg == "--serve") => {
            serve_bench::bench(args.iter().any(|arg| arg == "--against-kafka"))
        }
        "bench" => bench::bench(),
        "conformance" => conformance::conformance(args),
        "transcripts" => tests::transcripts(args),
        "opening" => opening::watch(),
        "screenshot" => tests::screenshot(),
        "" | "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(format!(
            "no such command; cargo xtask help lists them.\n\n{HELP}"
        )),
    }
}
