//! What one call of the coordinator gathers: answers, writes, and what to do once they are written.

use records::sorted::SortedMap;

use bytes::Bytes;
use protocol::Response;
use serde::Serialize;

use crate::group::change::{Change, CommittedOffset};
use crate::group::consumer::ConsumerGroup;
use crate::group::face::{CoordinatorEffect, GroupConfig, RequestToken, WriteId};
use crate::group::member::Member;
use crate::ids::TopicPartition;
use crate::rng::Rng;
use crate::time::SimTime;

/// A write on its way, and what it decides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Pending {
    pub(super) changes: Vec<Change>,
    pub(super) then: Vec<Then>,
}

/// What follows once a write is known to be safe, or lost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum Then {
    /// Send the answer, or the same with the error.
    Answer(RequestToken, Response),
    /// A group came to be; without its record it never was.
    Created(String),
    /// The leader's assignment takes effect.
    Synced(Assigned),
    /// A static member came back under a new id.
    Replaced(Box<Replaced>),
    /// A group of the consumer protocol, should the write fail.
    Restore(Box<Before>),
    /// Groups are gone; DeleteGroups waits if it was asked for.
    Deleted(Option<RequestToken>, Vec<String>),
    /// The offsets wait for the producer's transaction.
    Pended(i64, Vec<((String, TopicPartition), CommittedOffset)>),
}

/// A group of the consumer protocol as it was before a write.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Before {
    pub(super) group: String,
    /// Whether there was a group of this name, of whatever kind.
    pub(super) existed: bool,
    pub(super) consumer: Option<Box<ConsumerGroup>>,
}

/// The assignment of one generation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Assigned {
    pub(super) group: String,
    pub(super) generation: i32,
    pub(super) assignments: SortedMap<String, Bytes>,
}

/// A static member before it came back, and what its JoinGroup is to be told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Replaced {
    pub(super) group: String,
    pub(super) before: Member,
    pub(super) new_id: String,
    pub(super) leader_before: Option<String>,
    pub(super) can_skip_assignment: bool,
}

/// One call of the coordinator, for one offsets partition.
pub(super) struct Turn<'a> {
    pub(super) now: SimTime,
    pub(super) config: &'a GroupConfig,
    pub(super) rng: &'a mut Rng,
    pub(super) partition: i32,
    pub(super) next_write: &'a mut u64,
    pub(super) effects: Vec<CoordinatorEffect>,
    pub(super) written: Vec<(WriteId, Pending)>,
}

impl Turn<'_> {
    /// Answers now.
    pub(super) fn respond(&mut self, token: RequestToken, response: impl Into<Response>) {
        let response = response.into();
        self.effects
            .push(CoordinatorEffect::Respond { token, response });
    }

    /// Writes `changes`, and then does `then`.
    pub(super) fn append(&mut self, changes: Vec<Change>, then: Vec<Then>) {
        let write = WriteId(*self.next_write);
        *self.next_write = self.next_write.saturating_add(1);
        self.effects.push(CoordinatorEffect::Append {
            partition: self.partition,
            records: changes.iter().map(Change::encode).collect(),
            write,
            producer: None,
        });
        self.written.push((write, Pending { changes, then }));
    }

    /// Writes offsets as part of a producer's transaction, and then does `then`.
    #[inline(never)]
    pub(super) fn append_in_transaction(
        &mut self,
        producer: (i64, i16),
        changes: &[Change],
        then: Then,
    ) {
        let write = WriteId(*self.next_write);
        *self.next_write = self.next_write.saturating_add(1);
        self.effects.push(CoordinatorEffect::Append {
            partition: self.partition,
            records: changes.iter().map(Change::encode).collect(),
            write,
            producer: Some(producer),
        });
        let pending = Pending {
            changes: Vec::new(),
            then: vec![then],
        };
        self.written.push((write, pending));
    }

    /// Answers once all that this turn wrote is safe; now if it wrote nothing.
    pub(super) fn respond_when_written(&mut self, token: RequestToken, response: Response) {
        match self.written.last_mut() {
            Some((_, pending)) => pending.then.push(Then::Answer(token, response)),
            None => self.respond(token, response),
        }
    }
}
