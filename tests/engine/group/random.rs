//! Random sittings: whatever anybody asks, in whatever order, with writes that fail now and then.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use engine::group::{
    CoordinatorEffect, CoordinatorRecord, Group, GroupConfig, GroupCoordinator, GroupState,
    Offsets, RequestContext, RequestToken, WriteId,
};
use engine::rng::Rng;
use engine::time::SimTime;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::test_runner::RngSeed;
use protocol::messages::delete_groups::DeleteGroupsRequest;
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use protocol::{ErrorCode, Request, Response};

use super::table::Topics;

const PARTITIONS: i32 = 3;
const GROUPS: [&str; 2] = ["g", "hello"];

#[derive(Debug, Clone)]
enum Op {
    Join {
        who: usize,
        protocols: u8,
        rebalance_ms: i32,
    },
    Sync {
        who: usize,
        stale: bool,
    },
    Beat {
        who: usize,
    },
    Leave {
        who: usize,
    },
    Commit {
        who: Option<usize>,
        partition: i32,
        offset: i64,
    },
    Delete,
    TopicDeleted,
    Wait {
        ms: u64,
    },
    Written {
        ok: bool,
    },
    Crash,
    Resign,
}

fn ops(lossy: bool) -> impl Strategy<Value = Op> {
    let who = 0..8_usize;
    prop_oneof![
        8 => (who.clone(), any::<u8>(), prop_oneof![Just(0), Just(-2), 1..90_000])
            .prop_map(|(who, protocols, rebalance_ms)| Op::Join { who, protocols, rebalance_ms }),
        8 => (who.clone(), any::<bool>()).prop_map(|(who, stale)| Op::Sync { who, stale }),
        4 => who.clone().prop_map(|who| Op::Beat { who }),
        2 => who.clone().prop_map(|who| Op::Leave { who }),
        4 => (proptest::option::of(who), 0..3, 0..100_i64)
            .prop_map(|(who, partition, offset)| Op::Commit { who, partition, offset }),
        1 => Just(Op::Delete),
        1 => Just(Op::TopicDeleted),
        4 => (0..20_000_u64).prop_map(|ms| Op::Wait { ms }),
        1 => Just(Op::Wait { ms: 700_000_000 }),
        12 => any::<u8>().prop_map(move |chance| Op::Written { ok: !lossy || chance > 40 }),
        1 => Just(Op::Crash),
        1 => Just(Op::Resign),
    ]
}

/// Clients 0 to 3 belong to one group and 4 to 7 to the other; every fourth is static, and one is of
/// the time before member ids were required.
#[derive(Debug, Clone, Default)]
struct Client {
    id: String,
    generation: i32,
    leads: Vec<String>,
}

struct Sitting {
    coordinator: GroupCoordinator,
    now: SimTime,
    clients: Vec<Client>,
    asked: BTreeMap<RequestToken, Option<usize>>,
    next_token: u64,
    writes: VecDeque<(WriteId, i32, Vec<CoordinatorRecord>)>,
    logs: BTreeMap<i32, Vec<CoordinatorRecord>>,
    generations: BTreeMap<String, i32>,
    lost: bool,
}

fn config() -> GroupConfig {
    GroupConfig {
        offsets_partitions: PARTITIONS,
        initial_rebalance_delay_ms: 1_000,
        max_size: 3,
        offsets_retention_check_interval_ms: 100_000_000,
        ..GroupConfig::default()
    }
}

fn load(now: SimTime, logs: &BTreeMap<i32, Vec<CoordinatorRecord>>, seed: u64) -> GroupCoordinator {
    let mut coordinator = GroupCoordinator::new(config(), Rng::from_seed(seed));
    for partition in 0..PARTITIONS {
        coordinator.start_loading(partition, 0);
        for record in logs.get(&partition).into_iter().flatten() {
            coordinator.replay(partition, &record.key, record.value.as_deref());
        }
        coordinator.finish_loading(now, partition);
    }
    coordinator
}

