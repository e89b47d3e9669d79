//! A story of a group as a table: `time  event | what comes of it`.
//!
//! Before a row's event, time runs up to the row's, wake-up by wake-up; what falls due on the way is
//! shown as `@time what`. Member ids are shown as the name of the client they were given to.
//! Writes succeed at once, unless the story says `hold`; then `written` and `lost ERROR` decide.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use engine::group::{
    Change, CoordinatorEffect, CoordinatorRecord, Group, GroupConfig, GroupCoordinator, GroupState,
    RequestContext, RequestToken, TopicResolver, WriteId,
};
use engine::ids::TopicPartition;
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::consumer_protocol::ConsumerProtocolSubscription;
use protocol::messages::delete_groups::DeleteGroupsRequest;
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};
use protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use protocol::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestGroup};
use protocol::messages::sync_group::{SyncGroupRequest, SyncGroupRequestAssignment};
use protocol::{ErrorCode, Request, Response, Uuid, Versioned};

pub const GROUP: &str = "g";

/// Topics `t` and `u` exist, with four partitions each.
pub struct Topics;

impl TopicResolver for Topics {
    fn id_of(&self, topic: &str) -> Option<Uuid> {
        matches!(topic, "t" | "u").then(|| Uuid([topic.as_bytes()[0]; 16]))
    }

    fn name_of(&self, id: Uuid) -> Option<String> {
        ["t", "u"]
            .into_iter()
            .find(|name| self.id_of(name) == Some(id))
            .map(str::to_owned)
    }

    fn has(&self, partition: &TopicPartition) -> bool {
        self.id_of(&partition.topic).is_some() && (0..4).contains(&partition.partition)
    }

    fn partition_count(&self, topic: &str) -> i32 {
        self.id_of(topic).map_or(0, |_| 4)
    }

    fn topic_names(&self) -> Vec<String> {
        vec!["t".to_owned(), "u".to_owned()]
    }

    fn version(&self) -> i64 {
        0
    }

    fn group_setting(&self, _: &str, _: &str) -> Option<i32> {
        None
    }
}

/// Plays a story and holds it against what it expects.
#[track_caller]
pub fn play(story: &str) {
    let mut table = Table::new();
    let mut seen = String::new();
    let mut expected = String::new();
    for row in story.lines().map(str::trim) {
        if row.is_empty() || row.starts_with("//") {
            continue;
        }
        let (event, outcome) = row.split_once('|').unwrap_or((row, ""));
        let event = event.trim_end();
        expected.push_str(&format!("{event} | {}\n", outcome.trim()));
        seen.push_str(&format!("{event} | {}\n", table.row(event)));
    }
    assert!(expected == seen, "expected:\n{expected}\nhappened:\n{seen}");
}

struct Table {
    config: GroupConfig,
    coordinator: GroupCoordinator,
    now: SimTime,
    next_token: u64,
    asked: BTreeMap<RequestToken, String>,
    answered: BTreeSet<RequestToken>,
    /// Member ids by client, and the other way round.
    ids: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    instances: BTreeMap<String, String>,
    generations: BTreeMap<String, i32>,
    held: bool,
    writes: VecDeque<(WriteId, Vec<CoordinatorRecord>)>,
    log: Vec<CoordinatorRecord>,
    out: Vec<String>,
    stamp: Option<u64>,
}

impl Table {
    fn new() -> Table {
        let config = GroupConfig {
            offsets_partitions: 1,
            initial_rebalance_delay_ms: 0,
            ..GroupConfig::default()
        };
        let mut coordinator = GroupCoordinator::new(config.clone(), Rng::from_seed(1));
        coordinator.start_loading(0, 0);
        coordinator.finish_loading(SimTime::default(), 0);
        Table {
            config,
            coordinator,
            now: SimTime::default(),
            next_token: 0,
            asked: BTreeMap::new(),
            answered: BTreeSet::new(),
            ids: BTreeMap::new(),
            names: BTreeMap::new(),
            instances: BTreeMap::new(),
            generations: BTreeMap::new(),
            held: false,
            writes: VecDeque::new(),
            log: Vec::new(),
            out: Vec::new(),
            stamp: None,
        }
    }

