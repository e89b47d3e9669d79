//! From a request to the groups it is about.

use records::sorted::{SortedMap, SortedSet};

use protocol::messages::consumer_group_describe::ConsumerGroupDescribeRequest;
use protocol::messages::consumer_group_describe::ConsumerGroupDescribeResponse;
use protocol::messages::delete_groups::{
    DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse,
};
use protocol::messages::describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::join_group::JoinGroupRequest;
use protocol::messages::leave_group::{
    LeaveGroupRequest, LeaveGroupResponse, MemberIdentity, MemberResponse,
};
use protocol::messages::list_groups::{ListGroupsRequest, ListGroupsResponse};
use protocol::messages::offset_commit::OffsetCommitRequest;
use protocol::messages::offset_delete::OffsetDeleteRequest;
use protocol::messages::offset_fetch::OffsetFetchRequest;
use protocol::messages::sync_group::SyncGroupRequest;
use protocol::{ErrorCode, Request, Response};

use crate::group::face::{CoordinatorEffect, RequestContext, TopicResolver};
use crate::group::membership::{Group, join_error, sync_error};
use crate::group::shard::Shard;
use crate::group::turn::{Then, Turn};
use crate::group::{Deletion, GroupCoordinator, describe, fetch, refuse};
use crate::time::SimTime;

/// From this version on SyncGroup must name protocol type and protocol.
const SYNC_NAMES_PROTOCOL_SINCE: i16 = 5;
/// From this version on LeaveGroup is about several members.
const LEAVE_SEVERAL_SINCE: i16 = 3;

type Effects = Vec<CoordinatorEffect>;

impl GroupCoordinator {
    pub(super) fn route(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        request: Request,
        topics: &dyn TopicResolver,
    ) -> Effects {
        match request {
            Request::JoinGroup(request) => self.join(now, context, request),
            Request::SyncGroup(request) => self.sync(now, context, request),
            Request::Heartbeat(request) => self.heartbeat(now, context, &request),
            Request::LeaveGroup(request) => self.leave(now, context, request),
            Request::OffsetCommit(request) => self.commit(now, context, &request, topics),
            Request::OffsetFetch(request) => self.fetch(context, request, topics),
            Request::OffsetDelete(request) => self.delete_offsets(now, context, &request, topics),
            Request::DeleteGroups(request) => self.delete_groups(now, context, request),
            Request::DescribeGroups(request) => self.describe_groups(context, &request),
            Request::ListGroups(request) => self.list_groups(context, &request),
            Request::ConsumerGroupHeartbeat(request) => {
                self.consumer_heartbeat(now, context, &request, topics)
            }
            Request::ConsumerGroupDescribe(request) => {
                self.describe_consumers(context, &request, topics)
            }
            _ => Vec::new(),
        }
    }

    fn join(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        mut request: JoinGroupRequest,
    ) -> Effects {
        if context.api_version == 0 {
            request.rebalance_timeout_ms = request.session_timeout_ms;
        }
        let bounds = self.config.min_session_timeout_ms..=self.config.max_session_timeout_ms;
        let refusal = if request.group_id.is_empty() {
            Err(ErrorCode::InvalidGroupId)
        } else if !bounds.contains(&request.session_timeout_ms) {
            Err(ErrorCode::InvalidSessionTimeout)
        } else {
            self.serving(&request.group_id).map(|_| ())
        };
        if let Err(error) = refusal {
            return respond(context, join_error(&request.member_id, error));
        }
        let partition = self.partition_for(&request.group_id);
        self.in_shard(now, partition, |shard, turn| {
            shard.join(turn, context, request);
        })
    }

    fn sync(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        request: SyncGroupRequest,
    ) -> Effects {
        let unnamed = request.protocol_type.is_none() || request.protocol_name.is_none();
        if context.api_version >= SYNC_NAMES_PROTOCOL_SINCE && unnamed {
            return respond(context, sync_error(ErrorCode::InconsistentGroupProtocol));
        }
        if let Err(error) = self.serving_named(&request.group_id) {
            return respond(context, sync_error(error));
        }
        let partition = self.partition_for(&request.group_id);
        self.in_shard(now, partition, |shard, turn| {
            match shard.groups.get_mut(&request.group_id) {
                Some(group) => group.sync(turn, context, request),
                None => turn.respond(context.token, sync_error(ErrorCode::UnknownMemberId)),
            }
        })
    }

