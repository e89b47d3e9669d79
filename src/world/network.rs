//! The network: connections between machines and what is under way on them.
//!
//! It knows addresses, delays and order, and nothing of what frames mean beyond their headers. Each
//! direction of a connection is first in, first out, as TCP is.

use records::sorted::SortedMap;
use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use engine::net::{Address, ConnId, NetIn};
use engine::time::SimTime;
use protocol::Uuid;
use serde::Serialize;

use crate::event::{Call, Flight, NodeId};
use crate::input::Pace;
use crate::wire;

/// How long a frame with records takes a leg, at a pace to watch.
const TEACHING_RECORDS_MICROS: u64 = 600_000;
/// How long all else takes a leg, at a pace to watch.
const TEACHING_OTHER_MICROS: u64 = 10_000;
/// How long anything takes a leg, at a real network's pace.
const REAL_MICROS: u64 = 200;

/// What reaches a machine, and which.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivery {
    /// The machine.
    pub to: NodeId,
    /// What it gets.
    pub input: NetIn,
    /// The frame's journey, if it is a frame.
    pub flight: Option<Flight>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Link {
    /// Who opened it, and the address it was opened to.
    client: (NodeId, ConnId),
    server: (NodeId, ConnId),
    /// Requests that were sent and not answered, in order.
    unanswered: VecDeque<Call>,
    /// Nothing arrives earlier than what was sent before it: to the server, to the client.
    busy_until: [SimTime; 2],
}

/// Connections and what is under way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Network {
    pace: Pace,
    listeners: SortedMap<Address, NodeId>,
    links: SortedMap<u64, Link>,
    ends: SortedMap<(NodeId, ConnId), u64>,
    /// Thousands may be under way, and each leaves at the front.
    under_way: BTreeMap<(SimTime, u64), Delivery>,
    internal_topics: Vec<Uuid>,
    next_link: u64,
    next_parcel: u64,
    next_flight: u64,
}

impl Network {
    /// An empty network.
    pub fn new(pace: Pace) -> Network {
        Network {
            pace,
            listeners: SortedMap::new(),
            links: SortedMap::new(),
            ends: SortedMap::new(),
            under_way: BTreeMap::new(),
            internal_topics: Vec::new(),
            next_link: 0,
            next_parcel: 0,
            next_flight: 0,
        }
    }

    /// How fast frames travel.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Changes how fast frames travel from now on; what is under way keeps its time.
    pub fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// The ids of Kafka's own topics, whose records are not for people to watch.
    pub fn set_internal_topics(&mut self, ids: Vec<Uuid>) {
        self.internal_topics = ids;
    }

    /// From now on `node` answers at `address`.
    pub fn listen(&mut self, address: Address, node: NodeId) {
        self.listeners.insert(address, node);
    }

    /// When the next thing arrives.
    pub fn next_arrival(&self) -> Option<SimTime> {
        self.under_way.keys().next().map(|(at, _)| *at)
    }

    /// Takes the next thing that arrives at or before `now`.
    pub fn pop(&mut self, now: SimTime) -> Option<Delivery> {
        let (at, _) = *self.under_way.keys().next()?;
        if at > now {
            return None;
        }
        self.under_way.pop_first().map(|(_, delivery)| delivery)
    }

    /// Frames under way, in the order they arrive.
    pub fn flights(&self) -> impl Iterator<Item = &Flight> {
        self.under_way
            .values()
            .filter_map(|delivery| delivery.flight.as_ref())
    }

    /// `node` opens a connection it calls `conn`. Says where to, if nobody listens there.
    pub fn connect(
        &mut self,
        now: SimTime,
        node: NodeId,
        conn: ConnId,
        to: &Address,
    ) -> Option<Address> {
        let arrival = now.plus_micros(self.small_delay());
        let Some(server) = self.listeners.get(to).copied() else {
            self.deliver(arrival, node, NetIn::Refused(conn), None);
            return Some(to.clone());
        };
        let number = self.next_link;
        self.next_link += 1;
        let server_conn = ConnId::incoming(number);
        self.links.insert(
            number,
            Link {
                client: (node, conn),
                server: (server, server_conn),
                unanswered: VecDeque::new(),
                busy_until: [arrival, arrival],
            },
        );
        self.ends.insert((node, conn), number);
        self.ends.insert((server, server_conn), number);
        let peer_host = "/127.0.0.1".to_owned();
        self.deliver(
            arrival,
            server,
            NetIn::Accepted {
                conn: server_conn,
                peer_host,
            },
            None,
        );
        self.deliver(arrival, node, NetIn::Opened(conn), None);
        None
    }

