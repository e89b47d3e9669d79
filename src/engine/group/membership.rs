//! A group: its members, who may be one, and what is remembered of it.

use records::sorted::{SortedMap, SortedSet};

use bytes::Bytes;
use protocol::consumer_protocol::ConsumerProtocolSubscription;
use protocol::coordinator_records::{GroupMetadataValue, MemberMetadata};
use protocol::messages::join_group::{JoinGroupRequestProtocol, JoinGroupResponse};
use protocol::messages::sync_group::SyncGroupResponse;
use protocol::{ErrorCode, Versioned};
use serde::Serialize;

use crate::group::change::{Change, Offsets};
use crate::group::consumer::ConsumerGroup;
use crate::group::member::Member;
use crate::group::state::GroupState;
use crate::group::turn::Turn;
use crate::time::SimTime;

/// The protocol type of consumers; others, such as `connect`, coordinate something else.
const CONSUMER: &str = "consumer";

/// A group of the classic protocol, with its committed offsets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Its name.
    pub id: String,
    /// Where it stands.
    pub state: GroupState,
    /// How many rebalances it has completed.
    pub generation: i32,
    /// What kind of members it has had; `None` if it never had any.
    pub protocol_type: Option<String>,
    /// The assignment strategy of this generation.
    pub protocol: Option<String>,
    /// The member id of the one that computes assignments.
    pub leader: Option<String>,
    /// Members by id.
    pub members: SortedMap<String, Member>,
    /// What the group is if it is one of the consumer protocol; all that is classic is unset then, and
    /// the state says no more than whether the group is being deleted.
    pub consumer: Option<Box<ConsumerGroup>>,
    /// Committed offsets, as far as they are safely written.
    pub offsets: Offsets,
    /// Member ids given out and not used yet, with the time they lapse.
    pub(super) pending: SortedMap<String, SimTime>,
    /// Member ids by instance id.
    pub(super) statics: SortedMap<String, String>,
    /// Since when it is in this state, in milliseconds; -1 if that was never written.
    pub(super) state_since: i64,
}

impl Group {
    /// A group nobody has joined.
    pub(super) fn new(id: &str, now: SimTime) -> Group {
        Group {
            id: id.to_owned(),
            state: GroupState::Empty,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: SortedMap::new(),
            consumer: None,
            offsets: Offsets::new(),
            pending: SortedMap::new(),
            statics: SortedMap::new(),
            state_since: now.as_millis(),
        }
    }

    /// A group that nobody joins and that only keeps offsets.
    pub(super) fn with_offsets_only(id: &str) -> Group {
        Group {
            state_since: -1,
            ..Group::new(id, SimTime::default())
        }
    }

    pub(super) fn enter(&mut self, now: SimTime, state: GroupState) {
        self.state = state;
        self.state_since = now.as_millis();
    }

