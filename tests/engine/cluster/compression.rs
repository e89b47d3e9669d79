//! Compressed batches on their way through brokers.

use protocol::ErrorCode;
use records::{Batch, BatchOptions, Codec, Compression};

use super::requests::{PRODUCE, batch_of, fetched, produce_bytes, produced, tp};
use super::sim::Sim;

const FETCH: i16 = 12;

/// Produces two records in a codec; gives the error.
fn send(sim: &mut Sim, topic: &str, codec: Codec, version: i16) -> ErrorCode {
    let options = BatchOptions {
        compression: Compression::new(codec),
        ..BatchOptions::default()
    };
    let batch = batch_of(sim.now_ms(), options, &["a", "b"]);
    let partition = tp(topic, 0);
    let request = sim.fill(produce_bytes(&partition, -1, batch));
    let leader = sim.leader(&partition);
    ErrorCode::from_code(produced(sim.call(leader, request, version)).error_code)
}

/// Fetches from the start; gives the error and the codec of each batch.
fn codecs(sim: &mut Sim, topic: &str, version: i16) -> (ErrorCode, Vec<Codec>) {
    let partition = tp(topic, 0);
    let request = sim.fetch_of(&partition, 0, 0);
    let leader = sim.leader(&partition);
    let data = fetched(sim.call(leader, request, version));
    let bytes = data.records.clone().unwrap_or_default();
    let batches = records::Batches::new(&bytes).map(Result::unwrap);
    let codecs = batches.map(|batch: Batch<'_>| batch.header.codec().unwrap());
    (ErrorCode::from_code(data.error_code), codecs.collect())
}

#[test]
fn batches_reach_followers_and_consumers_as_they_came() {
    let mut sim = Sim::new(3);
    sim.create("t", 1, 3, &[]);
    for codec in Codec::ALL {
        assert_eq!(send(&mut sim, "t", codec, PRODUCE), ErrorCode::None);
    }
    assert_eq!(
        codecs(&mut sim, "t", FETCH),
        (ErrorCode::None, Codec::ALL.to_vec())
    );
    sim.check();
    assert_eq!(sim.consume(&tp("t", 0)), ["a", "b"].repeat(5));
    // The next leader has the same bytes.
    let leader = sim.leader(&tp("t", 0));
    sim.kill(leader);
    sim.run_ms(20_000);
    assert_ne!(sim.leader(&tp("t", 0)), leader);
    assert_eq!(codecs(&mut sim, "t", FETCH).1, Codec::ALL);
}

#[test]
fn a_topics_compression_is_the_leaders_work() {
    let mut sim = Sim::new(1);
    for (name, codec) in [
        ("uncompressed", Codec::None),
        ("lz4", Codec::Lz4),
        ("zstd", Codec::Zstd),
    ] {
        sim.create(name, 1, 1, &[("compression.type", name)]);
        for sent in Codec::ALL {
            assert_eq!(send(&mut sim, name, sent, PRODUCE), ErrorCode::None);
        }
        assert_eq!(
            codecs(&mut sim, name, FETCH),
            (ErrorCode::None, vec![codec; 5])
        );
        assert_eq!(sim.consume(&tp(name, 0)).len(), 10);
    }
}

#[test]
fn clients_from_before_zstd_are_kept_from_it() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    sim.create("z", 1, 1, &[("compression.type", "zstd")]);
    for codec in Codec::ALL {
        let refused = codec == Codec::Zstd;
        let expected = if refused {
            ErrorCode::UnsupportedCompressionType
        } else {
            ErrorCode::None
        };
        assert_eq!(send(&mut sim, "t", codec, 6), expected);
        assert_eq!(send(&mut sim, "t", codec, 7), ErrorCode::None);
        // The leader may recompress what an old client sends.
        assert_eq!(send(&mut sim, "z", codec, 6), expected);
    }
    for version in [4, 9] {
        assert_eq!(
            codecs(&mut sim, "z", version),
            (ErrorCode::UnsupportedCompressionType, vec![])
        );
        // The setting decides, not what lies there.
        assert_eq!(codecs(&mut sim, "t", version).0, ErrorCode::None);
        assert!(codecs(&mut sim, "t", version).1.contains(&Codec::Zstd));
    }
    assert_eq!(
        codecs(&mut sim, "z", 10),
        (ErrorCode::None, vec![Codec::Zstd; 4])
    );
}
