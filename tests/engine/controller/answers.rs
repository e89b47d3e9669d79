//! What brokers answer from the metadata alone.

use engine::api::describe_cluster::describe_cluster;
use engine::api::describe_configs::describe_configs;
use engine::api::describe_topic_partitions::describe_topic_partitions;
use engine::api::facts::BrokerFacts;
use engine::api::metadata::{metadata, topics_to_create};
use engine::broker::config::BrokerConfig;
use engine::net::Address;
use protocol::messages::describe_cluster::DescribeClusterRequest;
use protocol::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResult,
};
use protocol::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, TopicRequest,
};
use protocol::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use protocol::{ErrorCode, Uuid};

use super::configs::alter;
use super::lab::{CLUSTER, Lab, by_count, by_hand};

fn facts() -> BrokerFacts {
    let listen = Address::new("localhost", 8098);
    let mut config = BrokerConfig::new(1, listen, Address::new("localhost", 8199), CLUSTER);
    config.offsets_partitions = 5;
    BrokerFacts::new(&config, 1)
}

fn named(name: &str) -> MetadataRequestTopic {
    MetadataRequestTopic {
        name: Some(name.to_owned()),
        ..Default::default()
    }
}

#[test]
fn metadata_tells_of_all_some_or_no_topics() {
    let mut lab = Lab::new(2);
    let a = lab.create_on("a", &[1, 2]);
    lab.create_on("__consumer_offsets", &[1]);
    let ask = |topics: Option<Vec<MetadataRequestTopic>>, version: i16| {
        let request = MetadataRequest {
            topics,
            ..Default::default()
        };
        let response = metadata(lab.image(), &facts(), &request, version);
        let topics = response.topics.into_iter();
        topics
            .map(|t| {
                (
                    t.name.unwrap_or_default(),
                    t.error_code,
                    t.partitions.len(),
                    t.is_internal,
                )
            })
            .collect::<Vec<_>>()
    };
    let all = vec![
        ("__consumer_offsets".to_owned(), 0, 1, true),
        ("a".to_owned(), 0, 1, false),
    ];
    assert_eq!(ask(None, 13), all);
    assert_eq!(ask(Some(Vec::new()), 0), all, "version 0 has no null");
    assert_eq!(ask(Some(Vec::new()), 1), []);
    let wanted = vec![
        named("a"),
        named("missing"),
        named("a b"),
        MetadataRequestTopic {
            topic_id: a,
            name: None,
        },
        MetadataRequestTopic {
            topic_id: Uuid([9; 16]),
            name: None,
        },
    ];
    let expected = [
        ("a".to_owned(), 0, 1, false),
        (
            "missing".to_owned(),
            ErrorCode::UnknownTopicOrPartition.code(),
            0,
            false,
        ),
        (
            "a b".to_owned(),
            ErrorCode::InvalidTopicException.code(),
            0,
            false,
        ),
        ("a".to_owned(), 0, 1, false),
        (String::new(), ErrorCode::UnknownTopicId.code(), 0, false),
    ];
    assert_eq!(ask(Some(wanted.clone()), 13), expected);
    let by_id = vec![MetadataRequestTopic {
        topic_id: a,
        name: None,
    }];
    let refused = (String::new(), ErrorCode::InvalidRequest.code(), 0, false);
    assert_eq!(ask(Some(by_id), 11), [refused]);
    let request = MetadataRequest {
        topics: Some(wanted),
        ..Default::default()
    };
    assert_eq!(topics_to_create(lab.image(), &request), ["missing"]);
    let request = MetadataRequest {
        allow_auto_topic_creation: false,
        ..request
    };
    assert!(topics_to_create(lab.image(), &request).is_empty());
}

#[test]
fn metadata_tells_who_lives_and_who_leads() {
    let mut lab = Lab::new(2);
    lab.create_on("t", &[1, 2]);
    lab.pass_with(10_000, &[2]);
    let response = metadata(lab.image(), &facts(), &MetadataRequest::default(), 13);
    assert_eq!(response.cluster_id.as_deref(), Some(CLUSTER));
    assert_eq!(response.controller_id, 2, "node 1 does not answer");
    let brokers: Vec<(i32, &str, i32)> = response
        .brokers
        .iter()
        .map(|b| (b.node_id, b.host.as_str(), b.port))
        .collect();
    assert_eq!(brokers, [(2, "localhost", 8099)]);
    assert_eq!(response.cluster_authorized_operations, i32::MIN);
    let request = MetadataRequest {
        topics: None,
        include_topic_authorized_operations: true,
        ..Default::default()
    };
    let response = metadata(lab.image(), &facts(), &request, 13);
    let topic = &response.topics[0];
    assert_eq!(topic.topic_authorized_operations, 3576);
    let partition = &topic.partitions[0];
    assert_eq!(
        (
            partition.leader_id,
            partition.leader_epoch,
            partition.error_code
        ),
        (2, 1, 0)
    );
    assert_eq!(
        (&partition.isr_nodes, &partition.offline_replicas),
        (&vec![2], &vec![1])
    );

    lab.pass(10_000);
    let response = metadata(lab.image(), &facts(), &request, 13);
    let partition = &response.topics[0].partitions[0];
    assert_eq!(
        (partition.leader_id, partition.error_code),
        (-1, ErrorCode::LeaderNotAvailable.code())
    );
    assert_eq!(response.controller_id, -1);
}

