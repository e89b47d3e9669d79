//! What a log must do with compressed batches.

use bytes::Bytes;
use protocol::ErrorCode;
use records::{
    Batch, BatchBuilder, BatchOptions, Codec, Compression, Record, TimestampType, close, open,
};

use crate::log::PartitionLog;
use crate::log::append::{LeaderAppend, Origin};
use crate::log::config::LogConfig;

const NOW: i64 = 1_700_000_000_000;
const LEAD: LeaderAppend = LeaderAppend {
    now_ms: NOW,
    leader_epoch: 2,
    origin: Origin::Client,
};

/// Records at these offsets and times after [`NOW`]; those at an odd offset have no key.
fn batch(codec: Codec, records: &[(i32, i64)]) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions {
        compression: Compression::new(codec),
        ..BatchOptions::default()
    });
    for (delta, later) in records {
        let record = Record {
            timestamp: NOW + later,
            key: (delta % 2 == 0).then_some(&b"key"[..]),
            value: Some(&[b'v'; 200]),
            headers: &[],
        };
        builder.append_at(*delta, &record).unwrap();
    }
    builder.build()
}

fn compressing() -> impl Iterator<Item = Codec> {
    Codec::ALL.into_iter().filter(|codec| *codec != Codec::None)
}

fn stored(log: &PartitionLog) -> Bytes {
    log.last_batch().unwrap().bytes.clone()
}

/// The header says one thing, the records, in their codec, another: as a broken client would send it.
fn with_header(header: &Bytes, records: &Bytes) -> Bytes {
    let mut bytes = records.to_vec();
    bytes[23..61].copy_from_slice(&header[23..61]);
    let codec = Batch::parse(records).unwrap().header.codec().unwrap();
    // Two ways, so that the checksum is made anew.
    let other = Codec::ALL
        .into_iter()
        .find(|other| *other != codec)
        .unwrap();
    let there = close(&Bytes::from(bytes), Compression::new(other)).unwrap();
    close(&there, Compression::new(codec)).unwrap()
}

#[test]
fn a_batch_is_stored_as_it_came() {
    for codec in compressing() {
        let mut log = PartitionLog::new(LogConfig::default());
        let sent = batch(codec, &[(0, 0), (1, 9), (2, 5)]);
        log.append_as_leader(&sent, LEAD).unwrap();
        let appended = log.append_as_leader(&sent, LEAD).unwrap();
        assert_eq!((appended.base_offset, appended.last_offset), (3, 5));
        let kept = stored(&log);
        Batch::parse(&kept).unwrap().check().unwrap();
        assert_eq!(kept[16..], sent[16..]);
        let opened = open(&kept).unwrap();
        let records = Batch::parse(&opened).unwrap().records().unwrap();
        let offsets: Vec<i64> = records.map(|record| record.unwrap().offset).collect();
        assert_eq!(offsets, [3, 4, 5]);
    }
}

#[test]
fn times_are_found_inside() {
    for codec in compressing() {
        let mut log = PartitionLog::new(LogConfig::default());
        for start in [0, 100] {
            let sent = batch(codec, &[(0, start), (1, start + 20), (2, start + 10)]);
            log.append_as_leader(&sent, LEAD).unwrap();
        }
        log.set_high_watermark(6);
        let at = |later| {
            log.offset_for_time(NOW + later)
                .map(|found| (found.offset, found.timestamp - NOW))
        };
        assert_eq!(at(0), Some((0, 0)));
        assert_eq!(at(5), Some((1, 20)));
        assert_eq!(at(21), Some((3, 100)));
        assert_eq!(at(120), Some((4, 120)));
        assert_eq!(at(121), None);
        assert_eq!(log.offset_of_max_timestamp().unwrap().offset, 4);
    }
}

#[test]
fn a_topic_has_its_own_compression() {
    let sent = |codec| batch(codec, &[(0, 0), (1, 1)]);
    for wanted in Codec::ALL {
        let compression = Some(Compression::new(wanted));
        let mut log = PartitionLog::new(LogConfig {
            compression,
            ..LogConfig::default()
        });
        for codec in Codec::ALL {
            log.append_as_leader(&sent(codec), LEAD).unwrap();
            let kept = stored(&log);
            let view = Batch::parse(&kept).unwrap();
            view.check().unwrap();
            assert_eq!(view.header.codec(), Ok(wanted));
            assert_eq!(kept.len(), sent(wanted).len());
            assert_eq!(open(&kept).unwrap()[61..], sent(Codec::None)[61..]);
        }
    }
    // What fits compressed may be too large for a topic that stores it plain.
    let mut log = PartitionLog::new(LogConfig {
        compression: Some(Compression::NONE),
        max_message_bytes: sent(Codec::None).len() as i64 - 1,
        ..LogConfig::default()
    });
    let error = log.append_as_leader(&sent(Codec::Zstd), LEAD).unwrap_err();
    assert_eq!(error.code, ErrorCode::MessageTooLarge);
    assert_eq!(log.log_end_offset(), 0);
}

