//! `--delete` and `--delete-offsets`

use client::admin::{AdminAnswer, AdminCall, Outcome};
use engine::ids::TopicPartition;
use records::sorted::Arrange;
use serde::Serialize;

use super::topics_arg::TopicsArg;
use super::{Going, Trouble, executed, pad, strange};
use crate::io::Io;
use crate::java;
use crate::tools::admin::Next;
use crate::tools::options::{Failure, Parsed};

/// Says which groups were deleted and which not.
pub(super) fn print_groups(io: &mut Io<'_>, outcomes: Vec<(String, Outcome<()>)>) {
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for (group, outcome) in outcomes {
        match outcome {
            Ok(()) => gone.push(format!("'{group}'")),
            Err(error) => kept.push((group, Failure::of(&error))),
        }
    }
    let gone = gone.join(", ");
    if kept.is_empty() {
        io.line(&format!(
            "Deletion of requested consumer groups ({gone}) was successful."
        ));
        return;
    }
    io.print("\nError: Deletion of some consumer groups failed:\n");
    for (group, failure) in kept {
        let text = format!(
            "* Group '{group}' could not be deleted due to: {}",
            failure.line()
        );
        io.line(&text);
    }
    if !gone.is_empty() {
        io.print(&format!(
            "\nThese consumer groups were deleted successfully: {gone}\n"
        ));
    }
}

/// `--delete-offsets` while it runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct DeleteOffsets {
    group: String,
    topics: TopicsArg,
    missing_topics: Vec<String>,
    partitions: Vec<TopicPartition>,
}

impl DeleteOffsets {
    pub(super) fn begin(&mut self, options: &Parsed, groups: Vec<String>) -> Going {
        self.group = groups.into_iter().next().unwrap_or_default();
        self.topics = TopicsArg::of(options.all("topic")).map_err(Trouble::Usage)?;
        match self.topics.whole.is_empty() {
            true => Ok(self.delete(self.topics.single.clone())),
            false => Ok(Next::Call(AdminCall::DescribeTopics(
                self.topics.whole.clone(),
            ))),
        }
    }

    fn delete(&mut self, mut partitions: Vec<TopicPartition>) -> Next {
        java::hash_order(&mut partitions);
        self.partitions.clone_from(&partitions);
        Next::Call(AdminCall::DeleteGroupOffsets(
            self.group.clone(),
            partitions,
        ))
    }

    pub(super) fn answer(&mut self, io: &mut Io<'_>, _: &Parsed, answer: AdminAnswer) -> Going {
        match answer {
            AdminAnswer::DescribeTopics(described) => {
                let mut resolved = self.topics.resolve(described);
                self.missing_topics = resolved.missing_topics;
                resolved.partitions.extend(resolved.missing);
                Ok(self.delete(resolved.partitions))
            }
            AdminAnswer::DeleteGroupOffsets(outcome) => {
                self.print(io, outcome);
                Ok(Next::Exit(0))
            }
            _ => Err(strange()),
        }
    }

    fn print(&self, io: &mut Io<'_>, outcome: Outcome<Vec<(TopicPartition, Outcome<()>)>>) {
        let mut rows: Vec<(TopicPartition, Result<(), Failure>)> = Vec::new();
        match outcome {
            Ok(outcomes) => {
                for (partition, outcome) in outcomes {
                    rows.push((partition, outcome.map_err(|error| Failure::of(&error))));
                }
                match rows.iter().any(|(_, outcome)| outcome.is_err()) {
                    true => io.print("\nError: Encountered some partition-level error, see the follow-up details.\n"),
                    false => io.line(&format!("Request succeeded for deleting offsets from group {}.", self.group)),
                }
            }
            Err(error) => {
                let failure = Failure::of(&error);
                io.print(&format!("\nError: {}\n", failure.message));
                let all = self.partitions.iter();
                rows.extend(all.map(|partition| (partition.clone(), Err(failure.clone()))));
            }
        }
        rows.arrange_by(|a, b| a.0.cmp(&b.0));
        let row = |topic: &str, partition: &str, status: &str| {
            format!(
                "{} {} {}",
                pad(topic, 15),
                pad(partition, 10),
                pad(status, 15)
            )
        };
        io.print("\n");
        io.line(&row("TOPIC", "PARTITION", "STATUS"));
        for topic in &self.missing_topics {
            let failure = Failure::new(
                "org.apache.kafka.common.errors.UnknownTopicOrPartitionException",
                "This server does not host this topic-partition.",
            );
            io.line(&row(topic, "-", &format!("Error: {}", failure.line())));
        }
        for (partition, outcome) in rows {
            let status = match outcome {
                Ok(()) => "Successful".to_owned(),
                Err(failure) => format!("Error: {}", failure.line()),
            };
            io.line(&row(
                &partition.topic,
                &partition.partition.to_string(),
                &status,
            ));
        }
    }
}

/// What the future of `AlterGroupOffsets` throws for the first partition that failed.
pub(super) fn first_error(outcomes: Vec<(TopicPartition, Outcome<()>)>) -> Result<(), Trouble> {
    for (_, outcome) in outcomes {
        outcome.map_err(|error| executed(&Failure::of(&error)))?;
    }
    Ok(())
}