#[test]
fn partitions_are_described_page_by_page() {
    let mut lab = Lab::new(1);
    for name in ["a", "b", "c"] {
        assert_eq!(lab.create(by_count(name, 3, 1)).0, ErrorCode::None);
    }
    let mut request = DescribeTopicPartitionsRequest {
        response_partition_limit: 4,
        ..Default::default()
    };
    let mut pages = Vec::new();
    loop {
        let response = describe_topic_partitions(lab.image(), &request);
        let topics = response.topics.iter();
        pages.push(
            topics
                .flat_map(|t| {
                    t.partitions
                        .iter()
                        .map(|p| format!("{}{}", t.name.as_deref().unwrap(), p.partition_index))
                })
                .collect::<Vec<_>>()
                .join(" "),
        );
        match response.next_cursor {
            Some(cursor) => request.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(pages, ["a0 a1 a2 b0", "b1 b2 c0 c1", "c2"]);

    let topic = |name: &str| TopicRequest {
        name: name.to_owned(),
    };
    let request = DescribeTopicPartitionsRequest {
        topics: vec![topic("missing"), topic("b"), topic("a/b"), topic("a")],
        cursor: Some(Cursor {
            topic_name: "b".to_owned(),
            partition_index: 2,
        }),
        ..Default::default()
    };
    let response = describe_topic_partitions(lab.image(), &request);
    let topics: Vec<(&str, i16, usize)> = response
        .topics
        .iter()
        .map(|t| (t.name.as_deref().unwrap(), t.error_code, t.partitions.len()))
        .collect();
    assert_eq!(topics, [("b", 0, 1), ("missing", 3, 0)]);
    assert_eq!(
        response.topics[0].partitions[0]
            .eligible_leader_replicas
            .as_deref(),
        Some(&[][..])
    );
    assert_eq!(response.next_cursor, None);
}

#[test]
fn a_cluster_is_described_with_its_fenced_brokers_on_request() {
    let mut lab = Lab::new(2);
    lab.pass_with(10_000, &[1]);
    let mut request = DescribeClusterRequest::default();
    let ids = |request: &DescribeClusterRequest| {
        let response = describe_cluster(lab.image(), &facts(), request);
        assert_eq!(
            (response.cluster_id.as_str(), response.controller_id),
            (CLUSTER, 1)
        );
        response
            .brokers
            .iter()
            .map(|b| (b.broker_id, b.is_fenced))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&request), [(1, false)]);
    request.include_fenced_brokers = true;
    assert_eq!(ids(&request), [(1, false), (2, true)]);
    request.endpoint_type = 2;
    let code = describe_cluster(lab.image(), &facts(), &request).error_code;
    assert_eq!(code, ErrorCode::MismatchedEndpointType.code());
}

fn described(lab: &Lab, kind: i8, name: &str) -> DescribeConfigsResult {
    let resource = DescribeConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configuration_keys: None,
    };
    let request = DescribeConfigsRequest {
        resources: vec![resource],
        include_synonyms: true,
        ..Default::default()
    };
    describe_configs(lab.image(), &facts(), &request)
        .results
        .remove(0)
}

/// One line per key, as `kafka-configs --describe --all` prints them, with the source's number.
fn lines(result: &DescribeConfigsResult) -> Vec<String> {
    let null = || "null".to_owned();
    let line = |c: &protocol::messages::describe_configs::DescribeConfigsResourceResult| {
        let synonyms = c.synonyms.iter().map(|s| {
            format!(
                "{}:{}={}",
                s.source,
                s.name,
                s.value.clone().unwrap_or_else(null)
            )
        });
        let synonyms = synonyms.collect::<Vec<_>>().join(", ");
        format!(
            "{}={} {} {{{synonyms}}}",
            c.name,
            c.value.clone().unwrap_or_else(null),
            c.config_source
        )
    };
    result.configs.iter().map(line).collect()
}

