//! The topic settings that a log lives by.

use records::{Codec, Compression, TimestampType};
use serde::Serialize;

/// A topic's settings, in the units of Kafka's topic configurations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogConfig {
    /// `retention.ms`; -1 keeps records for ever.
    pub retention_ms: i64,
    /// `retention.bytes` of one partition; -1 sets no limit.
    pub retention_bytes: i64,
    /// `segment.bytes`.
    pub segment_bytes: i64,
    /// `segment.ms`.
    pub segment_ms: i64,
    /// `max.message.bytes`: the largest batch accepted.
    pub max_message_bytes: i64,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`.
    pub timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub timestamp_after_max_ms: i64,
    /// Whether `cleanup.policy` has `delete`.
    pub delete: bool,
    /// Whether `cleanup.policy` has `compact`.
    pub compact: bool,
    /// `compression.type`: what batches are stored in; `None` leaves them as the producer sent them.
    pub compression: Option<Compression>,
    /// `min.insync.replicas`.
    pub min_insync_replicas: i32,
    /// `delete.retention.ms`: how long a compacted log keeps word that a key was deleted.
    pub delete_retention_ms: i64,
    /// `min.cleanable.dirty.ratio`, in thousandths.
    pub min_dirty_thousandths: u64,
    /// `min.compaction.lag.ms`: younger records are not compacted.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`: older ones are, however few there are.
    pub max_compaction_lag_ms: i64,
    /// `flush.messages`: after so many records they are made safe on disk, where there is one.
    pub flush_messages: i64,
    /// `flush.ms`: after so long they are.
    pub flush_ms: i64,
}

impl Default for LogConfig {
    fn default() -> LogConfig {
        LogConfig {
            retention_ms: 604_800_000,
            retention_bytes: -1,
            segment_bytes: 1_073_741_824,
            segment_ms: 604_800_000,
            max_message_bytes: 1_048_588,
            timestamp_type: TimestampType::CreateTime,
            timestamp_before_max_ms: i64::MAX,
            timestamp_after_max_ms: 3_600_000,
            delete: true,
            compact: false,
            compression: None,
            min_insync_replicas: 1,
            delete_retention_ms: 86_400_000,
            min_dirty_thousandths: 500,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
        }
    }
}

impl LogConfig {
    /// The settings that `get` answers for, by Kafka's names. What does not parse keeps its default;
    /// the controller has validated what is stored.
    pub fn read(get: impl Fn(&str) -> String) -> LogConfig {
        fn number<T: std::str::FromStr>(text: &str, default: T) -> T {
            text.trim().parse().unwrap_or(default)
        }
        let default = LogConfig::default();
        let policy = get("cleanup.policy");
        let has = |wanted: &str| policy.split(',').any(|part| part.trim() == wanted);
        LogConfig {
            retention_ms: number(&get("retention.ms"), default.retention_ms),
            retention_bytes: number(&get("retention.bytes"), default.retention_bytes),
            segment_bytes: number(&get("segment.bytes"), default.segment_bytes),
            segment_ms: number(&get("segment.ms"), default.segment_ms),
            max_message_bytes: number(&get("max.message.bytes"), default.max_message_bytes),
            timestamp_type: if get("message.timestamp.type") == "LogAppendTime" {
                TimestampType::LogAppendTime
            } else {
                TimestampType::CreateTime
            },
            timestamp_before_max_ms: number(
                &get("message.timestamp.before.max.ms"),
                default.timestamp_before_max_ms,
            ),
            timestamp_after_max_ms: number(
                &get("message.timestamp.after.max.ms"),
                default.timestamp_after_max_ms,
            ),
            delete: policy.is_empty() || has("delete"),
            compact: has("compact"),
            compression: compression(&get),
            min_insync_replicas: number(&get("min.insync.replicas"), default.min_insync_replicas),
            delete_retention_ms: number(&get("delete.retention.ms"), default.delete_retention_ms),
            min_dirty_thousandths: records::decimal::parse(get("min.cleanable.dirty.ratio").trim())
                .map_or(default.min_dirty_thousandths, |ratio| {
                    (ratio * 1000.0) as u64
                }),
            min_compaction_lag_ms: number(
                &get("min.compaction.lag.ms"),
                default.min_compaction_lag_ms,
            ),
            max_compaction_lag_ms: number(
                &get("max.compaction.lag.ms"),
                default.max_compaction_lag_ms,
            ),
            flush_messages: number(&get("flush.messages"), default.flush_messages),
            flush_ms: number(&get("flush.ms"), default.flush_ms),
        }
    }
}

fn compression(get: &impl Fn(&str) -> String) -> Option<Compression> {
    let name = get("compression.type");
    let codec = match name.as_str() {
        "uncompressed" => Codec::None,
        name => Codec::named(name)?,
    };
    let level = get("compression.gzip.level").trim().parse().unwrap_or(-1);
    Some(Compression { codec, level })
}
