//! `kafka-consumer-groups`: lists and describes groups, deletes them, moves their offsets.

mod delete;
mod describe;
mod list;
mod reset;
mod topics_arg;

use client::admin::AdminCall;
use records::sorted::Arrange;
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

const STATES: &[&str] = &[
    "Stable",
    "Empty",
    "Dead",
    "PreparingRebalance",
    "CompletingRebalance",
    "Assigning",
    "Reconciling",
];

pub(crate) const OPTIONS: &[OptionSpec] = &[
    OptionSpec::flag("all-groups", "Do it for every group."),
    OptionSpec::flag(
        "all-topics",
        "When moving offsets: every topic the group has offsets of.",
    ),
    OptionSpec::with(
        "bootstrap-server",
        "String: server to connect to",
        "Where the cluster is, as host:port.",
    )
    .value(Value::Server),
    OptionSpec::with(
        "by-duration",
        "String: duration",
        "Move to the offset of so long ago, such as PT1H or P1DT2H.",
    ),
    OptionSpec::with(
        "command-config",
        "String: command config property file",
        "Settings for the admin client, from a file.",
    )
    .value(Value::File),
    OptionSpec::flag(
        "delete",
        "Delete groups that have no members, with their offsets.",
    ),
    OptionSpec::flag("delete-offsets", "Forget a group's offsets of some topics."),
    OptionSpec::flag(
        "describe",
        "Show a group's offsets and lag, members or state.",
    ),
    OptionSpec::flag("dry-run", "When moving offsets: only show where to."),
    OptionSpec::flag("execute", "When moving offsets: do it."),
    OptionSpec::flag(
        "export",
        "When moving offsets: write the plan as CSV, which --from-file reads.",
    ),
    OptionSpec::with(
        "from-file",
        "String: path to CSV file",
        "Move to the offsets in a file of topic,partition,offset.",
    )
    .value(Value::File),
    OptionSpec::with(
        "group",
        "String: consumer group",
        "The group; may be given more than once.",
    )
    .value(Value::Group),
    OptionSpec::flag("help", "Show this."),
    OptionSpec::flag("list", "Show all groups."),
    OptionSpec::flag("members", "When describing: the members."),
    OptionSpec::flag(
        "offsets",
        "When describing: offsets and lag; what is shown if nothing is said.",
    ),
    OptionSpec::flag(
        "reset-offsets",
        "Move a group's offsets, while it has no members.",
    ),
    OptionSpec::with(
        "shift-by",
        "Long: number-of-offsets",
        "Move by so many offsets, back if negative.",
    ),
    OptionSpec::maybe(
        "state",
        "String",
        "When describing: the group's state. When listing: show states, or only groups in these.",
    )
    .value(Value::Choice(STATES)),
    OptionSpec::with(
        "timeout",
        "Long: timeout (ms)",
        "How long to wait for the cluster.",
    )
    .default("30000"),
    OptionSpec::flag(
        "to-current",
        "Move to where the group is, or to the end where it is nowhere.",
    ),
    OptionSpec::with(
        "to-datetime",
        "String: datetime",
        "Move to the first record since a time, such as 2026-01-31T12:00:00.000.",
    ),
    OptionSpec::flag("to-earliest", "Move to the oldest record."),
    OptionSpec::flag("to-latest", "Move behind the newest record."),
    OptionSpec::with("to-offset", "Long: offset", "Move to this offset."),
    OptionSpec::with(
        "topic",
        "String: topic",
        "The topic whose offsets to move or forget; with :0,1 behind it only these partitions.",
    )
    .value(Value::Topic),
    OptionSpec::maybe(
        "type",
        "String",
        "When listing: show types, or only groups of these.",
    )
    .value(Value::Choice(&["classic", "consumer"])),
    OptionSpec::with(
        "validate-regex",
        "String: regex",
        "Check a pattern that a consumer would subscribe to.",
    ),
    OptionSpec::flag("verbose", "When describing: more columns."),
    OptionSpec::flag("version", "Show Kafka's version."),
];

