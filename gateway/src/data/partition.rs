//! The files of one log.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

use bytes::Bytes;
use engine::log::config::LogConfig;
use engine::log::journal::{CompactedSegment, LogChange};
use engine::time::SimTime;
use protocol::Uuid;

use crate::data::files::{self, failed};
use crate::data::{layout, notes};

/// A `flush.ms` from here on asks for no flush.
const NEVER_MS: i64 = 1 << 48;

/// A log as it is being written.
#[derive(Debug)]
pub(super) struct PartitionFiles {
    dir: PathBuf,
    segments: BTreeSet<i64>,
    /// The newest segment, once something was written to it.
    newest: Option<File>,
    /// Batches of this turn that were not written yet.
    pending: Vec<Bytes>,
    next_offset: i64,
    /// Up to where all is safely on disk.
    flushed: i64,
    /// Since when something is not.
    dirty_since: Option<SimTime>,
}

/// In which order segments go, so that a crash in between leaves a log without a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    OldestFirst,
    NewestFirst,
}

impl PartitionFiles {
    /// The files of a new log. Whatever a former log of this name left is gone.
    pub(super) fn create(dir: PathBuf, topic_id: Uuid) -> Result<PartitionFiles, String> {
        let mut name = dir.as_os_str().to_owned();
        name.push(layout::UNFINISHED);
        let unfinished = PathBuf::from(name);
        files::remove_dir(&unfinished)?;
        files::make_dir(&unfinished)?;
        notes::write_topic_id(&unfinished, topic_id)?;
        files::open_to_append(&layout::segment(&unfinished, 0))?;
        files::remove_dir(&dir)?;
        files::rename(&unfinished, &dir)?;
        Ok(PartitionFiles::found(dir, BTreeSet::from([0]), 0))
    }

    /// The files of a log that is there, and where it ends.
    pub(super) fn found(dir: PathBuf, segments: BTreeSet<i64>, end: i64) -> PartitionFiles {
        PartitionFiles {
            dir,
            segments,
            newest: None,
            pending: Vec::new(),
            next_offset: end,
            flushed: end,
            dirty_since: None,
        }
    }

    /// Up to where all is safely on disk.
    pub(super) fn recovery_point(&self) -> i64 {
        self.flushed
    }

    /// The offset of its first segment.
    pub(super) fn first_segment(&self) -> i64 {
        self.segments.first().copied().unwrap_or(0)
    }

    /// Takes a change; batches are written at the next other change, or by `write`.
    pub(super) fn take(&mut self, change: LogChange) -> Result<(), String> {
        match change {
            LogChange::Appended(batch) => {
                self.pending.push(batch.bytes);
                self.next_offset = batch.next_offset;
                return Ok(());
            }
            LogChange::Epochs(epochs) => {
                return notes::write_epochs(&self.dir.join(layout::EPOCHS), &epochs);
            }
            _ => self.write()?,
        }
        match change {
            LogChange::Rolled(base) => self.roll(base),
            LogChange::Truncated { segment, size } => self.truncate(segment, size),
            LogChange::Restarted(base) => {
                self.drop_segments(Order::NewestFirst, |_| true)?;
                self.flushed = base;
                self.next_offset = base;
                self.begin_segment(base)
            }
            LogChange::SegmentsDeleted(before) => {
                self.drop_segments(Order::OldestFirst, |base| base < before)
            }
            LogChange::Compacted(compacted) => self.compact(&compacted),
            _ => Ok(()),
        }
    }

    /// Writes what is pending.
    pub(super) fn write(&mut self) -> Result<(), String> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let base = self.segments.last().copied().unwrap_or(0);
        let path = layout::segment(&self.dir, base);
        let file = match &mut self.newest {
            Some(file) => file,
            none => none.insert(files::open_to_append(&path)?),
        };
        let written = files::write_all(file, &self.pending);
        written.map_err(|error| failed("write to", &path, &error))?;
        self.pending.clear();
        Ok(())
    }

    /// Makes what was written safe if `flush.messages` or `flush.ms` ask for it now; tells when
    /// `flush.ms` will.
    pub(super) fn flush_if_due(
        &mut self,
        now: SimTime,
        config: &LogConfig,
    ) -> Result<Option<SimTime>, String> {
        if self.flushed >= self.next_offset {
            return Ok(None);
        }
        let since = *self.dirty_since.get_or_insert(now);
        let due = since.plus_millis(config.flush_ms);
        let many = self.next_offset.saturating_sub(self.flushed) >= config.flush_messages;
        if many || due <= now {
            self.flush()?;
            return Ok(None);
        }
        // Kafka's default leaves it to the system.
        Ok(Some(due).filter(|_| config.flush_ms < NEVER_MS))
    }

    /// Makes what was written safe.
    pub(super) fn flush(&mut self) -> Result<(), String> {
        if let Some(file) = &self.newest {
            let synced = file.sync_data();
            synced.map_err(|error| failed("flush the files of", &self.dir, &error))?;
        }
        self.flushed = self.next_offset;
        self.dirty_since = None;
        Ok(())
    }

    /// Deletes the log.
    pub(super) fn delete(self, unique: &str) -> Result<(), String> {
        let mut name = self.dir.as_os_str().to_owned();
        name.push(format!(".{unique}{}", layout::DELETED));
        let deleted = PathBuf::from(name);
        files::rename(&self.dir, &deleted)?;
        files::remove_dir(&deleted)
    }

    fn roll(&mut self, base: i64) -> Result<(), String> {
        if self.segments.contains(&base) {
            return Ok(());
        }
        // A segment is whole on disk before the next one begins: only the newest can be torn.
        self.flush()?;
        self.begin_segment(base)
    }

    fn begin_segment(&mut self, base: i64) -> Result<(), String> {
        self.segments.insert(base);
        self.newest = Some(files::open_to_append(&layout::segment(&self.dir, base))?);
        Ok(())
    }

    fn truncate(&mut self, segment: i64, size: u64) -> Result<(), String> {
        self.drop_segments(Order::NewestFirst, |base| base > segment)?;
        self.newest = None;
        files::cut(&layout::segment(&self.dir, segment), size)?;
        // What is written anew above is not on disk yet, whatever was there before.
        self.flushed = self.flushed.min(segment);
        Ok(())
    }

    fn drop_segments(&mut self, order: Order, gone: impl Fn(i64) -> bool) -> Result<(), String> {
        let newest = self.segments.last().copied();
        let mut dropped: Vec<i64> = self.segments.extract_if(.., |base| gone(*base)).collect();
        if dropped.last().copied() == newest {
            self.newest = None;
        }
        if order == Order::NewestFirst {
            dropped.reverse();
        }
        for base in dropped {
            files::remove(&layout::segment(&self.dir, base))?;
        }
        Ok(())
    }

    fn compact(&mut self, compacted: &CompactedSegment) -> Result<(), String> {
        let Some(first) = compacted.replaces.first().copied() else {
            return Ok(());
        };
        let cleaned = layout::offset_file(&self.dir, first, layout::CLEANED);
        let swap = layout::offset_file(&self.dir, first, layout::SWAP);
        let written = File::create(&cleaned).and_then(|mut file| {
            files::write_all(&mut file, &compacted.batches)?;
            file.sync_data()
        });
        written.map_err(|error| failed("write", &cleaned, &error))?;
        files::rename(&cleaned, &swap)?;
        for base in compacted.replaces.iter().skip(1) {
            self.segments.remove(base);
            files::remove(&layout::segment(&self.dir, *base))?;
        }
        files::rename(&swap, &layout::segment(&self.dir, first))
    }
}
