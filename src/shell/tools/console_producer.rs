//! `kafka-console-producer`: every line it reads becomes a record.

use records::sorted::SortedMap;

use client::event::LogLevel;
use client::producer::{ProducerConfig, ProducerEvent, SendId};
use engine::time::SimTime;
use serde::Serialize;
use world::event::ClientEvent;
use world::input::{ClientId, Input, Reply};

use super::options::{
    Failure, OptionSpec, Parsed, Value, addresses, help_or_version, missing, parse, usage,
};
use super::reader::LineReader;
use super::settings;
use super::{Tool, remove};
use crate::commands::{Process, Step};
use crate::io::{Io, Read};
use crate::java;
use crate::screen::{Piece, Stream, Tone};

const CODECS: &[&str] = &["none", "gzip", "snappy", "lz4", "zstd"];

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::with("batch-size", "Integer: size", "How many bytes one batch may have.").default("16384"),
    OptionSpec::with("bootstrap-server", "String: server to connect to", "Where the cluster is, as host:port.").value(Value::Server).required(),
    OptionSpec::with("broker-list", "String: server to connect to", "The name that --bootstrap-server had in older books; Kafka 4 no longer knows it.").value(Value::Server).deprecated(),
    OptionSpec::with("command-config", "String: config file", "Settings of the producer, from a file.").value(Value::File),
    OptionSpec::with("command-property", "String: producer_prop", "A setting of the producer, as name=value; may be given more than once."),
    OptionSpec::maybe("compression-codec", "String: compression-codec", "How batches are compressed; gzip if nothing is said behind it.").value(Value::Choice(CODECS)),
    OptionSpec::flag("help", "Show this."),
    OptionSpec::with("line-reader", "String: reader_class", "The class that makes records of lines.").default("org.apache.kafka.tools.LineMessageReader"),
    OptionSpec::with("max-block-ms", "Long: max block on send", "How long a record may wait for metadata or memory.").default("60000"),
    OptionSpec::with("max-memory-bytes", "Long: total memory in bytes", "How much may wait to be sent.").default("33554432"),
    OptionSpec::with("max-partition-memory-bytes", "Integer: memory in bytes per partition", "The old name of --batch-size.").default("16384").deprecated(),
    OptionSpec::with("message-send-max-retries", "Integer", "How often a batch is tried again.").default("3"),
    OptionSpec::with("metadata-expiry-ms", "Long: metadata expiration interval", "After how long the cluster's metadata is asked for again.").default("300000"),
    OptionSpec::with("producer-property", "String: producer_prop", "The old name of --command-property.").deprecated(),
    OptionSpec::with("producer.config", "String: config file", "The old name of --command-config.").value(Value::File).deprecated(),
    OptionSpec::with("property", "String: prop", "The old name of --reader-property.").deprecated(),
    OptionSpec::with("reader-config", "String: config file", "How lines become records, from a file.").value(Value::File),
    OptionSpec::with("reader-property", "String: prop", "How lines become records, as name=value: parse.key, key.separator, parse.headers, headers.delimiter, headers.separator, headers.key.separator, ignore.error, null.marker.").value(Value::Choice(&["parse.key=true", "key.separator=:", "parse.headers=true", "null.marker=NULL", "ignore.error=true"])),
    OptionSpec::with("request-required-acks", "String: request required acks", "Whose acknowledgement a batch needs: 0 nobody's, 1 the leader's, all or -1 every in-sync replica's.").value(Value::Choice(&["0", "1", "-1", "all"])).default("-1"),
    OptionSpec::with("request-timeout-ms", "Integer: request timeout ms", "How long to wait for an answer.").default("1500"),
    OptionSpec::with("retry-backoff-ms", "Long", "How long to wait before trying again.").default("100"),
    OptionSpec::with("socket-buffer-size", "Integer: size", "The size of the socket's buffer.").default("102400"),
    OptionSpec::flag("sync", "Wait for each record's acknowledgement before reading on."),
    OptionSpec::with("timeout", "Long: timeout_ms", "How long a record may wait for others to share its batch.").default("1000"),
    OptionSpec::with("topic", "String: topic", "Where the records go.").value(Value::Topic).required(),
    OptionSpec::flag("version", "Show Kafka's version."),
];

