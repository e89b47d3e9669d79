//! What a client knows of the cluster: brokers, topics, leaders; and when to ask again.

use records::sorted::{SortedMap, SortedSet};

use engine::ids::TopicPartition;
use engine::net::Address;
use engine::rng::Rng;
use engine::time::{Reason, SimTime, Wakeup};
use protocol::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponsePartition,
    MetadataResponseTopic,
};
use protocol::{ErrorCode, Uuid};
use serde::Serialize;

use super::backoff::Backoff;

/// Which topics to ask about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Wanted {
    All,
    Topics(SortedSet<String>),
}

/// A partition as last heard of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct PartitionInfo {
    /// `None` while there is none.
    pub(crate) leader: Option<i32>,
    pub(crate) epoch: i32,
}

/// A topic as last heard of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct TopicInfo {
    pub(crate) id: Uuid,
    pub(crate) internal: bool,
    pub(crate) partitions: SortedMap<i32, PartitionInfo>,
}

/// The cluster as last heard of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Metadata {
    pub(crate) wanted: Wanted,
    pub(crate) allow_auto_creation: bool,
    pub(crate) brokers: SortedMap<i32, Address>,
    pub(crate) controller: i32,
    pub(crate) topics: SortedMap<String, TopicInfo>,
    /// What the cluster said of topics that it gave no partitions of.
    pub(crate) errors: SortedMap<String, ErrorCode>,
    /// How often it changed.
    pub(crate) version: u64,
    max_age_ms: i64,
    backoff: Backoff,
    requested: bool,
    failures: u32,
    updated_at: Option<SimTime>,
    /// Not to be asked for before this.
    allowed_at: SimTime,
    in_flight: bool,
}

impl Metadata {
    pub(crate) fn new(wanted: Wanted, max_age_ms: i64, retry_backoff_ms: i64) -> Metadata {
        Metadata {
            wanted,
            allow_auto_creation: true,
            brokers: SortedMap::new(),
            controller: -1,
            topics: SortedMap::new(),
            errors: SortedMap::new(),
            version: 0,
            max_age_ms,
            backoff: Backoff::retry(retry_backoff_ms),
            requested: true,
            failures: 0,
            updated_at: None,
            allowed_at: SimTime::default(),
            in_flight: false,
        }
    }

    /// Wants fresh metadata as soon as that is allowed.
    pub(crate) fn request_update(&mut self) {
        self.requested = true;
    }

    /// Wants to know of these topics; asks at once if there is a new one.
    pub(crate) fn want(&mut self, wanted: Wanted) {
        let news = match (&self.wanted, &wanted) {
            (Wanted::Topics(old), Wanted::Topics(new)) => new.iter().any(|t| !old.contains(t)),
            (Wanted::Topics(_), Wanted::All) => true,
            (Wanted::All, _) => false,
        };
        self.wanted = wanted;
        if news {
            self.requested = true;
            self.allowed_at = SimTime::default();
        }
    }

    pub(crate) fn topic_id(&self, topic: &str) -> Option<Uuid> {
        let id = self.topics.get(topic)?.id;
        (id != Uuid::ZERO).then_some(id)
    }

    pub(crate) fn partition_count(&self, topic: &str) -> Option<i32> {
        let count = self.topics.get(topic)?.partitions.len();
        i32::try_from(count).ok()
    }

    pub(crate) fn partition(&self, tp: &TopicPartition) -> Option<PartitionInfo> {
        self.topics
            .get(&tp.topic)?
            .partitions
            .get(&tp.partition)
            .copied()
    }

    /// The leader, if it is known and alive.
    pub(crate) fn leader(&self, tp: &TopicPartition) -> Option<i32> {
        let leader = self.partition(tp)?.leader?;
        self.brokers.contains_key(&leader).then_some(leader)
    }

    /// Takes a leader that a broker named while refusing a request.
    pub(crate) fn learn_leader(&mut self, tp: &TopicPartition, leader: i32, epoch: i32) {
        if leader < 0 || !self.brokers.contains_key(&leader) {
            return;
        }
        let topic = self.topics.get_mut(&tp.topic);
        let known = topic.and_then(|topic| topic.partitions.get_mut(&tp.partition));
        if let Some(known) = known.filter(|known| known.epoch < epoch) {
            known.leader = Some(leader);
            known.epoch = epoch;
        }
    }

    /// Whether to ask now.
    pub(crate) fn is_due(&self, now: SimTime) -> bool {
        self.due_at().is_some_and(|at| at <= now)
    }

