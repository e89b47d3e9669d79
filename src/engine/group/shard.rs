//! The groups of one offsets partition.

use records::sorted::{SortedMap, SortedSet};

use protocol::coordinator_records::GroupMetadataValue;
use protocol::messages::join_group::JoinGroupRequestProtocol;
use protocol::{ErrorCode, Response};
use serde::Serialize;

use crate::group::change::{Change, CommittedOffset};
use crate::group::consumer::ConsumerChange;
use crate::group::face::{GroupConfig, RequestToken, TopicResolver, WriteId};
use crate::group::member::Member;
use crate::group::membership::Group;
use crate::group::refuse::with_error;
use crate::group::state::{GroupState, Syncing};
use crate::group::turn::{Pending, Then, Turn};
use crate::group::txn_commit::PendingOffsets;
use crate::ids::TopicPartition;
use crate::time::{Reason, SimTime, Wakeup};

/// The groups whose records are in one partition of the offsets topic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Shard {
    /// The epoch in which this broker leads the partition.
    pub(super) leader_epoch: i32,
    /// The partition is still being read.
    pub(super) loading: bool,
    pub(super) groups: SortedMap<String, Group>,
    /// Writes on their way, in the order of the log.
    pub(super) writes: SortedMap<WriteId, Pending>,
    pub(super) next_expiry: SimTime,
    /// Offsets that wait for their transactions.
    pub(super) pending: PendingOffsets,
}

/// The part of a DeleteGroups that one write decides.
pub(super) struct Deleted {
    pub(super) request: RequestToken,
    pub(super) groups: Vec<String>,
    pub(super) error: Option<ErrorCode>,
}

impl Shard {
    pub(super) fn new(leader_epoch: i32) -> Shard {
        Shard {
            leader_epoch,
            loading: true,
            groups: SortedMap::new(),
            writes: SortedMap::new(),
            next_expiry: SimTime::NEVER,
            pending: PendingOffsets::default(),
        }
    }

    /// Takes in one record of the partition, as when it was first written.
    pub(super) fn replay(&mut self, change: Change) {
        match change {
            Change::Group {
                group,
                metadata: Some(value),
            } => {
                let offsets = self.groups.remove(&group).map(|known| known.offsets);
                let mut loaded = from_metadata(&group, value);
                loaded.offsets = offsets.unwrap_or_default();
                self.groups.insert(group, loaded);
            }
            Change::Group {
                group,
                metadata: None,
            } => self.forget_classic(&group),
            Change::Consumer { group, change } => self.replay_consumer(&group, &change),
            Change::Offset {
                group,
                partition,
                offset,
            } => self.apply_offset(&group, partition, offset),
        }
    }

    pub(super) fn finish_loading(&mut self, now: SimTime, config: &GroupConfig) {
        self.loading = false;
        let interval = config.offsets_retention_check_interval_ms.max(1);
        self.next_expiry = now.plus_millis(interval);
        for group in self.groups.values_mut() {
            group.start_sessions(now);
            if let Some(consumer) = &mut group.consumer {
                consumer.start_clocks(now, config.consumer_session_timeout_ms);
            }
        }
    }

    /// A classic group is no more. Its offsets go by records of their own; what a group of the
    /// consumer protocol that took its place has is not touched.
    fn forget_classic(&mut self, id: &str) {
        let Some(group) = self.groups.remove(id) else {
            return;
        };
        if group.consumer.is_some() || !group.offsets.is_empty() {
            let left = Group {
                consumer: group.consumer,
                offsets: group.offsets,
                ..Group::with_offsets_only(id)
            };
            self.groups.insert(id.to_owned(), left);
        }
    }

    /// An offset without a group makes one: that is how consumers that only store offsets are kept.
    fn apply_offset(
        &mut self,
        group: &str,
        partition: TopicPartition,
        offset: Option<CommittedOffset>,
    ) {
        match &offset {
            Some(_) => self.pending.note_committed(group, &partition),
            None => self.pending.forget(group, &partition),
        }
        match offset {
            Some(offset) => {
                let known = self.groups.entry(group.to_owned());
                let known = known.or_insert_with(|| Group::with_offsets_only(group));
                known.offsets.insert(partition, offset);
            }
            None => {
                if let Some(known) = self.groups.get_mut(group) {
                    known.offsets.remove(&partition);
                }
            }
        }
    }