pub(crate) const SUMMARY: &str = "lists and describes groups, deletes them, moves their offsets";

const ACTIONS: [&str; 6] = [
    "list",
    "describe",
    "delete",
    "reset-offsets",
    "delete-offsets",
    "validate-regex",
];

const NO_EXECUTE: &str = "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you are scripting this command and want to keep the current default behavior without prompting.";

/// `kafka-consumer-groups` while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Groups {
    options: Parsed,
    action: Action,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
enum Action {
    List,
    Describe(describe::Describe),
    Delete,
    DeleteOffsets(delete::DeleteOffsets),
    Reset(Box<reset::Reset>),
}

/// Why it ends without having done what it should.
#[derive(Debug, Clone, PartialEq)]
enum Trouble {
    /// The options make no sense: a message, then the table of options.
    Usage(String),
    /// Something was thrown: the message and the first line of the stack trace.
    Thrown { message: String, trace: String },
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Thrown {
            trace: failure.line(),
            message: failure.message,
        }
    }
}

/// What the future of a call throws.
fn executed(failure: &Failure) -> Trouble {
    let message = failure.line();
    Trouble::Thrown {
        trace: format!("java.util.concurrent.ExecutionException: {message}"),
        message,
    }
}

/// The same, wrapped once more.
fn wrapped(failure: &Failure) -> Trouble {
    let message = format!(
        "java.util.concurrent.ExecutionException: {}",
        failure.line()
    );
    Trouble::Thrown {
        trace: format!("java.lang.RuntimeException: {message}"),
        message,
    }
}

type Going = Result<Next, Trouble>;

/// Starts the tool.
pub(crate) fn start(arguments: &[String], io: &mut Io<'_>) -> Result<Tool, Process> {
    let options = parse(OPTIONS, arguments).map_err(|failure| {
        Process::failed(
            1,
            format!("Exception in thread \"main\" {}", failure.line()),
        )
    })?;
    let about =
        "kafka-consumer-groups lists and describes groups, deletes them and moves their offsets.";
    if let Some(process) = help_or_version(OPTIONS, about, arguments, &options) {
        return Err(process);
    }
    let warns = options.has("reset-offsets") && !options.has("dry-run") && !options.has("execute");
    if let Some(message) = check(&options) {
        return Err(warned(usage(OPTIONS, &message), warns));
    }
    if let Some(pattern) = options.all("validate-regex").last() {
        return Err(validate(pattern));
    }
    let (action, timeout) = match prepare(&options) {
        Ok(prepared) => prepared,
        Err(trouble) => return Err(warned(said(trouble), warns)),
    };
    let servers = options
        .all("bootstrap-server")
        .last()
        .map_or("", String::as_str);
    let bootstrap = addresses(servers).map_err(|failure| no_client(io, &failure))?;
    let groups = Groups { options, action };
    let tool = AdminTool::new("adminclient-1", bootstrap, Work::Groups(groups));
    let tool = tool.with_timeout(timeout.unwrap_or(30_000));
    Ok(Tool::Admin(Box::new(tool)))
}

fn prepare(options: &Parsed) -> Result<(Action, Option<i64>), Trouble> {
    let timeout = options.number("timeout")?;
    let action = if options.has("list") {
        list::check(options).map_err(Trouble::Usage)?;
        Action::List
    } else if options.has("describe") {
        Action::Describe(describe::Describe::default())
    } else if options.has("delete") {
        Action::Delete
    } else if options.has("delete-offsets") {
        Action::DeleteOffsets(delete::DeleteOffsets::default())
    } else {
        Action::Reset(Box::new(reset::Reset::new(options)?))
    };
    Ok((action, timeout))
}

