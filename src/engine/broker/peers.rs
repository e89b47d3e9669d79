//! Requests to other brokers, and to this one: whether a transaction counts a partition in, and the
//! markers that end one. What a broker asks itself takes no connection.

use protocol::{Request, RequestHeader, Response};
use records::sorted::SortedMap;
use serde::Serialize;

use crate::broker::Broker;
use crate::broker::dispatch::Incoming;
use crate::broker::link::{Call, Link, OnLoss, Outcome};
use crate::group::RequestToken;
use crate::ids::{BrokerId, TopicPartition};
use crate::net::ConnId;
use crate::time::{SimTime, Wakeup};
use crate::txn::MarkerKey;

/// What a request to a broker is about. Each kind has connections of its own, as in Kafka, so that
/// markers that wait for followers do not hold questions up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum PeerCall {
    /// Whether partitions are part of a transaction; a client's request waits for it.
    Verify(RequestToken),
    /// Markers, and for which transactions.
    Markers(Vec<(MarkerKey, TopicPartition)>),
}

/// The links to other brokers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Peers {
    links: SortedMap<(BrokerId, Purpose), Link<PeerCall>>,
    /// What this broker asks itself.
    own: SortedMap<RequestToken, PeerCall>,
    /// What it has answered itself.
    own_done: Vec<(PeerCall, Response)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Purpose {
    Verify,
    Markers,
}

impl PeerCall {
    fn purpose(&self) -> Purpose {
        match self {
            PeerCall::Verify(_) => Purpose::Verify,
            PeerCall::Markers(_) => Purpose::Markers,
        }
    }
}

impl Peers {
    /// Whether no markers are on their way to a broker.
    pub fn may_take_markers(&self, broker: BrokerId) -> bool {
        let link = self.links.get(&(broker, Purpose::Markers));
        let mut own = self.own.values();
        link.is_none_or(Link::is_free) && !own.any(|call| call.purpose() == Purpose::Markers)
    }

    /// When a link wants to be looked at.
    pub fn next_wakeup(&self) -> Option<Wakeup> {
        let each = self.links.values().map(Link::next_wakeup);
        each.fold(None, Wakeup::earlier)
    }

    /// Whether one of the links has this connection.
    pub fn owns(&self, conn: ConnId) -> bool {
        self.links.values().any(|link| link.owns(conn))
    }

    pub(super) fn owner(&mut self, conn: ConnId) -> Option<&mut Link<PeerCall>> {
        self.links.values_mut().find(|link| link.owns(conn))
    }

    /// Takes the answer to what this broker asked itself. False if it did not.
    pub(super) fn answer(&mut self, token: RequestToken, response: impl Into<Response>) -> bool {
        match self.own.remove(&token) {
            Some(call) => {
                self.own_done.push((call, response.into()));
                true
            }
            None => false,
        }
    }

    pub(super) fn take_own(&mut self) -> Vec<(PeerCall, Response)> {
        std::mem::take(&mut self.own_done)
    }
}

impl Broker {
    /// Sends a request to a broker of the cluster, which may be this one. False if it is not known
    /// where that broker is.
    pub(super) fn call_broker(
        &mut self,
        now: SimTime,
        to: BrokerId,
        request: Request,
        about: PeerCall,
    ) -> bool {
        let version = request.api().spec().max_version;
        if to == self.config.id {
            self.ask_itself(now, request, version, about);
            return true;
        }
        let Some(registration) = self.image.broker(to).filter(|broker| !broker.fenced) else {
            return false;
        };
        let address = registration.endpoint.clone();
        let mut name = String::from("broker-");
        name.push_str(&self.config.id.to_string());
        let key = (to, about.purpose());
        let new = || Link::new(address.clone(), name.clone(), OnLoss::Fail);
        let link = self.peers.links.entry(key).or_insert_with(new);
        if *link.address() != address && link.is_free() {
            // It was started again elsewhere.
            link.shut(&mut self.out);
            *link = new();
        }
        let call = Call {
            request,
            version,
            deadline: now.plus_millis(self.config.request_timeout_ms),
            about,
        };
        link.call(now, &mut self.out, call);
        true
    }

    /// Gives up what is overdue.
    pub(super) fn advance_peers(&mut self, now: SimTime) {
        let mut outcomes = Vec::new();
        for link in self.peers.links.values_mut() {
            outcomes.extend(link.advance(now, &mut self.out));
        }
        self.take_peer_outcomes(now, outcomes);
    }

    /// What became of requests to brokers.
    pub(super) fn take_peer_outcomes(&mut self, now: SimTime, outcomes: Vec<Outcome<PeerCall>>) {
        for outcome in outcomes {
            let response = outcome.result.as_ref().ok();
            match outcome.about {
                PeerCall::Verify(token) => self.on_verified(now, token, response),
                PeerCall::Markers(asked) => self.on_markers(now, asked, response),
            }
        }
    }

    /// What became of requests to itself.
    pub(super) fn take_own_answers(&mut self, now: SimTime) -> bool {
        let done = self.peers.take_own();
        let any = !done.is_empty();
        let outcomes = done.into_iter().map(|(about, response)| Outcome {
            about,
            result: Ok(response),
        });
        self.take_peer_outcomes(now, outcomes.collect());
        any
    }

    fn ask_itself(&mut self, now: SimTime, request: Request, version: i16, about: PeerCall) {
        let token = self.connections.own_token();
        self.peers.own.insert(token, about);
        let incoming = Incoming {
            token,
            conn: ConnId::incoming(u64::MAX),
            header: RequestHeader {
                api_key: request.api_key(),
                api_version: version,
                ..RequestHeader::default()
            },
        };
        self.dispatch(now, &incoming, request);
    }
}
