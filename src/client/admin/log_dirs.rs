//! What brokers say of their log directories.

use engine::ids::TopicPartition;
use protocol::ErrorCode;
use protocol::messages::describe_log_dirs::{DescribeLogDirsResponse, DescribeLogDirsResult};

use super::answer::{checked, unexpected};
use super::plan::{Found, Key};
use super::{LogDirDescription, Outcome, ReplicaInfo};
use crate::event::ClientError;

/// What one broker answered.
pub(super) fn described(body: &DescribeLogDirsResponse) -> Outcome<Found> {
    checked(body.error_code, None, || {
        Found::LogDirs(body.results.iter().map(directory).collect())
    })
}

/// What all brokers answered, by broker.
#[inline(never)]
pub(super) fn of_brokers<'a>(
    items: impl Iterator<Item = (&'a Key, Outcome<Found>)>,
) -> Vec<(i32, Outcome<Vec<LogDirDescription>>)> {
    items
        .filter_map(|(key, outcome)| match key {
            Key::Broker(id) => {
                let dirs = outcome.and_then(|found| match found {
                    Found::LogDirs(dirs) => Ok(dirs),
                    _ => Err(unexpected()),
                });
                Some((*id, dirs))
            }
            _ => None,
        })
        .collect()
}

fn directory(result: &DescribeLogDirsResult) -> LogDirDescription {
    let replicas = result.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|row| ReplicaInfo {
            partition: TopicPartition::new(topic.name.clone(), row.partition_index),
            size: row.partition_size,
            offset_lag: row.offset_lag,
            is_future: row.is_future_key,
        })
    });
    let failed = result.error_code != ErrorCode::None.code();
    LogDirDescription {
        path: result.log_dir.clone(),
        error: failed.then(|| ClientError::of(result.error_code, None)),
        replicas: replicas.collect(),
        total_bytes: result.total_bytes,
        usable_bytes: result.usable_bytes,
    }
}
