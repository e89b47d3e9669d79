//! AddPartitionsToTxn and AddOffsetsToTxn: partitions join a transaction, or a leader asks whether
//! they have.

use protocol::ErrorCode;
use protocol::messages::add_offsets_to_txn::AddOffsetsToTxnRequest;
use protocol::messages::add_partitions_to_txn::{
    AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, AddPartitionsToTxnResult,
    AddPartitionsToTxnTransaction,
};
use records::sorted::SortedSet;
use serde::Serialize;

use crate::group::{RequestToken, TopicResolver, partition_of_group};
use crate::ids::{OFFSETS_TOPIC, TopicPartition};
use crate::time::SimTime;
use crate::txn::shard::Then;
use crate::txn::state::{EPOCH_PER_TRANSACTION, Transaction, TxnState};
use crate::txn::{Asked, Effects, TxnCoordinator, TxnEffect, refuse, respond};

/// From this version on brokers ask, for several transactions.
const SEVERAL_SINCE: i16 = 4;

/// An AddPartitionsToTxn of which parts wait to be written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct AddBatch {
    version: i16,
    waiting: usize,
    asked: Vec<AddPartitionsToTxnTransaction>,
    results: Vec<AddPartitionsToTxnResult>,
}

/// Who wants partitions to join.
struct Joining<'a> {
    transactional_id: &'a str,
    producer_id: i64,
    producer_epoch: i16,
    partitions: SortedSet<TopicPartition>,
    client_version: i16,
}

impl TxnCoordinator {
    #[inline(never)]
    pub(super) fn add_partitions(
        &mut self,
        now: SimTime,
        asked: &mut Asked<'_>,
        request: AddPartitionsToTxnRequest,
    ) -> Effects {
        let (token, version) = (asked.context.token, asked.context.api_version);
        let mut batch = AddBatch {
            version,
            waiting: 0,
            asked: transactions(request, version),
            results: Vec::new(),
        };
        let mut effects = Vec::new();
        for place in 0..batch.asked.len() {
            let Some(one) = batch.asked.get(place) else {
                break;
            };
            let outcome = self.add_one(now, asked.topics, one, (token, place, version));
            let results = match outcome {
                Ok(writes) => {
                    batch.waiting = batch.waiting.saturating_add(writes.len());
                    effects.extend(writes);
                    refuse::added(&one.topics, version, |_, _| ErrorCode::None)
                }
                Err(outcomes) => {
                    let code = |topic: &str, index: i32| outcomes.of(topic, index);
                    refuse::added(&one.topics, version, code)
                }
            };
            batch.results.push(AddPartitionsToTxnResult {
                transactional_id: one.transactional_id.clone(),
                topic_results: results,
            });
        }
        if batch.waiting == 0 {
            effects.extend(respond(token, batch.into_response()));
        } else {
            self.batches.insert(token, batch);
        }
        effects
    }

    #[inline(never)]
    pub(super) fn add_offsets(
        &mut self,
        now: SimTime,
        asked: &mut Asked<'_>,
        request: &AddOffsetsToTxnRequest,
    ) -> Effects {
        let caller = asked.caller();
        let kept = partition_of_group(&request.group_id, asked.offsets_partitions);
        let mut partitions = SortedSet::new();
        partitions.insert(TopicPartition::new(OFFSETS_TOPIC, kept));
        let joining = Joining {
            transactional_id: &request.transactional_id,
            producer_id: request.producer_id,
            producer_epoch: request.producer_epoch,
            partitions,
            client_version: 0,
        };
        match self.join(now, joining) {
            Ok(Some(next)) => self.write(next, Then::OffsetsAdded(caller)),
            Ok(None) => respond(caller.token, refuse::add_offsets(caller, Ok(()))),
            Err(code) => respond(caller.token, refuse::add_offsets(caller, Err(code))),
        }
    }

    /// A part of a request is written, or lost.
    pub(super) fn added(
        &mut self,
        token: RequestToken,
        place: usize,
        error: Option<ErrorCode>,
    ) -> Effects {
        let Some(batch) = self.batches.get_mut(&token) else {
            return Vec::new();
        };
        batch.waiting = batch.waiting.saturating_sub(1);
        if let (Some(error), Some(asked)) = (error, batch.asked.get(place))
            && let Some(result) = batch.results.get_mut(place)
        {
            result.topic_results = refuse::added(&asked.topics, batch.version, |_, _| error);
        }
        if batch.waiting > 0 {
            return Vec::new();
        }
        let done = self.batches.remove(&token);
        done.map_or_else(Vec::new, |batch| respond(token, batch.into_response()))
    }

