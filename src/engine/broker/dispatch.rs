//! From a frame to the API that answers it. This file only routes.

use bytes::Bytes;
use protocol::messages::fetch::FetchRequest;
use protocol::messages::metadata::MetadataRequest;
use protocol::messages::produce::ProduceRequest;
use protocol::messages::write_txn_markers::WriteTxnMarkersRequest;
use protocol::{ApiKey, DecodeError, DecodeErrorKind, ErrorCode, Request, RequestHeader, Response};
use serde::Serialize;

use crate::api::{
    Context, api_versions, delete_records, describe_cluster, describe_configs, describe_log_dirs,
    describe_producers, describe_topic_partitions, fetch, forward, init_producer_id,
    list_config_resources, list_offsets, metadata, offset_for_leader_epoch, produce,
    write_txn_markers,
};
use crate::broker::Broker;
use crate::broker::connections::InFlight;
use crate::broker::controller::Forwarded;
use crate::broker::link::Call;
use crate::broker::parked::{Delayed, Waiter};
use crate::group::{RequestContext, RequestToken};
use crate::net::ConnId;
use crate::time::SimTime;

/// `acks` of a producer that wants no answer.
const ACKS_NONE: i16 = 0;

/// A request on its way to its API.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Incoming {
    pub(super) token: RequestToken,
    pub(super) conn: ConnId,
    pub(super) header: RequestHeader,
}

impl Broker {
    /// A client's frame arrived.
    pub(super) fn take_frame(&mut self, conn: ConnId, frame: Bytes) {
        if !self.connections.push(conn, frame) {
            self.hang_up(conn);
        } else if self.serving {
            self.ready.insert(conn);
        }
    }

    /// A client's connection is gone, and with it whatever it waited for.
    pub(super) fn forget(&mut self, conn: ConnId) {
        self.ready.remove(&conn);
        if let Some(token) = self.connections.close(conn) {
            self.parked.remove(Waiter::Request(token));
            self.held.remove(&token);
        }
    }

    /// Works on a connection's next frame, if it is not at work on one already.
    pub(super) fn serve_next(&mut self, conn: ConnId, now: SimTime) {
        let Some(frame) = self.connections.next_frame(conn) else {
            return;
        };
        match Request::decode(&frame) {
            Ok((header, request)) if api_versions::SPOKEN.contains(&request.api()) => {
                self.begin(now, conn, header, request);
            }
            Err(error) if asks_for_versions(&error) => {
                let correlation_id = error.header.map_or(0, |header| header.correlation_id);
                let answer = Response::ApiVersions(api_versions::unsupported());
                self.out.send(conn, answer.encode(0, correlation_id));
                self.ready.insert(conn);
            }
            // Whoever sends what cannot be understood loses the connection: nothing tells where
            // the next request begins.
            Ok(_) | Err(_) => self.hang_up(conn),
        }
    }

    /// Answers a request that is being worked on, and lets its connection go on.
    pub(super) fn finish(&mut self, token: RequestToken, response: impl Into<Response>) {
        let Some(request) = self.connections.finish(token) else {
            self.peers.answer(token, response);
            return;
        };
        if !request.silent {
            let response: Response = response.into();
            let frame = response.encode(request.version, request.correlation_id);
            self.out.send(request.conn, frame);
        }
        self.ready.insert(request.conn);
    }

    fn hang_up(&mut self, conn: ConnId) {
        self.forget(conn);
        self.out.close(conn);
    }

    fn begin(&mut self, now: SimTime, conn: ConnId, header: RequestHeader, request: Request) {
        let silent = matches!(&request, Request::Produce(produce) if produce.acks == ACKS_NONE);
        let token = self.connections.begin(InFlight {
            conn,
            version: header.api_version,
            correlation_id: header.correlation_id,
            silent,
        });
        if let Some(token) = token {
            let incoming = Incoming {
                token,
                conn,
                header,
            };
            self.dispatch(now, &incoming, request);
        }
    }

