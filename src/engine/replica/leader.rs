//! What the leader of a partition knows of its followers, and who is in sync.

use records::sorted::{SortedMap, SortedSet};

use serde::Serialize;

use crate::ids::BrokerId;
use crate::time::SimTime;

/// How far a follower has come, as its fetches tell the leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The offset it fetches next; -1 before its first fetch.
    pub log_end_offset: i64,
    /// Where its log starts.
    pub log_start_offset: i64,
    /// When it last had everything the leader had.
    pub caught_up_at: SimTime,
    /// When it last fetched.
    pub fetched_at: SimTime,
    /// Where the leader's log ended then.
    pub leader_end_at_fetch: i64,
    /// The follower's registration, from its fetches; -1 if it does not say.
    pub broker_epoch: i64,
}

/// A change of the in-sync replicas that the controller has not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingIsr {
    /// The in-sync replicas asked for.
    pub isr: SortedSet<BrokerId>,
    /// Whether the request is on its way.
    pub sent: bool,
}

/// A leader's view of its partition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leader {
    /// Where the log ended when this leadership began.
    pub epoch_start_offset: i64,
    /// The in-sync replicas that the controller knows.
    pub isr: SortedSet<BrokerId>,
    /// A change that is being asked for.
    pub pending: Option<PendingIsr>,
    /// The followers.
    pub followers: SortedMap<BrokerId, Progress>,
}

/// One fetch of a follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowerFetch {
    /// Who fetches.
    pub broker: BrokerId,
    /// Its registration, or -1.
    pub broker_epoch: i64,
    /// The offset it fetches, which is where its log ends.
    pub offset: i64,
    /// Where its log starts.
    pub log_start_offset: i64,
    /// When.
    pub at: SimTime,
    /// Where the leader's log ends at this moment.
    pub leader_end: i64,
}

/// What decides whether a follower keeps up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LagRule {
    /// Now.
    pub now: SimTime,
    /// `replica.lag.time.max.ms`.
    pub max_ms: i64,
    /// Where the leader's log ends.
    pub leader_end: i64,
}

impl Leader {
    /// A leadership that begins. Followers that were in sync get the benefit of the doubt: their
    /// time to catch up starts now.
    pub fn new(
        me: BrokerId,
        replicas: &[BrokerId],
        isr: &[BrokerId],
        log_end: i64,
        now: SimTime,
    ) -> Leader {
        let isr: SortedSet<BrokerId> = isr.iter().copied().collect();
        let mut leader = Leader {
            epoch_start_offset: log_end,
            isr,
            pending: None,
            followers: SortedMap::new(),
        };
        leader.set_followers(me, replicas, now);
        leader
    }

    /// Takes the current replicas, keeping what is known of those that stay.
    pub fn set_followers(&mut self, me: BrokerId, replicas: &[BrokerId], now: SimTime) {
        self.followers.retain(|id, _| replicas.contains(id));
        for id in replicas.iter().filter(|id| **id != me) {
            let in_sync = self.isr.contains(id);
            self.followers.entry(*id).or_insert(Progress {
                log_end_offset: -1,
                log_start_offset: -1,
                caught_up_at: if in_sync { now } else { SimTime(0) },
                fetched_at: SimTime(0),
                leader_end_at_fetch: 0,
                broker_epoch: -1,
            });
        }
    }

    /// The in-sync replicas that count for safety: a member being added counts already, one being
    /// removed still does, because the controller may or may not have decided yet.
    pub fn maximal_isr(&self) -> SortedSet<BrokerId> {
        match &self.pending {
            Some(pending) => self.isr.union(&pending.isr).copied().collect(),
            None => self.isr.clone(),
        }
    }

    /// Notes a fetch of a follower. False if it is none of the replicas.
    pub fn note_fetch(&mut self, fetch: &FollowerFetch) -> bool {
        let Some(progress) = self.followers.get_mut(&fetch.broker) else {
            return false;
        };
        // A fetch that starts where the leader ended at the previous fetch was caught up back then.
        if fetch.offset >= fetch.leader_end {
            progress.caught_up_at = progress.caught_up_at.max(fetch.at);
        } else if fetch.offset >= progress.leader_end_at_fetch {
            progress.caught_up_at = progress.caught_up_at.max(progress.fetched_at);
        }
        progress.log_end_offset = fetch.offset;
        progress.log_start_offset = fetch.log_start_offset;
        progress.fetched_at = fetch.at;
        progress.leader_end_at_fetch = fetch.leader_end;
        progress.broker_epoch = fetch.broker_epoch;
        true
    }

