//! Requests that wait for something to happen to partitions, or for their time to run out.

use records::sorted::{SortedMap, SortedSet};

use serde::Serialize;

use crate::api::delete_records::DelayedDelete;
use crate::api::fetch::{DelayedFetch, Part};
use crate::api::produce::DelayedProduce;
use crate::api::write_txn_markers::DelayedMarkers;
use crate::group::{RequestToken, WriteId};
use crate::ids::TopicPartition;
use crate::time::{Reason, SimTime, Wakeup};

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Waiter {
    /// A client's request.
    Request(RequestToken),
    /// A write of the group coordinator.
    GroupWrite(WriteId),
    /// A write of the transaction coordinator.
    TxnWrite(WriteId),
    /// A request to write markers. They come after the group coordinator's writes: offsets must be
    /// there before the marker that makes them count.
    Markers(RequestToken),
}

/// What it waits for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Delayed {
    /// Appended records are to be committed.
    Produce(DelayedProduce),
    /// Enough bytes are to be readable.
    Fetch(DelayedFetch),
    /// All replicas are to delete.
    Delete(DelayedDelete),
    /// Records of a coordinator are to be committed.
    Coordinator(DelayedWrite),
    /// Markers are to be committed.
    Markers(DelayedMarkers),
}

/// A write of a coordinator that waits for the high watermark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DelayedWrite {
    /// A partition of the coordinator's topic.
    pub partition: TopicPartition,
    /// The high watermark that confirms it.
    pub required: i64,
    /// The leader epoch it was appended in.
    pub leader_epoch: i32,
}

/// A request, and until when it may wait.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Parked {
    deadline: SimTime,
    delayed: Delayed,
}

/// All requests that wait. Looking one up costs what its partitions cost, not what all cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Purgatory {
    parked: SortedMap<Waiter, Parked>,
    deadlines: SortedSet<(SimTime, Waiter)>,
    watchers: SortedMap<TopicPartition, SortedSet<Waiter>>,
}

impl Delayed {
    fn partitions(&self) -> Vec<TopicPartition> {
        match self {
            Delayed::Produce(delayed) => delayed.partitions(),
            Delayed::Fetch(delayed) => delayed.partitions(),
            Delayed::Delete(delayed) => delayed.partitions(),
            Delayed::Coordinator(delayed) => vec![delayed.partition.clone()],
            Delayed::Markers(delayed) => delayed.partitions(),
        }
    }

    fn reason(&self) -> Reason {
        match self {
            Delayed::Fetch(_) => Reason::FetchDeadline,
            Delayed::Produce(_)
            | Delayed::Delete(_)
            | Delayed::Coordinator(_)
            | Delayed::Markers(_) => Reason::ProduceDeadline,
        }
    }
}

impl Purgatory {
    /// Parks a request.
    pub fn park(&mut self, waiter: Waiter, deadline: SimTime, delayed: Delayed) {
        for partition in delayed.partitions() {
            self.watchers.entry(partition).or_default().insert(waiter);
        }
        self.deadlines.insert((deadline, waiter));
        self.parked.insert(waiter, Parked { deadline, delayed });
    }

    /// A fetch that waits looks at one more partition of its session.
    pub(crate) fn extend_fetch(&mut self, waiter: Waiter, place: u64, part: Part) {
        if let (Some(Delayed::Fetch(fetch)), Ok(partition)) = (self.get_mut(waiter), &part.target) {
            let partition = partition.clone();
            fetch.add(place, part);
            self.watchers.entry(partition).or_default().insert(waiter);
        }
    }

    /// The requests that wait for a partition.
    pub fn watching(&self, partition: &TopicPartition) -> Vec<Waiter> {
        let watchers = self.watchers.get(partition);
        watchers.map_or_else(Vec::new, |watchers| watchers.iter().copied().collect())
    }

    /// What a request waits for.
    pub fn get_mut(&mut self, waiter: Waiter) -> Option<&mut Delayed> {
        Some(&mut self.parked.get_mut(&waiter)?.delayed)
    }

    /// Takes a request out.
    pub fn remove(&mut self, waiter: Waiter) -> Option<Delayed> {
        let parked = self.parked.remove(&waiter)?;
        self.deadlines.remove(&(parked.deadline, waiter));
        for partition in parked.delayed.partitions() {
            if let Some(watchers) = self.watchers.get_mut(&partition) {
                watchers.remove(&waiter);
                if watchers.is_empty() {
                    self.watchers.remove(&partition);
                }
            }
        }
        Some(parked.delayed)
    }

    /// The next request whose time has run out.
    pub fn next_overdue(&self, now: SimTime) -> Option<Waiter> {
        let (at, waiter) = self.deadlines.first()?;
        (*at <= now).then_some(*waiter)
    }

    /// When the first request's time runs out.
    pub fn next_wakeup(&self) -> Option<Wakeup> {
        let (at, waiter) = self.deadlines.first()?;
        let reason = self.parked.get(waiter)?.delayed.reason();
        Some(Wakeup { at: *at, reason })
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.parked.is_empty()
    }
}
