//! The console tools with every codec.

use engine::ids::TopicPartition;
use records::{BatchHeader, Codec};
use world::facts;
use world::input::Pace;

use crate::sitting::Sitting;

const AT: &str = "--bootstrap-server localhost:8098";

fn in_a_container() -> Sitting {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.run("docker exec -it kafka bash");
    sitting
}

/// Codec, records and bytes of each stored batch of a topic's first partition.
fn batches(sitting: &Sitting, topic: &str) -> Vec<(Codec, i32, usize)> {
    let log = facts::leader_log(&sitting.world, &TopicPartition::new(topic, 0)).expect("a log");
    let batches = log.batches_from(0).map(|batch| {
        let header = BatchHeader::parse(&batch.bytes).expect("a header");
        (
            header.codec().expect("a codec"),
            batch.record_count,
            batch.bytes.len(),
        )
    });
    batches.collect()
}

fn create(sitting: &mut Sitting, topic: &str, more: &str) {
    let created = sitting.run(&format!(
        "kafka-topics --create --topic {topic} {AT} {more}"
    ));
    assert_eq!(created, [format!("Created topic {topic}.")]);
}

/// What a consumer writes to its standard output.
fn consume(sitting: &mut Sitting, topic: &str, options: &str) -> Vec<String> {
    let reader = format!("kafka-console-consumer {AT} --topic {topic} --from-beginning");
    sitting.run(&format!("{reader} {options} > read.txt"));
    sitting.run("cat read.txt")
}

fn read(sitting: &mut Sitting, topic: &str, count: usize) -> Vec<String> {
    consume(sitting, topic, &format!("--max-messages {count}"))
}

#[test]
fn every_codec_there_and_back() {
    let mut sitting = in_a_container();
    let plain: Vec<String> = (1..=500).map(|number| number.to_string()).collect();
    for (option, codec) in [
        ("", Codec::None),
        ("--compression-codec none", Codec::None),
        ("--compression-codec", Codec::Gzip),
        ("--compression-codec gzip", Codec::Gzip),
        ("--compression-codec snappy", Codec::Snappy),
        ("--compression-codec lz4", Codec::Lz4),
        ("--compression-codec zstd", Codec::Zstd),
        ("--command-property compression.type=lz4", Codec::Lz4),
    ] {
        let topic = format!("t{}", option.replace([' ', '.', '='], "-"));
        create(&mut sitting, &topic, "");
        let said = sitting.run(&format!(
            "seq 500 | kafka-console-producer {AT} --topic {topic} {option}"
        ));
        assert!(said.is_empty(), "{said:?}");
        let stored = batches(&sitting, &topic);
        assert!(
            stored.iter().all(|(found, ..)| *found == codec),
            "{stored:?}"
        );
        let bytes: usize = stored.iter().map(|(_, _, bytes)| bytes).sum();
        // 500 short records take about 5 kB.
        assert_eq!(bytes < 4_000, codec != Codec::None, "{option}: {bytes}");
        assert_eq!(read(&mut sitting, &topic, 500), plain);
    }
}

#[test]
fn keys_headers_and_tombstones_come_out_of_compressed_batches() {
    let mut sitting = in_a_container();
    create(&mut sitting, "t", "");
    for codec in ["gzip", "snappy", "lz4", "zstd"] {
        let properties = "--reader-property parse.key=true --reader-property parse.headers=true --reader-property null.marker=NULL";
        let producer = format!(
            "kafka-console-producer {AT} --topic t --compression-codec {codec} {properties}"
        );
        sitting.run(&format!(
            "printf 'a:1,a:2\\tkey\\tvalue\\nNULL\\tkey\\tNULL\\n' | {producer}"
        ));
    }
    let shown = "--formatter-property print.key=true --formatter-property print.headers=true --formatter-property print.offset=true";
    let lines = consume(&mut sitting, "t", &format!("--max-messages 8 {shown}"));
    assert_eq!(lines.len(), 8);
    for (pair, lines) in lines.chunks_exact(2).enumerate() {
        let offset = pair * 2;
        assert_eq!(lines[0], format!("Offset:{offset}\ta:1,a:2\tkey\tvalue"));
        assert_eq!(
            lines[1],
            format!("Offset:{}\tNO_HEADERS\tkey\tnull", offset + 1)
        );
    }
}

#[test]
fn the_topics_setting_wins_and_offsets_are_found_by_time() {
    let mut sitting = in_a_container();
    create(&mut sitting, "z", "--config compression.type=zstd");
    sitting.run(&format!(
        "seq 100 | kafka-console-producer {AT} --topic z --compression-codec gzip"
    ));
    sitting.pass(2.0);
    sitting.run(&format!("seq 100 | kafka-console-producer {AT} --topic z"));
    assert!(
        batches(&sitting, "z")
            .iter()
            .all(|(codec, ..)| *codec == Codec::Zstd)
    );
    assert_eq!(read(&mut sitting, "z", 200).len(), 200);
    let ends = |sitting: &mut Sitting, time: &str| {
        sitting.run(&format!("kafka-get-offsets {AT} --topic z --time {time}"))
    };
    assert_eq!(ends(&mut sitting, "-1"), ["z:0:200"]);
    let newest = ends(&mut sitting, "-3");
    let offset: i64 = newest[0].rsplit(':').next().unwrap().parse().unwrap();
    assert!((100..200).contains(&offset), "{newest:?}");
}

#[test]
fn a_codec_that_is_none_is_refused() {
    let mut sitting = in_a_container();
    let refused = "--command-property compression.gzip.level=10";
    let said = sitting.run(&format!(
        "echo x | kafka-console-producer {AT} --topic t {refused}"
    ));
    assert!(
        said.concat()
            .contains("Value must be between 1 and 9 or equal to -1"),
        "{said:?}"
    );
    for level in ["gzip.level=9", "lz4.level=17", "zstd.level=22"] {
        let codec = level.split('.').next().unwrap();
        let options = format!("--compression-codec {codec} --command-property compression.{level}");
        let said = sitting.run(&format!(
            "echo x | kafka-console-producer {AT} --topic {codec} {options}"
        ));
        assert!(!said.concat().contains("ConfigException"), "{said:?}");
        assert_eq!(batches(&sitting, codec)[0].0.name(), codec);
    }
}
