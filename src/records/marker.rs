//! The record that ends a transaction in a partition.

use bytes::Bytes;
use serde::Serialize;

use crate::batch::Batch;
use crate::builder::{BatchBuilder, BatchOptions, Record};
use crate::error::BatchError;

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Outcome {
    /// Its records are to be skipped.
    Abort,
    /// Its records count.
    Commit,
}

/// The end of a transaction: a control record that takes an offset, yet no consumer sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Marker {
    /// How the transaction ended.
    pub outcome: Outcome,
    /// Epoch of the coordinator that decided.
    pub coordinator_epoch: i32,
}

impl Marker {
    /// Writes the marker as a batch. Offset, leader epoch, producer id and epoch come from
    /// `options`; a marker has no sequence number.
    pub fn build(&self, options: BatchOptions, timestamp: i64) -> Result<Bytes, BatchError> {
        let mut builder = BatchBuilder::new(BatchOptions {
            transactional: true,
            control: true,
            base_sequence: -1,
            ..options
        });
        // Both start with a version of their own, 0.
        let key = [0, 0, 0, u8::from(self.outcome == Outcome::Commit)];
        let mut value = [0; 6];
        if let Some(end) = value.last_chunk_mut() {
            *end = self.coordinator_epoch.to_be_bytes();
        }
        let (key, value) = (Some(&key[..]), Some(&value[..]));
        builder.append(&Record {
            timestamp,
            key,
            value,
            headers: &[],
        })?;
        Ok(builder.build())
    }

    /// Reads the marker of a control batch.
    pub fn parse(batch: &Batch<'_>) -> Result<Self, BatchError> {
        if !batch.header.is_control() {
            return Err(BatchError::InvalidMarker);
        }
        let record = batch.records()?.next().ok_or(BatchError::InvalidMarker)??;
        let key = record.key.and_then(|key| key.first_chunk::<4>());
        let outcome = match key {
            Some([_, _, 0, 0]) => Outcome::Abort,
            Some([_, _, 0, 1]) => Outcome::Commit,
            _ => return Err(BatchError::InvalidMarker),
        };
        let value = record.value.and_then(|value| value.first_chunk::<6>());
        let Some([_, _, epoch @ ..]) = value else {
            return Err(BatchError::InvalidMarker);
        };
        Ok(Self {
            outcome,
            coordinator_epoch: i32::from_be_bytes(*epoch),
        })
    }
}
