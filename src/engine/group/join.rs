//! JoinGroup: a member enters a group, or takes part in its rebalance.

use protocol::ErrorCode;
use protocol::messages::join_group::{JoinGroupRequest, JoinGroupRequestProtocol};

use crate::group::face::RequestContext;
use crate::group::member::{Member, Parked};
use crate::group::membership::{Group, answer_parked, join_error};
use crate::group::state::GroupState;
use crate::group::turn::{Replaced, Then, Turn};

/// From this version on a member must first be given its id and then join with it, so that a client
/// that times out and tries again does not leave a dead member behind.
const MEMBER_ID_REQUIRED_SINCE: i16 = 4;
/// From this version on a leader can be told to keep the assignment that is in force.
const SKIP_ASSIGNMENT_SINCE: i16 = 9;

impl Group {
    pub(super) fn join(
        &mut self,
        turn: &mut Turn<'_>,
        context: &RequestContext,
        request: JoinGroupRequest,
    ) {
        let token = context.token;
        if !self.has_room_for(&request.member_id, turn.config.max_size) {
            self.remove(turn, &request.member_id);
            return turn.respond(token, join_error("", ErrorCode::GroupMaxSizeReached));
        }
        let refusal = if self.state == GroupState::Dead {
            Some(ErrorCode::CoordinatorNotAvailable)
        } else if !self.supports(&request.protocol_type, &request.protocols) {
            Some(ErrorCode::InconsistentGroupProtocol)
        } else {
            None
        };
        if let Some(error) = refusal {
            return turn.respond(token, join_error(&request.member_id, error));
        }
        if !request.member_id.is_empty() {
            return self.join_known(turn, context, request);
        }
        match &request.group_instance_id {
            Some(instance) => {
                let new_id = member_id(turn, instance);
                match self.statics.get(instance).cloned() {
                    Some(old_id) => self.replace_static(turn, context, request, &old_id, new_id),
                    None => self.join_new(turn, context, request, new_id),
                }
            }
            None => {
                let new_id = member_id(turn, &context.client_id);
                if context.api_version >= MEMBER_ID_REQUIRED_SINCE {
                    let lapses = turn.now.plus_millis(i64::from(request.session_timeout_ms));
                    self.pending.insert(new_id.clone(), lapses);
                    turn.respond(token, join_error(&new_id, ErrorCode::MemberIdRequired));
                } else {
                    self.join_new(turn, context, request, new_id);
                }
            }
        }
    }

    /// While members join, only those that have count: whoever comes last does not fit in.
    fn has_room_for(&self, member_id: &str, max_size: i32) -> bool {
        let max_size = usize::try_from(max_size).unwrap_or(0);
        let member = self.members.get(member_id);
        match self.state {
            GroupState::Empty | GroupState::Dead => true,
            GroupState::PreparingRebalance(_) => {
                member.is_some_and(|m| m.join.is_some()) || self.awaiting_join() < max_size
            }
            GroupState::CompletingRebalance(_) | GroupState::Stable(_) => {
                member.is_some() || self.members.len() < max_size
            }
        }
    }

    fn join_new(
        &mut self,
        turn: &mut Turn<'_>,
        context: &RequestContext,
        request: JoinGroupRequest,
        member_id: String,
    ) {
        if let GroupState::PreparingRebalance(joining) = &mut self.state
            && let Some(initial) = &mut joining.initial
        {
            initial.new_member = true;
        }
        let timeout = i64::from(turn.config.new_member_join_timeout_ms);
        let member = Member {
            id: member_id,
            instance_id: request.group_instance_id,
            client_id: context.client_id.clone(),
            client_host: context.client_host.clone(),
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            session_timeout_ms: request.session_timeout_ms,
            protocols: without_repeats(request.protocols),
            assignment: bytes::Bytes::new(),
            is_new: true,
            join: Some(Parked {
                token: context.token,
            }),
            sync: None,
            session_ends: turn.now.plus_millis(timeout),
        };
        self.add(member, request.protocol_type);
        self.rebalance(turn);
    }

    fn join_known(
        &mut self,
        turn: &mut Turn<'_>,
        context: &RequestContext,
        request: JoinGroupRequest,
    ) {
        let member_id = request.member_id.clone();
        if self.pending.contains_key(&member_id) {
            if request.group_instance_id.is_some() {
                // Only dynamic members are given an id to come back with; Kafka calls this impossible.
                let error = join_error(&member_id, ErrorCode::UnknownServerError);
                return turn.respond(context.token, error);
            }
            return self.join_new(turn, context, request, member_id);
        }
        if let Err(error) = self.check_member(&member_id, request.group_instance_id.as_deref()) {
            return turn.respond(context.token, join_error(&member_id, error));
        }
        let unchanged = self
            .members
            .get(&member_id)
            .is_some_and(|m| m.protocols == request.protocols);
        let must_rebalance = match self.state {
            GroupState::PreparingRebalance(_) => true,
            // The answer to its last JoinGroup got lost.
            GroupState::CompletingRebalance(_) => !unchanged,
            // A leader that rejoins wants a new assignment: it alone watches the topics' metadata.
            GroupState::Stable(_) => self.is_leader(&member_id) || !unchanged,
            GroupState::Empty | GroupState::Dead => {
                let error = join_error(&member_id, ErrorCode::UnknownMemberId);
                return turn.respond(context.token, error);
            }
        };
        if must_rebalance {
            self.park_join(turn, context, &member_id, request);
            self.rebalance(turn);
        } else {
            turn.respond(context.token, self.join_response(&member_id));
        }
    }

