//! Requests and answers that more than one client has to do with.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use engine::net::Address;
use protocol::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use protocol::messages::offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
    OffsetFetchResponse,
};
use protocol::{ErrorCode, Request};

use super::metadata::port;

/// Whose committed offsets are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OffsetsFor {
    Admin,
    Consumer,
    /// A member by the consumer protocol, and its epoch.
    Member(String, i32),
}

/// A committed offset.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CommittedOffset {
    pub(crate) tp: TopicPartition,
    /// -1 if there is none.
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: String,
    pub(crate) error_code: i16,
}

/// Something for each of several partitions, under their topics.
pub(crate) type ByTopic<'a, T> = SortedMap<&'a str, Vec<(i32, T)>>;

/// Partitions under their topics, as most requests carry them.
pub(crate) fn by_topic<'a, T>(
    items: impl IntoIterator<Item = (&'a TopicPartition, T)>,
) -> ByTopic<'a, T> {
    let mut topics = ByTopic::new();
    for (tp, item) in items {
        topics
            .entry(&tp.topic)
            .or_default()
            .push((tp.partition, item));
    }
    topics
}

/// The request that finds the coordinators of groups, in the form of every version.
pub(crate) fn find_coordinator(groups: Vec<String>) -> Request {
    FindCoordinatorRequest {
        key: groups.first().cloned().unwrap_or_default(),
        key_type: 0,
        coordinator_keys: groups,
    }
    .into()
}

/// A coordinator, or the error and its message, out of the answer for one group.
pub(crate) fn coordinator_of(
    response: &FindCoordinatorResponse,
    group: &str,
) -> Result<(i32, Address), (i16, Option<String>)> {
    let address = |host: &String, number: i32| Address::new(host.clone(), port(number));
    if let Some(found) = response.coordinators.iter().find(|c| c.key == group) {
        return match found.error_code {
            0 => Ok((found.node_id, address(&found.host, found.port))),
            code => Err((code, found.error_message.clone())),
        };
    }
    match response.error_code {
        0 if response.host.is_empty() => Err((ErrorCode::CoordinatorNotAvailable.code(), None)),
        0 => Ok((response.node_id, address(&response.host, response.port))),
        code => Err((code, response.error_message.clone())),
    }
}

/// The request for committed offsets, in the form of every version.
pub(crate) fn fetch_offsets(
    group: &str,
    topics: Option<Vec<(String, Vec<i32>)>>,
    whom: OffsetsFor,
) -> Request {
    // A consumer must not start before the end of a transaction that may yet commit offsets.
    let require_stable = whom != OffsetsFor::Admin;
    let (member_id, member_epoch) = match whom {
        OffsetsFor::Member(id, epoch) => (Some(id), epoch),
        OffsetsFor::Admin | OffsetsFor::Consumer => (None, -1),
    };
    OffsetFetchRequest {
        group_id: group.to_owned(),
        topics: topics.as_ref().map(|topics| {
            topics
                .iter()
                .map(|(name, partitions)| OffsetFetchRequestTopic {
                    name: name.clone(),
                    partition_indexes: partitions.clone(),
                })
                .collect()
        }),
        groups: vec![OffsetFetchRequestGroup {
            group_id: group.to_owned(),
            member_id,
            member_epoch,
            topics: topics.map(|topics| {
                topics
                    .into_iter()
                    .map(|(name, partition_indexes)| OffsetFetchRequestTopics {
                        name,
                        partition_indexes,
                        ..OffsetFetchRequestTopics::default()
                    })
                    .collect()
            }),
        }],
        require_stable,
    }
    .into()
}

/// The committed offsets in an answer of any version, or the error of the group as a whole.
pub(crate) fn committed_offsets(
    response: &OffsetFetchResponse,
    group: &str,
) -> Result<Vec<CommittedOffset>, i16> {
    let mut found = Vec::new();
    if let Some(answer) = response
        .groups
        .iter()
        .find(|answer| answer.group_id == group)
    {
        if answer.error_code != 0 {
            return Err(answer.error_code);
        }
        for topic in &answer.topics {
            found.extend(topic.partitions.iter().map(|p| CommittedOffset {
                tp: TopicPartition::new(topic.name.clone(), p.partition_index),
                offset: p.committed_offset,
                leader_epoch: p.committed_leader_epoch,
                metadata: p.metadata.clone().unwrap_or_default(),
                error_code: p.error_code,
            }));
        }
        return Ok(found);
    }
    if response.error_code != 0 {
        return Err(response.error_code);
    }
    for topic in &response.topics {
        found.extend(topic.partitions.iter().map(|p| CommittedOffset {
            tp: TopicPartition::new(topic.name.clone(), p.partition_index),
            offset: p.committed_offset,
            leader_epoch: p.committed_leader_epoch,
            metadata: p.metadata.clone().unwrap_or_default(),
            error_code: p.error_code,
        }));
    }
    Ok(found)
}

/// Offsets and leader epochs as OffsetCommit carries them.
pub(crate) fn commit_topics(topics: ByTopic<'_, (i64, i32)>) -> Vec<OffsetCommitRequestTopic> {
    topics
        .into_iter()
        .map(|(name, partitions)| OffsetCommitRequestTopic {
            name: name.to_owned(),
            partitions: partitions
                .into_iter()
                .map(
                    |(partition_index, (offset, epoch))| OffsetCommitRequestPartition {
                        partition_index,
                        committed_offset: offset,
                        committed_leader_epoch: epoch,
                        committed_metadata: Some(String::new()),
                    },
                )
                .collect(),
            ..OffsetCommitRequestTopic::default()
        })
        .collect()
}
