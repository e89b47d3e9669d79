//! `kafka-topics`: creates, lists, describes, alters and deletes topics.

use std::collections::BTreeMap;

use client::admin::{
    AdminAnswer, AdminCall, ConfigEntry, NewTopic, PartitionDescription, TopicDescription,
};
use client::event::LogLevel;
use serde::Serialize;

use super::Tool;
use super::admin::{AdminTool, Answer, Next, Work};
use super::options::{
    Failure, OptionSpec, Parsed, UNRESOLVED, Value, addresses, clash, help_or_version, missing,
    parse, unresolved, usage,
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

const ACTIONS: [&str; 5] = ["create", "list", "alter", "describe", "delete"];
const REPORTS: [&str; 4] = [
    "under-replicated-partitions",
    "unavailable-partitions",
    "under-min-isr-partitions",
    "at-min-isr-partitions",
];

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
    if let Some(message) = check(&options)? {
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

/// What is wrong with the options, in the order Kafka looks for it.
fn check(options: &Parsed) -> Result<Option<String>, Process> {
    if ACTIONS.iter().filter(|action| options.has(action)).count() != 1 {
        let message = "Command must include exactly one action: --list, --describe, --create, --alter or --delete";
        return Ok(Some(message.to_owned()));
    }
    if !options.has("bootstrap-server") {
        return Err(thrown(&Failure::illegal_argument(
            "--bootstrap-server must be specified",
        )));
    }
    if !options.has("list")
        && !options.has("describe")
        && let Some(message) = missing(options, &["topic"])
    {
        return Ok(Some(message));
    }
    if options.has("alter") {
        if options.has("config") {
            let message = "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" (To alter topic configurations, the kafka-configs tool can be used.)";
            return Ok(Some(message.to_owned()));
        }
        if let Some(message) = missing(options, &["partitions"]) {
            return Ok(Some(message));
        }
    }
    Ok(clashes(options))
}

fn clashes(options: &Parsed) -> Option<String> {
    let except = |kept: &[&str]| -> Vec<&str> {
        ACTIONS
            .iter()
            .copied()
            .filter(|action| !kept.contains(action))
            .collect()
    };
    let with_actions = |name: &str, kept: &[&str]| clash(options, name, &except(kept));
    with_actions("config", &["create", "alter"])
        .or_else(|| with_actions("partitions", &["create", "alter"]))
        .or_else(|| with_actions("replication-factor", &["create"]))
        .or_else(|| with_actions("replica-assignment", &["create", "alter"]))
        .or_else(|| {
            let chosen = options.has("create");
            chosen.then(|| {
                clash(
                    options,
                    "replica-assignment",
                    &["partitions", "replication-factor"],
                )
            })?
        })
        .or_else(|| {
            REPORTS.iter().find_map(|report| {
                with_actions(report, &["describe"])
                    .or_else(|| clash(options, report, &["topics-with-overrides"]))
            })
        })
        .or_else(|| with_actions("topics-with-overrides", &["describe"]))
        .or_else(|| with_actions("if-exists", &["alter", "delete", "describe"]))
        .or_else(|| with_actions("if-not-exists", &["create"]))
        .or_else(|| with_actions("exclude-internal", &["list", "describe"]))
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

    fn create(&mut self, io: &mut Io<'_>) -> Result<AdminCall, Failure> {
        let name = self.topic.clone().unwrap_or_default();
        let partitions: Option<i32> = self.options.number("partitions")?;
        let factor: Option<i32> = self.options.number("replication-factor")?;
        let assignment = self.assignment()?;
        let configs = self.configs()?;
        if name.contains(['.', '_']) {
            let text = "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both.\n";
            io.piece(Piece::new(Stream::Out, Tone::Warning, text));
        }
        let replication_factor = match factor.map(i16::try_from) {
            None => None,
            Some(Ok(factor)) if factor >= 1 => Some(factor),
            Some(_) => {
                return Err(Failure::illegal_argument(
                    "The replication factor must be between 1 and 32767 inclusive",
                ));
            }
        };
        if partitions.is_some_and(|partitions| partitions < 1) {
            return Err(Failure::illegal_argument(
                "The partitions must be greater than 0",
            ));
        }
        let assignments = (0..).zip(assignment.unwrap_or_default()).collect();
        self.state = State::Creating;
        Ok(AdminCall::CreateTopics(vec![NewTopic {
            name,
            partitions,
            replication_factor,
            assignments,
            configs,
        }]))
    }

    fn configs(&self) -> Result<Vec<(String, String)>, Failure> {
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
            None => Err(Failure::illegal_argument(
                "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".",
            )),
        };
        self.options.all("config").iter().map(pair).collect()
    }

    fn assignment(&self) -> Result<Option<Vec<Vec<i32>>>, Failure> {
        let Some(text) = self.options.one("replica-assignment")? else {
            return Ok(None);
        };
        let mut partitions: Vec<Vec<i32>> = Vec::new();
        for partition in text.split(',') {
            let mut replicas = Vec::new();
            for broker in partition.split(':') {
                let id = broker.trim().parse().map_err(|_| {
                    let message = format!("For input string: \"{broker}\"");
                    Failure::new("java.lang.NumberFormatException", message)
                })?;
                if replicas.contains(&id) {
                    return Err(Failure::new(
                        "org.apache.kafka.tools.AdminCommandFailedException",
                        format!("Partition replica lists may not contain duplicate entries: {id}"),
                    ));
                }
                replicas.push(id);
            }
            if partitions
                .first()
                .is_some_and(|first| first.len() != replicas.len())
            {
                return Err(Failure::new(
                    "org.apache.kafka.tools.AdminOperationException",
                    format!(
                        "Partition {} has different replication factor: {replicas:?}",
                        partitions.len()
                    ),
                ));
            }
            partitions.push(replicas);
        }
        Ok(Some(partitions))
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
                self.described.sort_by(|a, b| a.name.cmp(&b.name));
                self.state = State::DescribingConfigs;
                let names = self.described.iter().map(|topic| topic.name.clone());
                Ok(Next::Call(AdminCall::DescribeTopicConfigs(names.collect())))
            }
            (State::DescribingConfigs, AdminAnswer::DescribeTopicConfigs(configs)) => {
                let mut by_name = BTreeMap::new();
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
        names.sort();
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

    fn describe(&self, io: &mut Io<'_>, configs: &BTreeMap<String, Vec<ConfigEntry>>) {
        let reporting = REPORTS.iter().any(|report| self.options.has(report));
        let only_overrides = self.options.has("topics-with-overrides");
        for topic in &self.described {
            let entries = configs.get(&topic.name).map_or(&[][..], Vec::as_slice);
            let own: Vec<&ConfigEntry> = entries
                .iter()
                .filter(|entry| entry.source != DEFAULT)
                .collect();
            if !reporting && (!only_overrides || !own.is_empty()) {
                headline(io, topic, &own);
            }
            if only_overrides {
                continue;
            }
            let min_isr = entries
                .iter()
                .find(|entry| entry.name == "min.insync.replicas")
                .and_then(|entry| entry.value.as_ref()?.parse().ok())
                .unwrap_or(1);
            for partition in &topic.partitions {
                if !reporting || self.reported(partition, min_isr) {
                    partition_line(io, &topic.name, partition);
                }
            }
        }
    }

    fn reported(&self, partition: &PartitionDescription, min_isr: usize) -> bool {
        let in_sync = partition.isr.len();
        let of = |report: &str, holds: bool| self.options.has(report) && holds;
        of(
            "under-replicated-partitions",
            in_sync < partition.replicas.len(),
        ) || of("unavailable-partitions", partition.leader < 0)
            || of("under-min-isr-partitions", in_sync < min_isr)
            || of("at-min-isr-partitions", in_sync == min_isr)
    }
}

/// `DEFAULT_CONFIG`, as DescribeConfigs numbers where a value is from.
const DEFAULT: i8 = 5;

fn headline(io: &mut Io<'_>, topic: &TopicDescription, own: &[&ConfigEntry]) {
    let factor = topic
        .partitions
        .first()
        .map_or(0, |partition| partition.replicas.len());
    let configs: Vec<String> = own
        .iter()
        .map(|entry| {
            format!(
                "{}={}",
                entry.name,
                entry.value.as_deref().unwrap_or("null")
            )
        })
        .collect();
    let count = topic.partitions.len();
    io.print("Topic: ");
    io.piece(Piece::new(Stream::Out, Tone::Topic, topic.name.clone()));
    io.line(&format!(
        "\tTopicId: {}\tPartitionCount: {count}\tReplicationFactor: {factor}\tConfigs: {}",
        topic.id,
        configs.join(",")
    ));
}

fn partition_line(io: &mut Io<'_>, topic: &str, partition: &PartitionDescription) {
    let join = |ids: &[i32]| ids.iter().map(i32::to_string).collect::<Vec<_>>().join(",");
    let leader = match partition.leader {
        id if id < 0 => "none".to_owned(),
        id => id.to_string(),
    };
    io.print("\tTopic: ");
    io.piece(Piece::new(Stream::Out, Tone::Topic, topic));
    io.line(&format!(
        "\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}\tElr: {}\tLastKnownElr: {}",
        partition.partition,
        join(&partition.replicas),
        join(&partition.isr),
        join(&partition.elr),
        join(&partition.last_known_elr),
    ));
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
