//! A cluster on a network without delay: a controller, brokers, and one scripted client.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use engine::broker::Broker;
use engine::broker::config::BrokerConfig;
use engine::broker::disk::Disk;
use engine::controller::{Controller, ControllerConfig};
use engine::ids::TopicPartition;
use engine::invariants::violations;
use engine::net::{Address, ConnId, Machine, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::{Request, RequestHeader, Response};

const START_MS: i64 = 1_700_000_000_000;
/// More machine calls than this at one moment mean that somebody polls busily.
const MOST_STEPS_AT_ONCE: u32 = 20_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    Client,
    Controller,
    Broker(i32),
}

pub struct Sim {
    pub now: SimTime,
    pub controller: Controller,
    controller_up: bool,
    pub brokers: BTreeMap<i32, Broker>,
    disks: BTreeMap<i32, Disk>,
    config: Box<dyn Fn(&mut BrokerConfig)>,
    rng: Rng,
    pipes: BTreeMap<(Node, ConnId), (Node, ConnId)>,
    cut: BTreeSet<(Node, Node)>,
    queue: VecDeque<(Node, NetIn)>,
    next_conn: u64,
    answers: BTreeMap<ConnId, VecDeque<Bytes>>,
    asked: BTreeMap<(ConnId, i32), (i16, i16)>,
    pub closed: BTreeSet<ConnId>,
    correlation: i32,
    pub frames: u64,
}

fn controller_address() -> Address {
    Address::new("controller", 9093)
}

fn address(id: i32) -> Address {
    Address::new("localhost", 9000 + id as u16)
}

impl Sim {
    /// A cluster of `count` brokers, all let in.
    pub fn new(count: i32) -> Sim {
        Sim::with(count, |_| {})
    }

    pub fn with(count: i32, config: impl Fn(&mut BrokerConfig) + 'static) -> Sim {
        Sim::with_controller(count, config, |_| {})
    }

    pub fn with_controller(
        count: i32,
        config: impl Fn(&mut BrokerConfig) + 'static,
        controller: impl Fn(&mut ControllerConfig),
    ) -> Sim {
        let mut rng = Rng::from_seed(7);
        let now = SimTime::from_millis(START_MS);
        let mut controller_config = ControllerConfig::new(1, "cluster");
        controller(&mut controller_config);
        let mut sim = Sim {
            now,
            controller: Controller::new(controller_config, rng.child(), now),
            controller_up: true,
            brokers: BTreeMap::new(),
            disks: BTreeMap::new(),
            config: Box::new(config),
            rng,
            pipes: BTreeMap::new(),
            cut: BTreeSet::new(),
            queue: VecDeque::new(),
            next_conn: 0,
            answers: BTreeMap::new(),
            asked: BTreeMap::new(),
            closed: BTreeSet::new(),
            correlation: 0,
            frames: 0,
        };
        for id in 1..=count {
            sim.start(id);
        }
        sim.run_ms(100);
        assert!(
            sim.brokers.values().all(Broker::is_serving),
            "all are let in at once"
        );
        sim
    }

    pub fn start(&mut self, id: i32) {
        let mut config = BrokerConfig::new(id, address(id), controller_address(), "cluster");
        config.initial_rebalance_delay_ms = 0;
        config.offsets_partitions = 3;
        config.offsets_replication = 1;
        config.transactions_partitions = 3;
        config.transactions_replication = 1;
        config.transactions_min_isr = 1;
        (self.config)(&mut config);
        let disk = self.disks.remove(&id).unwrap_or_default();
        let broker = Broker::new(config, disk, self.now, self.rng.child());
        self.brokers.insert(id, broker);
        self.settle();
    }

    /// The broker's process dies; its disk stays.
    pub fn kill(&mut self, id: i32) {
        let broker = self.brokers.remove(&id).expect("it lives");
        self.disks.insert(id, broker.into_disk());
        self.queue.retain(|(node, _)| *node != Node::Broker(id));
        self.break_pipes(|node, _| node == Node::Broker(id));
        self.settle();
    }

    /// The broker begins to stop in order; it is down once [`Broker::has_stopped`].
    pub fn stop(&mut self, id: i32) {
        let now = self.now;
        self.brokers.get_mut(&id).expect("it lives").stop(now);
        self.carry(Node::Broker(id));
        self.settle();
    }

    pub fn stop_controller(&mut self) {
        self.controller_up = false;
        self.break_pipes(|node, _| node == Node::Controller);
    }