impl Sitting {
    fn new() -> Sitting {
        let logs = BTreeMap::new();
        Sitting {
            coordinator: load(SimTime::default(), &logs, 1),
            now: SimTime::default(),
            clients: vec![Client::default(); 8],
            asked: BTreeMap::new(),
            next_token: 0,
            writes: VecDeque::new(),
            logs,
            generations: BTreeMap::new(),
            lost: false,
        }
    }

    fn step(&mut self, op: Op) {
        match op {
            Op::Join {
                who,
                protocols,
                rebalance_ms,
            } => {
                let request = self.join(who, protocols, rebalance_ms);
                self.ask(Some(who), if who % 4 == 3 { 3 } else { 9 }, request);
            }
            Op::Sync { who, stale } => {
                let request = self.sync(who, stale);
                self.ask(Some(who), 5, request);
            }
            Op::Beat { who } => {
                let request = HeartbeatRequest {
                    group_id: group_of(who),
                    generation_id: self.clients[who].generation,
                    member_id: self.clients[who].id.clone(),
                    group_instance_id: instance_of(who),
                };
                self.ask(Some(who), 4, request);
            }
            Op::Leave { who } => {
                let members = vec![MemberIdentity {
                    member_id: self.clients[who].id.clone(),
                    group_instance_id: instance_of(who),
                    reason: None,
                }];
                let request = LeaveGroupRequest {
                    group_id: group_of(who),
                    members,
                    ..LeaveGroupRequest::default()
                };
                self.ask(Some(who), 5, request);
            }
            Op::Commit {
                who,
                partition,
                offset,
            } => {
                let request = self.commit(who, partition, offset);
                self.ask(who, 9, request);
            }
            Op::Delete => {
                let groups_names = GROUPS.map(str::to_owned).to_vec();
                self.ask(None, 2, DeleteGroupsRequest { groups_names });
            }
            Op::TopicDeleted => {
                let effects = self
                    .coordinator
                    .on_topics_deleted(self.now, &["t".to_owned()]);
                self.take(effects);
            }
            Op::Wait { ms } => self.wait(ms),
            Op::Written { ok } => self.written(ok),
            Op::Crash => self.crash(),
            Op::Resign => self.resign(),
        }
        self.check();
    }

    fn join(&self, who: usize, protocols: u8, rebalance_ms: i32) -> JoinGroupRequest {
        let offered = ["range", "rr"].into_iter().enumerate();
        let offered = offered.filter(|(bit, _)| protocols & (1 << bit) == 0 || protocols < 128);
        let static_member = instance_of(who);
        JoinGroupRequest {
            group_id: group_of(who),
            session_timeout_ms: 6_000 + i32::from(protocols) * 50,
            rebalance_timeout_ms: rebalance_ms,
            // A static member that restarts has forgotten its id.
            member_id: match static_member {
                Some(_) if protocols.is_multiple_of(2) => String::new(),
                _ => self.clients[who].id.clone(),
            },
            group_instance_id: static_member,
            protocol_type: "consumer".to_owned(),
            protocols: offered
                .map(|(_, name)| JoinGroupRequestProtocol {
                    name: name.to_owned(),
                    metadata: Bytes::from_static(&[0, 0, 0, 0, 0, 0, 255, 255, 255, 255]),
                })
                .collect(),
            reason: None,
        }
    }

    fn sync(&self, who: usize, stale: bool) -> SyncGroupRequest {
        let client = &self.clients[who];
        let assignments = client
            .leads
            .iter()
            .map(|member_id| SyncGroupRequestAssignment {
                member_id: member_id.clone(),
                assignment: Bytes::copy_from_slice(member_id.as_bytes()),
            });
        let group = self.coordinator.group(&group_of(who));
        SyncGroupRequest {
            group_id: group_of(who),
            generation_id: client.generation - i32::from(stale),
            member_id: client.id.clone(),
            group_instance_id: instance_of(who),
            protocol_type: Some("consumer".to_owned()),
            protocol_name: Some(group.and_then(|g| g.protocol.clone()).unwrap_or_default()),
            assignments: assignments.collect(),
        }
    }

