//! Membership by the consumer protocol (KIP-848): the coordinator says what to own, this consumer gets
//! there on its own and says when it is there; nobody else has to stop reading.

use engine::ids::TopicPartition;
use engine::time::{Reason, SimTime, Wakeup};
use protocol::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, TopicPartitions,
};
use protocol::{ErrorCode, Request, Uuid};
use records::sorted::{SortedMap, SortedSet};
use serde::Serialize;

use super::{Group, Phase};
use crate::consumer::commits::CommitReason;
use crate::consumer::machine::{Consumer, Flight};
use crate::consumer::{ConsumerEvent, GroupProtocol, Subscription};
use crate::event::{ClientError, LogLevel};
use crate::net::backoff::Backoff;
use crate::net::core::Ask;

/// What the coordinator is told on joining.
const JOIN_EPOCH: i32 = 0;
/// What it is told on leaving, for good or, by a static member, for a while.
const LEAVE_EPOCH: i32 = -1;
const AWAY_EPOCH: i32 = -2;
/// How often to heartbeat before the coordinator has said so.
const FIRST_INTERVAL_MS: i64 = 5_000;

/// What a member by the consumer protocol keeps in mind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::consumer) struct Remote {
    /// As the coordinator wants it.
    interval_ms: i64,
    /// What the coordinator wants it to own and it does not own yet.
    target: Option<Vec<(Uuid, i32)>>,
    /// What the coordinator has been told it owns.
    acknowledged: Vec<TopicPartition>,
    /// An answer was lost: the next heartbeat says everything, and is told everything.
    tell_all: bool,
    /// Topics of the target have been asked for since this version of the metadata.
    asked_topics_at: Option<u64>,
}

impl Remote {
    pub(super) fn new() -> Remote {
        Remote {
            interval_ms: FIRST_INTERVAL_MS,
            target: None,
            acknowledged: Vec::new(),
            tell_all: false,
            asked_topics_at: None,
        }
    }
}

impl Group {
    /// When something is due for a member by the consumer protocol.
    pub(super) fn next_remote_wakeup(&self, now: SimTime, in_poll: bool) -> Option<Wakeup> {
        let at = |at: SimTime, reason| (at > now).then_some(Wakeup { at, reason });
        match self.phase {
            Phase::Out if in_poll => at(self.retry_at, Reason::Retry),
            Phase::Stable | Phase::Committing | Phase::Prepared if !self.heartbeat_sent => {
                at(self.heartbeat_at, Reason::Heartbeat)
            }
            _ => None,
        }
    }
}

impl Consumer {
    pub(in crate::consumer) fn is_remote(&self) -> bool {
        self.config.group_protocol == GroupProtocol::Consumer
    }

    /// Does what membership needs now.
    pub(super) fn take_part_remote(&mut self, now: SimTime) {
        match self.group.phase {
            Phase::Out => {
                let waits = matches!(self.subscription, Some(Subscription::Pattern(_)));
                let knows = !waits || self.core.metadata.version > 0;
                if self.in_poll && now >= self.group.retry_at && knows {
                    self.send_remote_heartbeat(now, true);
                }
                return;
            }
            Phase::Stable | Phase::Committing | Phase::Prepared => {}
            _ => return,
        }
        if self.poll_expired(now) {
            return;
        }
        if self.group.phase == Phase::Stable && self.in_poll {
            self.begin_to_reconcile(now);
        }
        if self.group.phase == Phase::Prepared {
            self.reconcile(now);
        }
        let news = self.group.phase == Phase::Stable
            && (self.group.joined_with != self.topics
                || self.group.remote.acknowledged != self.partitions.names());
        if !self.group.heartbeat_sent && (news || now >= self.group.heartbeat_at) {
            self.send_remote_heartbeat(now, false);
        }
    }

    /// Whoever does not poll does not work: it gives up its place until it polls again.
    fn poll_expired(&mut self, now: SimTime) -> bool {
        let limit = i64::from(self.config.max_poll_interval_ms);
        if self.in_poll || now < self.polled_at.plus_millis(limit) {
            return false;
        }
        self.log(
            LogLevel::Warn,
            "consumer poll timeout has expired. This means the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time processing messages. You can address this either by increasing max.poll.interval.ms or by reducing the maximum size of batches returned in poll() with max.poll.records.",
        );
        self.send_leave(now, LEAVE_EPOCH);
        self.lose_membership();
        true
    }