/// What is wrong with the options, in the order Kafka looks for it.
fn check(options: &Parsed) -> Option<String> {
    if let Some(message) = missing(options, &["bootstrap-server"]) {
        return Some(message);
    }
    let no_group = !options.has("group") && !options.has("all-groups");
    let wants_group = |action: &str| {
        let wrong = options.has(action) && no_group;
        wrong
            .then(|| format!("Option [{action}] takes one of these options: [group], [all-groups]"))
    };
    let views = ["members", "offsets", "state"];
    let message = wants_group("describe")
        .or_else(|| {
            let many = views.iter().filter(|view| options.has(view)).count() > 1;
            let wrong = options.has("describe") && many;
            wrong.then(|| "Option [describe] takes at most one of these options: [members], [offsets], [state]".to_owned())
        })
        .or_else(|| {
            let wrong = options.has("describe") && !options.all("state").is_empty();
            wrong.then(|| "Option [describe] does not take a value for [state]".to_owned())
        })
        .or_else(|| wants_group("delete"))
        .or_else(|| {
            let wrong = options.has("delete") && options.has("topic");
            wrong.then(|| "The consumer does not support topic-specific offset deletion from a consumer group.".to_owned())
        })
        .or_else(|| {
            let wrong = options.has("delete-offsets") && !(options.has("group") && options.has("topic"));
            wrong.then(|| "Option [delete-offsets] takes the following options: [group], [topic]".to_owned())
        })
        .or_else(|| {
            let both = options.has("dry-run") && options.has("execute");
            let wrong = options.has("reset-offsets") && both;
            wrong.then(|| "Option [reset-offsets] only accepts one of [execute] and [dry-run]".to_owned())
        })
        .or_else(|| wants_group("reset-offsets"))
        .or_else(|| reset::scenario_clash(options).filter(|_| options.has("reset-offsets")))
        .or_else(|| clash(options, "group", &["all-groups", "list"]))
        .or_else(|| clash(options, "topic", &["list", "describe"]));
    if message.is_some() {
        return message;
    }
    let actions = ACTIONS.iter().filter(|action| options.has(action)).count();
    (actions != 1).then(|| {
        "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets, --validate-regex".to_owned()
    })
}

fn warned(process: Process, warns: bool) -> Process {
    match process {
        Process::Said(mut pieces, status) if warns => {
            let warning = Piece::new(Stream::Err, Tone::Warning, format!("{NO_EXECUTE}\n"));
            pieces.insert(0, warning);
            Process::Said(pieces, status)
        }
        process => process,
    }
}

fn said(trouble: Trouble) -> Process {
    match trouble {
        Trouble::Usage(message) => usage(OPTIONS, &message),
        Trouble::Thrown { message, trace } => {
            let text =
                format!("\nError: Executing consumer group command failed due to {message}\n");
            let pieces = vec![
                Piece::new(Stream::Out, Tone::Error, text),
                Piece::new(Stream::Err, Tone::Error, format!("{trace}\n")),
            ];
            Process::Said(pieces, 0)
        }
    }
}

fn no_client(io: &Io<'_>, failure: &Failure) -> Process {
    let mut text = String::new();
    if failure.exception == UNRESOLVED {
        text.push_str(&unresolved(io, failure));
    }
    text.push_str("Exception in thread \"main\" org.apache.kafka.common.KafkaException: Failed to create new KafkaAdminClient\n");
    Process::Said(vec![Piece::new(Stream::Err, Tone::Error, text)], 1)
}

fn validate(pattern: &str) -> Process {
    let shown = crate::screen::prefix(pattern, 4096);
    if java::whole(pattern).is_some() {
        return Process::said(format!("The regular expression `{shown}` is valid.\n"));
    }
    let unclosed =
        |open: char, close: char| pattern.matches(open).count() > pattern.matches(close).count();
    let why = if unclosed('[', ']') {
        "missing closing ]"
    } else if unclosed('(', ')') {
        "missing closing )"
    } else {
        "missing argument to repetition operator"
    };
    Process::said(format!(
        "The regular expression `{shown}` is invalid: {why}.\n"
    ))
}

