//! Makes batches, byte for byte as the Java client does, and compresses them if asked to.

use bytes::Bytes;
use serde::Serialize;

use crate::codec::Compression;
use crate::error::BatchError;
use crate::header::{
    BatchHeader, CONTROL, Codec, DELETE_HORIZON, HEADER_SIZE, LOG_APPEND_TIME, MAGIC,
    TRANSACTIONAL, TimestampType,
};
use crate::open;
use crate::record::{Headers, RecordView};
use crate::varint;

/// What a batch says besides its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BatchOptions {
    /// Offset of the first record; 0 when a broker will choose.
    pub base_offset: i64,
    /// Epoch of the leader that appends; -1 from a producer.
    pub partition_leader_epoch: i32,
    /// The idempotent producer, or -1.
    pub producer_id: i64,
    /// Its epoch, or -1.
    pub producer_epoch: i16,
    /// Sequence number of the first record, or -1.
    pub base_sequence: i32,
    /// Whether the records belong to a transaction.
    pub transactional: bool,
    /// Whether the records are markers.
    pub control: bool,
    /// The broker's time in milliseconds, if it replaces the records' own.
    pub log_append_time: Option<i64>,
    /// How the finished batch is compressed.
    pub compression: Compression,
    /// When tombstones and markers may go, in milliseconds; only compaction says so.
    pub delete_horizon: Option<i64>,
}

/// A record to append.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Record<'a> {
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// Its key, if any.
    pub key: Option<&'a [u8]>,
    /// Its value, if any.
    pub value: Option<&'a [u8]>,
    /// Its headers, in order; keys may repeat.
    pub headers: &'a [RecordHeader<'a>],
}

/// A header of a record to append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordHeader<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its value, if any.
    pub value: Option<&'a [u8]>,
}

/// A batch that grows record by record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchBuilder {
    /// What the batch says besides its records; may be set until it is built.
    pub options: BatchOptions,
    bytes: Vec<u8>,
    count: i32,
    last_offset_delta: i32,
    base_timestamp: i64,
    max_timestamp: i64,
}

/// A record to append, or one that stands in another batch.
struct Content<'a> {
    timestamp: i64,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    headers: HeaderSource<'a>,
}

enum HeaderSource<'a> {
    New(&'a [RecordHeader<'a>]),
    Stored(Headers<'a>),
}

/// The most bytes a record takes beside key, value and headers.
const MAX_RECORD_OVERHEAD: usize = 21;

impl Default for BatchOptions {
    fn default() -> Self {
        Self {
            base_offset: 0,
            partition_leader_epoch: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            transactional: false,
            control: false,
            log_append_time: None,
            compression: Compression::NONE,
            delete_horizon: None,
        }
    }
}

impl BatchOptions {
    /// What a batch says that is there already.
    pub fn of(header: &BatchHeader) -> Self {
        let stamped = header.timestamp_type() == TimestampType::LogAppendTime;
        Self {
            base_offset: header.base_offset,
            partition_leader_epoch: header.partition_leader_epoch,
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            base_sequence: header.base_sequence,
            transactional: header.is_transactional(),
            control: header.is_control(),
            log_append_time: stamped.then_some(header.max_timestamp),
            compression: Compression::new(header.codec().unwrap_or(Codec::None)),
            delete_horizon: header.delete_horizon(),
        }
    }
}

impl BatchBuilder {
    /// An empty batch.
    pub fn new(options: BatchOptions) -> Self {
        Self {
            options,
            bytes: vec![0; HEADER_SIZE],
            count: 0,
            last_offset_delta: -1,
            base_timestamp: -1,
            max_timestamp: -1,
        }
    }

    /// How many records are in it.
    pub fn len(&self) -> usize {
        usize::try_from(self.count).unwrap_or(0)
    }

    /// Whether no record is in it.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of the batch if it were built now, uncompressed.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes that a record would add if it were appended next.
    pub fn record_size(&self, record: &Record<'_>) -> usize {
        let delta = self.last_offset_delta.wrapping_add(1);
        let body = self.body_size(&Content::new(record), delta);
        body + varint::size(body as i64)
    }

    /// The most bytes a plain batch of this one record can take: what the Java producer makes room for
    /// when a record alone exceeds `batch.size`, and holds against `max.request.size`.
    pub fn size_upper_bound(record: &Record<'_>) -> usize {
        HEADER_SIZE + MAX_RECORD_OVERHEAD + Content::new(record).size()
    }

    /// Appends a record at the next offset; gives that offset, counted from the batch's first.
    pub fn append(&mut self, record: &Record<'_>) -> Result<i32, BatchError> {
        self.append_at(self.last_offset_delta.wrapping_add(1), record)
    }

    /// Appends a record at an offset counted from the batch's first, which may leave gaps, as in a
    /// compacted log.
    pub fn append_at(&mut self, delta: i32, record: &Record<'_>) -> Result<i32, BatchError> {
        self.append_content(delta, &Content::new(record))
    }

