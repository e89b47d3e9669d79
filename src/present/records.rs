//! The table of records: a stretch of all that is stored, in the order of time.

use std::rc::Rc;

use engine::ids::TopicPartition;
use engine::log::PartitionLog;
use engine::time::SimTime;
use session::dock::{RecordCursor, RecordsAt, RecordsQuery};
use session::selection::Selection;
use session::session::Session;
use world::facts;

use crate::flow::text::whole;
use crate::keys::{KeyMark, KeySlots};
use crate::memory::Memory;
use crate::stored::{Merge, Placed};
use crate::words;

/// Rows drawn at once.
pub const ROWS: usize = 200;
/// Records that a filter looks at for one view.
const SEARCH: usize = 2_000;
/// Bytes of keys and values that a filter looks at for one view.
const SEARCH_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of one value that a filter looks at.
const VALUE_BYTES: usize = 64 * 1024;

/// The table of records.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordsView {
    /// What it was asked for.
    pub query: RecordsQuery,
    /// The topics to choose from.
    pub topics: Vec<String>,
    /// Records stored in what was chosen.
    pub total: String,
    /// When the sitting began: times typed as `01:30` count from there.
    pub started: SimTime,
    /// The rows, oldest first.
    pub rows: Rc<Vec<Rc<RecordRow>>>,
    /// Where to stand for older rows; `None` at the oldest.
    pub older: Option<RecordsAt>,
    /// Where to stand for newer rows.
    pub newer: Option<RecordsAt>,
    /// Where to stand for the same rows, whatever comes.
    pub hold: Option<RecordsAt>,
    /// How far a filter has looked, if it has not looked everywhere.
    pub searched: Option<Searched>,
    /// What to say where there are no rows.
    pub empty: &'static str,
}

/// How far a filter has looked.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// How many records.
    pub records: String,
    /// Where to stand to look on.
    pub next: RecordsAt,
    /// Whether to look on at once, because nothing was found yet.
    pub go_on: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Where it is stored.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Its time, by the page's clock.
    pub time: String,
    /// Its time in the calendar.
    pub date: String,
    /// Its key's mark.
    pub mark: KeyMark,
    /// The value in one line; `None` is null.
    pub value: Option<String>,
    /// How many headers.
    pub headers: usize,
    /// Bytes in its batch.
    pub size: String,
    /// Whether it is selected.
    pub selected: bool,
    /// Whether consumers can read it: it lies below the high watermark.
    pub replicated: bool,
}

/// What the rows depend on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecordsKey {
    query: RecordsQuery,
    selection: Option<Selection>,
    logs: Vec<(TopicPartition, i64, i64, i64)>,
}

type Logs<'a> = Vec<(TopicPartition, &'a PartitionLog)>;

/// A stretch of records, and what lies around it.
#[derive(Default)]
struct Stretch {
    found: Vec<Placed>,
    /// The last record looked at, if the search had to stop there.
    stopped_at: Option<RecordCursor>,
    looked_at: usize,
    to_the_end: bool,
    backwards: bool,
}

/// The table of records as the sitting has it.
#[inline(never)]
pub fn records(session: &Session, memory: &mut Memory) -> Rc<RecordsView> {
    let query = &session.dock().records;
    let logs = logs_of(session, query.topic.as_deref());
    let key = RecordsKey {
        query: query.clone(),
        selection: session.selection().cloned(),
        logs: logs
            .iter()
            .map(|(partition, log)| {
                let (start, end) = (log.log_start_offset(), log.log_end_offset());
                (partition.clone(), start, end, log.high_watermark())
            })
            .collect(),
    };
    if let Some((known, view)) = &memory.records
        && *known == key
    {
        return Rc::clone(view);
    }
    let view = Rc::new(view(session, &logs, &mut memory.keys));
    memory.records = Some((key, Rc::clone(&view)));
    view
}

/// How many records are stored in the topics that users made.
pub fn stored(session: &Session) -> u64 {
    total(&logs_of(session, None))
}

