//! The form of a producer that sends by itself.

use session::action::{Action, NewProducer};
use world::input::{ClientId, Workload};

use super::check::{Checked, Field, Reader};
use super::facts::DialogFacts;
use super::rules::{rate, some_name, topic_to_use};

/// A workload sends at most so many records a second.
const FASTEST: f64 = 10_000.0;
const SECOND_MICROS: f64 = 1_000_000.0;

/// What is typed.
#[derive(Debug, Clone, PartialEq)]
pub struct ProducerForm {
    /// The producer that is changed, if one is.
    pub edit: Option<ClientId>,
    /// `client.id`
    pub client_id: String,
    /// The topic.
    pub topic: String,
    /// Keys to choose from, with commas between; none sends without a key.
    pub keys: String,
    /// Values in turn, one a line.
    pub values: String,
    /// Records a second.
    pub rate: String,
    /// `acks`: 0, 1, or -1 for all.
    pub acks: i16,
}

impl ProducerForm {
    /// A new producer's form, or that of one to change.
    pub fn new(topic: Option<&str>, edit: Option<ClientId>, facts: &DialogFacts) -> ProducerForm {
        let first = || facts.topics.keys().next().cloned().unwrap_or_default();
        let fresh = ProducerForm {
            edit: None,
            client_id: facts.free_name("producer"),
            topic: topic.map_or_else(first, str::to_owned),
            keys: "nfsturm, ennius, livius".to_owned(),
            values: "{\"agent_id\": \"{key}\", \"message\": \"Report {n}\"}".to_owned(),
            rate: "1".to_owned(),
            acks: -1,
        };
        match edit.and_then(|id| Some((id, facts.producers.get(&id)?))) {
            Some((id, producer)) => ProducerForm {
                edit: Some(id),
                client_id: producer.client_id.clone(),
                acks: producer.acks,
                ..producer.workload.as_ref().map_or(fresh, of_workload)
            },
            None => fresh,
        }
    }

    /// Reads the form.
    pub fn check(&self) -> Checked {
        let mut reader = Reader::default();
        let client_id = reader.take(Field::Name, some_name(&self.client_id, "A producer"));
        let topic = reader.take(Field::Topic, topic_to_use(&self.topic));
        let rate = reader.take(Field::Rate, rate(&self.rate, FASTEST));
        let workload = || {
            Some(Workload {
                topic: topic?,
                partition: None,
                interval_micros: (SECOND_MICROS / rate?).round() as u64,
                keys: keys(&self.keys),
                values: lines(&self.values),
                headers: Vec::new(),
                remaining: None,
            })
        };
        let action = workload().and_then(|workload| match self.edit {
            Some(id) => Some(Action::SetWorkload(id, Some(workload))),
            None => Some(Action::AddProducer(NewProducer {
                client_id: client_id?,
                acks: self.acks,
                workload,
            })),
        });
        reader.finish(action)
    }
}

fn of_workload(workload: &Workload) -> ProducerForm {
    let keys: Vec<&str> = workload.keys.iter().flatten().map(String::as_str).collect();
    let rate = SECOND_MICROS / workload.interval_micros.max(1) as f64;
    ProducerForm {
        edit: None,
        client_id: String::new(),
        topic: workload.topic.clone(),
        keys: keys.join(", "),
        values: workload.values.join("\n"),
        rate: ((rate * 100.0).round() / 100.0).to_string(),
        acks: -1,
    }
}

fn keys(text: &str) -> Vec<Option<String>> {
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words.map(|word| Some(word.to_owned())).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ProducerForm;
    use crate::dialogs::check::Field;
    use crate::dialogs::facts::{DialogFacts, ProducerFacts};
    use session::action::Action;
    use world::input::ClientId;

    fn facts() -> DialogFacts {
        DialogFacts {
            brokers: 1,
            topics: [("secret_channel".to_owned(), 3)].into(),
            client_ids: vec!["producer-1".to_owned()],
            ..DialogFacts::default()
        }
    }

    #[test]
    fn a_new_producer_has_a_name_of_its_own_and_a_topic() {
        let form = ProducerForm::new(None, None, &facts());
        assert_eq!(
            (form.client_id.as_str(), form.topic.as_str()),
            ("producer-2", "secret_channel")
        );
        let checked = form.check();
        let Some(Action::AddProducer(producer)) = checked.action() else {
            panic!("{checked:?}")
        };
        assert_eq!(producer.workload.interval_micros, 1_000_000);
        assert_eq!(producer.workload.keys.len(), 3);
        assert!(
            checked
                .command()
                .is_some_and(|line| line.contains("client.id=producer-2"))
        );
    }

    #[test]
    fn a_producer_to_change_shows_what_it_sends() {
        let mut form = ProducerForm::new(None, None, &facts());
        form.rate = "2.5".to_owned();
        form.keys = String::new();
        let checked = form.check();
        let Some(Action::AddProducer(producer)) = checked.action().cloned() else {
            panic!("{checked:?}")
        };
        let id = ClientId(7);
        let shown = ProducerFacts {
            client_id: "agent".to_owned(),
            acks: 1,
            workload: Some(producer.workload.clone()),
        };
        let facts = DialogFacts {
            producers: [(id, shown)].into(),
            ..facts()
        };
        let edited = ProducerForm::new(None, Some(id), &facts);
        assert_eq!(
            (edited.client_id.as_str(), edited.rate.as_str(), edited.acks),
            ("agent", "2.5", 1)
        );
        assert_eq!(
            edited.check().action(),
            Some(&Action::SetWorkload(id, Some(producer.workload)))
        );
    }

    #[test]
    fn a_producer_without_topic_or_rate_is_refused() {
        let mut form = ProducerForm::new(None, None, &DialogFacts::default());
        form.rate = "0".to_owned();
        let checked = form.check();
        assert_eq!(checked.problem(Field::Topic), Some("Choose a topic."));
        assert!(checked.problem(Field::Rate).is_some());
        assert_eq!(checked.action(), None);
    }
}
