//! Brokers follow the metadata log by fetching it; a fetch at its end waits for news.

use bytes::Bytes;
use protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, FetchableTopicResponse,
    LeaderIdAndEpoch, PartitionData, SnapshotId,
};
use protocol::{ErrorCode, Uuid};
use serde::Serialize;

use crate::controller::Controller;
use crate::ids::METADATA_TOPIC;
use crate::time::SimTime;

/// The id of the metadata topic.
pub const METADATA_TOPIC_ID: Uuid = Uuid::ONE;

/// The first version of Fetch that names topics by id.
const FIRST_VERSION_WITH_IDS: i16 = 13;

/// A fetch that waits for news.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParkedFetch {
    /// Its header's correlation id.
    pub correlation_id: i32,
    /// Its version.
    pub version: i16,
    /// When it is answered in any case.
    pub deadline: SimTime,
    /// What it asked.
    pub request: FetchRequest,
}

/// The answer to a fetch, and whether it brings anything: records or an error.
pub fn fetch(
    controller: &Controller,
    request: &FetchRequest,
    version: i16,
) -> (FetchResponse, bool) {
    let mut budget = usize::try_from(request.max_bytes).unwrap_or(0);
    let mut has_news = request
        .topics
        .iter()
        .all(|topic| topic.partitions.is_empty());
    let mut responses = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let error = topic_error(topic, version);
        let partitions = topic.partitions.iter().map(|partition| {
            let data = match error {
                Some(error) => refused(partition, error),
                None => read(controller, partition, budget),
            };
            let size = data.records.as_ref().map_or(0, |records| records.len());
            budget = budget.saturating_sub(size);
            let elsewhere = data.snapshot_id.end_offset >= 0;
            has_news |= size > 0 || elsewhere || data.error_code != 0;
            data
        });
        let partitions = partitions.collect();
        responses.push(FetchableTopicResponse {
            topic: topic.topic.clone(),
            topic_id: topic.topic_id,
            partitions,
        });
    }
    (
        FetchResponse {
            responses,
            ..Default::default()
        },
        has_news,
    )
}

fn topic_error(topic: &FetchTopic, version: i16) -> Option<ErrorCode> {
    if version >= FIRST_VERSION_WITH_IDS {
        (topic.topic_id != METADATA_TOPIC_ID).then_some(ErrorCode::UnknownTopicId)
    } else {
        (topic.topic != METADATA_TOPIC).then_some(ErrorCode::UnknownTopicOrPartition)
    }
}

fn read(controller: &Controller, partition: &FetchPartition, budget: usize) -> PartitionData {
    let end_offset = controller.log.end_offset();
    let epoch = controller.epoch;
    if partition.partition != 0 {
        return refused(partition, ErrorCode::UnknownTopicOrPartition);
    }
    if partition.current_leader_epoch > epoch {
        return refused(partition, ErrorCode::UnknownLeaderEpoch);
    }
    if (0..epoch).contains(&partition.current_leader_epoch) {
        return refused(partition, ErrorCode::FencedLeaderEpoch);
    }
    if !(0..=end_offset).contains(&partition.fetch_offset) {
        return refused(partition, ErrorCode::OffsetOutOfRange);
    }
    let limit = usize::try_from(partition.partition_max_bytes)
        .unwrap_or(0)
        .min(budget);
    let start_offset = controller.log.start_offset();
    let behind = partition.fetch_offset < start_offset;
    // What is gone from the log is in the snapshot.
    let snapshot = controller.log.snapshot().filter(|_| behind);
    let snapshot_id = snapshot.map_or_else(SnapshotId::default, |snapshot| SnapshotId {
        end_offset: snapshot.end_offset,
        epoch: snapshot.epoch,
    });
    let read = || controller.log.read(partition.fetch_offset, limit);
    PartitionData {
        partition_index: partition.partition,
        high_watermark: end_offset,
        last_stable_offset: end_offset,
        log_start_offset: start_offset,
        current_leader: LeaderIdAndEpoch {
            leader_id: controller.config.node_id,
            leader_epoch: epoch,
        },
        snapshot_id,
        records: Some(if behind { Bytes::new() } else { read() }),
        ..Default::default()
    }
}

fn refused(partition: &FetchPartition, error: ErrorCode) -> PartitionData {
    PartitionData {
        partition_index: partition.partition,
        error_code: error.code(),
        high_watermark: -1,
        ..Default::default()
    }
}
