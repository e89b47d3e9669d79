//! What a call asks, item by item, and of whom.

use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::ErrorCode;
use serde::Serialize;

use super::{
    AdminCall, CallId, ConfigEntry, FoundOffset, GroupDescription, GroupListing, GroupOffset,
};
use super::{LogDirDescription, Outcome, TopicDescription};
use crate::event::ClientError;
use engine::net::Address;

/// A call under way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) call: AdminCall,
    pub(super) deadline: SimTime,
    /// Not to be tried before this.
    pub(super) retry_at: SimTime,
    pub(super) failures: u32,
    pub(super) items: Vec<Item>,
    /// For `RemoveMembers` of everybody: who that is, once known.
    pub(super) members: Option<Vec<String>>,
    /// Whether a request of it has ever been sent.
    pub(super) sent: bool,
}

/// One thing a call asks about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) state: ItemState,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum Key {
    /// The call as a whole.
    Whole,
    Topic(String),
    Partition(TopicPartition),
    Group(String),
    /// A group that is not one of the consumer protocol: it is to be described as a classic one.
    ClassicGroup(String),
    /// All that one broker knows.
    Broker(i32),
}

/// How far an item is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum ItemState {
    /// Who is to be asked is not known yet.
    Unrouted,
    /// Ready to be asked of this node; of any if `None`.
    Routed(Option<i32>),
    /// Asked, or its leader or coordinator is being looked up.
    Sent,
    Done(Outcome<Found>),
}

/// What was found for an item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum Found {
    Nothing,
    Id(String),
    Names(Vec<(String, String, bool)>),
    Topic(TopicDescription),
    Configs(Vec<ConfigEntry>),
    Offset(FoundOffset),
    LowWatermark(i64),
    Groups(Vec<GroupListing>),
    Group(GroupDescription),
    Committed(Vec<GroupOffset>),
    Each(Vec<(TopicPartition, Outcome<()>)>),
    Cluster(String, i32, Vec<(i32, Address)>),
    LogDirs(Vec<LogDirDescription>),
}

/// Who answers a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// Any broker.
    Any,
    /// The controller, which metadata names.
    Controller,
    /// The leader of each partition.
    Leader,
    /// The coordinator of each group.
    Coordinator,
    /// Each broker for itself.
    EveryBroker,
}

impl Call {
    pub(super) fn is_done(&self) -> bool {
        !self.items.is_empty()
            && self
                .items
                .iter()
                .all(|item| matches!(item.state, ItemState::Done(_)))
    }
}

/// The items of a call; none yet if they depend on which brokers there are.
pub(super) fn items(call: &AdminCall) -> Vec<Item> {
    let topics =
        |names: &mut dyn Iterator<Item = &String>| names.map(|name| topic_item(name)).collect();
    let partitions = |list: &mut dyn Iterator<Item = &TopicPartition>| {
        list.map(|tp| Item {
            key: Key::Partition(tp.clone()),
            state: ItemState::Unrouted,
        })
        .collect()
    };
    let groups = |names: &[String]| names.iter().map(|group| group_item(group)).collect();
    match call {
        AdminCall::CreateTopics(new) => topics(&mut new.iter().map(|topic| &topic.name)),
        AdminCall::DeleteTopics(names)
        | AdminCall::DescribeTopics(names)
        | AdminCall::DescribeTopicConfigs(names) => topics(&mut names.iter()),
        AdminCall::CreatePartitions(list) => topics(&mut list.iter().map(|(name, ..)| name)),
        AdminCall::AlterTopicConfigs(name, _) => vec![topic_item(name)],
        AdminCall::ListTopics | AdminCall::DescribeCluster => vec![Item {
            key: Key::Whole,
            state: ItemState::Unrouted,
        }],
        AdminCall::ListOffsets(list) => partitions(&mut list.iter().map(|(tp, _)| tp)),
        AdminCall::DeleteRecords(list) => partitions(&mut list.iter().map(|(tp, _)| tp)),
        AdminCall::ListGroups => Vec::new(),
        AdminCall::DescribeLogDirs(brokers) => brokers.iter().copied().map(broker_item).collect(),
        AdminCall::DescribeGroups(names) | AdminCall::DeleteGroups(names) => groups(names),
        AdminCall::ListGroupOffsets(group, _)
        | AdminCall::AlterGroupOffsets(group, _)
        | AdminCall::DeleteGroupOffsets(group, _)
        | AdminCall::RemoveMembers(group, _) => vec![group_item(group)],
    }
}

