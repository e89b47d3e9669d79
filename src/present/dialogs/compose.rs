//! The composer: what is typed to send records.

use client::murmur2::murmur2;
use session::action::{Action, Composed};

use super::check::{Checked, Field, Reader};
use super::facts::DialogFacts;
use super::rules::{topic_to_use, whole};

/// At most so many records in one go, and a second.
const MOST: i64 = 1_000_000;
const FASTEST: i64 = 10_000;

/// What is typed.
#[derive(Debug, Clone, PartialEq)]
pub struct ComposeForm {
    /// The topic.
    pub topic: String,
    /// A chosen partition; empty leaves it to the partitioner.
    pub partition: String,
    /// The key; empty is none.
    pub key: String,
    /// The value.
    pub value: String,
    /// Whether the record has no value at all.
    pub tombstone: bool,
    /// `name: value`, one a line; a name alone has no value.
    pub headers: String,
    /// How many records.
    pub count: String,
    /// How many a second.
    pub rate: String,
}

impl ComposeForm {
    /// The form that stands for a record, with the only topic there is where none is named.
    pub fn new(record: &Composed, facts: &DialogFacts) -> ComposeForm {
        let first = || facts.topics.keys().next().cloned().unwrap_or_default();
        let header = |(name, value): &(String, Option<String>)| match value {
            Some(value) => format!("{name}: {value}"),
            None => name.clone(),
        };
        let headers: Vec<String> = record.headers.iter().map(header).collect();
        ComposeForm {
            topic: if record.topic.is_empty() {
                first()
            } else {
                record.topic.clone()
            },
            partition: record
                .partition
                .map(|number| number.to_string())
                .unwrap_or_default(),
            key: record.key.clone().unwrap_or_default(),
            value: record.value.clone().unwrap_or_default(),
            tombstone: false,
            headers: headers.join("\n"),
            count: record.count.max(1).to_string(),
            rate: record.per_second.max(1).to_string(),
        }
    }

    /// Reads the form.
    pub fn check(&self, facts: &DialogFacts) -> Checked {
        let mut reader = Reader::default();
        let topic = reader.take(Field::Topic, topic_to_use(&self.topic));
        let partition = reader.take(Field::Partition, self.chosen_partition(facts));
        let headers = reader.take(Field::Headers, headers(&self.headers));
        let count = reader.take(Field::Count, self.how_many());
        let rate = reader.take(Field::Rate, whole(&self.rate, 1..=FASTEST, "A second"));
        let record = || {
            Some(Composed {
                topic: topic?,
                partition: partition?,
                key: Some(self.key.clone()).filter(|key| !key.is_empty()),
                value: (!self.tombstone).then(|| self.value.clone()),
                headers: headers?,
                count: u32::try_from(count?).ok()?,
                per_second: u32::try_from(rate?).ok()?,
            })
        };
        let action = record().map(Action::Send);
        reader.finish(action)
    }

    /// Where the record goes, and why.
    pub fn where_to(&self, facts: &DialogFacts) -> String {
        let Some(partitions) = facts.topics.get(self.topic.trim()).copied() else {
            return "The broker makes a topic that it doesn't know.".to_owned();
        };
        if let Ok(Some(partition)) = self.chosen_partition(facts) {
            return format!("To partition {partition}, as chosen.");
        }
        if self.key.is_empty() {
            return "Without a key the partitioner chooses, and stays with its choice for a batch."
                .to_owned();
        }
        let hash = i64::from(murmur2(self.key.as_bytes()) & i32::MAX);
        let count = i64::try_from(partitions.max(1)).unwrap_or(1);
        let partition = hash.checked_rem(count).unwrap_or(0);
        format!("To partition {partition}: {hash} mod {count}, from the key's murmur2 hash.")
    }

    fn chosen_partition(&self, facts: &DialogFacts) -> Result<Option<i32>, String> {
        if self.partition.trim().is_empty() {
            return Ok(None);
        }
        let last = facts
            .topics
            .get(self.topic.trim())
            .map_or(i64::from(i32::MAX), |count| {
                i64::try_from(count.saturating_sub(1)).unwrap_or(0)
            });
        let number = whole(&self.partition, 0..=last, "Partition")?;
        Ok(i32::try_from(number).ok())
    }

