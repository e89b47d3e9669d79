//! Options of the tools: one table a tool, for parsing, completion and `--help` alike. Parsing does
//! what joptsimple does for Kafka's tools (no abbreviations, one dash as good as two for a whole name).

use records::sorted::SortedMap;

use serde::Serialize;

use crate::commands::Process;
use crate::screen::{Piece, Stream, Tone};

/// Whether an option takes an argument; the text says of what kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    None,
    Required(&'static str),
    Optional(&'static str),
}

/// What may stand behind an option, for completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    Free,
    Server,
    Topic,
    Group,
    File,
    Choice(&'static [&'static str]),
}

/// One option.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OptionSpec {
    pub(crate) name: &'static str,
    pub(crate) argument: Argument,
    pub(crate) value: Value,
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
    pub(crate) default: &'static str,
    pub(crate) about: &'static str,
}

impl OptionSpec {
    /// An option without an argument.
    pub(crate) const fn flag(name: &'static str, about: &'static str) -> OptionSpec {
        OptionSpec {
            name,
            argument: Argument::None,
            value: Value::Free,
            required: false,
            deprecated: false,
            default: "",
            about,
        }
    }

    /// An option with an argument of the kind `label` says.
    pub(crate) const fn with(
        name: &'static str,
        label: &'static str,
        about: &'static str,
    ) -> OptionSpec {
        OptionSpec {
            argument: Argument::Required(label),
            ..OptionSpec::flag(name, about)
        }
    }

    /// An option that may have an argument.
    pub(crate) const fn maybe(
        name: &'static str,
        label: &'static str,
        about: &'static str,
    ) -> OptionSpec {
        OptionSpec {
            argument: Argument::Optional(label),
            ..OptionSpec::flag(name, about)
        }
    }

    pub(crate) const fn value(self, value: Value) -> OptionSpec {
        OptionSpec { value, ..self }
    }

    pub(crate) const fn required(self) -> OptionSpec {
        OptionSpec {
            required: true,
            ..self
        }
    }

    pub(crate) const fn deprecated(self) -> OptionSpec {
        OptionSpec {
            deprecated: true,
            ..self
        }
    }

    pub(crate) const fn default(self, default: &'static str) -> OptionSpec {
        OptionSpec { default, ..self }
    }
}

/// Something that the tool's Java original would throw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    pub(crate) exception: String,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(exception: &str, message: impl Into<String>) -> Failure {
        Failure {
            exception: exception.to_owned(),
            message: message.into(),
        }
    }

    pub(crate) fn illegal_argument(message: impl Into<String>) -> Failure {
        Failure::new("java.lang.IllegalArgumentException", message)
    }

    pub(crate) fn of(error: &client::event::ClientError) -> Failure {
        Failure::new(&error.exception, error.message.clone())
    }

    /// As the first line of a stack trace.
    pub(crate) fn line(&self) -> String {
        match self.message.is_empty() {
            true => self.exception.clone(),
            false => format!("{}: {}", self.exception, self.message),
        }
    }
}

/// The options of one call.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Parsed {
    given: SortedMap<&'static str, Vec<String>>,
}

impl Parsed {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// Every argument given to an option.
    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.given.get(name).map_or(&[], Vec::as_slice)
    }

    /// The one argument of an option.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Failure> {
        match self.all(name) {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(Failure::new(
                "joptsimple.MultipleArgumentsForOptionException",
                format!("Found multiple arguments for option {name}, but you asked for only one"),
            )),
        }
    }

    /// The one argument of an option as a number.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        let Some(text) = self.one(name)? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(Failure::new(
                "joptsimple.OptionArgumentConversionException",
                format!("Cannot parse argument '{text}' of option {name}"),
            )),
        }
    }
}

