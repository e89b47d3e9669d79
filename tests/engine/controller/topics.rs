//! Topics come, grow and go, and what Kafka says when they can't.

use protocol::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use protocol::messages::create_topics::{CreatableReplicaAssignment, CreatableTopic};
use protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use protocol::{ErrorCode, Request, Response, Uuid};

use super::lab::{Lab, Verdict, by_count, by_hand, with_config};

const MANUAL: &str = "The manual partition assignment includes";

#[test]
fn refusals_are_kafkas_own_sentences() {
    let numbered = |name: &str, indexes: &[i32]| CreatableTopic {
        assignments: indexes
            .iter()
            .map(|index| CreatableReplicaAssignment {
                partition_index: *index,
                broker_ids: vec![1],
            })
            .collect(),
        ..by_count(name, -1, -1)
    };
    let rows: Vec<(CreatableTopic, ErrorCode, String)> = vec![
        (
            by_count("t", 1, 4),
            ErrorCode::InvalidReplicationFactor,
            "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached \
             because only 3 broker(s) are registered or some brokers have all their log directories cordoned."
                .into(),
        ),
        (
            by_count("t", 1, 0),
            ErrorCode::InvalidReplicationFactor,
            "Replication factor must be larger than 0, or -1 to use the default value.".into(),
        ),
        (
            by_count("t", 0, 1),
            ErrorCode::InvalidPartitions,
            "Number of partitions was set to an invalid non-positive value.".into(),
        ),
        (
            by_count("t", -2, 1),
            ErrorCode::InvalidPartitions,
            "Number of partitions was set to an invalid non-positive value.".into(),
        ),
        (
            by_count("a b", 1, 1),
            ErrorCode::InvalidTopicException,
            "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' \
             and '-'"
                .into(),
        ),
        (
            by_count("", 1, 1),
            ErrorCode::InvalidTopicException,
            "Topic name is invalid: the empty string is not allowed".into(),
        ),
        (by_count("a.b", 1, 1), ErrorCode::TopicAlreadyExists, "Topic 'a.b' already exists.".into()),
        (
            by_count("a_b", 1, 1),
            ErrorCode::InvalidTopicException,
            "Topic 'a_b' collides with existing topic: a.b".into(),
        ),
        (
            by_count("__cluster_metadata", 1, 1),
            ErrorCode::InvalidRequest,
            "Creation of internal topic __cluster_metadata is prohibited.".into(),
        ),
        (
            by_count("big", 100_000, 1),
            ErrorCode::PolicyViolation,
            "Excessively large number of partitions per request.".into(),
        ),
        (
            with_config(by_count("t", 1, 1), "retention.ms", "soon"),
            ErrorCode::InvalidConfig,
            "Invalid value soon for configuration retention.ms: Not a number of type LONG".into(),
        ),
        (
            with_config(by_count("t", 1, 1), "no.such.config", "1"),
            ErrorCode::InvalidConfig,
            "Unknown topic config name: no.such.config".into(),
        ),
        (
            by_hand("t", &[&[1], &[9]]),
            ErrorCode::InvalidReplicaAssignment,
            format!("{MANUAL} broker 9, but no such broker is registered."),
        ),
        (
            by_hand("t", &[&[1, 1]]),
            ErrorCode::InvalidReplicaAssignment,
            format!("{MANUAL} the broker 1 more than once."),
        ),
        (by_hand("t", &[&[]]), ErrorCode::InvalidReplicaAssignment, format!("{MANUAL} an empty replica list.")),
        (
            by_hand("t", &[&[1], &[2, 3]]),
            ErrorCode::InvalidReplicaAssignment,
            format!(
                "{MANUAL} a partition with 2 replica(s), but this is not consistent with previous partitions, which \
                 have 1 replica(s)."
            ),
        ),
        (
            numbered("t", &[0, 2]),
            ErrorCode::InvalidReplicaAssignment,
            "partitions should be a consecutive 0-based integer sequence".into(),
        ),
        (
            numbered("t", &[0, 0]),
            ErrorCode::InvalidReplicaAssignment,
            "Found multiple manual partition assignments for partition 0".into(),
        ),
        (
            CreatableTopic { replication_factor: 1, ..by_hand("t", &[&[1]]) },
            ErrorCode::InvalidRequest,
            "A manual partition assignment was specified, but replication factor was not set to -1.".into(),
        ),
        (
            CreatableTopic { num_partitions: 1, ..by_hand("t", &[&[1]]) },
            ErrorCode::InvalidRequest,
            "A manual partition assignment was specified, but numPartitions was not set to -1.".into(),
        ),
    ];
    let mut lab = Lab::new(3);
    lab.create_on("a.b", &[1]);
    let before = lab.controller.log().end_offset();
    for (topic, error, sentence) in rows {
        let name = topic.name.clone();
        assert_eq!(lab.create(topic), (error, Some(sentence)), "{name}");
    }
    assert_eq!(
        lab.controller.log().end_offset(),
        before,
        "nothing was written"
    );
}

