//! Brokers as the controller knows them: registration, heartbeats, fencing.
//!
//! A broker is fenced until it has caught up with the metadata log, and again when nothing was heard
//! of it for a session timeout. Fencing takes it out of the in-sync replicas and off leadership.

use protocol::ErrorCode;
use protocol::messages::allocate_producer_ids::{
    AllocateProducerIdsRequest, AllocateProducerIdsResponse,
};
use protocol::messages::broker_heartbeat::{BrokerHeartbeatRequest, BrokerHeartbeatResponse};
use protocol::messages::broker_registration::{
    BrokerRegistrationRequest, BrokerRegistrationResponse,
};
use protocol::metadata_records::{
    BrokerEndpoint, BrokerFeature, BrokerRegistrationChangeRecord, MetadataRecord,
    ProducerIdsRecord, RegisterBrokerRecord,
};
use serde::Serialize;

use crate::controller::election::{Movement, changes_for};
use crate::controller::{Decision, Desk};
use crate::ids::BrokerId;
use crate::image::MetadataImage;
use crate::time::SimTime;

/// How many producer ids a broker gets at a time.
pub const PRODUCER_ID_BLOCK: i32 = 1000;

/// What the controller remembers of a broker beside the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Session {
    /// The registration it belongs to.
    pub epoch: i64,
    /// When the broker was last heard of.
    pub last_contact: SimTime,
    /// How far the broker has replayed the metadata log.
    pub metadata_offset: i64,
    /// The end of the log when it began to shut down.
    pub shutdown_offset: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fenced,
    Unfenced,
    ShuttingDown,
    ShutDown,
}

/// Registers a broker, or refuses: another one with its number is alive, or it belongs elsewhere.
pub fn register(desk: &mut Desk<'_>, request: &BrokerRegistrationRequest) -> Decision {
    let refuse = |error: ErrorCode| {
        let error_code = error.code();
        Decision::answer(BrokerRegistrationResponse {
            error_code,
            ..Default::default()
        })
    };
    if request.cluster_id != desk.config.cluster_id {
        return refuse(ErrorCode::InconsistentClusterId);
    }
    if request.broker_id < 0 || request.listeners.is_empty() {
        return refuse(ErrorCode::InvalidRegistration);
    }
    let existing = desk.image.broker(request.broker_id);
    if let Some(existing) = existing.filter(|broker| broker.incarnation == request.incarnation_id) {
        // The answer to its first registration was lost.
        let broker_epoch = existing.epoch;
        return Decision::answer(BrokerRegistrationResponse {
            broker_epoch,
            ..Default::default()
        });
    }
    let session = desk.sessions.get(&request.broker_id);
    // A session that is granted, not heard of, belongs to no registration: see `restore`.
    let alive = |session: &Session, epoch: i64| {
        let end = session
            .last_contact
            .plus_millis(desk.config.session_timeout_ms);
        session.epoch == epoch && end > desk.now
    };
    let unfenced = existing.filter(|broker| !broker.fenced);
    if unfenced.is_some_and(|broker| session.is_some_and(|one| alive(one, broker.epoch))) {
        return refuse(ErrorCode::DuplicateBrokerRegistration);
    }
    let broker_epoch = desk.next_offset;
    let mut records = vec![registration_record(request, broker_epoch).into()];
    // A new process has lost what the old one held in memory, so it starts out of every ISR. Unless
    // the old one stopped in order, it may have lost the end of its logs too.
    if let Some(existing) = existing {
        let movement = Movement {
            leaving: Some(request.broker_id),
            died: existing.epoch != request.previous_broker_epoch,
            joining: None,
        };
        records.extend(changes_for(desk.image, movement));
    }
    let session = Session {
        epoch: broker_epoch,
        last_contact: desk.now,
        metadata_offset: -1,
        shutdown_offset: None,
    };
    desk.sessions.insert(request.broker_id, session);
    Decision::write(
        records,
        BrokerRegistrationResponse {
            broker_epoch,
            ..Default::default()
        },
    )
}

