//! `kafka-console-consumer`: writes every record it reads.

use std::collections::{BTreeMap, VecDeque};

use client::consumer::{ConsumerConfig, ConsumerEvent, OffsetReset, SeekTo, Subscription};
use client::event::{ConsumerRecord, LogLevel};
use engine::ids::TopicPartition;
use engine::time::SimTime;
use serde::Serialize;
use world::event::ClientEvent;
use world::input::{ClientId, Input, Reply};

use super::formatter::Formatter;
use super::options::{
    Failure, OptionSpec, Parsed, Value, addresses, help_or_version, missing, parse, usage,
};
use super::settings;
use super::{Tool, remove};
use crate::commands::{Process, Step};
use crate::io::Io;
use crate::java;
use crate::screen::{Piece, RecordRef, Tone};

const DESERIALIZERS: &[&str] = &[
    "org.apache.kafka.common.serialization.StringDeserializer",
    "org.apache.kafka.common.serialization.IntegerDeserializer",
    "org.apache.kafka.common.serialization.LongDeserializer",
    "org.apache.kafka.common.serialization.BytesDeserializer",
];

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::with("bootstrap-server", "String: server to connect to", "Where the cluster is, as host:port.").value(Value::Server).required(),
    OptionSpec::with("command-config", "String: config file", "Settings of the consumer, from a file.").value(Value::File),
    OptionSpec::with("command-property", "String: consumer_prop", "A setting of the consumer, as name=value; may be given more than once."),
    OptionSpec::with("consumer-property", "String: consumer_prop", "The old name of --command-property.").deprecated(),
    OptionSpec::with("consumer.config", "String: config file", "The old name of --command-config.").value(Value::File).deprecated(),
    OptionSpec::flag("enable-systest-events", "Also say when it has shut down."),
    OptionSpec::with("formatter", "String: class", "The class that makes text of records.").default("org.apache.kafka.tools.consumer.DefaultMessageFormatter"),
    OptionSpec::with("formatter-config", "String: config file", "How records become text, from a file.").value(Value::File),
    OptionSpec::with("formatter-property", "String: prop", "How records become text, as name=value: print.timestamp, print.key, print.offset, print.partition, print.headers, print.value, key.separator, line.separator, headers.separator, null.literal, key.deserializer, value.deserializer.").value(Value::Choice(&["print.key=true", "print.partition=true", "print.offset=true", "print.timestamp=true", "print.headers=true", "print.value=false", "key.separator=:"])),
    OptionSpec::flag("from-beginning", "Without a committed offset, begin at the oldest record."),
    OptionSpec::with("group", "String: consumer group id", "The group to read in; a new one if nothing is said.").value(Value::Group),
    OptionSpec::flag("help", "Show this."),
    OptionSpec::with("include", "String: Java regex (String)", "Read every topic whose whole name matches this pattern.").value(Value::Topic),
    OptionSpec::with("isolation-level", "String", "read_committed leaves out records of open and aborted transactions.").value(Value::Choice(&["read_committed", "read_uncommitted"])).default("read_uncommitted"),
    OptionSpec::with("key-deserializer", "String: deserializer for keys", "What keys are read as.").value(Value::Choice(DESERIALIZERS)),
    OptionSpec::with("max-messages", "Integer: num_messages", "End after so many records."),
    OptionSpec::with("offset", "String: consume offset", "With --partition: where to begin, a number, earliest or latest.").value(Value::Choice(&["earliest", "latest"])).default("latest"),
    OptionSpec::with("partition", "Integer: partition", "Read only this partition, without a group's coordination."),
    OptionSpec::with("property", "String: prop", "The old name of --formatter-property.").deprecated(),
    OptionSpec::flag("skip-message-on-error", "Go on after a record that cannot be shown."),
    OptionSpec::with("timeout-ms", "Long: timeout_ms", "End when no record has come for so long."),
    OptionSpec::with("topic", "String: topic", "The topic to read.").value(Value::Topic),
    OptionSpec::with("value-deserializer", "String: deserializer for values", "What values are read as.").value(Value::Choice(DESERIALIZERS)),
    OptionSpec::flag("version", "Show Kafka's version."),
];

pub(crate) const SUMMARY: &str = "writes every record it reads";

