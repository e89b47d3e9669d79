//! The coordinator's assignors against assignments by Kafka's own, recorded with members and topics
//! in sorted order: `uniform` and `range`, members reading the same and different topics, over rounds
//! in which members join and leave and topics grow.

use std::collections::BTreeMap;

use engine::group::consumer::assignor::{Subscriber, Subscriptions, assign};
use engine::group::consumer::{Target, TopicIdPartition};
use engine::rng::Rng;
use protocol::Uuid;
use serde_json::Value;

const VECTORS: &str = include_str!("../../vectors/server-assignors.json");

fn id(topic: u64) -> Uuid {
    let mut bytes = [0; 16];
    bytes[15] = u8::try_from(topic).unwrap();
    Uuid(bytes)
}

fn show(target: &Target) -> String {
    let each = target
        .iter()
        .map(|at| format!("{}-{}", at.topic.0[15], at.partition));
    each.collect::<Vec<_>>().join(" ")
}

/// A round as recorded, with what members had before.
fn read(round: &Value, before: &BTreeMap<String, Target>) -> Subscriptions {
    let counts = round["topics"].as_array().unwrap();
    let mut group = Subscriptions::default();
    for member in round["members"].as_array().unwrap() {
        let topics = member["reads"].as_array().unwrap();
        let name = member["id"].as_str().unwrap().to_owned();
        for topic in topics {
            let topic = topic.as_u64().unwrap();
            let count = counts[usize::try_from(topic).unwrap()].as_i64().unwrap();
            group
                .partitions
                .insert(id(topic), i32::try_from(count).unwrap());
        }
        group.members.push(Subscriber {
            instance_id: member["instance"].as_str().map(str::to_owned),
            topics: topics
                .iter()
                .map(|topic| id(topic.as_u64().unwrap()))
                .collect(),
            before: before.get(&name).cloned().unwrap_or_default(),
            id: name,
        });
    }
    group
}

fn targets(round: &Value) -> BTreeMap<String, Target> {
    let members = round["members"].as_array().unwrap().iter();
    let members = members.map(|member| {
        let gets = member["gets"].as_str().unwrap().split_whitespace();
        let gets = gets.map(|at| {
            let (topic, partition) = at.split_once('-').unwrap();
            TopicIdPartition {
                topic: id(topic.parse().unwrap()),
                partition: partition.parse().unwrap(),
            }
        });
        (member["id"].as_str().unwrap().to_owned(), gets.collect())
    });
    members.collect()
}

#[test]
fn assignments_are_kafkas() {
    let cases: Value = serde_json::from_str(VECTORS).unwrap();
    let mut rounds = 0;
    let mut wrong = Vec::new();
    for (number, case) in cases.as_array().unwrap().iter().enumerate() {
        let name = case["assignor"].as_str().unwrap();
        let mut before = BTreeMap::new();
        for (turn, round) in case["rounds"].as_array().unwrap().iter().enumerate() {
            let group = read(round, &before);
            let found = assign(name, &group);
            before = targets(round);
            for (member, found) in group.members.iter().zip(&found) {
                if before[&member.id] != *found {
                    let (theirs, ours) = (show(&before[&member.id]), show(found));
                    wrong.push(format!(
                        "case {number} ({name}), round {turn}: {} gets {theirs}, here {ours}",
                        member.id
                    ));
                }
            }
            rounds += 1;
        }
    }
    assert!(rounds > 300, "{rounds} rounds");
    assert!(
        wrong.is_empty(),
        "{}\n{} differ",
        wrong[..wrong.len().min(12)].join("\n"),
        wrong.len()
    );
}

/// Members by name, all reading `topics` topics.
fn alike(members: &[String], topics: u64, partitions: i32) -> Subscriptions {
    let topics: Vec<Uuid> = (0..topics).map(id).collect();
    Subscriptions {
        members: members
            .iter()
            .map(|name| Subscriber {
                id: name.clone(),
                topics: topics.iter().copied().collect(),
                ..Subscriber::default()
            })
            .collect(),
        partitions: topics.iter().map(|topic| (*topic, partitions)).collect(),
    }
}

#[test]
fn uniform_is_level_within_one_and_moves_no_more_than_it_must() {
    let mut rng = Rng::from_seed(5);
    for _ in 0..400 {
        let topics = 1 + rng.below(4);
        let partitions = 1 + i32::try_from(rng.below(9)).unwrap();
        let total = usize::try_from(topics).unwrap() * usize::try_from(partitions).unwrap();
        let mut names: Vec<String> = (0..=rng.below(5)).map(|n| format!("m{n}")).collect();
        let mut owned: BTreeMap<String, Target> = BTreeMap::new();
        for round in 0..6 {
            if round > 0 && rng.below(2) == 0 {
                names.push(format!("n{round}{}", rng.below(10)));
            } else if round > 0 && names.len() > 1 {
                let gone = names.remove(usize::try_from(rng.below(names.len() as u64)).unwrap());
                owned.remove(&gone);
            }
            names.sort();
            let mut group = alike(&names, topics, partitions);
            for member in &mut group.members {
                member.before = owned.get(&member.id).cloned().unwrap_or_default();
            }
            let found = assign("uniform", &group);
            let sizes: Vec<usize> = found.iter().map(Target::len).collect();
            assert_eq!(sizes.iter().sum::<usize>(), total, "{group:?}");
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1);
            for (member, target) in group.members.iter().zip(&found) {
                let kept = member.before.intersection(target).count();
                let share = total / names.len();
                assert!(
                    kept == member.before.len() || kept >= share,
                    "{} keeps {kept} of {} with a share of {share}",
                    member.id,
                    member.before.len()
                );
            }
            owned = names.iter().cloned().zip(found).collect();
        }
    }
}
