//! The forms that move a group: to other offsets of a topic, or back to one record.

use client::consumer::SeekTo;
use engine::ids::TopicPartition;
use session::action::Action;

use super::check::{Checked, Field, Reader};
use super::facts::DialogFacts;
use super::rules::{topic_to_use, whole};

/// Where a group is moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// The oldest record there is.
    Beginning,
    /// Behind the newest.
    End,
    /// An offset.
    Offset,
    /// A time, as the page's clock shows it.
    Time,
}

/// What is typed to move a group in all partitions of a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct MoveForm {
    /// The group.
    pub group: String,
    /// The topic.
    pub topic: String,
    /// Where to.
    pub to: Where,
    /// The offset or the time.
    pub point: String,
}

impl MoveForm {
    /// A group's form.
    pub fn new(group: &str, facts: &DialogFacts) -> MoveForm {
        let read = facts.groups.get(group).and_then(|topics| topics.first());
        let topic = read
            .or_else(|| facts.topics.keys().next())
            .cloned()
            .unwrap_or_default();
        MoveForm {
            group: group.to_owned(),
            topic,
            to: Where::Beginning,
            point: String::new(),
        }
    }

    /// Reads the form.
    pub fn check(&self, facts: &DialogFacts) -> Checked {
        let mut reader = Reader::default();
        let topic = reader.take(Field::Topic, topic_to_use(&self.topic));
        let to = match self.to {
            Where::Beginning => Ok(SeekTo::Beginning),
            Where::End => Ok(SeekTo::End),
            Where::Offset => whole(&self.point, 0..=i64::MAX, "Offset").map(SeekTo::Offset),
            Where::Time => clock_time(&self.point)
                .map(|millis| SeekTo::Timestamp(facts.started_at_millis.saturating_add(millis))),
        };
        let to = reader.take(Field::Where, to);
        let action = topic
            .zip(to)
            .map(|(topic, to)| Action::ResetGroup(self.group.clone(), topic, to));
        reader.finish(action)
    }
}

/// Which group reads again from a record on.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayForm {
    /// The record's partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// The groups to choose from.
    pub groups: Vec<String>,
    /// The chosen one.
    pub group: String,
}

impl ReplayForm {
    /// A record's form: groups that read its topic, or all where none does.
    pub fn new(partition: &TopicPartition, offset: i64, facts: &DialogFacts) -> ReplayForm {
        let mut groups = facts.groups_of(&partition.topic);
        if groups.is_empty() {
            groups = facts.groups.keys().cloned().collect();
        }
        let group = groups.first().cloned().unwrap_or_default();
        ReplayForm {
            partition: partition.clone(),
            offset,
            groups,
            group,
        }
    }

    /// Reads the form.
    pub fn check(&self) -> Checked {
        let mut reader = Reader::default();
        let group = match self.group.trim() {
            "" => Err("No group reads yet. Add a consumer first.".to_owned()),
            group => Ok(group.to_owned()),
        };
        let group = reader.take(Field::Group, group);
        let action =
            group.map(|group| Action::ReplayFrom(group, self.partition.clone(), self.offset));
        reader.finish(action)
    }
}

/// `1:02:03`, `02:03` or `3.5` as milliseconds.
fn clock_time(text: &str) -> Result<i64, String> {
    let wrong = || "A time as the clock shows it, such as 00:42 or 01:05.5.".to_owned();
    let mut seconds = 0.0_f64;
    let parts: Vec<&str> = text.trim().split(':').collect();
    if parts.len() > 3 {
        return Err(wrong());
    }
    for part in parts {
        let number = records::decimal::parse(part).ok_or_else(wrong)?;
        if !(0.0..1_000_000.0).contains(&number) {
            return Err(wrong());
        }
        seconds = seconds * 60.0 + number;
    }
    Ok((seconds * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::{MoveForm, ReplayForm, Where, clock_time};
    use crate::dialogs::check::Field;
    use crate::dialogs::facts::DialogFacts;
    use engine::ids::TopicPartition;

    fn facts() -> DialogFacts {
        DialogFacts {
            topics: [("secret_channel".to_owned(), 3)].into(),
            groups: [
                ("analytics".to_owned(), vec!["bagpipe_sales".to_owned()]),
                ("audit".to_owned(), vec!["secret_channel".to_owned()]),
            ]
            .into(),
            started_at_millis: 1_000_000,
            ..DialogFacts::default()
        }
    }

    #[test]
    fn a_group_moves_by_the_command_that_resets_it() {
        let mut form = MoveForm::new("audit", &facts());
        let command = form.check(&facts()).command();
        assert_eq!(
            command.as_deref(),
            Some(
                "kafka-consumer-groups --bootstrap-server localhost:8098 --reset-offsets --group audit --topic secret_channel --to-earliest --execute"
            )
        );
        form.to = Where::Offset;
        form.point = "-4".to_owned();
        assert!(form.check(&facts()).problem(Field::Where).is_some());
        form.point = "4".to_owned();
        assert!(
            form.check(&facts())
                .command()
                .is_some_and(|line| line.contains("--to-offset 4"))
        );
    }

    #[test]
    fn a_time_is_read_as_the_clock_shows_it() {
        assert_eq!(clock_time("00:42"), Ok(42_000));
        assert_eq!(clock_time("1:01:01.5"), Ok(3_661_500));
        for text in ["", "noon", "1:2:3:4", "-1:00", "NaN"] {
            assert!(clock_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_record_is_read_again_by_a_group_of_its_topic() {
        let partition = TopicPartition {
            topic: "secret_channel".into(),
            partition: 0,
        };
        let form = ReplayForm::new(&partition, 4, &facts());
        assert_eq!((form.group.as_str(), form.groups.len()), ("audit", 1));
        assert!(
            form.check()
                .command()
                .is_some_and(|line| line.contains("--to-offset 4"))
        );
        let nobody = ReplayForm::new(&partition, 4, &DialogFacts::default());
        assert!(nobody.check().problem(Field::Group).is_some());
    }
}