    /// One transaction of a request: what has to be written, nothing if all is as it should be, or
    /// what is wrong.
    fn add_one(
        &mut self,
        now: SimTime,
        topics: &dyn TopicResolver,
        one: &AddPartitionsToTxnTransaction,
        (token, place, version): (RequestToken, usize, i16),
    ) -> Result<Effects, Outcomes> {
        let mut partitions = SortedSet::new();
        let mut unknown = SortedSet::new();
        for topic in &one.topics {
            for index in &topic.partitions {
                let partition = TopicPartition::new(topic.name.clone(), *index);
                if topics.has(&partition) {
                    partitions.insert(partition);
                } else {
                    unknown.insert(partition);
                }
            }
        }
        if !unknown.is_empty() {
            return Err(Outcomes::Unknown(unknown));
        }
        let joining = Joining {
            transactional_id: &one.transactional_id,
            producer_id: one.producer_id,
            producer_epoch: one.producer_epoch,
            partitions,
            client_version: if version >= SEVERAL_SINCE {
                EPOCH_PER_TRANSACTION
            } else {
                0
            },
        };
        if one.verify_only {
            let missing = self.missing(&joining).map_err(Outcomes::All)?;
            return if missing.is_empty() {
                Ok(Vec::new())
            } else {
                Err(Outcomes::Missing(missing))
            };
        }
        match self.join(now, joining).map_err(Outcomes::All)? {
            Some(next) => Ok(self.write(next, Then::Added(token, place))),
            None => Ok(Vec::new()),
        }
    }

    /// What the transaction becomes when the partitions join it; `None` if they have already.
    fn join(&self, now: SimTime, joining: Joining<'_>) -> Result<Option<Transaction>, ErrorCode> {
        let current = self.joinable(&joining)?;
        let ongoing = current.state == TxnState::Ongoing;
        if ongoing && joining.partitions.is_subset(&current.partitions) {
            return Ok(None);
        }
        let now_ms = now.as_millis();
        let mut next = Transaction {
            state: TxnState::Ongoing,
            update_ms: now_ms,
            client_version: joining.client_version,
            ..current.clone()
        };
        if !ongoing {
            next.start_ms = now_ms;
        }
        let mut partitions = joining.partitions;
        next.partitions.append(&mut partitions);
        Ok(Some(next))
    }

    /// The partitions that are not part of the transaction, which must be open.
    fn missing(&self, joining: &Joining<'_>) -> Result<SortedSet<TopicPartition>, ErrorCode> {
        let current = self.joinable(joining)?;
        let missing = joining.partitions.difference(&current.partitions);
        Ok(missing.cloned().collect())
    }

    fn joinable(&self, joining: &Joining<'_>) -> Result<&Transaction, ErrorCode> {
        if joining.transactional_id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let shard = self.serving(joining.transactional_id)?;
        let entry = shard.entries.get(joining.transactional_id);
        let entry = entry.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        let current = &entry.current;
        if current.producer_id != joining.producer_id {
            Err(ErrorCode::InvalidProducerIdMapping)
        } else if current.producer_epoch != joining.producer_epoch {
            Err(ErrorCode::ProducerFenced)
        } else if entry.pending.is_some() || current.state.is_prepared() {
            Err(ErrorCode::ConcurrentTransactions)
        } else {
            Ok(current)
        }
    }
}

impl AddBatch {
    fn into_response(self) -> AddPartitionsToTxnResponse {
        let mut results = self.results;
        if self.version >= SEVERAL_SINCE {
            return AddPartitionsToTxnResponse {
                results_by_transaction: results,
                ..AddPartitionsToTxnResponse::default()
            };
        }
        let only = results.pop();
        AddPartitionsToTxnResponse {
            results_by_topic_v3_and_below: only.map(|only| only.topic_results).unwrap_or_default(),
            ..AddPartitionsToTxnResponse::default()
        }
    }
}

/// What went wrong for the partitions of one transaction.
enum Outcomes {
    /// The same for all.
    All(ErrorCode),
    /// Some do not exist; so the others did not join.
    Unknown(SortedSet<TopicPartition>),
    /// Some are not part of the transaction.
    Missing(SortedSet<TopicPartition>),
}

impl Outcomes {
    fn of(&self, topic: &str, index: i32) -> ErrorCode {
        let at = || TopicPartition::new(topic, index);
        match self {
            Outcomes::All(code) => *code,
            Outcomes::Unknown(unknown) if unknown.contains(&at()) => {
                ErrorCode::UnknownTopicOrPartition
            }
            Outcomes::Unknown(_) => ErrorCode::OperationNotAttempted,
            Outcomes::Missing(missing) if missing.contains(&at()) => {
                ErrorCode::TransactionAbortable
            }
            Outcomes::Missing(_) => ErrorCode::None,
        }
    }
}

/// The transactions that a request of any version is about.
fn transactions(
    request: AddPartitionsToTxnRequest,
    version: i16,
) -> Vec<AddPartitionsToTxnTransaction> {
    if version >= SEVERAL_SINCE {
        return request.transactions;
    }
    vec![AddPartitionsToTxnTransaction {
        transactional_id: request.v3_and_below_transactional_id,
        producer_id: request.v3_and_below_producer_id,
        producer_epoch: request.v3_and_below_producer_epoch,
        verify_only: false,
        topics: request.v3_and_below_topics,
    }]
}

/// The answer to AddOffsetsToTxn, once it is written.
pub(super) fn offsets_added(caller: super::Caller) -> Vec<TxnEffect> {
    respond(caller.token, refuse::add_offsets(caller, Ok(())))
}
