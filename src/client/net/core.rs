//! Connections and metadata together: what stands under each client.

use engine::net::{Address, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::{SimTime, Wakeup};
use protocol::{Request, Response};
use serde::Serialize;

use super::links::{LinkConfig, LinkEvent, Links, Outgoing, SendError};
use super::metadata::Metadata;
use crate::event::{LogLevel, LogLine};

/// `metadata.recovery.rebootstrap.trigger.ms`
const REBOOTSTRAP_AFTER_MS: i64 = 300_000;
/// Whose log line names topics that cannot exist.
const METADATA: &str = "org.apache.kafka.clients.Metadata";

/// The part of a client that finds brokers and talks to them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Core<T> {
    pub(crate) links: Links<Tag<T>>,
    pub(crate) metadata: Metadata,
    pub(crate) rng: Rng,
    drew_for_telemetry: bool,
    bootstrap: Vec<Address>,
    /// Since when metadata is asked for in vain.
    asking_since: Option<SimTime>,
    /// The time of the last call, for wake-ups.
    now: SimTime,
}

/// What a request was for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Tag<T> {
    Metadata,
    Own(T),
}

/// What a client hears from its core.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CoreEvent<T> {
    /// One of its requests was answered.
    Answered {
        node: i32,
        tag: T,
        correlation: i32,
        response: Response,
    },
    /// One of its requests will not be answered.
    Failed {
        node: i32,
        tag: T,
        correlation: i32,
        why: SendError,
    },
    /// The node's connection is gone.
    Lost { node: i32 },
    /// Metadata came.
    Metadata,
}

/// A request of a client. `node` must be ready.
#[derive(Debug)]
pub(crate) struct Ask<T> {
    node: i32,
    request: Request,
    tag: T,
    options: AskOptions,
}

/// What is unusual about a request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AskOptions {
    /// No newer version than this.
    pub(crate) at_most: Option<i16>,
    /// A correlation id drawn earlier.
    pub(crate) correlation: Option<i32>,
    /// The broker does not answer.
    pub(crate) unanswered: bool,
    /// How long to wait for the answer if not as long as usual.
    pub(crate) timeout_ms: Option<i64>,
}

impl<T> Ask<T> {
    /// A request with nothing unusual about it.
    pub(crate) fn new(node: i32, request: Request, tag: T) -> Ask<T> {
        Ask {
            node,
            request,
            tag,
            options: AskOptions::default(),
        }
    }

    /// The same with these options.
    pub(crate) fn with(self, options: AskOptions) -> Ask<T> {
        Ask { options, ..self }
    }
}

impl<T> Core<T> {
    pub(crate) fn new(
        config: LinkConfig,
        bootstrap: &[Address],
        metadata: Metadata,
        mut rng: Rng,
    ) -> Core<T> {
        Core {
            links: Links::new(config, bootstrap, rng.child()),
            metadata,
            rng,
            drew_for_telemetry: false,
            bootstrap: bootstrap.to_vec(),
            asking_since: None,
            now: SimTime::default(),
        }
    }

    /// Takes what the network brought.
    pub(crate) fn handle(&mut self, now: SimTime, input: NetIn) {
        self.now = now;
        self.links.handle(now, input);
    }

    /// Gives up what was not answered in time.
    pub(crate) fn advance(&mut self, now: SimTime) {
        self.now = now;
        self.links.advance(now);
    }

    /// Asks for metadata if it is time to.
    pub(crate) fn maintain(&mut self, now: SimTime) {
        self.now = now;
        if !self.metadata.is_due(now) {
            return;
        }
        self.start_over_if_lost(now);
        let Some(node) = self.links.least_loaded(now) else {
            return;
        };
        if !self.links.ready(now, node) {
            return;
        }
        let outgoing = Outgoing {
            request: self.metadata.ask().into(),
            at_most: i16::MAX,
            correlation: None,
            answered: true,
            timeout_ms: None,
            tag: Tag::Metadata,
        };
        self.links.send(now, node, outgoing);
        if !self.drew_for_telemetry {
            // Here the Java client numbers a request for telemetry, then finds that the broker has
            // none and drops it. Later numbers, which the log shows, are one higher for it.
            self.drew_for_telemetry = true;
            self.links.draw_correlation();
        }
    }

