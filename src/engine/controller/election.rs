//! Who leads a partition: the first replica that is in sync and active. Without any, nobody, unless
//! the topic prefers an unclean leader (one that may lack committed records) to none.

use protocol::metadata_records::MetadataRecord;

use crate::controller::change::Change;
use crate::ids::BrokerId;
use crate::image::partition::PartitionImage;
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

/// A broker that comes or goes with the change, though the image does not show it yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Movement {
    /// May not lead or stay in sync any more.
    pub leaving: Option<BrokerId>,
    /// Whether the one that leaves died: it may have lost the end of its logs.
    pub died: bool,
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

/// The changes that follow from a broker's leaving or joining, over all partitions it bears on.
pub fn changes_for(image: &MetadataImage, movement: Movement) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    for topic in image.topics() {
        for (&index, partition) in &topic.partitions {
            if is_touched(partition, movement) {
                records.extend(change_for(image, topic, index, movement));
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
    let leaves = movement.leaving.is_some_and(|broker| {
        partition.isr.contains(&broker)
            || partition.leader == broker
            || (movement.died && partition.elr.contains(&broker))
    });
    leaves || (movement.leaving.is_none() && !partition.has_leader())
}

fn change_for(
    image: &MetadataImage,
    topic: &TopicImage,
    index: i32,
    movement: Movement,
) -> Option<MetadataRecord> {
    let mut change = Change::of(image, topic, index)?;
    change
        .isr
        .retain(|broker| movement.leaving != Some(*broker));
    change.died = movement.leaving.filter(|_| movement.died);
    change.election = allowed(image, &topic.name);
    let is_active = |broker| movement.is_active(image, broker);
    change.record(&is_active).map(MetadataRecord::from)
}
