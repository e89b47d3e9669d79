//! The table client × behaviour, and what it sums up to.

use super::clients::Client;
use super::options::Options;
use super::server;
use crate::step::{Outcome, say};
use std::collections::{BTreeMap, BTreeSet};

/// What came of one behaviour.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// It is as with the real Kafka.
    Pass,
    /// It is not, and why.
    Fail(String),
    /// The client has no way to try, and why.
    Cannot(String),
}

/// Everything that is known so far.
pub struct Table {
    behaviours: Vec<String>,
    brokers: Vec<u16>,
    cells: BTreeMap<(String, Client, u16), Cell>,
    missing: BTreeMap<Client, String>,
    broken: u64,
}

impl Cell {
    /// A failure also tells where to read on.
    pub fn at(self, log: &str, server: &str, lives: bool) -> Cell {
        match self {
            Cell::Fail(why) if lives => Cell::Fail(format!("{why}\n      {log}.err, {server}")),
            Cell::Fail(why) => Cell::Fail(format!("{why}\n      the server fell over: {server}")),
            other => other,
        }
    }
}

impl Table {
    /// An empty table.
    pub fn new(options: &Options) -> Table {
        Table {
            behaviours: options.behaviours.clone(),
            brokers: options.brokers.clone(),
            cells: BTreeMap::new(),
            missing: BTreeMap::new(),
            broken: 0,
        }
    }

    /// A client that this machine cannot have.
    pub fn skip(&mut self, client: Client, why: &str) {
        say(&format!("SKIP {}: {why}", client.name()));
        self.missing.insert(client, format!("SKIP: {why}"));
    }

    /// A client that should be here: one failure.
    pub fn broke(&mut self, client: Client, why: &str) {
        say(&format!("{}: {why}", client.name()));
        self.missing.insert(client, why.to_owned());
        self.broken += 1;
    }

    /// What a run came to.
    pub fn add(&mut self, client: Client, brokers: u16, results: BTreeMap<String, Cell>) {
        for (behaviour, cell) in results {
            self.cells.insert((behaviour, client, brokers), cell);
        }
    }

    /// One more row, of what is no run of a client.
    pub fn add_row(&mut self, name: &str, client: Client, cell: Cell) {
        if !self.behaviours.iter().any(|behaviour| behaviour == name) {
            self.behaviours.push(name.to_owned());
        }
        self.cells.insert((name.to_owned(), client, 1), cell);
    }

    /// Removes the logs of servers at which nothing failed.
    pub fn forget_logs_of_passes(&self) {
        let runs: BTreeSet<(Client, u16)> = self
            .cells
            .keys()
            .map(|(_, client, n)| (*client, *n))
            .collect();
        for (client, brokers) in runs {
            let mut cells = self
                .cells
                .iter()
                .filter(|((_, whose, n), _)| (*whose, *n) == (client, brokers));
            if !cells.any(|(_, cell)| matches!(cell, Cell::Fail(_))) {
                // There is none when the server was not ours.
                let _ = std::fs::remove_file(server::log_of(client.name(), brokers));
            }
        }
    }

    /// Prints the table, why a client cannot do something, and the failures.
    pub fn print(&self) {
        let clients: BTreeSet<Client> = self.cells.keys().map(|(_, client, _)| *client).collect();
        println!();
        let heads: Vec<String> = clients
            .iter()
            .map(|client| format!("{:^15}", client.name()))
            .collect();
        println!("{:<28}{}", "", heads.join(" ").trim_end());
        for behaviour in &self.behaviours {
            let row: Vec<String> = clients
                .iter()
                .map(|&client| format!("{:^15}", self.summary(behaviour, client)))
                .collect();
            println!("{behaviour:<28}{}", row.join(" ").trim_end());
        }
        println!("\n-  client cannot: its own limits, not the server's");
        self.print_cannot(&clients);
        for (client, why) in &self.missing {
            println!("{}: {why}", client.name());
        }
        self.print_failures();
    }