    /// The coordinator counts this consumer in no more: what it owned may be another's by now.
    pub(in crate::consumer) fn lose_membership(&mut self) {
        self.group.reset();
        self.group.remote = Remote::new();
        let owned = self.partitions.names();
        if !owned.is_empty() {
            self.partitions.assign(self.now, &[]);
            self.events.push(ConsumerEvent::Lost(owned));
        }
    }

    /// The partitions of the target whose topics are known by name; asks for the others.
    fn resolved(&mut self) -> Option<Vec<TopicPartition>> {
        let target = self.group.remote.target.as_ref()?;
        let topics = self.core.metadata.topics.iter();
        let names: SortedMap<Uuid, &String> = topics.map(|(name, info)| (info.id, name)).collect();
        let mut known = SortedSet::new();
        let mut unknown = false;
        for (id, partition) in target {
            match names.get(id) {
                Some(name) => {
                    known.insert(TopicPartition::new((*name).clone(), *partition));
                }
                None => unknown = true,
            }
        }
        let version = self.core.metadata.version;
        if unknown && self.group.remote.asked_topics_at != Some(version) {
            self.group.remote.asked_topics_at = Some(version);
            self.core.metadata.request_update();
        }
        if !unknown {
            self.group.remote.asked_topics_at = None;
        }
        Some(known.into_iter().collect())
    }

    /// Commits before anything changes hands.
    fn begin_to_reconcile(&mut self, now: SimTime) {
        let Some(target) = self.resolved() else {
            return;
        };
        if target == self.partitions.names() {
            if self.group.remote.asked_topics_at.is_none() {
                self.group.remote.target = None;
            }
            return;
        }
        self.group.phase = Phase::Committing;
        let commits = self.config.enable_auto_commit;
        if !(commits && self.send_commit(now, CommitReason::Rebalance)) {
            self.group.prepared();
        }
    }

    /// Gives back what is not its own any more and takes what is new.
    fn reconcile(&mut self, now: SimTime) {
        self.group.phase = Phase::Stable;
        let Some(target) = self.resolved() else {
            return;
        };
        let owned = self.partitions.names();
        let gone = owned.iter().filter(|tp| !target.contains(tp));
        let gone: Vec<TopicPartition> = gone.cloned().collect();
        let new = target.iter().filter(|tp| !owned.contains(tp));
        let new: Vec<TopicPartition> = new.cloned().collect();
        if !gone.is_empty() {
            self.events.push(ConsumerEvent::Revoked(gone));
        }
        self.partitions.assign(now, &target);
        if self.group.remote.asked_topics_at.is_none() {
            self.group.remote.target = None;
        }
        self.next_auto_commit = now.plus_millis(self.config.auto_commit_interval_ms);
        self.events.push(ConsumerEvent::Assigned(new));
        self.want_topics();
    }