/// Who answers a call.
pub(super) fn route(call: &AdminCall) -> Route {
    match call {
        AdminCall::CreateTopics(_)
        | AdminCall::DeleteTopics(_)
        | AdminCall::CreatePartitions(_) => Route::Controller,
        AdminCall::ListTopics
        | AdminCall::DescribeTopics(_)
        | AdminCall::DescribeTopicConfigs(_)
        | AdminCall::AlterTopicConfigs(..)
        | AdminCall::DescribeCluster => Route::Any,
        AdminCall::ListOffsets(_) | AdminCall::DeleteRecords(_) => Route::Leader,
        AdminCall::ListGroups | AdminCall::DescribeLogDirs(_) => Route::EveryBroker,
        AdminCall::DescribeGroups(_)
        | AdminCall::DeleteGroups(_)
        | AdminCall::ListGroupOffsets(..)
        | AdminCall::AlterGroupOffsets(..)
        | AdminCall::DeleteGroupOffsets(..)
        | AdminCall::RemoveMembers(..) => Route::Coordinator,
    }
}

/// What the Java client calls the call.
pub(super) fn name(call: &AdminCall) -> &'static str {
    match call {
        AdminCall::CreateTopics(_) => "createTopics",
        AdminCall::DeleteTopics(_) => "deleteTopics",
        AdminCall::ListTopics => "listTopics",
        AdminCall::DescribeTopics(_) => "describeTopics",
        AdminCall::CreatePartitions(_) => "createPartitions",
        AdminCall::DescribeTopicConfigs(_) => "describeConfigs",
        AdminCall::AlterTopicConfigs(..) => "incrementalAlterConfigs",
        AdminCall::ListOffsets(_) => "listOffsets",
        AdminCall::DeleteRecords(_) => "deleteRecords",
        AdminCall::ListGroups => "listGroups",
        AdminCall::DescribeGroups(_) => "describeConsumerGroups",
        AdminCall::ListGroupOffsets(..) => "listConsumerGroupOffsets",
        AdminCall::AlterGroupOffsets(..) => "alterConsumerGroupOffsets",
        AdminCall::DeleteGroupOffsets(..) => "deleteConsumerGroupOffsets",
        AdminCall::DeleteGroups(_) => "deleteConsumerGroups",
        AdminCall::RemoveMembers(..) => "leaveGroup",
        AdminCall::DescribeCluster => "listNodes",
        AdminCall::DescribeLogDirs(_) => "describeLogDirs",
    }
}

/// Whether an error may go away by asking again, perhaps somebody else.
pub(super) fn may_pass(route: Route, code: i16) -> bool {
    let error = ErrorCode::from_code(code);
    match route {
        Route::Any => false,
        Route::Controller => matches!(
            error,
            ErrorCode::NotController | ErrorCode::ThrottlingQuotaExceeded
        ),
        Route::Leader => error.is_retriable(),
        Route::Coordinator | Route::EveryBroker => matches!(
            error,
            ErrorCode::CoordinatorLoadInProgress
                | ErrorCode::CoordinatorNotAvailable
                | ErrorCode::NotCoordinator
        ),
    }
}

/// All that one broker knows.
pub(super) fn broker_item(id: i32) -> Item {
    Item {
        key: Key::Broker(id),
        state: ItemState::Routed(Some(id)),
    }
}

fn topic_item(name: &str) -> Item {
    let state = if name.is_empty() {
        ItemState::Done(Err(ClientError::local(
            "org.apache.kafka.common.errors.InvalidTopicException",
            "The given topic name '' cannot be represented in a request.",
        )))
    } else {
        ItemState::Unrouted
    };
    Item {
        key: Key::Topic(name.to_owned()),
        state,
    }
}

fn group_item(group: &str) -> Item {
    Item {
        key: Key::Group(group.to_owned()),
        state: ItemState::Unrouted,
    }
}
