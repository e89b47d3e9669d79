//! A follower fetches: one connection to each leader, one request in flight on it, as Kafka does
//! with `num.replica.fetchers=1`.

use records::sorted::SortedMap;

use protocol::messages::fetch::{FetchPartition, FetchRequest, FetchTopic, ReplicaState};
use protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use protocol::{Request, Response, Uuid};
use serde::Serialize;

use crate::broker::config::BrokerConfig;
use crate::broker::link::{Call, Link, OnLoss, Outbox, Outcome};
use crate::ids::{BrokerId, TopicPartition};
use crate::net::{Address, ConnId};
use crate::replica::Replicas;
use crate::time::{Reason, SimTime, Wakeup};

const FETCH_VERSION: i16 = 18;
const LIST_OFFSETS_VERSION: i16 = 10;
/// `replica.socket.timeout.ms`.
const SOCKET_TIMEOUT_MS: i64 = 30_000;
const LATEST: i64 = -1;
const EARLIEST_LOCAL: i64 = -4;

/// Where the fetching of one partition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Stage {
    /// It fetches from the end of its log.
    Fetching,
    /// The leader does not have what follows: first, where does its log end?
    AsksEnd,
    /// Then, where does it start?
    AsksStart,
    /// A newer leader epoch exists; nothing to do before the metadata tells of it.
    Fenced,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Followed {
    pub(super) topic_id: Uuid,
    pub(super) leader_epoch: i32,
    pub(super) stage: Stage,
    pub(super) not_before: SimTime,
}

/// What a request to a leader was about.
#[derive(Debug, Clone, PartialEq, Serialize)]
enum Asked {
    Fetch(Vec<AskedPartition>),
    Offset(AskedPartition),
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct AskedPartition {
    pub(super) partition: TopicPartition,
    pub(super) topic_id: Uuid,
    pub(super) leader_epoch: i32,
    pub(super) offset: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Fetcher {
    link: Link<Asked>,
    pub(super) followed: SortedMap<TopicPartition, Followed>,
    not_before: SimTime,
}

/// All fetching of one broker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fetchers {
    me: BrokerId,
    my_epoch: i64,
    max_wait_ms: i32,
    max_bytes: i32,
    partition_max_bytes: i32,
    backoff_ms: i64,
    by_leader: SortedMap<BrokerId, Fetcher>,
}

impl Fetchers {
    /// A broker that follows nobody yet.
    pub fn new(config: &BrokerConfig) -> Fetchers {
        Fetchers {
            me: config.id,
            my_epoch: -1,
            max_wait_ms: config.replica_fetch_wait_max_ms,
            max_bytes: config.replica_fetch_response_max_bytes,
            partition_max_bytes: config.replica_fetch_max_bytes,
            backoff_ms: config.replica_fetch_backoff_ms,
            by_leader: SortedMap::new(),
        }
    }

    /// Takes the epoch of this broker's registration, which its fetches carry.
    pub fn set_broker_epoch(&mut self, epoch: i64) {
        self.my_epoch = epoch;
    }

    /// Fetches a partition from `leader` at `address` from now on; if it does already, in the same
    /// epoch, it goes on as it is.
    pub fn follow(
        &mut self,
        partition: &TopicPartition,
        (topic_id, leader_epoch): (Uuid, i32),
        (leader, address): (BrokerId, &Address),
        out: &mut Outbox,
    ) {
        let known = self.by_leader.get(&leader);
        let known = known.filter(|fetcher| fetcher.link.address() == address);
        let same = known.and_then(|fetcher| fetcher.followed.get(partition));
        if same.is_some_and(|same| same.leader_epoch == leader_epoch && same.topic_id == topic_id) {
            return;
        }
        self.unfollow(partition);
        let client_id = || {
            let mut name = String::from("broker-");
            name.push_str(&self.me.to_string());
            name.push_str("-fetcher-0");
            name
        };
        let fetcher = self.by_leader.entry(leader).or_insert_with(|| Fetcher {
            link: Link::new(address.clone(), client_id(), OnLoss::Fail),
            followed: SortedMap::new(),
            not_before: SimTime(0),
        });
        if fetcher.link.address() != address {
            fetcher.link.shut(out);
            fetcher.link = Link::new(address.clone(), client_id(), OnLoss::Fail);
        }
        let followed = Followed {
            topic_id,
            leader_epoch,
            stage: Stage::Fetching,
            not_before: SimTime(0),
        };
        fetcher.followed.insert(partition.clone(), followed);
    }