    /// Says that this consumer is alive, and what is new about it; everything if it joins.
    fn send_remote_heartbeat(&mut self, now: SimTime, joins: bool) {
        let Some(node) = self.ready_coordinator(now) else {
            return;
        };
        if self.group.member_id.is_empty() {
            self.group.member_id = Uuid(self.core.rng.uuid_bytes()).to_string();
        }
        let mut request = ConsumerGroupHeartbeatRequest {
            group_id: self.config.group_id.clone().unwrap_or_default(),
            member_id: self.group.member_id.clone(),
            member_epoch: if joins {
                JOIN_EPOCH
            } else {
                self.group.generation
            },
            instance_id: self.config.group_instance_id.clone(),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        let tells_all = joins || std::mem::take(&mut self.group.remote.tell_all);
        if joins {
            self.group.phase = Phase::Joining;
        }
        if tells_all {
            request.rebalance_timeout_ms = self.config.max_poll_interval_ms;
            request
                .server_assignor
                .clone_from(&self.config.group_remote_assignor);
        }
        if tells_all || self.group.joined_with != self.topics {
            request.subscribed_topic_names = Some(self.topics.iter().cloned().collect());
            self.group.joined_with = self.topics.clone();
        }
        let owned = self.partitions.names();
        let settled = self.group.phase == Phase::Stable && self.group.remote.acknowledged != owned;
        if tells_all || settled {
            request.topic_partitions = Some(self.by_topic_id(&owned));
            self.group.remote.acknowledged = owned;
        }
        self.group.heartbeat_sent = true;
        let request: Request = request.into();
        let tag = Flight::Heartbeat(self.group.attempt);
        self.core.send(now, Ask::new(node, request, tag));
    }

    fn by_topic_id(&self, partitions: &[TopicPartition]) -> Vec<TopicPartitions> {
        let mut topics: Vec<TopicPartitions> = Vec::new();
        for tp in partitions {
            let topic_id = self.core.metadata.topic_id(&tp.topic).unwrap_or_default();
            match topics.last_mut() {
                Some(last) if last.topic_id == topic_id => last.partitions.push(tp.partition),
                _ => topics.push(TopicPartitions {
                    topic_id,
                    partitions: vec![tp.partition],
                }),
            }
        }
        topics
    }

    pub(in crate::consumer) fn on_remote_heartbeat(
        &mut self,
        now: SimTime,
        attempt: u32,
        body: &ConsumerGroupHeartbeatResponse,
    ) {
        if attempt != self.group.attempt {
            return;
        }
        self.group.heartbeat_sent = false;
        let error = ErrorCode::from_code(body.error_code);
        match error {
            ErrorCode::None => self.on_alive(now, body),
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                self.lose_coordinator();
                self.beat_again(now);
            }
            ErrorCode::CoordinatorLoadInProgress => self.beat_again(now),
            // It keeps its id: that is its own.
            ErrorCode::FencedMemberEpoch | ErrorCode::UnknownMemberId => self.lose_membership(),
            _ => {
                self.lose_membership();
                self.group.refused = true;
                let message = body.error_message.as_deref();
                self.fail(ClientError::of(body.error_code, message));
            }
        }
    }

    fn on_alive(&mut self, now: SimTime, body: &ConsumerGroupHeartbeatResponse) {
        if self.group.phase == Phase::Joining {
            self.group.phase = Phase::Stable;
        }
        self.group.failures = 0;
        self.group.generation = body.member_epoch;
        self.group.remote.interval_ms = i64::from(body.heartbeat_interval_ms);
        self.group.heartbeat_at = now.plus_millis(self.group.remote.interval_ms);
        if let Some(assignment) = &body.assignment {
            let mut target = Vec::new();
            for topic in &assignment.topic_partitions {
                for partition in &topic.partitions {
                    target.push((topic.topic_id, *partition));
                }
            }
            self.group.remote.target = Some(target);
        }
    }

    /// A heartbeat was not answered, or by one who could not; a join starts over.
    pub(in crate::consumer) fn beat_again(&mut self, now: SimTime) {
        self.group.heartbeat_sent = false;
        self.group.failures = self.group.failures.saturating_add(1);
        let backoff = Backoff::retry(self.config.retry_backoff_ms);
        let wait = backoff.micros(self.group.failures, &mut self.core.rng);
        let at = now.plus_micros(wait);
        if self.group.phase == Phase::Joining {
            self.group.phase = Phase::Out;
            self.group.retry_at = at;
        }
        // What the lost one said has to be said again.
        self.group.remote.tell_all = true;
        self.group.heartbeat_at = at;
    }

    /// Leaves the group, a static member for a while only. Says whether a request went out.
    pub(in crate::consumer) fn leave_remotely(&mut self, now: SimTime) -> bool {
        let epoch = match self.config.group_instance_id {
            Some(_) => AWAY_EPOCH,
            None => LEAVE_EPOCH,
        };
        self.send_leave(now, epoch)
    }

    /// A heartbeat whose epoch says goodbye. Says whether it went out.
    fn send_leave(&mut self, now: SimTime, epoch: i32) -> bool {
        if self.group.generation < 0 && self.group.phase != Phase::Joining {
            return false;
        }
        let Some(node) = self.ready_coordinator(now) else {
            return false;
        };
        let request: Request = ConsumerGroupHeartbeatRequest {
            group_id: self.config.group_id.clone().unwrap_or_default(),
            member_id: self.group.member_id.clone(),
            member_epoch: epoch,
            instance_id: self.config.group_instance_id.clone(),
            ..ConsumerGroupHeartbeatRequest::default()
        }
        .into();
        let tag = Flight::Leave;
        self.core.send(now, Ask::new(node, request, tag));
        true
    }
}
