//! The producer's machine: takes records, waits for metadata and memory, keeps deadlines.

use std::collections::{BTreeSet, VecDeque};

use engine::ids::TopicPartition;
use engine::net::{Machine, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::{Reason, SimTime, Wakeup};
use protocol::messages::init_producer_id::InitProducerIdRequest;
use protocol::{ErrorCode, Response};
use serde::Serialize;

use super::accumulator::{Accumulator, Batch, Identity, Placed};
use super::partitioner::{Choice, Partitioner};
use super::sender::Flight;
use super::{ProducerConfig, ProducerEvent, ProducerRecord, SendId};
use crate::event::ClientError;
use crate::murmur2::partition_for_key;
use crate::net::backoff::Backoff;
use crate::net::core::{Ask, AskOptions, Core, CoreEvent};
use crate::net::links::LinkConfig;
use crate::net::metadata::{Metadata, Wanted};

/// A producer. Each record handed to [`Producer::send`] ends in one [`ProducerEvent::Acked`] or
/// [`ProducerEvent::Failed`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Producer {
    pub(super) config: ProducerConfig,
    pub(super) core: Core<Flight>,
    pub(super) accumulator: Accumulator,
    pub(super) identity: Option<Identity>,
    /// Partitions that want a new epoch.
    pub(super) bump: Vec<TopicPartition>,
    pub(super) events: Vec<ProducerEvent>,
    /// Which partition comes first in the next request.
    pub(super) turn: u32,
    partitioner: Partitioner,
    topics: BTreeSet<String>,
    /// Records that wait for metadata or memory, as a caller of the Java client's `send` would.
    blocked: VecDeque<Blocked>,
    identity_asked: bool,
    identity_failures: u32,
    identity_retry_at: SimTime,
    next_send: u64,
    flushing: bool,
    closing: bool,
    closed: bool,
    now: SimTime,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Blocked {
    id: SendId,
    record: ProducerRecord,
    /// Since when it is the first that waits.
    since: SimTime,
    for_memory: bool,
}

impl Producer {
    /// A producer that starts looking for its cluster now.
    pub fn new(config: ProducerConfig, now: SimTime, rng: Rng) -> Producer {
        let links = LinkConfig {
            client_id: config.client_id.clone(),
            log_prefix: ["[Producer clientId=", &config.client_id, "]"].concat(),
            request_timeout_ms: config.request_timeout_ms,
            warns_of_lost_bootstrap: true,
        };
        let wanted = Wanted::Topics(BTreeSet::new());
        let metadata = Metadata::new(wanted, config.metadata_max_age_ms, config.retry_backoff_ms);
        let mut producer = Producer {
            core: Core::new(links, &config.bootstrap, metadata, rng),
            config,
            accumulator: Accumulator::default(),
            identity: None,
            bump: Vec::new(),
            events: Vec::new(),
            turn: 0,
            partitioner: Partitioner::default(),
            topics: BTreeSet::new(),
            blocked: VecDeque::new(),
            identity_asked: false,
            identity_failures: 0,
            identity_retry_at: now,
            next_send: 0,
            flushing: false,
            closing: false,
            closed: false,
            now,
        };
        producer.pump(now);
        producer
    }

    /// Takes a record. What becomes of it comes as an event.
    pub fn send(&mut self, now: SimTime, record: ProducerRecord) -> SendId {
        let id = SendId(self.next_send);
        self.next_send += 1;
        if self.closing {
            let error = ClientError::local(
                "java.lang.IllegalStateException",
                "Cannot perform operation after producer has been closed",
            );
            self.events.push(ProducerEvent::Failed { id, error });
            return id;
        }
        if !self.topics.contains(&record.topic) {
            self.topics.insert(record.topic.clone());
            self.core.metadata.want(Wanted::Topics(self.topics.clone()));
        }
        self.blocked.push_back(Blocked {
            id,
            record,
            since: now,
            for_memory: false,
        });
        self.pump(now);
        id
    }

    /// Sends all there is without lingering.
    pub fn flush(&mut self, now: SimTime) {
        self.flushing = self.pending() > 0;
        self.pump(now);
    }

    /// How many records are neither acknowledged nor failed.
    pub fn pending(&self) -> usize {
        self.accumulator.records() + self.blocked.len()
    }

    /// Whether a record waits for metadata or memory: the Java client's `send` would not have returned.
    pub fn send_blocks(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// Sends all there is, then closes; [`ProducerEvent::Closed`] follows.
    pub fn close(&mut self, now: SimTime) {
        self.closing = true;
        self.pump(now);
    }

    /// What happened since the last call.
    pub fn take_events(&mut self) -> Vec<ProducerEvent> {
        std::mem::take(&mut self.events)
    }

    /// What it was told at its start.
    pub fn config(&self) -> &ProducerConfig {
        &self.config
    }

    /// Whether batches go out without lingering.
    pub(super) fn is_in_a_hurry(&self) -> bool {
        self.flushing || self.closing || self.blocked.front().is_some_and(|b| b.for_memory)
    }

    /// When a batch is given up.
    pub(super) fn deadline(&self, batch: &Batch) -> SimTime {
        batch.created.plus_millis(self.config.delivery_timeout_ms)
    }

    fn pump(&mut self, now: SimTime) {
        self.now = now;
        if self.closed {
            return;
        }
        loop {
            self.ask_for_identity(now);
            self.core.maintain(now);
            self.admit(now);
            self.expire(now);
            self.send_ready(now);
            let Some(event) = self.core.next_event(now) else {
                break;
            };
            self.on_event(now, event);
            self.bump_epoch();
        }
        let log = self.core.take_log();
        self.events.extend(log.into_iter().map(ProducerEvent::Log));
        if self.pending() == 0 {
            self.flushing = false;
            if self.closing {
                self.closed = true;
                self.core.links.close_all();
                self.events.push(ProducerEvent::Closed);
            }
        }
    }

    fn on_event(&mut self, now: SimTime, event: CoreEvent<Flight>) {
        match event {
            CoreEvent::Answered {
                tag: Flight::Identity,
                response,
                ..
            } => {
                self.on_identity(now, &response);
            }
            CoreEvent::Answered {
                tag: Flight::Produce(sent),
                correlation,
                response: Response::Produce(body),
                ..
            } => self.on_produced(now, &sent, correlation, &body),
            CoreEvent::Failed {
                tag: Flight::Identity,
                ..
            } => self.identity_failed(now),
            CoreEvent::Failed {
                node,
                tag: Flight::Produce(sent),
                correlation,
                why,
            } => {
                self.on_produce_failed(now, (node, correlation), &sent, why);
            }
            CoreEvent::Answered { .. } | CoreEvent::Lost { .. } | CoreEvent::Metadata => {}
        }
    }

    fn ask_for_identity(&mut self, now: SimTime) {
        let known = self.identity.is_some() || !self.config.enable_idempotence;
        if known || self.identity_asked || now < self.identity_retry_at {
            return;
        }
        let Some(node) = self.core.links.least_loaded(now) else {
            return;
        };
        if !self.core.links.ready(now, node) {
            return;
        }
        self.identity_asked = true;
        let request = InitProducerIdRequest {
            transaction_timeout_ms: i32::MAX,
            ..InitProducerIdRequest::default()
        }
        .into();
        let (tag, options) = (Flight::Identity, AskOptions::default());
        self.core.send(
            now,
            Ask {
                node,
                request,
                tag,
                options,
            },
        );
    }

    fn on_identity(&mut self, now: SimTime, response: &Response) {
        self.identity_asked = false;
        match response {
            Response::InitProducerId(body) if body.error_code == 0 => {
                self.identity_failures = 0;
                self.identity = Some(Identity {
                    id: body.producer_id,
                    epoch: body.producer_epoch,
                });
            }
            Response::InitProducerId(body)
                if !ErrorCode::from_code(body.error_code).is_retriable() =>
            {
                let error = ClientError::of(body.error_code, None);
                self.fail_everything(&error);
                self.identity_failed(now);
            }
            _ => self.identity_failed(now),
        }
    }

    fn identity_failed(&mut self, now: SimTime) {
        self.identity_asked = false;
        self.identity_failures = self.identity_failures.saturating_add(1);
        let backoff = Backoff::retry(self.config.retry_backoff_ms);
        let wait = backoff.micros(self.identity_failures, &mut self.core.rng);
        self.identity_retry_at = now.plus_micros(wait);
    }

    fn fail_everything(&mut self, error: &ClientError) {
        let partitions: Vec<TopicPartition> = self.accumulator.queues.keys().cloned().collect();
        for tp in partitions {
            while let Some(batch) = self
                .accumulator
                .queues
                .get_mut(&tp)
                .and_then(|q| q.waiting.pop_front())
            {
                self.fail_batch(&tp, &batch, error);
            }
        }
        for blocked in std::mem::take(&mut self.blocked) {
            let (id, error) = (blocked.id, error.clone());
            self.events.push(ProducerEvent::Failed { id, error });
        }
    }

    /// Takes records from the line as long as metadata and memory allow.
    fn admit(&mut self, now: SimTime) {
        while let Some(mut first) = self.blocked.pop_front() {
            match self.place(now, &first) {
                Ok(Some(())) => {}
                Ok(None) => {
                    first.for_memory = self.core.metadata.topics.contains_key(&first.record.topic);
                    if let Some(error) = self.blocked_too_long(now, &first) {
                        let id = first.id;
                        self.events.push(ProducerEvent::Failed { id, error });
                    } else {
                        self.blocked.push_front(first);
                        return;
                    }
                }
                Err(error) => {
                    let id = first.id;
                    self.events.push(ProducerEvent::Failed { id, error });
                }
            }
            if let Some(next) = self.blocked.front_mut() {
                next.since = now;
            }
        }
    }

    /// Puts a record into a batch. `None` if it has to wait.
    fn place(&mut self, now: SimTime, blocked: &Blocked) -> Result<Option<()>, ClientError> {
        let record = &blocked.record;
        let topic = &record.topic;
        if self.core.metadata.errors.get(topic) == Some(&ErrorCode::InvalidTopicException) {
            let text = ["Invalid topics: [", topic, "]"].concat();
            return Err(ClientError::of(
                ErrorCode::InvalidTopicException.code(),
                Some(&text),
            ));
        }
        let count = self
            .core
            .metadata
            .partition_count(topic)
            .filter(|count| *count > 0);
        let Some(count) = count else {
            return Ok(None);
        };
        if record.partition.is_some_and(|p| p < 0) {
            return Err(ClientError::local(
                "java.lang.IllegalArgumentException",
                [
                    "Invalid partition: ",
                    &record.partition.unwrap_or(0).to_string(),
                    ". Partition number should always be non-negative or null.",
                ]
                .concat(),
            ));
        }
        if record.partition.is_some_and(|p| p >= count) {
            return Ok(None);
        }
        self.check_size(record)?;
        let (tp, sticky) = self.partition(record, count);
        let placed = Placed {
            id: blocked.id,
            timestamp: record.timestamp.unwrap_or(now.as_millis()),
            record,
        };
        let limits = (self.config.batch_size, self.config.buffer_memory);
        let Some(added) = self.accumulator.append(now, &tp, &placed, limits) else {
            return Ok(None);
        };
        if sticky {
            self.maybe_move_on(&tp, added);
        }
        Ok(Some(()))
    }

    fn check_size(&self, record: &ProducerRecord) -> Result<(), ClientError> {
        let size = Accumulator::size_upper_bound(record);
        let start = [
            "The message is ",
            &size.to_string(),
            " bytes when serialized which is larger than ",
        ]
        .concat();
        let too_large = |end: String| {
            let code = ErrorCode::MessageTooLarge.code();
            let text = [start.as_str(), &end].concat();
            Err(ClientError {
                code: 0,
                ..ClientError::of(code, Some(&text))
            })
        };
        let most = self.config.max_request_size;
        if size > most {
            let end = ", which is the value of the max.request.size configuration.";
            return too_large([&most.to_string(), end].concat());
        }
        if size > self.config.buffer_memory {
            return too_large(
                "the total memory buffer you have configured with the buffer.memory configuration."
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Where a record goes, and whether that was the partitioner's free choice.
    fn partition(&mut self, record: &ProducerRecord, count: i32) -> (TopicPartition, bool) {
        let topic = record.topic.as_str();
        if let Some(partition) = record.partition {
            return (TopicPartition::new(topic, partition), false);
        }
        if let Some(key) = record.key.as_deref().filter(|_| !self.config.ignore_keys) {
            return (
                TopicPartition::new(topic, partition_for_key(key, count)),
                false,
            );
        }
        if let Some(partition) = self.partitioner.current(topic).filter(|p| *p < count) {
            let tp = TopicPartition::new(topic, partition);
            self.maybe_move_on(&tp, 0);
        }
        let chosen = self.partitioner.current(topic).filter(|p| *p < count);
        let partition = chosen.or_else(|| self.choose(topic)).unwrap_or(0);
        (TopicPartition::new(topic, partition), true)
    }

    fn maybe_move_on(&mut self, tp: &TopicPartition, added: usize) {
        let full = self.accumulator.is_full(tp);
        if self
            .partitioner
            .produced(&tp.topic, added, self.config.batch_size, full)
        {
            self.choose(&tp.topic);
        }
    }

    fn choose(&mut self, topic: &str) -> Option<i32> {
        let info = self.core.metadata.topics.get(topic)?;
        let choice = |partition: &i32| {
            let tp = TopicPartition::new(topic, *partition);
            let queue = self.accumulator.queues.get(&tp);
            Choice {
                partition: *partition,
                waiting: queue.map_or(0, |queue| queue.waiting.len()),
            }
        };
        let led = info.partitions.iter().filter(|(_, p)| p.leader.is_some());
        let mut choices: Vec<Choice> = led.map(|(partition, _)| choice(partition)).collect();
        if choices.is_empty() {
            choices = info.partitions.keys().map(choice).collect();
        }
        self.partitioner.choose(topic, &choices, &mut self.core.rng)
    }

    fn blocked_too_long(&self, now: SimTime, blocked: &Blocked) -> Option<ClientError> {
        let most = self.config.max_block_ms;
        if now < blocked.since.plus_millis(most) {
            return None;
        }
        let record = &blocked.record;
        let most = most.to_string();
        let count = self.core.metadata.partition_count(&record.topic);
        let text = match (count, record.partition) {
            (Some(count), Some(partition)) if partition >= count => [
                "Partition ",
                &partition.to_string(),
                " of topic ",
                &record.topic,
                " with partition count ",
                &count.to_string(),
                " is not present in metadata after ",
                &most,
                " ms.",
            ]
            .concat(),
            (Some(_), _) => {
                let needed = self
                    .config
                    .batch_size
                    .max(Accumulator::size_upper_bound(record));
                return Some(ClientError::local(
                    "org.apache.kafka.clients.producer.BufferExhaustedException",
                    [
                        "Failed to allocate ",
                        &needed.to_string(),
                        " bytes within the configured max blocking time ",
                        &most,
                        " ms.",
                    ]
                    .concat(),
                ));
            }
            (None, _) => [
                "Topic ",
                &record.topic,
                " not present in metadata after ",
                &most,
                " ms.",
            ]
            .concat(),
        };
        Some(ClientError::timeout(text))
    }

    /// Gives batches up that could not be delivered in time. What is on its way is settled by its
    /// answer, or by the end of its connection.
    fn expire(&mut self, now: SimTime) {
        let timeout = self.config.delivery_timeout_ms;
        let mut late: Vec<(TopicPartition, Batch)> = Vec::new();
        for (tp, queue) in &mut self.accumulator.queues {
            let is_late = |batch: &Batch| batch.created.plus_millis(timeout) <= now;
            while let Some(batch) = queue.waiting.pop_front_if(|batch| is_late(batch)) {
                late.push((tp.clone(), batch));
            }
        }
        for (tp, batch) in late {
            let waited = now.millis_since(batch.created).to_string();
            let count = batch.ids.len().to_string();
            let place = tp.to_string();
            let text = [
                "Expiring ",
                &count,
                " record(s) for ",
                &place,
                ":",
                &waited,
                " ms has passed since batch creation",
            ]
            .concat();
            self.fail_batch(&tp, &batch, &ClientError::timeout(text));
            if batch.sequence.is_some() {
                // It may have arrived after all; its number must not be used for other records.
                self.bump.push(tp);
            }
        }
        self.bump_epoch();
    }

    fn batch_wakeups(&self) -> impl Iterator<Item = Wakeup> {
        let idle = self.config.enable_idempotence && self.identity.is_none();
        self.accumulator
            .queues
            .iter()
            .filter_map(move |(tp, queue)| {
                let first = queue.waiting.front()?;
                let late = Wakeup {
                    at: self.deadline(first),
                    reason: Reason::RequestTimeout,
                };
                let due = if first.attempts > 0 {
                    first.retry_at
                } else {
                    first.created.plus_millis(self.config.linger_ms)
                };
                let reason = if first.attempts > 0 {
                    Reason::Retry
                } else {
                    Reason::Linger
                };
                // What is due already waits for something else: an answer, a connection, a leader.
                let waits = idle || due <= self.now || self.core.metadata.leader(tp).is_none();
                let due = (!waits).then_some(Wakeup { at: due, reason });
                Wakeup::earlier(due, Some(late))
            })
    }
}

impl Machine for Producer {
    fn handle(&mut self, now: SimTime, input: NetIn) {
        self.core.handle(now, input);
        self.pump(now);
    }

    fn advance(&mut self, now: SimTime) {
        self.core.advance(now);
        self.pump(now);
    }

    fn next_wakeup(&self) -> Option<Wakeup> {
        if self.closed {
            return None;
        }
        let blocked = self.blocked.front().map(|first| Wakeup {
            at: first.since.plus_millis(self.config.max_block_ms),
            reason: Reason::RequestTimeout,
        });
        let identity =
            (self.identity_retry_at > self.now && !self.identity_asked).then_some(Wakeup {
                at: self.identity_retry_at,
                reason: Reason::Retry,
            });
        [blocked, identity, self.batch_wakeups().min()]
            .into_iter()
            .fold(self.core.next_wakeup(), Wakeup::earlier)
    }

    fn drain(&mut self) -> Vec<NetOut> {
        self.core.drain()
    }
}
