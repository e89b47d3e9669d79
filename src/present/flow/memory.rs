//! What the diagram remembers from frame to frame: keys, decoded batches and frames, orders, replays.
//!
//! Only to be quick and steady: with an empty memory the same world gives the same diagram, but for the
//! order in which keys got their colours and names their places.

use records::sorted::Arrange;
use records::sorted::{SortedMap, SortedSet};
use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use engine::ids::TopicPartition;
use engine::time::SimTime;
use world::facts::{
    StoredRecord, leader_log, log_start, records_from, stored_records, user_partitions,
};
use world::input::ClientId;
use world::world::World;

use super::input::{CellIn, RecordSource, Travel};
use super::producers::SPARKS;
use super::replay::Replays;
use crate::keys::{KeyMark, KeySlots};

/// Records kept decoded. A batch of tiny records holds thousands, so records count, not batches.
const CELLS: usize = 50_000;
/// Keys listed of a topic.
const TOPIC_KEYS: usize = 8;
/// Keys counted of a producer.
const PRODUCER_KEYS: usize = 1000;
/// Characters of a value that a wide cell may show.
const PREVIEW: usize = 48;

/// A producer's records sent, half second by half second.
#[derive(Debug, Default)]
struct Sent {
    due: SimTime,
    count: u64,
    rates: VecDeque<f64>,
}

/// What is remembered from frame to frame.
#[derive(Debug, Default)]
pub struct FlowMemory {
    /// The colours and shapes of keys.
    pub slots: KeySlots,
    pub(super) travels: SortedMap<u64, Rc<Vec<Travel>>>,
    pub(super) replays: Replays,
    pub(super) producer_keys: SortedMap<ClientId, SortedSet<Bytes>>,
    topic_keys: SortedMap<String, Vec<KeyMark>>,
    batches: SortedMap<(TopicPartition, i64, u32), Rc<Vec<CellIn>>>,
    cells_kept: usize,
    topics: Vec<String>,
    groups: Vec<String>,
    sent: SortedMap<ClientId, Sent>,
    lagging: SortedMap<TopicPartition, SimTime>,
    of: Option<(u64, SimTime)>,
    now: SimTime,
}

impl FlowMemory {
    /// Forgets all if this is another world, or an earlier time of the same.
    pub fn begin(&mut self, world: &World) {
        let of = Some((world.seed(), world.started_at()));
        if self.of != of || world.now() < self.now {
            let same = self.of == of;
            let slots = if same {
                std::mem::take(&mut self.slots)
            } else {
                KeySlots::default()
            };
            *self = FlowMemory {
                slots,
                of,
                ..FlowMemory::default()
            };
            if !same {
                self.meet_all(world);
            }
        }
        self.now = world.now();
    }

    /// What is stored already when the diagram is first drawn: keys take their slots in the order they were sent.
    fn meet_all(&mut self, world: &World) {
        const MOST: usize = 200;
        let mut records: Vec<(i64, TopicPartition, StoredRecord)> = Vec::new();
        for at in user_partitions(world) {
            let first = log_start(world, &at).unwrap_or(0);
            let stored = records_from(world, &at, first).take(MOST);
            records.extend(stored.map(|record| (record.timestamp, at.clone(), record)));
        }
        records.arrange_by(|a, b| (a.0, &a.1, a.2.offset).cmp(&(b.0, &b.1, b.2.offset)));
        for (_, at, record) in records {
            self.meet(&at.topic, record.key.as_deref());
        }
    }

    /// Notes how many records a producer has sent, and tells its rate lately, the newest last.
    pub(super) fn rate_history(&mut self, producer: ClientId, sent: u64) -> Vec<f64> {
        const STEP_MILLIS: i64 = 500;
        let now = self.now;
        let known = self.sent.entry(producer).or_insert_with(|| Sent {
            due: now.plus_millis(STEP_MILLIS),
            count: sent,
            rates: VecDeque::new(),
        });
        if now >= known.due {
            let seconds = 0.5 + now.micros_since(known.due) as f64 / 1_000_000.0;
            known
                .rates
                .push_back(sent.saturating_sub(known.count) as f64 / seconds);
            known.count = sent;
            known.due = now.plus_millis(STEP_MILLIS);
            if known.rates.len() > SPARKS {
                known.rates.pop_front();
            }
        }
        known.rates.iter().copied().collect()
    }

    /// Forgets producers that are gone.
    pub(super) fn keep_producers(&mut self, is_there: impl Fn(ClientId) -> bool) {
        self.producer_keys.retain(|id, _| is_there(*id));
        self.sent.retain(|id, _| is_there(*id));
    }

