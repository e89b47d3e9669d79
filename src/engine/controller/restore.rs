//! The controller and files: what it wants kept, and how it starts again from what was kept.

use bytes::Bytes;
use records::sorted::{SortedMap, SortedSet};
use records::{BatchError, Batches};

use crate::controller::balance::Balance;
use crate::controller::brokers::Session;
use crate::controller::log::{MetadataChange, MetadataLog};
use crate::controller::{Controller, ControllerConfig};
use crate::image::MetadataImage;
use crate::image::log::ReplayError;
use crate::image::snapshot::{Snapshot, control};
use crate::rng::Rng;
use crate::time::SimTime;

/// The type of the control record with which a leader of the quorum begins.
const LEADER_CHANGE_TYPE: u8 = 2;
/// Belongs to no registration.
const NO_EPOCH: i64 = -1;

/// What was kept of the metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptMetadata {
    /// The newest snapshot.
    pub snapshot: Option<Snapshot>,
    /// The segments of the log, oldest first, up to the last whole batch.
    pub segments: Vec<Bytes>,
}

impl KeptMetadata {
    /// The newest epoch in it; 0 if it is empty.
    pub fn epoch(&self) -> i32 {
        let saved = self.snapshot.as_ref().map_or(0, |snapshot| snapshot.epoch);
        let batches = self.segments.iter().flat_map(|bytes| Batches::new(bytes));
        let epochs = batches.map_while(Result::ok);
        let epochs = epochs.map(|batch| batch.header.partition_leader_epoch);
        epochs.fold(saved, i32::max)
    }
}

impl Controller {
    /// The controller of a cluster that has run before, in a new epoch. Errors if what was kept is
    /// damaged; nothing of it is passed over.
    #[inline(never)]
    pub fn restore(
        config: ControllerConfig,
        rng: Rng,
        now: SimTime,
        kept: KeptMetadata,
    ) -> Result<Controller, ReplayError> {
        let mut image = match &kept.snapshot {
            Some(snapshot) => snapshot.load()?,
            None => MetadataImage::new(),
        };
        for segment in &kept.segments {
            image.replay_log(segment).1?;
        }
        let log =
            MetadataLog::restore(kept.snapshot, &kept.segments).map_err(ReplayError::Batch)?;
        let mut balance = Balance::new(now, config.leader_imbalance_check_interval_ms);
        balance.note(now, &image, &image.since(&MetadataImage::new()));
        let mut controller = Controller {
            epoch: image.epoch().saturating_add(1),
            sessions: sessions(&image, now),
            connections: SortedSet::new(),
            parked: SortedMap::new(),
            out: Vec::new(),
            balance,
            config,
            rng,
            log,
            image,
        };
        controller.begin_epoch(now).map_err(ReplayError::Batch)?;
        Ok(controller)
    }

    /// The number of its epoch: each start from files begins a new one.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// Notes all changes of the metadata log from now on, for whoever keeps it in files.
    pub fn keep_journal(&mut self) {
        self.log.keep_journal();
    }

    /// What changed in the metadata log since the last call. Nothing that
    /// [`crate::net::Machine::drain`] gives at the same time may leave before these changes are kept.
    pub fn take_log_changes(&mut self) -> Vec<MetadataChange> {
        self.log.take_changes()
    }

    /// A leader begins with a record of the quorum that changes no metadata; here it makes the new
    /// epoch known to the next start.
    fn begin_epoch(&mut self, now: SimTime) -> Result<(), BatchError> {
        let node = self.config.node_id.to_be_bytes();
        let voter: Vec<u8> = [&[2][..], &node, &[0]].concat();
        let value = [&[0, 0][..], &node, &voter, &voter, &[0]].concat();
        let offset = self.log.end_offset();
        let batch = control(offset, self.epoch, now, LEADER_CHANGE_TYPE, &value)?;
        self.log.store(batch, offset.saturating_add(1));
        self.image.advance_to(offset, self.epoch);
        Ok(())
    }
}

/// Brokers that were alive get the time of a session to come back. They are not proven alive,
/// though: whoever registers with such a number is let in at once.
fn sessions(image: &MetadataImage, now: SimTime) -> SortedMap<i32, Session> {
    let session = || Session {
        epoch: NO_EPOCH,
        last_contact: now,
        metadata_offset: -1,
        shutdown_offset: None,
    };
    image
        .brokers()
        .map(|broker| (broker.id, session()))
        .collect()
}