const LOGGER: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const PROTOCOL_NOTE: &str = "The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. See https://kafka.apache.org/documentation/#consumer_rebalance_protocol";
/// How many records it takes from its consumer at once.
const BATCH: usize = 500;
/// How often it polls without being told that there is something, in microseconds: a consumer that is
/// not polled leaves its group.
const POLL: u64 = 1_000_000;

const DEPRECATED: &[(&str, &str)] = &[
    (
        "consumer-property",
        "Option --consumer-property is deprecated and will be removed in a future version. Use --command-property instead.",
    ),
    (
        "consumer.config",
        "Option --consumer.config is deprecated and will be removed in a future version. Use --command-config instead.",
    ),
    (
        "property",
        "Option --property is deprecated and will be removed in a future version. Use --formatter-property instead.",
    ),
];

/// The console consumer while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ConsoleConsumer {
    config: ConsumerConfig,
    subscription: Subscription,
    seek: Option<(TopicPartition, SeekTo)>,
    formatter: Formatter,
    max_messages: Option<u64>,
    timeout: Option<u64>,
    skip_errors: bool,
    announce_end: bool,
    before: Vec<Piece>,
    client: Option<ClientId>,
    held: VecDeque<ConsumerRecord>,
    processed: u64,
    /// When the last record was written.
    since: SimTime,
    next_poll: SimTime,
    ending: Option<Ending>,
}

/// How it ends once its consumer has closed.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Ending {
    status: i32,
    failure: Option<Failure>,
}

/// Starts the tool.
pub(crate) fn start(arguments: &[String], io: &mut Io<'_>) -> Result<Tool, Process> {
    let options = parse(OPTIONS, arguments).map_err(|failure| usage(OPTIONS, &failure.message))?;
    let about = "kafka-console-consumer reads records and writes them as lines.";
    if let Some(process) = help_or_version(OPTIONS, about, arguments, &options) {
        return Err(process);
    }
    if let Some(message) = check(&options) {
        return Err(usage(OPTIONS, &message));
    }
    let mut before = settings::deprecations(&options, DEPRECATED);
    let given = match given_settings(&options, io) {
        Ok(given) => given,
        Err(failure) => return Err(settings::thrown(before, &failure.line())),
    };
    let class = options
        .all("formatter")
        .first()
        .map_or("DefaultMessageFormatter", String::as_str);
    let formatter = match formatter(&options, class, io) {
        Ok(formatter) => formatter,
        Err(class) => return Err(usage(OPTIONS, &class)),
    };
    let groups: Vec<&String> = options
        .all("group")
        .iter()
        .chain(
            given
                .iter()
                .filter(|(name, _)| name == "group.id")
                .map(|(_, value)| value),
        )
        .collect();
    if let Some((first, other)) = groups
        .first()
        .zip(groups.iter().find(|group| Some(*group) != groups.first()))
    {
        return Err(usage(
            OPTIONS,
            &format!(
                "The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--consumer.config') do not match. Detected group ids: '{first}', '{other}'"
            ),
        ));
    }
    let reset = given
        .iter()
        .rev()
        .find(|(name, _)| name == "auto.offset.reset");
    if let Some((_, reset)) = reset
        && options.has("from-beginning")
        && reset != "earliest"
    {
        let text = format!(
            "Can't simultaneously specify --from-beginning and 'auto.offset.reset={reset}', please remove one option"
        );
        return Err(settings::thrown(before, &text));
    }
    let group = groups.first().map(|group| (*group).clone());
    match configure(&options, &given, group, io) {
        Ok(mut consumer) => {
            if given
                .iter()
                .any(|(name, value)| name == "group.protocol" && value == "consumer")
            {
                let text = "group.protocol=consumer is not part of this playground yet; the classic protocol is used\n";
                before.push(Piece::new(crate::screen::Stream::Err, Tone::Hint, text));
            }
            consumer.before = before;
            consumer.formatter = formatter;
            Ok(Tool::Consumer(Box::new(consumer)))
        }
        Err((subscribed, failure)) => Err(unknown_error(io, before, subscribed, &failure)),
    }
}

