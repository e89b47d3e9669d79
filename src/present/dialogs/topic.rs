//! The form that makes a topic, and the one that gives it more partitions.

use client::admin::NewTopic;
use session::action::Action;

use super::check::{Checked, Field, Reader};
use super::facts::DialogFacts;
use super::rules::{topic_name, whole};

const MOST: i64 = i32::MAX as i64;

/// What is typed to make a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicForm {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: String,
    /// How many replicas of each.
    pub replicas: String,
    /// `name=value`, one a line.
    pub configs: String,
}

impl Default for TopicForm {
    fn default() -> TopicForm {
        TopicForm {
            name: String::new(),
            partitions: "3".to_owned(),
            replicas: "1".to_owned(),
            configs: String::new(),
        }
    }
}

impl TopicForm {
    /// Reads the form. Whether the brokers take it they say themselves.
    pub fn check(&self, facts: &DialogFacts) -> Checked {
        let mut reader = Reader::default();
        let name = reader.take(Field::Name, self.new_name(facts));
        let partitions = whole(&self.partitions, 1..=MOST, "Partitions");
        let partitions = reader.take(Field::Partitions, partitions);
        let replicas = whole(&self.replicas, 1..=i64::from(i16::MAX), "Replicas");
        let replicas = reader.take(Field::Replicas, replicas);
        let configs = reader.take(Field::Configs, configs(&self.configs));
        let topic = || {
            Some(NewTopic {
                name: name?,
                partitions: i32::try_from(partitions?).ok(),
                replication_factor: i16::try_from(replicas?).ok(),
                configs: configs?,
                ..NewTopic::default()
            })
        };
        let action = topic().map(Action::CreateTopic);
        reader.finish(action)
    }

    /// What Kafka has to say of a name that it takes.
    pub fn remark(&self) -> Option<&'static str> {
        self.name.contains(['.', '_']).then_some(
            "Kafka warns of names with “.” or “_”: two that differ only in these can't both exist.",
        )
    }

    fn new_name(&self, facts: &DialogFacts) -> Result<String, String> {
        let name = topic_name(&self.name)?;
        match facts.topics.contains_key(&name) {
            true => Err(format!("There is a topic {name} already.")),
            false => Ok(name),
        }
    }
}

/// What is typed to give a topic more partitions.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionsForm {
    /// The topic.
    pub topic: String,
    /// How many there shall be in all.
    pub total: String,
}

impl PartitionsForm {
    /// Begins with one more than there are.
    pub fn new(topic: &str, facts: &DialogFacts) -> PartitionsForm {
        let now = facts.topics.get(topic).copied().unwrap_or(0);
        PartitionsForm {
            topic: topic.to_owned(),
            total: now.saturating_add(1).to_string(),
        }
    }

    /// Reads the form.
    pub fn check(&self, facts: &DialogFacts) -> Checked {
        let mut reader = Reader::default();
        let now = facts.topics.get(&self.topic).copied().unwrap_or(0);
        let now = i64::try_from(now).unwrap_or(MOST);
        let total =
            whole(&self.total, 1..=MOST, "Partitions").and_then(|total| match total > now {
                true => Ok(total),
                false => Err(format!(
                    "There are {now} already, and a topic can't have fewer than before."
                )),
            });
        let total = reader.take(Field::Partitions, total);
        let action = total.and_then(|total| i32::try_from(total).ok());
        let action = action.map(|total| Action::AddPartitions(self.topic.clone(), total));
        reader.finish(action)
    }
}

fn configs(text: &str) -> Result<Vec<(String, String)>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let pair = |line: &str| match line.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(format!("One name=value a line; “{line}” is none.")),
    };
    lines.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::{PartitionsForm, TopicForm};
    use crate::dialogs::check::Field;
    use crate::dialogs::facts::DialogFacts;

    fn facts() -> DialogFacts {
        let topics = [("scotsmen".to_owned(), 2)].into();
        DialogFacts {
            brokers: 1,
            topics,
            ..DialogFacts::default()
        }
    }

    #[test]
    fn a_topic_has_the_command_that_makes_it() {
        let form = TopicForm {
            name: "bagpipe_sales".to_owned(),
            configs: "retention.ms = 1000\n\ncleanup.policy=compact".to_owned(),
            ..TopicForm::default()
        };
        let command = form.check(&facts()).command();
        assert_eq!(
            command.as_deref(),
            Some(
                "kafka-topics --bootstrap-server localhost:8098 --create --topic bagpipe_sales --partitions 3 --replication-factor 1 --config retention.ms=1000 --config cleanup.policy=compact"
            )
        );
        assert!(form.remark().is_some());
    }

    #[test]
    fn every_field_says_what_is_wrong_with_it() {
        let form = TopicForm {
            name: "scotsmen".to_owned(),
            partitions: "0".to_owned(),
            replicas: "some".to_owned(),
            configs: "retention.ms".to_owned(),
        };
        let checked = form.check(&facts());
        assert_eq!(checked.action(), None);
        assert_eq!(
            checked.problem(Field::Name),
            Some("There is a topic scotsmen already.")
        );
        for field in [Field::Partitions, Field::Replicas, Field::Configs] {
            assert!(checked.problem(field).is_some(), "{field:?}");
        }
    }

    #[test]
    fn a_topic_never_has_fewer_partitions_than_before() {
        let mut form = PartitionsForm::new("scotsmen", &facts());
        assert_eq!(form.total, "3");
        assert!(form.check(&facts()).action().is_some());
        form.total = "2".to_owned();
        let checked = form.check(&facts());
        assert!(
            checked
                .problem(Field::Partitions)
                .is_some_and(|text| text.contains("2 already"))
        );
    }
}
