//! Groups of the consumer protocol: a coordinator, a log of its own and members that do as told.

use std::collections::{BTreeMap, BTreeSet};

use engine::group::consumer::{ConsumerGroup, MemberState};
use engine::group::{
    CoordinatorEffect, CoordinatorRecord, GroupConfig, GroupCoordinator, RequestContext,
    RequestToken, TopicResolver,
};
use engine::ids::TopicPartition;
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use protocol::{ErrorCode, Request, Response, Uuid};

pub const GROUP: &str = "g";

/// The topics of a cluster: name, id and number of partitions.
#[derive(Default, Clone)]
pub struct Cluster {
    pub topics: BTreeMap<String, (Uuid, i32)>,
    pub settings: BTreeMap<String, i32>,
    pub version: i64,
    next_id: u8,
}

impl Cluster {
    pub fn create(&mut self, name: &str, partitions: i32) {
        self.next_id += 1;
        self.version += 1;
        let id = Uuid([self.next_id; 16]);
        self.topics.insert(name.to_owned(), (id, partitions));
    }

    pub fn grow(&mut self, name: &str, partitions: i32) {
        self.version += 1;
        self.topics.get_mut(name).unwrap().1 = partitions;
    }

    pub fn delete(&mut self, name: &str) {
        self.version += 1;
        self.topics.remove(name);
    }
}

impl TopicResolver for Cluster {
    fn id_of(&self, topic: &str) -> Option<Uuid> {
        self.topics.get(topic).map(|(id, _)| *id)
    }

    fn name_of(&self, id: Uuid) -> Option<String> {
        let found = self.topics.iter().find(|(_, (known, _))| *known == id);
        found.map(|(name, _)| name.clone())
    }

    fn has(&self, partition: &TopicPartition) -> bool {
        (0..self.partition_count(&partition.topic)).contains(&partition.partition)
    }

    fn partition_count(&self, topic: &str) -> i32 {
        self.topics.get(topic).map_or(0, |(_, count)| *count)
    }

    fn topic_names(&self) -> Vec<String> {
        self.topics.keys().cloned().collect()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn group_setting(&self, _: &str, key: &str) -> Option<i32> {
        self.settings.get(key).copied()
    }
}

/// What the client of a member knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Client {
    pub epoch: i32,
    /// What it has been told to own last.
    pub told: BTreeSet<(Uuid, i32)>,
    /// What it owns: it lets go at once and takes what it is told, and says so with the next heartbeat.
    pub owns: BTreeSet<(Uuid, i32)>,
    pub topics: Option<Vec<String>>,
    pub regex: Option<String>,
    pub instance: Option<String>,
    pub assignor: Option<String>,
    /// An answer was lost: the next request says everything.
    pub unsure: bool,
}

/// A coordinator, its log, and its members.
pub struct Stage {
    pub config: GroupConfig,
    pub cluster: Cluster,
    pub coordinator: GroupCoordinator,
    pub log: Vec<CoordinatorRecord>,
    pub now: SimTime,
    pub clients: BTreeMap<String, Client>,
    /// What becomes of writes.
    pub writes: Result<(), ErrorCode>,
}

impl Stage {
    pub fn new() -> Stage {
        let config = GroupConfig {
            offsets_partitions: 1,
            ..GroupConfig::default()
        };
        let mut stage = Stage {
            coordinator: GroupCoordinator::new(config.clone(), Rng::from_seed(1)),
            config,
            cluster: Cluster::default(),
            log: Vec::new(),
            now: SimTime(1_000_000_000),
            clients: BTreeMap::new(),
            writes: Ok(()),
        };
        stage.crash();
        stage
    }

    /// The coordinator is lost, and another reads the log.
    pub fn crash(&mut self) {
        self.coordinator = GroupCoordinator::new(self.config.clone(), Rng::from_seed(1));
        self.coordinator.start_loading(0, 0);
        for record in &self.log {
            self.coordinator
                .replay(0, &record.key, record.value.as_deref());
        }
        self.coordinator.finish_loading(self.now, 0);
    }

