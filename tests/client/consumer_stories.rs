//! Stories of consumers.

use std::collections::BTreeMap;

use records::sorted::SortedMap;

use bytes::Bytes;
use client::consumer::{
    Assignor, Consumer, ConsumerConfig, ConsumerEvent, OffsetReset, SeekTo, Subscription,
};
use client::event::ConsumerRecord;
use engine::ids::TopicPartition;
use engine::log::append::{LeaderAppend, Origin};
use engine::rng::Rng;
use records::{BatchBuilder, BatchOptions, Record};

use crate::cluster::{Client, Cluster, consumer_log};

fn fill(cluster: &mut Cluster, topic: &str, partition: usize, values: &[&str]) {
    let now_ms = cluster.now.as_millis();
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for value in values {
        let record = Record {
            timestamp: now_ms,
            value: Some(value.as_bytes()),
            ..Record::default()
        };
        builder.append(&record).unwrap();
    }
    let partition = &mut cluster.shared.topics.get_mut(topic).unwrap().partitions[partition];
    let how = LeaderAppend {
        now_ms,
        leader_epoch: partition.epoch,
        origin: Origin::Client,
    };
    partition
        .log
        .append_as_leader(&builder.build(), how)
        .unwrap();
    partition.log.set_high_watermark(i64::MAX);
}

fn consumer(cluster: &mut Cluster, change: impl FnOnce(&mut ConsumerConfig)) -> usize {
    let mut config = ConsumerConfig::new("c", Cluster::bootstrap());
    config.group_id = Some("g".to_owned());
    config.auto_offset_reset = OffsetReset::Earliest;
    change(&mut config);
    let seed = 20 + cluster.clients.len() as u64;
    let now = cluster.now;
    cluster.add(Client::Consumer(Box::new(Consumer::new(
        config,
        now,
        Rng::from_seed(seed),
    ))))
}

fn subscribe(cluster: &mut Cluster, client: usize, topics: &[&str]) {
    let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
    let now = cluster.now;
    cluster
        .consumer(client)
        .subscribe(now, Subscription::Topics(topics));
}

/// Polls all consumers every 100 ms for that long, and gathers what each reads.
fn poll(cluster: &mut Cluster, clients: &[usize], millis: i64) -> BTreeMap<usize, Vec<String>> {
    let mut read: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for _ in 0..millis / 100 {
        for client in clients {
            let now = cluster.now;
            let records = cluster.consumer(*client).poll(now, 500);
            read.entry(*client)
                .or_default()
                .extend(records.iter().map(shown));
        }
        cluster.run(100);
    }
    read
}

fn shown(record: &ConsumerRecord) -> String {
    let value = record.value.clone().unwrap_or_default();
    let value = String::from_utf8(value.to_vec()).unwrap();
    format!("{}@{}={value}", record.topic_partition, record.offset)
}

fn shown_events(events: &[ConsumerEvent]) -> Vec<String> {
    let list = |partitions: &[TopicPartition]| {
        partitions
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(",")
    };
    let each = events.iter().filter_map(|event| match event {
        ConsumerEvent::Assigned(p) => Some(format!("+{}", list(p))),
        ConsumerEvent::Revoked(p) => Some(format!("-{}", list(p))),
        ConsumerEvent::Lost(p) => Some(format!("lost {}", list(p))),
        ConsumerEvent::Failed(error) => Some(format!("{}: {}", error.exception, error.message)),
        ConsumerEvent::Closed => Some("closed".to_owned()),
        ConsumerEvent::Committed(_) | ConsumerEvent::Log(_) => None,
    });
    each.collect()
}

fn close(cluster: &mut Cluster, client: usize) -> Vec<ConsumerEvent> {
    let now = cluster.now;
    cluster.consumer(client).close(now);
    cluster.settle();
    cluster.consumer(client).take_events()
}

#[test]
fn the_requests_of_a_start_come_in_javas_order() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 1);
    let c = consumer(&mut cluster, |_| {});
    subscribe(&mut cluster, c, &["t"]);
    cluster.run(50);
    let names: Vec<&str> = cluster.requests.iter().map(|line| &line[2..]).collect();
    let expected = [
        "ApiVersions#1",
        "FindCoordinator#0",
        "Metadata#2",
        "ApiVersions#4",
        "JoinGroup#5",
        "JoinGroup#6",
        "SyncGroup#7",
        "OffsetFetch#8",
        "ApiVersions#9",
        "ListOffsets#10",
        "Fetch#11",
    ];
    assert_eq!(names, expected);
}

