//! Batches per partition, and the sequence numbers that let a broker tell a retry from news.

use records::sorted::Arrange;
use records::sorted::SortedMap;
use std::collections::VecDeque;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use records::{
    Batch as Encoded, BatchBuilder, BatchOptions, Codec, Compression, HEADER_SIZE, Record,
    RecordHeader,
};
use serde::Serialize;

use super::SendId;

/// The ratio of what does not compress, in thousandths.
const UNSHRUNK: u32 = 1000;
/// How far the expected ratio goes up, at least, and down, at most, with one batch.
const WORSE: u32 = 50;
const BETTER: u32 = 5;

/// A producer's number and epoch, from InitProducerId.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Identity {
    pub(super) id: i64,
    pub(super) epoch: i16,
}

/// A batch that is filled, waits, or is on its way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Batch {
    pub(super) builder: BatchBuilder,
    pub(super) ids: Vec<SendId>,
    pub(super) created: SimTime,
    /// Not to be sent before this.
    pub(super) retry_at: SimTime,
    pub(super) attempts: u32,
    /// Bytes it may grow to, which it holds of `buffer.memory`.
    pub(super) capacity: usize,
    /// How many bytes a thousand bytes of records came to lately, compressed.
    pub(super) ratio: u32,
    /// No record is added any more.
    pub(super) closed: bool,
    pub(super) sequence: Option<i32>,
    /// Its sequence number was given anew since it was last sent.
    pub(super) renumbered: bool,
}

/// Everything for one partition.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Queue {
    /// In the order to be sent; those to be retried in front.
    pub(super) waiting: VecDeque<Batch>,
    /// By number of the batch, which follows the order of sending.
    pub(super) in_flight: SortedMap<u64, Batch>,
    identity: Option<Identity>,
    next_sequence: i32,
    last_acked: Option<i32>,
}

/// All partitions.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Accumulator {
    pub(super) queues: SortedMap<TopicPartition, Queue>,
    /// Bytes held of `buffer.memory`.
    pub(super) used: usize,
    next_batch: u64,
    /// By topic, how many bytes a thousand bytes of records come to, compressed.
    ratios: SortedMap<String, u32>,
}

/// How batches may grow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) batch_size: usize,
    pub(super) buffer_memory: usize,
    pub(super) compression: Compression,
}

/// A record for the accumulator, already placed.
pub(super) struct Placed<'a> {
    pub(super) id: SendId,
    pub(super) timestamp: i64,
    pub(super) record: &'a super::ProducerRecord,
}

impl Accumulator {
    /// How many records are not settled yet.
    pub(super) fn records(&self) -> usize {
        self.queues
            .values()
            .flat_map(Queue::all)
            .map(|batch| batch.ids.len())
            .sum()
    }

    /// The largest a record can be as a batch of its own.
    pub(super) fn size_upper_bound(record: &super::ProducerRecord) -> usize {
        let headers = headers(record);
        BatchBuilder::size_upper_bound(&view(record, 0, &headers))
    }

    /// Appends a record. Gives the bytes it added, or `None` if `buffer.memory` is used up.
    pub(super) fn append(
        &mut self,
        now: SimTime,
        tp: &TopicPartition,
        placed: &Placed<'_>,
        limits: Limits,
    ) -> Option<usize> {
        let headers = headers(placed.record);
        let record = view(placed.record, placed.timestamp, &headers);
        if let Some(batch) = self
            .queues
            .get_mut(tp)
            .and_then(|queue| queue.waiting.back_mut())
        {
            if let Some(added) = batch.append(placed.id, &record) {
                return Some(added);
            }
            batch.closed = true;
        }
        let capacity = limits
            .batch_size
            .max(BatchBuilder::size_upper_bound(&record));
        if self.used.saturating_add(capacity) > limits.buffer_memory {
            return None;
        }
        let mut batch = Batch::new(now, capacity);
        batch.builder.options.compression = limits.compression;
        batch.ratio = self.ratios.get(&tp.topic).copied().unwrap_or(UNSHRUNK);
        batch.append(placed.id, &record)?;
        let size = batch.size();
        self.used += capacity;
        self.queues
            .entry(tp.clone())
            .or_default()
            .waiting
            .push_back(batch);
        Some(size)
    }

