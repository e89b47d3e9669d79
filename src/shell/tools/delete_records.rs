//! `kafka-delete-records`: deletes the oldest records of partitions.

use client::admin::{AdminAnswer, AdminCall};
use client::event::LogLevel;
use engine::ids::TopicPartition;
use records::sorted::Arrange;
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
    OptionSpec::with("bootstrap-server", "String: server(s) to use for bootstrapping", "Where the cluster is, as host:port.").value(Value::Server).required(),
    OptionSpec::with("command-config", "String: command config property file path", "Settings for the admin client, from a file.").value(Value::File),
    OptionSpec::flag("help", "Show this."),
    OptionSpec::with("offset-json-file", "String: Offset json file path", "A file that says from which offset on each partition's records stay: {\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"offset\":1}],\"version\":1}").value(Value::File).required(),
    OptionSpec::flag("version", "Show Kafka's version."),
];

pub(crate) const SUMMARY: &str = "deletes the oldest records of partitions";

/// `kafka-delete-records` while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct DeleteRecords {
    offsets: Vec<(TopicPartition, i64)>,
}

/// Starts the tool.
pub(crate) fn start(arguments: &[String], io: &mut Io<'_>) -> Result<Tool, Process> {
    let options = parse(OPTIONS, arguments).map_err(|failure| thrown(&failure))?;
    let about = "kafka-delete-records deletes the oldest records of partitions.";
    if let Some(process) = help_or_version(OPTIONS, about, arguments, &options) {
        return Err(process);
    }
    if let Some(message) = missing(&options, &["bootstrap-server", "offset-json-file"]) {
        return Err(usage(OPTIONS, &message));
    }
    let path = options
        .one("offset-json-file")
        .map_err(|failure| thrown(&failure))?
        .unwrap_or_default();
    let Ok(text) = io.files.read(io.place, path) else {
        let message = format!("Unable to read file {path}");
        return Err(thrown(&Failure::new("java.io.IOException", message)));
    };
    let offsets = read(text).map_err(|failure| thrown(&failure))?;
    let servers = options
        .all("bootstrap-server")
        .last()
        .map_or("", String::as_str);
    let bootstrap = addresses(servers).map_err(|_| {
        thrown(&Failure::new(
            "org.apache.kafka.common.KafkaException",
            "Failed to create new KafkaAdminClient",
        ))
    })?;
    let work = Work::DeleteRecords(DeleteRecords { offsets });
    let tool = AdminTool::new("adminclient-1", bootstrap, work);
    Ok(Tool::Admin(Box::new(tool)))
}

fn thrown(failure: &Failure) -> Process {
    let text = format!("{}\n{}\n", failure.message, failure.line());
    Process::Said(vec![Piece::new(Stream::Err, Tone::Error, text)], 1)
}

/// The partitions and offsets in the JSON file.
fn read(text: &str) -> Result<Vec<(TopicPartition, i64)>, Failure> {
    const MAPPING: &str = "com.fasterxml.jackson.databind.JsonMappingException";
    const OPERATION: &str = "org.apache.kafka.tools.AdminOperationException";
    let json: Json = serde_json::from_str(text)
        .map_err(|_| Failure::new(OPERATION, "The input string is not a valid JSON"))?;
    let Some(object) = json.as_object() else {
        return Err(Failure::new(
            MAPPING,
            format!("Expected JSON object, received {json}"),
        ));
    };
    let version = object.get("version").map_or(Some(1), Json::as_i64);
    if version != Some(1) {
        let shown = object
            .get("version")
            .map(Json::to_string)
            .unwrap_or_default();
        return Err(Failure::new(
            OPERATION,
            format!("Not supported version field value {shown}"),
        ));
    }
    let Some(partitions) = object.get("partitions") else {
        return Err(Failure::new(OPERATION, "Missing partitions field"));
    };
    let mut offsets: Vec<(TopicPartition, i64)> = Vec::new();
    for entry in partitions.as_array().map_or(&[][..], Vec::as_slice) {
        let field = |name: &str| {
            let missing = || Failure::new(MAPPING, format!("No such field exists: `{name}`"));
            entry.get(name).ok_or_else(missing)
        };
        let number = |name: &str| {
            let value = field(name)?;
            let wrong =
                || Failure::new(MAPPING, format!("Expected `Long` value, received {value}"));
            value.as_i64().ok_or_else(wrong)
        };
        let topic = field("topic")?;
        let wrong = || {
            Failure::new(
                MAPPING,
                format!("Expected `String` value, received {topic}"),
            )
        };
        let topic = topic.as_str().ok_or_else(wrong)?;
        let partition = i32::try_from(number("partition")?).unwrap_or(-1);
        offsets.push((TopicPartition::new(topic, partition), number("offset")?));
    }
    offsets.arrange();
    let twice: Vec<String> = offsets
        .windows(2)
        .filter_map(|pair| match pair {
            [(a, _), (b, _)] if a == b => Some(a.to_string()),
            _ => None,
        })
        .collect();
    match twice.is_empty() {
        true => Ok(offsets),
        false => Err(Failure::new(
            "org.apache.kafka.tools.AdminCommandFailedException",
            format!(
                "Offset json file contains duplicate topic partitions: {}",
                twice.join(",")
            ),
        )),
    }
}

impl DeleteRecords {
    pub(crate) fn begin(&self, io: &mut Io<'_>) -> Next {
        io.line("Executing records delete operation");
        Next::Call(AdminCall::DeleteRecords(self.offsets.clone()))
    }

    pub(crate) fn answer(&mut self, io: &mut Io<'_>, answer: Answer) -> Next {
        let outcomes: Vec<(TopicPartition, Result<i64, Failure>)> = match answer {
            Ok(AdminAnswer::DeleteRecords(outcomes)) => {
                let outcomes = outcomes.into_iter();
                outcomes
                    .map(|(tp, outcome)| (tp, outcome.map_err(|error| Failure::of(&error))))
                    .collect()
            }
            Ok(_) => return Next::Exit(1),
            // Each partition's own future fails with it.
            Err(failure) => {
                let all = self.offsets.iter();
                all.map(|(partition, _)| (partition.clone(), Err(failure.clone())))
                    .collect()
            }
        };
        io.line("Records delete operation completed:");
        for (partition, outcome) in outcomes {
            match outcome {
                Ok(low) => io.line(&format!("partition: {partition}\tlow_watermark: {low}")),
                Err(failure) => {
                    if failure.exception.ends_with("OffsetOutOfRangeException") {
                        let text = format!(
                            "[AdminClient clientId=adminclient-1] DeleteRecords request for topic partition {partition} failed due to an unexpected error OFFSET_OUT_OF_RANGE"
                        );
                        let logger =
                            "org.apache.kafka.clients.admin.internals.DeleteRecordsHandler";
                        java::log(io, LogLevel::Error, &text, logger);
                    }
                    io.line(&format!(
                        "partition: {partition}\terror: {}",
                        failure.line()
                    ));
                }
            }
        }
        Next::Exit(0)
    }
}
