//! From one generation to the next.

use protocol::ErrorCode;
use protocol::messages::join_group::{JoinGroupResponse, JoinGroupResponseMember};
use protocol::messages::sync_group::SyncGroupResponse;

use crate::group::membership::{Group, join_error};
use crate::group::state::{GroupState, InitialDelay, Joining, Syncing};
use crate::group::turn::Turn;
use crate::time::SimTime;

impl Group {
    /// Asks everyone to join anew; if a rebalance is on already, sees whether all have.
    pub(super) fn rebalance(&mut self, turn: &mut Turn<'_>) {
        if self.state.is_preparing() {
            self.complete_join_if_ready(turn);
        } else {
            self.prepare_rebalance(turn);
        }
    }

    pub(super) fn prepare_rebalance(&mut self, turn: &mut Turn<'_>) {
        if self.state.is_completing() {
            self.fail_syncs(turn, ErrorCode::RebalanceInProgress);
        }
        let timeout = self.rebalance_timeout_ms();
        if self.is_empty() {
            let delay_ms = turn.config.initial_rebalance_delay_ms.max(0);
            let joining = Joining {
                deadline: turn.now.plus_millis(i64::from(delay_ms)),
                initial: Some(InitialDelay {
                    delay_ms,
                    remaining_ms: timeout.saturating_sub(delay_ms).max(0),
                    new_member: false,
                }),
            };
            self.enter(turn.now, GroupState::PreparingRebalance(joining));
            return;
        }
        let joining = Joining {
            deadline: turn.now.plus_millis(i64::from(timeout)),
            initial: None,
        };
        self.enter(turn.now, GroupState::PreparingRebalance(joining));
        if self.all_joined() {
            self.complete_join(turn);
        }
    }

    /// Completes the join phase if all have joined, unless the group is new: then the delay decides.
    pub(super) fn complete_join_if_ready(&mut self, turn: &mut Turn<'_>) {
        if let GroupState::PreparingRebalance(Joining { initial: None, .. }) = self.state
            && self.all_joined()
        {
            self.complete_join(turn);
        }
    }

    /// The join phase has lasted long enough.
    pub(super) fn join_deadline(&mut self, turn: &mut Turn<'_>) {
        let GroupState::PreparingRebalance(joining) = &mut self.state else {
            return;
        };
        if let Some(initial) = &mut joining.initial
            && initial.new_member
            && initial.remaining_ms > 0
        {
            let step = turn
                .config
                .initial_rebalance_delay_ms
                .clamp(0, initial.remaining_ms);
            joining.deadline = turn.now.plus_millis(i64::from(step));
            initial.remaining_ms = initial.remaining_ms.saturating_sub(initial.delay_ms).max(0);
            initial.delay_ms = step;
            initial.new_member = false;
            return;
        }
        self.complete_join(turn);
    }

    /// Starts the next generation with those who joined. Static members may be late: they keep their
    /// place until their session ends.
    pub(super) fn complete_join(&mut self, turn: &mut Turn<'_>) {
        let late: Vec<String> = self
            .members
            .values()
            .filter(|m| m.join.is_none() && m.instance_id.is_none())
            .map(|m| m.id.clone())
            .collect();
        for member_id in late {
            self.remove(turn, &member_id);
        }
        if self.members.is_empty() {
            self.become_empty(turn);
        } else if self.elect_joined_leader() {
            self.start_generation(turn);
        } else if let GroupState::PreparingRebalance(joining) = &mut self.state {
            // Only static members are left and none has joined: wait for one, or for their sessions.
            let timeout = self.members.values().map(|m| m.rebalance_timeout_ms).max();
            let timeout = i64::from(timeout.unwrap_or(0).max(1));
            joining.deadline = turn.now.plus_millis(timeout);
        }
    }

    fn become_empty(&mut self, turn: &mut Turn<'_>) {
        self.generation = self.generation.saturating_add(1);
        self.protocol = None;
        self.leader = None;
        self.enter(turn.now, GroupState::Empty);
        let change = self.metadata(|member| member.assignment.clone());
        turn.append(vec![change], Vec::new());
    }

    fn start_generation(&mut self, turn: &mut Turn<'_>) {
        self.generation = self.generation.saturating_add(1);
        self.protocol = self.select_protocol();
        let timeout = i64::from(self.rebalance_timeout_ms());
        let syncing = Syncing {
            deadline: turn.now.plus_millis(timeout),
            waiting_for: self.members.keys().cloned().collect(),
        };
        self.enter(turn.now, GroupState::CompletingRebalance(syncing));
        let member_ids: Vec<String> = self.members.keys().cloned().collect();
        for member_id in member_ids {
            let response = self.join_response(&member_id);
            if let Some(member) = self.members.get_mut(&member_id) {
                member.heard(turn.now);
                member.is_new = false;
                if let Some(join) = member.join.take() {
                    turn.respond(join.token, response);
                }
            }
        }
    }

    /// Keeps the leader if it has joined, else takes another that has.
    fn elect_joined_leader(&mut self) -> bool {
        let joined = |id: &String| self.members.get(id).is_some_and(|m| m.join.is_some());
        if self.leader.as_ref().is_some_and(joined) {
            return true;
        }
        let next = self.members.values().find(|m| m.join.is_some());
        match next {
            Some(member) => {
                self.leader = Some(member.id.clone());
                true
            }
            None => false,
        }
    }

    /// What a member is told of this generation; only the leader learns who else is in it.
    pub(super) fn join_response(&self, member_id: &str) -> JoinGroupResponse {
        let members = if self.is_leader(member_id) {
            self.members_for_leader()
        } else {
            Vec::new()
        };
        JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            member_id: member_id.to_owned(),
            members,
            ..JoinGroupResponse::default()
        }
    }

    fn members_for_leader(&self) -> Vec<JoinGroupResponseMember> {
        let protocol = self.protocol.as_deref();
        let members = self.members.values().map(|member| JoinGroupResponseMember {
            member_id: member.id.clone(),
            group_instance_id: member.instance_id.clone(),
            metadata: member.metadata(protocol),
        });
        members.collect()
    }

    /// Tells all who wait in SyncGroup that there is no assignment.
    pub(super) fn fail_syncs(&mut self, turn: &mut Turn<'_>, error: ErrorCode) {
        for member in self.members.values_mut() {
            member.assignment.clear();
            if let Some(sync) = member.sync.take() {
                member.heard(turn.now);
                let error_code = error.code();
                let response = SyncGroupResponse {
                    error_code,
                    ..SyncGroupResponse::default()
                };
                turn.respond(sync.token, response);
            }
        }
    }

    /// Tells all who wait for anything that it came to nothing.
    pub(super) fn fail_all(&mut self, turn: &mut Turn<'_>, error: ErrorCode) {
        self.fail_syncs(turn, error);
        for member in self.members.values_mut() {
            if let Some(join) = member.join.take() {
                turn.respond(join.token, join_error(&member.id, error));
            }
        }
    }

    /// Those who have not sent SyncGroup in time are out.
    pub(super) fn sync_deadline(&mut self, turn: &mut Turn<'_>) {
        let Some(syncing) = self.state.syncing() else {
            return;
        };
        for member_id in syncing.waiting_for.clone() {
            self.remove(turn, &member_id);
        }
        self.prepare_rebalance(turn);
    }

    /// Starts the session clocks of a group just loaded.
    pub(super) fn start_sessions(&mut self, now: SimTime) {
        for member in self.members.values_mut() {
            member.heard(now);
        }
    }
}
