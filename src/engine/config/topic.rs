//! Configurations of topics.

use crate::config::value::Kind::{self, Boolean, Double, Int, List, Long, Text};
use crate::config::value::Valid::{
    self, Any, AtLeast, Between, BetweenOrMinusOne, OneOf, ThrottledReplicas,
};
use crate::config::value::check;
use crate::image::ConfigMap;

/// One configuration of topics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TopicConfig {
    /// Its key.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Kafka's default.
    pub default: &'static str,
    /// What a value must be.
    pub valid: Valid,
    broker: &'static str,
}

impl TopicConfig {
    /// The broker's configuration that sets the default of all topics; empty if there is none.
    pub fn broker_name(&self) -> &'static str {
        if self.broker == "=" {
            self.name
        } else {
            self.broker
        }
    }
}

/// Every configuration of topics, in the order in which Kafka's tools, which keep them in a Java
/// hash map, show them.
pub const TABLE: &[TopicConfig] = &[
    e(
        "compression.type",
        Text,
        "producer",
        OneOf("uncompressed,zstd,lz4,snappy,gzip,producer"),
        "=",
    ),
    e("remote.log.delete.on.disable", Boolean, "false", Any, ""),
    e(
        "leader.replication.throttled.replicas",
        List,
        "",
        ThrottledReplicas,
        "",
    ),
    e("remote.storage.enable", Boolean, "false", Any, ""),
    e("min.insync.replicas", Int, "1", AtLeast(1), "="),
    e(
        "segment.jitter.ms",
        Long,
        "0",
        AtLeast(0),
        "log.roll.jitter.ms",
    ),
    e("remote.log.copy.disable", Boolean, "false", Any, ""),
    e(
        "local.retention.ms",
        Long,
        "-2",
        AtLeast(-2),
        "log.local.retention.ms",
    ),
    e(
        "cleanup.policy",
        List,
        "delete",
        OneOf("compact,delete"),
        "log.cleanup.policy",
    ),
    e(
        "flush.ms",
        Long,
        "9223372036854775807",
        AtLeast(0),
        "log.flush.interval.ms",
    ),
    e(
        "follower.replication.throttled.replicas",
        List,
        "",
        ThrottledReplicas,
        "",
    ),
    e("compression.lz4.level", Int, "9", Between(1, 17), "="),
    e(
        "segment.bytes",
        Int,
        "1073741824",
        AtLeast(1048576),
        "log.segment.bytes",
    ),
    e(
        "retention.ms",
        Long,
        "604800000",
        AtLeast(-1),
        "log.retention.ms",
    ),
    e(
        "compression.gzip.level",
        Int,
        "-1",
        BetweenOrMinusOne(1, 9),
        "=",
    ),
    e(
        "flush.messages",
        Long,
        "9223372036854775807",
        AtLeast(1),
        "log.flush.interval.messages",
    ),
    e(
        "compression.zstd.level",
        Int,
        "3",
        Between(-131072, 22),
        "=",
    ),
    e(
        "max.compaction.lag.ms",
        Long,
        "9223372036854775807",
        AtLeast(1),
        "log.cleaner.max.compaction.lag.ms",
    ),
    e(
        "file.delete.delay.ms",
        Long,
        "60000",
        AtLeast(0),
        "log.segment.delete.delay.ms",
    ),
    e(
        "max.message.bytes",
        Int,
        "1048588",
        AtLeast(0),
        "message.max.bytes",
    ),
    e(
        "min.compaction.lag.ms",
        Long,
        "0",
        AtLeast(0),
        "log.cleaner.min.compaction.lag.ms",
    ),
    e(
        "message.timestamp.type",
        Text,
        "CreateTime",
        OneOf("CreateTime,LogAppendTime"),
        "log.message.timestamp.type",
    ),
    e(
        "local.retention.bytes",
        Long,
        "-2",
        AtLeast(-2),
        "log.local.retention.bytes",
    ),
    e("preallocate", Boolean, "false", Any, "log.preallocate"),
    e(
        "index.interval.bytes",
        Int,
        "4096",
        AtLeast(0),
        "log.index.interval.bytes",
    ),
    e(
        "min.cleanable.dirty.ratio",
        Double,
        "0.5",
        Between(0, 1),
        "log.cleaner.min.cleanable.ratio",
    ),
    e("unclean.leader.election.enable", Boolean, "false", Any, "="),
    e("retention.bytes", Long, "-1", Any, "log.retention.bytes"),
    e(
        "delete.retention.ms",
        Long,
        "86400000",
        AtLeast(0),
        "log.cleaner.delete.retention.ms",
    ),
    e(
        "message.timestamp.after.max.ms",
        Long,
        "3600000",
        AtLeast(0),
        "log.message.timestamp.after.max.ms",
    ),
    e(
        "message.timestamp.before.max.ms",
        Long,
        "9223372036854775807",
        AtLeast(0),
        "log.message.timestamp.before.max.ms",
    ),
    e("segment.ms", Long, "604800000", AtLeast(1), "log.roll.ms"),
    e(
        "segment.index.bytes",
        Int,
        "10485760",
        AtLeast(4),
        "log.index.size.max.bytes",
    ),
];

