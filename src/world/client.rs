//! Clients in the world, and the applications that drive some of them.

use records::sorted::SortedMap;
use std::collections::VecDeque;

use client::admin::Admin;
use client::consumer::{Consumer, ConsumerEvent};
use client::producer::{Producer, ProducerEvent, ProducerRecord, SendId};
use engine::ids::TopicPartition;
use engine::net::Machine;
use engine::rng::Rng;
use engine::time::{Reason, SimTime, Wakeup};
use serde::Serialize;

use crate::app::{ReaderState, WorkloadState};
use crate::event::ClientEvent;
use crate::input::{Input, Reply};

/// A client may leave this many events unread; older ones are dropped so that memory stays bounded.
const MAILBOX_LIMIT: usize = 100_000;

/// Acknowledgements look back over this many changes of topic.
const TOPIC_CHANGES_LIMIT: usize = 1_000;

/// A producer, consumer or admin client, with what drives it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Client {
    /// `client.id`
    pub client_id: String,
    /// The client itself.
    pub body: Body,
    /// What it has done so far.
    pub stats: ClientStats,
    pub(crate) workload: Option<WorkloadState>,
    pub(crate) reader: Option<ReaderState>,
    pub(crate) rng: Rng,
    pub(crate) mailbox: VecDeque<ClientEvent>,
    pub(crate) closing: bool,
    /// From which record on a producer sends to which topic: acknowledgements do not say.
    topics: VecDeque<(SendId, String)>,
}

/// The kinds of client.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(clippy::large_enum_variant)] // a few dozen of them, looked at often
pub enum Body {
    /// Sends.
    Producer(Producer),
    /// Reads.
    Consumer(Consumer),
    /// Manages.
    Admin(Admin),
}

/// What a client has done so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ClientStats {
    /// Records handed to a producer.
    pub sent: u64,
    /// Records that a broker took.
    pub acked: u64,
    /// Records that failed.
    pub failed: u64,
    /// Records that a consumer's application got.
    pub read: u64,
    /// Of these, how many by partition: where a producer's records went, where a consumer's came from.
    pub partitions: SortedMap<TopicPartition, u64>,
}

impl Client {
    pub(crate) fn new(client_id: String, body: Body, rng: Rng) -> Client {
        Client {
            client_id,
            body,
            stats: ClientStats::default(),
            workload: None,
            reader: None,
            rng,
            mailbox: VecDeque::new(),
            closing: false,
            topics: VecDeque::new(),
        }
    }

    /// Whether it sends by itself.
    pub fn workload(&self) -> Option<&WorkloadState> {
        self.workload.as_ref()
    }

    /// Whether it reads by itself.
    pub fn reader(&self) -> Option<&ReaderState> {
        self.reader.as_ref()
    }

    /// Whether `close` was called.
    pub fn is_closing(&self) -> bool {
        self.closing
    }

    pub(crate) fn machine(&mut self) -> &mut dyn Machine {
        match &mut self.body {
            Body::Producer(producer) => producer,
            Body::Consumer(consumer) => consumer,
            Body::Admin(admin) => admin,
        }
    }

    /// When the client or the application that drives it is due.
    pub(crate) fn next_wakeup(&self) -> Option<Wakeup> {
        let own = match &self.body {
            Body::Producer(producer) => producer.next_wakeup(),
            Body::Consumer(consumer) => consumer.next_wakeup(),
            Body::Admin(admin) => admin.next_wakeup(),
        };
        let workload = self.workload.as_ref().and_then(WorkloadState::next_at);
        let reader = self.reader.as_ref().and_then(ReaderState::next_at);
        let workload = workload.map(|at| Wakeup {
            at,
            reason: Reason::Workload,
        });
        let reader = reader.map(|at| Wakeup {
            at,
            reason: Reason::Poll,
        });
        Wakeup::earlier(own, Wakeup::earlier(workload, reader))
    }

    /// Lets the applications do what is due, then the client itself.
    pub(crate) fn advance(&mut self, now: SimTime) {
        self.run_workload(now);
        self.machine().advance(now);
        self.run_reader(now);
    }

    /// Hands a record to a producer; `None` if this is no producer.
    pub(crate) fn send(&mut self, now: SimTime, record: ProducerRecord) -> Option<SendId> {
        let Body::Producer(producer) = &mut self.body else {
            return None;
        };
        let topic_changes = self
            .topics
            .back()
            .is_none_or(|(_, topic)| *topic != record.topic);
        let topic = topic_changes.then(|| record.topic.clone());
        let id = producer.send(now, record);
        self.topics.extend(topic.map(|topic| (id, topic)));
        self.stats.sent += 1;
        Some(id)
    }

