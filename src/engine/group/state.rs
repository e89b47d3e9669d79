//! The states of a group, each with what only that state has.

use records::sorted::SortedSet;

use serde::Serialize;

use crate::time::SimTime;

/// Where a group stands between rebalances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum GroupState {
    /// No members; perhaps committed offsets.
    Empty,
    /// Members are to send JoinGroup.
    PreparingRebalance(Joining),
    /// Everyone has joined; the leader is to send the assignment with SyncGroup.
    CompletingRebalance(Syncing),
    /// Everyone knows its assignment, or has only to ask for it.
    Stable(Syncing),
    /// On its way out: its deletion is being written.
    Dead,
}

/// The part of a rebalance where members join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Joining {
    /// When those who have not joined are left behind.
    pub deadline: SimTime,
    /// The group was empty, so it waits a while for more members even if all have joined.
    pub initial: Option<InitialDelay>,
}

/// How the first rebalance of a group is put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct InitialDelay {
    /// The step that runs out at the deadline.
    pub delay_ms: i32,
    /// How much longer it may be put off after that.
    pub remaining_ms: i32,
    /// Somebody new came in this step: wait one more.
    pub new_member: bool,
}

/// Who has yet to send SyncGroup in this generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Syncing {
    /// When they are left behind.
    pub deadline: SimTime,
    /// Their member ids.
    pub waiting_for: SortedSet<String>,
}

impl GroupState {
    /// Kafka's name for it.
    pub fn name(&self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::PreparingRebalance(_) => "PreparingRebalance",
            GroupState::CompletingRebalance(_) => "CompletingRebalance",
            GroupState::Stable(_) => "Stable",
            GroupState::Dead => "Dead",
        }
    }

    pub(super) fn syncing(&self) -> Option<&Syncing> {
        match self {
            GroupState::CompletingRebalance(syncing) | GroupState::Stable(syncing) => Some(syncing),
            _ => None,
        }
    }

    pub(super) fn syncing_mut(&mut self) -> Option<&mut Syncing> {
        match self {
            GroupState::CompletingRebalance(syncing) | GroupState::Stable(syncing) => Some(syncing),
            _ => None,
        }
    }

    pub(super) fn is_preparing(&self) -> bool {
        matches!(self, GroupState::PreparingRebalance(_))
    }

    pub(super) fn is_completing(&self) -> bool {
        matches!(self, GroupState::CompletingRebalance(_))
    }

    pub(super) fn is_stable(&self) -> bool {
        matches!(self, GroupState::Stable(_))
    }
}
