//! One client's socket. What has arrived in full is handed over, and nothing more is taken from this
//! client until all of it is answered and the answers are written: Kafka mutes a channel the same
//! way. Until then at most [`READ_AHEAD`] bytes are read beyond it, which also tells when the peer
//! has gone.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::cluster::ClientId;
use crate::incoming::Incoming;
use crate::ledger::Account;
use crate::log::{Asked, Log, asked};
use crate::turns::{Delivery, Door};

/// Bytes read from a client whose requests are not answered yet.
pub const READ_AHEAD: usize = 64 * 1024;
/// A peer that has closed its side may still read an answer, but not wait for one for long.
const FAREWELL: Duration = Duration::from_secs(10);
/// Pieces in one write: an answer is two of them.
const PIECES: usize = 64;

/// What a connection is made of.
#[derive(Debug)]
pub struct Connection {
    /// The socket.
    pub stream: TcpStream,
    /// Its name.
    pub client: ClientId,
    /// The broker it was opened to.
    pub broker: i32,
    /// Who is at the other end.
    pub peer: String,
    /// The way to the cluster.
    pub door: Door,
    /// What comes back.
    pub mailbox: UnboundedReceiver<Delivery>,
    /// What it holds, against the limit of all.
    pub account: Account,
    /// Bytes that have arrived.
    pub incoming: Incoming,
    /// `connections.max.idle.ms`.
    pub max_idle: Duration,
    /// Where its lines go.
    pub log: Log,
}

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The peer closed or was lost: nothing to say.
    Gone,
    /// The broker hung up.
    HungUp,
    /// The peer did something wrong.
    Fault(String),
}

struct Running {
    own: Connection,
    /// Requests handed over and not answered yet, for the log.
    asked: VecDeque<(Option<Asked>, Instant)>,
    outgoing: VecDeque<Bytes>,
    outgoing_bytes: usize,
    /// The peer will send no more.
    ended: bool,
    last_heard: Instant,
}

impl Connection {
    /// Carries frames until either side closes.
    pub async fn run(self) {
        let (client, door, log) = (self.client, self.door.clone(), self.log.clone());
        let (broker, peer) = (self.broker, self.peer.clone());
        let mut running = Running {
            own: self,
            asked: VecDeque::new(),
            outgoing: VecDeque::new(),
            outgoing_bytes: 0,
            ended: false,
            last_heard: Instant::now(),
        };
        match running.carry().await {
            End::HungUp => {}
            End::Gone => door.closed(client),
            End::Fault(what) => {
                log.complain(&format!(
                    "broker {broker}: {peer} {what}; connection closed"
                ));
                door.closed(client);
            }
        }
    }
}

impl Running {
    async fn carry(&mut self) -> End {
        let idle = tokio::time::sleep(self.own.max_idle);
        tokio::pin!(idle);
        loop {
            if let Err(end) = self.work() {
                return end;
            }
            let interest = self.interest();
            let own = &mut self.own;
            tokio::select! {
                delivery = own.mailbox.recv() => match delivery {
                    Some(delivery) => {
                        if let Err(end) = self.deliver(delivery) {
                            return end;
                        }
                    }
                    None => return End::HungUp,
                },
                ready = own.stream.ready(interest.unwrap_or(Interest::ERROR)), if interest.is_some() => {
                    match ready {
                        Ok(ready) if ready.is_readable() || ready.is_read_closed() => {
                            if let Err(end) = self.read() {
                                return end;
                            }
                        }
                        Ok(_) => {}
                        Err(_) => return End::Gone,
                    }
                }
                () = own.account.evicted() => {
                    return End::Fault(String::from("held bytes for the longest while --buffer-limit was reached"));
                }
                () = &mut idle => {
                    let limit = if self.ended { FAREWELL } else { self.own.max_idle };
                    let quiet = self.last_heard.elapsed();
                    // Whoever waits for an answer is not idle.
                    if quiet >= limit && (self.asked.is_empty() || self.ended) {
                        return self.silent_end();
                    }
                    let rest = limit.saturating_sub(quiet).max(Duration::from_millis(10));
                    idle.as_mut().reset(tokio::time::Instant::now() + rest);
                }
            }
            if self.ended && self.asked.is_empty() && self.outgoing.is_empty() && !self.is_whole() {
                return self.last_words();
            }
            if self.ended {
                let farewell = self.last_heard + FAREWELL;
                if idle.deadline().into_std() > farewell {
                    idle.as_mut().reset(farewell.into());
                }
            }
        }
    }

