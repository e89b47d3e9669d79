//! One partition about to change: its replicas, who is in sync, who may lead, and the record that
//! writes it all down.
//!
//! Below `min.insync.replicas` nothing more is committed, so a replica that leaves the in-sync ones
//! then still has every committed record: it stays an eligible leader (ELR), unless its process died
//! and may have lost the end of its log. When nobody at all is left, the last leader is remembered.

use protocol::Uuid;
use protocol::metadata_records::PartitionChangeRecord;
use records::sorted::SortedSet;

use crate::controller::election::Election;
use crate::ids::BrokerId;
use crate::image::partition::{NO_LEADER, PartitionImage};
use crate::image::{MetadataImage, TopicImage};

/// A partition about to change. [`Change::of`] changes nothing yet; its fields are what is wanted.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    topic: Uuid,
    index: i32,
    partition: &'a PartitionImage,
    min_isr: usize,
    /// How a leader is looked for.
    pub election: Election,
    /// The in-sync replicas.
    pub isr: Vec<BrokerId>,
    /// All replicas, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// Replicas that a reassignment adds.
    pub adding: Vec<BrokerId>,
    /// Replicas that a reassignment removes.
    pub removing: Vec<BrokerId>,
    /// A broker whose process died: the end of its log may be lost, so it is eligible no more.
    pub died: Option<BrokerId>,
}

/// Who leads, and by which right.
enum Elected {
    InSync(BrokerId),
    Eligible(BrokerId),
    Unclean(BrokerId),
    Nobody,
}

impl<'a> Change<'a> {
    /// The partition as it is.
    pub fn of(image: &MetadataImage, topic: &'a TopicImage, index: i32) -> Option<Change<'a>> {
        let partition = topic.partitions.get(&index)?;
        let min_isr = image.topic_config_i64(&topic.name, "min.insync.replicas");
        Some(Change {
            topic: topic.id,
            index,
            partition,
            min_isr: usize::try_from(min_isr).unwrap_or(0),
            election: Election::Online,
            isr: partition.isr.clone(),
            replicas: partition.replicas.clone(),
            adding: partition.adding_replicas.clone(),
            removing: partition.removing_replicas.clone(),
            died: None,
        })
    }

    /// The record that makes it so; none if nothing would change.
    pub fn record(mut self, is_active: &dyn Fn(BrokerId) -> bool) -> Option<PartitionChangeRecord> {
        self.complete_reassignment();
        let mut elr = self.eligible();
        let elected = self.elect(&elr, is_active);
        let before = self.partition;
        let mut record = PartitionChangeRecord {
            partition_id: self.index,
            topic_id: self.topic,
            ..PartitionChangeRecord::default()
        };
        let leader = match elected {
            Elected::InSync(leader) => leader,
            Elected::Eligible(leader) => {
                self.isr = vec![leader];
                elr.retain(|broker| *broker != leader);
                leader
            }
            Elected::Unclean(leader) => {
                self.isr = vec![leader];
                elr.clear();
                if !before.recovering {
                    record.leader_recovery_state = 1;
                }
                leader
            }
            Elected::Nobody => NO_LEADER,
        };
        let loses_replicas = before.replicas.iter().any(|id| !self.replicas.contains(id));
        // A new epoch even for the same leader: requests of replicas that are gone must not count.
        if leader != before.leader || (loses_replicas && leader != NO_LEADER) {
            record.leader = leader;
        }
        record.isr = changed(&before.isr, self.isr);
        record.replicas = changed(&before.replicas, self.replicas);
        record.adding_replicas = changed(&before.adding_replicas, self.adding);
        record.removing_replicas = changed(&before.removing_replicas, self.removing);
        record.last_known_elr = last_known(before, record.isr.as_deref(), leader);
        record.eligible_leader_replicas = changed(&before.elr, elr);
        let nothing = PartitionChangeRecord {
            partition_id: self.index,
            topic_id: self.topic,
            ..PartitionChangeRecord::default()
        };
        (record != nothing).then_some(record)
    }

    /// A reassignment is done once every replica that it adds is in sync.
    #[inline(never)]
    fn complete_reassignment(&mut self) {
        if self.adding.is_empty() && self.removing.is_empty() {
            return;
        }
        let stays = |broker: &&BrokerId| !self.removing.contains(broker);
        let isr: Vec<BrokerId> = self.isr.iter().filter(stays).copied().collect();
        if isr.is_empty() || !self.adding.iter().all(|broker| isr.contains(broker)) {
            return;
        }
        self.replicas = self.replicas.iter().filter(stays).copied().collect();
        self.isr = isr;
        self.adding.clear();
        self.removing.clear();
    }

    /// Who is out of sync, yet has every committed record.
    fn eligible(&self) -> Vec<BrokerId> {
        if self.isr.len() >= self.min_isr.min(self.replicas.len()) {
            return Vec::new();
        }
        let before = self.partition.elr.iter().chain(&self.partition.isr);
        let candidates: SortedSet<BrokerId> = before.copied().collect();
        candidates
            .into_iter()
            .filter(|broker| !self.isr.contains(broker) && self.died != Some(*broker))
            .filter(|broker| self.replicas.contains(broker))
            .collect()
    }

    fn elect(&self, elr: &[BrokerId], is_active: &dyn Fn(BrokerId) -> bool) -> Elected {
        let by_right = |broker: BrokerId| {
            if !is_active(broker) {
                Elected::Nobody
            } else if self.isr.contains(&broker) {
                Elected::InSync(broker)
            } else if elr.contains(&broker) {
                Elected::Eligible(broker)
            } else {
                Elected::Nobody
            }
        };
        let preferred = self.replicas.first().copied();
        let preferred = preferred.filter(|_| self.election == Election::Preferred);
        let in_turn = self.replicas.iter().copied();
        let candidates = preferred.into_iter().chain([self.partition.leader]);
        for candidate in candidates.chain(in_turn.clone()) {
            match by_right(candidate) {
                Elected::Nobody => {}
                elected => return elected,
            }
        }
        // Nobody has everything for sure; the last leader has as much as there is.
        if let ([last], [], []) = (
            self.partition.last_known_elr.as_slice(),
            self.isr.as_slice(),
            elr,
        ) && is_active(*last)
        {
            return Elected::Unclean(*last);
        }
        let any = in_turn.into_iter().find(|broker| is_active(*broker));
        match any.filter(|_| self.election == Election::Unclean) {
            Some(leader) => Elected::Unclean(leader),
            None => Elected::Nobody,
        }
    }
}

fn changed(before: &[BrokerId], now: Vec<BrokerId>) -> Option<Vec<BrokerId>> {
    (before != now).then_some(now)
}

/// The last leader is written down when the in-sync replicas run empty, and forgotten once somebody
/// leads again.
fn last_known(
    before: &PartitionImage,
    isr: Option<&[BrokerId]>,
    leader: BrokerId,
) -> Option<Vec<BrokerId>> {
    if isr.is_some_and(<[BrokerId]>::is_empty) {
        let last = vec![before.leader];
        return (before.has_leader() && before.last_known_elr != last).then_some(last);
    }
    (leader != NO_LEADER && !before.last_known_elr.is_empty()).then(Vec::new)
}

#[cfg(test)]
mod tests {
    use protocol::Uuid;

