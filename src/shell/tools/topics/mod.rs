//! `kafka-topics`: creates, lists, describes, alters and deletes topics.

mod check;
mod create;
mod print;

use records::sorted::Arrange;
use records::sorted::SortedMap;

use client::admin::{AdminAnswer, AdminCall, TopicDescription};
use client::event::LogLevel;
use serde::Serialize;

use super::Tool;
use super::admin::{AdminTool, Answer, Next, Work};
use super::options::{
    Failure, OptionSpec, Parsed, UNRESOLVED, Value, addresses, help_or_version, parse, unresolved,
    usage,
};
use crate::commands::Process;
use crate::io::Io;
use crate::java;
use crate::screen::{Piece, Stream, Tone};

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::flag("alter", "Raise a topic's number of partitions."),
    OptionSpec::flag(
        "at-min-isr-partitions",
        "When describing: only partitions with exactly min.insync.replicas in sync.",
    ),
    OptionSpec::with(
        "bootstrap-server",
        "String: server to connect to",
        "Where the cluster is, as host:port.",
    )
    .value(Value::Server)
    .required(),
    OptionSpec::with(
        "command-config",
        "String: command config property file",
        "Settings for the admin client, from a file.",
    )
    .value(Value::File),
    OptionSpec::with(
        "config",
        "String: name=value",
        "A setting of the topic being created; may be given more than once.",
    ),
    OptionSpec::flag("create", "Make a topic."),
    OptionSpec::flag("delete", "Delete topics with all their records."),
    OptionSpec::with(
        "delete-config",
        "String: name",
        "No longer does anything; use kafka-configs.",
    ),
    OptionSpec::flag(
        "describe",
        "Show topics with their partitions, leaders and replicas.",
    ),
    OptionSpec::flag(
        "exclude-internal",
        "When listing or describing: leave out Kafka's own topics.",
    ),
    OptionSpec::flag("help", "Show this."),
    OptionSpec::flag(
        "if-exists",
        "When altering, deleting or describing: do nothing if the topic is missing.",
    ),
    OptionSpec::flag(
        "if-not-exists",
        "When creating: do nothing if the topic is there.",
    ),
    OptionSpec::flag("list", "Show the names of all topics."),
    OptionSpec::with(
        "partition-size-limit-per-response",
        "Integer: maximum number of partitions per response",
        "When describing: how many partitions to ask for at a time.",
    ),
    OptionSpec::with(
        "partitions",
        "Integer: # of partitions",
        "How many partitions to create, or to alter to.",
    ),
    OptionSpec::with(
        "replica-assignment",
        "String: broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , ...",
        "Which brokers hold which partition, chosen by hand: 1:2,2:3 is two partitions of two replicas.",
    ),
    OptionSpec::with(
        "replication-factor",
        "Integer: replication factor",
        "How many copies of each partition to keep when creating.",
    ),
    OptionSpec::with(
        "topic",
        "String: topic",
        "The topic; except when creating, a pattern that matches whole names.",
    )
    .value(Value::Topic),
    OptionSpec::with(
        "topic-id",
        "String: topic-id",
        "When describing: the topic by its id.",
    ),
    OptionSpec::flag(
        "topics-with-overrides",
        "When describing: only topics with settings of their own.",
    ),
    OptionSpec::flag(
        "unavailable-partitions",
        "When describing: only partitions without a leader.",
    ),
    OptionSpec::flag(
        "under-min-isr-partitions",
        "When describing: only partitions with fewer than min.insync.replicas in sync.",
    ),
    OptionSpec::flag(
        "under-replicated-partitions",
        "When describing: only partitions with replicas out of sync.",
    ),
    OptionSpec::flag("version", "Show Kafka's version."),
];

pub(crate) const SUMMARY: &str = "creates, lists, describes, alters and deletes topics";