    fn row(&mut self, event: &str) -> String {
        let mut words = event.split_whitespace();
        let at = words
            .next()
            .and_then(|w| w.parse::<u64>().ok())
            .expect("a time");
        self.run_until(SimTime(at.saturating_mul(1000)));
        let verb = words.next().expect("an event");
        let words: Vec<&str> = words.collect();
        self.event(verb, &words);
        std::mem::take(&mut self.out).join("; ")
    }

    fn run_until(&mut self, until: SimTime) {
        while let Some(wakeup) = self.coordinator.next_wakeup()
            && wakeup.at <= until
        {
            assert!(wakeup.at >= self.now, "a wake-up in the past");
            self.now = wakeup.at;
            self.stamp = Some(wakeup.at.0 / 1000);
            let effects = self.coordinator.advance(self.now, &Topics);
            self.take(effects);
            self.stamp = None;
        }
        self.now = until;
    }

    fn event(&mut self, verb: &str, words: &[&str]) {
        let who = words.first().copied().unwrap_or_default();
        let given = Given(words);
        match verb {
            "tick" => {}
            "set" => self.configure(&given),
            "hold" => self.held = true,
            "written" => self.settle(Ok(())),
            "lost" => self.settle(Err(error(who))),
            "crash" => self.crash(),
            "resign" => {
                let effects = self.coordinator.resign(0);
                self.take(effects);
            }
            "topic-deleted" => {
                let effects = self
                    .coordinator
                    .on_topics_deleted(self.now, &[who.to_owned()]);
                self.take(effects);
            }
            "state" => self.out.push(self.state()),
            "join" => self.join(who, &given),
            "sync" => self.sync(who, &given),
            "beat" => {
                let request = HeartbeatRequest {
                    group_id: GROUP.to_owned(),
                    generation_id: self.generation(who, &given),
                    member_id: self.id(who, &given),
                    group_instance_id: self.instances.get(who).cloned(),
                };
                self.ask(who, "beat", 4, request);
            }
            "leave" => self.leave(who, words, &given),
            "commit" => self.commit(who, words, &given),
            "fetch" => {
                let groups = vec![OffsetFetchRequestGroup {
                    group_id: GROUP.to_owned(),
                    topics: None,
                    ..OffsetFetchRequestGroup::default()
                }];
                let request = OffsetFetchRequest {
                    groups,
                    ..OffsetFetchRequest::default()
                };
                self.ask("", "fetch", 9, request);
            }
            "forget" => self.forget(words),
            "delete" => {
                let request = DeleteGroupsRequest {
                    groups_names: vec![GROUP.to_owned()],
                };
                self.ask("", "delete", 2, request);
            }
            other => panic!("no such event: {other}"),
        }
    }

    fn configure(&mut self, given: &Given<'_>) {
        self.config.initial_rebalance_delay_ms = given.number("delay", 0);
        self.config.max_size = given.number("max", i32::MAX);
        self.coordinator = GroupCoordinator::new(self.config.clone(), Rng::from_seed(1));
        self.coordinator.start_loading(0, 0);
        self.coordinator.finish_loading(self.now, 0);
    }

    fn join(&mut self, who: &str, given: &Given<'_>) {
        if let Some(instance) = given.text("inst") {
            self.instances.insert(who.to_owned(), instance.to_owned());
        }
        let subscription = ConsumerProtocolSubscription {
            topics: vec![given.text("topic").unwrap_or("t").to_owned()],
            ..ConsumerProtocolSubscription::default()
        };
        let protocols = given.text("proto").unwrap_or("range").split(',');
        let protocols = protocols.map(|name| JoinGroupRequestProtocol {
            name: name.to_owned(),
            metadata: subscription.encode(0),
        });
        let request = JoinGroupRequest {
            group_id: GROUP.to_owned(),
            session_timeout_ms: given.number("session", 10_000),
            rebalance_timeout_ms: given.number("rebalance", 60_000),
            member_id: self.id(who, given),
            group_instance_id: self.instances.get(who).cloned(),
            protocol_type: given.text("type").unwrap_or("consumer").to_owned(),
            protocols: protocols.collect(),
            reason: None,
        };
        self.ask(who, "join", given.version(9), request);
    }

