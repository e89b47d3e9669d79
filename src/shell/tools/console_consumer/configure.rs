//! From the options to a consumer that can start.

use std::collections::VecDeque;

use client::consumer::{ConsumerConfig, OffsetReset, SeekTo, Subscription};
use client::event::LogLevel;
use engine::ids::TopicPartition;
use engine::time::SimTime;

use super::{ConsoleConsumer, LOGGER, OPTIONS, PROTOCOL_NOTE};
use crate::commands::Process;
use crate::io::Io;
use crate::java;
use crate::screen::{Piece, Tone};
use crate::tools::formatter::Formatter;
use crate::tools::options::{Failure, Parsed, addresses, help_or_version, missing, parse, usage};
use crate::tools::{Tool, settings};

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
    let before = settings::deprecations(&options, DEPRECATED);
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
    let group = one_group(&options, &given).map_err(|message| usage(OPTIONS, &message))?;
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
    match configure(&options, &given, group, io) {
        Ok(mut consumer) => {
            consumer.before = before;
            consumer.formatter = formatter;
            Ok(Tool::Consumer(Box::new(consumer)))
        }
        Err((subscribed, failure)) => Err(unknown_error(io, before, subscribed, &failure)),
    }
}

/// The group that the options name; `Err` is the message if they name several.
fn one_group(options: &Parsed, given: &[(String, String)]) -> Result<Option<String>, String> {
    let in_settings = given.iter().filter(|(name, _)| name == "group.id");
    let mut named = options
        .all("group")
        .iter()
        .chain(in_settings.map(|(_, group)| group));
    let Some(first) = named.next() else {
        return Ok(None);
    };
    match named.find(|other| *other != first) {
        None => Ok(Some(first.clone())),
        Some(other) => Err(format!(
            "The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--consumer.config') do not match. Detected group ids: '{first}', '{other}'"
        )),
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
