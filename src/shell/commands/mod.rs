//! Commands as state machines: each takes small steps, so that a page keeps answering.

pub(crate) mod docker;
pub(crate) mod elsewhere;
pub(crate) mod filters;
pub(crate) mod help;
pub(crate) mod simple;
pub(crate) mod timed;

use engine::time::SimTime;
use serde::Serialize;

use crate::files::{KAFKA_BIN, Machine, Place};
use crate::io::Io;
use crate::screen::{Piece, Stream, Tone};
use crate::tools::{self, Tool};

/// How long a tool takes to start, in milliseconds. The real ones take a second or more, in which the
/// brokers learn what the command before has changed; without it a topic could be unknown just after
/// it was created.
const STARTUP: i64 = 150;

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It did something and has more to do.
    Again,
    /// It waits for input, room, its client, or this moment.
    Wait(Option<SimTime>),
    /// It ended with this status.
    Exit(i32),
}

/// A command while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Process {
    /// It has said all it will say.
    Said(Vec<Piece>, i32),
    Filter(Box<filters::Filter>),
    Seq(Box<simple::Seq>),
    Sleep(timed::Sleep),
    Watch(Box<timed::Watch>),
    Compose(Box<docker::Compose>),
    /// A tool, and when it has started.
    Tool(SimTime, Box<Tool>),
}

impl Process {
    /// Ends at once with `status` and a line on its error output.
    pub(crate) fn failed(status: i32, text: impl Into<String>) -> Process {
        let text = format!("{}\n", text.into());
        Process::Said(vec![Piece::new(Stream::Err, Tone::Error, text)], status)
    }

    /// Ends well with some output.
    pub(crate) fn said(text: impl Into<String>) -> Process {
        Process::Said(vec![Piece::new(Stream::Out, Tone::Plain, text)], 0)
    }

    /// Goes on a little.
    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        match self {
            Process::Said(pieces, status) => {
                for piece in std::mem::take(pieces) {
                    io.piece(piece);
                }
                Step::Exit(*status)
            }
            Process::Filter(filter) => filter.step(io),
            Process::Seq(seq) => seq.step(io),
            Process::Sleep(sleep) => sleep.step(io),
            Process::Watch(watch) => watch.step(io),
            Process::Compose(compose) => compose.step(io),
            Process::Tool(ready, _) if io.host.now() < *ready => Step::Wait(Some(*ready)),
            Process::Tool(_, tool) => tool.step(io),
        }
    }

    /// Ctrl-C: whether it ends at once. A tool closes its client first.
    pub(crate) fn interrupt(&mut self, io: &mut Io<'_>) -> bool {
        match self {
            Process::Tool(_, tool) => tool.interrupt(io),
            Process::Compose(compose) => {
                compose.interrupt(io);
                true
            }
            Process::Watch(watch) => {
                watch.kill(io);
                true
            }
            _ => true,
        }
    }

    /// It is gone at once, without a word.
    pub(crate) fn kill(&mut self, io: &mut Io<'_>) {
        match self {
            Process::Tool(_, tool) => tool.kill(io),
            Process::Watch(watch) => watch.kill(io),
            _ => {}
        }
    }
}

/// The commands that every prompt knows, for completion, `help` and "did you mean".
pub(crate) const COMMANDS: &[(&str, &str)] = &[
    ("cat", "shows files, or what it reads"),
    ("cd", "goes to a directory"),
    ("clear", "empties the screen"),
    ("date", "the time of this world"),
    ("docker", "the container: ps, exec, logs, compose"),
    (
        "docker-compose",
        "starts and stops the cluster: up -d, ps, logs, down",
    ),
    ("echo", "writes its arguments"),
    ("exit", "leaves the container"),
    ("export", "sets a variable"),
    ("false", "does nothing, without success"),
    ("fg", "brings a job to the foreground"),
    ("grep", "lines that match a pattern"),
    ("head", "the first lines"),
    ("help", "what there is to type here"),
    ("history", "what was typed here"),
    ("jobs", "what runs in the background"),
    ("kill", "ends a job: kill %1"),
    ("ls", "the files here"),
    ("mkdir", "makes a directory"),
    ("printf", "writes text by a pattern"),
    ("pwd", "the directory"),
    ("rm", "deletes files"),
    ("seq", "counts"),
    ("sleep", "waits so many seconds of this world's time"),
    ("sort", "sorts lines"),
    ("tail", "the last lines"),
    ("tee", "writes what it reads to files as well"),
    ("true", "does nothing, with success"),
    ("uniq", "drops repeated lines"),
    ("watch", "repeats a command every two seconds"),
    ("wc", "counts lines, words and bytes"),
    ("whoami", "who you are here"),
];

