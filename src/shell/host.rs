//! What a terminal needs of the world it stands in: the tools are clients like any other, so this is
//! all they can do.

use engine::time::SimTime;
use world::client::Body;
use world::event::ClientEvent;
use world::facts;
use world::input::{ClientId, Input, Reply, WorldError};
use world::world::World;

/// The world as a terminal sees it: the simulated one, or one that a test makes up.
pub trait Host {
    /// The moment it is.
    fn now(&self) -> SimTime;
    /// Does something now.
    fn apply(&mut self, input: Input) -> Result<Reply, WorldError>;
    /// What happened to a client since the last call.
    fn take_client_events(&mut self, client: ClientId) -> Vec<ClientEvent>;
    /// How many records a consumer holds ready for `Input::Poll`.
    fn buffered(&self, client: ClientId) -> usize;
    /// Whether a producer's next send would wait for metadata or memory.
    fn send_blocks(&self, client: ClientId) -> bool;
    /// What can be named in a command, for completion and `docker ps`; `None` if no cluster runs.
    fn cluster(&self) -> Option<ClusterFacts>;
}

/// What a terminal may know of the cluster without asking it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterFacts {
    /// How many brokers there are.
    pub brokers: i32,
    /// The first broker's port.
    pub first_port: u16,
    /// Topics by name, with their partitions' number.
    pub topics: Vec<(String, usize)>,
    /// Groups by name.
    pub groups: Vec<String>,
}

impl Host for World {
    fn now(&self) -> SimTime {
        World::now(self)
    }

    fn apply(&mut self, input: Input) -> Result<Reply, WorldError> {
        World::apply(self, input)
    }

    fn take_client_events(&mut self, client: ClientId) -> Vec<ClientEvent> {
        World::take_client_events(self, client)
    }

    fn buffered(&self, client: ClientId) -> usize {
        match self.client(client).map(|client| &client.body) {
            Some(Body::Consumer(consumer)) => usize::from(consumer.has_buffered()),
            Some(Body::Producer(_) | Body::Admin(_)) | None => 0,
        }
    }

    fn send_blocks(&self, client: ClientId) -> bool {
        match self.client(client).map(|client| &client.body) {
            Some(Body::Producer(producer)) => producer.send_blocks(),
            Some(Body::Consumer(_) | Body::Admin(_)) | None => false,
        }
    }

    fn cluster(&self) -> Option<ClusterFacts> {
        let cluster = World::cluster(self)?;
        let spec = cluster.spec();
        let image = cluster.controller().image();
        Some(ClusterFacts {
            brokers: spec.brokers,
            first_port: spec.first_port,
            topics: image
                .topics()
                .map(|t| (t.name.clone(), t.partitions.len()))
                .collect(),
            groups: facts::groups(self)
                .into_iter()
                .map(|group| group.id.clone())
                .collect(),
        })
    }
}
