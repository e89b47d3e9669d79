//! `kafka-get-offsets`: offsets of partitions by time.

use client::admin::{AdminAnswer, AdminCall, OffsetSpec, Outcome, TopicDescription};
use engine::ids::TopicPartition;
use records::sorted::Arrange;
use serde::Serialize;

use super::Tool;
use super::admin::{AdminTool, Answer, Next, Work};
use super::options::{
    Failure, OptionSpec, Parsed, Value, addresses, help_or_version, missing, parse, usage,
};
use crate::commands::Process;
use crate::io::Io;
use crate::java;

const TIMES: &[&str] = &[
    "latest",
    "earliest",
    "max-timestamp",
    "earliest-local",
    "latest-tiered",
];

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::with(
        "bootstrap-server",
        "String: HOST1: PORT1,...,HOST3:PORT3",
        "Where the cluster is, as host:port.",
    )
    .value(Value::Server)
    .required(),
    OptionSpec::with(
        "command-config",
        "String: config file",
        "Settings for the admin client, from a file.",
    )
    .value(Value::File),
    OptionSpec::flag("exclude-internal-topics", "Leave out Kafka's own topics."),
    OptionSpec::flag("help", "Show this."),
    OptionSpec::with(
        "partitions",
        "String: partition ids",
        "Only these partitions: 0,1,2.",
    ),
    OptionSpec::with(
        "time",
        "String: <timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / ...",
        "Which offset: of the first record since a time in milliseconds, or one of these names.",
    )
    .value(Value::Choice(TIMES))
    .default("latest"),
    OptionSpec::with(
        "topic",
        "String: topic",
        "Only topics whose whole name matches this pattern.",
    )
    .value(Value::Topic),
    OptionSpec::with(
        "topic-partitions",
        "String: topic1:1, topic2:0-3,topic3,topic4:5-,topic5:-3 ",
        "Only these topics and ranges of partitions.",
    ),
    OptionSpec::flag("version", "Show Kafka's version."),
];

pub(crate) const SUMMARY: &str = "shows the offsets of partitions by time";

/// `kafka-get-offsets` while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct GetOffsets {
    rules: Vec<Rule>,
    without_internal: bool,
    spec: Option<OffsetSpec>,
}

/// Which partitions of which topics; the end is not included.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Rule {
    pattern: String,
    ranges: Vec<(i32, i32)>,
}

impl Rule {
    fn allows(&self, topic: &str, partition: i32) -> bool {
        let fits = java::whole(&self.pattern).is_some_and(|regex| regex.is_match(topic));
        fits && self
            .ranges
            .iter()
            .any(|(from, to)| (*from..*to).contains(&partition))
    }
}

/// Starts the tool.
pub(crate) fn start(arguments: &[String], _io: &mut Io<'_>) -> Result<Tool, Process> {
    let occurred = |message: &str| Process::failed(1, format!("Error occurred: {message}"));
    let options = parse(OPTIONS, arguments).map_err(|failure| occurred(&failure.message))?;
    let about = "kafka-get-offsets shows the offsets of partitions by time.";
    if let Some(process) = help_or_version(OPTIONS, about, arguments, &options) {
        return Err(process);
    }
    if let Some(message) = missing(&options, &["bootstrap-server"]) {
        return Err(usage(OPTIONS, &message));
    }
    let prepared = prepare(&options).map_err(|message| occurred(&message))?;
    let servers = options
        .all("bootstrap-server")
        .last()
        .map_or("", String::as_str);
    let bootstrap =
        addresses(servers).map_err(|_| occurred("Failed to create new KafkaAdminClient"))?;
    let tool = AdminTool::new("GetOffsetShell", bootstrap, Work::GetOffsets(prepared));
    Ok(Tool::Admin(Box::new(tool)))
}

fn prepare(options: &Parsed) -> Result<GetOffsets, String> {
    let message = |failure: Failure| failure.message;
    let topic = options.one("topic").map_err(message)?;
    let partitions = options.one("partitions").map_err(message)?;
    let rules = match options.one("topic-partitions").map_err(message)? {
        Some(_) if topic.is_some() || partitions.is_some() => {
            return Err(
                "--topic-partitions cannot be used with --topic or --partitions".to_owned(),
            );
        }
        Some(list) => list.split(',').map(rule).collect::<Result<_, _>>()?,
        None => vec![Rule {
            pattern: topic.map_or(".*".to_owned(), java::topic_filter),
            ranges: partitions.map_or(Ok(vec![(0, i32::MAX)]), ids)?,
        }],
    };
    for rule in &rules {
        if java::whole(&rule.pattern).is_none() {
            return Err(format!("{} is an invalid regex.", rule.pattern));
        }
    }
    let time = options.one("time").map_err(message)?.unwrap_or("latest");
    Ok(GetOffsets {
        rules,
        without_internal: options.has("exclude-internal-topics"),
        spec: spec(time)?,
    })
}

