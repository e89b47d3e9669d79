//! Stored batches: the bytes as they are served, with what lookups need beside them.

use std::sync::Arc;

use bytes::Bytes;
use records::BatchHeader;
use serde::Serialize;

/// How many batches share one reference-counted chunk: a checkpoint of the world copies the chunk
/// list, and the first append after it copies at most one chunk.
const CHUNK: usize = 256;

/// One record batch of a partition. A clone shares the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredBatch {
    /// Offset of its first record.
    pub base_offset: i64,
    /// Offset of its last record.
    pub last_offset: i64,
    /// The leader epoch it was appended in.
    pub leader_epoch: i32,
    /// The largest timestamp of its records, in milliseconds; -1 if it has none.
    pub max_timestamp: i64,
    /// The largest timestamp of the partition up to the end of this batch: it never falls, so time
    /// lookups can halve their way.
    pub(crate) timestamp_reached: i64,
    /// How many records it holds.
    pub record_count: i32,
    /// The idempotent producer's id, or -1.
    pub producer_id: i64,
    /// The idempotent producer's epoch, or -1.
    pub producer_epoch: i16,
    /// The first record's sequence number, or -1.
    pub base_sequence: i32,
    /// Whether its records mark transactions rather than carry data.
    pub is_control: bool,
    /// Whether its records belong to a transaction.
    pub is_transactional: bool,
    /// Bytes of the partition ever written before it.
    pub position: u64,
    /// The whole batch, header included.
    pub bytes: Bytes,
}

impl StoredBatch {
    /// A batch as its header has it, whose place in the log is still to be told.
    pub(crate) fn place(header: &BatchHeader, max_timestamp: i64, bytes: Bytes) -> StoredBatch {
        StoredBatch {
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            leader_epoch: header.partition_leader_epoch,
            max_timestamp,
            timestamp_reached: max_timestamp,
            record_count: header.records_count,
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            base_sequence: header.base_sequence,
            is_control: header.is_control(),
            is_transactional: header.is_transactional(),
            position: 0,
            bytes,
        }
    }

    /// The offset that follows its last record.
    pub fn next_offset(&self) -> i64 {
        self.last_offset.saturating_add(1)
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The last record's sequence number, or -1; sequence numbers wrap to 0 after the largest `i32`.
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            return -1;
        }
        let delta = self.last_offset.saturating_sub(self.base_offset);
        let last = i64::from(self.base_sequence).saturating_add(delta);
        i32::try_from(last & i64::from(i32::MAX)).unwrap_or(0)
    }
}

/// The batches of a partition in offset order, in shared chunks.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct BatchStore {
    chunks: Vec<Arc<Vec<StoredBatch>>>,
}

impl BatchStore {
    pub(crate) fn first(&self) -> Option<&StoredBatch> {
        self.chunks.first()?.first()
    }

    pub(crate) fn last(&self) -> Option<&StoredBatch> {
        self.chunks.last()?.last()
    }

    pub(crate) fn push(&mut self, batch: StoredBatch) {
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => Arc::make_mut(chunk).push(batch),
            _ => self.chunks.push(Arc::new(vec![batch])),
        }
    }

    /// The batches from the one that holds `offset`, or follows it if none does.
    pub(crate) fn starting_at(&self, offset: i64) -> impl Iterator<Item = &StoredBatch> {
        self.starting_after(move |batch| batch.last_offset < offset)
    }

    /// The batches from the first that `before` denies; `before` holds for a prefix of the log.
    pub(crate) fn starting_after(
        &self,
        before: impl Fn(&StoredBatch) -> bool,
    ) -> impl Iterator<Item = &StoredBatch> {
        let chunk = self
            .chunks
            .partition_point(|chunk| chunk.last().is_some_and(&before));
        let skip = self
            .chunks
            .get(chunk)
            .map_or(0, |chunk| chunk.partition_point(&before));
        self.chunks
            .get(chunk..)
            .unwrap_or_default()
            .iter()
            .flat_map(|chunk| chunk.iter())
            .skip(skip)
    }

    /// Drops every batch that reaches `offset` or beyond.
    pub(crate) fn truncate(&mut self, offset: i64) {
        while self.last().is_some_and(|batch| batch.last_offset >= offset) {
            let Some(chunk) = self.chunks.last_mut() else {
                return;
            };
            let keep = chunk.partition_point(|batch| batch.last_offset < offset);
            if keep == 0 {
                self.chunks.pop();
            } else {
                Arc::make_mut(chunk).truncate(keep);
            }
        }
    }

    /// Drops every batch that ends before `offset`.
    pub(crate) fn delete_before(&mut self, offset: i64) {
        let whole = self
            .chunks
            .partition_point(|chunk| chunk.last().is_some_and(|batch| batch.last_offset < offset));
        self.chunks.drain(..whole);
        if let Some(chunk) = self.chunks.first_mut() {
            let gone = chunk.partition_point(|batch| batch.last_offset < offset);
            if gone > 0 {
                Arc::make_mut(chunk).drain(..gone);
            }
        }
    }

    /// Puts `batches` in the place of all that begin before `offset`.
    pub(crate) fn replace_before(&mut self, offset: i64, batches: Vec<StoredBatch>) {
        let gone = self
            .chunks
            .partition_point(|chunk| chunk.last().is_some_and(|last| last.base_offset < offset));
        let mut rest = self.chunks.split_off(gone.min(self.chunks.len()));
        if let Some(first) = rest.first_mut() {
            let gone = first.partition_point(|batch| batch.base_offset < offset);
            if gone > 0 {
                Arc::make_mut(first).drain(..gone);
            }
        }
        self.chunks.clear();
        for batch in batches {
            self.push(batch);
        }
        self.chunks.append(&mut rest);
    }

    /// Moves the positions of the batches from the one at `offset` on.
    pub(crate) fn shift_from(&mut self, offset: i64, more: u64) {
        for chunk in &mut self.chunks {
            if chunk.last().is_some_and(|last| last.base_offset >= offset) {
                let batches = Arc::make_mut(chunk).iter_mut();
                for batch in batches.filter(|batch| batch.base_offset >= offset) {
                    batch.position = batch.position.saturating_add(more);
                }
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.chunks.clear();
    }
}
