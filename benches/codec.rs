//! Record batches alone: the ceiling for whatever goes through the protocol.

use crate::measure::Bench;
use bytes::Bytes;
use records::{Assignment, BatchBuilder, BatchOptions, Batches, Record, assign};

/// The ceiling of requests with one record.
pub const ONE: &str = "ceiling: 1 record of 100 B encoded, stored, decoded";
/// The ceiling of requests with a thousand records.
pub const THOUSAND: &str = "ceiling: 1000 records of 100 B encoded, stored, decoded";

/// A value of the size that all measurements use.
pub const VALUE: [u8; 100] = [b'k'; 100];

/// Encode, check and place, decode: what no producer, broker and consumer together can do without.
pub fn ceilings(bench: &Bench) {
    for (name, count) in [(ONE, 1), (THOUSAND, 1000)] {
        bench.rate(name, (count, "rec"), None, || decode(&store(encode(count))));
    }
    let encoded = encode(1000);
    bench.rate(
        "encode 1000 records of 100 B",
        (1000, "rec"),
        Some(THOUSAND),
        || encode(1000),
    );
    bench.rate(
        "check and place 1000 records of 100 B",
        (1000, "rec"),
        Some(THOUSAND),
        || store(encoded.clone()),
    );
    let bytes = u32::try_from(encoded.len()).expect("a small batch");
    bench.rate("checksum of a batch", (bytes, "B"), None, || {
        Batches::new(&encoded)
            .map(|batch| batch.expect("a batch").check().is_ok())
            .filter(|sound| *sound)
            .count()
    });
    bench.rate(
        "decode 1000 records of 100 B",
        (1000, "rec"),
        Some(THOUSAND),
        || decode(&encoded),
    );
}

/// A batch of `count` records, as a producer builds it.
pub fn encode(count: u32) -> Bytes {
    let mut batch = BatchBuilder::new(BatchOptions::default());
    for at in 0..count {
        let record = Record {
            timestamp: 1_700_000_000_000 + i64::from(at),
            key: None,
            value: Some(&VALUE),
            headers: &[],
        };
        batch.append(&record).expect("room for a record");
    }
    batch.build()
}

/// What a leader does with a batch: checks it and writes its place into it.
fn store(batch: Bytes) -> Bytes {
    for batch in Batches::new(&batch) {
        batch.expect("a batch").check().expect("a sound batch");
    }
    let place = Assignment {
        base_offset: 42,
        partition_leader_epoch: 1,
        log_append_time: None,
    };
    assign(batch, &place).expect("a batch to place")
}

/// What a consumer does with it: walks every record.
fn decode(batch: &Bytes) -> usize {
    let batches =
        Batches::new(batch).map(|batch| batch.expect("a batch").records().expect("records"));
    batches
        .flatten()
        .map(|record| record.expect("a record").value.map_or(0, <[u8]>::len))
        .sum()
}