fn total(logs: &Logs<'_>) -> u64 {
    let count = |log: &PartitionLog| log.log_end_offset().saturating_sub(log.log_start_offset());
    let counts = logs
        .iter()
        .map(|(_, log)| u64::try_from(count(log)).unwrap_or(0));
    counts.sum()
}

fn logs_of<'a>(session: &'a Session, topic: Option<&str>) -> Logs<'a> {
    let world = session.world();
    let partitions: Vec<TopicPartition> = match topic {
        Some(topic) => facts::partitions_of(world, topic),
        None => facts::user_partitions(world).collect(),
    };
    let logs = partitions.into_iter().filter_map(|partition| {
        let log = facts::leader_log(world, &partition)?;
        Some((partition, log))
    });
    logs.collect()
}

fn view(session: &Session, logs: &Logs<'_>, keys: &mut KeySlots) -> RecordsView {
    let query = session.dock().records.clone();
    let stretch = stretch(&query, logs);
    let started = session.world().started_at();
    let selected = |placed: &Placed| {
        matches!(session.selection(), Some(Selection::Record(at, offset))
            if *at == placed.partition && *offset == placed.record.offset)
    };
    let high_watermark = |at: &TopicPartition| {
        logs.iter()
            .find(|(partition, _)| partition == at)
            .map_or(0, |(_, log)| log.high_watermark())
    };
    let rows: Vec<Rc<RecordRow>> = stretch
        .found
        .iter()
        .map(|placed| {
            let replicated = placed.record.offset < high_watermark(&placed.partition);
            let mut row = row(placed, started, keys);
            row.selected = selected(placed);
            row.replicated = replicated;
            Rc::new(row)
        })
        .collect();
    let topics = session
        .world()
        .cluster()
        .into_iter()
        .flat_map(|cluster| cluster.controller().image().topics())
        .map(|topic| topic.name.clone());
    RecordsView {
        topics: topics.collect(),
        total: whole(total(logs)),
        started,
        rows: Rc::new(rows),
        older: older(&stretch),
        newer: newer(&query, &stretch),
        hold: stretch.found.last().map(cursor).map(RecordsAt::Until),
        searched: searched(&query, &stretch),
        empty: empty(session, &query, logs),
        query,
    }
}

fn row(placed: &Placed, started: SimTime, keys: &mut KeySlots) -> RecordRow {
    let record = &placed.record;
    RecordRow {
        partition: placed.partition.clone(),
        offset: record.offset,
        time: words::moment(record.timestamp, started),
        date: words::date(record.timestamp),
        mark: keys.mark(record.key.as_deref()),
        value: record
            .value
            .as_deref()
            .map(|value| words::preview(value, words::CELL_CHARS)),
        headers: record.headers,
        size: words::size(record.size as u64),
        selected: false,
        replicated: true,
    }
}

fn stretch(query: &RecordsQuery, logs: &Logs<'_>) -> Stretch {
    let from = |offset: &dyn Fn(&TopicPartition, &PartitionLog) -> i64| {
        let starts = logs
            .iter()
            .map(|(partition, log)| (partition.clone(), *log, offset(partition, log)));
        starts.collect::<Vec<_>>()
    };
    let by_time = |log: &PartitionLog, time: i64| {
        let found = log.offset_for_time(time);
        found.map_or(log.log_end_offset(), |found| found.offset)
    };
    match &query.at {
        RecordsAt::Newest => {
            let ends = from(&|_, log| log.log_end_offset());
            take(query, Merge::backwards(ends), true)
        }
        RecordsAt::Oldest => {
            let starts = from(&|_, log| log.log_start_offset());
            take(query, Merge::forwards(starts), false)
        }
        RecordsAt::Offset(offset) => take(query, Merge::forwards(from(&|_, _| *offset)), false),
        RecordsAt::Time(time) => {
            let starts = from(&|_, log| by_time(log, *time));
            take(query, Merge::forwards(starts), false)
        }
        RecordsAt::From(cursor) => {
            let starts = from(&|partition, log| match partition == &cursor.partition {
                true => cursor.offset,
                false if *partition < cursor.partition => {
                    by_time(log, cursor.timestamp.saturating_add(1))
                }
                false => by_time(log, cursor.timestamp),
            });
            take(query, Merge::forwards(starts), false)
        }
        RecordsAt::Until(cursor) => {
            let ends = from(&|partition, log| match partition == &cursor.partition {
                true => cursor.offset.saturating_add(1),
                false if *partition < cursor.partition => {
                    by_time(log, cursor.timestamp.saturating_add(1))
                }
                false => by_time(log, cursor.timestamp),
            });
            take(query, Merge::backwards(ends), true)
        }
    }
}

