//! Members that leave, are away for a while, or are put out.

use protocol::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};
use records::sorted::SortedSet;

use crate::group::consumer::group::ConsumerGroup;
use crate::group::consumer::heartbeat::{check_instance, unknown_instance, unknown_member};
use crate::group::consumer::member::{AWAY_EPOCH, MemberState};
use crate::group::consumer::partitions::Owned;
use crate::group::consumer::record::ConsumerChange;
use crate::group::consumer::refusal::Refusal;
use crate::group::consumer::work::Work;
use crate::time::{Reason, SimTime};

impl Work<'_> {
    /// A member leaves: for good, or, if it is static and says so, for as long as its session lasts.
    pub(in crate::group) fn leave(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
        let id = request.member_id.clone();
        let Some(instance) = &request.instance_id else {
            if !self.group.members.contains_key(&id) {
                return Err(unknown_member(&id, self.id));
            }
            self.fence(&id);
            return Ok(farewell(id, request.member_epoch));
        };
        let holder = self.group.statics.get(instance);
        let Some(holder) = holder.and_then(|id| self.group.members.get(id)) else {
            return Err(unknown_instance(instance));
        };
        check_instance(holder, &id, instance)?;
        if request.member_epoch != AWAY_EPOCH {
            self.fence(&id);
            return Ok(farewell(id, request.member_epoch));
        }
        let mut current = holder.current.clone();
        current.epoch = AWAY_EPOCH;
        current.revoking = Owned::new();
        for (_, since) in &mut current.assigned {
            *since = 0;
        }
        self.write(ConsumerChange::current(&id, &current));
        if let Some(member) = self.group.members.get_mut(&id) {
            member.revoke_by = SimTime::NEVER;
        }
        Ok(farewell(id, AWAY_EPOCH))
    }

    /// Puts a member out: what it owned is free.
    pub(in crate::group) fn fence(&mut self, member_id: &str) {
        let regex = self.group.members.get(member_id);
        let regex = regex.and_then(|member| member.regex().map(str::to_owned));
        self.remove_member(member_id);
        if let Some(regex) = regex
            && self.group.members_with_regex(&regex) == 0
        {
            self.write(ConsumerChange::Regex(regex, None));
        }
        self.bump_epoch(true);
    }

    pub(super) fn remove_member(&mut self, member_id: &str) {
        self.write(ConsumerChange::Current(member_id.to_owned(), None));
        self.write(ConsumerChange::Target(member_id.to_owned(), None));
        self.write(ConsumerChange::Member(member_id.to_owned(), None));
    }
}

impl ConsumerGroup {
    /// When the next member's time is up.
    pub(in crate::group) fn next_wakeup(&self) -> Option<(SimTime, Reason)> {
        let mut next: Option<(SimTime, Reason)> = None;
        for member in self.members.values() {
            for due in [
                (member.session_ends, Reason::MemberSession),
                (member.revoke_by, Reason::RebalanceDeadline),
            ] {
                if due.0 != SimTime::NEVER && next.as_ref().is_none_or(|next| due < *next) {
                    next = Some(due);
                }
            }
        }
        next
    }

    /// The members whose session has ended or that have not let go in time.
    pub(in crate::group) fn overdue(&self, now: SimTime) -> SortedSet<String> {
        let members = self.members.values();
        let overdue = members.filter(|m| m.session_ends <= now || m.revoke_by <= now);
        overdue.map(|member| member.id.clone()).collect()
    }

    /// Starts the clocks of a group just loaded.
    pub(in crate::group) fn start_clocks(&mut self, now: SimTime, session_ms: i32) {
        for member in self.members.values_mut() {
            member.session_ends = now.plus_millis(i64::from(session_ms));
            if member.current.state == MemberState::Unrevoked {
                let timeout = i64::from(member.wants.rebalance_timeout_ms);
                member.revoke_by = now.plus_millis(timeout);
            }
        }
    }

    /// What deletes an empty group.
    pub(in crate::group) fn tombstones(&self) -> Vec<ConsumerChange> {
        let mut changes = vec![ConsumerChange::TargetEpoch(None)];
        for regex in self.regexes.keys() {
            changes.push(ConsumerChange::Regex(regex.clone(), None));
        }
        changes.push(ConsumerChange::Topics);
        changes.push(ConsumerChange::Epoch(None));
        changes
    }
}

fn farewell(member_id: String, epoch: i32) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse {
        member_id: Some(member_id),
        member_epoch: epoch,
        ..ConsumerGroupHeartbeatResponse::default()
    }
}
