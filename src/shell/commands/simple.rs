//! Commands that say what they say at once, and `seq`.

use serde::Serialize;

use super::{Process, Step};
use crate::files::Machine;
use crate::io::Io;
use crate::java;
use crate::screen::{Piece, Stream, Tone};

/// Starts `name` if it is one of these.
pub(crate) fn start(name: &str, arguments: &[String], io: &mut Io<'_>) -> Option<Process> {
    let process = match name {
        "echo" => echo(arguments),
        "printf" => printf(arguments),
        "true" | ":" => Process::Said(Vec::new(), 0),
        "false" => Process::Said(Vec::new(), 1),
        "pwd" => Process::said(format!("{}\n", io.place.directory)),
        "whoami" => Process::said(match io.place.machine {
            Machine::Host => "you\n",
            Machine::Container(_) => "appuser\n",
        }),
        "date" => Process::said(format!(
            "{} UTC\n",
            java::date_time(io.host.now().as_millis(), ' ', false)
        )),
        "ls" => ls(arguments, io),
        "rm" => each_file("rm: cannot remove", arguments, io, |io, path| {
            io.files.remove(io.place, path)
        }),
        "mkdir" => each_file(
            "mkdir: cannot create directory",
            arguments,
            io,
            |io, path| io.files.make_directory(io.place, path),
        ),
        _ => return None,
    };
    Some(process)
}

fn echo(arguments: &[String]) -> Process {
    let mut rest = arguments;
    let (mut newline, mut escapes) = (true, false);
    while let Some((first, more)) = rest.split_first() {
        match first.as_str() {
            "-n" => newline = false,
            "-e" => escapes = true,
            "-ne" | "-en" => (newline, escapes) = (false, true),
            _ => break,
        }
        rest = more;
    }
    let mut text = rest.join(" ");
    if escapes {
        text = unescape(&text);
    }
    if newline {
        text.push('\n');
    }
    Process::said(text)
}

/// `\n`, `\t`, `\\` and their like.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('\\') | None => out.push('\\'),
            Some('"') => out.push('"'),
            Some('0') => out.push('\0'),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
        }
    }
    out
}

fn printf(arguments: &[String]) -> Process {
    let Some((format, mut values)) = arguments.split_first() else {
        return Process::failed(2, "printf: usage: printf format [arguments]");
    };
    let format = unescape(format);
    let mut out = String::new();
    loop {
        let before = values.len();
        match format_once(&format, &mut values, &mut out) {
            Ok(()) => {}
            Err(sentence) => return Process::failed(1, sentence),
        }
        if values.is_empty() || values.len() == before {
            return Process::said(out);
        }
    }
}

fn format_once(format: &str, values: &mut &[String], out: &mut String) -> Result<(), String> {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut width = String::new();
        let kind = loop {
            match chars.next() {
                Some(c @ ('0'..='9' | '-')) if width.len() < 4 => width.push(c),
                other => break other,
            }
        };
        let mut value = || match values.split_first() {
            Some((first, rest)) => {
                *values = rest;
                first.clone()
            }
            None => String::new(),
        };
        let text = match kind {
            Some('%') => "%".to_owned(),
            Some('s') => value(),
            Some('b') => unescape(&value()),
            Some('q') => format!("'{}'", value().replace('\'', "'\\''")),
            Some('d' | 'i') => {
                let value = value();
                let value = if value.is_empty() { "0" } else { &value };
                let number: i64 = value
                    .parse()
                    .map_err(|_| format!("bash: printf: {value}: invalid number"))?;
                number.to_string()
            }
            _ => return Err("bash: printf: only %s, %d, %b, %q and %% are known here".to_owned()),
        };
        pad(out, &text, &width);
    }
    Ok(())
}

fn pad(out: &mut String, text: &str, width: &str) {
    let left = width.starts_with('-');
    let zeros = width.starts_with('0');
    let size: usize = width.trim_start_matches('-').parse().unwrap_or(0);
    let missing = size.saturating_sub(text.chars().count());
    let fill = if zeros { "0" } else { " " }.repeat(missing);
    match left {
        true => out.extend([text, &fill]),
        false => out.extend([fill.as_str(), text]),
    }
}