#[test]
fn a_topics_configs_say_where_they_come_from() {
    let mut lab = Lab::new(1);
    lab.create_on("t", &[1]);
    alter(
        &mut lab,
        2,
        "t",
        &[
            ("retention.ms", 0, Some("60000")),
            ("cleanup.policy", 0, Some("compact")),
        ],
    );
    alter(&mut lab, 2, "t", &[("min.insync.replicas", 0, Some("2"))]);
    let result = described(&lab, 2, "t");
    let all = lines(&result);
    let changed: Vec<&String> = all.iter().filter(|line| !line.contains(" 5 {")).collect();
    // In the order in which kafka-topics shows them.
    assert_eq!(
        changed,
        [
            "min.insync.replicas=2 1 {1:min.insync.replicas=2, 3:min.insync.replicas=1, 5:min.insync.replicas=1}",
            "cleanup.policy=compact 1 {1:cleanup.policy=compact, 5:log.cleanup.policy=delete}",
            "retention.ms=60000 1 {1:retention.ms=60000}",
        ]
    );
    assert_eq!(all.len(), 33);
    for line in [
        "segment.ms=604800000 5 {}",
        "flush.ms=9223372036854775807 5 {}",
        "remote.storage.enable=false 5 {}",
        "max.message.bytes=1048588 5 {5:message.max.bytes=1048588}",
        "compression.type=producer 5 {5:compression.type=producer}",
    ] {
        assert!(all.iter().any(|found| found == line), "{line}");
    }
    alter(&mut lab, 4, "", &[("log.retention.ms", 0, Some("1"))]);
    alter(&mut lab, 2, "t", &[("retention.ms", 1, None)]);
    let all = lines(&described(&lab, 2, "t"));
    assert!(
        all.contains(
            &"retention.ms=1 3 {3:log.retention.ms=1, 5:log.retention.hours=168}".to_owned()
        ),
        "{all:?}"
    );

    assert_eq!(
        described(&lab, 2, "missing").error_code,
        ErrorCode::UnknownTopicOrPartition.code()
    );
    assert_eq!(
        described(&lab, 99, "t").error_code,
        ErrorCode::InvalidRequest.code()
    );
}

#[test]
fn a_brokers_configs_say_where_they_come_from() {
    let mut lab = Lab::new(1);
    alter(&mut lab, 4, "1", &[("no.such", 0, Some("1"))]);
    alter(&mut lab, 4, "", &[("log.retention.ms", 0, Some("60000"))]);
    let result = described(&lab, 4, "1");
    let all = lines(&result);
    for line in [
        "log.retention.ms=60000 3 {3:log.retention.ms=60000, 5:log.retention.hours=168}",
        "min.insync.replicas=1 3 {3:min.insync.replicas=1, 5:min.insync.replicas=1}",
        "offsets.topic.num.partitions=5 4 {4:offsets.topic.num.partitions=5, 5:offsets.topic.num.partitions=50}",
        "advertised.listeners=PLAINTEXT://localhost:8098 4 {4:advertised.listeners=PLAINTEXT://localhost:8098}",
        "broker.id=1 4 {4:broker.id=1, 5:broker.id=-1}",
        "log.roll.ms=null 5 {}",
        "log.roll.hours=168 5 {5:log.roll.hours=168}",
        "no.such=null 2 {2:no.such=null}",
    ] {
        assert!(all.iter().any(|found| found == line), "{line} in {all:#?}");
    }
    let by_name = |name: &str| {
        result
            .configs
            .iter()
            .find(|config| config.name == name)
            .unwrap()
    };
    assert!(by_name("no.such").is_sensitive);
    assert!(by_name("node.id").read_only && !by_name("message.max.bytes").read_only);
    assert_eq!(
        lines(&described(&lab, 4, "")),
        [
            "log.retention.ms=60000 3 {3:log.retention.ms=60000}",
            "min.insync.replicas=1 3 {3:min.insync.replicas=1}"
        ]
    );
    for (name, sentence) in [
        (
            "2",
            "Unexpected broker id, expected 1 or empty string, but received 2",
        ),
        ("one", "Broker id must be an integer, but it is: one"),
    ] {
        let result = described(&lab, 4, name);
        assert_eq!(
            (result.error_code, result.error_message.as_deref()),
            (42, Some(sentence))
        );
    }
}

#[test]
fn only_the_keys_asked_for_are_told() {
    let mut lab = Lab::new(1);
    assert_eq!(lab.create(by_hand("t", &[&[1]])).0, ErrorCode::None);
    let resource = DescribeConfigsResource {
        resource_type: 2,
        resource_name: "t".to_owned(),
        configuration_keys: Some(vec!["retention.ms".to_owned(), "no.such".to_owned()]),
    };
    let request = DescribeConfigsRequest {
        resources: vec![resource],
        ..Default::default()
    };
    let result = describe_configs(lab.image(), &facts(), &request)
        .results
        .remove(0);
    assert_eq!(lines(&result), ["retention.ms=604800000 5 {}"]);
    assert_eq!(result.configs[0].config_type, 5);
}
