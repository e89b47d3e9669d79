//! A broker that is far behind fetches a snapshot of the metadata, piece by piece.

use protocol::messages::fetch::SnapshotId;
use protocol::messages::fetch_snapshot::{
    FetchSnapshotRequest, FetchSnapshotResponse, PartitionSnapshot, TopicSnapshot,
};
use protocol::{ApiKey, Request};
use serde::Serialize;

use crate::broker::config::BrokerConfig;
use crate::broker::controller::METADATA_MAX_BYTES;
use crate::broker::link::Call;
use crate::ids::METADATA_TOPIC;
use crate::image::snapshot::Snapshot;
use crate::time::SimTime;

/// A snapshot on its way here.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SnapshotFetch {
    id: SnapshotId,
    received: Vec<u8>,
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Progress {
    /// Not all of it is here.
    More(SnapshotFetch),
    /// It is all here.
    Whole(Snapshot),
}

impl SnapshotFetch {
    pub(super) fn new(id: SnapshotId) -> SnapshotFetch {
        SnapshotFetch {
            id,
            received: Vec::new(),
        }
    }

    pub(super) fn call(&self, now: SimTime, config: &BrokerConfig) -> Call<()> {
        let partition = PartitionSnapshot {
            partition: 0,
            current_leader_epoch: -1,
            snapshot_id: self.id.clone(),
            position: self.position(),
            ..PartitionSnapshot::default()
        };
        let request = FetchSnapshotRequest {
            replica_id: config.id,
            max_bytes: METADATA_MAX_BYTES,
            topics: vec![TopicSnapshot {
                name: METADATA_TOPIC.to_owned(),
                partitions: vec![partition],
            }],
            ..FetchSnapshotRequest::default()
        };
        Call {
            request: Request::FetchSnapshot(request),
            version: ApiKey::FetchSnapshot.spec().max_version,
            deadline: now.plus_millis(config.request_timeout_ms),
            about: (),
        }
    }

    /// Takes the next piece; nothing if that is not what came.
    pub(super) fn take(mut self, response: &FetchSnapshotResponse) -> Option<Progress> {
        let piece = response.topics.first()?.partitions.first()?;
        let fits = response.error_code == 0
            && piece.error_code == 0
            && piece.snapshot_id == self.id
            && piece.position == self.position()
            && !piece.unaligned_records.is_empty();
        if !fits {
            return None;
        }
        self.received.extend_from_slice(&piece.unaligned_records);
        if self.position() < piece.size {
            return Some(Progress::More(self));
        }
        Some(Progress::Whole(Snapshot {
            end_offset: self.id.end_offset,
            epoch: self.id.epoch,
            bytes: self.received.into(),
        }))
    }

    fn position(&self) -> i64 {
        i64::try_from(self.received.len()).unwrap_or(i64::MAX)
    }
}
