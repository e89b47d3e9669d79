use bytes::Bytes;
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use crate::{
    Assignment, Batch, BatchBuilder, BatchError, BatchOptions, Batches, HEADER_SIZE, Marker,
    Outcome, Record, RecordHeader, TimestampType, assign,
};

/// A record that owns its parts.
#[derive(Debug, Clone, PartialEq)]
struct Owned {
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

fn blob() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop::option::of(prop::collection::vec(any::<u8>(), 0..200))
}

fn record() -> impl Strategy<Value = Owned> {
    let header = ("[a-c]{0,2}", blob());
    let headers = prop::collection::vec(header, 0..4);
    (any::<i64>(), 0u32..64, blob(), blob(), headers).prop_map(
        |(timestamp, shift, key, value, headers)| Owned {
            timestamp: timestamp >> shift,
            key,
            value,
            headers,
        },
    )
}

fn records() -> impl Strategy<Value = Vec<Owned>> {
    prop::collection::vec(record(), 0..12)
}

fn builder_of(options: BatchOptions, records: &[Owned]) -> BatchBuilder {
    let mut builder = BatchBuilder::new(options);
    for record in records {
        let headers: Vec<RecordHeader<'_>> = record
            .headers
            .iter()
            .map(|(key, value)| RecordHeader {
                key,
                value: value.as_deref(),
            })
            .collect();
        let record = Record {
            timestamp: record.timestamp,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
        };
        let expected = builder.size() + builder.record_size(&record);
        builder.append(&record).unwrap();
        assert_eq!(builder.size(), expected);
        if builder.len() == 1 {
            assert!(builder.size() <= BatchBuilder::size_upper_bound(&record));
        }
    }
    builder
}

fn batch_of(options: BatchOptions, records: &[Owned]) -> Bytes {
    builder_of(options, records).build()
}

fn owned(batch: &Batch<'_>) -> Result<Vec<Owned>, BatchError> {
    let copy = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    let convert = |record: crate::RecordView<'_>| Owned {
        timestamp: record.timestamp,
        key: copy(record.key),
        value: copy(record.value),
        headers: record
            .headers()
            .map(|h| (h.name().into_owned(), copy(h.value)))
            .collect(),
    };
    batch.records()?.map(|record| record.map(convert)).collect()
}

/// Everything a reader may do with a region of bytes; gives the number of whole batches.
fn walk(bytes: &[u8]) -> usize {
    let mut whole = 0;
    for batch in Batches::new(bytes) {
        let Ok(batch) = batch else { break };
        whole += 1;
        let _ = batch.check_produced();
        let _ = Marker::parse(&batch);
        let _ = owned(&batch);
        let assignment = Assignment {
            base_offset: 1,
            partition_leader_epoch: 1,
            log_append_time: Some(1),
        };
        assign(Bytes::copy_from_slice(batch.bytes), &assignment).unwrap();
    }
    whole
}

fn sample() -> Vec<Owned> {
    let headers = vec![("k".into(), Some(vec![1])), ("k".into(), None)];
    let record = |timestamp, headers| Owned {
        timestamp,
        key: Some(b"nfsturm".to_vec()),
        value: Some(b"hello".to_vec()),
        headers,
    };
    vec![
        record(1_700_000_000_000, headers),
        record(1_700_000_000_123, Vec::new()),
    ]
}

