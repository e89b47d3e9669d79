//! Configurations of brokers: those that this cluster honours, and those that topics inherit.

use crate::config::value::Kind::{self, Boolean, Double, Int, List, Long, Short, Text};
use crate::config::value::Valid::{self, Any, AtLeast, Between, BetweenOrMinusOne, OneOf};
use crate::config::value::check;

/// One configuration of brokers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrokerEntry {
    /// Its key.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    default: &'static str,
    /// What a value must be.
    pub valid: Valid,
    /// Whether it can be changed while the broker runs.
    pub dynamic: bool,
}

impl BrokerEntry {
    /// Kafka's default; none where the value comes from elsewhere unless set.
    pub fn default(&self) -> Option<&'static str> {
        (self.default != "null").then_some(self.default)
    }

    /// This key and those that stand in for it, the strongest first.
    pub fn synonyms(&self) -> impl Iterator<Item = &'static str> {
        let weaker: &[&str] = match self.name {
            "log.retention.ms" => &["log.retention.minutes", "log.retention.hours"],
            "log.retention.minutes" => &["log.retention.hours"],
            "log.roll.ms" => &["log.roll.hours"],
            "log.roll.jitter.ms" => &["log.roll.jitter.hours"],
            "log.flush.interval.ms" => &["log.flush.scheduler.interval.ms"],
            _ => &[],
        };
        std::iter::once(self.name).chain(weaker.iter().copied())
    }
}

/// The configurations, by name.
pub const TABLE: &[BrokerEntry] = &[
    e("advertised.listeners", List, "null", Any, false),
    e("auto.create.topics.enable", Boolean, "true", Any, false),
    e("auto.leader.rebalance.enable", Boolean, "true", Any, false),
    e("broker.heartbeat.interval.ms", Int, "2000", Any, false),
    e("broker.id", Int, "-1", Any, false),
    e("broker.rack", Text, "null", Any, false),
    e("broker.session.timeout.ms", Int, "9000", Any, false),
    e(
        "compression.gzip.level",
        Int,
        "-1",
        BetweenOrMinusOne(1, 9),
        true,
    ),
    e("compression.lz4.level", Int, "9", Between(1, 17), true),
    e(
        "compression.type",
        Text,
        "producer",
        OneOf("uncompressed,zstd,lz4,snappy,gzip,producer"),
        true,
    ),
    e(
        "compression.zstd.level",
        Int,
        "3",
        Between(-131072, 22),
        true,
    ),
    e("connections.max.idle.ms", Long, "600000", Any, false),
    e("default.replication.factor", Int, "1", Any, false),
    e("delete.topic.enable", Boolean, "true", Any, false),
    e("fetch.max.bytes", Int, "57671680", AtLeast(1024), false),
    e(
        "group.consumer.heartbeat.interval.ms",
        Int,
        "5000",
        AtLeast(1),
        false,
    ),
    e(
        "group.consumer.session.timeout.ms",
        Int,
        "45000",
        AtLeast(1),
        false,
    ),
    e("group.initial.rebalance.delay.ms", Int, "3000", Any, false),
    e("group.max.session.timeout.ms", Int, "1800000", Any, false),
    e("group.max.size", Int, "2147483647", AtLeast(1), false),
    e("group.min.session.timeout.ms", Int, "6000", Any, false),
    e(
        "group.share.heartbeat.interval.ms",
        Int,
        "5000",
        AtLeast(1),
        false,
    ),
    e(
        "group.share.session.timeout.ms",
        Int,
        "45000",
        AtLeast(1),
        false,
    ),
    e(
        "leader.imbalance.check.interval.seconds",
        Long,
        "300",
        AtLeast(1),
        false,
    ),
    e("listeners", List, "PLAINTEXT://:9092", Any, false),
    e(
        "log.cleaner.delete.retention.ms",
        Long,
        "86400000",
        AtLeast(0),
        true,
    ),
    e("log.cleaner.enable", Boolean, "true", Any, false),
    e(
        "log.cleaner.max.compaction.lag.ms",
        Long,
        "9223372036854775807",
        AtLeast(1),
        true,
    ),
    e(
        "log.cleaner.min.cleanable.ratio",
        Double,
        "0.5",
        Between(0, 1),
        true,
    ),
    e(
        "log.cleaner.min.compaction.lag.ms",
        Long,
        "0",
        AtLeast(0),
        true,
    ),
    e(
        "log.cleanup.policy",
        List,
        "delete",
        OneOf("compact,delete"),
        true,
    ),
    e("log.dirs", List, "null", Any, false),
    e(
        "log.flush.interval.messages",
        Long,
        "9223372036854775807",
        AtLeast(1),
        true,
    ),
    e("log.flush.interval.ms", Long, "null", Any, true),
    e("log.index.interval.bytes", Int, "4096", AtLeast(0), true),
    e(
        "log.index.size.max.bytes",
        Int,
        "10485760",
        AtLeast(4),
        true,
    ),
    e("log.local.retention.bytes", Long, "-2", AtLeast(-2), true),
    e("log.local.retention.ms", Long, "-2", AtLeast(-2), true),
    e(
        "log.message.timestamp.after.max.ms",
        Long,
        "3600000",
        AtLeast(0),
        true,
    ),
    e(
        "log.message.timestamp.before.max.ms",
        Long,
        "9223372036854775807",
        AtLeast(0),
        true,
    ),
    e(
        "log.message.timestamp.type",
        Text,
        "CreateTime",
        OneOf("CreateTime,LogAppendTime"),
        true,
    ),
    e("log.preallocate", Boolean, "false", Any, true),
    e("log.retention.bytes", Long, "-1", Any, true),
    e(
        "log.retention.check.interval.ms",
        Long,
        "300000",
        AtLeast(1),
        false,
    ),
    e("log.retention.hours", Int, "168", Any, false),
    e("log.retention.minutes", Int, "null", Any, false),
    e("log.retention.ms", Long, "null", Any, true),
    e("log.roll.hours", Int, "168", AtLeast(1), false),
    e("log.roll.jitter.hours", Int, "0", AtLeast(0), false),
    e("log.roll.jitter.ms", Long, "null", Any, true),
    e("log.roll.ms", Long, "null", Any, true),
    e(
        "log.segment.bytes",
        Int,
        "1073741824",
        AtLeast(1048576),
        true,
    ),
    e(
        "log.segment.delete.delay.ms",
        Long,
        "60000",
        AtLeast(0),
        true,
    ),
    e("message.max.bytes", Int, "1048588", AtLeast(0), true),
    e("min.insync.replicas", Int, "1", AtLeast(1), true),
    e("node.id", Int, "null", AtLeast(0), false),
    e("num.partitions", Int, "1", AtLeast(1), false),
    e("offset.metadata.max.bytes", Int, "4096", Any, false),
    e(
        "offsets.retention.check.interval.ms",
        Long,
        "600000",
        AtLeast(1),
        false,
    ),
    e("offsets.retention.minutes", Int, "10080", AtLeast(1), false),
    e("offsets.topic.num.partitions", Int, "50", AtLeast(1), false),
    e(
        "offsets.topic.replication.factor",
        Short,
        "3",
        AtLeast(1),
        false,
    ),
    e(
        "process.roles",
        List,
        "null",
        OneOf("broker,controller"),
        false,
    ),
    e(
        "producer.id.expiration.ms",
        Int,
        "86400000",
        AtLeast(1),
        false,
    ),
    e("replica.fetch.backoff.ms", Int, "1000", AtLeast(0), false),
    e("replica.fetch.max.bytes", Int, "1048576", AtLeast(0), false),
    e(
        "replica.fetch.response.max.bytes",
        Int,
        "10485760",
        AtLeast(0),
        false,
    ),
    e("replica.fetch.wait.max.ms", Int, "500", Any, false),
    e("replica.lag.time.max.ms", Long, "30000", Any, false),
    e("request.timeout.ms", Int, "30000", Any, false),
    e(
        "socket.request.max.bytes",
        Int,
        "104857600",
        AtLeast(1),
        false,
    ),
    e(
        "transaction.max.timeout.ms",
        Int,
        "900000",
        AtLeast(1),
        false,
    ),
    e(
        "transaction.state.log.num.partitions",
        Int,
        "50",
        AtLeast(1),
        false,
    ),
    e(
        "transaction.state.log.replication.factor",
        Short,
        "3",
        AtLeast(1),
        false,
    ),
    e(
        "transactional.id.expiration.ms",
        Int,
        "604800000",
        AtLeast(1),
        false,
    ),
    e(
        "unclean.leader.election.enable",
        Boolean,
        "false",
        Any,
        true,
    ),
];

