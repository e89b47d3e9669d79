//! Stored records read a few at a time, forwards and backwards, without copying what is not shown.

use bytes::Bytes;
use engine::ids::TopicPartition;
use engine::log::PartitionLog;
use records::{Batches, RecordView, TimestampType};

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
    let view = Batches::new(&batch.bytes).flatten().next()?;
    let mut records = view.records().ok()?.flatten();
    let record = records.find(|record| record.offset == offset)?;
    let share = |part: &[u8]| batch.bytes.slice_ref(part);
    let headers = record
        .headers()
        .map(|header| (header.name().into_owned(), header.value.map(share)));
    Some(Whole {
        log_append_time: view.header.timestamp_type() == TimestampType::LogAppendTime,
        headers: headers.collect(),
        glance: glance(&batch.bytes, &record),
    })
}

/// The records of a log from `offset` on.
pub fn forwards(log: &PartitionLog, offset: i64) -> impl Iterator<Item = Glance> + '_ {
    let offset = offset.max(log.log_start_offset());
    log.batches_from(offset)
        .filter(|batch| !batch.is_control)
        .flat_map(|batch| {
            let views = Batches::new(&batch.bytes).flatten();
            views
                .filter_map(|view| view.records().ok())
                .flatten()
                .flatten()
                .map(move |record| (&batch.bytes, record))
        })
        .skip_while(move |(_, record)| record.offset < offset)
        .map(|(bytes, record)| glance(bytes, &record))
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
