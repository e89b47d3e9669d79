//! Three brokers of which one at a time dies, stops or comes back, while clients produce with
//! `acks=all`: nothing that was acknowledged is lost, no offset is given twice, and what an idempotent
//! producer sent stays in order.

use std::collections::BTreeMap;

use bytes::Bytes;
use client::admin::{AdminCall, AdminConfig, NewTopic};
use client::producer::{ProducerConfig, ProducerEvent, ProducerRecord, SendId};
use engine::ids::TopicPartition;
use engine::net::Address;
use engine::rng::Rng;
use engine::time::SimTime;
use world::event::{ClientEvent, What};
use world::facts;
use world::input::{ClientId, ClusterSpec, Input, Pace, Reply};
use world::world::World;

const START: SimTime = SimTime(1_700_000_000_000_000);
const STEPS: u64 = 60;
const PARTITIONS: i32 = 3;
const TOPIC: &str = "safe";

/// An acknowledged record: who sent it, as its how manyth.
type Acknowledged = BTreeMap<(i32, i64), (ClientId, u64)>;

struct Outage {
    seed: u64,
    chance: Rng,
    world: World,
    producers: Vec<(ClientId, bool)>,
    sent: BTreeMap<(ClientId, SendId), u64>,
    acknowledged: Acknowledged,
    failed: usize,
    numbered: u64,
}

/// Plays one seed; gives how many records were acknowledged.
pub fn play(seed: u64) -> usize {
    let mut outage = Outage::begin(seed);
    for _ in 0..STEPS {
        outage.act();
        let pause = outage.chance.below(3_000_000);
        outage.pass(pause);
        outage.check();
    }
    // One may still be stopping.
    outage.pass(20_000_000);
    for id in 1..=3 {
        let _ = outage.world.apply(Input::StartBroker(id));
    }
    for _ in 0..40 {
        outage.pass(10_000_000);
        outage.check();
        if outage.sent.is_empty() {
            break;
        }
    }
    outage.pass(30_000_000);
    outage.check();
    outage.check_end();
    outage.acknowledged.len()
}

impl Outage {
    fn begin(seed: u64) -> Outage {
        let mut world = World::new(seed, START, Pace::Real);
        let spec = ClusterSpec {
            brokers: 3,
            first_port: 8098,
            offsets_partitions: 3,
        };
        world.apply(Input::StartCluster(spec)).expect("it starts");
        let mut outage = Outage {
            seed,
            chance: Rng::from_seed(seed),
            world,
            producers: Vec::new(),
            sent: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            failed: 0,
            numbered: 0,
        };
        outage.pass(3_000_000);
        let admin = AdminConfig::new("admin", bootstrap());
        let Ok(Reply::Client(admin)) = outage.world.apply(Input::SpawnAdmin(admin)) else {
            panic!("an admin client");
        };
        let topic = NewTopic {
            name: TOPIC.to_owned(),
            partitions: Some(PARTITIONS),
            replication_factor: Some(3),
            configs: vec![("min.insync.replicas".to_owned(), "2".to_owned())],
            ..NewTopic::default()
        };
        let call = Input::Call(admin, AdminCall::CreateTopics(vec![topic]));
        outage.world.apply(call).expect("it is asked for");
        outage.pass(1_000_000);
        for idempotent in [true, true, false] {
            let mut config = ProducerConfig::new("producer", bootstrap());
            config.acks = -1;
            config.enable_idempotence = idempotent;
            config.linger_ms = 5;
            let Ok(Reply::Client(id)) = outage.world.apply(Input::SpawnProducer(config)) else {
                panic!("a producer");
            };
            outage.producers.push((id, idempotent));
        }
        outage
    }

    fn act(&mut self) {
        match self.chance.below(8) {
            0 => self.one_goes(Input::KillBroker),
            1 => self.one_goes(Input::StopBroker),
            2 | 3 => {
                let down: Vec<i32> = self.cluster().down().collect();
                for id in down {
                    let _ = self.world.apply(Input::StartBroker(id));
                }
            }
            _ => self.send_some(),
        }
    }

    /// One broker goes, if all are there and in sync: more at a time may lose records, as in Kafka.
    fn one_goes(&mut self, how: impl Fn(i32) -> Input) {
        let image = self.cluster().controller().image();
        let partitions = image.topics().flat_map(|topic| topic.partitions.values());
        let whole = partitions
            .into_iter()
            .all(|partition| partition.isr.len() == 3);
        if whole && self.cluster().down().count() == 0 {
            let id = 1 + i32::try_from(self.chance.below(3)).unwrap_or(0);
            let _ = self.world.apply(how(id));
        }
    }

