//! The coordinator's own assignors: who is to read which partition.
//!
//! All go through members and topics in the order of their ids, so that the same group always gets
//! the same assignment.

mod mixed;
mod range;
mod uniform;

use protocol::Uuid;
use records::sorted::{SortedMap, SortedSet};

use crate::group::consumer::partitions::Target;

/// The names that `group.consumer.assignors` lists, the default first.
pub const NAMES: &[&str] = &["uniform", "range"];

/// A member as an assignor sees it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subscriber {
    /// Its id.
    pub id: String,
    /// `group.instance.id`, for static members.
    pub instance_id: Option<String>,
    /// The topics it reads, of those that exist.
    pub topics: SortedSet<Uuid>,
    /// What it was to own until now.
    pub before: Target,
}

/// A group as an assignor sees it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subscriptions {
    /// The members, by id.
    pub members: Vec<Subscriber>,
    /// How many partitions each topic has; holds every topic that a member reads.
    pub partitions: SortedMap<Uuid, i32>,
}

impl Subscriptions {
    /// Whether all read the same topics.
    fn is_homogeneous(&self) -> bool {
        let first = self.members.first().map(|member| &member.topics);
        self.members
            .iter()
            .all(|member| Some(&member.topics) == first)
    }

    fn count(&self, topic: &Uuid) -> i32 {
        self.partitions.get(topic).copied().unwrap_or(0)
    }
}

/// What each member is to own, in the order of `members`. Names that are not known, which no request
/// gets through with, mean the default.
pub fn assign(name: &str, group: &Subscriptions) -> Vec<Target> {
    if name == "range" {
        range::assign(group)
    } else if group.is_homogeneous() {
        uniform::assign(group)
    } else {
        mixed::assign(group)
    }
}
