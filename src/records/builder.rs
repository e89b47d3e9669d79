//! Makes uncompressed batches, byte for byte as the Java client does.

use bytes::Bytes;
use serde::Serialize;

use crate::crc;
use crate::error::BatchError;
use crate::header::{
    BatchHeader, CONTROL, CRC_END, HEADER_SIZE, LENGTH_END, LOG_APPEND_TIME, MAGIC, TRANSACTIONAL,
};
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

    /// Bytes of the batch if it were built now.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes that a record would add if it were appended next.
    pub fn record_size(&self, record: &Record<'_>) -> usize {
        let body = self.body_size(record, self.last_offset_delta.wrapping_add(1));
        body + varint::size(body as i64)
    }

    /// The most bytes a batch of this one record can take: what the Java producer makes room for
    /// when a record alone exceeds `batch.size`, and holds against `max.request.size`.
    pub fn size_upper_bound(record: &Record<'_>) -> usize {
        HEADER_SIZE + MAX_RECORD_OVERHEAD + content_size(record)
    }

    /// Appends a record at the next offset; gives that offset, counted from the batch's first.
    pub fn append(&mut self, record: &Record<'_>) -> Result<i32, BatchError> {
        self.append_at(self.last_offset_delta.wrapping_add(1), record)
    }

    /// Appends a record at an offset counted from the batch's first, which may leave gaps, as in a
    /// compacted log.
    pub fn append_at(&mut self, delta: i32, record: &Record<'_>) -> Result<i32, BatchError> {
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
            self.base_timestamp = record.timestamp;
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
        varint::put(out, record.headers.len() as i64);
        for header in record.headers {
            put_nullable(out, Some(header.key.as_bytes()));
            put_nullable(out, header.value);
        }
        self.max_timestamp = self.max_timestamp.max(record.timestamp);
        self.last_offset_delta = delta;
        self.count += 1;
        Ok(delta)
    }

    /// Lets the batch span offsets beyond its last record, as a compacted batch keeps its span.
    pub fn extend_to(&mut self, last_offset_delta: i32) {
        self.last_offset_delta = self.last_offset_delta.max(last_offset_delta);
    }

    /// The finished batch.
    pub fn build(mut self) -> Bytes {
        let mut header = self.header();
        let mut head = [0; HEADER_SIZE];
        header.write(&mut head);
        let covered = crc::append(0, head.get(CRC_END..).unwrap_or_default());
        let records = self.bytes.get(HEADER_SIZE..).unwrap_or_default();
        header.crc = crc::append(covered, records);
        header.write(&mut head);
        if let Some(start) = self.bytes.first_chunk_mut() {
            *start = head;
        }
        Bytes::from(self.bytes)
    }

    fn header(&self) -> BatchHeader {
        let options = &self.options;
        let mut attributes = 0;
        for (set, bit) in [
            (options.log_append_time.is_some(), LOG_APPEND_TIME),
            (options.transactional, TRANSACTIONAL),
            (options.control, CONTROL),
        ] {
            attributes |= if set { bit } else { 0 };
        }
        BatchHeader {
            base_offset: options.base_offset,
            batch_length: self.bytes.len().saturating_sub(LENGTH_END) as i32,
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

    fn body_size(&self, record: &Record<'_>, delta: i32) -> usize {
        let base = if self.count == 0 {
            record.timestamp
        } else {
            self.base_timestamp
        };
        1 + varint::size(record.timestamp.wrapping_sub(base))
            + varint::size(i64::from(delta))
            + content_size(record)
    }
}

fn content_size(record: &Record<'_>) -> usize {
    let headers: usize = record
        .headers
        .iter()
        .map(|header| nullable_size(Some(header.key.as_bytes())) + nullable_size(header.value))
        .sum();
    nullable_size(record.key)
        + nullable_size(record.value)
        + varint::size(record.headers.len() as i64)
        + headers
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
