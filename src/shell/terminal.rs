//! One terminal: prompt, scrollback, history, and the jobs it runs.

use records::sorted::SortedMap;
use std::collections::VecDeque;

use engine::time::SimTime;
use serde::{Deserialize, Serialize};

use crate::Machine;
use crate::files::{self, Place};
use crate::host::Host;
use crate::io::{LINE_BYTES, Typed};
use crate::job::{Context, Job, Signal};
use crate::language::{List, Unfinished};
use crate::screen::{Line, Piece, Screen, Stream, Tone};

/// How many lines may be typed ahead.
const TYPED_LINES: usize = 20_000;
/// How many bytes may be typed ahead.
const TYPED_BYTES: usize = 8 * 1024 * 1024;

/// Names one terminal for as long as the shell lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TerminalId(pub u32);

/// One terminal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Terminal {
    pub(crate) id: TerminalId,
    pub(crate) screen: Screen,
    pub(crate) history: Vec<String>,
    pub(crate) unfinished: Option<(String, Unfinished)>,
    pub(crate) typed: Typed,
    pub(crate) queue: VecDeque<List>,
    pub(crate) jobs: SortedMap<u32, Job>,
    pub(crate) foreground: Option<u32>,
    pub(crate) state: State,
    /// There is more to do than the last poll took.
    pub(crate) busy: bool,
}

/// What commands of the shell itself read and change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct State {
    /// The host's prompt, then the container's, innermost last.
    pub(crate) places: Vec<Place>,
    pub(crate) variables: SortedMap<String, String>,
    pub(crate) status: i32,
    /// What a command of the shell asks its terminal to do.
    pub(crate) wishes: Vec<Wish>,
}

/// What a command of the shell asks its terminal to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Wish {
    Clear,
    Foreground(u32),
    Signal(u32, i32),
}

impl State {
    pub(crate) fn place(&self) -> Place {
        self.places.last().cloned().unwrap_or_else(Place::host)
    }
}

impl Terminal {
    pub(crate) fn new(id: TerminalId) -> Terminal {
        Terminal {
            id,
            screen: Screen::new(),
            history: Vec::new(),
            unfinished: None,
            typed: Typed::default(),
            queue: VecDeque::new(),
            jobs: SortedMap::new(),
            foreground: None,
            state: State {
                places: vec![Place::host()],
                variables: SortedMap::new(),
                status: 0,
                wishes: Vec::new(),
            },
            busy: false,
        }
    }

    /// Its name.
    pub fn id(&self) -> TerminalId {
        self.id
    }

    /// A word or two for its tab: the command in the foreground, or where it stands.
    pub fn title(&self) -> String {
        match self.running() {
            Some(command) => command.split_whitespace().next().unwrap_or("…").to_owned(),
            None => match self.state.place().machine {
                files::Machine::Host => "host".to_owned(),
                files::Machine::Container(broker) => files::container_name(broker),
            },
        }
    }

    /// What stands before the input line: `$ `, `[appuser@kafka ~]$ ` inside the container, `> ` when
    /// a quote is open, or what the foreground job wrote last without ending the line, such as the
    /// console producer's `>`.
    pub fn prompt(&self) -> String {
        if self.foreground.is_some() {
            return self.screen.partial_text();
        }
        if self.unfinished.is_some() {
            return "> ".to_owned();
        }
        let place = self.state.place();
        match place.machine {
            files::Machine::Host if place.directory == place.home() => "$ ".to_owned(),
            files::Machine::Host => format!("{} $ ", place.short()),
            files::Machine::Container(broker) => {
                let name = files::container_name(broker);
                format!("[appuser@{name} {}]$ ", place.short())
            }
        }
    }

