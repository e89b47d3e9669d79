//! What a running command reads and writes.

use std::collections::VecDeque;

use engine::rng::Rng;
use serde::Serialize;

use crate::files::{Files, Place};
use crate::host::Host;
use crate::screen::{Piece, RecordRef, Stream, Tone};

/// How much text waits between two commands before the first one has to wait.
const PIPE_BYTES: usize = 64 * 1024;
/// The longest line that a command reads at once.
pub(crate) const LINE_BYTES: usize = 2 * 1024 * 1024;

/// Text between two commands.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Pipe {
    text: String,
    start: usize,
    /// Nothing will be written any more.
    pub(crate) ended: bool,
    /// Nobody reads any more.
    pub(crate) unread: bool,
}

impl Pipe {
    /// A pipe that holds `text` and ends.
    pub(crate) fn of(text: String) -> Pipe {
        Pipe {
            text,
            start: 0,
            ended: true,
            unread: false,
        }
    }

    fn waiting(&self) -> &str {
        self.text.get(self.start..).unwrap_or_default()
    }

    /// How many bytes may be written now; a line that fills the pipe alone may grow on.
    pub(crate) fn room(&self) -> usize {
        let waiting = self.waiting();
        if waiting.len() < PIPE_BYTES {
            return PIPE_BYTES.saturating_sub(waiting.len());
        }
        match waiting.len() < LINE_BYTES && !waiting.contains('\n') {
            true => PIPE_BYTES,
            false => 0,
        }
    }

    pub(crate) fn write(&mut self, text: &str) {
        if !self.unread {
            self.text.push_str(text);
        }
    }

    pub(crate) fn read(&mut self) -> Read {
        let waiting = self.waiting();
        let (line, taken, ended) = match waiting.find('\n') {
            Some(end) => (end, end.saturating_add(1), true),
            None if waiting.len() >= LINE_BYTES || (self.ended && !waiting.is_empty()) => {
                (waiting.len(), waiting.len(), false)
            }
            None if self.ended => return Read::End,
            None => return Read::Pending,
        };
        let text = waiting.get(..line).unwrap_or_default().to_owned();
        self.start = self.start.saturating_add(taken);
        if self.start > PIPE_BYTES && self.start.saturating_mul(2) > self.text.len() {
            self.text.drain(..self.start);
            self.start = 0;
        }
        Read::Line(text, ended)
    }
}

/// The lines typed ahead of whoever reads them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Typed {
    pub(crate) lines: VecDeque<String>,
    pub(crate) bytes: usize,
    /// Ctrl-D was pressed behind the last line.
    pub(crate) ended: bool,
}

impl Typed {
    pub(crate) fn push(&mut self, line: String) {
        self.bytes = self.bytes.saturating_add(line.len());
        self.lines.push_back(line);
    }

    pub(crate) fn pop(&mut self) -> Option<String> {
        let line = self.lines.pop_front()?;
        self.bytes = self.bytes.saturating_sub(line.len());
        Some(line)
    }

    pub(crate) fn clear(&mut self) {
        *self = Typed::default();
    }
}

/// What reading gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Read {
    /// A line, and whether a line break ended it.
    Line(String, bool),
    /// Nothing yet.
    Pending,
    /// Nothing any more.
    End,
}

/// Where a command reads.
pub(crate) enum Input<'a> {
    Pipe(&'a mut Pipe),
    Typed(&'a mut Typed),
    /// A terminal that somebody else reads from.
    Waiting,
    Nothing,
}

/// Everything a command can touch while it takes a step.
pub(crate) struct Io<'a> {
    pub(crate) host: &'a mut dyn Host,
    pub(crate) files: &'a mut Files,
    pub(crate) rng: &'a mut Rng,
    pub(crate) place: &'a Place,
    pub(crate) input: Input<'a>,
    /// Whether the command stands in a terminal's foreground and writes to it.
    pub(crate) interactive: bool,
    /// How many bytes its output takes now.
    pub(crate) room: usize,
    /// How much work is left for this poll, in lines.
    pub(crate) work: &'a mut u32,
    /// What it wrote in this step.
    pub(crate) pieces: Vec<Piece>,
    /// Whether it wanted to read and found nothing.
    pub(crate) starved: bool,
}

impl Io<'_> {
    /// The next line of its input. What was typed shows on the screen when it is read.
    pub(crate) fn read(&mut self) -> Read {
        *self.work = self.work.saturating_sub(1);
        let read = match &mut self.input {
            Input::Nothing => Read::End,
            Input::Waiting => Read::Pending,
            Input::Pipe(pipe) => pipe.read(),
            Input::Typed(typed) => match typed.pop() {
                Some(line) => {
                    let echo = Piece::new(Stream::Echo, Tone::Command, format!("{line}\n"));
                    self.pieces.push(echo);
                    Read::Line(line, true)
                }
                None if typed.ended => {
                    typed.ended = false;
                    Read::End
                }
                None => Read::Pending,
            },
        };
        self.starved |= read == Read::Pending;
        read
    }

    /// Whether it may write and work on in this step.
    pub(crate) fn may_go_on(&self) -> bool {
        self.room > 0 && *self.work > 0
    }

    /// Writes to its output.
    pub(crate) fn print(&mut self, text: &str) {
        self.piece(Piece::new(Stream::Out, Tone::Plain, text));
    }

    /// Writes a line to its output.
    pub(crate) fn line(&mut self, text: &str) {
        self.print(&format!("{text}\n"));
    }

    /// Writes to its output what shows a record.
    pub(crate) fn record(&mut self, text: String, record: RecordRef) {
        let mut piece = Piece::new(Stream::Out, Tone::Plain, text);
        piece.record = Some(record);
        self.piece(piece);
    }

    /// Writes a line to its error output.
    pub(crate) fn error(&mut self, text: &str) {
        self.err(Tone::Error, text);
    }

    /// Writes a line to its error output with a meaning of its own.
    pub(crate) fn err(&mut self, tone: Tone, text: &str) {
        self.piece(Piece::new(Stream::Err, tone, format!("{text}\n")));
    }

    /// Writes a piece.
    pub(crate) fn piece(&mut self, piece: Piece) {
        *self.work = self.work.saturating_sub(1);
        if piece.stream == Stream::Out {
            self.room = self.room.saturating_sub(piece.text.len());
        }
        self.pieces.push(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::{Pipe, Read};

    #[test]
    fn a_full_pipe_has_no_room_until_it_is_read() {
        let mut pipe = Pipe::default();
        while pipe.room() > 0 {
            pipe.write("0123456789\n");
        }
        assert!(pipe.text.len() < 2 * super::PIPE_BYTES);
        assert_eq!(pipe.read(), Read::Line("0123456789".to_owned(), true));
        assert!(pipe.room() > 0);
    }

    #[test]
    fn a_line_longer_than_the_pipe_gets_through() {
        let mut pipe = Pipe::default();
        for _ in 0..3 {
            assert!(pipe.room() > 0);
            pipe.write(&"x".repeat(super::PIPE_BYTES));
            assert_eq!(pipe.read(), Read::Pending);
        }
        pipe.ended = true;
        assert_eq!(
            pipe.read(),
            Read::Line("x".repeat(3 * super::PIPE_BYTES), false)
        );
        assert_eq!(pipe.read(), Read::End);
    }
}
