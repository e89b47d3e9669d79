//! `range`: each topic is cut into as many pieces as it has readers, so that partitions of the same
//! number in topics of the same size go to the same member.

use std::cmp::Ordering;

use protocol::Uuid;
use records::sorted::{Arrange, SortedMap};

use super::{Subscriber, Subscriptions};
use crate::group::consumer::partitions::{Target, TopicIdPartition};

/// How far a topic has been cut.
struct Cut {
    partitions: i32,
    /// What every reader gets at least.
    quota: i32,
    /// How many readers get one more.
    extra: i32,
    next: i32,
}

pub(super) fn assign(group: &Subscriptions) -> Vec<Target> {
    let mut readers: SortedMap<Uuid, i32> = SortedMap::new();
    for member in &group.members {
        for topic in &member.topics {
            let count = readers.entry(*topic).or_default();
            *count = count.saturating_add(1);
        }
    }
    let mut cuts: SortedMap<Uuid, Cut> = SortedMap::new();
    for (topic, readers) in readers {
        let partitions = group.count(&topic);
        let cut = Cut {
            partitions,
            quota: partitions.checked_div(readers).unwrap_or(0),
            extra: partitions.checked_rem(readers).unwrap_or(0),
            next: 0,
        };
        cuts.insert(topic, cut);
    }
    let mut order: Vec<(usize, &Subscriber)> = group.members.iter().enumerate().collect();
    order.arrange_by(|(_, a), (_, b)| static_first(a, b));
    let mut targets = vec![Target::new(); group.members.len()];
    for (index, member) in order {
        for topic in &member.topics {
            if let (Some(cut), Some(target)) = (cuts.get_mut(topic), targets.get_mut(index)) {
                take(cut, *topic, target);
            }
        }
    }
    targets
}

fn take(cut: &mut Cut, topic: Uuid, target: &mut Target) {
    let mut end = cut.next.saturating_add(cut.quota);
    if cut.extra > 0 {
        end = end.saturating_add(1);
        cut.extra = cut.extra.saturating_sub(1);
    }
    let end = end.min(cut.partitions);
    for partition in cut.next..end {
        target.insert(TopicIdPartition { topic, partition });
    }
    cut.next = end;
}

/// Static members come first, by instance: they keep their piece when they come back under a new id.
fn static_first(a: &Subscriber, b: &Subscriber) -> Ordering {
    match (&a.instance_id, &b.instance_id) {
        (Some(a), Some(b)) => a.cmp(b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.id.cmp(&b.id),
    }
}