    fn sync(&mut self, who: &str, given: &Given<'_>) {
        let give = given.text("give").unwrap_or_default().split(',');
        let assignments = give.filter(|part| !part.is_empty()).map(|part| {
            let (name, what) = part.split_once(':').expect("member:assignment");
            SyncGroupRequestAssignment {
                member_id: self.ids.get(name).cloned().unwrap_or_default(),
                assignment: Bytes::copy_from_slice(what.as_bytes()),
            }
        });
        let request = SyncGroupRequest {
            group_id: GROUP.to_owned(),
            generation_id: self.generation(who, given),
            member_id: self.id(who, given),
            group_instance_id: self.instances.get(who).cloned(),
            protocol_type: Some(given.text("type").unwrap_or("consumer").to_owned()),
            protocol_name: Some(given.text("proto").unwrap_or("range").to_owned()),
            assignments: assignments.collect(),
        };
        self.ask(who, "sync", 5, request);
    }

    fn leave(&mut self, who: &str, words: &[&str], given: &Given<'_>) {
        let version = given.version(5);
        let members = words.iter().filter(|w| !w.contains('=')).map(|name| {
            match name.strip_prefix("inst:") {
                Some(instance) => MemberIdentity {
                    group_instance_id: Some(instance.to_owned()),
                    ..MemberIdentity::default()
                },
                None => MemberIdentity {
                    member_id: self.ids.get(*name).cloned().unwrap_or_default(),
                    group_instance_id: self.instances.get(*name).cloned(),
                    ..MemberIdentity::default()
                },
            }
        });
        let members: Vec<MemberIdentity> = members.collect();
        let request = LeaveGroupRequest {
            group_id: GROUP.to_owned(),
            member_id: members[0].member_id.clone(),
            members: if version < 3 { Vec::new() } else { members },
        };
        self.ask(who, "leave", version, request);
    }

