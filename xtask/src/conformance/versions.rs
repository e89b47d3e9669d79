//! Which version of each API each client really used, read from the servers' logs and compared with a table.

use super::clients::Client;
use super::server;
use crate::files;
use crate::step::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Where the table is kept.
pub const TABLE: &str = "tests/conformance/versions.tsv";

/// The versions by API and client.
#[derive(Debug, Default, PartialEq)]
pub struct Versions {
    used: BTreeMap<(String, Client), BTreeSet<i16>>,
}

impl Versions {
    /// What the logs of these runs tell.
    pub fn of_logs(clients: &[Client], brokers: &[u16]) -> Versions {
        let mut versions = Versions::default();
        for &client in clients {
            for number in brokers {
                let log = server::log_of(client.name(), *number);
                let text = std::fs::read(&log).unwrap_or_default();
                versions.add(client, &String::from_utf8_lossy(&text));
            }
        }
        versions
    }

    /// The table that is kept with the project.
    pub fn kept() -> Outcome<Versions> {
        let text = files::read(Path::new(TABLE))?;
        Ok(Versions::read(&String::from_utf8_lossy(&text)))
    }

    /// Keeps these as the table.
    pub fn keep(&self) -> Outcome {
        files::write(Path::new(TABLE), self.table().as_bytes())
    }

    /// A few words for each version of an API that one client uses and the kept table does not know.
    ///
    /// What it knows and the client had no occasion for, such as asking for epochs after a leader went, is no difference.
    pub fn unknown_to(&self, kept: &Versions, client: Client) -> Vec<String> {
        let mut unknown = Vec::new();
        for ((api, whose), used) in &self.used {
            let known = kept.used.get(&(api.clone(), client));
            let is_known = |version| known.is_some_and(|known| known.contains(version));
            if *whose == client && !used.iter().all(is_known) {
                let (now, then) = (self.cell(api, client), kept.cell(api, client));
                unknown.push(format!("{api}: {now} and not {then}"));
            }
        }
        unknown
    }

    /// The APIs that the kept table knows of one client and that it did not use.
    pub fn unused_of(&self, kept: &Versions, client: Client) -> Vec<String> {
        let kept = kept.used.keys().filter(|(_, whose)| *whose == client);
        kept.filter(|key| !self.used.contains_key(*key))
            .map(|(api, _)| api.clone())
            .collect()
    }

    /// `broker 1: Fetch v11 client=kcat bytes=80 ms=0.123`; lines of other clients are of those that set things up.
    fn add(&mut self, client: Client, log: &str) {
        for line in log.lines() {
            let mut words = line.split(' ').skip(2);
            let (Some(api), Some(version), Some(whose)) =
                (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let version = version
                .strip_prefix('v')
                .and_then(|number| number.parse().ok());
            let (Some(version), true) = (
                version,
                whose.strip_prefix("client=") == Some(client.name()),
            ) else {
                continue;
            };
            self.used
                .entry((api.to_owned(), client))
                .or_default()
                .insert(version);
        }
    }

    fn read(table: &str) -> Versions {
        let mut versions = Versions::default();
        let mut lines = table.lines();
        let heads: Vec<&str> = lines
            .next()
            .unwrap_or_default()
            .split('\t')
            .skip(1)
            .collect();
        for line in lines {
            let mut cells = line.split('\t');
            let api = cells.next().unwrap_or_default();
            for (head, cell) in heads.iter().zip(cells) {
                let Some(client) = Client::named(head) else {
                    continue;
                };
                let used: BTreeSet<i16> = cell
                    .split(' ')
                    .filter_map(|number| number.parse().ok())
                    .collect();
                if !used.is_empty() {
                    versions.used.insert((api.to_owned(), client), used);
                }
            }
        }
        versions
    }

    fn table(&self) -> String {
        let apis: BTreeSet<&String> = self.used.keys().map(|(api, _)| api).collect();
        let heads: Vec<&str> = Client::ALL.iter().map(|client| client.name()).collect();
        let mut table = format!("api\t{}\n", heads.join("\t"));
        for api in apis {
            let cells: Vec<String> = Client::ALL
                .iter()
                .map(|&client| self.cell(api, client))
                .collect();
            table.push_str(&format!("{api}\t{}\n", cells.join("\t")));
        }
        table
    }

    fn cell(&self, api: &str, client: Client) -> String {
        let used = self.used.get(&(api.to_owned(), client));
        let numbers: Vec<String> = used.into_iter().flatten().map(i16::to_string).collect();
        if numbers.is_empty() {
            "-".to_owned()
        } else {
            numbers.join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
Ready: bootstrap.servers=127.0.0.1:40093
broker 1: Fetch v11 client=kcat bytes=80 ms=0.123
broker 2: Fetch v4 client=kcat bytes=80 ms=0.123
broker 2: CreateTopics v7 client=setup bytes=80 ms=0.123
";

    #[test]
    fn only_the_clients_own_requests_count() {
        let mut versions = Versions::default();
        versions.add(Client::Kcat, LOG);
        assert_eq!(versions.cell("Fetch", Client::Kcat), "4 11");
        assert_eq!(versions.cell("CreateTopics", Client::Kcat), "-");
    }

    #[test]
    fn what_is_kept_is_read_again_and_differences_are_told() {
        let mut versions = Versions::default();
        versions.add(Client::Kcat, LOG);
        let kept = Versions::read(&versions.table());
        assert_eq!(kept, versions);
        versions.add(
            Client::Kcat,
            "broker 1: Produce v7 client=kcat bytes=1 ms=1",
        );
        assert_eq!(
            versions.unknown_to(&kept, Client::Kcat),
            ["Produce: 7 and not -"]
        );
        assert_eq!(versions.unknown_to(&kept, Client::Java), [""; 0]);
        assert_eq!(kept.unused_of(&versions, Client::Kcat), ["Produce"]);
    }
}
