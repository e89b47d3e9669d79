//! A terminal: a stretch of its lines, its prompt, and what may come next in a half-typed line.

use std::ops::Range;
use std::rc::Rc;

use engine::ids::TopicPartition;
use session::scene::SceneId;
use session::selection::Selection;
use session::session::Session;
use shell::complete::Candidate;
use shell::screen::{Line, Stream, Tone};
use shell::terminal::{Terminal, TerminalId};
use world::facts;

use crate::keys::{KeyMark, KeySlots};
use crate::memory::Memory;
use crate::stored;

/// Lines drawn at once.
pub const LINES: usize = 300;
/// How many records' marks are remembered for lines.
const MARKS: usize = 8_192;
/// Candidates shown at once.
const CANDIDATES: usize = 50;

/// A terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct TerminalView {
    /// Its name.
    pub id: TerminalId,
    /// What it is busy with, or where it stands.
    pub title: String,
    /// The lines in sight and some around them, oldest first.
    pub lines: Rc<Vec<LineView>>,
    /// How many lines there were since it was opened.
    pub seen: u64,
    /// Whether the newest line is to stay in sight.
    pub follows: bool,
    /// The line to hold in sight for older ones; `None` at the oldest.
    pub older: Option<u64>,
    /// The line to hold in sight for newer ones; in it, `None` is to follow again.
    pub newer: Option<Option<u64>>,
    /// What stands before the input.
    pub prompt: String,
    /// Whether a command runs in the foreground.
    pub running: bool,
    /// Whether it ended badly: its exit status, unless that is 0.
    pub status: Option<i32>,
    /// Commands running in the background.
    pub background: usize,
    /// The lines entered, oldest first.
    pub history: Rc<[String]>,
    /// What may come next in the half-typed line.
    pub completion: Option<CompletionView>,
    /// A command to begin with, while nothing was entered yet.
    pub suggestion: Option<&'static str>,
    /// Whether it can be closed: it is not the only one.
    pub closable: bool,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// Counts the lines since the terminal was opened.
    pub number: u64,
    /// Its pieces.
    pub spans: Vec<SpanView>,
    /// Whether it came from standard error.
    pub is_error: bool,
    /// The record it shows.
    pub record: Option<LineRecord>,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanView {
    /// The class that says what it means; empty for plain text.
    pub class: &'static str,
    /// The text.
    pub text: String,
}

/// The record that a line shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRecord {
    /// Where it is stored.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Its key's mark.
    pub mark: KeyMark,
    /// Whether it is selected.
    pub selected: bool,
}

/// What may come next.
#[derive(Debug, Clone, PartialEq)]
pub struct CompletionView {
    /// The line it is for.
    pub line: String,
    /// The part of the line that a candidate replaces, in bytes.
    pub replace: Range<usize>,
    /// What may stand there, best first.
    pub candidates: Rc<Vec<Candidate>>,
    /// How many more there are.
    pub more: usize,
}

/// What the lines in sight depend on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinesKey {
    dropped: u64,
    kept: usize,
    held: Option<u64>,
    record: Option<(TopicPartition, i64)>,
}

/// What is remembered of one terminal.
#[derive(Debug)]
pub(crate) struct TerminalMemory {
    key: LinesKey,
    lines: Rc<Vec<LineView>>,
    history: Rc<[String]>,
}