    pub fn start_controller(&mut self) {
        self.controller_up = true;
    }

    /// Cuts the way between two nodes.
    pub fn cut(&mut self, a: Node, b: Node) {
        self.cut.insert((a.min(b), a.max(b)));
        self.break_pipes(|x, y| (x.min(y), x.max(y)) == (a.min(b), a.max(b)));
        self.settle();
    }

    pub fn heal(&mut self) {
        self.cut.clear();
    }

    fn break_pipes(&mut self, broken: impl Fn(Node, Node) -> bool) {
        let gone: Vec<_> = self
            .pipes
            .iter()
            .filter(|((a, _), (b, _))| broken(*a, *b) || broken(*b, *a))
            .map(|(from, to)| (*from, *to))
            .collect();
        for (from, to) in gone {
            self.pipes.remove(&from);
            if self.is_up(to.0) {
                self.queue.push_back((to.0, NetIn::Closed(to.1)));
            }
        }
    }

    fn is_up(&self, node: Node) -> bool {
        match node {
            Node::Client => true,
            Node::Controller => self.controller_up,
            Node::Broker(id) => self.brokers.contains_key(&id),
        }
    }

    fn machine(&mut self, node: Node) -> Option<&mut dyn Machine> {
        match node {
            Node::Controller if self.controller_up => Some(&mut self.controller),
            Node::Broker(id) => self.brokers.get_mut(&id).map(|b| b as &mut dyn Machine),
            _ => None,
        }
    }

    fn locate(&self, to: &Address) -> Option<Node> {
        if *to == controller_address() {
            return self.controller_up.then_some(Node::Controller);
        }
        let id = i32::from(to.port) - 9000;
        self.brokers.contains_key(&id).then_some(Node::Broker(id))
    }

    fn open(&mut self, from: (Node, ConnId), node: Node) {
        let conn = ConnId::incoming(self.next_conn);
        self.next_conn += 1;
        self.pipes.insert(from, (node, conn));
        self.pipes.insert((node, conn), from);
        let accepted = NetIn::Accepted {
            conn,
            peer_host: "/127.0.0.1".into(),
        };
        self.queue.push_back((node, accepted));
    }

    fn carry(&mut self, node: Node) {
        let Some(machine) = self.machine(node) else {
            return;
        };
        for out in machine.drain() {
            match out {
                NetOut::Connect { conn, to } => {
                    let target = self.locate(&to).filter(|target| {
                        let pair = (node.min(*target), node.max(*target));
                        !self.cut.contains(&pair)
                    });
                    match target {
                        Some(target) => {
                            self.open((node, conn), target);
                            self.queue.push_back((node, NetIn::Opened(conn)));
                        }
                        None => self.queue.push_back((node, NetIn::Refused(conn))),
                    }
                }
                NetOut::Send(conn, frame) => {
                    self.frames += 1;
                    if let Some((to, peer)) = self.pipes.get(&(node, conn)).copied() {
                        self.queue.push_back((to, NetIn::Frame(peer, frame)));
                    }
                }
                NetOut::Close(conn) => {
                    if let Some(peer) = self.pipes.remove(&(node, conn)) {
                        self.pipes.remove(&peer);
                        self.queue.push_back((peer.0, NetIn::Closed(peer.1)));
                    }
                }
            }
        }
    }

    /// Delivers whatever is under way.
    pub fn settle(&mut self) {
        let mut steps = 0;
        while let Some((node, input)) = self.queue.pop_front() {
            steps += 1;
            assert!(
                steps < MOST_STEPS_AT_ONCE,
                "frames without end at {:?}",
                self.now
            );
            let now = self.now;
            match (node, input) {
                (Node::Client, NetIn::Frame(conn, frame)) => {
                    self.answers.entry(conn).or_default().push_back(frame);
                }
                (Node::Client, NetIn::Closed(conn)) => {
                    self.closed.insert(conn);
                }
                (Node::Client, _) => {}
                (node, input) => {
                    if let Some(machine) = self.machine(node) {
                        machine.handle(now, input);
                    }
                    self.carry(node);
                }
            }
        }
        self.check();
    }

    pub fn check(&self) {
        let brokers: Vec<&Broker> = self.brokers.values().collect();
        let found = violations(&brokers);
        assert!(found.is_empty(), "{found:#?}");
    }

