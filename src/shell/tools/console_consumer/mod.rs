//! `kafka-console-consumer`: writes every record it reads.

mod configure;

pub(crate) use configure::start;

use records::sorted::SortedMap;
use std::collections::VecDeque;

use client::consumer::{ConsumerConfig, ConsumerEvent, GroupProtocol, SeekTo, Subscription};
use client::event::{ConsumerRecord, LogLevel};
use engine::ids::TopicPartition;
use engine::time::SimTime;
use serde::Serialize;
use world::event::ClientEvent;
use world::input::{ClientId, Input, Reply};

use super::formatter::Formatter;
use super::options::{Failure, OptionSpec, Value};
use super::remove;
use crate::commands::Step;
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
        let classic = self.config.group_protocol == GroupProtocol::Classic;
        if classic && !matches!(self.subscription, Subscription::Assign(_)) {
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
        let mut first = SortedMap::new();
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
