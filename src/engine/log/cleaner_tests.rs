//! What compaction keeps, drops and never touches.

use std::collections::BTreeMap;

use bytes::Bytes;
use records::{
    Batch, BatchBuilder, BatchOptions, Codec, Compression, Marker, Outcome, Record, open,
};

use crate::log::PartitionLog;
use crate::log::config::LogConfig;
use crate::log::kept_tests::{Files, face};
use crate::rng::Rng;
use crate::time::SimTime;

const NOW: i64 = 1_700_000_000_000;

type Held = Vec<(i64, Option<Vec<u8>>, Option<Vec<u8>>)>;

fn config() -> LogConfig {
    LogConfig {
        compact: true,
        delete: false,
        segment_bytes: 400,
        min_dirty_thousandths: 10,
        delete_retention_ms: 1_000,
        ..LogConfig::default()
    }
}

fn log() -> PartitionLog {
    let mut log = PartitionLog::new(config());
    log.keep_journal();
    log
}

fn at(ms: i64) -> SimTime {
    SimTime::from_millis(NOW + ms)
}

fn put(log: &mut PartitionLog, options: BatchOptions, records: &[(&str, Option<&str>)]) {
    let mut builder = BatchBuilder::new(BatchOptions {
        base_offset: log.log_end_offset(),
        partition_leader_epoch: 0,
        ..options
    });
    for (key, value) in records {
        let record = Record {
            timestamp: NOW,
            key: Some(key.as_bytes()),
            value: value.map(str::as_bytes),
            headers: &[],
        };
        builder.append(&record).unwrap();
    }
    log.append_as_follower(&builder.build()).unwrap();
    log.set_high_watermark(log.log_end_offset());
}

fn mark(log: &mut PartitionLog, producer_id: i64, outcome: Outcome) {
    let options = BatchOptions {
        base_offset: log.log_end_offset(),
        partition_leader_epoch: 0,
        producer_id,
        producer_epoch: 0,
        ..BatchOptions::default()
    };
    let marker = Marker {
        outcome,
        coordinator_epoch: 0,
    };
    let bytes = marker.build(options, NOW).unwrap();
    log.append_as_follower(&bytes).unwrap();
    log.set_high_watermark(log.log_end_offset());
}

/// Fills the newest segment, so that what came before can be compacted.
fn roll(log: &mut PartitionLog) {
    let filler = "f".repeat(350);
    put(log, BatchOptions::default(), &[("filler", Some(&filler))]);
    put(log, BatchOptions::default(), &[("filler", Some("end"))]);
}

fn held(log: &PartitionLog) -> Held {
    let mut held = Vec::new();
    for batch in log.batches_from(0) {
        let plain = open(&batch.bytes).unwrap();
        let view = Batch::parse(&plain).unwrap();
        Batch::parse(&batch.bytes).unwrap().check().unwrap();
        if batch.is_control {
            held.push((batch.base_offset, None, None));
            continue;
        }
        for record in view.records().unwrap() {
            let record = record.unwrap();
            let key = record.key.map(<[u8]>::to_vec);
            held.push((record.offset, key, record.value.map(<[u8]>::to_vec)));
        }
    }
    held
}

fn keys(log: &PartitionLog) -> Vec<(i64, String)> {
    let named = held(log).into_iter().map(|(offset, key, _)| {
        let key = key.map_or("marker".into(), |key| String::from_utf8(key).unwrap());
        (offset, key)
    });
    named.filter(|(_, key)| key != "filler").collect()
}

fn named(expected: &[(i64, &str)]) -> Vec<(i64, String)> {
    let own = expected.iter().map(|(at, key)| (*at, (*key).to_owned()));
    own.collect()
}

