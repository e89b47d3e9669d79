//! The log of one partition on one broker's disk.
//!
//! - [`batch`]: stored batches and how they are found
//! - [`epochs`]: where leader epochs begin
//! - [`producers`]: what is known of idempotent producers
//! - [`transactions`]: which transactions are open, which were aborted
//! - [`lookup`]: batches for a fetch, offsets by time
//! - [`retention`]: segments, and deleting the oldest
//! - [`cleaner`], `cleaner_batch`: compaction
//! - [`append`]: taking batches in, as leader or as follower
//! - [`config`]: the topic settings a log lives by
//! - [`journal`]: what is noted for whoever keeps the log in files; [`restore`]: the way back

pub mod append;
pub mod batch;
pub mod cleaner;
mod cleaner_batch;
#[cfg(test)]
mod cleaner_tests;
#[cfg(test)]
mod compression_tests;
pub mod config;
pub mod epochs;
pub mod journal;
#[cfg(test)]
mod kept_tests;
pub mod lookup;
pub mod producers;
pub mod restore;
pub mod retention;
#[cfg(test)]
mod tests;
pub mod transactions;

use bytes::Bytes;
use records::BatchHeader;
use serde::Serialize;

use crate::log::batch::{BatchStore, StoredBatch};
use crate::log::config::LogConfig;
use crate::log::epochs::LeaderEpochs;
use crate::log::journal::{AppendedBatch, Journal, LogChange};
use crate::log::producers::ProducerStates;
use crate::log::retention::Segment;
use crate::log::transactions::Transactions;

/// The log of one partition: batches, their index, and where it starts, ends and is committed to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PartitionLog {
    config: LogConfig,
    batches: BatchStore,
    segments: Vec<Segment>,
    log_start_offset: i64,
    log_end_offset: i64,
    high_watermark: i64,
    end_position: u64,
    cleaned_to: i64,
    epochs: LeaderEpochs,
    producers: ProducerStates,
    transactions: Transactions,
    #[serde(skip)]
    journal: Journal,
}

impl PartitionLog {
    /// An empty log.
    pub fn new(config: LogConfig) -> PartitionLog {
        PartitionLog {
            config,
            ..PartitionLog::default()
        }
    }

    /// The topic settings it lives by.
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// The first offset that can be read.
    pub fn log_start_offset(&self) -> i64 {
        self.log_start_offset
    }

    /// The offset that the next record gets.
    pub fn log_end_offset(&self) -> i64 {
        self.log_end_offset
    }

    /// The offset up to which records are committed: consumers read below it.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// Where each leader epoch begins.
    pub fn leader_epochs(&self) -> &LeaderEpochs {
        &self.epochs
    }

    /// What is known of idempotent producers.
    pub fn producers(&self) -> &ProducerStates {
        &self.producers
    }

    /// The segments, oldest first.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Bytes on disk.
    pub fn size_bytes(&self) -> u64 {
        let first = self.batches.first().map(|batch| batch.position);
        first.map_or(0, |first| self.end_position.saturating_sub(first))
    }

    /// The batches from the one that holds `offset` (or follows it) to the end of the log.
    pub fn batches_from(&self, offset: i64) -> impl Iterator<Item = &StoredBatch> {
        self.batches.starting_at(offset)
    }

    /// The newest batch.
    pub fn last_batch(&self) -> Option<&StoredBatch> {
        self.batches.last()
    }

    /// Takes new topic settings.
    pub fn set_config(&mut self, config: LogConfig) {
        self.config = config;
    }

    /// Notes that `epoch` begins at the end of the log: this broker has become leader.
    pub fn begin_epoch(&mut self, epoch: i32) {
        if self.epochs.assign(epoch, self.log_end_offset) {
            self.note_epochs();
        }
    }

