//! OffsetCommit, OffsetDelete, DeleteGroups, and offsets that nobody needs any more: all that
//! writes to a group besides its rebalances.

use records::sorted::SortedSet;

use protocol::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
};
use protocol::{ErrorCode, Uuid};

use crate::group::change::{Change, CommittedOffset};
use crate::group::consumer::{CommitCheck, TopicIdPartition};
use crate::group::face::{RequestContext, RequestToken, TopicResolver};
use crate::group::membership::Group;
use crate::group::refuse;
use crate::group::shard::Shard;
use crate::group::state::GroupState;
use crate::group::turn::{Then, Turn};
use crate::ids::TopicPartition;

/// From this version on OffsetCommit names topics by id and knows GROUP_ID_NOT_FOUND.
const GROUP_ID_NOT_FOUND_SINCE: i16 = 9;
const TOPIC_IDS_SINCE: i16 = 10;

impl Shard {
    pub(super) fn commit(
        &mut self,
        turn: &mut Turn<'_>,
        context: &RequestContext,
        request: &OffsetCommitRequest,
        topics: &dyn TopicResolver,
    ) {
        let check = match self.check_commit(context, request) {
            Ok(check) => check,
            Err(error) => {
                return turn.respond(context.token, refuse::offset_commit(request, error));
            }
        };
        if let Some(group) = self.groups.get_mut(&request.group_id)
            && (group.state.is_stable() || group.state.is_preparing())
        {
            group.heard_from(turn, &request.member_id);
        }
        let mut commit = Commit {
            turn,
            context,
            request,
            topics,
            check,
            changes: Vec::new(),
            refused: None,
        };
        let answers = request.topics.iter().map(|topic| commit.topic(topic));
        let response = OffsetCommitResponse {
            topics: answers.collect(),
            ..OffsetCommitResponse::default()
        };
        if let Some(error) = commit.refused {
            return turn.respond(context.token, refuse::offset_commit(request, error));
        }
        let changes = commit.changes;
        if !changes.is_empty() {
            turn.append(changes, Vec::new());
        }
        turn.respond_when_written(context.token, response.into());
    }

    fn check_commit(
        &self,
        context: &RequestContext,
        request: &OffsetCommitRequest,
    ) -> Result<CommitCheck, ErrorCode> {
        let generation = request.generation_id_or_member_epoch;
        match self.groups.get(&request.group_id) {
            Some(group) => match &group.consumer {
                Some(consumer) if group.state != GroupState::Dead => {
                    consumer.check_commit(request, context.api_version)
                }
                _ => group.check_commit(request).map(|()| CommitCheck::Pass),
            },
            // Someone who only stores offsets, or an administrator: the group comes with the offset.
            None if generation < 0 => Ok(CommitCheck::Pass),
            None if context.api_version >= GROUP_ID_NOT_FOUND_SINCE => {
                Err(ErrorCode::GroupIdNotFound)
            }
            None => Err(ErrorCode::IllegalGeneration),
        }
    }

    #[inline(never)]
    pub(super) fn delete_offsets(
        &mut self,
        turn: &mut Turn<'_>,
        token: RequestToken,
        request: &OffsetDeleteRequest,
        topics: &dyn TopicResolver,
    ) {
        let Some(group) = self.groups.get(&request.group_id) else {
            return turn.respond(token, refuse::offset_delete(ErrorCode::GroupIdNotFound));
        };
        if let Err(error) = group.check_offset_delete() {
            return turn.respond(token, refuse::offset_delete(error));
        }
        let existing = self.partitions_with_offsets(&request.group_id);
        let mut doomed = SortedSet::new();
        let answers = request.topics.iter().map(|topic| {
            let subscribed = group.is_subscribed_to(&topic.name);
            let partitions = topic.partitions.iter().map(|asked| {
                let partition = TopicPartition::new(topic.name.clone(), asked.partition_index);
                let error = if !topics.has(&partition) {
                    ErrorCode::UnknownTopicOrPartition
                } else if subscribed {
                    ErrorCode::GroupSubscribedToTopic
                } else {
                    doomed.insert(partition);
                    ErrorCode::None
                };
                OffsetDeleteResponsePartition {
                    partition_index: asked.partition_index,
                    error_code: error.code(),
                }
            });
            OffsetDeleteResponseTopic {
                name: topic.name.clone(),
                partitions: partitions.collect(),
            }
        });
        let response = OffsetDeleteResponse {
            topics: answers.collect(),
            ..OffsetDeleteResponse::default()
        };
        let doomed = existing.intersection(&doomed).cloned();
        let changes = tombstones(&request.group_id, doomed);
        if !changes.is_empty() {
            turn.append(changes, Vec::new());
        }
        turn.respond_when_written(token, response.into());
    }

