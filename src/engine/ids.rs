//! Names of things in a cluster.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A broker's number, `node.id` in its configuration. `-1` stands for "none" on the wire.
pub type BrokerId = i32;

/// The topic that keeps the committed offsets of groups.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The topic that keeps the state of transactions.
pub const TRANSACTIONS_TOPIC: &str = "__transaction_state";

/// The log of the cluster's metadata, led by the controller.
pub const METADATA_TOPIC: &str = "__cluster_metadata";

/// One partition of one topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: String,
    /// The partition's number, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// Partition `partition` of `topic`.
    pub fn new(topic: impl Into<String>, partition: i32) -> TopicPartition {
        TopicPartition {
            topic: topic.into(),
            partition,
        }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}
