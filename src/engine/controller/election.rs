//! Who leads a partition: the first replica that is in sync and active. Without any, nobody, unless
//! the topic prefers an unclean leader (one that may lack committed records) to none.

use protocol::Uuid;
use protocol::metadata_records::{MetadataRecord, PartitionChangeRecord};

use crate::ids::BrokerId;
use crate::image::partition::{NO_LEADER, PartitionImage};
use crate::image::{MetadataImage, TopicImage};

/// How a leader is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Election {
    /// Keep the leader if it can stay.
    Online,
    /// Move to the first replica if it can lead.
    Preferred,
    /// As online, and take any active replica when none in sync is active.
    Unclean,
}

/// A partition about to change.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The topic's id.
    pub topic: Uuid,
    /// The partition's number.
    pub index: i32,
    /// The partition as it is.
    pub partition: &'a PartitionImage,
}

/// A broker that comes or goes with the change, though the image does not show it yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Movement {
    /// May not lead or stay in sync any more.
    pub leaving: Option<BrokerId>,
    /// May lead from now on.
    pub joining: Option<BrokerId>,
}

impl Movement {
    /// Whether `broker` may lead and be in sync once the movement is done.
    pub fn is_active(self, image: &MetadataImage, broker: BrokerId) -> bool {
        let registered = || {
            image
                .broker(broker)
                .is_some_and(|broker| broker.is_active())
        };
        self.leaving != Some(broker) && (self.joining == Some(broker) || registered())
    }
}

/// The record that gives `subject` the in-sync replicas `target_isr` and the leader that follows
/// from them; none if nothing would change. An empty `target_isr` keeps the in-sync replicas: the
/// last of them is the only one sure to have every committed record.
pub fn change(
    subject: Subject<'_>,
    target_isr: &[BrokerId],
    election: Election,
    is_active: &dyn Fn(BrokerId) -> bool,
) -> Option<PartitionChangeRecord> {
    let partition = subject.partition;
    let isr = if target_isr.is_empty() {
        partition.isr.as_slice()
    } else {
        target_isr
    };
    let mut record = PartitionChangeRecord {
        partition_id: subject.index,
        topic_id: subject.topic,
        ..PartitionChangeRecord::default()
    };
    let (leader, unclean) = elect(partition, isr, election, is_active);
    if leader != partition.leader {
        record.leader = leader;
    }
    if unclean {
        record.isr = Some(vec![leader]);
        if !partition.recovering {
            record.leader_recovery_state = 1;
        }
    } else if isr != partition.isr {
        record.isr = Some(isr.to_vec());
    }
    (leader != partition.leader || record.isr.is_some()).then_some(record)
}

/// The changes that follow from a broker's leaving or joining, over all partitions it bears on.
pub fn changes_for(image: &MetadataImage, movement: Movement) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    for topic in image.topics() {
        for (&index, partition) in &topic.partitions {
            if is_touched(partition, movement) {
                let subject = Subject {
                    topic: topic.id,
                    index,
                    partition,
                };
                records.extend(change_for(image, topic, subject, movement));
            }
        }
    }
    records
}

/// The election that a topic's configuration allows when nobody in sync can lead.
pub fn allowed(image: &MetadataImage, topic: &str) -> Election {
    let unclean = image.topic_config(topic, "unclean.leader.election.enable");
    if unclean.trim().eq_ignore_ascii_case("true") {
        Election::Unclean
    } else {
        Election::Online
    }
}

fn is_touched(partition: &PartitionImage, movement: Movement) -> bool {
    let leaves = movement
        .leaving
        .is_some_and(|broker| partition.isr.contains(&broker) || partition.leader == broker);
    leaves || (movement.leaving.is_none() && !partition.has_leader())
}

fn change_for(
    image: &MetadataImage,
    topic: &TopicImage,
    subject: Subject<'_>,
    movement: Movement,
) -> Option<MetadataRecord> {
    let stays = |broker: &&BrokerId| movement.leaving != Some(**broker);
    let isr: Vec<BrokerId> = subject
        .partition
        .isr
        .iter()
        .filter(stays)
        .copied()
        .collect();
    let is_active = |broker| movement.is_active(image, broker);
    change(subject, &isr, allowed(image, &topic.name), &is_active).map(MetadataRecord::from)
}

fn elect(
    partition: &PartitionImage,
    isr: &[BrokerId],
    election: Election,
    is_active: &dyn Fn(BrokerId) -> bool,
) -> (BrokerId, bool) {
    let can_lead = |broker: BrokerId| isr.contains(&broker) && is_active(broker);
    let preferred = partition
        .preferred_leader()
        .filter(|_| election == Election::Preferred);
    if let Some(leader) = preferred.filter(|broker| can_lead(*broker)) {
        return (leader, false);
    }
    if can_lead(partition.leader) {
        return (partition.leader, false);
    }
    if let Some(leader) = partition
        .replicas
        .iter()
        .copied()
        .find(|broker| can_lead(*broker))
    {
        return (leader, false);
    }
    let any = partition
        .replicas
        .iter()
        .copied()
        .find(|broker| is_active(*broker));
    match any.filter(|_| election == Election::Unclean) {
        Some(leader) => (leader, true),
        None => (NO_LEADER, false),
    }
}

#[cfg(test)]
mod tests {
    use protocol::Uuid;

    use super::{Election, Subject, change};
    use crate::image::partition::{NO_LEADER, NO_LEADER_CHANGE, PartitionImage};

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
            case: "the last in-sync replica dies: nobody leads, it stays in sync",
            isr: &[1],
            leader: 1,
            target: &[],
            active: &[2, 3],
            election: Election::Online,
            expected: Some((NO_LEADER, None)),
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

    #[test]
    fn elections_go_as_kafkas() {
        for row in ROWS {
            let partition = PartitionImage {
                replicas: vec![1, 2, 3],
                isr: row.isr.to_vec(),
                removing_replicas: Vec::new(),
                adding_replicas: Vec::new(),
                elr: Vec::new(),
                last_known_elr: Vec::new(),
                leader: row.leader,
                recovering: false,
                leader_epoch: 4,
                partition_epoch: 7,
            };
            let subject = Subject {
                topic: Uuid::ONE,
                index: 0,
                partition: &partition,
            };
            let record = change(subject, row.target, row.election, &|broker| {
                row.active.contains(&broker)
            });
            let found = record
                .as_ref()
                .map(|record| (record.leader, record.isr.as_deref()));
            assert_eq!(found, row.expected, "{}", row.case);
        }
    }
}
