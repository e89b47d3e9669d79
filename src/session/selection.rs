//! What is selected: one thing, the same everywhere on the page.

use engine::ids::{BrokerId, TopicPartition};
use serde::{Deserialize, Serialize};
use world::input::ClientId;

/// The one selected thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Selection {
    /// A record, by where it is stored.
    Record(TopicPartition, i64),
    /// A partition.
    Partition(TopicPartition),
    /// A topic.
    Topic(String),
    /// A consumer group.
    Group(String),
    /// A client: a producer, or a member of a group.
    Client(ClientId),
    /// A broker.
    Broker(BrokerId),
}

impl Selection {
    /// The partition it lies in, if it is a record or a partition.
    pub fn partition(&self) -> Option<&TopicPartition> {
        match self {
            Selection::Record(partition, _) | Selection::Partition(partition) => Some(partition),
            _ => None,
        }
    }
}
