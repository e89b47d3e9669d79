//! The coordinator of classic groups: who is in a group, who reads what, and how far they have read.
//!
//! It never touches a log or a connection. Requests, time and the outcome of writes go in;
//! [`CoordinatorEffect`]s come out. What must survive a crash is written as records to the offsets topic
//! first and counts once the write is safe: replaying those records gives the same groups and offsets.
//! Each group belongs to one partition of that topic, and the broker that leads it coordinates the group.
//!
//! - [`Group`], [`GroupState`], [`Member`]: a group as it stands, for reading
//! - `join`, `sync`, `session`: what members ask; `rebalance`: from one generation to the next
//! - `commit`, `fetch`: offsets; `txn_commit`: those of transactions; `describe`: the view from outside; [`find_coordinator`]: who to ask
//! - `shard`: one partition's groups; `change`: its records

mod change;
mod commit;
pub mod consumer;
mod describe;
mod face;
mod fetch;
mod find;
mod join;
mod member;
mod membership;
mod rebalance;
mod refuse;
mod route;
mod session;
mod shard;
mod state;
mod sync;
mod turn;
mod txn_commit;

use records::sorted::{SortedMap, SortedSet};

use protocol::messages::delete_groups::DeleteGroupsResponse;
use protocol::{ErrorCode, Request};
use serde::Serialize;

pub use change::{Change, CommittedOffset, Offsets};
pub use face::{
    CoordinatorEffect, CoordinatorRecord, GroupConfig, RequestContext, RequestToken, TopicResolver,
    WriteId,
};
pub use find::{CoordinatorNode, KeyType, find_coordinator, partition_of_group};
pub use member::{Member, Parked};
pub use membership::Group;
pub use state::{GroupState, InitialDelay, Joining, Syncing};
pub use txn_commit::refuse_commit;

use crate::rng::Rng;
use crate::time::{SimTime, Wakeup};
use shard::{Deleted, Shard};
use turn::Turn;

/// The coordinator of one broker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupCoordinator {
    config: GroupConfig,
    rng: Rng,
    shards: SortedMap<i32, Shard>,
    next_write: u64,
    deletions: SortedMap<RequestToken, Deletion>,
}

/// A DeleteGroups that waits for writes to one or more partitions.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Deletion {
    partitions: SortedSet<i32>,
    response: DeleteGroupsResponse,
}

impl GroupCoordinator {
    /// A coordinator of nothing yet; `rng` makes member ids.
    pub fn new(config: GroupConfig, rng: Rng) -> GroupCoordinator {
        GroupCoordinator {
            config,
            rng,
            shards: SortedMap::new(),
            next_write: 0,
            deletions: SortedMap::new(),
        }
    }

    /// The offsets partition that keeps a group.
    pub fn partition_for(&self, group: &str) -> i32 {
        partition_of_group(group, self.config.offsets_partitions)
    }

    /// How many partitions there are to keep them in, before the first is served.
    pub fn set_partitions(&mut self, count: i32) {
        self.config.offsets_partitions = count;
    }

    /// This broker has begun to lead an offsets partition: replay it, then [`Self::finish_loading`].
    /// Starts over if it was loaded already, unless in the same epoch. Resign first if it was.
    pub fn start_loading(&mut self, partition: i32, leader_epoch: i32) {
        let known = self.shards.get(&partition).map(|shard| shard.leader_epoch);
        if known != Some(leader_epoch) {
            self.shards.insert(partition, Shard::new(leader_epoch));
        }
    }

    /// Takes in a record of a partition that is being loaded, in the order of the log. Records of
    /// other kinds of groups are skipped.
    pub fn replay(&mut self, partition: i32, key: &[u8], value: Option<&[u8]>) {
        if let Some(shard) = self.shards.get_mut(&partition)
            && shard.loading
            && let Some(change) = Change::decode(key, value)
        {
            shard.replay(change);
        }
    }

    /// All is replayed: groups are served from now on. Members get a whole session to be heard of.
    pub fn finish_loading(&mut self, now: SimTime, partition: i32) {
        if let Some(shard) = self.shards.get_mut(&partition)
            && shard.loading
        {
            shard.finish_loading(now, &self.config);
        }
    }

    /// This broker leads the partition no more: all who wait are told so, and its groups are dropped.
    pub fn resign(&mut self, partition: i32) -> Vec<CoordinatorEffect> {
        let Some(mut shard) = self.shards.remove(&partition) else {
            return Vec::new();
        };
        let (mut effects, deleted) = {
            let mut turn = self.turn(SimTime::default(), partition);
            let deleted = shard.resign(&mut turn);
            (turn.effects, deleted)
        };
        self.settle_deletions(partition, deleted, &mut effects);
        effects
    }

