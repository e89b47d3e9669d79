//! `uniform` where members read different topics: everyone keeps what it has, what is free goes to
//! the least loaded reader of its topic, and then partitions move from the most to the least loaded
//! readers of each topic until it is level.

use std::cmp::Ordering;

use protocol::Uuid;
use records::sorted::{Arrange, SortedMap};

use super::Subscriptions;
use crate::group::consumer::partitions::{Target, TopicIdPartition};

/// Levelling one topic may upset another, so it is tried over and over, but not for ever.
const ROUNDS: usize = 16;

/// A topic being dealt out.
struct Topic {
    id: Uuid,
    /// The member that has each partition.
    owners: Vec<Option<usize>>,
    /// The members that read it.
    readers: Vec<usize>,
}

pub(super) fn assign(group: &Subscriptions) -> Vec<Target> {
    let mut dealing = Dealing::new(group);
    for index in 0..dealing.topics.len() {
        dealing.give_free(index);
    }
    dealing.level();
    let mut targets = vec![Target::new(); group.members.len()];
    for topic in &dealing.topics {
        for (partition, owner) in (0i32..).zip(&topic.owners) {
            let target = owner.and_then(|owner| targets.get_mut(owner));
            if let Some(target) = target {
                let topic = topic.id;
                target.insert(TopicIdPartition { topic, partition });
            }
        }
    }
    targets
}

struct Dealing {
    /// Those with the fewest partitions a reader last, as they are the hardest to level.
    topics: Vec<Topic>,
    /// How many partitions each member has.
    loads: Vec<usize>,
}

impl Dealing {
    fn new(group: &Subscriptions) -> Dealing {
        let mut topics: Vec<Topic> = Vec::new();
        let mut places: SortedMap<Uuid, usize> = SortedMap::new();
        for (id, count) in &group.partitions {
            let readers = group.members.iter().enumerate();
            let readers = readers.filter(|(_, member)| member.topics.contains(id));
            let readers: Vec<usize> = readers.map(|(index, _)| index).collect();
            if !readers.is_empty() {
                places.insert(*id, topics.len());
                topics.push(Topic {
                    id: *id,
                    owners: vec![None; usize::try_from(*count).unwrap_or(0)],
                    readers,
                });
            }
        }
        let mut loads = vec![0usize; group.members.len()];
        for (index, member) in group.members.iter().enumerate() {
            for at in &member.before {
                let topic = places
                    .get(&at.topic)
                    .and_then(|place| topics.get_mut(*place));
                let Some(topic) = topic.filter(|_| member.topics.contains(&at.topic)) else {
                    continue;
                };
                let partition = usize::try_from(at.partition).unwrap_or(usize::MAX);
                if let Some(owner) = topic.owners.get_mut(partition)
                    && owner.is_none()
                {
                    *owner = Some(index);
                    add(&mut loads, index);
                }
            }
        }
        topics.arrange_by(by_partitions_a_reader);
        Dealing { topics, loads }
    }

    fn load(&self, member: usize) -> usize {
        self.loads.get(member).copied().unwrap_or(0)
    }

    /// The readers of a topic, the least loaded first.
    fn by_load(&self, topic: usize) -> Vec<usize> {
        let mut readers = self
            .topics
            .get(topic)
            .map(|topic| topic.readers.clone())
            .unwrap_or_default();
        readers.arrange_by_key(|member| (self.load(*member), *member));
        readers
    }

    /// Fills up the least loaded readers of a topic with its free partitions, level by level.
    fn give_free(&mut self, index: usize) {
        let readers = self.by_load(index);
        let mut filling = Filling::new(&readers, &self.loads);
        let Some(topic) = self.topics.get_mut(index) else {
            return;
        };
        for owner in topic.owners.iter_mut().filter(|owner| owner.is_none()) {
            let Some(member) = filling.next(&readers, &self.loads) else {
                return;
            };
            *owner = Some(member);
            add(&mut self.loads, member);
        }
    }

    fn level(&mut self) {
        let shared = self.topics.iter().enumerate();
        let shared = shared.filter(|(_, topic)| topic.readers.len() > 1);
        let shared: Vec<usize> = shared.map(|(index, _)| index).collect();
        let mut last = None;
        for _ in 0..ROUNDS {
            for index in &shared {
                if last == Some(*index) {
                    return;
                }
                if self.level_topic(*index) || last.is_none() {
                    last = Some(*index);
                }
            }
        }
    }

