//! The 61 bytes before the records of a batch.

use serde::{Deserialize, Serialize};

use crate::error::BatchError;

/// Size of a batch without records, in bytes.
pub const HEADER_SIZE: usize = 61;

/// Bytes before the ones that `batch_length` counts.
pub(crate) const LENGTH_END: usize = 12;
/// Where the checksum stands; it covers everything from [`CRC_END`] on.
pub(crate) const CRC_START: usize = 17;
pub(crate) const CRC_END: usize = 21;
pub(crate) const MAGIC: i8 = 2;

pub(crate) const CODEC_BITS: i16 = 0x07;
pub(crate) const LOG_APPEND_TIME: i16 = 0x08;
pub(crate) const TRANSACTIONAL: i16 = 0x10;
pub(crate) const CONTROL: i16 = 0x20;
pub(crate) const DELETE_HORIZON: i16 = 0x40;

/// What stands before the records of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BatchHeader {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Bytes after this field.
    pub batch_length: i32,
    /// Epoch of the leader that appended the batch; -1 before that.
    pub partition_leader_epoch: i32,
    /// Version of the record format: 2.
    pub magic: i8,
    /// CRC-32C of all bytes from the attributes on.
    pub crc: u32,
    /// Codec, timestamp type, transactional and control bits.
    pub attributes: i16,
    /// Offset of the last record, counted from the first; compaction keeps it.
    pub last_offset_delta: i32,
    /// What the records' timestamps count from, in milliseconds.
    pub base_timestamp: i64,
    /// The largest timestamp; the time of appending if the topic says so.
    pub max_timestamp: i64,
    /// The idempotent producer, or -1.
    pub producer_id: i64,
    /// Its epoch, or -1.
    pub producer_epoch: i16,
    /// Sequence number of the first record, or -1.
    pub base_sequence: i32,
    /// How many records the batch claims to hold.
    pub records_count: i32,
}

/// How the records of a batch are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Codec {
    /// Not at all.
    None,
    /// As gzip.
    Gzip,
    /// As snappy.
    Snappy,
    /// As LZ4 frames.
    Lz4,
    /// As Zstandard.
    Zstd,
}

/// Whose clock the timestamps come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum TimestampType {
    /// The producer's, per record.
    CreateTime,
    /// The broker's, one for the whole batch.
    LogAppendTime,
}

impl Codec {
    /// All of them, in the order of their numbers.
    pub const ALL: [Codec; 5] = [
        Codec::None,
        Codec::Gzip,
        Codec::Snappy,
        Codec::Lz4,
        Codec::Zstd,
    ];

    /// The one of that name.
    pub fn named(name: &str) -> Option<Codec> {
        Codec::ALL.into_iter().find(|codec| codec.name() == name)
    }

    /// The name in Kafka's settings.
    pub fn name(self) -> &'static str {
        match self {
            Codec::None => "none",
            Codec::Gzip => "gzip",
            Codec::Snappy => "snappy",
            Codec::Lz4 => "lz4",
            Codec::Zstd => "zstd",
        }
    }
}

impl BatchHeader {
    /// Reads the header at the start of `bytes`: a batch of format 2, whose length is at least that
    /// of a header. The records need not be there.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        let magic = bytes.get(16).ok_or(BatchError::Truncated)?;
        if *magic as i8 != MAGIC {
            return Err(BatchError::UnsupportedMagic(*magic as i8));
        }
        let header = Self::read(bytes).ok_or(BatchError::Truncated)?;
        if header.size() < HEADER_SIZE {
            return Err(BatchError::InvalidLength(header.batch_length));
        }
        Ok(header)
    }

    /// Bytes of the whole batch; 0 when its length is negative.
    pub fn size(&self) -> usize {
        usize::try_from(self.batch_length).map_or(0, |length| length.saturating_add(LENGTH_END))
    }

    /// How the records are compressed.
    pub fn codec(&self) -> Result<Codec, BatchError> {
        match self.attributes & CODEC_BITS {
            0 => Ok(Codec::None),
            1 => Ok(Codec::Gzip),
            2 => Ok(Codec::Snappy),
            3 => Ok(Codec::Lz4),
            4 => Ok(Codec::Zstd),
            other => Err(BatchError::UnknownCodec(other as u8)),
        }
    }

    /// Whose clock the timestamps come from.
    pub fn timestamp_type(&self) -> TimestampType {
        if self.attributes & LOG_APPEND_TIME == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Whether the records belong to a transaction.
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    /// Whether the batch holds markers instead of data.
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// When tombstones and markers of a compacted batch may go, in milliseconds; the records'
    /// timestamps count from there then.
    pub fn delete_horizon(&self) -> Option<i64> {
        (self.attributes & DELETE_HORIZON != 0).then_some(self.base_timestamp)
    }

    /// Offset of the last record.
    pub fn last_offset(&self) -> i64 {
        self.base_offset
            .saturating_add(i64::from(self.last_offset_delta))
    }

    /// Offset after the last record.
    pub fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// Sequence number of the last record, -1 without a producer; numbers wrap to 0 after 2³¹ - 1.
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            return -1;
        }
        let last = i64::from(self.base_sequence) + i64::from(self.last_offset_delta);
        (last % (i64::from(i32::MAX) + 1)) as i32
    }

    pub(crate) fn write(&self, out: &mut [u8; HEADER_SIZE]) {
        let mut rest: &mut [u8] = out;
        put(&mut rest, &self.base_offset.to_be_bytes());
        put(&mut rest, &self.batch_length.to_be_bytes());
        put(&mut rest, &self.partition_leader_epoch.to_be_bytes());
        put(&mut rest, &self.magic.to_be_bytes());
        put(&mut rest, &self.crc.to_be_bytes());
        put(&mut rest, &self.attributes.to_be_bytes());
        put(&mut rest, &self.last_offset_delta.to_be_bytes());
        put(&mut rest, &self.base_timestamp.to_be_bytes());
        put(&mut rest, &self.max_timestamp.to_be_bytes());
        put(&mut rest, &self.producer_id.to_be_bytes());
        put(&mut rest, &self.producer_epoch.to_be_bytes());
        put(&mut rest, &self.base_sequence.to_be_bytes());
        put(&mut rest, &self.records_count.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        // The whole header is taken at once, so that the fields below need no checks of their own.
        let mut rest: &[u8] = bytes.first_chunk::<HEADER_SIZE>()?;
        Some(Self {
            base_offset: i64::from_be_bytes(next(&mut rest)?),
            batch_length: i32::from_be_bytes(next(&mut rest)?),
            partition_leader_epoch: i32::from_be_bytes(next(&mut rest)?),
            magic: i8::from_be_bytes(next(&mut rest)?),
            crc: u32::from_be_bytes(next(&mut rest)?),
            attributes: i16::from_be_bytes(next(&mut rest)?),
            last_offset_delta: i32::from_be_bytes(next(&mut rest)?),
            base_timestamp: i64::from_be_bytes(next(&mut rest)?),
            max_timestamp: i64::from_be_bytes(next(&mut rest)?),
            producer_id: i64::from_be_bytes(next(&mut rest)?),
            producer_epoch: i16::from_be_bytes(next(&mut rest)?),
            base_sequence: i32::from_be_bytes(next(&mut rest)?),
            records_count: i32::from_be_bytes(next(&mut rest)?),
        })
    }
}

fn next<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*first)
}

fn put<const N: usize>(rest: &mut &mut [u8], bytes: &[u8; N]) {
    if let Some((first, tail)) = std::mem::take(rest).split_first_chunk_mut::<N>() {
        *first = *bytes;
        *rest = tail;
    }
}
