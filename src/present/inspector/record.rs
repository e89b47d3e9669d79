//! A record in detail: what it is, why it lies where it lies, and who has read it.

use std::rc::Rc;

use bytes::Bytes;
use engine::group::Group;
use engine::ids::TopicPartition;
use engine::log::PartitionLog;
use session::action::{Action, Composed};
use session::command;
use session::session::Session;
use world::client::Body;
use world::facts;
use world::world::World;

use crate::inspector::value::{self, ValueView};
use crate::inspector::why::{self, Why};
use crate::keys::KeyMark;
use crate::memory::Memory;
use crate::stored;
use crate::words;

/// A larger record is not one to edit in a form.
const COMPOSE_BYTES: usize = 256 * 1024;
/// The command of a larger record is not one to read.
const COMMAND_BYTES: usize = 2_048;

/// A record in detail.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordDetail {
    /// Where it is stored.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Its key's mark.
    pub mark: KeyMark,
    /// The offset of the record before it.
    pub previous: Option<i64>,
    /// The offset of the record behind it.
    pub next: Option<i64>,
    /// Its time, by the page's clock.
    pub time: String,
    /// Its time in the calendar.
    pub date: String,
    /// `CreateTime` or `LogAppendTime`.
    pub time_kind: &'static str,
    /// What it takes in its batch, before that is compressed.
    pub size: String,
    /// Its batch: how many records, what it takes in the log, and how it is compressed.
    pub batch: String,
    /// The key in one line and its size; `None` without a key.
    pub key: Option<(String, String)>,
    /// Headers in order: name, and value in one line; a value may be null.
    pub headers: Vec<(String, Option<String>)>,
    /// The value.
    pub value: Rc<ValueView>,
    /// Why it lies in its partition.
    pub why: Why,
    /// The groups that read its partition.
    pub read_by: Vec<ReadBy>,
    /// The groups that can read it again.
    pub replays: Vec<Replay>,
    /// What sending it again takes.
    pub sending: Rc<Sending>,
    /// The command that would read it again.
    pub read_command: String,
}

/// What sending a record again takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// What editing it first begins with; `None` if it is no text.
    pub compose: Option<Composed>,
    /// The command that would send it, unless it is none that anyone types.
    pub command: Option<String>,
}

/// A group and a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBy {
    /// The group.
    pub group: String,
    /// The member that reads the partition now.
    pub member: Option<String>,
    /// How far it is.
    pub progress: &'static str,
    /// The offsets that say so.
    pub because: String,
}

/// A group that can read a record again.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// The group.
    pub group: String,
    /// What to do.
    pub action: Action,
    /// The command that would do it.
    pub command: String,
    /// How Kafka allows it.
    pub how: &'static str,
}

/// A record in detail; `None` if it is not stored any more.
#[inline(never)]
pub fn record(
    session: &Session,
    memory: &mut Memory,
    partition: &TopicPartition,
    offset: i64,
) -> Option<RecordDetail> {
    let world = session.world();
    let log = facts::leader_log(world, partition)?;
    let whole = stored::whole(log, offset)?;
    let found = &whole.glance;
    let key = found.key.as_ref();
    Some(RecordDetail {
        partition: partition.clone(),
        offset,
        mark: memory.keys.mark(key.map(Bytes::as_ref)),
        previous: stored::before(log, offset).map(|found| found.offset),
        next: next(log, offset),
        time: words::moment(found.timestamp, world.started_at()),
        date: words::date(found.timestamp),
        time_kind: match whole.log_append_time {
            true => "LogAppendTime",
            false => "CreateTime",
        },
        size: words::size(found.size as u64),
        batch: whole.batch.text(),
        key: key.map(|key| (words::preview(key, 48), words::size(key.len() as u64))),
        headers: whole
            .headers
            .iter()
            .map(|(name, value)| {
                let value = value.as_ref().map(|value| words::preview(value, 96));
                (words::preview(name.as_bytes(), 48), value)
            })
            .collect(),
        value: shown_value(memory, found.value.clone()),
        why: why::why(
            key.map(Bytes::as_ref),
            partition.partition,
            partitions_of(world, &partition.topic),
        ),
        read_by: read_by(world, partition, offset),
        replays: replays(world, partition, offset),
        sending: sending(memory, partition, &whole),
        read_command: command::read_from(partition, offset),
    })
}

fn next(log: &PartitionLog, offset: i64) -> Option<i64> {
    let next = stored::forwards(log, offset.saturating_add(1)).next();
    next.map(|found| found.offset)
}