    fn due_at(&self) -> Option<SimTime> {
        if self.in_flight {
            return None;
        }
        let stale_at = self
            .updated_at
            .map_or(SimTime::default(), |at| at.plus_millis(self.max_age_ms));
        let wanted_at = if self.requested {
            SimTime::default()
        } else {
            stale_at
        };
        Some(wanted_at.max(self.allowed_at))
    }

    /// When to ask next; nothing at `now` or before, when only a connection is waited for.
    pub(crate) fn next_wakeup(&self, now: SimTime) -> Option<Wakeup> {
        let at = self.due_at().filter(|at| *at > now)?;
        let reason = if self.requested {
            Reason::Retry
        } else {
            Reason::MetadataRefresh
        };
        Some(Wakeup { at, reason })
    }

    /// The request to send now.
    pub(crate) fn ask(&mut self) -> MetadataRequest {
        self.in_flight = true;
        self.requested = false;
        let topics = match &self.wanted {
            Wanted::All => None,
            Wanted::Topics(topics) => Some(topics.iter().map(|t| named(t)).collect()),
        };
        MetadataRequest {
            topics,
            allow_auto_topic_creation: self.allow_auto_creation,
            ..MetadataRequest::default()
        }
    }

    /// The request was not answered.
    pub(crate) fn on_failed(&mut self, now: SimTime, rng: &mut Rng) {
        self.in_flight = false;
        self.requested = true;
        self.failures = self.failures.saturating_add(1);
        self.allowed_at = now.plus_micros(self.backoff.micros(self.failures, rng));
    }

    /// Takes an answer. Returns the topics the cluster had something against, if any.
    pub(crate) fn on_answer(
        &mut self,
        now: SimTime,
        response: &MetadataResponse,
        rng: &mut Rng,
    ) -> SortedMap<String, ErrorCode> {
        if response.brokers.is_empty() {
            self.on_failed(now, rng);
            return SortedMap::new();
        }
        self.in_flight = false;
        self.updated_at = Some(now);
        self.version += 1;
        self.controller = response.controller_id;
        self.brokers = response
            .brokers
            .iter()
            .map(|b| (b.node_id, Address::new(b.host.clone(), port(b.port))))
            .collect();
        let before = std::mem::take(&mut self.topics);
        self.errors.clear();
        for topic in &response.topics {
            self.take_topic(topic, &before);
        }
        if self.requested {
            self.failures = self.failures.saturating_add(1);
            self.allowed_at = now.plus_micros(self.backoff.micros(self.failures, rng));
        } else {
            self.failures = 0;
            self.allowed_at = now.plus_millis(self.backoff.first_ms);
        }
        self.errors.clone()
    }

    /// Topics that the last answer said cannot exist.
    pub(crate) fn invalid_topics(&self) -> Vec<&str> {
        let errors = self.errors.iter();
        let invalid = errors.filter(|(_, error)| **error == ErrorCode::InvalidTopicException);
        invalid.map(|(topic, _)| topic.as_str()).collect()
    }

    fn take_topic(&mut self, topic: &MetadataResponseTopic, before: &SortedMap<String, TopicInfo>) {
        let Some(name) = &topic.name else {
            return;
        };
        let error = ErrorCode::from_code(topic.error_code);
        if error.is_error() {
            self.requested |= error.is_retriable();
            self.errors.insert(name.clone(), error);
            return;
        }
        let known = before.get(name).filter(|known| known.id == topic.topic_id);
        let mut partitions = SortedMap::new();
        for partition in topic.partitions.iter().filter(|p| p.partition_index >= 0) {
            let info = PartitionInfo {
                leader: (partition.leader_id >= 0).then_some(partition.leader_id),
                epoch: partition.leader_epoch,
            };
            self.requested |= is_unsettled(partition);
            // A broker that lags behind may tell of an older leader than is known already.
            let newer = known
                .and_then(|known| known.partitions.get(&partition.partition_index))
                .filter(|known| known.epoch > info.epoch && info.epoch >= 0);
            partitions.insert(partition.partition_index, newer.copied().unwrap_or(info));
        }
        let info = TopicInfo {
            id: topic.topic_id,
            internal: topic.is_internal,
            partitions,
        };
        self.topics.insert(name.clone(), info);
    }
}

/// A topic to ask for by name.
pub(crate) fn named(topic: &str) -> MetadataRequestTopic {
    MetadataRequestTopic {
        name: Some(topic.to_owned()),
        ..MetadataRequestTopic::default()
    }
}

/// A port as the wire carries it; 0 if it is none.
pub(crate) fn port(port: i32) -> u16 {
    u16::try_from(port).unwrap_or(0)
}

fn is_unsettled(partition: &MetadataResponsePartition) -> bool {
    ErrorCode::from_code(partition.error_code) == ErrorCode::LeaderNotAvailable
}