    /// Prints the closing line; an error when anything failed or nothing ran.
    pub fn close(&self) -> Outcome {
        let count = |wanted: fn(&Cell) -> bool| {
            self.cells.values().filter(|cell| wanted(cell)).count() as u64
        };
        let passed = count(|cell| matches!(cell, Cell::Pass));
        let failed = count(|cell| matches!(cell, Cell::Fail(_))) + self.broken;
        println!("{passed} passed, {failed} failed");
        match (passed, failed) {
            (0, 0) => Err("nothing ran.".to_owned()),
            (_, 0) => Ok(()),
            _ => Err(
                "not every client found what the real Kafka gives it; the failures are above."
                    .to_owned(),
            ),
        }
    }

    fn summary(&self, behaviour: &str, client: Client) -> String {
        let at = |brokers| self.cells.get(&(behaviour.to_owned(), client, brokers));
        let cells: Vec<(u16, &Cell)> = self
            .brokers
            .iter()
            .filter_map(|&n| Some((n, at(n)?)))
            .collect();
        let failed: Vec<String> = cells
            .iter()
            .filter(|(_, cell)| matches!(cell, Cell::Fail(_)))
            .map(|(brokers, _)| brokers.to_string())
            .collect();
        if !failed.is_empty() && failed.len() == cells.len() {
            "FAIL".to_owned()
        } else if !failed.is_empty() {
            format!("FAIL at {}", failed.join(", "))
        } else if cells.iter().any(|(_, cell)| matches!(cell, Cell::Pass)) {
            "pass".to_owned()
        } else {
            "-".to_owned()
        }
    }

    fn print_cannot(&self, clients: &BTreeSet<Client>) {
        for client in clients {
            let mut reasons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for ((behaviour, whose, _), cell) in &self.cells {
                let Cell::Cannot(why) = cell else { continue };
                if whose == client && self.summary(behaviour, *client) == "-" {
                    reasons.entry(why).or_default().insert(behaviour);
                }
            }
            for (why, behaviours) in reasons {
                let behaviours: Vec<&str> = behaviours.into_iter().collect();
                println!("   {}: {why}: {}", client.name(), behaviours.join(", "));
            }
        }
    }

    fn print_failures(&self) {
        for ((behaviour, client, brokers), cell) in &self.cells {
            if let Cell::Fail(why) = cell {
                println!("FAILED: {} {behaviour} at {brokers}: {why}", client.name());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::options::Against;

    fn table(cells: &[(u16, Cell)]) -> Table {
        let options = Options {
            against: Against::Ours,
            clients: vec![Client::Kcat],
            behaviours: vec!["seek".to_owned()],
            brokers: vec![1, 3],
            verbose: false,
            complete: false,
        };
        let mut table = Table::new(&options);
        for (brokers, cell) in cells {
            let results = BTreeMap::from([("seek".to_owned(), cell.clone())]);
            table.add(Client::Kcat, *brokers, results);
        }
        table
    }

    #[test]
    fn a_cell_tells_at_how_many_brokers_it_fails() {
        let fail = Cell::Fail("no".to_owned());
        let cannot = Cell::Cannot("no".to_owned());
        let summary = |cells: &[(u16, Cell)]| table(cells).summary("seek", Client::Kcat);
        assert_eq!(summary(&[(1, Cell::Pass), (3, fail.clone())]), "FAIL at 3");
        assert_eq!(summary(&[(1, fail.clone()), (3, fail)]), "FAIL");
        assert_eq!(summary(&[(1, cannot.clone()), (3, Cell::Pass)]), "pass");
        assert_eq!(summary(&[(1, cannot.clone()), (3, cannot)]), "-");
    }

    #[test]
    fn a_client_that_broke_counts_and_one_that_is_skipped_does_not() {
        let mut passed = table(&[(1, Cell::Pass)]);
        passed.skip(Client::Kcat, "no apt here");
        assert_eq!(passed.close(), Ok(()));
        passed.broke(Client::Java, "no Java here");
        assert!(passed.close().is_err());
        assert!(table(&[]).close().is_err());
    }
}
