//! What may come next in a half-typed line: commands, options, topics, groups, files.

use records::sorted::Arrange;
use std::ops::Range;

use serde::Serialize;

use crate::commands::COMMANDS;
use crate::files::{Files, Machine, Place};
use crate::host::Host;
use crate::tools::options::{Argument, OptionSpec, Value};
use crate::tools::{self, ToolSpec};

/// How many candidates are offered.
const MANY: usize = 200;

/// What may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// The part of the line that a candidate replaces, in bytes.
    pub replace: Range<usize>,
    /// What may stand there, best first; empty if nothing is known.
    pub candidates: Vec<Candidate>,
}

/// One thing that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// What to put there, quoted if need be, with a blank behind it where a word ends.
    pub text: String,
    /// What it is, in a few words.
    pub summary: String,
}

/// What may stand at `cursor` in `line`.
pub(crate) fn complete(
    host: &dyn Host,
    files: &Files,
    place: &Place,
    line: &str,
    cursor: usize,
) -> Completion {
    let before = crate::screen::prefix(line, cursor.min(line.len()));
    // A line this long was pasted, not typed.
    let before = if before.len() > 64 * 1024 { "" } else { before };
    let words = words(before);
    let typed = words
        .last()
        .map_or("", |word| word.text.as_str())
        .to_owned();
    let start = words.last().map_or(before.len(), |word| word.start);
    let completer = Completer { host, files, place };
    let earlier: Vec<&str> = words
        .iter()
        .rev()
        .skip(1)
        .rev()
        .map(|word| word.text.as_str())
        .collect();
    let found = completer.after(&earlier, &typed);
    let mut candidates: Vec<Candidate> = found
        .into_iter()
        .filter(|(text, _, _)| text.starts_with(&typed) && *text != typed)
        .map(|(text, summary, ends)| Candidate {
            text: shown(&text, ends),
            summary,
        })
        .collect();
    candidates.arrange_by(|a, b| a.text.cmp(&b.text));
    candidates.dedup_by(|a, b| a.text == b.text);
    candidates.truncate(MANY);
    Completion {
        replace: start..before.len(),
        candidates,
    }
}

struct TypedWord {
    text: String,
    start: usize,
}

/// The words of the command being typed, the last one perhaps empty; quotes are taken off.
fn words(before: &str) -> Vec<TypedWord> {
    let mut words: Vec<TypedWord> = Vec::new();
    let mut current: Option<TypedWord> = None;
    let mut quote: Option<char> = None;
    for (at, c) in before.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => push(&mut current, at, Some(c)),
            (None, '\'' | '"') => {
                quote = Some(c);
                push(&mut current, at, None);
            }
            (None, '|' | ';' | '&') => {
                words.clear();
                current = None;
            }
            (None, '<' | '>') => {
                words.extend(current.take());
                words.push(TypedWord {
                    text: ">".to_owned(),
                    start: at,
                });
            }
            (None, c) if c.is_whitespace() => words.extend(current.take()),
            (None, c) => push(&mut current, at, Some(c)),
        }
    }
    let empty = || TypedWord {
        text: String::new(),
        start: before.len(),
    };
    words.push(current.unwrap_or_else(empty));
    words
}

fn push(current: &mut Option<TypedWord>, at: usize, c: Option<char>) {
    let word = current.get_or_insert_with(|| TypedWord {
        text: String::new(),
        start: at,
    });
    word.text.extend(c);
}

fn shown(text: &str, ends: bool) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,%+@~".contains(c);
    let mut shown = match text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    };
    if ends {
        shown.push(' ');
    }
    shown
}

/// A text, what it is, and whether a blank follows it.
type Found = (String, String, bool);

struct Completer<'a> {
    host: &'a dyn Host,
    files: &'a Files,
    place: &'a Place,
}

