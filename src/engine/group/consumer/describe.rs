//! ConsumerGroupDescribe.

use protocol::messages::consumer_group_describe::{
    Assignment, DescribedGroup, Member, TopicPartitions,
};

use crate::group::consumer::group::ConsumerGroup;
use crate::group::consumer::member::ConsumerMember;
use crate::group::consumer::partitions::TopicIdPartition;
use crate::group::face::TopicResolver;

const CLASSIC_MEMBER: i8 = 0;
const CONSUMER_MEMBER: i8 = 1;

impl ConsumerGroup {
    pub(in crate::group) fn describe(
        &self,
        id: &str,
        topics: &dyn TopicResolver,
    ) -> DescribedGroup {
        let members = self.members.values();
        DescribedGroup {
            group_id: id.to_owned(),
            group_state: self.state().name().to_owned(),
            group_epoch: self.epoch,
            assignment_epoch: self.target_epoch,
            assignor_name: self.assignor().to_owned(),
            members: members
                .map(|member| self.describe_member(member, topics))
                .collect(),
            ..DescribedGroup::default()
        }
    }

    fn describe_member(&self, member: &ConsumerMember, topics: &dyn TopicResolver) -> Member {
        let wants = &member.wants;
        let mut owned: Vec<&TopicIdPartition> = member.current.assigned.keys().collect();
        owned.extend(member.current.revoking.keys());
        let target = self.targets.get(&member.id);
        Member {
            member_id: member.id.clone(),
            instance_id: wants.instance_id.clone(),
            rack_id: wants.rack_id.clone(),
            member_epoch: member.current.epoch,
            client_id: wants.client_id.clone(),
            client_host: wants.client_host.clone(),
            subscribed_topic_names: wants.subscribed_topic_names.clone(),
            subscribed_topic_regex: wants.subscribed_topic_regex.clone(),
            assignment: assignment(owned, topics),
            target_assignment: assignment(target.into_iter().flatten().collect(), topics),
            member_type: if member.is_classic() {
                CLASSIC_MEMBER
            } else {
                CONSUMER_MEMBER
            },
        }
    }
}

/// Topics that are gone have no name to be shown by.
fn assignment(partitions: Vec<&TopicIdPartition>, topics: &dyn TopicResolver) -> Assignment {
    let mut found: Vec<TopicPartitions> = Vec::new();
    for at in partitions {
        if let Some(topic) = found.iter_mut().find(|topic| topic.topic_id == at.topic) {
            topic.partitions.push(at.partition);
        } else if let Some(name) = topics.name_of(at.topic) {
            found.push(TopicPartitions {
                topic_id: at.topic,
                topic_name: name,
                partitions: vec![at.partition],
            });
        }
    }
    Assignment {
        topic_partitions: found,
    }
}
