//! A broker that answers nonsense harms nobody: no panic, no endless loop, no wake-up in the past.

use client::admin::{Admin, AdminCall, AdminConfig, OffsetSpec};
use client::consumer::{Consumer, ConsumerConfig, Subscription};
use client::producer::{Producer, ProducerConfig, ProducerRecord};
use engine::ids::TopicPartition;
use engine::rng::Rng;

use crate::cluster::{Client, Cluster};

#[test]
fn damaged_answers() {
    for seed in 0..300 {
        let mut rng = Rng::from_seed(seed);
        let mut cluster = Cluster::new(2);
        cluster.shared.create("t", 2);
        cluster.damage = Some((rng.child(), 2 + rng.below(6)));
        let clients = clients(&mut cluster, seed);
        for round in 0..8 {
            use_all(&mut cluster, clients, round);
            cluster.run(3_000);
            let now = cluster.now;
            cluster.consumer(clients[1]).poll(now, 500);
        }
    }
}

#[test]
fn clients_recover_once_answers_are_sound_again() {
    for seed in 0..20 {
        let mut cluster = Cluster::new(2);
        cluster.shared.create("t", 2);
        cluster.damage = Some((Rng::from_seed(seed), 3));
        let clients = clients(&mut cluster, seed);
        use_all(&mut cluster, clients, 0);
        cluster.run(10_000);
        cluster.damage = None;
        // Long enough to give up on brokers that were never there.
        cluster.run(320_000);
        assert_eq!(cluster.producer(clients[0]).pending(), 0);
        let now = cluster.now;
        cluster.producer(clients[0]).take_events();
        cluster.producer(clients[0]).send(now, record());
        cluster.run(10_000);
        let events = cluster.producer(clients[0]).take_events();
        assert!(
            format!("{events:?}").contains("Acked"),
            "seed {seed}: {events:?}"
        );
    }
}

fn clients(cluster: &mut Cluster, seed: u64) -> [usize; 3] {
    let now = cluster.now;
    let rng = || Rng::from_seed(seed);
    let producer = ProducerConfig::new("p", Cluster::bootstrap());
    let mut consumer = ConsumerConfig::new("c", Cluster::bootstrap());
    consumer.group_id = Some("g".to_owned());
    let admin = AdminConfig::new("a", Cluster::bootstrap());
    [
        cluster.add(Client::Producer(Box::new(Producer::new(
            producer,
            now,
            rng(),
        )))),
        cluster.add(Client::Consumer(Box::new(Consumer::new(
            consumer,
            now,
            rng(),
        )))),
        cluster.add(Client::Admin(Box::new(Admin::new(admin, now, rng())))),
    ]
}

fn use_all(cluster: &mut Cluster, [p, c, a]: [usize; 3], round: i32) {
    let now = cluster.now;
    cluster
        .consumer(c)
        .subscribe(now, Subscription::Topics(vec!["t".to_owned()]));
    cluster.producer(p).send(now, record());
    let call = match round % 3 {
        0 => AdminCall::ListTopics,
        1 => AdminCall::DescribeGroups(vec!["g".to_owned()]),
        _ => AdminCall::ListOffsets(vec![(TopicPartition::new("t", 0), OffsetSpec::Latest)]),
    };
    cluster.admin(a).submit(now, call);
}

fn record() -> ProducerRecord {
    ProducerRecord {
        topic: "t".to_owned(),
        ..ProducerRecord::default()
    }
}