    /// Deletes groups in one write; gives what is wrong with each that can't be.
    pub(super) fn delete_groups(
        &mut self,
        turn: &mut Turn<'_>,
        token: RequestToken,
        groups: &[String],
    ) -> Vec<(String, ErrorCode)> {
        let mut refused = Vec::new();
        let mut doomed = Vec::new();
        let mut changes = Vec::new();
        for id in groups {
            let group = self.groups.get(id);
            match group.map(|group| &group.state) {
                Some(GroupState::Empty) if group.is_some_and(Group::is_empty) => {
                    changes.extend(self.deletion(turn, id, |_| true));
                    doomed.push(id.clone());
                }
                None | Some(GroupState::Dead) => {
                    // Named twice: the first mention decides.
                    if !doomed.contains(id) {
                        refused.push((id.clone(), ErrorCode::GroupIdNotFound));
                    }
                }
                Some(_) => refused.push((id.clone(), ErrorCode::NonEmptyGroup)),
            }
        }
        if !changes.is_empty() {
            turn.append(changes, vec![Then::Deleted(Some(token), doomed)]);
        }
        refused
    }

    /// The records that delete an empty group; until they are written it is dead.
    #[inline(never)]
    fn deletion(
        &mut self,
        turn: &Turn<'_>,
        id: &str,
        with_offset: impl Fn(&TopicPartition) -> bool,
    ) -> Vec<Change> {
        let partitions = self.partitions_with_offsets(id);
        let mut changes = tombstones(id, partitions.into_iter().filter(with_offset));
        let Some(group) = self.groups.get_mut(id) else {
            return changes;
        };
        match &group.consumer {
            Some(consumer) => {
                let ends = consumer.tombstones().into_iter();
                changes.extend(ends.map(|change| Change::Consumer {
                    group: id.to_owned(),
                    change,
                }));
            }
            None => changes.push(Change::Group {
                group: id.to_owned(),
                metadata: None,
            }),
        }
        group.enter(turn.now, GroupState::Dead);
        changes
    }

    /// Offsets of topics that are gone go too.
    pub(super) fn topics_deleted(&mut self, turn: &mut Turn<'_>, topics: &SortedSet<&str>) {
        let mut changes = Vec::new();
        for id in self.group_ids_with_offsets() {
            let partitions = self.partitions_with_offsets(&id).into_iter();
            let gone = partitions.filter(|p| topics.contains(p.topic.as_str()));
            changes.extend(tombstones(&id, gone));
        }
        if !changes.is_empty() {
            turn.append(changes, Vec::new());
        }
    }

    fn group_ids_with_offsets(&self) -> SortedSet<String> {
        let on_their_way = self.writes.values().flat_map(|pending| &pending.changes);
        let on_their_way = on_their_way.filter_map(|change| match change {
            Change::Offset { group, .. } => Some(group),
            Change::Group { .. } | Change::Consumer { .. } => None,
        });
        let waiting = self.pending.groups();
        let known = self.groups.keys().chain(on_their_way);
        known.chain(waiting).cloned().collect()
    }

    /// Forgets offsets past their time, and empty groups that have none left.
    pub(super) fn expire(&mut self, turn: &mut Turn<'_>) {
        let now = turn.now.as_millis();
        let retention = i64::from(turn.config.offsets_retention_minutes).saturating_mul(60_000);
        let ids: Vec<String> = self.groups.keys().cloned().collect();
        let mut changes = Vec::new();
        let mut doomed = Vec::new();
        for id in ids {
            let Some(group) = self.groups.get(&id) else {
                continue;
            };
            if group.state == GroupState::Dead {
                continue;
            }
            let mut expired = group.expired_offsets(now, retention);
            expired.retain(|partition| !self.pending.is_pending(&id, partition));
            let left = self
                .partitions_with_offsets(&id)
                .iter()
                .any(|partition| !expired.contains(partition));
            if !left && self.groups.get(&id).is_some_and(Group::is_empty) {
                changes.extend(self.deletion(turn, &id, |_| true));
                doomed.push(id);
            } else {
                changes.extend(tombstones(&id, expired.into_iter()));
            }
        }
        if !changes.is_empty() {
            turn.append(changes, vec![Then::Deleted(None, doomed)]);
        }
    }
}

