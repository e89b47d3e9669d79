//! Commands that read lines and write lines: cat, head, tail, grep, wc, sort, uniq, tee.

mod start;

pub(crate) use start::start;

use records::sorted::Arrange;
use std::collections::VecDeque;

use regex_lite::Regex;
use serde::Serialize;

use super::Step;
use crate::io::{Io, Pipe, Read};
use crate::screen::Piece;

/// How much `tail` and `sort` keep.
const KEPT_BYTES: usize = 4 * 1024 * 1024;
/// How many lines are handled in one step.
const BATCH: usize = 256;

/// A filter while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Filter {
    work: Work,
    /// Named files, read before or instead of the input.
    files: VecDeque<(String, Pipe)>,
    from_files: bool,
    errors: Vec<Piece>,
    status: i32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
enum Work {
    Cat {
        number: Option<u64>,
    },
    Head {
        left: u64,
    },
    Tail {
        wanted: usize,
        from: Option<u64>,
        kept: VecDeque<String>,
        bytes: usize,
    },
    Grep(Grep),
    Count {
        shown: [bool; 3],
        counts: [u64; 3],
        name: String,
    },
    Sort {
        lines: Vec<String>,
        bytes: usize,
        numeric: bool,
        reverse: bool,
        unique: bool,
    },
    Unique {
        last: Option<String>,
        count: Option<u64>,
    },
    Tee {
        files: Vec<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Grep {
    pattern: Pattern,
    invert: bool,
    only_count: bool,
    quiet: bool,
    numbers: bool,
    seen: u64,
    found: u64,
}

/// A pattern that compares by its text.
#[derive(Debug, Clone, Serialize)]
struct Pattern {
    text: String,
    ignore_case: bool,
    #[serde(skip)]
    regex: Option<Regex>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        (&self.text, self.ignore_case) == (&other.text, other.ignore_case)
    }
}

impl Filter {
    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        for piece in std::mem::take(&mut self.errors) {
            io.piece(piece);
        }
        for _ in 0..BATCH {
            if !io.may_go_on() {
                return if *io.work == 0 {
                    Step::Again
                } else {
                    Step::Wait(None)
                };
            }
            if let Some(status) = self.work.done() {
                return Step::Exit(status);
            }
            match self.read(io) {
                Read::Line(line, ended) => {
                    if let Err(sentence) = self.work.line(line, ended, io) {
                        io.error(&sentence);
                        return Step::Exit(1);
                    }
                }
                Read::Pending => return Step::Wait(None),
                Read::End => {
                    let status = self.work.end(io);
                    return Step::Exit(self.status.max(status));
                }
            }
        }
        Step::Again
    }

    fn read(&mut self, io: &mut Io<'_>) -> Read {
        if !self.from_files {
            return io.read();
        }
        *io.work = io.work.saturating_sub(1);
        while let Some((_, pipe)) = self.files.front_mut() {
            match pipe.read() {
                Read::End => {
                    self.files.pop_front();
                }
                read => return read,
            }
        }
        Read::End
    }
}

fn print_line(io: &mut Io<'_>, line: &str, ended: bool) {
    match ended {
        true => io.line(line),
        false => io.print(line),
    }
}

impl Work {
    /// The status with which it ends without reading on.
    fn done(&self) -> Option<i32> {
        match self {
            Work::Head { left: 0 } => Some(0),
            Work::Grep(grep) if grep.quiet && grep.found > 0 => Some(0),
            _ => None,
        }
    }

