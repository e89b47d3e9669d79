//! InitProducerId with a transactional id: the producer gets its id and an epoch that shuts out every
//! earlier instance of it.

use protocol::ErrorCode;
use protocol::messages::init_producer_id::InitProducerIdRequest;

use crate::time::SimTime;
use crate::txn::end::End;
use crate::txn::shard::{Caller, EndedBy, Entry, Then};
use crate::txn::state::{NO_EPOCH, NO_ID, Transaction, TxnState, is_exhausted};
use crate::txn::{Asked, Effects, TxnCoordinator, refuse, respond};

/// The id and epoch that a producer says it has.
#[derive(Clone, Copy)]
struct Expected {
    id: i64,
    epoch: i16,
}

/// What a request comes to.
enum Step {
    /// The producer gets what this says.
    Write(Transaction),
    /// An earlier instance is in the middle of a transaction: abort it first.
    Fence(End),
}

impl TxnCoordinator {
    pub(super) fn init(
        &mut self,
        now: SimTime,
        asked: &mut Asked<'_>,
        request: &InitProducerIdRequest,
    ) -> Effects {
        let caller = asked.caller();
        match self.init_step(now, asked, request) {
            Ok(Step::Write(next)) => self.write(next, Then::Initialized(caller)),
            Ok(Step::Fence(end)) => self.end(now, asked.fresh_id, end),
            Err(code) => respond(caller.token, refuse::init(caller, Err(code))),
        }
    }

    fn init_step(
        &mut self,
        now: SimTime,
        asked: &mut Asked<'_>,
        request: &InitProducerIdRequest,
    ) -> Result<Step, ErrorCode> {
        let expected = expected(request)?;
        let id = request.transactional_id.as_deref().unwrap_or_default();
        if id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let timeout_ms = request.transaction_timeout_ms;
        if timeout_ms <= 0 || timeout_ms > self.config.max_timeout_ms {
            return Err(ErrorCode::InvalidTransactionTimeout);
        }
        let now_ms = now.as_millis();
        let shard = self.serving_mut(id)?;
        if !shard.entries.contains_key(id) {
            // The transactional id is known from now on, even if what follows cannot be written.
            let fresh = (asked.fresh_id)().ok_or(ErrorCode::CoordinatorLoadInProgress)?;
            let transaction = Transaction::new(id, fresh, timeout_ms, now_ms);
            shard.entries.insert(id.to_owned(), Entry::new(transaction));
        }
        let entry = shard.entries.get_mut(id);
        let entry = entry.ok_or(ErrorCode::UnknownServerError)?;
        if entry.pending.is_some() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        if expected.is_some_and(|expected| !is_known(&entry.current, expected)) {
            return Err(ErrorCode::ProducerFenced);
        }
        match entry.current.state {
            TxnState::PrepareCommit | TxnState::PrepareAbort => {
                Err(ErrorCode::ConcurrentTransactions)
            }
            TxnState::Ongoing => Ok(Step::Fence(entry.fence(EndedBy::Successor(asked.caller())))),
            TxnState::Dead | TxnState::PrepareEpochFence => Err(ErrorCode::UnknownServerError),
            TxnState::Empty | TxnState::CompleteCommit | TxnState::CompleteAbort => {
                let mut next = fresh_start(&entry.current, timeout_ms, now_ms);
                let spent = next.is_epoch_exhausted()
                    && expected.is_none_or(|expected| expected.epoch == next.producer_epoch);
                if spent {
                    let fresh = (asked.fresh_id)().ok_or(ErrorCode::CoordinatorLoadInProgress)?;
                    rotate(&mut next, fresh, expected.is_some());
                } else {
                    bump(&mut next, expected)?;
                }
                Ok(Step::Write(next))
            }
        }
    }

    /// The answer, once it is written.
    pub(super) fn initialized(caller: Caller, next: &Transaction) -> Effects {
        let got = (next.producer_id, next.producer_epoch);
        respond(caller.token, refuse::init(caller, Ok(got)))
    }
}

impl Entry {
    /// Begins to shut out the instance whose transaction is open. The epoch is never given to anybody.
    pub(super) fn fence(&mut self, by: EndedBy) -> End {
        self.pending = Some(TxnState::PrepareEpochFence);
        let epoch = self.current.producer_epoch;
        End {
            transactional_id: self.current.transactional_id.clone(),
            producer_id: self.current.producer_id,
            producer_epoch: if self.failed_fence {
                epoch
            } else {
                epoch.saturating_add(1)
            },
            commit: false,
            client_version: self.current.client_version,
            by,
        }
    }
}

fn expected(request: &InitProducerIdRequest) -> Result<Option<Expected>, ErrorCode> {
    match (request.producer_id, request.producer_epoch) {
        (NO_ID, NO_EPOCH) => Ok(None),
        (NO_ID, _) | (_, NO_EPOCH) => Err(ErrorCode::InvalidRequest),
        (id, epoch) => Ok(Some(Expected { id, epoch })),
    }
}

/// Whether the producer may be the one that has the id, or had it until its epochs ran out.
fn is_known(current: &Transaction, expected: Expected) -> bool {
    current.producer_epoch == NO_EPOCH
        || expected.id == current.producer_id
        || (expected.id == current.previous_producer_id && is_exhausted(expected.epoch))
}

fn fresh_start(current: &Transaction, timeout_ms: i32, now_ms: i64) -> Transaction {
    Transaction {
        state: TxnState::Empty,
        partitions: records::sorted::SortedSet::new(),
        timeout_ms,
        start_ms: -1,
        update_ms: now_ms,
        ..current.clone()
    }
}

/// The epochs of this id have run out: the producer gets another.
fn rotate(next: &mut Transaction, fresh: i64, remember: bool) {
    next.previous_producer_id = next.producer_id;
    next.producer_id = fresh;
    next.last_producer_epoch = if remember {
        next.producer_epoch
    } else {
        NO_EPOCH
    };
    next.producer_epoch = 0;
}

fn bump(next: &mut Transaction, expected: Option<Expected>) -> Result<(), ErrorCode> {
    let epoch = next.producer_epoch;
    let bumped = epoch.saturating_add(1);
    let (epoch, last) = match expected {
        None => (bumped, NO_EPOCH),
        // The producer goes on after an error, and nobody else has come in between.
        Some(expected) if epoch == NO_EPOCH || expected.epoch == epoch => (bumped, epoch),
        // It asks again, as it never saw the answer.
        Some(expected) if expected.epoch == next.last_producer_epoch => {
            (epoch, next.last_producer_epoch)
        }
        Some(_) => return Err(ErrorCode::ProducerFenced),
    };
    next.producer_epoch = epoch;
    next.last_producer_epoch = last;
    Ok(())
}