    /// The partitions for which a group will have an offset once all that is on its way is written.
    pub(super) fn partitions_with_offsets(&self, group: &str) -> SortedSet<TopicPartition> {
        let known = self.groups.get(group);
        let mut partitions: SortedSet<TopicPartition> =
            known.map_or_else(SortedSet::new, |g| g.offsets.keys().cloned().collect());
        partitions.append(&mut self.pending.partitions(group));
        for change in self.writes.values().flat_map(|pending| &pending.changes) {
            match change {
                Change::Offset {
                    group: of,
                    partition,
                    offset,
                } if of == group => {
                    if offset.is_some() {
                        partitions.insert(partition.clone());
                    } else {
                        partitions.remove(partition);
                    }
                }
                _ => {}
            }
        }
        partitions
    }

    /// A write is safe, or lost: only now do offsets count and answers go out.
    pub(super) fn on_written(
        &mut self,
        turn: &mut Turn<'_>,
        write: WriteId,
        result: Result<(), ErrorCode>,
    ) -> Vec<Deleted> {
        let Some(pending) = self.writes.remove(&write) else {
            return Vec::new();
        };
        let error = result.err().map(coordinator_error);
        if error.is_none() {
            for change in pending.changes {
                match change {
                    // Generations take effect in memory before they are written.
                    Change::Group {
                        metadata: Some(_), ..
                    } => {}
                    // So does all of a group of the consumer protocol but its end.
                    Change::Consumer { change, .. }
                        if !matches!(change, ConsumerChange::Epoch(None)) => {}
                    change => self.replay(change),
                }
            }
        }
        let mut deleted = Vec::new();
        for then in pending.then {
            // Too late is not lost: the records are in the log.
            if matches!(then, Then::Restore(_)) && result == Err(ErrorCode::RequestTimedOut) {
                continue;
            }
            deleted.extend(self.settle(turn, then, error));
        }
        deleted
    }

    fn settle(
        &mut self,
        turn: &mut Turn<'_>,
        then: Then,
        error: Option<ErrorCode>,
    ) -> Option<Deleted> {
        match then {
            Then::Answer(token, response) => settle_answer(turn, token, response, error),
            Then::Created(group) => {
                if let Some(error) = error {
                    self.uncreate(turn, &group, error);
                }
            }
            Then::Synced(assigned) => {
                if let Some(group) = self.groups.get_mut(&assigned.group) {
                    group.synced(turn, assigned, error);
                }
            }
            Then::Replaced(replaced) => {
                if let Some(group) = self.groups.get_mut(&replaced.group) {
                    group.replaced(turn, *replaced, error);
                }
            }
            Then::Restore(before) => {
                if let Some(error) = error {
                    self.restore(turn, *before, error);
                }
            }
            Then::Pended(producer_id, offsets) => {
                if error.is_none() {
                    for (place, offset) in offsets {
                        self.pending.note(producer_id, place, offset);
                    }
                }
            }
            Then::Deleted(request, groups) => {
                if error.is_some() {
                    self.revive(turn.now, &groups);
                }
                return request.map(|request| Deleted {
                    request,
                    groups,
                    error,
                });
            }
        }
        None
    }

    /// A group whose first record is lost is forgotten, but for offsets that were written before.
    fn uncreate(&mut self, turn: &mut Turn<'_>, id: &str, error: ErrorCode) {
        let Some(group) = self.groups.get_mut(id) else {
            return;
        };
        group.fail_all(turn, error);
        if group.state == GroupState::Dead {
            return;
        }
        if group.offsets.is_empty() {
            self.groups.remove(id);
        } else {
            *group = Group {
                offsets: std::mem::take(&mut group.offsets),
                generation: group.generation,
                ..Group::with_offsets_only(id)
            };
        }
    }

