//! The machines, and the frames between them. Nothing here knows of sockets or clocks: the same plan
//! and the same turns give the same outputs, bit for bit, which is what a recording relies on.

mod wires;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use engine::broker::Broker;
use engine::broker::config::BrokerConfig;
use engine::broker::disk::Disk;
use engine::controller::log::MetadataChange;
use engine::controller::{Controller, ControllerConfig};
use engine::ids::BrokerId;
use engine::log::journal::DiskChange;
use engine::net::{Address, ConnId, Machine, NetIn};
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::Uuid;
use serde::{Deserialize, Serialize};

use crate::cluster::wires::conn_of;
use crate::settings::{self, Setting};

/// The controller's address, which only the brokers of this cluster use; no client is told.
const CONTROLLER_HOST: &str = "controller.local";
const CONTROLLER_PORT: u16 = 9093;
/// The node that clients are told to be the controller, as in a `process.roles=broker,controller` node.
const CONTROLLER_ID: BrokerId = 1;
/// Frames between machines in one turn; more wait for the next, so that sockets are served between.
const FRAMES_A_TURN: u32 = 100_000;
/// Wake-ups in one turn: a machine that asks for more at one moment is made to wait a millisecond.
const WAKEUPS_A_TURN: u32 = 1_000;
const STALLED_MS: i64 = 1;

/// What a cluster is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What all ids and choices come from.
    pub seed: u64,
    /// When it starts, in microseconds since the Unix epoch.
    pub started_at: u64,
    /// Where each broker is reached by clients; broker 1 first.
    pub brokers: Vec<Address>,
    /// `--set`.
    pub settings: Vec<Setting>,
}

/// A connection of a client, numbered in the order in which they were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

/// What happens to the cluster.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Somebody connected to a broker.
    Accepted {
        /// The connection's name from now on.
        client: ClientId,
        /// The broker.
        broker: BrokerId,
        /// The peer's host as Kafka shows it, such as `/127.0.0.1`.
        peer_host: String,
    },
    /// A request arrived, without its length.
    Frame(ClientId, Bytes),
    /// The peer has gone.
    Closed(ClientId),
    /// A broker dies; its disk stays.
    Kill(BrokerId),
    /// A broker starts on the disk it left.
    Start(BrokerId),
}

/// What the cluster wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// A response, without its length.
    Frame(ClientId, Bytes),
    /// Whatever the client asked is done, with no answer to come (`acks=0`).
    Idle(ClientId),
    /// The broker hangs up.
    Close(ClientId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Controller,
    Broker(BrokerId),
}

#[derive(Debug, Clone)]
struct Client {
    broker: BrokerId,
    /// Requests without an answer so far.
    unanswered: u64,
}

/// A cluster whose machines hear one another at once.
#[derive(Debug, Clone)]
pub struct Cluster {
    plan: Plan,
    cluster_id: String,
    rng: Rng,
    now: SimTime,
    controller: Controller,
    brokers: BTreeMap<BrokerId, Broker>,
    disks: BTreeMap<BrokerId, Disk>,
    /// Whether somebody keeps the disks in files, and what is to be told of them.
    journal: Option<Vec<(BrokerId, DiskChange)>>,
    /// Both ends of each connection between machines.
    pipes: BTreeMap<(Node, ConnId), (Node, ConnId)>,
    next_pipe: u64,
    clients: BTreeMap<ClientId, Client>,
    queue: VecDeque<(Node, NetIn)>,
    /// Machines called since their wake-ups were looked at.
    touched: BTreeSet<Node>,
    wakeups: BTreeMap<Node, SimTime>,
    stalled: bool,
    /// Clients that asked or were answered in this turn.
    active: Vec<ClientId>,
    out: Vec<Output>,
}

impl Cluster {
    /// The machines of a plan, on empty disks; the first turn lets them find each other.
    pub fn new(plan: Plan) -> Cluster {
        let mut rng = Rng::from_seed(plan.seed);
        let cluster_id = Uuid(rng.uuid_bytes()).to_string();
        let config = controller_config(&plan, &cluster_id);
        let controller = Controller::new(config, rng.child(), SimTime(plan.started_at));
        Cluster::with(plan, cluster_id, rng, controller, None)
    }