/// Starts the command that `arguments` name (the first is its name).
pub(crate) fn start(arguments: &[String], io: &mut Io<'_>) -> Process {
    let Some((name, rest)) = arguments.split_first() else {
        return Process::Said(Vec::new(), 0);
    };
    if let Some(process) = simple::start(name, rest, io) {
        return process;
    }
    if let Some(process) = elsewhere::start(name, rest) {
        return process;
    }
    match name.as_str() {
        "seq" => simple::seq(rest),
        "cat" | "head" | "tail" | "grep" | "wc" | "sort" | "uniq" | "tee" => {
            filters::start(name, rest, io)
        }
        "sleep" => timed::sleep(rest, io),
        "watch" => timed::watch(rest),
        "help" => help::help(rest),
        "docker" | "docker-compose" if io.place.machine == Machine::Host => {
            docker::start(name, rest, io)
        }
        _ => match tool_name(name, io) {
            Some(tool) => match tools::start(tool, rest, io) {
                Ok(tool) => Process::Tool(io.host.now().plus_millis(STARTUP), Box::new(tool)),
                Err(process) => process,
            },
            None => not_found(name, io.place),
        },
    }
}

/// The tool that a command's name or path means: `kafka-topics`, `kafka-topics.sh`,
/// `/opt/kafka/bin/kafka-topics.sh`.
fn tool_name<'a>(name: &'a str, io: &Io<'_>) -> Option<&'a str> {
    let base = match name.rsplit_once('/') {
        None => name,
        Some((_, base)) => {
            let path = io.place.resolve(name);
            let versioned = path.starts_with("/opt/kafka_") && path.contains("/bin/");
            if !path.starts_with(KAFKA_BIN) && !versioned {
                return None;
            }
            base
        }
    };
    let base = base.strip_suffix(".sh").unwrap_or(base);
    tools::find(base).map(|_| base)
}

fn not_found(name: &str, place: &Place) -> Process {
    let shown = crate::screen::prefix(name, 200);
    let mut text = match name.contains('/') {
        true => format!("bash: {shown}: No such file or directory"),
        false => format!("bash: {shown}: command not found"),
    };
    if place.machine != Machine::Host && matches!(name, "docker" | "docker-compose") {
        text.push_str(" (this is the container; exit leaves it)");
    }
    let mut pieces = vec![Piece::new(Stream::Err, Tone::Error, format!("{text}\n"))];
    if let Some(near) = nearest(name, place) {
        let hint = format!("did you mean {near}?\n");
        pieces.push(Piece::new(Stream::Err, Tone::Hint, hint));
    }
    Process::Said(pieces, 127)
}

/// The known command that looks most like `name`.
fn nearest(name: &str, place: &Place) -> Option<&'static str> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.strip_suffix(".sh").unwrap_or(name);
    if name.len() > 40 {
        return None;
    }
    let tools = tools::TOOLS.iter().map(|tool| tool.name);
    let others = COMMANDS.iter().map(|(name, _)| *name);
    let here = |command: &&str| place.machine == Machine::Host || !command.starts_with("docker");
    let known = tools.chain(others).filter(here);
    let part = |known: &&str| name.len() >= 4 && known.contains(name);
    let scored = known.map(|known| (!part(&known), distance(name, known), known));
    let (apart, distance, known) = scored.min()?;
    (!apart || distance <= 1 + name.len() / 4).then_some(known)
}

/// How many letters to change, add, drop or swap to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |back: usize, column: usize| {
                let row = (i + 1).checked_sub(back).and_then(|row| rows.get(row));
                row.and_then(|row| row.get(column)).copied()
            };
            let changed = at(1, j).unwrap_or(usize::MAX / 2) + usize::from(x != y);
            let dropped = at(1, j + 1).unwrap_or(usize::MAX / 2) + 1;
            let added = row.get(j).copied().unwrap_or(usize::MAX / 2) + 1;
            let mut best = changed.min(dropped).min(added);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(2, j - 1).unwrap_or(usize::MAX / 2) + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};
    use crate::files::Place;

    #[test]
    fn near_names_are_found() {
        let place = Place::host();
        assert_eq!(nearest("kafka-topic", &place), Some("kafka-topics"));
        assert_eq!(nearest("kafak-topics", &place), Some("kafka-topics"));
        assert_eq!(nearest("topics", &place), Some("kafka-topics"));
        assert_eq!(nearest("docker-compsoe", &place), Some("docker-compose"));
        assert_eq!(nearest("frobnicate", &place), None);
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("", "abc"), 3);
    }
}