    /// Kafka's name for its state.
    pub fn state_name(&self) -> &'static str {
        match &self.consumer {
            Some(consumer) if self.state != GroupState::Dead => consumer.state().name(),
            _ => self.state.name(),
        }
    }

    /// Its generation or, by the consumer protocol, its epoch.
    pub fn generation_or_epoch(&self) -> i32 {
        let epoch = self.consumer.as_ref().map(|consumer| consumer.epoch);
        epoch.unwrap_or(self.generation)
    }

    /// The members of either protocol: member ids and client ids.
    pub fn roster(&self) -> Vec<(&str, &str)> {
        let mut roster = Vec::new();
        for member in self.members.values() {
            roster.push((member.id.as_str(), member.client_id.as_str()));
        }
        for member in self
            .consumer
            .iter()
            .flat_map(|consumer| consumer.members.values())
        {
            roster.push((member.id.as_str(), member.wants.client_id.as_str()));
        }
        roster
    }

    pub(super) fn is_empty(&self) -> bool {
        let members = self
            .consumer
            .as_ref()
            .map_or(0, |consumer| consumer.members.len());
        self.state == GroupState::Empty && members == 0
    }

    pub(super) fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    pub(super) fn awaiting_join(&self) -> usize {
        self.members.values().filter(|m| m.join.is_some()).count()
    }

    /// Whether nobody has to be waited for.
    pub(super) fn all_joined(&self) -> bool {
        self.pending.is_empty() && self.members.values().all(|m| m.join.is_some())
    }

    /// The slowest member's.
    pub(super) fn rebalance_timeout_ms(&self) -> i32 {
        let longest = self.members.values().map(|m| m.rebalance_timeout_ms).max();
        longest.unwrap_or(0).max(0)
    }

    /// Holds a member's credentials against the group's.
    pub(super) fn check_member(&self, id: &str, instance: Option<&str>) -> Result<(), ErrorCode> {
        if let Some(instance) = instance {
            match self.statics.get(instance) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(current) if current != id => return Err(ErrorCode::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.members.contains_key(id) {
            Ok(())
        } else {
            Err(ErrorCode::UnknownMemberId)
        }
    }

    /// Whether a newcomer with these protocols could agree with everyone here on one of them.
    pub(super) fn supports(&self, kind: &str, protocols: &[JoinGroupRequestProtocol]) -> bool {
        if self.is_empty() {
            return !kind.is_empty() && !protocols.is_empty();
        }
        self.protocol_type.as_deref() == Some(kind)
            && protocols
                .iter()
                .any(|p| self.members.values().all(|m| m.offers(&p.name)))
    }

    /// The protocol that all offer and most prefer; the alphabet decides a tie.
    pub(super) fn select_protocol(&self) -> Option<String> {
        let mut votes: SortedMap<&str, u32> = SortedMap::new();
        for member in self.members.values() {
            let choice = member
                .protocols
                .iter()
                .find(|p| self.members.values().all(|m| m.offers(&p.name)));
            if let Some(choice) = choice {
                let count = votes.entry(&choice.name).or_default();
                *count = count.saturating_add(1);
            }
        }
        let mut best: Option<(&str, u32)> = None;
        for (name, count) in votes {
            if best.is_none_or(|(_, most)| count > most) {
                best = Some((name, count));
            }
        }
        best.map(|(name, _)| name.to_owned())
    }

    pub(super) fn add(&mut self, member: Member, protocol_type: String) {
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type);
        }
        self.leader.get_or_insert_with(|| member.id.clone());
        self.pending.remove(&member.id);
        if let Some(instance) = &member.instance_id {
            self.statics.insert(instance.clone(), member.id.clone());
        }
        self.members.insert(member.id.clone(), member);
    }

    /// Takes out a member or a pending one. What it waits for is answered so that its client starts over.
    pub(super) fn remove(&mut self, turn: &mut Turn<'_>, member_id: &str) {
        self.pending.remove(member_id);
        if let Some(syncing) = self.state.syncing_mut() {
            syncing.waiting_for.remove(member_id);
        }
        let Some(member) = self.members.remove(member_id) else {
            return;
        };
        if let Some(instance) = &member.instance_id {
            self.statics.remove(instance);
        }
        answer_parked(turn, member, "", ErrorCode::UnknownMemberId);
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
    }

    /// The topics its members read; `None` if that can't be known.
    fn subscribed_topics(&self) -> Option<SortedSet<String>> {
        if self.protocol_type.as_deref() != Some(CONSUMER) {
            return None;
        }
        if self.members.is_empty() {
            return Some(SortedSet::new());
        }
        let protocol = Some(self.protocol.as_deref()?);
        let mut topics = SortedSet::new();
        for member in self.members.values() {
            let metadata = member.metadata(protocol);
            let (_, subscription) = ConsumerProtocolSubscription::decode(&metadata).ok()?;
            topics.extend(subscription.topics);
        }
        Some(topics)
    }

    pub(super) fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER)
    }

    /// Whether members read `topic`; if in doubt, consumers do and others do not.
    pub(super) fn is_subscribed_to(&self, topic: &str) -> bool {
        if let Some(consumer) = &self.consumer {
            return consumer.topics().contains(topic);
        }
        match self.subscribed_topics() {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    /// Whether the topics its members read are known.
    pub(super) fn knows_subscriptions(&self) -> bool {
        self.subscribed_topics().is_some()
    }

    /// The record of this generation, with the assignments given by `assignment`.
    pub(super) fn metadata(&self, assignment: impl Fn(&Member) -> Bytes) -> Change {
        let protocol = self.protocol.as_deref();
        let members = self.members.values().map(|member| MemberMetadata {
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout: member.rebalance_timeout_ms,
            session_timeout: member.session_timeout_ms,
            subscription: member.metadata(protocol),
            assignment: assignment(member),
        });
        Change::Group {
            group: self.id.clone(),
            metadata: Some(GroupMetadataValue {
                protocol_type: self.protocol_type.clone().unwrap_or_default(),
                generation: self.generation,
                protocol: self.protocol.clone(),
                leader: self.leader.clone(),
                current_state_timestamp: self.state_since,
                members: members.collect(),
            }),
        }
    }
}

/// Tells a member that is gone that its JoinGroup and SyncGroup came to nothing.
pub(super) fn answer_parked(turn: &mut Turn<'_>, member: Member, id: &str, error: ErrorCode) {
    if let Some(join) = member.join {
        turn.respond(join.token, join_error(id, error));
    }
    if let Some(sync) = member.sync {
        turn.respond(sync.token, sync_error(error));
    }
}

pub(super) fn join_error(member_id: &str, error: ErrorCode) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: error.code(),
        generation_id: -1,
        member_id: member_id.to_owned(),
        ..JoinGroupResponse::default()
    }
}

pub(super) fn sync_error(error: ErrorCode) -> SyncGroupResponse {
    SyncGroupResponse {
        error_code: error.code(),
        ..SyncGroupResponse::default()
    }
}
