//! Heartbeat and LeaveGroup, and what happens when a member falls silent.

use protocol::ErrorCode;
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::leave_group::{LeaveGroupResponse, MemberIdentity, MemberResponse};

use crate::group::membership::Group;
use crate::group::state::GroupState;
use crate::group::turn::Turn;
use crate::time::{Reason, SimTime};

/// What may fall due in a group, in the order it is dealt with when due at the same moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Join,
    Sync,
    Pending(String),
    Session(String),
}

impl Group {
    pub(super) fn heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        request: &HeartbeatRequest,
    ) -> Result<(), ErrorCode> {
        if self.state == GroupState::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        self.check_member(&request.member_id, request.group_instance_id.as_deref())?;
        if request.generation_id != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        self.heard_from(turn, &request.member_id);
        if self.state.is_preparing() {
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }

    /// A sign of life of a member.
    pub(super) fn heard_from(&mut self, turn: &mut Turn<'_>, member_id: &str) {
        if let Some(member) = self.members.get_mut(member_id) {
            member.heard(turn.now);
        }
    }

    pub(super) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        members: Vec<MemberIdentity>,
    ) -> LeaveGroupResponse {
        if self.state == GroupState::Dead {
            return LeaveGroupResponse {
                error_code: ErrorCode::CoordinatorNotAvailable.code(),
                ..LeaveGroupResponse::default()
            };
        }
        let mut someone_left = false;
        let mut answers = Vec::with_capacity(members.len());
        for member in members {
            let outcome = self.leave_one(turn, &member);
            someone_left |= outcome.is_ok();
            answers.push(MemberResponse {
                member_id: member.member_id,
                group_instance_id: member.group_instance_id,
                error_code: outcome.err().map_or(0, ErrorCode::code),
            });
        }
        if someone_left && !self.is_empty() {
            self.rebalance(turn);
        }
        LeaveGroupResponse {
            members: answers,
            ..LeaveGroupResponse::default()
        }
    }

    fn leave_one(&mut self, turn: &mut Turn<'_>, who: &MemberIdentity) -> Result<(), ErrorCode> {
        let instance = who.group_instance_id.as_deref();
        // An administrator removes static members by instance, without knowing their ids.
        let member_id = if who.member_id.is_empty() {
            let current = instance.and_then(|instance| self.statics.get(instance));
            current.cloned().ok_or(ErrorCode::UnknownMemberId)?
        } else {
            if !self.pending.contains_key(&who.member_id) {
                self.check_member(&who.member_id, instance)?;
            }
            who.member_id.clone()
        };
        self.remove(turn, &member_id);
        Ok(())
    }

    /// The earliest thing to fall due.
    pub(super) fn next_wakeup(&self) -> Option<(SimTime, Reason)> {
        if let Some(consumer) = &self.consumer {
            return consumer.next_wakeup();
        }
        let due = |(at, timer)| match timer {
            Timer::Join | Timer::Sync => (at, Reason::RebalanceDeadline),
            Timer::Pending(_) | Timer::Session(_) => (at, Reason::MemberSession),
        };
        self.next_timer().map(due)
    }

    /// Deals with all that is due, in order of time.
    pub(super) fn advance(&mut self, turn: &mut Turn<'_>) {
        while let Some((at, timer)) = self.next_timer()
            && at <= turn.now
        {
            match timer {
                Timer::Join => self.join_deadline(turn),
                Timer::Sync => self.sync_deadline(turn),
                Timer::Pending(id) => self.pending_lapsed(turn, &id),
                Timer::Session(id) => self.session_ended(turn, &id),
            }
        }
    }

    fn next_timer(&self) -> Option<(SimTime, Timer)> {
        let phase = match &self.state {
            GroupState::PreparingRebalance(joining) => Some((joining.deadline, Timer::Join)),
            GroupState::CompletingRebalance(syncing) | GroupState::Stable(syncing)
                if !syncing.waiting_for.is_empty() =>
            {
                Some((syncing.deadline, Timer::Sync))
            }
            _ => None,
        };
        let pending = self.pending.iter().map(|(id, at)| (*at, id));
        let pending = pending
            .min()
            .map(|(at, id)| (at, Timer::Pending(id.clone())));
        let sessions = self
            .members
            .values()
            .filter_map(|m| Some((m.session_deadline()?, &m.id)));
        let session = sessions
            .min()
            .map(|(at, id)| (at, Timer::Session(id.clone())));
        [phase, pending, session].into_iter().flatten().min()
    }

    fn pending_lapsed(&mut self, turn: &mut Turn<'_>, member_id: &str) {
        self.remove(turn, member_id);
        if self.state.is_preparing() && self.all_joined() {
            self.complete_join(turn);
        }
    }

    fn session_ended(&mut self, turn: &mut Turn<'_>, member_id: &str) {
        self.remove(turn, member_id);
        if self.state.syncing().is_some() {
            self.prepare_rebalance(turn);
        } else if self.state.is_preparing() && self.all_joined() {
            self.complete_join(turn);
        }
    }
}
