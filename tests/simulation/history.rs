//! One odd history: a seeded choice of inputs, and time that passes between them.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use client::admin::{AdminCall, AdminConfig, NewTopic};
use client::consumer::{ConsumerConfig, OffsetReset, SeekTo, Subscription};
use client::producer::{ProducerConfig, ProducerEvent, ProducerRecord, SendId};
use engine::ids::TopicPartition;
use engine::net::Address;
use engine::rng::Rng;
use engine::time::SimTime;
use world::event::{ClientEvent, What};
use world::facts;
use world::input::{ClientId, ClusterSpec, Input, Pace, Reader, Reply};
use world::world::World;

use crate::model::Model;

const STEPS: u64 = 40;
/// `delivery.timeout.ms`, and a little for the network.
const DELIVERY_MILLIS: i64 = 130_000;
const START: SimTime = SimTime(1_700_000_000_000_000);

/// Plays the history of one seed and panics, naming the seed, if anything is not as it must be.
pub fn play(seed: u64) {
    let mut history = History::begin(seed);
    for _ in 0..STEPS {
        history.act();
        let pause = history.chance.below(400_000);
        let until = history.world.now().plus_micros(pause);
        history.run_until(until);
        history.check();
    }
    // Left alone, everything that was sent is acknowledged or failed: at the latest after its own time
    // in a batch, and before that after the time of each record that waits in front of it.
    let rounds = 1 + history.sent.len();
    for _ in 0..=rounds {
        let until = history.world.now().plus_millis(DELIVERY_MILLIS);
        history.run_until(until);
        if history.sent.is_empty() {
            break;
        }
    }
    history.check();
    assert!(
        history.sent.is_empty(),
        "seed {seed}: {} records were neither acknowledged nor failed",
        history.sent.len()
    );
}

struct History {
    seed: u64,
    chance: Rng,
    world: World,
    model: Model,
    admin: ClientId,
    producers: Vec<ClientId>,
    consumers: Vec<ClientId>,
    sent: BTreeMap<(ClientId, SendId), (String, Bytes)>,
    /// Sent to a topic that was deleted meanwhile: whatever comes of it is right.
    forgotten: BTreeSet<(ClientId, SendId)>,
    /// A topic that is being deleted: an acknowledgement may be of the old one, or of the one that a
    /// client that still wants it has had made at once.
    deleting: Option<String>,
    numbered: u64,
}

impl History {
    fn begin(seed: u64) -> History {
        let mut chance = Rng::from_seed(seed);
        let pace = if chance.below(4) == 0 {
            Pace::Teaching
        } else {
            Pace::Real
        };
        let mut world = World::new(seed, START, pace);
        let brokers = if chance.below(2) == 0 { 1 } else { 3 };
        let spec = ClusterSpec {
            brokers,
            first_port: 8098,
            offsets_partitions: 3,
        };
        world
            .apply(Input::StartCluster(spec))
            .expect("an empty world");
        let config = AdminConfig::new("admin", bootstrap());
        let Ok(Reply::Client(admin)) = world.apply(Input::SpawnAdmin(config)) else {
            panic!()
        };
        let mut history = History {
            seed,
            chance,
            world,
            model: Model::default(),
            admin,
            producers: Vec::new(),
            consumers: Vec::new(),
            sent: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            deleting: None,
            numbered: 0,
        };
        let until = history.world.now().plus_millis(3_000);
        history.run_until(until);
        history.create_topic();
        history.add_producer();
        history
    }

    fn act(&mut self) {
        match self.chance.below(20) {
            0 => self.create_topic(),
            1 => self.add_producer(),
            2 | 3 => self.add_consumer(),
            4 => self.end_one(),
            5 => self.seek(),
            6 => self.call_something(),
            7 => self.delete_records(),
            8 if self.chance.below(4) == 0 => self.delete_topic(),
            _ => self.send_some(),
        }
    }

    fn run_until(&mut self, until: SimTime) {
        while self.world.now() < until {
            let stop = self.world.next_event_at().unwrap_or(until).min(until);
            self.world.run_until(stop);
            self.note();
        }
    }

    fn note(&mut self) {
        for event in self.world.take_events() {
            if let What::Client(id, ClientEvent::Producer(event)) = event.what {
                match event {
                    ProducerEvent::Acked { id: sent, .. }
                    | ProducerEvent::Failed { id: sent, .. }
                        if self.forgotten.remove(&(id, sent)) => {}
                    ProducerEvent::Acked {
                        id: sent,
                        partition,
                        offset,
                    } => {
                        let (topic, value) = self.sent.remove(&(id, sent)).unwrap_or_else(|| {
                            panic!("seed {}: {sent:?} of {id:?} was answered twice", self.seed)
                        });
                        if offset >= 0 && self.deleting.as_ref() != Some(&topic) {
                            let at = TopicPartition::new(topic, partition);
                            self.model.acknowledge(self.seed, at, offset, value);
                        }
                    }
                    ProducerEvent::Failed { id: sent, .. } => {
                        self.sent.remove(&(id, sent));
                    }
                    ProducerEvent::Log(_) | ProducerEvent::Closed => {}
                }
            }
        }
        for id in self
            .consumers
            .iter()
            .chain(&self.producers)
            .chain([&self.admin])
        {
            self.world.take_client_events(*id);
        }
    }

    fn check(&mut self) {
        self.model.check(self.seed, &self.world);
        assert!(
            self.world.stalls().is_empty(),
            "seed {}: stalled: {:?}",
            self.seed,
            self.world.stalls()
        );
        let brokers: Vec<_> = self.world.cluster().expect("it runs").brokers().collect();
        let broken = engine::invariants::violations(&brokers);
        assert!(broken.is_empty(), "seed {}: {broken:?}", self.seed);
    }

