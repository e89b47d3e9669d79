//! DescribeQuorum: the voters and observers of the metadata log.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    DescribeQuorumRequest {
        topics: Vec<AskedTopic> [0+];
    }

    /// One of `DescribeQuorumRequest::topics`.
    AskedTopic {
        topic_name: String [0+];
        partitions: Vec<AskedPartition> [0+];
    }

    /// One of `AskedTopic::partitions`.
    AskedPartition {
        partition_index: i32 [0+];
    }

    /// The response.
    DescribeQuorumResponse {
        error_code: i16 [0+];
        error_message: Option<String> [2+] null[2+];
        topics: Vec<TopicData> [0+];
        nodes: Vec<Node> [2+];
    }

    /// One of `DescribeQuorumResponse::topics`.
    TopicData {
        topic_name: String [0+];
        partitions: Vec<PartitionData> [0+];
    }

    /// One of `TopicData::partitions`.
    PartitionData {
        partition_index: i32 [0+];
        error_code: i16 [0+];
        error_message: Option<String> [2+] null[2+];
        leader_id: i32 [0+];
        leader_epoch: i32 [0+];
        high_watermark: i64 [0+];
        current_voters: Vec<ReplicaState> [0+];
        observers: Vec<ReplicaState> [0+];
    }

    /// One of `PartitionData::current_voters` and `PartitionData::observers`.
    ReplicaState {
        replica_id: i32 [0+];
        replica_directory_id: Uuid [2+];
        log_end_offset: i64 [0+];
        last_fetch_timestamp: i64 [1+] = -1;
        last_caught_up_timestamp: i64 [1+] = -1;
    }

    /// One of `DescribeQuorumResponse::nodes`.
    Node {
        node_id: i32 [2+];
        listeners: Vec<Listener> [2+];
    }

    /// One of `Node::listeners`.
    Listener {
        name: String [2+];
        host: String [2+];
        port: u16 [2+];
    }
}