/// What is wrong with the options, in the order Kafka looks for it.
fn check(options: &Parsed) -> Option<String> {
    if options.has("topic") == options.has("include") {
        let message = "Exactly one of the following arguments is required: [topic], [include]";
        return Some(message.to_owned());
    }
    if let Some(message) = missing(options, &["bootstrap-server"]) {
        return Some(message);
    }
    if options.has("partition") {
        if !options.has("topic") {
            return Some("The topic is required when partition is specified.".to_owned());
        }
        if options.has("group") {
            return Some("Options group and partition cannot be specified together.".to_owned());
        }
    }
    let offset = options.all("offset").last()?;
    if !options.has("partition") {
        return Some("The partition is required when offset is specified.".to_owned());
    }
    if options.has("from-beginning") {
        return Some("Options from-beginning and offset cannot be specified together.".to_owned());
    }
    let named = matches!(offset.to_ascii_lowercase().as_str(), "earliest" | "latest");
    let number = offset.parse::<i64>().is_ok_and(|offset| offset >= 0);
    (!named && !number).then(|| {
        format!("The provided offset value '{offset}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.")
    })
}

fn given_settings(options: &Parsed, io: &Io<'_>) -> Result<Vec<(String, String)>, Failure> {
    let mut given = settings::from_file(options, "consumer.config", io.files, io.place)?;
    given.extend(settings::from_file(
        options,
        "command-config",
        io.files,
        io.place,
    )?);
    given.extend(settings::pairs(options, "consumer-property"));
    given.extend(settings::pairs(options, "command-property"));
    Ok(given)
}

fn formatter(options: &Parsed, class: &str, io: &Io<'_>) -> Result<Formatter, String> {
    let from_file = settings::from_file(options, "formatter-config", io.files, io.place);
    let mut properties = from_file.map_err(|failure| failure.message)?;
    properties.extend(settings::pairs(options, "property"));
    properties.extend(settings::pairs(options, "formatter-property"));
    for side in ["key", "value"] {
        if let Some(class) = options.all(&format!("{side}-deserializer")).last() {
            properties.push((format!("{side}.deserializer"), class.clone()));
        }
    }
    Formatter::new(class, &properties)
}

/// The consumer as the options want it; `Err` says whether it had subscribed before it failed.
fn configure(
    options: &Parsed,
    given: &[(String, String)],
    group: Option<String>,
    io: &mut Io<'_>,
) -> Result<ConsoleConsumer, (bool, Failure)> {
    let early = |failure: Failure| (false, failure);
    let servers = options
        .one("bootstrap-server")
        .map_err(early)?
        .unwrap_or_default();
    let bootstrap = addresses(servers).map_err(|failure| {
        let message = format!("Failed to construct kafka consumer ({})", failure.message);
        early(Failure::new(
            "org.apache.kafka.common.KafkaException",
            message,
        ))
    })?;
    let mut config = ConsumerConfig::new("console-consumer", bootstrap);
    if options.has("from-beginning") {
        config.auto_offset_reset = OffsetReset::Earliest;
    }
    for (name, value) in given {
        settings::consumer(&mut config, name, value).map_err(early)?;
    }
    if let Some(level) = options.one("isolation-level").map_err(early)? {
        config.read_committed =
            settings::read_committed("isolation.level", level).map_err(early)?;
    }
    if group.is_none() {
        config.enable_auto_commit = false;
    }
    let generated = || format!("console-consumer-{}", 10_000 + io.rng.below(90_000));
    config.group_id = Some(group.unwrap_or_else(generated));
    let (subscription, seek) = what_to_read(options).map_err(early)?;
    let late = |failure: Failure| (!matches!(subscription, Subscription::Assign(_)), failure);
    if let Subscription::Pattern(pattern) = &subscription
        && java::whole(pattern).is_none()
    {
        let message = pattern_error(pattern);
        return Err(late(Failure::new(
            "java.util.regex.PatternSyntaxException",
            message,
        )));
    }
    let timeout: Option<i64> = options.number("timeout-ms").map_err(late)?;
    let max_messages: Option<i32> = options.number("max-messages").map_err(late)?;
    let formatter = Formatter::new("DefaultMessageFormatter", &[]);
    let formatter =
        formatter.map_err(|class| late(Failure::new("java.lang.ClassNotFoundException", class)))?;
    Ok(ConsoleConsumer {
        config,
        subscription,
        seek,
        formatter,
        max_messages: max_messages.and_then(|max| u64::try_from(max).ok()),
        timeout: timeout.and_then(|timeout| u64::try_from(timeout).ok()),
        skip_errors: options.has("skip-message-on-error"),
        announce_end: options.has("enable-systest-events"),
        before: Vec::new(),
        client: None,
        held: VecDeque::new(),
        processed: 0,
        since: io.host.now(),
        next_poll: SimTime(0),
        ending: None,
    })
}

