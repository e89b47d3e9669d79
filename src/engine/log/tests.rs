//! What a log must do with batches, whole and broken.

use bytes::Bytes;
use protocol::ErrorCode;
use records::{Batch, BatchBuilder, BatchOptions, Record, TimestampType};

use crate::log::PartitionLog;
use crate::log::append::{Appended, LeaderAppend, Origin};
use crate::log::config::LogConfig;
use crate::log::lookup::ReadLimit;
use crate::time::SimTime;

const NOW: i64 = 1_700_000_000_000;

fn batch_with(options: BatchOptions, timestamps: &[i64]) -> Bytes {
    let mut builder = BatchBuilder::new(options);
    for timestamp in timestamps {
        let record = Record {
            timestamp: *timestamp,
            key: Some(b"k"),
            value: Some(b"value"),
            headers: &[],
        };
        builder.append(&record).unwrap();
    }
    builder.build()
}

fn batch(timestamps: &[i64]) -> Bytes {
    batch_with(BatchOptions::default(), timestamps)
}

fn lead(epoch: i32) -> LeaderAppend {
    LeaderAppend {
        now_ms: NOW,
        leader_epoch: epoch,
        origin: Origin::Client,
    }
}

fn append(log: &mut PartitionLog, epoch: i32, timestamps: &[i64]) -> Appended {
    let appended = log
        .append_as_leader(&batch(timestamps), lead(epoch))
        .unwrap();
    log.set_high_watermark(log.log_end_offset());
    appended
}

fn error(log: &mut PartitionLog, bytes: &Bytes) -> ErrorCode {
    let before = log.clone();
    let error = log.append_as_leader(bytes, lead(0)).unwrap_err().code;
    assert_eq!(*log, before, "a refused batch leaves no trace");
    error
}

#[test]
fn batches_get_offsets_and_epochs_in_place() {
    let mut log = PartitionLog::new(LogConfig::default());
    assert_eq!(append(&mut log, 3, &[NOW, NOW]).base_offset, 0);
    assert_eq!(append(&mut log, 4, &[NOW]).base_offset, 2);
    let all = ReadLimit {
        below: 3,
        max_bytes: usize::MAX,
        at_least_one: true,
    };
    let bytes = log.read(1, all);
    let first = Batch::parse(&bytes).unwrap();
    first.check().unwrap();
    assert_eq!(first.header.base_offset, 0);
    assert_eq!(first.header.partition_leader_epoch, 3);
    assert_eq!(bytes.len() as u64, log.size_bytes());
    assert_eq!(log.leader_epochs().end_offset_for(3, 3), Some((3, 2)));
    let narrow = ReadLimit {
        below: 2,
        max_bytes: 1,
        at_least_one: true,
    };
    assert_eq!(log.read(0, narrow).len(), first.bytes.len());
    assert!(log.read(2, narrow).is_empty());
    assert_eq!(log.bytes_between(0, 2), first.bytes.len() as u64);
}

#[test]
fn log_append_time_replaces_timestamps() {
    let config = LogConfig {
        timestamp_type: TimestampType::LogAppendTime,
        ..LogConfig::default()
    };
    let mut log = PartitionLog::new(config);
    assert_eq!(append(&mut log, 0, &[5, 6]).log_append_time_ms, NOW);
    let stored = log.last_batch().unwrap().clone();
    let parsed = Batch::parse(&stored.bytes).unwrap();
    parsed.check().unwrap();
    let record = parsed.records().unwrap().next().unwrap().unwrap();
    assert_eq!((record.timestamp, stored.max_timestamp), (NOW, NOW));
}

#[test]
fn what_is_not_one_sound_batch_is_refused() {
    let mut log = PartitionLog::new(LogConfig::default());
    let good = batch(&[NOW]);
    let mut flipped = good.to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    let twice: Bytes = [&good[..], &good[..]].concat().into();
    let mut old = good.to_vec();
    old[16] = 1;
    assert_eq!(error(&mut log, &flipped.into()), ErrorCode::CorruptMessage);
    assert_eq!(
        error(&mut log, &good.slice(..30)),
        ErrorCode::CorruptMessage
    );
    assert_eq!(error(&mut log, &twice), ErrorCode::InvalidRecord);
    assert_eq!(error(&mut log, &Bytes::new()), ErrorCode::InvalidRecord);
    assert_eq!(error(&mut log, &old.into()), ErrorCode::InvalidRecord);
    let future = batch(&[NOW + 3_600_001]);
    assert_eq!(error(&mut log, &future), ErrorCode::InvalidTimestamp);
    let control = batch_with(
        BatchOptions {
            control: true,
            ..BatchOptions::default()
        },
        &[NOW],
    );
    assert_eq!(error(&mut log, &control), ErrorCode::InvalidRecord);
    let transactional = batch_with(
        BatchOptions {
            transactional: true,
            producer_id: 1,
            producer_epoch: 0,
            base_sequence: 0,
            ..BatchOptions::default()
        },
        &[NOW],
    );
    assert_eq!(error(&mut log, &transactional), ErrorCode::InvalidTxnState);
    log.set_config(LogConfig {
        max_message_bytes: 70,
        ..LogConfig::default()
    });
    assert_eq!(error(&mut log, &good), ErrorCode::MessageTooLarge);
}

