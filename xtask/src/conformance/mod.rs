//! `cargo xtask conformance`: clients that nobody here wrote, against our server.
//!
//! Each client has a program under `tests/conformance` that is given a bootstrap address, the number of
//! brokers and names of behaviours; for each it prints `NAME pass`, `NAME fail WHY` or `NAME cannot WHY`.
//! A line `broker kill 2` (or `start`) asks for that to be done; `done` on its stdin says that it was.

mod clients;
mod options;
mod run;
mod server;
mod table;
mod versions;

use crate::step::{Outcome, say};
use clients::Client;
use run::Run;
use server::Servers;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use table::{Cell, Table};
use versions::Versions;

/// Everything that the command installs, builds and writes.
const FOLDER: &str = "target/conformance";
const BEHAVIOURS: &str = "tests/conformance/behaviours.tsv";
const SPARK_BEHAVIOURS: &str = "tests/conformance/spark/behaviours.tsv";
/// Clients mostly wait, so more run at a time than there are processors.
const AT_A_TIME: usize = 5;

/// Runs the clients and prints what each could do; an error when something failed.
pub fn conformance(args: &[String]) -> Outcome {
    let spark = args.iter().any(|arg| arg == "--spark");
    let known = behaviours(if spark { SPARK_BEHAVIOURS } else { BEHAVIOURS })?;
    let options = options::parse(args, &known)?;
    let mut table = Table::new(&options);
    let mut ready = BTreeMap::new();
    for client in options.clients.iter().copied() {
        match client.set_up() {
            Ok(program) => drop(ready.insert(client, program)),
            Err(trouble) if client.may_be_missing() => table.skip(client, &trouble),
            Err(trouble) => table.broke(client, &trouble),
        }
    }
    let servers = Servers::prepare(&options)?;
    // Three brokers take longest, so they go first.
    let mut waiting: Vec<(Client, u16)> = Vec::new();
    for &brokers in options.brokers.iter().rev() {
        waiting.extend(ready.keys().map(|&client| (client, brokers)));
    }
    waiting.reverse();
    let waiting = Mutex::new(waiting);
    let done = Mutex::new(table);
    std::thread::scope(|scope| {
        for _ in 0..servers.at_a_time(AT_A_TIME) {
            scope.spawn(|| {
                while let Some((client, brokers)) = take(&waiting) {
                    let run = Run {
                        client,
                        brokers,
                        program: &ready[&client],
                        behaviours: &options.behaviours,
                    };
                    let results = run.to_its_end(&servers);
                    if let Ok(mut table) = done.lock() {
                        table.add(client, brokers, results);
                    }
                }
            });
        }
    });
    let mut table = done
        .into_inner()
        .map_err(|_| "a run of a client panicked.")?;
    if options.complete {
        compare_versions(
            &mut table,
            &ready.keys().copied().collect::<Vec<_>>(),
            &options,
        )?;
    }
    table.print();
    if !options.verbose {
        table.forget_logs_of_passes();
    }
    table.close()
}

/// Adds a row that tells whether the clients used the versions that the project's table says.
fn compare_versions(table: &mut Table, clients: &[Client], options: &options::Options) -> Outcome {
    let used = Versions::of_logs(clients, &options.brokers);
    if std::env::var_os("UPDATE_VERSIONS").is_some() {
        used.keep()?;
    }
    let kept = Versions::kept()?;
    for &client in clients {
        let unused = used.unused_of(&kept, client);
        if !unused.is_empty() {
            say(&format!(
                "{} had no occasion for {}",
                client.name(),
                unused.join(", ")
            ));
        }
        let differences = used.unknown_to(&kept, client);
        let cell = if differences.is_empty() {
            Cell::Pass
        } else {
            Cell::Fail(format!(
                "other versions than {}: {}",
                versions::TABLE,
                differences.join("; ")
            ))
        };
        table.add_row("versions", client, cell);
    }
    Ok(())
}

fn take(waiting: &Mutex<Vec<(Client, u16)>>) -> Option<(Client, u16)> {
    waiting.lock().ok()?.pop()
}

/// The behaviours in the order of the table: name and what it is about.
fn behaviours(list: &str) -> Outcome<Vec<(String, String)>> {
    let text = crate::files::read(Path::new(list))?;
    let text = String::from_utf8_lossy(&text);
    Ok(text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, what)| (name.to_owned(), what.to_owned()))
        .collect())
}

/// Says what one client came to, as soon as it is known.
fn told(client: Client, brokers: u16, results: &BTreeMap<String, Cell>, seconds: f64) {
    let count = |wanted: fn(&Cell) -> bool| results.values().filter(|cell| wanted(cell)).count();
    say(&format!(
        "{} at {brokers} broker{}: {} passed, {} failed, {} it cannot, in {seconds:.0} s",
        client.name(),
        if brokers == 1 { "" } else { "s" },
        count(|cell| matches!(cell, Cell::Pass)),
        count(|cell| matches!(cell, Cell::Fail(_))),
        count(|cell| matches!(cell, Cell::Cannot(_))),
    ));
}
