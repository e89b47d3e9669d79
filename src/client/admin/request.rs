//! A call's items to a request.

use engine::ids::TopicPartition;
use protocol::Request;
use protocol::messages::consumer_group_describe::ConsumerGroupDescribeRequest;
use protocol::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use protocol::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use protocol::messages::delete_groups::DeleteGroupsRequest;
use protocol::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use protocol::messages::describe_cluster::DescribeClusterRequest;
use protocol::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use protocol::messages::describe_groups::DescribeGroupsRequest;
use protocol::messages::describe_log_dirs::DescribeLogDirsRequest;
use protocol::messages::describe_topic_partitions::{DescribeTopicPartitionsRequest, TopicRequest};
use protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use protocol::messages::list_groups::ListGroupsRequest;
use protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use protocol::messages::metadata::MetadataRequest;
use protocol::messages::offset_commit::OffsetCommitRequest;
use protocol::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use records::sorted::Arrange;

use super::plan::{Call, Key};
use super::{AdminCall, NewTopic, OffsetSpec};
use crate::net::metadata::named;
use crate::net::requests::{OffsetsFor, by_topic, commit_topics, fetch_offsets, find_coordinator};

/// `ConfigResource.Type.TOPIC`
pub(super) const TOPIC_RESOURCE: i8 = 2;

/// The request that asks for the items with these keys.
pub(super) fn build(call: &Call, keys: &[&Key], timeout_ms: i32) -> Request {
    match &call.call {
        AdminCall::CreateTopics(topics) => create_topics(topics, keys, timeout_ms),
        AdminCall::DeleteTopics(_) => delete_topics(keys, timeout_ms),
        AdminCall::ListTopics => MetadataRequest {
            allow_auto_topic_creation: false,
            topics: None,
            ..MetadataRequest::default()
        }
        .into(),
        AdminCall::DescribeTopics(_) => describe_topics(keys),
        AdminCall::CreatePartitions(list) => create_partitions(list, keys, timeout_ms),
        AdminCall::DescribeTopicConfigs(_) => describe_configs(keys),
        AdminCall::AlterTopicConfigs(topic, configs) => alter_configs(topic, configs),
        AdminCall::ListOffsets(list) => list_offsets(list, keys, timeout_ms),
        AdminCall::DeleteRecords(list) => delete_records(list, keys, timeout_ms),
        AdminCall::ListGroups => ListGroupsRequest::default().into(),
        AdminCall::DescribeGroups(_) => ConsumerGroupDescribeRequest {
            group_ids: group_names(keys),
            include_authorized_operations: false,
        }
        .into(),
        AdminCall::ListGroupOffsets(group, of) => offset_fetch(group, of.as_deref()),
        AdminCall::AlterGroupOffsets(group, offsets) => offset_commit(group, offsets),
        AdminCall::DeleteGroupOffsets(group, of) => offset_delete(group, of),
        AdminCall::DeleteGroups(_) => DeleteGroupsRequest {
            groups_names: group_names(keys),
        }
        .into(),
        AdminCall::RemoveMembers(group, instances) => remove_members(call, group, instances),
        AdminCall::DescribeCluster => DescribeClusterRequest::default().into(),
        AdminCall::DescribeLogDirs(_) => DescribeLogDirsRequest { topics: None }.into(),
    }
}

/// The request that finds the leaders of partitions.
#[inline(never)]
pub(super) fn find_leaders(keys: &[&Key]) -> Request {
    let mut topics: Vec<&str> = keys
        .iter()
        .filter_map(|key| match key {
            Key::Partition(tp) => Some(tp.topic.as_str()),
            _ => None,
        })
        .collect();
    topics.arrange();
    topics.dedup();
    MetadataRequest {
        topics: Some(topics.into_iter().map(named).collect()),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    }
    .into()
}

/// The request that finds the coordinators of groups.
#[inline(never)]
pub(super) fn find_coordinators(keys: &[&Key]) -> Request {
    find_coordinator(group_names(keys))
}

fn names(keys: &[&Key]) -> Vec<String> {
    keys.iter()
        .filter_map(|key| match key {
            Key::Topic(name) => Some(name.clone()),
            _ => None,
        })
        .collect()
}

