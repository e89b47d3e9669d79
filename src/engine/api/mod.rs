//! What a broker answers: one file per API, each with the same inner order: the entry, then what may
//! be parked, then the helpers.
//!
//! - [`api_versions`], [`produce`], [`fetch`] (and [`fetch_session`]), [`list_offsets`],
//!   [`delete_records`], [`describe_log_dirs`], [`describe_producers`], [`offset_for_leader_epoch`],
//!   [`init_producer_id`], [`write_txn_markers`]: from the broker's own logs
//! - [`metadata`], [`describe_topic_partitions`], [`describe_cluster`], [`describe_configs`],
//!   [`list_config_resources`]: from
//!   the metadata image alone; [`facts`]: what a broker knows of itself when it answers
//! - [`forward`]: the controller's APIs, when a request for it cannot be answered

pub mod api_versions;
pub mod delete_records;
pub mod describe_cluster;
pub mod describe_configs;
pub mod describe_log_dirs;
pub mod describe_producers;
pub mod describe_topic_partitions;
pub mod facts;
pub mod fetch;
pub mod fetch_session;
pub mod forward;
pub mod init_producer_id;
pub mod list_config_resources;
pub mod list_offsets;
pub mod metadata;
pub mod offset_for_leader_epoch;
pub mod produce;
pub mod write_txn_markers;

use protocol::{ErrorCode, Uuid};

use crate::broker::config::BrokerConfig;
use crate::ids::{BrokerId, TopicPartition};
use crate::image::MetadataImage;
use crate::net::Address;
use crate::replica::Replicas;
use crate::time::SimTime;

/// What an API works with.
#[derive(Debug)]
pub struct Context<'a> {
    /// Now.
    pub now: SimTime,
    /// The version of the request.
    pub version: i16,
    /// What the client calls itself.
    pub client_id: &'a str,
    /// The broker's settings.
    pub config: &'a BrokerConfig,
    /// The cluster's metadata as this broker knows it.
    pub image: &'a MetadataImage,
    /// The broker's replicas.
    pub replicas: &'a mut Replicas,
}

/// Where clients that asked the wrong broker should go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaderHint {
    /// The leader's number.
    pub id: BrokerId,
    /// The leader's epoch.
    pub epoch: i32,
    /// Where it listens, if it is registered.
    pub endpoint: Option<Address>,
}

impl Context<'_> {
    /// The name of the topic that a request names, or identifies from the version that has ids on.
    pub fn topic_name(&self, name: &str, id: Uuid, ids_from: i16) -> Result<String, ErrorCode> {
        if self.version >= ids_from {
            let topic = self.image.topic_by_id(id);
            let topic = topic.ok_or(ErrorCode::UnknownTopicId)?;
            return Ok(topic.name.clone());
        }
        match self.image.topic(name) {
            Some(_) => Ok(name.to_owned()),
            None => Err(ErrorCode::UnknownTopicOrPartition),
        }
    }

    /// That the cluster has this partition, wherever it is.
    pub fn require(&self, partition: &TopicPartition) -> Result<(), ErrorCode> {
        match self.image.partition(partition) {
            Some(_) => Ok(()),
            None => Err(ErrorCode::UnknownTopicOrPartition),
        }
    }
}

/// Who leads a partition, for an answer that says "not here".
pub fn leader_hint(image: &MetadataImage, partition: &TopicPartition) -> Option<LeaderHint> {
    let led = image.partition(partition)?;
    let registration = image.broker(led.leader);
    Some(LeaderHint {
        id: led.leader,
        epoch: led.leader_epoch,
        endpoint: registration.map(|registration| registration.endpoint.clone()),
    })
}
