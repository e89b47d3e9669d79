//! The controller as a machine: frames and time in, frames out.

use bytes::Bytes;
use protocol::messages::api_versions::{ApiVersion, ApiVersionsResponse};
use protocol::metadata_records::MetadataRecord;
use protocol::{ApiKey, DecodeError, DecodeErrorKind, ErrorCode, Request, RequestHeader, Response};

use crate::controller::election::{Movement, changes_for};
use crate::controller::fetch::{ParkedFetch, fetch};
use crate::controller::{
    Controller, Decision, Desk, alter_partition, brokers, configs, partitions, quorum, reassign,
    snapshot, topics,
};
use crate::ids::BrokerId;
use crate::image::delta::ImageDelta;
use crate::net::{ConnId, Machine, NetIn, NetOut};
use crate::time::{Reason, SimTime, Wakeup};

/// What the controller answers; everything else closes the connection.
const APIS: &[ApiKey] = &[
    ApiKey::Fetch,
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::AlterConfigs,
    ApiKey::CreatePartitions,
    ApiKey::ElectLeaders,
    ApiKey::IncrementalAlterConfigs,
    ApiKey::AlterPartitionReassignments,
    ApiKey::ListPartitionReassignments,
    ApiKey::DescribeQuorum,
    ApiKey::AlterPartition,
    ApiKey::FetchSnapshot,
    ApiKey::BrokerRegistration,
    ApiKey::BrokerHeartbeat,
    ApiKey::AllocateProducerIds,
];

impl Machine for Controller {
    fn handle(&mut self, now: SimTime, input: NetIn) {
        match input {
            NetIn::Accepted { conn, .. } => {
                self.connections.insert(conn);
            }
            NetIn::Closed(conn) | NetIn::Refused(conn) => {
                self.connections.remove(&conn);
                self.parked.remove(&conn);
            }
            NetIn::Frame(conn, frame) if self.connections.contains(&conn) => {
                self.receive(now, conn, &frame)
            }
            NetIn::Frame(..) | NetIn::Opened(_) => {}
        }
    }

    fn advance(&mut self, now: SimTime) {
        let due: Vec<ConnId> = self
            .parked
            .iter()
            .filter(|(_, p)| p.deadline <= now)
            .map(|(conn, _)| *conn)
            .collect();
        for conn in due {
            self.answer_parked(conn);
        }
        let silent: Vec<BrokerId> = self
            .session_ends()
            .filter(|(_, at)| *at <= now)
            .map(|(id, _)| id)
            .collect();
        for broker in silent {
            let records = brokers::fence(&self.image, broker);
            self.commit(now, &records);
        }
        let elections = self.balance.elections(now, &self.image);
        self.commit(now, &elections);
    }

    fn next_wakeup(&self) -> Option<Wakeup> {
        let session = self.session_ends().map(|(_, at)| at).min();
        let session = session.map(|at| Wakeup {
            at,
            reason: Reason::BrokerSession,
        });
        let fetch = self.parked.values().map(|parked| parked.deadline).min();
        let fetch = fetch.map(|at| Wakeup {
            at,
            reason: Reason::FetchDeadline,
        });
        let balance = self.balance.due().map(|at| Wakeup {
            at,
            reason: Reason::LeaderBalance,
        });
        Wakeup::earlier(Wakeup::earlier(session, fetch), balance)
    }

    fn drain(&mut self) -> Vec<NetOut> {
        std::mem::take(&mut self.out)
    }
}

impl Controller {
    /// Writes records to the log, replays them, and tells whoever waits for news.
    pub(super) fn commit(&mut self, now: SimTime, records: &[MetadataRecord]) {
        if records.is_empty() {
            return;
        }
        // A batch too large to be written does not come from here: requests are bounded.
        let Ok(_batch) = self.log.append(now, self.epoch, records) else {
            return;
        };
        let mut delta = ImageDelta::default();
        records
            .iter()
            .for_each(|record| self.image.replay(record, &mut delta));
        self.image
            .advance_to(self.log.end_offset().saturating_sub(1), self.epoch);
        self.balance.note(now, &self.image, &delta);
        self.save_if_due(now);
        let waiting: Vec<ConnId> = self.parked.keys().copied().collect();
        for conn in waiting {
            self.answer_parked(conn);
        }
        // A topic that now allows an unclean leader may get one at once.
        if !delta.configs_changed.is_empty() || delta.broker_configs_changed {
            let elections = changes_for(&self.image, Movement::default());
            self.commit(now, &elections);
        }
    }

    fn receive(&mut self, now: SimTime, conn: ConnId, frame: &Bytes) {
        // Answers keep the order of their requests, so a fetch waits no longer when more comes.
        self.answer_parked(conn);
        match Request::decode(frame) {
            Ok((header, request)) => self.serve(now, conn, &header, request),
            Err(error) => self.refuse_frame(conn, &error),
        }
    }

