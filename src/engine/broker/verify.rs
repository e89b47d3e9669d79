//! Before records or offsets of a transaction enter a log for the first time, the transaction's
//! coordinator must count the partition in: otherwise nobody would ever write the marker that ends
//! it there. The request waits meanwhile.

use protocol::messages::add_partitions_to_txn::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
};
use protocol::messages::produce::ProduceRequest;
use protocol::messages::txn_offset_commit::TxnOffsetCommitRequest;
use protocol::{ErrorCode, Request, Response};
use records::BatchHeader;
use records::sorted::SortedMap;
use serde::Serialize;

use crate::api::produce::{Checked, IDS_FROM};
use crate::broker::Broker;
use crate::broker::dispatch::Incoming;
use crate::broker::peers::PeerCall;
use crate::group::RequestToken;
use crate::ids::{OFFSETS_TOPIC, TRANSACTIONS_TOPIC, TopicPartition};
use crate::time::SimTime;

/// From these versions on a producer leaves it to the leaders to have partitions join.
const PRODUCE_JOINS_SINCE: i16 = 12;
const COMMIT_JOINS_SINCE: i16 = 5;
/// From these versions on a producer knows that it can abort and go on.
const PRODUCE_KNOWS_ABORTABLE: i16 = 11;
const COMMIT_KNOWS_ABORTABLE: i16 = 4;

/// A request that waits for the transaction's coordinator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Held {
    incoming: Incoming,
    request: HeldRequest,
    producer_id: i64,
    /// The partitions asked about, and the number of the question.
    asked: SortedMap<TopicPartition, u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
enum HeldRequest {
    Produce(ProduceRequest),
    Offsets(TxnOffsetCommitRequest),
}

/// Which transaction, and where.
struct Question<'a> {
    transactional_id: &'a str,
    producer_id: i64,
    producer_epoch: i16,
    /// The partitions are to join, rather than to have joined.
    joins: bool,
    partitions: Vec<TopicPartition>,
}

impl Broker {
    /// A producer's batches: those that begin a transaction's records in a partition wait.
    pub(super) fn produce(&mut self, now: SimTime, incoming: &Incoming, asked: &ProduceRequest) {
        let unverified = self.unverified(incoming.header.api_version, asked);
        let (Some(id), Some((_, first))) = (&asked.transactional_id, unverified.first()) else {
            return self.append_produced(now, incoming, asked, &SortedMap::new());
        };
        let question = Question {
            transactional_id: id,
            producer_id: first.producer_id,
            producer_epoch: first.producer_epoch,
            joins: incoming.header.api_version >= PRODUCE_JOINS_SINCE,
            partitions: unverified.iter().map(|(at, _)| at.clone()).collect(),
        };
        let request = HeldRequest::Produce(asked.clone());
        self.hold(now, incoming, request, &question);
    }

    /// A group's offsets in a transaction: they wait likewise.
    #[inline(never)]
    pub(super) fn commit_in_transaction(
        &mut self,
        now: SimTime,
        incoming: &Incoming,
        asked: TxnOffsetCommitRequest,
    ) {
        let number = self.groups.partition_for(&asked.group_id);
        let partition = TopicPartition::new(OFFSETS_TOPIC, number);
        let led = self.replicas.led(&partition, -1);
        let open = led.is_ok_and(|led| {
            let producers = led.log.producers();
            producers.has_open(asked.producer_id, asked.producer_epoch)
        });
        if open || self.replicas.led(&partition, -1).is_err() {
            return self.append_offsets(now, incoming, &asked, Ok(()));
        }
        let question = Question {
            transactional_id: &asked.transactional_id,
            producer_id: asked.producer_id,
            producer_epoch: asked.producer_epoch,
            joins: incoming.header.api_version >= COMMIT_JOINS_SINCE,
            partitions: vec![partition],
        };
        let request = HeldRequest::Offsets(asked.clone());
        self.hold(now, incoming, request, &question);
    }

    /// The coordinator's answer, or that there is none.
    pub(super) fn on_verified(
        &mut self,
        now: SimTime,
        token: RequestToken,
        response: Option<&Response>,
    ) {
        let Some(held) = self.held.remove(&token) else {
            return;
        };
        let version = held.incoming.header.api_version;
        let mut checked = SortedMap::new();
        for (partition, number) in &held.asked {
            let code = answer(response, partition);
            let outcome = match code {
                ErrorCode::None => {
                    let replicas = &self.replicas;
                    if replicas.still_asks(partition, held.producer_id, *number) {
                        Ok(())
                    } else {
                        Err(ErrorCode::InvalidTxnState)
                    }
                }
                code => {
                    let replicas = &mut self.replicas;
                    replicas.drop_refused(partition, held.producer_id, *number);
                    Err(code)
                }
            };
            checked.insert(partition.clone(), outcome);
        }
        match held.request {
            HeldRequest::Produce(asked) => {
                let told = checked.into_iter();
                let told = told.map(|(at, outcome)| {
                    (at, outcome.map_err(|code| told_to_producer(code, version)))
                });
                self.append_produced(now, &held.incoming, &asked, &told.collect());
            }
            HeldRequest::Offsets(asked) => {
                let outcome = checked.into_values().next().unwrap_or(Ok(()));
                let outcome = outcome.map_err(|code| told_to_committer(code, version));
                self.append_offsets(now, &held.incoming, &asked, outcome);
            }
        }
    }

