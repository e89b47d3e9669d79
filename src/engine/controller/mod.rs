//! The controller: it alone changes the cluster's metadata, and writes every change to the metadata
//! log before it answers.
//!
//! Requests come in as frames. Each is decided against the image of the log as it stands; the
//! [`Decision`] is the records to write and the response to give.
//!
//! - [`brokers`]: registration, heartbeats and fencing, producer ids
//! - [`topics`], [`partitions`], [`configs`], [`reassign`], [`quorum`]: what admin clients ask for
//! - [`alter_partition`]: what leaders ask for
//! - [`balance`]: leaders go back to the preferred replicas
//! - [`change`], [`election`], [`assignment`], [`placement`], [`names`]: the rules
//! - [`log`], [`fetch`], [`snapshot`]: the metadata log, and how brokers follow it
//! - [`restore`]: starting again from what was kept in files

pub mod alter_partition;
pub mod assignment;
pub mod balance;
pub mod brokers;
pub mod change;
pub mod configs;
pub mod election;
pub mod fetch;
pub mod log;
mod machine;
pub mod names;
pub mod partitions;
pub mod placement;
pub mod quorum;
pub mod reassign;
pub mod restore;
pub mod snapshot;
pub mod topics;

use records::sorted::{SortedMap, SortedSet};

use protocol::metadata_records::{ConfigRecord, FeatureLevelRecord, MetadataRecord};
use protocol::{ErrorCode, Response};
use serde::Serialize;

use crate::config::ResourceType;
use crate::controller::balance::Balance;
use crate::controller::brokers::Session;
use crate::controller::fetch::ParkedFetch;
use crate::controller::log::MetadataLog;
use crate::ids::BrokerId;
use crate::image::{DEFAULT_BROKER, MetadataImage};
use crate::net::{Address, ConnId, NetOut};
use crate::rng::Rng;
use crate::time::SimTime;

/// The features of a new cluster and the levels they are finalized at, as Kafka 4.3 formats it.
pub const FEATURES: &[(&str, i16)] = &[
    ("metadata.version", 30),
    ("eligible.leader.replicas.version", 1),
    ("group.version", 1),
    ("share.version", 1),
    ("streams.version", 1),
    ("transaction.version", 2),
];

/// Where a controller listens if nothing else is said.
const DEFAULT_PORT: u16 = 9093;

/// The controller's settings. [`ControllerConfig::new`] gives Kafka's defaults.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControllerConfig {
    /// Its number; the node is a broker too, so clients can find it.
    pub node_id: BrokerId,
    /// Where it listens for brokers.
    pub listen: Address,
    /// The cluster's id; brokers of another are refused.
    pub cluster_id: String,
    /// `broker.session.timeout.ms`.
    pub session_timeout_ms: i64,
    /// `leader.imbalance.check.interval.seconds`, in milliseconds; 0 leaves leadership where it is.
    pub leader_imbalance_check_interval_ms: i64,
    /// `num.partitions`, of topics made without a number.
    pub num_partitions: i32,
    /// `default.replication.factor`, of topics made without one.
    pub default_replication: i16,
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub snapshot_bytes: usize,
}

impl ControllerConfig {
    /// The controller `node_id` of `cluster_id` with Kafka's defaults.
    pub fn new(node_id: BrokerId, cluster_id: impl Into<String>) -> ControllerConfig {
        ControllerConfig {
            node_id,
            listen: Address::new("localhost", DEFAULT_PORT),
            cluster_id: cluster_id.into(),
            session_timeout_ms: 9_000,
            leader_imbalance_check_interval_ms: 300_000,
            num_partitions: 1,
            default_replication: 1,
            snapshot_bytes: 20_971_520,
        }
    }
}

/// The controller of a cluster, a quorum of one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Controller {
    config: ControllerConfig,
    rng: Rng,
    epoch: i32,
    log: MetadataLog,
    image: MetadataImage,
    sessions: SortedMap<BrokerId, Session>,
    connections: SortedSet<ConnId>,
    parked: SortedMap<ConnId, ParkedFetch>,
    balance: Balance,
    out: Vec<NetOut>,
}

impl Controller {
    /// A new cluster's controller.
    pub fn new(config: ControllerConfig, rng: Rng, now: SimTime) -> Controller {
        let balance = Balance::new(now, config.leader_imbalance_check_interval_ms);
        let mut controller = Controller {
            config,
            rng,
            epoch: 1,
            log: MetadataLog::default(),
            image: MetadataImage::new(),
            sessions: SortedMap::new(),
            connections: SortedSet::new(),
            parked: SortedMap::new(),
            balance,
            out: Vec::new(),
        };
        controller.commit(now, &bootstrap_records());
        controller
    }

    /// What the metadata log adds up to.
    pub fn image(&self) -> &MetadataImage {
        &self.image
    }

    /// The metadata log.
    pub fn log(&self) -> &MetadataLog {
        &self.log
    }

    /// Its settings.
    pub fn config(&self) -> &ControllerConfig {
        &self.config
    }
}

/// What a request leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Written together, before the answer is given.
    pub records: Vec<MetadataRecord>,
    /// The answer.
    pub response: Response,
}

impl Decision {
    /// An answer that changes nothing.
    pub fn answer(response: impl Into<Response>) -> Decision {
        Decision {
            records: Vec::new(),
            response: response.into(),
        }
    }

    /// Records to write, and the answer.
    pub fn write(records: Vec<MetadataRecord>, response: impl Into<Response>) -> Decision {
        Decision {
            records,
            response: response.into(),
        }
    }
}

/// Why something is refused, as the response says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub error: ErrorCode,
    /// The sentence, where Kafka has more to say than the code's own.
    pub message: Option<String>,
}

impl Refusal {
    /// A refusal with a sentence.
    pub fn new(error: ErrorCode, message: impl Into<String>) -> Refusal {
        Refusal {
            error,
            message: Some(message.into()),
        }
    }

    /// A refusal whose code says it all.
    pub fn bare(error: ErrorCode) -> Refusal {
        Refusal {
            error,
            message: None,
        }
    }
}

/// What decisions are made from.
#[derive(Debug)]
pub struct Desk<'a> {
    /// The metadata as it stands.
    pub image: &'a MetadataImage,
    /// The controller's settings.
    pub config: &'a ControllerConfig,
    /// What is remembered of brokers beside the log.
    pub sessions: &'a mut SortedMap<BrokerId, Session>,
    /// For ids and placement.
    pub rng: &'a mut Rng,
    /// The offset of the next record.
    pub next_offset: i64,
    /// The time.
    pub now: SimTime,
}

fn bootstrap_records() -> Vec<MetadataRecord> {
    let features = FEATURES.iter().map(|(name, level)| {
        let record = FeatureLevelRecord {
            name: (*name).to_owned(),
            feature_level: *level,
        };
        MetadataRecord::from(record)
    });
    // With eligible leader replicas, Kafka pins the cluster-wide minimum at the start.
    let min_isr = ConfigRecord {
        resource_type: ResourceType::Broker.code(),
        resource_name: DEFAULT_BROKER.to_owned(),
        name: "min.insync.replicas".to_owned(),
        value: Some("1".to_owned()),
    };
    features.chain([min_isr.into()]).collect()
}