    /// Whether no batch of the partition would be left half full if records went elsewhere now.
    pub(super) fn is_full(&self, tp: &TopicPartition) -> bool {
        let last = self.queues.get(tp).and_then(|queue| queue.waiting.back());
        last.is_none_or(|batch| batch.is_full())
    }

    /// Takes the next batch of a partition to be sent. Gives its number and its bytes' builder.
    pub(super) fn take_next(
        &mut self,
        tp: &TopicPartition,
        identity: Option<Identity>,
    ) -> Option<(u64, BatchBuilder)> {
        let queue = self.queues.get_mut(tp)?;
        let mut batch = queue.waiting.pop_front()?;
        batch.closed = true;
        batch.attempts = batch.attempts.saturating_add(1);
        if let Some(identity) = identity {
            queue.number(&mut batch, identity);
        }
        let number = self.next_batch;
        self.next_batch += 1;
        let builder = batch.builder.clone();
        queue.in_flight.insert(number, batch);
        Some((number, builder))
    }

    /// Learns from a batch how well a topic's records compress. Like the Java client it is quick to
    /// expect worse, and slow to expect better.
    pub(super) fn learn(&mut self, topic: &str, plain: usize, compressed: usize) {
        let content = |size: usize| size.saturating_sub(HEADER_SIZE);
        let came_to = content(compressed).saturating_mul(1000) / content(plain).max(1);
        let came_to = u32::try_from(came_to).unwrap_or(UNSHRUNK);
        let known = self.ratios.get(topic).copied().unwrap_or(UNSHRUNK);
        let expected = if came_to > known {
            came_to.max(known.saturating_add(WORSE))
        } else {
            came_to.max(known.saturating_sub(BETTER))
        };
        self.ratios.insert(topic.to_owned(), expected);
    }

    /// Expects no more of a topic's compression, because a batch came out too large.
    pub(super) fn unlearn(&mut self, topic: &str) {
        self.ratios.remove(topic);
    }

    /// A batch that was on its way, to be settled.
    pub(super) fn take_back(&mut self, tp: &TopicPartition, number: u64) -> Option<Batch> {
        self.queues.get_mut(tp)?.in_flight.remove(&number)
    }

    /// Frees what a settled batch held.
    pub(super) fn free(&mut self, batch: &Batch) {
        self.used = self.used.saturating_sub(batch.capacity);
    }
}

impl Queue {
    fn all(&self) -> impl Iterator<Item = &Batch> {
        self.in_flight.values().chain(&self.waiting)
    }

    /// Whether the first waiting batch may go out: retries one by one in order of their numbers, and
    /// nothing new while batches of an older identity are on their way.
    pub(super) fn may_send(&self, now: SimTime, identity: Option<Identity>) -> bool {
        let Some(first) = self.waiting.front() else {
            return false;
        };
        if first.retry_at > now {
            return false;
        }
        if first.sequence.is_some() {
            return self.in_flight.is_empty();
        }
        self.in_flight.is_empty() || identity.is_none() || self.identity == identity
    }

    /// Puts a batch back in front of those with higher numbers.
    pub(super) fn put_back(&mut self, batch: Batch) {
        let before = |other: &Batch| match (other.sequence, batch.sequence) {
            (Some(other), Some(mine)) => follows(mine, other),
            (Some(_), None) => true,
            (None, _) => other.attempts > 0 && other.created < batch.created,
        };
        let at = self
            .waiting
            .iter()
            .take_while(|other| before(other))
            .count();
        self.waiting.insert(at, batch);
    }

    /// Notes what a broker acknowledged.
    pub(super) fn acked(&mut self, batch: &Batch) {
        if let Some(first) = batch.sequence {
            let last = advance(first, count(batch) - 1);
            if self.last_acked.is_none_or(|known| follows(last, known)) {
                self.last_acked = Some(last);
            }
        }
    }

    /// Whether the batch is the very next one that the broker should have taken.
    pub(super) fn is_next(&self, batch: &Batch) -> bool {
        let next = self.last_acked.map_or(0, |last| advance(last, 1));
        batch.sequence == Some(next)
    }

