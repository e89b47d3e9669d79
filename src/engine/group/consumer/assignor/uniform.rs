//! `uniform` where all members read the same topics: everyone keeps what fits into its share, the
//! rest goes to those whose share is not full.

use super::Subscriptions;
use crate::group::consumer::partitions::{Target, TopicIdPartition};

pub(super) fn assign(group: &Subscriptions) -> Vec<Target> {
    let Some(first) = group.members.first() else {
        return Vec::new();
    };
    let mut taken = Target::new();
    for member in &group.members {
        taken.extend(member.before.iter().copied());
    }
    let mut total = 0usize;
    let mut free: Vec<TopicIdPartition> = Vec::new();
    for topic in &first.topics {
        for partition in 0..group.count(topic) {
            total = total.saturating_add(1);
            let at = TopicIdPartition {
                topic: *topic,
                partition,
            };
            if !taken.contains(&at) {
                free.push(at);
            }
        }
    }
    let mut shares = Shares {
        least: total.checked_div(group.members.len()).unwrap_or(0),
        larger: total.checked_rem(group.members.len()).unwrap_or(0),
        waiting: group.members.len(),
    };
    let mut targets = Vec::with_capacity(group.members.len());
    let mut wanting: Vec<usize> = Vec::with_capacity(group.members.len());
    for member in &group.members {
        let mut target = Target::new();
        let mut room = shares.room();
        for at in &member.before {
            if !first.topics.contains(&at.topic) {
                continue;
            }
            if room > 0 {
                room = room.saturating_sub(1);
                target.insert(*at);
            } else {
                free.push(*at);
            }
        }
        wanting.push(shares.settle(room));
        targets.push(target);
    }
    let mut free = free.into_iter();
    for (target, wanted) in targets.iter_mut().zip(wanting) {
        for at in free.by_ref().take(wanted) {
            target.insert(at);
        }
    }
    targets
}

/// Shares differ by one at most: who gets the larger ones is decided member by member.
struct Shares {
    least: usize,
    /// Larger shares still to be given.
    larger: usize,
    /// Members that have not been seen, with the one at hand.
    waiting: usize,
}

impl Shares {
    fn room(&self) -> usize {
        self.least.saturating_add(usize::from(self.larger > 0))
    }

    /// A member has `room` left. It takes a larger share only if it fills it already or if there is
    /// one for everybody who is left: others may own more and should keep it.
    fn settle(&mut self, room: usize) -> usize {
        let offered = self.larger > 0;
        let declines = offered && room > 0 && self.waiting > self.larger;
        self.waiting = self.waiting.saturating_sub(1);
        if declines {
            return room.saturating_sub(1);
        }
        if offered {
            self.larger = self.larger.saturating_sub(1);
        }
        room
    }
}