impl Group {
    fn check_commit(&self, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
        let generation = request.generation_id_or_member_epoch;
        if self.state == GroupState::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        if generation < 0 && self.is_empty() {
            return Ok(());
        }
        let instance = request.group_instance_id.as_deref();
        if generation < 0 && request.member_id.is_empty() && instance.is_none() {
            // Only an empty group takes offsets from someone who is not a member.
            return Err(ErrorCode::UnknownMemberId);
        }
        self.check_member(&request.member_id, instance)?;
        if generation != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        if self.state.is_completing() {
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }

    fn check_offset_delete(&self) -> Result<(), ErrorCode> {
        match self.state {
            GroupState::Dead => Err(ErrorCode::GroupIdNotFound),
            _ if self.consumer.is_some() => Ok(()),
            GroupState::Empty => Ok(()),
            // Consumers say which topics they read, so the offsets of others may go.
            _ if self.uses_consumer_protocol() => Ok(()),
            _ => Err(ErrorCode::NonEmptyGroup),
        }
    }

    /// The partitions whose offsets are past their time.
    fn expired_offsets(&self, now: i64, retention: i64) -> SortedSet<TopicPartition> {
        let since_empty = match (&self.protocol_type, &self.state) {
            // A group that only stores offsets: each counts for itself.
            (None, _) => false,
            _ if self.consumer.is_some() => false,
            (Some(_), GroupState::Empty) => self.state_since != -1,
            (Some(_), GroupState::Stable(_)) if self.knows_subscriptions() => false,
            _ => return SortedSet::new(),
        };
        let is_expired = |offset: &CommittedOffset| match offset.expire_timestamp {
            Some(at) => now >= at,
            None if since_empty => now.saturating_sub(self.state_since) >= retention,
            None => now.saturating_sub(offset.commit_timestamp) >= retention,
        };
        let expired = self
            .offsets
            .iter()
            .filter(|(partition, offset)| {
                is_expired(offset) && !self.is_subscribed_to(&partition.topic)
            })
            .map(|(partition, _)| partition.clone());
        expired.collect()
    }
}

/// One OffsetCommit being taken apart.
struct Commit<'a, 'b> {
    turn: &'a Turn<'b>,
    context: &'a RequestContext,
    request: &'a OffsetCommitRequest,
    topics: &'a dyn TopicResolver,
    check: CommitCheck,
    changes: Vec<Change>,
    /// A partition that the member may not commit for: then it may commit nothing.
    refused: Option<ErrorCode>,
}

impl Commit<'_, '_> {
    fn topic(&mut self, topic: &OffsetCommitRequestTopic) -> OffsetCommitResponseTopic {
        let by_id = self.context.api_version >= TOPIC_IDS_SINCE;
        let known = if by_id {
            let name = self.topics.name_of(topic.topic_id);
            name.map(|name| (name, topic.topic_id))
                .ok_or(ErrorCode::UnknownTopicId)
        } else {
            let id = self.topics.id_of(&topic.name);
            id.map(|id| (topic.name.clone(), id))
                .ok_or(ErrorCode::UnknownTopicOrPartition)
        };
        let partitions = topic.partitions.iter().map(|partition| {
            let outcome = match &known {
                Ok((name, id)) => self.partition(name, *id, partition),
                Err(error) => Err(*error),
            };
            OffsetCommitResponsePartition {
                partition_index: partition.partition_index,
                error_code: outcome.err().map_or(0, ErrorCode::code),
            }
        });
        OffsetCommitResponseTopic {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions: partitions.collect(),
        }
    }

    fn partition(
        &mut self,
        topic: &str,
        topic_id: Uuid,
        partition: &OffsetCommitRequestPartition,
    ) -> Result<(), ErrorCode> {
        let metadata = partition.committed_metadata.clone().unwrap_or_default();
        // Java counts UTF-16 units here, whatever the setting is called.
        if metadata.encode_utf16().count() > self.turn.config.offset_metadata_max_bytes {
            return Err(ErrorCode::OffsetMetadataTooLarge);
        }
        let at = TopicIdPartition {
            topic: topic_id,
            partition: partition.partition_index,
        };
        if let Err(error) = self.check.partition(&at) {
            self.refused = Some(error);
            return Err(error);
        }
        let now = self.turn.now.as_millis();
        let retention = self.request.retention_time_ms;
        self.changes.push(Change::Offset {
            group: self.request.group_id.clone(),
            partition: TopicPartition::new(topic, partition.partition_index),
            offset: Some(CommittedOffset {
                offset: partition.committed_offset,
                leader_epoch: partition.committed_leader_epoch,
                metadata,
                commit_timestamp: now,
                expire_timestamp: (retention != -1).then(|| now.saturating_add(retention)),
                topic_id,
            }),
        });
        Ok(())
    }
}

fn tombstones(group: &str, partitions: impl Iterator<Item = TopicPartition>) -> Vec<Change> {
    let tombstone = |partition| Change::Offset {
        group: group.to_owned(),
        partition,
        offset: None,
    };
    partitions.map(tombstone).collect()
}
