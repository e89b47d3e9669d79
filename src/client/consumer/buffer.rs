//! Records fetched but not handed over yet.

use records::sorted::Arrange;
use records::sorted::SortedSet;
use std::collections::VecDeque;

use bytes::Bytes;
use engine::ids::TopicPartition;
use records::{Batch, BatchError, Batches, Marker, Outcome, RecordView, TimestampType, open};
use serde::Serialize;

use crate::event::{ConsumerRecord, Header};

/// What one partition brought in one fetch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Fetched {
    pub(super) tp: TopicPartition,
    /// The next offset to hand over.
    pub(super) offset: i64,
    /// Leader epoch of the last batch handed over from.
    pub(super) epoch: Option<i32>,
    /// Batches not handed over wholly.
    rest: Bytes,
    /// The first batch of `rest`, held against its checksum and opened.
    opened: Option<Bytes>,
    /// Transactions to leave out: first offset and producer, by offset.
    aborted: VecDeque<(i64, i64)>,
    /// Producers whose present transaction is left out.
    leaving_out: SortedSet<i64>,
}

impl Fetched {
    /// What a fetch from `offset` brought; `aborted` holds producer ids and first offsets.
    pub(super) fn new(
        tp: TopicPartition,
        offset: i64,
        bytes: Bytes,
        aborted: impl Iterator<Item = (i64, i64)>,
    ) -> Fetched {
        let mut aborted: Vec<(i64, i64)> = aborted.map(|(id, first)| (first, id)).collect();
        aborted.arrange();
        Fetched {
            tp,
            offset,
            epoch: None,
            rest: bytes,
            opened: None,
            aborted: aborted.into(),
            leaving_out: SortedSet::new(),
        }
    }

    /// Hands over up to `most` records. Says whether all of it is handed over now.
    pub(super) fn take(
        &mut self,
        most: usize,
        out: &mut Vec<ConsumerRecord>,
    ) -> Result<bool, BatchError> {
        let mut left = most;
        while left > 0 {
            // Shared, not copied: records are slices of what was fetched.
            let bytes = self.rest.clone();
            let Some(batch) = Batches::new(&bytes).next() else {
                return Ok(true);
            };
            let batch = batch?;
            let plain = match self.opened.take() {
                Some(plain) => plain,
                None => {
                    batch.check()?;
                    open(&bytes)?
                }
            };
            let before = out.len();
            if self.is_wanted(&batch) && !self.take_from(&plain, left, out)? {
                self.opened = Some(plain);
                return Ok(false);
            }
            left = left.saturating_sub(out.len().saturating_sub(before));
            self.offset = self.offset.max(batch.header.next_offset());
            self.epoch = Some(batch.header.partition_leader_epoch).filter(|epoch| *epoch >= 0);
            self.rest = bytes.slice(batch.bytes.len().min(bytes.len())..);
        }
        Ok(Batches::new(&self.rest).next().is_none())
    }

    /// Whether a batch holds records for the application.
    fn is_wanted(&mut self, batch: &Batch<'_>) -> bool {
        let header = &batch.header;
        while let Some((_, id)) = self
            .aborted
            .pop_front_if(|(at, _)| *at <= header.last_offset())
        {
            self.leaving_out.insert(id);
        }
        if header.is_control() {
            if Marker::parse(batch).is_ok_and(|marker| marker.outcome == Outcome::Abort) {
                self.leaving_out.remove(&header.producer_id);
            }
            return false;
        }
        header.last_offset() >= self.offset
            && !(header.is_transactional() && self.leaving_out.contains(&header.producer_id))
    }

    /// Hands over records of one opened batch; says whether that was all of it.
    fn take_from(
        &mut self,
        bytes: &Bytes,
        most: usize,
        out: &mut Vec<ConsumerRecord>,
    ) -> Result<bool, BatchError> {
        let batch = Batch::parse(bytes)?;
        let mut left = most;
        for record in batch.records()? {
            let record = record?;
            if record.offset < self.offset {
                continue;
            }
            if left == 0 {
                return Ok(false);
            }
            left -= 1;
            out.push(self.handed_over(bytes, &batch, &record));
            self.offset = record.offset.saturating_add(1);
            self.epoch = Some(batch.header.partition_leader_epoch).filter(|epoch| *epoch >= 0);
        }
        Ok(true)
    }

