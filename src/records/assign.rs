//! A batch gets its place in the log.

use bytes::{Bytes, BytesMut};

use crate::batch::Batch;
use crate::crc;
use crate::error::BatchError;
use crate::header::{CRC_END, CRC_START, LOG_APPEND_TIME};

/// What a leader writes into a batch that it appends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// Offset of the first record.
    pub base_offset: i64,
    /// The leader's epoch.
    pub partition_leader_epoch: i32,
    /// The broker's time in milliseconds, where the topic wants that instead of the producer's.
    pub log_append_time: Option<i64>,
}

/// Writes an assignment into a batch, which must be the only thing in `batch`.
///
/// Offset and epoch lie outside the checksum, so that a broker need not compute it anew; a new
/// timestamp lies inside. The bytes are changed in place when nobody else holds them, else copied.
pub fn assign(batch: Bytes, assignment: &Assignment) -> Result<Bytes, BatchError> {
    let trailing = batch
        .len()
        .saturating_sub(Batch::parse(&batch)?.bytes.len());
    if trailing > 0 {
        return Err(BatchError::TrailingBytes(trailing));
    }
    let mut bytes = batch
        .try_into_mut()
        .unwrap_or_else(|shared| BytesMut::from(&shared[..]));
    put(&mut bytes, 0, &assignment.base_offset.to_be_bytes());
    put(
        &mut bytes,
        12,
        &assignment.partition_leader_epoch.to_be_bytes(),
    );
    if let Some(time) = assignment.log_append_time {
        if let Some(low) = bytes.get_mut(CRC_END + 1) {
            *low |= LOG_APPEND_TIME as u8;
        }
        put(&mut bytes, 35, &time.to_be_bytes());
        let crc = crc::append(0, bytes.get(CRC_END..).unwrap_or_default());
        put(&mut bytes, CRC_START, &crc.to_be_bytes());
    }
    Ok(bytes.freeze())
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}