    fn how_many(&self) -> Result<i64, String> {
        let count = whole(&self.count, 1..=MOST, "Records")?;
        match self.tombstone && count > 1 {
            true => Err("A tombstone is sent one at a time.".to_owned()),
            false => Ok(count),
        }
    }
}

fn headers(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = |line: &str| {
        let (name, value) = match line.split_once(':') {
            Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
            None => (line.trim(), None),
        };
        match name {
            "" => Err("A header needs a name before its colon.".to_owned()),
            name => Ok((name.to_owned(), value)),
        }
    };
    lines.map(header).collect()
}

#[cfg(test)]
mod tests {
    use super::ComposeForm;
    use crate::dialogs::check::Field;
    use crate::dialogs::facts::DialogFacts;
    use session::action::{Action, Composed};

    fn facts() -> DialogFacts {
        let topics = [("secret_channel".to_owned(), 3)].into();
        DialogFacts {
            brokers: 1,
            topics,
            ..DialogFacts::default()
        }
    }

    fn form() -> ComposeForm {
        let record = Composed {
            topic: "secret_channel".to_owned(),
            key: Some("nfsturm".to_owned()),
            value: Some("hello".to_owned()),
            headers: vec![
                ("codename".to_owned(), Some("pelican".to_owned())),
                ("void".to_owned(), None),
            ],
            ..Composed::default()
        };
        ComposeForm::new(&record, &facts())
    }

    fn sent(form: &ComposeForm) -> Composed {
        match form.check(&facts()).action() {
            Some(Action::Send(record)) => record.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_typed_is_what_is_sent() {
        let record = sent(&form());
        assert_eq!(record.key.as_deref(), Some("nfsturm"));
        assert_eq!(record.value.as_deref(), Some("hello"));
        assert_eq!(record.headers.len(), 2);
        assert_eq!(record.headers.last(), Some(&("void".to_owned(), None)));
        assert_eq!((record.count, record.partition), (1, None));
    }

    #[test]
    fn an_empty_key_is_no_key_and_a_tombstone_no_value() {
        let form = ComposeForm {
            key: String::new(),
            tombstone: true,
            ..form()
        };
        let record = sent(&form);
        assert_eq!((record.key, record.value), (None, None));
    }

    #[test]
    fn markup_stays_text() {
        let value = "<img src=x onerror=alert(1)>".to_owned();
        let record = sent(&ComposeForm {
            value: value.clone(),
            ..form()
        });
        assert_eq!(record.value, Some(value));
    }

    #[test]
    fn the_key_says_where_the_record_goes() {
        assert_eq!(
            form().where_to(&facts()),
            "To partition 0: 677841858 mod 3, from the key's murmur2 hash."
        );
        let chosen = ComposeForm {
            partition: "2".to_owned(),
            ..form()
        };
        assert_eq!(chosen.where_to(&facts()), "To partition 2, as chosen.");
    }

    #[test]
    fn what_cannot_be_sent_is_said_at_its_field() {
        let wrong = ComposeForm {
            topic: String::new(),
            headers: ": pelican".to_owned(),
            count: "0".to_owned(),
            rate: "99999".to_owned(),
            ..form()
        };
        let checked = wrong.check(&facts());
        for field in [Field::Topic, Field::Headers, Field::Count, Field::Rate] {
            assert!(checked.problem(field).is_some(), "{field:?}");
        }
        let far = ComposeForm {
            partition: "3".to_owned(),
            ..form()
        };
        assert!(
            far.check(&facts())
                .problem(Field::Partition)
                .is_some_and(|text| text.contains("0 to 2"))
        );
        let many = ComposeForm {
            tombstone: true,
            count: "2".to_owned(),
            ..form()
        };
        assert!(many.check(&facts()).problem(Field::Count).is_some());
    }
}
