//! What a dialog may know of the sitting.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use session::session::Session;
use world::client::Body;
use world::facts;
use world::input::{ClientId, Workload};

/// What a dialog may know of the sitting.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DialogFacts {
    /// How many brokers run; none if no cluster does.
    pub brokers: usize,
    /// The topics that users made, with their number of partitions.
    pub topics: SortedMap<String, usize>,
    /// The groups, with the topics that each reads or committed offsets for.
    pub groups: SortedMap<String, Vec<String>>,
    /// `client.id` of every client.
    pub client_ids: Vec<String>,
    /// When the scene opened, in milliseconds since the Unix epoch.
    pub started_at_millis: i64,
    /// Producers that send by themselves, or did.
    pub producers: SortedMap<ClientId, ProducerFacts>,
}

/// A producer as its dialog needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProducerFacts {
    /// `client.id`
    pub client_id: String,
    /// `acks`
    pub acks: i16,
    /// What it sends by itself.
    pub workload: Option<Workload>,
}

impl DialogFacts {
    /// A `client.id` or a group's name that is still free: `consumer-3`.
    pub fn free_name(&self, stem: &str) -> String {
        let taken =
            |name: &String| self.client_ids.contains(name) || self.groups.contains_key(name);
        let names = (1u32..).map(|number| format!("{stem}-{number}"));
        names
            .into_iter()
            .find(|name| !taken(name))
            .unwrap_or_default()
    }

    /// The groups that have to do with a topic.
    pub fn groups_of(&self, topic: &str) -> Vec<String> {
        let reads = |topics: &Vec<String>| topics.iter().any(|read| read == topic);
        let groups = self.groups.iter().filter(|(_, topics)| reads(topics));
        groups.map(|(group, _)| group.clone()).collect()
    }
}

/// What dialogs may know of this sitting now.
#[inline(never)]
pub fn facts(session: &Session) -> DialogFacts {
    let world = session.world();
    let mut topics: SortedMap<String, usize> = SortedMap::new();
    for TopicPartition { topic, .. } in facts::user_partitions(world) {
        let count = topics.entry(topic).or_default();
        *count = count.saturating_add(1);
    }
    DialogFacts {
        brokers: facts::brokers_alive(world),
        topics,
        groups: groups(session),
        client_ids: world
            .clients()
            .map(|(_, client)| client.client_id.clone())
            .collect(),
        started_at_millis: world.started_at().as_millis(),
        producers: producers(session),
    }
}

fn groups(session: &Session) -> SortedMap<String, Vec<String>> {
    let world = session.world();
    let mut found: SortedMap<String, Vec<String>> = SortedMap::new();
    let mut note = |group: &str, topic: Option<&str>| {
        let topics = found.entry(group.to_owned()).or_default();
        if let Some(topic) = topic.filter(|topic| !topics.iter().any(|known| known == topic)) {
            topics.push(topic.to_owned());
        }
    };
    for group in facts::groups(world) {
        note(&group.id, None);
        for partition in group.offsets.keys() {
            note(&group.id, Some(&partition.topic));
        }
    }
    for (id, client) in world.clients() {
        if let (Some(group), Body::Consumer(consumer)) = (facts::group_of(world, id), &client.body)
        {
            for partition in consumer.assignment() {
                note(&group, Some(&partition.topic));
            }
        }
    }
    found
}

fn producers(session: &Session) -> SortedMap<ClientId, ProducerFacts> {
    let clients = session.world().clients();
    let producers = clients.filter_map(|(id, client)| {
        let Body::Producer(producer) = &client.body else {
            return None;
        };
        let facts = ProducerFacts {
            client_id: client.client_id.clone(),
            acks: producer.config().acks,
            workload: client.workload().map(|state| state.workload.clone()),
        };
        Some((id, facts))
    });
    producers.collect()
}
