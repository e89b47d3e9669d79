//! The machines that store: brokers and their controller.

use records::sorted::SortedMap;

use engine::broker::Broker;
use engine::broker::config::BrokerConfig;
use engine::broker::disk::Disk;
use engine::controller::{Controller, ControllerConfig};
use engine::ids::{BrokerId, OFFSETS_TOPIC};
use engine::net::{Address, Machine};
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::Uuid;
use serde::Serialize;

use crate::event::NodeId;
use crate::input::ClusterSpec;

/// The port at which the controller answers brokers.
const CONTROLLER_PORT: u16 = 9093;

/// `log.dirs` of every broker.
pub const LOG_DIR: &str = "/var/lib/kafka/data";

/// The controller is shown as combined with the first broker, as in a `process.roles=broker,controller`
/// node, though it is a machine of its own here.
const CONTROLLER_ID: BrokerId = 1;

/// A running cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    spec: ClusterSpec,
    brokers: SortedMap<BrokerId, Broker>,
    /// The disks of brokers that do not run.
    down: SortedMap<BrokerId, Disk>,
    controller: Controller,
}

impl Cluster {
    /// Brokers and a controller on empty disks, about to find each other.
    pub fn start(spec: &ClusterSpec, now: SimTime, rng: &mut Rng) -> Cluster {
        let cluster_id = Uuid(rng.uuid_bytes()).to_string();
        let controller = Controller::new(
            ControllerConfig::new(CONTROLLER_ID, cluster_id),
            rng.child(),
            now,
        );
        let mut cluster = Cluster {
            spec: spec.clone(),
            brokers: SortedMap::new(),
            down: SortedMap::new(),
            controller,
        };
        for id in 1..=spec.brokers {
            cluster.boot(id, Disk::default(), now, rng);
        }
        cluster
    }

    /// What was asked for.
    pub fn spec(&self) -> &ClusterSpec {
        &self.spec
    }

    /// The brokers that run, by id.
    pub fn brokers(&self) -> impl Iterator<Item = &Broker> {
        self.brokers.values()
    }

    /// One broker, if it runs.
    pub fn broker(&self, id: BrokerId) -> Option<&Broker> {
        self.brokers.get(&id)
    }

    /// The brokers that do not run.
    pub fn down(&self) -> impl Iterator<Item = BrokerId> {
        self.down.keys().copied()
    }

    /// The controller.
    pub fn controller(&self) -> &Controller {
        &self.controller
    }

    /// Where each machine listens.
    pub(crate) fn listeners(&self) -> Vec<(Address, NodeId)> {
        let mut listeners = vec![(
            Address::new("localhost", CONTROLLER_PORT),
            NodeId::Controller,
        )];
        for id in self.brokers.keys() {
            listeners.push((Self::address_of(&self.spec, *id), NodeId::Broker(*id)));
        }
        listeners
    }

    /// A broker's process is gone. False if it does not run.
    pub(crate) fn take_down(&mut self, id: BrokerId) -> bool {
        let Some(broker) = self.brokers.remove(&id) else {
            return false;
        };
        self.down.insert(id, broker.into_disk());
        true
    }

    /// Starts a broker that is down and says where it listens. `None` if it runs or is none.
    pub(crate) fn start_again(
        &mut self,
        id: BrokerId,
        now: SimTime,
        rng: &mut Rng,
    ) -> Option<Address> {
        let disk = self.down.remove(&id)?;
        self.boot(id, disk, now, rng);
        Some(Self::address_of(&self.spec, id))
    }

    /// A running broker begins to stop in order. False if it does not run.
    pub(crate) fn begin_stop(&mut self, id: BrokerId, now: SimTime) -> bool {
        let broker = self.brokers.get_mut(&id);
        broker.map(|broker| broker.stop(now)).is_some()
    }

    /// Its machines.
    pub(crate) fn nodes(&self) -> Vec<NodeId> {
        let brokers = self.brokers.keys().map(|id| NodeId::Broker(*id));
        std::iter::once(NodeId::Controller).chain(brokers).collect()
    }

    /// The machine behind a node.
    pub(crate) fn machine(&mut self, node: NodeId) -> Option<&mut dyn Machine> {
        match node {
            NodeId::Controller => Some(&mut self.controller),
            NodeId::Broker(id) => self
                .brokers
                .get_mut(&id)
                .map(|broker| broker as &mut dyn Machine),
            NodeId::Client(_) => None,
        }
    }

    /// The ids of Kafka's own topics.
    pub(crate) fn internal_topics(&self) -> Vec<Uuid> {
        self.controller
            .image()
            .topic(OFFSETS_TOPIC)
            .map(|topic| topic.id)
            .into_iter()
            .collect()
    }

    fn boot(&mut self, id: BrokerId, disk: Disk, now: SimTime, rng: &mut Rng) {
        let mut config = BrokerConfig::new(
            id,
            Self::address_of(&self.spec, id),
            Address::new("localhost", CONTROLLER_PORT),
            self.controller.config().cluster_id.clone(),
        );
        config.log_dir = LOG_DIR.to_owned();
        config.offsets_partitions = self.spec.offsets_partitions;
        config.offsets_replication = i16::try_from(self.spec.brokers.min(3)).unwrap_or(1);
        config.transactions_partitions = self.spec.offsets_partitions;
        config.transactions_replication = config.offsets_replication;
        config.transactions_min_isr = i32::from(config.offsets_replication.min(2));
        // The playground answers at once: nobody waits 3 s for a first member to be joined.
        config.initial_rebalance_delay_ms = 0;
        let broker = Broker::new(config, disk, now, rng.child());
        self.brokers.insert(id, broker);
    }

    fn address_of(spec: &ClusterSpec, id: BrokerId) -> Address {
        let step = u16::try_from(id.saturating_sub(1)).unwrap_or(0);
        Address::new("localhost", spec.first_port.saturating_add(step))
    }
}
