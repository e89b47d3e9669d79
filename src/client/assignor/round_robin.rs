//! `roundrobin`: all partitions of all topics are dealt out like cards.

use engine::ids::TopicPartition;

use super::{Assignment, Member, PartitionCounts, in_order, nothing, subscribed};

/// Deals partitions, by topic and number, to members in turn; who does not read a topic is skipped
/// and loses that turn.
pub fn assign(members: &[Member], counts: &PartitionCounts) -> Assignment {
    let mut assignment = nothing(members);
    let sorted = in_order(members);
    let mut turn = sorted.iter().cycle().peekable();
    for (topic, count) in subscribed(members, counts) {
        for partition in 0..count {
            // Somebody reads the topic, or it would not be in the list; so this ends.
            let dealt = turn.by_ref().find(|member| member.topics.contains(&topic));
            if let Some(list) = dealt.and_then(|member| assignment.get_mut(&member.id)) {
                list.push(TopicPartition::new(topic.clone(), partition));
            }
        }
    }
    assignment
}
