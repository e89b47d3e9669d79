//! `sticky`: as even as can be, and of all even assignments the one that moves the least.

use records::sorted::Arrange;
use records::sorted::{SortedMap, SortedSet};

use bytes::{BufMut, Bytes, BytesMut};
use engine::ids::TopicPartition;

use super::balance::Balancer;
use super::java_order::{string_hash, walk_order};
use super::{Assignment, Member, PartitionCounts, subscribed};

/// Assigns stickily, by what each member's user data says it owned.
pub fn assign(members: &[Member], counts: &PartitionCounts) -> Assignment {
    let claims: Vec<Claim> = members
        .iter()
        .map(|m| m.user_data.as_deref().and_then(decode).unwrap_or_default())
        .collect();
    stick(members, &claims, counts).assignment
}

/// What a member adds to its subscription for this assignor: its assignment and its generation.
pub fn user_data(owned: &[TopicPartition], generation: i32) -> Bytes {
    let mut by_topic: SortedMap<&str, Vec<i32>> = SortedMap::new();
    for tp in owned {
        by_topic.entry(&tp.topic).or_default().push(tp.partition);
    }
    let mut out = BytesMut::new();
    out.put_i32(length(by_topic.len()));
    for (topic, partitions) in by_topic {
        out.put_i16(i16::try_from(topic.len()).unwrap_or(0));
        out.put_slice(topic.as_bytes());
        out.put_i32(length(partitions.len()));
        for partition in partitions {
            out.put_i32(partition);
        }
    }
    out.put_i32(generation);
    out.freeze()
}

/// What a member says it owned, and when.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Claim {
    pub(super) owned: Vec<TopicPartition>,
    pub(super) generation: Option<i32>,
}

/// A sticky assignment.
pub(super) struct Stuck {
    pub(super) assignment: Assignment,
    /// Partitions that go to a new owner, if that came out on the way.
    pub(super) moving: Option<SortedMap<TopicPartition, String>>,
}

/// The two ways of the sticky assignors: a quick one if all members want the same topics, and a
/// search by single moves if not.
pub(super) fn stick(members: &[Member], claims: &[Claim], counts: &PartitionCounts) -> Stuck {
    let topics = subscribed(members, counts);
    let mut order: Vec<(&Member, &Claim)> = members.iter().zip(claims).collect();
    walk_order(&mut order, |(member, _)| string_hash(&member.id));
    let owners = Owners::settle(&order, &topics);
    if all_want_the_same(&order) {
        let mut even = Even::new(&order, owners, &topics);
        even.keep_owned();
        even.hand_out(&topics);
        return Stuck {
            assignment: even.assignment,
            moving: Some(even.moving),
        };
    }
    Stuck {
        assignment: Balancer::new(&order, owners.owned, topics).run(),
        moving: None,
    }
}

fn all_want_the_same(order: &[(&Member, &Claim)]) -> bool {
    let mut sets = order
        .iter()
        .map(|(member, _)| member.topics.iter().collect::<SortedSet<_>>());
    let Some(first) = sets.find(|set| !set.is_empty()) else {
        return true;
    };
    order
        .iter()
        .all(|(member, _)| member.topics.iter().collect::<SortedSet<_>>() == first)
}

/// Whose each partition was, once conflicting claims are settled.
struct Owners {
    owned: SortedMap<String, Vec<TopicPartition>>,
    /// Claimed by several members in the same generation.
    disputed: SortedSet<TopicPartition>,
}

impl Owners {
    fn settle(order: &[(&Member, &Claim)], topics: &PartitionCounts) -> Owners {
        let mut owners = Owners {
            owned: SortedMap::new(),
            disputed: SortedSet::new(),
        };
        let mut claimed: SortedMap<TopicPartition, (String, i32)> = SortedMap::new();
        for (member, claim) in order {
            owners.owned.entry(member.id.clone()).or_default();
            let generation = claim.generation.unwrap_or(-1);
            for tp in claim
                .owned
                .iter()
                .filter(|tp| topics.contains_key(&tp.topic))
            {
                let before = claimed.get(tp).cloned();
                if let Some((other, theirs)) = before {
                    if generation == theirs {
                        owners.disputed.insert(tp.clone());
                    }
                    if generation <= theirs {
                        continue;
                    }
                    if let Some(list) = owners.owned.get_mut(&other) {
                        list.retain(|owned| owned != tp);
                    }
                }
                claimed.insert(tp.clone(), (member.id.clone(), generation));
                owners
                    .owned
                    .entry(member.id.clone())
                    .or_default()
                    .push(tp.clone());
            }
        }
        owners
    }
}

/// The quick way: everybody may have everything, so only the numbers count.
struct Even<'a> {
    order: Vec<&'a str>,
    owners: Owners,
    assignment: Assignment,
    assigned: SortedSet<TopicPartition>,
    revoked: SortedSet<TopicPartition>,
    moving: SortedMap<TopicPartition, String>,
    /// Partitions every member has at least, and at most.
    least: usize,
    most: usize,
    /// How many members have, and how many shall have, more than the least.
    above_least: usize,
    shall_be_above: usize,
    below: Vec<String>,
    at_least: Vec<String>,
}