type Reading = (Subscription, Option<(TopicPartition, SeekTo)>);

fn what_to_read(options: &Parsed) -> Result<Reading, Failure> {
    if let Some(pattern) = options.one("include")? {
        return Ok((Subscription::Pattern(pattern.to_owned()), None));
    }
    let topic = options.one("topic")?.unwrap_or_default();
    let Some(partition) = options.number::<i32>("partition")? else {
        return Ok((Subscription::Topics(vec![topic.to_owned()]), None));
    };
    let partition = TopicPartition::new(topic, partition);
    let seek = match options
        .one("offset")?
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("earliest") => SeekTo::Beginning,
        None if options.has("from-beginning") => SeekTo::Beginning,
        Some("latest") | None => SeekTo::End,
        Some(offset) => SeekTo::Offset(offset.parse().unwrap_or(0)),
    };
    Ok((
        Subscription::Assign(vec![partition.clone()]),
        Some((partition, seek)),
    ))
}

fn pattern_error(pattern: &str) -> String {
    let at = pattern.rfind(['[', '(', '*', '+', '?']).unwrap_or(0);
    let what = match pattern.get(at..).and_then(|rest| rest.chars().next()) {
        Some('[') => "Unclosed character class",
        Some('(') => "Unclosed group",
        _ => "Dangling meta character",
    };
    format!("{what} near index {at}\n{pattern}\n{}^", " ".repeat(at))
}

fn unknown_error(
    io: &mut Io<'_>,
    before: Vec<Piece>,
    subscribed: bool,
    failure: &Failure,
) -> Process {
    let kept = std::mem::replace(&mut io.pieces, before);
    if subscribed {
        io.err(Tone::Plain, PROTOCOL_NOTE);
        if failure.exception.starts_with("joptsimple.") {
            io.err(Tone::Plain, "Processed a total of 0 messages");
        }
    }
    java::log(
        io,
        LogLevel::Error,
        "Unknown error when running consumer: ",
        LOGGER,
    );
    io.error(&failure.line());
    Process::Said(std::mem::replace(&mut io.pieces, kept), 1)
}

