//! Which broker looks after the group.

use engine::net::Address;
use engine::time::SimTime;
use protocol::ErrorCode;
use protocol::messages::find_coordinator::FindCoordinatorResponse;

use crate::consumer::machine::{Consumer, Flight};
use crate::event::ClientError;
use crate::net::backoff::Backoff;
use crate::net::core::{Ask, AskOptions};
use crate::net::links::coordinator_node;
use crate::net::requests::{coordinator_of, find_coordinator};

impl Consumer {
    /// The connection to the coordinator, if it can be used now.
    pub(in crate::consumer) fn ready_coordinator(&mut self, now: SimTime) -> Option<i32> {
        let node = coordinator_node(self.group.coordinator?);
        self.core.links.ready(now, node).then_some(node)
    }

    /// The coordinator has to be found anew.
    pub(in crate::consumer) fn lose_coordinator(&mut self) {
        self.group.coordinator = None;
    }

    /// The connection of a node is gone.
    pub(in crate::consumer) fn on_lost(&mut self, now: SimTime, node: i32) {
        if self.group.coordinator.map(coordinator_node) == Some(node) {
            self.lose_coordinator();
        }
        if self
            .group
            .search
            .asked
            .is_some_and(|(asked, _, sent)| asked == node && !sent)
        {
            self.on_search_failed(now);
        }
    }

    /// Looks for the coordinator unless it is known.
    pub(in crate::consumer) fn find_coordinator(&mut self, now: SimTime) {
        let Some(group) = self.config.group_id.clone() else {
            return;
        };
        if self.group.coordinator.is_some() || now < self.group.search.retry_at {
            return;
        }
        let (node, correlation) = match self.group.search.asked {
            Some((_, _, true)) => return,
            Some((node, correlation, false)) => (node, correlation),
            None => {
                let Some(node) = self.core.links.least_loaded(now) else {
                    return;
                };
                // The request is numbered before its connection is open and asks for versions.
                (node, self.core.links.draw_correlation())
            }
        };
        let ready = self.core.links.ready(now, node);
        self.group.search.asked = Some((node, correlation, ready));
        if ready {
            let request = find_coordinator(vec![group]);
            let options = AskOptions {
                correlation: Some(correlation),
                ..AskOptions::default()
            };
            let tag = Flight::FindCoordinator;
            self.core
                .send(now, Ask::new(node, request, tag).with(options));
        }
    }

    pub(in crate::consumer) fn on_coordinator(
        &mut self,
        now: SimTime,
        body: &FindCoordinatorResponse,
    ) {
        let group = self.config.group_id.clone().unwrap_or_default();
        match coordinator_of(body, &group) {
            Ok((id, address)) => {
                self.core.links.know(coordinator_node(id), address);
                self.group.coordinator = Some(id);
                self.group.search.asked = None;
                self.group.search.failures = 0;
            }
            Err((code, message)) => {
                if !ErrorCode::from_code(code).is_retriable() {
                    self.fail(ClientError::of(code, message.as_deref()));
                }
                self.on_search_failed(now);
            }
        }
    }

    pub(in crate::consumer) fn on_search_failed(&mut self, now: SimTime) {
        self.group.search.asked = None;
        self.group.search.failures = self.group.search.failures.saturating_add(1);
        let backoff = Backoff::retry(self.config.retry_backoff_ms);
        let wait = backoff.micros(self.group.search.failures, &mut self.core.rng);
        self.group.search.retry_at = now.plus_micros(wait);
    }

    /// Where the coordinator is, for the picture.
    pub(in crate::consumer) fn coordinator_address(&self) -> Option<(i32, Address)> {
        let id = self.group.coordinator?;
        let address = self.core.metadata.brokers.get(&id)?;
        Some((id, address.clone()))
    }
}
