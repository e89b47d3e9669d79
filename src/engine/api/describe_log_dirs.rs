//! DescribeLogDirs: what each replica takes on this broker's disk.

use protocol::messages::describe_log_dirs::{
    DescribeLogDirsPartition, DescribeLogDirsRequest, DescribeLogDirsResponse,
    DescribeLogDirsResult, DescribeLogDirsTopic,
};

use crate::api::Context;
use crate::ids::TopicPartition;
use crate::log::PartitionLog;

/// The lag of a log that is on the disk but of no partition the broker keeps.
const NO_LAG: i64 = -1;

/// Answers from the one directory there is. Its volume's size is not told (-1): the disk has none.
#[inline(never)]
pub fn handle(context: &Context<'_>, request: &DescribeLogDirsRequest) -> DescribeLogDirsResponse {
    let mut topics: Vec<DescribeLogDirsTopic> = Vec::new();
    for (partition, log) in context.replicas.logs() {
        if !is_asked(request, partition) {
            continue;
        }
        let row = row(context, partition, log);
        match topics.last_mut() {
            Some(topic) if topic.name == partition.topic => topic.partitions.push(row),
            _ => topics.push(DescribeLogDirsTopic {
                name: partition.topic.clone(),
                partitions: vec![row],
            }),
        }
    }
    DescribeLogDirsResponse {
        results: vec![DescribeLogDirsResult {
            log_dir: context.config.log_dir.clone(),
            topics,
            ..DescribeLogDirsResult::default()
        }],
        ..DescribeLogDirsResponse::default()
    }
}

fn is_asked(request: &DescribeLogDirsRequest, partition: &TopicPartition) -> bool {
    let Some(topics) = &request.topics else {
        return true;
    };
    topics.iter().any(|topic| {
        topic.topic == partition.topic && topic.partitions.contains(&partition.partition)
    })
}

fn row(
    context: &Context<'_>,
    partition: &TopicPartition,
    log: &PartitionLog,
) -> DescribeLogDirsPartition {
    // How far a copy that is being moved to another directory is behind; the log in use never is.
    let behind = log.high_watermark().saturating_sub(log.log_end_offset());
    let kept = context.replicas.hosted(partition).is_some();
    DescribeLogDirsPartition {
        partition_index: partition.partition,
        partition_size: i64::try_from(log.size_bytes()).unwrap_or(i64::MAX),
        offset_lag: if kept { behind.max(0) } else { NO_LAG },
        is_future_key: false,
    }
}