    /// Stops fetching a partition.
    pub fn unfollow(&mut self, partition: &TopicPartition) {
        for fetcher in self.by_leader.values_mut() {
            fetcher.followed.remove(partition);
        }
    }

    /// Sends the requests that can be sent, and hangs up where nothing is followed any more.
    pub fn go_on(&mut self, now: SimTime, out: &mut Outbox, replicas: &Replicas) {
        self.by_leader.retain(|_, fetcher| {
            let idle = fetcher.followed.is_empty() && fetcher.link.is_free();
            if idle {
                fetcher.link.shut(out);
            }
            !idle
        });
        let leaders: Vec<BrokerId> = self.by_leader.keys().copied().collect();
        for leader in leaders {
            if let Some((request, about)) = self.next_request(leader, now, replicas) {
                let version = match about {
                    Asked::Fetch(_) => FETCH_VERSION,
                    Asked::Offset(_) => LIST_OFFSETS_VERSION,
                };
                if let Some(fetcher) = self.by_leader.get_mut(&leader) {
                    let call = Call {
                        request,
                        version,
                        deadline: now.plus_millis(SOCKET_TIMEOUT_MS),
                        about,
                    };
                    fetcher.link.call(now, out, call);
                }
            }
        }
    }

    /// Whether one of its connections is `conn`.
    pub fn owns(&self, conn: ConnId) -> bool {
        self.by_leader
            .values()
            .any(|fetcher| fetcher.link.owns(conn))
    }

    /// A connection of its is open.
    pub fn on_opened(&mut self, conn: ConnId, now: SimTime, out: &mut Outbox) {
        if let Some((_, fetcher)) = self.owner(conn) {
            fetcher.link.on_opened(now, out);
        }
    }

    /// A connection of its broke or was refused.
    pub fn on_lost(
        &mut self,
        conn: ConnId,
        now: SimTime,
        out: &mut Outbox,
        replicas: &mut Replicas,
    ) {
        if let Some((leader, fetcher)) = self.owner(conn) {
            let outcomes = fetcher.link.on_lost(now, out);
            self.take(leader, now, outcomes, replicas);
        }
    }

    /// A frame arrived on a connection of its.
    pub fn on_frame(
        &mut self,
        (conn, frame): (ConnId, &bytes::Bytes),
        now: SimTime,
        out: &mut Outbox,
        replicas: &mut Replicas,
    ) {
        if let Some((leader, fetcher)) = self.owner(conn) {
            let outcomes = fetcher.link.on_frame(now, out, frame);
            self.take(leader, now, outcomes, replicas);
        }
    }

    /// Does what is due.
    pub fn advance(&mut self, now: SimTime, out: &mut Outbox, replicas: &mut Replicas) {
        let leaders: Vec<BrokerId> = self.by_leader.keys().copied().collect();
        for leader in leaders {
            if let Some(fetcher) = self.by_leader.get_mut(&leader) {
                let outcomes = fetcher.link.advance(now, out);
                self.take(leader, now, outcomes, replicas);
            }
        }
    }

    /// When [`Fetchers::advance`] is wanted next.
    pub fn next_wakeup(&self) -> Option<Wakeup> {
        let each = self.by_leader.values().map(Fetcher::next_wakeup);
        each.fold(None, Wakeup::earlier)
    }

    fn owner(&mut self, conn: ConnId) -> Option<(BrokerId, &mut Fetcher)> {
        let mut all = self.by_leader.iter_mut();
        all.find(|(_, fetcher)| fetcher.link.owns(conn))
            .map(|(leader, fetcher)| (*leader, fetcher))
    }

