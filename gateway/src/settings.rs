//! `--set KEY=VALUE`: Kafka's broker settings, those that this server honours.
//!
//! Some are laid down before a broker starts, some are the sockets', and those that Kafka can change
//! in a running cluster are changed there, through the protocol, before the server says it is ready.

use std::str::FromStr;

use engine::broker::config::BrokerConfig;
use engine::config::broker;
use engine::controller::ControllerConfig;
use serde::{Deserialize, Serialize};

/// The sockets' own settings: a connection on which nothing happens is closed after so long.
pub const IDLE: &str = "connections.max.idle.ms";
/// The largest request.
pub const REQUEST_LIMIT: &str = "socket.request.max.bytes";

/// One `--set`. Key and value fit each other and Kafka's rules for the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Kafka's name for it.
    pub key: String,
    /// What it is set to.
    pub value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Setting, String> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| format!("{text:?} is not KEY=VALUE"))?;
        let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
        broker::check_one(&key, &value)?;
        let setting = Setting { key, value };
        let honoured =
            setting.is_for_sockets() || setting.is_dynamic() || is_for_machines(&setting.key);
        if honoured {
            return Ok(setting);
        }
        Err(format!(
            "{} is not a setting that this server honours",
            setting.key
        ))
    }
}

impl Setting {
    /// Whether it is changed in the running cluster.
    pub fn is_dynamic(&self) -> bool {
        !is_for_machines(&self.key) && broker::find(&self.key).is_some_and(|entry| entry.dynamic)
    }

    fn is_for_sockets(&self) -> bool {
        self.key == IDLE || self.key == REQUEST_LIMIT
    }
}

/// The last value set for a key, if it is a number.
pub fn number(settings: &[Setting], key: &str) -> Option<i64> {
    let mut set = settings.iter().rev();
    set.find(|setting| setting.key == key)?.value.parse().ok()
}

/// Lays down what `settings` say of a broker among `brokers`.
pub fn apply_to_broker(settings: &[Setting], config: &mut BrokerConfig, brokers: usize) {
    // Kafka's own quickstart does the same for a cluster that has fewer than three brokers.
    config.offsets_replication = i16::try_from(brokers.min(3)).unwrap_or(1);
    config.transactions_replication = config.offsets_replication;
    config.transactions_min_isr = i32::from(config.offsets_replication.min(2));
    // A first member is joined at once; Kafka waits 3 s for others.
    config.initial_rebalance_delay_ms = 0;
    for setting in settings {
        lay_down(setting, config);
    }
}

/// Lays down what `settings` say of the controller.
pub fn apply_to_controller(settings: &[Setting], config: &mut ControllerConfig) {
    for Setting { key, value } in settings {
        match key.as_str() {
            "broker.session.timeout.ms" => put(value, &mut config.session_timeout_ms),
            "num.partitions" => put(value, &mut config.num_partitions),
            "default.replication.factor" => put(value, &mut config.default_replication),
            "leader.imbalance.check.interval.seconds" => {
                let mut seconds = 0_i64;
                put(value, &mut seconds);
                config.leader_imbalance_check_interval_ms = seconds.saturating_mul(1_000);
            }
            _ => {}
        }
    }
}

fn is_for_machines(key: &str) -> bool {
    const OF_THE_CONTROLLER: &str = "leader.imbalance.check.interval.seconds";
    key == OF_THE_CONTROLLER || {
        let (key, value) = (key.to_owned(), String::from("1"));
        let nowhere = engine::net::Address::new("", 0);
        let mut config = BrokerConfig::new(0, nowhere.clone(), nowhere, "");
        lay_down(&Setting { key, value }, &mut config)
    }
}