    fn heartbeat(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        request: &HeartbeatRequest,
    ) -> Effects {
        match self.serving_named(&request.group_id) {
            // Nothing can be said about a member yet, and its session has not started.
            Err(ErrorCode::CoordinatorLoadInProgress) => {
                return respond(context, refuse::heartbeat(Ok(())));
            }
            Err(error) => return respond(context, refuse::heartbeat(Err(error))),
            Ok(_) => {}
        }
        let partition = self.partition_for(&request.group_id);
        self.in_shard(now, partition, |shard, turn| {
            let outcome = match shard.groups.get_mut(&request.group_id) {
                Some(group) => group.heartbeat(turn, request),
                None => Err(ErrorCode::UnknownMemberId),
            };
            turn.respond(context.token, refuse::heartbeat(outcome));
        })
    }

    #[inline(never)]
    fn leave(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        mut request: LeaveGroupRequest,
    ) -> Effects {
        if let Err(error) = self.serving_named(&request.group_id) {
            return respond(context, refuse::leave(error));
        }
        let version = context.api_version;
        if version < LEAVE_SEVERAL_SINCE {
            request.members = vec![MemberIdentity {
                member_id: request.member_id.clone(),
                ..MemberIdentity::default()
            }];
        }
        let partition = self.partition_for(&request.group_id);
        self.in_shard(now, partition, |shard, turn| {
            let mut response = match shard.groups.get_mut(&request.group_id) {
                Some(group) => group.leave(turn, request.members),
                None => nobody_left(request.members),
            };
            if version < LEAVE_SEVERAL_SINCE
                && response.error_code == 0
                && let Some(only) = response.members.first()
            {
                response.error_code = only.error_code;
            }
            turn.respond_when_written(context.token, response.into());
        })
    }

    fn commit(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        request: &OffsetCommitRequest,
        topics: &dyn TopicResolver,
    ) -> Effects {
        if let Err(error) = self.serving(&request.group_id) {
            return respond(context, refuse::offset_commit(request, error));
        }
        let partition = self.partition_for(&request.group_id);
        self.in_shard(now, partition, |shard, turn| {
            shard.commit(turn, context, request, topics);
        })
    }

    fn fetch(
        &mut self,
        context: &RequestContext,
        request: OffsetFetchRequest,
        topics: &dyn TopicResolver,
    ) -> Effects {
        let version = context.api_version;
        let stable = request.require_stable;
        let groups = fetch::groups_of(version, request).into_iter().map(|asked| {
            match self.serving(&asked.group_id) {
                Ok(shard) => {
                    let group = shard.groups.get(&asked.group_id);
                    let consumer = group.and_then(|group| group.consumer.as_ref());
                    let member = asked.member_id.as_deref();
                    match consumer.map(|known| known.check_fetch(member, asked.member_epoch)) {
                        Some(Err(error)) => fetch::refuse(version, asked, error),
                        _ => {
                            let mut answer = fetch::fetch(version, group, asked, topics);
                            if stable {
                                shard.pending.hide_unstable(&mut answer, topics);
                            }
                            answer
                        }
                    }
                }
                Err(error) => fetch::refuse(version, asked, error),
            }
        });
        let response = fetch::response(version, groups.collect());
        respond(context, response)
    }

    #[inline(never)]
    fn delete_offsets(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        request: &OffsetDeleteRequest,
        topics: &dyn TopicResolver,
    ) -> Effects {
        if let Err(error) = self.serving_named(&request.group_id) {
            return respond(context, refuse::offset_delete(error));
        }
        let partition = self.partition_for(&request.group_id);
        self.in_shard(now, partition, |shard, turn| {
            shard.delete_offsets(turn, context.token, request, topics);
        })
    }

    /// Groups of several partitions may be asked for at once; the answer waits for all the writes.
    #[inline(never)]
    fn delete_groups(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        request: DeleteGroupsRequest,
    ) -> Effects {
        let mut by_partition: SortedMap<i32, Vec<String>> = SortedMap::new();
        let mut errors: SortedMap<String, ErrorCode> = SortedMap::new();
        for group in &request.groups_names {
            match self.serving(group) {
                Ok(_) => {
                    let groups = by_partition.entry(self.partition_for(group)).or_default();
                    groups.push(group.clone());
                }
                Err(error) => {
                    errors.insert(group.clone(), error);
                }
            }
        }
        let mut partitions = SortedSet::new();
        let mut effects = Vec::new();
        for (partition, groups) in by_partition {
            effects.extend(self.in_shard(now, partition, |shard, turn| {
                errors.extend(shard.delete_groups(turn, context.token, &groups));
                let writes = turn.written.iter().flat_map(|(_, pending)| &pending.then);
                if writes.clone().any(|then| matches!(then, Then::Deleted(..))) {
                    partitions.insert(partition);
                }
            }));
        }
        let results = request
            .groups_names
            .into_iter()
            .map(|group_id| DeletableGroupResult {
                error_code: errors.get(&group_id).map_or(0, |error| error.code()),
                group_id,
            });
        let response = DeleteGroupsResponse {
            results: results.collect(),
            ..DeleteGroupsResponse::default()
        };
        if partitions.is_empty() {
            effects.extend(respond(context, response));
        } else {
            let deletion = Deletion {
                partitions,
                response,
            };
            self.deletions.insert(context.token, deletion);
        }
        effects
    }