    use super::{Change, Election, PartitionImage};
    use crate::image::partition::{NO_LEADER, NO_LEADER_CHANGE};

    struct Row {
        case: &'static str,
        isr: &'static [i32],
        leader: i32,
        target: &'static [i32],
        active: &'static [i32],
        election: Election,
        /// The leader and in-sync replicas of the record, if one is written.
        expected: Option<(i32, Option<&'static [i32]>)>,
    }

    const ROWS: &[Row] = &[
        Row {
            case: "nothing to change",
            isr: &[1, 2, 3],
            leader: 1,
            target: &[1, 2, 3],
            active: &[1, 2, 3],
            election: Election::Online,
            expected: None,
        },
        Row {
            case: "a follower falls out",
            isr: &[1, 2, 3],
            leader: 1,
            target: &[1, 2],
            active: &[1, 2],
            election: Election::Online,
            expected: Some((NO_LEADER_CHANGE, Some(&[1, 2]))),
        },
        Row {
            case: "the leader dies: the next in-sync replica leads",
            isr: &[1, 3],
            leader: 1,
            target: &[3],
            active: &[2, 3],
            election: Election::Online,
            expected: Some((3, Some(&[3]))),
        },
        Row {
            case: "the last in-sync replica dies: nobody leads, it stays eligible",
            isr: &[1],
            leader: 1,
            target: &[],
            active: &[2, 3],
            election: Election::Online,
            expected: Some((NO_LEADER, Some(&[]))),
        },
        Row {
            case: "it comes back and leads",
            isr: &[1],
            leader: NO_LEADER,
            target: &[1],
            active: &[1, 2],
            election: Election::Online,
            expected: Some((1, None)),
        },
        Row {
            case: "an out-of-sync replica leads only if unclean leaders are allowed",
            isr: &[1],
            leader: NO_LEADER,
            target: &[1],
            active: &[3],
            election: Election::Unclean,
            expected: Some((3, Some(&[3]))),
        },
        Row {
            case: "back to the preferred leader",
            isr: &[3, 2, 1],
            leader: 3,
            target: &[3, 2, 1],
            active: &[1, 2, 3],
            election: Election::Preferred,
            expected: Some((1, None)),
        },
        Row {
            case: "the preferred leader is not in sync: the leader stays",
            isr: &[3, 2],
            leader: 3,
            target: &[3, 2],
            active: &[1, 2, 3],
            election: Election::Preferred,
            expected: None,
        },
    ];

