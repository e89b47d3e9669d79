//! Connections and frames: the only way into and out of a machine.
//!
//! A frame is one request or response of Kafka's protocol without its four-byte length prefix.
//! Whoever holds the machines (the simulated world, or a socket server) carries [`NetOut`]s to where
//! they belong and hands over what arrives as [`NetIn`]s.
//!
//! The contract: call [`Machine::handle`] or [`Machine::advance`], then drain [`Machine::drain`] and
//! ask for [`Machine::next_wakeup`]. A machine changes only in these calls.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::time::{SimTime, Wakeup};

/// One connection as one machine names it. Machines number those that they open; whoever carries the
/// frames numbers those that arrive ([`ConnId::incoming`]), so the two never clash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ConnId(pub u64);

impl ConnId {
    const INCOMING: u64 = 1 << 63;

    /// The `n`th connection this machine opens.
    pub fn outgoing(n: u64) -> ConnId {
        ConnId(n & !ConnId::INCOMING)
    }

    /// The `n`th connection somebody opens to this machine.
    pub fn incoming(n: u64) -> ConnId {
        ConnId(n | ConnId::INCOMING)
    }

    /// Whether somebody else opened it.
    pub fn is_incoming(self) -> bool {
        self.0 & ConnId::INCOMING != 0
    }
}

/// Where a machine listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    /// A host name, such as `localhost`.
    pub host: String,
    /// A port.
    pub port: u16,
}

impl Address {
    /// `host:port`.
    pub fn new(host: impl Into<String>, port: u16) -> Address {
        Address {
            host: host.into(),
            port,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// What reaches a machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum NetIn {
    /// The connection this machine asked for is open.
    Opened(ConnId),
    /// Nobody listens there, or the way is cut.
    Refused(ConnId),
    /// Somebody opened a connection to this machine.
    Accepted {
        /// Its name from now on.
        conn: ConnId,
        /// The peer's host as seen here, such as `/127.0.0.1` (what group descriptions show).
        peer_host: String,
    },
    /// A frame arrived.
    Frame(ConnId, Bytes),
    /// The other end closed or was lost. The name is not used again.
    Closed(ConnId),
}

/// What a machine wants done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum NetOut {
    /// Open a connection.
    Connect {
        /// Its name from now on, from [`ConnId::outgoing`].
        conn: ConnId,
        /// Where to.
        to: Address,
    },
    /// Send a frame. Frames of one connection arrive in order.
    Send(ConnId, Bytes),
    /// Close. The name is not used again; no [`NetIn::Closed`] follows here.
    Close(ConnId),
}

/// A state machine that speaks Kafka's protocol: a broker, the controller, a client.
pub trait Machine {
    /// Takes what reached it.
    fn handle(&mut self, now: SimTime, input: NetIn);
    /// Does whatever is due at `now`.
    fn advance(&mut self, now: SimTime);
    /// When [`Machine::advance`] is wanted next. Never in the past after an `advance`.
    fn next_wakeup(&self) -> Option<Wakeup>;
    /// Hands over, in order, all it wants done since the last call.
    fn drain(&mut self) -> Vec<NetOut>;
}
