//! Applications that live in the world: a producer that sends by itself, a consumer that reads by
//! itself. They use their client's verbs and nothing else, as any application would.

use bytes::Bytes;
use client::producer::ProducerRecord;
use engine::ids::TopicPartition;
use engine::rng::Rng;
use engine::time::SimTime;
use serde::Serialize;

use crate::client::{Body, Client};
use crate::input::{Reader, Workload};

/// The shortest time between two records of one workload: 10,000 a second.
const MIN_INTERVAL_MICROS: u64 = 100;
/// A reader without a limit of its own takes this many at once, Kafka's `max.poll.records`.
const POLL_RECORDS: usize = 500;
/// An idle reader polls about ten times a second, as an application's loop would.
const IDLE_POLL_MILLIS: i64 = 100;

/// A workload and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkloadState {
    /// What it does.
    pub workload: Workload,
    /// Records it has sent.
    pub sent: u64,
    next_at: SimTime,
}

/// A reader and when it polls next.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReaderState {
    /// What it does.
    pub reader: Reader,
    next_at: SimTime,
}

impl WorkloadState {
    pub(crate) fn new(workload: Workload, now: SimTime) -> WorkloadState {
        WorkloadState {
            workload,
            sent: 0,
            next_at: now,
        }
    }

    pub(crate) fn next_at(&self) -> Option<SimTime> {
        (self.workload.remaining != Some(0)).then_some(self.next_at)
    }

    fn next_record(&mut self, now: SimTime, rng: &mut Rng) -> ProducerRecord {
        let key = pick(&self.workload.keys, rng).and_then(Clone::clone);
        let values = &self.workload.values;
        let turn = self.sent.checked_rem(values.len() as u64).unwrap_or(0);
        let template = usize::try_from(turn).ok().and_then(|turn| values.get(turn));
        let value = fill(
            template.map_or("{n}", String::as_str),
            self.sent,
            key.as_deref(),
        );
        self.sent += 1;
        if let Some(remaining) = &mut self.workload.remaining {
            *remaining = remaining.saturating_sub(1);
        }
        let interval = self.workload.interval_micros.max(MIN_INTERVAL_MICROS);
        self.next_at = self.next_at.plus_micros(interval).max(now);
        ProducerRecord {
            topic: self.workload.topic.clone(),
            partition: self.workload.partition,
            timestamp: None,
            key: key.map(Bytes::from),
            value: Some(Bytes::from(value)),
            headers: self.workload.headers.clone(),
        }
    }
}

impl ReaderState {
    pub(crate) fn new(reader: Reader, now: SimTime) -> ReaderState {
        ReaderState {
            reader,
            next_at: now,
        }
    }

    pub(crate) fn next_at(&self) -> Option<SimTime> {
        Some(self.next_at)
    }
}

impl Client {
    pub(crate) fn run_workload(&mut self, now: SimTime) {
        let Some(mut state) = self.workload.take() else {
            return;
        };
        while !self.closing && state.next_at().is_some_and(|at| at <= now) {
            let record = state.next_record(now, &mut self.rng);
            self.send(now, record);
        }
        self.workload = Some(state);
    }

    pub(crate) fn run_reader(&mut self, now: SimTime) {
        let (Some(state), Body::Consumer(consumer)) = (&mut self.reader, &mut self.body) else {
            return;
        };
        if self.closing || (state.next_at > now && state.reader.records_per_second.is_some()) {
            return;
        }
        if state.next_at > now && !consumer.has_buffered() {
            return;
        }
        let limit = if state.reader.records_per_second.is_some() {
            1
        } else {
            POLL_RECORDS
        };
        let records = consumer.poll(now, limit);
        state.next_at = match state.reader.records_per_second {
            Some(rate) if !records.is_empty() => {
                now.plus_micros(1_000_000 / u64::from(rate.max(1)))
            }
            _ => now.plus_millis(IDLE_POLL_MILLIS),
        };
        for record in &records {
            self.stats.count_read(&record.topic_partition);
        }
    }
}

impl crate::client::ClientStats {
    pub(crate) fn count_read(&mut self, from: &TopicPartition) {
        self.read += 1;
        match self.partitions.get_mut(from) {
            Some(count) => *count += 1,
            None => {
                self.partitions.insert(from.clone(), 1);
            }
        }
    }
}

fn pick<'a, T>(items: &'a [T], rng: &mut Rng) -> Option<&'a T> {
    let chosen = rng.below(items.len() as u64);
    items.get(usize::try_from(chosen).ok()?)
}

fn fill(template: &str, number: u64, key: Option<&str>) -> String {
    template
        .replace("{n}", &number.to_string())
        .replace("{key}", key.unwrap_or("null"))
}