    /// Writes what waits, and hands over what has arrived if nothing is under way.
    fn work(&mut self) -> Result<(), End> {
        self.write()?;
        if self.asked.is_empty() && self.outgoing.is_empty() {
            while let Some(frame) = self.next_frame()? {
                let asked = self.own.log.is_verbose().then(|| asked(&frame));
                self.asked.push_back((asked, Instant::now()));
                self.own.door.frame(self.own.client, frame);
            }
            if !self.asked.is_empty() {
                self.own.account.renew(self.own.incoming.held());
            }
        }
        let held = self.own.incoming.held().saturating_add(self.outgoing_bytes);
        self.own.account.note(held);
        Ok(())
    }

    fn next_frame(&mut self) -> Result<Option<Bytes>, End> {
        let next = self.own.incoming.next_frame();
        next.map_err(|wrong| End::Fault(wrong.to_string()))
    }

    fn is_whole(&mut self) -> bool {
        self.own.incoming.has_frame()
    }

    fn interest(&self) -> Option<Interest> {
        let busy = !self.asked.is_empty() || !self.outgoing.is_empty();
        let read = !self.ended && (!busy || self.own.incoming.held() < READ_AHEAD);
        match (read, self.outgoing.is_empty()) {
            (true, true) => Some(Interest::READABLE),
            (true, false) => Some(Interest::READABLE | Interest::WRITABLE),
            (false, false) => Some(Interest::WRITABLE),
            (false, true) => None,
        }
    }

    fn read(&mut self) -> Result<(), End> {
        match self.own.stream.try_read_buf(self.own.incoming.make_room()) {
            Ok(0) => self.ended = true,
            Ok(_) => self.last_heard = Instant::now(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return Err(End::Gone),
        }
        Ok(())
    }

    /// Takes this delivery and all others that wait.
    fn deliver(&mut self, first: Delivery) -> Result<(), End> {
        let mut next = Some(first);
        while let Some(delivery) = next {
            match delivery {
                Delivery::Frame(frame) => {
                    self.answered();
                    let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
                    let length = Bytes::copy_from_slice(&length.to_be_bytes());
                    self.outgoing_bytes = self.outgoing_bytes.saturating_add(frame.len());
                    self.outgoing_bytes = self.outgoing_bytes.saturating_add(length.len());
                    self.outgoing.push_back(length);
                    self.outgoing.push_back(frame);
                }
                Delivery::Idle => {
                    while !self.asked.is_empty() {
                        self.answered();
                    }
                }
                Delivery::Close => {
                    // What was answered before is still the peer's, if it can be written now.
                    let _ = self.write();
                    return Err(End::HungUp);
                }
            }
            next = self.own.mailbox.try_recv().ok();
        }
        Ok(())
    }

    fn answered(&mut self) {
        if let Some((Some(asked), since)) = self.asked.pop_front() {
            self.own
                .log
                .request(self.own.broker, &asked, since.elapsed());
        }
    }

    /// Writes as much as the socket takes.
    fn write(&mut self) -> Result<(), End> {
        while !self.outgoing.is_empty() {
            let mut pieces = [IoSlice::new(&[]); PIECES];
            let count = self.outgoing.len().min(PIECES);
            for (place, piece) in pieces.iter_mut().zip(&self.outgoing) {
                *place = IoSlice::new(piece);
            }
            let pieces = pieces.get(..count).unwrap_or_default();
            match self.own.stream.try_write_vectored(pieces) {
                Ok(0) => return Err(End::Gone),
                Ok(written) => self.wrote(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(_) => return Err(End::Gone),
            }
        }
        Ok(())
    }

    fn wrote(&mut self, written: usize) {
        self.last_heard = Instant::now();
        self.outgoing_bytes = self.outgoing_bytes.saturating_sub(written);
        let mut rest = written;
        while let Some(first) = self.outgoing.front_mut() {
            if rest < first.len() {
                first.advance(rest);
                break;
            }
            rest = rest.saturating_sub(first.len());
            self.outgoing.pop_front();
        }
        if self.outgoing.is_empty() {
            self.own.account.renew(self.own.incoming.held());
        }
    }

    fn silent_end(&self) -> End {
        if self.ended {
            return End::Gone;
        }
        let millis = self.own.max_idle.as_millis();
        let what = match (self.outgoing.is_empty(), self.own.incoming.held()) {
            // Kafka's clients leave connections open when they are done with them.
            (true, 0) => return End::Gone,
            (true, _) => "stopped in the middle of a request",
            (false, _) => "did not read its responses",
        };
        End::Fault(format!("{what} for {millis} ms"))
    }

    fn last_words(&self) -> End {
        match self.own.incoming.held() {
            0 => End::Gone,
            held => End::Fault(format!("left after {held} bytes of an unfinished request")),
        }
    }
}
