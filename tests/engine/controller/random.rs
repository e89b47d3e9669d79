//! Whatever is asked in whatever order, what the metadata says stays sound.

use std::collections::BTreeMap;

use engine::image::MetadataImage;
use engine::image::partition::PartitionImage;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::test_runner::Config;
use protocol::Uuid;
use protocol::messages::alter_partition::{
    AlterPartitionRequest, BrokerState, PartitionData, TopicData,
};
use protocol::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use protocol::messages::elect_leaders::ElectLeadersRequest;

use super::configs::alter;
use super::kept::{Keeper, comes_back};
use super::lab::{Lab, by_count, by_hand};

#[derive(Debug, Clone)]
enum Step {
    Start(i32),
    Beat {
        broker: i32,
        fence: bool,
        stop: bool,
    },
    Pass(i64),
    Create {
        topic: u8,
        partitions: i32,
        replication: i16,
    },
    ByHand {
        topic: u8,
        replicas: Vec<i32>,
    },
    Delete(u8),
    Grow {
        topic: u8,
        count: i32,
    },
    Isr {
        topic: u8,
        broker: i32,
        isr: Vec<i32>,
        behind: i32,
    },
    Elect(i8),
    Unclean {
        topic: u8,
        allowed: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let broker = 1..=4_i32;
    let topic = 0..3_u8;
    let brokers = || proptest::collection::vec(0..=5_i32, 0..4);
    prop_oneof![
        broker.clone().prop_map(Step::Start),
        (broker.clone(), any::<bool>(), any::<bool>()).prop_map(|(broker, fence, stop)| {
            Step::Beat {
                broker,
                fence,
                stop,
            }
        }),
        broker.clone().prop_map(|broker| Step::Beat {
            broker,
            fence: false,
            stop: false
        }),
        (0..12_000_i64).prop_map(Step::Pass),
        (topic.clone(), -1..6, -1..4_i16).prop_map(|(topic, partitions, replication)| {
            Step::Create {
                topic,
                partitions,
                replication,
            }
        }),
        (topic.clone(), brokers()).prop_map(|(topic, replicas)| Step::ByHand { topic, replicas }),
        topic.clone().prop_map(Step::Delete),
        (topic.clone(), 0..9_i32).prop_map(|(topic, count)| Step::Grow { topic, count }),
        (topic.clone(), broker, brokers(), 0..2_i32).prop_map(|(topic, broker, isr, behind)| {
            Step::Isr {
                topic,
                broker,
                isr,
                behind,
            }
        }),
        prop_oneof![Just(0_i8), Just(1_i8), Just(5_i8)].prop_map(Step::Elect),
        (topic, any::<bool>()).prop_map(|(topic, allowed)| Step::Unclean { topic, allowed }),
    ]
}

fn play(lab: &mut Lab, step: &Step) {
    let name = |topic: &u8| format!("topic-{topic}");
    match step {
        Step::Start(broker) => {
            lab.register(*broker);
            lab.beat(*broker);
        }
        Step::Beat {
            broker,
            fence,
            stop,
        } => {
            let (fence, stop) = (*fence, *stop);
            lab.heartbeat(
                *broker,
                match (fence, stop) {
                    (false, false) => |_| {},
                    (true, false) => |r| r.want_fence = true,
                    (false, true) => |r| r.want_shut_down = true,
                    (true, true) => |r| (r.want_fence, r.want_shut_down) = (true, true),
                },
            );
        }
        Step::Pass(millis) => lab.pass(*millis),
        Step::Create {
            topic,
            partitions,
            replication,
        } => {
            lab.create(by_count(&name(topic), *partitions, *replication));
        }
        Step::ByHand { topic, replicas } => {
            lab.create(by_hand(&name(topic), &[replicas]));
        }
        Step::Delete(topic) => {
            let topics = vec![DeleteTopicState {
                name: Some(name(topic)),
                topic_id: Uuid::ZERO,
            }];
            lab.ask(DeleteTopicsRequest {
                topics,
                ..Default::default()
            });
        }
        Step::Grow { topic, count } => {
            let topics = vec![CreatePartitionsTopic {
                name: name(topic),
                count: *count,
                assignments: None,
            }];
            lab.ask(CreatePartitionsRequest {
                topics,
                ..Default::default()
            });
        }
        Step::Isr {
            topic,
            broker,
            isr,
            behind,
        } => ask_for_isr(lab, &name(topic), *broker, isr, *behind),
        Step::Elect(election_type) => {
            lab.ask(ElectLeadersRequest {
                election_type: *election_type,
                ..Default::default()
            });
        }
        Step::Unclean { topic, allowed } => {
            let value = allowed.to_string();
            alter(
                lab,
                2,
                &name(topic),
                &[("unclean.leader.election.enable", 0, Some(&value))],
            );
        }
    }
}

fn ask_for_isr(lab: &mut Lab, topic: &str, broker: i32, isr: &[i32], behind: i32) {
    let Some(found) = lab.image().topic(topic) else {
        return;
    };
    let topic_id = found.id;
    let partitions = found
        .partitions
        .iter()
        .map(|(index, partition)| PartitionData {
            partition_index: *index,
            leader_epoch: partition.leader_epoch,
            partition_epoch: partition.partition_epoch - behind,
            new_isr_with_epochs: isr
                .iter()
                .map(|id| BrokerState {
                    broker_id: *id,
                    broker_epoch: -1,
                })
                .collect(),
            ..Default::default()
        });
    let topics = vec![TopicData {
        topic_id,
        partitions: partitions.collect(),
    }];
    let broker_epoch = lab.epochs.get(&broker).copied().unwrap_or(-1);
    lab.ask(AlterPartitionRequest {
        broker_id: broker,
        broker_epoch,
        topics,
    });
}

type Partitions = BTreeMap<(Uuid, i32), PartitionImage>;

fn partitions(image: &MetadataImage) -> Partitions {
    let of_topic = |topic: &engine::image::TopicImage| {
        let id = topic.id;
        topic
            .partitions
            .clone()
            .into_iter()
            .map(move |(index, partition)| ((id, index), partition))
    };
    image.topics().flat_map(of_topic).collect()
}

fn check(before: &Partitions, image: &MetadataImage) {
    let after = partitions(image);
    for (key, partition) in &after {
        assert!(
            partition
                .isr
                .iter()
                .all(|broker| partition.replicas.contains(broker)),
            "{partition:?}"
        );
        let leader = partition.leader;
        assert!(leader == -1 || !partition.isr.is_empty(), "{partition:?}");
        let is_eligible =
            |broker: &i32| partition.replicas.contains(broker) && !partition.isr.contains(broker);
        assert!(partition.elr.iter().all(is_eligible), "{partition:?}");
        // Somebody can lead again, whoever it is.
        let hope = [&partition.isr, &partition.elr, &partition.last_known_elr];
        assert!(hope.iter().any(|list| !list.is_empty()), "{partition:?}");
        assert!(
            leader == -1 || partition.isr.contains(&leader),
            "{partition:?}"
        );
        assert!(
            leader == -1 || image.broker(leader).is_some_and(|b| b.is_active()),
            "{partition:?}"
        );
        let Some(old) = before.get(key) else { continue };
        if old != partition {
            assert!(
                partition.partition_epoch > old.partition_epoch,
                "{old:?} {partition:?}"
            );
        }
        if old.leader != partition.leader {
            assert!(
                partition.leader_epoch > old.leader_epoch,
                "{old:?} {partition:?}"
            );
        }
    }
    for topic in image.topics() {
        assert!(
            topic
                .partitions
                .keys()
                .copied()
                .eq(0..topic.partition_count())
        );
    }
}

proptest! {
    #![proptest_config(Config { cases: 256, failure_persistence: None, ..Config::default() })]

    #[test]
    fn metadata_stays_sound(steps in proptest::collection::vec(step(), 1..60)) {
        let mut lab = Lab::new(3);
        let mut keeper = Keeper::default();
        lab.controller.keep_journal();
        let mut before = partitions(lab.image());
        for step in &steps {
            play(&mut lab, step);
            check(&before, lab.image());
            keeper.follow(&mut lab.controller);
            before = partitions(lab.image());
        }
        let mut replayed = MetadataImage::new();
        let (_, outcome) = replayed.replay_log(&lab.controller.log().read(0, usize::MAX));
        outcome.unwrap();
        assert_eq!(&replayed, lab.image());
        comes_back(&lab, &keeper);
    }
}