    fn partition(isr: &[i32], leader: i32) -> PartitionImage {
        PartitionImage {
            replicas: vec![1, 2, 3],
            isr: isr.to_vec(),
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            elr: Vec::new(),
            last_known_elr: Vec::new(),
            leader,
            recovering: false,
            leader_epoch: 4,
            partition_epoch: 7,
        }
    }

    fn change(partition: &PartitionImage, min_isr: usize) -> Change<'_> {
        Change {
            topic: Uuid::ONE,
            index: 0,
            partition,
            min_isr,
            election: Election::Online,
            isr: partition.isr.clone(),
            replicas: partition.replicas.clone(),
            adding: partition.adding_replicas.clone(),
            removing: partition.removing_replicas.clone(),
            died: None,
        }
    }

    #[test]
    fn elections_go_as_kafkas() {
        for row in ROWS {
            let partition = partition(row.isr, row.leader);
            let mut change = change(&partition, 1);
            change.isr = row.target.to_vec();
            change.election = row.election;
            let record = change.record(&|broker| row.active.contains(&broker));
            let found = record
                .as_ref()
                .map(|record| (record.leader, record.isr.as_deref()));
            assert_eq!(found, row.expected, "{}", row.case);
        }
    }

    #[test]
    fn below_the_minimum_those_who_leave_stay_eligible_unless_they_died() {
        let whole = partition(&[1, 2, 3], 1);
        let mut two_left = change(&whole, 2);
        two_left.isr = vec![1, 2];
        assert_eq!(
            two_left.record(&|_| true).unwrap().eligible_leader_replicas,
            None
        );
        let pair = partition(&[1, 2], 1);
        let mut one_left = change(&pair, 2);
        one_left.isr = vec![1];
        let record = one_left.clone().record(&|_| true).unwrap();
        assert_eq!(record.eligible_leader_replicas, Some(vec![2]));
        one_left.died = Some(2);
        let record = one_left.record(&|_| true).unwrap();
        assert_eq!(record.eligible_leader_replicas, None);
        // An eligible replica leads when it is the only one there.
        let alone = PartitionImage {
            elr: vec![2],
            ..partition(&[1], 1)
        };
        let mut lost = change(&alone, 2);
        lost.isr.clear();
        let record = lost.record(&|broker| broker == 2).unwrap();
        assert_eq!((record.leader, record.isr), (2, Some(vec![2])));
        assert_eq!(record.eligible_leader_replicas, Some(vec![1]));
        assert_eq!(record.leader_recovery_state, -1);
    }

    #[test]
    fn the_last_leader_of_all_is_remembered_and_leads_again() {
        let single = partition(&[1], 1);
        let mut gone = change(&single, 1);
        gone.isr.clear();
        let record = gone.record(&|_| false).unwrap();
        assert_eq!(record.eligible_leader_replicas, Some(vec![1]));
        assert_eq!(record.last_known_elr, Some(vec![1]));
        let died = PartitionImage {
            isr: Vec::new(),
            elr: vec![1],
            last_known_elr: vec![1],
            ..partition(&[], NO_LEADER)
        };
        let mut registers = change(&died, 1);
        registers.died = Some(1);
        let record = registers.record(&|_| false).unwrap();
        assert_eq!(record.eligible_leader_replicas, Some(Vec::new()));
        let back = PartitionImage {
            elr: Vec::new(),
            ..died
        };
        let record = change(&back, 1).record(&|broker| broker == 1).unwrap();
        assert_eq!((record.leader, record.isr), (1, Some(vec![1])));
        assert_eq!(record.leader_recovery_state, 1);
        assert_eq!(record.last_known_elr, Some(Vec::new()));
    }

    #[test]
    fn a_reassignment_is_done_when_all_that_come_are_in_sync() {
        let moving = PartitionImage {
            replicas: vec![3, 2, 1],
            adding_replicas: vec![3],
            removing_replicas: vec![1],
            ..partition(&[1, 2], 1)
        };
        assert_eq!(change(&moving, 1).record(&|_| true), None);
        let mut done = change(&moving, 1);
        done.isr = vec![1, 2, 3];
        let record = done.record(&|_| true).unwrap();
        assert_eq!(record.replicas, Some(vec![3, 2]));
        assert_eq!((record.leader, record.isr), (3, Some(vec![2, 3])));
        assert_eq!(record.adding_replicas, Some(Vec::new()));
        assert_eq!(record.removing_replicas, Some(Vec::new()));
    }
}
