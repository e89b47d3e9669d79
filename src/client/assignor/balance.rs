//! Balancing when members want different topics: start from what they own, give the rest to whoever
//! has least, then move single partitions as long as that evens things out.

use records::sorted::Arrange;
use records::sorted::{SortedMap, SortedSet};

use engine::ids::TopicPartition;

use super::java_order::{partition_hash, walk_order};
use super::sticky::Claim;
use super::{Assignment, Member, PartitionCounts};

type Pair = (String, String);

/// The state of the search.
pub(super) struct Balancer {
    counts: PartitionCounts,
    /// Who could read each topic, and what each member could read.
    readers: SortedMap<String, Vec<String>>,
    wants: SortedMap<String, Vec<String>>,
    current: Assignment,
    owner: SortedMap<TopicPartition, String>,
    /// Owners of older generations, to whom a partition goes back if that evens things out.
    previous: SortedMap<TopicPartition, String>,
    /// Members that may still change, by how much they have.
    by_load: SortedSet<(usize, String)>,
    movements: Movements,
    revocation_required: bool,
}

impl Balancer {
    /// Starts from what members, given in the order the leader walks them, own.
    pub(super) fn new(
        order: &[(&Member, &Claim)],
        owned: SortedMap<String, Vec<TopicPartition>>,
        counts: PartitionCounts,
    ) -> Balancer {
        let mut readers: SortedMap<String, Vec<String>> = counts
            .keys()
            .map(|topic| (topic.clone(), Vec::new()))
            .collect();
        let mut wants = SortedMap::new();
        for (member, _) in order {
            let topics: Vec<String> = member
                .topics
                .iter()
                .filter(|topic| counts.contains_key(*topic))
                .cloned()
                .collect();
            for topic in &topics {
                readers
                    .entry(topic.clone())
                    .or_default()
                    .push(member.id.clone());
            }
            wants.insert(member.id.clone(), topics);
        }
        Balancer {
            counts,
            readers,
            wants,
            current: owned,
            owner: SortedMap::new(),
            previous: previous_owners(order),
            by_load: SortedSet::new(),
            movements: Movements::default(),
            revocation_required: false,
        }
    }

    /// Balances and returns the result.
    pub(super) fn run(mut self) -> Assignment {
        self.drop_unwanted();
        let mut all = self.all_partitions();
        let mut unassigned: Vec<TopicPartition> = all
            .iter()
            .filter(|tp| !self.owner.contains_key(tp))
            .cloned()
            .collect();
        self.by_load = self
            .current
            .iter()
            .map(|(id, l)| (l.len(), id.clone()))
            .collect();
        let initializing = self.by_load.last().is_none_or(|(load, _)| *load == 0);
        for tp in &unassigned {
            self.give_to_least_loaded(tp);
        }
        let readers = &self.readers;
        let movable = |tp: &TopicPartition| readers.get(&tp.topic).is_some_and(|r| r.len() > 1);
        all.retain(movable);
        unassigned.retain(movable);
        let fixed = self.set_fixed_members_aside();
        let before = (self.current.clone(), self.owner.clone());
        if !self.revocation_required {
            self.reassign(&unassigned);
        }
        let changed = self.reassign(&all);
        if !initializing && changed && unevenness(&self.current) >= unevenness(&before.0) {
            (self.current, self.owner) = before;
        }
        self.current.extend(fixed);
        self.current
    }

    fn drop_unwanted(&mut self) {
        for (id, list) in &mut self.current {
            let wanted = self.wants.get(id);
            let before = list.len();
            list.retain(|tp| {
                let exists = self
                    .counts
                    .get(&tp.topic)
                    .is_some_and(|n| tp.partition < *n);
                exists && wanted.is_some_and(|topics| topics.contains(&tp.topic))
            });
            self.revocation_required |= list.len() < before;
            for tp in list.iter() {
                self.owner.insert(tp.clone(), id.clone());
            }
        }
    }

