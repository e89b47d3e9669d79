//! What answers do to calls: items found, lost, or to be asked about again.

use engine::time::SimTime;
use protocol::{ErrorCode, Response};

use super::machine::{Admin, Flight, Purpose};
use super::plan::{Found, ItemState, Key, Route};
use super::{AdminCall, CallId, answer, plan};
use crate::event::ClientError;
use crate::net::backoff::Backoff;
use crate::net::core::CoreEvent;
use crate::net::links::SendError;
use crate::net::requests::coordinator_of;

impl Admin {
    pub(super) fn on_event(&mut self, now: SimTime, event: CoreEvent<Flight>) {
        match event {
            CoreEvent::Answered {
                node,
                tag,
                response,
                ..
            } => match tag.purpose {
                Purpose::FindLeaders => self.on_leaders(now, &tag, &response),
                Purpose::FindCoordinators => self.on_coordinators(now, &tag, &response),
                Purpose::Work | Purpose::DescribeClassic => {
                    self.on_work(now, node, &tag, &response)
                }
            },
            CoreEvent::Failed { tag, why, .. } => {
                let lost = match why {
                    SendError::UnsupportedVersion => ErrorCode::UnsupportedVersion,
                    SendError::Disconnected | SendError::TimedOut => ErrorCode::NetworkException,
                };
                for item in &tag.items {
                    self.settle(tag.call, *item, Err(ClientError::of(lost.code(), None)));
                }
                self.after_answer(now, tag.call);
            }
            CoreEvent::Lost { .. } | CoreEvent::Metadata => {}
        }
    }

    #[inline(never)]
    fn on_leaders(&mut self, now: SimTime, flight: &Flight, response: &Response) {
        let Response::Metadata(body) = response else {
            return;
        };
        for i in &flight.items {
            let Some(Key::Partition(tp)) = self.key(flight.call, *i) else {
                continue;
            };
            let topic = body
                .topics
                .iter()
                .find(|t| t.name.as_ref() == Some(&tp.topic));
            let row = topic.and_then(|topic| {
                topic
                    .partitions
                    .iter()
                    .find(|p| p.partition_index == tp.partition)
            });
            let of_topic =
                topic.map_or(ErrorCode::UnknownTopicOrPartition.code(), |t| t.error_code);
            let unknown = ErrorCode::UnknownTopicOrPartition.code();
            let leaderless = ErrorCode::LeaderNotAvailable.code();
            let found = match row {
                _ if of_topic != 0 => Err(of_topic),
                None => Err(unknown),
                Some(row) if row.leader_id < 0 => Err(leaderless),
                Some(row) => Ok(row.leader_id),
            };
            match found {
                Ok(leader) => self.set(flight.call, *i, ItemState::Routed(Some(leader))),
                Err(code) => self.settle(flight.call, *i, Err(ClientError::of(code, None))),
            }
        }
        self.after_answer(now, flight.call);
    }

    #[inline(never)]
    fn on_coordinators(&mut self, now: SimTime, flight: &Flight, response: &Response) {
        let Response::FindCoordinator(body) = response else {
            return;
        };
        for i in &flight.items {
            let Some(Key::Group(group) | Key::ClassicGroup(group)) = self.key(flight.call, *i)
            else {
                continue;
            };
            match coordinator_of(body, &group) {
                Ok((node, address)) => {
                    self.core.links.know(node, address.clone());
                    self.core.metadata.brokers.entry(node).or_insert(address);
                    self.set(flight.call, *i, ItemState::Routed(Some(node)));
                }
                Err((code, message)) => {
                    let error = ClientError::of(code, message.as_deref());
                    self.settle(flight.call, *i, Err(error));
                }
            }
        }
        self.after_answer(now, flight.call);
    }

