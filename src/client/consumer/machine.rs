//! The consumer's machine: its verbs, and what drives the rest.

use records::sorted::{SortedMap, SortedSet};
use std::collections::VecDeque;

use engine::ids::TopicPartition;
use engine::net::{Address, Machine, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::{Reason, SimTime, Wakeup};
use serde::Serialize;

use super::buffer::Fetched;
use super::commits::{CommitReason, Offsets};
use super::fetch::Asked;
use super::group::Group;
use super::partitions::{Partitions, sought};
use super::{ConsumerConfig, ConsumerEvent, SeekTo, Subscription, topics};
use crate::event::{ClientError, ConsumerRecord, LogLevel, LogLine};
use crate::net::core::Core;
use crate::net::links::LinkConfig;
use crate::net::metadata::{Metadata, Wanted};

/// How long the Java client's `close` waits for answers unless told otherwise.
const CLOSE_TIMEOUT_MS: i64 = 30_000;
const COORDINATOR: &str = "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator";

/// A consumer. Records come from [`Consumer::poll`]; everything else comes as events.
///
/// A poll that hands over nothing counts as still waiting, as the Java client's would, and a poll
/// that hands over records as over: the application is busy with them until it polls again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Consumer {
    pub(super) config: ConsumerConfig,
    pub(super) core: Core<Flight>,
    pub(super) subscription: Option<Subscription>,
    /// The topics it wants, those that match a pattern included.
    pub(super) topics: SortedSet<String>,
    pub(super) group: Group,
    pub(super) partitions: Partitions,
    pub(super) buffer: VecDeque<Fetched>,
    /// Leaders that have a fetch to answer.
    pub(super) fetching: SortedSet<i32>,
    pub(super) events: Vec<ConsumerEvent>,
    pub(super) in_poll: bool,
    /// Whether it was ever polled: errors that only a poll throws wait for that.
    pub(super) polled: bool,
    pub(super) polled_at: SimTime,
    pub(super) next_auto_commit: SimTime,
    pub(super) closing: Closing,
    /// When closing ends, finished or not.
    pub(super) close_by: SimTime,
    /// A commit was asked for while the coordinator could not be reached.
    pub(super) commit_wanted: bool,
    pub(super) now: SimTime,
}

/// What a request of a consumer was for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum Flight {
    FindCoordinator,
    Join(u32),
    Sync(u32),
    Heartbeat(u32),
    Leave,
    Commit(CommitReason, Offsets),
    Committed(Vec<TopicPartition>),
    LookUp(Vec<(TopicPartition, i64)>),
    Fetch(Vec<Asked>),
}

/// How far closing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Closing {
    No,
    Asked,
    Committing,
    Committed,
    Leaving,
    Left,
    Done,
}

impl Closing {
    pub(super) fn after_commit(self) -> Closing {
        if self == Closing::Committing {
            Closing::Committed
        } else {
            self
        }
    }
}

impl Consumer {
    /// A consumer that does nothing until it is told what to read.
    pub fn new(config: ConsumerConfig, now: SimTime, rng: Rng) -> Consumer {
        let group = config.group_id.as_deref().unwrap_or("null");
        let instance = config.group_instance_id.as_ref();
        let instance = instance
            .map(|id| format!("instanceId={id}, "))
            .unwrap_or_default();
        let links = LinkConfig {
            client_id: config.client_id.clone(),
            log_prefix: format!(
                "[Consumer {instance}clientId={}, groupId={group}]",
                config.client_id
            ),
            request_timeout_ms: config.request_timeout_ms,
            warns_of_lost_bootstrap: true,
        };
        let wanted = Wanted::Topics(SortedSet::new());
        let mut metadata =
            Metadata::new(wanted, config.metadata_max_age_ms, config.retry_backoff_ms);
        metadata.allow_auto_creation = config.allow_auto_create_topics;
        Consumer {
            core: Core::new(links, &config.bootstrap, metadata, rng),
            next_auto_commit: now.plus_millis(config.auto_commit_interval_ms),
            config,
            subscription: None,
            topics: SortedSet::new(),
            group: Group::new(now),
            partitions: Partitions::default(),
            buffer: VecDeque::new(),
            fetching: SortedSet::new(),
            events: Vec::new(),
            in_poll: true,
            polled: false,
            polled_at: now,
            closing: Closing::No,
            close_by: SimTime::NEVER,
            commit_wanted: false,
            now,
        }
    }