    /// Moves the high watermark, held between the start and the end of the log. True if it moved.
    pub fn set_high_watermark(&mut self, offset: i64) -> bool {
        let bounded = offset.clamp(
            self.log_start_offset,
            self.log_end_offset.max(self.log_start_offset),
        );
        let moved = bounded != self.high_watermark;
        self.high_watermark = bounded;
        self.transactions.confirm(bounded);
        moved
    }

    /// Deletes what can no longer be read below `offset` (DeleteRecords, or a leader that did):
    /// the start moves there, the bytes go segment by segment. True if it moved.
    pub fn delete_before(&mut self, offset: i64) -> bool {
        if offset <= self.log_start_offset || offset > self.high_watermark {
            return false;
        }
        self.log_start_offset = offset;
        self.epochs.delete_before(offset);
        self.transactions.delete_before(offset);
        self.journal.note(|| LogChange::StartMoved(offset));
        self.drop_segments_before(offset);
        self.note_epochs();
        true
    }

    /// Cuts the log so that it ends at `offset` at the latest.
    pub fn truncate_to(&mut self, offset: i64) {
        if offset >= self.log_end_offset {
            // A leadership in which nothing was written may have left its epoch at the very end,
            // where the current leader has another.
            self.epochs.truncate(offset);
            self.note_epochs();
            return;
        }
        if offset < self.log_start_offset {
            self.restart_at(offset);
            return;
        }
        self.batches.truncate(offset);
        self.end_position = self.batches.last().map_or(self.end_position, |last| {
            last.position.saturating_add(last.size())
        });
        self.log_end_offset = offset;
        self.cleaned_to = self.cleaned_to.min(offset);
        self.high_watermark = self.high_watermark.min(offset);
        self.epochs.truncate(offset);
        self.truncate_segments();
        self.note_epochs();
        self.rebuild_producers();
    }

    /// Empties the log and lets it go on at `offset`: the leader no longer has what comes before.
    pub fn restart_at(&mut self, offset: i64) {
        self.batches.clear();
        self.segments.clear();
        self.epochs.clear();
        self.producers = ProducerStates::default();
        self.transactions = Transactions::default();
        self.end_position = 0;
        self.cleaned_to = 0;
        self.log_start_offset = offset;
        self.log_end_offset = offset;
        self.high_watermark = offset;
        self.journal.note(|| LogChange::Restarted(offset));
        self.note_epochs();
    }

    /// Puts a batch, whose bytes are final, at the end of the log.
    fn store(&mut self, header: &BatchHeader, max_timestamp: i64, bytes: Bytes) {
        let batch = StoredBatch::place(header, max_timestamp, bytes);
        self.note_in_segment(&batch);
        self.journal.note(|| {
            LogChange::Appended(AppendedBatch {
                bytes: batch.bytes.clone(),
                next_offset: batch.next_offset(),
            })
        });
        if self.take_in(batch) {
            self.note_epochs();
        }
    }

    /// Puts a batch behind the last one; true if a leader epoch begins with it.
    fn take_in(&mut self, mut batch: StoredBatch) -> bool {
        let reached = self
            .batches
            .last()
            .map_or(-1, |last| last.timestamp_reached);
        batch.timestamp_reached = reached.max(batch.max_timestamp);
        batch.position = self.end_position;
        let begins = self.epochs.assign(batch.leader_epoch, batch.base_offset);
        self.producers.note(&batch, &mut self.transactions);
        self.end_position = self.end_position.saturating_add(batch.size());
        self.log_end_offset = batch.next_offset();
        self.batches.push(batch);
        begins
    }

    fn rebuild_producers(&mut self) {
        // Kafka loads a snapshot and replays what follows; the whole log gives the same.
        let mut producers = ProducerStates::default();
        let mut transactions = Transactions::default();
        for batch in self.batches.starting_at(self.log_start_offset) {
            producers.note(batch, &mut transactions);
        }
        transactions.confirm(self.high_watermark);
        self.producers = producers;
        self.transactions = transactions;
    }
}
