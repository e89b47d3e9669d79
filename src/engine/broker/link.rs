//! A connection this broker keeps to another machine: opened on demand, one request in flight,
//! opened again after a pause when it breaks.

use std::collections::VecDeque;

use bytes::Bytes;
use protocol::{Request, RequestHeader, Response};
use serde::Serialize;

use crate::net::{Address, ConnId, NetOut};
use crate::time::{Reason, SimTime, Wakeup};

/// `reconnect.backoff.ms`, doubled with every failure.
const FIRST_BACKOFF_MS: i64 = 50;
/// `reconnect.backoff.max.ms`.
const LONGEST_BACKOFF_MS: i64 = 1_000;

/// What a machine wants done, and the numbering of the connections it opens.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Outbox {
    next_conn: u64,
    pending: Vec<NetOut>,
}

impl Outbox {
    /// Hands over what has gathered.
    pub fn drain(&mut self) -> Vec<NetOut> {
        std::mem::take(&mut self.pending)
    }

    /// Sends a frame.
    pub fn send(&mut self, conn: ConnId, frame: Bytes) {
        self.pending.push(NetOut::Send(conn, frame));
    }

    /// Closes a connection.
    pub fn close(&mut self, conn: ConnId) {
        self.pending.push(NetOut::Close(conn));
    }

    fn connect(&mut self, to: &Address) -> ConnId {
        let conn = ConnId::outgoing(self.next_conn);
        self.next_conn = self.next_conn.wrapping_add(1);
        self.pending.push(NetOut::Connect {
            conn,
            to: to.clone(),
        });
        conn
    }
}

/// What becomes of a request whose connection breaks before its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum OnLoss {
    /// It is sent again, until its deadline.
    SendAgain,
    /// It fails at once.
    Fail,
}

/// A request that will not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum CallError {
    /// Its connection broke or could not be opened.
    Lost,
    /// Its deadline passed.
    TimedOut,
    /// The answer could not be read.
    Garbled,
}

