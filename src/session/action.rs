//! What the page's buttons and dialogs do to the cluster. Each is done by Kafka requests that a
//! client sends, and each knows the command that would do the same.

use bytes::Bytes;
use client::admin::{AdminCall, NewTopic};
use client::consumer::SeekTo;
use client::event::Header;
use client::producer::ProducerRecord;
use engine::ids::TopicPartition;
use serde::{Deserialize, Serialize};
use world::input::{ClientId, Workload};

/// Something that a button does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Starts a cluster of so many brokers.
    StartCluster(i32),
    /// Removes the cluster and all that it stores.
    StopCluster,
    /// Creates a topic.
    CreateTopic(NewTopic),
    /// Deletes a topic.
    DeleteTopic(String),
    /// Raises a topic's number of partitions to this total.
    AddPartitions(String, i32),
    /// Deletes a partition's records before this offset.
    DeleteRecordsBefore(TopicPartition, i64),
    /// Adds a producer that sends by itself.
    AddProducer(NewProducer),
    /// Changes what a producer sends by itself; `None` pauses it.
    SetWorkload(ClientId, Option<Workload>),
    /// Adds a consumer to a group.
    AddConsumer(NewConsumer),
    /// Limits how many records a second a consumer reads; 0 pauses it, `None` sets it free.
    SetReadRate(ClientId, Option<u32>),
    /// Closes a client, as it would end itself.
    CloseClient(ClientId),
    /// Ends a client without a farewell, as `kill -9` would.
    KillClient(ClientId),
    /// Sends records from the composer.
    Send(Composed),
    /// Sends a stored record again, as it is.
    SendAgain(TopicPartition, i64),
    /// Lets a group read again from a record on.
    ReplayFrom(String, TopicPartition, i64),
    /// Moves a group's position in all partitions of a topic.
    ResetGroup(String, String, SeekTo),
    /// Deletes a group.
    DeleteGroup(String),
}

/// A producer to add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewProducer {
    /// `client.id`
    pub client_id: String,
    /// `acks`: 0, 1 or -1 for all.
    pub acks: i16,
    /// What it sends by itself.
    pub workload: Workload,
}

/// A consumer to add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewConsumer {
    /// `client.id`
    pub client_id: String,
    /// `group.id`
    pub group: String,
    /// The topics it reads.
    pub topics: Vec<String>,
    /// Whether a group without committed offsets starts with the oldest record.
    pub from_beginning: bool,
    /// At most so many records a second.
    pub records_per_second: Option<u32>,
}

/// What the composer sends: text, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composed {
    /// The topic.
    pub topic: String,
    /// A chosen partition, or the partitioner's choice.
    pub partition: Option<i32>,
    /// The key, if any.
    pub key: Option<String>,
    /// The value; `None` is a tombstone.
    pub value: Option<String>,
    /// Headers in order.
    pub headers: Vec<(String, Option<String>)>,
    /// How many records.
    pub count: u32,
    /// How many a second, if more than one.
    pub per_second: u32,
}

impl Composed {
    /// The record to send.
    pub fn record(&self) -> ProducerRecord {
        let text = |text: &String| Bytes::from(text.clone());
        ProducerRecord {
            topic: self.topic.clone(),
            partition: self.partition,
            timestamp: None,
            key: self.key.as_ref().map(text),
            value: self.value.as_ref().map(text),
            headers: self.headers(),
        }
    }

    /// The headers as a client sends them.
    pub fn headers(&self) -> Vec<Header> {
        let header = |(key, value): &(String, Option<String>)| Header {
            key: key.clone(),
            value: value.clone().map(Bytes::from),
        };
        self.headers.iter().map(header).collect()
    }
}

impl Action {
    /// The admin call that does it, if one call does.
    pub(crate) fn admin_call(&self) -> Option<AdminCall> {
        match self {
            Action::CreateTopic(topic) => Some(AdminCall::CreateTopics(vec![topic.clone()])),
            Action::DeleteTopic(topic) => Some(AdminCall::DeleteTopics(vec![topic.clone()])),
            Action::AddPartitions(topic, total) => Some(AdminCall::CreatePartitions(vec![(
                topic.clone(),
                *total,
                None,
            )])),
            Action::DeleteRecordsBefore(partition, offset) => {
                Some(AdminCall::DeleteRecords(vec![(partition.clone(), *offset)]))
            }
            Action::DeleteGroup(group) => Some(AdminCall::DeleteGroups(vec![group.clone()])),
            _ => None,
        }
    }
}
