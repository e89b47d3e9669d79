//! The wires of the cluster: connections between its machines, and those of clients.

use bytes::Bytes;
use engine::net::{Address, ConnId, NetIn, NetOut};

use super::{CONTROLLER_HOST, CONTROLLER_PORT, ClientId, Cluster, Node, Output};

impl Cluster {
    /// Carries what a machine wants done.
    pub(super) fn carry(&mut self, node: Node) {
        self.touched.insert(node);
        let wanted = match self.machine(node) {
            Some(machine) => machine.drain(),
            None => return,
        };
        for want in wanted {
            match want {
                NetOut::Connect { conn, to } => self.connect((node, conn), &to),
                NetOut::Send(conn, frame) => self.send((node, conn), frame),
                NetOut::Close(conn) => match client_of(conn) {
                    Some(client) => {
                        if self.clients.remove(&client).is_some() {
                            self.out.push(Output::Close(client));
                        }
                    }
                    None => self.break_pipe((node, conn)),
                },
            }
        }
    }

    fn connect(&mut self, from: (Node, ConnId), to: &Address) {
        let Some(target) = self.locate(to) else {
            self.queue.push_back((from.0, NetIn::Refused(from.1)));
            return;
        };
        // Odd numbers are connections between machines, even ones those of clients.
        let number = self.next_pipe.saturating_mul(2).saturating_add(1);
        self.next_pipe = self.next_pipe.saturating_add(1);
        let conn = ConnId::incoming(number);
        self.pipes.insert(from, (target, conn));
        self.pipes.insert((target, conn), from);
        let accepted = NetIn::Accepted {
            conn,
            peer_host: String::from("/127.0.0.1"),
        };
        self.queue.push_back((target, accepted));
        self.queue.push_back((from.0, NetIn::Opened(from.1)));
    }

    fn send(&mut self, from: (Node, ConnId), frame: Bytes) {
        if let Some(client) = client_of(from.1) {
            if let Some(known) = self.clients.get_mut(&client) {
                known.unanswered = known.unanswered.saturating_sub(1);
                self.active.push(client);
                self.out.push(Output::Frame(client, frame));
            }
        } else if let Some((to, conn)) = self.pipes.get(&from).copied() {
            self.queue.push_back((to, NetIn::Frame(conn, frame)));
        }
    }

    pub(super) fn break_pipe(&mut self, end: (Node, ConnId)) {
        if let Some((peer, conn)) = self.pipes.remove(&end) {
            self.pipes.remove(&(peer, conn));
            self.queue.push_back((peer, NetIn::Closed(conn)));
        }
    }

    fn locate(&self, to: &Address) -> Option<Node> {
        if to.port == CONTROLLER_PORT && to.host == CONTROLLER_HOST {
            return Some(Node::Controller);
        }
        let mut running = self.brokers.values();
        let broker = running.find(|broker| broker.config().listen == *to)?;
        Some(Node::Broker(broker.id()))
    }
}

pub(super) fn conn_of(client: ClientId) -> ConnId {
    ConnId::incoming(client.0.saturating_mul(2))
}

fn client_of(conn: ConnId) -> Option<ClientId> {
    let number = conn.0 & !ConnId::incoming(0).0;
    (conn.is_incoming() && number.is_multiple_of(2)).then_some(ClientId(number / 2))
}