    fn count_acked(&mut self, id: SendId, partition: i32) {
        self.stats.acked += 1;
        let later = self.topics.partition_point(|(from, _)| *from <= id);
        let Some((_, topic)) = later.checked_sub(1).and_then(|at| self.topics.get(at)) else {
            return;
        };
        let topic_partition = TopicPartition::new(topic.clone(), partition);
        *self.stats.partitions.entry(topic_partition).or_insert(0) += 1;
        if self.topics.len() > TOPIC_CHANGES_LIMIT {
            self.topics.pop_front();
        }
    }

    /// Takes what the client says, counting as it goes. `true` in second place: it has closed.
    pub(crate) fn collect(&mut self) -> (Vec<ClientEvent>, bool) {
        let events: Vec<ClientEvent> = match &mut self.body {
            Body::Producer(producer) => producer
                .take_events()
                .into_iter()
                .map(ClientEvent::Producer)
                .collect(),
            Body::Consumer(consumer) => consumer
                .take_events()
                .into_iter()
                .map(ClientEvent::Consumer)
                .collect(),
            Body::Admin(admin) => admin
                .take_events()
                .into_iter()
                .map(ClientEvent::Admin)
                .collect(),
        };
        let mut closed = false;
        for event in &events {
            match event {
                ClientEvent::Producer(ProducerEvent::Acked { id, partition, .. }) => {
                    self.count_acked(*id, *partition);
                }
                ClientEvent::Producer(ProducerEvent::Failed { .. }) => self.stats.failed += 1,
                ClientEvent::Producer(ProducerEvent::Closed)
                | ClientEvent::Consumer(ConsumerEvent::Closed) => closed = true,
                _ => {}
            }
        }
        if self.workload.is_none() && self.reader.is_none() {
            self.mailbox.extend(events.iter().cloned());
            while self.mailbox.len() > MAILBOX_LIMIT {
                self.mailbox.pop_front();
            }
        }
        (events, closed)
    }

    /// Whether whoever drives it has something to take.
    pub(crate) fn has_mail(&self) -> bool {
        if !self.mailbox.is_empty() {
            return true;
        }
        let driven = self.reader.is_some() || self.closing;
        matches!(&self.body, Body::Consumer(consumer) if !driven && consumer.has_buffered())
    }
}

impl Client {
    /// Does to the client what an input says; `None` if it is of another kind.
    pub(crate) fn apply(&mut self, now: SimTime, input: Input) -> Option<Reply> {
        match (input, &mut self.body) {
            (Input::Send(_, record), Body::Producer(_)) => {
                return self.send(now, record).map(Reply::Sent);
            }
            (Input::Poll(_, limit), Body::Consumer(consumer)) => {
                let records = consumer.poll(now, limit);
                for record in &records {
                    self.stats.count_read(&record.topic_partition);
                }
                return Some(Reply::Records(records));
            }
            (Input::Seek(_, partition, to), Body::Consumer(consumer)) => {
                consumer.seek(now, &partition, to);
            }
            (Input::Pause(_, partitions), Body::Consumer(consumer)) => consumer.pause(&partitions),
            (Input::Resume(_, partitions), Body::Consumer(consumer)) => {
                consumer.resume(&partitions);
            }
            (Input::Commit(_), Body::Consumer(consumer)) => consumer.commit(now),
            (Input::Call(_, call), Body::Admin(admin)) => {
                return Some(Reply::Call(admin.submit(now, call)));
            }
            (Input::SetWorkload(_, workload), Body::Producer(_)) => {
                self.workload = workload.map(|workload| WorkloadState::new(workload, now));
            }
            (Input::SetReader(_, reader), Body::Consumer(_)) => {
                self.reader = reader.map(|reader| ReaderState::new(reader, now));
            }
            (Input::Close(_), _) => self.close(now),
            _ => return None,
        }
        Some(Reply::Done)
    }

    fn close(&mut self, now: SimTime) {
        self.closing = true;
        self.workload = None;
        self.reader = None;
        match &mut self.body {
            Body::Producer(producer) => producer.close(now),
            Body::Consumer(consumer) => consumer.close(now),
            Body::Admin(admin) => admin.close(now),
        }
    }
}
