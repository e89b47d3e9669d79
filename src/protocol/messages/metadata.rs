//! Metadata: the brokers and topics of the cluster, and who leads which partition.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    MetadataRequest {
        topics: Option<Vec<MetadataRequestTopic>> [0+] null[1+];
        allow_auto_topic_creation: bool [4+] = 1;
        include_cluster_authorized_operations: bool [8-10];
        include_topic_authorized_operations: bool [8+];
    }

    /// One of `MetadataRequest::topics`.
    MetadataRequestTopic {
        topic_id: Uuid [10+];
        name: Option<String> [0+] null[10+];
    }

    /// The response.
    MetadataResponse {
        throttle_time_ms: i32 [3+];
        brokers: Vec<MetadataResponseBroker> [0+];
        cluster_id: Option<String> [2+] none[2+];
        controller_id: i32 [1+] = -1;
        topics: Vec<MetadataResponseTopic> [0+];
        cluster_authorized_operations: i32 [8-10] = -2_147_483_648;
        error_code: i16 [13+];
    }

    /// One of `MetadataResponse::brokers`.
    MetadataResponseBroker {
        node_id: i32 [0+];
        host: String [0+];
        port: i32 [0+];
        rack: Option<String> [1+] none[1+];
    }

    /// One of `MetadataResponse::topics`.
    MetadataResponseTopic {
        error_code: i16 [0+];
        name: Option<String> [0+] null[12+];
        topic_id: Uuid [10+];
        is_internal: bool [1+];
        partitions: Vec<MetadataResponsePartition> [0+];
        topic_authorized_operations: i32 [8+] = -2_147_483_648;
    }

    /// One of `MetadataResponseTopic::partitions`.
    MetadataResponsePartition {
        error_code: i16 [0+];
        partition_index: i32 [0+];
        leader_id: i32 [0+];
        leader_epoch: i32 [7+] = -1;
        replica_nodes: Vec<i32> [0+];
        isr_nodes: Vec<i32> [0+];
        offline_replicas: Vec<i32> [5+];
    }
}
