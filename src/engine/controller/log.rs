//! The metadata log: what the controller decided, batch by batch.

use bytes::{Bytes, BytesMut};
use protocol::metadata_records::MetadataRecord;
use records::BatchError;
use serde::Serialize;

use crate::image::log::{Place, write_batch};
use crate::time::SimTime;

/// The batches written so far. Bytes are shared, so a clone is cheap.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MetadataLog {
    batches: Vec<StoredBatch>,
    end_offset: i64,
}

/// One batch as it is sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct StoredBatch {
    last_offset: i64,
    bytes: Bytes,
}

impl MetadataLog {
    /// The offset of the next record.
    pub fn end_offset(&self) -> i64 {
        self.end_offset
    }

    /// Appends records as one batch and gives its bytes; nothing is appended at an error.
    pub fn append(
        &mut self,
        now: SimTime,
        epoch: i32,
        records: &[MetadataRecord],
    ) -> Result<Bytes, BatchError> {
        let place = Place {
            base_offset: self.end_offset,
            epoch,
            now,
        };
        let bytes = write_batch(place, records)?;
        let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
        let end_offset = self.end_offset.saturating_add(count);
        self.batches.push(StoredBatch {
            last_offset: end_offset.saturating_sub(1),
            bytes: bytes.clone(),
        });
        self.end_offset = end_offset;
        Ok(bytes)
    }

    /// The batches from the one that holds `offset` on, up to `max_bytes` but at least one.
    pub fn read(&self, offset: i64, max_bytes: usize) -> Bytes {
        let first = self
            .batches
            .partition_point(|batch| batch.last_offset < offset);
        let batches = self.batches.get(first..).unwrap_or_default();
        let mut size = 0_usize;
        let fits = |batch: &&StoredBatch| {
            let is_first = size == 0;
            size = size.saturating_add(batch.bytes.len());
            is_first || size <= max_bytes
        };
        let chosen: Vec<&StoredBatch> = batches.iter().take_while(fits).collect();
        match chosen.as_slice() {
            [] => Bytes::new(),
            [one] => one.bytes.clone(),
            many => {
                let mut all =
                    BytesMut::with_capacity(many.iter().map(|batch| batch.bytes.len()).sum());
                many.iter()
                    .for_each(|batch| all.extend_from_slice(&batch.bytes));
                all.freeze()
            }
        }
    }
}