/// Takes a heartbeat: fences, unfences, or lets the broker shut down.
pub fn heartbeat(desk: &mut Desk<'_>, request: &BrokerHeartbeatRequest) -> Decision {
    if let Err(error) = check_epoch(desk.image, request.broker_id, request.broker_epoch) {
        let error_code = error.code();
        return Decision::answer(BrokerHeartbeatResponse {
            error_code,
            ..Default::default()
        });
    }
    let current = current_state(desk.image, request.broker_id);
    let next = next_state(desk, request, current);
    let records = transition(desk.image, request, current, next);
    let now = desk.now;
    let end_offset = desk
        .next_offset
        .saturating_add(i64::try_from(records.len()).unwrap_or(i64::MAX));
    let session = desk
        .sessions
        .entry(request.broker_id)
        .or_insert_with(|| Session {
            epoch: request.broker_epoch,
            last_contact: now,
            metadata_offset: -1,
            shutdown_offset: None,
        });
    session.epoch = request.broker_epoch;
    session.last_contact = now;
    session.metadata_offset = request.current_metadata_offset;
    if next == State::ShuttingDown && session.shutdown_offset.is_none() {
        session.shutdown_offset = Some(end_offset.saturating_sub(1));
    }
    let response = BrokerHeartbeatResponse {
        is_caught_up: request.current_metadata_offset >= request.broker_epoch,
        is_fenced: matches!(next, State::Fenced | State::ShutDown),
        should_shut_down: next == State::ShutDown,
        ..Default::default()
    };
    Decision::write(records, response)
}

/// What has to be written when a broker falls silent.
pub fn fence(image: &MetadataImage, broker: BrokerId) -> Vec<MetadataRecord> {
    let Some(registration) = image.broker(broker).filter(|broker| !broker.fenced) else {
        return Vec::new();
    };
    let mut records = changes_for(
        image,
        Movement {
            leaving: Some(broker),
            ..Movement::default()
        },
    );
    records.push(change_record(broker, registration.epoch, 1, 0));
    records
}

/// Hands out the next block of producer ids.
pub fn allocate_producer_ids(
    desk: &mut Desk<'_>,
    request: &AllocateProducerIdsRequest,
) -> Decision {
    if check_epoch(desk.image, request.broker_id, request.broker_epoch).is_err() {
        let error_code = ErrorCode::StaleBrokerEpoch.code();
        return Decision::answer(AllocateProducerIdsResponse {
            error_code,
            ..Default::default()
        });
    }
    let producer_id_start = desk.image.next_producer_id();
    let record = ProducerIdsRecord {
        broker_id: request.broker_id,
        broker_epoch: request.broker_epoch,
        next_producer_id: producer_id_start.saturating_add(i64::from(PRODUCER_ID_BLOCK)),
    };
    let producer_id_len = PRODUCER_ID_BLOCK;
    let response = AllocateProducerIdsResponse {
        producer_id_start,
        producer_id_len,
        ..Default::default()
    };
    Decision::write(vec![record.into()], response)
}

/// Whether a request comes from the broker's present registration.
pub fn check_epoch(image: &MetadataImage, broker: BrokerId, epoch: i64) -> Result<(), ErrorCode> {
    match image.broker(broker) {
        None => Err(ErrorCode::BrokerIdNotRegistered),
        Some(registration) if registration.epoch != epoch => Err(ErrorCode::StaleBrokerEpoch),
        Some(_) => Ok(()),
    }
}

fn registration_record(
    request: &BrokerRegistrationRequest,
    broker_epoch: i64,
) -> RegisterBrokerRecord {
    let end_points = request.listeners.iter().map(|listener| BrokerEndpoint {
        name: listener.name.clone(),
        host: listener.host.clone(),
        port: listener.port,
        security_protocol: listener.security_protocol,
    });
    let features = request.features.iter().map(|feature| BrokerFeature {
        name: feature.name.clone(),
        min_supported_version: feature.min_supported_version,
        max_supported_version: feature.max_supported_version,
    });
    RegisterBrokerRecord {
        broker_id: request.broker_id,
        incarnation_id: request.incarnation_id,
        broker_epoch,
        end_points: end_points.collect(),
        features: features.collect(),
        rack: request.rack.clone(),
        fenced: true,
        log_dirs: request.log_dirs.clone(),
        ..Default::default()
    }
}