#[test]
fn the_last_record_of_a_key_stays_at_its_offset_and_the_newest_segment_is_left_alone() {
    for codec in [Codec::None, Codec::Gzip, Codec::Zstd] {
        let mut log = log();
        let options = BatchOptions {
            compression: Compression::new(codec),
            ..BatchOptions::default()
        };
        put(
            &mut log,
            options,
            &[("a", Some("1")), ("b", Some("1")), ("a", Some("2"))],
        );
        put(&mut log, options, &[("c", Some("1")), ("b", Some("2"))]);
        assert!(!log.compact(at(0)), "all is in the newest segment");
        roll(&mut log);
        put(&mut log, options, &[("a", Some("3"))]);
        assert!(log.compact(at(0)));
        assert_eq!(keys(&log), named(&[(2, "a"), (3, "c"), (4, "b"), (7, "a")]));
        assert_eq!(log.batches_from(0).next().unwrap().base_offset, 0);
        assert!(!log.compact(at(0)), "nothing new");
        assert_eq!(log.log_start_offset(), 0);
        // Sizes and positions are those of what is left.
        let sizes: u64 = log.batches_from(0).map(|batch| batch.size()).sum();
        assert_eq!(log.size_bytes(), sizes);
        assert_eq!(log.segments().iter().map(|s| s.size).sum::<u64>(), sizes);
        assert_eq!(log.bytes_between(0, log.log_end_offset()), sizes);
    }
}

#[test]
fn word_of_a_deleted_key_stays_for_a_while() {
    let mut log = log();
    put(
        &mut log,
        BatchOptions::default(),
        &[("a", Some("1")), ("b", Some("1"))],
    );
    put(&mut log, BatchOptions::default(), &[("a", None)]);
    roll(&mut log);
    assert!(log.compact(at(0)));
    assert_eq!(keys(&log), named(&[(1, "b"), (2, "a")]));
    // Looked at again before its time, it is still there; after it, it goes.
    roll(&mut log);
    log.compact(at(999));
    assert_eq!(keys(&log), named(&[(1, "b"), (2, "a")]));
    roll(&mut log);
    assert!(log.compact(at(1_000)));
    assert_eq!(keys(&log), named(&[(1, "b")]));
}

#[test]
fn the_settings_say_when_it_is_worth_it() {
    let mut log = log();
    put(
        &mut log,
        BatchOptions::default(),
        &[("a", Some("1")), ("a", Some("2"))],
    );
    roll(&mut log);
    let with = |change: fn(&mut LogConfig)| {
        let mut other = log.clone();
        let mut config = config();
        change(&mut config);
        other.set_config(config);
        other
    };
    assert!(!with(|c| c.compact = false).compact(at(0)));
    assert!(!with(|c| c.min_compaction_lag_ms = 100).compact(at(99)));
    assert!(with(|c| c.min_compaction_lag_ms = 100).compact(at(100)));
    assert!(!with(|c| c.min_dirty_thousandths = 1_000).compact(at(0)));
    let late = |c: &mut LogConfig| (c.min_dirty_thousandths, c.max_compaction_lag_ms) = (1_000, 50);
    assert!(!with(late).compact(at(50)));
    assert!(with(late).compact(at(51)));
    // What is not committed is not looked at.
    let mut behind = log.clone();
    behind.high_watermark = 1;
    assert!(!behind.compact(at(0)));
    assert!(log.compact(at(0)));
}

#[test]
fn aborted_records_go_and_markers_follow_when_nothing_needs_them() {
    let mut log = log();
    let of = |producer_id, base_sequence| BatchOptions {
        producer_id,
        producer_epoch: 0,
        base_sequence,
        transactional: true,
        ..BatchOptions::default()
    };
    put(&mut log, of(1, 0), &[("a", Some("1"))]);
    put(
        &mut log,
        of(2, 0),
        &[("a", Some("aborted")), ("x", Some("aborted"))],
    );
    mark(&mut log, 1, Outcome::Commit);
    mark(&mut log, 2, Outcome::Abort);
    put(&mut log, of(2, 2), &[("z", Some("1"))]);
    mark(&mut log, 2, Outcome::Commit);
    roll(&mut log);
    assert!(log.compact(at(0)));
    // The aborted ones replace nothing.
    let after = named(&[
        (0, "a"),
        (3, "marker"),
        (4, "marker"),
        (5, "z"),
        (6, "marker"),
    ]);
    assert_eq!(keys(&log), after);
    // The abort decides nothing any more, and goes when its time has come.
    put(&mut log, BatchOptions::default(), &[("a", Some("2"))]);
    roll(&mut log);
    roll(&mut log);
    log.compact(at(2_000));
    let without: Vec<_> = after
        .iter()
        .filter(|(offset, _)| ![0, 4].contains(offset))
        .cloned()
        .chain(named(&[(9, "a")]))
        .collect();
    assert_eq!(keys(&log), without);
    // A producer's last batch keeps its place without records: its numbers tell a retry.
    let empty = log.batches_from(0).next().unwrap();
    assert_eq!((empty.record_count, empty.producer_id), (0, 1));
    let mut rebuilt = log.clone();
    rebuilt.rebuild_producers();
    assert_eq!(
        rebuilt.producers().get(1).map(|p| p.batches.clone()),
        log.producers().get(1).map(|p| p.batches.clone())
    );
    assert_eq!(rebuilt.transactions().open().count(), 0);
}

