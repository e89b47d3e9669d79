//! The protocol log: every request and response, and the bytes of the one that was chosen.

use records::sorted::SortedMap;
use std::rc::Rc;

use bytes::Bytes;
use protocol::{ApiKey, FieldSpan, trace_request, trace_response};
use session::dock::ProtocolQuery;
use session::session::Session;
use session::stepping::name_of;
use world::event::{Flight, NodeId};
use world::world::World;

use crate::flow::text::whole;
use crate::memory::Memory;
use crate::words;

/// Rows drawn at once.
pub const ROWS: usize = 200;
/// Fields of a frame that are listed.
const FIELDS: usize = 2_000;

const FETCH: i16 = 1;
const HEARTBEAT: i16 = 12;
const BROKER_HEARTBEAT: i16 = 63;

/// The protocol log.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtocolView {
    /// What it was asked for.
    pub query: ProtocolQuery,
    /// The frames, oldest first.
    pub rows: Rc<Vec<Rc<FrameRow>>>,
    /// The frame to hold in sight for older ones; `None` at the oldest.
    pub older: Option<u64>,
    /// The frame to hold in sight for newer ones; in it, `None` is to follow again.
    pub newer: Option<Option<u64>>,
    /// The newest frame in sight.
    pub last: Option<u64>,
    /// How many frames there were, and how many of them are kept.
    pub counts: String,
    /// The chosen frame.
    pub detail: Option<Rc<FrameDetail>>,
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameRow {
    /// Its number.
    pub number: u64,
    /// When it set off, by the page's clock.
    pub time: String,
    /// The API's name.
    pub api: &'static str,
    /// The API's version.
    pub version: i16,
    /// Whether it is an answer.
    pub is_response: bool,
    /// The sender.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// Its size.
    pub bytes: String,
    /// Milliseconds on the way; for an answer, since its request set off.
    pub millis: String,
    /// Whether it carries records.
    pub carries_records: bool,
    /// Whether its fields are shown.
    pub selected: bool,
}

/// A frame's fields and bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameDetail {
    /// Its number.
    pub number: u64,
    /// `Produce v13 request`
    pub title: String,
    /// `you → broker 1 · 201 B`
    pub about: String,
    /// Its fields, outer ones before what they are made of.
    pub fields: Vec<FieldRow>,
    /// How many fields are not listed.
    pub more: usize,
    /// Why it could not be read to its end.
    pub error: Option<String>,
    /// Its bytes, without the length before them.
    pub frame: Bytes,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRow {
    /// How deep it lies.
    pub depth: usize,
    /// Its name.
    pub name: &'static str,
    /// Its value in a few characters; empty for a struct.
    pub value: String,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

/// What the rows depend on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FramesKey {
    query: ProtocolQuery,
    seen: u64,
    kept: usize,
    started: engine::time::SimTime,
}

/// The protocol log as the sitting has it.
#[inline(never)]
pub fn protocol_log(session: &Session, memory: &mut Memory) -> Rc<ProtocolView> {
    let journal = session.journal();
    let key = FramesKey {
        query: session.dock().protocol.clone(),
        seen: journal.frames_seen(),
        kept: journal.frames().len(),
        started: session.world().started_at(),
    };
    if let Some((known, view)) = &memory.frames
        && *known == key
    {
        return Rc::clone(view);
    }
    let detail = detail(session, memory);
    let view = Rc::new(view(session, detail));
    memory.frames = Some((key, Rc::clone(&view)));
    view
}

fn view(session: &Session, detail: Option<Rc<FrameDetail>>) -> ProtocolView {
    let (journal, world) = (session.journal(), session.world());
    let query = session.dock().protocol.clone();
    let needle = query.filter.trim().to_lowercase();
    let answers = Answers::of(session);
    let names = names(session);
    let name = |node: NodeId| names.get(&node).map_or("", String::as_str);
    let wanted = |flight: &&Flight| {
        let within = |text: &str| text.to_lowercase().contains(&needle);
        (query.with_chatter || !answers.is_chatter(flight))
            && (needle.is_empty()
                || within(api_name(flight))
                || within(name(flight.from))
                || within(name(flight.to)))
    };
    let matching: Vec<&Flight> = journal.frames().filter(wanted).collect();
    let end = match query.until {
        Some(until) => matching.partition_point(|flight| flight.number <= until),
        None => matching.len(),
    };
    let begin = end.saturating_sub(ROWS);
    let shown = matching.get(begin..end).unwrap_or_default();
    let rows: Vec<Rc<FrameRow>> = shown
        .iter()
        .map(|flight| {
            let ends = (name(flight.from), name(flight.to));
            Rc::new(row(flight, ends, &answers, world, query.selected))
        })
        .collect();
    let number = |at: usize| matching.get(at).map(|flight| flight.number);
    let half = ROWS / 2;
    ProtocolView {
        rows: Rc::new(rows),
        older: (begin > 0)
            .then(|| number(end.saturating_sub(half).saturating_sub(1)))
            .flatten(),
        newer: query
            .until
            .map(|_| number(end.saturating_add(half)).filter(|_| end < matching.len())),
        last: shown.last().map(|flight| flight.number),
        counts: format!(
            "{} of {} kept",
            whole(journal.frames().len() as u64),
            words::count(
                usize::try_from(journal.frames_seen()).unwrap_or(usize::MAX),
                "frame"
            ),
        ),
        detail,
        query,
    }
}