    /// Groups that could not be deleted are as empty as before.
    fn revive(&mut self, now: SimTime, groups: &[String]) {
        for group in groups {
            if let Some(group) = self.groups.get_mut(group)
                && group.state == GroupState::Dead
            {
                group.enter(now, GroupState::Empty);
            }
        }
    }

    /// Answers everyone who waits: this broker no longer knows.
    pub(super) fn resign(&mut self, turn: &mut Turn<'_>) -> Vec<Deleted> {
        let error = ErrorCode::NotCoordinator;
        for group in self.groups.values_mut() {
            group.fail_all(turn, error);
        }
        let mut deleted = Vec::new();
        for then in std::mem::take(&mut self.writes)
            .into_values()
            .flat_map(|p| p.then)
        {
            match then {
                Then::Answer(token, response) => settle_answer(turn, token, response, Some(error)),
                Then::Deleted(Some(request), groups) => deleted.push(Deleted {
                    request,
                    groups,
                    error: Some(error),
                }),
                _ => {}
            }
        }
        deleted
    }

    pub(super) fn next_wakeup(&self) -> Option<Wakeup> {
        if self.loading {
            return None;
        }
        let expiry = Wakeup {
            at: self.next_expiry,
            reason: Reason::OffsetsExpiry,
        };
        let groups = self.groups.values().filter_map(Group::next_wakeup);
        let groups = groups.map(|(at, reason)| Wakeup { at, reason }).min();
        Wakeup::earlier(groups, Some(expiry))
    }

    pub(super) fn advance(&mut self, turn: &mut Turn<'_>, topics: &dyn TopicResolver) {
        if self.loading {
            return;
        }
        for group in self.groups.values_mut() {
            if group.consumer.is_none() {
                group.advance(turn);
            }
        }
        self.fence_overdue(turn, topics);
        if self.next_expiry <= turn.now {
            let interval = turn.config.offsets_retention_check_interval_ms.max(1);
            self.next_expiry = turn.now.plus_millis(interval);
            self.expire(turn);
        }
    }
}

fn settle_answer(
    turn: &mut Turn<'_>,
    token: RequestToken,
    response: Response,
    error: Option<ErrorCode>,
) {
    let response = match error {
        Some(error) => with_error(response, error),
        None => response,
    };
    turn.respond(token, response);
}

/// What a failed append means to a member: look for the coordinator again, or try later.
fn coordinator_error(append: ErrorCode) -> ErrorCode {
    match append {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge
        | ErrorCode::RecordListTooLarge
        | ErrorCode::InvalidFetchSize => ErrorCode::UnknownServerError,
        other => other,
    }
}

/// A group as its last settled generation left it.
fn from_metadata(id: &str, value: GroupMetadataValue) -> Group {
    let mut group = Group::new(id, SimTime::default());
    let protocol = value.protocol.clone().unwrap_or_default();
    for member in value.members {
        let rebalance_timeout_ms = match member.rebalance_timeout {
            -1 => member.session_timeout,
            timeout => timeout,
        };
        let member = Member {
            id: member.member_id,
            instance_id: member.group_instance_id,
            client_id: member.client_id,
            client_host: member.client_host,
            rebalance_timeout_ms,
            session_timeout_ms: member.session_timeout,
            protocols: vec![JoinGroupRequestProtocol {
                name: protocol.clone(),
                metadata: member.subscription,
            }],
            assignment: member.assignment,
            is_new: false,
            join: None,
            sync: None,
            session_ends: SimTime::NEVER,
        };
        group.add(member, String::new());
    }
    group.generation = value.generation;
    group.protocol_type = Some(value.protocol_type).filter(|kind| !kind.is_empty());
    group.protocol = value.protocol;
    group.leader = value
        .leader
        .filter(|id| group.members.contains_key(id))
        .or(group.leader);
    group.state_since = value.current_state_timestamp;
    if !group.members.is_empty() {
        group.state = GroupState::Stable(Syncing {
            deadline: SimTime::NEVER,
            waiting_for: SortedSet::new(),
        });
    }
    group
}