impl Completer<'_> {
    fn after(&self, earlier: &[&str], typed: &str) -> Vec<Found> {
        let assignment = |word: &&&str| word.contains('=') && !word.starts_with('-');
        let skipped = earlier.iter().take_while(assignment).count();
        let earlier = earlier.get(skipped..).unwrap_or_default();
        let Some((command, rest)) = earlier.split_first() else {
            return self.commands(typed);
        };
        if rest.last() == Some(&">") || *command == ">" {
            return self.paths(typed);
        }
        match *command {
            "watch" => return self.after(rest, typed),
            "docker-compose" => return self.compose(rest, typed),
            "docker" => return self.docker(rest, typed),
            "help" => return self.commands(typed),
            _ => {}
        }
        let name = command.rsplit('/').next().unwrap_or(command);
        match tools::find(name.strip_suffix(".sh").unwrap_or(name)) {
            Some(tool) => self.tool(tool, rest, typed),
            None => self.paths(typed),
        }
    }

    fn commands(&self, typed: &str) -> Vec<Found> {
        if typed.contains('/') {
            return self.paths(typed);
        }
        let host = self.place.machine == Machine::Host;
        let ours = COMMANDS
            .iter()
            .filter(|(name, _)| host || !name.starts_with("docker"));
        let ours = ours.map(|(name, summary)| ((*name).to_owned(), (*summary).to_owned(), true));
        let tools = tools::TOOLS.iter().flat_map(|tool| {
            let with_suffix = format!("{}.sh", tool.name);
            let summary = tool.summary.to_owned();
            [
                (tool.name.to_owned(), summary.clone(), true),
                (with_suffix, summary, true),
            ]
        });
        let short = !typed.contains('.');
        ours.chain(tools)
            .filter(|(name, _, _)| !(short && name.ends_with(".sh")))
            .collect()
    }

    fn tool(&self, tool: &ToolSpec, rest: &[&str], typed: &str) -> Vec<Found> {
        let named = |word: &str| {
            let name = word.trim_start_matches('-').to_owned();
            tool.options
                .iter()
                .find(|spec| word.starts_with('-') && spec.name == name)
        };
        if let Some((option, value)) = typed.split_once('=')
            && let Some(spec) = named(option)
        {
            let values = self.values(spec, value);
            return values
                .into_iter()
                .map(|(text, summary, ends)| (format!("{option}={text}"), summary, ends))
                .collect();
        }
        let spec = rest.last().and_then(|word| named(word));
        if let Some(spec) = spec.filter(|spec| spec.argument != Argument::None) {
            let values = self.values(spec, typed);
            if matches!(spec.argument, Argument::Required(_)) || !typed.starts_with('-') {
                return values;
            }
        }
        let repeats =
            |name: &str| name.ends_with("property") || matches!(name, "config" | "group" | "topic");
        let given = |spec: &OptionSpec| {
            rest.iter()
                .any(|word| named(word).is_some_and(|other| other.name == spec.name))
        };
        tool.options
            .iter()
            .filter(|spec| repeats(spec.name) || !given(spec))
            .filter(|spec| !spec.deprecated || typed.len() > 3)
            .map(|spec| (format!("--{}", spec.name), spec.about.to_owned(), true))
            .collect()
    }

    fn values(&self, spec: &OptionSpec, typed: &str) -> Vec<Found> {
        let cluster = || self.host.cluster().unwrap_or_default();
        match spec.value {
            Value::Free => Vec::new(),
            Value::File => self.paths(typed),
            Value::Choice(choices) => choices
                .iter()
                .map(|choice| ((*choice).to_owned(), String::new(), true))
                .collect(),
            Value::Server => {
                let facts = cluster();
                let first = if facts.first_port == 0 {
                    8098
                } else {
                    facts.first_port
                };
                let ports = (0..facts.brokers.max(1)).map(|n| i32::from(first).saturating_add(n));
                ports
                    .map(|port| (format!("localhost:{port}"), "a broker".to_owned(), true))
                    .collect()
            }
            Value::Topic => cluster()
                .topics
                .into_iter()
                .map(|(name, partitions)| (name, format!("topic, {partitions} partition(s)"), true))
                .collect(),
            Value::Group => cluster()
                .groups
                .into_iter()
                .map(|group| (group, "group".to_owned(), true))
                .collect(),
        }
    }

    fn compose(&self, rest: &[&str], typed: &str) -> Vec<Found> {
        let verbs = [
            ("up", "starts the cluster"),
            ("down", "removes it with all that it stores"),
            ("ps", "shows what runs"),
            ("logs", "shows what the broker said"),
            ("-f", "which compose file"),
        ];
        match rest.last() {
            Some(&"-f" | &"--file") => self.paths(typed),
            Some(&"up") => vec![("-d".to_owned(), "in the background".to_owned(), true)],
            _ => verbs
                .iter()
                .map(|(verb, summary)| ((*verb).to_owned(), (*summary).to_owned(), true))
                .collect(),
        }
    }

    fn docker(&self, rest: &[&str], typed: &str) -> Vec<Found> {
        let verbs = [
            ("compose", "starts and stops the cluster"),
            ("exec", "runs a command in the container"),
            ("ps", "shows what runs"),
            ("logs", "shows what the broker said"),
        ];
        let owned = |text: &str, summary: &str| (text.to_owned(), summary.to_owned(), true);
        match rest {
            [] => verbs
                .iter()
                .map(|(verb, summary)| owned(verb, summary))
                .collect(),
            ["compose", more @ ..] => self.compose(more, typed),
            ["exec", flags @ ..] if flags.iter().all(|flag| flag.starts_with('-')) => {
                vec![
                    owned("-it", "at this terminal"),
                    owned("kafka", "the container"),
                ]
            }
            ["exec", more @ ..] => {
                let named = more.iter().position(|word| !word.starts_with('-'));
                let command = named
                    .and_then(|at| more.get(at.saturating_add(1)..))
                    .unwrap_or_default();
                let mut found = self.after(command, typed);
                if command.is_empty() {
                    found.push(owned("bash", "a shell in the container"));
                }
                found
            }
            _ => Vec::new(),
        }
    }

    fn paths(&self, typed: &str) -> Vec<Found> {
        let (directory, _) = typed
            .rsplit_once('/')
            .map_or(("", typed), |(directory, name)| (directory, name));
        let prefix = match typed.contains('/') {
            true => format!("{directory}/"),
            false => String::new(),
        };
        let listed = match prefix.is_empty() {
            true => self.files.list(self.place, "."),
            false => self.files.list(self.place, &prefix),
        };
        let names = listed.unwrap_or_default();
        names
            .into_iter()
            .map(|name| {
                let ends = !name.ends_with('/');
                let kind = if ends { "file" } else { "directory" };
                (format!("{prefix}{name}"), kind.to_owned(), ends)
            })
            .collect()
    }
}