    /// Time goes by, wake-up by wake-up.
    pub fn wait(&mut self, ms: i64) {
        let end = self.now.plus_millis(ms);
        while let Some(next) = self.coordinator.next_wakeup().filter(|w| w.at <= end) {
            self.now = self.now.max(next.at);
            let effects = self.coordinator.advance(self.now, &self.cluster);
            self.settle(effects);
            let again = self.coordinator.next_wakeup();
            assert!(again.is_none_or(|w| w.at > self.now), "stuck on {again:?}");
        }
        self.now = end;
    }

    pub fn ask(&mut self, version: i16, request: impl Into<Request>) -> Response {
        let context = RequestContext {
            token: RequestToken(0),
            client_id: "c".to_owned(),
            client_host: "/127.0.0.1".to_owned(),
            api_version: version,
        };
        let effects = self
            .coordinator
            .handle(self.now, &context, request.into(), &self.cluster);
        let mut answers = self.settle(effects);
        assert_eq!(answers.len(), 1);
        answers.remove(0)
    }

    fn settle(&mut self, effects: Vec<CoordinatorEffect>) -> Vec<Response> {
        let mut answers = Vec::new();
        for effect in effects {
            match effect {
                CoordinatorEffect::Respond { response, .. } => answers.push(response),
                CoordinatorEffect::Append { records, write, .. } => {
                    let outcome = self.writes;
                    if outcome.is_ok() {
                        self.log.extend(records);
                    }
                    let effects = self.coordinator.on_written(self.now, write, outcome);
                    answers.extend(self.settle(effects));
                }
            }
        }
        answers
    }

    pub fn beat(
        &mut self,
        request: ConsumerGroupHeartbeatRequest,
    ) -> ConsumerGroupHeartbeatResponse {
        match self.ask(1, request) {
            Response::ConsumerGroupHeartbeat(response) => response,
            other => panic!("{other:?}"),
        }
    }

    /// A client that reads `topics` joins under this id.
    pub fn join(&mut self, id: &str, topics: &[&str]) -> ConsumerGroupHeartbeatResponse {
        let client = Client {
            topics: Some(topics.iter().map(|t| (*t).to_owned()).collect()),
            ..Client::default()
        };
        self.join_as(id, client)
    }

    pub fn join_as(&mut self, id: &str, client: Client) -> ConsumerGroupHeartbeatResponse {
        self.clients.insert(id.to_owned(), client.clone());
        let request = ConsumerGroupHeartbeatRequest {
            group_id: GROUP.to_owned(),
            member_id: id.to_owned(),
            instance_id: client.instance,
            rebalance_timeout_ms: 300_000,
            subscribed_topic_names: client.topics,
            subscribed_topic_regex: client.regex,
            server_assignor: client.assignor,
            topic_partitions: Some(Vec::new()),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        let response = self.beat(request);
        self.take_in(id, &response);
        response
    }

    /// The client says that it is alive, and what it owns.
    pub fn heartbeat(&mut self, id: &str) -> ConsumerGroupHeartbeatResponse {
        let client = self.clients[id].clone();
        let request = ConsumerGroupHeartbeatRequest {
            group_id: GROUP.to_owned(),
            member_id: id.to_owned(),
            member_epoch: client.epoch,
            instance_id: client.instance,
            topic_partitions: Some(by_topic(&client.owns)),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        let response = self.beat(request);
        self.take_in(id, &response);
        response
    }

    pub fn leave(&mut self, id: &str, epoch: i32) -> ConsumerGroupHeartbeatResponse {
        let client = self.clients.remove(id).unwrap_or_default();
        self.beat(ConsumerGroupHeartbeatRequest {
            group_id: GROUP.to_owned(),
            member_id: id.to_owned(),
            member_epoch: epoch,
            instance_id: client.instance,
            ..ConsumerGroupHeartbeatRequest::default()
        })
    }

    pub fn take_in(&mut self, id: &str, response: &ConsumerGroupHeartbeatResponse) {
        let client = self.clients.get_mut(id).unwrap();
        if response.error_code != 0 {
            return;
        }
        client.epoch = response.member_epoch;
        if let Some(assignment) = &response.assignment {
            client.told = flat(&assignment.topic_partitions);
            client.owns = client.told.clone();
        }
    }

    /// Everyone heartbeats, for as long as it takes.
    pub fn settle_down(&mut self) {
        for _ in 0..40 {
            self.wait(1_500);
            let ids: Vec<String> = self.clients.keys().cloned().collect();
            for id in ids {
                self.heartbeat(&id);
            }
            if self.group().state().name() == "Stable" {
                return;
            }
        }
        panic!("never stable: {:#?}", self.group());
    }

    pub fn group(&self) -> &ConsumerGroup {
        self.coordinator
            .group(GROUP)
            .unwrap()
            .consumer
            .as_ref()
            .unwrap()
    }

    pub fn state(&self) -> &'static str {
        self.coordinator
            .group(GROUP)
            .map_or("-", |group| group.state_name())
    }

    /// What a member owns, as `t:0,1 u:2`.
    pub fn owned(&self, id: &str) -> String {
        self.show(&self.clients[id].owns)
    }

    fn show(&self, partitions: &BTreeSet<(Uuid, i32)>) -> String {
        let mut topics: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (topic, partition) in partitions {
            let name = self.cluster.name_of(*topic).unwrap_or("?".to_owned());
            topics.entry(name).or_default().push(partition.to_string());
        }
        let topics = topics
            .iter()
            .map(|(name, p)| format!("{name}:{}", p.join(",")));
        topics.collect::<Vec<_>>().join(" ")
    }
}

pub fn by_topic(partitions: &BTreeSet<(Uuid, i32)>) -> Vec<TopicPartitions> {
    let mut topics: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for (topic, partition) in partitions {
        topics.entry(*topic).or_default().push(*partition);
    }
    let topics = topics.into_iter();
    let topics = topics.map(|(topic_id, partitions)| TopicPartitions {
        topic_id,
        partitions,
    });
    topics.collect()
}

pub fn flat(topics: &[TopicPartitions]) -> BTreeSet<(Uuid, i32)> {
    let flat = topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|p| (topic.topic_id, *p)));
    flat.collect()
}

