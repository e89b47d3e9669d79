//! What cannot be is said in a sentence, with an exit code.

use std::net::TcpListener;

use protocol::Response;
use protocol::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};

use crate::server::{Server, run};

/// The code and the sentence of a `serve` that does not start.
fn refused(args: &[&str]) -> (i32, String) {
    let ended = run(&[&["serve"], args].concat());
    assert_eq!(ended.stdout, "", "{ended:?}");
    (ended.code.unwrap(), ended.stderr)
}

#[test]
fn wrong_options_end_with_code_2_and_say_what_is_right() {
    for (args, what) in [
        (&["--brokers", "0"][..], "1..=9"),
        (&["--brokers", "ten"], "invalid"),
        (&["--port", "70000"], "65535"),
        (&["--topic", "songs"], "NAME:PARTITIONS"),
        (&["--set", "zookeeper.connect=x"], "honours"),
        (&["--set", "num.partitions=0"], "at least 1"),
        (&["--dance"], "--dance"),
    ] {
        let (code, sentence) = refused(args);
        assert_eq!(code, 2, "{sentence}");
        assert!(sentence.contains(what), "{args:?}: {sentence}");
    }
}

#[test]
fn what_the_machine_refuses_ends_with_code_1_and_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (args, what) in [
        (&["--port", port.as_str()][..], "in use"),
        (&["--port", "65535", "--brokers", "2"], "no ports"),
        (&["--host", "0.0.0.0"], "--allow-remote"),
        (
            &["--host", "0.0.0.0", "--allow-remote"],
            "--advertised-host",
        ),
        (&["--host", "no.such.host.invalid"], "no.such.host.invalid"),
        (&["--record", "/no/such/folder/file"], "/no/such/folder"),
    ] {
        let (code, sentence) = refused(args);
        assert_eq!(code, 1, "{sentence}");
        assert!(
            sentence.contains(what) && sentence.lines().count() == 1,
            "{args:?}: {sentence}"
        );
    }
}

#[test]
fn an_open_server_warns_and_tells_clients_where_to_go() {
    let args = [
        "--host",
        "0.0.0.0",
        "--allow-remote",
        "--advertised-host",
        "127.0.0.1",
        "--topic",
        "songs:1",
    ];
    let server = Server::start(&args);
    let metadata = server.connect(1).metadata("songs");
    assert_eq!(metadata.brokers[0].host, "127.0.0.1");
    assert!(server.complains_of("warning").contains("authentication"));
}

#[test]
fn settings_are_the_brokers_own() {
    let args = [
        "--set",
        "num.partitions=4",
        "--set",
        "log.retention.ms=86400000",
        "--set",
        "auto.create.topics.enable=false",
    ];
    let server = Server::start(&args);
    let mut peer = server.connect(1);
    let broker = DescribeConfigsResource {
        resource_type: 4,
        resource_name: "1".into(),
        configuration_keys: None,
    };
    let request = DescribeConfigsRequest {
        resources: vec![broker],
        ..DescribeConfigsRequest::default()
    };
    let Response::DescribeConfigs(response) = peer.ask(request, 4) else {
        panic!("no answer")
    };
    for (name, value, source) in [
        ("num.partitions", "4", 4),
        ("log.retention.ms", "86400000", 3),
        ("auto.create.topics.enable", "false", 4),
    ] {
        let mut configs = response.results[0].configs.iter();
        let config = configs.find(|config| config.name == name).unwrap();
        assert_eq!(
            (config.value.as_deref(), config.config_source),
            (Some(value), source),
            "{name}"
        );
    }
    assert_ne!(peer.metadata("songs").topics[0].error_code, 0);
}
