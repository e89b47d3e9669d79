//! Responses to what they say of each item, and items to the answer of a call.

use engine::ids::TopicPartition;
use engine::net::Address;
use protocol::Response;
use protocol::messages::describe_topic_partitions::DescribeTopicPartitionsResponseTopic;
use protocol::messages::metadata::MetadataResponse;
use records::sorted::Arrange;

use super::groups::of_group;
use super::log_dirs;
use super::plan::{Call, Found, Item, ItemState, Key};
use super::{
    AdminAnswer, AdminCall, ConfigEntry, FoundOffset, GroupListing, Outcome, PartitionDescription,
    TopicDescription,
};
use crate::event::ClientError;
use crate::net::metadata::port;

/// The broker that answered.
pub(super) type Answerer = (i32, Address);

/// What a response says of one item; `None` if nothing.
pub(super) fn of_item(key: &Key, response: &Response, from: &Answerer) -> Option<Outcome<Found>> {
    match key {
        Key::Whole | Key::Broker(_) => of_whole(response),
        Key::Topic(name) => of_topic(name, response),
        Key::Partition(tp) => of_partition(tp, response),
        Key::Group(group) | Key::ClassicGroup(group) => of_group(group, response, from),
    }
}

/// The answer to a call whose items are all done.
pub(super) fn of_call(call: &Call) -> Outcome<AdminAnswer> {
    let items = call.items.iter().filter_map(done);
    Ok(match &call.call {
        AdminCall::CreateTopics(_) => {
            AdminAnswer::CreateTopics(named(items, |found| match found {
                Found::Id(id) => Some(id),
                _ => None,
            }))
        }
        AdminCall::DeleteTopics(_) => AdminAnswer::DeleteTopics(named(items, nothing)),
        AdminCall::ListTopics => match one(items)? {
            Found::Names(names) => AdminAnswer::ListTopics(names),
            _ => return Err(unexpected()),
        },
        AdminCall::DescribeTopics(_) => {
            AdminAnswer::DescribeTopics(named(items, |found| match found {
                Found::Topic(topic) => Some(topic),
                _ => None,
            }))
        }
        AdminCall::CreatePartitions(_) => AdminAnswer::CreatePartitions(named(items, nothing)),
        AdminCall::DescribeTopicConfigs(_) => {
            AdminAnswer::DescribeTopicConfigs(named(items, |found| match found {
                Found::Configs(configs) => Some(configs),
                _ => None,
            }))
        }
        AdminCall::AlterTopicConfigs(..) => AdminAnswer::AlterTopicConfigs(one(items).map(drop)),
        AdminCall::ListOffsets(_) => AdminAnswer::ListOffsets(placed(items, |found| match found {
            Found::Offset(offset) => Some(offset),
            _ => None,
        })),
        AdminCall::DeleteRecords(_) => {
            AdminAnswer::DeleteRecords(placed(items, |found| match found {
                Found::LowWatermark(offset) => Some(offset),
                _ => None,
            }))
        }
        AdminCall::ListGroups => AdminAnswer::ListGroups(all_groups(items)?),
        AdminCall::DescribeGroups(_) => {
            AdminAnswer::DescribeGroups(named(items, |found| match found {
                Found::Group(group) => Some(group),
                _ => None,
            }))
        }
        AdminCall::ListGroupOffsets(..) => AdminAnswer::ListGroupOffsets(match one(items) {
            Ok(Found::Committed(offsets)) => Ok(offsets),
            Ok(_) => Err(unexpected()),
            Err(error) => Err(error),
        }),
        AdminCall::AlterGroupOffsets(..) => match one(items)? {
            Found::Each(each) => AdminAnswer::AlterGroupOffsets(each),
            _ => return Err(unexpected()),
        },
        AdminCall::DeleteGroupOffsets(..) => AdminAnswer::DeleteGroupOffsets(match one(items) {
            Ok(Found::Each(each)) => Ok(each),
            Ok(_) => Err(unexpected()),
            Err(error) => Err(error),
        }),
        AdminCall::DeleteGroups(_) => AdminAnswer::DeleteGroups(named(items, nothing)),
        AdminCall::RemoveMembers(..) => AdminAnswer::RemoveMembers(one(items).map(drop)),
        AdminCall::DescribeCluster => match one(items)? {
            Found::Cluster(id, controller, brokers) => {
                AdminAnswer::DescribeCluster(id, controller, brokers)
            }
            _ => return Err(unexpected()),
        },
        AdminCall::DescribeLogDirs(_) => AdminAnswer::DescribeLogDirs(log_dirs::of_brokers(items)),
    })
}