pub(crate) const SUMMARY: &str = "sends every line it reads as a record";

/// How many records may wait for their acknowledgement before it stops reading.
const OUTSTANDING: usize = 10_000;
/// How many bytes of them.
const OUTSTANDING_BYTES: usize = 8 * 1024 * 1024;
/// How many lines it reads in one step.
const BATCH: usize = 512;
/// The real tool is slow until its virtual machine has warmed up: so many lines take a millisecond each.
/// Their records' timestamps tell them apart.
const COLD_LINES: u64 = 20;
/// How long Ctrl-C waits for records that no broker takes, in milliseconds. The real tool waits two
/// minutes; nobody at a prompt should.
const PATIENCE: i64 = 3_000;
/// How often it looks whether a blocked send goes on, in microseconds.
const LOOK: u64 = 5_000;

const DEPRECATED: &[(&str, &str)] = &[
    (
        "property",
        "Warning: --property is deprecated and will be removed in a future version. Use --reader-property instead.",
    ),
    (
        "producer-property",
        "Warning: --producer-property is deprecated and will be removed in a future version. Use --command-property instead.",
    ),
    (
        "producer.config",
        "Warning: --producer.config is deprecated and will be removed in a future version. Use --command-config instead.",
    ),
];

/// The console producer while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ConsoleProducer {
    config: ProducerConfig,
    reader: LineReader,
    sync: bool,
    before: Vec<Piece>,
    client: Option<ClientId>,
    /// Sizes of key and value of what is not acknowledged yet.
    outstanding: SortedMap<SendId, (Option<usize>, Option<usize>)>,
    outstanding_bytes: usize,
    prompted: bool,
    lines: u64,
    next_line: SimTime,
    closing: bool,
    give_up: SimTime,
    status: i32,
}

/// What the options come to.
struct Configured {
    config: ProducerConfig,
    reader: LineReader,
}

/// Starts the tool.
pub(crate) fn start(arguments: &[String], io: &mut Io<'_>) -> Result<Tool, Process> {
    let options = parse(OPTIONS, arguments).map_err(|failure| usage(OPTIONS, &failure.message))?;
    let about = "kafka-console-producer reads lines and sends each as a record.";
    if let Some(process) = help_or_version(OPTIONS, about, arguments, &options) {
        return Err(process);
    }
    if let Some(message) = missing(&options, &["topic"]) {
        return Err(usage(OPTIONS, &message));
    }
    let servers = options
        .all("bootstrap-server")
        .first()
        .or(options.all("broker-list").first());
    let Some(servers) = servers else {
        return Err(usage(
            OPTIONS,
            "Error while validating the bootstrap address\n",
        ));
    };
    let mut before = settings::deprecations(&options, DEPRECATED);
    if options.has("broker-list") {
        let hint =
            "--broker-list works here as in the lecture; Kafka 4 calls it --bootstrap-server\n";
        before.push(Piece::new(Stream::Err, Tone::Hint, hint));
    }
    match configure(&options, servers, io) {
        Ok(configured) => Ok(Tool::Producer(Box::new(ConsoleProducer {
            before,
            config: configured.config,
            reader: configured.reader,
            sync: options.has("sync"),
            client: None,
            outstanding: SortedMap::new(),
            outstanding_bytes: 0,
            prompted: false,
            lines: 0,
            next_line: SimTime(0),
            closing: false,
            give_up: SimTime::NEVER,
            status: 0,
        }))),
        Err(failure) if failure.exception.starts_with("joptsimple.") => {
            Err(settings::thrown(before, &failure.message))
        }
        Err(failure) => Err(settings::thrown(before, &failure.line())),
    }
}