    fn serve(&mut self, now: SimTime, conn: ConnId, header: &RequestHeader, request: Request) {
        let request = match request {
            Request::Fetch(request) => {
                let (response, has_news) = fetch(self, &request, header.api_version);
                if has_news || request.max_wait_ms <= 0 {
                    return self.send(conn, header, &response.into());
                }
                let deadline = now.plus_millis(i64::from(request.max_wait_ms));
                let (correlation_id, version) = (header.correlation_id, header.api_version);
                self.parked.insert(
                    conn,
                    ParkedFetch {
                        correlation_id,
                        version,
                        deadline,
                        request,
                    },
                );
                return;
            }
            Request::FetchSnapshot(request) => {
                let response = snapshot::fetch(self, &request);
                return self.send(conn, header, &response.into());
            }
            request => request,
        };
        match self.decide(now, &request, header.api_version) {
            Some(decision) => {
                self.commit(now, &decision.records);
                self.send(conn, header, &decision.response);
            }
            None => self.close(conn),
        }
    }

    fn decide(&mut self, now: SimTime, request: &Request, version: i16) -> Option<Decision> {
        let desk = &mut Desk {
            image: &self.image,
            config: &self.config,
            sessions: &mut self.sessions,
            rng: &mut self.rng,
            next_offset: self.log.end_offset(),
            now,
        };
        Some(match request {
            Request::ApiVersions(_) => Decision::answer(api_versions(ErrorCode::None)),
            Request::BrokerRegistration(request) => brokers::register(desk, request),
            Request::BrokerHeartbeat(request) => brokers::heartbeat(desk, request),
            Request::AllocateProducerIds(request) => brokers::allocate_producer_ids(desk, request),
            Request::CreateTopics(request) => topics::create(desk, request),
            Request::DeleteTopics(request) => topics::delete(desk, request),
            Request::CreatePartitions(request) => partitions::create(desk, request),
            Request::ElectLeaders(request) => partitions::elect(desk, request),
            Request::AlterConfigs(request) => configs::alter(desk, request),
            Request::IncrementalAlterConfigs(request) => {
                configs::alter_incrementally(desk, request)
            }
            Request::AlterPartitionReassignments(request) => reassign::alter(desk, request),
            Request::ListPartitionReassignments(request) => reassign::list(desk, request),
            Request::DescribeQuorum(request) => quorum::describe(desk, self.epoch, request),
            Request::AlterPartition(request) => alter_partition::alter(desk, request, version),
            _ => return None,
        })
    }

    /// A client may ask for its versions in a version not spoken here, and must get an answer that
    /// it can read; anything else that can't be read ends the connection.
    fn refuse_frame(&mut self, conn: ConnId, error: &DecodeError) {
        match &error.header {
            Some(header)
                if header.api_key == ApiKey::ApiVersions.key()
                    && matches!(error.kind, DecodeErrorKind::UnsupportedVersion { .. }) =>
            {
                let response = Response::from(api_versions(ErrorCode::UnsupportedVersion));
                self.out.push(NetOut::Send(
                    conn,
                    response.encode(0, header.correlation_id),
                ));
            }
            _ => self.close(conn),
        }
    }

    fn answer_parked(&mut self, conn: ConnId) {
        let Some(parked) = self.parked.remove(&conn) else {
            return;
        };
        let (response, _) = fetch(self, &parked.request, parked.version);
        let frame = Response::from(response).encode(parked.version, parked.correlation_id);
        self.out.push(NetOut::Send(conn, frame));
    }

    fn send(&mut self, conn: ConnId, header: &RequestHeader, response: &Response) {
        self.out.push(NetOut::Send(
            conn,
            response.encode(header.api_version, header.correlation_id),
        ));
    }

    fn close(&mut self, conn: ConnId) {
        self.connections.remove(&conn);
        self.parked.remove(&conn);
        self.out.push(NetOut::Close(conn));
    }

    /// When each broker that is not fenced will be, if nothing more is heard of it.
    fn session_ends(&self) -> impl Iterator<Item = (BrokerId, SimTime)> {
        self.image.alive_brokers().map(|broker| {
            let session = self.sessions.get(&broker.id);
            let last_contact = session.map_or(SimTime::default(), |session| session.last_contact);
            (
                broker.id,
                last_contact.plus_millis(self.config.session_timeout_ms),
            )
        })
    }
}

fn api_versions(error: ErrorCode) -> ApiVersionsResponse {
    let versions = APIS.iter().map(|api| {
        let spec = api.spec();
        ApiVersion {
            api_key: spec.key,
            min_version: spec.min_version,
            max_version: spec.max_version,
        }
    });
    ApiVersionsResponse {
        error_code: error.code(),
        api_keys: versions.collect(),
        ..Default::default()
    }
}