    fn commit(&self, who: Option<usize>, partition: i32, offset: i64) -> OffsetCommitRequest {
        let member = who.map(|who| &self.clients[who]);
        OffsetCommitRequest {
            group_id: group_of(who.unwrap_or(0)),
            generation_id_or_member_epoch: member.map_or(-1, |m| m.generation),
            member_id: member.map(|m| m.id.clone()).unwrap_or_default(),
            group_instance_id: who.and_then(instance_of),
            topics: vec![OffsetCommitRequestTopic {
                name: "t".to_owned(),
                partitions: vec![OffsetCommitRequestPartition {
                    partition_index: partition,
                    committed_offset: offset,
                    ..OffsetCommitRequestPartition::default()
                }],
                ..OffsetCommitRequestTopic::default()
            }],
            ..OffsetCommitRequest::default()
        }
    }

    fn ask(&mut self, who: Option<usize>, version: i16, request: impl Into<Request>) {
        let token = RequestToken(self.next_token);
        self.next_token += 1;
        self.asked.insert(token, who);
        let context = RequestContext {
            token,
            client_id: format!("c{}", who.unwrap_or(99)),
            client_host: "/127.0.0.1".to_owned(),
            api_version: version,
        };
        let effects = self
            .coordinator
            .handle(self.now, &context, request.into(), &Topics);
        self.take(effects);
    }

    fn wait(&mut self, ms: u64) {
        let until = SimTime(self.now.0 + ms * 1000);
        for round in 0.. {
            assert!(round < 100_000, "never done with waking up");
            let Some(wakeup) = self.coordinator.next_wakeup() else {
                break;
            };
            if wakeup.at > until {
                break;
            }
            assert!(wakeup.at >= self.now, "{wakeup:?} is in the past");
            self.now = wakeup.at;
            let effects = self.coordinator.advance(self.now, &Topics);
            self.take(effects);
            let next = self.coordinator.next_wakeup();
            assert!(
                next.is_none_or(|next| next.at > self.now),
                "due and not done: {next:?}"
            );
            self.check();
        }
        self.now = until;
    }

    fn written(&mut self, ok: bool) {
        let Some((write, partition, records)) = self.writes.pop_front() else {
            return;
        };
        let result = if ok {
            self.logs.entry(partition).or_default().extend(records);
            Ok(())
        } else {
            self.lost = true;
            Err(ErrorCode::NotEnoughReplicas)
        };
        let effects = self.coordinator.on_written(self.now, write, result);
        self.take(effects);
    }

    fn crash(&mut self) {
        self.coordinator = load(self.now, &self.logs, self.next_token);
        self.writes.clear();
        self.asked.clear();
        self.generations.clear();
        self.lost = false;
    }

    fn resign(&mut self) {
        for partition in 0..PARTITIONS {
            let effects = self.coordinator.resign(partition);
            self.take(effects);
        }
        assert!(self.asked.is_empty(), "left waiting: {:?}", self.asked);
        assert_eq!(self.coordinator.next_wakeup(), None);
        self.crash();
    }

    fn take(&mut self, effects: Vec<CoordinatorEffect>) {
        for effect in effects {
            match effect {
                CoordinatorEffect::Append {
                    partition,
                    records,
                    write,
                    ..
                } => {
                    assert!(!records.is_empty());
                    self.writes.push_back((write, partition, records));
                }
                CoordinatorEffect::Respond { token, response } => {
                    let who = self
                        .asked
                        .remove(&token)
                        .expect("asked once, answered once");
                    if let (Some(who), Response::JoinGroup(join)) = (who, response) {
                        let client = &mut self.clients[who];
                        if join.error_code == ErrorCode::UnknownMemberId.code() {
                            client.id.clear();
                        } else if !join.member_id.is_empty() {
                            client.id = join.member_id;
                        }
                        if join.error_code == 0 {
                            client.generation = join.generation_id;
                            client.leads = join
                                .members
                                .into_iter()
                                .map(|member| member.member_id)
                                .collect();
                        }
                    }
                }
            }
        }
    }