    /// Says what to read from now on, instead of what was said before.
    pub fn subscribe(&mut self, now: SimTime, subscription: Subscription) {
        match &subscription {
            Subscription::Topics(topics) => {
                self.topics = topics.iter().cloned().collect();
                if self.config.group_id.is_none() {
                    self.fail(ClientError::local(
                        "org.apache.kafka.common.errors.InvalidGroupIdException",
                        "To use the group management or offset commit APIs, you must provide a valid group.id in the consumer configuration.",
                    ));
                }
            }
            Subscription::Pattern(pattern) => {
                if topics::whole_name(pattern).is_none() {
                    self.fail(ClientError::local(
                        "java.util.regex.PatternSyntaxException",
                        format!("Not a regular expression: {pattern}"),
                    ));
                    return;
                }
                self.topics.clear();
            }
            Subscription::Assign(partitions) => {
                self.topics = partitions.iter().map(|tp| tp.topic.clone()).collect();
                self.partitions.assign(now, partitions);
            }
        }
        self.subscription = Some(subscription);
        self.want_topics();
        self.match_pattern();
        self.pump(now);
    }

    /// Hands over up to `max` records, and no more than `max.poll.records`; positions move on.
    pub fn poll(&mut self, now: SimTime, max: usize) -> Vec<ConsumerRecord> {
        self.now = now;
        self.polled_at = now;
        self.in_poll = true;
        self.polled = true;
        self.pump(now);
        if self.closing != Closing::No {
            return Vec::new();
        }
        let records = self.hand_over(max.min(self.config.max_poll_records));
        self.in_poll = records.is_empty();
        self.pump(now);
        records
    }

    /// Moves the position in a partition that it reads.
    pub fn seek(&mut self, now: SimTime, tp: &TopicPartition, to: SeekTo) {
        if let Some(partition) = self.partitions.get_mut(tp) {
            partition.position = sought(to);
            partition.retry_at = now;
            self.buffer.retain(|fetched| fetched.tp != *tp);
        }
        self.pump(now);
    }

    /// Stops handing over records of these partitions.
    pub fn pause(&mut self, partitions: &[TopicPartition]) {
        for tp in partitions {
            if let Some(partition) = self.partitions.get_mut(tp) {
                partition.paused = true;
            }
        }
    }

    /// Goes on handing over records of these partitions; they are fetched from the next poll on.
    pub fn resume(&mut self, partitions: &[TopicPartition]) {
        for tp in partitions {
            if let Some(partition) = self.partitions.get_mut(tp) {
                partition.paused = false;
            }
        }
    }

    /// The next offset of each partition where it is known.
    pub fn positions(&self) -> SortedMap<TopicPartition, i64> {
        let consumed = self.partitions.consumed().into_iter();
        consumed.map(|(tp, offset, _)| (tp, offset)).collect()
    }

    /// The committed offset of each partition where one is known.
    pub fn committed(&self) -> SortedMap<TopicPartition, i64> {
        let known = self.partitions.by_name.iter();
        known
            .filter_map(|(tp, p)| Some((tp.clone(), p.committed?)))
            .collect()
    }

    /// The partitions it reads.
    pub fn assignment(&self) -> SortedSet<TopicPartition> {
        self.partitions.by_name.keys().cloned().collect()
    }

