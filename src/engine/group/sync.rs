//! SyncGroup: the leader hands in the assignment, every member gets its part.

use records::sorted::SortedMap;

use bytes::Bytes;
use protocol::ErrorCode;
use protocol::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};

use crate::group::face::RequestContext;
use crate::group::member::Parked;
use crate::group::membership::{Group, sync_error};
use crate::group::state::GroupState;
use crate::group::turn::{Assigned, Then, Turn};

impl Group {
    pub(super) fn sync(
        &mut self,
        turn: &mut Turn<'_>,
        context: &RequestContext,
        request: SyncGroupRequest,
    ) {
        if let Err(error) = self.check_sync(&request) {
            return turn.respond(context.token, sync_error(error));
        }
        if let Some(syncing) = self.state.syncing_mut() {
            syncing.waiting_for.remove(&request.member_id);
        }
        if self.state.is_stable() {
            let response = self.sync_response(&request.member_id);
            return turn.respond(context.token, response);
        }
        let Some(member) = self.members.get_mut(&request.member_id) else {
            return turn.respond(context.token, sync_error(ErrorCode::UnknownMemberId));
        };
        let token = context.token;
        // An earlier SyncGroup of the same member, from a connection its client has given up.
        if let Some(earlier) = member.sync.replace(Parked { token }) {
            turn.respond(earlier.token, sync_error(ErrorCode::RebalanceInProgress));
        }
        if self.is_leader(&request.member_id) {
            self.write_assignment(turn, request);
        }
    }

    fn check_sync(&self, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
        match self.state {
            GroupState::Empty => return Err(ErrorCode::UnknownMemberId),
            GroupState::Dead => return Err(ErrorCode::CoordinatorNotAvailable),
            _ => {}
        }
        self.check_member(&request.member_id, request.group_instance_id.as_deref())?;
        if request.generation_id != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        let differ = |theirs: &Option<String>, ours: &Option<String>| {
            theirs.is_some() && ours.is_some() && theirs != ours
        };
        if differ(&request.protocol_type, &self.protocol_type)
            || differ(&request.protocol_name, &self.protocol)
        {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        if self.state.is_preparing() {
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }

    /// The assignment counts once it is written: a coordinator that fails over must know it too.
    fn write_assignment(&mut self, turn: &mut Turn<'_>, request: SyncGroupRequest) {
        let assignments: SortedMap<String, Bytes> = request
            .assignments
            .into_iter()
            .map(|part| (part.member_id, part.assignment))
            .collect();
        let change = self.metadata(|m| assignments.get(&m.id).cloned().unwrap_or_default());
        let assigned = Assigned {
            group: self.id.clone(),
            generation: self.generation,
            assignments,
        };
        turn.append(vec![change], vec![Then::Synced(assigned)]);
    }

    /// The assignment is written, or was not to be; meanwhile the group may have moved on.
    pub(super) fn synced(
        &mut self,
        turn: &mut Turn<'_>,
        mut assigned: Assigned,
        error: Option<ErrorCode>,
    ) {
        let GroupState::CompletingRebalance(syncing) = &self.state else {
            return;
        };
        if assigned.generation != self.generation {
            return;
        }
        if let Some(error) = error {
            self.fail_syncs(turn, error);
            return self.prepare_rebalance(turn);
        }
        let syncing = syncing.clone();
        self.enter(turn.now, GroupState::Stable(syncing));
        for member in self.members.values_mut() {
            member.assignment = assigned.assignments.remove(&member.id).unwrap_or_default();
        }
        let member_ids: Vec<String> = self.members.keys().cloned().collect();
        for member_id in member_ids {
            let response = self.sync_response(&member_id);
            if let Some(member) = self.members.get_mut(&member_id)
                && let Some(sync) = member.sync.take()
            {
                member.heard(turn.now);
                turn.respond(sync.token, response);
            }
        }
    }

    fn sync_response(&self, member_id: &str) -> SyncGroupResponse {
        let member = self.members.get(member_id);
        SyncGroupResponse {
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            assignment: member.map(|m| m.assignment.clone()).unwrap_or_default(),
            ..SyncGroupResponse::default()
        }
    }
}
