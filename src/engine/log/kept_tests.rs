//! A log whose changes were followed into "files" comes back from them as it was.

use std::collections::BTreeMap;

use bytes::Bytes;
use records::{BatchBuilder, BatchOptions, Record};

use crate::ids::TopicPartition;
use crate::log::PartitionLog;
use crate::log::append::{LeaderAppend, Origin};
use crate::log::config::LogConfig;
use crate::log::epochs::EpochStart;
use crate::log::journal::LogChange;
use crate::log::restore::{KeptLog, KeptSegment};
use crate::rng::Rng;
use crate::time::SimTime;

const NOW: i64 = 1_700_000_000_000;

/// Segments by base offset, as files would hold them.
#[derive(Default)]
pub(super) struct Files {
    segments: BTreeMap<i64, Vec<u8>>,
    epochs: Vec<EpochStart>,
}

impl Files {
    pub(super) fn new() -> Files {
        let mut files = Files::default();
        files.segments.insert(0, Vec::new());
        files
    }

    pub(super) fn follow(&mut self, log: &mut PartitionLog) {
        let mut changes = Vec::new();
        log.move_changes(&TopicPartition::new("t", 0), &mut changes);
        for change in changes {
            self.take(change.change);
        }
    }

    fn take(&mut self, change: LogChange) {
        match change {
            LogChange::Created(_) | LogChange::Deleted => panic!("not from a log"),
            LogChange::Rolled(base) => {
                self.segments.entry(base).or_default();
            }
            LogChange::Appended(batch) => {
                let mut last = self.segments.last_entry().unwrap();
                last.get_mut().extend_from_slice(&batch.bytes);
            }
            LogChange::Truncated { segment, size } => {
                self.segments.retain(|base, _| *base <= segment);
                let size = usize::try_from(size).unwrap();
                let last = self.segments.get_mut(&segment).unwrap();
                assert!(last.len() >= size, "a cut adds nothing");
                last.truncate(size);
            }
            LogChange::Restarted(base) => {
                self.segments.clear();
                self.segments.insert(base, Vec::new());
            }
            LogChange::SegmentsDeleted(before) => {
                self.segments.retain(|base, _| *base >= before);
            }
            LogChange::Compacted(compacted) => {
                for base in &compacted.replaces {
                    self.segments.remove(base).unwrap();
                }
                let first = compacted.replaces[0];
                self.segments.insert(first, compacted.batches.concat());
            }
            LogChange::StartMoved(_) => {}
            LogChange::Epochs(epochs) => self.epochs = epochs,
        }
    }

    pub(super) fn kept(&self, like: &PartitionLog) -> KeptLog {
        let segments = self.segments.iter().map(|(base, bytes)| KeptSegment {
            base_offset: *base,
            bytes: Bytes::from(bytes.clone()),
        });
        KeptLog {
            segments: segments.collect(),
            log_start_offset: like.log_start_offset(),
            high_watermark: like.high_watermark(),
            recovery_point: 0,
            epochs: self.epochs.clone(),
        }
    }
}

/// What of a log is seen from outside.
pub(super) fn face(log: &PartitionLog) -> String {
    let batches = log.batches_from(log.log_start_offset());
    let bytes: Vec<&Bytes> = batches.map(|batch| &batch.bytes).collect();
    let segments = log.segments().iter().filter(|segment| segment.size > 0);
    let segments: Vec<_> = segments.collect();
    format!(
        "{} {} {} {:?} {:?} {:?}\n{bytes:?}",
        log.log_start_offset(),
        log.high_watermark(),
        log.log_end_offset(),
        log.leader_epochs(),
        segments,
        log.size_bytes(),
    )
}

pub(super) fn batch(rng: &mut Rng, producer: Option<(i64, i32)>, now: i64) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions {
        producer_id: producer.map_or(-1, |(id, _)| id),
        producer_epoch: producer.map_or(-1, |_| 0),
        base_sequence: producer.map_or(-1, |(_, sequence)| sequence),
        ..BatchOptions::default()
    });
    for _ in 0..=rng.below(3) {
        let key = [b'a' + u8::try_from(rng.below(5)).unwrap()];
        let value = vec![b'v'; usize::try_from(rng.below(40)).unwrap()];
        let record = Record {
            timestamp: now,
            key: Some(&key),
            value: (rng.below(6) > 0).then_some(&value),
            headers: &[],
        };
        builder.append(&record).unwrap();
    }
    builder.build()
}