    #[inline(never)]
    fn describe_groups(
        &self,
        context: &RequestContext,
        request: &DescribeGroupsRequest,
    ) -> Effects {
        let (version, operations) = (context.api_version, request.include_authorized_operations);
        let groups = request.groups.iter().map(|id| match self.serving(id) {
            Ok(shard) => describe::describe(shard.groups.get(id), id, version, operations),
            Err(error) => refuse::described(id, error),
        });
        let response = DescribeGroupsResponse {
            groups: groups.collect(),
            ..DescribeGroupsResponse::default()
        };
        respond(context, response)
    }

    #[inline(never)]
    fn describe_consumers(
        &self,
        context: &RequestContext,
        request: &ConsumerGroupDescribeRequest,
        topics: &dyn TopicResolver,
    ) -> Effects {
        let operations = request.include_authorized_operations;
        let groups = request.group_ids.iter().map(|id| match self.serving(id) {
            Ok(shard) => describe::consumer_group(shard.groups.get(id), id, operations, topics),
            Err(error) => refuse::consumer_group(id, error),
        });
        let response = ConsumerGroupDescribeResponse {
            groups: groups.collect(),
            ..ConsumerGroupDescribeResponse::default()
        };
        respond(context, response)
    }

    #[inline(never)]
    fn list_groups(&self, context: &RequestContext, request: &ListGroupsRequest) -> Effects {
        let mut response = ListGroupsResponse::default();
        if self.shards.values().any(|shard| shard.loading) {
            response.error_code = ErrorCode::CoordinatorLoadInProgress.code();
        } else {
            let listed = self.groups().filter(|group| group.is_listed_by(request));
            response.groups = listed.map(Group::list).collect();
        }
        respond(context, response)
    }

    /// The partition of a group, if it is coordinated here.
    pub(super) fn serving(&self, group: &str) -> Result<&Shard, ErrorCode> {
        match self.shards.get(&self.partition_for(group)) {
            None => Err(ErrorCode::NotCoordinator),
            Some(shard) if shard.loading => Err(ErrorCode::CoordinatorLoadInProgress),
            Some(shard) => Ok(shard),
        }
    }

    /// The same for APIs that do not take the empty name.
    fn serving_named(&self, group: &str) -> Result<&Shard, ErrorCode> {
        if group.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        self.serving(group)
    }
}

impl Shard {
    /// A member without an id makes the group if need be; the group is written down at once.
    fn join(&mut self, turn: &mut Turn<'_>, context: &RequestContext, request: JoinGroupRequest) {
        let id = request.group_id.clone();
        if let Err(error) = self.make_way_for_classic(turn, &request) {
            return turn.respond(context.token, join_error(&request.member_id, error));
        }
        if let Some(group) = self.groups.get_mut(&id) {
            return group.join(turn, context, request);
        }
        if !request.member_id.is_empty() {
            let error = join_error(&request.member_id, ErrorCode::UnknownMemberId);
            return turn.respond(context.token, error);
        }
        let mut group = Group::new(&id, turn.now);
        let change = group.metadata(|_| bytes::Bytes::new());
        turn.append(vec![change], vec![Then::Created(id.clone())]);
        group.join(turn, context, request);
        self.groups.insert(id, group);
    }
}

fn nobody_left(members: Vec<MemberIdentity>) -> LeaveGroupResponse {
    let members = members.into_iter().map(|member| MemberResponse {
        member_id: member.member_id,
        group_instance_id: member.group_instance_id,
        error_code: ErrorCode::UnknownMemberId.code(),
    });
    LeaveGroupResponse {
        members: members.collect(),
        ..LeaveGroupResponse::default()
    }
}

fn respond(context: &RequestContext, response: impl Into<Response>) -> Effects {
    vec![CoordinatorEffect::Respond {
        token: context.token,
        response: response.into(),
    }]
}
