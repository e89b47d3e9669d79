//! OffsetFetch: how far a group has read.

use records::sorted::SortedMap;

use protocol::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponse,
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use protocol::{ErrorCode, Uuid};

use crate::group::change::CommittedOffset;
use crate::group::face::TopicResolver;
use crate::group::membership::Group;
use crate::group::state::GroupState;
use crate::ids::TopicPartition;

/// From this version on a request asks for several groups.
const GROUPS_SINCE: i16 = 8;
/// From this version on topics go by id.
const TOPIC_IDS_SINCE: i16 = 10;
/// From this version on the response has an error of its own.
const TOP_LEVEL_ERROR_SINCE: i16 = 2;

/// The groups a request of any version asks for.
pub(super) fn groups_of(version: i16, request: OffsetFetchRequest) -> Vec<OffsetFetchRequestGroup> {
    if version >= GROUPS_SINCE {
        return request.groups;
    }
    let topics = request.topics.map(|topics| {
        let topics = topics.into_iter().map(|topic| OffsetFetchRequestTopics {
            name: topic.name,
            partition_indexes: topic.partition_indexes,
            ..OffsetFetchRequestTopics::default()
        });
        topics.collect()
    });
    vec![OffsetFetchRequestGroup {
        group_id: request.group_id,
        topics,
        ..OffsetFetchRequestGroup::default()
    }]
}

/// The response of any version for these groups.
pub(super) fn response(version: i16, groups: Vec<OffsetFetchResponseGroup>) -> OffsetFetchResponse {
    if version >= GROUPS_SINCE {
        return OffsetFetchResponse {
            groups,
            ..OffsetFetchResponse::default()
        };
    }
    let Some(group) = groups.into_iter().next() else {
        return OffsetFetchResponse::default();
    };
    let topics = group.topics.into_iter().map(|topic| {
        let partitions =
            topic
                .partitions
                .into_iter()
                .map(|partition| OffsetFetchResponsePartition {
                    partition_index: partition.partition_index,
                    committed_offset: partition.committed_offset,
                    committed_leader_epoch: partition.committed_leader_epoch,
                    metadata: partition.metadata,
                    error_code: partition.error_code,
                });
        OffsetFetchResponseTopic {
            name: topic.name,
            partitions: partitions.collect(),
        }
    });
    OffsetFetchResponse {
        topics: topics.collect(),
        error_code: group.error_code,
        ..OffsetFetchResponse::default()
    }
}

/// The answer for a group that can't be asked; old versions say so for every partition.
pub(super) fn refuse(
    version: i16,
    request: OffsetFetchRequestGroup,
    error: ErrorCode,
) -> OffsetFetchResponseGroup {
    let mut refused = OffsetFetchResponseGroup {
        group_id: request.group_id,
        error_code: error.code(),
        ..OffsetFetchResponseGroup::default()
    };
    if version < TOP_LEVEL_ERROR_SINCE {
        let topics = request.topics.unwrap_or_default();
        refused.topics = topics.into_iter().map(|t| failed(t, error)).collect();
    }
    refused
}

/// The answer for a group, which need not exist.
pub(super) fn fetch(
    version: i16,
    group: Option<&Group>,
    request: OffsetFetchRequestGroup,
    topics: &dyn TopicResolver,
) -> OffsetFetchResponseGroup {
    let group = group.filter(|group| group.state != GroupState::Dead);
    let by_id = version >= TOPIC_IDS_SINCE;
    let answers = match request.topics {
        None => all(by_id, group, topics),
        Some(asked) => asked
            .into_iter()
            .map(|asked| some(by_id, group, asked, topics))
            .collect(),
    };
    OffsetFetchResponseGroup {
        group_id: request.group_id,
        topics: answers,
        ..OffsetFetchResponseGroup::default()
    }
}

fn some(
    by_id: bool,
    group: Option<&Group>,
    asked: OffsetFetchRequestTopics,
    topics: &dyn TopicResolver,
) -> OffsetFetchResponseTopics {
    let name = if by_id {
        match topics.name_of(asked.topic_id) {
            Some(name) => name,
            None => return failed(asked, ErrorCode::UnknownTopicId),
        }
    } else {
        asked.name.clone()
    };
    let partitions = asked.partition_indexes.into_iter().map(|index| {
        let at = TopicPartition::new(name.clone(), index);
        answer(index, group.and_then(|group| group.offsets.get(&at)))
    });
    OffsetFetchResponseTopics {
        topic_id: asked.topic_id,
        partitions: partitions.collect(),
        name: asked.name,
    }
}

fn all(
    by_id: bool,
    group: Option<&Group>,
    topics: &dyn TopicResolver,
) -> Vec<OffsetFetchResponseTopics> {
    let mut found: SortedMap<&str, Vec<OffsetFetchResponsePartitions>> = SortedMap::new();
    for (at, offset) in group.iter().flat_map(|group| &group.offsets) {
        let partitions = found.entry(&at.topic).or_default();
        partitions.push(answer(at.partition, Some(offset)));
    }
    let found = found.into_iter().filter_map(|(name, partitions)| {
        let topic_id = if by_id {
            // A topic that is gone has no id to be named by.
            topics.id_of(name)?
        } else {
            Uuid::ZERO
        };
        Some(OffsetFetchResponseTopics {
            name: name.to_owned(),
            topic_id,
            partitions,
        })
    });
    found.collect()
}

fn answer(index: i32, offset: Option<&CommittedOffset>) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        partition_index: index,
        committed_offset: offset.map_or(-1, |o| o.offset),
        committed_leader_epoch: offset.map_or(-1, |o| o.leader_epoch),
        metadata: Some(offset.map(|o| o.metadata.clone()).unwrap_or_default()),
        error_code: 0,
    }
}

fn failed(asked: OffsetFetchRequestTopics, error: ErrorCode) -> OffsetFetchResponseTopics {
    let partitions = asked.partition_indexes.into_iter().map(|index| {
        let error_code = error.code();
        OffsetFetchResponsePartitions {
            error_code,
            ..answer(index, None)
        }
    });
    OffsetFetchResponseTopics {
        name: asked.name,
        topic_id: asked.topic_id,
        partitions: partitions.collect(),
    }
}