    fn hold(
        &mut self,
        now: SimTime,
        incoming: &Incoming,
        request: HeldRequest,
        question: &Question<'_>,
    ) {
        let mut asked = SortedMap::new();
        for partition in &question.partitions {
            let number = self
                .replicas
                .begin_verification(partition, question.producer_id);
            asked.insert(partition.clone(), number);
        }
        let held = Held {
            incoming: incoming.clone(),
            request,
            producer_id: question.producer_id,
            asked,
        };
        let token = incoming.token;
        self.held.insert(token, held);
        let number = self.txns.partition_for(question.transactional_id);
        let kept = TopicPartition::new(TRANSACTIONS_TOPIC, number);
        let coordinator = self.image.partition(&kept).map_or(-1, |image| image.leader);
        let request = Request::AddPartitionsToTxn(add_partitions(question));
        if coordinator < 0 || !self.call_broker(now, coordinator, request, PeerCall::Verify(token))
        {
            self.on_verified(now, token, None);
        }
    }

    /// The partitions led here in which a request's batches would begin a transaction.
    #[inline(never)]
    fn unverified(
        &self,
        version: i16,
        request: &ProduceRequest,
    ) -> Vec<(TopicPartition, BatchHeader)> {
        let mut found = Vec::new();
        for topic in &request.topic_data {
            let name = if version >= IDS_FROM {
                let by_id = self.image.topic_by_id(topic.topic_id);
                by_id.map_or("", |topic| topic.name.as_str())
            } else {
                topic.name.as_str()
            };
            for data in &topic.partition_data {
                let records = data.records.as_ref();
                let header = records.and_then(|records| BatchHeader::parse(records).ok());
                let Some(header) = header.filter(BatchHeader::is_transactional) else {
                    continue;
                };
                let partition = TopicPartition::new(name, data.index);
                let Ok(led) = self.replicas.led(&partition, -1) else {
                    continue;
                };
                let producers = led.log.producers();
                if !producers.has_open(header.producer_id, header.producer_epoch) {
                    found.push((partition, header));
                }
            }
        }
        found
    }
}

#[inline(never)]
fn add_partitions(question: &Question<'_>) -> AddPartitionsToTxnRequest {
    let mut topics: Vec<AddPartitionsToTxnTopic> = Vec::new();
    for partition in &question.partitions {
        match topics.last_mut() {
            Some(topic) if topic.name == partition.topic => {
                topic.partitions.push(partition.partition);
            }
            _ => topics.push(AddPartitionsToTxnTopic {
                name: partition.topic.clone(),
                partitions: vec![partition.partition],
            }),
        }
    }
    AddPartitionsToTxnRequest {
        transactions: vec![AddPartitionsToTxnTransaction {
            transactional_id: question.transactional_id.to_owned(),
            producer_id: question.producer_id,
            producer_epoch: question.producer_epoch,
            verify_only: !question.joins,
            topics,
        }],
        ..AddPartitionsToTxnRequest::default()
    }
}

/// What the coordinator says of a partition.
fn answer(response: Option<&Response>, partition: &TopicPartition) -> ErrorCode {
    let Some(Response::AddPartitionsToTxn(response)) = response else {
        return ErrorCode::NetworkException;
    };
    if response.error_code != 0 {
        return ErrorCode::from_code(response.error_code);
    }
    let topics = response.results_by_transaction.iter();
    let topics = topics.flat_map(|transaction| &transaction.topic_results);
    let mut results = topics
        .filter(|topic| topic.name == partition.topic)
        .flat_map(|topic| &topic.results_by_partition);
    let result = results.find(|result| result.partition_index == partition.partition);
    match result.map(|result| ErrorCode::from_code(result.partition_error_code)) {
        // A producer that sends records knows this error, and what to do.
        Some(ErrorCode::ProducerFenced) => ErrorCode::InvalidProducerEpoch,
        Some(code) => code,
        None => ErrorCode::UnknownServerError,
    }
}

/// Older producers do not try again after errors that they do not expect here: they get one that
/// makes them.
#[inline(never)]
fn told_to_producer(code: ErrorCode, version: i16) -> Checked {
    let joins = version >= PRODUCE_JOINS_SINCE;
    let (code, message) = match code {
        ErrorCode::TransactionAbortable if version < PRODUCE_KNOWS_ABORTABLE => (
            ErrorCode::InvalidTxnState,
            "the partition is not part of the transaction",
        ),
        ErrorCode::InvalidTxnState => (code, "the partition is not part of the transaction"),
        ErrorCode::ConcurrentTransactions if !joins => (
            ErrorCode::NotEnoughReplicas,
            "the transaction before is not done yet",
        ),
        ErrorCode::NetworkException
        | ErrorCode::CoordinatorLoadInProgress
        | ErrorCode::CoordinatorNotAvailable
        | ErrorCode::NotCoordinator => (
            ErrorCode::NotEnoughReplicas,
            "the transaction's coordinator could not be asked whether the partition is part of it",
        ),
        code => (code, ""),
    };
    Checked { code, message }
}

fn told_to_committer(code: ErrorCode, version: i16) -> ErrorCode {
    match code {
        ErrorCode::TransactionAbortable if version < COMMIT_KNOWS_ABORTABLE => {
            ErrorCode::InvalidTxnState
        }
        // Known to all, and makes them try again without asking for the coordinator.
        ErrorCode::NetworkException => ErrorCode::CoordinatorLoadInProgress,
        code => code,
    }
}
