//! `kafka-playground serve`: opens the ports, starts the cluster, prepares it, says that it is
//! ready, and waits to be told to stop.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, ToSocketAddrs};
use std::time::Duration;

use engine::ids::BrokerId;
use engine::net::Address;
use engine::rng::Rng;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::clock::Clock;
use crate::cluster::{Cluster, Input, Plan};
use crate::control::{self, Order};
use crate::data::Data;
use crate::incoming::DEFAULT_REQUEST_LIMIT;
use crate::ledger::Ledger;
use crate::listener::{self, Listener, Terms};
use crate::log::Log;
use crate::options::ServeOptions;
use crate::recording::Recorder;
use crate::settings;
use crate::setup;
use crate::storage::{Memory, Storage};
use crate::turns::{Door, Turns};

/// `connections.max.idle.ms` unless set.
const DEFAULT_IDLE_MS: u64 = 600_000;

/// The open ports of a cluster.
struct Ports {
    host: IpAddr,
    addresses: Vec<Address>,
    terms: Terms,
    open: BTreeMap<BrokerId, Listener>,
    /// The ports of brokers that are dead, so that nobody else takes them.
    reserved: BTreeMap<BrokerId, TcpSocket>,
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    orders: Option<UnboundedReceiver<Result<Order, String>>>,
}

/// Serves until SIGINT, SIGTERM or an order to stop.
///
/// # Errors
/// A sentence: what was asked for cannot be, or what must be kept could not be kept.
pub fn serve(options: &ServeOptions) -> Result<(), String> {
    // One thread carries sockets and cluster: a request passes no thread on its way, and clients get
    // the other cores.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(run(options))
}

async fn run(options: &ServeOptions) -> Result<(), String> {
    let host = resolve(options)?;
    // Where the system does not allow more, it allows what it allows; accepting says so when it runs out.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let signals = Signals::listen(options.control_stdin)?;
    let log = Log::new(options.verbose);
    let (sockets, addresses) = bind_all(options, host)?;
    let clock = Clock::start();
    let plan = Plan {
        seed: options.seed.unwrap_or(clock.began_at().0),
        started_at: clock.began_at().0,
        brokers: addresses.clone(),
        settings: options.settings.clone(),
    };
    let recorder = match &options.record {
        Some(path) => Some(Recorder::create(path, &plan)?),
        None => None,
    };
    let (cluster, storage) = cluster(options, plan, &log)?;
    let (turns, door) = Turns::new(cluster, clock, storage, recorder);
    let terms = terms(options, door.clone(), log);
    let mut ports = Ports {
        host,
        addresses,
        terms,
        open: BTreeMap::new(),
        reserved: BTreeMap::new(),
    };
    let turns = turns.run();
    tokio::pin!(turns);
    tokio::select! {
        // Not told to stop: something could not be kept, and nothing is answered any more.
        kept = &mut turns => kept,
        waited = prepare_and_wait(options, &door, &mut ports, sockets, signals) => {
            door.stop();
            waited.and(turns.await)
        }
    }
}

/// The cluster, in memory or on what a directory holds.
fn cluster(
    options: &ServeOptions,
    plan: Plan,
    log: &Log,
) -> Result<(Cluster, Box<dyn Storage>), String> {
    let Some(dir) = &options.data else {
        return Ok((Cluster::new(plan), Box::new(Memory)));
    };
    let mut rng = Rng::from_seed(plan.seed);
    let opened = Data::open(dir, options.brokers, &mut rng)?;
    for sentence in &opened.torn {
        log.complain(sentence);
    }
    let cluster = Cluster::restore(plan, opened.kept)?;
    Ok((cluster, Box::new(opened.data)))
}

async fn prepare_and_wait(
    options: &ServeOptions,
    door: &Door,
    ports: &mut Ports,
    sockets: Vec<TcpListener>,
    signals: Signals,
) -> Result<(), String> {
    door.serving(None).await;
    setup::prepare(door, &options.settings, &options.topics).await?;
    for (id, socket) in (1..).zip(sockets) {
        let listener = Listener::start(socket, id, ports.terms.clone());
        ports.open.insert(id, listener);
    }
    say(&ready_line(&ports.addresses));
    signals.wait(door, ports).await;
    Ok(())
}

impl Signals {
    fn listen(control_stdin: bool) -> Result<Signals, String> {
        let listen = |kind| signal(kind).map_err(|error| format!("cannot take signals: {error}"));
        Ok(Signals {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            orders: control_stdin.then(control::orders),
        })
    }

