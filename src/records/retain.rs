//! Leaving records out of a batch, as compaction does.

use bytes::Bytes;

use crate::batch::Batch;
use crate::builder::{BatchBuilder, BatchOptions};
use crate::codec::Compression;
use crate::error::BatchError;
use crate::open::open;
use crate::record::RecordView;

/// What is left of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retained {
    /// The batch: the same offsets, producer and codec as before, even with no record in it.
    pub bytes: Bytes,
    /// How many records are left.
    pub kept: usize,
    /// How many were left out.
    pub dropped: usize,
}

/// The first batch of `bytes` with only the records that `keep` says yes to. `delete_horizon` is set
/// if given, else stays as it is. A batch that loses nothing and gets no horizon comes back as it was.
pub fn retain(
    bytes: &Bytes,
    delete_horizon: Option<i64>,
    keep: &mut dyn FnMut(&RecordView<'_>) -> bool,
) -> Result<Retained, BatchError> {
    let old = Batch::parse(bytes)?;
    let plain = open(bytes)?;
    let mut options = BatchOptions::of(&old.header);
    options.delete_horizon = delete_horizon.or(options.delete_horizon);
    let mut batch = BatchBuilder::new(options);
    let mut dropped = 0usize;
    for record in Batch::parse(&plain)?.records()? {
        let record = record?;
        if keep(&record) {
            let delta = record.offset.wrapping_sub(old.header.base_offset);
            let delta = i32::try_from(delta).map_err(|_| BatchError::OffsetOrder)?;
            batch.append_view(delta, &record)?;
        } else {
            dropped = dropped.saturating_add(1);
        }
    }
    let kept = batch.len();
    if dropped == 0 && options.delete_horizon == old.header.delete_horizon() {
        let bytes = bytes.slice(..old.bytes.len());
        return Ok(Retained {
            bytes,
            kept,
            dropped,
        });
    }
    if kept == 0 {
        // Nothing is left to compress; the producer's numbers and the offsets still count.
        batch.options.compression = Compression::NONE;
        batch.options.delete_horizon = None;
        batch.set_max_timestamp(old.header.max_timestamp);
    }
    batch.extend_to(old.header.last_offset_delta);
    Ok(Retained {
        bytes: batch.build(),
        kept,
        dropped,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::retain;
    use crate::{
        Batch, BatchBuilder, BatchOptions, Codec, Compression, Record, RecordHeader, open,
    };

    /// A batch of `count` records at offset 100, leaving out the numbers in `without`.
    fn batch(options: BatchOptions, count: i32, without: &[i32]) -> BatchBuilder {
        let mut builder = BatchBuilder::new(options);
        for number in (0..count).filter(|number| !without.contains(number)) {
            let text = number.to_string();
            let header = RecordHeader {
                key: "h",
                value: Some(b"x"),
            };
            let record = Record {
                timestamp: 5000 + i64::from(number),
                key: Some(text.as_bytes()),
                value: Some(b"aaaaaaaaaaaaaaaaaaaaaaa"),
                headers: &[header],
            };
            builder.append_at(number, &record).unwrap();
        }
        builder.extend_to(count - 1);
        builder
    }

    fn options(codec: Codec) -> BatchOptions {
        BatchOptions {
            base_offset: 100,
            producer_id: 3,
            producer_epoch: 0,
            base_sequence: 9,
            partition_leader_epoch: 4,
            compression: Compression::new(codec),
            ..BatchOptions::default()
        }
    }

    #[test]
    fn what_is_left_is_as_if_it_had_been_built_so() {
        for codec in Codec::ALL {
            let all = batch(options(codec), 10, &[]).build();
            let left = retain(&all, None, &mut |record| {
                ![100, 108, 109].contains(&record.offset)
            });
            let left = left.unwrap();
            assert_eq!((left.kept, left.dropped), (7, 3));
            let expected = batch(options(codec), 10, &[0, 8, 9]).build();
            assert_eq!(left.bytes, expected, "{}", codec.name());
            let same = retain(&all, None, &mut |_| true).unwrap();
            assert_eq!(same.bytes.as_ptr(), all.as_ptr());
        }
    }

    #[test]
    fn a_delete_horizon_leaves_the_timestamps_as_they_were() {
        let all = batch(options(Codec::Zstd), 3, &[]).build();
        let marked = retain(&all, Some(99_000), &mut |_| true).unwrap().bytes;
        let header = Batch::parse(&marked).unwrap().header;
        assert_eq!(header.delete_horizon(), Some(99_000));
        assert_eq!(header.max_timestamp, 5002);
        let plain = open(&marked).unwrap();
        let view = Batch::parse(&plain).unwrap();
        let times: Vec<i64> = view
            .records()
            .unwrap()
            .map(|r| r.unwrap().timestamp)
            .collect();
        assert_eq!(times, [5000, 5001, 5002]);
        // It stays when the batch is cleaned again, and then nothing changes.
        let again = retain(&marked, None, &mut |_| true).unwrap();
        assert_eq!(again.bytes.as_ptr(), marked.as_ptr());
    }

    #[test]
    fn a_batch_without_records_keeps_its_place_and_its_producer() {
        let all = batch(options(Codec::Gzip), 3, &[]).build();
        let left = retain(&all, None, &mut |_| false).unwrap();
        assert_eq!((left.kept, left.dropped), (0, 3));
        let view = Batch::parse(&left.bytes).unwrap();
        view.check().unwrap();
        assert_eq!(view.records().unwrap().count(), 0);
        assert_eq!(view.header.codec(), Ok(Codec::None));
        assert_eq!(
            (view.header.base_offset, view.header.last_offset()),
            (100, 102)
        );
        assert_eq!(
            (view.header.producer_id, view.header.last_sequence()),
            (3, 11)
        );
        assert_eq!(view.header.max_timestamp, 5002);
    }

    #[test]
    fn a_damaged_batch_is_an_error() {
        let mut bytes = batch(options(Codec::Lz4), 3, &[]).build().to_vec();
        bytes.truncate(bytes.len() - 1);
        assert!(retain(&Bytes::from(bytes), None, &mut |_| true).is_err());
    }
}