fn error(response: &ConsumerGroupHeartbeatResponse) -> (&'static str, &str) {
    let name = ErrorCode::from_code(response.error_code).name();
    (name, response.error_message.as_deref().unwrap_or(""))
}

fn stage_with(partitions: i32) -> Stage {
    let mut stage = Stage::new();
    stage.cluster.create("t", partitions);
    stage
}

#[test]
fn the_first_member_gets_everything_in_epoch_2() {
    let mut stage = stage_with(4);
    let response = stage.join("a", &["t"]);
    assert_eq!(response.member_id.as_deref(), Some("a"));
    assert_eq!((response.error_code, response.member_epoch), (0, 2));
    assert_eq!(response.heartbeat_interval_ms, 5_000);
    assert_eq!(stage.owned("a"), "t:0,1,2,3");
    assert_eq!(stage.state(), "Stable");
    // Nothing is news after that.
    let again = stage.heartbeat("a");
    assert_eq!(
        (again.error_code, again.member_epoch, again.assignment),
        (0, 2, None)
    );
}

#[test]
fn a_partition_changes_hands_only_after_its_owner_let_go() {
    let mut stage = stage_with(4);
    stage.join("a", &["t"]);
    stage.wait(2_000);
    let response = stage.join("b", &["t"]);
    // In the new epoch, but with nothing: all is still a's.
    assert_eq!((response.member_epoch, stage.owned("b").as_str()), (3, ""));
    assert_eq!(stage.state(), "Reconciling");

    let request = ConsumerGroupHeartbeatRequest {
        group_id: GROUP.to_owned(),
        member_id: "a".to_owned(),
        member_epoch: 2,
        ..ConsumerGroupHeartbeatRequest::default()
    };
    let told = stage.beat(request.clone());
    assert_eq!(told.member_epoch, 2);
    let keeps = flat(&told.assignment.clone().unwrap().topic_partitions);
    assert_eq!(stage.show(&keeps), "t:0,1");
    assert_eq!(
        stage.group().members.get("a").unwrap().current.state,
        MemberState::Unrevoked
    );
    // As long as a does not say that it let go, b gets nothing and a stays in its epoch.
    assert_eq!(stage.beat(request).member_epoch, 2);
    assert_eq!(stage.heartbeat("b").assignment, None);
    stage.take_in("a", &told);
    assert_eq!(stage.heartbeat("a").member_epoch, 3);
    let given = stage.heartbeat("b");
    assert_eq!(given.member_epoch, 3);
    assert_eq!(stage.owned("b"), "t:2,3");
    assert_eq!(stage.state(), "Stable");
}