/// Sorts `arguments` to the options of `table`.
pub(crate) fn parse(table: &'static [OptionSpec], arguments: &[String]) -> Result<Parsed, Failure> {
    let mut parsed = Parsed::default();
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            break;
        }
        if !looks_like_option(argument) {
            continue;
        }
        let body = argument.trim_start_matches('-');
        let (name, attached) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (body, None),
        };
        let Some(spec) = table.iter().find(|spec| spec.name == name) else {
            return Err(unrecognized(argument, name));
        };
        let values = parsed.given.entry(spec.name).or_default();
        match (spec.argument, attached) {
            (Argument::None, _) => {}
            (_, Some(value)) if !value.is_empty() => values.push(value.to_owned()),
            (Argument::Required(_), _) => match rest.next() {
                Some(value) => values.push(value.clone()),
                None => {
                    return Err(Failure::new(
                        "joptsimple.OptionMissingRequiredArgumentException",
                        format!("Option {name} requires an argument"),
                    ));
                }
            },
            (Argument::Optional(_), _) => {
                if let Some(value) = rest.next_if(|next| !looks_like_option(next)) {
                    values.push(value.clone());
                }
            }
        }
    }
    Ok(parsed)
}

fn looks_like_option(argument: &str) -> bool {
    argument.starts_with('-') && argument != "-"
}

/// One dash opens a cluster of single letters, so that its first letter is what is not known.
fn unrecognized(argument: &str, name: &str) -> Failure {
    let name = match argument.starts_with("--") {
        true => name,
        false => name
            .char_indices()
            .nth(1)
            .and_then(|(end, _)| name.get(..end))
            .unwrap_or(name),
    };
    Failure::new(
        "joptsimple.UnrecognizedOptionException",
        format!("{name} is not a recognized option"),
    )
}

/// A message and the tool's options on the error output, status 1.
pub(crate) fn usage(table: &'static [OptionSpec], message: &str) -> Process {
    let mut text = String::new();
    let starred = match table.iter().any(|spec| spec.required) {
        true => "Option (* = required)",
        false => "Option",
    };
    text.push_str(&format!(
        "{starred:38} Description\n{:38} -----------\n",
        "------"
    ));
    for spec in table {
        let star = if spec.required { "* " } else { "" };
        let argument = match spec.argument {
            Argument::None => String::new(),
            Argument::Required(label) => format!(" <{label}>"),
            Argument::Optional(label) => format!(" [{label}]"),
        };
        let head = format!("{star}--{}{argument}", spec.name);
        let mut about = spec.about.to_owned();
        if spec.deprecated {
            about = format!("(deprecated) {about}");
        }
        if !spec.default.is_empty() {
            about.push_str(&format!(" (default: {})", spec.default));
        }
        match head.chars().count() > 38 {
            true => text.push_str(&format!("{head}\n{:38} {about}\n", "")),
            false => text.push_str(&format!("{head:38} {about}\n")),
        }
    }
    let pieces = vec![
        Piece::new(Stream::Err, Tone::Error, format!("{message}\n")),
        Piece::new(Stream::Err, Tone::Plain, text),
    ];
    Process::Said(pieces, 1)
}

/// What `--help`, no arguments at all, and `--version` give.
pub(crate) fn help_or_version(
    table: &'static [OptionSpec],
    about: &str,
    arguments: &[String],
    parsed: &Parsed,
) -> Option<Process> {
    if arguments.is_empty() || parsed.has("help") {
        return Some(usage(table, about));
    }
    if parsed.has("version") {
        return Some(Process::said("4.3.1\n"));
    }
    None
}

/// The first of `names` that is missing, as a message.
pub(crate) fn missing(parsed: &Parsed, names: &[&str]) -> Option<String> {
    let name = names.iter().find(|name| !parsed.has(name))?;
    Some(format!("Missing required argument \"[{name}]\""))
}

/// The first of `others` that stands beside `name`, as a message.
pub(crate) fn clash(parsed: &Parsed, name: &str, others: &[&str]) -> Option<String> {
    if !parsed.has(name) {
        return None;
    }
    let other = others.iter().find(|other| parsed.has(other))?;
    Some(format!(
        "Option \"[{name}]\" can't be used with option \"[{other}]\""
    ))
}

