//! Joining: what a member tells the group, what a leader decides, and what comes of it.

use bytes::Bytes;
use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::ErrorCode;
use protocol::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use protocol::messages::sync_group::{
    SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse,
};

use super::Phase;
use crate::assignor::{assign, cooperative_sticky, sticky};
use crate::consumer::machine::{Consumer, Flight};
use crate::consumer::{Assignor, ConsumerEvent, leader};
use crate::event::ClientError;
use crate::net::backoff::Backoff;
use crate::net::core::{Ask, AskOptions};

/// How long a member waits for others to join beyond what the group waits.
const JOIN_GRACE_MS: i64 = 5_000;
const PROTOCOL_TYPE: &str = "consumer";

impl Consumer {
    pub(in crate::consumer) fn send_join(&mut self, now: SimTime) {
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
        self.core
            .send(now, Ask::new(node, request, tag).with(options));
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

    pub(in crate::consumer) fn on_joined(
        &mut self,
        now: SimTime,
        attempt: u32,
        body: &JoinGroupResponse,
    ) {
        if attempt != self.group.attempt || self.group.phase != Phase::Joining {
            return;
        }
        let error = ErrorCode::from_code(body.error_code);
        match error {
            ErrorCode::None => self.on_member(now, body),
            ErrorCode::MemberIdRequired => {
                self.group.member_id.clone_from(&body.member_id);
                self.group.reason = format!(
                    "need to re-join with the given member-id: {}",
                    body.member_id
                );
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
    pub(in crate::consumer) fn on_join_failed(&mut self, now: SimTime, attempt: u32) {
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

    pub(in crate::consumer) fn refuse(&mut self, error: ErrorCode) {
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

    pub(in crate::consumer) fn assign_now(&mut self, now: SimTime) {
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
        self.core
            .send(now, Ask::new(node, request, tag).with(options));
    }

    pub(in crate::consumer) fn on_synced(
        &mut self,
        now: SimTime,
        attempt: u32,
        body: &SyncGroupResponse,
    ) {
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
}