    fn create_topic(&mut self) {
        let brokers = self
            .world
            .cluster()
            .map_or(1, |cluster| cluster.spec().brokers);
        let most = u64::try_from(brokers).unwrap_or(1);
        let topic = NewTopic {
            name: format!("topic-{}", self.chance.below(4)),
            partitions: i32::try_from(self.chance.below(4) + 1).ok(),
            replication_factor: i16::try_from(self.chance.below(most) + 1).ok(),
            ..NewTopic::default()
        };
        self.call(AdminCall::CreateTopics(vec![topic]));
    }

    fn delete_topic(&mut self) {
        let Some(partition) = self.some_partition() else {
            return;
        };
        self.call(AdminCall::DeleteTopics(vec![partition.topic.clone()]));
        let until = self.world.now().plus_millis(1_500);
        self.deleting = Some(partition.topic.clone());
        self.run_until(until);
        self.deleting = None;
        self.model.forget(&partition.topic);
        let lost = self
            .sent
            .iter()
            .filter(|(_, (topic, _))| *topic == partition.topic);
        self.forgotten.extend(lost.map(|(id, _)| *id));
        self.sent.retain(|_, (topic, _)| *topic != partition.topic);
    }

    fn delete_records(&mut self) {
        let Some(partition) = self.some_partition() else {
            return;
        };
        let Some(log) = facts::leader_log(&self.world, &partition) else {
            return;
        };
        let end = u64::try_from(log.high_watermark()).unwrap_or(0);
        let before = i64::try_from(self.chance.below(end + 1)).unwrap_or(0);
        self.call(AdminCall::DeleteRecords(vec![(partition, before)]));
    }

    fn call_something(&mut self) {
        let call = match self.chance.below(4) {
            0 => AdminCall::ListGroups,
            1 => AdminCall::DescribeGroups(vec!["readers-0".to_owned(), "missing".to_owned()]),
            2 => AdminCall::ListGroupOffsets("readers-0".to_owned(), None),
            _ => AdminCall::ListTopics,
        };
        self.call(call);
    }

    fn add_producer(&mut self) {
        let mut config = ProducerConfig::new("producer", bootstrap());
        config.acks = if self.chance.below(3) == 0 { 1 } else { -1 };
        config.enable_idempotence = config.acks == -1 && self.chance.below(4) != 0;
        config.linger_ms = i64::try_from(self.chance.below(20)).unwrap_or(0);
        if let Ok(Reply::Client(id)) = self.world.apply(Input::SpawnProducer(config)) {
            self.producers.push(id);
        }
    }

    fn add_consumer(&mut self) {
        let Some(partition) = self.some_partition() else {
            return;
        };
        let mut config = ConsumerConfig::new("consumer", bootstrap());
        config.group_id = Some(format!("readers-{}", self.chance.below(2)));
        config.auto_offset_reset = OffsetReset::Earliest;
        let subscription = Subscription::Topics(vec![partition.topic]);
        if let Ok(Reply::Client(id)) = self.world.apply(Input::SpawnConsumer(config, subscription))
        {
            self.consumers.push(id);
            let _ = self
                .world
                .apply(Input::SetReader(id, Some(Reader::default())));
        }
    }

    fn end_one(&mut self) {
        let clients = if self.chance.below(3) == 0 && self.producers.len() > 1 {
            &mut self.producers
        } else {
            &mut self.consumers
        };
        if clients.is_empty() {
            return;
        }
        let at = usize::try_from(self.chance.below(clients.len() as u64)).unwrap_or(0);
        let id = clients.remove(at);
        if self.chance.below(2) == 0 {
            let _ = self.world.apply(Input::Close(id));
        } else {
            let _ = self.world.apply(Input::Kill(id));
            self.sent.retain(|(client, _), _| *client != id);
        }
    }

    fn seek(&mut self) {
        let Some(id) = self.consumers.first().copied() else {
            return;
        };
        let Some(partition) = self.some_partition() else {
            return;
        };
        let to = if self.chance.below(2) == 0 {
            SeekTo::Beginning
        } else {
            SeekTo::End
        };
        let _ = self.world.apply(Input::Seek(id, partition, to));
    }

    fn send_some(&mut self) {
        let Some(partition) = self.some_partition() else {
            return;
        };
        let which = usize::try_from(self.chance.below(self.producers.len() as u64)).unwrap_or(0);
        let producer = self.producers[which];
        for _ in 0..=self.chance.below(8) {
            self.numbered += 1;
            let value = Bytes::from(format!("value {}", self.numbered));
            let key = (self.chance.below(3) > 0)
                .then(|| Bytes::from(format!("key {}", self.chance.below(5))));
            let record = ProducerRecord {
                topic: partition.topic.clone(),
                partition: (self.chance.below(5) == 0).then_some(partition.partition),
                key,
                value: Some(value.clone()),
                ..ProducerRecord::default()
            };
            if let Ok(Reply::Sent(sent)) = self.world.apply(Input::Send(producer, record)) {
                self.sent
                    .insert((producer, sent), (partition.topic.clone(), value));
            }
        }
    }

    fn some_partition(&mut self) -> Option<TopicPartition> {
        let all: Vec<_> = facts::user_partitions(&self.world).collect();
        let at = usize::try_from(self.chance.below(all.len() as u64)).ok()?;
        all.get(at).cloned()
    }

    fn call(&mut self, call: AdminCall) {
        let _ = self.world.apply(Input::Call(self.admin, call));
    }
}

fn bootstrap() -> Vec<Address> {
    vec![Address::new("localhost", 8098)]
}
