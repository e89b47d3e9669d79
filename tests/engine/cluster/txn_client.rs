//! A transactional producer as a client would drive it, request by request.

use std::collections::{BTreeMap, BTreeSet};

use engine::ids::TopicPartition;
use protocol::messages::add_offsets_to_txn::AddOffsetsToTxnRequest;
use protocol::messages::add_partitions_to_txn::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic,
};
use protocol::messages::end_txn::EndTxnRequest;
use protocol::messages::find_coordinator::FindCoordinatorRequest;
use protocol::messages::init_producer_id::InitProducerIdRequest;
use protocol::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use protocol::{ErrorCode, Response};
use records::{BatchOptions, Batches, Marker, Outcome};

use super::requests::{FETCH, batch_of, fetched, produce_bytes, produced};
use super::sim::Sim;

/// Which protocol the producer speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// Partitions join before records are sent; the epoch stays.
    V1,
    /// Leaders have partitions join; every transaction has an epoch of its own.
    V2,
}

#[derive(Debug, Clone)]
pub struct Producer {
    pub id: &'static str,
    pub producer_id: i64,
    pub epoch: i16,
    pub speaks: Speaks,
    pub timeout_ms: i32,
    joined: BTreeSet<TopicPartition>,
    sequences: BTreeMap<TopicPartition, i32>,
}

fn code(code: i16) -> ErrorCode {
    ErrorCode::from_code(code)
}

fn retriable(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::ConcurrentTransactions
            | ErrorCode::NotEnoughReplicas
            | ErrorCode::NotLeaderOrFollower
    )
}

impl Producer {
    pub fn new(id: &'static str, speaks: Speaks) -> Producer {
        Producer {
            id,
            producer_id: -1,
            epoch: -1,
            speaks,
            timeout_ms: 60_000,
            joined: BTreeSet::new(),
            sequences: BTreeMap::new(),
        }
    }

    /// Tries a request until its error is one that trying again does not mend.
    fn insist(sim: &mut Sim, mut once: impl FnMut(&mut Sim) -> Option<ErrorCode>) -> ErrorCode {
        for _ in 0..100 {
            match once(sim) {
                Some(error) if !retriable(error) => return error,
                _ => sim.run_ms(500),
            }
        }
        panic!("no end of errors");
    }

    pub fn coordinator(&self, sim: &mut Sim) -> i32 {
        let mut node = -1;
        let id = self.id;
        Self::insist(sim, |sim| {
            let broker = *sim.brokers.keys().next()?;
            let request = FindCoordinatorRequest {
                key_type: 1,
                coordinator_keys: vec![id.into()],
                ..FindCoordinatorRequest::default()
            };
            let Response::FindCoordinator(found) = sim.try_call(broker, request, 6, 2_000)? else {
                panic!();
            };
            node = found.coordinators[0].node_id;
            let alive = sim.brokers.contains_key(&node);
            alive.then(|| code(found.coordinators[0].error_code))
        });
        node
    }

    /// InitProducerId once, as it is.
    pub fn init_once(&mut self, sim: &mut Sim) -> Option<ErrorCode> {
        let here = self.coordinator(sim);
        let request = InitProducerIdRequest {
            transactional_id: Some(self.id.into()),
            transaction_timeout_ms: self.timeout_ms,
            ..InitProducerIdRequest::default()
        };
        let Response::InitProducerId(got) = sim.try_call(here, request, 5, 40_000)? else {
            panic!();
        };
        if got.error_code == 0 {
            (self.producer_id, self.epoch) = (got.producer_id, got.producer_epoch);
            self.sequences.clear();
            self.joined.clear();
        }
        Some(code(got.error_code))
    }

    pub fn init(&mut self, sim: &mut Sim) -> ErrorCode {
        Self::insist(sim, |sim| self.init_once(sim))
    }

    /// A producer that is ready.
    pub fn ready(sim: &mut Sim, id: &'static str, speaks: Speaks) -> Producer {
        let mut producer = Producer::new(id, speaks);
        assert_eq!(producer.init(sim), ErrorCode::None);
        producer
    }

    pub fn join_once(&self, sim: &mut Sim, partition: &TopicPartition) -> Option<ErrorCode> {
        let here = self.coordinator(sim);
        let request = AddPartitionsToTxnRequest {
            v3_and_below_transactional_id: self.id.into(),
            v3_and_below_producer_id: self.producer_id,
            v3_and_below_producer_epoch: self.epoch,
            v3_and_below_topics: vec![AddPartitionsToTxnTopic {
                name: partition.topic.clone(),
                partitions: vec![partition.partition],
            }],
            ..AddPartitionsToTxnRequest::default()
        };
        let Response::AddPartitionsToTxn(got) = sim.try_call(here, request, 3, 40_000)? else {
            panic!();
        };
        let result = &got.results_by_topic_v3_and_below[0].results_by_partition[0];
        Some(code(result.partition_error_code))
    }

    /// Sends one batch without asking for anything first.
    pub fn produce_once(
        &self,
        sim: &mut Sim,
        partition: &TopicPartition,
        values: &[&str],
    ) -> Option<ErrorCode> {
        let options = BatchOptions {
            producer_id: self.producer_id,
            producer_epoch: self.epoch,
            base_sequence: *self.sequences.get(partition).unwrap_or(&0),
            transactional: true,
            ..BatchOptions::default()
        };
        let bytes = batch_of(sim.now_ms(), options, values);
        let mut request = sim.fill(produce_bytes(partition, -1, bytes));
        request.transactional_id = Some(self.id.into());
        let version = match self.speaks {
            Speaks::V1 => 11,
            Speaks::V2 => 13,
        };
        let leader = sim.leader(partition);
        if !sim.brokers.contains_key(&leader) {
            return None;
        }
        let answer = produced(sim.try_call(leader, request, version, 40_000)?);
        Some(code(answer.error_code))
    }

