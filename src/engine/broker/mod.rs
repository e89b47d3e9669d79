//! One broker: a machine with its own disk and memory.
//!
//! - [`config`]: its settings
//! - [`disk`]: what survives a crash

pub mod config;
pub mod disk;

use serde::Serialize;

use crate::broker::config::BrokerConfig;
use crate::broker::disk::Disk;
use crate::ids::{BrokerId, TopicPartition};
use crate::log::PartitionLog;
use crate::net::{Machine, NetIn, NetOut};
use crate::rng::Rng;
use crate::time::{SimTime, Wakeup};

/// A broker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Broker {
    config: BrokerConfig,
    disk: Disk,
    rng: Rng,
    out: Vec<NetOut>,
}

impl Broker {
    /// A broker that starts at `now` with what its disk holds.
    pub fn new(config: BrokerConfig, disk: Disk, _now: SimTime, rng: Rng) -> Broker {
        Broker {
            config,
            disk,
            rng,
            out: Vec::new(),
        }
    }

    /// Its number.
    pub fn id(&self) -> BrokerId {
        self.config.id
    }

    /// Its settings.
    pub fn config(&self) -> &BrokerConfig {
        &self.config
    }

    /// Its replica of a partition, leader or follower.
    pub fn log(&self, partition: &TopicPartition) -> Option<&PartitionLog> {
        Some(&self.disk.logs.get(partition)?.log)
    }

    /// All its replicas, by partition.
    pub fn logs(&self) -> impl Iterator<Item = (&TopicPartition, &PartitionLog)> {
        self.disk
            .logs
            .iter()
            .map(|(name, stored)| (name, &stored.log))
    }

    /// The broker dies: what is left is its disk.
    pub fn into_disk(self) -> Disk {
        self.disk
    }
}

impl Machine for Broker {
    fn handle(&mut self, _now: SimTime, _input: NetIn) {}

    fn advance(&mut self, _now: SimTime) {}

    fn next_wakeup(&self) -> Option<Wakeup> {
        None
    }

    fn drain(&mut self) -> Vec<NetOut> {
        std::mem::take(&mut self.out)
    }
}
