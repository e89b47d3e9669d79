//! Leader epochs of a partition: which offset each began at.

use serde::Serialize;

/// Where a leader epoch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EpochStart {
    /// The leader epoch.
    pub epoch: i32,
    /// The offset of its first record.
    pub start_offset: i64,
}

/// The leader epochs of a log, oldest first. Replicas compare them to find where their logs part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeaderEpochs {
    entries: Vec<EpochStart>,
}

impl LeaderEpochs {
    /// All of them, oldest first.
    pub fn entries(&self) -> &[EpochStart] {
        &self.entries
    }

    /// The newest epoch that has begun.
    pub fn latest(&self) -> Option<i32> {
        self.entries.last().map(|entry| entry.epoch)
    }

    /// The epoch that the record at `offset` was written in.
    pub fn epoch_of(&self, offset: i64) -> Option<i32> {
        let after = self
            .entries
            .partition_point(|entry| entry.start_offset <= offset);
        Some(self.entries.get(after.checked_sub(1)?)?.epoch)
    }

    /// The largest epoch up to `epoch` that this log knows, and the offset where it ends (the start
    /// of the next one, or `log_end_offset`). `None` if it knows none so old.
    pub fn end_offset_for(&self, epoch: i32, log_end_offset: i64) -> Option<(i32, i64)> {
        if self.latest()? == epoch {
            return Some((epoch, log_end_offset));
        }
        let after = self.entries.partition_point(|entry| entry.epoch <= epoch);
        // An epoch from the future is one the leader cannot judge.
        let end = self.entries.get(after)?.start_offset;
        match after.checked_sub(1) {
            Some(at) => Some((self.entries.get(at)?.epoch, end)),
            // Older than all that is kept: the log can only agree up to where its oldest epoch begins.
            None => Some((epoch, end)),
        }
    }

    /// Notes that `epoch` begins at `start_offset`; false if it has begun already.
    pub(crate) fn assign(&mut self, epoch: i32, start_offset: i64) -> bool {
        if epoch < 0 || self.latest().is_some_and(|latest| latest >= epoch) {
            return false;
        }
        // An epoch in which nothing was written gives way to the one that begins at the same place.
        self.entries
            .retain(|entry| entry.start_offset < start_offset);
        self.entries.push(EpochStart {
            epoch,
            start_offset,
        });
        true
    }

    /// Forgets epochs that begin at or after `end_offset`.
    pub(crate) fn truncate(&mut self, end_offset: i64) {
        self.entries.retain(|entry| entry.start_offset < end_offset);
    }

    /// Forgets epochs that end at or before `start_offset`; the one that spans it now begins there.
    pub(crate) fn delete_before(&mut self, start_offset: i64) {
        let after = self
            .entries
            .partition_point(|entry| entry.start_offset <= start_offset);
        let Some(spanning) = after.checked_sub(1) else {
            return;
        };
        self.entries.drain(..spanning);
        if let Some(first) = self.entries.first_mut() {
            first.start_offset = start_offset;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::LeaderEpochs;

    fn epochs(entries: &[(i32, i64)]) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        for (epoch, start) in entries {
            epochs.assign(*epoch, *start);
        }
        epochs
    }

    #[test]
    fn ends_where_the_next_begins() {
        let epochs = epochs(&[(1, 0), (3, 10), (5, 20)]);
        assert_eq!(epochs.end_offset_for(5, 25), Some((5, 25)));
        assert_eq!(epochs.end_offset_for(4, 25), Some((3, 20)));
        assert_eq!(epochs.end_offset_for(1, 25), Some((1, 10)));
        assert_eq!(epochs.end_offset_for(0, 25), Some((0, 0)));
        assert_eq!(epochs.end_offset_for(6, 25), None);
        assert_eq!(LeaderEpochs::default().end_offset_for(0, 0), None);
    }

    #[test]
    fn empty_epochs_give_way_and_offsets_find_theirs() {
        let mut epochs = epochs(&[(0, 0), (1, 5), (2, 5), (2, 9)]);
        assert_eq!(epochs.entries().len(), 2);
        assert_eq!(epochs.epoch_of(4), Some(0));
        assert_eq!(epochs.epoch_of(5), Some(2));
        epochs.delete_before(7);
        assert_eq!(epochs.entries()[0].start_offset, 7);
        epochs.truncate(7);
        assert_eq!(epochs.latest(), None);
    }
}
