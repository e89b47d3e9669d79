//! From arguments to a filter.

use std::collections::VecDeque;

use regex_lite::RegexBuilder;

use super::{Filter, Grep, Pattern, Work};
use crate::commands::Process;
use crate::io::{Io, Pipe};
use crate::screen::{Piece, Stream, Tone};

/// What the arguments of a filter say: single letters, letters with a value, the rest.
struct Options {
    flags: String,
    values: Vec<(char, String)>,
    rest: Vec<String>,
}

impl Options {
    fn of(arguments: &[String], with_value: &str) -> Options {
        let mut options = Options {
            flags: String::new(),
            values: Vec::new(),
            rest: Vec::new(),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let letters = match argument.strip_prefix('-') {
                Some(letters) if !letters.is_empty() => letters,
                _ => {
                    options.rest.push(argument.clone());
                    continue;
                }
            };
            if letters == "-" {
                options.rest.extend(arguments.cloned());
                break;
            }
            let mut chars = letters.chars();
            while let Some(letter) = chars.next() {
                if letter.is_ascii_digit() && with_value.contains('n') {
                    options
                        .values
                        .push(('n', format!("{letter}{}", chars.as_str())));
                    break;
                }
                if !with_value.contains(letter) {
                    options.flags.push(letter);
                    continue;
                }
                let value = match chars.as_str() {
                    "" => arguments.next().cloned().unwrap_or_default(),
                    value => value.to_owned(),
                };
                options.values.push((letter, value));
                break;
            }
        }
        options
    }

    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn value(&self, letter: char) -> Option<&str> {
        let of = self.values.iter().rev().find(|(name, _)| *name == letter);
        of.map(|(_, value)| value.as_str())
    }
}

/// Starts the filter `name`.
pub(crate) fn start(name: &str, arguments: &[String], io: &mut Io<'_>) -> Process {
    let with_value = match name {
        "head" | "tail" => "nc",
        "grep" => "em",
        _ => "",
    };
    let mut options = Options::of(arguments, with_value);
    let work = match name {
        "head" => head(&options),
        "tail" => tail(&options),
        "grep" => grep(&mut options),
        "wc" => Ok(count(&options)),
        "sort" => Ok(Work::Sort {
            lines: Vec::new(),
            bytes: 0,
            numeric: options.has('n'),
            reverse: options.has('r'),
            unique: options.has('u'),
        }),
        "uniq" => Ok(Work::Unique {
            last: None,
            count: options.has('c').then_some(0),
        }),
        "tee" => tee(&mut options, io),
        _ => Ok(Work::Cat {
            number: options.has('n').then_some(0),
        }),
    };
    let work = match work {
        Ok(work) => work,
        Err(sentence) => return Process::failed(2, format!("{name}: {sentence}")),
    };
    let mut filter = Filter {
        work,
        files: VecDeque::new(),
        from_files: !options.rest.is_empty(),
        errors: Vec::new(),
        status: 0,
    };
    for path in options.rest {
        match io.files.read(io.place, &path) {
            Ok(text) => {
                let pipe = Pipe::of(text.to_owned());
                filter.files.push_back((path, pipe));
            }
            Err(error) => {
                let text = format!("{name}: {path}: {}\n", error.text());
                filter
                    .errors
                    .push(Piece::new(Stream::Err, Tone::Error, text));
                filter.status = 1;
            }
        }
    }
    Process::Filter(Box::new(filter))
}

fn lines_wanted(options: &Options) -> Result<(String, u64), String> {
    let text = options.value('n').unwrap_or("10").to_owned();
    let digits = text.trim_start_matches(['+', '-']);
    match digits.parse() {
        Ok(number) => Ok((text, number)),
        Err(_) => Err(format!("invalid number of lines: '{text}'")),
    }
}

fn head(options: &Options) -> Result<Work, String> {
    let (_, left) = lines_wanted(options)?;
    Ok(Work::Head { left })
}

fn tail(options: &Options) -> Result<Work, String> {
    let (text, number) = lines_wanted(options)?;
    if options.has('f') || options.has('F') {
        return Err("following a file (-f) is not part of this small shell".to_owned());
    }
    Ok(Work::Tail {
        wanted: usize::try_from(number).unwrap_or(usize::MAX),
        from: text.starts_with('+').then(|| number.saturating_sub(1)),
        kept: VecDeque::new(),
        bytes: 0,
    })
}

fn count(options: &Options) -> Work {
    let mut shown = [
        options.has('l'),
        options.has('w'),
        options.has('c') || options.has('m'),
    ];
    if shown == [false; 3] {
        shown = [true; 3];
    }
    Work::Count {
        shown,
        counts: [0; 3],
        name: options.rest.first().cloned().unwrap_or_default(),
    }
}

fn grep(options: &mut Options) -> Result<Work, String> {
    let text = match options.value('e') {
        Some(text) => text.to_owned(),
        None if options.rest.is_empty() => {
            return Err("usage: grep [-civnqEF] PATTERN [FILE]...".to_owned());
        }
        None => options.rest.remove(0),
    };
    let source = match options.has('F') {
        true => regex_lite::escape(&text),
        false => text.clone(),
    };
    let ignore_case = options.has('i');
    let regex = RegexBuilder::new(&source)
        .case_insensitive(ignore_case)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| format!("{text}: {error}"))?;
    Ok(Work::Grep(Grep {
        pattern: Pattern {
            text,
            ignore_case,
            regex: Some(regex),
        },
        invert: options.has('v'),
        only_count: options.has('c'),
        quiet: options.has('q'),
        numbers: options.has('n'),
        seen: 0,
        found: 0,
    }))
}

fn tee(options: &mut Options, io: &mut Io<'_>) -> Result<Work, String> {
    let files = std::mem::take(&mut options.rest);
    for file in &files {
        if options.has('a') {
            continue;
        }
        if let Err(error) = io.files.create(io.place, file) {
            return Err(format!("{file}: {}", error.text()));
        }
    }
    Ok(Work::Tee { files })
}
