//! TxnOffsetCommit: a group's offsets, that count once the transaction is committed.

use crate::wire::messages;

messages! {
    /// The request.
    TxnOffsetCommitRequest {
        transactional_id: String [0+];
        group_id: String [0+];
        producer_id: i64 [0+];
        producer_epoch: i16 [0+];
        generation_id: i32 [3+] = -1;
        member_id: String [3+];
        group_instance_id: Option<String> [3+] none[3+];
        topics: Vec<TxnOffsetCommitRequestTopic> [0+];
    }

    /// One of `TxnOffsetCommitRequest::topics`.
    TxnOffsetCommitRequestTopic {
        name: String [0+];
        partitions: Vec<TxnOffsetCommitRequestPartition> [0+];
    }

    /// One of `TxnOffsetCommitRequestTopic::partitions`.
    TxnOffsetCommitRequestPartition {
        partition_index: i32 [0+];
        committed_offset: i64 [0+];
        committed_leader_epoch: i32 [2+] = -1;
        committed_metadata: Option<String> [0+] null[0+];
    }

    /// The response.
    TxnOffsetCommitResponse {
        throttle_time_ms: i32 [0+];
        topics: Vec<TxnOffsetCommitResponseTopic> [0+];
    }

    /// One of `TxnOffsetCommitResponse::topics`.
    TxnOffsetCommitResponseTopic {
        name: String [0+];
        partitions: Vec<TxnOffsetCommitResponsePartition> [0+];
    }

    /// One of `TxnOffsetCommitResponseTopic::partitions`.
    TxnOffsetCommitResponsePartition {
        partition_index: i32 [0+];
        error_code: i16 [0+];
    }
}
