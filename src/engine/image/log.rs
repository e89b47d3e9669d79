//! Metadata records as the batches in which they are written, sent and kept.

use std::fmt;

use bytes::Bytes;
use protocol::DecodeError;
use protocol::metadata_records::MetadataRecord;
use records::{BatchBuilder, BatchError, BatchOptions, Batches, Record};

use crate::image::MetadataImage;
use crate::image::delta::ImageDelta;
use crate::time::SimTime;

/// Where and when a batch is written.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The offset of its first record.
    pub base_offset: i64,
    /// The controller's epoch.
    pub epoch: i32,
    /// The time that its records carry.
    pub now: SimTime,
}

/// Bytes that are not a metadata log.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplayError {
    /// A batch is damaged.
    Batch(BatchError),
    /// A record in a batch is damaged, or of a kind not known here.
    Record(DecodeError),
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Batch(error) => write!(f, "a batch of the metadata log: {error}"),
            ReplayError::Record(error) => write!(f, "a record of the metadata log: {error}"),
        }
    }
}

/// One batch of `records`; they are committed together or not at all.
pub fn write_batch(place: Place, records: &[MetadataRecord]) -> Result<Bytes, BatchError> {
    let mut batch = BatchBuilder::new(BatchOptions {
        base_offset: place.base_offset,
        partition_leader_epoch: place.epoch,
        ..BatchOptions::default()
    });
    for record in records {
        let value = record.encode();
        let record = Record {
            timestamp: place.now.as_millis(),
            value: Some(&value),
            ..Record::default()
        };
        batch.append(&record)?;
    }
    Ok(batch.build())
}

impl MetadataImage {
    /// Applies the batches of a piece of the metadata log, as a fetch brings it, and tells what they
    /// changed. Batches already applied are passed over. At an error, all before it is applied.
    pub fn replay_log(&mut self, log: &Bytes) -> (ImageDelta, Result<(), ReplayError>) {
        let mut delta = ImageDelta::default();
        let outcome = self.replay_batches(log, &mut delta);
        (delta, outcome)
    }

    fn replay_batches(&mut self, log: &Bytes, delta: &mut ImageDelta) -> Result<(), ReplayError> {
        for batch in Batches::new(log) {
            let batch = batch.map_err(ReplayError::Batch)?;
            batch.check().map_err(ReplayError::Batch)?;
            let last = batch.header.last_offset();
            if last <= self.offset() {
                continue;
            }
            if !batch.header.is_control() {
                let records = batch.records().map_err(ReplayError::Batch)?;
                let mut decoded = Vec::new();
                for record in records {
                    let value = record
                        .map_err(ReplayError::Batch)?
                        .value
                        .unwrap_or_default();
                    let value = log.slice_ref(value);
                    decoded.push(MetadataRecord::decode(&value).map_err(ReplayError::Record)?);
                }
                decoded.iter().for_each(|record| self.replay(record, delta));
            }
            self.advance_to(last, batch.header.partition_leader_epoch);
        }
        Ok(())
    }
}
