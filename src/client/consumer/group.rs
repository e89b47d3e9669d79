//! Membership in a group: finding the coordinator, joining, syncing, heartbeats, leaving.

use std::collections::BTreeSet;

use bytes::Bytes;
use engine::ids::TopicPartition;
use engine::net::Address;
use engine::time::{Reason, SimTime, Wakeup};
use protocol::messages::find_coordinator::FindCoordinatorResponse;
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use protocol::messages::sync_group::{
    SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse,
};
use protocol::{ErrorCode, Request};
use serde::Serialize;

use super::machine::{Consumer, Flight};
use super::offsets::CommitReason;
use super::{Assignor, ConsumerEvent, Subscription, leader};
use crate::assignor::{Member, PartitionCounts, assign, cooperative_sticky, sticky};
use crate::event::{ClientError, LogLevel};
use crate::net::backoff::Backoff;
use crate::net::core::{Ask, AskOptions};
use crate::net::links::coordinator_node;
use crate::net::requests::{coordinator_of, find_coordinator};

/// How long a member waits for others to join beyond what the group waits.
const JOIN_GRACE_MS: i64 = 5_000;
const PROTOCOL_TYPE: &str = "consumer";

/// What a consumer knows of its group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Group {
    pub(super) member_id: String,
    /// -1 outside a generation.
    pub(super) generation: i32,
    coordinator: Option<i32>,
    search: Search,
    phase: Phase,
    /// Join again as soon as that may be.
    rejoin: bool,
    reason: String,
    /// Partitions were given to others meanwhile, for all this consumer knows.
    lost: bool,
    /// What is not kept through the rebalance under way was given back.
    gave_back: bool,
    /// Joined with these.
    joined_with: BTreeSet<String>,
    assignor: Option<Assignor>,
    /// As leader: topics of all members, and how many partitions they had.
    lead: Option<(BTreeSet<String>, PartitionCounts)>,
    /// What was last assigned, and in which generation.
    assigned: Option<(Vec<TopicPartition>, i32)>,
    heartbeat_at: SimTime,
    heartbeat_sent: bool,
    heard_at: SimTime,
    failures: u32,
    retry_at: SimTime,
    /// Counts memberships, so that answers to an earlier one are known as such.
    pub(super) attempt: u32,
    /// The group refused this consumer for good.
    refused: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Search {
    /// Where the question goes, under which correlation id; and whether it went.
    asked: Option<(i32, i32, bool)>,
    failures: u32,
    retry_at: SimTime,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
enum Phase {
    Out,
    /// Offsets are committed before partitions are given back.
    Committing,
    Prepared,
    Joining,
    /// As leader, waits for metadata of topics that only others want.
    Assigning {
        members: Vec<Member>,
        version: u64,
    },
    Syncing,
    Stable,
}

impl Group {
    pub(super) fn new(now: SimTime) -> Group {
        Group {
            member_id: String::new(),
            generation: -1,
            coordinator: None,
            search: Search {
                asked: None,
                failures: 0,
                retry_at: now,
            },
            phase: Phase::Out,
            rejoin: false,
            reason: String::new(),
            lost: false,
            gave_back: false,
            joined_with: BTreeSet::new(),
            assignor: None,
            lead: None,
            assigned: None,
            heartbeat_at: now,
            heartbeat_sent: false,
            heard_at: now,
            failures: 0,
            retry_at: now,
            attempt: 0,
            refused: false,
        }
    }

    pub(super) fn is_rebalancing(&self) -> bool {
        !matches!(self.phase, Phase::Out | Phase::Stable)
    }

    /// Topics that only other members want, if this one leads.
    pub(super) fn topics_of_others(&self) -> Option<&BTreeSet<String>> {
        self.lead.as_ref().map(|(topics, _)| topics)
    }

    /// Offsets are committed; partitions may be given back.
    pub(super) fn prepared(&mut self) {
        if self.phase == Phase::Committing {
            self.phase = Phase::Prepared;
        }
    }

    /// When something is due, as far as this is known at `now`.
    pub(super) fn next_wakeup(
        &self,
        now: SimTime,
        in_poll: bool,
        session_timeout_ms: i32,
    ) -> Option<Wakeup> {
        let at = |at: SimTime, reason| (at > now).then_some(Wakeup { at, reason });
        let search = self.coordinator.is_none() && self.search.asked.is_none();
        let search = search
            .then(|| at(self.search.retry_at, Reason::Retry))
            .flatten();
        let own = match self.phase {
            Phase::Stable if !self.heartbeat_sent => at(self.heartbeat_at, Reason::Heartbeat),
            Phase::Stable => {
                let silent = self.heard_at.plus_millis(i64::from(session_timeout_ms));
                at(silent, Reason::MemberSession)
            }
            Phase::Out | Phase::Prepared if in_poll => at(self.retry_at, Reason::Retry),
            _ => None,
        };
        Wakeup::earlier(search, own)
    }

    fn reset(&mut self) {
        self.generation = -1;
        self.phase = Phase::Out;
        self.lead = None;
        self.heartbeat_sent = false;
        self.gave_back = false;
        self.attempt = self.attempt.wrapping_add(1);
    }
}

impl Consumer {
    /// The connection to the coordinator, if it can be used now.
    pub(super) fn ready_coordinator(&mut self, now: SimTime) -> Option<i32> {
        let node = coordinator_node(self.group.coordinator?);
        self.core.links.ready(now, node).then_some(node)
    }

    /// The coordinator has to be found anew.
    pub(super) fn lose_coordinator(&mut self) {
        self.group.coordinator = None;
    }

    /// Joins again when that may be.
    pub(super) fn rejoin(&mut self) {
        self.group.rejoin = true;
    }

    /// The connection of a node is gone.
    pub(super) fn on_lost(&mut self, now: SimTime, node: i32) {
        if self.group.coordinator.map(coordinator_node) == Some(node) {
            self.lose_coordinator();
        }
        if self
            .group
            .search
            .asked
            .is_some_and(|(asked, _, sent)| asked == node && !sent)
        {
            self.on_search_failed(now);
        }
    }

    /// Looks for the coordinator unless it is known.
    pub(super) fn find_coordinator(&mut self, now: SimTime) {
        let Some(group) = self.config.group_id.clone() else {
            return;
        };
        if self.group.coordinator.is_some() || now < self.group.search.retry_at {
            return;
        }
        let (node, correlation) = match self.group.search.asked {
            Some((_, _, true)) => return,
            Some((node, correlation, false)) => (node, correlation),
            None => {
                let Some(node) = self.core.links.least_loaded(now) else {
                    return;
                };
                // The request is numbered before its connection is open and asks for versions.
                (node, self.core.links.draw_correlation())
            }
        };
        let ready = self.core.links.ready(now, node);
        self.group.search.asked = Some((node, correlation, ready));
        if ready {
            let request = find_coordinator(vec![group]);
            let options = AskOptions {
                correlation: Some(correlation),
                ..AskOptions::default()
            };
            let tag = Flight::FindCoordinator;
            self.core.send(
                now,
                Ask {
                    node,
                    request,
                    tag,
                    options,
                },
            );
        }
    }

    pub(super) fn on_coordinator(&mut self, now: SimTime, body: &FindCoordinatorResponse) {
        let group = self.config.group_id.clone().unwrap_or_default();
        match coordinator_of(body, &group) {
            Ok((id, address)) => {
                self.core.links.know(coordinator_node(id), address);
                self.group.coordinator = Some(id);
                self.group.search.asked = None;
                self.group.search.failures = 0;
            }
            Err((code, message)) => {
                if !ErrorCode::from_code(code).is_retriable() {
                    self.fail(ClientError::of(code, message.as_deref()));
                }
                self.on_search_failed(now);
            }
        }
    }

    pub(super) fn on_search_failed(&mut self, now: SimTime) {
        self.group.search.asked = None;
        self.group.search.failures = self.group.search.failures.saturating_add(1);
        let backoff = Backoff::retry(self.config.retry_backoff_ms);
        let wait = backoff.micros(self.group.search.failures, &mut self.core.rng);
        self.group.search.retry_at = now.plus_micros(wait);
    }

    /// Where the coordinator is, for the picture.
    pub(super) fn coordinator_address(&self) -> Option<(i32, Address)> {
        let id = self.group.coordinator?;
        let address = self.core.metadata.brokers.get(&id)?;
        Some((id, address.clone()))
    }

    /// Does what membership needs now.
    pub(super) fn take_part(&mut self, now: SimTime) {
        let managed = matches!(
            self.subscription,
            Some(Subscription::Topics(_) | Subscription::Pattern(_))
        );
        if !managed || self.config.group_id.is_none() || self.group.refused {
            return;
        }
        self.note_changes();
        match &self.group.phase {
            Phase::Out if self.in_poll && now >= self.group.retry_at => {
                let waits = matches!(self.subscription, Some(Subscription::Pattern(_)));
                if !waits || self.core.metadata.version > 0 {
                    self.prepare(now);
                }
            }
            Phase::Stable if self.group.rejoin && self.in_poll => self.prepare(now),
            Phase::Stable => self.stay(now),
            Phase::Assigning { version, .. } if self.core.metadata.version > *version => {
                self.assign_now(now);
            }
            _ => {}
        }
        if self.group.phase == Phase::Prepared && now >= self.group.retry_at {
            self.give_back();
            self.send_join(now);
        }
    }

    /// Subscribed topics that changed, or partitions that a leader did not know of, call for a
    /// rebalance.
    fn note_changes(&mut self) {
        if self.group.phase != Phase::Stable {
            return;
        }
        let subscription_changed = self.group.joined_with != self.topics;
        let counts_changed = self.group.lead.as_ref().is_some_and(|(topics, counts)| {
            self.core.metadata.version > 0 && self.counts(topics) != *counts
        });
        if subscription_changed || counts_changed {
            let reason = if counts_changed {
                "cached metadata has changed since the assignment"
            } else {
                "the subscription has changed"
            };
            reason.clone_into(&mut self.group.reason);
            self.group.rejoin = true;
        }
    }

    fn counts(&self, topics: &BTreeSet<String>) -> PartitionCounts {
        let known = topics.iter().filter_map(|topic| {
            let count = self.core.metadata.partition_count(topic)?;
            Some((topic.clone(), count))
        });
        known.collect()
    }

    /// Begins a rebalance: commits first, so that whoever gets a partition goes on from here.
    fn prepare(&mut self, now: SimTime) {
        self.group.rejoin = false;
        self.group.gave_back = false;
        self.group.attempt = self.group.attempt.wrapping_add(1);
        self.group.heartbeat_sent = false;
        self.group.phase = Phase::Committing;
        let member = self.group.generation >= 0 && !self.group.lost;
        let commits = member && self.config.enable_auto_commit;
        if !(commits && self.send_commit(now, CommitReason::Rebalance)) {
            self.group.prepared();
        }
    }

    fn cooperates(&self) -> bool {
        self.config
            .assignors
            .iter()
            .all(|assignor| assignor.is_cooperative())
    }

    /// Gives back what cannot be kept through the rebalance.
    fn give_back(&mut self) {
        if std::mem::replace(&mut self.group.gave_back, true) {
            return;
        }
        let owned = self.partitions.names();
        let kept: Vec<TopicPartition> = if self.cooperates() && !self.group.lost {
            owned
                .iter()
                .filter(|tp| self.topics.contains(&tp.topic))
                .cloned()
                .collect()
        } else {
            Vec::new()
        };
        let gone: Vec<TopicPartition> = owned.into_iter().filter(|tp| !kept.contains(tp)).collect();
        let lost = std::mem::replace(&mut self.group.lost, false);
        if !gone.is_empty() {
            self.partitions.assign(self.now, &kept);
            self.events.push(if lost {
                ConsumerEvent::Lost(gone)
            } else {
                ConsumerEvent::Revoked(gone)
            });
        }
    }

    fn send_join(&mut self, now: SimTime) {
        let Some(node) = self.ready_coordinator(now) else {
            return;
        };
        self.group.joined_with = self.topics.clone();
        let rebalance_ms = i64::from(self.config.max_poll_interval_ms);
        let protocols = self
            .config
            .assignors
            .iter()
            .map(|assignor| JoinGroupRequestProtocol {
                name: assignor.name().to_owned(),
                metadata: self.subscription_bytes(*assignor),
            });
        let request = JoinGroupRequest {
            group_id: self.config.group_id.clone().unwrap_or_default(),
            session_timeout_ms: self.config.session_timeout_ms,
            rebalance_timeout_ms: self.config.max_poll_interval_ms,
            member_id: self.group.member_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
            protocol_type: PROTOCOL_TYPE.to_owned(),
            protocols: protocols.collect(),
            reason: Some(self.group.reason.clone()),
        }
        .into();
        self.group.phase = Phase::Joining;
        let timeout = self
            .config
            .request_timeout_ms
            .max(rebalance_ms + JOIN_GRACE_MS);
        let options = AskOptions {
            timeout_ms: Some(timeout),
            ..AskOptions::default()
        };
        let tag = Flight::Join(self.group.attempt);
        self.core.send(
            now,
            Ask {
                node,
                request,
                tag,
                options,
            },
        );
    }

    fn subscription_bytes(&self, assignor: Assignor) -> Bytes {
        let owned = self.partitions.names();
        let generation = self
            .group
            .assigned
            .as_ref()
            .map_or(-1, |(_, generation)| *generation);
        let user_data = match assignor {
            Assignor::Range | Assignor::RoundRobin => None,
            Assignor::Sticky => {
                let before = self.group.assigned.as_ref();
                before.map(|(assigned, generation)| sticky::user_data(assigned, *generation))
            }
            Assignor::CooperativeSticky => Some(cooperative_sticky::user_data(
                (generation >= 0).then_some(generation),
            )),
        };
        leader::subscription(&self.topics, &owned, self.group.generation, user_data)
    }

    pub(super) fn on_joined(&mut self, now: SimTime, attempt: u32, body: &JoinGroupResponse) {
        if attempt != self.group.attempt || self.group.phase != Phase::Joining {
            return;
        }
        let error = ErrorCode::from_code(body.error_code);
        match error {
            ErrorCode::None => self.on_member(now, body),
            ErrorCode::MemberIdRequired => {
                self.group.member_id.clone_from(&body.member_id);
                self.group.reason = [
                    "need to re-join with the given member-id: ",
                    &body.member_id,
                ]
                .concat();
                self.group.phase = Phase::Prepared;
            }
            ErrorCode::UnknownMemberId => {
                self.group.member_id.clear();
                self.group.generation = -1;
                self.group.phase = Phase::Prepared;
            }
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                self.lose_coordinator();
                self.join_later(now);
            }
            ErrorCode::CoordinatorLoadInProgress | ErrorCode::RebalanceInProgress => {
                self.join_later(now);
            }
            _ => self.refuse(error),
        }
    }

    /// A join or sync will not be answered.
    pub(super) fn on_join_failed(&mut self, now: SimTime, attempt: u32) {
        if attempt == self.group.attempt {
            self.join_later(now);
        }
    }

    fn join_later(&mut self, now: SimTime) {
        self.group.phase = Phase::Prepared;
        self.group.failures = self.group.failures.saturating_add(1);
        let backoff = Backoff::retry(self.config.retry_backoff_ms);
        let wait = backoff.micros(self.group.failures, &mut self.core.rng);
        self.group.retry_at = now.plus_micros(wait);
    }

    fn refuse(&mut self, error: ErrorCode) {
        self.group.reset();
        self.group.refused = true;
        self.fail(ClientError::of(error.code(), None));
    }

    fn on_member(&mut self, now: SimTime, body: &JoinGroupResponse) {
        self.group.member_id.clone_from(&body.member_id);
        self.group.generation = body.generation_id;
        self.group.failures = 0;
        self.group.reason.clear();
        self.group.lead = None;
        self.group.assignor = body.protocol_name.as_deref().and_then(Assignor::by_name);
        if body.leader != body.member_id {
            self.send_sync(now, Vec::new());
            return;
        }
        let members = leader::members(&body.members);
        let topics = leader::topics(&members);
        let unknown = topics.iter().any(|topic| {
            !self.core.metadata.topics.contains_key(topic)
                && !self.core.metadata.errors.contains_key(topic)
        });
        let counts = self.counts(&topics);
        self.group.lead = Some((topics, counts));
        if body.skip_assignment {
            self.send_sync(now, Vec::new());
            return;
        }
        let version = self.core.metadata.version;
        self.group.phase = Phase::Assigning { members, version };
        self.want_topics();
        if unknown {
            self.core.metadata.request_update();
        } else {
            self.assign_now(now);
        }
    }

    fn assign_now(&mut self, now: SimTime) {
        let phase = std::mem::replace(&mut self.group.phase, Phase::Syncing);
        let Phase::Assigning { members, .. } = phase else {
            return;
        };
        let topics = leader::topics(&members);
        let counts = self.counts(&topics);
        let assignor = self.group.assignor.unwrap_or(Assignor::Range);
        let assignment = leader::encoded(&assign(assignor, &members, &counts));
        self.group.lead = Some((topics, counts));
        let each = assignment.into_iter();
        let each = each.map(|(member_id, assignment)| SyncGroupRequestAssignment {
            member_id,
            assignment,
        });
        self.send_sync(now, each.collect());
    }

    fn send_sync(&mut self, now: SimTime, assignments: Vec<SyncGroupRequestAssignment>) {
        self.group.phase = Phase::Syncing;
        let Some(node) = self.ready_coordinator(now) else {
            self.join_later(now);
            return;
        };
        let request = SyncGroupRequest {
            group_id: self.config.group_id.clone().unwrap_or_default(),
            generation_id: self.group.generation,
            member_id: self.group.member_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
            protocol_type: Some(PROTOCOL_TYPE.to_owned()),
            protocol_name: self
                .group
                .assignor
                .map(|assignor| assignor.name().to_owned()),
            assignments,
        }
        .into();
        let rebalance_ms = i64::from(self.config.max_poll_interval_ms);
        let options = AskOptions {
            timeout_ms: Some(self.config.request_timeout_ms.max(rebalance_ms)),
            ..AskOptions::default()
        };
        let tag = Flight::Sync(self.group.attempt);
        self.core.send(
            now,
            Ask {
                node,
                request,
                tag,
                options,
            },
        );
    }

    pub(super) fn on_synced(&mut self, now: SimTime, attempt: u32, body: &SyncGroupResponse) {
        if attempt != self.group.attempt || self.group.phase != Phase::Syncing {
            return;
        }
        let error = ErrorCode::from_code(body.error_code);
        match (error, leader::assigned(&body.assignment)) {
            (ErrorCode::None, Some(assigned)) => self.on_assigned(now, assigned),
            (ErrorCode::None, None) => self.refuse(ErrorCode::InconsistentGroupProtocol),
            (ErrorCode::RebalanceInProgress, _) => self.group.phase = Phase::Prepared,
            (ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration, _) => {
                self.forget_membership(error);
            }
            (ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable, _) => {
                self.lose_coordinator();
                self.join_later(now);
            }
            (ErrorCode::CoordinatorLoadInProgress, _) => self.join_later(now),
            _ => self.refuse(error),
        }
    }

    fn on_assigned(&mut self, now: SimTime, assigned: Vec<TopicPartition>) {
        let owned = self.partitions.names();
        let gone: Vec<TopicPartition> = owned
            .iter()
            .filter(|tp| !assigned.contains(tp))
            .cloned()
            .collect();
        let new: Vec<TopicPartition> = assigned
            .iter()
            .filter(|tp| !owned.contains(tp))
            .cloned()
            .collect();
        self.group.phase = Phase::Stable;
        self.group.heard_at = now;
        self.group.heartbeat_at = now.plus_millis(self.config.heartbeat_interval_ms);
        self.group.heartbeat_sent = false;
        if !gone.is_empty() {
            // Only after this member says that it let go may another be given these.
            "need to revoke partitions and re-join".clone_into(&mut self.group.reason);
            self.group.rejoin = true;
            self.events.push(ConsumerEvent::Revoked(gone));
        }
        self.partitions.assign(now, &assigned);
        self.group.assigned = Some((assigned, self.group.generation));
        self.next_auto_commit = now.plus_millis(self.config.auto_commit_interval_ms);
        self.events.push(ConsumerEvent::Assigned(new));
        self.want_topics();
    }

    /// Stays a member: heartbeats, and the limits of silence on either side.
    fn stay(&mut self, now: SimTime) {
        let polled_until = self
            .polled_at
            .plus_millis(i64::from(self.config.max_poll_interval_ms));
        if !self.in_poll && now >= polled_until {
            self.log(
                LogLevel::Warn,
                "consumer poll timeout has expired. This means the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time processing messages. You can address this either by increasing max.poll.interval.ms or by reducing the maximum size of batches returned in poll() with max.poll.records.",
            );
            self.leave(now, "consumer poll timeout has expired.");
            self.group.member_id.clear();
            self.group.lost = true;
            self.group.reset();
            return;
        }
        let silent = now
            >= self
                .group
                .heard_at
                .plus_millis(i64::from(self.config.session_timeout_ms));
        if silent {
            self.lose_coordinator();
            self.group.heard_at = now;
            return;
        }
        if self.group.heartbeat_sent || now < self.group.heartbeat_at {
            return;
        }
        let Some(node) = self.ready_coordinator(now) else {
            return;
        };
        self.group.heartbeat_sent = true;
        let request = HeartbeatRequest {
            group_id: self.config.group_id.clone().unwrap_or_default(),
            generation_id: self.group.generation,
            member_id: self.group.member_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
        }
        .into();
        let (tag, options) = (Flight::Heartbeat(self.group.attempt), AskOptions::default());
        self.core.send(
            now,
            Ask {
                node,
                request,
                tag,
                options,
            },
        );
    }

    pub(super) fn on_heartbeat(&mut self, now: SimTime, attempt: u32, error: ErrorCode) {
        if attempt != self.group.attempt {
            return;
        }
        self.group.heartbeat_sent = false;
        self.group.heartbeat_at = now.plus_millis(self.config.heartbeat_interval_ms);
        match error {
            ErrorCode::None => self.group.heard_at = now,
            ErrorCode::RebalanceInProgress => {
                self.group.heard_at = now;
                "group is already rebalancing".clone_into(&mut self.group.reason);
                self.group.rejoin = true;
            }
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                self.lose_coordinator();
                self.group.heartbeat_at = now;
            }
            ErrorCode::IllegalGeneration | ErrorCode::UnknownMemberId => {
                self.forget_membership(error);
            }
            ErrorCode::FencedInstanceId => self.refuse(error),
            _ => {
                let soon = now.plus_millis(self.config.retry_backoff_ms);
                self.group.heartbeat_at = soon;
            }
        }
    }

    /// A heartbeat will not be answered.
    pub(super) fn on_heartbeat_failed(&mut self, now: SimTime, attempt: u32) {
        if attempt == self.group.attempt {
            self.group.heartbeat_sent = false;
            self.group.heartbeat_at = now.plus_millis(self.config.retry_backoff_ms);
        }
    }

    /// The group no longer counts this consumer in; it has to join as if anew.
    pub(super) fn forget_membership(&mut self, error: ErrorCode) {
        if error == ErrorCode::UnknownMemberId {
            self.group.member_id.clear();
        }
        self.group.lost = true;
        self.group.reset();
    }

    /// Says goodbye, unless the member is static. Says whether a request went out.
    pub(super) fn leave(&mut self, now: SimTime, reason: &str) -> bool {
        let member = !self.group.member_id.is_empty() && self.config.group_instance_id.is_none();
        if !member {
            return false;
        }
        let Some(node) = self.ready_coordinator(now) else {
            return false;
        };
        let member_id = self.group.member_id.clone();
        let request: Request = LeaveGroupRequest {
            group_id: self.config.group_id.clone().unwrap_or_default(),
            member_id: member_id.clone(),
            members: vec![MemberIdentity {
                member_id,
                group_instance_id: None,
                reason: Some(reason.to_owned()),
            }],
        }
        .into();
        let (tag, options) = (Flight::Leave, AskOptions::default());
        self.core.send(
            now,
            Ask {
                node,
                request,
                tag,
                options,
            },
        );
        true
    }
}
