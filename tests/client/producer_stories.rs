//! Stories of producers.

use bytes::Bytes;
use client::producer::{Producer, ProducerConfig, ProducerEvent, ProducerRecord};
use engine::rng::Rng;
use protocol::messages::metadata::{MetadataResponse, MetadataResponseBroker};
use protocol::messages::produce::{
    PartitionProduceResponse, ProduceResponse, TopicProduceResponse,
};
use protocol::{ApiKey, ErrorCode};
use records::BatchHeader;

use crate::cluster::{Client, Cluster, Fault, producer_log};

fn with_topic(brokers: i32, partitions: i32) -> Cluster {
    let mut cluster = Cluster::new(brokers);
    cluster.shared.create("t", partitions);
    cluster
}

fn producer(cluster: &mut Cluster, change: impl FnOnce(&mut ProducerConfig)) -> usize {
    let mut config = ProducerConfig::new("p", Cluster::bootstrap());
    change(&mut config);
    let now = cluster.now;
    cluster.add(Client::Producer(Box::new(Producer::new(
        config,
        now,
        Rng::from_seed(5),
    ))))
}

fn record(key: Option<&str>, value: &str) -> ProducerRecord {
    let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
    ProducerRecord {
        topic: "t".to_owned(),
        key: key.map(bytes),
        value: Some(bytes(value)),
        ..ProducerRecord::default()
    }
}

fn send(cluster: &mut Cluster, client: usize, record: ProducerRecord) {
    let now = cluster.now;
    cluster.producer(client).send(now, record);
}

/// Answers the next produce request for partition 0 with an error.
fn refuse(cluster: &mut Cluster, error: ErrorCode) {
    let refused = PartitionProduceResponse {
        error_code: error.code(),
        ..Default::default()
    };
    let topic_id = cluster.shared.topics["t"].id;
    let response = ProduceResponse {
        responses: vec![TopicProduceResponse {
            topic_id,
            partition_responses: vec![refused],
            ..Default::default()
        }],
        ..Default::default()
    };
    let fault = Fault::Answer(response.into());
    cluster.faults.push_back((ApiKey::Produce, fault));
}

fn outcomes(events: &[ProducerEvent]) -> Vec<String> {
    let each = events.iter().filter_map(|event| match event {
        ProducerEvent::Acked {
            id,
            partition,
            offset,
        } => Some(format!("{} at {partition}/{offset}", id.0)),
        ProducerEvent::Failed { id, error } => {
            Some(format!("{} {}: {}", id.0, error.exception, error.message))
        }
        ProducerEvent::Log(_) => None,
        ProducerEvent::Closed => Some("closed".to_owned()),
    });
    each.collect()
}

fn requests(cluster: &Cluster, api: &str) -> usize {
    cluster
        .requests
        .iter()
        .filter(|line| line.contains(api))
        .count()
}

#[test]
fn keys_find_their_partitions_and_batches_linger() {
    let mut cluster = with_topic(1, 3);
    let p = producer(&mut cluster, |_| {});
    cluster.run(100);
    for (i, key) in ["nfsturm", "ennius", "livius", "nfsturm", "pacuvius"]
        .iter()
        .enumerate()
    {
        send(&mut cluster, p, record(Some(key), &i.to_string()));
    }
    cluster.run(4);
    assert_eq!(requests(&cluster, "Produce#"), 0, "it lingers");
    cluster.run(2);
    assert_eq!(
        requests(&cluster, "Produce#"),
        1,
        "one request for all partitions of a leader"
    );
    let events = cluster.producer(p).take_events();
    let mut found = outcomes(&events);
    found.sort();
    let expected = ["0 at 0/0", "1 at 1/0", "2 at 2/0", "3 at 0/1", "4 at 0/2"];
    assert_eq!(found, expected);
    assert_eq!(cluster.producer(p).pending(), 0);
}