/// The addresses that `--bootstrap-server` names. `Err` is what Kafka's clients throw.
pub(crate) fn addresses(text: &str) -> Result<Vec<engine::net::Address>, Failure> {
    let config =
        |message: String| Failure::new("org.apache.kafka.common.config.ConfigException", message);
    let mut addresses = Vec::new();
    let mut unresolved = None;
    for server in text
        .split(',')
        .map(str::trim)
        .filter(|server| !server.is_empty())
    {
        let url = server.rsplit_once("://").map_or(server, |(_, rest)| rest);
        let parts = url
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
        let Some((host, port)) = parts.filter(|(host, _)| !host.is_empty()) else {
            return Err(config(format!(
                "Invalid url in bootstrap.servers: {server}"
            )));
        };
        match host {
            "localhost" | "127.0.0.1" | "[::1]" | "kafka" | "kafka2" | "kafka3" | "0.0.0.0" => {
                addresses.push(engine::net::Address::new("localhost", port));
            }
            host => unresolved = Some((server.to_owned(), host.to_owned())),
        }
    }
    match (addresses.is_empty(), unresolved) {
        (false, _) => Ok(addresses),
        (true, Some((server, host))) => Err(Failure::new(
            UNRESOLVED,
            format!(
                "Couldn't resolve server {server} from bootstrap.servers as DNS resolution failed for {host}"
            ),
        )),
        (true, None) => Err(config(
            "No resolvable bootstrap urls given in bootstrap.servers".to_owned(),
        )),
    }
}

/// Marks a failure of [`addresses`] that Kafka logs as a warning before it fails.
pub(crate) const UNRESOLVED: &str = "unresolved";

/// The warning that Kafka logs for an [`UNRESOLVED`] server.
pub(crate) fn unresolved(io: &crate::io::Io<'_>, failure: &Failure) -> String {
    let time = crate::java::date_time(io.host.now().as_millis(), ' ', true);
    let message = &failure.message;
    format!("[{time}] WARN {message} (org.apache.kafka.clients.ClientUtils)\n")
}

#[cfg(test)]
mod tests {
    use super::{addresses, parse};
    use crate::tools;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn options_parse_as_joptsimple_does() {
        let table = tools::find("kafka-topics").unwrap().options;
        let ok = |line: &str| parse(table, &words(line)).unwrap();
        let err = |line: &str| parse(table, &words(line)).unwrap_err().message;
        assert_eq!(ok("--topic=a --list").all("topic"), ["a"]);
        assert_eq!(ok("-topic a -list").all("topic"), ["a"]);
        assert_eq!(ok("--partitions -3").all("partitions"), ["-3"]);
        assert_eq!(ok("--topic= b").all("topic"), ["b"]);
        assert_eq!(ok("--topic --list").all("topic"), ["--list"]);
        assert!(!ok("stray -- --list").has("list"));
        assert_eq!(err("--bootstrap x"), "bootstrap is not a recognized option");
        assert_eq!(err("-xyz"), "x is not a recognized option");
        assert_eq!(err("--topic"), "Option topic requires an argument");
        let twice = ok("--topic a --topic b");
        assert!(twice.one("topic").is_err());
    }

    #[test]
    fn addresses_as_kafka_reads_them() {
        let message = |text: &str| addresses(text).unwrap_err().message;
        assert_eq!(addresses("localhost:8098, kafka:8099").unwrap().len(), 2);
        assert_eq!(
            message("localhost"),
            "Invalid url in bootstrap.servers: localhost"
        );
        assert_eq!(
            message("localhost:80980"),
            "Invalid url in bootstrap.servers: localhost:80980"
        );
        assert!(message("nosuch.invalid:1").contains("DNS"));
        assert!(message("").contains("No resolvable"));
    }

    #[test]
    fn every_option_of_the_real_tools_is_in_the_tables() {
        use super::Argument;
        let real = include_str!("../../../tests/transcripts/data/options.tsv");
        let mut checked = 0;
        for row in real.lines().skip(1) {
            let cells: Vec<&str> = row.split('\t').collect();
            let Some(tool) = tools::find(cells[0]) else {
                continue;
            };
            let name = cells[1].trim_start_matches('-');
            let spec = tool.options.iter().find(|spec| spec.name == name);
            let spec = spec.unwrap_or_else(|| panic!("{row}"));
            match spec.argument {
                Argument::None => assert_eq!(cells[2], "", "{row}"),
                Argument::Required(_) => assert!(cells[2].starts_with('<'), "{row}"),
                Argument::Optional(_) => assert!(cells[2].starts_with('['), "{row}"),
            }
            assert_eq!(
                spec.default,
                cells.get(5).copied().unwrap_or_default(),
                "{row}"
            );
            assert_eq!(spec.deprecated, cells[4] == "yes", "{row}");
            checked += 1;
        }
        assert!(checked > 100, "{checked}");
    }
}
