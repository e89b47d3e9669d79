//! What a broker says to the controller: that it is there, that it lives, what is new, and what
//! clients and leaders want changed.
//!
//! Four connections, as in Kafka, so that a long poll for metadata or a slow request never holds up
//! a heartbeat.

use protocol::messages::broker_heartbeat::{BrokerHeartbeatRequest, BrokerHeartbeatResponse};
use protocol::messages::broker_registration::{
    BrokerRegistrationRequest, BrokerRegistrationResponse, Listener,
};
use protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData, ReplicaState,
};
use protocol::messages::fetch_snapshot::FetchSnapshotResponse;
use protocol::{ApiKey, ErrorCode, Request, Response, Uuid};
use serde::Serialize;

use crate::broker::config::BrokerConfig;
use crate::broker::link::{Call, Link, OnLoss, Outbox};
use crate::broker::snapshot::{Progress, SnapshotFetch};
use crate::group::RequestToken;
use crate::ids::{METADATA_TOPIC, TopicPartition};
use crate::image::snapshot::Snapshot;
use crate::net::ConnId;
use crate::time::{Reason, SimTime, Wakeup};

/// How long a broker waits before it registers again, and asks again for metadata.
const RETRY_MS: i64 = 500;
/// `controller.quorum.fetch.timeout` is longer; the poll itself waits so long for news.
const METADATA_WAIT_MS: i32 = 500;
/// How soon a broker that stops asks again after the first answer.
const SHUTDOWN_RETRY_MS: i64 = 50;
pub(super) const METADATA_MAX_BYTES: i32 = 8 * 1024 * 1024;

/// What a request of the broker's life was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum LifeCall {
    /// "I am here."
    Register,
    /// "I live."
    Heartbeat,
}

/// What a metadata fetch brought.
#[derive(Debug, Clone, PartialEq)]
pub enum Brought {
    /// A piece of the log, which may be empty.
    Log(bytes::Bytes),
    /// All of a snapshot.
    Snapshot(Snapshot),
    /// Nothing yet: a part of a snapshot, or word that there is one.
    Nothing,
}

/// What a forwarded request is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Forwarded {
    /// A client's request, and the answer if the controller gives none.
    Client(RequestToken, Box<Response>),
    /// Topics that somebody asked for and the broker makes.
    Topics(Vec<String>),
    /// A block of producer ids.
    ProducerIds,
}

/// How far the broker's stopping in order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Shutdown {
    No,
    Wanted,
    /// The controller knows, and moves leaders away.
    Begun,
    Done,
}

/// The broker's ways to the controller, and where its life stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControllerLinks {
    /// Registration and heartbeats.
    pub life: Link<LifeCall>,
    /// The metadata log.
    pub metadata: Link<()>,
    /// What clients want changed.
    pub forward: Link<Forwarded>,
    /// What leaders want changed.
    pub isr: Link<Vec<TopicPartition>>,
    /// One run of this broker's process.
    incarnation: Uuid,
    /// The epoch in which the run before stopped in order, or -1.
    previous_epoch: i64,
    shutdown: Shutdown,
    /// Whether the last heartbeat sent asked to be let go.
    asked_for_shutdown: bool,
    /// The epoch of its registration; -1 before.
    epoch: i64,
    /// Whether a heartbeat has told the controller that the metadata is caught up with.
    announced: bool,
    next_life_call: Option<SimTime>,
    next_metadata_call: Option<SimTime>,
    /// The snapshot that is being fetched, because the log no longer has what comes next.
    pub(super) snapshot: Option<SnapshotFetch>,
    next_isr_call: SimTime,
}

impl ControllerLinks {
    /// A broker that starts at `now`, with the id of this run and the epoch in which the run before
    /// stopped in order (or -1).
    pub fn new(
        config: &BrokerConfig,
        (incarnation, previous_epoch): (Uuid, i64),
        now: SimTime,
    ) -> ControllerLinks {
        let address = || config.controller.clone();
        let name = config.id.to_string();
        ControllerLinks {
            life: Link::new(address(), name.clone(), OnLoss::SendAgain),
            metadata: Link::new(address(), name.clone(), OnLoss::SendAgain),
            forward: Link::new(address(), name.clone(), OnLoss::SendAgain),
            isr: Link::new(address(), name, OnLoss::SendAgain),
            incarnation,
            previous_epoch,
            shutdown: Shutdown::No,
            asked_for_shutdown: false,
            epoch: -1,
            announced: false,
            next_life_call: Some(now),
            next_metadata_call: Some(now),
            snapshot: None,
            next_isr_call: now,
        }
    }

    /// The epoch of the broker's registration; -1 before.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Asks to be let go, at the next heartbeat, which goes out at once. A broker that is not
    /// registered leads nothing and may go.
    pub fn begin_shutdown(&mut self, now: SimTime) {
        if self.shutdown == Shutdown::No {
            self.shutdown = if self.epoch < 0 {
                Shutdown::Done
            } else {
                Shutdown::Wanted
            };
            if self.life.is_free() {
                self.next_life_call = Some(now);
            }
        }
    }