    /// All partitions, those with the fewest possible readers first.
    fn all_partitions(&self) -> Vec<TopicPartition> {
        let mut topics: Vec<(usize, &String, i32)> = self
            .counts
            .iter()
            .map(|(topic, n)| (self.readers.get(topic).map_or(0, Vec::len), topic, *n))
            .collect();
        topics.arrange();
        topics
            .into_iter()
            .flat_map(|(_, topic, n)| (0..n).map(|p| TopicPartition::new(topic.clone(), p)))
            .collect()
    }

    fn least_loaded_reader(&self, topic: &str) -> Option<String> {
        let wants = |id: &String| {
            self.wants
                .get(id)
                .is_some_and(|topics| topics.iter().any(|t| t == topic))
        };
        let found = self.by_load.iter().find(|(_, id)| wants(id))?;
        Some(found.1.clone())
    }

    fn give_to_least_loaded(&mut self, tp: &TopicPartition) {
        if let Some(id) = self.least_loaded_reader(&tp.topic) {
            self.by_load.remove(&(self.load(&id), id.clone()));
            self.current.entry(id.clone()).or_default().push(tp.clone());
            self.by_load.insert((self.load(&id), id.clone()));
            self.owner.insert(tp.clone(), id);
        }
    }

    /// Takes members out of the search that can neither gain nor lose anything.
    fn set_fixed_members_aside(&mut self) -> Assignment {
        let mut ids: Vec<String> = self.wants.keys().cloned().collect();
        ids.retain(|id| !self.can_change(id));
        let mut fixed = Assignment::new();
        for id in ids {
            self.by_load.remove(&(self.load(&id), id.clone()));
            let list = self.current.remove(&id).unwrap_or_default();
            fixed.insert(id, list);
        }
        fixed
    }

    fn can_change(&self, id: &str) -> bool {
        let shared = |tp: &TopicPartition| self.readers.get(&tp.topic).is_some_and(|r| r.len() > 1);
        self.load(id) < self.most_possible(id)
            || self
                .current
                .get(id)
                .is_some_and(|list| list.iter().any(shared))
    }

    fn most_possible(&self, id: &str) -> usize {
        let topics = self.wants.get(id).into_iter().flatten();
        topics
            .filter_map(|topic| self.counts.get(topic))
            .map(|n| usize::try_from(*n).unwrap_or(0))
            .sum()
    }

    fn load(&self, id: &str) -> usize {
        self.current.get(id).map_or(0, Vec::len)
    }

    fn reassign(&mut self, partitions: &[TopicPartition]) -> bool {
        let mut changed = false;
        loop {
            let mut modified = false;
            for tp in partitions {
                if self.is_balanced() {
                    break;
                }
                if let Some(to) = self.better_owner(tp) {
                    self.move_partition(tp, &to);
                    modified = true;
                }
            }
            changed |= modified;
            if !modified {
                return changed;
            }
        }
    }

    fn better_owner(&self, tp: &TopicPartition) -> Option<String> {
        let load = self.load(self.owner.get(tp)?);
        if let Some(before) = self.previous.get(tp)
            && self.current.contains_key(before)
            && load > self.load(before) + 1
        {
            return Some(before.clone());
        }
        let readers = self.readers.get(&tp.topic)?;
        readers
            .iter()
            .any(|other| load > self.load(other) + 1)
            .then(|| self.least_loaded_reader(&tp.topic))?
    }

    fn is_balanced(&self) -> bool {
        let (Some((min, _)), Some((max, _))) = (self.by_load.first(), self.by_load.last()) else {
            return true;
        };
        if *min + 1 >= *max {
            return true;
        }
        self.by_load.iter().all(|(load, id)| {
            *load == self.most_possible(id) || !self.could_take_from_another(id, *load)
        })
    }