fn configure(options: &Parsed, servers: &str, io: &Io<'_>) -> Result<Configured, Failure> {
    if let Some(class) = options.one("line-reader")?
        && !class.ends_with("LineMessageReader")
    {
        return Err(Failure::new("java.lang.ClassNotFoundException", class));
    }
    let mut properties = settings::from_file(options, "reader-config", io.files, io.place)?;
    properties.extend(settings::pairs(options, "property"));
    properties.extend(settings::pairs(options, "reader-property"));
    let topic = options.one("topic")?.unwrap_or_default();
    let reader = LineReader::new(topic, &properties);
    let bootstrap = addresses(servers).map_err(|failure| {
        let message = "Failed to construct kafka producer";
        Failure::new(
            "org.apache.kafka.common.KafkaException",
            format!("{message} ({})", failure.message),
        )
    })?;
    let mut config = ProducerConfig::new("console-producer", bootstrap);
    config.request_timeout_ms = i64::from(
        options
            .number::<i32>("request-timeout-ms")?
            .unwrap_or(1_500),
    );
    config.retry_backoff_ms = options.number("retry-backoff-ms")?.unwrap_or(100);
    config.linger_ms = options.number("timeout")?.unwrap_or(1_000);
    config.retries = options.number("message-send-max-retries")?.unwrap_or(3);
    config.max_block_ms = options.number("max-block-ms")?.unwrap_or(60_000);
    config.metadata_max_age_ms = options.number("metadata-expiry-ms")?.unwrap_or(300_000);
    if let Some(size) = options
        .number::<u32>("batch-size")?
        .or(options.number("max-partition-memory-bytes")?)
    {
        config.batch_size = usize::try_from(size).unwrap_or(usize::MAX);
    }
    if let Some(bytes) = options.number::<u32>("max-memory-bytes")? {
        config.buffer_memory = usize::try_from(bytes).unwrap_or(usize::MAX);
    }
    let mut given = settings::from_file(options, "producer.config", io.files, io.place)?;
    given.extend(settings::from_file(
        options,
        "command-config",
        io.files,
        io.place,
    )?);
    given.extend(settings::pairs(options, "producer-property"));
    given.extend(settings::pairs(options, "command-property"));
    if let Some(acks) = options.one("request-required-acks")? {
        given.push(("acks".to_owned(), acks.to_owned()));
    }
    if options.has("compression-codec") {
        let codec = options.one("compression-codec")?.unwrap_or("gzip");
        given.push(("compression.type".to_owned(), codec.to_owned()));
    }
    for (name, value) in given {
        settings::producer(&mut config, &name, &value)?;
    }
    Ok(Configured { config, reader })
}