#[test]
fn a_topic_that_does_not_exist_is_warned_of_under_javas_number() {
    let mut cluster = with_topic(1, 1);
    let p = producer(&mut cluster, |config| {
        config.client_id = "console-producer".to_owned()
    });
    cluster.run(1_000);
    let topic = "nowhere".to_owned();
    send(
        &mut cluster,
        p,
        ProducerRecord {
            topic,
            ..record(None, "x")
        },
    );
    cluster.run(1_000);
    let events = cluster.producer(p).take_events();
    assert_eq!(
        producer_log(&events),
        [
            "[Producer clientId=console-producer] The metadata response from the cluster reported a recoverable issue with correlation id 5 : {nowhere=UNKNOWN_TOPIC_OR_PARTITION}"
        ]
    );
    assert_eq!(outcomes(&events), ["0 at 0/0"]);
}

#[test]
fn a_topic_that_never_comes_is_given_up_in_time() {
    let mut cluster = with_topic(1, 1);
    cluster.shared.auto_create = false;
    let p = producer(&mut cluster, |_| {});
    let topic = "never".to_owned();
    send(
        &mut cluster,
        p,
        ProducerRecord {
            topic,
            ..record(None, "x")
        },
    );
    cluster.run(59_999);
    assert_eq!(cluster.producer(p).pending(), 1);
    cluster.run(1);
    let events = cluster.producer(p).take_events();
    assert_eq!(
        outcomes(&events),
        [
            "0 org.apache.kafka.common.errors.TimeoutException: Topic never not present in metadata after 60000 ms."
        ]
    );
}

#[test]
fn a_record_too_large_fails_alone() {
    let mut cluster = with_topic(1, 1);
    let p = producer(&mut cluster, |_| {});
    send(&mut cluster, p, record(None, &"x".repeat(1_048_576)));
    send(&mut cluster, p, record(None, "small"));
    cluster.run(100);
    let events = cluster.producer(p).take_events();
    assert_eq!(
        outcomes(&events),
        [
            "0 org.apache.kafka.common.errors.RecordTooLargeException: The message is 1048664 bytes when serialized which is larger than 1048576, which is the value of the max.request.size configuration.",
            "1 at 0/0",
        ]
    );
}

#[test]
fn an_answer_that_is_lost_makes_no_duplicate() {
    let mut cluster = with_topic(1, 1);
    let p = producer(&mut cluster, |_| {});
    cluster.run(10);
    cluster
        .faults
        .push_back((ApiKey::Produce, Fault::LoseAnswer));
    send(&mut cluster, p, record(None, "once"));
    cluster.run(2_000);
    send(&mut cluster, p, record(None, "next"));
    cluster.run(2_000);
    let events = cluster.producer(p).take_events();
    assert_eq!(outcomes(&events), ["0 at 0/0", "1 at 0/1"]);
    assert_eq!(requests(&cluster, "Produce#"), 3);
    assert_eq!(
        cluster.shared.topics["t"].partitions[0]
            .log
            .log_end_offset(),
        2
    );
    assert!(
        producer_log(&events)[0]
            .contains("retrying (2147483646 attempts left). Error: NETWORK_EXCEPTION")
    );
}

#[test]
fn a_leader_that_moved_is_followed() {
    let mut cluster = with_topic(2, 1);
    let p = producer(&mut cluster, |_| {});
    send(&mut cluster, p, record(None, "a"));
    cluster.run(100);
    let partition = &mut cluster.shared.topics.get_mut("t").unwrap().partitions[0];
    partition.leader = 2;
    partition.epoch = 1;
    send(&mut cluster, p, record(None, "b"));
    cluster.run(2_000);
    let events = cluster.producer(p).take_events();
    assert_eq!(outcomes(&events), ["0 at 0/0", "1 at 0/1"]);
}

#[test]
fn records_stay_in_order_when_one_of_several_requests_fails() {
    let mut cluster = with_topic(1, 1);
    let p = producer(&mut cluster, |config| config.batch_size = 100);
    send(&mut cluster, p, record(None, "record 0"));
    cluster.run(10);
    refuse(&mut cluster, ErrorCode::NotEnoughReplicas);
    for i in 1..40 {
        send(&mut cluster, p, record(None, &format!("record {i}")));
    }
    cluster.run(5_000);
    let events = cluster.producer(p).take_events();
    let mut found = outcomes(&events);
    found.sort_by_key(|line| line.split(' ').next().unwrap().parse::<u32>().unwrap());
    let expected: Vec<String> = (0..40).map(|i| format!("{i} at 0/{i}")).collect();
    assert_eq!(found, expected);
}

