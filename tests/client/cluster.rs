//! A small cluster without delay: it carries frames between clients and brokers, lets time pass from
//! wake-up to wake-up, and plays the faults that a story asks for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use client::admin::{Admin, AdminEvent};
use client::consumer::{Consumer, ConsumerEvent};
use client::event::LogLine;
use client::producer::{Producer, ProducerEvent};
use engine::group::{CoordinatorEffect, RequestToken};
use engine::net::{Address, ConnId, Machine, NetIn, NetOut};
use engine::rng::Rng;
use engine::time::SimTime;
use protocol::{ApiKey, Request, RequestHeader, Response};

use crate::broker::{Answer, Names, Shared};

/// Any client.
pub enum Client {
    Producer(Box<Producer>),
    Consumer(Box<Consumer>),
    Admin(Box<Admin>),
}

/// What befalls the next request of an API.
pub enum Fault {
    /// It is answered with this and otherwise ignored.
    Answer(Response),
    /// It is carried out, but the connection breaks before the answer leaves.
    LoseAnswer,
}

/// Clients and brokers.
pub struct Cluster {
    pub now: SimTime,
    pub shared: Shared,
    pub clients: Vec<Client>,
    pub down: BTreeSet<i32>,
    pub faults: VecDeque<(ApiKey, Fault)>,
    /// No broker answers any more.
    pub mute: bool,
    /// Damages one answer in so many.
    pub damage: Option<(Rng, u64)>,
    /// Every request as `client api#correlation`, in order of arrival.
    pub requests: Vec<String>,
    conns: BTreeMap<(usize, ConnId), Conn>,
    next_token: u64,
}

struct Conn {
    broker: i32,
    waiting: VecDeque<Bytes>,
    current: Option<(RequestToken, RequestHeader, Request, Option<SimTime>)>,
}

impl Client {
    pub fn machine(&mut self) -> &mut dyn Machine {
        match self {
            Client::Producer(client) => client.as_mut(),
            Client::Consumer(client) => client.as_mut(),
            Client::Admin(client) => client.as_mut(),
        }
    }
}

impl Cluster {
    pub fn new(brokers: i32) -> Cluster {
        let now = SimTime::from_millis(1_700_000_000_000);
        Cluster {
            now,
            shared: Shared::new(brokers, now),
            clients: Vec::new(),
            down: BTreeSet::new(),
            faults: VecDeque::new(),
            mute: false,
            damage: None,
            requests: Vec::new(),
            conns: BTreeMap::new(),
            next_token: 0,
        }
    }

    pub fn bootstrap() -> Vec<Address> {
        vec![Address::new("localhost", Shared::port(1))]
    }

    pub fn add(&mut self, client: Client) -> usize {
        self.clients.push(client);
        self.settle();
        self.clients.len() - 1
    }

    pub fn producer(&mut self, i: usize) -> &mut Producer {
        match &mut self.clients[i] {
            Client::Producer(producer) => producer,
            _ => panic!("client {i} is no producer"),
        }
    }

    pub fn consumer(&mut self, i: usize) -> &mut Consumer {
        match &mut self.clients[i] {
            Client::Consumer(consumer) => consumer,
            _ => panic!("client {i} is no consumer"),
        }
    }

    pub fn admin(&mut self, i: usize) -> &mut Admin {
        match &mut self.clients[i] {
            Client::Admin(admin) => admin,
            _ => panic!("client {i} is no admin client"),
        }
    }

    /// Lets that much time pass.
    pub fn run(&mut self, millis: i64) {
        let end = self.now.plus_millis(millis);
        for _ in 0..200_000 {
            self.settle();
            let Some(next) = self.next_wakeup().filter(|at| *at <= end) else {
                self.now = end;
                return;
            };
            assert!(next >= self.now, "a wake-up in the past");
            self.now = next;
            for i in 0..self.clients.len() {
                let due = self.clients[i]
                    .machine()
                    .next_wakeup()
                    .is_some_and(|w| w.at <= next);
                if due {
                    self.clients[i].machine().advance(next);
                    let again = self.clients[i].machine().next_wakeup();
                    assert!(again.is_none_or(|w| w.at > next), "stuck on {again:?}");
                }
            }
            let names = Names(&self.shared.topics);
            let effects = self.shared.groups.advance(next, &names);
            self.perform(effects);
            self.look_at_parked();
        }
        panic!("never comes to rest");
    }

