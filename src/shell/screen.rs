//! What a terminal shows: lines of spans that carry meaning, never colour; bounded.

use std::collections::VecDeque;

use serde::Serialize;

/// How many lines a terminal keeps.
pub const SCROLLBACK: usize = 5_000;
/// How many bytes all kept lines may have together.
pub const SCROLLBACK_BYTES: usize = 4 * 1024 * 1024;
/// How many bytes of one line are shown.
pub const LINE_BYTES: usize = 16 * 1024;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Tone {
    /// Nothing in particular.
    Plain,
    /// A prompt.
    Prompt,
    /// What somebody typed.
    Command,
    /// Something went wrong.
    Error,
    /// Something is odd.
    Warning,
    /// A word of this playground's own, not the real tool's.
    Hint,
    /// A topic's name.
    Topic,
    /// An offset.
    Offset,
    /// Something went well.
    Ok,
}

/// A piece of a line with one meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// What it means.
    pub tone: Tone,
    /// Plain text; control characters are shown as their pictures (`␛`).
    pub text: String,
}

/// A record that a line shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordRef {
    /// Its topic.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
}

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Stream {
    /// A program's standard output.
    Out,
    /// A program's standard error.
    Err,
    /// What was typed, behind its prompt.
    Echo,
}

/// One line of a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its pieces.
    pub spans: Vec<Span>,
    /// The record it shows, if it is a consumer's output.
    pub record: Option<RecordRef>,
    /// Where it came from.
    pub stream: Stream,
}

impl Line {
    /// Its text without meaning.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    fn bytes(&self) -> usize {
        self.spans.iter().map(|span| span.text.len()).sum()
    }
}

/// Text on its way to a screen; line breaks in it end lines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Piece {
    /// Where it comes from.
    pub stream: Stream,
    /// What it means.
    pub tone: Tone,
    /// The text.
    pub text: String,
    /// The record it shows.
    pub record: Option<RecordRef>,
}

impl Piece {
    /// Plain text on `stream`.
    pub fn new(stream: Stream, tone: Tone, text: impl Into<String>) -> Piece {
        Piece {
            stream,
            tone,
            text: text.into(),
            record: None,
        }
    }
}

/// The scrollback of one terminal and the line being written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Screen {
    lines: VecDeque<Line>,
    bytes: usize,
    dropped: u64,
    partial: Line,
    hidden: usize,
}

impl Screen {
    pub(crate) fn new() -> Screen {
        Screen {
            lines: VecDeque::new(),
            bytes: 0,
            dropped: 0,
            partial: empty_line(),
            hidden: 0,
        }
    }