    pub(super) fn dispatch(&mut self, now: SimTime, incoming: &Incoming, request: Request) {
        let token = incoming.token;
        let version = incoming.header.api_version;
        match &request {
            Request::ApiVersions(asked) => {
                let response = api_versions::handle(asked, version, &self.image);
                self.finish(token, response);
            }
            Request::Produce(asked) => self.produce(now, incoming, asked),
            Request::Fetch(asked) => self.fetch(now, incoming, asked),
            Request::ListOffsets(asked) => {
                let response = list_offsets::handle(&self.context(now, incoming), asked);
                self.finish(token, response);
            }
            Request::DeleteRecords(asked) => {
                let delayed = delete_records::handle(&mut self.context(now, incoming), asked);
                if delayed.is_done() {
                    self.finish(token, delayed.into_response());
                } else {
                    let deadline = now.plus_millis(i64::from(asked.timeout_ms));
                    let waiter = Waiter::Request(token);
                    self.parked.park(waiter, deadline, Delayed::Delete(delayed));
                }
            }
            Request::OffsetForLeaderEpoch(asked) => {
                let context = self.context(now, incoming);
                let response = offset_for_leader_epoch::handle(&context, asked);
                self.finish(token, response);
            }
            Request::InitProducerId(asked) if asked.transactional_id.is_none() => {
                self.init_producer_id(now, token);
            }
            Request::InitProducerId(_) => self.coordinate_transaction(now, incoming, request),
            Request::Metadata(asked) => self.metadata(now, incoming, asked),
            Request::FindCoordinator(asked) => {
                let response = self.find_coordinator(now, asked, version);
                self.finish(token, response);
            }
            Request::DescribeProducers(asked) => {
                let response = describe_producers::handle(&self.context(now, incoming), asked);
                self.finish(token, response);
            }
            Request::WriteTxnMarkers(asked) => self.write_markers(now, incoming, asked),
            Request::TxnOffsetCommit(asked) => {
                let asked = asked.clone();
                self.commit_in_transaction(now, incoming, asked);
            }
            Request::AddPartitionsToTxn(_)
            | Request::AddOffsetsToTxn(_)
            | Request::EndTxn(_)
            | Request::DescribeTransactions(_)
            | Request::ListTransactions(_) => self.coordinate_transaction(now, incoming, request),
            _ => self.dispatch_others(now, incoming, request),
        }
    }

    /// Requests that describe the cluster, and those that go to the controller or a group's
    /// coordinator.
    fn dispatch_others(&mut self, now: SimTime, incoming: &Incoming, request: Request) {
        let token = incoming.token;
        match &request {
            Request::DescribeCluster(asked) => {
                let answer = describe_cluster::describe_cluster(&self.image, &self.facts, asked);
                self.finish(token, answer);
            }
            Request::DescribeConfigs(asked) => {
                let answer = describe_configs::describe_configs(&self.image, &self.facts, asked);
                self.finish(token, answer);
            }
            Request::DescribeLogDirs(asked) => {
                let response = describe_log_dirs::handle(&self.context(now, incoming), asked);
                self.finish(token, response);
            }
            Request::DescribeTopicPartitions(asked) => {
                let answer =
                    describe_topic_partitions::describe_topic_partitions(&self.image, asked);
                self.finish(token, answer);
            }
            Request::ListConfigResources(asked) => {
                let version = incoming.header.api_version;
                let answer = list_config_resources::handle(&self.image, asked, version);
                self.finish(token, answer);
            }
            _ if forward::is_forwarded(request.api()) => self.forward(now, incoming, request),
            _ => self.coordinate(now, incoming, request),
        }
    }

    pub(super) fn context<'a>(&'a mut self, now: SimTime, incoming: &'a Incoming) -> Context<'a> {
        Context {
            now,
            version: incoming.header.api_version,
            client_id: incoming.header.client_id.as_deref().unwrap_or_default(),
            config: &self.config,
            image: &self.image,
            replicas: &mut self.replicas,
        }
    }

