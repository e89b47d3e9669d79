//! Connections to brokers and the requests in flight on them.
//!
//! Every connection starts with ApiVersions. Requests of one connection are answered in order, so a
//! response that does not carry the oldest correlation id, or cannot be read, ends the connection.

use records::sorted::{SortedMap, SortedSet};
use std::collections::VecDeque;

use engine::net::{Address, ConnId, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::{Reason, SimTime, Wakeup};
use protocol::{ApiKey, Request, Response};
use serde::Serialize;

use link::{InFlight, Link, State, header};

use super::backoff::Backoff;
use crate::event::{LogLevel, LogLine};

mod link;
mod receive;

/// Java: `org.apache.kafka.clients.NetworkClient`.
pub(crate) const NETWORK_CLIENT: &str = "org.apache.kafka.clients.NetworkClient";

const RECONNECT: Backoff = Backoff {
    first_ms: 50,
    most_ms: 1_000,
};
/// `socket.connection.setup.timeout.ms`
const CONNECT_TIMEOUT_MS: i64 = 10_000;

/// What tells one client's connections from another's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LinkConfig {
    pub(crate) client_id: String,
    /// Such as `[Producer clientId=p]`.
    pub(crate) log_prefix: String,
    pub(crate) request_timeout_ms: i64,
    /// Whether losing a bootstrap broker before metadata came is worth a line; not to an admin.
    pub(crate) warns_of_lost_bootstrap: bool,
}

/// A request to send.
#[derive(Debug)]
pub(crate) struct Outgoing<T> {
    pub(crate) request: Request,
    /// No newer version than this, if it must be older than what both speak.
    pub(crate) at_most: i16,
    /// A correlation id drawn earlier.
    pub(crate) correlation: Option<i32>,
    /// Whether the broker answers at all.
    pub(crate) answered: bool,
    /// How long to wait for the answer if not as long as usual.
    pub(crate) timeout_ms: Option<i64>,
    pub(crate) tag: T,
}

/// What came of requests and connections.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum LinkEvent<T> {
    /// A request was answered.
    Answered {
        node: i32,
        tag: T,
        correlation: i32,
        response: Response,
    },
    /// A request will not be answered.
    Failed {
        node: i32,
        tag: T,
        correlation: i32,
        why: SendError,
    },
    /// A connection is gone or could not be made.
    Lost { node: i32 },
}

/// Why a request was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum SendError {
    /// The connection went away.
    Disconnected,
    /// No answer in time.
    TimedOut,
    /// The broker speaks no version of it that this client speaks.
    UnsupportedVersion,
}

/// All connections of a client. Nodes are numbered as Kafka does: brokers by id, bootstrap servers
/// from -1 down, and a coordinator's own connection by [`coordinator_node`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Links<T> {
    pub(crate) config: LinkConfig,
    nodes: SortedMap<i32, Link<T>>,
    by_conn: SortedMap<ConnId, i32>,
    next_correlation: i32,
    next_conn: u64,
    rng: Rng,
    events: VecDeque<LinkEvent<T>>,
    out: Vec<NetOut>,
    log: Vec<LogLine>,
    /// The nodes that any request may go to: bootstrap servers, then what metadata lists.
    listed: SortedSet<i32>,
}

/// The number of the connection that a group member keeps for its coordinator alone, so that
/// heartbeats do not wait behind fetches.
pub(crate) fn coordinator_node(broker: i32) -> i32 {
    i32::MAX.saturating_sub(broker)
}

/// The newest version of `api` that this client sends.
fn newest(api: ApiKey) -> i16 {
    match api {
        // Newer ones carry topic ids only, or are not yet stable.
        ApiKey::OffsetFetch | ApiKey::OffsetCommit => 9,
        ApiKey::InitProducerId => 5,
        ApiKey::ListOffsets => 10,
        other => other.spec().max_version,
    }
}

impl<T> Links<T> {
    pub(crate) fn new(config: LinkConfig, bootstrap: &[Address], rng: Rng) -> Links<T> {
        let mut links = Links {
            config,
            nodes: SortedMap::new(),
            by_conn: SortedMap::new(),
            next_correlation: 0,
            next_conn: 0,
            rng,
            events: VecDeque::new(),
            out: Vec::new(),
            log: Vec::new(),
            listed: SortedSet::new(),
        };
        for (node, address) in (1i32..).zip(bootstrap) {
            links.know(-node, address.clone());
            links.listed.insert(-node);
        }
        links
    }