fn ids(list: &str) -> Result<Vec<(i32, i32)>, String> {
    let parse = |text: &str| {
        let number: i32 = text.parse().map_err(|_| {
            format!("--partitions expects a comma separated list of numeric partition ids, but received: {list}")
        })?;
        Ok((number, number.saturating_add(1)))
    };
    list.split(',').map(parse).collect()
}

/// `topic`, `topic:1`, `topic:1-3`, `topic:1-`, `topic:-3`
fn rule(text: &str) -> Result<Rule, String> {
    let invalid = || {
        let inner = format!("Invalid rule specification: {text}");
        format!(
            "org.apache.kafka.tools.TerseException: {inner}\njava.lang.RuntimeException: org.apache.kafka.tools.TerseException: {inner}"
        )
    };
    let (topic, range) = match text.split_once(':') {
        Some((topic, range)) => (topic, Some(range)),
        None => (text, None),
    };
    let number = |text: &str| text.parse::<i32>().map_err(|_| invalid());
    let range = match range {
        None | Some("") => (0, i32::MAX),
        Some(range) => match range.split_once('-') {
            None => {
                let only = number(range)?;
                (only, only.saturating_add(1))
            }
            Some(("", to)) => (0, number(to)?),
            Some((from, "")) => (number(from)?, i32::MAX),
            Some((from, to)) => (number(from)?, number(to)?),
        },
    };
    let pattern = if topic.is_empty() { ".*" } else { topic };
    Ok(Rule {
        pattern: pattern.to_owned(),
        ranges: vec![range],
    })
}

/// What a time stands for; `None` if no record can answer it.
fn spec(time: &str) -> Result<Option<OffsetSpec>, String> {
    Ok(Some(match time {
        "latest" | "-1" => OffsetSpec::Latest,
        "earliest" | "-2" => OffsetSpec::Earliest,
        "max-timestamp" | "-3" => OffsetSpec::MaxTimestamp,
        "earliest-local" | "-4" => OffsetSpec::EarliestLocal,
        "latest-tiered" | "-5" => OffsetSpec::LatestTiered,
        // Only tiered storage has such records.
        "earliest-pending-upload" | "-6" => return Ok(None),
        other => match other.parse() {
            Ok(timestamp) => OffsetSpec::Timestamp(timestamp),
            Err(_) => {
                return Err(format!(
                    "Malformed time argument {other}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp"
                ));
            }
        },
    }))
}

impl GetOffsets {
    pub(crate) fn begin(&self) -> Next {
        Next::Call(AdminCall::ListTopics)
    }

    pub(crate) fn answer(&mut self, io: &mut Io<'_>, answer: Answer) -> Next {
        match answer {
            Ok(AdminAnswer::ListTopics(topics)) => {
                let wanted = topics
                    .into_iter()
                    .filter(|(_, _, internal)| !(*internal && self.without_internal));
                let names: Vec<String> = wanted
                    .map(|(name, _, _)| name)
                    .filter(|name| self.may_allow(name))
                    .collect();
                match names.is_empty() {
                    true => nothing(io),
                    false => Next::Call(AdminCall::DescribeTopics(names)),
                }
            }
            Ok(AdminAnswer::DescribeTopics(topics)) => self.described(io, topics),
            Ok(AdminAnswer::ListOffsets(mut found)) => {
                found.arrange_by(|a, b| a.0.cmp(&b.0));
                for (TopicPartition { topic, partition }, outcome) in found {
                    match outcome {
                        Ok(found) if found.offset >= 0 => io.line(&format!("{topic}:{partition}:{}", found.offset)),
                        Ok(_) => {}
                        Err(error) => io.error(&format!(
                            "Skip getting offsets for topic-partition {topic}-{partition} due to error: {}",
                            Failure::of(&error).line()
                        )),
                    }
                }
                Next::Exit(0)
            }
            Ok(_) => Next::Exit(1),
            Err(failure) => {
                io.error(&format!("Error occurred: {}", failure.message));
                Next::Exit(1)
            }
        }
    }

    fn may_allow(&self, topic: &str) -> bool {
        self.rules
            .iter()
            .any(|rule| java::whole(&rule.pattern).is_some_and(|regex| regex.is_match(topic)))
    }

    fn described(&self, io: &mut Io<'_>, topics: Vec<(String, Outcome<TopicDescription>)>) -> Next {
        let mut partitions = Vec::new();
        for topic in topics.into_iter().filter_map(|(_, outcome)| outcome.ok()) {
            for partition in &topic.partitions {
                let number = partition.partition;
                if self
                    .rules
                    .iter()
                    .any(|rule| rule.allows(&topic.name, number))
                {
                    partitions.push(TopicPartition::new(topic.name.clone(), number));
                }
            }
        }
        match (partitions.is_empty(), self.spec) {
            (true, _) => nothing(io),
            (false, None) => Next::Exit(0),
            (false, Some(spec)) => {
                let specs = partitions.into_iter().map(|partition| (partition, spec));
                Next::Call(AdminCall::ListOffsets(specs.collect()))
            }
        }
    }
}

fn nothing(io: &mut Io<'_>) -> Next {
    io.error("Error occurred: Could not match any topic-partitions with the specified filters");
    Next::Exit(1)
}
