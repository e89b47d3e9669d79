//! Configurations are set, extended, reduced and removed.

use protocol::messages::alter_configs::{self, AlterConfigsRequest};
use protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use protocol::{ErrorCode, Response};

use super::lab::{Lab, Verdict};

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;
const TOPIC: i8 = 2;
const BROKER: i8 = 4;

#[test]
fn single_keys_change_and_the_rest_stays() {
    let mut lab = Lab::new(1);
    lab.create_on("t", &[1]);
    let policy = |lab: &Lab| lab.image().topic_config("t", "cleanup.policy");
    let steps: [(&str, i8, Option<&str>, &str); 6] = [
        ("retention.ms", SET, Some("60000"), "delete"),
        ("cleanup.policy", APPEND, Some("compact"), "delete,compact"),
        ("cleanup.policy", APPEND, Some("compact"), "delete,compact"),
        ("cleanup.policy", SUBTRACT, Some("delete"), "compact"),
        ("cleanup.policy", SUBTRACT, Some("compact"), ""),
        ("cleanup.policy", DELETE, None, "delete"),
    ];
    for (key, operation, value, expected) in steps {
        assert_eq!(
            alter(&mut lab, TOPIC, "t", &[(key, operation, value)]).0,
            ErrorCode::None
        );
        assert_eq!(policy(&lab), expected);
        assert_eq!(lab.image().topic_config("t", "retention.ms"), "60000");
    }
    let before = lab.controller.log().end_offset();
    assert_eq!(
        alter(
            &mut lab,
            TOPIC,
            "t",
            &[("retention.ms", SET, Some("60000"))]
        )
        .0,
        ErrorCode::None
    );
    assert_eq!(
        lab.controller.log().end_offset(),
        before,
        "what is so already is not written"
    );
}

#[test]
fn the_old_request_replaces_everything() {
    let mut lab = Lab::new(1);
    lab.create_on("t", &[1]);
    alter(
        &mut lab,
        TOPIC,
        "t",
        &[("retention.ms", SET, Some("60000"))],
    );
    let config = alter_configs::AlterableConfig {
        name: "segment.ms".to_owned(),
        value: Some("5000".to_owned()),
    };
    let resource = alter_configs::AlterConfigsResource {
        resource_type: TOPIC,
        resource_name: "t".to_owned(),
        configs: vec![config],
    };
    let request = AlterConfigsRequest {
        resources: vec![resource],
        validate_only: false,
    };
    let Response::AlterConfigs(response) = lab.ask(request) else {
        panic!()
    };
    assert_eq!(response.responses[0].error_code, 0);
    assert_eq!(lab.image().topic_config("t", "retention.ms"), "604800000");
    assert_eq!(lab.image().topic_config("t", "segment.ms"), "5000");
}

#[test]
fn refusals_are_kafkas_own_sentences() {
    let mut lab = Lab::new(1);
    lab.create_on("t", &[1]);
    let long = "x".repeat(40_000);
    type Row<'a> = (
        i8,
        &'a str,
        (&'a str, i8, Option<&'a str>),
        ErrorCode,
        &'a str,
    );
    let rows: [Row<'_>; 12] = [
        (
            TOPIC,
            "t",
            ("retention.ms", SET, Some("never")),
            ErrorCode::InvalidConfig,
            "Invalid value never for configuration retention.ms: Not a number of type LONG",
        ),
        (
            TOPIC,
            "t",
            ("no.such", SET, Some("1")),
            ErrorCode::InvalidConfig,
            "Unknown topic config name: no.such",
        ),
        (
            TOPIC,
            "missing",
            ("retention.ms", SET, Some("1")),
            ErrorCode::UnknownTopicOrPartition,
            "The topic 'missing' does not exist.",
        ),
        (
            TOPIC,
            "",
            ("retention.ms", SET, Some("1")),
            ErrorCode::InvalidRequest,
            "Default topic resources are not allowed.",
        ),
        (
            TOPIC,
            "t",
            ("retention.ms", APPEND, Some("1")),
            ErrorCode::InvalidConfig,
            "Can't APPEND to key retention.ms because its type is not LIST.",
        ),
        (
            TOPIC,
            "t",
            ("retention.ms", SET, None),
            ErrorCode::InvalidRequest,
            "Null value not supported for : retention.ms",
        ),
        (
            TOPIC,
            "t",
            ("retention.ms", 7, Some("1")),
            ErrorCode::InvalidRequest,
            "Unknown operation type 7",
        ),
        (
            TOPIC,
            "t",
            ("cleanup.policy", SET, Some(&long)),
            ErrorCode::InvalidConfig,
            "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.",
        ),
        (
            BROKER,
            "1",
            ("num.partitions", SET, Some("3")),
            ErrorCode::InvalidRequest,
            "Cannot update these configs dynamically: [num.partitions]",
        ),
        (
            BROKER,
            "one",
            ("log.retention.ms", SET, Some("3")),
            ErrorCode::InvalidRequest,
            "Unable to parse broker name as a base 10 number.",
        ),
        (
            BROKER,
            "1",
            ("min.insync.replicas", SET, Some("2")),
            ErrorCode::InvalidConfig,
            "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
        ),
        (
            BROKER,
            "",
            ("min.insync.replicas", DELETE, None),
            ErrorCode::InvalidConfig,
            "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
        ),
    ];
    let before = lab.controller.log().end_offset();
    for (kind, name, change, error, sentence) in rows {
        let verdict = alter(&mut lab, kind, name, &[change]);
        assert_eq!(verdict, (error, Some(sentence.to_owned())));
    }
    let twice = [("a", SET, Some("1")), ("a", SET, Some("2"))];
    let sentence = "Error due to duplicate config keys : a".to_owned();
    assert_eq!(
        alter(&mut lab, TOPIC, "t", &twice),
        (ErrorCode::InvalidRequest, Some(sentence))
    );
    assert_eq!(
        lab.controller.log().end_offset(),
        before,
        "nothing was written"
    );
}

#[test]
fn a_cluster_wide_value_is_the_default_of_every_topic() {
    let mut lab = Lab::new(1);
    lab.create_on("t", &[1]);
    assert_eq!(
        alter(
            &mut lab,
            BROKER,
            "",
            &[("log.retention.ms", SET, Some("60000"))]
        )
        .0,
        ErrorCode::None
    );
    assert_eq!(lab.image().topic_config("t", "retention.ms"), "60000");
    assert_eq!(
        alter(&mut lab, TOPIC, "t", &[("retention.ms", SET, Some("7"))]).0,
        ErrorCode::None
    );
    assert_eq!(lab.image().topic_config("t", "retention.ms"), "7");
}

/// Changes some keys of one resource.
pub fn alter(lab: &mut Lab, kind: i8, name: &str, changes: &[(&str, i8, Option<&str>)]) -> Verdict {
    let config = |(key, operation, value): &(&str, i8, Option<&str>)| AlterableConfig {
        name: (*key).to_owned(),
        config_operation: *operation,
        value: value.map(str::to_owned),
    };
    let resource = AlterConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configs: changes.iter().map(config).collect(),
    };
    let request = IncrementalAlterConfigsRequest {
        resources: vec![resource],
        ..Default::default()
    };
    let Response::IncrementalAlterConfigs(response) = lab.ask(request) else {
        panic!()
    };
    let result = &response.responses[0];
    (
        ErrorCode::from_code(result.error_code),
        result.error_message.clone(),
    )
}