    fn send_some(&mut self) {
        let which = usize::try_from(self.chance.below(3)).unwrap_or(0);
        let (producer, _) = self.producers[which];
        for _ in 0..=self.chance.below(20) {
            self.numbered += 1;
            let record = ProducerRecord {
                topic: TOPIC.to_owned(),
                key: Some(Bytes::from(format!("key {}", self.chance.below(9)))),
                value: Some(Bytes::from(self.numbered.to_string())),
                ..ProducerRecord::default()
            };
            if let Ok(Reply::Sent(id)) = self.world.apply(Input::Send(producer, record)) {
                self.sent.insert((producer, id), self.numbered);
            }
        }
    }

    fn pass(&mut self, micros: u64) {
        let until = self.world.now().plus_micros(micros);
        self.world.run_until(until);
        for event in self.world.take_events() {
            let What::Client(id, ClientEvent::Producer(event)) = event.what else {
                continue;
            };
            match event {
                ProducerEvent::Acked {
                    id: sent,
                    partition,
                    offset,
                } => {
                    let number = self.sent.remove(&(id, sent)).expect("sent once");
                    let at = (partition, offset);
                    let before = self.acknowledged.insert(at, (id, number));
                    assert!(before.is_none(), "seed {}: {at:?} twice", self.seed);
                }
                ProducerEvent::Failed { id: sent, .. } => {
                    self.sent.remove(&(id, sent));
                    self.failed += 1;
                }
                ProducerEvent::Log(_) | ProducerEvent::Closed => {}
            }
        }
        let ids: Vec<ClientId> = self.producers.iter().map(|(id, _)| *id).collect();
        for id in ids {
            self.world.take_client_events(id);
        }
    }

    fn check(&self) {
        let brokers: Vec<_> = self.cluster().brokers().collect();
        let broken = engine::invariants::violations(&brokers);
        assert!(broken.is_empty(), "seed {}: {broken:?}", self.seed);
        for partition in 0..PARTITIONS {
            let partition = TopicPartition::new(TOPIC, partition);
            if facts::leader_log(&self.world, &partition).is_none() {
                continue;
            }
            let stored: BTreeMap<i64, Bytes> = facts::records_from(&self.world, &partition, 0)
                .map(|record| (record.offset, record.value.unwrap_or_default()))
                .collect();
            let range = (partition.partition, 0)..(partition.partition + 1, 0);
            for ((_, offset), (_, number)) in self.acknowledged.range(range) {
                let value = Bytes::from(number.to_string());
                assert_eq!(
                    stored.get(offset),
                    Some(&value),
                    "seed {}: {partition} @ {offset} is not as acknowledged",
                    self.seed
                );
            }
        }
    }

    fn check_end(&self) {
        let seed = self.seed;
        assert!(self.sent.is_empty(), "seed {seed}: neither sent nor failed");
        assert!(self.world.stalls().is_empty(), "seed {seed}: stalled");
        let image = self.cluster().controller().image();
        for topic in image.topics() {
            for (number, partition) in &topic.partitions {
                let mut isr = partition.isr.clone();
                isr.sort_unstable();
                assert_eq!(isr, [1, 2, 3], "seed {seed}: {} {number}", topic.name);
                assert!(partition.elr.is_empty(), "seed {seed}: {partition:?}");
            }
        }
        for (producer, _) in self.producers.iter().filter(|(_, idempotent)| *idempotent) {
            for partition in 0..PARTITIONS {
                let range = (partition, 0)..(partition + 1, 0);
                let own = self.acknowledged.range(range);
                let own = own.filter(|(_, (id, _))| id == producer);
                let numbers: Vec<u64> = own.map(|(_, (_, number))| *number).collect();
                let in_order = numbers.is_sorted();
                assert!(in_order, "seed {seed}: partition {partition}: {numbers:?}");
            }
        }
    }

    fn cluster(&self) -> &world::cluster::Cluster {
        self.world.cluster().expect("it runs")
    }
}

fn bootstrap() -> Vec<Address> {
    (8098..=8100)
        .map(|port| Address::new("localhost", port))
        .collect()
}
