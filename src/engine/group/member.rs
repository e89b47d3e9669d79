//! One member of a group.

use bytes::Bytes;
use protocol::messages::join_group::JoinGroupRequestProtocol;
use serde::Serialize;

use crate::group::face::RequestToken;
use crate::time::SimTime;

/// A JoinGroup or SyncGroup that waits for the rest of the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Parked {
    /// Which request.
    pub token: RequestToken,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// `{client id}-{uuid}`, or `{instance id}-{uuid}` for static members.
    pub id: String,
    /// `group.instance.id`, for static members.
    pub instance_id: Option<String>,
    /// The client's name for itself.
    pub client_id: String,
    /// Where it is, such as `/127.0.0.1`.
    pub client_host: String,
    /// How long it may take to rejoin a rebalance.
    pub rebalance_timeout_ms: i32,
    /// How long it may stay silent.
    pub session_timeout_ms: i32,
    /// The assignment strategies it offers, by preference, each with what it subscribes to.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// What the leader assigned to it.
    pub assignment: Bytes,
    /// Has never had an answer to JoinGroup, so it cannot have sent a heartbeat either.
    pub(super) is_new: bool,
    pub(super) join: Option<Parked>,
    pub(super) sync: Option<Parked>,
    pub(super) session_ends: SimTime,
}

impl Member {
    /// Starts its session clock anew.
    pub(super) fn heard(&mut self, now: SimTime) {
        self.session_ends = now.plus_millis(i64::from(self.session_timeout_ms));
    }

    /// When its session ends. The clock does not run while it waits for an answer, as its connection
    /// is mute then; only new members have a limit even so, or clients that gave up would pile up.
    pub(super) fn session_deadline(&self) -> Option<SimTime> {
        let waits = self.join.is_some() || self.sync.is_some();
        (self.is_new || !waits).then_some(self.session_ends)
    }

    /// What it subscribes to under `protocol`; empty if it does not offer that.
    pub fn metadata(&self, protocol: Option<&str>) -> Bytes {
        self.protocols
            .iter()
            .find(|offered| Some(offered.name.as_str()) == protocol)
            .map(|offered| offered.metadata.clone())
            .unwrap_or_default()
    }

    /// Whether it offers a protocol of this name.
    pub(super) fn offers(&self, protocol: &str) -> bool {
        self.protocols
            .iter()
            .any(|offered| offered.name == protocol)
    }
}
