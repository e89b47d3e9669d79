//! The admin client's machine: finds out whom to ask, asks, asks again, gives up in time.

use records::sorted::SortedMap;

use engine::net::{Machine, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::{Reason, SimTime, Wakeup};
use serde::Serialize;

use super::plan::{Call, ItemState, Key, Route};
use super::{AdminCall, AdminConfig, AdminEvent, CallId, answer, plan, request};
use crate::event::ClientError;
use crate::net::core::{Ask, Core};
use crate::net::links::LinkConfig;
use crate::net::metadata::{Metadata, Wanted};

/// `metadata.max.age.ms`
const METADATA_MAX_AGE_MS: i64 = 300_000;

/// An admin client. Calls run side by side; each ends in one [`AdminEvent::Done`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Admin {
    pub(super) config: AdminConfig,
    pub(super) core: Core<Flight>,
    pub(super) calls: SortedMap<CallId, Call>,
    next_call: u64,
    events: Vec<AdminEvent>,
    closed: bool,
    now: SimTime,
}

/// What a request was sent for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Flight {
    pub(super) call: CallId,
    pub(super) items: Vec<usize>,
    pub(super) purpose: Purpose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Purpose {
    FindLeaders,
    FindCoordinators,
    /// What is no group of the consumer protocol may be a classic one.
    DescribeClassic,
    Work,
}

/// Items to be asked about in one request.
struct Batch {
    node: Option<i32>,
    purpose: Purpose,
    items: Vec<usize>,
}

impl Admin {
    /// An admin client that starts looking for its cluster now.
    pub fn new(config: AdminConfig, now: SimTime, rng: Rng) -> Admin {
        let links = LinkConfig {
            client_id: config.client_id.clone(),
            log_prefix: format!("[AdminClient clientId={}]", config.client_id),
            request_timeout_ms: config.request_timeout_ms,
            warns_of_lost_bootstrap: false,
        };
        let nothing = Wanted::Topics(records::sorted::SortedSet::new());
        let metadata = Metadata::new(nothing, METADATA_MAX_AGE_MS, config.retry_backoff_ms);
        let mut admin = Admin {
            core: Core::new(links, &config.bootstrap, metadata, rng),
            config,
            calls: SortedMap::new(),
            next_call: 0,
            events: Vec::new(),
            closed: false,
            now,
        };
        admin.pump(now);
        admin
    }

    /// Starts a call. It ends with a [`AdminEvent::Done`] that carries the id.
    pub fn submit(&mut self, now: SimTime, call: AdminCall) -> CallId {
        let id = CallId(self.next_call);
        self.next_call += 1;
        let call = Call {
            id,
            deadline: now.plus_millis(self.config.default_api_timeout_ms),
            retry_at: now,
            failures: 0,
            items: plan::items(&call),
            members: None,
            sent: false,
            call,
        };
        if self.closed {
            let refused = ClientError::local(
                "java.lang.IllegalStateException",
                "Cannot accept new call when AdminClient is closing.",
            );
            self.events.push(AdminEvent::Done(id, Err(refused)));
            return id;
        }
        let empty = call.items.is_empty() && call.call != AdminCall::ListGroups;
        let ended = empty || call.is_done();
        self.calls.insert(id, call);
        if ended {
            self.finish(id);
        }
        self.pump(now);
        id
    }

    /// What happened since the last call.
    pub fn take_events(&mut self) -> Vec<AdminEvent> {
        std::mem::take(&mut self.events)
    }

    /// Fails every call under way and closes all connections.
    pub fn close(&mut self, _now: SimTime) {
        self.closed = true;
        for (id, _) in std::mem::take(&mut self.calls) {
            let error = ClientError::timeout("The AdminClient thread has exited.");
            self.events.push(AdminEvent::Done(id, Err(error)));
        }
        self.core.links.close_all();
    }

    fn pump(&mut self, now: SimTime) {
        self.now = now;
        if self.closed {
            return;
        }
        loop {
            self.core.maintain(now);
            let ids: Vec<CallId> = self.calls.keys().copied().collect();
            for id in ids {
                self.step(now, id);
            }
            let Some(event) = self.core.next_event(now) else {
                break;
            };
            self.on_event(now, event);
        }
        let log = self.core.take_log();
        self.events.extend(log.into_iter().map(AdminEvent::Log));
    }

    /// Sends what can be sent for a call; ends it if it is too late.
    fn step(&mut self, now: SimTime, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if now >= call.deadline {
            self.time_out(id);
            return;
        }
        if self.core.metadata.brokers.is_empty() || now < call.retry_at {
            return;
        }
        if call.call == AdminCall::ListGroups && call.items.is_empty() {
            let brokers = self.core.metadata.brokers.keys();
            call.items = brokers.copied().map(plan::broker_item).collect();
        }
        for batch in batches(call, self.core.metadata.controller) {
            self.send(now, id, batch);
        }
    }