    fn check(&mut self) {
        let mut seen = BTreeSet::new();
        for group in self.coordinator.groups() {
            assert!(seen.insert(group.id.clone()), "{} twice", group.id);
            check_group(group);
            let before = self.generations.insert(group.id.clone(), group.generation);
            assert!(before.is_none_or(|before| before <= group.generation));
        }
        self.generations.retain(|id, _| seen.contains(id));
    }

    /// Once all writes are known to be safe, the log tells the whole of what must be known.
    fn finish(mut self) {
        while !self.writes.is_empty() {
            self.written(true);
        }
        let again = load(self.now, &self.logs, 7);
        assert_eq!(offsets(&self.coordinator), offsets(&again));
        if !self.lost {
            assert_eq!(
                settled(&self.coordinator, &again),
                settled(&again, &self.coordinator)
            );
        }
    }
}

fn check_group(group: &Group) {
    match &group.leader {
        Some(leader) => assert!(group.members.contains_key(leader), "{group:?}"),
        None => assert!(group.members.is_empty(), "{group:?}"),
    }
    if matches!(group.state, GroupState::Empty | GroupState::Dead) {
        assert!(group.members.is_empty(), "{group:?}");
    }
    if matches!(
        group.state,
        GroupState::CompletingRebalance(_) | GroupState::Stable(_)
    ) {
        assert!(!group.members.is_empty(), "{group:?}");
        let protocol = group.protocol.as_deref().expect("a protocol");
        for member in group.members.values() {
            assert!(
                member.protocols.iter().any(|p| p.name == protocol),
                "{group:?}"
            );
        }
    }
    let mut instances = BTreeSet::new();
    for (id, member) in &group.members {
        assert_eq!(id, &member.id);
        assert!(
            member
                .instance_id
                .iter()
                .all(|instance| instances.insert(instance))
        );
    }
}

fn offsets(coordinator: &GroupCoordinator) -> BTreeMap<String, Offsets> {
    let groups = coordinator
        .groups()
        .filter(|group| !group.offsets.is_empty());
    groups
        .map(|group| (group.id.clone(), group.offsets.clone()))
        .collect()
}

/// What the log should tell of every group that is not amid a rebalance in `live` or `other`.
fn settled(of: &GroupCoordinator, other: &GroupCoordinator) -> Vec<String> {
    let calm = |group: &Group| matches!(group.state, GroupState::Empty | GroupState::Stable(_));
    let groups = of
        .groups()
        .filter(|group| calm(group) && other.group(&group.id).is_none_or(calm));
    let lines = groups.map(|group| {
        let members = group.members.values().map(|member| {
            (
                (
                    &member.id,
                    &member.instance_id,
                    &member.client_id,
                    &member.client_host,
                ),
                (member.rebalance_timeout_ms, member.session_timeout_ms),
                member.metadata(group.protocol.as_deref()),
                &member.assignment,
            )
        });
        format!(
            "{} {} {} {:?} {:?} {:?} {:?}",
            group.id,
            group.state.name(),
            group.generation,
            group.protocol_type,
            group.protocol,
            group.leader,
            members.collect::<Vec<_>>(),
        )
    });
    lines.collect()
}

fn group_of(who: usize) -> String {
    GROUPS[who / 4].to_owned()
}

fn instance_of(who: usize) -> Option<String> {
    (who % 4 == 2).then(|| format!("i{who}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_and_the_log_tells_all(sitting in proptest::collection::vec(ops(false), 1..120)) {
        let mut state = Sitting::new();
        sitting.into_iter().for_each(|op| state.step(op));
        state.finish();
    }

    #[test]
    fn lost_writes_break_nothing_either(sitting in proptest::collection::vec(ops(true), 1..120)) {
        let mut state = Sitting::new();
        sitting.into_iter().for_each(|op| state.step(op));
        state.finish();
    }
}
