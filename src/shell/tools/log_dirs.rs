//! `kafka-log-dirs`: what each replica takes on the brokers' disks.

use client::admin::{AdminAnswer, AdminCall, LogDirDescription, Outcome, ReplicaInfo};
use engine::ids::{BrokerId, TopicPartition};
use records::sorted::SortedSet;
use serde::Serialize;
use serde_json::Value as Json;

use super::Tool;
use super::admin::{AdminTool, Answer, Next, Work};
use super::options::{
    Failure, OptionSpec, Value, addresses, help_or_version, missing, parse, usage,
};
use crate::commands::Process;
use crate::io::Io;
use crate::java;
use crate::screen::{Piece, Stream, Tone};

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::with(
        "bootstrap-server",
        "String: The server (s) to use for bootstrapping",
        "Where the cluster is, as host:port.",
    )
    .value(Value::Server)
    .required(),
    OptionSpec::with(
        "broker-list",
        "String: Broker list",
        "Only these brokers: 1,2,3.",
    ),
    OptionSpec::with(
        "command-config",
        "String: Admin client property file",
        "Settings for the admin client, from a file.",
    )
    .value(Value::File),
    OptionSpec::flag("describe", "Show the log directories."),
    OptionSpec::flag("help", "Show this."),
    OptionSpec::with(
        "topic-list",
        "String: Topic list",
        "Only these topics: a,b,c.",
    )
    .value(Value::Topic),
    OptionSpec::flag("version", "Show Kafka's version."),
];

pub(crate) const SUMMARY: &str = "shows what each replica takes on the brokers' disks";

/// `kafka-log-dirs` while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LogDirs {
    topics: SortedSet<String>,
    brokers: String,
    asked: SortedSet<BrokerId>,
}

/// Starts the tool.
pub(crate) fn start(arguments: &[String], _io: &mut Io<'_>) -> Result<Tool, Process> {
    let options = parse(OPTIONS, arguments).map_err(|failure| thrown(&failure))?;
    let about = "kafka-log-dirs shows what each replica takes on the brokers' disks.";
    if let Some(process) = help_or_version(OPTIONS, about, arguments, &options) {
        return Err(process);
    }
    if let Some(message) = missing(&options, &["bootstrap-server", "describe"]) {
        return Err(usage(OPTIONS, &message));
    }
    let text = |name: &str| {
        let value = options.one(name).map_err(|failure| thrown(&failure))?;
        Ok::<&str, Process>(value.unwrap_or_default())
    };
    let bootstrap = addresses(text("bootstrap-server")?).map_err(|_| {
        thrown(&Failure::new(
            "org.apache.kafka.common.KafkaException",
            "Failed to create new KafkaAdminClient",
        ))
    })?;
    let work = LogDirs {
        topics: listed(text("topic-list")?).map(str::to_owned).collect(),
        brokers: text("broker-list")?.to_owned(),
        asked: SortedSet::new(),
    };
    let tool = AdminTool::new("log-dirs-tool", bootstrap, Work::LogDirs(work));
    Ok(Tool::Admin(Box::new(tool)))
}

impl LogDirs {
    pub(crate) fn begin(&self) -> Next {
        Next::Call(AdminCall::DescribeCluster)
    }

    pub(crate) fn answer(&mut self, io: &mut Io<'_>, answer: Answer) -> Next {
        let outcome = match answer {
            Ok(AdminAnswer::DescribeCluster(_, _, brokers)) => {
                let there = brokers.into_iter().map(|(id, _)| id).collect();
                self.choose(io, &there)
            }
            Ok(AdminAnswer::DescribeLogDirs(found)) => self.print(io, found),
            Ok(_) => return Next::Exit(1),
            Err(failure) => Err(executed(&failure)),
        };
        outcome.unwrap_or_else(|failure| {
            io.error(&failure.message);
            // What the tool itself refuses has no stack trace.
            if !failure.exception.is_empty() {
                io.error(&failure.line());
            }
            Next::Exit(1)
        })
    }