    fn on_work(&mut self, now: SimTime, node: i32, flight: &Flight, response: &Response) {
        let address = self.core.metadata.brokers.get(&node).cloned();
        let address = address.or_else(|| self.config.bootstrap.first().cloned());
        let Some(address) = address else {
            return;
        };
        let from = (node, address);
        for i in &flight.items {
            let Some(key) = self.key(flight.call, *i) else {
                continue;
            };
            let outcome = answer::of_item(&key, response, &from).unwrap_or_else(|| {
                let code = ErrorCode::UnknownServerError.code();
                Err(ClientError::of(
                    code,
                    Some("The broker's answer leaves it out."),
                ))
            });
            if self.falls_back(flight.call, *i, node, &outcome) {
                continue;
            }
            self.note_members(flight.call, &outcome);
            self.settle(flight.call, *i, outcome);
        }
        self.after_answer(now, flight.call);
    }

    /// A group that is not one of the consumer protocol is asked about again as a classic one.
    fn falls_back(
        &mut self,
        id: CallId,
        index: usize,
        node: i32,
        outcome: &Result<Found, ClientError>,
    ) -> bool {
        let not_found = ErrorCode::GroupIdNotFound.code();
        let Some(call) = self.calls.get_mut(&id) else {
            return false;
        };
        let describes = matches!(call.call, AdminCall::DescribeGroups(_));
        let Some(item) = call.items.get_mut(index).filter(|_| describes) else {
            return false;
        };
        let Key::Group(group) = &item.key else {
            return false;
        };
        if !matches!(outcome, Err(error) if error.code == not_found) {
            return false;
        }
        item.key = Key::ClassicGroup(group.clone());
        item.state = ItemState::Routed(Some(node));
        true
    }

    /// Removing all members takes two steps: who they are comes first.
    #[inline(never)]
    fn note_members(&mut self, id: CallId, outcome: &Result<Found, ClientError>) {
        if let (Some(call), Ok(Found::Group(group))) = (self.calls.get_mut(&id), outcome)
            && let AdminCall::RemoveMembers(_, instances) = &call.call
            && instances.is_empty()
        {
            call.members = Some(group.members.iter().map(|m| m.member_id.clone()).collect());
        }
    }

    /// Notes what came of an item: a result, or an error that may pass and is tried again.
    fn settle(&mut self, id: CallId, index: usize, outcome: Result<Found, ClientError>) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let route = plan::route(&call.call);
        let passes =
            |code| code == ErrorCode::NetworkException.code() || plan::may_pass(route, code);
        let removing = matches!(call.call, AdminCall::RemoveMembers(..));
        let state = match outcome {
            Ok(Found::Group(group)) if removing => ItemState::Routed(Some(group.coordinator.0)),
            Err(error) if passes(error.code) => {
                call.failures = call.failures.saturating_add(1);
                self.core.metadata.request_update();
                ItemState::Unrouted
            }
            outcome => ItemState::Done(outcome),
        };
        if let Some(item) = call.items.get_mut(index) {
            item.state = match (&item.key, state) {
                (Key::Broker(id), ItemState::Unrouted) => ItemState::Routed(Some(*id)),
                (_, state) => state,
            };
        }
    }

    fn after_answer(&mut self, now: SimTime, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if call.is_done() {
            self.finish(id);
        } else if call.failures > 0 && call.retry_at <= now {
            let backoff = Backoff::retry(self.config.retry_backoff_ms);
            let waiting = call
                .items
                .iter()
                .any(|item| item.state == ItemState::Unrouted);
            if waiting || plan::route(&call.call) == Route::EveryBroker {
                let wait = backoff.micros(call.failures, &mut self.core.rng);
                call.retry_at = now.plus_micros(wait);
            }
        }
    }

    fn key(&self, id: CallId, index: usize) -> Option<Key> {
        let item = self.calls.get(&id)?.items.get(index)?;
        Some(item.key.clone())
    }

    fn set(&mut self, id: CallId, index: usize, state: ItemState) {
        let item = self
            .calls
            .get_mut(&id)
            .and_then(|call| call.items.get_mut(index));
        if let Some(item) = item {
            item.state = state;
        }
    }
}
