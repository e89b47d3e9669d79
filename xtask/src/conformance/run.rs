//! One client against one server, from its first line to its last.

use super::clients::{Client, Program};
use super::server::{self, Server, Servers};
use super::table::Cell;
use super::{FOLDER, told};
use crate::step::Outcome;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a client may take for everything.
const LIMIT: Duration = Duration::from_secs(420);

/// What one client is to do.
pub struct Run<'a> {
    /// The client.
    pub client: Client,
    /// How many brokers it meets.
    pub brokers: u16,
    /// Its program.
    pub program: &'a Program,
    /// The behaviours it is asked for.
    pub behaviours: &'a [String],
}

impl Run<'_> {
    /// Runs it, and returns what came of each behaviour.
    pub fn to_its_end(&self, servers: &Servers) -> BTreeMap<String, Cell> {
        let started = Instant::now();
        let name = self.client.name();
        let ran = servers.with(self.brokers, name, |address, server| {
            self.against(address, server)
        });
        let mut results = match ran.and_then(|results| results) {
            Ok(results) => results,
            Err(trouble) => self.all_failed(&trouble),
        };
        for behaviour in self.behaviours {
            results.entry(behaviour.clone()).or_insert_with(|| {
                Cell::Fail("the program ended before it said anything of it".to_owned())
            });
        }
        told(
            self.client,
            self.brokers,
            &results,
            started.elapsed().as_secs_f64(),
        );
        results
    }

    fn against(&self, address: &str, server: &mut Server) -> Outcome<BTreeMap<String, Cell>> {
        let log = format!("{FOLDER}/logs/{}-{}.log", self.client.name(), self.brokers);
        let mut words = server::create(&log)?;
        let mut command = self.program.command();
        command
            .args([address, &self.brokers.to_string()])
            .args(self.behaviours)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(server::create(&format!("{log}.err"))?);
        let mut child = command
            .spawn()
            .map_err(|error| crate::step::cannot_start(&command, &error))?;
        let lines = lines_of(&mut child);
        let mut results = BTreeMap::new();
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = match lines.recv_timeout(left) {
                Ok(line) => line,
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let _ = child.kill();
                    break;
                }
            };
            let _ = writeln!(words, "{line}");
            if let Some(order) = line.strip_prefix("broker ") {
                let answer = server
                    .control(order)
                    .map_or_else(|trouble| trouble, |()| "done".to_owned());
                let _ = child
                    .stdin
                    .as_mut()
                    .map(|input| writeln!(input, "{answer}"));
            } else if let Some((name, cell)) = self.read(&line) {
                let lives = server.lives();
                results.insert(name, cell.at(&log, &server.log, lives));
            }
        }
        let _ = child.wait();
        Ok(results)
    }

    /// `NAME pass 1.2s`, `NAME fail WHY`, `NAME cannot WHY`; anything else is talk.
    fn read(&self, line: &str) -> Option<(String, Cell)> {
        let (name, rest) = line.split_once(' ')?;
        let (word, why) = rest.split_once(' ').unwrap_or((rest, ""));
        if !self.behaviours.iter().any(|behaviour| behaviour == name) {
            return None;
        }
        let cell = match word {
            "pass" => Cell::Pass,
            "fail" => Cell::Fail(why.to_owned()),
            "cannot" => Cell::Cannot(why.to_owned()),
            _ => return None,
        };
        Some((name.to_owned(), cell))
    }

    fn all_failed(&self, trouble: &str) -> BTreeMap<String, Cell> {
        self.behaviours
            .iter()
            .map(|behaviour| (behaviour.clone(), Cell::Fail(trouble.to_owned())))
            .collect()
    }
}

fn lines_of(child: &mut Child) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    let output = child.stdout.take().map(BufReader::new);
    std::thread::spawn(move || {
        for line in output
            .into_iter()
            .flat_map(|output| output.split(b'\n'))
            .map_while(Result::ok)
        {
            if tell
                .send(String::from_utf8_lossy(&line).trim_end().to_owned())
                .is_err()
            {
                return;
            }
        }
    });
    told
}
