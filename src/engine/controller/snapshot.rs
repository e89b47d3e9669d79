//! Snapshots: the metadata log does not grow for ever, and brokers that are far behind fetch what it
//! adds up to instead.

use bytes::Bytes;
use protocol::ErrorCode;
use protocol::messages::fetch_snapshot::{
    FetchSnapshotRequest, FetchSnapshotResponse, PartitionSnapshot, SnapshotLeader, SnapshotPiece,
    TopicPiece,
};

use crate::controller::Controller;
use crate::ids::METADATA_TOPIC;
use crate::image::snapshot::Snapshot;
use crate::time::SimTime;

impl Controller {
    /// Takes a snapshot if enough was written since the last one.
    pub(super) fn save_if_due(&mut self, now: SimTime) {
        if self.log.unsaved_bytes() < self.config.snapshot_bytes {
            return;
        }
        // What was written as records before fits into batches again.
        if let Ok(snapshot) = Snapshot::of(&self.image, now) {
            self.log.take_snapshot(snapshot);
        }
    }
}

/// Answers FetchSnapshot.
pub fn fetch(controller: &Controller, request: &FetchSnapshotRequest) -> FetchSnapshotResponse {
    let limit = usize::try_from(request.max_bytes).unwrap_or(0);
    let topics = request.topics.iter().map(|topic| TopicPiece {
        name: topic.name.clone(),
        partitions: topic
            .partitions
            .iter()
            .map(|wanted| piece(controller, &topic.name, wanted, limit))
            .collect(),
    });
    FetchSnapshotResponse {
        topics: topics.collect(),
        ..FetchSnapshotResponse::default()
    }
}

fn piece(
    controller: &Controller,
    topic: &str,
    wanted: &PartitionSnapshot,
    limit: usize,
) -> SnapshotPiece {
    let found = if topic == METADATA_TOPIC && wanted.partition == 0 {
        find(controller, wanted, limit)
    } else {
        Err(ErrorCode::UnknownTopicOrPartition)
    };
    let (code, size, bytes) = match found {
        Ok((size, bytes)) => (ErrorCode::None, size, bytes),
        Err(code) => (code, 0, Bytes::new()),
    };
    SnapshotPiece {
        index: wanted.partition,
        error_code: code.code(),
        snapshot_id: wanted.snapshot_id.clone(),
        current_leader: SnapshotLeader {
            leader_id: controller.config.node_id,
            leader_epoch: controller.epoch,
        },
        size,
        position: wanted.position,
        unaligned_records: bytes,
    }
}

fn find(
    controller: &Controller,
    wanted: &PartitionSnapshot,
    limit: usize,
) -> Result<(i64, Bytes), ErrorCode> {
    let same = |snapshot: &&Snapshot| {
        snapshot.end_offset == wanted.snapshot_id.end_offset
            && snapshot.epoch == wanted.snapshot_id.epoch
    };
    let snapshot = controller.log.snapshot().filter(same);
    let bytes = &snapshot.ok_or(ErrorCode::SnapshotNotFound)?.bytes;
    let from = usize::try_from(wanted.position).unwrap_or(usize::MAX);
    if from >= bytes.len() {
        return Err(ErrorCode::PositionOutOfRange);
    }
    let end = bytes.len().min(from.saturating_add(limit));
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    Ok((size, bytes.slice(from..end)))
}