proptest! {
    #[test]
    fn a_batch_reads_back_as_it_was_built(
        records in records(),
        base_offset in 0i64..i64::MAX / 2,
        base_sequence in -1i32..100,
        transactional in any::<bool>(),
    ) {
        let options = BatchOptions {
            base_offset, base_sequence, transactional, producer_id: 7, ..BatchOptions::default()
        };
        let bytes = batch_of(options, &records);
        let batch = Batch::parse(&bytes).unwrap();
        batch.check().unwrap();
        prop_assert_eq!(batch.check_produced().is_ok(), !records.is_empty());
        prop_assert_eq!(batch.header.base_offset, base_offset);
        prop_assert_eq!(batch.header.base_sequence, base_sequence);
        prop_assert_eq!(batch.header.is_transactional(), transactional);
        prop_assert_eq!(
            batch.header.max_timestamp,
            records.iter().map(|r| r.timestamp).max().unwrap_or(-1)
        );
        prop_assert_eq!(owned(&batch).unwrap(), records.clone());
        let offsets: Vec<i64> = batch.records().unwrap().map(|r| r.unwrap().offset).collect();
        let expected: Vec<i64> = (base_offset..).take(records.len()).collect();
        prop_assert_eq!(offsets, expected);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        walk(&bytes);
    }

    #[test]
    fn any_bytes_behind_a_sound_header_are_survived(
        tail in prop::collection::vec(any::<u8>(), 0..200),
        count in any::<i32>(),
        attributes in any::<i16>(),
    ) {
        let mut bytes = batch_of(BatchOptions::default(), &[]).to_vec();
        bytes.extend(&tail);
        let length = bytes.len() as i32 - 12;
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        bytes[21..23].copy_from_slice(&attributes.to_be_bytes());
        bytes[57..61].copy_from_slice(&count.to_be_bytes());
        prop_assert_eq!(walk(&bytes), 1);
    }

    #[test]
    fn a_changed_bit_under_the_checksum_is_found(records in records(), at in any::<usize>()) {
        let mut bytes = batch_of(BatchOptions::default(), &records).to_vec();
        let at = 17 + at % (bytes.len() - 17);
        bytes[at] ^= 1;
        let batch = Batch::parse(&bytes).unwrap();
        let found = matches!(batch.check(), Err(BatchError::CrcMismatch { .. }));
        prop_assert!(found);
        walk(&bytes);
    }
}

#[test]
fn a_cut_off_last_batch_is_left_out_at_every_byte() {
    let one = batch_of(BatchOptions::default(), &sample());
    let two = [&one[..], &one[..]].concat();
    for end in 0..=two.len() {
        let cut = &two[..end];
        assert_eq!(walk(cut), end / one.len(), "{end}");
        let mut batches = Batches::new(cut);
        assert!(batches.by_ref().all(|batch| batch.is_ok()), "{end}");
        assert_eq!(batches.rest().len(), end % one.len());
    }
}

#[test]
fn a_batch_cut_off_within_its_own_length_is_damaged() {
    let one = batch_of(BatchOptions::default(), &sample());
    for end in HEADER_SIZE..one.len() {
        let mut cut = one[..end].to_vec();
        cut[8..12].copy_from_slice(&(end as i32 - 12).to_be_bytes());
        let batch = Batch::parse(&cut).unwrap();
        assert!(owned(&batch).is_err(), "{end}");
    }
}

#[test]
fn a_short_or_old_batch_is_an_error_and_ends_the_walk() {
    let one = batch_of(BatchOptions::default(), &sample());
    let mut short = one.to_vec();
    short[8..12].copy_from_slice(&48i32.to_be_bytes());
    let mut old = one.to_vec();
    old[16] = 1;
    for (bytes, error) in [
        (short, BatchError::InvalidLength(48)),
        (old, BatchError::UnsupportedMagic(1)),
    ] {
        let mut batches = Batches::new(&bytes);
        assert_eq!(batches.next(), Some(Err(error)));
        assert_eq!(batches.next(), None);
    }
}

#[test]
fn a_false_count_is_found_and_costs_nothing() {
    let mut bytes = batch_of(BatchOptions::default(), &sample()).to_vec();
    bytes[57..61].copy_from_slice(&i32::MAX.to_be_bytes());
    let batch = Batch::parse(&bytes).unwrap();
    assert_eq!(batch.records().unwrap().count(), 3);
    assert_eq!(owned(&batch), Err(BatchError::InvalidRecord));
    bytes[57..61].copy_from_slice(&1i32.to_be_bytes());
    assert!(matches!(
        owned(&Batch::parse(&bytes).unwrap()),
        Err(BatchError::TrailingBytes(_))
    ));
}

#[test]
fn a_record_that_its_parts_do_not_fill_is_damaged() {
    let good = batch_of(BatchOptions::default(), &sample()[1..]);
    let mut bytes = good.to_vec();
    bytes.push(0);
    bytes[11] += 1;
    // The record's own length, as a variable-length number: twice the value.
    bytes[HEADER_SIZE] += 2;
    assert_eq!(
        owned(&Batch::parse(&bytes).unwrap()),
        Err(BatchError::InvalidRecord)
    );
    let mut bytes = good.to_vec();
    bytes[HEADER_SIZE] -= 2;
    assert_eq!(
        owned(&Batch::parse(&bytes).unwrap()),
        Err(BatchError::InvalidRecord)
    );
}

