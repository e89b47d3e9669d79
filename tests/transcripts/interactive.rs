//! At a terminal: prompts, Ctrl-C, Ctrl-D, the container, the lecture as it is typed.

use shell::screen::{RecordRef, Stream, Tone};
use world::input::Pace;

use crate::sitting::Sitting;

const PRODUCER: &str =
    "kafka-console-producer --bootstrap-server localhost:8098 --topic secret_channel";
const CONSUMER: &str = "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel --from-beginning";
const CREATE: &str = "kafka-topics --create --topic secret_channel --bootstrap-server localhost:8098 --partitions 3 --replication-factor 1";

#[test]
fn the_lecture_from_an_empty_machine() {
    let mut sitting = Sitting::new(Pace::Teaching);
    assert_eq!(
        sitting.run("docker exec -it kafka bash")[0],
        "Error response from daemon: No such container: kafka"
    );
    assert!(
        sitting.run("conda create -n kafka python=3.10")[0].contains("nothing needs installing")
    );
    assert!(
        sitting.run("pip3 install kafka-python pyspark ipykernel pendulum numpy")[0]
            .contains("nothing needs")
    );
    let up = sitting.run("docker-compose -f docker-compose.yml up -d");
    assert!(
        up.iter()
            .any(|line| line.contains("Container kafka") && line.contains("Started")),
        "{up:?}"
    );
    sitting.run("docker exec -it kafka bash");
    assert_eq!(sitting.terminal().prompt(), "[appuser@kafka ~]$ ");
    let created = sitting.run("kafka-topics --create --topic example-topic --bootstrap-server localhost:8098 --partitions 1 --replication-factor 1");
    assert_eq!(created, ["Created topic example-topic."]);
    assert_eq!(
        sitting.run("kafka-topics --list --bootstrap-server localhost:8098"),
        ["example-topic"]
    );
    assert!(
        sitting
            .run("kafka-topics --describe --topic example-topic --bootstrap-server localhost:8098")
            [0]
        .starts_with("Topic: example-topic\t")
    );
    assert!(
        sitting
            .run("kafka-topics --delete --topic example-topic --bootstrap-server localhost:8098")
            .is_empty()
    );
    sitting.run("kafka-topics --create --topic secret_channel --bootstrap-server localhost:8098 --partitions 1 --replication-factor 1");
    sitting.enter("kafka-console-producer --broker-list localhost:8098 --topic secret_channel");
    sitting.pass(1.0);
    assert_eq!(sitting.terminal().prompt(), ">");
    sitting.enter("{'agent_id': 'nfsturm', 'message': 'Bacalhau was ordered from the fishmonger. Due to arrive on Friday.'}\n{'agent_id': 'ennius', 'message': 'Pastel de Nata shipment intercepted.'}");
    sitting.pass(5.0);
    let first = sitting.id;
    sitting.id = sitting.shell.open_terminal();
    sitting.run("docker exec -it kafka");
    assert_eq!(
        sitting.lines()[1],
        "docker exec wants a command to run in the container; bash was assumed"
    );
    sitting.enter("kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel --from-beginning");
    sitting.pass(10.0);
    let read = sitting.lines();
    assert!(
        read.iter().any(|line| line
            == "{'agent_id': 'ennius', 'message': 'Pastel de Nata shipment intercepted.'}"),
        "{read:?}"
    );
    let second = sitting.id;
    sitting.id = first;
    sitting.enter("one more");
    sitting.pass(6.0);
    sitting.ctrl_d();
    assert_eq!(sitting.terminal().prompt(), "[appuser@kafka ~]$ ");
    sitting.run("exit");
    assert_eq!(sitting.terminal().prompt(), "$ ");
    sitting.id = second;
    assert_eq!(sitting.lines().last().map(String::as_str), Some("one more"));
    sitting.ctrl_c("");
    assert_eq!(
        sitting.lines().last().map(String::as_str),
        Some("^CProcessed a total of 3 messages")
    );
    assert_eq!(sitting.status(), 130);
}

