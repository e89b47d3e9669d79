//! What a log notes of its changes, for whoever keeps it in files. Off unless somebody asks: then it
//! costs a clone of each batch's handle, never of its bytes.

use bytes::Bytes;
use protocol::Uuid;

use crate::ids::TopicPartition;
use crate::log::PartitionLog;
use crate::log::epochs::EpochStart;

/// One change of one replica on a broker's disk.
#[derive(Debug, Clone, PartialEq)]
pub struct DiskChange {
    /// The replica.
    pub partition: TopicPartition,
    /// What happened to it.
    pub change: LogChange,
}

/// What happened to a log. Changes of one log are told in the order in which they happened.
#[derive(Debug, Clone, PartialEq)]
pub enum LogChange {
    /// It came to be, empty, for the topic with this id; nothing of a former log is left.
    Created(Uuid),
    /// It is gone.
    Deleted,
    /// A new, empty segment begins at this offset.
    Rolled(i64),
    /// A batch was put at the end of the newest segment.
    Appended(AppendedBatch),
    /// Its end was cut: the segment that begins at `segment` keeps its first `size` bytes, and
    /// those after it are gone.
    Truncated {
        /// Base offset of the segment that is now the newest.
        segment: i64,
        /// Bytes left in it.
        size: u64,
    },
    /// All segments are gone; a new, empty one begins at this offset.
    Restarted(i64),
    /// Its first record is at this offset now.
    StartMoved(i64),
    /// The segments that begin below this offset are gone.
    SegmentsDeleted(i64),
    /// Segments were compacted into one.
    Compacted(CompactedSegment),
    /// Where its leader epochs begin now.
    Epochs(Vec<EpochStart>),
}

/// A batch that was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendedBatch {
    /// Its bytes, shared with the log.
    pub bytes: Bytes,
    /// The offset that follows its last record.
    pub next_offset: i64,
}

/// What compaction made of neighbouring segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactedSegment {
    /// Base offsets of the segments it replaces, in order; it keeps the first.
    pub replaces: Vec<i64>,
    /// Its batches, in order.
    pub batches: Vec<Bytes>,
}

/// The changes noted since they were last taken; nothing unless somebody wants them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Journal(Option<Vec<LogChange>>);

impl Journal {
    pub(crate) fn note(&mut self, change: impl FnOnce() -> LogChange) {
        if let Some(changes) = &mut self.0 {
            changes.push(change());
        }
    }
}

impl PartitionLog {
    /// Notes changes from now on.
    pub(crate) fn keep_journal(&mut self) {
        self.journal.0.get_or_insert_default();
    }

    /// Moves what was noted to `into`, as changes of `partition`.
    pub(crate) fn move_changes(&mut self, partition: &TopicPartition, into: &mut Vec<DiskChange>) {
        let changes = self.journal.0.as_mut().map(std::mem::take);
        into.extend(changes.into_iter().flatten().map(|change| DiskChange {
            partition: partition.clone(),
            change,
        }));
    }

    pub(super) fn note_epochs(&mut self) {
        let epochs = &self.epochs;
        self.journal
            .note(|| LogChange::Epochs(epochs.entries().to_vec()));
    }
}
