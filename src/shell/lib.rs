//! The command line: a small shell and Kafka's own tools, one file per tool.
//!
//! A [`Shell`] holds all terminals and the machine's small file system. Whoever holds it hands over
//! what is typed, calls [`Shell::poll`] when the world has mail or [`Shell::next_wakeup`] is due, and
//! draws [`Terminal::lines`] with the meaning each piece carries. Nothing here reaches into a broker:
//! the tools are Kafka clients of the [`host::Host`].
//!
//! - [`host`]: what a terminal needs of the world
//! - [`screen`]: lines, spans and what they mean
//! - [`terminal`]: one terminal: prompt, scrollback, history
//! - [`complete`]: what may come next in a half-typed line

mod builtins;
mod commands;
pub mod complete;
pub mod datetime;
mod files;
pub mod host;
mod io;
mod java;
mod job;
mod language;
mod run;
pub mod screen;
mod start;
pub mod terminal;
mod tools;

use records::sorted::SortedMap;

use engine::rng::Rng;
use engine::time::SimTime;
use serde::Serialize;

use crate::complete::Completion;
use crate::files::{Files, Place};
use crate::host::Host;
use crate::terminal::{Terminal, TerminalId};

/// How much all terminals together do in one poll, in lines read or written.
const WORK: u32 = 20_000;

/// All terminals, and the machine that they stand on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shell {
    terminals: SortedMap<TerminalId, Terminal>,
    next: u32,
    machine: Machine,
}

/// What all terminals share.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Machine {
    pub(crate) files: Files,
    pub(crate) rng: Rng,
    pub(crate) work: u32,
}

impl Default for Shell {
    fn default() -> Shell {
        Shell::new()
    }
}

impl Shell {
    /// A machine without a terminal.
    pub fn new() -> Shell {
        Shell {
            terminals: SortedMap::new(),
            next: 1,
            machine: Machine {
                files: Files::new(),
                rng: Rng::from_seed(8098),
                work: WORK,
            },
        }
    }

    /// Opens a terminal.
    pub fn open_terminal(&mut self) -> TerminalId {
        let id = TerminalId(self.next);
        self.next = self.next.saturating_add(1);
        self.terminals.insert(id, Terminal::new(id));
        id
    }

    /// Closes a terminal; its jobs end as by a hang-up.
    pub fn close_terminal(&mut self, host: &mut dyn Host, id: TerminalId) {
        if let Some(mut terminal) = self.terminals.remove(&id) {
            terminal.hang_up(host, &mut self.machine);
        }
    }

    /// The terminals in the order they were opened.
    pub fn terminals(&self) -> impl Iterator<Item = &Terminal> {
        self.terminals.values()
    }

    /// One terminal.
    pub fn terminal(&self, id: TerminalId) -> Option<&Terminal> {
        self.terminals.get(&id)
    }

    /// A line, or several pasted ones, and Enter: to the prompt, or to the foreground job.
    pub fn enter(&mut self, host: &mut dyn Host, id: TerminalId, text: &str) {
        if let Some(terminal) = self.terminals.get_mut(&id) {
            terminal.enter(text);
        }
        self.poll(host);
    }

    /// Ctrl-C with `typed` standing unfinished in the input line.
    pub fn ctrl_c(&mut self, host: &mut dyn Host, id: TerminalId, typed: &str) {
        if let Some(terminal) = self.terminals.get_mut(&id) {
            terminal.interrupt(host, &mut self.machine, typed);
        }
        self.poll(host);
    }

    /// Ctrl-D on an empty input line: the end of the foreground job's input, or `exit`.
    pub fn ctrl_d(&mut self, host: &mut dyn Host, id: TerminalId) {
        if let Some(terminal) = self.terminals.get_mut(&id) {
            terminal.end_input();
        }
        self.poll(host);
    }

    /// What may stand at `cursor` (a byte position in `line`).
    pub fn complete(
        &self,
        host: &dyn Host,
        id: TerminalId,
        line: &str,
        cursor: usize,
    ) -> Completion {
        let place = self
            .terminals
            .get(&id)
            .map(|terminal| terminal.state.place());
        let place = place.unwrap_or_else(Place::host);
        complete::complete(host, &self.machine.files, &place, line, cursor)
    }

    /// The lines entered in a terminal, oldest first.
    pub fn history(&self, id: TerminalId) -> &[String] {
        self.terminals.get(&id).map_or(&[], Terminal::history)
    }

    /// Lets the running jobs go on: call it when the world has mail, or [`Shell::next_wakeup`] is due.
    pub fn poll(&mut self, host: &mut dyn Host) {
        self.machine.work = WORK;
        for terminal in self.terminals.values_mut() {
            terminal.poll(host, &mut self.machine);
        }
    }

    /// When [`Shell::poll`] is wanted next, if nothing else happens before. May be in the past: then
    /// a job had more to do than one poll takes, and wants to be called again soon.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        self.terminals
            .values()
            .filter_map(Terminal::next_wakeup)
            .min()
    }

    /// Whether a terminal runs a job in the foreground.
    pub fn has_running(&self, id: TerminalId) -> bool {
        let terminal = self.terminals.get(&id);
        terminal.is_some_and(|terminal| terminal.running().is_some())
    }

    /// The text of a file in the host's home, such as one a tool exported.
    pub fn file(&self, name: &str) -> Option<&str> {
        self.machine.files.read(&Place::host(), name).ok()
    }

    /// Puts a file into the host's home. `Err` says in one sentence why it cannot be there.
    pub fn put_file(&mut self, name: &str, text: &str) -> Result<(), String> {
        let place = Place::host();
        let made = self.machine.files.create(&place, name);
        let made = made.and_then(|()| self.machine.files.append(&place, name, text));
        made.map_err(|error| format!("{name}: {}", error.text()))
    }
}