    /// Whether the controller has let the broker go.
    pub fn has_shut_down(&self) -> bool {
        self.shutdown == Shutdown::Done
    }

    /// Whether leaders' wishes may be sent now.
    pub fn may_send_isr(&self, now: SimTime) -> bool {
        self.epoch >= 0 && self.isr.is_free() && self.next_isr_call <= now
    }

    /// The controller could not take leaders' wishes: wait before they are sent again.
    pub fn delay_isr(&mut self, now: SimTime) {
        self.next_isr_call = now.plus_millis(RETRY_MS);
    }

    /// What the controller sent could not be read: wait before it is asked for again.
    pub fn delay_metadata(&mut self, now: SimTime) {
        self.next_metadata_call = Some(now.plus_millis(RETRY_MS));
    }

    /// Sends what is due. `metadata_offset` is the last offset of the metadata log applied here.
    pub fn go_on(
        &mut self,
        now: SimTime,
        out: &mut Outbox,
        config: &BrokerConfig,
        metadata_offset: i64,
    ) {
        if !self.announced && self.epoch >= 0 && metadata_offset >= self.epoch {
            // Caught up: say so at once, as everybody waits for this broker to be let in.
            self.announced = true;
            if self.life.is_free() {
                self.next_life_call = Some(now);
            }
        }
        if self.next_life_call.is_some_and(|at| at <= now) && self.life.is_free() {
            self.next_life_call = None;
            self.asked_for_shutdown = self.shutdown != Shutdown::No;
            let call = self.life_call(now, config, metadata_offset);
            self.life.call(now, out, call);
        }
        if self.next_metadata_call.is_some_and(|at| at <= now) && self.metadata.is_free() {
            self.next_metadata_call = None;
            let call = match &self.snapshot {
                Some(snapshot) => snapshot.call(now, config),
                None => self.metadata_call(now, config, metadata_offset),
            };
            self.metadata.call(now, out, call);
        }
    }

    /// When [`ControllerLinks::go_on`] is wanted next; `isr_waits` tells of wishes not sent yet.
    pub fn next_wakeup(&self, isr_waits: bool) -> Option<Wakeup> {
        let life = self.next_life_call.map(|at| Wakeup {
            at,
            reason: if self.epoch < 0 {
                Reason::Start
            } else {
                Reason::BrokerHeartbeat
            },
        });
        let metadata = self.next_metadata_call.map(|at| Wakeup {
            at,
            reason: Reason::MetadataFetch,
        });
        let isr = (isr_waits && self.epoch >= 0 && self.isr.is_free()).then_some(Wakeup {
            at: self.next_isr_call,
            reason: Reason::Retry,
        });
        [
            metadata,
            isr,
            self.life.next_wakeup(),
            self.metadata.next_wakeup(),
            self.forward.next_wakeup(),
            self.isr.next_wakeup(),
        ]
        .into_iter()
        .fold(life, Wakeup::earlier)
    }

    /// Whether one of its connections is `conn`.
    pub fn owns(&self, conn: ConnId) -> bool {
        self.life.owns(conn)
            || self.metadata.owns(conn)
            || self.forward.owns(conn)
            || self.isr.owns(conn)
    }

    /// Takes what became of a registration or heartbeat.
    pub fn on_life(&mut self, now: SimTime, config: &BrokerConfig, result: Option<&Response>) {
        match result {
            Some(Response::BrokerRegistration(response)) => self.on_registered(now, response),
            Some(Response::BrokerHeartbeat(response)) => self.on_heartbeat(now, config, response),
            _ => self.next_life_call = Some(now.plus_millis(RETRY_MS)),
        }
    }

    /// Takes what became of a metadata fetch; gives what it brought.
    pub fn on_metadata(&mut self, now: SimTime, result: Option<&Response>) -> Option<Brought> {
        let brought = match result {
            Some(Response::Fetch(response)) => self.take_piece_of_log(response),
            Some(Response::FetchSnapshot(response)) => self.take_piece_of_snapshot(response),
            _ => None,
        };
        self.next_metadata_call = Some(match brought {
            Some(_) => now,
            None => now.plus_millis(RETRY_MS),
        });
        brought
    }

    fn take_piece_of_log(&mut self, response: &FetchResponse) -> Option<Brought> {
        let data = brought(response)?;
        if data.snapshot_id.end_offset >= 0 {
            self.snapshot = Some(SnapshotFetch::new(data.snapshot_id.clone()));
            return Some(Brought::Nothing);
        }
        data.records.clone().map(Brought::Log)
    }

    fn take_piece_of_snapshot(&mut self, response: &FetchSnapshotResponse) -> Option<Brought> {
        // Whatever goes wrong, the log is asked again, and tells which snapshot there is now.
        let fetched = self.snapshot.take()?.take(response)?;
        match fetched {
            Progress::Whole(snapshot) => Some(Brought::Snapshot(snapshot)),
            Progress::More(fetch) => {
                self.snapshot = Some(fetch);
                Some(Brought::Nothing)
            }
        }
    }