    pub fn send(
        &mut self,
        sim: &mut Sim,
        partition: &TopicPartition,
        values: &[&str],
    ) -> ErrorCode {
        if self.speaks == Speaks::V1 && !self.joined.contains(partition) {
            let error = Self::insist(sim, |sim| self.join_once(sim, partition));
            if error != ErrorCode::None {
                return error;
            }
            self.joined.insert(partition.clone());
        }
        let error = Self::insist(sim, |sim| self.produce_once(sim, partition, values));
        if error == ErrorCode::None {
            *self.sequences.entry(partition.clone()).or_default() += values.len() as i32;
        }
        error
    }

    /// Sends offsets of partition 0 of topic `t` for a group.
    pub fn send_offsets(&mut self, sim: &mut Sim, group: &str, offset: i64) -> ErrorCode {
        if self.speaks == Speaks::V1 {
            let request = AddOffsetsToTxnRequest {
                transactional_id: self.id.into(),
                producer_id: self.producer_id,
                producer_epoch: self.epoch,
                group_id: group.into(),
            };
            let error = Self::insist(sim, |sim| {
                let here = self.coordinator(sim);
                let answer = sim.try_call(here, request.clone(), 3, 40_000)?;
                let Response::AddOffsetsToTxn(got) = answer else {
                    panic!();
                };
                Some(code(got.error_code))
            });
            if error != ErrorCode::None {
                return error;
            }
        }
        let request = TxnOffsetCommitRequest {
            transactional_id: self.id.into(),
            group_id: group.into(),
            producer_id: self.producer_id,
            producer_epoch: self.epoch,
            topics: vec![TxnOffsetCommitRequestTopic {
                name: "t".into(),
                partitions: vec![TxnOffsetCommitRequestPartition {
                    committed_offset: offset,
                    ..TxnOffsetCommitRequestPartition::default()
                }],
            }],
            ..TxnOffsetCommitRequest::default()
        };
        let version = match self.speaks {
            Speaks::V1 => 3,
            Speaks::V2 => 5,
        };
        Self::insist(sim, |sim| {
            let here = group_coordinator(sim, group);
            let answer = sim.try_call(here, request.clone(), version, 40_000)?;
            let Response::TxnOffsetCommit(got) = answer else {
                panic!();
            };
            Some(code(got.topics[0].partitions[0].error_code))
        })
    }

    pub fn end_once(&mut self, sim: &mut Sim, committed: bool) -> Option<ErrorCode> {
        let here = self.coordinator(sim);
        let request = EndTxnRequest {
            transactional_id: self.id.into(),
            producer_id: self.producer_id,
            producer_epoch: self.epoch,
            committed,
        };
        let version = match self.speaks {
            Speaks::V1 => 4,
            Speaks::V2 => 5,
        };
        let Response::EndTxn(got) = sim.try_call(here, request, version, 40_000)? else {
            panic!();
        };
        if got.error_code == 0 {
            self.joined.clear();
            if self.speaks == Speaks::V2 {
                (self.producer_id, self.epoch) = (got.producer_id, got.producer_epoch);
                self.sequences.clear();
            }
        }
        Some(code(got.error_code))
    }

    pub fn end(&mut self, sim: &mut Sim, committed: bool) -> ErrorCode {
        Self::insist(sim, |sim| self.end_once(sim, committed))
    }
}

pub fn group_coordinator(sim: &mut Sim, group: &str) -> i32 {
    let mut node = -1;
    Producer::insist(sim, |sim| {
        let broker = *sim.brokers.keys().next()?;
        let request = FindCoordinatorRequest {
            coordinator_keys: vec![group.into()],
            ..FindCoordinatorRequest::default()
        };
        let Response::FindCoordinator(found) = sim.try_call(broker, request, 6, 2_000)? else {
            panic!();
        };
        node = found.coordinators[0].node_id;
        let alive = sim.brokers.contains_key(&node);
        alive.then(|| code(found.coordinators[0].error_code))
    });
    node
}

impl Sim {
    /// What a reader of committed records gets from the start of a partition: it skips aborted
    /// records and markers as clients do. Also the last stable offset.
    pub fn read_committed(&mut self, partition: &TopicPartition) -> (Vec<String>, i64) {
        let mut request = self.fetch_of(partition, 0, 0);
        request.isolation_level = 1;
        let leader = self.leader(partition);
        let data = fetched(self.call(leader, request, FETCH));
        assert_eq!(data.error_code, 0);
        let mut aborted: Vec<(i64, i64)> = data
            .aborted_transactions
            .expect("readers of committed records are told")
            .iter()
            .map(|aborted| (aborted.first_offset, aborted.producer_id))
            .collect();
        aborted.sort_unstable();
        let mut skipped = BTreeSet::new();
        let mut values = Vec::new();
        for batch in Batches::new(&data.records.unwrap_or_default()) {
            let batch = batch.unwrap();
            let header = batch.header;
            assert!(header.last_offset() < data.last_stable_offset);
            while let Some((first, producer)) = aborted.first().copied() {
                if first > header.last_offset() {
                    break;
                }
                skipped.insert(producer);
                aborted.remove(0);
            }
            if header.is_control() {
                if Marker::parse(&batch).unwrap().outcome == Outcome::Abort {
                    skipped.remove(&header.producer_id);
                }
                continue;
            }
            if header.is_transactional() && skipped.contains(&header.producer_id) {
                continue;
            }
            for record in batch.records().unwrap() {
                let value = record.unwrap().value.unwrap().to_vec();
                values.push(String::from_utf8(value).unwrap());
            }
        }
        (values, data.last_stable_offset)
    }
}