    pub(super) fn append_produced(
        &mut self,
        now: SimTime,
        incoming: &Incoming,
        asked: &ProduceRequest,
        checked: &produce::Verified,
    ) {
        let delayed = produce::handle(&mut self.context(now, incoming), asked, checked);
        if !delayed.is_done() {
            let deadline = now.plus_millis(i64::from(asked.timeout_ms));
            let waiter = Waiter::Request(incoming.token);
            self.parked
                .park(waiter, deadline, Delayed::Produce(delayed));
            return;
        }
        let response = delayed.into_response(&self.image);
        if asked.acks == ACKS_NONE && produce::has_error(&response) {
            // No answer can tell this producer to ask for metadata again, but a lost connection can.
            self.hang_up(incoming.conn);
        } else {
            self.finish(incoming.token, response);
        }
    }

    fn fetch(&mut self, now: SimTime, incoming: &Incoming, asked: &FetchRequest) {
        let waiter = Waiter::Request(incoming.token);
        let mut context = Context {
            now,
            version: incoming.header.api_version,
            client_id: incoming.header.client_id.as_deref().unwrap_or_default(),
            config: &self.config,
            image: &self.image,
            replicas: &mut self.replicas,
        };
        match fetch::handle(&mut context, &mut self.fetch_sessions, (asked, waiter)) {
            fetch::Fetched::Done(response) => self.finish(incoming.token, response),
            fetch::Fetched::Wait(delayed, deadline) => {
                self.parked.park(waiter, deadline, Delayed::Fetch(delayed));
            }
        }
    }

    fn metadata(&mut self, now: SimTime, incoming: &Incoming, asked: &MetadataRequest) {
        let version = incoming.header.api_version;
        let response = metadata::metadata(&self.image, &self.facts, asked, version);
        if self.config.auto_create_topics {
            let missing = metadata::topics_to_create(&self.image, asked);
            self.create_topics(now, missing);
        }
        self.finish(incoming.token, response);
    }

    fn write_markers(&mut self, now: SimTime, incoming: &Incoming, asked: &WriteTxnMarkersRequest) {
        let mut delayed = write_txn_markers::handle(&mut self.context(now, incoming), asked);
        let ended = delayed.take_ended();
        self.offsets_ended(&ended);
        if delayed.is_done() {
            self.finish(incoming.token, delayed.into_response());
        } else {
            let deadline = now.plus_millis(self.config.request_timeout_ms);
            let waiter = Waiter::Markers(incoming.token);
            self.parked
                .park(waiter, deadline, Delayed::Markers(delayed));
        }
    }

    fn init_producer_id(&mut self, now: SimTime, token: RequestToken) {
        if let Some(id) = self.producer_ids.take() {
            self.finish(token, init_producer_id::granted(id));
        } else if self.producer_ids.wait(token) {
            self.ask_for_producer_ids(now);
        }
    }

    fn forward(&mut self, now: SimTime, incoming: &Incoming, request: Request) {
        let Some(refusal) = forward::refuse(&request, ErrorCode::RequestTimedOut) else {
            return self.hang_up(incoming.conn);
        };
        let call = Call {
            request,
            version: incoming.header.api_version,
            deadline: now.plus_millis(self.config.request_timeout_ms),
            about: Forwarded::Client(incoming.token, Box::new(refusal)),
        };
        self.controller.forward.call(now, &mut self.out, call);
    }

    /// Who asks a coordinator, and how.
    pub(super) fn request_context(&self, incoming: &Incoming) -> RequestContext {
        let host = self.connections.peer_host(incoming.conn);
        RequestContext {
            token: incoming.token,
            client_id: incoming.header.client_id.clone().unwrap_or_default(),
            client_host: host.unwrap_or_default().to_owned(),
            api_version: incoming.header.api_version,
        }
    }

    fn coordinate(&mut self, now: SimTime, incoming: &Incoming, request: Request) {
        let context = self.request_context(incoming);
        let effects = self.groups.handle(now, &context, request, &self.image);
        self.take_effects(now, effects);
    }
}

/// A client newer than this broker asks which versions it speaks, in a version it does not.
fn asks_for_versions(error: &DecodeError) -> bool {
    let key = error.header.as_ref().map(|header| header.api_key);
    key == Some(ApiKey::ApiVersions.key())
        && matches!(error.kind, DecodeErrorKind::UnsupportedVersion { .. })
}
