//! TxnOffsetCommit: offsets that count once the transaction they are part of is committed.

use protocol::messages::offset_commit::OffsetCommitRequest;
use protocol::messages::offset_fetch::OffsetFetchResponseGroup;
use protocol::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use protocol::{ErrorCode, Response, Uuid};
use records::Outcome;
use records::sorted::{SortedMap, SortedSet};
use serde::Serialize;

use crate::group::GroupCoordinator;
use crate::group::change::{Change, CommittedOffset};
use crate::group::consumer::{CommitCheck, TopicIdPartition};
use crate::group::face::{CoordinatorEffect, RequestContext, TopicResolver};
use crate::group::membership::Group;
use crate::group::shard::Shard;
use crate::group::state::GroupState;
use crate::group::turn::{Then, Turn};
use crate::ids::TopicPartition;
use crate::time::SimTime;

/// A version of OffsetCommit in which members commit with their epoch.
const MEMBER_EPOCHS: i16 = 9;

/// The offset of one partition that a group has read.
type Place = (String, TopicPartition);

/// An offset that waits for its transaction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct PendingOffset {
    offset: CommittedOffset,
    /// Its place among all commits to this partition of the offsets topic.
    order: u64,
}

/// A TxnOffsetCommit that may be written.
struct Commit<'a> {
    context: &'a RequestContext,
    request: &'a TxnOffsetCommitRequest,
    topics: &'a dyn TopicResolver,
    check: CommitCheck,
}

/// The offsets of open transactions.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct PendingOffsets {
    by_producer: SortedMap<i64, SortedMap<Place, PendingOffset>>,
    /// Which commit each place's offset is from, as far as an open transaction may be older.
    newest: SortedMap<Place, u64>,
    next_order: u64,
}

impl GroupCoordinator {
    /// Takes a TxnOffsetCommit whose transaction is known to count the group's partition in.
    #[inline(never)]
    pub fn commit_in_transaction(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        request: &TxnOffsetCommitRequest,
        topics: &dyn TopicResolver,
    ) -> Vec<CoordinatorEffect> {
        let partition = self.partition_for(&request.group_id);
        let refusal = if request.group_id.is_empty() {
            Err(ErrorCode::InvalidGroupId)
        } else {
            match self.shards.get(&partition) {
                None => Err(ErrorCode::NotCoordinator),
                Some(shard) if shard.loading => Err(ErrorCode::CoordinatorLoadInProgress),
                Some(shard) => shard.check_in_transaction(request),
            }
        };
        let check = match refusal {
            Ok(check) => check,
            Err(error) => {
                return vec![CoordinatorEffect::Respond {
                    token: context.token,
                    response: refuse_commit(request, known(error)).into(),
                }];
            }
        };
        let commit = Commit {
            context,
            request,
            topics,
            check,
        };
        self.in_shard(now, partition, |_, turn| commit.write(turn))
    }

    /// A marker is committed in a partition of the offsets topic: the offsets of the producer's
    /// transaction count now, or never.
    pub fn end_transaction(&mut self, partition: i32, producer_id: i64, outcome: Outcome) {
        if let Some(shard) = self.shards.get_mut(&partition) {
            shard.end_transaction(producer_id, outcome);
        }
    }

    /// Takes in a marker of a partition that is being loaded.
    pub fn replay_marker(&mut self, partition: i32, producer_id: i64, outcome: Outcome) {
        let shard = self.shards.get_mut(&partition);
        if let Some(shard) = shard.filter(|shard| shard.loading) {
            shard.end_transaction(producer_id, outcome);
        }
    }

    /// Takes in a record, key and value, of a transaction in a partition that is being loaded.
    #[inline(never)]
    pub fn replay_transactional(
        &mut self,
        partition: i32,
        producer_id: i64,
        (key, value): (&[u8], Option<&[u8]>),
    ) {
        let shard = self.shards.get_mut(&partition);
        if let Some(shard) = shard.filter(|shard| shard.loading)
            && let Some(Change::Offset {
                group,
                partition,
                offset: Some(offset),
            }) = Change::decode(key, value)
        {
            shard.pending.note(producer_id, (group, partition), offset);
        }
    }
}

