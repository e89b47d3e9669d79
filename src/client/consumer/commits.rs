//! Committing: when asked, every few seconds, before a rebalance, at the end.

use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::ErrorCode;
use protocol::messages::offset_commit::{OffsetCommitRequest, OffsetCommitResponse};
use serde::Serialize;

use super::ConsumerEvent;
use super::machine::{Consumer, Flight};
use crate::event::{ClientError, LogLevel};
use crate::net::backoff::Backoff;
use crate::net::core::Ask;
use crate::net::requests::{by_topic, commit_topics};

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
        let tag = Flight::Commit(reason, offsets);
        self.core.send(now, Ask::new(node, request, tag));
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

    #[inline(never)]
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
            let text = format!(
                "Asynchronous auto-commit of offsets {{{}}} failed: {}",
                shown.join(", "),
                error.message()
            );
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
        let text = format!(
            "Offset commit failed on partition {tp} at offset {offset}: {}",
            error.message()
        );
        self.log(level, &text);
    }
}

fn shown((tp, offset, epoch): &(TopicPartition, i64, i32)) -> String {
    let epoch = if *epoch < 0 {
        "null".to_owned()
    } else {
        epoch.to_string()
    };
    format!("{tp}=OffsetAndMetadata{{offset={offset}, leaderEpoch={epoch}, metadata=''}}")
}
