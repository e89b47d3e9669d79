//! `cooperative-sticky`: as `sticky`, but a partition that changes hands is given to nobody until
//! its old owner has let go of it and a second rebalance follows.

use records::sorted::{SortedMap, SortedSet};

use bytes::Bytes;
use engine::ids::TopicPartition;

use super::sticky::{Claim, Stuck, stick};
use super::{Assignment, Member, PartitionCounts};

/// Assigns as `sticky` does, then holds back what somebody else still owns.
pub fn assign(members: &[Member], counts: &PartitionCounts) -> Assignment {
    let claims: Vec<Claim> = members.iter().map(claim).collect();
    let Stuck {
        mut assignment,
        moving,
    } = stick(members, &claims, counts);
    let moving = moving.unwrap_or_else(|| changing_hands(members, &assignment));
    for (partition, new_owner) in moving {
        if let Some(list) = assignment.get_mut(&new_owner) {
            list.retain(|tp| *tp != partition);
        }
    }
    assignment
}

/// What a member adds to its subscription for this assignor: its generation, -1 before the first.
pub fn user_data(generation: Option<i32>) -> Bytes {
    Bytes::copy_from_slice(&generation.unwrap_or(-1).to_be_bytes())
}

fn claim(member: &Member) -> Claim {
    let told = || {
        let first = member.user_data.as_ref()?.first_chunk::<4>().copied()?;
        Some(i32::from_be_bytes(first))
    };
    Claim {
        owned: member.owned.clone(),
        generation: member.generation.or_else(told).filter(|g| *g >= 0),
    }
}

fn changing_hands(
    members: &[Member],
    assignment: &Assignment,
) -> SortedMap<TopicPartition, String> {
    let mut added = SortedMap::new();
    let mut revoked = SortedSet::new();
    for member in members {
        let assigned = assignment.get(&member.id).map_or(&[][..], Vec::as_slice);
        for tp in assigned.iter().filter(|tp| !member.owned.contains(tp)) {
            added.insert(tp.clone(), member.id.clone());
        }
        revoked.extend(member.owned.iter().filter(|tp| !assigned.contains(tp)));
    }
    added.retain(|tp, _| revoked.contains(tp));
    added
}