impl Shard {
    #[inline(never)]
    fn check_in_transaction(
        &self,
        request: &TxnOffsetCommitRequest,
    ) -> Result<CommitCheck, ErrorCode> {
        match self.groups.get(&request.group_id) {
            Some(group) => group.check_in_transaction(request),
            None if request.generation_id < 0 => Ok(CommitCheck::Pass),
            None => Err(ErrorCode::IllegalGeneration),
        }
    }

    fn end_transaction(&mut self, producer_id: i64, outcome: Outcome) {
        for ((group, partition), offset) in self.pending.end(producer_id, outcome) {
            let known = self.groups.entry(group.clone());
            let known = known.or_insert_with(|| Group::with_offsets_only(&group));
            known.offsets.insert(partition, offset);
        }
    }
}

impl Group {
    /// Older producers say nothing of the member that they commit for, and are believed.
    fn check_in_transaction(
        &self,
        request: &TxnOffsetCommitRequest,
    ) -> Result<CommitCheck, ErrorCode> {
        if self.state == GroupState::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        let generation = request.generation_id;
        let instance = request.group_instance_id.as_deref();
        if generation < 0 && request.member_id.is_empty() && instance.is_none() {
            return Ok(CommitCheck::Pass);
        }
        if let Some(consumer) = &self.consumer {
            let member = OffsetCommitRequest {
                generation_id_or_member_epoch: generation,
                member_id: request.member_id.clone(),
                ..OffsetCommitRequest::default()
            };
            return consumer.check_commit(&member, MEMBER_EPOCHS);
        }
        if generation < 0 && self.is_empty() {
            return Ok(CommitCheck::Pass);
        }
        self.check_member(&request.member_id, instance)?;
        if generation != self.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok(CommitCheck::Pass)
    }
}

impl PendingOffsets {
    /// An offset of a producer's open transaction is written.
    pub(super) fn note(&mut self, producer_id: i64, place: Place, offset: CommittedOffset) {
        let order = self.take_order();
        let open = self.by_producer.entry(producer_id).or_default();
        open.insert(place, PendingOffset { offset, order });
    }

    /// An offset is committed outside of any transaction: those that wait are older.
    pub(super) fn note_committed(&mut self, group: &str, partition: &TopicPartition) {
        if !self.by_producer.is_empty() {
            let order = self.take_order();
            let place = (group.to_owned(), partition.clone());
            self.newest.insert(place, order);
        }
    }

    /// An offset is deleted, and with it those that wait to replace it.
    pub(super) fn forget(&mut self, group: &str, partition: &TopicPartition) {
        let place = (group.to_owned(), partition.clone());
        for open in self.by_producer.values_mut() {
            open.remove(&place);
        }
        self.by_producer.retain(|_, open| !open.is_empty());
    }

    /// The partitions for which a group's offsets wait.
    pub(super) fn partitions(&self, group: &str) -> SortedSet<TopicPartition> {
        let places = self.by_producer.values().flat_map(SortedMap::keys);
        let places = places.filter(|(of, _)| of == group);
        places.map(|(_, partition)| partition.clone()).collect()
    }

    /// The groups whose offsets wait.
    pub(super) fn groups(&self) -> impl Iterator<Item = &String> {
        let places = self.by_producer.values().flat_map(SortedMap::keys);
        places.map(|(group, _)| group)
    }

    /// Whether an offset may change soon.
    pub(super) fn is_pending(&self, group: &str, partition: &TopicPartition) -> bool {
        let place = (group.to_owned(), partition.clone());
        let mut open = self.by_producer.values();
        open.any(|open| open.contains_key(&place))
    }

    /// Hides the offsets that may change soon, from those who asked for stable ones.
    #[inline(never)]
    pub(super) fn hide_unstable(
        &self,
        answer: &mut OffsetFetchResponseGroup,
        topics: &dyn TopicResolver,
    ) {
        if self.by_producer.is_empty() {
            return;
        }
        for topic in &mut answer.topics {
            let name = if topic.topic_id == Uuid::ZERO {
                Some(topic.name.clone())
            } else {
                topics.name_of(topic.topic_id)
            };
            let Some(name) = name else { continue };
            for found in &mut topic.partitions {
                let partition = TopicPartition::new(name.clone(), found.partition_index);
                if self.is_pending(&answer.group_id, &partition) {
                    found.error_code = ErrorCode::UnstableOffsetCommit.code();
                    found.committed_offset = -1;
                    found.committed_leader_epoch = -1;
                    found.metadata = Some(String::new());
                }
            }
        }
    }

