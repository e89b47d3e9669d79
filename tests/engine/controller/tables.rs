//! The tables of configurations against what the real Kafka's say of themselves.

use std::path::PathBuf;

use engine::config::value::{Kind, Valid};
use engine::config::{broker, group, topic};

struct Row {
    name: String,
    kind: String,
    default: String,
    valid: String,
}

fn rows(file: &str) -> Vec<Row> {
    let folder = std::env::var_os("KAFKA_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors")),
        PathBuf::from,
    );
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        Row {
            name: cells[0].to_owned(),
            kind: cells[1].to_owned(),
            default: cells[2].to_owned(),
            valid: cells[3].to_owned(),
        }
    };
    text.lines().skip(1).map(row).collect()
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "BOOLEAN",
        Kind::Text => "STRING",
        Kind::Int => "INT",
        Kind::Short => "SHORT",
        Kind::Long => "LONG",
        Kind::Double => "DOUBLE",
        Kind::List => "LIST",
    }
}

fn valid_text(valid: Valid) -> String {
    match valid {
        Valid::Any => String::new(),
        Valid::AtLeast(low) => format!("[{low},...]"),
        Valid::Between(low, high) => format!("[{low},...,{high}]"),
        Valid::BetweenOrMinusOne(low, high) => format!("[{low},...,{high}] or -1"),
        Valid::OneOf(choices) => format!("[{}]", choices.replace(',', ", ")),
        Valid::ThrottledReplicas => {
            "[partitionId]:[brokerId],[partitionId]:[brokerId],...".to_owned()
        }
    }
}

#[test]
fn topics() {
    let rows = rows("configs-topic.tsv");
    assert_eq!(topic::TABLE.len(), rows.len());
    for row in rows {
        let entry = topic::find(&row.name).unwrap_or_else(|| panic!("{} is missing", row.name));
        let ours = (
            kind_name(entry.kind),
            entry.default,
            valid_text(entry.valid),
        );
        assert_eq!(
            ours,
            (row.kind.as_str(), row.default.as_str(), row.valid.clone()),
            "{}",
            row.name
        );
    }
}

#[test]
fn groups() {
    let rows = rows("configs-group.tsv");
    assert_eq!(group::TABLE.len(), rows.len());
    for (entry, row) in group::TABLE.iter().zip(rows) {
        let ours = (entry.name, kind_name(entry.kind), entry.default);
        assert_eq!(
            ours,
            (row.name.as_str(), row.kind.as_str(), row.default.as_str())
        );
        // A duration is part of what this one takes; the table checks only that it is text.
        if row.name != "share.auto.offset.reset" {
            assert_eq!(valid_text(entry.valid), row.valid, "{}", row.name);
        }
    }
}

#[test]
fn brokers() {
    let rows = rows("configs-broker.tsv");
    for entry in broker::TABLE {
        let row = rows.iter().find(|row| row.name == entry.name);
        let row = row.unwrap_or_else(|| panic!("Kafka has no {}", entry.name));
        assert_eq!(kind_name(entry.kind), row.kind, "{}", row.name);
        // `(none)`: the key must be set.
        let default = Some(row.default.as_str()).filter(|text| !["null", "(none)"].contains(text));
        assert_eq!(entry.default(), default, "{}", row.name);
        if entry.dynamic {
            assert_eq!(valid_text(entry.valid), row.valid, "{}", row.name);
        }
    }
}

/// Kafka's admin client keeps configurations in a Java hash map and its tools print them in the order
/// that comes out; the table is in that order.
#[test]
fn topics_stand_in_the_order_of_a_java_hash_map() {
    let bucket = |name: &str| {
        let hash = name.bytes().fold(0_u32, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(u32::from(byte))
        });
        (hash ^ (hash >> 16)) & 63
    };
    let buckets: Vec<u32> = topic::TABLE
        .iter()
        .map(|entry| bucket(entry.name))
        .collect();
    assert!(buckets.is_sorted(), "{buckets:?}");
    // Within a bucket, as the real tool shows a topic that sets all of these.
    let shown = [
        "min.insync.replicas",
        "segment.bytes",
        "retention.ms",
        "compression.gzip.level",
        "flush.messages",
        "compression.zstd.level",
        "max.compaction.lag.ms",
        "file.delete.delay.ms",
        "index.interval.bytes",
        "min.cleanable.dirty.ratio",
        "retention.bytes",
        "delete.retention.ms",
    ];
    let names = topic::TABLE.iter().map(|entry| entry.name);
    assert!(names.filter(|name| shown.contains(name)).eq(shown));
}