#[test]
fn defaults_configs_and_ids_are_told() {
    let mut lab = Lab::new(1);
    let topic = with_config(by_count("orders", -1, -1), "retention.ms", "60000");
    let response = lab.create_all(vec![topic], false);
    let result = &response.topics[0];
    assert_eq!(
        (
            result.error_code,
            result.num_partitions,
            result.replication_factor
        ),
        (0, 1, 1)
    );
    let orders = lab.image().topic("orders").unwrap();
    assert_eq!(result.topic_id, orders.id);
    assert_ne!(orders.id, Uuid::ZERO);
    let configs = result.configs.as_ref().unwrap();
    assert_eq!(configs.len(), 33);
    let of = |name: &str| {
        let config = configs.iter().find(|config| config.name == name).unwrap();
        (config.value.clone().unwrap(), config.config_source)
    };
    assert_eq!(of("retention.ms"), ("60000".to_owned(), 1));
    assert_eq!(of("min.insync.replicas"), ("1".to_owned(), 3));
    assert_eq!(of("segment.bytes"), ("1073741824".to_owned(), 5));
    assert_eq!(lab.image().topic_config("orders", "retention.ms"), "60000");
    assert_eq!(
        lab.image().topic_config_i64("orders", "segment.bytes"),
        1_073_741_824
    );
}

#[test]
fn a_rehearsal_changes_nothing_and_duplicates_are_refused() {
    let mut lab = Lab::new(1);
    let response = lab.create_all(vec![by_count("t", 2, 1)], true);
    assert_eq!(response.topics[0].error_code, 0);
    assert_eq!(response.topics[0].num_partitions, 2);
    assert!(lab.image().topic("t").is_none());

    let response = lab.create_all(
        vec![
            by_count("t", 2, 1),
            by_count("ok", 1, 1),
            by_count("t", 1, 1),
        ],
        false,
    );
    let verdicts: Vec<(&str, i16, Option<&str>)> = response
        .topics
        .iter()
        .map(|t| (t.name.as_str(), t.error_code, t.error_message.as_deref()))
        .collect();
    assert_eq!(
        verdicts,
        [("t", 42, Some("Duplicate topic name.")), ("ok", 0, None)]
    );
}

#[test]
fn the_widest_request_is_served_and_the_next_wider_refused() {
    let mut lab = Lab::new(3);
    assert_eq!(lab.create(by_count("wide", 10_000, 3)).0, ErrorCode::None);
    assert_eq!(lab.image().topic("wide").unwrap().partition_count(), 10_000);
    assert_eq!(
        lab.create(by_count("wider", 10_001, 1)).0,
        ErrorCode::PolicyViolation
    );
    // Summed over the request, too.
    let topics = vec![by_count("a", 6_000, 1), by_count("b", 6_000, 1)];
    let response = lab.create_all(topics, false);
    assert!(
        response
            .topics
            .iter()
            .all(|topic| topic.error_code == ErrorCode::PolicyViolation.code())
    );
}

#[test]
fn without_a_live_broker_no_topic_is_made() {
    let mut lab = Lab::new(1);
    lab.pass(10_000);
    let sentence = "Unable to replicate the partition 1 time(s): All brokers are currently fenced, or have all their \
                    log directories cordoned.";
    let expected = (
        ErrorCode::InvalidReplicationFactor,
        Some(sentence.to_owned()),
    );
    assert_eq!(lab.create(by_count("t", 1, 1)), expected);
    let sentence = "All brokers specified in the manual partition assignment for partition 0 are fenced or in \
                    controlled shutdown.";
    let expected = (
        ErrorCode::InvalidReplicaAssignment,
        Some(sentence.to_owned()),
    );
    assert_eq!(lab.create(by_hand("t", &[&[1]])), expected);
}