#[test]
fn the_producer_prompts_and_reads_lines() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.run(CREATE);
    sitting.run("clear");
    sitting.enter(PRODUCER);
    sitting.pass(1.0);
    for line in ["first", "second", ""] {
        sitting.enter(line);
        sitting.pass(0.1);
        assert_eq!(sitting.terminal().prompt(), ">");
    }
    sitting.ctrl_d();
    assert_eq!(sitting.lines()[1..], [">first", ">second", ">", ">"]);
    assert_eq!(sitting.status(), 0);
    sitting.enter(PRODUCER);
    sitting.pass(1.0);
    sitting.enter("third");
    sitting.pass(0.1);
    sitting.ctrl_c("half");
    assert_eq!(sitting.lines().last().map(String::as_str), Some(">half^C"));
    assert_eq!(
        (sitting.terminal().prompt(), sitting.status()),
        ("$ ".to_owned(), 130)
    );
    sitting.enter(CONSUMER);
    sitting.pass(3.0);
    sitting.ctrl_c("");
    assert_eq!(
        sitting.lines().last().map(String::as_str),
        Some("^CProcessed a total of 4 messages")
    );
}

#[test]
fn a_line_without_its_key_ends_the_producer() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.run(CREATE);
    sitting.enter(&format!("{PRODUCER} --reader-property parse.key=true"));
    sitting.pass(1.0);
    sitting.enter("nokey");
    sitting.pass(3.0);
    let error =
        "org.apache.kafka.common.KafkaException: No key separator found on line number 1: 'nokey'";
    assert_eq!(sitting.lines().last().map(String::as_str), Some(error));
    assert_eq!(sitting.status(), 1);
}

#[test]
fn a_topic_that_is_made_on_the_way_holds_the_prompt_back() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.enter("kafka-console-producer --bootstrap-server localhost:8098 --topic nowhere");
    sitting.pass(1.0);
    sitting.enter("x");
    sitting.pass(2.0);
    sitting.enter("y");
    sitting.pass(1.0);
    let lines = sitting.lines();
    let at = lines
        .iter()
        .position(|line| line == ">x")
        .expect("the echo");
    assert!(
        lines[at + 1].contains("{nowhere=UNKNOWN_TOPIC_OR_PARTITION}"),
        "{lines:?}"
    );
    assert_eq!(lines[at + 2], ">y");
}

#[test]
fn ctrl_c_does_not_wait_for_a_cluster_that_is_gone() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.run(CREATE);
    sitting.enter(PRODUCER);
    sitting.pass(1.0);
    sitting.enter("a");
    sitting.pass(3.0);
    let first = sitting.id;
    sitting.id = sitting.shell.open_terminal();
    sitting.run("docker-compose down");
    sitting.id = first;
    sitting.enter("b");
    sitting.pass(1.0);
    sitting.ctrl_c("");
    sitting.pass(2.0);
    assert_eq!(sitting.terminal().prompt(), "$ ");
    assert_eq!(sitting.status(), 130);
    assert_eq!(sitting.world.clients().count(), 0);
}

#[test]
fn nobody_listens() {
    let mut sitting = Sitting::new(Pace::Teaching);
    sitting.enter("kafka-topics --list --bootstrap-server localhost:8098");
    sitting.pass(10.0);
    let warnings = sitting.stream(Stream::Err);
    assert!(
        (5..=25).contains(&warnings.len()),
        "about one a second: {}",
        warnings.len()
    );
    assert!(warnings[0].ends_with("WARN [AdminClient clientId=adminclient-1] Connection to node -1 (localhost/127.0.0.1:8098) could not be established. Node may not be available. (org.apache.kafka.clients.NetworkClient)"), "{}", warnings[0]);
    sitting.ctrl_c("");
    assert_eq!(sitting.status(), 130);
    sitting.enter("kafka-topics --list --bootstrap-server localhost:8098");
    sitting.pass(70.0);
    let said = sitting.stream(Stream::Out);
    assert_eq!(
        said,
        [
            "Error while executing topic command : Timed out waiting for a node assignment. Call: listTopics"
        ]
    );
    assert_eq!(sitting.status(), 1);
}

