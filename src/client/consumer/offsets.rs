//! Committed offsets, committing, and offsets looked up by time.

use std::collections::BTreeMap;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::ErrorCode;
use protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};
use protocol::messages::offset_commit::{OffsetCommitRequest, OffsetCommitResponse};
use protocol::messages::offset_fetch::OffsetFetchResponse;
use serde::Serialize;

use super::ConsumerEvent;
use super::machine::{Consumer, Flight};
use super::partitions::{LATEST, Position, reset_timestamp};
use crate::event::{ClientError, LogLevel};
use crate::net::backoff::Backoff;
use crate::net::core::{Ask, AskOptions};
use crate::net::requests::{OffsetsFor, by_topic, commit_topics, committed_offsets, fetch_offsets};

/// Why offsets are committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum CommitReason {
    /// The application asked for it.
    Asked,
    /// `auto.commit.interval.ms` is over.
    Auto,
    /// Partitions may go to another member.
    Rebalance,
    /// The consumer closes.
    Close,
}

/// Offsets in a commit request, each with its leader epoch.
pub(super) type Offsets = Vec<(TopicPartition, i64, i32)>;

impl Consumer {
    /// Asks the coordinator where the group was in partitions of which that is not known.
    pub(super) fn find_committed(&mut self, now: SimTime) {
        let unknown: Vec<TopicPartition> = self
            .partitions
            .by_name
            .iter()
            .filter(|(_, p)| p.position == Position::Unknown && p.is_free(now))
            .map(|(tp, _)| tp.clone())
            .collect();
        if unknown.is_empty() {
            return;
        }
        let Some(group) = self.config.group_id.clone() else {
            self.reset(now, &unknown);
            return;
        };
        let Some(node) = self.ready_coordinator(now) else {
            return;
        };
        for tp in &unknown {
            if let Some(partition) = self.partitions.get_mut(tp) {
                partition.busy = true;
            }
        }
        let topics = by_topic(unknown.iter().map(|tp| (tp, ())))
            .into_iter()
            .map(|(name, list)| (name.to_owned(), list.into_iter().map(|(p, ())| p).collect()))
            .collect();
        let request = fetch_offsets(&group, Some(topics), OffsetsFor::Consumer);
        let (tag, options) = (Flight::Committed(unknown), AskOptions::default());
        self.core.send(
            now,
            Ask {
                node,
                request,
                tag,
                options,
            },
        );
    }

    /// Takes the group's committed offsets.
    pub(super) fn on_committed(
        &mut self,
        now: SimTime,
        asked: &[TopicPartition],
        body: &OffsetFetchResponse,
    ) {
        let group = self.config.group_id.clone().unwrap_or_default();
        let found = match committed_offsets(body, &group) {
            Ok(found) => found,
            Err(code) => {
                self.on_committed_failed(now, asked);
                self.on_offsets_error(ErrorCode::from_code(code));
                return;
            }
        };
        let mut without = Vec::new();
        for tp in asked {
            let row = found.iter().find(|row| row.tp == *tp);
            let Some(partition) = self.partitions.get_mut(tp) else {
                continue;
            };
            partition.busy = false;
            if partition.position != Position::Unknown {
                continue;
            }
            match row {
                Some(row) if row.error_code != 0 => self.put_off(now, tp),
                Some(row) if row.offset >= 0 => {
                    partition.committed = Some(row.offset);
                    partition.position = Position::At {
                        offset: row.offset,
                        epoch: (row.leader_epoch >= 0).then_some(row.leader_epoch),
                    };
                }
                _ => without.push(tp.clone()),
            }
        }
        self.reset(now, &without);
    }

    /// The committed offsets will not come.
    pub(super) fn on_committed_failed(&mut self, now: SimTime, asked: &[TopicPartition]) {
        for tp in asked {
            if let Some(partition) = self.partitions.get_mut(tp) {
                partition.busy = false;
                self.put_off(now, tp);
            }
        }
    }