#[test]
fn who_leaves_frees_its_partitions() {
    let mut stage = stage_with(3);
    stage.join("a", &["t"]);
    stage.wait(2_000);
    stage.join("b", &["t"]);
    stage.settle_down();
    let left = stage.leave("a", -1);
    assert_eq!((left.error_code, left.member_epoch), (0, -1));
    assert_eq!(stage.state(), "Assigning");
    stage.settle_down();
    assert_eq!(stage.owned("b"), "t:0,1,2");
    stage.leave("b", -1);
    assert_eq!(stage.state(), "Empty");
    stage.crash();
    assert_eq!(stage.state(), "Empty");
}

#[test]
fn a_silent_member_is_put_out() {
    let mut stage = stage_with(2);
    stage.join("a", &["t"]);
    stage.wait(2_000);
    stage.join("b", &["t"]);
    stage.settle_down();
    for _ in 0..10 {
        stage.wait(5_000);
        stage.heartbeat("b");
    }
    let late = stage.heartbeat("a");
    assert_eq!(
        error(&late),
        ("UNKNOWN_MEMBER_ID", "Member a is not a member of group g.")
    );
    stage.clients.remove("a");
    stage.settle_down();
    assert_eq!(stage.owned("b"), "t:0,1");
}

#[test]
fn a_member_that_does_not_let_go_in_time_is_put_out() {
    let mut stage = stage_with(2);
    stage.join("a", &["t"]);
    stage.wait(2_000);
    stage.join("b", &["t"]);
    let mut last = String::new();
    // It heartbeats all the time, but claims to own what it was told to let go.
    for _ in 0..70 {
        stage.wait(5_000);
        let request = ConsumerGroupHeartbeatRequest {
            group_id: GROUP.to_owned(),
            member_id: "a".to_owned(),
            member_epoch: 2,
            ..ConsumerGroupHeartbeatRequest::default()
        };
        last = error(&stage.beat(request)).0.to_owned();
        stage.heartbeat("b");
    }
    assert_eq!(last, "UNKNOWN_MEMBER_ID");
    assert_eq!(stage.owned("b"), "t:0,1");
}

#[test]
fn epochs_fence() {
    let mut stage = stage_with(2);
    stage.join("a", &["t"]);
    let with = |epoch: i32, owns: Option<Vec<TopicPartitions>>| ConsumerGroupHeartbeatRequest {
        group_id: GROUP.to_owned(),
        member_id: "a".to_owned(),
        member_epoch: epoch,
        topic_partitions: owns,
        ..ConsumerGroupHeartbeatRequest::default()
    };
    let ahead = stage.beat(with(9, None));
    assert_eq!(error(&ahead).0, "FENCED_MEMBER_EPOCH");
    assert_eq!(
        error(&ahead).1,
        "The consumer group member has a greater member epoch (9) than the one known by the group \
         coordinator (2). The member must abandon all its partitions and rejoin."
    );
    // The next epoch, whose answer is lost: the one before is taken, from who owns no more than it may.
    stage.wait(2_000);
    stage.cluster.grow("t", 3);
    assert_eq!(stage.beat(with(2, None)).member_epoch, 3);
    let owns = by_topic(&stage.clients["a"].owns);
    assert_eq!(stage.beat(with(2, Some(owns))).member_epoch, 3);
    assert_eq!(error(&stage.beat(with(2, None))).0, "FENCED_MEMBER_EPOCH");
    let more = vec![TopicPartitions {
        topic_id: Uuid([9; 16]),
        partitions: vec![0],
    }];
    assert_eq!(
        error(&stage.beat(with(2, Some(more)))).0,
        "FENCED_MEMBER_EPOCH"
    );
    assert_eq!(
        error(&stage.beat(with(1, Some(Vec::new())))).0,
        "FENCED_MEMBER_EPOCH"
    );
}