/// The configuration called `name`.
pub fn find(name: &str) -> Option<&'static TopicConfig> {
    TABLE.iter().find(|entry| entry.name == name)
}

/// Checks one key and its value; says in Kafka's words what is wrong.
pub fn check_one(name: &str, value: &str) -> Result<(), String> {
    match find(name) {
        Some(entry) => check(name, entry.kind, entry.valid, value),
        None => Err(format!("Unknown topic config name: {name}")),
    }
}

/// Checks all that is set on a topic together; says in Kafka's words what is wrong.
pub fn check_all(overrides: &ConfigMap) -> Result<(), String> {
    // Kafka names an unknown key before it looks at any value.
    if let Some(unknown) = overrides.keys().find(|name| find(name).is_none()) {
        return Err(format!("Unknown topic config name: {unknown}"));
    }
    overrides
        .iter()
        .try_for_each(|(name, value)| check_one(name, value))?;
    let lag = |key: &str| {
        let value = overrides.get(key).map(String::as_str);
        value
            .or_else(|| find(key).map(|entry| entry.default))
            .and_then(|text| text.trim().parse::<i64>().ok())
    };
    match (lag("min.compaction.lag.ms"), lag("max.compaction.lag.ms")) {
        (Some(min), Some(max)) if min > max => Err(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})"
        )),
        _ => Ok(()),
    }
}

const fn e(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    valid: Valid,
    broker: &'static str,
) -> TopicConfig {
    TopicConfig {
        name,
        kind,
        default,
        valid,
        broker,
    }
}

#[cfg(test)]
mod tests {
    use super::{check_all, find};

    fn said(pairs: &[(&str, &str)]) -> String {
        let map = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        check_all(&map).err().unwrap_or_default()
    }

    #[test]
    fn good_values_pass() {
        for (key, value) in [
            ("retention.ms", "-1"),
            ("retention.ms", " 60000 "),
            ("cleanup.policy", "compact,delete"),
            ("cleanup.policy", "compact,compact"),
            ("cleanup.policy", ""),
            ("compression.gzip.level", "-1"),
            ("compression.gzip.level", "9"),
            ("min.cleanable.dirty.ratio", "0.25"),
            ("preallocate", "TRUE"),
            ("leader.replication.throttled.replicas", "0:1,1:2"),
            ("leader.replication.throttled.replicas", "*"),
            ("follower.replication.throttled.replicas", ""),
            ("local.retention.ms", "999999999999"),
        ] {
            assert_eq!(said(&[(key, value)]), "", "{key}={value}");
        }
    }

    #[test]
    fn bad_values_get_kafkas_sentences() {
        for (key, value, sentence) in [
            ("retention.ms", "soon", "Not a number of type LONG"),
            (
                "max.message.bytes",
                "99999999999",
                "Not a number of type INT",
            ),
            (
                "min.cleanable.dirty.ratio",
                "abc",
                "Not a number of type DOUBLE",
            ),
            ("min.insync.replicas", "0", "Value must be at least 1"),
            (
                "preallocate",
                "maybe",
                "Expected value to be either true or false",
            ),
            (
                "cleanup.policy",
                "shred",
                "String must be one of: compact, delete",
            ),
            (
                "compression.type",
                "rar",
                "String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer",
            ),
            (
                "compression.gzip.level",
                "11",
                "Value must be between 1 and 9 or equal to -1",
            ),
            (
                "compression.lz4.level",
                "18",
                "Value must be no more than 17",
            ),
        ] {
            let expected = format!("Invalid value {value} for configuration {key}: {sentence}");
            assert_eq!(said(&[(key, value)]), expected);
        }
        assert_eq!(
            said(&[("min.cleanable.dirty.ratio", "2")]),
            "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1"
        );
        assert_eq!(
            said(&[("leader.replication.throttled.replicas", "xyz")]),
            "Invalid value [xyz] for configuration leader.replication.throttled.replicas: \
             leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the \
             following format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."
        );
        assert_eq!(
            said(&[("a", "1"), ("no.such.config", "1")]),
            "Unknown topic config name: a"
        );
    }

    #[test]
    fn values_that_contradict_each_other_are_refused() {
        assert_eq!(
            said(&[
                ("min.compaction.lag.ms", "100"),
                ("max.compaction.lag.ms", "10")
            ]),
            "conflict topic config setting min.compaction.lag.ms (100) > max.compaction.lag.ms (10)"
        );
    }

    #[test]
    fn topic_keys_know_the_broker_keys_they_come_from() {
        let broker = |name| find(name).map(|entry| entry.broker_name());
        assert_eq!(broker("min.insync.replicas"), Some("min.insync.replicas"));
        assert_eq!(broker("max.message.bytes"), Some("message.max.bytes"));
        assert_eq!(broker("retention.ms"), Some("log.retention.ms"));
        assert_eq!(broker("remote.storage.enable"), Some(""));
    }
}