impl ConsoleConsumer {
    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        let Some(client) = self.client else {
            return self.begin(io);
        };
        if let Some(step) = self.take_events(io, client) {
            return step;
        }
        if self.ending.is_some() {
            return Step::Wait(None);
        }
        if self.write_held(io, client) {
            return Step::Again;
        }
        if !self.held.is_empty() {
            return if *io.work == 0 {
                Step::Again
            } else {
                Step::Wait(None)
            };
        }
        self.poll(io, client)
    }

    fn begin(&mut self, io: &mut Io<'_>) -> Step {
        for piece in std::mem::take(&mut self.before) {
            io.piece(piece);
        }
        for class in std::mem::take(&mut self.formatter.unknown) {
            let text = format!("Unable to instantiate a deserializer from {class}");
            let logger = "org.apache.kafka.tools.consumer.DefaultMessageFormatter";
            java::log(io, LogLevel::Error, &text, logger);
            io.error(&format!("java.lang.ClassNotFoundException: {class}"));
        }
        if !matches!(self.subscription, Subscription::Assign(_)) {
            io.err(Tone::Plain, PROTOCOL_NOTE);
        }
        let input = Input::SpawnConsumer(self.config.clone(), self.subscription.clone());
        let Ok(Reply::Client(client)) = io.host.apply(input) else {
            io.error("the consumer could not be started");
            return Step::Exit(1);
        };
        self.client = Some(client);
        self.since = io.host.now();
        if let Some((partition, to)) = self.seek.clone() {
            let _ = io.host.apply(Input::Seek(client, partition, to));
        }
        if self.max_messages == Some(0) {
            self.end(io, client, 0, None);
        }
        Step::Again
    }

    fn take_events(&mut self, io: &mut Io<'_>, client: ClientId) -> Option<Step> {
        for event in io.host.take_client_events(client) {
            let ClientEvent::Consumer(event) = event else {
                continue;
            };
            match event {
                ConsumerEvent::Log(line) => java::client_log(io, &line),
                ConsumerEvent::Failed(error) if self.ending.is_none() => {
                    java::log(io, LogLevel::Error, TERMINATING, LOGGER);
                    io.error(&Failure::of(&error).line());
                    self.end(io, client, 0, None);
                }
                ConsumerEvent::Closed => return Some(self.closed(io)),
                _ => {}
            }
        }
        None
    }

    fn closed(&mut self, io: &mut Io<'_>) -> Step {
        let ending = self.ending.take().unwrap_or(Ending {
            status: 1,
            failure: None,
        });
        io.err(
            Tone::Plain,
            &format!("Processed a total of {} messages", self.processed),
        );
        if let Some(failure) = ending.failure {
            java::log(
                io,
                LogLevel::Error,
                "Unknown error when running consumer: ",
                LOGGER,
            );
            io.error(&failure.line());
        }
        if self.announce_end {
            io.line("shutdown_complete");
        }
        Step::Exit(ending.status)
    }

    fn poll(&mut self, io: &mut Io<'_>, client: ClientId) -> Step {
        let now = io.host.now();
        if io.host.buffered(client) > 0 || now >= self.next_poll {
            self.next_poll = now.plus_micros(POLL);
            let wanted = match self.max_messages {
                Some(max) => {
                    let left = max.saturating_sub(self.processed);
                    usize::try_from(left).unwrap_or(BATCH).min(BATCH)
                }
                None => BATCH,
            };
            if let Ok(Reply::Records(records)) = io.host.apply(Input::Poll(client, wanted))
                && !records.is_empty()
            {
                self.held.extend(records);
                return Step::Again;
            }
        }
        let mut wake = self.next_poll;
        if let Some(timeout) = self.timeout {
            let deadline = self.since.plus_micros(timeout.saturating_mul(1000));
            if now >= deadline {
                java::log(io, LogLevel::Error, TERMINATING, LOGGER);
                io.error("org.apache.kafka.common.errors.TimeoutException");
                self.end(io, client, 0, None);
                return Step::Again;
            }
            wake = wake.min(deadline);
        }
        Step::Wait(Some(wake))
    }

    /// Writes what was polled, as far as there is room; whether anything was written.
    fn write_held(&mut self, io: &mut Io<'_>, client: ClientId) -> bool {
        let mut wrote = false;
        while io.may_go_on() && self.ending.is_none() {
            let Some(record) = self.held.pop_front() else {
                break;
            };
            wrote = true;
            self.since = io.host.now();
            self.processed = self.processed.saturating_add(1);
            match self.formatter.text(&record) {
                Ok(text) => {
                    let TopicPartition { topic, partition } = record.topic_partition;
                    let offset = record.offset;
                    io.record(
                        text,
                        RecordRef {
                            topic,
                            partition,
                            offset,
                        },
                    );
                }
                Err(failure) if self.skip_errors => {
                    let text = "Error processing message, skipping this message: ";
                    java::log(io, LogLevel::Error, text, LOGGER);
                    io.error(&failure.line());
                }
                Err(failure) => self.end(io, client, 1, Some(failure)),
            }
            if self.max_messages.is_some_and(|max| self.processed >= max) {
                self.end(io, client, 0, None);
            }
        }
        wrote
    }

    /// Goes back to the first record that was not written, then closes.
    fn end(&mut self, io: &mut Io<'_>, client: ClientId, status: i32, failure: Option<Failure>) {
        if self.ending.is_some() {
            return;
        }
        let mut first = BTreeMap::new();
        for record in std::mem::take(&mut self.held) {
            first.entry(record.topic_partition).or_insert(record.offset);
        }
        for (partition, offset) in first {
            let _ = io
                .host
                .apply(Input::Seek(client, partition, SeekTo::Offset(offset)));
        }
        self.ending = Some(Ending { status, failure });
        let _ = io.host.apply(Input::Close(client));
    }

    /// Ctrl-C closes the consumer, which leaves its group.
    pub(crate) fn interrupt(&mut self, io: &mut Io<'_>) -> bool {
        let Some(client) = self.client else {
            return true;
        };
        self.end(io, client, 130, None);
        false
    }

    pub(crate) fn kill(&mut self, io: &mut Io<'_>) {
        if let Some(client) = self.client {
            remove(io, client);
        }
    }
}

const TERMINATING: &str = "Error processing message, terminating consumer process: ";