    /// Learns where a node is. A node that moved is connected to anew.
    pub(crate) fn know(&mut self, node: i32, address: Address) {
        if self
            .nodes
            .get(&node)
            .is_some_and(|link| link.address == address)
        {
            return;
        }
        self.forget(node);
        self.nodes.insert(
            node,
            Link {
                address,
                state: State::Idle,
                versions: SortedMap::new(),
                in_flight: VecDeque::new(),
                failures: 0,
                retry_at: SimTime::default(),
                wanted: false,
            },
        );
    }

    /// Closes the connection to a node, if any, and forgets it; requests in flight fail.
    pub(crate) fn forget(&mut self, node: i32) {
        self.close(node, SendError::Disconnected);
        self.nodes.remove(&node);
    }

    /// Closes every connection.
    pub(crate) fn close_all(&mut self) {
        let nodes: Vec<i32> = self.nodes.keys().copied().collect();
        for node in nodes {
            self.forget(node);
        }
        self.events.clear();
    }

    /// Learns all brokers there are. Connections to others live on as long as they last.
    pub(crate) fn list<'a>(&mut self, brokers: impl Iterator<Item = (i32, &'a Address)>) {
        self.listed.clear();
        for (node, address) in brokers {
            self.know(node, address.clone());
            self.listed.insert(node);
        }
    }

    /// Whether a request can be sent to the node now. If not, starts connecting or remembers to.
    pub(crate) fn ready(&mut self, now: SimTime, node: i32) -> bool {
        let conn = ConnId::outgoing(self.next_conn);
        let Some(link) = self.nodes.get_mut(&node) else {
            return false;
        };
        match link.state {
            State::Ready { .. } => return true,
            State::Connecting { .. } | State::Asking { .. } => return false,
            State::Idle if now < link.retry_at => {
                link.wanted = true;
                return false;
            }
            State::Idle => {}
        }
        link.wanted = false;
        link.state = State::Connecting {
            conn,
            deadline: now.plus_millis(CONNECT_TIMEOUT_MS),
        };
        self.next_conn += 1;
        self.by_conn.insert(conn, node);
        let to = link.address.clone();
        self.out.push(NetOut::Connect { conn, to });
        false
    }

    /// How many requests of the node are not answered yet.
    pub(crate) fn in_flight(&self, node: i32) -> usize {
        self.nodes.get(&node).map_or(0, |link| link.in_flight.len())
    }

    /// The node with the least to do: connected and idle best, else connected, else on its way,
    /// else any that may be connected to; among equals, a random one.
    pub(crate) fn least_loaded(&mut self, now: SimTime) -> Option<i32> {
        let known: Vec<i32> = self.listed.iter().copied().collect();
        let skip = usize::try_from(self.rng.below(known.len() as u64)).unwrap_or(0);
        let rank = |node: &&i32| {
            let Some(link) = self.nodes.get(*node) else {
                return (4, 0);
            };
            match link.state {
                State::Ready { .. } if link.in_flight.is_empty() => (0, 0),
                State::Ready { .. } => (1, link.in_flight.len()),
                State::Connecting { .. } | State::Asking { .. } => (2, 0),
                State::Idle if now >= link.retry_at => (3, 0),
                State::Idle => (4, 0),
            }
        };
        known
            .iter()
            .cycle()
            .skip(skip)
            .take(known.len())
            .min_by_key(rank)
            .copied()
    }

    /// Draws a correlation id for a request that is sent later, or never.
    pub(crate) fn draw_correlation(&mut self) -> i32 {
        let correlation = self.next_correlation;
        self.next_correlation = self.next_correlation.checked_add(1).unwrap_or(0);
        correlation
    }

    /// The version in which a request of `api` would go to a ready node.
    pub(crate) fn version(&self, node: i32, api: ApiKey, at_most: i16) -> Option<i16> {
        let (oldest, latest) = *self.nodes.get(&node)?.versions.get(&api.key())?;
        let version = latest.min(newest(api)).min(at_most);
        (version >= oldest.max(api.spec().min_version)).then_some(version)
    }

    /// Sends to a node that [`Links::ready`] said yes to; a failure comes as an event.
    pub(crate) fn send(&mut self, now: SimTime, node: i32, outgoing: Outgoing<T>) {
        let api = outgoing.request.api();
        let version = self.version(node, api, outgoing.at_most);
        let correlation = match outgoing.correlation {
            Some(correlation) => correlation,
            None => self.draw_correlation(),
        };
        let link = self.nodes.get_mut(&node);
        let (Some(version), Some(link)) = (version, link) else {
            let (tag, why) = (outgoing.tag, SendError::UnsupportedVersion);
            self.events.push_back(LinkEvent::Failed {
                node,
                tag,
                correlation,
                why,
            });
            return;
        };
        let State::Ready { conn } = link.state else {
            let (tag, why) = (outgoing.tag, SendError::Disconnected);
            self.events.push_back(LinkEvent::Failed {
                node,
                tag,
                correlation,
                why,
            });
            return;
        };
        let timeout = outgoing
            .timeout_ms
            .unwrap_or(self.config.request_timeout_ms);
        if outgoing.answered {
            link.in_flight.push_back(InFlight {
                correlation,
                api_key: api.key(),
                version,
                deadline: now.plus_millis(timeout),
                tag: outgoing.tag,
            });
        }
        let header = header(&self.config.client_id, api, version, correlation);
        self.out
            .push(NetOut::Send(conn, outgoing.request.encode(&header)));
    }

    /// Takes what the network brought.
    pub(crate) fn handle(&mut self, now: SimTime, input: NetIn) {
        match input {
            NetIn::Opened(conn) => self.on_opened(now, conn),
            NetIn::Refused(conn) => self.on_refused(now, conn),
            NetIn::Closed(conn) => {
                if let Some(node) = self.by_conn.remove(&conn) {
                    self.fail(now, node, SendError::Disconnected);
                }
            }
            NetIn::Frame(conn, frame) => self.on_frame(now, conn, &frame),
            // Nobody connects to a client.
            NetIn::Accepted { conn, .. } => self.out.push(NetOut::Close(conn)),
        }
    }

    /// Gives up what was not answered in time.
    pub(crate) fn advance(&mut self, now: SimTime) {
        for link in self.nodes.values_mut().filter(|link| link.retry_at <= now) {
            // Whoever still wants it asks again now.
            link.wanted = false;
        }
        let late: Vec<(i32, SendError)> = self
            .nodes
            .iter()
            .filter(|(_, link)| link.deadline().is_some_and(|at| at <= now))
            .map(|(node, _)| (*node, SendError::TimedOut))
            .collect();
        for (node, why) in late {
            self.fail(now, node, why);
        }
    }

    /// When something is given up, or a node that was asked for may be connected to.
    pub(crate) fn next_wakeup(&self) -> Option<Wakeup> {
        let each = self.nodes.values().filter_map(|link| {
            let late = link.deadline().map(|at| Wakeup {
                at,
                reason: Reason::RequestTimeout,
            });
            let again = (link.state == State::Idle && link.wanted).then_some(Wakeup {
                at: link.retry_at,
                reason: Reason::Retry,
            });
            Wakeup::earlier(late, again)
        });
        each.min()
    }

    /// The next thing that happened.
    pub(crate) fn next_event(&mut self) -> Option<LinkEvent<T>> {
        self.events.pop_front()
    }

    /// Frames to send and connections to open or close.
    pub(crate) fn drain(&mut self) -> Vec<NetOut> {
        std::mem::take(&mut self.out)
    }

    /// Lines for the log.
    pub(crate) fn take_log(&mut self) -> Vec<LogLine> {
        std::mem::take(&mut self.log)
    }

    /// Writes a line with the client's prefix.
    pub(crate) fn warn(&mut self, text: &str) {
        self.log(LogLevel::Warn, text, NETWORK_CLIENT);
    }

    /// The same at any level, for the part of the client that `logger` names.
    pub(crate) fn log(&mut self, level: LogLevel, text: &str, logger: &'static str) {
        self.log.push(LogLine {
            level,
            text: format!("{} {text}", self.config.log_prefix),
            logger,
        });
    }
}