    /// Lanes that lagged a moment ago. They stay open a while, or they would open and fold with every commit.
    pub(super) fn held_open(
        &mut self,
        lagging: impl Iterator<Item = TopicPartition>,
    ) -> SortedSet<TopicPartition> {
        const MICROS: u64 = 10_000_000;
        let now = self.now;
        self.lagging.extend(lagging.map(|at| (at, now)));
        self.lagging
            .retain(|_, last| now.micros_since(*last) < MICROS);
        self.lagging.keys().cloned().collect()
    }

    /// Hands out the records of `world`.
    pub fn records<'a>(&'a mut self, world: &'a World) -> WorldRecords<'a> {
        WorldRecords {
            world,
            memory: self,
        }
    }

    /// The keys met in a topic.
    pub fn keys_of(&self, topic: &str) -> Vec<KeyMark> {
        self.topic_keys.get(topic).cloned().unwrap_or_default()
    }

    /// Names in the order in which they were first seen; those gone are forgotten.
    pub(super) fn order_topics(&mut self, names: &mut Vec<String>) {
        order(&mut self.topics, names);
        self.topic_keys.retain(|topic, _| names.contains(topic));
    }

    /// As [`FlowMemory::order_topics`], for groups.
    pub(super) fn order_groups(&mut self, names: &mut Vec<String>) {
        order(&mut self.groups, names);
    }

    /// The mark of a key met in a topic.
    pub(super) fn meet(&mut self, topic: &str, key: Option<&[u8]>) -> KeyMark {
        let mark = self.slots.mark(key);
        if key.is_some() {
            let known = self.topic_keys.entry(topic.to_owned()).or_default();
            if known.len() < TOPIC_KEYS && !known.contains(&mark) {
                known.push(mark.clone());
            }
        }
        mark
    }

    /// Counts a key of a producer.
    pub(super) fn meet_from(&mut self, producer: ClientId, key: Option<&Bytes>) {
        let keys = self.producer_keys.entry(producer).or_default();
        if let Some(key) = key
            && keys.len() < PRODUCER_KEYS
        {
            keys.insert(key.clone());
        }
    }

    fn batch(&mut self, at: &TopicPartition, base_offset: i64, bytes: &Bytes) -> Rc<Vec<CellIn>> {
        let key = (at.clone(), base_offset, checksum(bytes));
        if let Some(cells) = self.batches.get(&key) {
            return cells.clone();
        }
        let records = stored_records(bytes);
        let cells: Vec<CellIn> = records.iter().map(|record| self.cell(at, record)).collect();
        self.cells_kept = self.cells_kept.saturating_add(cells.len());
        if self.cells_kept > CELLS {
            self.batches.clear();
            self.cells_kept = cells.len();
        }
        let cells = Rc::new(cells);
        self.batches.insert(key, cells.clone());
        cells
    }

    fn cell(&mut self, at: &TopicPartition, record: &StoredRecord) -> CellIn {
        CellIn {
            offset: record.offset,
            key: self.meet(&at.topic, record.key.as_deref()),
            preview: record
                .value
                .as_deref()
                .map_or_else(|| "null".to_owned(), preview),
        }
    }
}

/// The records of a world, decoded once a batch and only where they are in sight.
pub struct WorldRecords<'a> {
    world: &'a World,
    memory: &'a mut FlowMemory,
}

impl RecordSource for WorldRecords<'_> {
    fn cells(&mut self, at: &TopicPartition, from: i64, to: i64, _preview: bool) -> Vec<CellIn> {
        let Some(log) = leader_log(self.world, at) else {
            return Vec::new();
        };
        let mut cells = Vec::new();
        for batch in log
            .batches_from(from)
            .take_while(|batch| batch.base_offset < to)
        {
            if !batch.is_control {
                let decoded = self.memory.batch(at, batch.base_offset, &batch.bytes);
                cells.extend(
                    decoded
                        .iter()
                        .filter(|cell| cell.offset >= from && cell.offset < to)
                        .cloned(),
                );
            }
        }
        cells
    }
}

fn order(known: &mut Vec<String>, names: &mut Vec<String>) {
    known.retain(|name| names.contains(name));
    for name in names.iter() {
        if !known.contains(name) {
            known.push(name.clone());
        }
    }
    names.clone_from(known);
}

/// The checksum a batch carries, which tells it from another at the same offset.
fn checksum(batch: &Bytes) -> u32 {
    let bytes = batch
        .get(17..21)
        .and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
    bytes.map_or(0, u32::from_be_bytes)
}

fn preview(value: &[u8]) -> String {
    let head = value.get(..PREVIEW.saturating_mul(4)).unwrap_or(value);
    String::from_utf8_lossy(head)
        .chars()
        .take(PREVIEW)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