    /// Takes a request of one of the group APIs. It is answered now or, with its token, later.
    /// Requests of other APIs give no effect.
    pub fn handle(
        &mut self,
        now: SimTime,
        context: &RequestContext,
        request: Request,
        topics: &dyn TopicResolver,
    ) -> Vec<CoordinatorEffect> {
        self.route(now, context, request, topics)
    }

    /// The outcome of a [`CoordinatorEffect::Append`]: `Ok` once the high watermark has passed it.
    /// Writes that are not known, as after resigning, are ignored.
    pub fn on_written(
        &mut self,
        now: SimTime,
        write: WriteId,
        result: Result<(), ErrorCode>,
    ) -> Vec<CoordinatorEffect> {
        let found = self
            .shards
            .iter()
            .find(|(_, s)| s.writes.contains_key(&write));
        let Some(partition) = found.map(|(partition, _)| *partition) else {
            return Vec::new();
        };
        let mut deleted = Vec::new();
        let mut effects = self.in_shard(now, partition, |shard, turn| {
            deleted = shard.on_written(turn, write, result);
        });
        self.settle_deletions(partition, deleted, &mut effects);
        effects
    }

    /// Topics are gone: so are the offsets committed for them.
    pub fn on_topics_deleted(&mut self, now: SimTime, topics: &[String]) -> Vec<CoordinatorEffect> {
        let topics: SortedSet<&str> = topics.iter().map(String::as_str).collect();
        self.in_each_shard(now, |shard, turn| shard.topics_deleted(turn, &topics))
    }

    /// Does what is due: rebalances that took too long, members that fell silent, old offsets.
    pub fn advance(&mut self, now: SimTime, topics: &dyn TopicResolver) -> Vec<CoordinatorEffect> {
        self.in_each_shard(now, |shard, turn| shard.advance(turn, topics))
    }

    /// When [`Self::advance`] is wanted next.
    pub fn next_wakeup(&self) -> Option<Wakeup> {
        self.shards.values().filter_map(Shard::next_wakeup).min()
    }

    /// All groups coordinated here, for reading, by partition and name.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.shards.values().flat_map(|shard| shard.groups.values())
    }

    /// A group coordinated here.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.shards.get(&self.partition_for(id))?.groups.get(id)
    }

    fn turn(&mut self, now: SimTime, partition: i32) -> Turn<'_> {
        Turn {
            now,
            config: &self.config,
            rng: &mut self.rng,
            partition,
            next_write: &mut self.next_write,
            effects: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Lets one partition's groups act, and keeps what they wrote.
    fn in_shard(
        &mut self,
        now: SimTime,
        partition: i32,
        act: impl FnOnce(&mut Shard, &mut Turn<'_>),
    ) -> Vec<CoordinatorEffect> {
        let Some(mut shard) = self.shards.remove(&partition) else {
            return Vec::new();
        };
        let mut turn = self.turn(now, partition);
        act(&mut shard, &mut turn);
        let Turn {
            effects, written, ..
        } = turn;
        shard.writes.extend(written);
        self.shards.insert(partition, shard);
        effects
    }

    /// The same for every partition that is loaded.
    fn in_each_shard(
        &mut self,
        now: SimTime,
        act: impl Fn(&mut Shard, &mut Turn<'_>),
    ) -> Vec<CoordinatorEffect> {
        let loaded = self.shards.iter().filter(|(_, shard)| !shard.loading);
        let loaded: Vec<i32> = loaded.map(|(partition, _)| *partition).collect();
        let mut effects = Vec::new();
        for partition in loaded {
            effects.extend(self.in_shard(now, partition, &act));
        }
        effects
    }

    /// Puts outcomes into the DeleteGroups that wait for them; answers those that wait no more.
    fn settle_deletions(
        &mut self,
        partition: i32,
        deleted: Vec<Deleted>,
        effects: &mut Vec<CoordinatorEffect>,
    ) {
        for Deleted {
            request,
            groups,
            error,
        } in deleted
        {
            let Some(deletion) = self.deletions.get_mut(&request) else {
                continue;
            };
            if let Some(error) = error {
                let results = deletion.response.results.iter_mut();
                for result in results.filter(|result| groups.contains(&result.group_id)) {
                    result.error_code = error.code();
                }
            }
            deletion.partitions.remove(&partition);
            if deletion.partitions.is_empty()
                && let Some(deletion) = self.deletions.remove(&request)
            {
                effects.push(CoordinatorEffect::Respond {
                    token: request,
                    response: deletion.response.into(),
                });
            }
        }
    }
}