    /// Moves partitions of one topic from the most to the least loaded of its readers until their
    /// loads differ by one at most, or those above have none of it left to give. Whether any moved.
    fn level_topic(&mut self, index: usize) -> bool {
        let readers = self.by_load(index);
        let mut low = Filling::new(&readers, &self.loads);
        let mut high = Draining::new(readers.clone(), &self.loads);
        if high.level <= low.level.saturating_add(1) {
            return false;
        }
        let mut gives: SortedMap<usize, Vec<usize>> = SortedMap::new();
        let owners = self.topics.get(index).map(|topic| topic.owners.as_slice());
        for (partition, owner) in owners.into_iter().flatten().enumerate() {
            if let Some(owner) = owner {
                gives.entry(*owner).or_default().push(partition);
            }
        }
        let mut moved = false;
        while high.asked > low.asked.saturating_add(1) {
            let Some(giver) = high.next_with(&self.loads, &gives) else {
                break;
            };
            // The last one, so that members keep the low numbers.
            let partition = gives.get_mut(&giver).and_then(Vec::pop);
            let Some(taker) = low.next(&readers, &self.loads) else {
                break;
            };
            if high.asked <= low.asked.saturating_add(1) {
                break;
            }
            let topic = self.topics.get_mut(index);
            let owner = topic.zip(partition).and_then(|(t, p)| t.owners.get_mut(p));
            let (Some(owner), Some(load)) = (owner, self.loads.get_mut(giver)) else {
                break;
            };
            *owner = Some(taker);
            *load = load.saturating_sub(1);
            add(&mut self.loads, taker);
            moved = true;
        }
        moved
    }
}

/// Deals to a growing front of equally loaded members, round after round.
struct Filling {
    /// The members before this one are level.
    front: usize,
    level: usize,
    next: usize,
    /// The level of those dealt to last; one below the least before anybody was.
    asked: i64,
}

impl Filling {
    fn new(readers: &[usize], loads: &[usize]) -> Filling {
        let first = readers.first().and_then(|member| loads.get(*member));
        let mut filling = Filling {
            front: 0,
            level: first.copied().unwrap_or(0),
            next: 0,
            asked: signed(first.copied().unwrap_or(0)).saturating_sub(1),
        };
        filling.widen(readers, loads);
        filling
    }

    /// Takes those into the front that have as many as its members.
    fn widen(&mut self, readers: &[usize], loads: &[usize]) {
        while let Some(member) = readers.get(self.front)
            && loads.get(*member) == Some(&self.level)
        {
            self.front = self.front.saturating_add(1);
        }
    }

    fn next(&mut self, readers: &[usize], loads: &[usize]) -> Option<usize> {
        if self.next >= self.front {
            self.level = self.level.saturating_add(1);
            self.next = 0;
            self.widen(readers, loads);
        }
        self.asked = signed(self.level);
        let member = readers.get(self.next).copied();
        self.next = self.next.saturating_add(1);
        member
    }
}

/// Takes from a growing front of equally loaded members at the other end, round after round.
struct Draining {
    readers: Vec<usize>,
    /// The members from here to `end` are level; those behind have nothing left to give.
    start: usize,
    end: usize,
    level: usize,
    /// One behind who is next.
    next: usize,
    /// The level of those taken from last; one above the most before anybody was.
    asked: i64,
}

impl Draining {
    fn new(readers: Vec<usize>, loads: &[usize]) -> Draining {
        let last = readers.last().and_then(|member| loads.get(*member));
        let level = last.copied().unwrap_or(0);
        Draining {
            start: readers.len(),
            end: readers.len(),
            next: readers.len(),
            asked: signed(level).saturating_add(1),
            readers,
            level,
        }
    }

    /// The most loaded member that has something to give.
    fn next_with(
        &mut self,
        loads: &[usize],
        gives: &SortedMap<usize, Vec<usize>>,
    ) -> Option<usize> {
        loop {
            let member = self.next(loads)?;
            if gives.get(&member).is_some_and(|left| !left.is_empty()) {
                return Some(member);
            }
            self.end = self.end.saturating_sub(1);
            if self.next < self.readers.len() && self.end < self.readers.len() {
                self.readers.swap(self.next, self.end);
            }
        }
    }

    fn next(&mut self, loads: &[usize]) -> Option<usize> {
        if self.next <= self.start {
            let below = self.start.checked_sub(1);
            let below = below.and_then(|at| self.readers.get(at));
            match below.and_then(|member| loads.get(*member)) {
                Some(load) if self.end <= self.start => self.asked = signed(*load),
                _ => self.asked = self.asked.saturating_sub(1),
            }
            self.widen(loads);
            self.next = self.end;
        }
        self.next = self.next.checked_sub(1)?;
        self.readers.get(self.next).copied()
    }

    fn widen(&mut self, loads: &[usize]) {
        while let Some(at) = self.start.checked_sub(1)
            && let Some(load) = self.readers.get(at).and_then(|member| loads.get(*member))
            && signed(*load) == self.asked
        {
            self.start = at;
        }
    }
}

fn signed(load: usize) -> i64 {
    i64::try_from(load).unwrap_or(i64::MAX)
}

fn add(loads: &mut [usize], member: usize) {
    if let Some(load) = loads.get_mut(member) {
        *load = load.saturating_add(1);
    }
}

/// Topics with many partitions a reader first, then those with few readers, then by id.
fn by_partitions_a_reader(a: &Topic, b: &Topic) -> Ordering {
    // a.partitions / a.readers against b.partitions / b.readers, without dividing.
    let left = a.owners.len().saturating_mul(b.readers.len());
    let right = b.owners.len().saturating_mul(a.readers.len());
    right
        .cmp(&left)
        .then(a.readers.len().cmp(&b.readers.len()))
        .then(a.id.cmp(&b.id))
}