    /// The offset up to which all in-sync replicas have the log. A follower that is about to join
    /// them holds the high watermark back too, or it could never catch up with it.
    pub fn committed_offset(&self, rule: &LagRule, eligible: &SortedMap<BrokerId, i64>) -> i64 {
        let isr = self.maximal_isr();
        self.followers
            .iter()
            .filter(|(id, progress)| {
                isr.contains(id) || (rule.keeps_up(progress) && eligible.contains_key(id))
            })
            .map(|(_, progress)| progress.log_end_offset)
            .fold(rule.leader_end, i64::min)
    }

    /// The in-sync followers that no longer keep up.
    pub fn out_of_sync(&self, rule: &LagRule) -> SortedSet<BrokerId> {
        self.lagging(rule.leader_end)
            .filter(|(_, progress)| !rule.keeps_up(progress))
            .map(|(id, _)| id)
            .collect()
    }

    /// When the first in-sync follower will have lagged too long, if it goes on as it is.
    pub fn next_shrink(&self, max_ms: i64, leader_end: i64) -> Option<SimTime> {
        if self.pending.is_some() {
            return None;
        }
        self.lagging(leader_end)
            .map(|(_, progress)| progress.caught_up_at.plus_millis(max_ms).plus_millis(1))
            .min()
    }

    /// Whether a follower outside the in-sync replicas has caught up far enough to join them.
    pub fn may_join(&self, id: BrokerId, high_watermark: i64) -> bool {
        !self.maximal_isr().contains(&id)
            && self.followers.get(&id).is_some_and(|progress| {
                progress.log_end_offset >= high_watermark
                    && progress.log_end_offset >= self.epoch_start_offset
            })
    }

    fn lagging(&self, leader_end: i64) -> impl Iterator<Item = (BrokerId, &Progress)> {
        self.followers
            .iter()
            .filter(move |(id, progress)| {
                self.isr.contains(id) && progress.log_end_offset != leader_end
            })
            .map(|(id, progress)| (*id, progress))
    }
}

impl LagRule {
    fn keeps_up(&self, progress: &Progress) -> bool {
        progress.log_end_offset == self.leader_end
            || self.now.millis_since(progress.caught_up_at) <= self.max_ms
    }
}

#[cfg(test)]
mod tests {
    use records::sorted::SortedMap;

    use super::{FollowerFetch, LagRule, Leader};
    use crate::time::SimTime;

    fn at(ms: i64) -> SimTime {
        SimTime::from_millis(ms)
    }

    fn fetch(broker: i32, offset: i64, leader_end: i64, ms: i64) -> FollowerFetch {
        FollowerFetch {
            broker,
            broker_epoch: 1,
            offset,
            log_start_offset: 0,
            at: at(ms),
            leader_end,
        }
    }

    #[test]
    fn high_watermark_is_the_least_of_the_in_sync() {
        let mut leader = Leader::new(1, &[1, 2, 3], &[1, 2], 0, at(1_000_000));
        let eligible = SortedMap::from([(1, 1), (2, 2), (3, 3)]);
        let rule = LagRule {
            now: at(1_000_000),
            max_ms: 30_000,
            leader_end: 10,
        };
        assert_eq!(leader.committed_offset(&rule, &eligible), -1);
        assert!(leader.note_fetch(&fetch(2, 7, 10, 1_000_000)));
        assert_eq!(leader.committed_offset(&rule, &eligible), 7);
        // Out of sync, but keeping up now: it is about to join.
        assert!(leader.note_fetch(&fetch(3, 10, 10, 1_000_000)));
        leader.note_fetch(&fetch(2, 10, 10, 1_000_000));
        assert_eq!(leader.committed_offset(&rule, &eligible), 10);
        assert!(leader.may_join(3, 10) && !leader.may_join(2, 10));
        // So the high watermark waits for it, unless its broker is fenced.
        let later = LagRule {
            leader_end: 12,
            ..rule
        };
        leader.note_fetch(&fetch(2, 12, 12, 1_000_001));
        assert_eq!(leader.committed_offset(&later, &eligible), 10);
        let fenced = SortedMap::from([(1, 1), (2, 2)]);
        assert_eq!(leader.committed_offset(&later, &fenced), 12);
        assert!(!leader.may_join(3, 11));
        assert!(!leader.note_fetch(&fetch(9, 1, 10, 1)));
    }

    #[test]
    fn a_follower_that_stops_fetching_leaves_in_time() {
        let mut leader = Leader::new(1, &[1, 2], &[1, 2], 0, at(0));
        leader.note_fetch(&fetch(2, 5, 5, 100));
        assert_eq!(leader.next_shrink(30_000, 5), None);
        assert_eq!(leader.next_shrink(30_000, 6), Some(at(30_101)));
        let mut rule = LagRule {
            now: at(30_100),
            max_ms: 30_000,
            leader_end: 6,
        };
        assert!(leader.out_of_sync(&rule).is_empty());
        rule.now = at(30_101);
        assert!(leader.out_of_sync(&rule).contains(&2));
    }
}