    /// Sends a request to a ready node.
    pub(crate) fn send(&mut self, now: SimTime, ask: Ask<T>) {
        let outgoing = Outgoing {
            request: ask.request,
            at_most: ask.options.at_most.unwrap_or(i16::MAX),
            correlation: ask.options.correlation,
            answered: !ask.options.unanswered,
            timeout_ms: ask.options.timeout_ms,
            tag: Tag::Own(ask.tag),
        };
        self.links.send(now, ask.node, outgoing);
    }

    /// The next thing that happened.
    pub(crate) fn next_event(&mut self, now: SimTime) -> Option<CoreEvent<T>> {
        loop {
            let event = match self.links.next_event()? {
                LinkEvent::Answered {
                    tag: Tag::Metadata,
                    correlation,
                    response: Response::Metadata(body),
                    ..
                } => {
                    let errors = self.metadata.on_answer(now, &body, &mut self.rng);
                    if !errors.is_empty() {
                        self.warn_of_topics(correlation, &errors);
                    }
                    if !body.brokers.is_empty() {
                        self.asking_since = None;
                        self.links
                            .list(self.metadata.brokers.iter().map(|(id, a)| (*id, a)));
                    }
                    CoreEvent::Metadata
                }
                LinkEvent::Answered {
                    tag: Tag::Metadata, ..
                }
                | LinkEvent::Failed {
                    tag: Tag::Metadata, ..
                } => {
                    self.metadata.on_failed(now, &mut self.rng);
                    continue;
                }
                LinkEvent::Answered {
                    node,
                    tag: Tag::Own(tag),
                    correlation,
                    response,
                } => CoreEvent::Answered {
                    node,
                    tag,
                    correlation,
                    response,
                },
                LinkEvent::Failed {
                    node,
                    tag: Tag::Own(tag),
                    correlation,
                    why,
                } => CoreEvent::Failed {
                    node,
                    tag,
                    correlation,
                    why,
                },
                LinkEvent::Lost { node } => {
                    self.metadata.request_update();
                    CoreEvent::Lost { node }
                }
            };
            return Some(event);
        }
    }

    /// When connections or metadata need something.
    pub(crate) fn next_wakeup(&self) -> Option<Wakeup> {
        Wakeup::earlier(
            self.links.next_wakeup(),
            self.metadata.next_wakeup(self.now),
        )
    }

    /// Frames to send and connections to open or close.
    pub(crate) fn drain(&mut self) -> Vec<NetOut> {
        self.links.drain()
    }

    /// Lines for the log.
    pub(crate) fn take_log(&mut self) -> Vec<LogLine> {
        self.links.take_log()
    }

    /// Goes back to the bootstrap servers when none of the known brokers can be reached for long.
    fn start_over_if_lost(&mut self, now: SimTime) {
        let since = *self.asking_since.get_or_insert(now);
        if now < since.plus_millis(REBOOTSTRAP_AFTER_MS) {
            return;
        }
        self.asking_since = None;
        self.metadata.brokers.clear();
        let servers = (1i32..).zip(&self.bootstrap);
        self.links.list(servers.map(|(n, address)| (-n, address)));
    }

    #[inline(never)]
    fn warn_of_topics(
        &mut self,
        correlation: i32,
        errors: &records::sorted::SortedMap<String, protocol::ErrorCode>,
    ) {
        let list: Vec<String> = errors
            .iter()
            .map(|(topic, error)| format!("{topic}={}", error.name()))
            .collect();
        self.links.warn(&format!("The metadata response from the cluster reported a recoverable issue with correlation id {correlation} : {{{}}}", list.join(", ")));
        let invalid = self.metadata.invalid_topics();
        if !invalid.is_empty() {
            let text = format!(
                "Metadata response reported invalid topics [{}]",
                invalid.join(", ")
            );
            self.links.log(LogLevel::Error, &text, METADATA);
        }
    }
}