    /// Follows orders until the server is told to stop.
    async fn wait(mut self, door: &Door, ports: &mut Ports) {
        loop {
            let order = async {
                match &mut self.orders {
                    Some(orders) => orders.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                order = order => match order {
                    Some(Ok(Order::Stop)) | None => return,
                    Some(Ok(Order::Kill(broker))) => say(&answer(ports.kill(door, broker).await)),
                    Some(Ok(Order::Start(broker))) => say(&answer(ports.start(door, broker).await)),
                    Some(Err(sentence)) => say(&answer(Err(sentence))),
                },
            }
        }
    }
}

impl Ports {
    /// A broker dies: its port closes, and so do its connections.
    async fn kill(&mut self, door: &Door, broker: BrokerId) -> Result<String, String> {
        let Some(listener) = self.open.remove(&broker) else {
            return Err(format!("broker {broker} does not run"));
        };
        listener.close().await;
        if let Some(address) = self.address(broker) {
            let socket = listener::reserve(self.host, address.port)?;
            self.reserved.insert(broker, socket);
        }
        door.order(Input::Kill(broker));
        door.reached().await;
        Ok(format!("killed {broker}"))
    }

    /// A broker starts again, and serves when this returns.
    async fn start(&mut self, door: &Door, broker: BrokerId) -> Result<String, String> {
        if self.open.contains_key(&broker) {
            return Err(format!("broker {broker} runs"));
        }
        let Some(socket) = self.reserved.remove(&broker) else {
            return Err(format!("there is no broker {broker}"));
        };
        door.order(Input::Start(broker));
        let listener = Listener::start(listener::listen(socket)?, broker, self.terms.clone());
        self.open.insert(broker, listener);
        door.serving(Some(broker)).await;
        Ok(format!("started {broker}"))
    }

    fn address(&self, broker: BrokerId) -> Option<&Address> {
        let place = usize::try_from(broker.saturating_sub(1)).ok()?;
        self.addresses.get(place)
    }
}

fn resolve(options: &ServeOptions) -> Result<IpAddr, String> {
    let name = &options.host;
    let unknown = |why: String| format!("--host {name}: {why}");
    let mut found = (name.as_str(), 0)
        .to_socket_addrs()
        .map_err(|error| unknown(error.to_string()))?;
    let host = found
        .next()
        .ok_or_else(|| unknown(String::from("no such host")))?
        .ip();
    if host.is_loopback() {
        return Ok(host);
    }
    if !options.allow_remote {
        return Err(format!(
            "--host {name} lets other machines connect, and there is no authentication: \
             add --allow-remote if that is what you want"
        ));
    }
    if host.is_unspecified() && options.advertised_host.is_none() {
        return Err(format!(
            "--host {name} is no address that clients can connect to: \
             say which one with --advertised-host"
        ));
    }
    let _ = writeln!(
        std::io::stderr(),
        "warning: listening at {host} without authentication; whoever reaches it may read and change everything"
    );
    Ok(host)
}

fn bind_all(
    options: &ServeOptions,
    host: IpAddr,
) -> Result<(Vec<TcpListener>, Vec<Address>), String> {
    let advertised = options.advertised_host.as_ref().unwrap_or(&options.host);
    let (mut sockets, mut addresses) = (Vec::new(), Vec::new());
    for place in 0..options.brokers {
        let port = match options.port {
            0 => 0,
            first => u16::try_from(place)
                .ok()
                .and_then(|place| first.checked_add(place))
                .ok_or_else(|| {
                    format!(
                        "--port {first} leaves no ports for {} brokers",
                        options.brokers
                    )
                })?,
        };
        let socket = listener::listen(listener::reserve(host, port)?)?;
        let bound = socket.local_addr().map_err(|error| error.to_string())?;
        addresses.push(Address::new(advertised.clone(), bound.port()));
        sockets.push(socket);
    }
    Ok((sockets, addresses))
}

fn terms(options: &ServeOptions, door: Door, log: Log) -> Terms {
    let set = |key| {
        let number = settings::number(&options.settings, key);
        number.and_then(|number| u64::try_from(number).ok())
    };
    let request_limit = set(settings::REQUEST_LIMIT).and_then(|limit| usize::try_from(limit).ok());
    Terms {
        door,
        ledger: Ledger::new(options.buffer_limit),
        log,
        request_limit: request_limit.unwrap_or(DEFAULT_REQUEST_LIMIT),
        max_idle: Duration::from_millis(set(settings::IDLE).unwrap_or(DEFAULT_IDLE_MS)),
    }
}

fn ready_line(addresses: &[Address]) -> String {
    let all: Vec<String> = addresses.iter().map(Address::to_string).collect();
    format!("Ready: bootstrap.servers={}", all.join(","))
}

fn answer(done: Result<String, String>) -> String {
    done.unwrap_or_else(|sentence| format!("error: {sentence}"))
}

/// Whoever waits for a line must get it at once, also through a pipe.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
