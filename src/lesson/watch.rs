//! Notes what has happened in the world, so that goals can be checked at any later time.

use records::sorted::{SortedMap, SortedSet};

use protocol::Request;
use serde::Serialize;
use shell::Shell;
use shell::terminal::Terminal;
use world::client::Body;
use world::event::{Flight, What, WorldEvent};
use world::world::World;

const METADATA: i16 = 3;
const DESCRIBE_TOPIC_PARTITIONS: i16 = 75;

/// What has happened so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Watch {
    pub(crate) cluster_runs: bool,
    pub(crate) in_container: bool,
    pub(crate) created: SortedSet<String>,
    pub(crate) deleted: SortedSet<String>,
    pub(crate) topics_listed: bool,
    pub(crate) topic_described: bool,
    pub(crate) records: SortedMap<String, u64>,
    pub(crate) read: SortedSet<String>,
    pub(crate) read_from_beginning: SortedSet<String>,
}

impl Watch {
    /// How many records a topic stored, at most, so far.
    pub fn stored(&self, topic: &str) -> u64 {
        self.records.get(topic).copied().unwrap_or(0)
    }

    /// Notes one event.
    pub fn note(&mut self, event: &WorldEvent) {
        match &event.what {
            What::ClusterStarted => self.cluster_runs = true,
            What::FrameSent(flight) if !flight.is_response => self.note_request(flight),
            _ => {}
        }
    }

    /// Only admin clients count, which have a name of their own: every client asks for metadata.
    fn note_request(&mut self, flight: &Flight) {
        if !matches!(flight.call.api_key, METADATA | DESCRIBE_TOPIC_PARTITIONS) {
            return;
        }
        let Ok((header, request)) = Request::decode(&flight.frame) else {
            return;
        };
        if !header
            .client_id
            .is_some_and(|name| name.starts_with("adminclient"))
        {
            return;
        }
        match request {
            Request::Metadata(request) => self.topics_listed |= request.topics.is_none(),
            Request::DescribeTopicPartitions(_) => self.topic_described = true,
            _ => {}
        }
    }

    /// Looks at the world as it is now; called now and then.
    pub fn look(&mut self, world: &World, shell: &Shell) {
        let in_container = |terminal: &Terminal| terminal.prompt().starts_with("[appuser@");
        self.in_container |= shell.terminals().any(in_container);
        let Some(cluster) = world.cluster() else {
            return;
        };
        let image = cluster.controller().image();
        for topic in image.topics() {
            self.created.insert(topic.name.clone());
        }
        for topic in &self.created {
            if image.topic(topic).is_none() {
                self.deleted.insert(topic.clone());
            }
        }
        for topic in image.topics() {
            let stored = world::facts::records_stored(world, &topic.name);
            let most = self.records.entry(topic.name.clone()).or_insert(0);
            *most = (*most).max(stored);
        }
        self.look_at_consumers(world);
    }

    fn look_at_consumers(&mut self, world: &World) {
        for (_, client) in world.clients() {
            let Body::Consumer(consumer) = &client.body else {
                continue;
            };
            for partition in consumer.assignment() {
                self.read.insert(partition.topic.clone());
            }
            for (partition, read) in &client.stats.partitions {
                let start = world::facts::log_start(world, partition).unwrap_or(0);
                let position = consumer.positions().get(partition).copied().unwrap_or(0);
                let whole = u64::try_from(position.saturating_sub(start)).unwrap_or(0);
                if *read > 0 && *read >= whole {
                    self.read_from_beginning.insert(partition.topic.clone());
                }
            }
        }
    }
}
