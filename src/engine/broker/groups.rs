//! The group coordinator's ways out: its records go to the log, its answers to clients.

use std::collections::VecDeque;

use protocol::ErrorCode;
use protocol::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use records::{Batch, BatchBuilder, BatchOptions, Record, open};

use crate::broker::Broker;
use crate::broker::parked::{Delayed, DelayedWrite, Waiter};
use crate::group::{
    CoordinatorEffect, CoordinatorNode, CoordinatorRecord, WriteId, find_coordinator,
};
use crate::ids::{OFFSETS_TOPIC, TopicPartition};
use crate::log::append::{LeaderAppend, Origin};
use crate::time::SimTime;

/// `offsets.commit.timeout.ms`: how long a write of the coordinator may wait for the replicas.
const WRITE_TIMEOUT_MS: i64 = 5_000;

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
                } => {
                    let partition = TopicPartition::new(OFFSETS_TOPIC, partition);
                    match self.append_group_records(now, &partition, &records) {
                        Err(code) => queue.extend(self.groups.on_written(now, write, Err(code))),
                        Ok(delayed) if self.is_committed(&delayed) => {
                            queue.extend(self.groups.on_written(now, write, Ok(())));
                        }
                        Ok(delayed) => self.parked.park(
                            Waiter::GroupWrite(write),
                            now.plus_millis(WRITE_TIMEOUT_MS),
                            Delayed::Group(delayed),
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
            let records = Batch::parse(&plain).and_then(|batch| batch.records());
            for record in records.into_iter().flatten().map_while(Result::ok) {
                if let Some(key) = record.key {
                    self.groups.replay(number, key, record.value);
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
        if self.image.topic(OFFSETS_TOPIC).is_none() {
            self.create_topics(now, vec![OFFSETS_TOPIC.to_owned()]);
        }
        let image = &self.image;
        find_coordinator(request, version, self.config.offsets_partitions, |number| {
            let partition = TopicPartition::new(OFFSETS_TOPIC, number);
            let leader = image.broker(image.partition(&partition)?.leader)?;
            (!leader.fenced).then(|| CoordinatorNode {
                id: leader.id,
                host: leader.endpoint.host.clone(),
                port: leader.endpoint.port,
            })
        })
    }

    fn is_committed(&self, delayed: &DelayedWrite) -> bool {
        let log = self.replicas.log(&delayed.partition);
        log.is_some_and(|log| log.high_watermark() >= delayed.required)
    }

    fn append_group_records(
        &mut self,
        now: SimTime,
        partition: &TopicPartition,
        records: &[CoordinatorRecord],
    ) -> Result<DelayedWrite, ErrorCode> {
        let led = self.replicas.led(partition, -1)?;
        if led.is_under_min_isr() {
            return Err(ErrorCode::NotEnoughReplicas);
        }
        let leader_epoch = led.hosted.leader_epoch;
        let now_ms = now.as_millis();
        let mut batch = BatchBuilder::new(BatchOptions::default());
        for record in records {
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
        Ok(DelayedWrite {
            partition: partition.clone(),
            required: appended.last_offset.saturating_add(1),
            leader_epoch,
        })
    }
}
