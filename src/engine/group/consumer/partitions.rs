//! Partitions by the id of their topic, flat and sorted: what members own, let go and are to get.

use protocol::Uuid;
use protocol::coordinator_records::{CurrentPartitions, TargetPartitions};
use protocol::messages::consumer_group_heartbeat::TopicPartitions;
use records::sorted::{SortedMap, SortedSet};
use serde::Serialize;

/// A partition of the topic with this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TopicIdPartition {
    /// The id of its topic.
    pub topic: Uuid,
    /// Its number.
    pub partition: i32,
}

/// What a member is to own.
pub type Target = SortedSet<TopicIdPartition>;

/// What a member owns, each with the epoch in which it was given: from then on it may commit for it.
pub type Owned = SortedMap<TopicIdPartition, i32>;

/// What a member says it owns.
pub(super) fn from_request(topics: &[TopicPartitions]) -> Target {
    let mut all = Target::new();
    for topic in topics {
        for partition in &topic.partitions {
            all.insert(TopicIdPartition {
                topic: topic.topic_id,
                partition: *partition,
            });
        }
    }
    all
}

/// What a member is told it owns.
pub(super) fn to_response(owned: &Owned) -> Vec<TopicPartitions> {
    let mut topics: Vec<TopicPartitions> = Vec::new();
    for at in owned.keys() {
        match topics.last_mut() {
            Some(last) if last.topic_id == at.topic => last.partitions.push(at.partition),
            _ => topics.push(TopicPartitions {
                topic_id: at.topic,
                partitions: vec![at.partition],
            }),
        }
    }
    topics
}

pub(super) fn target_to_record(target: &Target) -> Vec<TargetPartitions> {
    let mut topics: Vec<TargetPartitions> = Vec::new();
    for at in target {
        match topics.last_mut() {
            Some(last) if last.topic_id == at.topic => last.partitions.push(at.partition),
            _ => topics.push(TargetPartitions {
                topic_id: at.topic,
                partitions: vec![at.partition],
            }),
        }
    }
    topics
}

pub(super) fn target_from_record(topics: &[TargetPartitions]) -> Target {
    let mut all = Target::new();
    for topic in topics {
        for partition in &topic.partitions {
            all.insert(TopicIdPartition {
                topic: topic.topic_id,
                partition: *partition,
            });
        }
    }
    all
}

pub(super) fn owned_to_record(owned: &Owned) -> Vec<CurrentPartitions> {
    let mut topics: Vec<CurrentPartitions> = Vec::new();
    for (at, epoch) in owned {
        if topics.last().is_none_or(|last| last.topic_id != at.topic) {
            topics.push(CurrentPartitions {
                topic_id: at.topic,
                assignment_epochs: Some(Vec::new()),
                ..CurrentPartitions::default()
            });
        }
        if let Some(last) = topics.last_mut() {
            last.partitions.push(at.partition);
            if let Some(epochs) = &mut last.assignment_epochs {
                epochs.push(*epoch);
            }
        }
    }
    topics
}

/// `epoch` is for partitions whose record does not say when they were given.
pub(super) fn owned_from_record(topics: &[CurrentPartitions], epoch: i32) -> Owned {
    let mut all = Owned::new();
    for topic in topics {
        let epochs = topic.assignment_epochs.as_deref().unwrap_or_default();
        for (index, partition) in topic.partitions.iter().enumerate() {
            let at = TopicIdPartition {
                topic: topic.topic_id,
                partition: *partition,
            };
            all.insert(at, epochs.get(index).copied().unwrap_or(epoch));
        }
    }
    all
}
