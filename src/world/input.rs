//! Everything that can be done to a world, as data: a recording is a list of these with their times.

use client::admin::{AdminCall, AdminConfig, CallId};
use client::consumer::{ConsumerConfig, SeekTo, Subscription};
use client::event::{ConsumerRecord, Header};
use client::producer::{ProducerConfig, ProducerRecord, SendId};
use engine::ids::{BrokerId, TopicPartition};
use engine::time::SimTime;
use serde::{Deserialize, Serialize};

/// Names one client for as long as the world lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientId(pub u64);

/// How fast frames travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pace {
    /// A frame that carries records takes 600 ms a leg, so that one can watch it; all else 10 ms.
    Teaching,
    /// Under 1 ms a leg, for tests, transcripts and measurements.
    Real,
}

/// The cluster to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterSpec {
    /// How many brokers, numbered from 1.
    pub brokers: i32,
    /// The first broker's port; the others follow. The lecture's is 8098.
    pub first_port: u16,
    /// `offsets.topic.num.partitions`; Kafka's default is 50.
    pub offsets_partitions: i32,
}

/// One thing done to the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// Starts a cluster on empty disks. Refused while one runs.
    StartCluster(ClusterSpec),
    /// Stops and removes the cluster with all that it stores.
    StopCluster,
    /// A broker of the cluster is gone at once, as by `kill -9`; its disk stays.
    KillBroker(BrokerId),
    /// A broker hands over what it leads, then stops, as by SIGTERM.
    StopBroker(BrokerId),
    /// A broker that is down starts again with what its disk holds.
    StartBroker(BrokerId),
    /// Changes how fast frames travel from now on.
    SetPace(Pace),
    /// A new producer.
    SpawnProducer(ProducerConfig),
    /// A new consumer with what it wants to read.
    SpawnConsumer(ConsumerConfig, Subscription),
    /// A new admin client.
    SpawnAdmin(AdminConfig),
    /// A producer sends a record.
    Send(ClientId, ProducerRecord),
    /// A consumer hands over up to so many records (its own `max.poll.records` is the limit).
    Poll(ClientId, usize),
    /// A consumer moves its position.
    Seek(ClientId, TopicPartition, SeekTo),
    /// A consumer stops fetching these partitions.
    Pause(ClientId, Vec<TopicPartition>),
    /// A consumer fetches these partitions again.
    Resume(ClientId, Vec<TopicPartition>),
    /// A consumer commits its positions.
    Commit(ClientId),
    /// An admin client makes a call.
    Call(ClientId, AdminCall),
    /// A producer sends by itself from now on, or no longer.
    SetWorkload(ClientId, Option<Workload>),
    /// A consumer polls by itself from now on, or no longer.
    SetReader(ClientId, Option<Reader>),
    /// A client closes as its `close()` does, then leaves the world.
    Close(ClientId),
    /// A client is gone at once, as by `kill -9`.
    Kill(ClientId),
}

impl Input {
    /// The client it is done to, if it is one that exists already.
    pub fn client(&self) -> Option<ClientId> {
        match self {
            Input::StartCluster(_)
            | Input::StopCluster
            | Input::KillBroker(_)
            | Input::StopBroker(_)
            | Input::StartBroker(_)
            | Input::SetPace(_)
            | Input::SpawnProducer(_)
            | Input::SpawnConsumer(..)
            | Input::SpawnAdmin(_) => None,
            Input::Send(id, _)
            | Input::Poll(id, _)
            | Input::Seek(id, ..)
            | Input::Pause(id, _)
            | Input::Resume(id, _)
            | Input::Commit(id)
            | Input::Call(id, _)
            | Input::SetWorkload(id, _)
            | Input::SetReader(id, _)
            | Input::Close(id)
            | Input::Kill(id) => Some(*id),
        }
    }
}

/// What an input gives back.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Nothing but that it was done.
    Done,
    /// The new client.
    Client(ClientId),
    /// The record's name in the producer's events.
    Sent(SendId),
    /// The records polled.
    Records(Vec<ConsumerRecord>),
    /// The call's name in the admin client's events.
    Call(CallId),
}

/// Why an input was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorldError {
    /// There is no such client, or it has left.
    NoSuchClient(ClientId),
    /// The client is of another kind.
    WrongKind(ClientId),
    /// A cluster runs already.
    ClusterRuns,
    /// No cluster runs.
    NoCluster,
    /// The cluster has no such broker that runs.
    NoSuchBroker(BrokerId),
    /// The broker runs already.
    BrokerRuns(BrokerId),
    /// The number says how many brokers were asked for; 1 to 9 can be had.
    TooManyBrokers(i32),
}

/// A producer application that sends by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// The topic.
    pub topic: String,
    /// A fixed partition, or the partitioner's choice.
    pub partition: Option<i32>,
    /// Microseconds from one record to the next; at least 100.
    pub interval_micros: u64,
    /// Keys to choose from at random; `None` among them sends without a key. Empty: never a key.
    pub keys: Vec<Option<String>>,
    /// Values in turn; `{n}` stands for the record's number, `{key}` for its key. Empty: `{n}`.
    pub values: Vec<String>,
    /// Headers of every record.
    pub headers: Vec<Header>,
    /// Stop after so many records.
    pub remaining: Option<u64>,
}

/// A consumer application that polls by itself and does nothing but read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// At most so many records a second; `None` reads as fast as records come.
    pub records_per_second: Option<u32>,
}

/// An input and when it was given: one line of a recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recorded {
    /// When.
    pub at: SimTime,
    /// What.
    pub input: Input,
}
