//! What happened in a world: feeds the protocol log, the timeline and the terminals.

use bytes::Bytes;
use client::admin::AdminEvent;
use client::consumer::ConsumerEvent;
use client::producer::ProducerEvent;
use engine::ids::BrokerId;
use engine::net::Address;
use engine::time::SimTime;
use serde::Serialize;

use crate::input::ClientId;

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorldEvent {
    /// When.
    pub at: SimTime,
    /// What.
    pub what: What,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum What {
    /// The cluster's brokers were started.
    ClusterStarted,
    /// The cluster was removed.
    ClusterStopped,
    /// A broker was started again.
    BrokerStarted(BrokerId),
    /// A broker died or stopped.
    BrokerGone(BrokerId),
    /// A client entered the world.
    ClientSpawned(ClientId),
    /// A client left the world.
    ClientGone(ClientId),
    /// A frame set off.
    FrameSent(Flight),
    /// A client tried an address at which nobody listens.
    Refused(ClientId, Address),
    /// Something a client told its application.
    Client(ClientId, ClientEvent),
}

/// Something a client told its application.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum ClientEvent {
    /// By a producer.
    Producer(ProducerEvent),
    /// By a consumer.
    Consumer(ConsumerEvent),
    /// By an admin client.
    Admin(AdminEvent),
}

/// A machine in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum NodeId {
    /// The controller.
    Controller,
    /// A broker.
    Broker(BrokerId),
    /// A client.
    Client(ClientId),
}

/// One frame under way or arrived: a picture interpolates between `sent` and `arrives`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flight {
    /// Counts every frame of the world, from 0.
    pub number: u64,
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// When it set off.
    pub sent: SimTime,
    /// When it arrives.
    pub arrives: SimTime,
    /// Which request it is, or which request it answers.
    pub call: Call,
    /// Whether it is the answer.
    pub is_response: bool,
    /// Whether it carries records of a topic that users made.
    pub carries_records: bool,
    /// The frame without its length prefix, shared with the machines.
    pub frame: Bytes,
}

/// What the header of a request says; its answer carries only the correlation id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Call {
    /// `api_key`
    pub api_key: i16,
    /// `api_version`
    pub api_version: i16,
    /// `correlation_id`
    pub correlation_id: i32,
}
