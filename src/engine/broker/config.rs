//! A broker's settings, with Kafka's names and defaults.

use serde::Serialize;

use crate::ids::BrokerId;
use crate::net::Address;

/// Where logs are kept unless `log.dirs` says otherwise.
pub const DEFAULT_LOG_DIR: &str = "/tmp/kafka-logs";

/// A broker's settings. [`BrokerConfig::new`] gives Kafka's defaults.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BrokerConfig {
    /// `node.id`.
    pub id: BrokerId,
    /// Where it listens, and what it tells others to connect to.
    pub listen: Address,
    /// Where the controller listens.
    pub controller: Address,
    /// The `node.id` that clients are told is the controller.
    pub controller_id: BrokerId,
    /// The cluster's id.
    pub cluster_id: String,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// `log.dirs`: the one directory that holds its logs.
    pub log_dir: String,
    /// `offsets.topic.num.partitions`.
    pub offsets_partitions: i32,
    /// `offsets.topic.replication.factor`.
    pub offsets_replication: i16,
    /// `transaction.state.log.num.partitions`.
    pub transactions_partitions: i32,
    /// `transaction.state.log.replication.factor`.
    pub transactions_replication: i16,
    /// `transaction.state.log.min.isr`.
    pub transactions_min_isr: i32,
    /// `transaction.max.timeout.ms`.
    pub transaction_max_timeout_ms: i32,
    /// `transactional.id.expiration.ms`.
    pub transactional_id_expiration_ms: i64,
    /// `group.initial.rebalance.delay.ms`.
    pub initial_rebalance_delay_ms: i64,
    /// `auto.create.topics.enable`.
    pub auto_create_topics: bool,
    /// `num.partitions`.
    pub num_partitions: i32,
    /// `default.replication.factor`.
    pub default_replication: i16,
    /// `broker.heartbeat.interval.ms`.
    pub heartbeat_interval_ms: i64,
    /// `broker.session.timeout.ms`.
    pub session_timeout_ms: i64,
    /// `request.timeout.ms` of requests to other machines.
    pub request_timeout_ms: i64,
    /// `replica.lag.time.max.ms`.
    pub replica_lag_time_max_ms: i64,
    /// `replica.fetch.wait.max.ms`.
    pub replica_fetch_wait_max_ms: i32,
    /// `replica.fetch.max.bytes` of one partition.
    pub replica_fetch_max_bytes: i32,
    /// `replica.fetch.response.max.bytes`.
    pub replica_fetch_response_max_bytes: i32,
    /// `replica.fetch.backoff.ms`.
    pub replica_fetch_backoff_ms: i64,
    /// `fetch.max.bytes`: the most a fetch response carries, whatever its request allows.
    pub fetch_max_bytes: i32,
    /// `log.retention.check.interval.ms`.
    pub retention_check_interval_ms: i64,
    /// `log.cleaner.backoff.ms`.
    pub cleaner_backoff_ms: i64,
    /// `producer.id.expiration.ms`.
    pub producer_id_expiration_ms: i64,
}

impl BrokerConfig {
    /// Broker `id` of `cluster_id`, listening at `listen`, with Kafka's defaults.
    pub fn new(
        id: BrokerId,
        listen: Address,
        controller: Address,
        cluster_id: impl Into<String>,
    ) -> BrokerConfig {
        BrokerConfig {
            id,
            listen,
            controller,
            controller_id: 1,
            cluster_id: cluster_id.into(),
            rack: None,
            log_dir: DEFAULT_LOG_DIR.to_owned(),
            offsets_partitions: 50,
            offsets_replication: 3,
            transactions_partitions: 50,
            transactions_replication: 3,
            transactions_min_isr: 2,
            transaction_max_timeout_ms: 900_000,
            transactional_id_expiration_ms: 604_800_000,
            initial_rebalance_delay_ms: 3_000,
            auto_create_topics: true,
            num_partitions: 1,
            default_replication: 1,
            heartbeat_interval_ms: 2_000,
            session_timeout_ms: 9_000,
            request_timeout_ms: 30_000,
            replica_lag_time_max_ms: 30_000,
            replica_fetch_wait_max_ms: 500,
            replica_fetch_max_bytes: 1_048_576,
            replica_fetch_response_max_bytes: 10_485_760,
            replica_fetch_backoff_ms: 1_000,
            fetch_max_bytes: 57_671_680,
            retention_check_interval_ms: 300_000,
            cleaner_backoff_ms: 15_000,
            producer_id_expiration_ms: 86_400_000,
        }
    }
}