/// The configuration called `name`.
pub fn find(name: &str) -> Option<&'static BrokerEntry> {
    TABLE.iter().find(|entry| entry.name == name)
}

/// Checks a value for a key, if the key is known; says in Kafka's words what is wrong. Kafka lets
/// unknown keys pass: a plugin may know them.
pub fn check_one(name: &str, value: &str) -> Result<(), String> {
    find(name).map_or(Ok(()), |entry| check(name, entry.kind, entry.valid, value))
}

const fn e(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    valid: Valid,
    dynamic: bool,
) -> BrokerEntry {
    BrokerEntry {
        name,
        kind,
        default,
        valid,
        dynamic,
    }
}

#[cfg(test)]
mod tests {
    use super::{TABLE, find};
    use crate::config::topic;

    #[test]
    fn the_table_is_sorted_and_its_defaults_are_valid() {
        assert!(TABLE.windows(2).all(|pair| pair[0].name < pair[1].name));
        for entry in TABLE {
            if let Some(default) = entry.default().filter(|text| !text.is_empty()) {
                assert_eq!(super::check_one(entry.name, default), Ok(()));
            }
        }
    }

    #[test]
    fn every_key_that_topics_inherit_is_here_and_dynamic() {
        for entry in topic::TABLE
            .iter()
            .filter(|entry| !entry.broker_name().is_empty())
        {
            assert!(
                find(entry.broker_name()).is_some_and(|broker| broker.dynamic),
                "{}",
                entry.name
            );
        }
    }

    #[test]
    fn retention_can_be_given_in_three_units() {
        let names: Vec<&str> = find("log.retention.ms")
            .map(|e| e.synonyms().collect())
            .unwrap_or_default();
        assert_eq!(
            names,
            [
                "log.retention.ms",
                "log.retention.minutes",
                "log.retention.hours"
            ]
        );
    }
}
