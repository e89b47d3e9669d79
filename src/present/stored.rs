//! Stored records read a few at a time, forwards and backwards, without copying what is not shown.

use bytes::Bytes;
use engine::ids::TopicPartition;
use engine::log::PartitionLog;
use engine::log::batch::StoredBatch;
use records::{Batch, BatchHeader, Codec, RecordView, Records, TimestampType, open};

use crate::words;

/// Records that a walk backwards reads at once.
const BACK: i64 = 32;

/// As much of a record as a row shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Glance {
    /// Its offset.
    pub offset: i64,
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// The key, shared with the log.
    pub key: Option<Bytes>,
    /// The value, shared with the log.
    pub value: Option<Bytes>,
    /// How many headers it has.
    pub headers: usize,
    /// Bytes it takes in its batch.
    pub size: usize,
}

/// All of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// What a row shows.
    pub glance: Glance,
    /// Whether the broker set the timestamp.
    pub log_append_time: bool,
    /// Headers in order, duplicates kept.
    pub headers: Vec<(String, Option<Bytes>)>,
    /// The batch it lies in.
    pub batch: Packed,
}

/// A batch as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// How it is compressed.
    pub codec: Codec,
    /// How many records are in it.
    pub records: usize,
    /// Bytes it takes in the log.
    pub stored: usize,
    /// Bytes it would take if it were not compressed.
    pub opened: usize,
}

impl Packed {
    /// A batch. It is opened for that, if it is compressed.
    pub fn new(batch: &StoredBatch) -> Packed {
        let opened = open(&batch.bytes).map_or(0, |plain| plain.len());
        Packed::of(batch, opened)
    }

    /// A batch, and its size when it is opened.
    fn of(batch: &StoredBatch, opened: usize) -> Packed {
        let header = BatchHeader::parse(&batch.bytes);
        let codec = header.and_then(|header| header.codec());
        Packed {
            codec: codec.unwrap_or(Codec::None),
            records: usize::try_from(batch.record_count).unwrap_or(0),
            stored: batch.bytes.len(),
            opened,
        }
    }

    /// What it is in a few words, as `3 records, zstd: 412 B of 2.1 kB`.
    pub fn text(&self) -> String {
        let mut text = words::count(self.records, "record");
        text.push_str(", ");
        if self.codec != Codec::None {
            text.push_str(self.codec.name());
            text.push_str(": ");
        }
        text.push_str(&words::size(self.stored as u64));
        if self.codec != Codec::None {
            text.push_str(" of ");
            text.push_str(&words::size(self.opened as u64));
        }
        text
    }
}

/// All of one record.
pub fn whole(log: &PartitionLog, offset: i64) -> Option<Whole> {
    let batch = log
        .batches_from(offset)
        .next()
        .filter(|batch| !batch.is_control)?;
    if offset < log.log_start_offset() {
        return None;
    }
    let plain = open(&batch.bytes).ok()?;
    let view = Batch::parse(&plain).ok()?;
    let mut records = view.records().ok()?.flatten();
    let record = records.find(|record| record.offset == offset)?;
    let share = |part: &[u8]| plain.slice_ref(part);
    let headers = record
        .headers()
        .map(|header| (header.name().into_owned(), header.value.map(share)));
    Some(Whole {
        log_append_time: view.header.timestamp_type() == TimestampType::LogAppendTime,
        headers: headers.collect(),
        glance: glance(&plain, &record),
        batch: Packed::of(batch, plain.len()),
    })
}

/// The records of a log from `offset` on.
pub fn forwards(log: &PartitionLog, offset: i64) -> impl Iterator<Item = Glance> + '_ {
    let offset = offset.max(log.log_start_offset());
    log.batches_from(offset)
        .filter(|batch| !batch.is_control)
        .flat_map(move |batch| Glances::new(batch, offset))
        .skip_while(move |found| found.offset < offset)
}

/// The records of one batch.
enum Glances<'a> {
    /// Taken out one by one as they are wanted.
    Shared(&'a Bytes, Records<'a>),
    /// Those of a compressed batch: it is opened once, and closed again before the next is wanted.
    Opened(std::vec::IntoIter<Glance>),
}

impl<'a> Glances<'a> {
    fn new(batch: &'a StoredBatch, from: i64) -> Glances<'a> {
        let view = Batch::parse(&batch.bytes);
        match view.and_then(|view| view.records()) {
            Ok(records) => Glances::Shared(&batch.bytes, records),
            Err(_) => Glances::Opened(opened(&batch.bytes, from).into_iter()),
        }
    }
}

impl Iterator for Glances<'_> {
    type Item = Glance;

