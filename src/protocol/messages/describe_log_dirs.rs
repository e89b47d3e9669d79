//! DescribeLogDirs: the directories a broker keeps its logs in, and what each replica takes there.

use crate::wire::messages;

messages! {
    /// The request; no topics stand for all of them.
    DescribeLogDirsRequest {
        topics: Option<Vec<DescribableLogDirTopic>> [0+] null[0+];
    }

    /// One of `DescribeLogDirsRequest::topics`.
    DescribableLogDirTopic {
        topic: String [0+];
        partitions: Vec<i32> [0+];
    }

    /// The response.
    DescribeLogDirsResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [3+];
        results: Vec<DescribeLogDirsResult> [0+];
    }

    /// One of `DescribeLogDirsResponse::results`.
    DescribeLogDirsResult {
        error_code: i16 [0+];
        log_dir: String [0+];
        topics: Vec<DescribeLogDirsTopic> [0+];
        total_bytes: i64 [4+] = -1;
        usable_bytes: i64 [4+] = -1;
        is_cordoned: bool [5+];
    }

    /// One of `DescribeLogDirsResult::topics`.
    DescribeLogDirsTopic {
        name: String [0+];
        partitions: Vec<DescribeLogDirsPartition> [0+];
    }

    /// One of `DescribeLogDirsTopic::partitions`.
    DescribeLogDirsPartition {
        partition_index: i32 [0+];
        partition_size: i64 [0+];
        offset_lag: i64 [0+];
        is_future_key: bool [0+];
    }
}
