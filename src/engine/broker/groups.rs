//! The group coordinator's ways out: its records go to the log, its answers to clients. What it
//! shares with the transaction coordinator: appending records, finding a coordinator.

use std::collections::VecDeque;

use protocol::ErrorCode;
use protocol::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use protocol::messages::txn_offset_commit::TxnOffsetCommitRequest;
use records::{Batch, BatchBuilder, BatchOptions, Marker, Record, open};

use crate::api::write_txn_markers::EndedOffsets;
use crate::broker::Broker;
use crate::broker::dispatch::Incoming;
use crate::broker::parked::{Delayed, DelayedWrite, Waiter};
use crate::group::{
    CoordinatorEffect, CoordinatorNode, CoordinatorRecord, KeyType, WriteId, find_coordinator,
    refuse_commit,
};
use crate::ids::{OFFSETS_TOPIC, TRANSACTIONS_TOPIC, TopicPartition};
use crate::log::append::{LeaderAppend, Origin};
use crate::time::SimTime;

/// `offsets.commit.timeout.ms`: how long a write of the coordinator may wait for the replicas.
const WRITE_TIMEOUT_MS: i64 = 5_000;

/// Records that a coordinator has appended.
pub(super) struct CoordinatorAppend<'a> {
    /// A partition of its topic.
    pub(super) partition: &'a TopicPartition,
    pub(super) records: &'a [CoordinatorRecord],
    /// The producer, with its epoch, whose transaction they are part of.
    pub(super) producer: Option<(i64, i16)>,
}