impl ConsoleProducer {
    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        for piece in std::mem::take(&mut self.before) {
            io.piece(piece);
        }
        let client = match self.client {
            Some(client) => client,
            None => {
                let Ok(Reply::Client(client)) =
                    io.host.apply(Input::SpawnProducer(self.config.clone()))
                else {
                    io.error("the producer could not be started");
                    return Step::Exit(1);
                };
                self.client = Some(client);
                client
            }
        };
        if let Some(step) = self.take_events(io, client) {
            return step;
        }
        if self.closing {
            if io.host.now() < self.give_up {
                return Step::Wait(Some(self.give_up));
            }
            remove(io, client);
            return Step::Exit(self.status);
        }
        for _ in 0..BATCH {
            if *io.work == 0 {
                return Step::Again;
            }
            if io.host.send_blocks(client) {
                return Step::Wait(Some(io.host.now().plus_micros(LOOK)));
            }
            let full = self.outstanding.len() >= OUTSTANDING
                || self.outstanding_bytes >= OUTSTANDING_BYTES;
            if full || (self.sync && !self.outstanding.is_empty()) {
                return Step::Wait(None);
            }
            if io.host.now() < self.next_line {
                return Step::Wait(Some(self.next_line));
            }
            if io.interactive && !self.prompted {
                io.piece(Piece::new(Stream::Out, Tone::Prompt, ">"));
                self.prompted = true;
            }
            match io.read() {
                Read::Line(line, _) => {
                    self.prompted = false;
                    self.lines = self.lines.saturating_add(1);
                    if self.lines < COLD_LINES {
                        self.next_line = io.host.now().plus_millis(1);
                    }
                    self.send(io, client, &line);
                }
                Read::Pending => return Step::Wait(None),
                Read::End => self.close(io, client),
            }
            if self.closing {
                return Step::Again;
            }
        }
        Step::Again
    }

    fn take_events(&mut self, io: &mut Io<'_>, client: ClientId) -> Option<Step> {
        for event in io.host.take_client_events(client) {
            let ClientEvent::Producer(event) = event else {
                continue;
            };
            match event {
                ProducerEvent::Acked { id, .. } => {
                    self.settle(id);
                }
                ProducerEvent::Failed { id, error } => {
                    let (key, value) = self.settle(id);
                    let size = |size: Option<usize>| match size {
                        Some(size) => format!("{size} bytes"),
                        None => "null".to_owned(),
                    };
                    let text = format!(
                        "Error when sending message to topic {} with key: {}, value: {} with error:",
                        self.reader.topic(),
                        size(key),
                        size(value)
                    );
                    let logger = "org.apache.kafka.clients.producer.internals.ErrorLoggingCallback";
                    java::log(io, LogLevel::Error, &text, logger);
                    io.error(&Failure::of(&error).line());
                }
                ProducerEvent::Log(line) => java::client_log(io, &line),
                ProducerEvent::Closed => return Some(Step::Exit(self.status)),
            }
        }
        None
    }

    /// Takes a record off the outstanding ones and gives the sizes of its key and value.
    fn settle(&mut self, id: SendId) -> (Option<usize>, Option<usize>) {
        let (key, value) = self.outstanding.remove(&id).unwrap_or_default();
        let bytes = key.unwrap_or(0).saturating_add(value.unwrap_or(0));
        self.outstanding_bytes = self.outstanding_bytes.saturating_sub(bytes);
        (key, value)
    }

    fn send(&mut self, io: &mut Io<'_>, client: ClientId, line: &str) {
        let record = match self.reader.record(line) {
            Ok(record) => record,
            Err(failure) => {
                io.error(&failure.line());
                self.status = 1;
                self.close(io, client);
                return;
            }
        };
        let key = record.key.as_ref().map(|key| key.len());
        let value = record.value.as_ref().map(|value| value.len());
        match io.host.apply(Input::Send(client, record)) {
            Ok(Reply::Sent(id)) => {
                self.outstanding.insert(id, (key, value));
                let bytes = key.unwrap_or(0).saturating_add(value.unwrap_or(0));
                self.outstanding_bytes = self.outstanding_bytes.saturating_add(bytes);
            }
            _ => {
                io.error("the producer is gone");
                self.status = 1;
                self.closing = true;
            }
        }
    }

    fn close(&mut self, io: &mut Io<'_>, client: ClientId) {
        self.closing = true;
        let _ = io.host.apply(Input::Close(client));
    }

    /// Ctrl-C closes the producer, which sends what it has; without metadata there is nothing to wait
    /// for.
    pub(crate) fn interrupt(&mut self, io: &mut Io<'_>) -> bool {
        let Some(client) = self.client else {
            return true;
        };
        if self.outstanding.is_empty() || io.host.send_blocks(client) {
            remove(io, client);
            return true;
        }
        if !self.closing {
            self.close(io, client);
        }
        self.give_up = io.host.now().plus_millis(PATIENCE);
        false
    }

    pub(crate) fn kill(&mut self, io: &mut Io<'_>) {
        if let Some(client) = self.client {
            remove(io, client);
        }
    }
}
