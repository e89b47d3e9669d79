//! The directory of one broker.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use engine::broker::Broker;
use engine::broker::disk::Disk;
use engine::ids::{BrokerId, TopicPartition};
use engine::log::config::LogConfig;
use engine::log::journal::{DiskChange, LogChange};
use engine::log::restore::{Damage, KeptLog, KeptSegment};
use engine::time::SimTime;
use protocol::Uuid;

use crate::data::partition::PartitionFiles;
use crate::data::{files, layout, notes};

/// `replica.high.watermark.checkpoint.interval.ms`.
const CHECKPOINT_MS: i64 = 5_000;

/// A broker's directory as it is being written.
#[derive(Debug)]
pub(super) struct BrokerFiles {
    dir: PathBuf,
    partitions: BTreeMap<TopicPartition, PartitionFiles>,
    checkpoint_due: Option<SimTime>,
    starts_moved: bool,
}

/// What there was.
#[derive(Debug)]
pub(super) struct FoundBroker {
    pub(super) files: BrokerFiles,
    pub(super) disk: Disk,
    /// Sentences about writes that were cut off.
    pub(super) torn: Vec<String>,
}

/// What is noted beside the logs.
struct Notes {
    high_watermarks: notes::Offsets,
    recovery_points: notes::Offsets,
    log_starts: notes::Offsets,
    /// The broker's epoch when it stopped in order, if it did.
    clean: Option<i64>,
}

impl BrokerFiles {
    /// Opens the directory of a broker, making it if need be.
    pub(super) fn open(dir: &Path) -> Result<FoundBroker, String> {
        let beside = Notes::read(dir)?;
        let mut found = FoundBroker {
            files: BrokerFiles {
                dir: dir.to_owned(),
                partitions: BTreeMap::new(),
                checkpoint_due: None,
                starts_moved: false,
            },
            disk: Disk::default(),
            torn: Vec::new(),
        };
        for name in files::names(dir)? {
            let path = dir.join(&name);
            if name.ends_with(layout::DELETED) || name.ends_with(layout::UNFINISHED) {
                files::remove_dir(&path)?;
            } else if name != layout::METADATA
                && path.is_dir()
                && let Some(partition) = layout::partition_of(&name)
            {
                found.take_log(partition, path, &beside)?;
            }
        }
        if let Some(epoch) = beside.clean {
            found.disk.set_clean_epoch(epoch);
        }
        files::remove(&dir.join(layout::CLEAN_SHUTDOWN))?;
        Ok(found)
    }

    /// Writes what changed on a broker's disk.
    pub(super) fn take(&mut self, now: SimTime, change: DiskChange) -> Result<(), String> {
        let DiskChange { partition, change } = change;
        self.checkpoint_due
            .get_or_insert(now.plus_millis(CHECKPOINT_MS));
        match change {
            LogChange::Created(topic_id) => {
                let dir = self.dir.join(partition.to_string());
                let files = PartitionFiles::create(dir, topic_id)?;
                self.partitions.insert(partition, files);
                Ok(())
            }
            LogChange::Deleted => match self.partitions.remove(&partition) {
                Some(files) => files.delete(&format!("{:032x}", now.0)),
                None => Ok(()),
            },
            change => {
                self.starts_moved |= matches!(change, LogChange::StartMoved(_));
                match self.partitions.get_mut(&partition) {
                    Some(files) => files.take(change),
                    None => Ok(()),
                }
            }
        }
    }

    /// Writes what is pending of the partitions that changed, makes safe what must be, and notes
    /// marks when that is due. Tells when it wants to be called again.
    pub(super) fn finish(
        &mut self,
        now: SimTime,
        changed: &BTreeSet<TopicPartition>,
        broker: Option<&Broker>,
    ) -> Result<Option<SimTime>, String> {
        let default = LogConfig::default();
        let mut due = None;
        for partition in changed {
            let log = broker.and_then(|broker| broker.log(partition));
            let config = log.map_or(&default, |log| log.config());
            if let Some(files) = self.partitions.get_mut(partition) {
                files.write()?;
                due = earlier(due, files.flush_if_due(now, config)?);
            }
        }
        let Some(broker) = broker else {
            return Ok(due);
        };
        if std::mem::take(&mut self.starts_moved) {
            self.write_log_starts(broker)?;
        }
        if self.checkpoint_due.is_some_and(|due| due <= now) {
            self.checkpoint_due = None;
            self.write_marks(broker)?;
        }
        Ok(earlier(due, self.checkpoint_due))
    }

    /// Whether there is any log.
    pub(super) fn has_logs(&self) -> bool {
        !self.partitions.is_empty()
    }

    /// All partitions that have a log here.
    pub(super) fn partitions(&self) -> BTreeSet<TopicPartition> {
        self.partitions.keys().cloned().collect()
    }

    /// The broker stops as it should.
    pub(super) fn close(&mut self, broker: &Broker) -> Result<(), String> {
        for files in self.partitions.values_mut() {
            files.write()?;
            files.flush()?;
        }
        self.write_marks(broker)?;
        self.write_log_starts(broker)?;
        let epoch = broker
            .image()
            .broker(broker.id())
            .map_or(-1, |own| own.epoch);
        notes::write_clean(&self.dir, epoch)
    }

