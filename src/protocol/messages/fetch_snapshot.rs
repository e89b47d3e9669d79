//! FetchSnapshot: a broker that is far behind asks the controller for all metadata at one offset.

use bytes::Bytes;

use crate::messages::fetch::SnapshotId;
use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    FetchSnapshotRequest {
        cluster_id: Option<String> [0+] none[0+] tag 0;
        replica_id: i32 [0+] = -1;
        max_bytes: i32 [0+] = 0x7fff_ffff;
        topics: Vec<TopicSnapshot> [0+];
    }

    /// One of `FetchSnapshotRequest::topics`.
    TopicSnapshot {
        name: String [0+];
        partitions: Vec<PartitionSnapshot> [0+];
    }

    /// One of `TopicSnapshot::partitions`.
    PartitionSnapshot {
        partition: i32 [0+];
        current_leader_epoch: i32 [0+];
        snapshot_id: SnapshotId [0+];
        position: i64 [0+];
        replica_directory_id: Uuid [1+] tag 0;
    }

    /// The response.
    FetchSnapshotResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        topics: Vec<TopicPiece> [0+];
        node_endpoints: Vec<SnapshotNode> [1+] tag 0;
    }

    /// One of `FetchSnapshotResponse::topics`.
    TopicPiece {
        name: String [0+];
        partitions: Vec<SnapshotPiece> [0+];
    }

    /// One of `TopicPiece::partitions`: a part of a snapshot, from `position` on.
    SnapshotPiece {
        index: i32 [0+];
        error_code: i16 [0+];
        snapshot_id: SnapshotId [0+];
        current_leader: SnapshotLeader [0+] tag 0;
        size: i64 [0+];
        position: i64 [0+];
        unaligned_records: Bytes [0+];
    }

    /// For `SnapshotPiece::current_leader`.
    SnapshotLeader {
        leader_id: i32 [0+];
        leader_epoch: i32 [0+];
    }

    /// One of `FetchSnapshotResponse::node_endpoints`.
    SnapshotNode {
        node_id: i32 [1+];
        host: String [1+];
        port: u16 [1+];
    }
}