/// A terminal as the sitting has it; `None` if it was closed.
pub fn terminal(session: &Session, memory: &mut Memory, id: TerminalId) -> Option<TerminalView> {
    let terminal = session.shell().terminal(id)?;
    let kept = terminal.lines().len();
    let seen = terminal.dropped().saturating_add(kept as u64);
    let held = session.dock().scrolled.get(&id).copied();
    let held = held.filter(|line| *line < seen && *line >= terminal.dropped());
    let lines = lines(session, memory, terminal, held);
    let history = history(session, memory, id);
    let first = lines.first().map_or(seen, |line| line.number);
    let last = lines.last().map_or(seen, |line| line.number);
    let half = LINES as u64 / 2;
    Some(TerminalView {
        id,
        title: terminal.title(),
        seen,
        follows: held.is_none(),
        older: (first > terminal.dropped()).then(|| last.saturating_sub(half)),
        newer: held.map(|line| Some(line.saturating_add(half)).filter(|line| *line + 1 < seen)),
        prompt: terminal.prompt(),
        running: terminal.running().is_some(),
        status: Some(terminal.status()).filter(|status| *status != 0),
        background: terminal.background().count(),
        suggestion: (history.is_empty() && kept == 0).then(|| suggestion(session)),
        completion: completion(session, id),
        closable: session.shell().terminals().count() > 1,
        lines,
        history,
    })
}

fn lines(
    session: &Session,
    memory: &mut Memory,
    terminal: &Terminal,
    held: Option<u64>,
) -> Rc<Vec<LineView>> {
    let selected = match session.selection() {
        Some(Selection::Record(partition, offset)) => Some((partition.clone(), *offset)),
        _ => None,
    };
    let key = LinesKey {
        dropped: terminal.dropped(),
        kept: terminal.lines().len(),
        held,
        record: selected,
    };
    if let Some(known) = memory.terminals.get(&terminal.id())
        && known.key == key
    {
        return Rc::clone(&known.lines);
    }
    let end = held.map_or(key.kept, |line| {
        usize::try_from(line.saturating_sub(key.dropped))
            .unwrap_or(key.kept)
            .saturating_add(1)
            .min(key.kept)
    });
    let begin = end.saturating_sub(LINES);
    let mut views = Vec::with_capacity(end.saturating_sub(begin));
    let shown = terminal.lines().enumerate().skip(begin);
    for (at, line) in shown.take(end.saturating_sub(begin)) {
        let number = key.dropped.saturating_add(at as u64);
        let record = line_record(session, memory, line, key.record.as_ref());
        views.push(line_view(number, line, record));
    }
    let lines = Rc::new(views);
    let known = TerminalMemory {
        key,
        lines: Rc::clone(&lines),
        history: Rc::from([]),
    };
    let before = memory.terminals.insert(terminal.id(), known);
    if let (Some(before), Some(now)) = (before, memory.terminals.get_mut(&terminal.id())) {
        now.history = before.history;
    }
    lines
}

fn line_view(number: u64, line: &Line, record: Option<LineRecord>) -> LineView {
    let spans = line.spans.iter().map(|span| SpanView {
        class: tone_class(span.tone),
        text: span.text.clone(),
    });
    LineView {
        number,
        spans: spans.collect(),
        is_error: line.stream == Stream::Err,
        record,
    }
}

/// The class of a tone; the stylesheet gives it a colour.
fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Prompt => "pr",
        Tone::Command => "tone-cmd",
        Tone::Error => "tone-err",
        Tone::Warning => "tone-warn",
        Tone::Hint => "tone-hint",
        Tone::Topic => "tone-topic",
        Tone::Offset => "tone-offset",
        Tone::Ok => "tone-ok",
    }
}

fn line_record(
    session: &Session,
    memory: &mut Memory,
    line: &Line,
    selected: Option<&(TopicPartition, i64)>,
) -> Option<LineRecord> {
    let record = line.record.as_ref()?;
    let partition = TopicPartition::new(record.topic.clone(), record.partition);
    let place = (partition, record.offset);
    let mark = match memory.line_marks.get(&place) {
        Some(mark) => mark.clone(),
        None => {
            let mark = mark(session, &mut memory.keys, &place);
            if memory.line_marks.len() >= MARKS {
                memory.line_marks.pop_first();
            }
            memory.line_marks.insert(place.clone(), mark.clone());
            mark
        }
    };
    let selected = selected == Some(&place);
    let (partition, offset) = place;
    Some(LineRecord {
        partition,
        offset,
        mark,
        selected,
    })
}