#[test]
fn an_assignment_changes_only_what_it_says() {
    let bytes = batch_of(BatchOptions::default(), &sample());
    let assignment = |log_append_time| Assignment {
        base_offset: 42,
        partition_leader_epoch: 3,
        log_append_time,
    };
    let placed = assign(bytes.clone(), &assignment(None)).unwrap();
    let batch = Batch::parse(&placed).unwrap();
    batch.check_produced().unwrap();
    assert_eq!(
        (
            batch.header.base_offset,
            batch.header.partition_leader_epoch
        ),
        (42, 3)
    );
    assert_eq!(
        (&placed[8..12], &placed[16..]),
        (&bytes[8..12], &bytes[16..])
    );

    let stamped = assign(bytes.clone(), &assignment(Some(99))).unwrap();
    let batch = Batch::parse(&stamped).unwrap();
    batch.check_produced().unwrap();
    assert_eq!(batch.header.timestamp_type(), TimestampType::LogAppendTime);
    assert!(
        batch
            .records()
            .unwrap()
            .all(|record| record.unwrap().timestamp == 99)
    );

    let two = Bytes::from([&bytes[..], &bytes[..]].concat());
    assert_eq!(
        assign(two, &assignment(None)),
        Err(BatchError::TrailingBytes(bytes.len()))
    );
    assert_eq!(
        assign(bytes.slice(..80), &assignment(None)),
        Err(BatchError::Truncated)
    );
}

#[test]
fn a_compacted_batch_keeps_its_span() {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.append_at(3, &Record::default()).unwrap();
    assert_eq!(
        builder.append_at(3, &Record::default()),
        Err(BatchError::OffsetOrder)
    );
    builder.extend_to(9);
    let bytes = builder.build();
    let batch = Batch::parse(&bytes).unwrap();
    batch.check().unwrap();
    let last_offset_delta = 9;
    let wrong = BatchError::InvalidCount {
        records: 1,
        last_offset_delta,
    };
    assert_eq!(batch.check_produced(), Err(wrong));
    assert_eq!(batch.header.next_offset(), 10);
    assert_eq!(batch.records().unwrap().next().unwrap().unwrap().offset, 3);
}

#[test]
fn markers_read_back_and_data_is_none() {
    for outcome in [Outcome::Commit, Outcome::Abort] {
        let marker = Marker {
            outcome,
            coordinator_epoch: 5,
        };
        let bytes = marker.build(BatchOptions::default(), 1).unwrap();
        let batch = Batch::parse(&bytes).unwrap();
        batch.check_produced().unwrap();
        assert_eq!(Marker::parse(&batch), Ok(marker));
    }
    let data = batch_of(BatchOptions::default(), &sample());
    assert_eq!(
        Marker::parse(&Batch::parse(&data).unwrap()),
        Err(BatchError::InvalidMarker)
    );
}

#[test]
fn sequence_numbers_wrap_to_zero() {
    let options = BatchOptions {
        base_sequence: i32::MAX,
        ..BatchOptions::default()
    };
    let bytes = batch_of(options, &sample());
    assert_eq!(Batch::parse(&bytes).unwrap().header.last_sequence(), 0);
}

#[test]
fn a_survey_tells_what_all_records_together_are() {
    let survey = |records: &[(i64, Option<&'static [u8]>)]| {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        for (timestamp, key) in records {
            let record = Record {
                timestamp: *timestamp,
                key: *key,
                value: None,
                headers: &[],
            };
            builder.append(&record).unwrap();
        }
        let bytes = builder.build();
        Batch::parse(&bytes).unwrap().survey().unwrap()
    };
    let keyed = survey(&[(70, Some(b"a")), (50, Some(b"b"))]);
    assert_eq!((keyed.earliest, keyed.latest), (50, 70));
    assert!(keyed.in_order && !keyed.keyless);
    let unset = survey(&[(-1, None)]);
    assert_eq!((unset.earliest, unset.latest), (i64::MAX, -1));
    assert!(unset.keyless);
}

#[test]
fn a_survey_sees_offsets_that_do_not_follow_one_another() {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    let record = Record {
        timestamp: 1,
        key: None,
        value: None,
        headers: &[],
    };
    builder.append(&record).unwrap();
    builder.append_at(3, &record).unwrap();
    let bytes = builder.build();
    assert!(!Batch::parse(&bytes).unwrap().survey().unwrap().in_order);
}