fn group_names(keys: &[&Key]) -> Vec<String> {
    keys.iter()
        .filter_map(|key| match key {
            Key::Group(name) | Key::ClassicGroup(name) => Some(name.clone()),
            _ => None,
        })
        .collect()
}

/// The request that describes groups as classic ones.
pub(super) fn describe_classic(keys: &[&Key]) -> Request {
    describe_groups(group_names(keys))
}

fn asked<'a, T>(
    list: &'a [(TopicPartition, T)],
    keys: &[&Key],
) -> Vec<(&'a TopicPartition, &'a T)> {
    let wanted = |tp: &TopicPartition| {
        keys.iter()
            .any(|key| matches!(key, Key::Partition(other) if other == tp))
    };
    list.iter()
        .filter(|(tp, _)| wanted(tp))
        .map(|(tp, item)| (tp, item))
        .collect()
}

fn create_topics(topics: &[NewTopic], keys: &[&Key], timeout_ms: i32) -> Request {
    let wanted = names(keys);
    let topics = topics.iter().filter(|topic| wanted.contains(&topic.name));
    CreateTopicsRequest {
        topics: topics.map(creatable).collect(),
        timeout_ms,
        validate_only: false,
    }
    .into()
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    CreatableTopic {
        name: topic.name.clone(),
        num_partitions: topic.partitions.unwrap_or(-1),
        replication_factor: topic.replication_factor.unwrap_or(-1),
        assignments: topic
            .assignments
            .iter()
            .map(|(partition_index, broker_ids)| CreatableReplicaAssignment {
                partition_index: *partition_index,
                broker_ids: broker_ids.clone(),
            })
            .collect(),
        configs: topic
            .configs
            .iter()
            .map(|(name, value)| CreatableTopicConfig {
                name: name.clone(),
                value: Some(value.clone()),
            })
            .collect(),
    }
}

#[inline(never)]
fn delete_topics(keys: &[&Key], timeout_ms: i32) -> Request {
    let topic_names = names(keys);
    DeleteTopicsRequest {
        topics: topic_names
            .iter()
            .map(|name| DeleteTopicState {
                name: Some(name.clone()),
                ..DeleteTopicState::default()
            })
            .collect(),
        topic_names,
        timeout_ms,
    }
    .into()
}

#[inline(never)]
fn describe_topics(keys: &[&Key]) -> Request {
    let mut topics = names(keys);
    topics.arrange();
    DescribeTopicPartitionsRequest {
        topics: topics
            .into_iter()
            .map(|name| TopicRequest { name })
            .collect(),
        ..DescribeTopicPartitionsRequest::default()
    }
    .into()
}

#[inline(never)]
fn create_partitions(list: &[super::MorePartitions], keys: &[&Key], timeout_ms: i32) -> Request {
    let wanted = names(keys);
    let assigned = |new: &Vec<Vec<i32>>| {
        new.iter()
            .map(|broker_ids| CreatePartitionsAssignment {
                broker_ids: broker_ids.clone(),
            })
            .collect()
    };
    CreatePartitionsRequest {
        topics: list
            .iter()
            .filter(|(name, ..)| wanted.contains(name))
            .map(|(name, count, new)| CreatePartitionsTopic {
                name: name.clone(),
                count: *count,
                assignments: new.as_ref().map(assigned),
            })
            .collect(),
        timeout_ms,
        validate_only: false,
    }
    .into()
}

#[inline(never)]
fn describe_configs(keys: &[&Key]) -> Request {
    DescribeConfigsRequest {
        resources: names(keys)
            .into_iter()
            .map(|resource_name| DescribeConfigsResource {
                resource_type: TOPIC_RESOURCE,
                resource_name,
                configuration_keys: None,
            })
            .collect(),
        ..DescribeConfigsRequest::default()
    }
    .into()
}

#[inline(never)]
fn alter_configs(topic: &str, configs: &[(String, Option<String>)]) -> Request {
    IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: TOPIC_RESOURCE,
            resource_name: topic.to_owned(),
            configs: configs
                .iter()
                .map(|(name, value)| AlterableConfig {
                    name: name.clone(),
                    config_operation: i8::from(value.is_none()),
                    value: value.clone(),
                })
                .collect(),
        }],
        validate_only: false,
    }
    .into()
}