#[test]
fn closing_delivers_first_and_says_so_last() {
    let mut cluster = with_topic(1, 1);
    let p = producer(&mut cluster, |config| config.linger_ms = 60_000);
    send(&mut cluster, p, record(None, "a"));
    let now = cluster.now;
    cluster.producer(p).close(now);
    cluster.settle();
    assert_eq!(
        outcomes(&cluster.producer(p).take_events()),
        ["0 at 0/0", "closed"]
    );
}

#[test]
fn without_acks_nobody_waits() {
    let mut cluster = with_topic(1, 1);
    let p = producer(&mut cluster, |config| {
        config.acks = 0;
        config.enable_idempotence = false;
    });
    send(&mut cluster, p, record(None, "a"));
    cluster.run(100);
    assert_eq!(outcomes(&cluster.producer(p).take_events()), ["0 at 0/-1"]);
    assert_eq!(
        cluster.shared.topics["t"].partitions[0]
            .log
            .log_end_offset(),
        1
    );
}

#[test]
fn what_cannot_be_delivered_expires() {
    let mut cluster = with_topic(2, 2);
    let p = producer(&mut cluster, |config| config.delivery_timeout_ms = 30_000);
    cluster.run(10);
    cluster.kill(2);
    send(
        &mut cluster,
        p,
        ProducerRecord {
            partition: Some(1),
            ..record(None, "a")
        },
    );
    cluster.run(29_000);
    assert_eq!(cluster.producer(p).pending(), 1);
    cluster.run(1_000);
    let events = cluster.producer(p).take_events();
    assert_eq!(
        outcomes(&events),
        [
            "0 org.apache.kafka.common.errors.TimeoutException: Expiring 1 record(s) for t-1:30000 ms has passed since batch creation"
        ]
    );
}

#[test]
fn records_without_keys_stick_until_a_batch_is_full() {
    let mut cluster = with_topic(1, 3);
    let p = producer(&mut cluster, |_| {});
    cluster.run(10);
    let mut used = Vec::new();
    for _ in 0..60 {
        send(&mut cluster, p, record(None, &"x".repeat(1_000)));
        cluster.run(10);
        for event in cluster.producer(p).take_events() {
            if let ProducerEvent::Acked { partition, .. } = event {
                used.push(partition);
            }
        }
    }
    assert_eq!(used.len(), 60);
    let first = used.iter().take_while(|p| **p == used[0]).count();
    assert!(
        first >= 15,
        "left partition {} after {first} records",
        used[0]
    );
    assert!(used.iter().any(|p| *p != used[0]), "never moved on");
}

#[test]
fn a_broker_that_lost_track_is_met_with_a_new_epoch() {
    let mut cluster = with_topic(1, 1);
    let p = producer(&mut cluster, |_| {});
    send(&mut cluster, p, record(None, "a"));
    cluster.run(100);
    refuse(&mut cluster, ErrorCode::OutOfOrderSequenceNumber);
    send(&mut cluster, p, record(None, "b"));
    cluster.run(1_000);
    let events = cluster.producer(p).take_events();
    assert_eq!(outcomes(&events), ["0 at 0/0", "1 at 0/1"]);
    let log = &cluster.shared.topics["t"].partitions[0].log;
    let header = BatchHeader::parse(&log.last_batch().unwrap().bytes).unwrap();
    assert_eq!((header.producer_epoch, header.base_sequence), (1, 0));
}

#[test]
fn brokers_that_nobody_can_reach_are_forgotten_for_the_bootstrap_servers() {
    let mut cluster = with_topic(1, 1);
    let nowhere = MetadataResponse {
        brokers: vec![MetadataResponseBroker {
            node_id: 1,
            host: "localhost".to_owned(),
            port: 1,
            rack: None,
        }],
        ..Default::default()
    };
    let fault = Fault::Answer(nowhere.into());
    cluster.faults.push_back((ApiKey::Metadata, fault));
    let p = producer(&mut cluster, |config| config.max_block_ms = 600_000);
    send(&mut cluster, p, record(None, "a"));
    cluster.run(299_000);
    assert_eq!(cluster.producer(p).pending(), 1);
    cluster.run(3_000);
    assert!(outcomes(&cluster.producer(p).take_events()).contains(&"0 at 0/0".to_owned()));
}