    /// Carries frames until none is on its way.
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            let mut busy = false;
            for i in 0..self.clients.len() {
                for out in self.clients[i].machine().drain() {
                    busy = true;
                    self.take(i, out);
                }
            }
            self.look_at_parked();
            if !busy {
                return;
            }
        }
        panic!(
            "frames without end: {:?}",
            self.requests.iter().rev().take(9).collect::<Vec<_>>()
        );
    }

    /// A broker dies: its connections close.
    pub fn kill(&mut self, broker: i32) {
        self.down.insert(broker);
        let gone: Vec<(usize, ConnId)> = self
            .conns
            .iter()
            .filter(|(_, conn)| conn.broker == broker)
            .map(|(key, _)| *key)
            .collect();
        for (client, id) in gone {
            self.break_off(client, id);
        }
        self.settle();
    }

    fn break_off(&mut self, client: usize, id: ConnId) {
        self.conns.remove(&(client, id));
        let now = self.now;
        self.clients[client]
            .machine()
            .handle(now, NetIn::Closed(id));
    }

    fn next_wakeup(&mut self) -> Option<SimTime> {
        let clients = self
            .clients
            .iter_mut()
            .filter_map(|c| c.machine().next_wakeup());
        let mut all: Vec<SimTime> = clients.map(|wakeup| wakeup.at).collect();
        all.extend(self.shared.groups.next_wakeup().map(|wakeup| wakeup.at));
        all.extend(
            self.conns
                .values()
                .filter_map(|conn| conn.current.as_ref()?.3),
        );
        all.into_iter().min()
    }

    fn take(&mut self, client: usize, out: NetOut) {
        let now = self.now;
        match out {
            NetOut::Connect { conn, to } => {
                let broker = (1..=self.shared.brokers).find(|id| Shared::port(*id) == to.port);
                match broker.filter(|id| !self.down.contains(id)) {
                    Some(broker) => {
                        let waiting = VecDeque::new();
                        let state = Conn {
                            broker,
                            waiting,
                            current: None,
                        };
                        self.conns.insert((client, conn), state);
                        self.clients[client]
                            .machine()
                            .handle(now, NetIn::Opened(conn));
                    }
                    None => self.clients[client]
                        .machine()
                        .handle(now, NetIn::Refused(conn)),
                }
            }
            NetOut::Send(id, frame) => {
                if let Some(conn) = self.conns.get_mut(&(client, id)) {
                    conn.waiting.push_back(frame);
                    self.serve(client, id);
                }
            }
            NetOut::Close(id) => {
                self.conns.remove(&(client, id));
            }
        }
    }

    /// Takes up the next request of a connection once the one before is answered.
    fn serve(&mut self, client: usize, id: ConnId) {
        while let Some(conn) = self.conns.get_mut(&(client, id)) {
            if conn.current.is_some() {
                return;
            }
            let Some(frame) = conn.waiting.pop_front() else {
                return;
            };
            let (header, request) = Request::decode(&frame).unwrap();
            let api = request.api();
            let name = api.spec().name;
            self.requests
                .push(format!("{client} {name}#{}", header.correlation_id));
            let token = RequestToken(self.next_token);
            self.next_token += 1;
            conn.current = Some((token, header, request, None));
            let fault = self.faults.front().is_some_and(|(at, _)| *at == api);
            match fault.then(|| self.faults.pop_front().unwrap().1) {
                None => self.carry_out(client, id),
                Some(Fault::Answer(response)) => self.answer(client, id, &response),
                Some(Fault::LoseAnswer) => {
                    let conn = &self.conns[&(client, id)];
                    let (token, header, request, _) = conn.current.clone().unwrap();
                    let broker = conn.broker;
                    let _ = self
                        .shared
                        .answer(self.now, broker, token, (&header, &request));
                    self.break_off(client, id);
                }
            }
        }
    }

    fn carry_out(&mut self, client: usize, id: ConnId) {
        let conn = &self.conns[&(client, id)];
        let (token, header, request, deadline) = conn.current.clone().unwrap();
        let broker = conn.broker;
        let (answer, effects) = self
            .shared
            .answer(self.now, broker, token, (&header, &request));
        match (answer, deadline) {
            (Answer::Now(response), _) => self.answer(client, id, &response),
            (Answer::Park(_), Some(at)) if at <= self.now => {
                let empty = Response::Fetch(Default::default());
                self.answer(client, id, &empty);
            }
            (Answer::Park(at), None) => {
                self.conns
                    .get_mut(&(client, id))
                    .unwrap()
                    .current
                    .as_mut()
                    .unwrap()
                    .3 = Some(at);
            }
            (Answer::None, _) => self.conns.get_mut(&(client, id)).unwrap().current = None,
            (Answer::Later | Answer::Park(_), _) => {}
        }
        self.perform(effects);
    }

    fn look_at_parked(&mut self) {
        let parked: Vec<(usize, ConnId)> = self
            .conns
            .iter()
            .filter(|(_, conn)| {
                conn.current
                    .as_ref()
                    .is_some_and(|current| current.3.is_some())
            })
            .map(|(key, _)| *key)
            .collect();
        for (client, id) in parked {
            if self.conns.contains_key(&(client, id)) {
                self.carry_out(client, id);
                self.serve(client, id);
            }
        }
    }

    fn perform(&mut self, effects: Vec<CoordinatorEffect>) {
        for effect in effects {
            match effect {
                CoordinatorEffect::Append { write, .. } => {
                    let effects = self.shared.groups.on_written(self.now, write, Ok(()));
                    self.perform(effects);
                }
                CoordinatorEffect::Respond { token, response } => {
                    let found = self.conns.iter().find(|(_, conn)| {
                        conn.current
                            .as_ref()
                            .is_some_and(|current| current.0 == token)
                    });
                    if let Some(((client, id), _)) = found {
                        let (client, id) = (*client, *id);
                        self.answer(client, id, &response);
                        self.serve(client, id);
                    }
                }
            }
        }
    }

    fn answer(&mut self, client: usize, id: ConnId, response: &Response) {
        let (_, header, ..) = self.conns[&(client, id)].current.as_ref().unwrap();
        let mut frame = response.encode(header.api_version, header.correlation_id);
        if let Some((rng, one_in)) = &mut self.damage
            && rng.below(*one_in) == 0
        {
            frame = damaged(rng, &frame);
        }
        self.reply(client, id, frame);
    }

    fn reply(&mut self, client: usize, id: ConnId, frame: Bytes) {
        if self.mute {
            self.conns
                .get_mut(&(client, id))
                .unwrap()
                .current
                .as_mut()
                .unwrap()
                .3 = None;
            return;
        }
        self.conns.get_mut(&(client, id)).unwrap().current = None;
        let now = self.now;
        self.clients[client]
            .machine()
            .handle(now, NetIn::Frame(id, frame));
    }
}