    pub(crate) fn with(
        plan: Plan,
        cluster_id: String,
        rng: Rng,
        controller: Controller,
        disks: Option<BTreeMap<BrokerId, Disk>>,
    ) -> Cluster {
        let now = SimTime(plan.started_at);
        let count = BrokerId::try_from(plan.brokers.len()).unwrap_or(BrokerId::MAX);
        let mut cluster = Cluster {
            plan,
            cluster_id,
            rng,
            now,
            controller,
            brokers: BTreeMap::new(),
            journal: disks.as_ref().map(|_| Vec::new()),
            disks: disks.unwrap_or_default(),
            pipes: BTreeMap::new(),
            next_pipe: 0,
            clients: BTreeMap::new(),
            queue: VecDeque::new(),
            touched: BTreeSet::from([Node::Controller]),
            wakeups: BTreeMap::new(),
            stalled: false,
            active: Vec::new(),
            out: Vec::new(),
        };
        for id in 1..=count {
            cluster.start(id);
        }
        cluster
    }

    /// What it was made from.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The brokers that run.
    pub fn brokers(&self) -> impl Iterator<Item = &Broker> {
        self.brokers.values()
    }

    /// A broker, if it runs.
    pub fn broker(&self, id: BrokerId) -> Option<&Broker> {
        self.brokers.get(&id)
    }

    /// What changed on the brokers' disks since the last call, for whoever keeps them.
    pub fn take_disk_changes(&mut self) -> Vec<(BrokerId, DiskChange)> {
        let Some(journal) = &mut self.journal else {
            return Vec::new();
        };
        let mut changes = std::mem::take(journal);
        for (id, broker) in &mut self.brokers {
            let own = broker.take_disk_changes().into_iter();
            changes.extend(own.map(|change| (*id, change)));
        }
        changes
    }

    /// What changed in the metadata log since the last call, for whoever keeps it.
    pub fn take_log_changes(&mut self) -> Vec<MetadataChange> {
        self.controller.take_log_changes()
    }

    /// The controller.
    pub fn controller(&self) -> &Controller {
        &self.controller
    }

    /// Whether a broker runs.
    pub fn runs(&self, broker: BrokerId) -> bool {
        self.brokers.contains_key(&broker)
    }

    /// Whether a broker serves clients.
    pub fn serves(&self, broker: BrokerId) -> bool {
        self.brokers.get(&broker).is_some_and(Broker::is_serving)
    }

    /// Whether every broker serves clients.
    pub fn all_serve(&self) -> bool {
        self.brokers.len() == self.plan.brokers.len()
            && self.brokers.values().all(Broker::is_serving)
    }

    /// Takes what arrived by `now` and does all that follows. Time that would go back stands still.
    pub fn turn(&mut self, now: SimTime, inputs: impl IntoIterator<Item = Input>) -> Vec<Output> {
        self.now = self.now.max(now);
        let mut frames = FRAMES_A_TURN;
        self.settle(&mut frames);
        for input in inputs {
            self.apply(input);
            self.settle(&mut frames);
        }
        self.wake_machines(&mut frames);
        self.note_idle_clients();
        std::mem::take(&mut self.out)
    }

    /// When the next turn is due even if nothing arrives.
    pub fn next_wakeup(&self) -> Option<SimTime> {
        if !self.queue.is_empty() {
            return Some(self.now);
        }
        let earliest = self.wakeups.values().min().copied()?;
        let soonest = if self.stalled {
            self.now.plus_millis(STALLED_MS)
        } else {
            self.now
        };
        Some(earliest.max(soonest))
    }

    fn apply(&mut self, input: Input) {
        match input {
            Input::Accepted {
                client,
                broker,
                peer_host,
            } => self.accept(client, broker, peer_host),
            Input::Frame(client, frame) => {
                if let Some(known) = self.clients.get_mut(&client) {
                    known.unanswered = known.unanswered.saturating_add(1);
                    let to = Node::Broker(known.broker);
                    self.active.push(client);
                    self.queue
                        .push_back((to, NetIn::Frame(conn_of(client), frame)));
                }
            }
            Input::Closed(client) => {
                if let Some(known) = self.clients.remove(&client) {
                    let to = Node::Broker(known.broker);
                    self.queue.push_back((to, NetIn::Closed(conn_of(client))));
                }
            }
            Input::Kill(id) => self.kill(id),
            Input::Start(id) => self.start(id),
        }
    }

    fn accept(&mut self, client: ClientId, broker: BrokerId, peer_host: String) {
        if !self.brokers.contains_key(&broker) {
            self.out.push(Output::Close(client));
            return;
        }
        let known = Client {
            broker,
            unanswered: 0,
        };
        self.clients.insert(client, known);
        let accepted = NetIn::Accepted {
            conn: conn_of(client),
            peer_host,
        };
        self.queue.push_back((Node::Broker(broker), accepted));
    }