fn current_state(image: &MetadataImage, broker: BrokerId) -> State {
    match image.broker(broker) {
        Some(broker) if broker.fenced => State::Fenced,
        Some(broker) if broker.in_controlled_shutdown => State::ShuttingDown,
        Some(_) => State::Unfenced,
        None => State::Fenced,
    }
}

fn next_state(desk: &Desk<'_>, request: &BrokerHeartbeatRequest, current: State) -> State {
    match current {
        State::Fenced | State::Unfenced if request.want_fence && request.want_shut_down => {
            State::ShutDown
        }
        State::Fenced if request.want_shut_down => State::ShutDown,
        State::Fenced if request.want_fence => State::Fenced,
        // Once it has begun to shut down, only a new registration brings it back.
        State::Fenced if is_shutting_down(desk.image, request.broker_id) => State::Fenced,
        State::Fenced if request.current_metadata_offset >= request.broker_epoch => State::Unfenced,
        State::Fenced => State::Fenced,
        State::Unfenced if request.want_fence => State::Fenced,
        State::Unfenced if !request.want_shut_down => State::Unfenced,
        State::Unfenced if leads_any(desk.image, request.broker_id) => State::ShuttingDown,
        State::Unfenced => State::ShutDown,
        State::ShuttingDown if others_know_of_shutdown(desk, request.broker_id) => State::ShutDown,
        State::ShuttingDown | State::ShutDown => State::ShuttingDown,
    }
}

fn is_shutting_down(image: &MetadataImage, broker: BrokerId) -> bool {
    image
        .broker(broker)
        .is_some_and(|broker| broker.in_controlled_shutdown)
}

fn leads_any(image: &MetadataImage, broker: BrokerId) -> bool {
    let mut partitions = image.topics().flat_map(|topic| topic.partitions.values());
    partitions.any(|partition| partition.leader == broker)
}

/// A broker that shuts down may go once every other has heard that it leads nothing any more.
fn others_know_of_shutdown(desk: &Desk<'_>, broker: BrokerId) -> bool {
    let Some(shutdown_offset) = desk
        .sessions
        .get(&broker)
        .and_then(|session| session.shutdown_offset)
    else {
        return false;
    };
    let others = desk
        .image
        .brokers()
        .filter(|other| other.id != broker && other.is_active());
    let mut offsets = others
        .filter_map(|other| desk.sessions.get(&other.id))
        .map(|session| session.metadata_offset);
    offsets.all(|offset| offset >= shutdown_offset)
}

fn transition(
    image: &MetadataImage,
    request: &BrokerHeartbeatRequest,
    current: State,
    next: State,
) -> Vec<MetadataRecord> {
    let (broker, epoch) = (request.broker_id, request.broker_epoch);
    match (current, next) {
        (State::Fenced, State::Unfenced) => {
            let mut records = vec![change_record(broker, epoch, -1, 0)];
            records.extend(changes_for(
                image,
                Movement {
                    joining: Some(broker),
                    ..Movement::default()
                },
            ));
            records
        }
        (State::Unfenced, State::ShuttingDown) => {
            let mut records = changes_for(
                image,
                Movement {
                    leaving: Some(broker),
                    ..Movement::default()
                },
            );
            records.push(change_record(broker, epoch, 0, 1));
            records
        }
        (State::Unfenced | State::ShuttingDown, State::Fenced | State::ShutDown) => {
            fence(image, broker)
        }
        _ => Vec::new(),
    }
}

fn change_record(
    broker: BrokerId,
    epoch: i64,
    fenced: i8,
    in_controlled_shutdown: i8,
) -> MetadataRecord {
    let record = BrokerRegistrationChangeRecord {
        broker_id: broker,
        broker_epoch: epoch,
        fenced,
        in_controlled_shutdown,
        ..Default::default()
    };
    record.into()
}
