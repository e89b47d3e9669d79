//! What the consumer does at each step, and who gets which answer.

use engine::time::SimTime;
use protocol::{ErrorCode, Response};

use super::commits::CommitReason;
use super::machine::{Closing, Consumer, Flight};
use super::{ConsumerEvent, Subscription};
use crate::net::core::CoreEvent;

impl Consumer {
    pub(super) fn step(&mut self, now: SimTime) {
        self.find_coordinator(now);
        self.take_part(now);
        if self.commit_wanted {
            let nothing = self.partitions.consumed().is_empty() || self.config.group_id.is_none();
            self.commit_wanted = !nothing && !self.send_commit(now, CommitReason::Asked);
        }
        if self.in_poll {
            self.auto_commit(now);
        }
        self.core.maintain(now);
        self.find_committed(now);
        self.look_up(now);
        self.fetch(now);
    }

    #[inline(never)]
    pub(super) fn step_to_close(&mut self, now: SimTime) {
        if self.closing == Closing::Asked {
            let commits = self.config.enable_auto_commit && self.config.group_id.is_some();
            self.closing = if commits && self.send_commit(now, CommitReason::Close) {
                Closing::Committing
            } else {
                Closing::Committed
            };
        }
        if self.closing == Closing::Committed {
            let owned = self.partitions.names();
            let shared = !matches!(self.subscription, Some(Subscription::Assign(_)));
            if shared && !owned.is_empty() {
                self.events.push(ConsumerEvent::Revoked(owned));
            }
            self.closing = if self.leave(now, "the consumer is being closed") {
                Closing::Leaving
            } else {
                Closing::Left
            };
        }
        if now >= self.close_by {
            self.closing = Closing::Left;
        }
        if self.closing == Closing::Left {
            self.closing = Closing::Done;
            self.core.links.close_all();
            self.buffer.clear();
            self.events.push(ConsumerEvent::Closed);
        }
    }

    pub(super) fn on_event(&mut self, now: SimTime, event: CoreEvent<Flight>) {
        match event {
            CoreEvent::Answered {
                node,
                tag,
                response,
                ..
            } => {
                self.on_answer(now, node, tag, &response);
            }
            CoreEvent::Failed { node, tag, .. } => self.on_failure(now, node, &tag),
            CoreEvent::Lost { node } => self.on_lost(now, node),
            CoreEvent::Metadata => {
                self.match_pattern();
                self.refuse_invalid_topics();
            }
        }
    }

    fn on_answer(&mut self, now: SimTime, node: i32, tag: Flight, response: &Response) {
        match (tag, response) {
            (Flight::FindCoordinator, Response::FindCoordinator(body)) => {
                self.on_coordinator(now, body);
            }
            (Flight::Join(attempt), Response::JoinGroup(body)) => {
                self.on_joined(now, attempt, body);
            }
            (Flight::Sync(attempt), Response::SyncGroup(body)) => {
                self.on_synced(now, attempt, body);
            }
            (Flight::Heartbeat(attempt), Response::Heartbeat(body)) => {
                self.on_heartbeat(now, attempt, ErrorCode::from_code(body.error_code));
            }
            (Flight::Heartbeat(attempt), Response::ConsumerGroupHeartbeat(body)) => {
                self.on_remote_heartbeat(now, attempt, body);
            }
            (Flight::Commit(reason, offsets), Response::OffsetCommit(body)) => {
                self.on_commit(now, reason, &offsets, body);
            }
            (Flight::Committed(asked), Response::OffsetFetch(body)) => {
                self.on_committed(now, &asked, body);
            }
            (Flight::LookUp(asked), Response::ListOffsets(body)) => {
                self.on_looked_up(now, &asked, body);
            }
            (Flight::Fetch(asked), Response::Fetch(body)) => {
                self.on_fetched(now, node, &asked, body);
            }
            // A response is decoded as what was asked for, so only leaving is left.
            (tag, _) => self.on_failure(now, node, &tag),
        }
    }

    fn on_failure(&mut self, now: SimTime, node: i32, tag: &Flight) {
        match tag {
            Flight::FindCoordinator => self.on_search_failed(now),
            Flight::Join(attempt) | Flight::Sync(attempt) => self.on_join_failed(now, *attempt),
            Flight::Heartbeat(attempt) => self.on_heartbeat_failed(now, *attempt),
            Flight::Leave => {
                if self.closing == Closing::Leaving {
                    self.closing = Closing::Left;
                }
            }
            Flight::Commit(reason, _) => self.on_commit_failed(now, *reason),
            Flight::Committed(asked) => self.on_committed_failed(now, asked),
            Flight::LookUp(asked) => self.on_look_up_failed(now, asked),
            Flight::Fetch(asked) => self.on_fetch_failed(now, node, asked),
        }
    }
}
