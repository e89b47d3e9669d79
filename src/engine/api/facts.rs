//! What a broker knows of itself when it answers from the metadata.

use records::sorted::SortedMap;

use serde::Serialize;

use crate::broker::config::{BrokerConfig, DEFAULT_LOG_DIR};
use crate::ids::{BrokerId, METADATA_TOPIC, OFFSETS_TOPIC, TRANSACTIONS_TOPIC};

/// Kafka's sign for "authorized operations were not asked for".
pub const NO_AUTHORIZED_OPERATIONS: i32 = i32::MIN;

/// All operations on a topic, as the bits of authorized operations: read, write, create, delete,
/// alter, describe, describe and alter configurations.
pub const TOPIC_OPERATIONS: i32 = 0b1101_1111_1000;

/// All operations on a cluster, as bits: create, alter, describe, cluster action, describe and alter
/// configurations, idempotent write.
pub const CLUSTER_OPERATIONS: i32 = 0b1_1111_1010_0000;

/// What a broker knows of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BrokerFacts {
    /// Its number.
    pub id: BrokerId,
    /// The cluster's id.
    pub cluster_id: String,
    /// The node that clients are told to be the controller.
    pub controller_id: BrokerId,
    /// What its configuration file sets, by key.
    pub static_configs: SortedMap<String, String>,
}

impl BrokerFacts {
    /// The facts of the broker that runs with `config`; `controller_id` is the leader of the
    /// metadata log.
    pub fn new(config: &BrokerConfig, controller_id: BrokerId) -> BrokerFacts {
        let mut static_configs: SortedMap<String, String> = numbers(config)
            .into_iter()
            .filter(|(_, value, default)| value != default)
            .map(|(key, value, _)| (key.to_owned(), value.to_string()))
            .collect();
        let mut put = |key: &str, value: String| static_configs.insert(key.to_owned(), value);
        let listener = format!("PLAINTEXT://{}", config.listen);
        put("advertised.listeners", listener.clone());
        put("listeners", listener);
        put("node.id", config.id.to_string());
        put("broker.id", config.id.to_string());
        put("process.roles", "broker,controller".to_owned());
        if let Some(rack) = &config.rack {
            put("broker.rack", rack.clone());
        }
        if config.log_dir != DEFAULT_LOG_DIR {
            put("log.dirs", config.log_dir.clone());
        }
        if !config.auto_create_topics {
            put("auto.create.topics.enable", "false".to_owned());
        }
        BrokerFacts {
            id: config.id,
            cluster_id: config.cluster_id.clone(),
            controller_id,
            static_configs,
        }
    }
}

/// Whether a topic belongs to the cluster itself, not to its users.
pub fn is_internal(topic: &str) -> bool {
    [
        OFFSETS_TOPIC,
        TRANSACTIONS_TOPIC,
        "__share_group_state",
        METADATA_TOPIC,
    ]
    .contains(&topic)
}

/// Key, value and Kafka's default of the settings that are numbers.
fn numbers(config: &BrokerConfig) -> [(&'static str, i64, i64); 11] {
    let offsets_replication = i64::from(config.offsets_replication);
    [
        (
            "offsets.topic.num.partitions",
            i64::from(config.offsets_partitions),
            50,
        ),
        ("offsets.topic.replication.factor", offsets_replication, 3),
        (
            "transaction.state.log.num.partitions",
            i64::from(config.transactions_partitions),
            50,
        ),
        (
            "transaction.state.log.replication.factor",
            i64::from(config.transactions_replication),
            3,
        ),
        (
            "group.initial.rebalance.delay.ms",
            config.initial_rebalance_delay_ms,
            3_000,
        ),
        ("num.partitions", i64::from(config.num_partitions), 1),
        (
            "default.replication.factor",
            i64::from(config.default_replication),
            1,
        ),
        (
            "broker.heartbeat.interval.ms",
            config.heartbeat_interval_ms,
            2_000,
        ),
        (
            "broker.session.timeout.ms",
            config.session_timeout_ms,
            9_000,
        ),
        (
            "replica.lag.time.max.ms",
            config.replica_lag_time_max_ms,
            30_000,
        ),
        (
            "log.retention.check.interval.ms",
            config.retention_check_interval_ms,
            300_000,
        ),
    ]
}
