//! The coordinator of transactions: which producer has which epoch, which partitions are part of its
//! transaction, and how that ends.
//!
//! It never touches a log or a connection. Requests, time and the outcome of writes go in;
//! [`TxnEffect`]s come out. What must survive a crash is written as records to the transactions topic
//! first and counts once the write is safe: replaying those records gives the same transactions, and
//! those that were decided are seen through. Each transactional id belongs to one partition of that
//! topic, and the broker that leads it coordinates its transactions.
//!
//! - [`Transaction`], [`TxnState`]: a transactional id as it stands, for reading
//! - `init`: InitProducerId; `add`: partitions and groups join; `end`: commit, abort, time out
//! - `describe`: the view from outside; `refuse`: how each API says how it went
//! - `shard`: one partition's transactional ids; `face`: what goes out

mod add;
mod describe;
mod end;
mod face;
mod init;
mod refuse;
mod shard;
mod state;
mod written;

use protocol::{ErrorCode, Request};
use records::sorted::SortedMap;
use serde::Serialize;

pub use face::{MarkerJob, MarkerKey, TxnConfig, TxnEffect};
pub use state::{Transaction, TxnState};

use crate::group::{RequestContext, RequestToken, TopicResolver, WriteId, partition_of_group};
use crate::time::{Reason, SimTime, Wakeup};
use add::AddBatch;
use shard::{Caller, Entry, Shard, Then, Write};

type Effects = Vec<TxnEffect>;

/// What a request of a transaction comes with.
#[allow(missing_debug_implementations)]
pub struct Asked<'a> {
    /// Who asks, and how.
    pub context: &'a RequestContext,
    /// The topics that exist.
    pub topics: &'a dyn TopicResolver,
    /// The partition of the offsets topic that keeps a group.
    pub offsets_partitions: i32,
    /// A producer id that nobody has, if there is one.
    pub fresh_id: &'a mut dyn FnMut() -> Option<i64>,
}

/// The coordinator of one broker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TxnCoordinator {
    config: TxnConfig,
    shards: SortedMap<i32, Shard>,
    next_write: u64,
    batches: SortedMap<RequestToken, AddBatch>,
    next_abort_check: SimTime,
    next_expiry_check: SimTime,
}

impl TxnCoordinator {
    /// A coordinator of nothing yet, on a broker that starts at `now`.
    pub fn new(config: TxnConfig, now: SimTime) -> TxnCoordinator {
        TxnCoordinator {
            next_abort_check: now.plus_millis(config.abort_check_interval_ms),
            next_expiry_check: now.plus_millis(config.expiry_check_interval_ms),
            config,
            shards: SortedMap::new(),
            next_write: 0,
            batches: SortedMap::new(),
        }
    }

    /// The partition of the transactions topic that keeps a transactional id.
    pub fn partition_for(&self, transactional_id: &str) -> i32 {
        partition_of_group(transactional_id, self.config.partitions)
    }

    /// How many partitions there are to keep them in, before the first is served.
    pub fn set_partitions(&mut self, count: i32) {
        self.config.partitions = count;
    }

    /// This broker has begun to lead a partition of the transactions topic: replay it, then
    /// [`Self::finish_loading`]. Resign first if it led it before.
    pub fn start_loading(&mut self, partition: i32, leader_epoch: i32) {
        let known = self.shards.get(&partition).map(|shard| shard.epoch);
        if known != Some(leader_epoch) {
            self.shards.insert(partition, Shard::new(leader_epoch));
        }
    }

    /// Takes in a record of a partition that is being loaded, in the order of the log.
    pub fn replay(&mut self, partition: i32, key: &[u8], value: Option<&[u8]>) {
        if let Some(shard) = self.shards.get_mut(&partition)
            && shard.loading
        {
            shard.replay(key, value);
        }
    }

    /// All is replayed: its transactional ids are served from now on.
    pub fn finish_loading(&mut self, partition: i32) -> Effects {
        match self.shards.get_mut(&partition) {
            Some(shard) if shard.loading => shard.finish_loading(partition),
            _ => Vec::new(),
        }
    }

    /// This broker leads the partition no more: all who wait are told so.
    pub fn resign(&mut self, partition: i32) -> Effects {
        let Some(shard) = self.shards.remove(&partition) else {
            return Vec::new();
        };
        let mut effects = vec![TxnEffect::DropMarkers(partition)];
        for write in shard.writes.into_values() {
            self.tell_lost(write.then, ErrorCode::NotCoordinator, &mut effects);
        }
        effects
    }

    /// Whether a request can be served only with a new producer id.
    pub fn needs_producer_id(&self, request: &Request) -> bool {
        let entry = |id: &str| self.shards.get(&self.partition_for(id))?.entries.get(id);
        let exhausted = |entry: &Entry| entry.current.is_epoch_exhausted();
        match request {
            Request::InitProducerId(request) => {
                let id = request.transactional_id.as_deref().unwrap_or_default();
                self.serving(id).is_ok() && entry(id).is_none_or(exhausted)
            }
            Request::EndTxn(request) => entry(&request.transactional_id).is_some_and(exhausted),
            _ => false,
        }
    }

