//! Where a broker listens: a task that accepts until it is dropped, and then the port is closed.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use engine::ids::BrokerId;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use crate::connection::Connection;
use crate::incoming::Incoming;
use crate::ledger::Ledger;
use crate::log::Log;
use crate::turns::Door;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1_024;
/// When the process has no file left for a connection, others have to close first.
const BREATH: Duration = Duration::from_millis(50);

/// What every connection is given.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The way to the cluster.
    pub door: Door,
    /// What all connections may hold.
    pub ledger: Ledger,
    /// Where lines go.
    pub log: Log,
    /// `socket.request.max.bytes`.
    pub request_limit: usize,
    /// `connections.max.idle.ms`.
    pub max_idle: Duration,
}

/// A broker's open port.
#[derive(Debug)]
pub struct Listener {
    task: JoinHandle<()>,
}

/// Takes a port without listening there yet: whoever connects is refused. 0 takes a free one.
///
/// # Errors
/// A sentence with the reason.
pub fn reserve(host: IpAddr, port: u16) -> Result<TcpSocket, String> {
    let address = SocketAddr::new(host, port);
    let bound = || -> io::Result<TcpSocket> {
        let socket = if host.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(socket)
    };
    bound().map_err(|error| why(address, &error))
}

/// Listens at a port that was taken.
///
/// # Errors
/// A sentence with the reason.
pub fn listen(socket: TcpSocket) -> Result<TcpListener, String> {
    let address = socket.local_addr().map_err(|error| error.to_string())?;
    socket.listen(BACKLOG).map_err(|error| why(address, &error))
}

fn why(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {} of {} is in use; choose another with --port",
            address.port(),
            address.ip()
        ),
        _ => format!("cannot listen at {address}: {error}"),
    }
}

impl Listener {
    /// Accepts connections to a broker from now on.
    pub fn start(socket: TcpListener, broker: BrokerId, terms: Terms) -> Listener {
        Listener {
            task: tokio::spawn(accept(socket, broker, terms)),
        }
    }

    /// Closes the port; when this returns nobody can connect any more.
    pub async fn close(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

async fn accept(socket: TcpListener, broker: BrokerId, terms: Terms) {
    loop {
        match socket.accept().await {
            Ok((stream, peer)) => welcome(stream, peer, broker, &terms),
            Err(error) => {
                terms
                    .log
                    .complain(&format!("broker {broker}: cannot accept: {error}"));
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

fn welcome(stream: TcpStream, peer: SocketAddr, broker: BrokerId, terms: &Terms) {
    // An answer leaves when it is written; a peer that is gone already shows soon enough.
    let _ = stream.set_nodelay(true);
    let (client, mailbox) = terms.door.open(broker, format!("/{}", peer.ip()));
    let connection = Connection {
        stream,
        client,
        broker,
        peer: peer.to_string(),
        door: terms.door.clone(),
        mailbox,
        account: terms.ledger.open(client),
        incoming: Incoming::new(terms.request_limit),
        max_idle: terms.max_idle,
        log: terms.log.clone(),
    };
    tokio::spawn(connection.run());
}