/// A request to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Call<T> {
    /// The request.
    pub request: Request,
    /// In which version.
    pub version: i16,
    /// When to give up.
    pub deadline: SimTime,
    /// What it is about; comes back with the outcome.
    pub about: T,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome<T> {
    /// What it was about.
    pub about: T,
    /// The answer.
    pub result: Result<Response, CallError>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
enum State {
    Idle,
    Opening(ConnId),
    Open(ConnId),
    Waiting(SimTime),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Queued<T> {
    frame: Bytes,
    api_key: i16,
    version: i16,
    correlation_id: i32,
    deadline: SimTime,
    about: T,
}

/// One connection and the requests that wait for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link<T> {
    to: Address,
    client_id: String,
    on_loss: OnLoss,
    state: State,
    failures: u32,
    next_correlation: i32,
    /// The request whose answer is awaited.
    in_flight: Option<Queued<T>>,
    queue: VecDeque<Queued<T>>,
}

impl<T> Link<T> {
    /// A link to `to` that names itself `client_id`; nothing is opened yet.
    pub fn new(to: Address, client_id: impl Into<String>, on_loss: OnLoss) -> Link<T> {
        Link {
            to,
            client_id: client_id.into(),
            on_loss,
            state: State::Idle,
            failures: 0,
            next_correlation: 0,
            in_flight: None,
            queue: VecDeque::new(),
        }
    }

    /// Where it leads.
    pub fn address(&self) -> &Address {
        &self.to
    }

    /// Whether nothing waits for it.
    pub fn is_free(&self) -> bool {
        self.in_flight.is_none() && self.queue.is_empty()
    }

    /// Whether this is its connection.
    pub fn owns(&self, conn: ConnId) -> bool {
        matches!(self.state, State::Opening(own) | State::Open(own) if own == conn)
    }

    /// Sends a request, now or when its turn comes.
    pub fn call(&mut self, now: SimTime, out: &mut Outbox, call: Call<T>) {
        let header = RequestHeader {
            api_key: call.request.api_key(),
            api_version: call.version,
            correlation_id: self.next_correlation,
            client_id: Some(self.client_id.clone()),
        };
        self.next_correlation = self.next_correlation.wrapping_add(1) & i32::MAX;
        self.queue.push_back(Queued {
            frame: call.request.encode(&header),
            api_key: header.api_key,
            version: header.api_version,
            correlation_id: header.correlation_id,
            deadline: call.deadline,
            about: call.about,
        });
        self.go_on(now, out);
    }

    /// The connection is open.
    pub fn on_opened(&mut self, now: SimTime, out: &mut Outbox) {
        if let State::Opening(conn) = self.state {
            self.state = State::Open(conn);
            self.failures = 0;
            self.go_on(now, out);
        }
    }

    /// The connection broke or was refused. Gives the requests that fail with it.
    pub fn on_lost(&mut self, now: SimTime, out: &mut Outbox) -> Vec<Outcome<T>> {
        let backoff = FIRST_BACKOFF_MS.saturating_mul(1 << self.failures.min(10));
        self.failures = self.failures.saturating_add(1);
        self.state = State::Waiting(now.plus_millis(backoff.min(LONGEST_BACKOFF_MS)));
        let in_flight = self.in_flight.take();
        let lost: Vec<Queued<T>> = match self.on_loss {
            OnLoss::SendAgain => {
                if let Some(again) = in_flight {
                    self.queue.push_front(again);
                }
                Vec::new()
            }
            OnLoss::Fail => in_flight.into_iter().chain(self.queue.drain(..)).collect(),
        };
        self.go_on(now, out);
        lost.into_iter()
            .map(|queued| queued.fail(CallError::Lost))
            .collect()
    }

    /// A frame arrived on the connection.
    pub fn on_frame(&mut self, now: SimTime, out: &mut Outbox, frame: &Bytes) -> Vec<Outcome<T>> {
        let Some(asked) = self.in_flight.take() else {
            return self.hang_up(now, out);
        };
        match Response::decode(asked.api_key, asked.version, frame) {
            Ok((correlation_id, response)) if correlation_id == asked.correlation_id => {
                self.go_on(now, out);
                vec![Outcome {
                    about: asked.about,
                    result: Ok(response),
                }]
            }
            _ => {
                let mut outcomes = self.hang_up(now, out);
                outcomes.push(asked.fail(CallError::Garbled));
                outcomes
            }
        }
    }

    /// Gives up what is overdue, and opens the connection again when it is time.
    pub fn advance(&mut self, now: SimTime, out: &mut Outbox) -> Vec<Outcome<T>> {
        let mut overdue = Vec::new();
        if self
            .in_flight
            .as_ref()
            .is_some_and(|asked| asked.deadline <= now)
        {
            // Its answer may still come; on a new connection nobody can take it for another's.
            let asked = self.in_flight.take();
            overdue.extend(asked.map(|asked| asked.fail(CallError::TimedOut)));
            overdue.extend(self.hang_up(now, out));
        }
        let mut kept = VecDeque::new();
        for queued in self.queue.drain(..) {
            if queued.deadline <= now {
                overdue.push(queued.fail(CallError::TimedOut));
            } else {
                kept.push_back(queued);
            }
        }
        self.queue = kept;
        self.go_on(now, out);
        overdue
    }

    /// When [`Link::advance`] is wanted next.
    pub fn next_wakeup(&self) -> Option<Wakeup> {
        let deadlines = self.queue.iter().chain(&self.in_flight);
        let timeout = deadlines.map(|queued| queued.deadline).min();
        let timeout = timeout.map(|at| Wakeup {
            at,
            reason: Reason::RequestTimeout,
        });
        let retry = match self.state {
            State::Waiting(at) if !self.queue.is_empty() => Some(Wakeup {
                at,
                reason: Reason::Retry,
            }),
            _ => None,
        };
        Wakeup::earlier(timeout, retry)
    }

    /// Closes the connection and forgets what waits; the link is not used again.
    pub fn shut(&mut self, out: &mut Outbox) {
        if let State::Opening(conn) | State::Open(conn) = self.state {
            out.close(conn);
        }
        self.state = State::Idle;
        self.in_flight = None;
        self.queue.clear();
    }

    fn hang_up(&mut self, now: SimTime, out: &mut Outbox) -> Vec<Outcome<T>> {
        if let State::Opening(conn) | State::Open(conn) = self.state {
            out.close(conn);
        }
        self.on_lost(now, out)
    }

    fn go_on(&mut self, now: SimTime, out: &mut Outbox) {
        if self.queue.is_empty() {
            return;
        }
        match self.state {
            State::Idle => self.state = State::Opening(out.connect(&self.to)),
            State::Waiting(at) if at <= now => {
                self.state = State::Opening(out.connect(&self.to));
            }
            State::Open(conn) if self.in_flight.is_none() => {
                if let Some(next) = self.queue.pop_front() {
                    out.send(conn, next.frame.clone());
                    self.in_flight = Some(next);
                }
            }
            State::Waiting(_) | State::Opening(_) | State::Open(_) => {}
        }
    }
}

impl<T> Queued<T> {
    fn fail(self, error: CallError) -> Outcome<T> {
        Outcome {
            about: self.about,
            result: Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use protocol::messages::broker_heartbeat::{BrokerHeartbeatRequest, BrokerHeartbeatResponse};
    use protocol::{Request, Response};

    use super::{Call, CallError, Link, OnLoss, Outbox};
    use crate::net::{Address, ConnId, NetOut};
    use crate::time::{Reason, SimTime};

    struct Bench {
        link: Link<&'static str>,
        out: Outbox,
    }

    fn at(ms: i64) -> SimTime {
        SimTime::from_millis(ms)
    }

    impl Bench {
        fn new(on_loss: OnLoss) -> Bench {
            Bench {
                link: Link::new(Address::new("peer", 1), "me", on_loss),
                out: Outbox::default(),
            }
        }

        fn call(&mut self, about: &'static str, deadline: i64) {
            let call = Call {
                request: Request::BrokerHeartbeat(BrokerHeartbeatRequest::default()),
                version: 1,
                deadline: at(deadline),
                about,
            };
            self.link.call(at(0), &mut self.out, call);
        }

        /// The connection that was asked for, or the frame that was sent.
        fn connects(&mut self) -> Option<ConnId> {
            self.out.drain().into_iter().find_map(|out| match out {
                NetOut::Connect { conn, .. } => Some(conn),
                _ => None,
            })
        }

        fn sends(&mut self) -> Vec<Bytes> {
            let sent = self.out.drain().into_iter();
            sent.filter_map(|out| match out {
                NetOut::Send(_, frame) => Some(frame),
                _ => None,
            })
            .collect()
        }
    }

    fn answer(correlation_id: i32) -> Bytes {
        Response::BrokerHeartbeat(BrokerHeartbeatResponse::default()).encode(1, correlation_id)
    }

    #[test]
    fn one_request_at_a_time_in_order() {
        let mut bench = Bench::new(OnLoss::Fail);
        bench.call("first", 100);
        bench.call("second", 100);
        assert!(bench.connects().is_some() && bench.sends().is_empty());
        bench.link.on_opened(at(1), &mut bench.out);
        assert_eq!(bench.sends().len(), 1);
        let done = bench.link.on_frame(at(2), &mut bench.out, &answer(0));
        assert_eq!((done[0].about, done[0].result.is_ok()), ("first", true));
        assert_eq!(bench.sends().len(), 1);
        // An answer to something else means that the two ends no longer understand each other.
        let done = bench.link.on_frame(at(3), &mut bench.out, &answer(9));
        assert_eq!(
            (done[0].about, done[0].result.clone()),
            ("second", Err(CallError::Garbled))
        );
        assert!(bench.link.is_free());
    }

    #[test]
    fn what_was_lost_is_sent_again_after_a_growing_pause_until_its_deadline() {
        let mut bench = Bench::new(OnLoss::SendAgain);
        bench.call("again", 1_000);
        bench.link.on_opened(at(1), &mut bench.out);
        assert!(bench.link.on_lost(at(2), &mut bench.out).is_empty());
        bench.out.drain();
        let wakeup = bench.link.next_wakeup().unwrap();
        assert_eq!((wakeup.at, wakeup.reason), (at(52), Reason::Retry));
        bench.link.advance(at(52), &mut bench.out);
        assert!(bench.connects().is_some());
        bench.link.on_lost(at(52), &mut bench.out);
        assert_eq!(bench.link.next_wakeup().unwrap().at, at(152));
        bench.link.advance(at(152), &mut bench.out);
        bench.link.on_opened(at(153), &mut bench.out);
        assert_eq!(bench.sends().len(), 1);
        assert_eq!(
            bench.link.next_wakeup().unwrap().reason,
            Reason::RequestTimeout
        );
        let done = bench.link.advance(at(1_000), &mut bench.out);
        assert_eq!(done[0].result, Err(CallError::TimedOut));
    }

    #[test]
    fn what_may_not_wait_fails_with_its_connection() {
        let mut bench = Bench::new(OnLoss::Fail);
        bench.call("a", 1_000);
        bench.call("b", 1_000);
        let failed = bench.link.on_lost(at(1), &mut bench.out);
        assert_eq!(failed.len(), 2);
        assert!(failed.iter().all(|one| one.result == Err(CallError::Lost)));
        assert!(bench.link.is_free());
    }
}
