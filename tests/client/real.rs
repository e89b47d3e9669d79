//! The clients against the engine's own brokers and controller, over a network without delay.

use std::collections::BTreeMap;

use records::sorted::SortedSet;

use bytes::Bytes;
use client::admin::{Admin, AdminAnswer, AdminCall, AdminConfig, AdminEvent, NewTopic};
use client::consumer::{Assignor, Consumer, ConsumerConfig, OffsetReset, Subscription};
use client::producer::{Producer, ProducerConfig, ProducerEvent, ProducerRecord};
use engine::broker::Broker;
use engine::broker::config::BrokerConfig;
use engine::broker::disk::Disk;
use engine::controller::{Controller, ControllerConfig};
use engine::ids::TopicPartition;
use engine::net::{Address, ConnId, Machine, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::SimTime;

use crate::cluster::Client;

enum Party {
    Controller(Box<Controller>),
    Broker(Box<Broker>),
    Client(Client),
}

/// Everybody, and who is connected to whom.
struct Sim {
    now: SimTime,
    parties: Vec<Party>,
    listening: BTreeMap<Address, usize>,
    peers: BTreeMap<(usize, ConnId), (usize, ConnId)>,
    dead: SortedSet<usize>,
    next_incoming: u64,
}

impl Party {
    fn machine(&mut self) -> &mut dyn Machine {
        match self {
            Party::Controller(controller) => controller.as_mut(),
            Party::Broker(broker) => broker.as_mut(),
            Party::Client(client) => client.machine(),
        }
    }
}

fn address(broker: i32) -> Address {
    Address::new("localhost", u16::try_from(8097 + broker).unwrap())
}

impl Sim {
    /// Brokers 1 to `brokers`, up and known to each other.
    fn start(brokers: i32) -> Sim {
        let now = SimTime::from_millis(1_700_000_000_000);
        let at_controller = Address::new("controller", 9093);
        let config = ControllerConfig::new(1, "the-cluster-id-22-char");
        let controller = Controller::new(config, Rng::from_seed(1), now);
        let mut sim = Sim {
            now,
            parties: vec![Party::Controller(Box::new(controller))],
            listening: BTreeMap::from([(at_controller.clone(), 0)]),
            peers: BTreeMap::new(),
            dead: SortedSet::new(),
            next_incoming: 0,
        };
        for id in 1..=brokers {
            let mut config = BrokerConfig::new(
                id,
                address(id),
                at_controller.clone(),
                "the-cluster-id-22-char",
            );
            config.offsets_partitions = 5;
            config.offsets_replication = i16::try_from(brokers).unwrap();
            config.initial_rebalance_delay_ms = 0;
            let seed = Rng::from_seed(u64::try_from(id).unwrap());
            let broker = Broker::new(config, Disk::default(), now, seed);
            sim.listening.insert(address(id), sim.parties.len());
            sim.parties.push(Party::Broker(Box::new(broker)));
        }
        sim.run(5_000);
        sim
    }

    fn add(&mut self, client: Client) -> usize {
        self.parties.push(Party::Client(client));
        self.parties.len() - 1
    }

    fn producer(&mut self, i: usize) -> &mut Producer {
        match &mut self.parties[i] {
            Party::Client(Client::Producer(producer)) => producer,
            _ => panic!("{i} is no producer"),
        }
    }

    fn consumer(&mut self, i: usize) -> &mut Consumer {
        match &mut self.parties[i] {
            Party::Client(Client::Consumer(consumer)) => consumer,
            _ => panic!("{i} is no consumer"),
        }
    }

    fn call(&mut self, i: usize, call: AdminCall) -> AdminAnswer {
        let now = self.now;
        let Party::Client(Client::Admin(admin)) = &mut self.parties[i] else {
            panic!("{i} is no admin client")
        };
        admin.submit(now, call);
        self.run(2_000);
        let Party::Client(Client::Admin(admin)) = &mut self.parties[i] else {
            panic!("{i} is no admin client")
        };
        let done = admin
            .take_events()
            .into_iter()
            .find_map(|event| match event {
                AdminEvent::Done(_, outcome) => Some(outcome),
                AdminEvent::Log(_) => None,
            });
        done.expect("an answer").unwrap()
    }

    fn kill(&mut self, party: usize) {
        self.dead.insert(party);
        let ends: Vec<_> = self
            .peers
            .iter()
            .filter(|(end, _)| end.0 == party)
            .map(|(_, o)| *o)
            .collect();
        for other in ends {
            self.hang_up(other);
        }
    }

    fn hang_up(&mut self, (party, conn): (usize, ConnId)) {
        let now = self.now;
        if let Some(other) = self.peers.remove(&(party, conn)) {
            self.peers.remove(&other);
            self.parties[party]
                .machine()
                .handle(now, NetIn::Closed(conn));
        }
    }

    fn run(&mut self, millis: i64) {
        let end = self.now.plus_millis(millis);
        loop {
            self.settle();
            let living = (0..self.parties.len()).filter(|i| !self.dead.contains(i));
            let living: Vec<usize> = living.collect();
            let wakeups = living.iter().filter_map(|i| {
                let wakeup = self.parties[*i].machine().next_wakeup()?;
                Some((wakeup.at, *i))
            });
            let next = wakeups.min().filter(|(at, _)| *at <= end);
            let Some((at, i)) = next else {
                self.now = end;
                return;
            };
            self.now = self.now.max(at);
            let now = self.now;
            self.parties[i].machine().advance(now);
        }
    }

    fn settle(&mut self) {
        loop {
            let mut busy = false;
            for i in 0..self.parties.len() {
                if self.dead.contains(&i) {
                    continue;
                }
                for out in self.parties[i].machine().drain() {
                    busy = true;
                    self.carry(i, out);
                }
            }
            if !busy {
                return;
            }
        }
    }

    fn carry(&mut self, from: usize, out: NetOut) {
        let now = self.now;
        match out {
            NetOut::Connect { conn, to } => {
                let found = self.listening.get(&to).copied();
                let Some(party) = found.filter(|party| !self.dead.contains(party)) else {
                    self.parties[from]
                        .machine()
                        .handle(now, NetIn::Refused(conn));
                    return;
                };
                let incoming = ConnId::incoming(self.next_incoming);
                self.next_incoming += 1;
                self.peers.insert((from, conn), (party, incoming));
                self.peers.insert((party, incoming), (from, conn));
                let peer_host = "/127.0.0.1".to_owned();
                let accepted = NetIn::Accepted {
                    conn: incoming,
                    peer_host,
                };
                self.parties[party].machine().handle(now, accepted);
                self.parties[from]
                    .machine()
                    .handle(now, NetIn::Opened(conn));
            }
            NetOut::Send(conn, frame) => {
                if let Some((to, conn)) = self.peers.get(&(from, conn)).copied() {
                    self.parties[to]
                        .machine()
                        .handle(now, NetIn::Frame(conn, frame));
                }
            }
            NetOut::Close(conn) => {
                if let Some(other) = self.peers.get(&(from, conn)).copied() {
                    self.peers.remove(&(from, conn));
                    let (to, conn) = other;
                    self.peers.remove(&other);
                    self.parties[to].machine().handle(now, NetIn::Closed(conn));
                }
            }
        }
    }

    fn admin(&mut self) -> usize {
        let config = AdminConfig::new("adminclient-1", vec![address(1)]);
        let admin = Admin::new(config, self.now, Rng::from_seed(70));
        self.add(Client::Admin(Box::new(admin)))
    }

    fn create(&mut self, admin: usize, name: &str, partitions: i32, replicas: i16) {
        let topic = NewTopic {
            name: name.to_owned(),
            partitions: Some(partitions),
            replication_factor: Some(replicas),
            ..NewTopic::default()
        };
        let answer = self.call(admin, AdminCall::CreateTopics(vec![topic]));
        assert!(
            matches!(&answer, AdminAnswer::CreateTopics(rows) if rows[0].1.is_ok()),
            "{answer:?}"
        );
    }

    fn new_producer(&mut self) -> usize {
        let config = ProducerConfig::new("p", vec![address(1)]);
        let producer = Producer::new(config, self.now, Rng::from_seed(71));
        self.add(Client::Producer(Box::new(producer)))
    }

    fn new_consumer(&mut self, assignor: Assignor) -> usize {
        let mut config = ConsumerConfig::new("c", vec![address(1)]);
        config.group_id = Some("g".to_owned());
        config.auto_offset_reset = OffsetReset::Earliest;
        config.assignors = vec![assignor];
        let seed = Rng::from_seed(80 + self.parties.len() as u64);
        let mut consumer = Consumer::new(config, self.now, seed);
        consumer.subscribe(self.now, Subscription::Topics(vec!["t".to_owned()]));
        self.add(Client::Consumer(Box::new(consumer)))
    }

    fn send(&mut self, producer: usize, values: std::ops::Range<i32>) {
        let now = self.now;
        for value in values {
            let text = value.to_string();
            let record = ProducerRecord {
                topic: "t".to_owned(),
                key: Some(Bytes::from(text.clone())),
                value: Some(Bytes::from(text)),
                ..ProducerRecord::default()
            };
            self.producer(producer).send(now, record);
        }
    }

    /// Polls for that long and gathers the values read.
    fn read(&mut self, consumers: &[usize], millis: i64) -> Vec<i32> {
        let mut values = Vec::new();
        for _ in 0..millis / 100 {
            for consumer in consumers {
                let now = self.now;
                for record in self.consumer(*consumer).poll(now, 500) {
                    let value = record.value.unwrap();
                    values.push(std::str::from_utf8(&value).unwrap().parse().unwrap());
                }
            }
            self.run(100);
        }
        values.sort_unstable();
        values
    }
}

fn acked(events: &[ProducerEvent]) -> usize {
    events
        .iter()
        .filter(|event| matches!(event, ProducerEvent::Acked { .. }))
        .count()
}

#[test]
fn what_is_sent_is_read_once_and_the_group_knows_how_far() {
    let mut sim = Sim::start(3);
    let admin = sim.admin();
    sim.create(admin, "t", 3, 3);
    let producer = sim.new_producer();
    sim.send(producer, 0..100);
    sim.run(2_000);
    assert_eq!(acked(&sim.producer(producer).take_events()), 100);
    let consumer = sim.new_consumer(Assignor::Range);
    assert_eq!(sim.read(&[consumer], 8_000), (0..100).collect::<Vec<_>>());
    let now = sim.now;
    sim.consumer(consumer).close(now);
    sim.run(1_000);
    let asked = AdminCall::ListGroupOffsets("g".to_owned(), None);
    let AdminAnswer::ListGroupOffsets(Ok(offsets)) = sim.call(admin, asked) else {
        panic!("another answer")
    };
    assert_eq!(offsets.iter().map(|found| found.offset).sum::<i64>(), 100);
}

#[test]
fn a_group_shares_and_a_member_that_leaves_is_replaced() {
    for assignor in [
        Assignor::Range,
        Assignor::Sticky,
        Assignor::CooperativeSticky,
    ] {
        let mut sim = Sim::start(1);
        let admin = sim.admin();
        sim.create(admin, "t", 4, 1);
        let (a, b) = (sim.new_consumer(assignor), sim.new_consumer(assignor));
        sim.read(&[a, b], 15_000);
        let owned = |sim: &mut Sim, i: usize| sim.consumer(i).assignment();
        let (of_a, of_b) = (owned(&mut sim, a), owned(&mut sim, b));
        assert_eq!((of_a.len(), of_b.len()), (2, 2), "{assignor:?}");
        assert!(of_a.is_disjoint(&of_b));
        let now = sim.now;
        sim.consumer(a).close(now);
        sim.read(&[b], 10_000);
        let all: SortedSet<TopicPartition> = (0..4).map(|p| TopicPartition::new("t", p)).collect();
        assert_eq!(owned(&mut sim, b), all, "{assignor:?}");
    }
}

#[test]
fn a_broker_dies_and_nothing_acknowledged_is_lost_or_doubled() {
    let mut sim = Sim::start(3);
    let admin = sim.admin();
    sim.create(admin, "t", 3, 3);
    let producer = sim.new_producer();
    let consumer = sim.new_consumer(Assignor::Range);
    sim.send(producer, 0..50);
    let mut read = sim.read(&[consumer], 8_000);
    sim.kill(3);
    sim.send(producer, 50..100);
    read.extend(sim.read(&[consumer], 40_000));
    assert_eq!(acked(&sim.producer(producer).take_events()), 100);
    read.sort_unstable();
    assert_eq!(read, (0..100).collect::<Vec<_>>());
}

#[test]
fn topics_are_described_with_their_replicas() {
    let mut sim = Sim::start(3);
    let admin = sim.admin();
    sim.create(admin, "t", 2, 3);
    let asked = AdminCall::DescribeTopics(vec!["t".to_owned(), "missing".to_owned()]);
    let AdminAnswer::DescribeTopics(rows) = sim.call(admin, asked) else {
        panic!("another answer")
    };
    let topic = rows[0].1.as_ref().unwrap();
    assert!(
        topic
            .partitions
            .iter()
            .all(|p| p.replicas.len() == 3 && p.isr.len() == 3)
    );
    let error = rows[1].1.as_ref().unwrap_err();
    assert_eq!(
        error.exception,
        "org.apache.kafka.common.errors.UnknownTopicOrPartitionException"
    );
}