    #[inline(never)]
    fn next_request(
        &self,
        leader: BrokerId,
        now: SimTime,
        replicas: &Replicas,
    ) -> Option<(Request, Asked)> {
        let fetcher = self.by_leader.get(&leader)?;
        if !fetcher.link.is_free() || fetcher.not_before > now {
            return None;
        }
        let ready = fetcher.followed.iter();
        let mut ready = ready.filter(|(_, followed)| followed.not_before <= now);
        let asks = ready
            .clone()
            .find(|(_, followed)| matches!(followed.stage, Stage::AsksEnd | Stage::AsksStart));
        if let Some((partition, followed)) = asks {
            return Some(self.offset_request(partition, followed));
        }
        let mut asked = Vec::new();
        let mut topics: Vec<FetchTopic> = Vec::new();
        for (partition, followed) in ready.by_ref() {
            let Some(log) = replicas.log(partition) else {
                continue;
            };
            if followed.stage != Stage::Fetching {
                continue;
            }
            let fetch = FetchPartition {
                partition: partition.partition,
                current_leader_epoch: followed.leader_epoch,
                fetch_offset: log.log_end_offset(),
                last_fetched_epoch: log.leader_epochs().latest().unwrap_or(-1),
                log_start_offset: log.log_start_offset(),
                partition_max_bytes: self.partition_max_bytes,
                high_watermark: log.high_watermark(),
                ..FetchPartition::default()
            };
            asked.push(AskedPartition {
                partition: partition.clone(),
                topic_id: followed.topic_id,
                leader_epoch: followed.leader_epoch,
                offset: fetch.fetch_offset,
            });
            match topics.last_mut() {
                Some(topic) if topic.topic_id == followed.topic_id => topic.partitions.push(fetch),
                _ => topics.push(FetchTopic {
                    topic: partition.topic.clone(),
                    topic_id: followed.topic_id,
                    partitions: vec![fetch],
                }),
            }
        }
        if asked.is_empty() {
            return None;
        }
        let request = FetchRequest {
            replica_state: ReplicaState {
                replica_id: self.me,
                replica_epoch: self.my_epoch,
            },
            max_wait_ms: self.max_wait_ms,
            min_bytes: 1,
            max_bytes: self.max_bytes,
            session_id: 0,
            session_epoch: -1,
            topics,
            ..FetchRequest::default()
        };
        Some((Request::Fetch(request), Asked::Fetch(asked)))
    }

    #[inline(never)]
    fn offset_request(&self, partition: &TopicPartition, followed: &Followed) -> (Request, Asked) {
        let timestamp = if followed.stage == Stage::AsksStart {
            EARLIEST_LOCAL
        } else {
            LATEST
        };
        let request = ListOffsetsRequest {
            replica_id: self.me,
            topics: vec![ListOffsetsTopic {
                name: partition.topic.clone(),
                partitions: vec![ListOffsetsPartition {
                    partition_index: partition.partition,
                    current_leader_epoch: followed.leader_epoch,
                    timestamp,
                }],
            }],
            ..ListOffsetsRequest::default()
        };
        let about = Asked::Offset(AskedPartition {
            partition: partition.clone(),
            topic_id: followed.topic_id,
            leader_epoch: followed.leader_epoch,
            offset: -1,
        });
        (Request::ListOffsets(request), about)
    }

    fn take(
        &mut self,
        leader: BrokerId,
        now: SimTime,
        outcomes: Vec<Outcome<Asked>>,
        replicas: &mut Replicas,
    ) {
        let backoff = now.plus_millis(self.backoff_ms);
        let Some(fetcher) = self.by_leader.get_mut(&leader) else {
            return;
        };
        for outcome in outcomes {
            match (outcome.result, outcome.about) {
                (Ok(Response::Fetch(response)), Asked::Fetch(asked))
                    if response.error_code == 0 =>
                {
                    fetcher.take_fetch(now, backoff, &asked, &response, replicas);
                }
                (Ok(Response::ListOffsets(response)), Asked::Offset(asked)) => {
                    fetcher.take_offset(now, backoff, &asked, &response, replicas);
                }
                _ => fetcher.not_before = backoff,
            }
        }
    }
}

impl Fetcher {
    fn next_wakeup(&self) -> Option<Wakeup> {
        let link = self.link.next_wakeup();
        if !self.link.is_free() {
            return link;
        }
        let active = self.followed.values();
        let active = active.filter(|followed| followed.stage != Stage::Fenced);
        let at = active.map(|followed| followed.not_before).min();
        let retry = at.map(|at| Wakeup {
            at: at.max(self.not_before),
            reason: Reason::ReplicaFetch,
        });
        Wakeup::earlier(link, retry)
    }
}
