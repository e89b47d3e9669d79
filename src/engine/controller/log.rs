//! The metadata log: what the controller decided, batch by batch, and the snapshots that stand for
//! its beginning.

use bytes::{Bytes, BytesMut};
use protocol::metadata_records::MetadataRecord;
use records::{BatchError, Batches};
use serde::Serialize;

use crate::image::log::{Place, write_batch};
use crate::image::snapshot::Snapshot;
use crate::time::SimTime;

/// The batches written so far. Bytes are shared, so a clone is cheap.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MetadataLog {
    batches: Vec<StoredBatch>,
    start_offset: i64,
    end_offset: i64,
    snapshot: Option<Snapshot>,
    /// Bytes written since the snapshot.
    unsaved: usize,
    #[serde(skip)]
    journal: Option<Vec<MetadataChange>>,
}

/// One batch as it is sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct StoredBatch {
    last_offset: i64,
    bytes: Bytes,
}

/// What happened to the metadata log, for whoever keeps it in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataChange {
    /// A batch was put at its end.
    Appended(Bytes),
    /// A snapshot was taken. Everything below `log_start` is gone from the log.
    Snapshot {
        /// The snapshot.
        snapshot: Snapshot,
        /// Where the log starts now.
        log_start: i64,
    },
}

impl MetadataLog {
    /// The offset of its first record; what comes before is only in the snapshot.
    pub fn start_offset(&self) -> i64 {
        self.start_offset
    }

    /// The offset of the next record.
    pub fn end_offset(&self) -> i64 {
        self.end_offset
    }

    /// The newest snapshot, if there is one.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }

    /// Bytes written since the newest snapshot.
    pub fn unsaved_bytes(&self) -> usize {
        self.unsaved
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
        self.store(bytes.clone(), self.end_offset.saturating_add(count));
        Ok(bytes)
    }

    /// Puts a finished batch, which begins at the log's end, there.
    pub fn store(&mut self, bytes: Bytes, end_offset: i64) {
        if let Some(journal) = &mut self.journal {
            journal.push(MetadataChange::Appended(bytes.clone()));
        }
        self.unsaved = self.unsaved.saturating_add(bytes.len());
        self.batches.push(StoredBatch {
            last_offset: end_offset.saturating_sub(1),
            bytes,
        });
        self.end_offset = end_offset;
    }

    /// Takes a snapshot of everything up to its end. What the snapshot before it stood for is
    /// dropped; the rest stays a while, for brokers that are only a little behind.
    #[inline(never)]
    pub fn take_snapshot(&mut self, snapshot: Snapshot) {
        let kept_from = self.snapshot.as_ref().map_or(0, |old| old.end_offset);
        let gone = self
            .batches
            .partition_point(|batch| batch.last_offset < kept_from);
        self.batches.drain(..gone);
        self.start_offset = self.start_offset.max(kept_from);
        self.unsaved = 0;
        if let Some(journal) = &mut self.journal {
            journal.push(MetadataChange::Snapshot {
                snapshot: snapshot.clone(),
                log_start: self.start_offset,
            });
        }
        self.snapshot = Some(snapshot);
    }

    /// The log that was kept in files: a snapshot, if there was one, and the segments that follow.
    /// Batches that the snapshot stands for may be among them.
    #[inline(never)]
    pub(super) fn restore(
        snapshot: Option<Snapshot>,
        segments: &[Bytes],
    ) -> Result<MetadataLog, BatchError> {
        let mut log = MetadataLog::default();
        let saved = snapshot.as_ref().map_or(0, |snapshot| snapshot.end_offset);
        let mut first = None;
        for segment in segments {
            for batch in Batches::new(segment) {
                let batch = batch?;
                first.get_or_insert(batch.header.base_offset);
                let bytes = segment.slice_ref(batch.bytes);
                log.store(bytes, batch.header.next_offset());
            }
        }
        log.start_offset = first.unwrap_or(saved);
        log.end_offset = log.end_offset.max(saved);
        log.snapshot = snapshot;
        // All of this is kept already.
        log.journal = Some(Vec::new());
        Ok(log)
    }

    /// Notes changes from now on, and what is there already as if it came now.
    pub(super) fn keep_journal(&mut self) {
        if self.journal.is_some() {
            return;
        }
        let batches = self.batches.iter();
        let appended = batches.map(|batch| MetadataChange::Appended(batch.bytes.clone()));
        self.journal = Some(appended.collect());
    }

    pub(super) fn take_changes(&mut self) -> Vec<MetadataChange> {
        self.journal.as_mut().map_or_else(Vec::new, std::mem::take)
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