    fn send(&mut self, now: SimTime, id: CallId, batch: Batch) {
        let known = batch
            .node
            .filter(|node| self.core.metadata.brokers.contains_key(node));
        if known.is_none() && self.asks_one_broker(id) {
            // Nobody else can say what this broker knows.
            self.core.metadata.request_update();
            return;
        }
        let Some(node) = known.or_else(|| self.core.links.least_loaded(now)) else {
            return;
        };
        if !self.core.links.ready(now, node) {
            return;
        }
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        call.sent = true;
        let keys: Vec<&Key> = batch
            .items
            .iter()
            .filter_map(|i| call.items.get(*i).map(|item| &item.key))
            .collect();
        let timeout_ms = i32::try_from(self.config.request_timeout_ms).unwrap_or(i32::MAX);
        let request = match batch.purpose {
            Purpose::FindLeaders => request::find_leaders(&keys),
            Purpose::FindCoordinators => request::find_coordinators(&keys),
            Purpose::DescribeClassic => request::describe_classic(&keys),
            Purpose::Work => request::build(call, &keys, timeout_ms),
        };
        for item in &batch.items {
            if let Some(item) = call.items.get_mut(*item) {
                item.state = ItemState::Sent;
            }
        }
        let tag = Flight {
            call: id,
            items: batch.items,
            purpose: batch.purpose,
        };
        self.core.send(now, Ask::new(node, request, tag));
    }

    fn asks_one_broker(&self, id: CallId) -> bool {
        let call = self.calls.get(&id).map(|call| &call.call);
        matches!(call, Some(AdminCall::DescribeLogDirs(_)))
    }

    pub(super) fn finish(&mut self, id: CallId) {
        if let Some(call) = self.calls.remove(&id) {
            self.events
                .push(AdminEvent::Done(id, answer::of_call(&call)));
        }
    }

    #[inline(never)]
    fn time_out(&mut self, id: CallId) {
        let Some(call) = self.calls.remove(&id) else {
            return;
        };
        if let (AdminCall::ListGroups, false) = (&call.call, call.sent) {
            let error = ClientError::local(
                "org.apache.kafka.common.KafkaException",
                "Failed to find brokers to send ListGroups",
            );
            self.events.push(AdminEvent::Done(id, Err(error)));
            return;
        }
        let mut name = plan::name(&call.call).to_owned();
        name.push_str(match plan::route(&call.call) {
            Route::Coordinator => "(api=FIND_COORDINATOR)",
            Route::Leader => "(api=METADATA)",
            Route::Any | Route::Controller | Route::EveryBroker => "",
        });
        let message = if call.sent {
            format!("Call(callName={name}) timed out.")
        } else {
            format!("Timed out waiting for a node assignment. Call: {name}")
        };
        let error = ClientError::timeout(message);
        self.events.push(AdminEvent::Done(id, Err(error)));
    }
}

impl Machine for Admin {
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
        let of_calls = self.calls.values().filter_map(|call| {
            let late = Some(Wakeup {
                at: call.deadline,
                reason: Reason::RequestTimeout,
            });
            let again = (call.retry_at > self.now).then_some(Wakeup {
                at: call.retry_at,
                reason: Reason::Retry,
            });
            Wakeup::earlier(late, again)
        });
        Wakeup::earlier(of_calls.min(), self.core.next_wakeup())
    }

    fn drain(&mut self) -> Vec<NetOut> {
        self.core.drain()
    }
}

/// What of a call can be asked now, gathered by whom.
fn batches(call: &Call, controller: i32) -> Vec<Batch> {
    let route = plan::route(&call.call);
    let mut batches: Vec<Batch> = Vec::new();
    for (i, item) in call.items.iter().enumerate() {
        let (node, purpose) = match (&item.state, route) {
            (ItemState::Unrouted, Route::Any | Route::EveryBroker) => (None, Purpose::Work),
            (ItemState::Unrouted, Route::Controller) => (Some(controller), Purpose::Work),
            (ItemState::Unrouted, Route::Leader) => (None, Purpose::FindLeaders),
            (ItemState::Unrouted, Route::Coordinator) => (None, Purpose::FindCoordinators),
            (ItemState::Routed(node), _) => match item.key {
                Key::ClassicGroup(_) => (*node, Purpose::DescribeClassic),
                _ => (*node, Purpose::Work),
            },
            (ItemState::Sent | ItemState::Done(_), _) => continue,
        };
        let same = batches
            .iter_mut()
            .find(|b| b.node == node && b.purpose == purpose);
        match same {
            Some(batch) => batch.items.push(i),
            None => batches.push(Batch {
                node,
                purpose,
                items: vec![i],
            }),
        }
    }
    batches
}
