//! The transaction coordinator's ways in and out: its records go to the log, its answers to producers,
//! its markers to the leaders.

use std::collections::VecDeque;

use protocol::{ErrorCode, Request};
use records::{Batch, open};

use crate::api::init_producer_id;
use crate::broker::Broker;
use crate::broker::dispatch::Incoming;
use crate::broker::groups::CoordinatorAppend;
use crate::broker::parked::{Delayed, Waiter};
use crate::group::WriteId;
use crate::ids::{TRANSACTIONS_TOPIC, TopicPartition};
use crate::time::SimTime;
use crate::txn::{Asked, TxnEffect};

/// How long a write of the coordinator may wait for the replicas; not configurable in Kafka, which
/// takes the timeout of the transaction.
const WRITE_TIMEOUT_MS: i64 = 30_000;

impl Broker {
    /// A request of one of the APIs of transactions.
    pub(super) fn coordinate_transaction(
        &mut self,
        now: SimTime,
        incoming: &Incoming,
        request: Request,
    ) {
        if !self.producer_ids.has_one() && self.txns.needs_producer_id(&request) {
            self.waiting_for_ids.push((incoming.clone(), request));
            if self.producer_ids.ask() {
                self.ask_for_producer_ids(now);
            }
            return;
        }
        let context = self.request_context(incoming);
        let ids = &mut self.producer_ids;
        let mut asked = Asked {
            context: &context,
            topics: &self.image,
            offsets_partitions: self.config.offsets_partitions,
            fresh_id: &mut || ids.take(),
        };
        let effects = self.txns.handle(now, &mut asked, request);
        self.take_txn_effects(now, effects);
    }

    /// There are producer ids again, or there will be none for now: who waited for one goes on.
    pub(super) fn go_on_with_ids(&mut self, now: SimTime) {
        for (incoming, request) in std::mem::take(&mut self.waiting_for_ids) {
            if self.producer_ids.has_one() {
                self.coordinate_transaction(now, &incoming, request);
            } else {
                let code = ErrorCode::CoordinatorLoadInProgress;
                match request {
                    Request::EndTxn(_) => self.finish(
                        incoming.token,
                        protocol::messages::end_txn::EndTxnResponse {
                            error_code: code.code(),
                            ..Default::default()
                        },
                    ),
                    _ => self.finish(incoming.token, init_producer_id::error(code)),
                }
            }
        }
    }

    /// Does what the coordinator wants, and what follows from that.
    pub(super) fn take_txn_effects(&mut self, now: SimTime, effects: Vec<TxnEffect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            match effect {
                TxnEffect::Respond { token, response } => self.finish(token, response),
                TxnEffect::SendMarkers(job) => self.markers.take(job),
                TxnEffect::ReportAgain(job) => self.markers.take_later(now, job),
                TxnEffect::DropMarkers(partition) => self.markers.drop_partition(partition),
                TxnEffect::Append {
                    partition,
                    record,
                    write,
                } => {
                    let partition = TopicPartition::new(TRANSACTIONS_TOPIC, partition);
                    let append = CoordinatorAppend {
                        partition: &partition,
                        records: std::slice::from_ref(&record),
                        producer: None,
                    };
                    match self.append_coordinator_records(now, &append) {
                        Err(code) => queue.extend(self.txns.on_written(write, Err(code))),
                        Ok(delayed) if self.is_committed(&delayed) => {
                            queue.extend(self.txns.on_written(write, Ok(())));
                        }
                        Ok(delayed) => self.parked.park(
                            Waiter::TxnWrite(write),
                            now.plus_millis(WRITE_TIMEOUT_MS),
                            Delayed::Coordinator(delayed),
                        ),
                    }
                }
            }
        }
    }

    /// A write of the coordinator is safe, or never will be.
    pub(super) fn txn_written(
        &mut self,
        now: SimTime,
        write: WriteId,
        result: Result<(), ErrorCode>,
    ) {
        let effects = self.txns.on_written(write, result);
        self.take_txn_effects(now, effects);
    }

    /// This broker has begun to lead a partition: if it keeps transactions, read them.
    #[inline(never)]
    pub(super) fn load_transactions(&mut self, now: SimTime, partition: &TopicPartition) {
        if partition.topic != TRANSACTIONS_TOPIC {
            return;
        }
        let Ok(led) = self.replicas.led(partition, -1) else {
            return;
        };
        let number = partition.partition;
        self.txns.start_loading(number, led.hosted.leader_epoch);
        for stored in led.log.batches_from(led.log.log_start_offset()) {
            let Ok(plain) = open(&stored.bytes) else {
                continue;
            };
            let records = Batch::parse(&plain).and_then(|batch| batch.records());
            for record in records.into_iter().flatten().map_while(Result::ok) {
                if let Some(key) = record.key {
                    self.txns.replay(number, key, record.value);
                }
            }
        }
        let effects = self.txns.finish_loading(number);
        self.take_txn_effects(now, effects);
    }

    /// This broker leads a partition no more.
    pub(super) fn resign_transactions(&mut self, now: SimTime, partition: &TopicPartition) {
        if partition.topic == TRANSACTIONS_TOPIC {
            let effects = self.txns.resign(partition.partition);
            self.take_txn_effects(now, effects);
        }
    }
}