fn step(log: &mut PartitionLog, rng: &mut Rng, clock: &mut i64, epoch: &mut i32) {
    *clock += i64::try_from(rng.below(50)).unwrap();
    let end = log.log_end_offset();
    match rng.below(20) {
        0 => {
            let offset = end - i64::try_from(rng.below(6)).unwrap();
            log.truncate_to(offset.max(0));
            *epoch += 1;
            log.begin_epoch(*epoch);
        }
        1 => {
            log.delete_before(end - i64::try_from(rng.below(20)).unwrap());
        }
        2 => {
            log.apply_retention(SimTime::from_millis(*clock));
        }
        3 if rng.below(4) == 0 => log.restart_at(end + 7),
        4 => {
            *epoch += 1;
            log.begin_epoch(*epoch);
        }
        _ => {
            let how = LeaderAppend {
                now_ms: *clock,
                leader_epoch: *epoch,
                origin: Origin::Client,
            };
            log.append_as_leader(&batch(rng, None, *clock), how)
                .unwrap();
        }
    }
    if rng.below(3) > 0 {
        log.set_high_watermark(log.log_end_offset());
    }
}

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 300,
        segment_ms: 200,
        retention_ms: 900,
        timestamp_after_max_ms: i64::MAX,
        ..LogConfig::default()
    }
}

#[test]
fn a_log_comes_back_from_its_files_after_any_history() {
    for seed in 0..100 {
        let mut rng = Rng::from_seed(seed);
        let mut log = PartitionLog::new(config());
        log.keep_journal();
        let (mut files, mut clock, mut epoch) = (Files::new(), NOW, 0);
        for at in 0..80 {
            step(&mut log, &mut rng, &mut clock, &mut epoch);
            files.follow(&mut log);
            let (back, damage) = PartitionLog::restore(files.kept(&log));
            assert_eq!(damage, None, "seed {seed}, step {at}");
            // A leadership that wrote nothing leaves nothing that outlives it, and a batch that
            // straddled a cut is gone as a whole.
            let mut before = log.clone();
            before.epochs.truncate(before.log_end_offset());
            let base = log.segments().last().map_or(0, |last| last.base_offset);
            let last = log.last_batch().map_or(base, |last| last.next_offset());
            if !log.segments().is_empty() && last < log.log_end_offset() {
                let least = last.max(log.log_start_offset());
                assert_eq!(back.log_end_offset(), least, "seed {seed}, step {at}");
                continue;
            }
            assert!(
                face(&back) == face(&before),
                "seed {seed}, step {at}: {}\nis not {}",
                face(&back),
                face(&before)
            );
        }
    }
}

#[test]
fn a_torn_tail_is_left_out_at_whatever_byte_it_ends() {
    let mut rng = Rng::from_seed(3);
    let mut log = PartitionLog::new(config());
    log.keep_journal();
    let mut files = Files::new();
    for i in 0..3 {
        let how = LeaderAppend {
            now_ms: NOW,
            leader_epoch: 0,
            origin: Origin::Client,
        };
        let batch = batch(&mut rng, Some((7, i * 10)), NOW);
        // The sequence need not fit here: the log has never heard of the producer's gaps.
        let mut fresh = PartitionLog::new(config());
        fresh.append_as_leader(&batch, how).unwrap();
        log.producers = super::producers::ProducerStates::default();
        log.append_as_leader(&batch, how).unwrap();
        files.follow(&mut log);
    }
    let whole = files.kept(&log);
    let last = whole.segments.len() - 1;
    let full = whole.segments[last].bytes.clone();
    let size = log.last_batch().unwrap().bytes.len();
    let before = full.len() - size;
    for cut in before..full.len() {
        let mut kept = whole.clone();
        kept.segments[last].bytes = full.slice(..cut);
        let (mut back, damage) = PartitionLog::restore(kept);
        assert_eq!(back.log_end_offset(), log.last_batch().unwrap().base_offset);
        assert_eq!(damage.is_some(), cut > before, "cut at {cut}");
        if let Some(damage) = damage {
            assert!(damage.at_end && damage.sound == before as u64);
            assert_eq!(damage.lost, (cut - before) as u64);
            // The file is cut when the journal is followed.
            let mut changes = Vec::new();
            back.move_changes(&TopicPartition::new("t", 0), &mut changes);
            let cut = LogChange::Truncated {
                segment: whole.segments[last].base_offset,
                size: before as u64,
            };
            assert!(changes.iter().any(|change| change.change == cut));
        }
        // A flipped bit is found out by the checksum, from the recovery point on only.
        let mut flipped = full.to_vec();
        flipped[before + 61 + (cut - before) % (size - 61)] ^= 1;
        let mut kept = whole.clone();
        kept.segments[last].bytes = Bytes::from(flipped);
        assert!(PartitionLog::restore(kept.clone()).1.is_some());
        kept.recovery_point = i64::MAX;
        assert!(PartitionLog::restore(kept).1.is_none());
    }
}
