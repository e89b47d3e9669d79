//! Changes of this broker's logs, for whoever keeps them in files.

use protocol::Uuid;

use crate::ids::TopicPartition;
use crate::log::journal::{DiskChange, LogChange};
use crate::replica::Replicas;

impl Replicas {
    /// Notes all changes of logs from now on, and those that restored logs have noted already.
    pub fn keep_journal(&mut self) {
        let journal = self.journal.get_or_insert_default();
        for (partition, stored) in &mut self.disk.logs {
            stored.log.keep_journal();
            stored.log.move_changes(partition, journal);
        }
    }

    /// What changed since the last call; nothing unless [`Replicas::keep_journal`] was called.
    pub fn take_disk_changes(&mut self) -> Vec<DiskChange> {
        self.journal.as_mut().map_or_else(Vec::new, std::mem::take)
    }

    /// Notes that a log came to be.
    pub(super) fn note_created(&mut self, partition: &TopicPartition, topic_id: Uuid) {
        let Some(journal) = &mut self.journal else {
            return;
        };
        journal.push(DiskChange {
            partition: partition.clone(),
            change: LogChange::Created(topic_id),
        });
        if let Some(stored) = self.disk.logs.get_mut(partition) {
            stored.log.keep_journal();
        }
    }

    /// Notes that a log is gone.
    pub(super) fn note_deleted(&mut self, partition: &TopicPartition) {
        if let Some(journal) = &mut self.journal {
            journal.push(DiskChange {
                partition: partition.clone(),
                change: LogChange::Deleted,
            });
        }
    }
}
