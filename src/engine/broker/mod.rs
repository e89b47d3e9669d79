//! One broker: a machine with its own disk and memory.
//!
//! - [`config`]: its settings; [`disk`]: what survives a crash
//! - [`connections`], `dispatch`: requests that come in; [`parked`], `wake`: those that wait
//! - [`link`], [`controller`]: requests that go out; `outcomes`: their answers
//! - [`peers`]: requests to other brokers; [`markers`], [`verify`]: what they are about
//! - `txns`: the transaction coordinator's ways in and out
//! - `metadata`, [`snapshot`]: new metadata, and what it means for replicas; `groups`: the group
//!   coordinator's ways out

pub mod config;
pub mod connections;
pub mod controller;
pub mod disk;
mod dispatch;
mod groups;
pub mod link;
pub mod markers;
mod metadata;
mod outcomes;
pub mod parked;
pub mod peers;
pub mod snapshot;
mod txns;
pub mod verify;
mod wake;

use records::sorted::{SortedMap, SortedSet};

use protocol::{Request, Uuid};
use serde::Serialize;

use crate::api::facts::BrokerFacts;
use crate::api::fetch_session::FetchSessions;
use crate::api::init_producer_id::ProducerIds;
use crate::broker::config::BrokerConfig;
use crate::broker::connections::Connections;
use crate::broker::controller::ControllerLinks;
use crate::broker::disk::{CleanEpoch, Disk};
use crate::broker::dispatch::Incoming;
use crate::broker::link::Outbox;
use crate::broker::markers::MarkerSender;
use crate::broker::parked::Purgatory;
use crate::broker::peers::Peers;
use crate::broker::verify::Held;
use crate::group::{GroupConfig, GroupCoordinator, RequestToken};
use crate::ids::{BrokerId, TopicPartition};
use crate::image::MetadataImage;
use crate::log::PartitionLog;
use crate::log::journal::DiskChange;
use crate::net::{ConnId, Machine, NetIn, NetOut};
use crate::replica::Replicas;
use crate::replica::fetcher::Fetchers;
use crate::rng::Rng;
use crate::time::{Reason, SimTime, Wakeup};
use crate::txn::{TxnConfig, TxnCoordinator};

/// `log.initial.task.delay.ms`: when retention is first looked at.
const FIRST_RETENTION_MS: i64 = 30_000;

/// A broker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Broker {
    config: BrokerConfig,
    facts: BrokerFacts,
    image: MetadataImage,
    connections: Connections,
    /// Connections that may have a frame to work on.
    ready: SortedSet<ConnId>,
    /// Whether clients are served: not before the cluster has let the broker in.
    serving: bool,
    replicas: Replicas,
    fetchers: Fetchers,
    fetch_sessions: FetchSessions,
    parked: Purgatory,
    groups: GroupCoordinator,
    txns: TxnCoordinator,
    markers: MarkerSender,
    peers: Peers,
    /// Requests that wait for a transaction's coordinator.
    held: SortedMap<RequestToken, Held>,
    producer_ids: ProducerIds,
    /// Requests that wait for producer ids.
    waiting_for_ids: Vec<(Incoming, Request)>,
    controller: ControllerLinks,
    /// Topics that this broker is having made.
    creating: SortedSet<String>,
    next_retention: SimTime,
    next_cleaning: SimTime,
    out: Outbox,
}

impl Broker {
    /// A broker that starts at `now` with what its disk holds. It does nothing before its first
    /// [`Machine::advance`].
    pub fn new(config: BrokerConfig, mut disk: Disk, now: SimTime, mut rng: Rng) -> Broker {
        let incarnation = Uuid(rng.uuid_bytes());
        let previous = std::mem::take(&mut disk.clean_epoch);
        let groups = GroupConfig {
            offsets_partitions: config.offsets_partitions,
            initial_rebalance_delay_ms: i32::try_from(config.initial_rebalance_delay_ms)
                .unwrap_or(i32::MAX),
            ..GroupConfig::default()
        };
        let transactions = TxnConfig {
            partitions: config.transactions_partitions,
            max_timeout_ms: config.transaction_max_timeout_ms,
            id_expiration_ms: config.transactional_id_expiration_ms,
            ..TxnConfig::default()
        };
        Broker {
            facts: BrokerFacts::new(&config, config.controller_id),
            image: MetadataImage::new(),
            connections: Connections::default(),
            ready: SortedSet::new(),
            serving: false,
            replicas: Replicas::new(config.id, config.replica_lag_time_max_ms, disk),
            fetchers: Fetchers::new(&config),
            fetch_sessions: FetchSessions::new(rng.child()),
            parked: Purgatory::default(),
            groups: GroupCoordinator::new(groups, rng.child()),
            txns: TxnCoordinator::new(transactions, now),
            markers: MarkerSender::default(),
            peers: Peers::default(),
            held: SortedMap::new(),
            producer_ids: ProducerIds::default(),
            waiting_for_ids: Vec::new(),
            controller: ControllerLinks::new(&config, (incarnation, previous.0), now),
            creating: SortedSet::new(),
            next_retention: now.plus_millis(FIRST_RETENTION_MS),
            next_cleaning: now.plus_millis(config.cleaner_backoff_ms),
            out: Outbox::default(),
            config,
        }
    }

    /// Its number.
    pub fn id(&self) -> BrokerId {
        self.config.id
    }

    /// Its settings.
    pub fn config(&self) -> &BrokerConfig {
        &self.config
    }

    /// Whether it serves clients: the cluster has let it in.
    pub fn is_serving(&self) -> bool {
        self.serving
    }

    /// The cluster's metadata as it knows it.
    pub fn image(&self) -> &MetadataImage {
        &self.image
    }