    /// Asks the brokers that were named, or all that are there.
    fn choose(&mut self, io: &mut Io<'_>, there: &SortedSet<BrokerId>) -> Result<Next, Failure> {
        let named = listed(&self.brokers).map(number);
        let named = named.collect::<Result<SortedSet<BrokerId>, Failure>>()?;
        let unknown: SortedSet<BrokerId> = named
            .iter()
            .filter(|id| !there.contains(*id))
            .copied()
            .collect();
        if !unknown.is_empty() {
            let message = format!(
                "ERROR: The given brokers do not exist from --broker-list: {}. Current existent brokers: {}",
                joined(&unknown),
                joined(there)
            );
            return Err(Failure::new("", message));
        }
        self.asked = if named.is_empty() {
            there.clone()
        } else {
            named
        };
        io.line("Querying brokers for log directories information");
        let asked = self.asked.iter().copied().collect();
        Ok(Next::Call(AdminCall::DescribeLogDirs(asked)))
    }

    fn print(
        &self,
        io: &mut Io<'_>,
        found: Vec<(BrokerId, Outcome<Vec<LogDirDescription>>)>,
    ) -> Result<Next, Failure> {
        let mut brokers = Vec::with_capacity(found.len());
        for (broker, outcome) in found {
            let dirs = outcome.map_err(|error| executed(&Failure::of(&error)))?;
            let dirs: Vec<String> = dirs.iter().map(|dir| self.directory(dir)).collect();
            let dirs = dirs.join(",");
            brokers.push(format!(r#"{{"broker":{broker},"logDirs":[{dirs}]}}"#));
        }
        let asked = joined(&self.asked);
        io.line(&format!(
            "Received log directory information from brokers {asked}"
        ));
        let brokers = brokers.join(",");
        io.line(&format!(r#"{{"brokers":[{brokers}],"version":1}}"#));
        Ok(Next::Exit(0))
    }

    /// Written by hand: a map of `serde_json` would sort its keys.
    fn directory(&self, dir: &LogDirDescription) -> String {
        let wanted = |replica: &&ReplicaInfo| {
            self.topics.is_empty() || self.topics.contains(&replica.partition.topic)
        };
        let shown: Vec<&ReplicaInfo> = dir.replicas.iter().filter(wanted).collect();
        let mut order: Vec<TopicPartition> = shown
            .iter()
            .map(|replica| replica.partition.clone())
            .collect();
        java::hash_order(&mut order);
        let rows: Vec<String> = order
            .iter()
            .filter_map(|partition| shown.iter().find(|row| row.partition == *partition))
            .map(|row| {
                format!(
                    r#"{{"partition":{},"size":{},"offsetLag":{},"isFuture":{}}}"#,
                    quoted(&row.partition.to_string()),
                    row.size,
                    row.offset_lag,
                    row.is_future
                )
            })
            .collect();
        let error = dir.error.as_ref().map(|error| quoted(&error.exception));
        format!(
            r#"{{"partitions":[{}],"error":{},"logDir":{}}}"#,
            rows.join(","),
            error.as_deref().unwrap_or("null"),
            quoted(&dir.path)
        )
    }
}

fn thrown(failure: &Failure) -> Process {
    let text = format!("{}\n{}\n", failure.message, failure.line());
    Process::Said(vec![Piece::new(Stream::Err, Tone::Error, text)], 1)
}

/// What the future of a call throws.
fn executed(failure: &Failure) -> Failure {
    Failure::new("java.util.concurrent.ExecutionException", failure.line())
}

fn listed(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|item| !item.is_empty())
}

fn number(text: &str) -> Result<BrokerId, Failure> {
    text.parse().map_err(|_| {
        Failure::new(
            "java.lang.NumberFormatException",
            format!("For input string: \"{text}\""),
        )
    })
}

fn joined(ids: &SortedSet<BrokerId>) -> String {
    let ids: Vec<String> = ids.iter().map(BrokerId::to_string).collect();
    ids.join(",")
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}