    /// The lines kept, oldest first, without the line being written.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &Line> + DoubleEndedIterator {
        self.screen.lines().iter()
    }

    /// How many older lines are no longer kept. Line `n` of [`Terminal::lines`] is line `dropped + n`
    /// since the terminal was opened.
    pub fn dropped(&self) -> u64 {
        self.screen.dropped()
    }

    /// The command in the foreground, if one runs.
    pub fn running(&self) -> Option<&str> {
        let job = self.jobs.get(&self.foreground?)?;
        Some(&job.text)
    }

    /// Whether the foreground job waits for a line of input.
    pub fn wants_input(&self) -> bool {
        let job = self.foreground.and_then(|number| self.jobs.get(&number));
        let running = job.and_then(|job| job.running.as_ref());
        running.is_some_and(|running| running.reads_terminal())
    }

    /// How the last command ended: `$?`.
    pub fn status(&self) -> i32 {
        self.state.status
    }

    /// The commands running in the background, by number.
    pub fn background(&self) -> impl Iterator<Item = (u32, &str)> {
        let jobs = self.jobs.iter();
        let behind = jobs.filter(|(number, _)| self.foreground != Some(**number));
        behind.map(|(number, job)| (*number, job.text.as_str()))
    }

    pub(crate) fn history(&self) -> &[String] {
        &self.history
    }

    pub(crate) fn next_wakeup(&self) -> Option<SimTime> {
        if self.busy {
            return Some(SimTime(0));
        }
        let running = self.jobs.values().filter_map(|job| job.running.as_ref());
        running.filter_map(|running| running.next_wakeup()).min()
    }

    /// Takes what was typed or pasted.
    pub(crate) fn enter(&mut self, text: &str) {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let alone = !text.contains('\n');
        for line in text.split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.len() > LINE_BYTES {
                self.say(&format!(
                    "This line has {} bytes; here a line may have 2 MiB ({LINE_BYTES} bytes), so it was not taken.",
                    line.len()
                ));
                continue;
            }
            let full = self.typed.lines.len() >= TYPED_LINES
                || self.typed.bytes.saturating_add(line.len()) > TYPED_BYTES;
            if full {
                self.say(
                    "More was pasted than fits (20,000 lines or 8 MiB); the rest was not taken.",
                );
                return;
            }
            if alone && self.foreground.is_some() && !self.wants_input() {
                let echo = Piece::new(Stream::Echo, Tone::Command, format!("{line}\n"));
                self.screen.write(&echo);
            }
            self.typed.push(line.to_owned());
        }
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&mut self, host: &mut dyn Host, machine: &mut Machine, typed: &str) {
        self.typed.clear();
        self.queue.clear();
        if self.foreground.is_none() {
            let prompt = self.prompt();
            self.screen
                .write(&Piece::new(Stream::Echo, Tone::Prompt, prompt));
        }
        let echo = Piece::new(Stream::Echo, Tone::Command, format!("{typed}^C"));
        self.screen.write(&echo);
        match self.foreground {
            Some(number) => self.signal(host, machine, number, Signal::Interrupt),
            None => {
                self.screen.fresh_line();
                self.unfinished = None;
                self.state.status = 130;
            }
        }
    }

    /// Ctrl-D on an empty line.
    pub(crate) fn end_input(&mut self) {
        if self.foreground.is_some() {
            self.typed.ended = true;
            return;
        }
        if self.unfinished.take().is_some() {
            self.say("bash: syntax error: unexpected end of file");
            self.state.status = 2;
            return;
        }
        self.typed.push("exit".to_owned());
    }

    pub(crate) fn signal(
        &mut self,
        host: &mut dyn Host,
        machine: &mut Machine,
        number: u32,
        signal: Signal,
    ) {
        let Some(mut job) = self.jobs.remove(&number) else {
            return;
        };
        job.rest.clear();
        job.interrupted = true;
        let mut context = Context {
            host,
            files: &mut machine.files,
            rng: &mut machine.rng,
            screen: &mut self.screen,
            typed: &mut self.typed,
            foreground: self.foreground == Some(number),
            work: &mut machine.work,
        };
        if let Some(running) = &mut job.running {
            running.signal(signal, &mut context);
        }
        self.jobs.insert(number, job);
    }

    /// Ends everything at once: the terminal is being closed.
    pub(crate) fn hang_up(&mut self, host: &mut dyn Host, machine: &mut Machine) {
        let numbers: Vec<u32> = self.jobs.keys().copied().collect();
        for number in numbers {
            self.signal(host, machine, number, Signal::Kill);
        }
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.say_as(Tone::Error, text);
    }

    pub(crate) fn say_as(&mut self, tone: Tone, text: &str) {
        self.screen.fresh_line();
        let piece = Piece::new(Stream::Err, tone, format!("{text}\n"));
        self.screen.write(&piece);
    }
}