    fn commit(&mut self, who: &str, words: &[&str], given: &Given<'_>) {
        let outsider = who == "-";
        let offsets = words.iter().filter_map(|word| word.split_once('='));
        let offsets = offsets.filter_map(|(at, offset)| Some((at.split_once('-')?, offset)));
        let topics = offsets.map(|((topic, partition), offset)| OffsetCommitRequestTopic {
            name: topic.to_owned(),
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: partition.parse().expect("a partition"),
                committed_offset: offset.parse().expect("an offset"),
                committed_metadata: given
                    .text("meta")
                    .map(|size| "x".repeat(size.parse().expect("a size"))),
                ..OffsetCommitRequestPartition::default()
            }],
            ..OffsetCommitRequestTopic::default()
        });
        let request = OffsetCommitRequest {
            group_id: GROUP.to_owned(),
            generation_id_or_member_epoch: if outsider {
                given.number("gen", -1)
            } else {
                self.generation(who, given)
            },
            member_id: if outsider {
                String::new()
            } else {
                self.id(who, given)
            },
            group_instance_id: self.instances.get(who).cloned(),
            topics: topics.collect(),
            ..OffsetCommitRequest::default()
        };
        self.ask(who, "commit", given.version(9), request);
    }

    fn forget(&mut self, words: &[&str]) {
        let topics = words.iter().filter_map(|word| word.split_once('-'));
        let topics = topics.map(|(topic, partition)| OffsetDeleteRequestTopic {
            name: topic.to_owned(),
            partitions: vec![OffsetDeleteRequestPartition {
                partition_index: partition.parse().expect("a partition"),
            }],
        });
        let request = OffsetDeleteRequest {
            group_id: GROUP.to_owned(),
            topics: topics.collect(),
        };
        self.ask("", "forget", 0, request);
    }

    fn id(&self, who: &str, given: &Given<'_>) -> String {
        match given.text("id") {
            Some("none") => String::new(),
            Some(name) => self.ids.get(name).cloned().unwrap_or(name.to_owned()),
            None => self.ids.get(who).cloned().unwrap_or_default(),
        }
    }

    fn generation(&self, who: &str, given: &Given<'_>) -> i32 {
        given.number("gen", self.generations.get(who).copied().unwrap_or(-1))
    }

    fn ask(&mut self, who: &str, verb: &str, version: i16, request: impl Into<Request>) {
        let token = RequestToken(self.next_token);
        self.next_token += 1;
        let name = if who.is_empty() {
            verb.to_owned()
        } else {
            format!("{who}.{verb}")
        };
        self.asked.insert(token, name);
        let context = RequestContext {
            token,
            client_id: who.to_owned(),
            client_host: "/127.0.0.1".to_owned(),
            api_version: version,
        };
        let effects = self
            .coordinator
            .handle(self.now, &context, request.into(), &Topics);
        self.take(effects);
    }

    fn take(&mut self, effects: Vec<CoordinatorEffect>) {
        for effect in effects {
            match effect {
                CoordinatorEffect::Append { records, write, .. } => {
                    let shown: Vec<String> = records.iter().map(|r| self.record(r)).collect();
                    self.say(format!("write {}", shown.join(" ")));
                    self.writes.push_back((write, records));
                }
                CoordinatorEffect::Respond { token, response } => self.response(token, response),
            }
        }
        while !self.held && !self.writes.is_empty() {
            self.settle(Ok(()));
        }
    }

    fn settle(&mut self, outcome: Result<(), ErrorCode>) {
        let (write, records) = self.writes.pop_front().expect("a write on its way");
        if outcome.is_ok() {
            self.log.extend(records);
        }
        let effects = self.coordinator.on_written(self.now, write, outcome);
        self.take(effects);
    }

    /// A new coordinator learns from the log; whoever waited is forgotten.
    fn crash(&mut self) {
        self.coordinator = GroupCoordinator::new(self.config.clone(), Rng::from_seed(2));
        self.coordinator.start_loading(0, 1);
        for record in &self.log {
            self.coordinator
                .replay(0, &record.key, record.value.as_deref());
        }
        self.writes.clear();
        self.coordinator.finish_loading(self.now, 0);
    }

    fn response(&mut self, token: RequestToken, response: Response) {
        assert!(self.answered.insert(token), "answered twice: {token:?}");
        let asked = self.asked.get(&token).cloned().expect("nobody asked");
        let who = asked.split('.').next().unwrap_or_default().to_owned();
        let text = match response {
            Response::JoinGroup(join) => {
                let required = ErrorCode::MemberIdRequired.code();
                if join.error_code == 0 || join.error_code == required {
                    self.ids.insert(who.clone(), join.member_id.clone());
                    self.names.insert(join.member_id.clone(), who.clone());
                }
                if join.error_code == 0 {
                    self.generations.insert(who, join.generation_id);
                    let members = join.members.iter().map(|m| self.name(&m.member_id));
                    let members = members.collect::<Vec<_>>().join(" ");
                    let skip = if join.skip_assignment { " skip" } else { "" };
                    format!(
                        "gen={} {} leader={} [{members}]{skip}",
                        join.generation_id,
                        join.protocol_name.unwrap_or_default(),
                        self.name(&join.leader),
                    )
                } else {
                    name_of(join.error_code)
                }
            }
            Response::SyncGroup(sync) if sync.error_code == 0 => {
                String::from_utf8_lossy(&sync.assignment).into_owned()
            }
            Response::SyncGroup(sync) => name_of(sync.error_code),
            Response::Heartbeat(beat) => name_of(beat.error_code),
            Response::LeaveGroup(leave) => {
                let members = leave.members.iter().map(|m| name_of(m.error_code));
                let all = [name_of(leave.error_code)].into_iter().chain(members);
                all.collect::<Vec<_>>().join(" ")
            }
            Response::OffsetCommit(commit) => {
                let partitions = commit.topics.iter().flat_map(|t| &t.partitions);
                let partitions = partitions.map(|p| name_of(p.error_code));
                partitions.collect::<Vec<_>>().join(" ")
            }
            Response::OffsetFetch(fetch) => {
                let group = &fetch.groups[0];
                let topics = group.topics.iter().flat_map(|t| {
                    t.partitions
                        .iter()
                        .map(|p| format!("{}-{}={}", t.name, p.partition_index, p.committed_offset))
                });
                let topics: Vec<String> = topics.collect();
                format!("{} {}", name_of(group.error_code), topics.join(" "))
            }
            Response::OffsetDelete(deleted) => {
                let partitions = deleted.topics.iter().flat_map(|t| &t.partitions);
                let partitions = partitions.map(|p| name_of(p.error_code));
                let all = [name_of(deleted.error_code)].into_iter().chain(partitions);
                all.collect::<Vec<_>>().join(" ")
            }
            Response::DeleteGroups(deleted) => name_of(deleted.results[0].error_code),
            other => format!("{other:?}"),
        };
        self.say(format!("{asked} {}", text.trim()));
    }

    fn record(&self, record: &CoordinatorRecord) -> String {
        match Change::decode(&record.key, record.value.as_deref()).expect("a known record") {
            Change::Offset {
                partition, offset, ..
            } => match offset {
                Some(offset) => format!("{partition}={}", offset.offset),
                None => format!("{partition}=x"),
            },
            Change::Consumer { .. } => panic!("no such group here"),
            Change::Group { metadata: None, .. } => "group=x".to_owned(),
            Change::Group {
                metadata: Some(value),
                ..
            } => {
                let members = value.members.iter().map(|member| {
                    let assignment = String::from_utf8_lossy(&member.assignment);
                    format!("{}:{assignment}", self.name(&member.member_id))
                });
                let members: Vec<String> = members.collect();
                format!("group(gen={} [{}])", value.generation, members.join(" "))
            }
        }
    }

    fn state(&self) -> String {
        match self.coordinator.group(GROUP) {
            None => "no group".to_owned(),
            Some(group) => self.describe(group),
        }
    }

    fn describe(&self, group: &Group) -> String {
        let members: Vec<String> = group.members.keys().map(|id| self.name(id)).collect();
        let leader = group
            .leader
            .as_deref()
            .map_or("-".to_owned(), |id| self.name(id));
        let waits = match &group.state {
            GroupState::CompletingRebalance(syncing) | GroupState::Stable(syncing) => {
                syncing.waiting_for.len()
            }
            _ => 0,
        };
        format!(
            "{} gen={} leader={leader} [{}] waits={waits}",
            group.state.name(),
            group.generation,
            members.join(" "),
        )
    }

    fn name(&self, id: &str) -> String {
        match self.names.get(id) {
            Some(name) => name.clone(),
            // Given out, but its client has not heard of it yet.
            None => format!("{}?", id.split('-').next().unwrap_or_default()),
        }
    }

    fn say(&mut self, what: String) {
        match self.stamp {
            Some(at) => self.out.push(format!("@{at} {what}")),
            None => self.out.push(what),
        }
    }
}

/// The `key=value` words of a row.
struct Given<'a>(&'a [&'a str]);

impl<'a> Given<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        let pairs = self.0.iter().filter_map(|word| word.split_once('='));
        pairs
            .into_iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    fn number(&self, key: &str, unset: i32) -> i32 {
        self.text(key)
            .map_or(unset, |text| text.parse().expect("a number"))
    }

    fn version(&self, newest: i16) -> i16 {
        i16::try_from(self.number("v", i32::from(newest))).expect("a version")
    }
}

fn name_of(code: i16) -> String {
    match code {
        0 => "ok".to_owned(),
        code => ErrorCode::from_code(code).name().to_owned(),
    }
}

fn error(name: &str) -> ErrorCode {
    (0..200)
        .map(ErrorCode::from_code)
        .find(|error| error.name() == name)
        .expect("an error")
}
