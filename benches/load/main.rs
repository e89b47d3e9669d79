//! One client that does nothing but load a server: batches are encoded once, several requests are in flight,
//! and answers are only counted. `cargo xtask bench --serve` runs it against the playground's server and, when
//! asked, against a real Kafka; both get the same bytes.
//!
//! `load produce|fetch|latency|ready HOST:PORT [TOPIC [RECORDS [BATCH]]]` prints one line a figure:
//! `load`, name, value, unit, parted by tabs.
#![allow(clippy::unreachable, clippy::expect_used)]

mod peer;
mod work;

use peer::Peer;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The benchmark runner adds options of its own.
    let mut args = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    let (mode, to) = (args.next(), args.next());
    let topic = args.next().unwrap_or_else(|| "load".to_owned());
    let mut number = |unless: u64| {
        args.next()
            .and_then(|arg| arg.parse().ok())
            .unwrap_or(unless)
    };
    let (records, batch) = (number(100_000), number(1000));
    let (Some(mode), Some(to)) = (mode, to) else {
        eprintln!("load produce|fetch|latency|ready HOST:PORT [TOPIC [RECORDS [BATCH]]]");
        return ExitCode::FAILURE;
    };
    let outcome = Peer::open(&to).and_then(|mut peer| match mode.as_str() {
        "ready" => peer.versions(),
        "produce" => work::produce(&mut peer, &topic, records, batch),
        "fetch" => work::fetch(&mut peer, &topic, records),
        "latency" => work::latency(&mut peer, &topic, records),
        _ => Err(format!("no such mode: {mode}")),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("load {mode}: {trouble}");
            ExitCode::FAILURE
        }
    }
}