    fn on_offsets_error(&mut self, error: ErrorCode) {
        match error {
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                self.lose_coordinator();
            }
            ErrorCode::GroupAuthorizationFailed => {
                self.fail(ClientError::of(error.code(), None));
            }
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => self.rejoin(),
            _ => {}
        }
    }

    /// Applies `auto.offset.reset` to partitions without a committed offset.
    fn reset(&mut self, now: SimTime, partitions: &[TopicPartition]) {
        if partitions.is_empty() {
            return;
        }
        match reset_timestamp(self.config.auto_offset_reset) {
            Some(timestamp) => {
                for tp in partitions {
                    if let Some(partition) = self.partitions.get_mut(tp) {
                        partition.position = Position::LookUp(timestamp);
                    }
                }
            }
            // A seek may still come between the assignment and the first poll.
            None if !self.polled => {}
            None => {
                for tp in partitions {
                    self.put_off(now, tp);
                }
                let list: Vec<String> = partitions.iter().map(ToString::to_string).collect();
                let text = [
                    "Undefined offset with no reset policy for partitions: [",
                    &list.join(", "),
                    "]",
                ]
                .concat();
                self.fail(ClientError::local(
                    "org.apache.kafka.clients.consumer.NoOffsetForPartitionException",
                    text,
                ));
            }
        }
    }

    /// Asks leaders for the offsets of partitions whose position is to be looked up.
    pub(super) fn look_up(&mut self, now: SimTime) {
        let mut by_leader: BTreeMap<i32, Vec<(TopicPartition, i64)>> = BTreeMap::new();
        let mut leaderless = false;
        for (tp, partition) in &self.partitions.by_name {
            let Position::LookUp(timestamp) = partition.position else {
                continue;
            };
            if !partition.is_free(now) {
                continue;
            }
            match self.core.metadata.leader(tp) {
                Some(leader) => by_leader
                    .entry(leader)
                    .or_default()
                    .push((tp.clone(), timestamp)),
                None => leaderless = true,
            }
        }
        if leaderless {
            self.core.metadata.request_update();
        }
        for (node, asked) in by_leader {
            if self.core.links.ready(now, node) {
                self.send_look_up(now, node, asked);
            }
        }
    }

    fn send_look_up(&mut self, now: SimTime, node: i32, asked: Vec<(TopicPartition, i64)>) {
        for (tp, _) in &asked {
            if let Some(partition) = self.partitions.get_mut(tp) {
                partition.busy = true;
            }
        }
        let topics = by_topic(asked.iter().map(|(tp, timestamp)| {
            let epoch = self
                .core
                .metadata
                .partition(tp)
                .map_or(-1, |info| info.epoch);
            (tp, (*timestamp, epoch))
        }));
        let request = ListOffsetsRequest {
            replica_id: -1,
            isolation_level: i8::from(self.config.read_committed),
            topics: topics
                .into_iter()
                .map(|(name, partitions)| ListOffsetsTopic {
                    name: name.to_owned(),
                    partitions: partitions
                        .into_iter()
                        .map(
                            |(partition_index, (timestamp, epoch))| ListOffsetsPartition {
                                partition_index,
                                current_leader_epoch: epoch,
                                timestamp,
                            },
                        )
                        .collect(),
                })
                .collect(),
            timeout_ms: i32::try_from(self.config.request_timeout_ms).unwrap_or(i32::MAX),
        }
        .into();
        let (tag, options) = (Flight::LookUp(asked), AskOptions::default());
        self.core.send(
            now,
            Ask {
                node,
                request,
                tag,
                options,
            },
        );
    }

    /// Takes offsets that were looked up.
    pub(super) fn on_looked_up(
        &mut self,
        now: SimTime,
        asked: &[(TopicPartition, i64)],
        body: &ListOffsetsResponse,
    ) {
        for (tp, timestamp) in asked {
            let topic = body.topics.iter().find(|topic| topic.name == tp.topic);
            let row = topic.and_then(|topic| {
                topic
                    .partitions
                    .iter()
                    .find(|row| row.partition_index == tp.partition)
            });
            let Some(partition) = self.partitions.get_mut(tp) else {
                continue;
            };
            partition.busy = false;
            if partition.position != Position::LookUp(*timestamp) {
                continue;
            }
            match row {
                Some(row) if row.error_code == 0 && row.offset >= 0 => {
                    partition.position = Position::At {
                        offset: row.offset,
                        epoch: (row.leader_epoch >= 0).then_some(row.leader_epoch),
                    };
                }
                // No record is that young: go on with what comes next.
                Some(row) if row.error_code == 0 && *timestamp >= 0 => {
                    partition.position = Position::LookUp(LATEST);
                }
                _ => {
                    self.put_off(now, tp);
                    self.core.metadata.request_update();
                }
            }
        }
    }

    /// The looked up offsets will not come.
    pub(super) fn on_look_up_failed(&mut self, now: SimTime, asked: &[(TopicPartition, i64)]) {
        for (tp, _) in asked {
            if let Some(partition) = self.partitions.get_mut(tp) {
                partition.busy = false;
                self.put_off(now, tp);
            }
        }
    }

    /// Commits all positions if the coordinator can be reached. Says whether a request went out.
    pub(super) fn send_commit(&mut self, now: SimTime, reason: CommitReason) -> bool {
        let offsets = self.partitions.consumed();
        let (Some(group), false) = (self.config.group_id.clone(), offsets.is_empty()) else {
            return false;
        };
        let Some(node) = self.ready_coordinator(now) else {
            return false;
        };
        let topics = by_topic(
            offsets
                .iter()
                .map(|(tp, offset, epoch)| (tp, (*offset, *epoch))),
        );
        let request = OffsetCommitRequest {
            group_id: group,
            generation_id_or_member_epoch: self.group.generation,
            member_id: self.group.member_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
            topics: commit_topics(topics),
            ..OffsetCommitRequest::default()
        }
        .into();
        let (tag, options) = (Flight::Commit(reason, offsets), AskOptions::default());
        self.core.send(
            now,
            Ask {
                node,
                request,
                tag,
                options,
            },
        );
        true
    }

    /// Commits when the interval is over and somebody is polling.
    pub(super) fn auto_commit(&mut self, now: SimTime) {
        let enabled = self.config.enable_auto_commit && self.config.group_id.is_some();
        if !enabled || now < self.next_auto_commit || self.group.is_rebalancing() {
            return;
        }
        self.next_auto_commit = now.plus_millis(self.config.auto_commit_interval_ms);
        self.send_commit(now, CommitReason::Auto);
    }

    /// Takes the answer to a commit.
    pub(super) fn on_commit(
        &mut self,
        now: SimTime,
        reason: CommitReason,
        offsets: &Offsets,
        body: &OffsetCommitResponse,
    ) {
        let mut failure = None;
        let mut taken = Vec::new();
        for (tp, offset, _) in offsets {
            let topic = body.topics.iter().find(|topic| topic.name == tp.topic);
            let row = topic.and_then(|topic| {
                topic
                    .partitions
                    .iter()
                    .find(|row| row.partition_index == tp.partition)
            });
            let error = ErrorCode::from_code(row.map_or(-1, |row| row.error_code));
            if error.is_error() {
                self.log_failed_commit(tp, *offset, error);
                failure = failure.or(Some(error));
                continue;
            }
            if let Some(partition) = self.partitions.get_mut(tp) {
                partition.committed = Some(*offset);
            }
            taken.push((tp.clone(), *offset));
        }
        if !taken.is_empty() {
            self.events.push(ConsumerEvent::Committed(taken));
        }
        if let Some(error) = failure {
            self.on_commit_error(now, reason, offsets, error);
        }
        self.after_commit(reason);
    }

    /// The answer to a commit will not come.
    pub(super) fn on_commit_failed(&mut self, now: SimTime, reason: CommitReason) {
        self.retry_auto_commit(now, reason);
        self.after_commit(reason);
    }

    fn after_commit(&mut self, reason: CommitReason) {
        match reason {
            CommitReason::Rebalance => self.group.prepared(),
            CommitReason::Close => self.closing = self.closing.after_commit(),
            CommitReason::Asked | CommitReason::Auto => {}
        }
    }

    fn on_commit_error(
        &mut self,
        now: SimTime,
        reason: CommitReason,
        offsets: &Offsets,
        error: ErrorCode,
    ) {
        match error {
            ErrorCode::NotCoordinator
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::RequestTimedOut => self.lose_coordinator(),
            ErrorCode::RebalanceInProgress => self.rejoin(),
            ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => {
                self.forget_membership(error);
            }
            ErrorCode::FencedInstanceId => self.fail(ClientError::of(error.code(), None)),
            _ => {}
        }
        if reason == CommitReason::Auto && !error.is_retriable() {
            let shown: Vec<String> = offsets.iter().map(shown).collect();
            let text = [
                "Asynchronous auto-commit of offsets {",
                &shown.join(", "),
                "} failed: ",
                error.message(),
            ]
            .concat();
            self.log(LogLevel::Warn, &text);
        }
        if error.is_retriable() {
            self.retry_auto_commit(now, reason);
        }
    }

    fn retry_auto_commit(&mut self, now: SimTime, reason: CommitReason) {
        if reason == CommitReason::Auto {
            let backoff = Backoff::retry(self.config.retry_backoff_ms);
            let again = now.plus_micros(backoff.micros(1, &mut self.core.rng));
            self.next_auto_commit = self.next_auto_commit.min(again);
        }
    }

    fn log_failed_commit(&mut self, tp: &TopicPartition, offset: i64, error: ErrorCode) {
        let level = if error.is_retriable() {
            LogLevel::Warn
        } else {
            LogLevel::Error
        };
        let text = [
            "Offset commit failed on partition ",
            &tp.to_string(),
            " at offset ",
            &offset.to_string(),
            ": ",
            error.message(),
        ]
        .concat();
        self.log(level, &text);
    }
}

fn shown((tp, offset, epoch): &(TopicPartition, i64, i32)) -> String {
    let epoch = if *epoch < 0 {
        "null".to_owned()
    } else {
        epoch.to_string()
    };
    [
        &tp.to_string(),
        "=OffsetAndMetadata{offset=",
        &offset.to_string(),
        ", leaderEpoch=",
        &epoch,
        ", metadata=''}",
    ]
    .concat()
}