    /// How many fetched portions of records wait to be handed over.
    pub fn has_buffered(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Its member id, if a coordinator gave it one.
    pub fn member_id(&self) -> Option<&str> {
        Some(self.group.member_id.as_str()).filter(|id| !id.is_empty())
    }

    /// The generation of its group that it is in, -1 for none.
    pub fn generation(&self) -> i32 {
        self.group.generation
    }

    /// The coordinator of its group, once found: broker id and address.
    pub fn coordinator(&self) -> Option<(i32, Address)> {
        self.coordinator_address()
    }

    /// What it was told at its start.
    pub fn config(&self) -> &ConsumerConfig {
        &self.config
    }

    /// Commits all positions; [`ConsumerEvent::Committed`] follows.
    pub fn commit(&mut self, now: SimTime) {
        self.now = now;
        self.commit_wanted = true;
        self.pump(now);
    }

    /// Commits if `enable.auto.commit`, leaves the group, closes; [`ConsumerEvent::Closed`] follows.
    pub fn close(&mut self, now: SimTime) {
        if self.closing == Closing::No {
            self.closing = Closing::Asked;
            self.close_by = now.plus_millis(CLOSE_TIMEOUT_MS);
        }
        self.pump(now);
    }

    /// What happened since the last call.
    pub fn take_events(&mut self) -> Vec<ConsumerEvent> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn fail(&mut self, error: ClientError) {
        self.events.push(ConsumerEvent::Failed(error));
    }

    pub(super) fn log(&mut self, level: LogLevel, text: &str) {
        let prefix = &self.core.links.config.log_prefix;
        self.events.push(ConsumerEvent::Log(LogLine {
            level,
            text: format!("{prefix} {text}"),
            logger: COORDINATOR,
        }));
    }

    /// Asks nothing about a partition for a while.
    pub(super) fn put_off(&mut self, now: SimTime, tp: &TopicPartition) {
        let at = now.plus_millis(self.config.retry_backoff_ms);
        if let Some(partition) = self.partitions.get_mut(tp) {
            partition.retry_at = at;
        }
    }

    fn pump(&mut self, now: SimTime) {
        self.now = now;
        if self.subscription.is_none() && self.closing == Closing::No {
            return;
        }
        while self.closing != Closing::Done {
            if self.closing == Closing::No {
                self.step(now);
            } else {
                self.step_to_close(now);
            }
            let Some(event) = self.core.next_event(now) else {
                break;
            };
            // What the client says of an answer comes before what the answer does.
            self.write_log();
            self.on_event(now, event);
        }
        self.write_log();
    }

    fn write_log(&mut self) {
        let log = self.core.take_log();
        self.events.extend(log.into_iter().map(ConsumerEvent::Log));
    }
}

impl Machine for Consumer {
    fn handle(&mut self, now: SimTime, input: NetIn) {
        self.core.handle(now, input);
        self.pump(now);
    }

    fn advance(&mut self, now: SimTime) {
        self.core.advance(now);
        self.pump(now);
    }

    fn next_wakeup(&self) -> Option<Wakeup> {
        if self.closing == Closing::Done
            || (self.subscription.is_none() && self.closing == Closing::No)
        {
            return None;
        }
        let mut next = self.core.next_wakeup();
        if self.closing != Closing::No {
            let end = Wakeup {
                at: self.close_by,
                reason: Reason::RequestTimeout,
            };
            return Wakeup::earlier(next, Some(end));
        }
        let later = |at: SimTime, reason| (at > self.now).then_some(Wakeup { at, reason });
        if self.config.group_id.is_some() {
            next = Wakeup::earlier(
                next,
                self.group.next_wakeup(self.now, self.in_poll, &self.config),
            );
            if self.in_poll && self.config.enable_auto_commit && !self.partitions.by_name.is_empty()
            {
                next = Wakeup::earlier(next, later(self.next_auto_commit, Reason::AutoCommit));
            }
            if !self.in_poll && self.group.generation >= 0 {
                let limit = i64::from(self.config.max_poll_interval_ms);
                let at = self.polled_at.plus_millis(limit);
                next = Wakeup::earlier(next, later(at, Reason::MemberSession));
            }
        }
        let retry = self
            .partitions
            .next_retry(self.now)
            .and_then(|at| later(at, Reason::Retry));
        Wakeup::earlier(next, retry)
    }

    fn drain(&mut self) -> Vec<NetOut> {
        self.core.drain()
    }
}
