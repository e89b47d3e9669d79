//! One connection and what is asked on it.

use records::sorted::SortedMap;
use std::collections::VecDeque;

use engine::net::{Address, ConnId};
use engine::time::SimTime;
use protocol::{ApiKey, RequestHeader};
use serde::Serialize;

/// A node and the connection to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Link<T> {
    pub(super) address: Address,
    pub(super) state: State,
    pub(super) versions: SortedMap<i16, (i16, i16)>,
    pub(super) in_flight: VecDeque<InFlight<T>>,
    pub(super) failures: u32,
    /// Not to be connected to before this.
    pub(super) retry_at: SimTime,
    /// Somebody asked for it while it could not be connected to.
    pub(super) wanted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) enum State {
    Idle,
    Connecting {
        conn: ConnId,
        deadline: SimTime,
    },
    Asking {
        conn: ConnId,
        correlation: i32,
        version: i16,
        deadline: SimTime,
    },
    Ready {
        conn: ConnId,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct InFlight<T> {
    pub(super) correlation: i32,
    pub(super) api_key: i16,
    pub(super) version: i16,
    pub(super) deadline: SimTime,
    pub(super) tag: T,
}

impl<T> Link<T> {
    pub(super) fn conn(&self) -> Option<ConnId> {
        match self.state {
            State::Idle => None,
            State::Connecting { conn, .. } | State::Asking { conn, .. } | State::Ready { conn } => {
                Some(conn)
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<SimTime> {
        match self.state {
            State::Idle => None,
            State::Connecting { deadline, .. } | State::Asking { deadline, .. } => Some(deadline),
            State::Ready { .. } => self.in_flight.iter().map(|request| request.deadline).min(),
        }
    }
}

/// What stands before a request.
pub(super) fn header(
    client_id: &str,
    api: ApiKey,
    version: i16,
    correlation: i32,
) -> RequestHeader {
    RequestHeader {
        api_key: api.key(),
        api_version: version,
        correlation_id: correlation,
        client_id: Some(client_id.to_owned()),
    }
}