fn done(item: &Item) -> Option<(&Key, Outcome<Found>)> {
    match &item.state {
        ItemState::Done(outcome) => Some((&item.key, outcome.clone())),
        _ => None,
    }
}

fn one<'a>(mut items: impl Iterator<Item = (&'a Key, Outcome<Found>)>) -> Outcome<Found> {
    items
        .next()
        .map_or_else(|| Err(unexpected()), |(_, outcome)| outcome)
}

fn nothing(found: Found) -> Option<()> {
    (found == Found::Nothing).then_some(())
}

fn named<'a, T>(
    items: impl Iterator<Item = (&'a Key, Outcome<Found>)>,
    pick: impl Fn(Found) -> Option<T>,
) -> Vec<(String, Outcome<T>)> {
    items
        .filter_map(|(key, outcome)| match key {
            Key::Topic(name) | Key::Group(name) | Key::ClassicGroup(name) => {
                Some((name.clone(), picked(outcome, &pick)))
            }
            _ => None,
        })
        .collect()
}

fn placed<'a, T>(
    items: impl Iterator<Item = (&'a Key, Outcome<Found>)>,
    pick: impl Fn(Found) -> Option<T>,
) -> Vec<(TopicPartition, Outcome<T>)> {
    items
        .filter_map(|(key, outcome)| match key {
            Key::Partition(tp) => Some((tp.clone(), picked(outcome, &pick))),
            _ => None,
        })
        .collect()
}

fn picked<T>(outcome: Outcome<Found>, pick: impl Fn(Found) -> Option<T>) -> Outcome<T> {
    outcome.and_then(|found| pick(found).ok_or_else(unexpected))
}

fn all_groups<'a>(
    items: impl Iterator<Item = (&'a Key, Outcome<Found>)>,
) -> Outcome<Vec<GroupListing>> {
    let mut all = Vec::new();
    for (_, outcome) in items {
        if let Found::Groups(groups) = outcome? {
            all.extend(groups);
        }
    }
    Ok(all)
}

pub(super) fn unexpected() -> ClientError {
    ClientError::local(
        "org.apache.kafka.common.KafkaException",
        "The broker's answer does not belong to the call",
    )
}

pub(super) fn checked<T>(
    code: i16,
    message: Option<&String>,
    found: impl FnOnce() -> T,
) -> Outcome<T> {
    match code {
        0 => Ok(found()),
        code => Err(ClientError::of(code, message.map(String::as_str))),
    }
}

fn of_whole(response: &Response) -> Option<Outcome<Found>> {
    match response {
        Response::Metadata(body) => Some(Ok(Found::Names(topic_names(body)))),
        Response::ListGroups(body) => Some(checked(body.error_code, None, || {
            let listing = body.groups.iter().map(|group| GroupListing {
                group_id: group.group_id.clone(),
                protocol_type: group.protocol_type.clone(),
                state: group.group_state.clone(),
                group_type: group.group_type.clone(),
            });
            Found::Groups(listing.collect())
        })),
        Response::DescribeCluster(body) => Some(checked(
            body.error_code,
            body.error_message.as_ref(),
            || {
                let brokers = body
                    .brokers
                    .iter()
                    .map(|b| (b.broker_id, Address::new(b.host.clone(), port(b.port))));
                Found::Cluster(
                    body.cluster_id.clone(),
                    body.controller_id,
                    brokers.collect(),
                )
            },
        )),
        Response::DescribeLogDirs(body) => Some(log_dirs::described(body)),
        _ => None,
    }
}