/// The log lines among a producer's events.
pub fn producer_log(events: &[ProducerEvent]) -> Vec<String> {
    let lines = events.iter().filter_map(|event| match event {
        ProducerEvent::Log(line) => Some(text(line)),
        _ => None,
    });
    lines.collect()
}

/// The log lines among a consumer's events.
pub fn consumer_log(events: &[ConsumerEvent]) -> Vec<String> {
    let lines = events.iter().filter_map(|event| match event {
        ConsumerEvent::Log(line) => Some(text(line)),
        _ => None,
    });
    lines.collect()
}

/// The log lines among an admin client's events.
pub fn admin_log(events: &[AdminEvent]) -> Vec<String> {
    let lines = events.iter().filter_map(|event| match event {
        AdminEvent::Log(line) => Some(text(line)),
        AdminEvent::Done(..) => None,
    });
    lines.collect()
}

fn text(line: &LogLine) -> String {
    line.text.clone()
}

/// The frame with a few bytes behind its correlation id changed, or cut off.
fn damaged(rng: &mut Rng, frame: &Bytes) -> Bytes {
    let mut bytes = frame.to_vec();
    let mut at = || {
        let span = rng.below(bytes.len().saturating_sub(4).max(1) as u64);
        4 + usize::try_from(span).unwrap()
    };
    let (first, second, cut) = (at(), at(), at());
    let how = rng.below(4);
    if let Some(byte) = bytes.get_mut(first).filter(|_| how < 3) {
        *byte = byte.wrapping_add(1 + u8::try_from(rng.below(255)).unwrap());
    }
    if let Some(byte) = bytes.get_mut(second).filter(|_| how == 1) {
        *byte = 0xff;
    }
    if how == 3 {
        bytes.truncate(cut);
    }
    Bytes::from(bytes)
}