fn take(query: &RecordsQuery, records: Merge<'_>, backwards: bool) -> Stretch {
    let needle = query.filter.trim().as_bytes();
    let mut stretch = Stretch {
        backwards,
        to_the_end: true,
        ..Stretch::default()
    };
    let mut bytes = 0_usize;
    for placed in records {
        if stretch.found.len() >= ROWS {
            stretch.to_the_end = false;
            break;
        }
        stretch.looked_at = stretch.looked_at.saturating_add(1);
        let stop = !needle.is_empty() && (stretch.looked_at >= SEARCH || bytes >= SEARCH_BYTES);
        let stopped_at = stop.then(|| cursor(&placed));
        bytes = bytes.saturating_add(placed.record.size.min(VALUE_BYTES));
        if matches(&placed, needle) {
            stretch.found.push(placed);
        }
        if stopped_at.is_some() {
            stretch.stopped_at = stopped_at;
            stretch.to_the_end = false;
            break;
        }
    }
    if backwards {
        stretch.found.reverse();
    }
    stretch
}

fn matches(placed: &Placed, needle: &[u8]) -> bool {
    let within = |part: &Option<bytes::Bytes>| {
        part.as_ref()
            .is_some_and(|part| words::contains(part.get(..VALUE_BYTES).unwrap_or(part), needle))
    };
    needle.is_empty() || within(&placed.record.key) || within(&placed.record.value)
}

fn cursor(placed: &Placed) -> RecordCursor {
    RecordCursor {
        timestamp: placed.record.timestamp,
        partition: placed.partition.clone(),
        offset: placed.record.offset,
    }
}

/// The middle of the rows: standing there shows half of them again.
fn middle(stretch: &Stretch) -> Option<RecordCursor> {
    stretch.found.get(stretch.found.len() / 2).map(cursor)
}

fn older(stretch: &Stretch) -> Option<RecordsAt> {
    if stretch.backwards && (stretch.to_the_end || stretch.stopped_at.is_some()) {
        return None;
    }
    middle(stretch).map(RecordsAt::Until)
}

fn newer(query: &RecordsQuery, stretch: &Stretch) -> Option<RecordsAt> {
    match query.at {
        RecordsAt::Newest => None,
        _ if !stretch.backwards && stretch.to_the_end => Some(RecordsAt::Newest),
        _ if stretch.stopped_at.is_some() && !stretch.backwards => None,
        _ => middle(stretch).map(RecordsAt::From),
    }
}

fn searched(query: &RecordsQuery, stretch: &Stretch) -> Option<Searched> {
    let cursor = stretch.stopped_at.clone()?;
    Some(Searched {
        records: whole(stretch.looked_at as u64),
        next: match stretch.backwards {
            true => RecordsAt::Until(cursor),
            false => RecordsAt::From(cursor),
        },
        // The newest records are looked at again and again as they come: only a person goes on from there.
        go_on: stretch.found.is_empty() && query.at != RecordsAt::Newest,
    })
}

fn empty(session: &Session, query: &RecordsQuery, logs: &Logs<'_>) -> &'static str {
    if session.world().cluster().is_none() {
        "No cluster is running. Start one with docker-compose up -d."
    } else if logs.is_empty() {
        "No topics yet. Create one to have somewhere to send records."
    } else if total(logs) == 0 {
        "No records yet. Send one."
    } else if query.filter.trim().is_empty() {
        "No records there. Go to the newest or the oldest."
    } else {
        "No record here contains that text in its key or value."
    }
}
