//! ConsumerGroupHeartbeat of a member that joins or stays.

use protocol::ErrorCode;
use protocol::messages::consumer_group_heartbeat::{
    Assignment, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};

use crate::group::consumer::assignor;
use crate::group::consumer::member::{AWAY_EPOCH, ConsumerMember, Current, MemberState};
use crate::group::consumer::partitions::{Target, from_request, to_response};
use crate::group::consumer::reconcile::Step;
use crate::group::consumer::record::ConsumerChange;
use crate::group::consumer::refusal::Refusal;
use crate::group::consumer::subscription::check_regex;
use crate::group::consumer::work::Work;
use crate::group::face::RequestContext;
use crate::time::SimTime;

/// From this version on members make their ids themselves.
const MEMBER_ID_BY_CLIENT_SINCE: i16 = 1;
/// The epoch of a member that joins.
pub(in crate::group) const JOIN_EPOCH: i32 = 0;
/// The epoch of a member that leaves for good.
pub(in crate::group) const LEAVE_EPOCH: i32 = -1;

/// What changed about what a member reads.
#[derive(Default)]
struct Changed {
    /// Other topics than before.
    names: bool,
    /// Another regular expression, or none any more.
    regex: bool,
    /// ...whose topics are known.
    regex_resolved: bool,
}