/// Whether the key is one of a broker's start-up settings.
fn lay_down(setting: &Setting, config: &mut BrokerConfig) -> bool {
    let value = setting.value.as_str();
    match setting.key.as_str() {
        "auto.create.topics.enable" => {
            config.auto_create_topics = value.eq_ignore_ascii_case("true");
        }
        "broker.heartbeat.interval.ms" => put(value, &mut config.heartbeat_interval_ms),
        "broker.rack" => config.rack = Some(value.to_owned()),
        "broker.session.timeout.ms" => put(value, &mut config.session_timeout_ms),
        "default.replication.factor" => put(value, &mut config.default_replication),
        "fetch.max.bytes" => put(value, &mut config.fetch_max_bytes),
        "group.initial.rebalance.delay.ms" => put(value, &mut config.initial_rebalance_delay_ms),
        "log.retention.check.interval.ms" => put(value, &mut config.retention_check_interval_ms),
        "num.partitions" => put(value, &mut config.num_partitions),
        "offsets.topic.num.partitions" => put(value, &mut config.offsets_partitions),
        "offsets.topic.replication.factor" => put(value, &mut config.offsets_replication),
        "producer.id.expiration.ms" => put(value, &mut config.producer_id_expiration_ms),
        "replica.fetch.backoff.ms" => put(value, &mut config.replica_fetch_backoff_ms),
        "replica.fetch.max.bytes" => put(value, &mut config.replica_fetch_max_bytes),
        "replica.fetch.response.max.bytes" => {
            put(value, &mut config.replica_fetch_response_max_bytes);
        }
        "replica.fetch.wait.max.ms" => put(value, &mut config.replica_fetch_wait_max_ms),
        "replica.lag.time.max.ms" => put(value, &mut config.replica_lag_time_max_ms),
        "request.timeout.ms" => put(value, &mut config.request_timeout_ms),
        "transaction.max.timeout.ms" => put(value, &mut config.transaction_max_timeout_ms),
        "transaction.state.log.min.isr" => put(value, &mut config.transactions_min_isr),
        "transaction.state.log.num.partitions" => put(value, &mut config.transactions_partitions),
        "transaction.state.log.replication.factor" => {
            put(value, &mut config.transactions_replication);
        }
        "transactional.id.expiration.ms" => {
            put(value, &mut config.transactional_id_expiration_ms);
        }
        _ => return false,
    }
    true
}

/// The text has been checked against the key's type when it was read.
fn put<T: FromStr>(text: &str, place: &mut T) {
    if let Ok(value) = text.parse() {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use engine::broker::config::BrokerConfig;
    use engine::net::Address;

    use super::{Setting, apply_to_broker, number};

    fn set(text: &str) -> Result<Setting, String> {
        text.parse()
    }

    #[test]
    fn a_setting_that_does_nothing_here_is_refused() {
        assert!(set("offsets.topic.num.partitions=3").is_ok());
        assert!(set("log.retention.ms=1000").is_ok_and(|setting| setting.is_dynamic()));
        assert!(set("connections.max.idle.ms=5").is_ok_and(|setting| !setting.is_dynamic()));
        for wrong in [
            "listeners=x",
            "zookeeper.connect=x",
            "num.partitions",
            "num.partitions=0",
            "num.partitions=many",
        ] {
            let sentence = set(wrong).expect_err(wrong);
            assert!(sentence.len() > 20, "{sentence}");
        }
    }

    #[test]
    fn settings_reach_the_broker_and_the_last_one_wins() {
        let settings: Vec<Setting> = ["num.partitions=4", "num.partitions=5", "broker.rack=north"]
            .map(|text| set(text).expect("valid"))
            .into();
        let at = Address::new("localhost", 1);
        let mut config = BrokerConfig::new(1, at.clone(), at, "id");
        apply_to_broker(&settings, &mut config, 2);
        assert_eq!(
            (config.num_partitions, config.rack.as_deref()),
            (5, Some("north"))
        );
        assert_eq!(
            (
                config.offsets_replication,
                config.initial_rebalance_delay_ms
            ),
            (2, 0)
        );
        assert_eq!(number(&settings, "num.partitions"), Some(5));
    }
}
