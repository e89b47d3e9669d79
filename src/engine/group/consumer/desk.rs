//! From a request to the group it is about, and from what it changes to the log.

use protocol::messages::consumer_group_heartbeat::ConsumerGroupHeartbeatRequest;
use protocol::messages::join_group::JoinGroupRequest;
use protocol::{ErrorCode, Uuid};

use crate::group::GroupCoordinator;
use crate::group::change::Change;
use crate::group::consumer::group::ConsumerGroup;
use crate::group::consumer::heartbeat::{self, JOIN_EPOCH};
use crate::group::consumer::record::ConsumerChange;
use crate::group::consumer::refusal::Refusal;
use crate::group::consumer::work::Work;
use crate::group::face::{CoordinatorEffect, RequestContext, TopicResolver};
use crate::group::membership::Group;
use crate::group::shard::Shard;
use crate::group::state::GroupState;
use crate::group::turn::{Before, Then, Turn};
use crate::time::SimTime;

impl GroupCoordinator {
    pub(in crate::group) fn consumer_heartbeat(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        request: &ConsumerGroupHeartbeatRequest,
        topics: &dyn TopicResolver,
    ) -> Vec<CoordinatorEffect> {
        let refusal = heartbeat::check(request, context.api_version).err();
        let refusal = refusal.or_else(|| {
            let error = self.serving(&request.group_id).err()?;
            Some(Refusal::new(error, error.message()))
        });
        if let Some(refusal) = refusal {
            return vec![CoordinatorEffect::Respond {
                token: context.token,
                response: refusal.into_response().into(),
            }];
        }
        let partition = self.partition_for(&request.group_id);
        self.in_shard(now, partition, |shard, turn| {
            shard.consumer_heartbeat(turn, context, request, topics);
        })
    }
}

impl Shard {
    #[inline(never)]
    fn consumer_heartbeat(
        &mut self,
        turn: &mut Turn<'_>,
        context: &RequestContext,
        request: &ConsumerGroupHeartbeatRequest,
        topics: &dyn TopicResolver,
    ) {
        let id = &request.group_id;
        let token = context.token;
        let group = match self.consumer_group_for(request) {
            Ok(group) => group,
            Err(refusal) => return turn.respond(token, refusal.into_response()),
        };
        let member_id = if request.member_id.is_empty() {
            Uuid(turn.rng.uuid_bytes()).to_string()
        } else {
            request.member_id.clone()
        };
        let mut work = Work::new(turn.now, turn.config, topics, id, group);
        let leaves = request.member_epoch < JOIN_EPOCH;
        let outcome = if leaves {
            work.leave(request)
        } else {
            work.heartbeat(context, request, &member_id)
        };
        match outcome {
            Err(refusal) => turn.respond(token, refusal.into_response()),
            Ok(response) => {
                // What comes of this the member learns from its next heartbeat.
                work.resolve_regexes();
                let Work { group, changes, .. } = work;
                let answer = Then::Answer(token, response.into());
                self.install(turn, id, group, changes, Some(answer));
            }
        }
    }