    /// `node` sends a frame. Gives the journey, or `None` if the connection is gone.
    pub fn send(
        &mut self,
        now: SimTime,
        node: NodeId,
        conn: ConnId,
        frame: Bytes,
    ) -> Option<Flight> {
        let number = *self.ends.get(&(node, conn))?;
        let link = self.links.get_mut(&number)?;
        let is_response = link.server == (node, conn);
        let (to, to_conn) = if is_response {
            link.client
        } else {
            link.server
        };
        let call = if is_response {
            take_answered(&mut link.unanswered, wire::correlation_of_response(&frame))?
        } else {
            let call = wire::call_of_request(&frame)?;
            link.unanswered.push_back(call);
            call
        };
        if !is_response && wire::expects_no_answer(&call, &frame) {
            link.unanswered.pop_back();
        }
        let carries_records =
            wire::carries_user_records(&call, is_response, &frame, &self.internal_topics);
        let delay = match self.pace {
            Pace::Teaching if carries_records => TEACHING_RECORDS_MICROS,
            Pace::Teaching => TEACHING_OTHER_MICROS,
            Pace::Real => REAL_MICROS,
        };
        let [to_server, to_client] = &mut link.busy_until;
        let busy_until = if is_response { to_client } else { to_server };
        let arrives = now.plus_micros(delay).max(*busy_until);
        *busy_until = arrives;
        let flight = Flight {
            number: self.next_flight,
            from: node,
            to,
            sent: now,
            arrives,
            call,
            is_response,
            carries_records,
            frame: frame.clone(),
        };
        self.next_flight += 1;
        self.deliver(
            arrives,
            to,
            NetIn::Frame(to_conn, frame),
            Some(flight.clone()),
        );
        Some(flight)
    }

    /// `node` closes a connection; the other end learns of it.
    pub fn close(&mut self, now: SimTime, node: NodeId, conn: ConnId) {
        let Some(number) = self.ends.get(&(node, conn)).copied() else {
            return;
        };
        let Some(link) = self.links.remove(&number) else {
            return;
        };
        self.ends.remove(&link.client);
        self.ends.remove(&link.server);
        let (peer, peer_conn, busy_until) = if link.client == (node, conn) {
            (link.server.0, link.server.1, link.busy_until[0])
        } else {
            (link.client.0, link.client.1, link.busy_until[1])
        };
        let arrives = now.plus_micros(self.small_delay()).max(busy_until);
        self.deliver(arrives, peer, NetIn::Closed(peer_conn), None);
    }

    /// `node` is gone: it no longer listens, its connections close, what was under way to it is lost.
    pub fn remove(&mut self, now: SimTime, node: NodeId) {
        self.listeners.retain(|_, listener| *listener != node);
        let conns: Vec<ConnId> = self
            .ends
            .range((node, ConnId(0))..=(node, ConnId(u64::MAX)))
            .map(|((_, conn), _)| *conn)
            .collect();
        for conn in conns {
            self.close(now, node, conn);
        }
        self.under_way.retain(|_, delivery| delivery.to != node);
    }

    fn small_delay(&self) -> u64 {
        match self.pace {
            Pace::Teaching => TEACHING_OTHER_MICROS,
            Pace::Real => REAL_MICROS,
        }
    }

    fn deliver(&mut self, at: SimTime, to: NodeId, input: NetIn, flight: Option<Flight>) {
        self.under_way
            .insert((at, self.next_parcel), Delivery { to, input, flight });
        self.next_parcel += 1;
    }
}

/// Takes the request that a response with this correlation id answers.
fn take_answered(unanswered: &mut VecDeque<Call>, correlation_id: Option<i32>) -> Option<Call> {
    let correlation_id = correlation_id?;
    let place = unanswered
        .iter()
        .position(|call| call.correlation_id == correlation_id)?;
    unanswered.remove(place)
}
