//! What a user may ask for on the command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

use crate::settings::Setting;

/// A Kafka cluster for any Kafka client, without Java and ready at once.
#[derive(Debug, Parser)]
#[command(name = "kafka-playground", version, propagate_version = true)]
pub struct Options {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a cluster until SIGINT or SIGTERM.
    Serve(ServeOptions),
    /// Run a recording again, and check that every frame sent is the same.
    Replay {
        /// What `serve --record` wrote.
        file: PathBuf,
    },
}

/// How to serve.
#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    /// How many brokers.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=9))]
    pub brokers: i32,
    /// The first broker's port; the others follow. 0 takes free ports.
    #[arg(long, default_value_t = 8098, value_name = "P")]
    pub port: u16,
    /// The address to listen at.
    #[arg(long, default_value = "127.0.0.1")]
    pub host: String,
    /// The host name that clients are told to connect to, if it is not the one to listen at.
    #[arg(long, value_name = "HOST")]
    pub advertised_host: Option<String>,
    /// Listen at an address that other machines reach. There is no authentication.
    #[arg(long)]
    pub allow_remote: bool,
    /// A topic that is there from the start; may be given again.
    #[arg(long = "topic", value_name = "NAME:PARTITIONS[:REPLICATION]")]
    pub topics: Vec<NewTopic>,
    /// What all ids and choices come from; the same seed gives the same ids.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Keep logs and metadata in this directory, in Kafka's own layout, and start from what it holds.
    #[arg(long, value_name = "DIR", conflicts_with = "record")]
    pub data: Option<PathBuf>,
    /// Write every input with its time, to be run again with `kafka-playground replay FILE`.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// A Kafka broker setting, such as `log.retention.ms=60000`; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<Setting>,
    /// Write a line for each request to standard error.
    #[arg(long)]
    pub verbose: bool,
    /// Take orders on standard input: `kill N` and `start N` for a broker, `stop` for all, as does its end.
    #[arg(long)]
    pub control_stdin: bool,
    /// Bytes that all connections together may hold of unfinished requests and unread responses.
    #[arg(long, value_name = "BYTES", default_value_t = crate::ledger::DEFAULT_LIMIT)]
    pub buffer_limit: usize,
}

/// A topic to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: i32,
    /// How many replicas each has.
    pub replication: i16,
}

impl FromStr for NewTopic {
    type Err = String;

    fn from_str(text: &str) -> Result<NewTopic, String> {
        let wrong = || format!("{text:?} is not NAME:PARTITIONS or NAME:PARTITIONS:REPLICATION");
        let mut parts = text.split(':');
        let name = parts
            .next()
            .filter(|name| !name.is_empty())
            .ok_or_else(wrong)?;
        let partitions = parts
            .next()
            .and_then(|part| part.parse().ok())
            .ok_or_else(wrong)?;
        let replication = match parts.next() {
            Some(part) => part.parse().map_err(|_| wrong())?,
            None => 1,
        };
        if parts.next().is_some() {
            return Err(wrong());
        }
        Ok(NewTopic {
            name: name.to_owned(),
            partitions,
            replication,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::NewTopic;

    #[test]
    fn a_topic_is_a_name_and_one_or_two_numbers() {
        let topic = |text: &str| text.parse::<NewTopic>();
        assert!(
            topic("scotsmen:3").is_ok_and(|topic| (topic.partitions, topic.replication) == (3, 1))
        );
        assert!(topic("scotsmen:3:2").is_ok_and(|topic| topic.replication == 2));
        for wrong in [
            "",
            "scotsmen",
            ":3",
            "scotsmen:x",
            "scotsmen:3:",
            "scotsmen:3:2:1",
        ] {
            assert!(topic(wrong).is_err_and(|sentence| sentence.contains("NAME:PARTITIONS")));
        }
    }
}
