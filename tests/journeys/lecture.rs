//! The lecture from its first to its last step, typed and by mouse.

use crate::steps::{at_prompt, at_speed, go_to_terminal, step_is_done};
use playground_journeys::{Look, Page, Screen, journey};

const BACALHAU: &str = "{'agent_id': 'nfsturm', 'message': 'Bacalhau was ordered from the fishmonger. Due to arrive on Friday.'}";
const PASTEL: &str = "{'agent_id': 'ennius', 'message': 'Pastel de Nata shipment intercepted.'}";

/// Whether every terminal in view shows its last line, although the dock was split on the way.
const AT_ENDS: &str = "return [...document.querySelectorAll('.term')]
  .every((term) => term.scrollHeight - term.scrollTop - term.clientHeight < 8)";

#[test]
fn typed_as_in_the_notes() {
    journey("lecture-typed", Look::on(Screen::Desktop), |page| {
        page.press("Open the lecture");
        page.see("Start a cluster");
        at_speed(page, "4×");
        nothing_to_install(page);
        start_and_enter(page);
        first_topic(page);
        secret_messages(page);
        listen(page);
        more_topics(page);
        page.see("The lecture is done.");
    });
}

#[test]
fn by_mouse_alone() {
    journey("lecture-by-mouse", Look::on(Screen::Desktop), |page| {
        page.press("Open the lecture");
        page.see("Start a cluster");
        let steps = page.count(".step");
        for number in 0..steps {
            page.wait_until(&format!("step {} in view", number + 1), || {
                page.count(&format!(".step:nth-child({}).now", number + 1)) == 1
            });
            for command in 1..=page.count(".step.now .command") {
                page.click(&format!(
                    ".step.now .command:nth-child({command} of .command) .btn:not(:disabled)"
                ));
            }
        }
        page.see("The lecture is done.");
        assert_eq!(page.text_of(".lesson-progress span"), "11/11");
        let inside = page.text_of(".dock .panes").contains("[appuser@kafka ~]$");
        assert!(inside, "the commands did not stay in the container");
        page.wait_until("the terminals to be at their ends", || {
            page.run(AT_ENDS, vec![]) == true
        });
    });
}

#[test]
fn before_the_broker_runs_the_tools_say_so() {
    journey("lecture-no-broker", Look::on(Screen::Desktop), |page| {
        page.press("Open the lecture");
        page.see("Start a cluster");
        page.type_in_terminal("kafka-topics --list --bootstrap-server localhost:8098");
        page.terminal_shows(
            "Connection to node -1 (localhost/127.0.0.1:8098) could not be established",
        );
        page.ctrl_in_terminal('c');
        at_prompt(page, 1);
        page.type_in_terminal("docker exec -it kafka bash");
        page.terminal_shows("No such container: kafka");
        page.press("Start a cluster");
        step_is_done(page, "Start Kafka");
    });
}

fn nothing_to_install(page: &Page) {
    page.type_in_terminal("conda create -n kafka python=3.10");
    page.terminal_shows("conda: nothing needs installing here");
    page.type_in_terminal("pip3 install kafka-python pyspark ipykernel pendulum numpy");
    page.terminal_shows("pip3: nothing needs installing here");
}

fn start_and_enter(page: &Page) {
    page.type_in_terminal("docker-compose -f docker-compose.yml up -d");
    step_is_done(page, "Start Kafka");
    page.terminal_shows("Started");
    at_prompt(page, 1);
    page.type_in_terminal("docker exec -it kafka bash");
    step_is_done(page, "Enter the container");
}

fn first_topic(page: &Page) {
    page.type_in_terminal("kafka-topics --create --topic example-topic --bootstrap-server localhost:8098 --partitions 1 --replication-factor 1");
    page.terminal_shows("Created topic example-topic.");
    step_is_done(page, "Create a topic");
    at_prompt(page, 1);
    page.type_in_terminal("kafka-topics --list --bootstrap-server localhost:8098");
    step_is_done(page, "List the topics");
    page.terminal_shows("\nexample-topic");
    at_prompt(page, 1);
    page.type_in_terminal(
        "kafka-topics --describe --topic example-topic --bootstrap-server localhost:8098",
    );
    page.terminal_shows("PartitionCount: 1");
    step_is_done(page, "Describe it");
    at_prompt(page, 1);
    page.type_in_terminal(
        "kafka-topics --delete --topic example-topic --bootstrap-server localhost:8098",
    );
    step_is_done(page, "Delete it");
    at_prompt(page, 1);
}

fn secret_messages(page: &Page) {
    page.type_in_terminal("kafka-topics --create --topic secret_channel --bootstrap-server localhost:8098 --partitions 1 --replication-factor 1");
    page.terminal_shows("Created topic secret_channel.");
    at_prompt(page, 1);
    page.type_in_terminal(
        "kafka-console-producer --broker-list localhost:8098 --topic secret_channel",
    );
    page.terminal_shows("--bootstrap-server");
    page.wait_until("the producer's own prompt", || {
        page.count("textarea[aria-label=\"Terminal 1, >\"]") == 1
    });
    page.type_in_terminal(BACALHAU);
    page.type_in_terminal(PASTEL);
    step_is_done(page, "Send secret messages");
}

fn listen(page: &Page) {
    page.press("New terminal");
    go_to_terminal(page, 2);
    page.type_in_terminal("docker exec -it kafka");
    page.type_in_terminal(
        "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel",
    );
    step_is_done(page, "Open a second terminal and listen");
    go_to_terminal(page, 1);
    page.type_in_terminal("one more, for those who listen");
    go_to_terminal(page, 2);
    page.terminal_shows("one more, for those who listen");
    assert!(
        !page.terminal_text().contains("Bacalhau"),
        "old records came unasked"
    );
    page.ctrl_in_terminal('c');
    page.terminal_shows("Processed a total of 1 messages");
    at_prompt(page, 2);
    page.type_in_terminal("kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel --from-beginning");
    page.terminal_shows(BACALHAU);
    page.terminal_shows(PASTEL);
    step_is_done(page, "Read from the beginning");
    page.ctrl_in_terminal('c');
    page.terminal_shows("Processed a total of 3 messages");
    at_prompt(page, 2);
}

fn more_topics(page: &Page) {
    for topic in ["scotsmen", "bagpipe_sales"] {
        page.type_in_terminal(&format!("kafka-topics --create --topic {topic} --bootstrap-server localhost:8098 --partitions 1 --replication-factor 1"));
        page.terminal_shows(&format!("Created topic {topic}."));
        at_prompt(page, 2);
    }
    step_is_done(page, "Two topics for what comes next");
}
