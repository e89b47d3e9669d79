//! Our own client: `benches/load`.

use super::subject::Subject;
use crate::step::{self, Outcome};
use std::process::Command;

/// What the client prints before a figure.
const MARK: &str = "load\t";

/// The client, built.
pub struct Load {
    program: String,
}

/// One figure that it found.
#[derive(Debug, PartialEq)]
pub struct Found {
    /// What of.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: String,
}

impl Load {
    /// Builds it.
    pub fn build() -> Outcome<Load> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--locked", "--quiet", "--profile", "server"]);
        cargo.args(["--package", "kafka-playground-gateway", "--example", "load"]);
        step::run(
            "Building the client that loads a server",
            &mut cargo,
            "The compiler says why.",
        )?;
        Ok(Load {
            program: "target/server/examples/load".to_owned(),
        })
    }

    /// Runs it against a server.
    pub fn run(
        &self,
        mode: &str,
        subject: &Subject,
        topic: &str,
        records: u64,
        batch: u64,
    ) -> Outcome<Vec<Found>> {
        let mut client = Command::new(&self.program);
        client.args([mode, &subject.bootstrap, topic]);
        client.args([records.to_string(), batch.to_string()]);
        let output = client
            .output()
            .map_err(|error| step::cannot_start(&client, &error))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!(
                "{} against {}: {}",
                mode,
                subject.kind.name(),
                said.trim()
            ));
        }
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(lines.lines().filter_map(found).collect())
    }
}

fn found(line: &str) -> Option<Found> {
    let mut parts = line.strip_prefix(MARK)?.split('\t');
    Some(Found {
        name: parts.next()?.to_owned(),
        value: parts.next()?.parse().ok()?,
        unit: parts.next()?.to_owned(),
    })
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn a_figure_is_a_line_of_four_parts() {
        let read = found("load\tin\t1500000\trec/s");
        let whole = Found {
            name: "in".to_owned(),
            value: 1.5e6,
            unit: "rec/s".to_owned(),
        };
        assert_eq!(read, Some(whole));
        assert_eq!(found("load\tin\tmany\trec/s"), None);
        assert_eq!(found("ready"), None);
    }
}