    pub(crate) fn lines(&self) -> &VecDeque<Line> {
        &self.lines
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The line that no line break has ended yet.
    pub(crate) fn partial_text(&self) -> String {
        self.partial.text()
    }

    pub(crate) fn write(&mut self, piece: &Piece) {
        let mut parts = piece.text.split('\n').peekable();
        while let Some(part) = parts.next() {
            let ends = parts.peek().is_some();
            // Behind the last line break nothing of the piece is left: the next line is another's.
            if ends || !part.is_empty() {
                self.append(piece, part);
            }
            if ends {
                self.end_line();
            }
        }
    }

    /// Ends the line being written, if there is one.
    pub(crate) fn fresh_line(&mut self) {
        if !self.partial.spans.is_empty() {
            self.end_line();
        }
    }

    /// Forgets all lines, as `clear` does; they count as dropped so that positions stay true.
    pub(crate) fn clear(&mut self) {
        let gone = u64::try_from(self.lines.len()).unwrap_or(0);
        self.dropped = self.dropped.saturating_add(gone);
        self.lines.clear();
        self.bytes = 0;
        self.partial = empty_line();
        self.hidden = 0;
    }

    fn append(&mut self, piece: &Piece, part: &str) {
        if self.partial.spans.is_empty() {
            self.partial.stream = piece.stream;
        }
        if piece.record.is_some() {
            self.partial.record.clone_from(&piece.record);
        }
        let room = LINE_BYTES.saturating_sub(self.partial.bytes());
        let shown = prefix(part, room);
        self.hidden = self
            .hidden
            .saturating_add(part.len().saturating_sub(shown.len()));
        if shown.is_empty() {
            return;
        }
        let text = visible(shown);
        match self.partial.spans.last_mut() {
            Some(last) if last.tone == piece.tone => last.text.push_str(&text),
            _ => self.partial.spans.push(Span {
                tone: piece.tone,
                text,
            }),
        }
    }

    fn end_line(&mut self) {
        let mut line = std::mem::replace(&mut self.partial, empty_line());
        if self.hidden > 0 {
            line.spans.push(Span {
                tone: Tone::Hint,
                text: format!("… ({} more bytes not shown)", self.hidden),
            });
            self.hidden = 0;
        }
        self.bytes = self.bytes.saturating_add(line.bytes());
        self.lines.push_back(line);
        while self.lines.len() > SCROLLBACK || self.bytes > SCROLLBACK_BYTES {
            let Some(old) = self.lines.pop_front() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(old.bytes());
            self.dropped = self.dropped.saturating_add(1);
        }
    }
}

/// The longest start of `text` of at most `bytes` bytes that ends at a character.
pub(crate) fn prefix(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// Control characters as their pictures, so that no text can act on a page or a terminal.
fn visible(text: &str) -> String {
    let shown = |c: char| match u32::from(c) {
        0x09 => c,
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        0x80..=0x9f | 0x202a..=0x202e | 0x2066..=0x2069 => '\u{fffd}',
        _ => c,
    };
    text.chars().map(shown).collect()
}

fn empty_line() -> Line {
    Line {
        spans: Vec::new(),
        record: None,
        stream: Stream::Out,
    }
}

#[cfg(test)]
mod tests {
    use super::{LINE_BYTES, Piece, SCROLLBACK, Screen, Stream, Tone};

    fn out(text: &str) -> Piece {
        Piece::new(Stream::Out, Tone::Plain, text)
    }

    #[test]
    fn lines_end_where_the_text_says() {
        let mut screen = Screen::new();
        screen.write(&out("a\nb"));
        screen.write(&out("c\n\n>"));
        let lines: Vec<String> = screen.lines().iter().map(|line| line.text()).collect();
        assert_eq!(lines, ["a", "bc", ""]);
        assert_eq!(screen.partial_text(), ">");
    }

    #[test]
    fn the_line_after_a_record_is_not_the_records() {
        let mut screen = Screen::new();
        let record = super::RecordRef {
            topic: "t".to_owned(),
            partition: 0,
            offset: 7,
        };
        screen.write(&Piece {
            record: Some(record.clone()),
            ..out("\n")
        });
        screen.write(&out("Processed a total of 1 messages\n"));
        let records: Vec<_> = screen
            .lines()
            .iter()
            .map(|line| line.record.clone())
            .collect();
        assert_eq!(
            records,
            [Some(record), None],
            "an empty record has its line"
        );
    }

    #[test]
    fn old_lines_are_dropped_and_counted() {
        let mut screen = Screen::new();
        for n in 0..SCROLLBACK + 7 {
            screen.write(&out(&format!("{n}\n")));
        }
        assert_eq!(screen.lines().len(), SCROLLBACK);
        assert_eq!(screen.dropped(), 7);
        assert_eq!(screen.lines()[0].text(), "7");
    }

    #[test]
    fn a_huge_line_is_cut_and_says_so() {
        let mut screen = Screen::new();
        let line = "é".repeat(LINE_BYTES);
        screen.write(&out(&line));
        screen.write(&out(&line));
        screen.write(&out("\n"));
        let text = screen.lines()[0].text();
        assert!(text.len() < LINE_BYTES + 60, "{}", text.len());
        let hidden = 4 * LINE_BYTES - LINE_BYTES;
        assert!(text.ends_with(&format!("… ({hidden} more bytes not shown)")));
    }

    #[test]
    fn control_characters_cannot_act() {
        let mut screen = Screen::new();
        screen.write(&out("\u{1b}[31mred\u{202e}\r\t.\n"));
        assert_eq!(screen.lines()[0].text(), "␛[31mred\u{fffd}␍\t.");
    }
}
