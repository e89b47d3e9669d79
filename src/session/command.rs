//! The command that does what an action does, complete and ready to paste.

use std::fmt::Write;

use client::admin::NewTopic;
use client::consumer::SeekTo;
use engine::ids::TopicPartition;

use crate::action::{Action, Composed, NewConsumer, NewProducer};

/// The lecture's address, which every command names.
pub const BOOTSTRAP: &str = "localhost:8098";

/// The command that does the same as `action`; `None` where no tool of Kafka's can.
pub fn command_for(action: &Action) -> Option<String> {
    match action {
        Action::StartCluster(_) => Some("docker-compose up -d".to_owned()),
        Action::StopCluster => Some("docker-compose down".to_owned()),
        Action::CreateTopic(topic) => Some(create_topic(topic)),
        Action::DeleteTopic(topic) => Some(topics(&format!("--delete --topic {}", quote(topic)))),
        Action::AddPartitions(topic, total) => Some(topics(&format!(
            "--alter --topic {} --partitions {total}",
            quote(topic)
        ))),
        Action::DeleteRecordsBefore(partition, offset) => Some(delete_records(partition, *offset)),
        Action::AddProducer(producer) => Some(add_producer(producer)),
        Action::AddConsumer(consumer) => Some(add_consumer(consumer)),
        Action::Send(composed) => send(composed),
        Action::ReplayFrom(group, partition, offset) => Some(reset(
            group,
            &format!("{}:{}", partition.topic, partition.partition),
            &format!("--to-offset {offset}"),
        )),
        Action::ResetGroup(group, topic, to) => Some(reset(group, topic, &scenario(*to))),
        Action::DeleteGroup(group) => Some(groups(&format!("--delete --group {}", quote(group)))),
        Action::SetWorkload(..)
        | Action::SetReadRate(..)
        | Action::CloseClient(_)
        | Action::KillClient(_)
        | Action::SendAgain(..) => None,
    }
}

/// The command that reads a partition from an offset on.
pub fn read_from(partition: &TopicPartition, offset: i64) -> String {
    format!(
        "kafka-console-consumer --bootstrap-server {BOOTSTRAP} --topic {} --partition {} --offset {offset}",
        quote(&partition.topic),
        partition.partition
    )
}

/// A word as a shell needs it: in single quotes where it holds anything but plain characters.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.,:/@%+=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn topics(rest: &str) -> String {
    format!("kafka-topics --bootstrap-server {BOOTSTRAP} {rest}")
}

fn groups(rest: &str) -> String {
    format!("kafka-consumer-groups --bootstrap-server {BOOTSTRAP} {rest}")
}

fn create_topic(topic: &NewTopic) -> String {
    let mut rest = format!("--create --topic {}", quote(&topic.name));
    if let Some(partitions) = topic.partitions {
        let _ = write!(rest, " --partitions {partitions}");
    }
    if let Some(factor) = topic.replication_factor {
        let _ = write!(rest, " --replication-factor {factor}");
    }
    for (name, value) in &topic.configs {
        let _ = write!(rest, " --config {}", quote(&format!("{name}={value}")));
    }
    topics(&rest)
}

fn delete_records(partition: &TopicPartition, offset: i64) -> String {
    let json = serde_json::json!({
        "partitions": [{
            "topic": partition.topic, "partition": partition.partition, "offset": offset
        }],
        "version": 1
    });
    format!(
        "echo {} > delete.json; kafka-delete-records --bootstrap-server {BOOTSTRAP} --offset-json-file delete.json",
        quote(&json.to_string())
    )
}

fn add_producer(producer: &NewProducer) -> String {
    let keyed = !producer.workload.keys.is_empty();
    let properties = if keyed {
        " --reader-property parse.key=true --reader-property key.separator=:"
    } else {
        ""
    };
    format!(
        "kafka-console-producer --bootstrap-server {BOOTSTRAP} --topic {} --command-property client.id={} --command-property acks={}{properties}",
        quote(&producer.workload.topic),
        quote(&producer.client_id),
        if producer.acks < 0 {
            "all".to_owned()
        } else {
            producer.acks.to_string()
        },
    )
}

fn add_consumer(consumer: &NewConsumer) -> String {
    let mut text = format!("kafka-console-consumer --bootstrap-server {BOOTSTRAP}");
    match consumer.topics.as_slice() {
        [topic] => {
            let _ = write!(text, " --topic {}", quote(topic));
        }
        many => {
            let _ = write!(text, " --include {}", quote(&many.join("|")));
        }
    }
    let _ = write!(text, " --group {}", quote(&consumer.group));
    let _ = write!(
        text,
        " --command-property client.id={}",
        quote(&consumer.client_id)
    );
    if consumer.from_beginning {
        text.push_str(" --from-beginning");
    }
    text
}

/// The console producer chooses no partition, so a chosen one has no command.
fn send(composed: &Composed) -> Option<String> {
    if composed.partition.is_some() {
        return None;
    }
    let mut line = String::new();
    let mut properties = String::new();
    if !composed.headers.is_empty() {
        properties.push_str(" --reader-property parse.headers=true");
        let one = |(key, value): &(String, Option<String>)| {
            format!("{key}:{}", value.as_deref().unwrap_or("NULL"))
        };
        line.push_str(
            &composed
                .headers
                .iter()
                .map(one)
                .collect::<Vec<_>>()
                .join(","),
        );
        line.push('\t');
    }
    if let Some(key) = &composed.key {
        properties.push_str(" --reader-property parse.key=true");
        line.push_str(key);
        line.push('\t');
    }
    match &composed.value {
        Some(value) => line.push_str(value),
        None => line.push_str("NULL"),
    }
    if composed.value.is_none() || composed.headers.iter().any(|(_, value)| value.is_none()) {
        properties.push_str(" --reader-property null.marker=NULL");
    }
    let feed = if line.contains('\t') {
        format!(
            "printf '%b\\n' {}",
            quote(&line.replace('\\', "\\\\").replace('\t', "\\t"))
        )
    } else {
        format!("echo {}", quote(&line))
    };
    Some(format!(
        "{feed} | kafka-console-producer --bootstrap-server {BOOTSTRAP} --topic {}{properties}",
        quote(&composed.topic)
    ))
}

fn reset(group: &str, topic: &str, scenario: &str) -> String {
    groups(&format!(
        "--reset-offsets --group {} --topic {} {scenario} --execute",
        quote(group),
        quote(topic)
    ))
}

fn scenario(to: SeekTo) -> String {
    match to {
        SeekTo::Offset(offset) => format!("--to-offset {offset}"),
        SeekTo::Beginning => "--to-earliest".to_owned(),
        SeekTo::End => "--to-latest".to_owned(),
        SeekTo::Timestamp(millis) => format!("--to-datetime {}", shell::datetime::iso(millis)),
    }
}
