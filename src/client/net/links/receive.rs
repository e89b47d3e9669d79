//! What the network brings: connections that open or end, versions, responses.

use bytes::Bytes;
use engine::net::{Address, ConnId, NetOut};
use engine::time::SimTime;
use protocol::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use protocol::{ApiKey, ErrorCode, Request, Response};

use super::link::{InFlight, State, header};
use super::{LinkEvent, Links, RECONNECT, SendError, newest};

impl<T> Links<T> {
    pub(super) fn on_opened(&mut self, now: SimTime, conn: ConnId) {
        let Some(node) = self.by_conn.get(&conn).copied() else {
            return;
        };
        self.ask_versions(now, node, conn, newest(ApiKey::ApiVersions));
    }

    fn ask_versions(&mut self, now: SimTime, node: i32, conn: ConnId, version: i16) {
        let correlation = self.draw_correlation();
        let request = Request::from(ApiVersionsRequest {
            client_software_name: "apache-kafka-java".to_owned(),
            client_software_version: "4.3.1".to_owned(),
        });
        let header = header(
            &self.config.client_id,
            ApiKey::ApiVersions,
            version,
            correlation,
        );
        if let Some(link) = self.nodes.get_mut(&node) {
            link.state = State::Asking {
                conn,
                correlation,
                version,
                deadline: now.plus_millis(self.config.request_timeout_ms),
            };
            self.out.push(NetOut::Send(conn, request.encode(&header)));
        }
    }

    pub(super) fn on_refused(&mut self, now: SimTime, conn: ConnId) {
        let Some(node) = self.by_conn.remove(&conn) else {
            return;
        };
        if let Some(address) = self.nodes.get(&node).map(|link| socket(&link.address)) {
            let shown = node.to_string();
            self.warn(
                &format!("Connection to node {shown} ({address}) could not be established. Node may not be available."),
            );
        }
        self.fail(now, node, SendError::Disconnected);
    }

    pub(super) fn on_frame(&mut self, now: SimTime, conn: ConnId, frame: &Bytes) {
        let Some(node) = self.by_conn.get(&conn).copied() else {
            return;
        };
        let Some(link) = self.nodes.get_mut(&node) else {
            return;
        };
        match link.state {
            State::Asking {
                correlation,
                version,
                ..
            } => {
                self.on_versions(now, node, conn, (correlation, version), frame);
            }
            State::Ready { .. } => {
                let decoded = link.in_flight.front().and_then(|first| {
                    let decoded = Response::decode(first.api_key, first.version, frame).ok()?;
                    (decoded.0 == first.correlation).then_some(decoded)
                });
                match (decoded, link.in_flight.pop_front()) {
                    (Some((correlation, response)), Some(first)) => {
                        let tag = first.tag;
                        let event = LinkEvent::Answered {
                            node,
                            tag,
                            correlation,
                            response,
                        };
                        self.events.push_back(event);
                    }
                    (_, first) => {
                        if let Some(InFlight {
                            tag, correlation, ..
                        }) = first
                        {
                            let why = SendError::Disconnected;
                            self.events.push_back(LinkEvent::Failed {
                                node,
                                tag,
                                correlation,
                                why,
                            });
                        }
                        self.fail(now, node, SendError::Disconnected);
                    }
                }
            }
            State::Idle | State::Connecting { .. } => self.fail(now, node, SendError::Disconnected),
        }
    }

    fn on_versions(
        &mut self,
        now: SimTime,
        node: i32,
        conn: ConnId,
        (correlation, version): (i32, i16),
        frame: &Bytes,
    ) {
        match read_versions(frame, correlation, version) {
            Some(Ok(response)) => {
                if let Some(link) = self.nodes.get_mut(&node) {
                    let rows = response.api_keys.iter();
                    link.versions = rows
                        .map(|row| (row.api_key, (row.min_version, row.max_version)))
                        .collect();
                    link.state = State::Ready { conn };
                    link.failures = 0;
                }
            }
            Some(Err(older)) => self.ask_versions(now, node, conn, older),
            None => self.fail(now, node, SendError::Disconnected),
        }
    }

    /// The connection is gone, or goes now: requests fail, and the next attempt has to wait.
    pub(super) fn fail(&mut self, now: SimTime, node: i32, why: SendError) {
        self.close(node, why);
        let Some(link) = self.nodes.get_mut(&node) else {
            return;
        };
        link.failures = link.failures.saturating_add(1);
        link.retry_at = now.plus_micros(RECONNECT.micros(link.failures, &mut self.rng));
        let address = link.address.to_string();
        if self.listed.contains(&node) && node < 0 && self.config.warns_of_lost_bootstrap {
            self.warn(&format!(
                "Bootstrap broker {address} (id: {node} rack: null isFenced: false) disconnected"
            ));
        }
        self.events.push_back(LinkEvent::Lost { node });
    }

    pub(super) fn close(&mut self, node: i32, why: SendError) {
        let Some(link) = self.nodes.get_mut(&node) else {
            return;
        };
        if let Some(conn) = link.conn() {
            // What the other side closed is no longer in the table.
            if self.by_conn.remove(&conn).is_some() {
                self.out.push(NetOut::Close(conn));
            }
        }
        link.state = State::Idle;
        link.versions.clear();
        for request in std::mem::take(&mut link.in_flight) {
            let (tag, correlation) = (request.tag, request.correlation);
            self.events.push_back(LinkEvent::Failed {
                node,
                tag,
                correlation,
                why,
            });
        }
    }
}

/// The versions a broker speaks, or (inner error) the version in which to ask again. A broker that
/// does not know the version asked for answers in version 0 and says which it knows.
fn read_versions(
    frame: &Bytes,
    correlation: i32,
    version: i16,
) -> Option<Result<ApiVersionsResponse, i16>> {
    let key = ApiKey::ApiVersions.key();
    let read = |version| match Response::decode(key, version, frame) {
        Ok((id, Response::ApiVersions(body))) if id == correlation => Some(body),
        _ => None,
    };
    let unsupported = ErrorCode::UnsupportedVersion.code();
    if let Some(body) = read(0).filter(|body| body.error_code == unsupported && version > 0) {
        let row = body.api_keys.iter().find(|row| row.api_key == key);
        return Some(Err(
            row.map_or(0, |row| row.max_version.clamp(0, version - 1))
        ));
    }
    read(version).filter(|body| body.error_code == 0).map(Ok)
}

/// An address as Java prints a resolved one.
fn socket(address: &Address) -> String {
    let port = address.port.to_string();
    if address
        .host
        .bytes()
        .all(|b| b.is_ascii_digit() || b == b'.')
    {
        return format!("/{}:{port}", address.host);
    }
    format!("{}/127.0.0.1:{port}", address.host)
}