    /// Closes the gap that a failed batch leaves in the numbers of those after it.
    pub(super) fn close_gap(&mut self, failed: &Batch) {
        let Some(first) = failed.sequence else {
            return;
        };
        let gone = count(failed);
        self.next_sequence = advance(self.next_sequence, -gone);
        for batch in self.in_flight.values_mut().chain(&mut self.waiting) {
            if let Some(sequence) = batch.sequence.filter(|s| follows(*s, first)) {
                batch.renumber(advance(sequence, -gone));
            }
        }
    }

    /// Starts to count anew under a new identity; whatever was numbered gets new numbers.
    pub(super) fn restart(&mut self, identity: Identity) {
        self.identity = Some(identity);
        let first = self.last_acked.take().map_or(0, |last| advance(last, 1));
        let mut numbered: Vec<&mut Batch> = self
            .in_flight
            .values_mut()
            .chain(&mut self.waiting)
            .filter(|batch| batch.sequence.is_some())
            .collect();
        numbered.arrange_by_key(|batch| batch.sequence.map(|sequence| advance(sequence, -first)));
        self.next_sequence = 0;
        for batch in numbered {
            batch.renumber(self.next_sequence);
            batch.builder.options.producer_id = identity.id;
            batch.builder.options.producer_epoch = identity.epoch;
            self.next_sequence = advance(self.next_sequence, count(batch));
        }
    }

    fn number(&mut self, batch: &mut Batch, identity: Identity) {
        if batch.sequence.is_some() {
            return;
        }
        if self.identity != Some(identity) {
            self.restart(identity);
        }
        batch.sequence = Some(self.next_sequence);
        let options = &mut batch.builder.options;
        options.producer_id = identity.id;
        options.producer_epoch = identity.epoch;
        options.base_sequence = self.next_sequence;
        self.next_sequence = advance(self.next_sequence, count(batch));
    }
}

impl Batch {
    fn new(now: SimTime, capacity: usize) -> Batch {
        Batch {
            builder: BatchBuilder::new(BatchOptions::default()),
            ids: Vec::new(),
            created: now,
            retry_at: now,
            attempts: 0,
            capacity,
            ratio: UNSHRUNK,
            closed: false,
            sequence: None,
            renumbered: false,
        }
    }

    /// Whether it is to be sent without waiting for more.
    pub(super) fn is_full(&self) -> bool {
        self.closed || self.size() >= self.capacity
    }

    /// Bytes that it will have, as far as one can tell before it is compressed.
    pub(super) fn size(&self) -> usize {
        let plain = self.builder.size();
        if self.builder.options.compression.codec == Codec::None {
            return plain;
        }
        let ratio = usize::try_from(self.ratio).unwrap_or(usize::MAX);
        // A twentieth more than expected, as the Java client reckons.
        let content = plain.saturating_sub(HEADER_SIZE);
        HEADER_SIZE + content.saturating_mul(ratio).saturating_mul(105) / 100_000
    }

    fn append(&mut self, id: SendId, record: &Record<'_>) -> Option<usize> {
        let before = self.size();
        let fits = before.saturating_add(self.builder.record_size(record)) <= self.capacity;
        if self.closed || !(fits || self.builder.is_empty()) {
            return None;
        }
        self.builder.append(record).ok()?;
        self.ids.push(id);
        Some(self.size().saturating_sub(before))
    }

    fn renumber(&mut self, sequence: i32) {
        self.sequence = Some(sequence);
        self.renumbered = true;
        self.builder.options.base_sequence = sequence;
    }

    /// Two batches of half as many records each, for a broker that finds this one too large.
    #[inline(never)]
    pub(super) fn split(self) -> Option<[Batch; 2]> {
        let mut plain = self.builder.clone();
        plain.options.compression = Compression::NONE;
        let bytes = plain.build();
        let half = self.ids.len() / 2;
        let mut halves = [(); 2].map(|()| Batch {
            builder: BatchBuilder::new(self.builder.options),
            ids: Vec::new(),
            capacity: self.capacity / 2,
            closed: true,
            attempts: 1,
            ..Batch::new(self.created, 0)
        });
        let records = Encoded::parse(&bytes).ok()?.records().ok()?;
        for ((i, record), id) in records.enumerate().zip(&self.ids) {
            let part = halves.get_mut(usize::from(i >= half))?;
            let delta = i32::try_from(part.ids.len()).ok()?;
            part.builder.append_view(delta, &record.ok()?).ok()?;
            part.ids.push(*id);
        }
        if let (Some(first), [one, two]) = (self.sequence, &mut halves) {
            one.renumber(first);
            two.renumber(advance(first, count(one)));
        }
        let [one, two] = &mut halves;
        two.capacity = self.capacity.saturating_sub(one.capacity);
        Some(halves)
    }
}

