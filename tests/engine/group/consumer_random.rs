//! Random lives of groups of the consumer protocol: members that come, go, fall silent and lose
//! answers, topics that change, coordinators that crash. At every step nobody owns what another owns,
//! by what each was told and acknowledged; and once all is calm everyone owns what it is to own.

use std::collections::{BTreeMap, BTreeSet};

use engine::group::consumer::{ConsumerGroup, ConsumerState};
use engine::rng::Rng;
use protocol::Uuid;
use protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;

use super::consumer::{Client, GROUP, Stage, by_topic, flat};

const TOPICS: [&str; 5] = ["apple", "apricot", "banana", "cherry", "citron"];

struct Life {
    stage: Stage,
    rng: Rng,
    named: u32,
    mixed: bool,
}

impl Life {
    fn pick(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.below(bound as u64)).unwrap()
    }

    fn somebody(&mut self) -> Option<String> {
        let ids: Vec<String> = self.stage.clients.keys().cloned().collect();
        (!ids.is_empty()).then(|| ids[self.pick(ids.len())].clone())
    }

    fn someone_joins(&mut self) {
        self.named += 1;
        let mut client = Client {
            topics: Some(vec!["apple".to_owned(), "banana".to_owned()]),
            ..Client::default()
        };
        if self.mixed {
            let names = TOPICS.iter().filter(|_| self.rng.below(2) == 0);
            client.topics = Some(names.map(|t| (*t).to_owned()).collect());
            if self.rng.below(4) == 0 {
                client.regex = Some(["a.*", "c.*|banana", ".*"][self.pick(3)].to_owned());
            }
            if self.rng.below(3) == 0 {
                client.assignor = Some(["uniform", "range"][self.pick(2)].to_owned());
            }
        }
        if self.rng.below(4) == 0 {
            client.instance = Some(format!("i{}", self.rng.below(3)));
        }
        let id = format!("m{:03}", self.named);
        if self.stage.join_as(&id, client).error_code != 0 {
            self.stage.clients.remove(&id);
        }
    }

    /// A heartbeat; perhaps before the member has let go, perhaps with an answer that is lost.
    fn someone_beats(&mut self) {
        let Some(id) = self.somebody() else {
            return;
        };
        let client = self.stage.clients[&id].clone();
        let says = self.rng.below(3) > 0;
        let mut request = ConsumerGroupHeartbeatRequest {
            group_id: GROUP.to_owned(),
            member_id: id.clone(),
            member_epoch: client.epoch,
            instance_id: client.instance.clone(),
            topic_partitions: says.then(|| by_topic(&client.owns)),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        if client.unsure {
            say_all(&mut request, &client);
        }
        let response = self.stage.beat(request);
        if response.error_code != 0 {
            // Fenced, or put out: it abandons all and is gone.
            self.stage.clients.remove(&id);
        } else if self.rng.below(5) > 0 {
            let client = self.stage.clients.get_mut(&id).unwrap();
            client.epoch = response.member_epoch;
            client.unsure = false;
            if let Some(assignment) = response.assignment {
                client.told = flat(&assignment.topic_partitions);
                let slow = self.rng.below(3) == 0;
                if !slow {
                    client.owns = client.told.clone();
                }
            }
        } else {
            self.stage.clients.get_mut(&id).unwrap().unsure = true;
        }
    }

    /// A member that was slow does what it was told.
    fn someone_catches_up(&mut self) {
        if let Some(id) = self.somebody() {
            let client = self.stage.clients.get_mut(&id).unwrap();
            client.owns = client.told.clone();
        }
    }

    fn someone_leaves(&mut self) {
        let Some(id) = self.somebody() else {
            return;
        };
        let client = self.stage.clients[&id].clone();
        let away = client.instance.is_some() && self.rng.below(2) == 0;
        self.stage.leave(&id, if away { -2 } else { -1 });
        if away && self.rng.below(2) == 0 {
            self.named += 1;
            let back = Client {
                epoch: 0,
                told: BTreeSet::new(),
                owns: BTreeSet::new(),
                ..client
            };
            let id = format!("m{:03}", self.named);
            if self.stage.join_as(&id, back).error_code != 0 {
                self.stage.clients.remove(&id);
            }
        }
    }

    fn a_topic_changes(&mut self) {
        let name = TOPICS[self.pick(TOPICS.len())];
        match self.stage.cluster.topics.get(name).map(|(_, count)| *count) {
            None => {
                let partitions = 1 + i32::try_from(self.rng.below(5)).unwrap();
                self.stage.cluster.create(name, partitions);
            }
            Some(_) if self.rng.below(3) == 0 => self.stage.cluster.delete(name),
            Some(count) => self.stage.cluster.grow(name, count + 1),
        }
    }

    fn crash(&mut self) {
        let before = self.group().map(remembered);
        self.stage.crash();
        assert_eq!(self.group().map(remembered), before);
    }

    fn group(&self) -> Option<&ConsumerGroup> {
        self.stage.coordinator.group(GROUP)?.consumer.as_deref()
    }

    fn step(&mut self) {
        match self.rng.below(40) {
            0..4 => self.someone_joins(),
            4..24 => self.someone_beats(),
            24..28 => self.someone_catches_up(),
            28..30 => self.someone_leaves(),
            30..32 => self.a_topic_changes(),
            32 => self.crash(),
            33 => {
                let ms = [50_000, 310_000][self.pick(2)];
                self.stage.wait(ms);
            }
            34 => {
                self.stage.writes = Err(protocol::ErrorCode::NotEnoughReplicas);
                self.someone_joins_in_vain();
                self.stage.writes = Ok(());
            }
            _ => {
                let ms = i64::try_from(self.rng.below(4_000)).unwrap();
                self.stage.wait(ms);
            }
        }
        self.check();
    }

    fn someone_joins_in_vain(&mut self) {
        let before = self.group().cloned();
        self.named += 1;
        let id = format!("m{:03}", self.named);
        assert_ne!(self.stage.join(&id, &["apple"]).error_code, 0);
        self.stage.clients.remove(&id);
        assert_eq!(self.group().cloned(), before);
    }

    /// Nobody that the group counts in owns what another owns.
    fn check(&self) {
        let Some(group) = self.group() else {
            return;
        };
        let mut owners: BTreeMap<(Uuid, i32), &str> = BTreeMap::new();
        for (id, client) in &self.stage.clients {
            if !group.members.contains_key(id) {
                continue;
            }
            for at in &client.owns {
                if let Some(other) = owners.insert(*at, id) {
                    panic!("{at:?} is owned by {other} and by {id}: {group:#?}");
                }
            }
        }
        let mut given = BTreeSet::new();
        for member in group.members.values() {
            let current = &member.current;
            for at in current.assigned.keys().chain(current.revoking.keys()) {
                assert!(given.insert(*at), "{at:?} is given twice: {group:#?}");
            }
        }
    }

    /// All heartbeat and do as told; whoever is unknown joins anew.
    fn calm_down(&mut self) {
        for round in 0..60 {
            self.stage.wait(4_000);
            let ids: Vec<String> = self.stage.clients.keys().cloned().collect();
            for id in ids {
                let client = self.stage.clients[&id].clone();
                self.stage.clients.get_mut(&id).unwrap().owns = client.told.clone();
                if client.unsure {
                    let client = self.stage.clients[&id].clone();
                    let mut request = ConsumerGroupHeartbeatRequest {
                        group_id: GROUP.to_owned(),
                        member_id: id.clone(),
                        member_epoch: client.epoch,
                        instance_id: client.instance.clone(),
                        ..ConsumerGroupHeartbeatRequest::default()
                    };
                    say_all(&mut request, &client);
                    let response = self.stage.beat(request);
                    self.stage.take_in(&id, &response);
                    self.stage.clients.get_mut(&id).unwrap().unsure = false;
                }
                if self.stage.heartbeat(&id).error_code != 0 {
                    self.stage.clients.remove(&id);
                }
                self.check();
            }
            let settled = self.group().is_none_or(|group| {
                matches!(group.state(), ConsumerState::Stable | ConsumerState::Empty)
            });
            // Those who are away or silent are put out in the end; expressions take their time too.
            if settled && round > 20 {
                return;
            }
        }
        panic!("never calm: {:#?}", self.group());
    }

    fn check_calm(&self) {
        let Some(group) = self.group() else {
            return;
        };
        let mut owned: BTreeMap<(Uuid, i32), &str> = BTreeMap::new();
        for (id, client) in &self.stage.clients {
            let target = group.targets.get(id).unwrap();
            let target: BTreeSet<_> = target.iter().map(|at| (at.topic, at.partition)).collect();
            assert_eq!(client.owns, target, "{id} has not reached its target");
            owned.extend(client.owns.iter().map(|at| (*at, id.as_str())));
        }
        let read = group.topics();
        for (name, (id, count)) in &self.stage.cluster.topics {
            for partition in 0..*count {
                let owner = owned.contains_key(&(*id, partition));
                assert_eq!(owner, read.contains(name), "{name}-{partition}: {group:#?}");
            }
        }
        if !self.mixed && !self.stage.clients.is_empty() {
            let sizes = self.stage.clients.values().map(|client| client.owns.len());
            let (least, most) = (sizes.clone().min().unwrap(), sizes.max().unwrap());
            assert!(most - least <= 1, "{least} to {most}");
        }
    }
}