#[test]
fn an_open_transaction_is_not_touched() {
    let mut log = log();
    let open = BatchOptions {
        producer_id: 1,
        producer_epoch: 0,
        base_sequence: 0,
        transactional: true,
        ..BatchOptions::default()
    };
    put(&mut log, open, &[("a", Some("1")), ("a", Some("2"))]);
    roll(&mut log);
    assert!(!log.compact(at(0)));
    mark(&mut log, 1, Outcome::Commit);
    assert!(log.compact(at(0)));
}

/// What a reader that starts at the beginning ends up with.
fn table(held: &Held) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut table = BTreeMap::new();
    for (_, key, value) in held {
        match (key, value) {
            (Some(key), Some(value)) => table.insert(key.clone(), value.clone()),
            (Some(key), None) => table.remove(key),
            _ => None,
        };
    }
    table
}

#[test]
fn whatever_is_written_readers_end_up_with_the_same_and_files_agree() {
    for seed in 0..60 {
        let mut rng = Rng::from_seed(seed);
        let mut log = log();
        let (mut files, mut clock) = (Files::new(), 0);
        let mut all: Held = Vec::new();
        for step in 0..60 {
            clock += i64::try_from(rng.below(300)).unwrap();
            let mut records = Vec::new();
            let text = "v".repeat(usize::try_from(rng.below(60)).unwrap());
            let names = ["a", "b", "c", "d", "e", "f"];
            for _ in 0..=rng.below(3) {
                let key = names[usize::try_from(rng.below(6)).unwrap()];
                records.push((key, (rng.below(4) > 0).then_some(text.as_str())));
            }
            let first = log.log_end_offset();
            put(&mut log, BatchOptions::default(), &records);
            for ((key, value), offset) in records.iter().zip(first..) {
                let value = value.map(|value| value.as_bytes().to_vec());
                all.push((offset, Some(key.as_bytes().to_vec()), value));
            }
            if rng.below(5) == 0 {
                log.compact(at(clock));
            }
            files.follow(&mut log);
            let left = held(&log);
            assert!(
                left.iter().all(|one| all.contains(one)),
                "seed {seed}, step {step}"
            );
            assert_eq!(table(&left), table(&all), "seed {seed}, step {step}");
            let (mut back, damage) = PartitionLog::restore(files.kept(&log));
            assert_eq!(damage, None);
            back.set_config(config());
            assert!(
                face(&back) == face(&log),
                "seed {seed}, step {step}: {}\n{}",
                face(&back),
                face(&log)
            );
        }
        // Below what was compacted, no key is there twice.
        let clean = log.cleaned_to();
        let mut seen = std::collections::BTreeSet::new();
        for (_, key, _) in held(&log).into_iter().filter(|one| one.0 < clean) {
            assert!(seen.insert(key), "seed {seed}");
        }
    }
}

#[test]
fn a_damaged_batch_leaves_the_log_as_it_is() {
    let mut log = log();
    let packed = BatchOptions {
        compression: Compression::new(Codec::Gzip),
        ..BatchOptions::default()
    };
    put(&mut log, packed, &[("a", Some("1")), ("a", Some("2"))]);
    let mut broken = log.last_batch().unwrap().clone();
    let mut bytes = broken.bytes.to_vec();
    bytes[72..].fill(0xff);
    broken.bytes = Bytes::from(bytes);
    log.batches.truncate(0);
    log.batches.push(broken);
    roll(&mut log);
    let before = log.clone();
    assert!(!log.compact(at(0)));
    assert_eq!(log, before);
}
