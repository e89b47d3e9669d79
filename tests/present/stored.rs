//! Records as the page reads them out of a log.

use bytes::Bytes;
use engine::log::PartitionLog;
use engine::log::append::{LeaderAppend, Origin};
use engine::log::config::LogConfig;
use present::stored::{Backwards, Glance, Packed, at, before, forwards, whole};
use records::{BatchBuilder, BatchOptions, Codec, Compression, HEADER_SIZE, Record, RecordHeader};

const RECORDS: i64 = 50;

fn batch(codec: Codec) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions {
        compression: Compression::new(codec),
        ..BatchOptions::default()
    });
    for number in 0..RECORDS {
        let key = number.to_string();
        let header = RecordHeader {
            key: "h",
            value: Some(b"x"),
        };
        let record = Record {
            timestamp: 1_700_000_000_000 + number,
            key: Some(key.as_bytes()),
            value: Some(b"the same words in every record"),
            headers: &[header],
        };
        builder.append(&record).expect("room for a record");
    }
    builder.build()
}

fn log(codecs: &[Codec]) -> PartitionLog {
    let mut log = PartitionLog::new(LogConfig::default());
    for codec in codecs {
        let how = LeaderAppend {
            now_ms: 1_700_000_000_000,
            leader_epoch: 0,
            origin: Origin::Client,
        };
        log.append_as_leader(&batch(*codec), how)
            .expect("a sound batch");
    }
    log
}

#[test]
fn compressed_batches_read_like_plain_ones_from_everywhere() {
    let packed = log(&Codec::ALL);
    let plain = log(&[Codec::None; 5]);
    let end = plain.log_end_offset();
    assert_eq!(end, RECORDS * 5);
    let all: Vec<Glance> = forwards(&plain, 0).collect();
    assert_eq!(all.len() as i64, end);
    for offset in [0, 1, 49, 50, 51, 120, 249] {
        let rest: Vec<Glance> = forwards(&packed, offset).collect();
        assert_eq!(rest, all[offset as usize..]);
        assert_eq!(at(&packed, offset), all.get(offset as usize).cloned());
        assert_eq!(before(&packed, offset), before(&plain, offset));
    }
    let mut backwards: Vec<Glance> = Backwards::new(&packed, end).collect();
    backwards.reverse();
    assert_eq!(backwards, all);
}

#[test]
fn a_record_tells_how_its_batch_is_stored() {
    let packed = log(&Codec::ALL);
    let opened = batch(Codec::None).len();
    for (number, codec) in (0..).zip(Codec::ALL) {
        let found = whole(&packed, RECORDS * number + 7).unwrap();
        assert_eq!(found.headers[0].1.as_deref(), Some(&b"x"[..]));
        let stored = batch(codec).len();
        let expected = Packed {
            codec,
            records: 50,
            stored,
            opened,
        };
        assert_eq!(found.batch, expected);
        assert!(stored > HEADER_SIZE && (codec == Codec::None || stored * 3 < opened));
        let text = found.batch.text();
        let start = match codec {
            Codec::None => "50 records, ".to_owned(),
            codec => format!("50 records, {}: ", codec.name()),
        };
        assert!(text.starts_with(&start), "{text}");
        assert_eq!(text.contains(" of "), codec != Codec::None, "{text}");
    }
}
