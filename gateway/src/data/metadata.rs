//! The files of the metadata log and its snapshots.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use engine::controller::log::MetadataChange;
use engine::controller::restore::KeptMetadata;
use engine::ids::BrokerId;
use engine::image::snapshot::Snapshot;
use engine::log::epochs::EpochStart;
use protocol::Uuid;
use records::{BatchHeader, Batches};

use crate::data::files::{self, failed};
use crate::data::{layout, notes};

/// The metadata log as it is being written.
#[derive(Debug)]
pub(super) struct MetadataFiles {
    dir: PathBuf,
    segments: BTreeSet<i64>,
    newest: Option<File>,
    end: i64,
    epochs: Vec<EpochStart>,
    leader: BrokerId,
}

/// What there was of a metadata log.
#[derive(Debug)]
pub(super) struct FoundMetadata {
    pub(super) files: MetadataFiles,
    /// Nothing, if this is a new cluster.
    pub(super) kept: Option<KeptMetadata>,
    /// A sentence, if a write was cut off.
    pub(super) torn: Option<String>,
}

impl MetadataFiles {
    /// Opens the directory, making it if need be.
    pub(super) fn open(broker_dir: &Path, leader: BrokerId) -> Result<FoundMetadata, String> {
        let dir = broker_dir.join(layout::METADATA);
        let mut files = MetadataFiles {
            segments: BTreeSet::new(),
            newest: None,
            end: 0,
            epochs: Vec::new(),
            leader,
            dir,
        };
        if !files.dir.join(layout::PARTITION).exists() {
            files::make_dir(&files.dir)?;
            notes::write_topic_id(&files.dir, Uuid::ONE)?;
            return Ok(FoundMetadata {
                files,
                kept: None,
                torn: None,
            });
        }
        files.epochs = notes::read_epochs(&files.dir.join(layout::EPOCHS))?;
        let names = files::names(&files.dir)?;
        let snapshot = files.newest_snapshot(&names)?;
        let found = names
            .iter()
            .filter_map(|name| layout::offset_of(name, ".log"));
        files.segments = found.collect();
        let mut kept = KeptMetadata {
            snapshot,
            segments: Vec::new(),
        };
        let mut torn = None;
        let last = files.segments.last().copied();
        for base in files.segments.clone() {
            let path = layout::segment(&files.dir, base);
            let bytes = files::read(&path)?;
            let sound = sound_prefix(&bytes);
            if sound < bytes.len() {
                if Some(base) != last {
                    return Err(format!(
                        "{} is damaged at byte {sound}, and more was written after it: restore it",
                        path.display()
                    ));
                }
                files::cut(&path, sound as u64)?;
                let lost = bytes.len().saturating_sub(sound);
                let path = path.display();
                torn = Some(format!(
                    "{path}: cut off an unfinished write of {lost} bytes"
                ));
            }
            kept.segments.push(bytes.slice(..sound));
        }
        let empty = kept.snapshot.is_none() && kept.segments.iter().all(Bytes::is_empty);
        Ok(FoundMetadata {
            files,
            kept: (!empty).then_some(kept),
            torn,
        })
    }

    /// Writes what changed, and makes it safe: what brokers do with their logs depends on it.
    pub(super) fn keep(&mut self, changes: Vec<MetadataChange>) -> Result<(), String> {
        let mut pending: Vec<Bytes> = Vec::new();
        for change in changes {
            match change {
                MetadataChange::Appended(batch) => {
                    self.note_batch(&batch)?;
                    pending.push(batch);
                }
                MetadataChange::Snapshot {
                    snapshot,
                    log_start,
                } => {
                    self.append(&std::mem::take(&mut pending))?;
                    self.take_snapshot(&snapshot, log_start)?;
                }
            }
        }
        self.append(&pending)
    }

    fn append(&mut self, batches: &[Bytes]) -> Result<(), String> {
        if batches.is_empty() {
            return Ok(());
        }
        let base = match self.segments.last() {
            Some(base) => *base,
            None => {
                self.segments.insert(0);
                0
            }
        };
        let path = layout::segment(&self.dir, base);
        let file = match &mut self.newest {
            Some(file) => file,
            none => none.insert(files::open_to_append(&path)?),
        };
        let written = files::write_all(file, batches).and_then(|()| file.sync_data());
        written.map_err(|error| failed("write to", &path, &error))
    }

    fn note_batch(&mut self, batch: &Bytes) -> Result<(), String> {
        let Ok(header) = BatchHeader::parse(batch) else {
            return Ok(());
        };
        self.end = header.next_offset();
        let epoch = header.partition_leader_epoch;
        if self.epochs.last().is_none_or(|last| last.epoch < epoch) {
            self.epochs.push(EpochStart {
                epoch,
                start_offset: header.base_offset,
            });
            notes::write_epochs(&self.dir.join(layout::EPOCHS), &self.epochs)?;
            notes::write_quorum(&self.dir, self.leader, epoch)?;
        }
        Ok(())
    }

    fn take_snapshot(&mut self, snapshot: &Snapshot, log_start: i64) -> Result<(), String> {
        let path = layout::snapshot(&self.dir, snapshot.end_offset, snapshot.epoch);
        files::replace(&path, &snapshot.bytes)?;
        let end = snapshot.end_offset;
        self.segments.insert(end);
        self.newest = Some(files::open_to_append(&layout::segment(&self.dir, end))?);
        // A segment goes when all of it lies below the log's start.
        let ends: Vec<i64> = self.segments.iter().skip(1).copied().collect();
        let gone = self.segments.iter().zip(ends);
        let gone: Vec<i64> = gone
            .filter(|(_, end)| *end <= log_start)
            .map(|(base, _)| *base)
            .collect();
        for base in gone {
            self.segments.remove(&base);
            files::remove(&layout::segment(&self.dir, base))?;
        }
        for name in files::names(&self.dir)? {
            if layout::snapshot_of(&name).is_some_and(|(offset, _)| offset < end) {
                files::remove(&self.dir.join(name))?;
            }
        }
        Ok(())
    }

    fn newest_snapshot(&self, names: &[String]) -> Result<Option<Snapshot>, String> {
        let found = names.iter().filter_map(|name| layout::snapshot_of(name));
        let Some((end_offset, epoch)) = found.max() else {
            return Ok(None);
        };
        let bytes = files::read(&layout::snapshot(&self.dir, end_offset, epoch))?;
        Ok(Some(Snapshot {
            end_offset,
            epoch,
            bytes,
        }))
    }
}

/// Bytes of the whole, sound batches at the start.
fn sound_prefix(bytes: &Bytes) -> usize {
    let batches = Batches::new(bytes);
    let sound = batches.map_while(|batch| batch.ok().filter(|batch| batch.check().is_ok()));
    sound.map(|batch| batch.bytes.len()).sum()
}