    fn handed_over(
        &self,
        bytes: &Bytes,
        batch: &Batch<'_>,
        record: &RecordView<'_>,
    ) -> ConsumerRecord {
        let header = &batch.header;
        ConsumerRecord {
            topic_partition: self.tp.clone(),
            offset: record.offset,
            leader_epoch: header.partition_leader_epoch,
            timestamp: record.timestamp,
            log_append_time: header.timestamp_type() == TimestampType::LogAppendTime,
            key: record.key.map(|key| bytes.slice_ref(key)),
            value: record.value.map(|value| bytes.slice_ref(value)),
            headers: record
                .headers()
                .map(|header| Header {
                    key: header.name().into_owned(),
                    value: header.value.map(|value| bytes.slice_ref(value)),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fetched;
    use bytes::Bytes;
    use engine::ids::TopicPartition;
    use records::{BatchBuilder, BatchOptions, Codec, Compression, Marker, Outcome, Record, close};

    fn batch(base_offset: i64, values: &[&str]) -> Vec<u8> {
        let options = BatchOptions {
            base_offset,
            partition_leader_epoch: 0,
            ..BatchOptions::default()
        };
        batch_of(options, values)
    }

    fn in_transaction(base_offset: i64, producer_id: i64) -> BatchOptions {
        BatchOptions {
            base_offset,
            producer_id,
            producer_epoch: 0,
            base_sequence: 0,
            transactional: true,
            ..BatchOptions::default()
        }
    }

    fn marker(base_offset: i64, producer_id: i64, outcome: Outcome) -> Bytes {
        let marker = Marker {
            outcome,
            coordinator_epoch: 0,
        };
        let options = in_transaction(base_offset, producer_id);
        marker.build(options, 0).unwrap()
    }

    fn batch_of(options: BatchOptions, values: &[&str]) -> Vec<u8> {
        let mut builder = BatchBuilder::new(options);
        for value in values {
            let value = Some(value.as_bytes());
            let record = Record {
                value,
                ..Record::default()
            };
            builder.append(&record).unwrap();
        }
        builder.build().to_vec()
    }

    fn fetched(offset: i64, bytes: Vec<u8>) -> Fetched {
        let tp = TopicPartition::new("t", 0);
        Fetched::new(tp, offset, Bytes::from(bytes), std::iter::empty())
    }

    #[test]
    fn hands_over_in_portions_from_the_offset_on() {
        let mut bytes = batch(5, &["a", "b", "c"]);
        bytes.extend(batch(8, &["d"]));
        let mut fetched = fetched(6, bytes);
        let mut out = Vec::new();
        assert_eq!(fetched.take(1, &mut out), Ok(false));
        assert_eq!(fetched.offset, 7);
        assert_eq!(fetched.take(9, &mut out), Ok(true));
        let offsets: Vec<i64> = out.iter().map(|record| record.offset).collect();
        assert_eq!((offsets, fetched.offset), (vec![6, 7, 8], 9));
    }

    #[test]
    fn compressed_batches_are_handed_over_in_portions_too() {
        for codec in Codec::ALL {
            let compression = Compression::new(codec);
            let mut bytes = Vec::new();
            for (base, values) in [(5, &["a", "b", "c"][..]), (8, &["d"])] {
                let plain = Bytes::from(batch(base, values));
                bytes.extend(close(&plain, compression).unwrap());
            }
            let mut fetched = fetched(6, bytes);
            let mut out = Vec::new();
            for done in [false, false, true] {
                assert_eq!(fetched.take(1, &mut out), Ok(done), "{}", codec.name());
            }
            let values: Vec<_> = out
                .iter()
                .filter_map(|record| record.value.clone())
                .collect();
            assert_eq!((values.concat(), fetched.offset), (b"bcd".to_vec(), 9));
        }
    }

    #[test]
    fn aborted_transactions_are_left_out_whoever_writes_between_them() {
        let mut bytes = batch_of(in_transaction(0, 1), &["aborted"]);
        bytes.extend(batch_of(in_transaction(1, 2), &["a"]));
        bytes.extend(batch(2, &["b"]));
        bytes.extend(marker(3, 1, Outcome::Abort));
        bytes.extend(batch_of(in_transaction(4, 1), &["c"]));
        bytes.extend(marker(5, 2, Outcome::Commit));
        bytes.extend(marker(6, 1, Outcome::Commit));
        bytes.extend(batch_of(in_transaction(7, 2), &["aborted"]));
        bytes.extend(marker(8, 2, Outcome::Abort));
        let tp = TopicPartition::new("t", 0);
        let aborted = [(2, 7), (1, 0)].into_iter();
        let mut fetched = Fetched::new(tp, 0, Bytes::from(bytes), aborted);
        let mut out = Vec::new();
        while !fetched.take(1, &mut out).unwrap() {}
        let values: Vec<_> = out
            .iter()
            .filter_map(|record| record.value.clone())
            .collect();
        assert_eq!((values.concat(), fetched.offset), (b"abc".to_vec(), 9));
    }

    #[test]
    fn a_damaged_batch_is_an_error() {
        let mut bytes = batch(0, &["a"]);
        *bytes.last_mut().unwrap() ^= 1;
        assert!(fetched(0, bytes).take(9, &mut Vec::new()).is_err());
    }
}
