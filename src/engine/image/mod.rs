//! The cluster's metadata as a value: what the records of the metadata log add up to.
//!
//! Controller and brokers replay the same records into the same image, so they agree without
//! reading each other's state.
//!
//! - [`delta`]: what a replayed batch changed
//! - [`log`]: batches of metadata records
//! - [`partition`]: one partition's replicas, leader and epochs
//! - [`replay`]: how each kind of record changes the image
//! - [`snapshot`]: an image as the records that make it

pub mod delta;
pub mod log;
pub mod partition;
pub mod replay;
pub mod snapshot;

use records::sorted::SortedMap;
use std::ops::Bound;
use std::sync::Arc;

use protocol::Uuid;
use serde::Serialize;

use crate::config::topic;
use crate::ids::{BrokerId, TopicPartition};
use crate::image::partition::PartitionImage;
use crate::net::Address;

/// The name of the cluster-wide default among broker configurations.
pub const DEFAULT_BROKER: &str = "";

/// Configuration values by key.
pub type ConfigMap = SortedMap<String, String>;

/// A broker as it registered with the controller.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BrokerRegistration {
    /// Its number.
    pub id: BrokerId,
    /// Where clients and other brokers reach it.
    pub endpoint: Address,
    /// Grows with each registration; a request that carries an older one comes from the past.
    pub epoch: i64,
    /// One run of the broker's process.
    pub incarnation: Uuid,
    /// Whether it may lead and be in sync: the controller fences a broker it has not heard of.
    pub fenced: bool,
    /// Whether it hands over its partitions before it stops.
    pub in_controlled_shutdown: bool,
    /// Where it stands, if told.
    pub rack: Option<String>,
}

impl BrokerRegistration {
    /// Whether it may be made a leader or a member of the in-sync replicas.
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }
}

/// A topic and its partitions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicImage {
    /// Its name.
    pub name: String,
    /// Its identity: a topic deleted and made again gets another.
    pub id: Uuid,
    /// By number, from 0, without gaps.
    pub partitions: SortedMap<i32, PartitionImage>,
}

impl TopicImage {
    /// How many partitions it has.
    pub fn partition_count(&self) -> i32 {
        i32::try_from(self.partitions.len()).unwrap_or(i32::MAX)
    }
}

/// All that the metadata log says up to [`MetadataImage::offset`]. Cheap to clone: topics are shared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetadataImage {
    brokers: SortedMap<BrokerId, BrokerRegistration>,
    topics: SortedMap<String, Arc<TopicImage>>,
    names: SortedMap<Uuid, String>,
    topic_configs: SortedMap<String, ConfigMap>,
    broker_configs: SortedMap<String, ConfigMap>,
    group_configs: SortedMap<String, ConfigMap>,
    features: SortedMap<String, i16>,
    next_producer_id: i64,
    offset: i64,
    epoch: i32,
}

impl Default for MetadataImage {
    fn default() -> MetadataImage {
        MetadataImage {
            brokers: SortedMap::new(),
            topics: SortedMap::new(),
            names: SortedMap::new(),
            topic_configs: SortedMap::new(),
            broker_configs: SortedMap::new(),
            group_configs: SortedMap::new(),
            features: SortedMap::new(),
            next_producer_id: 0,
            offset: -1,
            epoch: 0,
        }
    }
}

impl MetadataImage {
    /// The image of an empty log.
    pub fn new() -> MetadataImage {
        MetadataImage::default()
    }

    /// The offset of the last record applied; −1 if there was none.
    pub fn offset(&self) -> i64 {
        self.offset
    }

    /// The controller's epoch in the last batch applied.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// The broker registered as `id`, fenced or not.
    pub fn broker(&self, id: BrokerId) -> Option<&BrokerRegistration> {
        self.brokers.get(&id)
    }

    /// Every registered broker, by id.
    pub fn brokers(&self) -> impl Iterator<Item = &BrokerRegistration> {
        self.brokers.values()
    }

    /// The brokers that are not fenced, by id.
    pub fn alive_brokers(&self) -> impl Iterator<Item = &BrokerRegistration> {
        self.brokers.values().filter(|broker| !broker.fenced)
    }

    /// Whether `id` is registered and not fenced.
    pub fn is_alive(&self, id: BrokerId) -> bool {
        self.broker(id).is_some_and(|broker| !broker.fenced)
    }

    /// The topic called `name`.
    pub fn topic(&self, name: &str) -> Option<&TopicImage> {
        self.topics.get(name).map(Arc::as_ref)
    }

    /// The topic identified by `id`.
    pub fn topic_by_id(&self, id: Uuid) -> Option<&TopicImage> {
        self.topic(self.names.get(&id)?)
    }

    /// Every topic, by name.
    pub fn topics(&self) -> impl Iterator<Item = &TopicImage> {
        self.topics.values().map(Arc::as_ref)
    }

    /// Every topic whose name is not before `name`, by name.
    pub fn topics_from(&self, name: &str) -> impl Iterator<Item = &TopicImage> {
        let range = (Bound::Included(name), Bound::Unbounded);
        self.topics
            .range::<str, _>(range)
            .map(|(_, topic)| topic.as_ref())
    }

    /// One partition.
    pub fn partition(&self, tp: &TopicPartition) -> Option<&PartitionImage> {
        self.topic(&tp.topic)?.partitions.get(&tp.partition)
    }

    /// What was set on a topic itself.
    pub fn topic_overrides(&self, topic: &str) -> Option<&ConfigMap> {
        self.topic_configs.get(topic)
    }

    /// What was set on a broker at run time; [`DEFAULT_BROKER`] names the cluster-wide default.
    pub fn broker_overrides(&self, broker: &str) -> Option<&ConfigMap> {
        self.broker_configs.get(broker)
    }

    /// What was set on a group.
    pub fn group_overrides(&self, group: &str) -> Option<&ConfigMap> {
        self.group_configs.get(group)
    }

    /// The groups that something was set on.
    pub fn configured_groups(&self) -> impl Iterator<Item = &str> {
        self.group_configs.keys().map(String::as_str)
    }

    /// The value in force for a topic: its own, else the cluster-wide one, else Kafka's default.
    /// Empty for a key that no topic has.
    pub fn topic_config(&self, topic: &str, key: &str) -> String {
        let own = self.topic_configs.get(topic).and_then(|map| map.get(key));
        if let Some(value) = own {
            return value.clone();
        }
        let Some(entry) = topic::find(key) else {
            return String::new();
        };
        let wide = self.broker_configs.get(DEFAULT_BROKER);
        let wide = wide.and_then(|map| map.get(entry.broker_name()));
        wide.map_or_else(|| entry.default.to_owned(), String::clone)
    }

    /// [`MetadataImage::topic_config`] as a number; Kafka's default if it is none.
    pub fn topic_config_i64(&self, topic: &str, key: &str) -> i64 {
        let value = self.topic_config(topic, key);
        let fallback = || topic::find(key).and_then(|entry| entry.default.parse().ok());
        value.parse().ok().or_else(fallback).unwrap_or(0)
    }

    /// The first producer id of the next block to hand out.
    pub fn next_producer_id(&self) -> i64 {
        self.next_producer_id
    }

    /// Finalized features and their levels, by name.
    pub fn features(&self) -> &SortedMap<String, i16> {
        &self.features
    }
}