#[test]
fn topics_that_come_grow_and_go_are_taken_up() {
    let mut stage = stage_with(2);
    stage.join("a", &["t", "later"]);
    assert_eq!(stage.owned("a"), "t:0,1");
    stage.cluster.grow("t", 3);
    stage.settle_down();
    assert_eq!(stage.owned("a"), "t:0,1,2");
    stage.cluster.create("later", 1);
    stage.settle_down();
    assert_eq!(stage.owned("a"), "later:0 t:0,1,2");
    stage.cluster.delete("t");
    stage.settle_down();
    assert_eq!(stage.owned("a"), "later:0");
    stage.cluster.create("t", 1);
    stage.settle_down();
    assert_eq!(stage.owned("a"), "later:0 t:0");
}

#[test]
fn a_regular_expression_is_resolved_after_the_heartbeat_that_brings_it() {
    let mut stage = stage_with(2);
    stage.cluster.create("tea", 1);
    stage.cluster.create("coffee", 1);
    let client = Client {
        topics: Some(Vec::new()),
        regex: Some("t.*".to_owned()),
        ..Client::default()
    };
    let response = stage.join_as("a", client);
    assert_eq!((response.member_epoch, stage.owned("a").as_str()), (1, ""));
    stage.wait(5_000);
    stage.heartbeat("a");
    assert_eq!(stage.owned("a"), "t:0,1 tea:0");
    // A topic that comes later joins at the next look, ten seconds later at the earliest.
    stage.cluster.create("toast", 1);
    stage.wait(3_000);
    stage.heartbeat("a");
    stage.wait(3_000);
    stage.heartbeat("a");
    stage.wait(1_000);
    stage.heartbeat("a");
    assert_eq!(stage.owned("a"), "t:0,1 tea:0 toast:0");
    stage.leave("a", -1);
    assert!(stage.group().regexes.is_empty());
}

#[test]
fn a_regular_expression_that_is_none_is_refused() {
    let mut stage = stage_with(1);
    let client = Client {
        regex: Some("t[".to_owned()),
        ..Client::default()
    };
    let response = stage.join_as("a", client);
    assert_eq!(error(&response).0, "INVALID_REGULAR_EXPRESSION");
    assert_eq!(stage.state(), "-");
}

