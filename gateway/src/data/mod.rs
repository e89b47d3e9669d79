//! A directory that the cluster is kept in, laid out as Kafka lays out its own: the real
//! `kafka-dump-log` reads it.
//!
//! `DIR/broker-N/` is what Kafka's `log.dirs` is for broker N. What a turn of the cluster changed is
//! written before the turn's answers leave, so that the end of this process, at whatever moment,
//! loses nothing acknowledged; `flush.messages` and `flush.ms` say when it also survives the end of
//! the machine. After that, a start cuts off what was not written to its end.
//!
//! - [`layout`]: names; [`notes`]: the small files; [`files`]: what is done to files
//! - `partition`: one log; `broker`: one broker's; `metadata`: the controller's

mod broker;
pub mod files;
pub mod layout;
mod metadata;
pub mod notes;
mod partition;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use engine::ids::{BrokerId, TopicPartition};
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::Uuid;

use crate::cluster::Cluster;
use crate::data::broker::BrokerFiles;
use crate::data::metadata::MetadataFiles;
use crate::kept::Kept;
use crate::storage::Storage;

/// The broker that the controller is combined with.
const CONTROLLER: BrokerId = 1;

/// A directory in use. No other process may use it meanwhile.
#[derive(Debug)]
pub struct Data {
    _lock: File,
    brokers: BTreeMap<BrokerId, BrokerFiles>,
    metadata: MetadataFiles,
    next_wakeup: Option<SimTime>,
}

/// What was found in a directory.
#[derive(Debug)]
pub struct Opened {
    /// The directory, to go on with.
    pub data: Data,
    /// What the cluster starts from.
    pub kept: Kept,
    /// Sentences about writes that were cut off by a crash.
    pub torn: Vec<String>,
}

impl Data {
    /// Opens a directory for `brokers` brokers, making it if need be. A new cluster takes its ids
    /// from `rng`.
    ///
    /// # Errors
    /// A sentence, if it cannot be used; nothing in it is lost then.
    pub fn open(root: &Path, brokers: BrokerId, rng: &mut Rng) -> Result<Opened, String> {
        files::make_dir(root)?;
        let lock = lock(root)?;
        let first = layout::broker_dir(root, CONTROLLER);
        files::make_dir(&first)?;
        let known = notes::read_meta(&first)?.map(|meta| meta.cluster_id);
        let new_id = Uuid(rng.uuid_bytes()).to_string();
        let cluster_id = known.unwrap_or(new_id);
        let mut kept = Kept::default();
        let mut torn = Vec::new();
        let mut found_brokers = BTreeMap::new();
        for id in 1..=brokers {
            let dir = layout::broker_dir(root, id);
            files::make_dir(&dir)?;
            broker::claim(&dir, id, &cluster_id, Uuid(rng.uuid_bytes()))?;
            let found = BrokerFiles::open(&dir)?;
            torn.extend(found.torn);
            kept.disks.insert(id, found.disk);
            found_brokers.insert(id, found.files);
        }
        let metadata = MetadataFiles::open(&first, CONTROLLER)?;
        torn.extend(metadata.torn);
        if metadata.kept.is_none() && found_brokers.values().any(BrokerFiles::has_logs) {
            return Err(format!(
                "{} holds no metadata, but there are logs, which would all be taken for those of \
                 deleted topics: restore it, or take another directory",
                first.join(layout::METADATA).display()
            ));
        }
        kept.metadata = metadata.kept;
        kept.cluster_id = Some(cluster_id);
        let data = Data {
            _lock: lock,
            brokers: found_brokers,
            metadata: metadata.files,
            next_wakeup: None,
        };
        Ok(Opened { data, kept, torn })
    }

    /// Writes what the cluster changed since the last call.
    ///
    /// # Errors
    /// A sentence, if it could not be written: then it must not be acknowledged either.
    pub fn write(&mut self, now: SimTime, cluster: &mut Cluster) -> Result<(), String> {
        let due = self.next_wakeup.is_some_and(|at| at <= now);
        // First the metadata: a log whose topic is not known would be taken for a deleted one's.
        self.metadata.keep(cluster.take_log_changes())?;
        let mut changed: BTreeMap<BrokerId, BTreeSet<TopicPartition>> = BTreeMap::new();
        for (id, change) in cluster.take_disk_changes() {
            if let Some(files) = self.brokers.get_mut(&id) {
                changed
                    .entry(id)
                    .or_default()
                    .insert(change.partition.clone());
                files.take(now, change)?;
            }
        }
        if due {
            self.next_wakeup = None;
            for (id, files) in &self.brokers {
                changed.entry(*id).or_default().extend(files.partitions());
            }
        }
        for (id, partitions) in changed {
            if let Some(files) = self.brokers.get_mut(&id) {
                let wanted = files.finish(now, &partitions, cluster.broker(id))?;
                self.next_wakeup = match (self.next_wakeup, wanted) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
        }
        Ok(())
    }
}

impl Storage for Data {
    fn keep(&mut self, now: SimTime, cluster: &mut Cluster) -> Result<(), String> {
        self.write(now, cluster)
    }

    fn next_wakeup(&self) -> Option<SimTime> {
        self.next_wakeup
    }

    fn close(&mut self, cluster: &Cluster) -> Result<(), String> {
        for broker in cluster.brokers() {
            if let Some(files) = self.brokers.get_mut(&broker.id()) {
                files.close(broker)?;
            }
        }
        Ok(())
    }
}

fn lock(root: &Path) -> Result<File, String> {
    let path: PathBuf = root.join(layout::LOCK);
    let file = files::open_to_append(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(format!(
            "{} is in use by another process: stop that one, or take another directory",
            root.display()
        )),
        Err(TryLockError::Error(error)) => Err(files::failed("lock", &path, &error)),
    }
}
