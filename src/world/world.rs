//! The world itself: it carries frames and time to machines and routes inputs to clients.

use records::sorted::{SortedMap, SortedSet};

use bytes::Bytes;
use client::admin::Admin;
use client::consumer::Consumer;
use client::producer::Producer;
use engine::broker::Broker;
use engine::ids::BrokerId;
use engine::net::NetOut;
use engine::rng::Rng;
use engine::time::{Reason, SimTime, Wakeup};
use serde::Serialize;

use crate::client::{Body, Client};
use crate::cluster::Cluster;
use crate::event::{ClientEvent, Flight, NodeId, What, WorldEvent};
use crate::input::{ClientId, ClusterSpec, Input, Pace, Reply, WorldError};
use crate::network::Network;

/// Unread world events beyond this are dropped, oldest first, so that memory stays bounded.
const EVENTS_LIMIT: usize = 200_000;

/// A machine that asks to be woken this often at one moment, and does nothing, is made to wait: one
/// mistake in a client must not freeze the page.
const WAKEUPS_AT_ONE_MOMENT: u32 = 10_000;

/// Brokers that one cluster may have.
const MAX_BROKERS: i32 = 9;

/// Brokers, clients, the network between them, the clock and chance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct World {
    seed: u64,
    started_at: SimTime,
    now: SimTime,
    rng: Rng,
    network: Network,
    cluster: Option<Cluster>,
    clients: SortedMap<ClientId, Client>,
    next_client: u64,
    wakeups: SortedMap<NodeId, Wakeup>,
    due: SortedSet<(Wakeup, NodeId)>,
    mail: SortedSet<ClientId>,
    farewell: SortedMap<ClientId, Vec<ClientEvent>>,
    events: Vec<WorldEvent>,
    woken: (NodeId, SimTime, u32),
    stalls: Vec<(NodeId, Reason)>,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A frame arrived.
    Arrived(Flight),
    /// A connection opened, was refused or closed.
    Connection(NodeId),
    /// A machine did what was due.
    Woke(NodeId, Reason),
}

impl World {
    /// An empty world: no cluster, no clients.
    pub fn new(seed: u64, start: SimTime, pace: Pace) -> World {
        World {
            seed,
            started_at: start,
            now: start,
            rng: Rng::from_seed(seed),
            network: Network::new(pace),
            cluster: None,
            clients: SortedMap::new(),
            next_client: 0,
            wakeups: SortedMap::new(),
            due: SortedSet::new(),
            mail: SortedSet::new(),
            farewell: SortedMap::new(),
            events: Vec::new(),
            woken: (NodeId::Controller, start, 0),
            stalls: Vec::new(),
        }
    }

    /// The time now.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// The time at which this world began.
    pub fn started_at(&self) -> SimTime {
        self.started_at
    }

    /// The seed it was made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How fast frames travel.
    pub fn pace(&self) -> Pace {
        self.network.pace()
    }

    /// The running cluster, to look at.
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// The clients by id.
    pub fn clients(&self) -> impl Iterator<Item = (ClientId, &Client)> {
        self.clients.iter().map(|(id, client)| (*id, client))
    }

    /// One client.
    pub fn client(&self, id: ClientId) -> Option<&Client> {
        self.clients.get(&id)
    }

    /// Frames under way, in the order they arrive.
    pub fn flights(&self) -> impl Iterator<Item = &Flight> {
        self.network.flights()
    }