/// `kafka-topics` while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Topics {
    options: Parsed,
    state: State,
    topic: Option<String>,
    alteration: Option<Alteration>,
    described: Vec<TopicDescription>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Alteration {
    partitions: i32,
    assignment: Option<Vec<Vec<i32>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum State {
    Creating,
    Listing,
    Describing,
    DescribingConfigs,
    DescribingToAlter,
    Altering,
    Deleting,
}

/// Starts the tool.
pub(crate) fn start(arguments: &[String], io: &mut Io<'_>) -> Result<Tool, Process> {
    let options = parse(OPTIONS, arguments).map_err(|failure| thrown(&failure))?;
    if options.has("help") || options.has("version") || arguments.is_empty() {
        let about = "kafka-topics creates, lists, describes, alters and deletes topics.";
        if let Some(process) = help_or_version(OPTIONS, about, arguments, &options) {
            return Err(process);
        }
    }
    if let Some(message) = check::check(&options)? {
        return Err(usage(OPTIONS, &message));
    }
    let bootstrap = options
        .one("bootstrap-server")
        .map_err(|failure| thrown(&failure))?;
    let bootstrap = match addresses(bootstrap.unwrap_or_default()) {
        Ok(bootstrap) => bootstrap,
        Err(failure) => return Err(no_client(io, &failure)),
    };
    if let Some(file) = options.all("command-config").first() {
        return Err(thrown(&Failure::new(
            "java.nio.file.NoSuchFileException",
            file.clone(),
        )));
    }
    let topics = Topics {
        options,
        state: State::Listing,
        topic: None,
        alteration: None,
        described: Vec::new(),
    };
    let tool = AdminTool::new("adminclient-1", bootstrap, Work::Topics(topics));
    Ok(Tool::Admin(Box::new(tool)))
}

/// A message and the stack trace's first line, as `main` prints what reaches it.
fn thrown(failure: &Failure) -> Process {
    let text = format!("{}\n{}\n", failure.message, failure.line());
    Process::Said(vec![Piece::new(Stream::Err, Tone::Error, text)], 1)
}

fn no_client(io: &Io<'_>, failure: &Failure) -> Process {
    let mut text = String::new();
    if failure.exception == UNRESOLVED {
        text.push_str(&unresolved(io, failure));
    }
    let message = "Failed to create new KafkaAdminClient";
    text.push_str(&format!(
        "{message}\norg.apache.kafka.common.KafkaException: {message}\n"
    ));
    Process::Said(vec![Piece::new(Stream::Err, Tone::Error, text)], 1)
}

impl Topics {
    pub(crate) fn begin(&mut self, io: &mut Io<'_>) -> Next {
        if self.options.has("delete-config") {
            let text = "delete-config option is no longer supported and deprecated since version 4.0. The config will be fully removed in future releases.";
            io.err(Tone::Warning, text);
        }
        match self.try_begin(io) {
            Ok(call) => Next::Call(call),
            Err(failure) => fail(io, &failure),
        }
    }

    fn try_begin(&mut self, io: &mut Io<'_>) -> Result<AdminCall, Failure> {
        self.topic = self.options.one("topic")?.map(str::to_owned);
        if self.options.has("create") {
            return self.create(io);
        }
        if self.options.has("alter") {
            self.alteration = Some(Alteration {
                partitions: self.options.number("partitions")?.unwrap_or(0),
                assignment: self.assignment()?,
            });
        }
        if let Some(id) = self.options.one("topic-id")? {
            check_id(id)?;
        }
        Ok(AdminCall::ListTopics)
    }

    pub(crate) fn answer(&mut self, io: &mut Io<'_>, answer: Answer) -> Next {
        match answer.and_then(|answer| self.try_answer(io, answer)) {
            Ok(next) => next,
            Err(failure) => fail(io, &failure),
        }
    }

    fn try_answer(&mut self, io: &mut Io<'_>, answer: AdminAnswer) -> Result<Next, Failure> {
        match (self.state, answer) {
            (State::Creating, AdminAnswer::CreateTopics(created)) => self.created(io, created),
            (State::Listing, AdminAnswer::ListTopics(topics)) => self.listed(io, topics),
            (State::Describing, AdminAnswer::DescribeTopics(topics)) => {
                for (_, outcome) in topics {
                    self.described
                        .push(outcome.map_err(|error| Failure::of(&error))?);
                }
                self.described.arrange_by(|a, b| a.name.cmp(&b.name));
                self.state = State::DescribingConfigs;
                let names = self.described.iter().map(|topic| topic.name.clone());
                Ok(Next::Call(AdminCall::DescribeTopicConfigs(names.collect())))
            }
            (State::DescribingConfigs, AdminAnswer::DescribeTopicConfigs(configs)) => {
                let mut by_name = SortedMap::new();
                for (name, outcome) in configs {
                    by_name.insert(name, outcome.map_err(|error| Failure::of(&error))?);
                }
                self.describe(io, &by_name);
                Ok(Next::Exit(0))
            }
            (State::DescribingToAlter, AdminAnswer::DescribeTopics(topics)) => self.alter(topics),
            (State::Altering, AdminAnswer::CreatePartitions(outcomes)) => all_well(outcomes),
            (State::Deleting, AdminAnswer::DeleteTopics(outcomes)) => all_well(outcomes),
            _ => Err(Failure::new(
                "java.lang.IllegalStateException",
                "the client gave another answer",
            )),
        }
    }

    fn created(
        &self,
        io: &mut Io<'_>,
        created: Vec<(String, client::admin::Outcome<String>)>,
    ) -> Result<Next, Failure> {
        const EXISTS: &str = "org.apache.kafka.common.errors.TopicExistsException";
        for (name, outcome) in created {
            match outcome {
                Ok(_) => {
                    let text = format!("Created topic {name}.\n");
                    io.piece(Piece::new(Stream::Out, Tone::Ok, text));
                }
                Err(error) if error.exception == EXISTS && self.options.has("if-not-exists") => {}
                // The tool checks values itself before it asks, and throws what its own check throws.
                Err(error) if error.message.starts_with("Invalid value ") => {
                    let class = "org.apache.kafka.common.config.ConfigException";
                    return Err(Failure::new(class, error.message));
                }
                Err(error) => return Err(Failure::of(&error)),
            }
        }
        Ok(Next::Exit(0))
    }

    fn listed(
        &mut self,
        io: &mut Io<'_>,
        topics: Vec<(String, String, bool)>,
    ) -> Result<Next, Failure> {
        if let Some(id) = self.options.one("topic-id")? {
            let found = topics.iter().find(|(_, topic_id, _)| topic_id == id);
            return match found {
                Some((name, _, _)) => {
                    self.state = State::Describing;
                    Ok(Next::Call(AdminCall::DescribeTopics(vec![name.clone()])))
                }
                None if self.options.has("if-exists") => Ok(Next::Exit(0)),
                None => Err(Failure::illegal_argument(format!(
                    "TopicId '{id}' does not exist as expected"
                ))),
            };
        }
        let names = self.chosen(topics)?;
        if self.options.has("list") {
            io.line(&names.join("\n"));
            return Ok(Next::Exit(0));
        }
        if names.is_empty() {
            return match &self.topic {
                Some(topic) if !self.options.has("if-exists") => Err(Failure::illegal_argument(
                    format!("Topic '{topic}' does not exist as expected"),
                )),
                _ => Ok(Next::Exit(0)),
            };
        }
        let (state, call) = if self.options.has("delete") {
            (State::Deleting, AdminCall::DeleteTopics(names))
        } else if self.options.has("alter") {
            (State::DescribingToAlter, AdminCall::DescribeTopics(names))
        } else {
            (State::Describing, AdminCall::DescribeTopics(names))
        };
        self.state = state;
        Ok(Next::Call(call))
    }

    /// The topics that `--topic` and `--exclude-internal` leave, by name.
    fn chosen(&self, topics: Vec<(String, String, bool)>) -> Result<Vec<String>, Failure> {
        let pattern = match &self.topic {
            None => None,
            Some(topic) => {
                let filter = java::topic_filter(topic);
                let regex = java::whole(&filter);
                Some(regex.ok_or_else(|| {
                    let message = format!("{filter} is an invalid regex.");
                    Failure::new("java.lang.RuntimeException", message)
                })?)
            }
        };
        let without_internal = self.options.has("exclude-internal");
        let mut names: Vec<String> = topics
            .into_iter()
            .filter(|(_, _, internal)| !(*internal && without_internal))
            .map(|(name, _, _)| name)
            .filter(|name| {
                pattern
                    .as_ref()
                    .is_none_or(|pattern| pattern.is_match(name))
            })
            .collect();
        names.arrange();
        Ok(names)
    }

    fn alter(
        &mut self,
        topics: Vec<(String, client::admin::Outcome<TopicDescription>)>,
    ) -> Result<Next, Failure> {
        let Some(alteration) = self.alteration.clone() else {
            return Ok(Next::Exit(1));
        };
        let mut wanted = Vec::new();
        for (name, outcome) in topics {
            let topic = outcome.map_err(|error| Failure::of(&error))?;
            let known = topic.partitions.len();
            let assignment = alteration.assignment.as_ref();
            let new = assignment.map(|all| all.iter().skip(known).cloned().collect());
            wanted.push((name, alteration.partitions, new));
        }
        self.state = State::Altering;
        Ok(Next::Call(AdminCall::CreatePartitions(wanted)))
    }
}

fn all_well(outcomes: Vec<(String, client::admin::Outcome<()>)>) -> Result<Next, Failure> {
    for (_, outcome) in outcomes {
        outcome.map_err(|error| Failure::of(&error))?;
    }
    Ok(Next::Exit(0))
}

fn check_id(text: &str) -> Result<(), Failure> {
    let valid = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let bytes = text.len().saturating_mul(6) / 8;
    match valid && bytes == 16 {
        true => Ok(()),
        false => Err(Failure::illegal_argument(format!(
            "Input string `{text}` decoded as {bytes} bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID"
        ))),
    }
}

/// What the tool prints for what was thrown while it ran.
fn fail(io: &mut Io<'_>, failure: &Failure) -> Next {
    let text = format!(
        "Error while executing topic command : {}\n",
        failure.message
    );
    io.piece(Piece::new(Stream::Out, Tone::Error, text));
    let trace = format!("{}\n", failure.line());
    java::log(
        io,
        LogLevel::Error,
        &trace,
        "org.apache.kafka.tools.TopicCommand",
    );
    Next::Exit(1)
}