#[test]
fn consumer_lines_know_their_record() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.run(CREATE);
    sitting.run("echo hello | kafka-console-producer --bootstrap-server localhost:8098 --topic secret_channel");
    sitting.run(&format!("{CONSUMER} --max-messages 1"));
    let record = sitting
        .terminal()
        .lines()
        .find_map(|line| line.record.clone());
    assert!(
        matches!(record, Some(RecordRef { topic, offset: 0, .. }) if topic == "secret_channel")
    );
}

#[test]
fn tools_have_all_their_names_and_nothing_else_does() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    for name in [
        "kafka-topics.sh",
        "/opt/kafka/bin/kafka-topics.sh",
        "/opt/kafka_2.13-4.3.1/bin/kafka-topics.sh",
    ] {
        assert_eq!(
            sitting.run(&format!("{name} --version")),
            ["4.3.1"],
            "{name}"
        );
    }
    assert_eq!(
        sitting.run("docker exec kafka kafka-topics --version"),
        ["4.3.1"]
    );
    assert_eq!(
        sitting.run("kafka-topisc --list"),
        [
            "bash: kafka-topisc: command not found",
            "did you mean kafka-topics?"
        ]
    );
    assert_eq!(sitting.status(), 127);
}

#[test]
fn down_takes_the_container_away() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.run(CREATE);
    sitting.run("docker exec -it kafka bash");
    let inside = sitting.id;
    sitting.run("echo x > note");
    sitting.id = sitting.shell.open_terminal();
    sitting.run("docker compose down");
    sitting.run("docker compose up -d");
    assert_eq!(
        sitting.run("kafka-topics --list --bootstrap-server localhost:8098"),
        [""]
    );
    sitting.run("docker compose down");
    sitting.id = inside;
    sitting.run("pwd");
    assert_eq!(
        sitting.lines().last().map(String::as_str),
        Some("/home/you")
    );
}

#[test]
fn jobs_run_behind_and_come_forward() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    assert_eq!(sitting.run("sleep 100 &"), ["[1] 4001"]);
    assert_eq!(sitting.run("jobs").len(), 1);
    sitting.run("kill %1");
    assert!(
        sitting
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("[1]+  Terminated")),
        "{:?}",
        sitting.lines()
    );
    assert!(sitting.run("jobs").is_empty());
    sitting.run("sleep 2 && echo done &");
    sitting.enter("fg");
    sitting.pass(3.0);
    assert_eq!(sitting.lines().last().map(String::as_str), Some("done"));
    assert_eq!(sitting.run("kill %7"), ["bash: kill: %7: no such job"]);
}

#[test]
fn what_is_typed_ahead_waits_for_its_reader() {
    let mut sitting = Sitting::with_cluster(Pace::Real);
    sitting.enter("sleep 1\necho later");
    sitting.pass(0.5);
    assert!(!sitting.lines().contains(&"later".to_owned()));
    sitting.pass(1.0);
    assert_eq!(sitting.lines().last().map(String::as_str), Some("later"));
    sitting.run(CREATE);
    sitting.enter(&format!("{PRODUCER}\na\nb"));
    sitting.pass(3.0);
    sitting.ctrl_d();
    assert_eq!(sitting.run("kafka-get-offsets --bootstrap-server localhost:8098 --topic secret_channel | grep -c :").len(), 1);
    assert!(
        sitting.lines().contains(&">b".to_owned()),
        "{:?}",
        sitting.lines()
    );
}

#[test]
fn typed_words_keep_their_meaning() {
    let mut sitting = Sitting::new(Pace::Real);
    sitting.run("echo one");
    let spans: Vec<(Tone, String)> = sitting
        .terminal()
        .lines()
        .flat_map(|line| line.spans.clone())
        .map(|span| (span.tone, span.text))
        .collect();
    assert_eq!(spans[0], (Tone::Prompt, "$ ".to_owned()));
    assert_eq!(spans[1], (Tone::Command, "echo one".to_owned()));
}