    fn line(&mut self, line: String, ended: bool, io: &mut Io<'_>) -> Result<(), String> {
        match self {
            Work::Cat { number: None } => print_line(io, &line, ended),
            Work::Cat {
                number: Some(number),
            } => {
                *number = number.saturating_add(1);
                print_line(io, &format!("{number:6}\t{line}"), ended);
            }
            Work::Head { left } => {
                *left = left.saturating_sub(1);
                print_line(io, &line, ended);
            }
            Work::Tail { from: Some(0), .. } => print_line(io, &line, ended),
            Work::Tail {
                from: Some(skip), ..
            } => *skip = skip.saturating_sub(1),
            Work::Tail {
                wanted,
                kept,
                bytes,
                ..
            } => {
                *bytes = bytes.saturating_add(line.len());
                kept.push_back(line);
                while kept.len() > *wanted || *bytes > KEPT_BYTES {
                    let Some(old) = kept.pop_front() else { break };
                    *bytes = bytes.saturating_sub(old.len());
                }
            }
            Work::Grep(grep) => grep.line(&line, io),
            Work::Count {
                counts: [lines, words, bytes],
                ..
            } => {
                let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
                *lines = lines.saturating_add(u64::from(ended));
                *words = words.saturating_add(count(line.split_whitespace().count()));
                *bytes = bytes
                    .saturating_add(count(line.len()))
                    .saturating_add(u64::from(ended));
            }
            Work::Sort { lines, bytes, .. } => {
                *bytes = bytes.saturating_add(line.len()).saturating_add(24);
                if *bytes > KEPT_BYTES {
                    return Err("sort: more than 4 MiB to sort; here that is the limit".to_owned());
                }
                lines.push(line);
            }
            Work::Unique { last, count } => {
                if last.as_ref() == Some(&line) {
                    *count = count.map(|n| n.saturating_add(1));
                } else {
                    print_unique(io, last.take(), *count);
                    *count = count.map(|_| 1);
                    *last = Some(line);
                }
            }
            Work::Tee { files } => {
                for file in files {
                    let text = format!("{line}\n");
                    if let Err(error) = io.files.append(io.place, file, &text) {
                        return Err(format!("tee: {file}: {}", error.text()));
                    }
                }
                print_line(io, &line, ended);
            }
        }
        Ok(())
    }

    fn end(&mut self, io: &mut Io<'_>) -> i32 {
        match self {
            Work::Tail { kept, .. } => {
                for line in std::mem::take(kept) {
                    io.line(&line);
                }
            }
            Work::Grep(grep) => {
                if grep.only_count {
                    io.line(&grep.found.to_string());
                }
                return i32::from(grep.found == 0);
            }
            Work::Count {
                shown,
                counts,
                name,
            } => {
                let shown: Vec<u64> = shown
                    .iter()
                    .zip(counts.iter())
                    .filter_map(|(shown, count)| shown.then_some(*count))
                    .collect();
                let mut text = match shown.as_slice() {
                    [one] => one.to_string(),
                    many => many.iter().map(|count| format!("{count:7} ")).collect(),
                };
                if !name.is_empty() {
                    text = format!("{} {name}", text.trim_end());
                }
                io.line(text.trim_end());
            }
            Work::Sort {
                lines,
                numeric,
                reverse,
                unique,
                ..
            } => {
                sort(lines, *numeric);
                if *unique {
                    lines.dedup();
                }
                if *reverse {
                    lines.reverse();
                }
                for line in std::mem::take(lines) {
                    io.line(&line);
                }
            }
            Work::Unique { last, count } => print_unique(io, last.take(), *count),
            Work::Cat { .. } | Work::Head { .. } | Work::Tee { .. } => {}
        }
        0
    }
}

fn sort(lines: &mut [String], numeric: bool) {
    let number = |line: &String| {
        let text = line.trim_start();
        let end = text
            .char_indices()
            .find(|(at, c)| !(c.is_ascii_digit() || (*at == 0 && *c == '-')))
            .map_or(text.len(), |(at, _)| at);
        text.get(..end)
            .and_then(|digits| digits.parse::<i64>().ok())
            .unwrap_or(0)
    };
    match numeric {
        true => lines.arrange_by(|a, b| number(a).cmp(&number(b)).then_with(|| a.cmp(b))),
        false => lines.arrange(),
    }
}

fn print_unique(io: &mut Io<'_>, line: Option<String>, count: Option<u64>) {
    match (line, count) {
        (Some(line), Some(count)) => io.line(&format!("{count:7} {line}")),
        (Some(line), None) => io.line(&line),
        (None, _) => {}
    }
}

impl Grep {
    fn line(&mut self, line: &str, io: &mut Io<'_>) {
        self.seen = self.seen.saturating_add(1);
        let regex = self.pattern.regex.as_ref();
        let matches = regex.is_some_and(|regex| regex.is_match(line));
        if matches == self.invert {
            return;
        }
        self.found = self.found.saturating_add(1);
        if self.quiet || self.only_count {
            return;
        }
        match self.numbers {
            true => io.line(&format!("{}:{line}", self.seen)),
            false => io.line(line),
        }
    }
}