    /// When something happens next by itself.
    pub fn next_event_at(&self) -> Option<SimTime> {
        let due = self.due.first().map(|(wakeup, _)| wakeup.at.max(self.now));
        match (due, self.network.next_arrival()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Does one thing to the world, now.
    ///
    /// # Errors
    /// A [`WorldError`] says why it was not done; then nothing has changed.
    pub fn apply(&mut self, input: Input) -> Result<Reply, WorldError> {
        match input {
            Input::StartCluster(spec) => self.start_cluster(&spec),
            Input::StopCluster => self.stop_cluster(),
            Input::KillBroker(id) => self.kill_broker(id),
            Input::StopBroker(id) => self.stop_broker(id),
            Input::StartBroker(id) => self.start_broker(id),
            Input::SetPace(pace) => {
                self.network.set_pace(pace);
                Ok(Reply::Done)
            }
            Input::SpawnProducer(config) => {
                let (name, rng) = (config.client_id.clone(), self.rng.child());
                let producer = Producer::new(config, self.now, rng);
                Ok(self.spawn(name, Body::Producer(producer)))
            }
            Input::SpawnConsumer(config, subscription) => {
                let (name, rng) = (config.client_id.clone(), self.rng.child());
                let mut consumer = Consumer::new(config, self.now, rng);
                consumer.subscribe(self.now, subscription);
                Ok(self.spawn(name, Body::Consumer(consumer)))
            }
            Input::SpawnAdmin(config) => {
                let (name, rng) = (config.client_id.clone(), self.rng.child());
                let admin = Admin::new(config, self.now, rng);
                Ok(self.spawn(name, Body::Admin(admin)))
            }
            Input::Kill(id) => {
                self.clients.get(&id).ok_or(WorldError::NoSuchClient(id))?;
                self.remove_client(id);
                Ok(Reply::Done)
            }
            other => self.apply_to_client(other),
        }
    }

    /// Lets time pass up to and including `t`.
    pub fn run_until(&mut self, t: SimTime) {
        while self.next_event_at().is_some_and(|at| at <= t) {
            self.step();
        }
        self.now = self.now.max(t);
    }

    /// Lets time pass up to `t`, or until a client that is driven from outside has something to
    /// take: then it stops there and says `true`.
    pub fn run_until_mail(&mut self, t: SimTime) -> bool {
        while !self.has_mail() {
            if self.next_event_at().is_none_or(|at| at > t) {
                self.now = self.now.max(t);
                return false;
            }
            self.step();
        }
        true
    }

    /// Lets exactly one thing happen; `None` if nothing ever will.
    pub fn step(&mut self) -> Option<Step> {
        let at = self.next_event_at()?;
        self.now = self.now.max(at);
        if let Some(delivery) = self.network.pop(self.now) {
            let step = match delivery.flight {
                Some(flight) => Step::Arrived(flight),
                None => Step::Connection(delivery.to),
            };
            let now = self.now;
            if let Some(client) = client_of(delivery.to).and_then(|id| self.clients.get_mut(&id)) {
                client.machine().handle(now, delivery.input);
                client.run_reader(now);
            } else if let Some(machine) = self
                .cluster
                .as_mut()
                .and_then(|cluster| cluster.machine(delivery.to))
            {
                machine.handle(now, delivery.input);
            }
            self.settle(delivery.to);
            return Some(step);
        }
        let (wakeup, node) = self.due.first().copied()?;
        if self.is_stalled(node) {
            self.stalls.push((node, wakeup.reason));
            self.forget_wakeup(node);
            let later = Wakeup {
                at: self.now.plus_millis(1),
                ..wakeup
            };
            self.wakeups.insert(node, later);
            self.due.insert((later, node));
            return Some(Step::Woke(node, wakeup.reason));
        }
        match node {
            NodeId::Client(id) => {
                if let Some(client) = self.clients.get_mut(&id) {
                    client.advance(self.now);
                }
            }
            NodeId::Broker(_) | NodeId::Controller => {
                if let Some(machine) = self.cluster.as_mut().and_then(|c| c.machine(node)) {
                    machine.advance(self.now);
                }
            }
        }
        self.settle(node);
        Some(Step::Woke(node, wakeup.reason))
    }

    /// Whether a client that is driven from outside has events or records to take.
    pub fn has_mail(&self) -> bool {
        !self.mail.is_empty()
    }

    /// Takes what a client told its application, also after it has left.
    pub fn take_client_events(&mut self, id: ClientId) -> Vec<ClientEvent> {
        if let Some(client) = self.clients.get_mut(&id) {
            let events = client.mailbox.drain(..).collect();
            self.note_mail(id);
            return events;
        }
        self.mail.remove(&id);
        self.farewell.remove(&id).unwrap_or_default()
    }

    /// Machines that asked to be woken again and again at one moment. There should be none.
    pub fn stalls(&self) -> &[(NodeId, Reason)] {
        &self.stalls
    }

    /// Takes what happened since the last call.
    pub fn take_events(&mut self) -> Vec<WorldEvent> {
        std::mem::take(&mut self.events)
    }

    fn is_stalled(&mut self, node: NodeId) -> bool {
        let (before, at, count) = self.woken;
        let again = before == node && at == self.now;
        self.woken = (
            node,
            self.now,
            if again { count.saturating_add(1) } else { 0 },
        );
        self.woken.2 >= WAKEUPS_AT_ONE_MOMENT
    }

    fn apply_to_client(&mut self, input: Input) -> Result<Reply, WorldError> {
        let id = input.client().ok_or(WorldError::NoCluster)?;
        let now = self.now;
        let client = self
            .clients
            .get_mut(&id)
            .ok_or(WorldError::NoSuchClient(id))?;
        let reply = client.apply(now, input).ok_or(WorldError::WrongKind(id))?;
        self.settle(NodeId::Client(id));
        Ok(reply)
    }

    fn start_cluster(&mut self, spec: &ClusterSpec) -> Result<Reply, WorldError> {
        if self.cluster.is_some() {
            return Err(WorldError::ClusterRuns);
        }
        if !(1..=MAX_BROKERS).contains(&spec.brokers) {
            return Err(WorldError::TooManyBrokers(spec.brokers));
        }
        let cluster = Cluster::start(spec, self.now, &mut self.rng);
        for (address, node) in cluster.listeners() {
            self.network.listen(address, node);
        }
        let nodes = cluster.nodes();
        self.cluster = Some(cluster);
        self.note(What::ClusterStarted);
        for node in nodes {
            self.settle(node);
        }
        Ok(Reply::Done)
    }

    fn stop_cluster(&mut self) -> Result<Reply, WorldError> {
        let cluster = self.cluster.take().ok_or(WorldError::NoCluster)?;
        for node in cluster.nodes() {
            self.forget_wakeup(node);
            self.network.remove(self.now, node);
        }
        self.note(What::ClusterStopped);
        Ok(Reply::Done)
    }

    fn kill_broker(&mut self, id: BrokerId) -> Result<Reply, WorldError> {
        let cluster = self.cluster.as_mut().ok_or(WorldError::NoCluster)?;
        if !cluster.take_down(id) {
            return Err(WorldError::NoSuchBroker(id));
        }
        self.forget_wakeup(NodeId::Broker(id));
        self.network.remove(self.now, NodeId::Broker(id));
        self.note(What::BrokerGone(id));
        Ok(Reply::Done)
    }

    fn stop_broker(&mut self, id: BrokerId) -> Result<Reply, WorldError> {
        let cluster = self.cluster.as_mut().ok_or(WorldError::NoCluster)?;
        if !cluster.begin_stop(id, self.now) {
            return Err(WorldError::NoSuchBroker(id));
        }
        self.settle(NodeId::Broker(id));
        Ok(Reply::Done)
    }

    fn start_broker(&mut self, id: BrokerId) -> Result<Reply, WorldError> {
        let cluster = self.cluster.as_mut().ok_or(WorldError::NoCluster)?;
        if cluster.broker(id).is_some() {
            return Err(WorldError::BrokerRuns(id));
        }
        let started = cluster.start_again(id, self.now, &mut self.rng);
        let address = started.ok_or(WorldError::NoSuchBroker(id))?;
        self.network.listen(address, NodeId::Broker(id));
        self.note(What::BrokerStarted(id));
        self.settle(NodeId::Broker(id));
        Ok(Reply::Done)
    }

    fn spawn(&mut self, client_id: String, body: Body) -> Reply {
        let id = ClientId(self.next_client);
        self.next_client += 1;
        let client = Client::new(client_id, body, self.rng.child());
        self.clients.insert(id, client);
        self.note(What::ClientSpawned(id));
        self.settle(NodeId::Client(id));
        Reply::Client(id)
    }

    fn remove_client(&mut self, id: ClientId) {
        self.forget_wakeup(NodeId::Client(id));
        self.network.remove(self.now, NodeId::Client(id));
        let Some(mut client) = self.clients.remove(&id) else {
            return;
        };
        self.mail.remove(&id);
        if !client.mailbox.is_empty() {
            self.farewell.insert(id, client.mailbox.drain(..).collect());
            self.mail.insert(id);
        }
        self.note(What::ClientGone(id));
    }

    /// After a machine was called: carry what it sends, note what it says and when it is due.
    fn settle(&mut self, node: NodeId) {
        let now = self.now;
        let (outputs, wakeup) = match node {
            NodeId::Client(id) => {
                let Some(client) = self.clients.get_mut(&id) else {
                    return;
                };
                (client.machine().drain(), client.next_wakeup())
            }
            NodeId::Broker(_) | NodeId::Controller => {
                let Some(machine) = self.cluster.as_mut().and_then(|c| c.machine(node)) else {
                    return;
                };
                (machine.drain(), machine.next_wakeup())
            }
        };
        self.forget_wakeup(node);
        if let Some(wakeup) = wakeup {
            // A machine that is overdue is called again at once, never in the past.
            let wakeup = Wakeup {
                at: wakeup.at.max(now),
                ..wakeup
            };
            self.wakeups.insert(node, wakeup);
            self.due.insert((wakeup, node));
        }
        for output in outputs {
            self.carry(node, output);
        }
        if let NodeId::Client(id) = node {
            self.collect(id);
        } else if let NodeId::Broker(id) = node {
            self.let_go(id);
        } else if node == NodeId::Controller
            && let Some(cluster) = &self.cluster
        {
            self.network.set_internal_topics(cluster.internal_topics());
        }
    }

    /// A broker that stops in order is gone once the controller has let it go.
    fn let_go(&mut self, id: BrokerId) {
        let broker = self.cluster.as_ref().and_then(|c| c.broker(id));
        if broker.is_some_and(Broker::has_stopped) {
            // It runs, so it can be taken down.
            let _ = self.kill_broker(id);
        }
    }

    fn carry(&mut self, node: NodeId, output: NetOut) {
        match output {
            NetOut::Connect { conn, to } => {
                if let Some(address) = self.network.connect(self.now, node, conn, &to)
                    && let NodeId::Client(id) = node
                {
                    self.note(What::Refused(id, address));
                }
            }
            NetOut::Send(conn, frame) => self.send(node, conn, frame),
            NetOut::Close(conn) => self.network.close(self.now, node, conn),
        }
    }

    fn send(&mut self, node: NodeId, conn: engine::net::ConnId, frame: Bytes) {
        if let Some(flight) = self.network.send(self.now, node, conn, frame) {
            self.note(What::FrameSent(flight));
        }
    }

    fn collect(&mut self, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let (events, closed) = client.collect();
        for event in events {
            self.note(What::Client(id, event));
        }
        self.note_mail(id);
        if closed {
            self.remove_client(id);
        }
    }

    fn note_mail(&mut self, id: ClientId) {
        if self.clients.get(&id).is_some_and(Client::has_mail) {
            self.mail.insert(id);
        } else {
            self.mail.remove(&id);
        }
    }

    fn note(&mut self, what: What) {
        if self.events.len() >= EVENTS_LIMIT {
            self.events.drain(..EVENTS_LIMIT / 2);
        }
        self.events.push(WorldEvent { at: self.now, what });
    }

    fn forget_wakeup(&mut self, node: NodeId) {
        if let Some(wakeup) = self.wakeups.remove(&node) {
            self.due.remove(&(wakeup, node));
        }
    }
}

fn client_of(node: NodeId) -> Option<ClientId> {
    match node {
        NodeId::Client(id) => Some(id),
        NodeId::Broker(_) | NodeId::Controller => None,
    }
}
