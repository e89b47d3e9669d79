//! One client's socket. One request at a time is handed over: the next has to wait until it is
//! answered, and until less than [`READ_AHEAD`] bytes of answers wait to be written; Kafka mutes a
//! channel in the same way. Meanwhile at most [`READ_AHEAD`] bytes are read, which also tells when the
//! peer has gone. So a connection holds one request, one answer, and twice that much.

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

/// Bytes read from a client whose request is not answered yet, and bytes of answers that may wait
/// while it asks for more.
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
    /// The request that is not answered yet, and since when; what it is, if the log wants to know.
    asked: Option<(Option<Asked>, Instant)>,
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
            asked: None,
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
            if let Err(end) = self.work().await {
                return end;
            }
            if self.ended && self.asked.is_none() && self.outgoing.is_empty() {
                return self.last_words();
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
                    if quiet >= limit && (self.asked.is_none() || self.ended) {
                        return self.silent_end();
                    }
                    let rest = limit.saturating_sub(quiet).max(Duration::from_millis(10));
                    idle.as_mut().reset(tokio::time::Instant::now() + rest);
                }
            }
            if self.ended {
                let farewell = self.last_heard + FAREWELL;
                if idle.deadline().into_std() > farewell {
                    idle.as_mut().reset(farewell.into());
                }
            }
        }
    }

    /// Hands over what has arrived, one request after the other, and writes the answers. Those that
    /// come at once leave together.
    async fn work(&mut self) -> Result<(), End> {
        loop {
            while let Ok(delivery) = self.own.mailbox.try_recv() {
                self.deliver(delivery)?;
            }
            if self.outgoing_bytes >= READ_AHEAD {
                self.write()?;
            }
            if self.asked.is_some() || self.outgoing_bytes >= READ_AHEAD {
                break;
            }
            let Some(frame) = self.next_frame()? else {
                break;
            };
            let asked = self.own.log.is_verbose().then(|| asked(&frame));
            self.asked = Some((asked, Instant::now()));
            self.own.door.frame(self.own.client, frame);
            self.own.account.renew(self.held());
            // The cluster's turn.
            tokio::task::yield_now().await;
        }
        self.write()?;
        self.own.account.note(self.held());
        Ok(())
    }

    fn held(&self) -> usize {
        let unread = self.own.incoming.held();
        unread.saturating_add(self.outgoing_bytes)
    }

    fn next_frame(&mut self) -> Result<Option<Bytes>, End> {
        let next = self.own.incoming.next_frame();
        next.map_err(|wrong| End::Fault(wrong.to_string()))
    }

    fn interest(&self) -> Option<Interest> {
        let busy = self.asked.is_some() || !self.outgoing.is_empty();
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

    fn deliver(&mut self, delivery: Delivery) -> Result<(), End> {
        match delivery {
            Delivery::Frame(frame) => {
                let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
                let length = Bytes::copy_from_slice(&length.to_be_bytes());
                self.outgoing_bytes = self.outgoing_bytes.saturating_add(frame.len());
                self.outgoing_bytes = self.outgoing_bytes.saturating_add(length.len());
                self.outgoing.extend([length, frame]);
            }
            Delivery::Idle => {}
            Delivery::Close => {
                // What was answered before is still the peer's, if it can be written now.
                let _ = self.write();
                return Err(End::HungUp);
            }
        }
        if let Some((Some(asked), since)) = self.asked.take() {
            self.own
                .log
                .request(self.own.broker, &asked, since.elapsed());
        }
        Ok(())
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
            self.own.account.renew(self.held());
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