impl Groups {
    pub(crate) fn begin(&mut self, io: &mut Io<'_>) -> Next {
        let warns = self.options.has("reset-offsets")
            && !self.options.has("dry-run")
            && !self.options.has("execute");
        if warns {
            io.err(Tone::Warning, NO_EXECUTE);
        }
        if self.options.has("all-groups") || self.options.has("list") {
            return Next::Call(AdminCall::ListGroups);
        }
        let named = self.named();
        let going = self.with_groups(io, named);
        self.settle(io, going)
    }

    pub(crate) fn answer(&mut self, io: &mut Io<'_>, answer: Answer) -> Next {
        let going = self.try_answer(io, answer);
        self.settle(io, going)
    }

    /// The groups that `--group` names, each once.
    fn named(&self) -> Vec<String> {
        let mut named: Vec<String> = self.options.all("group").to_vec();
        named.arrange();
        named.dedup();
        named
    }

    fn try_answer(&mut self, io: &mut Io<'_>, answer: Answer) -> Going {
        use client::admin::AdminAnswer;
        match (answer, &mut self.action) {
            (Ok(AdminAnswer::ListGroups(groups)), Action::List) => {
                list::print(io, &self.options, groups);
                Ok(Next::Exit(0))
            }
            (Ok(AdminAnswer::ListGroups(groups)), _) => {
                let mut ids: Vec<String> = groups.into_iter().map(|group| group.group_id).collect();
                ids.arrange();
                self.with_groups(io, ids)
            }
            (Err(failure), Action::List) => Err(wrapped(&failure)),
            (Ok(answer), Action::Describe(describe)) => describe.answer(io, &self.options, answer),
            (Ok(AdminAnswer::DeleteGroups(outcomes)), Action::Delete) => {
                delete::print_groups(io, outcomes);
                Ok(Next::Exit(0))
            }
            (Ok(answer), Action::DeleteOffsets(delete)) => delete.answer(io, &self.options, answer),
            (Ok(answer), Action::Reset(reset)) => reset.answer(io, &self.options, answer),
            (Err(failure), Action::Reset(_)) => Err(wrapped(&failure)),
            (Err(failure), _) => Err(executed(&failure)),
            (Ok(_), _) => Err(strange()),
        }
    }

    fn with_groups(&mut self, io: &mut Io<'_>, groups: Vec<String>) -> Going {
        if groups.is_empty() && !matches!(self.action, Action::Reset(_)) {
            return Ok(Next::Exit(0));
        }
        match &mut self.action {
            Action::Describe(_) => Ok(Next::Call(AdminCall::DescribeGroups(groups))),
            Action::Delete => Ok(Next::Call(AdminCall::DeleteGroups(groups))),
            Action::DeleteOffsets(delete) => delete.begin(&self.options, groups),
            Action::Reset(reset) => reset.begin(io, &self.options, groups),
            Action::List => Ok(Next::Exit(0)),
        }
    }

    fn settle(&mut self, io: &mut Io<'_>, going: Going) -> Next {
        match going {
            Ok(next) => next,
            Err(trouble) => match said(trouble) {
                Process::Said(pieces, status) => {
                    for piece in pieces {
                        io.piece(piece);
                    }
                    Next::Exit(status)
                }
                _ => Next::Exit(1),
            },
        }
    }
}

/// The client answered something else than was asked.
fn strange() -> Trouble {
    Trouble::from(Failure::new(
        "java.lang.IllegalStateException",
        "the client gave another answer",
    ))
}

/// `text` and blanks up to `width`.
fn pad(text: &str, width: usize) -> String {
    format!("{text:width$}")
}

/// The longest of `texts`, at least `least`.
fn width<'a>(least: usize, texts: impl Iterator<Item = &'a str>) -> usize {
    texts
        .map(|text| text.chars().count())
        .max()
        .unwrap_or(0)
        .max(least)
}