    fn start(&mut self, id: BrokerId) {
        let place = usize::try_from(id.saturating_sub(1)).ok();
        let address = place.and_then(|place| self.plan.brokers.get(place));
        let (Some(address), false) = (address, self.runs(id)) else {
            return;
        };
        let controller = Address::new(CONTROLLER_HOST, CONTROLLER_PORT);
        let mut config = BrokerConfig::new(id, address.clone(), controller, &self.cluster_id);
        let brokers = self.plan.brokers.len();
        settings::apply_to_broker(&self.plan.settings, &mut config, brokers);
        let disk = self.disks.remove(&id).unwrap_or_default();
        let mut broker = Broker::new(config, disk, self.now, self.rng.child());
        if self.journal.is_some() {
            broker.keep_journal();
        }
        self.brokers.insert(id, broker);
        self.touched.insert(Node::Broker(id));
    }

    fn kill(&mut self, id: BrokerId) {
        let Some(mut broker) = self.brokers.remove(&id) else {
            return;
        };
        if let Some(journal) = &mut self.journal {
            let changes = broker.take_disk_changes().into_iter();
            journal.extend(changes.map(|change| (id, change)));
        }
        self.disks.insert(id, broker.into_disk());
        let node = Node::Broker(id);
        self.wakeups.remove(&node);
        self.queue.retain(|(to, _)| *to != node);
        let own = (node, ConnId(0))..=(node, ConnId(u64::MAX));
        let own: Vec<_> = self.pipes.range(own).map(|(end, _)| *end).collect();
        for end in own {
            self.break_pipe(end);
        }
        let gone = self.clients.extract_if(.., |_, client| client.broker == id);
        let gone: Vec<ClientId> = gone.map(|(client, _)| client).collect();
        self.out.extend(gone.into_iter().map(Output::Close));
    }

    fn settle(&mut self, frames: &mut u32) {
        while *frames > 0
            && let Some((node, input)) = self.queue.pop_front()
        {
            *frames = frames.saturating_sub(1);
            let now = self.now;
            if let Some(machine) = self.machine(node) {
                machine.handle(now, input);
                self.carry(node);
            }
        }
    }

    fn wake_machines(&mut self, frames: &mut u32) {
        for _ in 0..WAKEUPS_A_TURN {
            self.look_at_wakeups();
            let due = self.wakeups.iter().filter(|(_, at)| **at <= self.now);
            let Some((_, node)) = due.map(|(node, at)| (*at, *node)).min() else {
                self.stalled = false;
                return;
            };
            let now = self.now;
            if let Some(machine) = self.machine(node) {
                machine.advance(now);
            }
            self.carry(node);
            self.settle(frames);
        }
        self.look_at_wakeups();
        self.stalled = true;
    }

    fn look_at_wakeups(&mut self) {
        while let Some(node) = self.touched.pop_first() {
            let wakeup = match node {
                Node::Controller => self.controller.next_wakeup(),
                Node::Broker(id) => self.brokers.get(&id).and_then(Machine::next_wakeup),
            };
            match wakeup {
                Some(wakeup) => self.wakeups.insert(node, wakeup.at),
                None => self.wakeups.remove(&node),
            };
        }
    }

    fn machine(&mut self, node: Node) -> Option<&mut dyn Machine> {
        match node {
            Node::Controller => Some(&mut self.controller),
            Node::Broker(id) => self
                .brokers
                .get_mut(&id)
                .map(|broker| broker as &mut dyn Machine),
        }
    }

    /// Requests that get no answer are done all the same, and whoever waits is told.
    fn note_idle_clients(&mut self) {
        for client in std::mem::take(&mut self.active) {
            let Some(known) = self.clients.get_mut(&client) else {
                continue;
            };
            let broker = self.brokers.get(&known.broker);
            let busy = broker.is_none_or(|broker| broker.owes(conn_of(client)));
            if known.unanswered > 0 && !busy {
                known.unanswered = 0;
                self.out.push(Output::Idle(client));
            }
        }
    }
}

pub(crate) fn controller_config(plan: &Plan, cluster_id: &str) -> ControllerConfig {
    let mut config = ControllerConfig::new(CONTROLLER_ID, cluster_id);
    settings::apply_to_controller(&plan.settings, &mut config);
    config
}
