//! Committed offsets, committing, and offsets looked up by time.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::ErrorCode;
use protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};
use protocol::messages::offset_fetch::OffsetFetchResponse;

use super::machine::{Consumer, Flight};
use super::partitions::{LATEST, Position, reset_timestamp};
use crate::event::ClientError;
use crate::net::core::Ask;
use crate::net::requests::{OffsetsFor, by_topic, committed_offsets, fetch_offsets};

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
        let whom = if self.is_remote() && self.group.generation > 0 {
            OffsetsFor::Member(self.group.member_id.clone(), self.group.generation)
        } else {
            OffsetsFor::Consumer
        };
        let request = fetch_offsets(&group, Some(topics), whom);
        let tag = Flight::Committed(unknown);
        self.core.send(now, Ask::new(node, request, tag));
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
            ErrorCode::UnknownMemberId if self.is_remote() => self.lose_membership(),
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
                let text = format!(
                    "Undefined offset with no reset policy for partitions: [{}]",
                    list.join(", ")
                );
                self.fail(ClientError::local(
                    "org.apache.kafka.clients.consumer.NoOffsetForPartitionException",
                    text,
                ));
            }
        }
    }

    /// Asks leaders for the offsets of partitions whose position is to be looked up.
    pub(super) fn look_up(&mut self, now: SimTime) {
        let mut by_leader: SortedMap<i32, Vec<(TopicPartition, i64)>> = SortedMap::new();
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
        let tag = Flight::LookUp(asked);
        self.core.send(now, Ask::new(node, request, tag));
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
}