    fn next_wakeup(&self) -> Option<(SimTime, Node)> {
        let brokers = self.brokers.iter();
        let brokers = brokers.filter_map(|(id, b)| Some((b.next_wakeup()?.at, Node::Broker(*id))));
        let controller = self.controller.next_wakeup().filter(|_| self.controller_up);
        brokers
            .chain(controller.map(|wakeup| (wakeup.at, Node::Controller)))
            .min()
    }

    /// Goes on for so many milliseconds.
    pub fn run_ms(&mut self, ms: i64) {
        let end = self.now.plus_millis(ms);
        self.settle();
        let mut steps = 0;
        while let Some((at, node)) = self.next_wakeup().filter(|(at, _)| *at <= end) {
            steps = if at > self.now { 0 } else { steps + 1 };
            assert!(steps < 200, "busy polling at {:?} by {node:?}", self.now);
            self.now = self.now.max(at);
            let now = self.now;
            if let Some(machine) = self.machine(node) {
                machine.advance(now);
            }
            self.carry(node);
            self.settle();
        }
        self.now = end;
    }

    /// Opens a connection from the client to a broker.
    pub fn connect(&mut self, broker: i32) -> ConnId {
        let conn = ConnId::outgoing(self.next_conn);
        self.next_conn += 1;
        assert!(self.brokers.contains_key(&broker), "it lives");
        self.open((Node::Client, conn), Node::Broker(broker));
        conn
    }

    /// Sends bytes as a frame.
    pub fn send_raw(&mut self, conn: ConnId, frame: Bytes) {
        if let Some((to, peer)) = self.pipes.get(&(Node::Client, conn)).copied() {
            self.queue.push_back((to, NetIn::Frame(peer, frame)));
        }
        self.settle();
    }

    pub fn send(&mut self, conn: ConnId, request: impl Into<Request>, version: i16) -> i32 {
        let request = request.into();
        self.correlation += 1;
        let header = RequestHeader {
            api_key: request.api_key(),
            api_version: version,
            correlation_id: self.correlation,
            client_id: Some("test".into()),
        };
        let key = (conn, self.correlation);
        self.asked.insert(key, (header.api_key, version));
        self.send_raw(conn, request.encode(&header));
        self.correlation
    }

    /// The next answer on a connection, if it is there.
    pub fn answer(&mut self, conn: ConnId) -> Option<(i32, Response)> {
        let frame = self.answers.get_mut(&conn)?.pop_front()?;
        let correlation = i32::from_be_bytes(frame[..4].try_into().unwrap());
        let (key, version) = self.asked[&(conn, correlation)];
        Some(Response::decode(key, version, &frame).unwrap())
    }

    pub fn raw_answer(&mut self, conn: ConnId) -> Option<Bytes> {
        self.answers.get_mut(&conn)?.pop_front()
    }

    pub fn hang_up(&mut self, conn: ConnId) {
        if let Some((node, peer)) = self.pipes.remove(&(Node::Client, conn)) {
            self.pipes.remove(&(node, peer));
            self.queue.push_back((node, NetIn::Closed(peer)));
        }
        self.settle();
    }

    /// Asks on a connection of its own, and waits for the answer.
    pub fn call(&mut self, broker: i32, request: impl Into<Request>, version: i16) -> Response {
        self.try_call(broker, request, version, 50_000)
            .expect("an answer")
    }

    /// The same, but the answer may not come in so many milliseconds.
    pub fn try_call(
        &mut self,
        broker: i32,
        request: impl Into<Request>,
        version: i16,
        patience_ms: i64,
    ) -> Option<Response> {
        let conn = self.connect(broker);
        self.send(conn, request, version);
        let end = self.now.plus_millis(patience_ms);
        loop {
            let answer = self.answer(conn);
            if answer.is_some() || self.now >= end {
                self.hang_up(conn);
                return answer.map(|(_, response)| response);
            }
            self.run_ms(50);
        }
    }

    pub fn leader(&self, partition: &TopicPartition) -> i32 {
        self.controller
            .image()
            .partition(partition)
            .map_or(-1, |image| image.leader)
    }

    pub fn elr(&self, partition: &TopicPartition) -> Vec<i32> {
        let image = self.controller.image().partition(partition);
        image.map_or(Vec::new(), |image| image.elr.clone())
    }

    pub fn isr(&self, partition: &TopicPartition) -> Vec<i32> {
        let image = self.controller.image().partition(partition);
        let mut isr = image.map_or(Vec::new(), |image| image.isr.clone());
        isr.sort_unstable();
        isr
    }
}
