//! The form of a consumer.

use records::sorted::SortedSet;

use session::action::{Action, NewConsumer};

use super::check::{Checked, Field, Reader};
use super::facts::DialogFacts;
use super::rules::{some_name, whole};

/// What is typed and ticked.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsumerForm {
    /// `client.id`
    pub client_id: String,
    /// `group.id`
    pub group: String,
    /// The topics that are ticked.
    pub topics: SortedSet<String>,
    /// Whether a group without committed offsets begins with the oldest record.
    pub from_beginning: bool,
    /// At most so many records a second; empty: as fast as they come.
    pub rate: String,
}

impl ConsumerForm {
    /// A new consumer's form.
    pub fn new(group: Option<&str>, topic: Option<&str>, facts: &DialogFacts) -> ConsumerForm {
        let group = group.map_or_else(|| facts.free_name("group"), str::to_owned);
        let read_already = facts.groups.get(&group).into_iter().flatten();
        let mut topics: SortedSet<String> = read_already
            .filter(|topic| facts.topics.contains_key(*topic))
            .cloned()
            .collect();
        topics.extend(topic.map(str::to_owned));
        if topics.is_empty() {
            topics.extend(facts.topics.keys().next().cloned());
        }
        ConsumerForm {
            client_id: facts.free_name("consumer"),
            group,
            topics,
            from_beginning: true,
            rate: String::new(),
        }
    }

    /// Reads the form.
    pub fn check(&self) -> Checked {
        let mut reader = Reader::default();
        let client_id = reader.take(Field::Name, some_name(&self.client_id, "A consumer"));
        let group = reader.take(Field::Group, some_name(&self.group, "A group"));
        let topics = match self.topics.is_empty() {
            true => Err("Choose at least one topic.".to_owned()),
            false => Ok(self.topics.iter().cloned().collect()),
        };
        let topics = reader.take(Field::Topic, topics);
        let limit = match self.rate.trim() {
            "" => Ok(None),
            text => whole(text, 1..=1_000_000, "Records a second").map(Some),
        };
        let limit = reader.take(Field::Rate, limit);
        let consumer = || {
            Some(NewConsumer {
                client_id: client_id?,
                group: group?,
                topics: topics?,
                from_beginning: self.from_beginning,
                records_per_second: limit?.and_then(|limit| u32::try_from(limit).ok()),
            })
        };
        let action = consumer().map(Action::AddConsumer);
        reader.finish(action)
    }
}

#[cfg(test)]
mod tests {
    use super::ConsumerForm;
    use crate::dialogs::check::Field;
    use crate::dialogs::facts::DialogFacts;

    fn facts() -> DialogFacts {
        DialogFacts {
            brokers: 1,
            topics: [("scotsmen".to_owned(), 1), ("secret_channel".to_owned(), 3)].into(),
            groups: [("audit".to_owned(), vec!["secret_channel".to_owned()])].into(),
            ..DialogFacts::default()
        }
    }

    #[test]
    fn a_consumer_of_a_group_reads_what_the_group_reads() {
        let form = ConsumerForm::new(Some("audit"), None, &facts());
        assert_eq!(form.topics.iter().collect::<Vec<_>>(), ["secret_channel"]);
        let command = form.check().command();
        assert_eq!(
            command.as_deref(),
            Some(
                "kafka-console-consumer --bootstrap-server localhost:8098 --topic secret_channel --group audit --command-property client.id=consumer-1 --from-beginning"
            )
        );
    }

    #[test]
    fn a_consumer_without_group_topic_or_sense_is_refused() {
        let form = ConsumerForm {
            client_id: " ".to_owned(),
            group: String::new(),
            topics: [].into(),
            from_beginning: false,
            rate: "0".to_owned(),
        };
        let checked = form.check();
        for field in [Field::Name, Field::Group, Field::Topic, Field::Rate] {
            assert!(checked.problem(field).is_some(), "{field:?}");
        }
        assert_eq!(checked.action(), None);
    }
}