#[test]
fn topics_are_deleted_by_name_and_by_id() {
    let mut lab = Lab::new(1);
    let (_, b) = (lab.create_on("a", &[1]), lab.create_on("b", &[1]));
    let mut delete = |name: Option<&str>, topic_id: Uuid| {
        let topics = vec![DeleteTopicState {
            name: name.map(str::to_owned),
            topic_id,
        }];
        let request = DeleteTopicsRequest {
            topics,
            ..Default::default()
        };
        let Response::DeleteTopics(response) = lab.ask(request) else {
            panic!()
        };
        let result = &response.responses[0];
        (ErrorCode::from_code(result.error_code), result.name.clone())
    };
    assert_eq!(
        delete(Some("missing"), Uuid::ZERO).0,
        ErrorCode::UnknownTopicOrPartition
    );
    assert_eq!(delete(None, Uuid([9; 16])).0, ErrorCode::UnknownTopicId);
    assert_eq!(delete(None, Uuid::ZERO).0, ErrorCode::InvalidRequest);
    assert_eq!(delete(Some("b"), b).0, ErrorCode::InvalidRequest);
    assert_eq!(
        delete(Some("a"), Uuid::ZERO),
        (ErrorCode::None, Some("a".to_owned()))
    );
    assert_eq!(delete(None, b), (ErrorCode::None, Some("b".to_owned())));
    assert_eq!(delete(None, b).0, ErrorCode::UnknownTopicId);
    assert_eq!(lab.image().topics().count(), 0);

    let reborn = lab.create_on("b", &[1]);
    assert_ne!(reborn, b, "the same name is another topic");
    let by_name = Request::DeleteTopics(DeleteTopicsRequest {
        topic_names: vec!["b".to_owned()],
        ..Default::default()
    });
    let Response::DeleteTopics(response) = lab.ask_in(1, by_name) else {
        panic!()
    };
    assert_eq!(response.responses[0].error_code, 0);
    assert!(lab.image().topic("b").is_none());
}

#[test]
fn partitions_only_grow() {
    let mut lab = Lab::new(3);
    assert_eq!(lab.create(by_count("orders", 6, 2)).0, ErrorCode::None);
    let unknown = grow(&mut lab, "missing", 6, None);
    assert_eq!(unknown, (ErrorCode::UnknownTopicOrPartition, None));
    for (count, sentence) in [
        (
            4,
            "The topic orders currently has 6 partition(s); 4 would not be an increase.",
        ),
        (6, "Topic already has 6 partition(s)."),
    ] {
        let expected = (ErrorCode::InvalidPartitions, Some(sentence.to_owned()));
        assert_eq!(grow(&mut lab, "orders", count, None), expected);
    }
    let sentence = "Excessively large number of partitions per request.".to_owned();
    let expected = (ErrorCode::PolicyViolation, Some(sentence));
    assert_eq!(grow(&mut lab, "orders", 100_000, None), expected);
    let sentence =
        "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.";
    let expected = (
        ErrorCode::InvalidReplicaAssignment,
        Some(sentence.to_owned()),
    );
    assert_eq!(grow(&mut lab, "orders", 8, Some(&[&[1, 2]])), expected);

    assert_eq!(grow(&mut lab, "orders", 7, None).0, ErrorCode::None);
    assert_eq!(
        grow(&mut lab, "orders", 8, Some(&[&[3, 1]])).0,
        ErrorCode::None
    );
    assert_eq!(lab.image().topic("orders").unwrap().partition_count(), 8);
    assert_eq!(lab.partition("orders", 6).replicas.len(), 2);
    let last = lab.partition("orders", 7);
    assert_eq!(
        (last.replicas, last.leader, last.leader_epoch),
        (vec![3, 1], 3, 0)
    );
}

fn grow(lab: &mut Lab, name: &str, count: i32, assignments: Option<&[&[i32]]>) -> Verdict {
    let by_hand = |replicas: &&[i32]| CreatePartitionsAssignment {
        broker_ids: replicas.to_vec(),
    };
    let topic = CreatePartitionsTopic {
        name: name.to_owned(),
        count,
        assignments: assignments.map(|all| all.iter().map(by_hand).collect()),
    };
    let request = CreatePartitionsRequest {
        topics: vec![topic],
        ..Default::default()
    };
    let Response::CreatePartitions(response) = lab.ask(request) else {
        panic!()
    };
    let result = &response.results[0];
    (
        ErrorCode::from_code(result.error_code),
        result.error_message.clone(),
    )
}