    /// A producer's transaction has ended: the offsets that count now.
    fn end(&mut self, producer_id: i64, outcome: Outcome) -> Vec<(Place, CommittedOffset)> {
        let Some(open) = self.by_producer.remove(&producer_id) else {
            return Vec::new();
        };
        let mut counting = Vec::new();
        if outcome == Outcome::Commit {
            for (place, pending) in open {
                let newest = self.newest.get(&place).copied();
                // What was committed later than this was written stands.
                if newest.is_none_or(|newest| newest < pending.order) {
                    self.newest.insert(place.clone(), pending.order);
                    counting.push((place, pending.offset));
                }
            }
        }
        if self.by_producer.is_empty() {
            self.newest.clear();
        }
        counting
    }

    fn take_order(&mut self) -> u64 {
        let order = self.next_order;
        self.next_order = order.saturating_add(1);
        order
    }
}

impl Commit<'_> {
    fn write(&self, turn: &mut Turn<'_>) {
        let request = self.request;
        let mut offsets = Vec::new();
        let answers = request.topics.iter().map(|topic| {
            let id = self.topics.id_of(&topic.name);
            let id = id.ok_or(ErrorCode::UnknownTopicOrPartition);
            let partitions = topic.partitions.iter().map(|partition| {
                let outcome = id.and_then(|id| self.offset(turn, id, partition));
                let outcome = outcome.map(|offset| {
                    let at = TopicPartition::new(topic.name.clone(), partition.partition_index);
                    offsets.push(((request.group_id.clone(), at), offset));
                });
                TxnOffsetCommitResponsePartition {
                    partition_index: partition.partition_index,
                    error_code: outcome.err().map_or(0, |error| known(error).code()),
                }
            });
            TxnOffsetCommitResponseTopic {
                name: topic.name.clone(),
                partitions: partitions.collect(),
            }
        });
        let response = TxnOffsetCommitResponse {
            topics: answers.collect(),
            ..TxnOffsetCommitResponse::default()
        };
        if !offsets.is_empty() {
            let changes = offsets.iter();
            let changes = changes.map(|((group, partition), offset)| Change::Offset {
                group: group.clone(),
                partition: partition.clone(),
                offset: Some(offset.clone()),
            });
            let changes: Vec<Change> = changes.collect();
            let producer = (request.producer_id, request.producer_epoch);
            let then = Then::Pended(request.producer_id, offsets);
            turn.append_in_transaction(producer, &changes, then);
        }
        turn.respond_when_written(self.context.token, response.into());
    }

    fn offset(
        &self,
        turn: &Turn<'_>,
        topic: Uuid,
        partition: &TxnOffsetCommitRequestPartition,
    ) -> Result<CommittedOffset, ErrorCode> {
        let metadata = partition.committed_metadata.clone().unwrap_or_default();
        if metadata.encode_utf16().count() > turn.config.offset_metadata_max_bytes {
            return Err(ErrorCode::OffsetMetadataTooLarge);
        }
        self.check.partition(&TopicIdPartition {
            topic,
            partition: partition.partition_index,
        })?;
        Ok(CommittedOffset {
            offset: partition.committed_offset,
            leader_epoch: partition.committed_leader_epoch,
            metadata,
            commit_timestamp: turn.now.as_millis(),
            expire_timestamp: None,
            topic_id: Uuid::ZERO,
        })
    }
}

/// Producers know of generations only.
fn known(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::StaleMemberEpoch => ErrorCode::IllegalGeneration,
        error => error,
    }
}

/// TxnOffsetCommit has no error of its own: every partition carries it.
pub fn refuse_commit(
    request: &TxnOffsetCommitRequest,
    error: ErrorCode,
) -> TxnOffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let partitions = partitions.map(|partition| TxnOffsetCommitResponsePartition {
            partition_index: partition.partition_index,
            error_code: error.code(),
        });
        TxnOffsetCommitResponseTopic {
            name: topic.name.clone(),
            partitions: partitions.collect(),
        }
    });
    TxnOffsetCommitResponse {
        topics: topics.collect(),
        ..TxnOffsetCommitResponse::default()
    }
}

/// The answer that was meant to be sent, now that its records are lost.
pub(super) fn lost(mut response: TxnOffsetCommitResponse, error: ErrorCode) -> Response {
    for partition in response.topics.iter_mut().flat_map(|t| &mut t.partitions) {
        partition.error_code = error.code();
    }
    response.into()
}
