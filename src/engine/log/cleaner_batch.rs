//! What compaction leaves of a batch.

use std::cmp::Ordering;

use bytes::Bytes;
use records::sorted::{Arrange, SortedSet};
use records::{BatchError, BatchHeader, RecordView, retain};

use crate::log::PartitionLog;
use crate::log::batch::StoredBatch;
use crate::log::producers::ProducerStates;
use crate::log::transactions::Transactions;

/// The last offset of each key.
#[derive(Debug)]
pub(super) struct LastOffsets(Vec<(Bytes, i64)>);

/// One run over a log, from its start.
#[derive(Debug)]
pub(super) struct Cleaning<'a> {
    last: &'a LastOffsets,
    producers: &'a ProducerStates,
    transactions: &'a Transactions,
    now_ms: i64,
    /// Until when what says "deleted" stays, if it is met for the first time.
    horizon: i64,
    /// Producers whose transaction under way left a batch.
    left_data: SortedSet<i64>,
}

/// What is left of a batch.
#[derive(Debug)]
pub(super) enum Left {
    All,
    Some(Bytes),
    Nothing,
}

impl LastOffsets {
    /// Of keys and offsets in any order, the largest offset of each key.
    pub(super) fn new(mut found: Vec<(Bytes, i64)>) -> LastOffsets {
        found.arrange_by(|(a, x), (b, y)| a.cmp(b).then(y.cmp(x)));
        found.dedup_by(|later, first| later.0 == first.0);
        LastOffsets(found)
    }

    /// Whether a later record has the same key.
    fn supersede(&self, key: &[u8], offset: i64) -> bool {
        let place = self.0.binary_search_by(|(known, _)| known[..].cmp(key));
        let known = place.ok().and_then(|place| self.0.get(place));
        known.is_some_and(|(_, last)| offset.cmp(last) == Ordering::Less)
    }
}

impl<'a> Cleaning<'a> {
    pub(super) fn new(log: &'a PartitionLog, last: &'a LastOffsets, now_ms: i64) -> Cleaning<'a> {
        Cleaning {
            last,
            producers: log.producers(),
            transactions: log.transactions(),
            now_ms,
            horizon: now_ms.saturating_add(log.config().delete_retention_ms),
            left_data: SortedSet::new(),
        }
    }

    /// What is left of the next batch.
    pub(super) fn clean(&mut self, batch: &StoredBatch) -> Result<Left, BatchError> {
        if batch.is_control {
            return self.clean_marker(batch);
        }
        let left = self.clean_data(batch)?;
        if batch.is_transactional && !matches!(left, Left::Nothing) {
            self.left_data.insert(batch.producer_id);
        }
        Ok(left)
    }

    /// A marker is of use while there are records that it decides, and a while longer, so that
    /// whoever reads from the start meets it.
    fn clean_marker(&mut self, batch: &StoredBatch) -> Result<Left, BatchError> {
        let decides = self.left_data.remove(&batch.producer_id);
        let horizon = BatchHeader::parse(&batch.bytes)?.delete_horizon();
        Ok(match horizon {
            _ if decides => Left::All,
            None => Left::Some(retain(&batch.bytes, Some(self.horizon), &mut |_| true)?.bytes),
            Some(at) if self.now_ms >= at && !self.is_last_of_producer(batch) => Left::Nothing,
            Some(_) => Left::All,
        })
    }

    fn clean_data(&self, batch: &StoredBatch) -> Result<Left, BatchError> {
        let aborted = is_aborted(self.transactions, batch);
        let horizon = BatchHeader::parse(&batch.bytes)?.delete_horizon();
        let expired = horizon.is_some_and(|at| self.now_ms >= at);
        let mut tombstones = false;
        let mut keep = |record: &RecordView<'_>| {
            let is_last = |key: &[u8]| !self.last.supersede(key, record.offset);
            let kept =
                !aborted && record.key.is_some_and(is_last) && (record.value.is_some() || !expired);
            tombstones |= kept && record.value.is_none();
            kept
        };
        let left = retain(&batch.bytes, None, &mut keep)?;
        if left.kept == 0 && !self.is_last_of_producer(batch) {
            return Ok(Left::Nothing);
        }
        if tombstones && horizon.is_none() {
            let marked = retain(&left.bytes, Some(self.horizon), &mut |_| true)?;
            return Ok(Left::Some(marked.bytes));
        }
        Ok(if left.dropped == 0 {
            Left::All
        } else {
            Left::Some(left.bytes)
        })
    }

    /// A producer's last batch stays, even without records: its sequence numbers are what tells a
    /// retry after the next start.
    fn is_last_of_producer(&self, batch: &StoredBatch) -> bool {
        if batch.producer_id < 0 {
            return false;
        }
        let Some(state) = self.producers.get(batch.producer_id) else {
            return false;
        };
        match state.batches.back() {
            Some(last) => last.last_offset == batch.last_offset,
            None => batch.is_control && batch.producer_epoch == state.epoch,
        }
    }
}

/// Whether a batch belongs to a transaction that was aborted.
pub(super) fn is_aborted(transactions: &Transactions, batch: &StoredBatch) -> bool {
    let holds = || {
        transactions.aborted().iter().any(|aborted| {
            aborted.producer_id == batch.producer_id
                && (aborted.first_offset..=aborted.last_offset).contains(&batch.base_offset)
        })
    };
    batch.is_transactional && !batch.is_control && holds()
}