#[test]
fn a_static_member_keeps_its_place_while_it_is_away() {
    let mut stage = stage_with(4);
    let a = Client {
        topics: Some(vec!["t".to_owned()]),
        instance: Some("one".to_owned()),
        ..Client::default()
    };
    stage.join_as("a", a.clone());
    stage.wait(2_000);
    stage.join("b", &["t"]);
    stage.settle_down();
    let owned = stage.owned("a");
    let epoch = stage.group().epoch;

    let twin = stage.join_as("a2", a.clone());
    assert_eq!(
        error(&twin),
        (
            "UNRELEASED_INSTANCE_ID",
            "Static member a2 with instance id one cannot join the group because the instance id is \
             owned by a member."
        )
    );
    stage.clients.remove("a2");
    assert_eq!(stage.leave("a", -2).member_epoch, -2);
    stage.heartbeat("b");
    assert_eq!(stage.owned("b"), "t:2,3");
    stage.crash();
    let back = stage.join_as("a2", a);
    assert_eq!((back.error_code, back.member_epoch), (0, epoch));
    assert_eq!(stage.owned("a2"), owned);
    assert_eq!(stage.group().epoch, epoch, "nobody else need know");
    let old = stage.beat(ConsumerGroupHeartbeatRequest {
        group_id: GROUP.to_owned(),
        member_id: "a".to_owned(),
        member_epoch: epoch,
        instance_id: Some("one".to_owned()),
        ..ConsumerGroupHeartbeatRequest::default()
    });
    assert_eq!(
        error(&old),
        (
            "FENCED_INSTANCE_ID",
            "Static member a with instance id one was fenced by member a2."
        )
    );
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let mut stage = stage_with(1);
    let base = ConsumerGroupHeartbeatRequest {
        group_id: GROUP.to_owned(),
        member_id: "a".to_owned(),
        rebalance_timeout_ms: 1,
        subscribed_topic_names: Some(vec!["t".to_owned()]),
        topic_partitions: Some(Vec::new()),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    let mut refused = |change: &dyn Fn(&mut ConsumerGroupHeartbeatRequest)| {
        let mut request = base.clone();
        change(&mut request);
        let response = stage.beat(request);
        let (name, message) = error(&response);
        assert_eq!((&response.member_id, response.member_epoch), (&None, 0));
        format!("{name} {message}")
    };
    assert_eq!(
        refused(&|r| r.member_id.clear()),
        "INVALID_REQUEST MemberId can't be empty."
    );
    assert_eq!(
        refused(&|r| r.group_id.clear()),
        "INVALID_REQUEST GroupId can't be empty."
    );
    assert_eq!(
        refused(&|r| r.rebalance_timeout_ms = -1),
        "INVALID_REQUEST RebalanceTimeoutMs must be provided in first request."
    );
    assert_eq!(
        refused(&|r| r.topic_partitions = None),
        "INVALID_REQUEST TopicPartitions must be empty when (re-)joining."
    );
    assert_eq!(
        refused(&|r| r.subscribed_topic_names = None),
        "INVALID_REQUEST Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when \
         (re-)joining."
    );
    assert_eq!(
        refused(&|r| r.server_assignor = Some("fair".to_owned())),
        "UNSUPPORTED_ASSIGNOR ServerAssignor fair is not supported. Supported assignors: uniform, \
         range."
    );
    assert_eq!(
        refused(&|r| r.member_epoch = 1),
        "GROUP_ID_NOT_FOUND Consumer group g not found."
    );
    assert_eq!(
        refused(&|r| r.member_epoch = -1),
        "GROUP_ID_NOT_FOUND Group g not found."
    );
    assert_eq!(
        refused(&|r| r.member_epoch = -2),
        "INVALID_REQUEST InstanceId can't be null."
    );
    assert_eq!(
        refused(&|r| r.member_epoch = -3),
        "INVALID_REQUEST MemberEpoch is invalid."
    );
}

#[test]
fn a_full_group_takes_nobody_in() {
    let mut stage = stage_with(4);
    stage.config.consumer_max_size = 1;
    stage.crash();
    stage.join("a", &["t"]);
    let response = stage.join("b", &["t"]);
    assert_eq!(
        error(&response),
        (
            "GROUP_MAX_SIZE_REACHED",
            "The consumer group has reached its maximum capacity of 1 members."
        )
    );
    assert_eq!(stage.heartbeat("a").error_code, 0);
}

#[test]
fn a_crowd_is_worth_one_assignment_a_second() {
    let mut stage = stage_with(4);
    stage.join("a", &["t"]);
    let early = stage.join("b", &["t"]);
    assert_eq!((stage.group().epoch, early.member_epoch), (3, 2));
    assert_eq!(stage.state(), "Assigning");
    stage.wait(1_000);
    assert_eq!(stage.heartbeat("b").member_epoch, 3);
}

#[test]
fn what_is_not_written_never_was() {
    let mut stage = stage_with(4);
    stage.writes = Err(ErrorCode::NotEnoughReplicas);
    let response = stage.join("a", &["t"]);
    assert_eq!(error(&response).0, "COORDINATOR_NOT_AVAILABLE");
    assert_eq!(stage.state(), "-");
    stage.writes = Ok(());
    stage.join("a", &["t"]);
    let before = stage.group().clone();
    stage.writes = Err(ErrorCode::NotEnoughReplicas);
    stage.wait(2_000);
    stage.join("b", &["t"]);
    assert_eq!(*stage.group(), before);
}

#[test]
fn settings_of_a_group_are_its_own() {
    let mut stage = stage_with(1);
    let settings = &mut stage.cluster.settings;
    settings.insert("consumer.heartbeat.interval.ms".to_owned(), 7_000);
    settings.insert("consumer.session.timeout.ms".to_owned(), 50_000);
    assert_eq!(stage.join("a", &["t"]).heartbeat_interval_ms, 7_000);
    stage.wait(49_000);
    assert_eq!(stage.state(), "Stable");
    stage.wait(1_000);
    assert_eq!(stage.state(), "Empty");
}
