//! From what a member owns to what it is to own, one step at a time: it first lets go and says so,
//! then it enters the new epoch, and gets each partition once its last owner has let go.

use protocol::{ErrorCode, Uuid};
use records::sorted::SortedSet;

use crate::group::consumer::group::ConsumerGroup;
use crate::group::consumer::member::{ConsumerMember, Current, MemberState};
use crate::group::consumer::partitions::{Owned, Target, TopicIdPartition};
use crate::group::consumer::refusal::Refusal;

/// What a member's next step depends on.
pub(super) struct Step<'a> {
    pub(super) group: &'a ConsumerGroup,
    pub(super) member: &'a ConsumerMember,
    /// The topics it reads, of those that exist.
    pub(super) topics: &'a SortedSet<Uuid>,
    /// Whether it reads others than before.
    pub(super) subscription_changed: bool,
    /// What it says it owns; `None` if that is as before.
    pub(super) owns: Option<&'a Target>,
}

impl Step<'_> {
    /// What the member owns after this step.
    pub(super) fn take(&self) -> Result<Current, Refusal> {
        let current = &self.member.current;
        match current.state {
            MemberState::Stable if current.epoch == self.group.target_epoch => {
                Ok(self.without_unsubscribed())
            }
            MemberState::Unrevoked if self.owns_any_of(&current.revoking) => {
                Ok(self.without_unsubscribed())
            }
            MemberState::Stable | MemberState::Unrevoked | MemberState::Unreleased => {
                Ok(self.towards_target(current.epoch))
            }
            MemberState::Unknown if self.owns.is_some_and(SortedSet::is_empty) => {
                Ok(self.towards_target(self.group.target_epoch))
            }
            MemberState::Unknown => Err(Refusal::new(
                ErrorCode::FencedMemberEpoch,
                "The consumer group member is in a unknown state. The member must abandon all its \
                 partitions and rejoin.",
            )),
        }
    }

    /// Nobody owns more than it says.
    fn owns_any_of(&self, revoking: &Owned) -> bool {
        match self.owns {
            None => true,
            Some(owns) => owns.iter().any(|at| revoking.contains_key(at)),
        }
    }

    /// A member that reads fewer topics than before has to let the others go, whatever the target.
    fn without_unsubscribed(&self) -> Current {
        let current = &self.member.current;
        if !self.subscription_changed {
            return current.clone();
        }
        let mut assigned = Owned::new();
        let mut revoking = current.revoking.clone();
        for (at, epoch) in &current.assigned {
            if self.topics.contains(&at.topic) {
                assigned.insert(*at, *epoch);
            } else {
                revoking.insert(*at, *epoch);
            }
        }
        if assigned.len() == current.assigned.len() {
            return current.clone();
        }
        let mut next = Current {
            previous_epoch: current.epoch,
            assigned,
            ..current.clone()
        };
        if self.owns_any_of(&revoking) {
            next.state = MemberState::Unrevoked;
            next.revoking = revoking;
        }
        next
    }

    fn towards_target(&self, epoch: i32) -> Current {
        let current = &self.member.current;
        let target = self.group.targets.get(&self.member.id);
        let wanted = |at: &&TopicIdPartition| self.topics.contains(&at.topic);
        let mut wants = Target::new();
        for at in target.into_iter().flatten().filter(wanted) {
            wants.insert(*at);
        }
        let mut assigned = Owned::new();
        let mut revoking = Owned::new();
        for (at, since) in &current.assigned {
            if wants.contains(at) {
                assigned.insert(*at, *since);
            } else {
                revoking.insert(*at, *since);
            }
        }
        if !revoking.is_empty() && self.owns_any_of(&revoking) {
            return Current {
                epoch,
                previous_epoch: current.epoch,
                state: MemberState::Unrevoked,
                assigned,
                revoking,
            };
        }
        let mut state = MemberState::Stable;
        for at in wants {
            if assigned.contains_key(&at) {
                continue;
            }
            // What it has just let go itself is nobody's any more.
            let released = current.revoking.contains_key(&at) || !self.is_owned_by_another(&at);
            if released {
                assigned.insert(at, self.group.target_epoch);
            } else {
                state = MemberState::Unreleased;
            }
        }
        Current {
            epoch: self.group.target_epoch,
            previous_epoch: current.epoch,
            state,
            assigned,
            revoking: Owned::new(),
        }
    }

    fn is_owned_by_another(&self, at: &TopicIdPartition) -> bool {
        self.group.is_owned(at)
    }
}