fn row(
    flight: &Flight,
    (from, to): (&str, &str),
    answers: &Answers,
    world: &World,
    selected: Option<u64>,
) -> FrameRow {
    let began = answers.began(flight).unwrap_or(flight.sent);
    FrameRow {
        number: flight.number,
        time: words::clock(flight.sent.millis_since(world.started_at())),
        api: api_name(flight),
        version: flight.call.api_version,
        is_response: flight.is_response,
        from: from.to_owned(),
        to: to.to_owned(),
        bytes: whole(flight.frame.len() as u64),
        millis: millis(flight.arrives.micros_since(began)),
        carries_records: flight.carries_records,
        selected: selected == Some(flight.number),
    }
}

/// Microseconds as milliseconds, with a decimal where it says something.
fn millis(micros: u64) -> String {
    if micros >= 10_000 || micros.is_multiple_of(1_000) {
        (micros / 1_000).to_string()
    } else {
        format!("{}.{}", micros / 1_000, micros / 100 % 10)
    }
}

fn api_name(flight: &Flight) -> &'static str {
    ApiKey::name(flight.call.api_key)
}

/// Everybody's name: the machines', the clients', and of clients that have left their kind.
fn names(session: &Session) -> SortedMap<NodeId, String> {
    let mut names = SortedMap::new();
    for flight in session.journal().frames() {
        for node in [flight.from, flight.to] {
            names
                .entry(node)
                .or_insert_with(|| name_of(node, session.world()));
        }
    }
    names
}

/// Which request each answer answers.
struct Answers {
    asked: SortedMap<Exchange, engine::time::SimTime>,
    with_records: records::sorted::SortedSet<Exchange>,
}

/// Who asked whom, and the request's number between them.
type Exchange = (NodeId, NodeId, i32);

impl Answers {
    fn of(session: &Session) -> Answers {
        let mut answers = Answers {
            asked: SortedMap::new(),
            with_records: records::sorted::SortedSet::new(),
        };
        for flight in session.journal().frames() {
            if !flight.is_response {
                answers.asked.insert(exchange(flight), flight.sent);
            } else if flight.carries_records {
                answers.with_records.insert(exchange(flight));
            }
        }
        answers
    }

    fn began(&self, flight: &Flight) -> Option<engine::time::SimTime> {
        let asked = self.asked.get(&exchange(flight)).copied();
        asked.filter(|_| flight.is_response)
    }

    /// Heartbeats, and fetches that bring nothing: what goes on all the time and says little.
    fn is_chatter(&self, flight: &Flight) -> bool {
        match flight.call.api_key {
            HEARTBEAT | BROKER_HEARTBEAT => true,
            FETCH => !self.with_records.contains(&exchange(flight)),
            _ => false,
        }
    }
}

fn exchange(flight: &Flight) -> Exchange {
    let correlation = flight.call.correlation_id;
    if flight.is_response {
        (flight.to, flight.from, correlation)
    } else {
        (flight.from, flight.to, correlation)
    }
}

fn detail(session: &Session, memory: &mut Memory) -> Option<Rc<FrameDetail>> {
    let number = session.dock().protocol.selected?;
    let kept = memory.frame.as_ref().filter(|known| known.number == number);
    if let Some(known) = kept {
        return Some(Rc::clone(known));
    }
    let flight = session
        .journal()
        .frames()
        .find(|flight| flight.number == number)?;
    let detail = Rc::new(detail_of(flight, session.world()));
    memory.frame = Some(Rc::clone(&detail));
    Some(detail)
}

fn detail_of(flight: &Flight, world: &World) -> FrameDetail {
    let (key, version) = (flight.call.api_key, flight.call.api_version);
    let trace = match flight.is_response {
        true => trace_response(key, version, &flight.frame),
        false => trace_request(&flight.frame),
    };
    let mut fields = Vec::new();
    let mut all = 0;
    flatten(&trace.fields, 0, &mut fields, &mut all);
    let kind = if flight.is_response {
        "response"
    } else {
        "request"
    };
    FrameDetail {
        number: flight.number,
        title: format!("{} v{version} {kind}", api_name(flight)),
        about: format!(
            "{} → {} · {}",
            name_of(flight.from, world),
            name_of(flight.to, world),
            words::size(flight.frame.len() as u64)
        ),
        more: all.saturating_sub(fields.len()),
        fields,
        error: trace.error.map(|error| error.to_string()),
        frame: flight.frame.clone(),
    }
}

fn flatten(spans: &[FieldSpan], depth: usize, rows: &mut Vec<FieldRow>, all: &mut usize) {
    for span in spans {
        *all = all.saturating_add(1);
        if rows.len() < FIELDS {
            rows.push(FieldRow {
                depth,
                name: span.name,
                value: words::preview(span.value.as_bytes(), words::CELL_CHARS),
                start: span.start,
                end: span.end,
            });
        }
        flatten(&span.children, depth.saturating_add(1), rows, all);
    }
}