    /// Appends a record of another batch as it stands there, at an offset counted from this batch's
    /// first.
    pub fn append_view(&mut self, delta: i32, record: &RecordView<'_>) -> Result<i32, BatchError> {
        let content = Content {
            timestamp: record.timestamp,
            key: record.key,
            value: record.value,
            headers: HeaderSource::Stored(record.headers()),
        };
        self.append_content(delta, &content)
    }

    fn append_content(&mut self, delta: i32, record: &Content<'_>) -> Result<i32, BatchError> {
        let body = self.body_size(record, delta);
        let added = body.saturating_add(varint::size(body as i64));
        let size = self.bytes.len().saturating_add(added);
        if i32::try_from(size).is_err() {
            return Err(BatchError::TooLarge);
        }
        if delta <= self.last_offset_delta {
            return Err(BatchError::OffsetOrder);
        }
        if self.count == 0 {
            self.base_timestamp = self.base_for(record.timestamp);
            self.max_timestamp = record.timestamp;
        }
        self.bytes.reserve(added);
        let out = &mut self.bytes;
        varint::put(out, body as i64);
        out.push(0);
        varint::put(out, record.timestamp.wrapping_sub(self.base_timestamp));
        varint::put(out, i64::from(delta));
        put_nullable(out, record.key);
        put_nullable(out, record.value);
        record.headers.put(out);
        self.max_timestamp = self.max_timestamp.max(record.timestamp);
        self.last_offset_delta = delta;
        self.count += 1;
        Ok(delta)
    }

    /// What timestamps count from: the first one, or the delete horizon.
    fn base_for(&self, timestamp: i64) -> i64 {
        if self.count == 0 {
            self.options.delete_horizon.unwrap_or(timestamp)
        } else {
            self.base_timestamp
        }
    }

    /// Lets the batch span offsets beyond its last record, as a compacted batch keeps its span.
    pub fn extend_to(&mut self, last_offset_delta: i32) {
        self.last_offset_delta = self.last_offset_delta.max(last_offset_delta);
    }

    /// Says what the largest timestamp is, for a batch that has lost its records.
    pub(crate) fn set_max_timestamp(&mut self, timestamp: i64) {
        self.max_timestamp = timestamp;
    }

    /// The finished batch.
    pub fn build(self) -> Bytes {
        let header = self.header();
        let mut bytes = self.bytes;
        if self.options.compression.codec != Codec::None {
            bytes = open::compressed(&bytes, self.options.compression);
        }
        open::finish(header, bytes)
    }

    fn header(&self) -> BatchHeader {
        let options = &self.options;
        let mut attributes = options.compression.codec as i16;
        for (set, bit) in [
            (options.log_append_time.is_some(), LOG_APPEND_TIME),
            (options.transactional, TRANSACTIONAL),
            (options.control, CONTROL),
            (options.delete_horizon.is_some(), DELETE_HORIZON),
        ] {
            attributes |= if set { bit } else { 0 };
        }
        BatchHeader {
            base_offset: options.base_offset,
            batch_length: 0,
            partition_leader_epoch: options.partition_leader_epoch,
            magic: MAGIC,
            crc: 0,
            attributes,
            last_offset_delta: self.last_offset_delta,
            base_timestamp: self.base_timestamp,
            max_timestamp: options.log_append_time.unwrap_or(self.max_timestamp),
            producer_id: options.producer_id,
            producer_epoch: options.producer_epoch,
            base_sequence: options.base_sequence,
            records_count: self.count,
        }
    }

    fn body_size(&self, record: &Content<'_>, delta: i32) -> usize {
        let base = self.base_for(record.timestamp);
        1 + varint::size(record.timestamp.wrapping_sub(base))
            + varint::size(i64::from(delta))
            + record.size()
    }
}

impl<'a> Content<'a> {
    fn new(record: &Record<'a>) -> Self {
        Content {
            timestamp: record.timestamp,
            key: record.key,
            value: record.value,
            headers: HeaderSource::New(record.headers),
        }
    }

    fn size(&self) -> usize {
        nullable_size(self.key) + nullable_size(self.value) + self.headers.size()
    }
}

impl HeaderSource<'_> {
    fn size(&self) -> usize {
        match self {
            HeaderSource::New(headers) => {
                let sizes = headers.iter().map(|header| {
                    nullable_size(Some(header.key.as_bytes())) + nullable_size(header.value)
                });
                varint::size(headers.len() as i64) + sizes.sum::<usize>()
            }
            HeaderSource::Stored(headers) => {
                varint::size(headers.len() as i64) + headers.bytes().len()
            }
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            HeaderSource::New(headers) => {
                varint::put(out, headers.len() as i64);
                for header in *headers {
                    put_nullable(out, Some(header.key.as_bytes()));
                    put_nullable(out, header.value);
                }
            }
            HeaderSource::Stored(headers) => {
                varint::put(out, headers.len() as i64);
                out.extend_from_slice(headers.bytes());
            }
        }
    }
}

fn nullable_size(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| varint::size(bytes.len() as i64) + bytes.len())
}

fn put_nullable(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => varint::put(out, -1),
        Some(bytes) => {
            varint::put(out, bytes.len() as i64);
            out.extend_from_slice(bytes);
        }
    }
}