fn topic_names(body: &MetadataResponse) -> Vec<(String, String, bool)> {
    let mut names: Vec<(String, String, bool)> = body
        .topics
        .iter()
        .filter(|topic| topic.error_code == 0)
        .filter_map(|topic| {
            let name = topic.name.clone()?;
            Some((name, topic.topic_id.to_string(), topic.is_internal))
        })
        .collect();
    names.arrange();
    names
}

fn of_topic(name: &str, response: &Response) -> Option<Outcome<Found>> {
    match response {
        Response::CreateTopics(body) => {
            let row = body.topics.iter().find(|row| row.name == name)?;
            Some(checked(row.error_code, row.error_message.as_ref(), || {
                Found::Id(row.topic_id.to_string())
            }))
        }
        Response::DeleteTopics(body) => {
            let row = body
                .responses
                .iter()
                .find(|row| row.name.as_deref() == Some(name))?;
            let message = row.error_message.as_ref();
            Some(checked(row.error_code, message, || Found::Nothing))
        }
        Response::DescribeTopicPartitions(body) => {
            let row = body
                .topics
                .iter()
                .find(|row| row.name.as_deref() == Some(name))?;
            Some(checked(row.error_code, None, || {
                Found::Topic(described(name, row))
            }))
        }
        Response::CreatePartitions(body) => {
            let row = body.results.iter().find(|row| row.name == name)?;
            let message = row.error_message.as_ref();
            Some(checked(row.error_code, message, || Found::Nothing))
        }
        Response::DescribeConfigs(body) => {
            let row = body.results.iter().find(|row| row.resource_name == name)?;
            Some(checked(row.error_code, row.error_message.as_ref(), || {
                let entries = row.configs.iter().map(|config| ConfigEntry {
                    name: config.name.clone(),
                    value: config.value.clone(),
                    source: config.config_source,
                });
                Found::Configs(entries.collect())
            }))
        }
        Response::IncrementalAlterConfigs(body) => {
            let row = body
                .responses
                .iter()
                .find(|row| row.resource_name == name)?;
            let message = row.error_message.as_ref();
            Some(checked(row.error_code, message, || Found::Nothing))
        }
        _ => None,
    }
}

fn described(name: &str, row: &DescribeTopicPartitionsResponseTopic) -> TopicDescription {
    let mut partitions: Vec<PartitionDescription> = row
        .partitions
        .iter()
        .map(|p| PartitionDescription {
            partition: p.partition_index,
            leader: p.leader_id,
            replicas: p.replica_nodes.clone(),
            isr: p.isr_nodes.clone(),
            elr: p.eligible_leader_replicas.clone().unwrap_or_default(),
            last_known_elr: p.last_known_elr.clone().unwrap_or_default(),
        })
        .collect();
    partitions.arrange_by_key(|p| p.partition);
    TopicDescription {
        name: name.to_owned(),
        id: row.topic_id.to_string(),
        internal: row.is_internal,
        partitions,
    }
}

#[inline(never)]
fn of_partition(tp: &TopicPartition, response: &Response) -> Option<Outcome<Found>> {
    match response {
        Response::ListOffsets(body) => {
            let topic = body.topics.iter().find(|topic| topic.name == tp.topic)?;
            let row = topic
                .partitions
                .iter()
                .find(|p| p.partition_index == tp.partition)?;
            Some(checked(row.error_code, None, || {
                Found::Offset(FoundOffset {
                    offset: row.offset,
                    timestamp: row.timestamp,
                    leader_epoch: row.leader_epoch,
                })
            }))
        }
        Response::DeleteRecords(body) => {
            let topic = body.topics.iter().find(|topic| topic.name == tp.topic)?;
            let row = topic
                .partitions
                .iter()
                .find(|p| p.partition_index == tp.partition)?;
            Some(checked(row.error_code, None, || {
                Found::LowWatermark(row.low_watermark)
            }))
        }
        _ => None,
    }
}