#[test]
fn compacted_topics_want_keys() {
    let config = LogConfig {
        compact: true,
        ..LogConfig::default()
    };
    let mut log = PartitionLog::new(config);
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for key in [Some(&b"k"[..]), None] {
        let record = Record {
            timestamp: NOW,
            key,
            ..Record::default()
        };
        builder.append(&record).unwrap();
    }
    let error = log.append_as_leader(&builder.build(), lead(0)).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRecord);
    assert_eq!(error.records[0].0, 1);
}

#[test]
fn a_retried_batch_is_stored_once() {
    let mut log = PartitionLog::new(LogConfig::default());
    let of = |sequence| {
        batch_with(
            BatchOptions {
                producer_id: 9,
                producer_epoch: 0,
                base_sequence: sequence,
                ..BatchOptions::default()
            },
            &[NOW, NOW],
        )
    };
    assert!(!log.append_as_leader(&of(0), lead(0)).unwrap().duplicate);
    let retry = log.append_as_leader(&of(0), lead(0)).unwrap();
    assert!(retry.duplicate && retry.base_offset == 0 && log.log_end_offset() == 2);
    assert_eq!(error(&mut log, &of(3)), ErrorCode::OutOfOrderSequenceNumber);
    log.append_as_leader(&of(2), lead(0)).unwrap();
    // What is cut off is forgotten: the producer sends it again and it is no duplicate.
    log.truncate_to(2);
    assert!(!log.append_as_leader(&of(2), lead(1)).unwrap().duplicate);
}

#[test]
fn offsets_by_time() {
    let mut log = PartitionLog::new(LogConfig::default());
    append(&mut log, 0, &[NOW, NOW + 5]);
    append(&mut log, 0, &[NOW + 3]);
    append(&mut log, 0, &[NOW + 7, NOW + 9, NOW + 9]);
    let at = |log: &PartitionLog, time| log.offset_for_time(time).map(|found| found.offset);
    assert_eq!(at(&log, 0), Some(0));
    assert_eq!(at(&log, NOW + 1), Some(1));
    assert_eq!(at(&log, NOW + 6), Some(3));
    assert_eq!(at(&log, NOW + 10), None);
    assert_eq!(log.offset_of_max_timestamp().unwrap().offset, 4);
    log.delete_before(2);
    assert_eq!(at(&log, NOW + 1), Some(2));
}

#[test]
fn a_follower_copies_byte_for_byte_and_cuts_where_logs_part() {
    let mut leader = PartitionLog::new(LogConfig::default());
    append(&mut leader, 0, &[NOW]);
    append(&mut leader, 2, &[NOW, NOW]);
    let mut follower = PartitionLog::new(LogConfig::default());
    let all = ReadLimit {
        below: i64::MAX,
        max_bytes: usize::MAX,
        at_least_one: true,
    };
    follower.append_as_follower(&leader.read(0, all)).unwrap();
    follower.set_high_watermark(3);
    assert_eq!(follower.leader_epochs(), leader.leader_epochs());
    assert_eq!(follower, leader);
    assert!(follower.append_as_follower(&leader.read(0, all)).is_err());
    follower.truncate_to(1);
    assert_eq!(follower.log_end_offset(), 1);
    assert_eq!(follower.high_watermark(), 1);
    assert_eq!(follower.leader_epochs().latest(), Some(0));
    follower.append_as_follower(&leader.read(1, all)).unwrap();
    follower.set_high_watermark(3);
    assert_eq!(follower, leader);
    follower.restart_at(10);
    assert_eq!(
        (follower.log_start_offset(), follower.size_bytes()),
        (10, 0)
    );
}

#[test]
fn retention_deletes_whole_segments_from_the_front() {
    let one = batch(&[NOW]).len() as i64;
    let config = LogConfig {
        segment_bytes: 2 * one,
        retention_bytes: 3 * one,
        retention_ms: 1_000,
        ..LogConfig::default()
    };
    let mut log = PartitionLog::new(config);
    for i in 0..6 {
        append(&mut log, 0, &[NOW + i]);
    }
    assert_eq!(log.segments().len(), 3);
    assert!(log.apply_retention(SimTime::from_millis(NOW)));
    assert_eq!(log.log_start_offset(), 2);
    assert_eq!(log.size_bytes(), 4 * one as u64);
    assert!(log.apply_retention(SimTime::from_millis(NOW + 1_004)));
    assert_eq!(log.log_start_offset(), 4);
    assert!(log.apply_retention(SimTime::from_millis(NOW + 9_999)));
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (6, 6));
    assert_eq!(append(&mut log, 0, &[NOW]).base_offset, 6);
}

#[test]
fn many_batches_are_found_by_offset() {
    let mut log = PartitionLog::new(LogConfig::default());
    for _ in 0..1_000 {
        append(&mut log, 0, &[NOW, NOW, NOW]);
    }
    for offset in [0, 1, 767, 768, 2_999] {
        let found = log.batches_from(offset).next().unwrap();
        assert!(found.base_offset <= offset && offset <= found.last_offset);
    }
    assert!(log.batches_from(3_000).next().is_none());
    log.truncate_to(1_500);
    assert_eq!(log.log_end_offset(), 1_500);
    assert_eq!(log.last_batch().unwrap().last_offset, 1_499);
    assert_eq!(log.batches_from(0).count(), 500);
}