    fn could_take_from_another(&self, id: &str, load: usize) -> bool {
        let topics = self.wants.get(id).into_iter().flatten();
        topics
            .filter_map(|topic| self.counts.get(topic).map(|n| (topic, *n)))
            .flat_map(|(topic, n)| (0..n).map(|p| TopicPartition::new(topic.clone(), p)))
            .filter_map(|tp| self.owner.get(&tp))
            .any(|owner| owner != id && load + 1 < self.load(owner))
    }

    fn move_partition(&mut self, tp: &TopicPartition, to: &str) {
        let Some(from) = self.owner.get(tp) else {
            return;
        };
        let tp = self.movements.instead_of(tp, from, to);
        let Some(from) = self.owner.insert(tp.clone(), to.to_owned()) else {
            return;
        };
        for id in [from.as_str(), to] {
            self.by_load.remove(&(self.load(id), id.to_owned()));
        }
        self.movements.record(&tp, &from, to);
        if let Some(list) = self.current.get_mut(&from) {
            list.retain(|owned| *owned != tp);
        }
        self.current.entry(to.to_owned()).or_default().push(tp);
        for id in [from.as_str(), to] {
            self.by_load.insert((self.load(id), id.to_owned()));
        }
    }
}

/// Moves made so far. Moving one partition from A to B and another of the same topic from B to A
/// would be two moves for nothing.
#[derive(Default)]
struct Movements {
    by_topic: SortedMap<String, SortedMap<Pair, Vec<TopicPartition>>>,
    of: SortedMap<TopicPartition, Pair>,
}

impl Movements {
    fn instead_of(&self, tp: &TopicPartition, from: &str, to: &str) -> TopicPartition {
        let from = self.of.get(tp).map_or(from, |(first, _)| first.as_str());
        let back = self
            .by_topic
            .get(&tp.topic)
            .and_then(|pairs| pairs.get(&(to.to_owned(), from.to_owned())));
        let mut set = back.cloned().unwrap_or_default();
        walk_order(&mut set, partition_hash);
        set.into_iter().next().unwrap_or_else(|| tp.clone())
    }

    fn record(&mut self, tp: &TopicPartition, from: &str, to: &str) {
        let first = self.forget(tp).map_or(from.to_owned(), |(first, _)| first);
        if first != to {
            let pair = (first, to.to_owned());
            self.of.insert(tp.clone(), pair.clone());
            let pairs = self.by_topic.entry(tp.topic.clone()).or_default();
            pairs.entry(pair).or_default().push(tp.clone());
        }
    }

    fn forget(&mut self, tp: &TopicPartition) -> Option<Pair> {
        let pair = self.of.remove(tp)?;
        let pairs = self.by_topic.get_mut(&tp.topic)?;
        if let Some(set) = pairs.get_mut(&pair) {
            set.retain(|moved| moved != tp);
            if set.is_empty() {
                pairs.remove(&pair);
            }
        }
        Some(pair)
    }
}

fn previous_owners(order: &[(&Member, &Claim)]) -> SortedMap<TopicPartition, String> {
    let generation = |claim: &Claim| claim.generation.unwrap_or(-1);
    let newest = order.iter().map(|(_, c)| generation(c)).max().unwrap_or(-1);
    let mut found: SortedMap<TopicPartition, (i32, String)> = SortedMap::new();
    for (member, claim) in order.iter().filter(|(_, c)| generation(c) < newest) {
        for tp in &claim.owned {
            let known = found.get(tp).map(|(g, _)| *g);
            if known.is_none_or(|g| generation(claim) > g) {
                found.insert(tp.clone(), (generation(claim), member.id.clone()));
            }
        }
    }
    found.into_iter().map(|(tp, (_, id))| (tp, id)).collect()
}

/// How uneven an assignment is: the differences between every two members, summed.
fn unevenness(assignment: &Assignment) -> usize {
    let sizes: Vec<usize> = assignment.values().map(Vec::len).collect();
    let pairs = sizes
        .iter()
        .enumerate()
        .flat_map(|(i, a)| sizes.iter().skip(i + 1).map(move |b| a.abs_diff(*b)));
    pairs.sum()
}
