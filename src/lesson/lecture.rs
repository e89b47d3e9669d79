//! The lecture's steps.

use crate::goal::Goal;
use crate::lesson::{At, Command, Lesson, Step};

/// The lecture, command by command.
pub fn lecture() -> Lesson {
    Lesson {
        title: "Kafka, from the lecture",
        steps: [first_topic(), messages(), sales()].concat(),
    }
}

fn first_topic() -> Vec<Step> {
    vec![
        step(
            "Start Kafka",
            "`docker-compose` reads a file that says which containers to run. Here it starts one broker, on port 8098. `-d` lets it run in the background.",
            &[("docker-compose -f docker-compose.yml up -d", At::Prompt)],
            vec![Goal::ClusterRuns],
        ),
        step(
            "Enter the container",
            "Kafka's tools live beside the broker, in its container.",
            &[("docker exec -it kafka bash", At::Prompt)],
            vec![Goal::InContainer],
        ),
        step(
            "Create a topic",
            "A topic is where records of one kind go. It has partitions, which share the work, and replicas, which are copies on other brokers. One of each will do for now.",
            &[(
                "kafka-topics --create --topic example-topic --bootstrap-server localhost:8098 --partitions 1 --replication-factor 1",
                At::Prompt,
            )],
            vec![Goal::TopicCreated("example-topic")],
        ),
        step(
            "List the topics",
            "Ask the broker for every topic it knows.",
            &[(
                "kafka-topics --list --bootstrap-server localhost:8098",
                At::Prompt,
            )],
            vec![Goal::TopicsListed],
        ),
        step(
            "Describe it",
            "The answer names each partition's leader, its replicas and those of them that are in sync.",
            &[(
                "kafka-topics --describe --topic example-topic --bootstrap-server localhost:8098",
                At::Prompt,
            )],
            vec![Goal::TopicDescribed],
        ),
        step(
            "Delete it",
            "A topic that is no longer needed goes, with all its records.",
            &[(
                "kafka-topics --delete --topic example-topic --bootstrap-server localhost:8098",
                At::Prompt,
            )],
            vec![Goal::TopicDeleted("example-topic")],
        ),
    ]
}

fn messages() -> Vec<Step> {
    vec![
        step(
            "Create the secret channel",
            "Now a topic for something more serious. Kafka warns about the `_` in the name, and creates it all the same.",
            &[(
                "kafka-topics --create --topic secret_channel --bootstrap-server localhost:8098 --partitions 1 --replication-factor 1",
                At::Prompt,
            )],
            vec![Goal::TopicCreated("secret_channel")],
        ),
        step(
            "Send secret messages",
            "The console producer sends each line that you type as one record. The messages look like JSON; their single quotes make them plain text, and Kafka takes any bytes.",
            &[
                (
                    "kafka-console-producer --broker-list localhost:8098 --topic secret_channel",
                    At::Prompt,
                ),
                (
                    "{'agent_id': 'nfsturm', 'message': 'Bacalhau was ordered from the fishmonger. Due to arrive on Friday.'}",
                    At::Program("kafka-console-producer"),
                ),
                (
                    "{'agent_id': 'ennius', 'message': 'Pastel de Nata shipment intercepted.'}",
                    At::Program("kafka-console-producer"),
                ),
            ],
            vec![Goal::RecordsStored("secret_channel", 2)],
        ),
        step(
            "Open a second terminal and listen",
            "A consumer that joins now sees only what comes from now on. Send one more line in the first terminal and watch it arrive.",
            &[
                ("docker exec -it kafka", At::SecondTerminal),
                (
                    "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel",
                    At::SecondTerminal,
                ),
            ],
            vec![Goal::TopicRead("secret_channel")],
        ),
        step(
            "Read from the beginning",
            "Kafka keeps records after they are read. With `--from-beginning` a consumer gets them all. Stop the one that runs with Ctrl-C first, or use another terminal.",
            &[(
                "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel --from-beginning",
                At::SecondTerminal,
            )],
            vec![Goal::ReadFromBeginning("secret_channel")],
        ),
    ]
}

fn sales() -> Vec<Step> {
    vec![step(
        "Two topics for what comes next",
        "The lecture goes on with Spark, which reads these two topics.",
        &[
            (
                "kafka-topics --create --topic scotsmen --bootstrap-server localhost:8098 --partitions 1 --replication-factor 1",
                At::Prompt,
            ),
            (
                "kafka-topics --create --topic bagpipe_sales --bootstrap-server localhost:8098 --partitions 1 --replication-factor 1",
                At::Prompt,
            ),
        ],
        vec![
            Goal::TopicCreated("scotsmen"),
            Goal::TopicCreated("bagpipe_sales"),
        ],
    )]
}

fn step(
    title: &'static str,
    text: &'static str,
    commands: &[(&'static str, At)],
    goals: Vec<Goal>,
) -> Step {
    let command = |(line, at): &(&'static str, At)| Command { line, at: *at };
    Step {
        title,
        text,
        commands: commands.iter().map(command).collect(),
        goals,
    }
}