fn partitions_of(world: &World, topic: &str) -> i32 {
    i32::try_from(facts::partitions_of(world, topic).len()).unwrap_or(i32::MAX)
}

/// Values are laid out once: they never change.
fn shown_value(memory: &mut Memory, bytes: Option<Bytes>) -> Rc<ValueView> {
    if let Some((known, view)) = &memory.value
        && *known == bytes
    {
        return Rc::clone(view);
    }
    let view = Rc::new(value::value(bytes.as_ref()));
    memory.value = Some((bytes, Rc::clone(&view)));
    view
}

/// As large as the record itself, so it is made once.
fn sending(memory: &mut Memory, partition: &TopicPartition, whole: &stored::Whole) -> Rc<Sending> {
    let placed = stored::Placed {
        partition: partition.clone(),
        record: whole.glance.clone(),
    };
    if let Some((known, sending)) = &memory.sending
        && *known == placed
    {
        return Rc::clone(sending);
    }
    let compose = (whole.glance.size <= COMPOSE_BYTES)
        .then(|| compose(partition, whole))
        .flatten();
    let command = compose
        .clone()
        .filter(|_| whole.glance.size <= COMMAND_BYTES)
        .and_then(|composed| command::command_for(&Action::Send(composed)));
    let sending = Rc::new(Sending { compose, command });
    memory.sending = Some((placed, Rc::clone(&sending)));
    sending
}

/// The groups that have to do with a partition.
fn groups_of<'a>(world: &'a World, partition: &TopicPartition) -> Vec<&'a Group> {
    let mut groups = facts::groups(world);
    groups.retain(|group| {
        group.offsets.contains_key(partition)
            || facts::owner_of(world, &group.id, partition).is_some()
    });
    groups
}

fn read_by(world: &World, partition: &TopicPartition, offset: i64) -> Vec<ReadBy> {
    let groups = groups_of(world, partition).into_iter();
    groups
        .map(|group| {
            let owner = facts::owner_of(world, &group.id, partition);
            let client = owner.and_then(|id| world.client(id));
            let position = client.and_then(|client| match &client.body {
                Body::Consumer(consumer) => consumer.positions().get(partition).copied(),
                Body::Producer(_) | Body::Admin(_) => None,
            });
            let committed = group.offsets.get(partition).map(|found| found.offset);
            let past = |next: Option<i64>| next.is_some_and(|next| next > offset);
            let number =
                |n: Option<i64>| n.map_or_else(|| "none".to_owned(), |n: i64| n.to_string());
            ReadBy {
                group: group.id.clone(),
                member: client.map(|client| client.client_id.clone()),
                progress: match (past(committed), past(position)) {
                    // After a replay the committed offset lies ahead of the position for a while.
                    (true, _) if position.is_none() || past(position) => "Read, committed",
                    (true, _) => "Reads it again",
                    (false, true) => "Read, not committed",
                    (false, false) => "Not read",
                },
                because: format!(
                    "committed offset {}, position {}",
                    number(committed),
                    number(position)
                ),
            }
        })
        .collect()
}

fn replays(world: &World, partition: &TopicPartition, offset: i64) -> Vec<Replay> {
    let groups = groups_of(world, partition).into_iter();
    let replay = |group: &Group| {
        let action = Action::ReplayFrom(group.id.clone(), partition.clone(), offset);
        Some(Replay {
            command: command::command_for(&action)?,
            how: match facts::owner_of(world, &group.id, partition) {
                Some(_) => "its member seeks; the command asks for a group without members",
                None => "it has no member here, so its committed offset moves",
            },
            group: group.id.clone(),
            action,
        })
    };
    groups.filter_map(replay).collect()
}

/// The record as the composer would send it; `None` if key, value or a header is no text.
fn compose(partition: &TopicPartition, whole: &stored::Whole) -> Option<Composed> {
    let text = |bytes: &Bytes| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let optional = |bytes: Option<&Bytes>| match bytes {
        Some(bytes) => text(bytes).map(Some),
        None => Some(None),
    };
    let headers: Option<Vec<(String, Option<String>)>> = whole
        .headers
        .iter()
        .map(|(name, value)| Some((name.clone(), optional(value.as_ref())?)))
        .collect();
    Some(Composed {
        topic: partition.topic.clone(),
        partition: None,
        key: optional(whole.glance.key.as_ref())?,
        value: optional(whole.glance.value.as_ref())?,
        headers: headers?,
        count: 1,
        per_second: 1,
    })
}
