//! Staying a member: heartbeats, the limits of silence, and leaving.

use engine::time::SimTime;
use protocol::messages::heartbeat::HeartbeatRequest;
use protocol::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use protocol::{ErrorCode, Request};

use crate::consumer::machine::{Consumer, Flight};
use crate::event::LogLevel;
use crate::net::core::Ask;

impl Consumer {
    /// Stays a member: heartbeats, and the limits of silence on either side.
    pub(in crate::consumer) fn stay(&mut self, now: SimTime) {
        let polled_until = self
            .polled_at
            .plus_millis(i64::from(self.config.max_poll_interval_ms));
        if !self.in_poll && now >= polled_until {
            self.log(
                LogLevel::Warn,
                "consumer poll timeout has expired. This means the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time processing messages. You can address this either by increasing max.poll.interval.ms or by reducing the maximum size of batches returned in poll() with max.poll.records.",
            );
            self.leave(now, "consumer poll timeout has expired.");
            self.group.member_id.clear();
            self.group.lost = true;
            self.group.reset();
            return;
        }
        let silent = now
            >= self
                .group
                .heard_at
                .plus_millis(i64::from(self.config.session_timeout_ms));
        if silent {
            self.lose_coordinator();
            self.group.heard_at = now;
            return;
        }
        if self.group.heartbeat_sent || now < self.group.heartbeat_at {
            return;
        }
        let Some(node) = self.ready_coordinator(now) else {
            return;
        };
        self.group.heartbeat_sent = true;
        let request = HeartbeatRequest {
            group_id: self.config.group_id.clone().unwrap_or_default(),
            generation_id: self.group.generation,
            member_id: self.group.member_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
        }
        .into();
        let tag = Flight::Heartbeat(self.group.attempt);
        self.core.send(now, Ask::new(node, request, tag));
    }

    pub(in crate::consumer) fn on_heartbeat(
        &mut self,
        now: SimTime,
        attempt: u32,
        error: ErrorCode,
    ) {
        if attempt != self.group.attempt {
            return;
        }
        self.group.heartbeat_sent = false;
        self.group.heartbeat_at = now.plus_millis(self.config.heartbeat_interval_ms);
        match error {
            ErrorCode::None => self.group.heard_at = now,
            ErrorCode::RebalanceInProgress => {
                self.group.heard_at = now;
                "group is already rebalancing".clone_into(&mut self.group.reason);
                self.group.rejoin = true;
            }
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                self.lose_coordinator();
                self.group.heartbeat_at = now;
            }
            ErrorCode::IllegalGeneration | ErrorCode::UnknownMemberId => {
                self.forget_membership(error);
            }
            ErrorCode::FencedInstanceId => self.refuse(error),
            _ => {
                let soon = now.plus_millis(self.config.retry_backoff_ms);
                self.group.heartbeat_at = soon;
            }
        }
    }

    /// A heartbeat will not be answered.
    pub(in crate::consumer) fn on_heartbeat_failed(&mut self, now: SimTime, attempt: u32) {
        if attempt != self.group.attempt {
            return;
        }
        if self.is_remote() {
            self.beat_again(now);
        } else {
            self.group.heartbeat_sent = false;
            self.group.heartbeat_at = now.plus_millis(self.config.retry_backoff_ms);
        }
    }

    /// The group no longer counts this consumer in; it has to join as if anew.
    pub(in crate::consumer) fn forget_membership(&mut self, error: ErrorCode) {
        if self.is_remote() {
            return self.lose_membership();
        }
        if error == ErrorCode::UnknownMemberId {
            self.group.member_id.clear();
        }
        self.group.lost = true;
        self.group.reset();
    }

    /// Says goodbye, unless the member is static. Says whether a request went out.
    pub(in crate::consumer) fn leave(&mut self, now: SimTime, reason: &str) -> bool {
        if self.is_remote() {
            return self.leave_remotely(now);
        }
        let member = !self.group.member_id.is_empty() && self.config.group_instance_id.is_none();
        if !member {
            return false;
        }
        let Some(node) = self.ready_coordinator(now) else {
            return false;
        };
        let member_id = self.group.member_id.clone();
        let request: Request = LeaveGroupRequest {
            group_id: self.config.group_id.clone().unwrap_or_default(),
            member_id: member_id.clone(),
            members: vec![MemberIdentity {
                member_id,
                group_instance_id: None,
                reason: Some(reason.to_owned()),
            }],
        }
        .into();
        let tag = Flight::Leave;
        self.core.send(now, Ask::new(node, request, tag));
        true
    }
}
