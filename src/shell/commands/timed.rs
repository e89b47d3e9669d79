//! Commands that wait for the world's clock.

use engine::time::SimTime;
use serde::Serialize;

use super::{Process, Step, start};
use crate::io::Io;
use crate::screen::Tone;

/// `sleep`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Sleep {
    until: SimTime,
}

/// `sleep SECONDS…`: `1`, `0.5`, `2m`.
pub(crate) fn sleep(arguments: &[String], io: &Io<'_>) -> Process {
    if arguments.is_empty() {
        return Process::failed(1, "sleep: missing operand");
    }
    let mut total: u64 = 0;
    for argument in arguments {
        match micros(argument) {
            Some(micros) => total = total.saturating_add(micros),
            None => {
                return Process::failed(1, format!("sleep: invalid time interval '{argument}'"));
            }
        }
    }
    Process::Sleep(Sleep {
        until: io.host.now().plus_micros(total),
    })
}

fn micros(text: &str) -> Option<u64> {
    let (number, unit) = match text.char_indices().next_back()? {
        (at, 's') => (text.get(..at)?, 1),
        (at, 'm') => (text.get(..at)?, 60),
        (at, 'h') => (text.get(..at)?, 3600),
        (at, 'd') => (text.get(..at)?, 86_400),
        _ => (text, 1),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) {
        return None;
    }
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let part = format!("{:0<6}", part.get(..6.min(part.len()))?);
    let micros = whole
        .saturating_mul(1_000_000)
        .saturating_add(part.parse().ok()?);
    Some(micros.saturating_mul(unit))
}

impl Sleep {
    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        match io.host.now() >= self.until {
            true => Step::Exit(0),
            false => Step::Wait(Some(self.until)),
        }
    }
}

/// `watch`: repeats a command. Each run is written below the last one, so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Watch {
    every: u64,
    command: Vec<String>,
    child: Option<Box<Process>>,
    next: SimTime,
}

/// `watch [-n SECONDS] COMMAND…`
pub(crate) fn watch(arguments: &[String]) -> Process {
    let (every, rest) = match arguments {
        [flag, seconds, rest @ ..] if flag == "-n" => (micros(seconds), rest),
        rest => (Some(2_000_000), rest),
    };
    let Some(every) = every else {
        return Process::failed(1, "watch: -n wants a number of seconds");
    };
    let mut command: Vec<String> = rest.to_vec();
    // A single argument with blanks is a command line, as the real watch hands it to a shell.
    if let [line] = command.as_slice() {
        command = line.split_whitespace().map(str::to_owned).collect();
    }
    match command.first().map(String::as_str) {
        None => Process::failed(1, "watch: usage: watch [-n seconds] command"),
        Some("watch") => Process::failed(1, "watch: cannot watch itself"),
        Some(_) => Process::Watch(Box::new(Watch {
            every: every.max(100_000),
            command,
            child: None,
            next: SimTime(0),
        })),
    }
}

impl Watch {
    pub(crate) fn step(&mut self, io: &mut Io<'_>) -> Step {
        if let Some(child) = &mut self.child {
            match child.step(io) {
                Step::Exit(_) => self.child = None,
                step => return step,
            }
        }
        let now = io.host.now();
        if now < self.next {
            return Step::Wait(Some(self.next));
        }
        self.next = now.plus_micros(self.every);
        let seconds = format!("{}.{}", self.every / 1_000_000, self.every / 100_000 % 10);
        let header = format!("Every {seconds}s: {}\n", self.command.join(" "));
        io.piece(crate::screen::Piece::new(
            crate::screen::Stream::Out,
            Tone::Hint,
            header,
        ));
        self.child = Some(Box::new(start(&self.command, io)));
        Step::Again
    }

    pub(crate) fn kill(&mut self, io: &mut Io<'_>) {
        if let Some(child) = &mut self.child {
            child.kill(io);
        }
        self.child = None;
    }
}

#[cfg(test)]
mod tests {
    use super::micros;

    #[test]
    fn intervals() {
        assert_eq!(micros("1"), Some(1_000_000));
        assert_eq!(micros("0.25"), Some(250_000));
        assert_eq!(micros(".5"), Some(500_000));
        assert_eq!(micros("2m"), Some(120_000_000));
        assert_eq!(micros("é"), None);
        assert_eq!(micros("."), None);
        assert_eq!(micros("-1"), None);
        assert_eq!(micros("99999999999999999999"), None);
    }
}
