//! The partitions a consumer reads, and where in them it is.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use serde::Serialize;

use crate::assignor::java_order::{partition_hash, walk_order};

use super::{OffsetReset, SeekTo};

/// `ListOffsets` timestamps that stand for a place.
pub(super) const LATEST: i64 = -1;
pub(super) const EARLIEST: i64 = -2;

/// Where a consumer is in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) enum Position {
    /// To be found among the group's committed offsets, else by `auto.offset.reset`.
    Unknown,
    /// To be looked up by this timestamp.
    LookUp(i64),
    /// The next record to read.
    At {
        offset: i64,
        /// Leader epoch of the record before, if known.
        epoch: Option<i32>,
    },
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Partition {
    pub(super) position: Position,
    pub(super) paused: bool,
    pub(super) committed: Option<i64>,
    /// A request about it is on its way.
    pub(super) busy: bool,
    /// Not to be asked about before this.
    pub(super) retry_at: SimTime,
}

/// All partitions.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Partitions {
    pub(super) by_name: SortedMap<TopicPartition, Partition>,
    /// In the order in which they are fetched; who gave records goes to the end.
    pub(super) order: Vec<TopicPartition>,
}

impl Partitions {
    /// Reads exactly these from now on. The Java client keeps them in a hash table, whose order
    /// decides which partition's records come first.
    pub(super) fn assign(&mut self, now: SimTime, partitions: &[TopicPartition]) {
        self.by_name.retain(|tp, _| partitions.contains(tp));
        for tp in partitions {
            let new = || Partition::new(now);
            self.by_name.entry(tp.clone()).or_insert_with(new);
        }
        self.order = self.by_name.keys().cloned().collect();
        walk_order(&mut self.order, partition_hash);
    }

    pub(super) fn names(&self) -> Vec<TopicPartition> {
        self.by_name.keys().cloned().collect()
    }

    pub(super) fn get_mut(&mut self, tp: &TopicPartition) -> Option<&mut Partition> {
        self.by_name.get_mut(tp)
    }

    pub(super) fn position(&self, tp: &TopicPartition) -> Option<i64> {
        match self.by_name.get(tp)?.position {
            Position::At { offset, .. } => Some(offset),
            Position::Unknown | Position::LookUp(_) => None,
        }
    }

    /// What there is to commit: each known position, with its leader epoch or -1.
    pub(super) fn consumed(&self) -> Vec<(TopicPartition, i64, i32)> {
        let known = |(tp, partition): (&TopicPartition, &Partition)| match partition.position {
            Position::At { offset, epoch } => Some((tp.clone(), offset, epoch.unwrap_or(-1))),
            Position::Unknown | Position::LookUp(_) => None,
        };
        self.by_name.iter().filter_map(known).collect()
    }

    /// Serves the partition after all others next time.
    pub(super) fn move_to_end(&mut self, tp: &TopicPartition) {
        if let Some(at) = self.order.iter().position(|other| other == tp) {
            self.order.get_mut(at..).unwrap_or_default().rotate_left(1);
        }
    }

    /// When one may be asked about again.
    pub(super) fn next_retry(&self, now: SimTime) -> Option<SimTime> {
        let waiting = self
            .by_name
            .values()
            .filter(|p| !p.busy && p.retry_at > now);
        waiting.map(|partition| partition.retry_at).min()
    }
}

impl Partition {
    fn new(now: SimTime) -> Partition {
        Partition {
            position: Position::Unknown,
            paused: false,
            committed: None,
            busy: false,
            retry_at: now,
        }
    }

    /// Whether it can be asked about now.
    pub(super) fn is_free(&self, now: SimTime) -> bool {
        !self.busy && self.retry_at <= now
    }
}

/// The timestamp that a reset policy looks up; `None` if it is to fail.
pub(super) fn reset_timestamp(policy: OffsetReset) -> Option<i64> {
    match policy {
        OffsetReset::Earliest => Some(EARLIEST),
        OffsetReset::Latest => Some(LATEST),
        OffsetReset::None => None,
    }
}

/// The position that a seek leads to.
pub(super) fn sought(to: SeekTo) -> Position {
    match to {
        SeekTo::Offset(offset) => Position::At {
            offset: offset.max(0),
            epoch: None,
        },
        SeekTo::Beginning => Position::LookUp(EARLIEST),
        SeekTo::End => Position::LookUp(LATEST),
        SeekTo::Timestamp(at) => Position::LookUp(at.max(0)),
    }
}