fn ls(arguments: &[String], io: &Io<'_>) -> Process {
    let paths: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let paths = if paths.is_empty() { vec!["."] } else { paths };
    let mut pieces = Vec::new();
    let mut status = 0;
    for path in &paths {
        match io.files.list(io.place, path) {
            Ok(names) => {
                let mut text = String::new();
                if paths.len() > 1 && io.files.is_directory(io.place, path) {
                    text.push_str(&format!("{path}:\n"));
                }
                for name in names {
                    text.push_str(&name);
                    text.push('\n');
                }
                pieces.push(Piece::new(Stream::Out, Tone::Plain, text));
            }
            Err(error) => {
                let text = format!("ls: cannot access '{path}': {}\n", error.text());
                pieces.push(Piece::new(Stream::Err, Tone::Error, text));
                status = 2;
            }
        }
    }
    Process::Said(pieces, status)
}

fn each_file(
    what: &str,
    arguments: &[String],
    io: &mut Io<'_>,
    act: impl Fn(&mut Io<'_>, &str) -> Result<(), crate::files::FileError>,
) -> Process {
    let mut pieces = Vec::new();
    let mut status = 0;
    for path in arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
    {
        if let Err(error) = act(io, path) {
            let text = format!("{what} '{path}': {}\n", error.text());
            pieces.push(Piece::new(Stream::Err, Tone::Error, text));
            status = 1;
        }
    }
    Process::Said(pieces, status)
}

/// Counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Seq {
    next: i64,
    step: i64,
    last: i64,
    separator: String,
    width: usize,
}

/// `seq [-w] [-s SEPARATOR] [FIRST [STEP]] LAST`
pub(crate) fn seq(arguments: &[String]) -> Process {
    let mut numbers: Vec<i64> = Vec::new();
    let mut separator = "\n".to_owned();
    let mut same_width = false;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match (argument.as_str(), argument.parse()) {
            ("-w", _) => same_width = true,
            ("-s", _) => separator = rest.next().cloned().unwrap_or_default(),
            (_, Ok(number)) => numbers.push(number),
            (text, Err(_)) => {
                return Process::failed(1, format!("seq: invalid whole number: '{text}'"));
            }
        }
    }
    let (next, step, last) = match numbers.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [first, step, last] => (*first, *step, *last),
        [] => return Process::failed(1, "seq: missing operand"),
        _ => return Process::failed(1, "seq: extra operand"),
    };
    if step == 0 {
        return Process::failed(1, "seq: the step must not be 0");
    }
    let digits = |number: i64| number.to_string().len();
    let width = if same_width {
        digits(next).max(digits(last))
    } else {
        0
    };
    Process::Seq(Box::new(Seq {
        next,
        step,
        last,
        separator,
        width,
    }))
}

impl Seq {
    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        let mut text = String::new();
        let mut lines = 0;
        while lines < 256 && text.len() < io.room {
            let over = match self.step > 0 {
                true => self.next > self.last,
                false => self.next < self.last,
            };
            if over {
                io.print(&text);
                return Step::Exit(0);
            }
            let width = self.width;
            text.push_str(&format!("{:0width$}", self.next));
            let following = self.next.checked_add(self.step);
            let more = following.is_some_and(|next| match self.step > 0 {
                true => next <= self.last,
                false => next >= self.last,
            });
            text.push_str(if more { &self.separator } else { "\n" });
            let beyond = if self.step > 0 {
                (i64::MAX, i64::MIN)
            } else {
                (i64::MIN, i64::MAX)
            };
            match following {
                Some(next) => self.next = next,
                None => (self.next, self.last) = beyond,
            }
            lines += 1;
        }
        *io.work = io.work.saturating_sub(lines);
        match text.is_empty() {
            true => Step::Wait(None),
            false => {
                io.print(&text);
                Step::Again
            }
        }
    }
}