fn mark(session: &Session, keys: &mut KeySlots, place: &(TopicPartition, i64)) -> KeyMark {
    let log = facts::leader_log(session.world(), &place.0);
    let record = log.and_then(|log| stored::at(log, place.1));
    record.map_or(KeyMark::NONE, |record| keys.mark(record.key.as_deref()))
}

fn history(session: &Session, memory: &mut Memory, id: TerminalId) -> Rc<[String]> {
    let history = session.shell().history(id);
    let Some(known) = memory.terminals.get_mut(&id) else {
        return Rc::from(history);
    };
    // Lines come at one end and go at the other, so length and both ends tell.
    let same = known.history.len() == history.len()
        && known.history.last() == history.last()
        && known.history.first() == history.first();
    if !same {
        known.history = Rc::from(history);
    }
    Rc::clone(&known.history)
}

fn completion(session: &Session, id: TerminalId) -> Option<CompletionView> {
    let typed = session.dock().typed.as_ref()?;
    if typed.terminal != id {
        return None;
    }
    let (line, cursor) = (&typed.line, typed.cursor);
    let mut found = session.shell().complete(session.world(), id, line, cursor);
    let more = found.candidates.len().saturating_sub(CANDIDATES);
    found.candidates.truncate(CANDIDATES);
    Some(CompletionView {
        line: typed.line.clone(),
        replace: found.replace,
        candidates: Rc::new(found.candidates),
        more,
    })
}

/// What one would try first here.
fn suggestion(session: &Session) -> &'static str {
    if session.world().cluster().is_none() {
        return "docker-compose up -d";
    }
    match session.scene() {
        SceneId::SecretChannel => {
            "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel --from-beginning"
        }
        _ => "kafka-topics --bootstrap-server localhost:8098 --list",
    }
}

/// What a half-typed line becomes when a candidate is taken: the line, and where the cursor stands, in bytes.
pub fn completed(line: &str, replace: &Range<usize>, with: &str) -> Option<(String, usize)> {
    let (before, after) = (line.get(..replace.start)?, line.get(replace.end..)?);
    // The blank behind a word that ends is there already where one goes on in the middle of a line.
    let with = if after.starts_with(' ') {
        with.trim_end_matches(' ')
    } else {
        with
    };
    Some((
        [before, with, after].concat(),
        before.len().saturating_add(with.len()),
    ))
}

/// What all candidates begin with.
pub fn common_start(candidates: &[Candidate]) -> &str {
    let Some(first) = candidates.first().map(|first| first.text.as_str()) else {
        return "";
    };
    let mut end = first.len();
    for other in candidates {
        let same = first
            .char_indices()
            .zip(other.text.chars())
            .take_while(|((_, a), b)| a == b)
            .map(|((at, a), _)| at.saturating_add(a.len_utf8()))
            .last();
        end = end.min(same.unwrap_or(0));
    }
    first.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{common_start, completed};
    use shell::complete::Candidate;

    fn candidates(texts: &[&str]) -> Vec<Candidate> {
        let candidate = |text: &&str| Candidate {
            text: (*text).to_owned(),
            summary: String::new(),
        };
        texts.iter().map(candidate).collect()
    }

    #[test]
    fn a_candidate_takes_its_place_in_the_line() {
        let line = "kafka-topics --de x";
        assert_eq!(
            completed(line, &(13..17), "--describe "),
            Some(("kafka-topics --describe x".into(), 23))
        );
        assert_eq!(
            completed("ka", &(0..2), "kafka-topics "),
            Some(("kafka-topics ".into(), 13))
        );
        assert_eq!(completed("é", &(1..2), "x"), None);
    }

    #[test]
    fn what_all_candidates_begin_with() {
        assert_eq!(
            common_start(&candidates(&["--topic ", "--topics-with"])),
            "--topic"
        );
        assert_eq!(common_start(&candidates(&["é1", "é2"])), "é");
        assert_eq!(common_start(&candidates(&["a", "b"])), "");
        assert_eq!(common_start(&[]), "");
    }
}