    /// Takes a request of one of the APIs of transactions. It is answered now or, with its token,
    /// later. Requests of other APIs give no effect.
    pub fn handle(&mut self, now: SimTime, asked: &mut Asked<'_>, request: Request) -> Effects {
        match request {
            Request::InitProducerId(request) => self.init(now, asked, &request),
            Request::AddPartitionsToTxn(request) => self.add_partitions(now, asked, request),
            Request::AddOffsetsToTxn(request) => self.add_offsets(now, asked, &request),
            Request::EndTxn(request) => self.end_requested(now, asked, &request),
            Request::DescribeTransactions(request) => self.describe(asked, request),
            Request::ListTransactions(request) => self.list(now, asked, &request),
            _ => Vec::new(),
        }
    }

    /// Does what is due: transactions that took too long, transactional ids that nobody uses.
    pub fn advance(&mut self, now: SimTime) -> Effects {
        let mut effects = Vec::new();
        if self.next_abort_check <= now {
            let interval = self.config.abort_check_interval_ms;
            self.next_abort_check = next_check(self.next_abort_check, now, interval);
            effects.extend(self.abort_overdue(now));
        }
        if self.next_expiry_check <= now {
            let interval = self.config.expiry_check_interval_ms;
            self.next_expiry_check = next_check(self.next_expiry_check, now, interval);
            effects.extend(self.expire(now));
        }
        effects
    }

    /// When [`Self::advance`] is wanted next: a look that would find nothing is left out.
    pub fn next_wakeup(&self) -> Option<Wakeup> {
        let at_rest = |entry: &&Entry| entry.pending.is_none();
        let entries = || self.entries().filter(at_rest);
        let overdue = entries().filter_map(|entry| entry.current.times_out_at());
        let expired = entries().filter(|entry| entry.current.state.is_at_rest());
        let expired = expired.map(|entry| self.expires_at(&entry.current));
        let wakeup = |due: Option<i64>, next: SimTime, interval: i64, reason| {
            let at = first_check(SimTime::from_millis(due?), next, interval);
            Some(Wakeup { at, reason })
        };
        Wakeup::earlier(
            wakeup(
                overdue.min(),
                self.next_abort_check,
                self.config.abort_check_interval_ms,
                Reason::TransactionTimeout,
            ),
            wakeup(
                expired.min(),
                self.next_expiry_check,
                self.config.expiry_check_interval_ms,
                Reason::TransactionalIdExpiry,
            ),
        )
    }

    /// All transactional ids coordinated here, for reading, by partition and name.
    pub fn transactions(&self) -> impl Iterator<Item = &Transaction> {
        self.entries().map(|entry| &entry.current)
    }

    /// A transactional id coordinated here.
    pub fn transaction(&self, id: &str) -> Option<&Transaction> {
        let shard = self.shards.get(&self.partition_for(id))?;
        Some(&shard.entries.get(id)?.current)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        let loaded = self.shards.values().filter(|shard| !shard.loading);
        loaded.flat_map(|shard| shard.entries.values())
    }

    fn expires_at(&self, transaction: &Transaction) -> i64 {
        transaction
            .update_ms
            .saturating_add(self.config.id_expiration_ms)
    }

    /// The partition of a transactional id, if it is coordinated here.
    fn serving(&self, id: &str) -> Result<&Shard, ErrorCode> {
        match self.shards.get(&self.partition_for(id)) {
            None => Err(ErrorCode::NotCoordinator),
            Some(shard) if shard.loading => Err(ErrorCode::CoordinatorLoadInProgress),
            Some(shard) => Ok(shard),
        }
    }

    /// The same, to change.
    fn serving_mut(&mut self, id: &str) -> Result<&mut Shard, ErrorCode> {
        let partition = self.partition_for(id);
        self.serving(id)?;
        let shard = self.shards.get_mut(&partition);
        shard.ok_or(ErrorCode::NotCoordinator)
    }

    /// Writes what a transactional id becomes, and then does `then`. Nothing else may begin
    /// meanwhile.
    fn write(&mut self, next: Transaction, then: Then) -> Effects {
        let id = next.transactional_id.clone();
        let state = next.state;
        self.append(id, state, Some(next), then)
    }

    fn append(
        &mut self,
        id: String,
        state: TxnState,
        next: Option<Transaction>,
        then: Then,
    ) -> Effects {
        let partition = self.partition_for(&id);
        let name = WriteId(self.next_write);
        let Some(shard) = self.shards.get_mut(&partition) else {
            return Vec::new();
        };
        if let Some(entry) = shard.entries.get_mut(&id) {
            entry.pending = Some(state);
        }
        self.next_write = self.next_write.saturating_add(1);
        let write = Write {
            transactional_id: id,
            next,
            then,
        };
        let record = shard::record_of(&write);
        shard.writes.insert(name, write);
        vec![TxnEffect::Append {
            partition,
            record,
            write: name,
        }]
    }
}

impl Asked<'_> {
    fn caller(&self) -> Caller {
        Caller {
            token: self.context.token,
            version: self.context.api_version,
        }
    }
}

/// The first look after `now`, on the grid that `last` is on.
fn next_check(last: SimTime, now: SimTime, interval_ms: i64) -> SimTime {
    first_check(now.plus_micros(1), last, interval_ms)
}

/// The first look not before `due`, on the grid that begins with `next`.
fn first_check(due: SimTime, next: SimTime, interval_ms: i64) -> SimTime {
    let interval = u64::try_from(interval_ms.max(1)).unwrap_or(1);
    let interval = interval.saturating_mul(1_000);
    let steps = due.micros_since(next).div_ceil(interval);
    next.plus_micros(steps.saturating_mul(interval))
}

fn respond(token: RequestToken, response: impl Into<protocol::Response>) -> Effects {
    vec![TxnEffect::Respond {
        token,
        response: response.into(),
    }]
}