/// Looks at a request on its own, before the group is known.
pub(in crate::group) fn check(
    request: &ConsumerGroupHeartbeatRequest,
    version: i16,
) -> Result<(), Refusal> {
    let invalid = |message: &str| Err(Refusal::new(ErrorCode::InvalidRequest, message));
    let is_blank = |text: &Option<String>| text.as_ref().is_some_and(|t| t.trim().is_empty());
    let epoch = request.member_epoch;
    let id_required =
        version >= MEMBER_ID_BY_CLIENT_SINCE || epoch > JOIN_EPOCH || epoch == LEAVE_EPOCH;
    if id_required && request.member_id.trim().is_empty() {
        return invalid("MemberId can't be empty.");
    }
    if request.group_id.trim().is_empty() {
        return invalid("GroupId can't be empty.");
    }
    if is_blank(&request.instance_id) {
        return invalid("InstanceId can't be empty.");
    }
    if is_blank(&request.rack_id) {
        return invalid("RackId can't be empty.");
    }
    if epoch == JOIN_EPOCH {
        if request.rebalance_timeout_ms == -1 {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        if request
            .topic_partitions
            .as_ref()
            .is_none_or(|owned| !owned.is_empty())
        {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        if request.subscribed_topic_names.is_none() && request.subscribed_topic_regex.is_none() {
            return invalid(
                "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when \
                 (re-)joining.",
            );
        }
    } else if epoch == AWAY_EPOCH && request.instance_id.is_none() {
        return invalid("InstanceId can't be null.");
    } else if epoch < AWAY_EPOCH {
        return invalid("MemberEpoch is invalid.");
    }
    match &request.server_assignor {
        Some(name) if !assignor::NAMES.contains(&name.as_str()) => Err(Refusal::of(
            ErrorCode::UnsupportedAssignor,
            &[
                "ServerAssignor ",
                name,
                " is not supported. Supported assignors: ",
                &assignor::NAMES.join(", "),
                ".",
            ],
        )),
        _ => Ok(()),
    }
}

impl Work<'_> {
    /// A member joins or says it is alive; it is told its epoch and, if that is news, what it owns.
    pub(in crate::group) fn heartbeat(
        &mut self,
        context: &RequestContext,
        request: &ConsumerGroupHeartbeatRequest,
        member_id: &str,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
        self.check_room(member_id)?;
        let owns = request.topic_partitions.as_deref().map(from_request);
        let before = self.find_or_admit(request, member_id, owns.as_ref())?;
        let changed = self.update_wants(context, request, &before)?;
        let cause = changed.names || changed.regex_resolved;
        self.bump_epoch(cause);
        self.assign_if_due();
        self.reconcile(member_id, owns.as_ref(), changed.names || changed.regex)?;
        let session = i64::from(self.setting("consumer.session.timeout.ms"));
        let heartbeat_interval_ms = self.setting("consumer.heartbeat.interval.ms");
        let now = self.now;
        let Some(member) = self.group.members.get_mut(member_id) else {
            return Err(unknown_member(member_id, self.id));
        };
        member.session_ends = now.plus_millis(session);
        let is_full = request.rebalance_timeout_ms != -1
            && (request.subscribed_topic_names.is_some()
                || request.subscribed_topic_regex.is_some())
            && owns.is_some();
        let tell = request.member_epoch == JOIN_EPOCH
            || is_full
            || before.current.assigned != member.current.assigned;
        Ok(ConsumerGroupHeartbeatResponse {
            member_id: Some(member.id.clone()),
            member_epoch: member.current.epoch,
            heartbeat_interval_ms,
            assignment: tell.then(|| Assignment {
                topic_partitions: to_response(&member.current.assigned),
            }),
            ..ConsumerGroupHeartbeatResponse::default()
        })
    }

    fn check_room(&self, member_id: &str) -> Result<(), Refusal> {
        let max = usize::try_from(self.config.consumer_max_size).unwrap_or(0);
        if self.group.members.len() >= max && !self.group.members.contains_key(member_id) {
            return Err(Refusal::of(
                ErrorCode::GroupMaxSizeReached,
                &[
                    "The consumer group has reached its maximum capacity of ",
                    &max.to_string(),
                    " members.",
                ],
            ));
        }
        Ok(())
    }

    /// The member as it was before this request; a new one if it joins.
    fn find_or_admit(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
        member_id: &str,
        owns: Option<&Target>,
    ) -> Result<ConsumerMember, Refusal> {
        let joins = request.member_epoch == JOIN_EPOCH;
        let Some(instance) = &request.instance_id else {
            let member = match self.group.members.get(member_id) {
                Some(member) => member.clone(),
                None if joins => ConsumerMember::new(member_id),
                None => return Err(unknown_member(member_id, self.id)),
            };
            check_epoch(&member.current, request.member_epoch, owns)?;
            return Ok(member);
        };
        let holder = self.group.statics.get(instance);
        let holder = holder.and_then(|id| self.group.members.get(id)).cloned();
        if !joins {
            let Some(member) = holder else {
                return Err(unknown_instance(instance));
            };
            check_instance(&member, member_id, instance)?;
            check_epoch(&member.current, request.member_epoch, owns)?;
            return Ok(member);
        }
        let Some(holder) = holder else {
            let known = self.group.members.get(member_id).cloned();
            return Ok(known.unwrap_or_else(|| ConsumerMember::new(member_id)));
        };
        if holder.current.epoch != AWAY_EPOCH && !holder.is_classic() {
            return Err(Refusal::of(
                ErrorCode::UnreleasedInstanceId,
                &[
                    "Static member ",
                    member_id,
                    " with instance id ",
                    instance,
                    " cannot join the group because the instance id is owned by ",
                    &holder.id,
                    " member.",
                ],
            ));
        }
        Ok(self.replace_static(&holder, member_id))
    }

    /// A static member is back, perhaps under a new id: it takes over what its old self was to own.
    fn replace_static(&mut self, old: &ConsumerMember, new_id: &str) -> ConsumerMember {
        let target = self.group.targets.get(&old.id).cloned().unwrap_or_default();
        let mut new = old.clone();
        new.id = new_id.to_owned();
        new.current.epoch = JOIN_EPOCH;
        new.current.previous_epoch = JOIN_EPOCH;
        self.remove_member(&old.id);
        let wants = Box::new(new.wants.clone());
        self.write(ConsumerChange::Member(new_id.to_owned(), Some(wants)));
        self.write(ConsumerChange::target(new_id, &target));
        self.write(ConsumerChange::current(new_id, &new.current));
        new
    }

    /// Takes over what the request says is new about the member.
    fn update_wants(
        &mut self,
        context: &RequestContext,
        request: &ConsumerGroupHeartbeatRequest,
        before: &ConsumerMember,
    ) -> Result<Changed, Refusal> {
        let mut after = before.clone();
        let wants = &mut after.wants;
        if request.instance_id.is_some() {
            wants.instance_id.clone_from(&request.instance_id);
        }
        if request.rack_id.is_some() {
            wants.rack_id.clone_from(&request.rack_id);
        }
        if request.rebalance_timeout_ms != -1 {
            wants.rebalance_timeout_ms = request.rebalance_timeout_ms;
        }
        if request.server_assignor.is_some() {
            wants.server_assignor.clone_from(&request.server_assignor);
        }
        if let Some(names) = &request.subscribed_topic_names {
            let names: records::sorted::SortedSet<String> = names.iter().cloned().collect();
            wants.subscribed_topic_names = names.into_iter().collect();
        }
        if let Some(regex) = &request.subscribed_topic_regex {
            wants.subscribed_topic_regex = Some(regex.clone());
        }
        wants.client_id.clone_from(&context.client_id);
        wants.client_host.clone_from(&context.client_host);
        wants.classic_member_metadata = None;
        let mut changed = Changed {
            names: before.names() != after.names(),
            ..Changed::default()
        };
        let old_regex = before.regex().map(str::to_owned);
        let new_regex = after.regex().map(str::to_owned);
        if old_regex != new_regex {
            changed.regex = true;
            changed.regex_resolved = match &new_regex {
                None => true,
                Some(regex) if self.group.members_with_regex(regex) == 0 => {
                    check_regex(regex)?;
                    false
                }
                Some(regex) => self.group.regexes.contains_key(regex),
            };
        }
        let is_new = !self.group.members.contains_key(&after.id);
        if is_new || before.wants != after.wants {
            let wants = Box::new(after.wants);
            self.write(ConsumerChange::Member(after.id.clone(), Some(wants)));
        }
        if let Some(regex) = old_regex
            && changed.regex
            && self.group.members_with_regex(&regex) == 0
        {
            self.write(ConsumerChange::Regex(regex, None));
        }
        Ok(changed)
    }

    /// Takes the member one step on, and sets its clock if it has to let go.
    pub(super) fn reconcile(
        &mut self,
        member_id: &str,
        owns: Option<&Target>,
        subscription_changed: bool,
    ) -> Result<(), Refusal> {
        let Some(member) = self.group.members.get(member_id) else {
            return Ok(());
        };
        let done = member.current.is_reconciled_to(self.group.target_epoch);
        if done && !subscription_changed {
            return Ok(());
        }
        let step = Step {
            group: &self.group,
            member,
            topics: &self.topic_ids(member),
            subscription_changed,
            owns,
        };
        let next = step.take()?;
        if next == member.current {
            return Ok(());
        }
        let timeout = i64::from(member.wants.rebalance_timeout_ms);
        let revoke_by = if next.state == MemberState::Unrevoked && !member.is_classic() {
            self.now.plus_millis(timeout)
        } else {
            SimTime::NEVER
        };
        self.write(ConsumerChange::current(member_id, &next));
        if let Some(member) = self.group.members.get_mut(member_id) {
            member.revoke_by = revoke_by;
        }
        Ok(())
    }
}

/// A member may lag one epoch behind: then the answer that told it of the new one was lost, and it
/// owns no more than it was given.
fn check_epoch(current: &Current, epoch: i32, owns: Option<&Target>) -> Result<(), Refusal> {
    if epoch == JOIN_EPOCH || epoch == current.epoch {
        return Ok(());
    }
    let smaller = epoch < current.epoch;
    let owns_no_more =
        owns.is_some_and(|owns| owns.iter().all(|at| current.assigned.contains_key(at)));
    if smaller && epoch == current.previous_epoch && owns_no_more {
        return Ok(());
    }
    Err(Refusal::of(
        ErrorCode::FencedMemberEpoch,
        &[
            "The consumer group member has a ",
            if smaller { "smaller" } else { "greater" },
            " member epoch (",
            &epoch.to_string(),
            ") than the one known by the group coordinator (",
            &current.epoch.to_string(),
            "). The member must abandon all its partitions and rejoin.",
        ],
    ))
}

pub(super) fn check_instance(
    holder: &ConsumerMember,
    member_id: &str,
    instance: &str,
) -> Result<(), Refusal> {
    if holder.id == member_id {
        return Ok(());
    }
    Err(Refusal::of(
        ErrorCode::FencedInstanceId,
        &[
            "Static member ",
            member_id,
            " with instance id ",
            instance,
            " was fenced by member ",
            &holder.id,
            ".",
        ],
    ))
}

pub(super) fn unknown_member(member_id: &str, group: &str) -> Refusal {
    Refusal::of(
        ErrorCode::UnknownMemberId,
        &[
            "Member ",
            member_id,
            " is not a member of group ",
            group,
            ".",
        ],
    )
}

pub(super) fn unknown_instance(instance: &str) -> Refusal {
    Refusal::of(
        ErrorCode::UnknownMemberId,
        &["Instance id ", instance, " is unknown."],
    )
}
