//! The assignors: who reads which partitions in a group generation, decided by the group's leader.
//!
//! Pure functions of the members' subscriptions and the topics' partition counts. For the same input
//! they give what the Java client's give, partition for partition. Racks are not considered.

use records::sorted::Arrange;
use records::sorted::SortedMap;

use bytes::Bytes;
use engine::ids::TopicPartition;
use serde::Serialize;

use crate::consumer::Assignor;

mod balance;
pub mod cooperative_sticky;
pub(crate) mod java_order;
pub mod range;
pub mod round_robin;
pub mod sticky;

/// What a member of a group told the leader when it joined.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Member {
    /// Its member id.
    pub id: String,
    /// `group.instance.id`
    pub instance_id: Option<String>,
    /// The topics it wants to read.
    pub topics: Vec<String>,
    /// Partitions it still owns, from subscription version 1 on.
    pub owned: Vec<TopicPartition>,
    /// The generation in which it owned them, from subscription version 2 on; `None` if never.
    pub generation: Option<i32>,
    /// `client.rack`
    pub rack: Option<String>,
    /// Whatever the member's assignor added.
    pub user_data: Option<Bytes>,
}

/// Partitions of each member id. Every member has an entry.
pub type Assignment = SortedMap<String, Vec<TopicPartition>>;

/// Partition count of each topic that exists.
pub type PartitionCounts = SortedMap<String, i32>;

/// Assigns the partitions of all subscribed topics that are in `counts` with the named assignor.
pub fn assign(assignor: Assignor, members: &[Member], counts: &PartitionCounts) -> Assignment {
    match assignor {
        Assignor::Range => range::assign(members, counts),
        Assignor::RoundRobin => round_robin::assign(members, counts),
        Assignor::Sticky => sticky::assign(members, counts),
        Assignor::CooperativeSticky => cooperative_sticky::assign(members, counts),
    }
}

impl Assignor {
    /// The name it carries on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
            Assignor::Sticky => "sticky",
            Assignor::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// The assignor of that name, if there is one.
    pub fn by_name(name: &str) -> Option<Assignor> {
        [
            Assignor::Range,
            Assignor::RoundRobin,
            Assignor::Sticky,
            Assignor::CooperativeSticky,
        ]
        .into_iter()
        .find(|assignor| assignor.name() == name)
    }

    /// Whether members keep reading through a rebalance what they will keep after it.
    pub fn is_cooperative(self) -> bool {
        self == Assignor::CooperativeSticky
    }
}

/// The topics that somebody wants and that exist, by name, with their partition counts.
fn subscribed(members: &[Member], counts: &PartitionCounts) -> PartitionCounts {
    let mut wanted = PartitionCounts::new();
    for topic in members.iter().flat_map(|member| &member.topics) {
        if let Some(count) = counts.get(topic).filter(|count| **count > 0) {
            wanted.insert(topic.clone(), *count);
        }
    }
    wanted
}

/// Members in the order range and roundrobin serve them: static members by instance id, then the
/// others by member id.
fn in_order(members: &[Member]) -> Vec<&Member> {
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.arrange_by(|a, b| {
        let rank = |m: &Member| m.instance_id.is_none();
        rank(a)
            .cmp(&rank(b))
            .then_with(|| a.instance_id.cmp(&b.instance_id))
            .then_with(|| a.id.cmp(&b.id))
    });
    sorted
}

/// An assignment that gives every member nothing.
fn nothing(members: &[Member]) -> Assignment {
    members
        .iter()
        .map(|member| (member.id.clone(), Vec::new()))
        .collect()
}