impl<'a> Even<'a> {
    fn new(order: &[(&'a Member, &Claim)], owners: Owners, topics: &PartitionCounts) -> Even<'a> {
        let total: usize = topics
            .values()
            .map(|count| usize::try_from(*count).unwrap_or(0))
            .sum();
        let members = owners.owned.len().max(1);
        Even {
            order: order.iter().map(|(member, _)| member.id.as_str()).collect(),
            assignment: owners
                .owned
                .keys()
                .map(|id| (id.clone(), Vec::new()))
                .collect(),
            owners,
            assigned: SortedSet::new(),
            revoked: SortedSet::new(),
            moving: SortedMap::new(),
            least: total / members,
            most: total.div_ceil(members),
            above_least: 0,
            shall_be_above: total % members,
            below: Vec::new(),
            at_least: Vec::new(),
        }
    }

    fn keep_owned(&mut self) {
        for id in std::mem::take(&mut self.order) {
            let mut owned = self.owners.owned.remove(id).unwrap_or_default();
            owned.retain(|tp| !self.owners.disputed.contains(tp));
            owned.arrange_by(|a, b| (a.partition, &a.topic).cmp(&(b.partition, &b.topic)));
            let keep = if owned.len() < self.least {
                self.below.push(id.to_owned());
                owned.len()
            } else if owned.len() >= self.most && self.above_least < self.shall_be_above {
                self.above_least += 1;
                if self.above_least == self.shall_be_above {
                    self.at_least.clear();
                }
                self.most
            } else {
                if self.above_least < self.shall_be_above {
                    self.at_least.push(id.to_owned());
                }
                self.least
            };
            self.revoked.extend(owned.split_off(keep.min(owned.len())));
            self.assigned.extend(owned.iter().cloned());
            self.assignment.insert(id.to_owned(), owned);
        }
        self.below.arrange();
        self.at_least.arrange();
    }

    fn hand_out(&mut self, topics: &PartitionCounts) {
        let mut turn = 0;
        for (topic, count) in topics {
            for partition in 0..*count {
                let tp = TopicPartition::new(topic.clone(), partition);
                if !self.assigned.contains(&tp) {
                    turn = self.hand_to_next(tp, turn);
                }
            }
        }
    }

    /// Gives one partition to the member whose turn it is; returns the next turn.
    fn hand_to_next(&mut self, tp: TopicPartition, turn: usize) -> usize {
        let filling_up = !self.below.is_empty();
        let waiting = if filling_up {
            &self.below
        } else {
            &self.at_least
        };
        let turn = if turn < waiting.len() { turn } else { 0 };
        let Some(id) = waiting.get(turn).cloned() else {
            return 0;
        };
        let list = self.assignment.entry(id.clone()).or_default();
        list.push(tp.clone());
        let has = list.len();
        if self.revoked.contains(&tp) || self.owners.disputed.contains(&tp) {
            self.moving.insert(tp, id.clone());
        }
        if filling_up && has >= self.least {
            self.below.remove(turn);
            self.at_least.push(id);
            return if self.below.is_empty() { 0 } else { turn };
        }
        if !filling_up {
            self.above_least += 1;
        }
        turn + 1
    }
}

fn decode(bytes: &[u8]) -> Option<Claim> {
    let mut reader = Reader(bytes);
    let mut claim = Claim::default();
    for _ in 0..reader.int()? {
        let length = reader.short()?;
        let topic = String::from_utf8(reader.take(usize::try_from(length).ok()?)?.to_vec()).ok()?;
        for _ in 0..reader.int()? {
            claim
                .owned
                .push(TopicPartition::new(topic.clone(), reader.int()?));
        }
    }
    // The oldest form ends here, without a generation.
    claim.generation = reader.int().filter(|generation| *generation >= 0);
    Some(claim)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    fn int(&mut self) -> Option<i32> {
        let (head, tail) = self.0.split_first_chunk::<4>()?;
        self.0 = tail;
        Some(i32::from_be_bytes(*head))
    }

    fn short(&mut self) -> Option<i16> {
        let (head, tail) = self.0.split_first_chunk::<2>()?;
        self.0 = tail;
        Some(i16::from_be_bytes(*head))
    }
}

fn length(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{decode, user_data};
    use engine::ids::TopicPartition;

    #[test]
    fn user_data_comes_back() {
        let owned = vec![TopicPartition::new("a", 1), TopicPartition::new("b", 0)];
        let claim = decode(&user_data(&owned, 7)).unwrap();
        assert_eq!((claim.owned, claim.generation), (owned, Some(7)));
    }

    #[test]
    fn nonsense_is_no_claim() {
        assert_eq!(decode(&[0x7f, 0xff, 0xff, 0xff]), None);
        assert_eq!(decode(&[0, 0, 0, 1, 0, 9, b'x']), None);
    }
}
