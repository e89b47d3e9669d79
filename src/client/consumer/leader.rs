//! What a group's leader does: reads what members want, assigns, writes what each gets.

use records::sorted::Arrange;
use records::sorted::{SortedMap, SortedSet};

use bytes::Bytes;
use engine::ids::TopicPartition;
use protocol::Versioned;
use protocol::consumer_protocol::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, TopicPartition as OwnedPartitions,
};
use protocol::messages::join_group::JoinGroupResponseMember;

use crate::assignor::{Assignment, Member};
use crate::net::requests::by_topic;

/// The version of the consumer protocol's messages that members write.
const VERSION: i16 = 3;

/// What a member tells the leader.
pub(super) fn subscription(
    topics: &SortedSet<String>,
    owned: &[TopicPartition],
    generation: i32,
    user_data: Option<Bytes>,
) -> Bytes {
    ConsumerProtocolSubscription {
        topics: topics.iter().cloned().collect(),
        user_data,
        owned_partitions: grouped(owned),
        generation_id: generation,
        rack_id: None,
    }
    .encode(VERSION)
}

/// The members of a group as the assignors want them. One whose subscription cannot be read wants
/// nothing.
pub(super) fn members(rows: &[JoinGroupResponseMember]) -> Vec<Member> {
    rows.iter().map(member).collect()
}

/// All topics that anybody in the group wants.
pub(super) fn topics(members: &[Member]) -> SortedSet<String> {
    members
        .iter()
        .flat_map(|member| member.topics.iter().cloned())
        .collect()
}

/// Each member's assignment as bytes.
pub(super) fn encoded(assignment: &Assignment) -> SortedMap<String, Bytes> {
    let encode = |partitions: &Vec<TopicPartition>| {
        ConsumerProtocolAssignment {
            assigned_partitions: grouped(partitions),
            user_data: None,
        }
        .encode(VERSION)
    };
    assignment
        .iter()
        .map(|(id, partitions)| (id.clone(), encode(partitions)))
        .collect()
}

/// The partitions in an assignment's bytes; none if there are no bytes.
pub(super) fn assigned(bytes: &Bytes) -> Option<Vec<TopicPartition>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let (_, assignment) = ConsumerProtocolAssignment::decode(bytes).ok()?;
    let mut partitions = flat(&assignment.assigned_partitions);
    partitions.arrange();
    partitions.dedup();
    Some(partitions)
}

fn member(row: &JoinGroupResponseMember) -> Member {
    let Ok((version, wanted)) = ConsumerProtocolSubscription::decode(&row.metadata) else {
        return Member {
            id: row.member_id.clone(),
            ..Member::default()
        };
    };
    Member {
        id: row.member_id.clone(),
        instance_id: row.group_instance_id.clone(),
        topics: wanted.topics.clone(),
        owned: flat(&wanted.owned_partitions),
        generation: (version >= 2 && wanted.generation_id >= 0).then_some(wanted.generation_id),
        rack: wanted.rack_id,
        user_data: wanted.user_data,
    }
}

fn grouped(partitions: &[TopicPartition]) -> Vec<OwnedPartitions> {
    by_topic(partitions.iter().map(|tp| (tp, ())))
        .into_iter()
        .map(|(topic, partitions)| OwnedPartitions {
            topic: topic.to_owned(),
            partitions: partitions
                .into_iter()
                .map(|(partition, ())| partition)
                .collect(),
        })
        .collect()
}

fn flat(grouped: &[OwnedPartitions]) -> Vec<TopicPartition> {
    let each = grouped.iter().flat_map(|topic| {
        let name = topic.topic.as_str();
        topic
            .partitions
            .iter()
            .map(move |p| TopicPartition::new(name, *p))
    });
    each.collect()
}