    /// Notes what a member wants now, and that it waits.
    fn park_join(
        &mut self,
        turn: &mut Turn<'_>,
        context: &RequestContext,
        member_id: &str,
        request: JoinGroupRequest,
    ) {
        let Some(member) = self.members.get_mut(member_id) else {
            return;
        };
        member.protocols = without_repeats(request.protocols);
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
        member.session_timeout_ms = request.session_timeout_ms;
        let token = context.token;
        // An earlier JoinGroup of the same member, from a connection its client has given up.
        if let Some(earlier) = member.join.replace(Parked { token }) {
            let error = join_error(member_id, ErrorCode::RebalanceInProgress);
            turn.respond(earlier.token, error);
        }
    }

    /// A static member is back without its id: the new id takes the old one's place. If the protocol
    /// stays the same nobody else needs to know.
    #[inline(never)]
    fn replace_static(
        &mut self,
        turn: &mut Turn<'_>,
        context: &RequestContext,
        request: JoinGroupRequest,
        old_id: &str,
        new_id: String,
    ) {
        let leader_before = self.leader.clone();
        let Some(before) = self.rename_static(turn, old_id, &new_id) else {
            return turn.respond(context.token, join_error("", ErrorCode::UnknownMemberId));
        };
        self.park_join(turn, context, &new_id, request);
        match self.state {
            GroupState::Stable(_) if self.select_protocol() == self.protocol => {
                let change = self.metadata(|member| member.assignment.clone());
                let replaced = Replaced {
                    group: self.id.clone(),
                    before,
                    new_id,
                    leader_before,
                    can_skip_assignment: context.api_version >= SKIP_ASSIGNMENT_SINCE,
                };
                turn.append(vec![change], vec![Then::Replaced(Box::new(replaced))]);
            }
            GroupState::PreparingRebalance(_) => self.complete_join_if_ready(turn),
            // The leader may be assigning to the old id just now.
            _ => self.prepare_rebalance(turn),
        }
    }

    /// Gives a static member a new id; gives back what it was. Its old self is fenced.
    fn rename_static(&mut self, turn: &mut Turn<'_>, old: &str, new: &str) -> Option<Member> {
        let before = self.members.remove(old)?;
        answer_parked(turn, before.clone(), old, ErrorCode::FencedInstanceId);
        let before = Member {
            join: None,
            sync: None,
            is_new: false,
            ..before
        };
        let mut after = before.clone();
        after.id = new.to_owned();
        after.heard(turn.now);
        if let Some(syncing) = self.state.syncing_mut()
            && syncing.waiting_for.remove(old)
        {
            syncing.waiting_for.insert(new.to_owned());
        }
        if let Some(instance) = &after.instance_id {
            self.statics.insert(instance.clone(), new.to_owned());
        }
        if self.is_leader(old) {
            self.leader = Some(new.to_owned());
        }
        self.members.insert(new.to_owned(), after);
        Some(before)
    }

    /// The new id of a static member is written, or was not to be.
    #[inline(never)]
    pub(super) fn replaced(
        &mut self,
        turn: &mut Turn<'_>,
        replaced: Replaced,
        error: Option<ErrorCode>,
    ) {
        // If a rebalance began meanwhile, the JoinGroup has become part of it.
        if !self.state.is_stable() {
            return;
        }
        let Some(member) = self.members.get_mut(&replaced.new_id) else {
            return;
        };
        let Some(join) = member.join.take() else {
            return;
        };
        member.heard(turn.now);
        let mut response = self.join_response(&replaced.new_id);
        match error {
            None if replaced.can_skip_assignment => {
                response.skip_assignment = self.is_leader(&replaced.new_id);
            }
            outcome => {
                // An old client would assign anew if it were told that it leads.
                response.leader = replaced.leader_before.unwrap_or_default();
                response.members.clear();
                if let Some(error) = outcome {
                    response.error_code = error.code();
                    response.member_id.clear();
                    self.restore_static(turn, replaced.before, &replaced.new_id);
                }
            }
        }
        turn.respond(join.token, response);
    }

    fn restore_static(&mut self, turn: &mut Turn<'_>, before: Member, new_id: &str) {
        let old_id = before.id.clone();
        if self.rename_static(turn, new_id, &old_id).is_some() {
            let mut before = before;
            before.heard(turn.now);
            self.members.insert(old_id, before);
        }
    }
}

fn member_id(turn: &mut Turn<'_>, prefix: &str) -> String {
    let mut id = prefix.to_owned();
    id.push('-');
    id.push_str(&turn.rng.uuid_text());
    id
}

/// A protocol named twice counts once, as it is stored by name.
fn without_repeats(protocols: Vec<JoinGroupRequestProtocol>) -> Vec<JoinGroupRequestProtocol> {
    let mut kept: Vec<JoinGroupRequestProtocol> = Vec::with_capacity(protocols.len());
    for protocol in protocols {
        if !kept.iter().any(|known| known.name == protocol.name) {
            kept.push(protocol);
        }
    }
    kept
}