#[test]
fn reads_from_the_beginning_commits_and_the_next_goes_on_from_there() {
    let mut cluster = Cluster::new(2);
    cluster.shared.create("t", 2);
    fill(&mut cluster, "t", 0, &["a", "b"]);
    fill(&mut cluster, "t", 1, &["c"]);
    let c = consumer(&mut cluster, |_| {});
    subscribe(&mut cluster, c, &["t"]);
    let mut read = poll(&mut cluster, &[c], 1_000).remove(&c).unwrap();
    read.sort();
    assert_eq!(read, ["t-0@0=a", "t-0@1=b", "t-1@0=c"]);
    let events = close(&mut cluster, c);
    assert_eq!(shown_events(&events), ["+t-0,t-1", "-t-0,t-1", "closed"]);
    let committed = events.iter().find_map(|event| match event {
        ConsumerEvent::Committed(offsets) => Some(offsets.clone()),
        _ => None,
    });
    let expected = vec![
        (TopicPartition::new("t", 0), 2),
        (TopicPartition::new("t", 1), 1),
    ];
    assert_eq!(committed, Some(expected));

    fill(&mut cluster, "t", 0, &["d"]);
    let c = consumer(&mut cluster, |_| {});
    subscribe(&mut cluster, c, &["t"]);
    assert_eq!(poll(&mut cluster, &[c], 1_000)[&c], ["t-0@2=d"]);
}

#[test]
fn commits_every_five_seconds_while_polling() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 1);
    fill(&mut cluster, "t", 0, &["a"]);
    let c = consumer(&mut cluster, |_| {});
    subscribe(&mut cluster, c, &["t"]);
    poll(&mut cluster, &[c], 4_900);
    assert!(cluster.consumer(c).committed().is_empty());
    poll(&mut cluster, &[c], 300);
    let committed = cluster.consumer(c).committed();
    assert_eq!(
        committed,
        SortedMap::from([(TopicPartition::new("t", 0), 1)])
    );
}

#[test]
fn a_topic_that_does_not_exist_is_warned_of_under_javas_number() {
    let mut cluster = Cluster::new(1);
    let c = consumer(&mut cluster, |config| {
        config.client_id = "console-consumer".to_owned();
        config.group_id = Some("console-consumer-7".to_owned());
    });
    subscribe(&mut cluster, c, &["missing"]);
    poll(&mut cluster, &[c], 3_000);
    let events = cluster.consumer(c).take_events();
    assert_eq!(
        consumer_log(&events),
        [
            "[Consumer clientId=console-consumer, groupId=console-consumer-7] The metadata response from the cluster reported a recoverable issue with correlation id 2 : {missing=UNKNOWN_TOPIC_OR_PARTITION}"
        ]
    );
    assert!(
        shown_events(&events).contains(&"+missing-0".to_owned()),
        "{events:?}"
    );
}

#[test]
fn a_second_member_takes_its_share_and_gives_it_back() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 4);
    let a = consumer(&mut cluster, |_| {});
    subscribe(&mut cluster, a, &["t"]);
    poll(&mut cluster, &[a], 1_000);
    let b = consumer(&mut cluster, |_| {});
    subscribe(&mut cluster, b, &["t"]);
    poll(&mut cluster, &[a, b], 5_000);
    let of_a = cluster.consumer(a).assignment();
    let of_b = cluster.consumer(b).assignment();
    assert_eq!((of_a.len(), of_b.len()), (2, 2));
    assert!(of_a.is_disjoint(&of_b));
    let events = cluster.consumer(a).take_events();
    let shown = shown_events(&events);
    assert_eq!(
        shown[..2],
        ["+t-0,t-1,t-2,t-3", "-t-0,t-1,t-2,t-3"],
        "eager members give all back"
    );
    close(&mut cluster, b);
    poll(&mut cluster, &[a], 5_000);
    assert_eq!(cluster.consumer(a).assignment().len(), 4);
}