    fn write_marks(&self, broker: &Broker) -> Result<(), String> {
        let marks = broker.logs();
        let marks = marks.map(|(partition, log)| (partition.clone(), log.high_watermark()));
        notes::write_offsets(&self.dir.join(layout::HIGH_WATERMARKS), &marks.collect())?;
        let points = self.partitions.iter();
        let points = points.map(|(partition, files)| (partition.clone(), files.recovery_point()));
        notes::write_offsets(&self.dir.join(layout::RECOVERY_POINTS), &points.collect())
    }

    /// Only where a log starts within its first segment is there anything to note.
    fn write_log_starts(&self, broker: &Broker) -> Result<(), String> {
        let starts = broker.logs().filter(|(partition, log)| {
            let first = self.partitions.get(partition);
            first.is_some_and(|files| log.log_start_offset() > files.first_segment())
        });
        let starts = starts.map(|(partition, log)| (partition.clone(), log.log_start_offset()));
        notes::write_offsets(&self.dir.join(layout::LOG_STARTS), &starts.collect())
    }
}

impl FoundBroker {
    fn take_log(
        &mut self,
        partition: TopicPartition,
        dir: PathBuf,
        beside: &Notes,
    ) -> Result<(), String> {
        let topic_id: Uuid = notes::read_topic_id(&dir)?;
        finish_swaps(&dir)?;
        let names = files::names(&dir)?;
        let bases: BTreeSet<i64> = names
            .iter()
            .filter_map(|name| layout::offset_of(name, ".log"))
            .collect();
        let mut segments = Vec::with_capacity(bases.len());
        for base in &bases {
            segments.push(KeptSegment {
                base_offset: *base,
                bytes: files::read(&layout::segment(&dir, *base))?,
            });
        }
        let noted = |offsets: &notes::Offsets| offsets.get(&partition).copied().unwrap_or(0);
        let kept = KeptLog {
            segments,
            log_start_offset: noted(&beside.log_starts),
            high_watermark: noted(&beside.high_watermarks),
            recovery_point: if beside.clean.is_some() {
                i64::MAX
            } else {
                noted(&beside.recovery_points)
            },
            epochs: notes::read_epochs(&dir.join(layout::EPOCHS))?,
        };
        if let Some(damage) = self.disk.restore(partition.clone(), topic_id, kept) {
            self.torn.push(judge(&dir, &damage)?);
        }
        let end = self.disk.log_end_offset(&partition).unwrap_or(0);
        let files = PartitionFiles::found(dir, bases, end);
        self.files.partitions.insert(partition, files);
        Ok(())
    }
}

impl Notes {
    fn read(dir: &Path) -> Result<Notes, String> {
        Ok(Notes {
            high_watermarks: notes::read_offsets(&dir.join(layout::HIGH_WATERMARKS))?,
            recovery_points: notes::read_offsets(&dir.join(layout::RECOVERY_POINTS))?,
            log_starts: notes::read_offsets(&dir.join(layout::LOG_STARTS))?,
            clean: notes::read_clean(dir)?,
        })
    }
}

/// A write that was cut off is cut off for good; damage before that is for a person to judge.
fn judge(dir: &Path, damage: &Damage) -> Result<String, String> {
    let path = layout::segment(dir, damage.segment);
    let (path, why, sound) = (path.display(), &damage.why, damage.sound);
    if damage.at_end {
        let lost = damage.lost;
        return Ok(format!(
            "{path}: cut off {lost} bytes that a crash left ({why})"
        ));
    }
    Err(format!(
        "{path} is damaged at byte {sound} ({why}), and more was written after it: \
         restore it, or delete it and all that follows in that directory"
    ))
}

/// Compaction that a crash interrupted: what is whole takes its place, the rest is begun again later.
fn finish_swaps(dir: &Path) -> Result<(), String> {
    for name in files::names(dir)? {
        if name.ends_with(layout::CLEANED) {
            files::remove(&dir.join(&name))?;
        } else if let Some(base) = layout::offset_of(&name, layout::SWAP) {
            let swap = dir.join(&name);
            let last = records::Batches::new(&files::read(&swap)?)
                .filter_map(Result::ok)
                .last()
                .map_or(base, |batch| batch.header.last_offset());
            for other in files::names(dir)? {
                let other = layout::offset_of(&other, ".log");
                if let Some(other) = other.filter(|other| base < *other && *other <= last) {
                    files::remove(&layout::segment(dir, other))?;
                }
            }
            files::rename(&swap, &layout::segment(dir, base))?;
        }
    }
    Ok(())
}

fn earlier(a: Option<SimTime>, b: Option<SimTime>) -> Option<SimTime> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Whose directory it is, made out if it is nobody's yet.
pub(super) fn claim(
    dir: &Path,
    broker: BrokerId,
    cluster_id: &str,
    directory_id: Uuid,
) -> Result<(), String> {
    match notes::read_meta(dir)? {
        None => notes::write_meta(
            dir,
            &notes::Meta {
                node_id: broker,
                cluster_id: cluster_id.to_owned(),
                directory_id,
            },
        ),
        Some(meta) if meta.node_id != broker || meta.cluster_id != cluster_id => Err(format!(
            "{} belongs to broker {} of cluster {}, not to broker {broker} of cluster {cluster_id}",
            dir.display(),
            meta.node_id,
            meta.cluster_id
        )),
        Some(_) => Ok(()),
    }
}
