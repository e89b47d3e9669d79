//! The coordinator's assignors against assignments by Kafka's own, recorded with members and topics
//! in sorted order: `uniform` and `range`, members reading the same and different topics, over rounds
//! in which members join and leave and topics grow.

use std::collections::BTreeMap;

use engine::group::consumer::assignor::{Subscriber, Subscriptions, assign};
use engine::group::consumer::{Target, TopicIdPartition};
use engine::rng::Rng;
use protocol::Uuid;

const VECTORS: &str = include_str!("../../vectors/server-assignors.txt");

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

/// A round as recorded: the group with what members had before, and what each gets.
#[derive(Default)]
struct Round {
    number: usize,
    assignor: String,
    group: Subscriptions,
    gets: Vec<Target>,
}

/// `case ASSIGNOR` starts over, `topics COUNT…` starts a round, and each of its members is a line
/// `ID|INSTANCE|TOPICS|TOPIC-PARTITION…`.
fn rounds() -> Vec<Round> {
    let mut rounds: Vec<Round> = Vec::new();
    let mut counts: Vec<i32> = Vec::new();
    let mut assignor = "";
    let mut number = 0;
    let mut before: BTreeMap<String, Target> = BTreeMap::new();
    let mut now: BTreeMap<String, Target> = BTreeMap::new();
    for line in VECTORS.lines() {
        if let Some(name) = line.strip_prefix("case ") {
            assignor = name;
            number += 1;
            now.clear();
        } else if let Some(topics) = line.strip_prefix("topics ") {
            counts = topics
                .split(' ')
                .map(|count| count.parse().unwrap())
                .collect();
            before = std::mem::take(&mut now);
            rounds.push(Round {
                number,
                assignor: assignor.to_owned(),
                ..Round::default()
            });
        } else {
            let round = rounds.last_mut().unwrap();
            let fields: Vec<&str> = line.split('|').collect();
            let topics = fields[2]
                .split(' ')
                .map(|topic| topic.parse::<usize>().unwrap());
            let topics: Vec<usize> = topics.collect();
            for topic in &topics {
                let partitions = &mut round.group.partitions;
                partitions.insert(id(*topic as u64), counts[*topic]);
            }
            let gets: Target = fields[3].split_whitespace().map(place).collect();
            round.group.members.push(Subscriber {
                id: fields[0].to_owned(),
                instance_id: Some(fields[1].to_owned()).filter(|instance| !instance.is_empty()),
                topics: topics.iter().map(|topic| id(*topic as u64)).collect(),
                before: before.get(fields[0]).cloned().unwrap_or_default(),
            });
            now.insert(fields[0].to_owned(), gets.clone());
            round.gets.push(gets);
        }
    }
    rounds
}

fn place(text: &str) -> TopicIdPartition {
    let (topic, partition) = text.split_once('-').unwrap();
    TopicIdPartition {
        topic: id(topic.parse().unwrap()),
        partition: partition.parse().unwrap(),
    }
}

#[test]
fn assignments_are_kafkas() {
    let rounds = rounds();
    assert!(rounds.len() > 300, "{} rounds", rounds.len());
    let mut wrong = Vec::new();
    for round in &rounds {
        let found = assign(&round.assignor, &round.group);
        let members = round.group.members.iter().zip(&round.gets).zip(&found);
        for ((member, theirs), ours) in members.filter(|((_, theirs), ours)| theirs != ours) {
            wrong.push(format!(
                "case {} ({}): {} gets {}, here {}",
                round.number,
                round.assignor,
                member.id,
                show(theirs),
                show(ours)
            ));
        }
    }
    let shown = wrong.len().min(12);
    assert!(
        wrong.is_empty(),
        "{}\n{} differ",
        wrong[..shown].join("\n"),
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