#[test]
fn cooperative_members_keep_what_they_keep() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 4);
    let cooperative = |config: &mut ConsumerConfig| {
        config.assignors = vec![Assignor::CooperativeSticky];
    };
    let a = consumer(&mut cluster, cooperative);
    subscribe(&mut cluster, a, &["t"]);
    poll(&mut cluster, &[a], 1_000);
    let b = consumer(&mut cluster, cooperative);
    subscribe(&mut cluster, b, &["t"]);
    poll(&mut cluster, &[a, b], 10_000);
    let events = shown_events(&cluster.consumer(a).take_events());
    assert_eq!(events, ["+t-0,t-1,t-2,t-3", "-t-2,t-3", "+", "+"]);
    assert_eq!(cluster.consumer(b).assignment().len(), 2);
}

#[test]
fn a_member_that_does_not_poll_is_out_and_comes_back() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 1);
    fill(&mut cluster, "t", 0, &["a", "b"]);
    let c = consumer(&mut cluster, |config| {
        config.max_poll_interval_ms = 10_000;
        config.max_poll_records = 1;
    });
    subscribe(&mut cluster, c, &["t"]);
    cluster.run(100);
    let now = cluster.now;
    assert_eq!(cluster.consumer(c).poll(now, 500).len(), 1);
    cluster.run(11_000);
    assert!(
        consumer_log(&cluster.consumer(c).take_events())[0].contains("poll timeout has expired")
    );
    assert!(
        cluster
            .requests
            .iter()
            .any(|line| line.contains("LeaveGroup"))
    );
    let read = poll(&mut cluster, &[c], 2_000);
    let events = shown_events(&cluster.consumer(c).take_events());
    assert_eq!(events, ["lost t-0", "+t-0"]);
    assert!(read[&c].contains(&"t-0@1=b".to_owned()));
}

#[test]
fn out_of_range_follows_the_reset_policy() {
    for (policy, outcome) in [
        (OffsetReset::Earliest, "t-0@0=a"),
        (
            OffsetReset::None,
            "org.apache.kafka.clients.consumer.OffsetOutOfRangeException: Fetch position FetchPosition{offset=99, offsetEpoch=Optional.empty, currentLeader=LeaderAndEpoch{leader=Optional[localhost:8098 (id: 1 rack: null isFenced: false)], epoch=0}} is out of range for partition t-0",
        ),
    ] {
        let mut cluster = Cluster::new(1);
        cluster.shared.create("t", 1);
        fill(&mut cluster, "t", 0, &["a"]);
        let c = consumer(&mut cluster, |config| {
            config.group_id = None;
            config.auto_offset_reset = policy;
        });
        let tp = TopicPartition::new("t", 0);
        let now = cluster.now;
        cluster
            .consumer(c)
            .subscribe(now, Subscription::Assign(vec![tp.clone()]));
        cluster.consumer(c).seek(now, &tp, SeekTo::Offset(99));
        let read = poll(&mut cluster, &[c], 500).remove(&c).unwrap();
        let events = shown_events(&cluster.consumer(c).take_events());
        let found = read.iter().chain(&events).next().unwrap();
        assert_eq!(found, outcome);
    }
}

#[test]
fn nobody_polls_nobody_fetches_without_bound() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 1);
    let c = consumer(&mut cluster, |_| {});
    fill(&mut cluster, "t", 0, &["a"]);
    subscribe(&mut cluster, c, &["t"]);
    cluster.run(1_000);
    for _ in 0..10 {
        fill(&mut cluster, "t", 0, &["b"]);
        cluster.run(1_000);
    }
    let fetches = cluster
        .requests
        .iter()
        .filter(|line| line.contains(" Fetch#"))
        .count();
    assert_eq!(fetches, 1);
}

#[test]
fn a_pattern_finds_topics_that_come_later() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("orders", 1);
    cluster.shared.create("other", 1);
    let c = consumer(&mut cluster, |config| config.metadata_max_age_ms = 5_000);
    let now = cluster.now;
    cluster
        .consumer(c)
        .subscribe(now, Subscription::Pattern("or.*".to_owned()));
    poll(&mut cluster, &[c], 1_000);
    let names = |cluster: &mut Cluster| {
        let assigned = cluster.consumer(c).assignment();
        assigned.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(names(&mut cluster), ["orders-0"]);
    cluster.shared.create("orphans", 1);
    poll(&mut cluster, &[c], 8_000);
    assert_eq!(names(&mut cluster), ["orders-0", "orphans-0"]);
}

