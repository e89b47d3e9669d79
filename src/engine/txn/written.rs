//! What follows when something is written: a record, or all markers of a transaction.

use protocol::ErrorCode;
use records::sorted::SortedSet;

use crate::group::WriteId;
use crate::time::SimTime;
use crate::txn::face::{MarkerJob, MarkerKey, TxnEffect};
use crate::txn::shard::{EndedBy, Entry, Shard, Then, Write, coordinator_error};
use crate::txn::state::TxnState;
use crate::txn::{Effects, TxnCoordinator, add, end, refuse, respond};

impl TxnCoordinator {
    /// The outcome of a [`TxnEffect::Append`]: `Ok` once the high watermark has passed it. Writes
    /// that are not known, as after resigning, are ignored.
    pub fn on_written(&mut self, write: WriteId, result: Result<(), ErrorCode>) -> Effects {
        let mut shards = self.shards.iter_mut();
        let found = shards.find(|(_, shard)| shard.writes.contains_key(&write));
        let Some((partition, shard)) = found else {
            return Vec::new();
        };
        let partition = *partition;
        let Some(done) = shard.writes.remove(&write) else {
            return Vec::new();
        };
        match result {
            Ok(()) => {
                shard.apply(&done);
                self.go_on(partition, done)
            }
            Err(code) => {
                let code = coordinator_error(code);
                if matches!(done.then, Then::Completed) && code != ErrorCode::NotCoordinator {
                    // The markers are written; only the note of it is not. It is tried until it is.
                    let job = shard.complete(partition, &done.transactional_id);
                    let job = job.map(|job| MarkerJob {
                        partitions: SortedSet::new(),
                        ..job
                    });
                    return job.map(TxnEffect::ReportAgain).into_iter().collect();
                }
                shard.take_back(&done);
                let mut effects = Vec::new();
                self.tell_lost(done.then, code, &mut effects);
                effects
            }
        }
    }

    /// All markers of a transaction are written.
    pub fn on_markers_written(&mut self, now: SimTime, key: &MarkerKey) -> Effects {
        let shard = self.shards.get(&key.partition);
        let shard = shard.filter(|shard| shard.epoch == key.coordinator_epoch);
        let entry = shard.and_then(|shard| shard.entries.get(&key.transactional_id));
        let current = entry.map(|entry| &entry.current);
        let awaited = current.is_some_and(|current| {
            current.state.is_prepared() && current.producer_epoch == key.producer_epoch
        });
        if awaited {
            self.note_completed(now, &key.transactional_id)
        } else {
            Vec::new()
        }
    }

    /// Forgets transactional ids that nobody has used for long.
    pub(super) fn expire(&mut self, now: SimTime) -> Effects {
        let now_ms = now.as_millis();
        let unused = self.entries().filter(|entry| {
            let current = &entry.current;
            let rests = entry.pending.is_none() && current.state.is_at_rest();
            rests && self.expires_at(current) <= now_ms
        });
        let unused: Vec<String> = unused
            .map(|entry| entry.current.transactional_id.clone())
            .collect();
        let mut effects = Vec::new();
        for id in unused {
            effects.extend(self.append(id, TxnState::Dead, None, Then::Expired));
        }
        effects
    }

    /// Those who wait for a write that is lost are told so.
    pub(super) fn tell_lost(&mut self, then: Then, code: ErrorCode, effects: &mut Effects) {
        effects.extend(match then {
            Then::Initialized(caller) => respond(caller.token, refuse::init(caller, Err(code))),
            Then::Added(token, place) => self.added(token, place, Some(code)),
            Then::OffsetsAdded(caller) => {
                respond(caller.token, refuse::add_offsets(caller, Err(code)))
            }
            Then::Prepared(by) => end::refused(by, code),
            Then::Completed | Then::Expired => Vec::new(),
        });
    }

    fn go_on(&mut self, partition: i32, done: Write) -> Effects {
        let Some(next) = &done.next else {
            return Vec::new();
        };
        match done.then {
            Then::Initialized(caller) => TxnCoordinator::initialized(caller, next),
            Then::Added(token, place) => self.added(token, place, None),
            Then::OffsetsAdded(caller) => add::offsets_added(caller),
            Then::Prepared(by) => {
                let mut effects = end::decided(by, next);
                let shard = self.shards.get_mut(&partition);
                let job = shard.and_then(|shard| shard.complete(partition, &done.transactional_id));
                effects.extend(job.map(TxnEffect::SendMarkers));
                effects
            }
            Then::Completed | Then::Expired => Vec::new(),
        }
    }

    fn note_completed(&mut self, now: SimTime, id: &str) -> Effects {
        let next = self.transaction(id);
        match next.map(|current| current.completed(now.as_millis())) {
            Some(next) => self.write(next, Then::Completed),
            None => Vec::new(),
        }
    }
}

impl Shard {
    /// What is written holds.
    fn apply(&mut self, done: &Write) {
        match &done.next {
            Some(next) => {
                if let Some(entry) = self.entries.get_mut(&done.transactional_id) {
                    *entry = Entry {
                        failed_fence: entry.failed_fence,
                        ..Entry::new(next.clone())
                    };
                }
            }
            None => {
                self.entries.remove(&done.transactional_id);
            }
        }
    }

    /// What is lost never was; but an epoch that was to shut somebody out is not given away.
    fn take_back(&mut self, lost: &Write) {
        let Some(entry) = self.entries.get_mut(&lost.transactional_id) else {
            return;
        };
        entry.pending = None;
        let fenced = matches!(
            lost.then,
            Then::Prepared(EndedBy::Successor(_) | EndedBy::Timeout)
        );
        if let (true, Some(next)) = (fenced, &lost.next) {
            entry.failed_fence = true;
            if !next.has_epoch_per_transaction() {
                entry.current.producer_epoch = next.producer_epoch;
                entry.current.last_producer_epoch = next.last_producer_epoch;
            }
        }
    }
}
