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

pub mod complete;
pub mod host;
pub mod screen;
pub mod terminal;

use std::collections::BTreeMap;

use engine::time::SimTime;
use serde::Serialize;

use crate::complete::Completion;
use crate::host::Host;
use crate::terminal::{Terminal, TerminalId};

/// All terminals, and the machine that they stand on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shell {
    terminals: BTreeMap<TerminalId, Terminal>,
    next: u32,
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
            terminals: BTreeMap::new(),
            next: 1,
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
        let _ = host;
        self.terminals.remove(&id);
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
        let _ = (host, id, text);
    }

    /// Ctrl-C with `typed` standing unfinished in the input line.
    pub fn ctrl_c(&mut self, host: &mut dyn Host, id: TerminalId, typed: &str) {
        let _ = (host, id, typed);
    }

    /// Ctrl-D on an empty input line: the end of the foreground job's input, or `exit`.
    pub fn ctrl_d(&mut self, host: &mut dyn Host, id: TerminalId) {
        let _ = (host, id);
    }

    /// What may stand at `cursor` (a byte position in `line`).
    pub fn complete(
        &self,
        host: &dyn Host,
        id: TerminalId,
        line: &str,
        cursor: usize,
    ) -> Completion {
        let _ = (host, id, line);
        Completion {
            replace: cursor..cursor,
            candidates: Vec::new(),
        }
    }

    /// The lines entered in a terminal, oldest first.
    pub fn history(&self, id: TerminalId) -> &[String] {
        self.terminals.get(&id).map_or(&[], Terminal::history)
    }

    /// Lets the running jobs go on: call it when the world has mail, or [`Shell::next_wakeup`] is due.
    pub fn poll(&mut self, host: &mut dyn Host) {
        let _ = host;
    }

    /// When [`Shell::poll`] is wanted next, if nothing else happens before. May be in the past: then
    /// a job had more to do than one poll takes, and wants to be called again soon.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        None
    }

    /// Whether a terminal runs a job in the foreground.
    pub fn has_running(&self, id: TerminalId) -> bool {
        let _ = id;
        false
    }
}