impl Broker {
    /// Does what the coordinator wants, and what follows from that.
    pub(super) fn take_effects(&mut self, now: SimTime, effects: Vec<CoordinatorEffect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                CoordinatorEffect::Respond { token, response } => self.finish(token, response),
                CoordinatorEffect::Append {
                    partition,
                    records,
                    write,
                    producer,
                } => {
                    let partition = TopicPartition::new(OFFSETS_TOPIC, partition);
                    let append = CoordinatorAppend {
                        partition: &partition,
                        records: &records,
                        producer,
                    };
                    match self.append_coordinator_records(now, &append) {
                        Err(code) => queue.extend(self.groups.on_written(now, write, Err(code))),
                        Ok(delayed) if self.is_committed(&delayed) => {
                            queue.extend(self.groups.on_written(now, write, Ok(())));
                        }
                        Ok(delayed) => self.parked.park(
                            Waiter::GroupWrite(write),
                            now.plus_millis(WRITE_TIMEOUT_MS),
                            Delayed::Coordinator(delayed),
                        ),
                    }
                }
            }
        }
    }

    /// A write of the coordinator is safe, or never will be.
    pub(super) fn group_written(
        &mut self,
        now: SimTime,
        write: WriteId,
        result: Result<(), ErrorCode>,
    ) {
        let effects = self.groups.on_written(now, write, result);
        self.take_effects(now, effects);
    }

    /// Whether a write need not wait any longer: committed, or lost with the leadership.
    pub(super) fn write_outcome(&self, delayed: &DelayedWrite) -> Option<Result<(), ErrorCode>> {
        match self.replicas.led(&delayed.partition, delayed.leader_epoch) {
            Err(_) => Some(Err(ErrorCode::NotLeaderOrFollower)),
            Ok(_) => self.is_committed(delayed).then_some(Ok(())),
        }
    }

    /// Offsets of a transaction, after its coordinator was asked.
    pub(super) fn append_offsets(
        &mut self,
        now: SimTime,
        incoming: &Incoming,
        asked: &TxnOffsetCommitRequest,
        verified: Result<(), ErrorCode>,
    ) {
        if let Err(code) = verified {
            return self.finish(incoming.token, refuse_commit(asked, code));
        }
        let context = self.request_context(incoming);
        let effects = self
            .groups
            .commit_in_transaction(now, &context, asked, &self.image);
        self.take_effects(now, effects);
    }

    /// Transactions have ended in partitions of the offsets topic.
    pub(super) fn offsets_ended(&mut self, ended: &[EndedOffsets]) {
        for ended in ended {
            self.groups
                .end_transaction(ended.partition, ended.producer_id, ended.outcome);
        }
    }

    /// This broker has begun to lead a partition: if it keeps groups, read them.
    pub(super) fn load_group(&mut self, now: SimTime, partition: &TopicPartition) {
        if partition.topic != OFFSETS_TOPIC {
            return;
        }
        let Ok(led) = self.replicas.led(partition, -1) else {
            return;
        };
        let number = partition.partition;
        self.groups.start_loading(number, led.hosted.leader_epoch);
        for stored in led.log.batches_from(led.log.log_start_offset()) {
            let Ok(plain) = open(&stored.bytes) else {
                continue;
            };
            let Ok(batch) = Batch::parse(&plain) else {
                continue;
            };
            if stored.is_control {
                if let Ok(marker) = Marker::parse(&batch) {
                    let producer_id = stored.producer_id;
                    self.groups
                        .replay_marker(number, producer_id, marker.outcome);
                }
                continue;
            }
            let producer_id = stored.is_transactional.then_some(stored.producer_id);
            for record in batch.records().into_iter().flatten().map_while(Result::ok) {
                match (record.key, producer_id) {
                    (Some(key), None) => self.groups.replay(number, key, record.value),
                    (Some(key), Some(producer_id)) => {
                        let kept = (key, record.value);
                        self.groups.replay_transactional(number, producer_id, kept);
                    }
                    (None, _) => {}
                }
            }
        }
        self.groups.finish_loading(now, number);
    }

    /// Answers FindCoordinator; the first to ask has the offsets topic made.
    pub(super) fn find_coordinator(
        &mut self,
        now: SimTime,
        request: &FindCoordinatorRequest,
        version: i16,
    ) -> FindCoordinatorResponse {
        let (topic, partitions) = match KeyType::of(request) {
            Some(KeyType::Transaction) => (TRANSACTIONS_TOPIC, self.config.transactions_partitions),
            _ => (OFFSETS_TOPIC, self.config.offsets_partitions),
        };
        if self.image.topic(topic).is_none() {
            self.create_topics(now, vec![topic.to_owned()]);
        }
        let image = &self.image;
        find_coordinator(request, version, partitions, |number| {
            let partition = TopicPartition::new(topic, number);
            let leader = image.broker(image.partition(&partition)?.leader)?;
            (!leader.fenced).then(|| CoordinatorNode {
                id: leader.id,
                host: leader.endpoint.host.clone(),
                port: leader.endpoint.port,
            })
        })
    }

    pub(super) fn is_committed(&self, delayed: &DelayedWrite) -> bool {
        let log = self.replicas.log(&delayed.partition);
        log.is_some_and(|log| log.high_watermark() >= delayed.required)
    }

    pub(super) fn append_coordinator_records(
        &mut self,
        now: SimTime,
        append: &CoordinatorAppend<'_>,
    ) -> Result<DelayedWrite, ErrorCode> {
        let partition = append.partition;
        let led = self.replicas.led(partition, -1)?;
        if led.is_under_min_isr() {
            return Err(ErrorCode::NotEnoughReplicas);
        }
        let leader_epoch = led.hosted.leader_epoch;
        let now_ms = now.as_millis();
        let mut batch = BatchBuilder::new(options(append.producer));
        for record in append.records {
            let record = Record {
                timestamp: now_ms,
                key: Some(&record.key),
                value: record.value.as_deref(),
                headers: &[],
            };
            batch
                .append(&record)
                .map_err(|_| ErrorCode::MessageTooLarge)?;
        }
        let bytes = batch.build();
        let how = LeaderAppend {
            now_ms,
            leader_epoch,
            origin: Origin::Coordinator,
        };
        let appended = self
            .replicas
            .change_log(partition, now, |log| log.append_as_leader(&bytes, how));
        let appended = appended.ok_or(ErrorCode::NotLeaderOrFollower)?;
        let appended = appended.map_err(|error| error.code)?;
        if let Some((producer_id, _)) = append.producer {
            self.replicas.end_verification(partition, producer_id);
        }
        Ok(DelayedWrite {
            partition: partition.clone(),
            required: appended.last_offset.saturating_add(1),
            leader_epoch,
        })
    }
}

fn options(producer: Option<(i64, i16)>) -> BatchOptions {
    let options = BatchOptions::default();
    match producer {
        Some((producer_id, producer_epoch)) => BatchOptions {
            producer_id,
            producer_epoch,
            transactional: true,
            ..options
        },
        None => options,
    }
}