    /// The group a request is about. An empty classic group makes way, as does nothing at all.
    fn consumer_group_for(
        &self,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<ConsumerGroup, Refusal> {
        let id = &request.group_id;
        let joins = request.member_epoch == JOIN_EPOCH;
        let leaves = request.member_epoch < JOIN_EPOCH;
        let error = ErrorCode::GroupIdNotFound;
        let Some(group) = self.groups.get(id) else {
            let kind = if leaves { "Group " } else { "Consumer group " };
            return if joins {
                Ok(ConsumerGroup::new())
            } else {
                Err(Refusal::of(error, &[kind, id, " not found."]))
            };
        };
        match &group.consumer {
            _ if group.state == GroupState::Dead => {
                let error = ErrorCode::CoordinatorNotAvailable;
                Err(Refusal::new(error, error.message()))
            }
            Some(consumer) => Ok((**consumer).clone()),
            None if joins && group.is_empty() => Ok(ConsumerGroup::new()),
            None => Err(Refusal::of(
                error,
                &["Group ", id, " is not a consumer group."],
            )),
        }
    }

    /// Lets a change take effect, and has it written; should that fail, it never happened. The
    /// answer also waits for what was written before: it may rest on it.
    fn install(
        &mut self,
        turn: &mut Turn<'_>,
        id: &str,
        after: ConsumerGroup,
        changes: Vec<ConsumerChange>,
        answer: Option<Then>,
    ) {
        let known = self.groups.get(id);
        let before = Before {
            group: id.to_owned(),
            existed: known.is_some(),
            consumer: known.and_then(|group| group.consumer.clone()),
        };
        let was_classic =
            known.is_some_and(|group| group.consumer.is_none() && group.protocol_type.is_some());
        if changes.is_empty() {
            if let Some(group) = self.groups.get_mut(id) {
                group.consumer = Some(Box::new(after));
            }
            return self.after_writes(turn, answer);
        }
        let mut records = Vec::with_capacity(changes.len().saturating_add(1));
        if was_classic {
            records.push(Change::Group {
                group: id.to_owned(),
                metadata: None,
            });
        }
        for change in changes {
            records.push(Change::Consumer {
                group: id.to_owned(),
                change,
            });
        }
        let group = self.groups.entry(id.to_owned());
        let group = group.or_insert_with(|| Group::with_offsets_only(id));
        group.consumer = Some(Box::new(after));
        let mut then = vec![Then::Restore(Box::new(before))];
        then.extend(answer);
        turn.append(records, then);
    }

    /// Answers once all that is on its way is written.
    fn after_writes(&mut self, turn: &mut Turn<'_>, answer: Option<Then>) {
        let Some(answer) = answer else {
            return;
        };
        match self.writes.values_mut().next_back() {
            Some(pending) => pending.then.push(answer),
            None => {
                if let Then::Answer(token, response) = answer {
                    turn.respond(token, response);
                }
            }
        }
    }

    /// Members whose time is up are out.
    pub(in crate::group) fn fence_overdue(
        &mut self,
        turn: &mut Turn<'_>,
        topics: &dyn TopicResolver,
    ) {
        let ids: Vec<String> = self.groups.keys().cloned().collect();
        for id in ids {
            let group = self
                .groups
                .get(&id)
                .and_then(|group| group.consumer.clone());
            let Some(group) = group else {
                continue;
            };
            let overdue = group.overdue(turn.now);
            if overdue.is_empty() {
                continue;
            }
            let mut work = Work::new(turn.now, turn.config, topics, &id, *group);
            for member in &overdue {
                work.fence(member);
            }
            let Work { group, changes, .. } = work;
            self.install(turn, &id, group, changes, None);
        }
    }

    /// A group of the consumer protocol that has no members becomes a classic one for who joins by
    /// the classic protocol; other groups stay as they are.
    pub(in crate::group) fn make_way_for_classic(
        &mut self,
        turn: &mut Turn<'_>,
        request: &JoinGroupRequest,
    ) -> Result<(), ErrorCode> {
        let id = &request.group_id;
        let group = self.groups.get_mut(id);
        let Some(group) = group.filter(|group| group.state != GroupState::Dead) else {
            return Ok(());
        };
        match &group.consumer {
            None => return Ok(()),
            Some(consumer) if !consumer.members.is_empty() => {
                return Err(ErrorCode::InconsistentGroupProtocol);
            }
            Some(_) if !request.member_id.is_empty() => return Err(ErrorCode::UnknownMemberId),
            Some(_) => {}
        }
        let Some(consumer) = group.consumer.take() else {
            return Ok(());
        };
        let mut records = Vec::new();
        for change in consumer.tombstones() {
            records.push(Change::Consumer {
                group: id.clone(),
                change,
            });
        }
        group.enter(turn.now, GroupState::Empty);
        records.push(group.metadata(|member| member.assignment.clone()));
        let before = Before {
            group: id.clone(),
            existed: true,
            consumer: Some(consumer),
        };
        turn.append(records, vec![Then::Restore(Box::new(before))]);
        Ok(())
    }

    /// A change was not written: the group is as it was before.
    pub(in crate::group) fn restore(
        &mut self,
        turn: &mut Turn<'_>,
        before: Before,
        error: ErrorCode,
    ) {
        let Some(group) = self.groups.get_mut(&before.group) else {
            return;
        };
        if group.consumer.is_none() && before.consumer.is_some() {
            group.fail_all(turn, error);
            *group = Group {
                offsets: std::mem::take(&mut group.offsets),
                ..Group::with_offsets_only(&before.group)
            };
        }
        group.consumer = before.consumer;
        if !before.existed && group.offsets.is_empty() {
            self.groups.remove(&before.group);
        }
    }

    /// Takes in a record of a group of the consumer protocol.
    pub(in crate::group) fn replay_consumer(&mut self, id: &str, change: &ConsumerChange) {
        if change.is_tombstone() {
            let Some(group) = self.groups.get_mut(id) else {
                return;
            };
            if !matches!(change, ConsumerChange::Epoch(None)) {
                if let Some(consumer) = &mut group.consumer {
                    consumer.apply(change);
                }
            } else if group.consumer.take().is_some() {
                group.state = GroupState::Empty;
                if group.offsets.is_empty() && group.protocol_type.is_none() {
                    self.groups.remove(id);
                }
            }
            return;
        }
        let group = self.groups.entry(id.to_owned());
        let group = group.or_insert_with(|| Group::with_offsets_only(id));
        let consumer = &mut group.consumer;
        let consumer = consumer.get_or_insert_with(|| Box::new(ConsumerGroup::new()));
        consumer.apply(change);
    }
}