fn say_all(request: &mut ConsumerGroupHeartbeatRequest, client: &Client) {
    request.rebalance_timeout_ms = 300_000;
    request.subscribed_topic_names.clone_from(&client.topics);
    request.subscribed_topic_regex.clone_from(&client.regex);
    request.topic_partitions = Some(by_topic(&client.owns));
}

/// What the log has to bring back: all but the clocks.
fn remembered(group: &ConsumerGroup) -> String {
    let members = group
        .members
        .values()
        .map(|m| (&m.id, &m.wants, &m.current));
    let members: Vec<_> = members.collect();
    let epochs = (group.epoch, group.target_epoch);
    format!(
        "{epochs:?} {members:#?} {:#?} {:?}",
        group.targets, group.regexes
    )
}

fn live(seed: u64, mixed: bool) {
    let mut life = Life {
        stage: Stage::new(),
        rng: Rng::from_seed(seed),
        named: 0,
        mixed,
    };
    life.stage.cluster.create("apple", 3);
    life.stage.cluster.create("banana", 2);
    for _ in 0..120 {
        life.step();
    }
    life.calm_down();
    life.check_calm();
}

#[test]
fn members_that_read_the_same_never_share_a_partition_and_end_level() {
    for seed in 0..150 {
        live(seed, false);
    }
}

#[test]
fn members_that_read_different_topics_never_share_a_partition_and_reach_their_targets() {
    for seed in 0..150 {
        live(1_000 + seed, true);
    }
}
