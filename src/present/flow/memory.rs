//! What the diagram remembers from frame to frame: keys, decoded batches and frames, orders, replays.
//!
//! Only to be quick and steady: with an empty memory the same world gives the same diagram, but for the
//! order in which keys got their colours and names their places.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use bytes::Bytes;
use engine::ids::TopicPartition;
use engine::time::SimTime;
use world::facts::{StoredRecord, leader_log, stored_records};
use world::input::ClientId;
use world::world::World;

use super::input::{CellIn, RecordSource, Travel};
use super::replay::Replays;
use crate::keys::{KeyMark, KeySlots};

/// Batches kept decoded.
const BATCHES: usize = 4096;
/// Keys listed of a topic.
const TOPIC_KEYS: usize = 8;
/// Keys counted of a producer.
const PRODUCER_KEYS: usize = 1000;
/// Characters of a value that a wide cell may show.
const PREVIEW: usize = 48;

/// What is remembered from frame to frame.
#[derive(Debug, Default)]
pub struct FlowMemory {
    /// The colours and shapes of keys.
    pub slots: KeySlots,
    pub(super) travels: BTreeMap<u64, Rc<Vec<Travel>>>,
    pub(super) replays: Replays,
    pub(super) producer_keys: BTreeMap<ClientId, BTreeSet<Bytes>>,
    topic_keys: BTreeMap<String, Vec<KeyMark>>,
    batches: BTreeMap<(TopicPartition, i64, u32), Rc<Vec<CellIn>>>,
    topics: Vec<String>,
    groups: Vec<String>,
    of: Option<(u64, SimTime)>,
    now: SimTime,
}

impl FlowMemory {
    /// Forgets all if this is another world, or an earlier time of the same.
    pub fn begin(&mut self, world: &World) {
        let of = Some((world.seed(), world.started_at()));
        if self.of != of || world.now() < self.now {
            let slots = if self.of == of {
                std::mem::take(&mut self.slots)
            } else {
                KeySlots::default()
            };
            *self = FlowMemory {
                slots,
                of,
                ..FlowMemory::default()
            };
        }
        self.now = world.now();
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
        if self.batches.len() >= BATCHES {
            self.batches.clear();
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