    fn next(&mut self) -> Option<Glance> {
        match self {
            Glances::Shared(bytes, records) => {
                let record = records.flatten().next()?;
                Some(glance(bytes, &record))
            }
            Glances::Opened(glances) => glances.next(),
        }
    }
}

fn opened(bytes: &Bytes, from: i64) -> Vec<Glance> {
    let plain = open(bytes).unwrap_or_default();
    let records = Batch::parse(&plain).and_then(|view| view.records());
    let records = records.into_iter().flatten().flatten();
    records
        .filter(|record| record.offset >= from)
        .map(|record| glance(&plain, &record))
        .collect()
}

/// One record.
pub fn at(log: &PartitionLog, offset: i64) -> Option<Glance> {
    forwards(log, offset)
        .next()
        .filter(|found| found.offset == offset)
}

/// The last record before `offset`.
pub fn before(log: &PartitionLog, offset: i64) -> Option<Glance> {
    Backwards::new(log, offset).next()
}

fn glance(bytes: &Bytes, record: &RecordView<'_>) -> Glance {
    Glance {
        offset: record.offset,
        timestamp: record.timestamp,
        key: record.key.map(|key| bytes.slice_ref(key)),
        value: record.value.map(|value| bytes.slice_ref(value)),
        headers: record.headers().len(),
        size: record.bytes.len(),
    }
}

/// Walks a log towards its start.
pub struct Backwards<'a> {
    log: &'a PartitionLog,
    /// Everything from here on was read.
    end: i64,
    read: Vec<Glance>,
}

impl<'a> Backwards<'a> {
    /// The records before `end`, newest first.
    pub fn new(log: &'a PartitionLog, end: i64) -> Backwards<'a> {
        Backwards {
            log,
            end: end.min(log.log_end_offset()),
            read: Vec::new(),
        }
    }
}

impl Iterator for Backwards<'_> {
    type Item = Glance;

    fn next(&mut self) -> Option<Glance> {
        // Markers and compacted records leave gaps: then a stretch is empty, and the one before it is read.
        while self.read.is_empty() && self.end > self.log.log_start_offset() {
            let (end, from) = (self.end, self.end.saturating_sub(BACK));
            let stretch = forwards(self.log, from).take_while(|found| found.offset < end);
            self.read = stretch.collect();
            self.end = from;
        }
        self.read.pop()
    }
}

/// A record with its partition.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Where it is stored.
    pub partition: TopicPartition,
    /// The record.
    pub record: Glance,
}

/// One partition's records, one at a time.
type Walk<'a> = std::iter::Peekable<Box<dyn Iterator<Item = Glance> + 'a>>;

/// Takes from several walks, each time the record that comes first by its timestamp.
pub struct Merge<'a> {
    walks: Vec<(TopicPartition, Walk<'a>)>,
    newest_first: bool,
}

impl<'a> Merge<'a> {
    /// From these offsets on, oldest first.
    pub fn forwards(starts: Vec<(TopicPartition, &'a PartitionLog, i64)>) -> Merge<'a> {
        let walks = starts.into_iter().map(|(partition, log, from)| {
            let walk: Box<dyn Iterator<Item = Glance> + 'a> = Box::new(forwards(log, from));
            (partition, walk.peekable())
        });
        Merge {
            walks: walks.collect(),
            newest_first: false,
        }
    }

    /// Before these offsets, newest first.
    pub fn backwards(ends: Vec<(TopicPartition, &'a PartitionLog, i64)>) -> Merge<'a> {
        let walks = ends.into_iter().map(|(partition, log, end)| {
            let walk: Box<dyn Iterator<Item = Glance> + 'a> = Box::new(Backwards::new(log, end));
            (partition, walk.peekable())
        });
        Merge {
            walks: walks.collect(),
            newest_first: true,
        }
    }
}

impl Iterator for Merge<'_> {
    type Item = Placed;

    fn next(&mut self) -> Option<Placed> {
        let mut chosen: Option<(usize, i64)> = None;
        for (at, (_, walk)) in self.walks.iter_mut().enumerate() {
            let Some(head) = walk.peek() else { continue };
            let comes_first = match chosen {
                None => true,
                // Among equals the order of partitions decides, so that both ways agree.
                Some((_, best)) if self.newest_first => head.timestamp >= best,
                Some((_, best)) => head.timestamp < best,
            };
            if comes_first {
                chosen = Some((at, head.timestamp));
            }
        }
        let (partition, walk) = self.walks.get_mut(chosen?.0)?;
        Some(Placed {
            record: walk.next()?,
            partition: partition.clone(),
        })
    }
}
