//! One terminal: prompt, scrollback, history.

use serde::{Deserialize, Serialize};

use crate::screen::{Line, Screen};

/// Names one terminal for as long as the shell lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TerminalId(pub u32);

/// One terminal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Terminal {
    id: TerminalId,
    screen: Screen,
    history: Vec<String>,
}

impl Terminal {
    pub(crate) fn new(id: TerminalId) -> Terminal {
        Terminal {
            id,
            screen: Screen::new(),
            history: Vec::new(),
        }
    }

    /// Its name.
    pub fn id(&self) -> TerminalId {
        self.id
    }

    /// A word or two for its tab: the command in the foreground, or where it stands.
    pub fn title(&self) -> String {
        "you@home".to_owned()
    }

    /// What stands before the input line: `$ `, `[appuser@kafka ~]$ ` inside the container, `> ` when
    /// a quote is open, or what the foreground job wrote last without ending the line, such as the
    /// console producer's `>`.
    pub fn prompt(&self) -> String {
        "$ ".to_owned()
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
        None
    }

    /// How the last command ended: `$?`.
    pub fn status(&self) -> i32 {
        0
    }

    pub(crate) fn history(&self) -> &[String] {
        &self.history
    }
}
