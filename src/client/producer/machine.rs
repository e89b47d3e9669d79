//! The producer's machine: takes records, waits for metadata and memory, keeps deadlines.

use records::sorted::SortedSet;
use std::collections::VecDeque;

use engine::ids::TopicPartition;
use engine::net::{Machine, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::{Reason, SimTime, Wakeup};
use protocol::messages::init_producer_id::InitProducerIdRequest;
use protocol::{ErrorCode, Response};
use serde::Serialize;

use super::accumulator::{Accumulator, Batch, Identity};
use super::partitioner::Partitioner;
use super::sender::Flight;
use super::{ProducerConfig, ProducerEvent, ProducerRecord, SendId};
use crate::event::ClientError;
use crate::net::backoff::Backoff;
use crate::net::core::{Ask, Core, CoreEvent};
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
    pub(super) partitioner: Partitioner,
    topics: SortedSet<String>,
    /// Records that wait for metadata or memory, as a caller of the Java client's `send` would.
    pub(super) blocked: VecDeque<Blocked>,
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
pub(super) struct Blocked {
    pub(super) id: SendId,
    pub(super) record: ProducerRecord,
    /// Since when it is the first that waits.
    pub(super) since: SimTime,
    pub(super) for_memory: bool,
}

impl Producer {
    /// A producer that starts looking for its cluster now.
    pub fn new(config: ProducerConfig, now: SimTime, rng: Rng) -> Producer {
        let links = LinkConfig {
            client_id: config.client_id.clone(),
            log_prefix: format!("[Producer clientId={}]", config.client_id),
            request_timeout_ms: config.request_timeout_ms,
            warns_of_lost_bootstrap: true,
        };
        let wanted = Wanted::Topics(SortedSet::new());
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
            topics: SortedSet::new(),
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
            // What the client says of an answer comes before what the answer does.
            self.write_log();
            self.on_event(now, event);
            self.bump_epoch();
        }
        self.write_log();
        if self.pending() == 0 {
            self.flushing = false;
            if self.closing {
                self.closed = true;
                self.core.links.close_all();
                self.events.push(ProducerEvent::Closed);
            }
        }
    }

    fn write_log(&mut self) {
        let log = self.core.take_log();
        self.events.extend(log.into_iter().map(ProducerEvent::Log));
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
            transactional_id: None,
            transaction_timeout_ms: i32::MAX,
            ..InitProducerIdRequest::default()
        }
        .into();
        let tag = Flight::Identity;
        self.core.send(now, Ask::new(node, request, tag));
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

    #[inline(never)]
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
            let text = format!(
                "Expiring {count} record(s) for {place}:{waited} ms has passed since batch creation"
            );
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
