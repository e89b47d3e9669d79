//! Connections that others opened: frames wait their turn, one request at a time is worked on, so
//! that answers come in the order of the requests.

use records::sorted::SortedMap;
use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;

use crate::group::RequestToken;
use crate::net::ConnId;

/// `socket.request.max.bytes`: what may wait on one connection. Kafka stops reading instead; here
/// nobody holds the sender back, so a flood costs it the connection.
const MAX_WAITING_BYTES: usize = 104_857_600;

/// A request that is being worked on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InFlight {
    /// Where the answer goes.
    pub conn: ConnId,
    /// The version to answer in.
    pub version: i16,
    /// The number that the answer carries back.
    pub correlation_id: i32,
    /// Whether the client expects an answer at all (not with `acks=0`).
    pub silent: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Connection {
    peer_host: String,
    waiting: VecDeque<Bytes>,
    waiting_bytes: usize,
    busy: Option<RequestToken>,
}

/// All connections that others opened.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Connections {
    open: SortedMap<ConnId, Connection>,
    in_flight: SortedMap<RequestToken, InFlight>,
    next_token: u64,
}

impl Connections {
    /// Somebody opened a connection.
    pub fn accept(&mut self, conn: ConnId, peer_host: String) {
        self.open.insert(
            conn,
            Connection {
                peer_host,
                waiting: VecDeque::new(),
                waiting_bytes: 0,
                busy: None,
            },
        );
    }

    /// A frame arrived. False if too much waits already.
    pub fn push(&mut self, conn: ConnId, frame: Bytes) -> bool {
        let Some(connection) = self.open.get_mut(&conn) else {
            return true;
        };
        connection.waiting_bytes = connection.waiting_bytes.saturating_add(frame.len());
        connection.waiting.push_back(frame);
        connection.waiting_bytes <= MAX_WAITING_BYTES
    }

    /// The next frame to work on, if the connection is not at work on one.
    pub fn next_frame(&mut self, conn: ConnId) -> Option<Bytes> {
        let connection = self.open.get_mut(&conn)?;
        if connection.busy.is_some() {
            return None;
        }
        let frame = connection.waiting.pop_front()?;
        connection.waiting_bytes = connection.waiting_bytes.saturating_sub(frame.len());
        Some(frame)
    }

    /// The connections that are open.
    pub fn all(&self) -> Vec<ConnId> {
        self.open.keys().copied().collect()
    }

    /// Whether a request of this connection is worked on or waits for its turn.
    pub fn owes(&self, conn: ConnId) -> bool {
        let connection = self.open.get(&conn);
        connection.is_some_and(|open| open.busy.is_some() || !open.waiting.is_empty())
    }

    /// The host of the other end, such as `/127.0.0.1`.
    pub fn peer_host(&self, conn: ConnId) -> Option<&str> {
        Some(&self.open.get(&conn)?.peer_host)
    }

    /// Begins work on a request. `None` if its connection is gone.
    pub fn begin(&mut self, request: InFlight) -> Option<RequestToken> {
        let connection = self.open.get_mut(&request.conn)?;
        let token = RequestToken(self.next_token);
        self.next_token = self.next_token.wrapping_add(1);
        connection.busy = Some(token);
        self.in_flight.insert(token, request);
        Some(token)
    }

    /// A name for a request that comes from no connection.
    pub fn own_token(&mut self) -> RequestToken {
        let token = RequestToken(self.next_token);
        self.next_token = self.next_token.wrapping_add(1);
        token
    }

    /// A request is done; its connection is free for the next. `None` if the connection is gone.
    pub fn finish(&mut self, token: RequestToken) -> Option<InFlight> {
        let request = self.in_flight.remove(&token)?;
        if let Some(connection) = self.open.get_mut(&request.conn) {
            connection.busy = None;
        }
        Some(request)
    }

    /// The connection is gone. Gives the request that nobody waits for any more.
    pub fn close(&mut self, conn: ConnId) -> Option<RequestToken> {
        let token = self.open.remove(&conn)?.busy?;
        self.in_flight.remove(&token);
        Some(token)
    }
}
