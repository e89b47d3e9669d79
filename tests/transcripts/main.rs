//! What the real Kafka's tools printed, command by command, and what ours print.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod compare;
mod completion;
mod compression;
mod interactive;
mod player;
mod script;
mod shell_language;
mod sitting;

fn plays(text: &str) {
    let transcript = script::read(text).expect("a transcript");
    let found = player::play(&transcript);
    let shown: Vec<String> = found
        .iter()
        .map(|difference| {
            let lines = difference.lines.join("\n    ");
            format!(
                "line {}: $ {}\n    {lines}",
                difference.line, difference.command
            )
        })
        .collect();
    assert!(
        shown.is_empty(),
        "{}\n{}\n",
        transcript.title,
        shown.join("\n")
    );
}

macro_rules! transcripts {
    ($($name:ident: $file:literal),* $(,)?) => {
        $(#[test]
        fn $name() {
            plays(include_str!(concat!("data/", $file, ".transcript")));
        })*
    };
}

transcripts! {
    the_lecture: "01-lecture",
    topics_errors: "03-topics-errors",
    topics_alter: "04-topics-alter",
    topics_three_brokers: "05-topics-three-brokers",
    broker_failure: "06-broker-failure",
    producer_keys_headers: "07-producer-keys-headers",
    consumer_options: "08-consumer-options",
    groups: "09-groups",
    reset_offsets: "10-reset-offsets",
    offsets_records: "12-offsets-records",
    rebalance: "14-rebalance",
    rebalance_by_the_consumer_protocol: "15-rebalance-consumer-protocol",
    more_topics: "31-topics-more",
    more_producers: "32-producer-more",
    more_consumers: "33-consumer-more",
    more_groups: "34-groups-more",
    more_offsets: "35-offsets-more",
    more_log_dirs: "36-log-dirs-more",
}