#[test]
fn the_brokers_time_replaces_that_of_all_records() {
    for codec in compressing() {
        for compression in [None, Some(Compression::new(Codec::Gzip))] {
            let mut log = PartitionLog::new(LogConfig {
                timestamp_type: TimestampType::LogAppendTime,
                compression,
                ..LogConfig::default()
            });
            log.append_as_leader(&batch(codec, &[(0, -7), (1, -9)]), LEAD)
                .unwrap();
            let opened = open(&stored(&log)).unwrap();
            let view = Batch::parse(&opened).unwrap();
            assert_eq!(view.header.timestamp_type(), TimestampType::LogAppendTime);
            assert!(
                view.records()
                    .unwrap()
                    .all(|record| record.unwrap().timestamp == NOW)
            );
        }
    }
}

#[test]
fn records_are_checked_inside() {
    for codec in compressing() {
        let refused = |config: LogConfig, sent: &Bytes| {
            let mut log = PartitionLog::new(config);
            let error = log.append_as_leader(sent, LEAD).unwrap_err();
            assert_eq!(log, PartitionLog::new(log.config().clone()));
            (
                error.code,
                error
                    .records
                    .iter()
                    .map(|(place, _)| *place)
                    .collect::<Vec<i32>>(),
            )
        };
        let config = LogConfig::default;
        let two = [(0, 0), (1, 1)];
        let compact = LogConfig {
            compact: true,
            ..config()
        };
        let keyless = batch(codec, &two);
        assert_eq!(
            refused(compact, &keyless),
            (ErrorCode::InvalidRecord, vec![1])
        );
        let early = batch(codec, &[(0, 0), (1, 3_600_001)]);
        assert_eq!(
            refused(config(), &early),
            (ErrorCode::InvalidTimestamp, vec![1])
        );
        // Offsets 0 and 2 under a header that says 0 and 1; three records under one that says two.
        let gap = with_header(&batch(codec, &two), &batch(codec, &[(0, 0), (2, 1)]));
        assert_eq!(refused(config(), &gap).0, ErrorCode::InvalidRecord);
        let more = with_header(
            &batch(codec, &two),
            &batch(codec, &[(0, 0), (1, 0), (2, 0)]),
        );
        assert_eq!(refused(config(), &more).0, ErrorCode::InvalidRecord);
        // Bytes that are not of the codec at all, under a sound checksum.
        let mut wrong = batch(Codec::None, &two).to_vec();
        wrong[22] = codec as u8;
        assert_eq!(
            refused(config(), &sealed(wrong)).0,
            ErrorCode::InvalidRecord
        );
    }
    let mut unknown = batch(Codec::None, &[(0, 0)]).to_vec();
    unknown[22] = 5;
    let error = PartitionLog::new(LogConfig::default()).append_as_leader(&sealed(unknown), LEAD);
    assert_eq!(
        error.unwrap_err().code,
        ErrorCode::UnsupportedCompressionType
    );
}

/// With the checksum that its bytes have.
fn sealed(mut bytes: Vec<u8>) -> Bytes {
    let batch = Batch::parse(&bytes).unwrap();
    let Err(records::BatchError::CrcMismatch { computed, .. }) = batch.check() else {
        return Bytes::from(bytes);
    };
    bytes[17..21].copy_from_slice(&computed.to_be_bytes());
    Bytes::from(bytes)
}

#[test]
fn a_bomb_is_refused() {
    // Zeros that open to more than is borne.
    let large = vec![0u8; records::MAX_OPENED + 1];
    let mut builder = BatchBuilder::new(BatchOptions {
        compression: Compression::new(Codec::Zstd),
        ..BatchOptions::default()
    });
    let record = Record {
        timestamp: NOW,
        value: Some(&large),
        ..Record::default()
    };
    builder.append(&record).unwrap();
    let sent = builder.build();
    assert!(sent.len() < 20_000);
    let mut log = PartitionLog::new(LogConfig::default());
    let error = log.append_as_leader(&sent, LEAD).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRecord);
}
