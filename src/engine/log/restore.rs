//! The way back: a log from the segments that were kept in files.

use bytes::Bytes;
use records::Batches;

use crate::log::PartitionLog;
use crate::log::batch::StoredBatch;
use crate::log::config::LogConfig;
use crate::log::epochs::EpochStart;
use crate::log::journal::LogChange;
use crate::log::retention::Segment;

/// What was kept of a log.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeptLog {
    /// Its segments, oldest first.
    pub segments: Vec<KeptSegment>,
    /// Where it starts, as far as that was noted; it never starts before its first segment.
    pub log_start_offset: i64,
    /// Up to where it was committed, as far as that was noted.
    pub high_watermark: i64,
    /// From this offset on, batches are held against their checksums: before it, all is known to be
    /// safely on disk. `i64::MAX` after a clean shutdown.
    pub recovery_point: i64,
    /// Where leader epochs begin, as far as that was noted; the batches tell most of it.
    pub epochs: Vec<EpochStart>,
}

/// A segment that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSegment {
    /// The offset that it begins at.
    pub base_offset: i64,
    /// Its batches, one after another. The log shares these bytes.
    pub bytes: Bytes,
}

/// Where bytes stop making sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Base offset of the segment.
    pub segment: i64,
    /// How many of its bytes are sound.
    pub sound: u64,
    /// How many are not.
    pub lost: u64,
    /// Whether no segment follows, so that this is the tail of a write that was cut off.
    pub at_end: bool,
    /// What is wrong, in a few words.
    pub why: String,
}

impl PartitionLog {
    /// The log that was kept, up to the first damage: what follows that is left out, and noted as
    /// cut off in the journal, which is on from here.
    #[inline(never)]
    pub fn restore(kept: KeptLog) -> (PartitionLog, Option<Damage>) {
        let mut log = PartitionLog::new(LogConfig::default());
        log.keep_journal();
        let first = kept.segments.first().map_or(0, |first| first.base_offset);
        log.log_end_offset = first;
        for entry in &kept.epochs {
            log.epochs.assign(entry.epoch, entry.start_offset);
        }
        let mut damage = None;
        let count = kept.segments.len();
        for (place, segment) in kept.segments.iter().enumerate() {
            if let Err((sound, why)) = log.restore_segment(segment, kept.recovery_point) {
                let size = segment.bytes.len() as u64;
                damage = Some(Damage {
                    segment: segment.base_offset,
                    sound,
                    lost: size.saturating_sub(sound),
                    at_end: place.saturating_add(1) == count,
                    why,
                });
                let segment = segment.base_offset;
                log.journal.note(|| LogChange::Truncated {
                    segment,
                    size: sound,
                });
                break;
            }
        }
        log.settle_marks(first.max(kept.log_start_offset), kept.high_watermark);
        (log, damage)
    }

    fn settle_marks(&mut self, start: i64, high_watermark: i64) {
        self.epochs.truncate(self.log_end_offset);
        if start > self.log_end_offset {
            // Deleted records reach beyond what was kept: going on below would give offsets twice.
            self.restart_at(start);
            return;
        }
        self.log_start_offset = start;
        self.epochs.delete_before(start);
        self.high_watermark = high_watermark.clamp(start, self.log_end_offset);
        self.transactions.delete_before(start);
        self.transactions.confirm(self.high_watermark);
    }

    /// Takes a segment in; tells how many bytes are sound, and what is wrong with the rest.
    #[inline(never)]
    fn restore_segment(
        &mut self,
        segment: &KeptSegment,
        recovery_point: i64,
    ) -> Result<(), (u64, String)> {
        if segment.base_offset < self.log_end_offset {
            return Err((
                0,
                String::from("it begins before the segment before it ends"),
            ));
        }
        self.log_end_offset = segment.base_offset;
        let mut whole = Segment {
            base_offset: segment.base_offset,
            size: 0,
            first_timestamp: -1,
            max_timestamp: -1,
        };
        let mut outcome = Ok(());
        let mut batches = Batches::new(&segment.bytes);
        for batch in batches.by_ref() {
            let header = match batch {
                Ok(batch) if batch.header.base_offset >= recovery_point => {
                    batch.check().map(|()| batch)
                }
                other => other,
            };
            let batch = match header {
                Ok(batch) => batch,
                Err(error) => {
                    outcome = Err((whole.size, error.to_string()));
                    break;
                }
            };
            let header = batch.header;
            if header.base_offset < self.log_end_offset || header.last_offset_delta < 0 {
                outcome = Err((whole.size, String::from("offsets go back")));
                break;
            }
            let bytes = segment.bytes.slice_ref(batch.bytes);
            let stored = StoredBatch::place(&header, header.max_timestamp, bytes);
            if whole.size == 0 {
                whole.first_timestamp = stored.max_timestamp;
            }
            whole.size = whole.size.saturating_add(stored.size());
            whole.max_timestamp = whole.max_timestamp.max(stored.max_timestamp);
            self.take_in(stored);
        }
        let torn = batches.rest().len();
        if outcome.is_ok() && torn > 0 {
            outcome = Err((whole.size, String::from("a batch is cut off")));
        }
        if whole.size > 0 {
            self.segments.push(whole);
        }
        outcome
    }
}
