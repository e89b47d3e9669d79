//! Configurations of groups.

use crate::config::value::Kind::{self, Boolean, Int, Text};
use crate::config::value::Valid::{self, Any, AtLeast, OneOf};
use crate::config::value::check;

/// One configuration of groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupEntry {
    /// Its key.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Kafka's default.
    pub default: &'static str,
    /// What a value must be.
    pub valid: Valid,
}

/// The configurations, by name.
pub const TABLE: &[GroupEntry] = &[
    e("consumer.assignment.interval.ms", Int, "1000", AtLeast(0)),
    e("consumer.heartbeat.interval.ms", Int, "5000", AtLeast(1)),
    e("consumer.session.timeout.ms", Int, "45000", AtLeast(1)),
    e("share.assignment.interval.ms", Int, "1000", AtLeast(0)),
    e("share.auto.offset.reset", Text, "latest", Any),
    e("share.delivery.count.limit", Int, "5", AtLeast(2)),
    e("share.heartbeat.interval.ms", Int, "5000", AtLeast(1)),
    e(
        "share.isolation.level",
        Text,
        "read_uncommitted",
        OneOf("read_committed,read_uncommitted"),
    ),
    e(
        "share.partition.max.record.locks",
        Int,
        "2000",
        AtLeast(100),
    ),
    e("share.record.lock.duration.ms", Int, "30000", AtLeast(1000)),
    e("share.renew.acknowledge.enable", Boolean, "true", Any),
    e("share.session.timeout.ms", Int, "45000", AtLeast(1)),
    e("streams.assignment.interval.ms", Int, "1000", AtLeast(0)),
    e("streams.heartbeat.interval.ms", Int, "5000", AtLeast(1)),
    e(
        "streams.initial.rebalance.delay.ms",
        Int,
        "3000",
        AtLeast(0),
    ),
    e("streams.num.standby.replicas", Int, "0", AtLeast(0)),
    e("streams.session.timeout.ms", Int, "45000", AtLeast(1)),
];

/// Checks one key and its value; says in Kafka's words what is wrong.
pub fn check_one(name: &str, value: &str) -> Result<(), String> {
    match TABLE.iter().find(|entry| entry.name == name) {
        Some(entry) => check(name, entry.kind, entry.valid, value),
        None => Err(format!("Unknown group config name: {name}")),
    }
}

const fn e(name: &'static str, kind: Kind, default: &'static str, valid: Valid) -> GroupEntry {
    GroupEntry {
        name,
        kind,
        default,
        valid,
    }
}