    /// Its replica of a partition, leader or follower.
    pub fn log(&self, partition: &TopicPartition) -> Option<&PartitionLog> {
        self.replicas.log(partition)
    }

    /// All its replicas, by partition.
    pub fn logs(&self) -> impl Iterator<Item = (&TopicPartition, &PartitionLog)> {
        self.replicas.logs()
    }

    /// What its consumers fetch again and again.
    pub fn fetch_sessions(&self) -> &FetchSessions {
        &self.fetch_sessions
    }

    /// Its replicas and their roles.
    pub fn replicas(&self) -> &Replicas {
        &self.replicas
    }

    /// The groups it coordinates.
    pub fn groups(&self) -> &GroupCoordinator {
        &self.groups
    }

    /// Notes all changes of its disk from now on, for whoever keeps that in files.
    pub fn keep_journal(&mut self) {
        self.replicas.keep_journal();
    }

    /// What changed on its disk since the last call. Nothing that [`Machine::drain`] gives at the same
    /// time may leave before these changes are kept: it may acknowledge them.
    pub fn take_disk_changes(&mut self) -> Vec<DiskChange> {
        self.replicas.take_disk_changes()
    }

    /// Whether a request that came on this connection is not dealt with yet. One that wants no
    /// answer (`acks=0`) is dealt with when its work is done.
    pub fn owes(&self, conn: ConnId) -> bool {
        self.connections.owes(conn)
    }

    /// The broker begins to stop in order, as at SIGTERM: it asks the controller to hand over what it
    /// leads, and serves on until that is done ([`Broker::has_stopped`]).
    pub fn stop(&mut self, now: SimTime) {
        self.controller.begin_shutdown(now);
        self.run(now);
    }

    /// Whether the controller has let the broker go.
    pub fn has_stopped(&self) -> bool {
        self.controller.has_shut_down()
    }

    /// The transactions it coordinates.
    pub fn transactions(&self) -> &TxnCoordinator {
        &self.txns
    }

    /// The broker's process ends: what is left is its disk.
    pub fn into_disk(self) -> Disk {
        let clean = self.has_stopped();
        let epoch = self.controller.epoch();
        let mut disk = self.replicas.into_disk();
        if clean {
            disk.clean_epoch = CleanEpoch(epoch);
        }
        disk
    }

    /// Works off what can be done now: requests whose turn has come, parked ones that something
    /// happened for, and what goes out to other machines.
    fn run(&mut self, now: SimTime) {
        loop {
            if let Some(conn) = self.ready.pop_first() {
                self.serve_next(conn, now);
                continue;
            }
            let changed = self.replicas.take_changed();
            if changed.is_empty() && !self.take_own_answers(now) && !self.send_markers(now) {
                break;
            }
            for partition in changed {
                self.wake(now, &partition);
            }
        }
        self.send_isr_proposals(now);
        self.fetchers.go_on(now, &mut self.out, &self.replicas);
        let offset = self.image.offset();
        self.controller
            .go_on(now, &mut self.out, &self.config, offset);
    }

    fn clean(&mut self, now: SimTime) {
        if now < self.next_cleaning {
            return;
        }
        self.next_cleaning = now.plus_millis(self.config.cleaner_backoff_ms);
        self.replicas.compact(now);
    }

    fn retain(&mut self, now: SimTime) {
        if now < self.next_retention {
            return;
        }
        self.next_retention = now.plus_millis(self.config.retention_check_interval_ms);
        let silent_since = now
            .as_millis()
            .saturating_sub(self.config.producer_id_expiration_ms);
        self.replicas.apply_retention(now, silent_since);
    }
}

impl Machine for Broker {
    fn handle(&mut self, now: SimTime, input: NetIn) {
        match input {
            NetIn::Accepted { conn, peer_host } => self.connections.accept(conn, peer_host),
            NetIn::Frame(conn, frame) if conn.is_incoming() => self.take_frame(conn, frame),
            NetIn::Closed(conn) if conn.is_incoming() => self.forget(conn),
            NetIn::Opened(conn) => self.on_opened(now, conn),
            NetIn::Refused(conn) | NetIn::Closed(conn) => self.on_lost(now, conn),
            NetIn::Frame(conn, frame) => self.on_answer(now, conn, &frame),
        }
        self.run(now);
    }

    fn advance(&mut self, now: SimTime) {
        self.give_up_overdue(now);
        self.advance_links(now);
        self.replicas.shrink_lagging(now);
        let effects = self.groups.advance(now, &self.image);
        self.take_effects(now, effects);
        let effects = self.txns.advance(now);
        self.take_txn_effects(now, effects);
        self.retain(now);
        self.clean(now);
        self.run(now);
    }

    fn next_wakeup(&self) -> Option<Wakeup> {
        let shrink = self.replicas.next_shrink().map(|at| Wakeup {
            at,
            reason: Reason::IsrShrink,
        });
        let retention = Some(Wakeup {
            at: self.next_retention,
            reason: Reason::Retention,
        });
        let cleaning = Some(Wakeup {
            at: self.next_cleaning,
            reason: Reason::LogCleaning,
        });
        [
            shrink,
            retention,
            cleaning,
            self.parked.next_wakeup(),
            self.groups.next_wakeup(),
            self.txns.next_wakeup(),
            self.markers.next_wakeup(),
            self.peers.next_wakeup(),
            self.fetchers.next_wakeup(),
            self.controller.next_wakeup(self.replicas.has_proposals()),
        ]
        .into_iter()
        .fold(None, Wakeup::earlier)
    }

    fn drain(&mut self) -> Vec<NetOut> {
        self.out.drain()
    }
}
