//! How a transaction ends: its producer commits or aborts it, a successor shuts the producer out, or
//! it takes too long.

use protocol::ErrorCode;
use protocol::messages::end_txn::EndTxnRequest;

use crate::time::SimTime;
use crate::txn::shard::{Caller, EndedBy, Entry, Then};
use crate::txn::state::{EPOCH_PER_TRANSACTION, NO_EPOCH, NO_ID, Transaction, TxnState};
use crate::txn::{Asked, Effects, TxnCoordinator, refuse, respond};

/// From this version on a producer takes a new epoch with every transaction.
const EPOCHS_SINCE: i16 = 5;

/// A transaction is to end.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) transactional_id: String,
    pub(super) producer_id: i64,
    pub(super) producer_epoch: i16,
    pub(super) commit: bool,
    pub(super) client_version: i16,
    pub(super) by: EndedBy,
}

/// What that comes to.
enum Step {
    /// It is decided now. `true`: although no partition has joined.
    Decide(bool),
    /// It was decided and done before: this is the same request again.
    Done,
}

impl TxnCoordinator {
    #[inline(never)]
    pub(super) fn end_requested(
        &mut self,
        now: SimTime,
        asked: &mut Asked<'_>,
        request: &EndTxnRequest,
    ) -> Effects {
        let caller = asked.caller();
        let end = End {
            transactional_id: request.transactional_id.clone(),
            producer_id: request.producer_id,
            producer_epoch: request.producer_epoch,
            commit: request.committed,
            client_version: if caller.version >= EPOCHS_SINCE {
                EPOCH_PER_TRANSACTION
            } else {
                0
            },
            by: EndedBy::Producer(caller),
        };
        self.end(now, asked.fresh_id, end)
    }

    pub(super) fn end(
        &mut self,
        now: SimTime,
        fresh_id: &mut dyn FnMut() -> Option<i64>,
        end: End,
    ) -> Effects {
        match self.decide(now, fresh_id, &end) {
            Ok(Some(next)) => self.write(next, Then::Prepared(end.by)),
            Ok(None) => self.done_before(&end),
            Err(code) => refused(end.by, code),
        }
    }

    /// What the transaction becomes; `None` if it has ended so before.
    #[inline(never)]
    fn decide(
        &mut self,
        now: SimTime,
        fresh_id: &mut dyn FnMut() -> Option<i64>,
        end: &End,
    ) -> Result<Option<Transaction>, ErrorCode> {
        if end.transactional_id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let shard = self.serving_mut(&end.transactional_id)?;
        let entry = shard.entries.get_mut(&end.transactional_id);
        let entry = entry.ok_or(ErrorCode::InvalidProducerIdMapping)?;
        let step = if end.client_version >= EPOCH_PER_TRANSACTION {
            entry.step_with_epochs(end)
        } else {
            entry.step_without_epochs(end)
        };
        let Step::Decide(without_partitions) = step? else {
            return Ok(None);
        };
        let spent = end.client_version >= EPOCH_PER_TRANSACTION
            && !end.by.is_fence()
            && entry.current.is_epoch_exhausted();
        let next_id = if spent {
            fresh_id().ok_or(ErrorCode::CoordinatorLoadInProgress)?
        } else {
            NO_ID
        };
        let mut next = entry.current.prepared(end, now.as_millis());
        next.next_producer_id = next_id;
        if without_partitions {
            next.start_ms = next.update_ms;
        }
        Ok(Some(next))
    }

    fn done_before(&self, end: &End) -> Effects {
        let EndedBy::Producer(caller) = end.by else {
            return Vec::new();
        };
        let current = self.transaction(&end.transactional_id);
        let got = current.map_or((NO_ID, NO_EPOCH), |current| {
            (current.producer_id, current.producer_epoch)
        });
        respond(caller.token, refuse::end(caller, Ok(got)))
    }

    /// Aborts the transactions that have taken too long; their producers are shut out.
    pub(super) fn abort_overdue(&mut self, now: SimTime) -> Effects {
        let now_ms = now.as_millis();
        let mut ends = Vec::new();
        for shard in self.shards.values_mut().filter(|shard| !shard.loading) {
            for entry in shard.entries.values_mut() {
                let late = entry.current.times_out_at().is_some_and(|at| at <= now_ms);
                if late && entry.pending.is_none() {
                    ends.push(entry.fence(EndedBy::Timeout));
                }
            }
        }
        let ends = ends.into_iter();
        let effects = ends.map(|end| self.end(now, &mut || None, end));
        effects.collect::<Vec<_>>().concat()
    }
}