fn headers(record: &super::ProducerRecord) -> Vec<RecordHeader<'_>> {
    let headers = record.headers.iter().map(|header| RecordHeader {
        key: &header.key,
        value: header.value.as_deref(),
    });
    headers.collect()
}

fn view<'a>(
    record: &'a super::ProducerRecord,
    timestamp: i64,
    headers: &'a [RecordHeader<'a>],
) -> Record<'a> {
    Record {
        timestamp,
        key: record.key.as_deref(),
        value: record.value.as_deref(),
        headers,
    }
}

fn count(batch: &Batch) -> i32 {
    i32::try_from(batch.ids.len()).unwrap_or(i32::MAX)
}

/// Sequence numbers go round after 2³¹ - 1.
fn advance(sequence: i32, by: i32) -> i32 {
    sequence.wrapping_add(by) & i32::MAX
}

fn follows(later: i32, earlier: i32) -> bool {
    let ahead = later.wrapping_sub(earlier) & i32::MAX;
    ahead > 0 && ahead < 1 << 30
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use engine::ids::TopicPartition;
    use engine::time::SimTime;
    use records::{Codec, Compression};

    use super::{Accumulator, Limits, Placed};
    use crate::producer::{ProducerRecord, SendId};

    /// Sends records of 100 bytes until a batch is full; gives how many it took and its size.
    fn fill(
        accumulator: &mut Accumulator,
        compression: Compression,
        value: &[u8],
    ) -> (usize, usize) {
        let tp = TopicPartition::new("t", 0);
        let limits = Limits {
            batch_size: 2_000,
            buffer_memory: 1 << 20,
            compression,
        };
        let record = ProducerRecord {
            topic: "t".to_owned(),
            value: Some(Bytes::copy_from_slice(value)),
            ..ProducerRecord::default()
        };
        let mut number = 0;
        loop {
            let placed = Placed {
                id: SendId(number),
                timestamp: 0,
                record: &record,
            };
            accumulator
                .append(SimTime(0), &tp, &placed, limits)
                .unwrap();
            number += 1;
            if accumulator.queues.get(&tp).unwrap().waiting.len() > 1 {
                break;
            }
        }
        let (number, builder) = accumulator.take_next(&tp, None).unwrap();
        let taken = accumulator.take_back(&tp, number).unwrap();
        let (plain, bytes) = (builder.size(), builder.build());
        accumulator.learn("t", plain, bytes.len());
        accumulator.queues.remove(&tp);
        accumulator.used = 0;
        (taken.ids.len(), bytes.len())
    }

    #[test]
    fn batches_grow_as_far_as_compression_lets_them() {
        let value = [b'x'; 100];
        for codec in Codec::ALL {
            let mut accumulator = Accumulator::default();
            let how = Compression::new(codec);
            let first = fill(&mut accumulator, how, &value);
            let mut last = first;
            for _ in 0..300 {
                last = fill(&mut accumulator, how, &value);
                assert!(last.1 <= 2_000, "{last:?}");
            }
            if codec == Codec::None {
                assert_eq!(first, last);
            } else {
                assert!(first.1 < 600, "{first:?}");
                assert!(last.0 > 5 * first.0, "{first:?} {last:?}");
            }
        }
    }

    #[test]
    fn what_compresses_worse_is_expected_at_once() {
        let mut accumulator = Accumulator::default();
        accumulator.learn("t", 1_061, 161);
        assert_eq!(*accumulator.ratios.get("t").unwrap(), 995);
        for _ in 0..300 {
            accumulator.learn("t", 1_061, 161);
        }
        assert_eq!(*accumulator.ratios.get("t").unwrap(), 100);
        accumulator.learn("t", 1_061, 171);
        assert_eq!(*accumulator.ratios.get("t").unwrap(), 150);
        accumulator.learn("t", 1_061, 961);
        assert_eq!(*accumulator.ratios.get("t").unwrap(), 900);
        accumulator.unlearn("t");
        assert!(accumulator.ratios.is_empty());
    }
}
