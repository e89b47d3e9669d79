//! Record batches: walked, checked, opened, compacted, and taken in by a log as leader and follower.
#![no_main]

use bytes::Bytes;
use engine::log::PartitionLog;
use engine::log::append::{LeaderAppend, Origin};
use engine::log::config::LogConfig;
use engine::log::lookup::ReadLimit;
use libfuzzer_sys::fuzz_target;
use playground_fuzz::script::with_good_checksum;
use records::{Batch, Batches, Codec, Compression, MAX_OPENED, TimestampType, close, open, retain};

fuzz_target!(|bytes: &[u8]| {
    let Some((how, rest)) = bytes.split_first() else {
        return;
    };
    let rest = Bytes::copy_from_slice(rest);
    let rest = if how & 1 == 0 {
        with_good_checksum(rest)
    } else {
        rest
    };
    for batch in Batches::new(&rest).map_while(Result::ok) {
        walk(&rest.slice_ref(batch.bytes));
    }
    append(*how, &rest);
});

fn walk(bytes: &Bytes) {
    let batch = Batch::parse(bytes).expect("it was walked to");
    let _ = (batch.check(), batch.check_produced());
    for record in batch.records().into_iter().flatten().map_while(Result::ok) {
        record.headers().for_each(drop);
    }
    let Ok(plain) = open(bytes) else {
        return;
    };
    assert!(plain.len() <= MAX_OPENED + records::HEADER_SIZE);
    let opened = Batch::parse(&plain).expect("an opened batch is one");
    assert_eq!(opened.header.records_count, batch.header.records_count);
    let Ok(survey) = opened.survey() else {
        return;
    };
    // Compressed anew and opened again it says the same.
    let packed = close(&plain, Compression::new(Codec::Gzip)).expect("it can be compressed");
    let again = open(&packed).expect("and opened");
    let again = Batch::parse(&again).expect("a batch");
    assert_eq!(again.survey(), Ok(survey));
    let mut turn = 0;
    let kept = retain(bytes, None, &mut |_| {
        turn += 1;
        turn % 2 == 0
    });
    if let Ok(kept) = kept
        && kept.kept > 0
    {
        let rest = Batch::parse(&kept.bytes).expect("what is kept is a batch");
        assert_eq!(rest.check(), Ok(()));
    }
}

fn append(how: u8, bytes: &Bytes) {
    let config = LogConfig {
        compact: how & 2 != 0,
        timestamp_type: if how & 4 == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        },
        compression: (how & 8 != 0).then(|| Compression::new(Codec::Snappy)),
        ..LogConfig::default()
    };
    let mut leader = PartitionLog::new(config.clone());
    let append = LeaderAppend {
        now_ms: 1_700_000_000_000,
        leader_epoch: 3,
        origin: Origin::Client,
    };
    // Twice: a batch of an idempotent producer is taken once.
    for _ in 0..2 {
        let before = leader.log_end_offset();
        match leader.append_as_leader(bytes, append) {
            Ok(done) if !done.duplicate => assert!(leader.log_end_offset() > before),
            _ => assert_eq!(leader.log_end_offset(), before),
        }
    }
    let everything = ReadLimit {
        below: leader.log_end_offset(),
        max_bytes: usize::MAX,
        at_least_one: true,
    };
    let stored = leader.read(0, everything);
    let mut follower = PartitionLog::new(config.clone());
    assert_eq!(follower.append_as_follower(&stored), Ok(()));
    assert_eq!(follower.log_end_offset(), leader.log_end_offset());
    assert_eq!(follower.read(0, everything), stored);
    let _ = leader.offset_for_time(0);
    let _ = leader.offset_of_max_timestamp();
    // A follower takes its leader's word, but not any bytes.
    let mut wary = PartitionLog::new(config);
    let _ = wary.append_as_follower(bytes);
}