#[test]
fn seeks_by_time_pauses_and_resumes() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 1);
    fill(&mut cluster, "t", 0, &["a"]);
    cluster.run(1_000);
    let later = cluster.now.as_millis();
    fill(&mut cluster, "t", 0, &["b"]);
    let c = consumer(&mut cluster, |config| config.group_id = None);
    let tp = TopicPartition::new("t", 0);
    let now = cluster.now;
    cluster
        .consumer(c)
        .subscribe(now, Subscription::Assign(vec![tp.clone()]));
    cluster.consumer(c).seek(now, &tp, SeekTo::Timestamp(later));
    cluster.consumer(c).pause(std::slice::from_ref(&tp));
    assert!(poll(&mut cluster, &[c], 500)[&c].is_empty());
    cluster.consumer(c).resume(std::slice::from_ref(&tp));
    assert_eq!(poll(&mut cluster, &[c], 500)[&c], ["t-0@1=b"]);
    let now = cluster.now;
    cluster.consumer(c).seek(now, &tp, SeekTo::Beginning);
    assert_eq!(poll(&mut cluster, &[c], 500)[&c], ["t-0@0=a", "t-0@1=b"]);
}

#[test]
fn a_dead_leader_is_waited_for() {
    let mut cluster = Cluster::new(2);
    cluster.shared.create("t", 2);
    let c = consumer(&mut cluster, |_| {});
    subscribe(&mut cluster, c, &["t"]);
    poll(&mut cluster, &[c], 1_000);
    cluster.kill(2);
    poll(&mut cluster, &[c], 2_000);
    cluster.down.clear();
    fill(&mut cluster, "t", 1, &["after"]);
    assert_eq!(poll(&mut cluster, &[c], 3_000)[&c], ["t-1@0=after"]);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = || {
        let mut cluster = Cluster::new(2);
        cluster.shared.create("t", 4);
        fill(&mut cluster, "t", 3, &["x"]);
        let (a, b) = (
            consumer(&mut cluster, |_| {}),
            consumer(&mut cluster, |_| {}),
        );
        subscribe(&mut cluster, a, &["t"]);
        subscribe(&mut cluster, b, &["t"]);
        poll(&mut cluster, &[a, b], 7_000);
        cluster.kill(2);
        poll(&mut cluster, &[a, b], 3_000);
        let state = cluster.consumer(a).clone();
        (cluster.requests.clone(), state)
    };
    let (first, second) = (story(), story());
    assert_eq!(first.0, second.0);
    assert!(first.1 == second.1);
    assert_eq!(
        Bytes::from(format!("{:?}", first.1)),
        Bytes::from(format!("{:?}", second.1))
    );
}

#[test]
fn closing_ends_even_if_the_coordinator_is_silent() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 1);
    let c = consumer(&mut cluster, |_| {});
    subscribe(&mut cluster, c, &["t"]);
    poll(&mut cluster, &[c], 500);
    cluster.mute = true;
    assert!(!shown_events(&close(&mut cluster, c)).contains(&"closed".to_owned()));
    cluster.run(30_000);
    let events = cluster.consumer(c).take_events();
    assert_eq!(
        shown_events(&events).last().map(String::as_str),
        Some("closed")
    );
}

#[test]
fn a_commit_that_is_asked_for_comes_through() {
    let mut cluster = Cluster::new(1);
    cluster.shared.create("t", 1);
    fill(&mut cluster, "t", 0, &["a"]);
    let c = consumer(&mut cluster, |config| config.enable_auto_commit = false);
    subscribe(&mut cluster, c, &["t"]);
    poll(&mut cluster, &[c], 500);
    let now = cluster.now;
    cluster.consumer(c).commit(now);
    cluster.settle();
    let committed = cluster.consumer(c).committed();
    assert_eq!(
        committed,
        SortedMap::from([(TopicPartition::new("t", 0), 1)])
    );
}