    fn on_registered(&mut self, now: SimTime, response: &BrokerRegistrationResponse) {
        if response.error_code == ErrorCode::None.code() {
            self.epoch = response.broker_epoch;
            self.announced = false;
            self.next_life_call = Some(now);
        } else {
            // Most likely the controller still counts on this broker's previous run.
            self.next_life_call = Some(now.plus_millis(RETRY_MS));
        }
    }

    fn on_heartbeat(
        &mut self,
        now: SimTime,
        config: &BrokerConfig,
        response: &BrokerHeartbeatResponse,
    ) {
        let next = now.plus_millis(config.heartbeat_interval_ms);
        match ErrorCode::from_code(response.error_code) {
            _ if self.shutdown != Shutdown::No => self.on_shutdown_answer(now, next, response),
            ErrorCode::StaleBrokerEpoch | ErrorCode::BrokerIdNotRegistered => {
                self.epoch = -1;
                self.next_life_call = Some(now.plus_millis(RETRY_MS));
            }
            // It caught up while this heartbeat was on its way.
            ErrorCode::None if response.is_fenced && self.announced && !response.is_caught_up => {
                self.next_life_call = Some(now);
            }
            _ => self.next_life_call = Some(next),
        }
    }

    /// Kafka asks again soon after the first answer: most often the leaders have moved by then.
    fn on_shutdown_answer(
        &mut self,
        now: SimTime,
        next: SimTime,
        response: &BrokerHeartbeatResponse,
    ) {
        let known = response.error_code == 0;
        match self.shutdown {
            _ if !known || response.should_shut_down => {
                self.shutdown = Shutdown::Done;
                self.next_life_call = None;
            }
            Shutdown::Wanted if self.asked_for_shutdown => {
                self.shutdown = Shutdown::Begun;
                self.next_life_call = Some(now.plus_millis(SHUTDOWN_RETRY_MS));
            }
            Shutdown::Wanted => self.next_life_call = Some(now),
            _ => self.next_life_call = Some(next),
        }
    }

    fn life_call(
        &self,
        now: SimTime,
        config: &BrokerConfig,
        metadata_offset: i64,
    ) -> Call<LifeCall> {
        // The controller must hear from this broker well within its session.
        let deadline = now.plus_millis(config.session_timeout_ms / 2);
        if self.epoch < 0 {
            return Call {
                request: Request::BrokerRegistration(self.registration(config)),
                version: ApiKey::BrokerRegistration.spec().max_version,
                deadline,
                about: LifeCall::Register,
            };
        }
        let heartbeat = BrokerHeartbeatRequest {
            broker_id: config.id,
            broker_epoch: self.epoch,
            current_metadata_offset: metadata_offset,
            want_fence: false,
            want_shut_down: self.shutdown != Shutdown::No,
            ..BrokerHeartbeatRequest::default()
        };
        Call {
            request: Request::BrokerHeartbeat(heartbeat),
            version: ApiKey::BrokerHeartbeat.spec().max_version,
            deadline,
            about: LifeCall::Heartbeat,
        }
    }

    fn registration(&self, config: &BrokerConfig) -> BrokerRegistrationRequest {
        BrokerRegistrationRequest {
            broker_id: config.id,
            cluster_id: config.cluster_id.clone(),
            incarnation_id: self.incarnation,
            previous_broker_epoch: self.previous_epoch,
            listeners: vec![Listener {
                name: String::from("PLAINTEXT"),
                host: config.listen.host.clone(),
                port: config.listen.port,
                security_protocol: 0,
            }],
            rack: config.rack.clone(),
            ..BrokerRegistrationRequest::default()
        }
    }

    fn metadata_call(&self, now: SimTime, config: &BrokerConfig, metadata_offset: i64) -> Call<()> {
        let request = FetchRequest {
            replica_state: ReplicaState {
                replica_id: config.id,
                replica_epoch: self.epoch,
            },
            max_wait_ms: METADATA_WAIT_MS,
            min_bytes: 1,
            max_bytes: METADATA_MAX_BYTES,
            topics: vec![FetchTopic {
                topic: METADATA_TOPIC.to_owned(),
                topic_id: Uuid::ONE,
                partitions: vec![FetchPartition {
                    partition: 0,
                    fetch_offset: metadata_offset.saturating_add(1),
                    partition_max_bytes: METADATA_MAX_BYTES,
                    ..FetchPartition::default()
                }],
            }],
            ..FetchRequest::default()
        };
        Call {
            request: Request::Fetch(request),
            version: ApiKey::Fetch.spec().max_version,
            deadline: now.plus_millis(config.request_timeout_ms),
            about: (),
        }
    }
}

fn brought(response: &FetchResponse) -> Option<&PartitionData> {
    if response.error_code != 0 {
        return None;
    }
    let data = response.responses.first()?.partitions.first()?;
    (data.error_code == 0).then_some(data)
}
