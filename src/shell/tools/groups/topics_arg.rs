//! `--topic NAME` and `--topic NAME:0,1` as the groups tool takes them.

use records::sorted::Arrange;
use records::sorted::SortedMap;

use client::admin::{Outcome, TopicDescription};
use engine::ids::TopicPartition;
use serde::Serialize;

/// Topics and, where given, which of their partitions.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct TopicsArg {
    pub(super) whole: Vec<String>,
    pub(super) single: Vec<TopicPartition>,
}

impl TopicsArg {
    /// `Err` is the message for a partition that is no number.
    pub(super) fn of(arguments: &[String]) -> Result<TopicsArg, String> {
        let mut topics = TopicsArg::default();
        for argument in arguments {
            let Some((topic, partitions)) = argument.split_once(':') else {
                topics.whole.push(argument.clone());
                continue;
            };
            for partition in partitions.split(',') {
                let Ok(number) = partition.trim().parse() else {
                    return Err(format!(
                        "Invalid partition '{partition}' specified in topic arg '{argument}''"
                    ));
                };
                topics.single.push(TopicPartition::new(topic, number));
            }
        }
        Ok(topics)
    }

    /// Every topic named, once.
    pub(super) fn names(&self) -> Vec<String> {
        let single = self.single.iter().map(|partition| partition.topic.clone());
        let mut names: Vec<String> = self.whole.iter().cloned().chain(single).collect();
        names.arrange();
        names.dedup();
        names
    }

    /// The partitions meant, given what the topics are; with those that do not exist, and the whole
    /// topics that do not exist.
    pub(super) fn resolve(&self, described: Vec<(String, Outcome<TopicDescription>)>) -> Resolved {
        let mut known: SortedMap<String, Vec<i32>> = SortedMap::new();
        for (name, outcome) in described {
            if let Ok(topic) = outcome {
                let numbers = topic.partitions.iter().map(|partition| partition.partition);
                known.insert(name, numbers.collect());
            }
        }
        let mut resolved = Resolved::default();
        for topic in &self.whole {
            match known.get(topic) {
                Some(numbers) => {
                    let all = numbers
                        .iter()
                        .map(|number| TopicPartition::new(topic.clone(), *number));
                    resolved.partitions.extend(all);
                }
                None => resolved.missing_topics.push(topic.clone()),
            }
        }
        for partition in &self.single {
            let numbers = known.get(&partition.topic);
            if numbers.is_some_and(|numbers| numbers.contains(&partition.partition)) {
                resolved.partitions.push(partition.clone());
            } else {
                resolved.missing.push(partition.clone());
            }
        }
        resolved
    }
}

/// What a [`TopicsArg`] stands for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Resolved {
    pub(super) partitions: Vec<TopicPartition>,
    pub(super) missing: Vec<TopicPartition>,
    pub(super) missing_topics: Vec<String>,
}