#[inline(never)]
fn list_offsets(list: &[(TopicPartition, OffsetSpec)], keys: &[&Key], timeout_ms: i32) -> Request {
    let topics = by_topic(asked(list, keys));
    ListOffsetsRequest {
        replica_id: -1,
        isolation_level: 0,
        topics: topics
            .into_iter()
            .map(|(name, partitions)| ListOffsetsTopic {
                name: name.to_owned(),
                partitions: partitions
                    .into_iter()
                    .map(|(partition_index, spec)| ListOffsetsPartition {
                        partition_index,
                        current_leader_epoch: -1,
                        timestamp: timestamp(*spec),
                    })
                    .collect(),
            })
            .collect(),
        timeout_ms,
    }
    .into()
}

fn timestamp(spec: OffsetSpec) -> i64 {
    match spec {
        OffsetSpec::Latest => -1,
        OffsetSpec::Earliest => -2,
        OffsetSpec::MaxTimestamp => -3,
        OffsetSpec::EarliestLocal => -4,
        OffsetSpec::LatestTiered => -5,
        OffsetSpec::Timestamp(at) => at,
    }
}

#[inline(never)]
fn delete_records(list: &[(TopicPartition, i64)], keys: &[&Key], timeout_ms: i32) -> Request {
    let topics = by_topic(asked(list, keys));
    DeleteRecordsRequest {
        topics: topics
            .into_iter()
            .map(|(name, partitions)| DeleteRecordsTopic {
                name: name.to_owned(),
                partitions: partitions
                    .into_iter()
                    .map(|(partition_index, offset)| DeleteRecordsPartition {
                        partition_index,
                        offset: *offset,
                    })
                    .collect(),
            })
            .collect(),
        timeout_ms,
    }
    .into()
}

#[inline(never)]
fn describe_groups(groups: Vec<String>) -> Request {
    DescribeGroupsRequest {
        groups,
        include_authorized_operations: false,
    }
    .into()
}

#[inline(never)]
fn offset_fetch(group: &str, of: Option<&[TopicPartition]>) -> Request {
    let topics: Option<Vec<(String, Vec<i32>)>> = of.map(|list| {
        by_topic(list.iter().map(|tp| (tp, ())))
            .into_iter()
            .map(|(name, list)| (name.to_owned(), list.into_iter().map(|(p, ())| p).collect()))
            .collect()
    });
    fetch_offsets(group, topics, OffsetsFor::Admin)
}

#[inline(never)]
fn offset_commit(group: &str, offsets: &[(TopicPartition, i64)]) -> Request {
    let topics = by_topic(offsets.iter().map(|(tp, offset)| (tp, (*offset, -1))));
    OffsetCommitRequest {
        group_id: group.to_owned(),
        topics: commit_topics(topics),
        ..OffsetCommitRequest::default()
    }
    .into()
}

#[inline(never)]
fn offset_delete(group: &str, of: &[TopicPartition]) -> Request {
    let topics = by_topic(of.iter().map(|tp| (tp, ())));
    OffsetDeleteRequest {
        group_id: group.to_owned(),
        topics: topics
            .into_iter()
            .map(|(name, partitions)| OffsetDeleteRequestTopic {
                name: name.to_owned(),
                partitions: partitions
                    .into_iter()
                    .map(|(partition_index, ())| OffsetDeleteRequestPartition { partition_index })
                    .collect(),
            })
            .collect(),
    }
    .into()
}

#[inline(never)]
fn remove_members(call: &Call, group: &str, instances: &[String]) -> Request {
    let reason = Some("member was removed by an admin".to_owned());
    let members: Vec<MemberIdentity> = if instances.is_empty() {
        let Some(ids) = &call.members else {
            return describe_groups(vec![group.to_owned()]);
        };
        let by_id = |id: &String| MemberIdentity {
            member_id: id.clone(),
            group_instance_id: None,
            reason: reason.clone(),
        };
        ids.iter().map(by_id).collect()
    } else {
        let by_instance = |instance: &String| MemberIdentity {
            member_id: String::new(),
            group_instance_id: Some(instance.clone()),
            reason: reason.clone(),
        };
        instances.iter().map(by_instance).collect()
    };
    LeaveGroupRequest {
        group_id: group.to_owned(),
        member_id: String::new(),
        members,
    }
    .into()
}
