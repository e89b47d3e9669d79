//! `range`: each topic is cut into runs of neighbouring partitions, one run a member.

use engine::ids::TopicPartition;

use super::{Assignment, Member, PartitionCounts, in_order, nothing, subscribed};

/// Assigns by range: with more partitions than fit evenly, the first members take one more.
pub fn assign(members: &[Member], counts: &PartitionCounts) -> Assignment {
    let mut assignment = nothing(members);
    let sorted = in_order(members);
    for (topic, count) in subscribed(members, counts) {
        let readers: Vec<&&Member> = sorted
            .iter()
            .filter(|member| member.topics.contains(&topic))
            .collect();
        let total = usize::try_from(count).unwrap_or(0);
        let Some(each) = total.checked_div(readers.len()) else {
            continue;
        };
        let with_one_more = total - each * readers.len();
        let mut next = 0i32;
        for (i, reader) in readers.iter().enumerate() {
            let mine = each + usize::from(i < with_one_more);
            let end = next.saturating_add(i32::try_from(mine).unwrap_or(i32::MAX));
            if let Some(list) = assignment.get_mut(&reader.id) {
                list.extend((next..end).map(|p| TopicPartition::new(topic.clone(), p)));
            }
            next = end;
        }
    }
    assignment
}