impl Entry {
    /// How a producer that keeps its epoch ends a transaction.
    fn step_without_epochs(&self, end: &End) -> Result<Step, ErrorCode> {
        let current = &self.current;
        let fence = self.pending == Some(TxnState::PrepareEpochFence);
        let other = !end.by.is_fence() && end.producer_epoch != current.producer_epoch;
        if current.producer_id != end.producer_id {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        if other || end.producer_epoch < current.producer_epoch {
            return Err(ErrorCode::ProducerFenced);
        }
        if self.pending.is_some() && !fence {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        match (current.state, end.commit) {
            (TxnState::Ongoing, _) => Ok(Step::Decide(false)),
            (TxnState::CompleteCommit, true) | (TxnState::CompleteAbort, false) => Ok(Step::Done),
            (TxnState::PrepareCommit, true) | (TxnState::PrepareAbort, false) => {
                Err(ErrorCode::ConcurrentTransactions)
            }
            _ => Err(ErrorCode::InvalidTxnState),
        }
    }

    /// How a producer that takes a new epoch with every transaction ends one. The same epoch again
    /// means another transaction; the request sent again shows in the epoch before.
    fn step_with_epochs(&self, end: &End) -> Result<Step, ErrorCode> {
        let current = &self.current;
        let fence = self.pending == Some(TxnState::PrepareEpochFence);
        let same = end.producer_epoch == current.producer_epoch;
        let rotated = !fence
            && current.previous_producer_id == end.producer_id
            && end.producer_epoch == i16::MAX.saturating_sub(1)
            && current.producer_epoch == 0;
        let bumped = end.producer_epoch.checked_add(1) == Some(current.producer_epoch);
        let valid = if fence {
            end.by.is_fence() && end.producer_epoch >= current.producer_epoch
        } else {
            match current.state {
                TxnState::PrepareCommit | TxnState::PrepareAbort => bumped,
                TxnState::CompleteCommit | TxnState::CompleteAbort => bumped || rotated || same,
                _ => same,
            }
        };
        if self.pending.is_some() && !fence {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        if current.producer_id != end.producer_id && !rotated {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        if !valid {
            return Err(ErrorCode::ProducerFenced);
        }
        let again = bumped || rotated;
        match (current.state, end.commit) {
            (TxnState::Ongoing, _) => Ok(Step::Decide(false)),
            (TxnState::CompleteCommit, true) | (TxnState::CompleteAbort, false) if again => {
                Ok(Step::Done)
            }
            (TxnState::CompleteCommit | TxnState::CompleteAbort, false) if !again => {
                Ok(Step::Decide(true))
            }
            (TxnState::Empty, false) => Ok(Step::Decide(true)),
            (TxnState::PrepareCommit, true) | (TxnState::PrepareAbort, false) => {
                Err(ErrorCode::ConcurrentTransactions)
            }
            _ => Err(ErrorCode::InvalidTxnState),
        }
    }
}

impl Transaction {
    /// What it becomes when it is decided.
    fn prepared(&self, end: &End, now_ms: i64) -> Transaction {
        let state = if end.commit {
            TxnState::PrepareCommit
        } else {
            TxnState::PrepareAbort
        };
        let (epoch, last) = if end.client_version >= EPOCH_PER_TRANSACTION {
            (self.producer_epoch.saturating_add(1), self.producer_epoch)
        } else if end.by.is_fence() {
            (end.producer_epoch, NO_EPOCH)
        } else {
            (self.producer_epoch, self.last_producer_epoch)
        };
        Transaction {
            state,
            producer_epoch: epoch,
            last_producer_epoch: last,
            update_ms: now_ms,
            client_version: end.client_version,
            ..self.clone()
        }
    }

    /// What it becomes when all markers are written. A producer whose epochs have run out goes on
    /// with its next id.
    pub(super) fn completed(&self, now_ms: i64) -> Transaction {
        let state = match self.state {
            TxnState::PrepareCommit => TxnState::CompleteCommit,
            _ => TxnState::CompleteAbort,
        };
        let mut next = Transaction {
            state,
            partitions: records::sorted::SortedSet::new(),
            update_ms: now_ms,
            next_producer_id: NO_ID,
            ..self.clone()
        };
        if self.has_epoch_per_transaction() && self.next_producer_id != NO_ID {
            next.previous_producer_id = self.producer_id;
            next.producer_id = self.next_producer_id;
            next.producer_epoch = 0;
        }
        next
    }
}

/// Nothing was decided.
pub(super) fn refused(by: EndedBy, code: ErrorCode) -> Effects {
    match by {
        EndedBy::Producer(caller) => respond(caller.token, refuse::end(caller, Err(code))),
        EndedBy::Successor(caller) => respond(caller.token, refuse::init(caller, Err(code))),
        EndedBy::Timeout => Vec::new(),
    }
}

/// It is decided: the producer need not wait for the markers. A successor asks again.
pub(super) fn decided(by: EndedBy, decided: &Transaction) -> Effects {
    let answer = |caller: Caller| {
        let after = decided.completed(decided.update_ms);
        let got = (after.producer_id, after.producer_epoch);
        respond(caller.token, refuse::end(caller, Ok(got)))
    };
    match by {
        EndedBy::Producer(caller) => answer(caller),
        other => refused(other, ErrorCode::ConcurrentTransactions),
    }
}
