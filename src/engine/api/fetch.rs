//! Fetch: batches for consumers, up to the high watermark, and for followers, up to the log's end.
//! A fetch that finds too little waits.

use records::Codec;
use records::sorted::SortedMap;

use protocol::messages::fetch::{
    AbortedTransaction, EpochEndOffset, FetchPartition, FetchRequest, FetchResponse,
    FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use protocol::{ErrorCode, Uuid};
use records::Batches;
use serde::Serialize;

use crate::api::fetch_session::{FetchSessions, Scope};
use crate::api::{Context, leader_hint};
use crate::broker::config::BrokerConfig;
use crate::broker::parked::Waiter;
use crate::ids::{BrokerId, TopicPartition};
use crate::image::MetadataImage;
use crate::log::PartitionLog;
use crate::log::lookup::ReadLimit;
use crate::replica::{FetchNote, Replicas};
use crate::time::SimTime;

/// The first version that identifies topics instead of naming them.
pub(crate) const IDS_FROM: i16 = 13;
/// From here on a consumer may read from a follower.
const FOLLOWERS_SERVE_FROM: i16 = 11;
/// From here on a consumer knows zstd.
const ZSTD_FROM: i16 = 10;
/// From here on an answer that says "not here" says where.
const HINTS_FROM: i16 = 16;
const READ_COMMITTED: i8 = 1;
/// The epoch of a fetch outside any session, and of one that would begin a session.
const SESSIONLESS: i32 = -1;
const NEW_SESSION: i32 = 0;

/// A fetch, understood; it may have waited for a while.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DelayedFetch {
    version: i16,
    replica: Option<BrokerId>,
    min_bytes: u64,
    max_bytes: usize,
    read_committed: bool,
    scope: Scope,
    parts: Vec<Part>,
    /// Where the parts stand in the session that the fetch goes on with.
    places: Vec<u64>,
    /// Bytes that each partition could give, as far as it counts towards `min_bytes`.
    available: SortedMap<TopicPartition, u64>,
    total: u64,
}

/// One partition of a fetch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Part {
    topic: String,
    topic_id: Uuid,
    /// The partition, or why there is none.
    pub(crate) target: Result<TopicPartition, ErrorCode>,
    pub(crate) asked: FetchPartition,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched {
    /// Here it is.
    Done(FetchResponse),
    /// There is too little yet.
    Wait(DelayedFetch, SimTime),
}

/// What a partition holds for a fetch.
struct Readable<'a> {
    log: &'a PartitionLog,
    below: i64,
    diverging: Option<(i32, i64)>,
}

/// Serves a request, or finds that it has to wait, as `waiter`.
pub fn handle(
    context: &mut Context<'_>,
    sessions: &mut FetchSessions,
    (request, waiter): (&FetchRequest, Waiter),
) -> Fetched {
    let follower = follower(context, request);
    let scope = if follower.is_none() {
        let part_of = |topic: &str, id, asked: &_| Part::find(context, topic, id, asked);
        sessions.enter(context.now, request, context.version, part_of)
    } else if matches!(request.session_epoch, SESSIONLESS | NEW_SESSION) {
        // Every fetch of a follower tells how far it is with each partition.
        Ok(Scope::Alone)
    } else {
        Err(ErrorCode::FetchSessionIdNotFound)
    };
    let scope = match scope {
        Ok(scope) => scope,
        Err(code) => {
            return Fetched::Done(FetchResponse {
                error_code: code.code(),
                ..FetchResponse::default()
            });
        }
    };
    let mut fetch = DelayedFetch::new(context, request, scope);
    if let Scope::Continues(id) = scope {
        let again = |part: &Part| Part::find(context, &part.topic, part.topic_id, &part.asked);
        let pending = sessions.pending(id, again);
        (fetch.places, fetch.parts) = pending.into_iter().unzip();
    }
    if let Some(broker) = fetch.replica {
        fetch.note_follower(context, broker, request.replica_state.replica_epoch);
    }
    let mut answer = fetch.read(context.replicas, context.image);
    let nothing_asked = fetch.parts.is_empty() && fetch.session().is_none();
    let urgent = request.max_wait_ms <= 0 || nothing_asked;
    if urgent || fetch.count(context.replicas) || readable_bytes(&answer) >= fetch.min_bytes {
        fetch.conclude(context.now, sessions, &mut answer);
        return Fetched::Done(answer);
    }
    if let Some(id) = fetch.session() {
        sessions.wait(id, waiter);
    }
    let deadline = context.now.plus_millis(i64::from(request.max_wait_ms));
    Fetched::Wait(fetch, deadline)
}

/// Who fetches, if it is a follower.
fn follower(context: &Context<'_>, request: &FetchRequest) -> Option<BrokerId> {
    let id = if context.version >= 15 {
        request.replica_state.replica_id
    } else {
        request.replica_id
    };
    (id >= 0).then_some(id)
}

impl Part {
    /// The partition that a client names by topic, topic id and number.
    fn find(context: &Context<'_>, topic: &str, topic_id: Uuid, asked: &FetchPartition) -> Part {
        let name = context.topic_name(topic, topic_id, IDS_FROM);
        let target = name.and_then(|name| {
            let partition = TopicPartition::new(name, asked.partition);
            context.require(&partition).map(|()| partition)
        });
        Part {
            topic: topic.to_owned(),
            topic_id,
            target,
            asked: asked.clone(),
        }
    }

    /// How the client names it.
    pub(crate) fn key(&self) -> (Uuid, String, i32) {
        (self.topic_id, self.topic.clone(), self.asked.partition)
    }
}

impl DelayedFetch {
    /// The partitions it reads.
    pub fn partitions(&self) -> Vec<TopicPartition> {
        let targets = self.parts.iter().map(|part| &part.target);
        targets.filter_map(|target| target.clone().ok()).collect()
    }

    /// Looks at one partition again. True if the fetch need not wait any longer.
    pub fn check(&mut self, partition: &TopicPartition, replicas: &Replicas) -> bool {
        let found = self
            .parts
            .iter()
            .position(|part| part.target.as_ref() == Ok(partition));
        found.is_some_and(|place| self.recount(place, replicas)) || self.total >= self.min_bytes
    }

    /// The answer as things stand.
    pub fn read(&self, replicas: &Replicas, image: &MetadataImage) -> FetchResponse {
        let mut response = FetchResponse::default();
        let mut room = self.max_bytes;
        let mut first = true;
        for part in &self.parts {
            let outcome = self.look(part, replicas);
            let data = match outcome {
                Ok(readable) => self.fill(part, &readable, room, first),
                Err(code) => {
                    let mut data = refused(part.asked.partition, code);
                    if let Ok(partition) = &part.target {
                        self.add_hint(image, partition, &mut data, &mut response.node_endpoints);
                    }
                    data
                }
            };
            let size = data.records.as_ref().map_or(0, |records| records.len());
            room = room.saturating_sub(size);
            first &= size == 0;
            match response.responses.last_mut() {
                Some(topic) if topic.topic == part.topic && topic.topic_id == part.topic_id => {
                    topic.partitions.push(data);
                }
                _ => response.responses.push(FetchableTopicResponse {
                    topic: part.topic.clone(),
                    topic_id: part.topic_id,
                    partitions: vec![data],
                }),
            }
        }
        response
    }

    /// Looks at one more partition of its session from now on.
    pub(crate) fn add(&mut self, place: u64, part: Part) {
        self.places.push(place);
        self.parts.push(part);
    }

    /// Brings an answer in line with the session that the fetch belongs to.
    pub fn conclude(
        &self,
        now: SimTime,
        sessions: &mut FetchSessions,
        response: &mut FetchResponse,
    ) {
        match self.scope {
            Scope::Alone => {}
            Scope::Opens => sessions.open(now, self.version, &self.parts, response),
            Scope::Continues(id) => sessions.settle(id, &self.places, response),
        }
    }

    fn session(&self) -> Option<i32> {
        match self.scope {
            Scope::Continues(id) => Some(id),
            Scope::Alone | Scope::Opens => None,
        }
    }

    fn new(context: &Context<'_>, request: &FetchRequest, scope: Scope) -> DelayedFetch {
        let replica = follower(context, request);
        let mut parts = Vec::new();
        if !matches!(scope, Scope::Continues(_)) {
            for topic in &request.topics {
                for asked in &topic.partitions {
                    parts.push(Part::find(context, &topic.topic, topic.topic_id, asked));
                }
            }
        }
        DelayedFetch {
            version: context.version,
            replica,
            min_bytes: u64::try_from(request.min_bytes).unwrap_or(0),
            max_bytes: byte_limit(request.max_bytes, replica.is_some(), context.config),
            read_committed: request.isolation_level == READ_COMMITTED,
            scope,
            parts,
            places: Vec::new(),
            available: SortedMap::new(),
            total: 0,
        }
    }

    /// Where a follower fetches is how far its log goes.
    #[inline(never)]
    fn note_follower(&mut self, context: &mut Context<'_>, broker: BrokerId, broker_epoch: i64) {
        for place in 0..self.parts.len() {
            let Some(part) = self.parts.get(place) else {
                return;
            };
            // A fetch that cannot be served says nothing about the follower's log.
            let Ok(readable) = self.look(part, context.replicas) else {
                continue;
            };
            if readable.diverging.is_some() {
                continue;
            }
            let note = FetchNote {
                broker,
                broker_epoch,
                offset: part.asked.fetch_offset,
                log_start_offset: part.asked.log_start_offset,
            };
            let Ok(partition) = part.target.clone() else {
                continue;
            };
            if let Err(code) = context.replicas.note_fetch(&partition, context.now, note)
                && let Some(part) = self.parts.get_mut(place)
            {
                part.target = Err(code);
            }
        }
    }

    /// Counts what all partitions could give. True if one of them must be answered at once.
    fn count(&mut self, replicas: &Replicas) -> bool {
        let mut urgent = false;
        for place in 0..self.parts.len() {
            urgent |= self.recount(place, replicas);
        }
        urgent || self.total >= self.min_bytes
    }

    /// Counts what one partition could give. True if it must be answered at once: it cannot be read
    /// here, the logs part, or the follower does not know the high watermark yet.
    fn recount(&mut self, place: usize, replicas: &Replicas) -> bool {
        let Some(part) = self.parts.get(place) else {
            return true;
        };
        let (Ok(readable), Ok(partition)) = (self.look(part, replicas), &part.target) else {
            return true;
        };
        let known = part.asked.high_watermark;
        let news = self.replica.is_some() && known < readable.log.high_watermark();
        if readable.diverging.is_some() || news {
            return true;
        }
        let limit = u64::try_from(part.asked.partition_max_bytes).unwrap_or(0);
        let bytes = readable
            .log
            .bytes_between(part.asked.fetch_offset, readable.below);
        let bytes = bytes.min(limit);
        let before = self.available.insert(partition.clone(), bytes);
        self.total = self
            .total
            .saturating_sub(before.unwrap_or(0))
            .saturating_add(bytes);
        false
    }

    /// What a partition holds for this fetch, or why it cannot be read.
    fn look<'a>(&self, part: &Part, replicas: &'a Replicas) -> Result<Readable<'a>, ErrorCode> {
        let partition = part.target.as_ref().map_err(|code| *code)?;
        let epoch = part.asked.current_leader_epoch;
        let kept = replicas.hosted(partition);
        if self.version >= IDS_FROM && kept.is_some_and(|kept| kept.topic_id != part.topic_id) {
            return Err(ErrorCode::InconsistentTopicId);
        }
        let any_replica = self.replica.is_none() && self.version >= FOLLOWERS_SERVE_FROM;
        let log = if any_replica {
            kept.ok_or(ErrorCode::NotLeaderOrFollower)?
                .check_epoch(epoch)?;
            let log = replicas.log(partition);
            log.ok_or(ErrorCode::KafkaStorageError)?
        } else {
            replicas.led(partition, epoch)?.log
        };
        // Kafka goes by the topic's setting alone: batches that came in zstd are sent as they are.
        let codec = log.config().compression.map(|stored| stored.codec);
        if self.version < ZSTD_FROM && codec == Some(Codec::Zstd) {
            return Err(ErrorCode::UnsupportedCompressionType);
        }
        let offset = part.asked.fetch_offset;
        let mut readable = Readable {
            log,
            below: if self.replica.is_some() {
                log.log_end_offset()
            } else if self.read_committed {
                log.last_stable_offset()
            } else {
                log.high_watermark()
            },
            diverging: None,
        };
        let last_epoch = part.asked.last_fetched_epoch;
        if last_epoch >= 0 {
            let ends = log.leader_epochs();
            let end = ends.end_offset_for(last_epoch, log.log_end_offset());
            let (epoch, end) = end.ok_or(ErrorCode::OffsetOutOfRange)?;
            if epoch < last_epoch || end < offset {
                readable.diverging = Some((epoch, end));
                return Ok(readable);
            }
        }
        if offset < log.log_start_offset() || offset > log.log_end_offset() {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        Ok(readable)
    }

    fn fill(
        &self,
        part: &Part,
        readable: &Readable<'_>,
        room: usize,
        first: bool,
    ) -> PartitionData {
        let log = readable.log;
        let mut data = PartitionData {
            partition_index: part.asked.partition,
            high_watermark: log.high_watermark(),
            last_stable_offset: log.last_stable_offset(),
            log_start_offset: log.log_start_offset(),
            aborted_transactions: self.reads_committed().then(Vec::new),
            records: Some(bytes::Bytes::new()),
            ..PartitionData::default()
        };
        if let Some((epoch, end_offset)) = readable.diverging {
            data.diverging_epoch = EpochEndOffset { epoch, end_offset };
            return data;
        }
        let partition_room = usize::try_from(part.asked.partition_max_bytes).unwrap_or(0);
        let limit = ReadLimit {
            below: readable.below,
            max_bytes: partition_room.min(room),
            at_least_one: first,
        };
        let records = log.read(part.asked.fetch_offset, limit);
        if self.reads_committed() && !records.is_empty() {
            let aborted = aborted(log, part.asked.fetch_offset, &records);
            data.aborted_transactions = Some(aborted);
        }
        data.records = Some(records);
        data
    }

    fn reads_committed(&self) -> bool {
        self.read_committed && self.replica.is_none()
    }

    #[inline(never)]
    fn add_hint(
        &self,
        image: &MetadataImage,
        partition: &TopicPartition,
        data: &mut PartitionData,
        endpoints: &mut Vec<NodeEndpoint>,
    ) {
        let code = ErrorCode::from_code(data.error_code);
        let elsewhere = matches!(
            code,
            ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch
        );
        if self.version < HINTS_FROM || !elsewhere {
            return;
        }
        let Some(hint) = leader_hint(image, partition) else {
            return;
        };
        data.current_leader = LeaderIdAndEpoch {
            leader_id: hint.id,
            leader_epoch: hint.epoch,
        };
        let known = endpoints.iter().any(|known| known.node_id == hint.id);
        if let (Some(endpoint), false) = (hint.endpoint, known) {
            endpoints.push(NodeEndpoint {
                node_id: hint.id,
                host: endpoint.host,
                port: i32::from(endpoint.port),
                rack: None,
            });
        }
    }
}

/// The aborted transactions that `records`, read from `offset` on, may be part of.
fn aborted(log: &PartitionLog, offset: i64, records: &bytes::Bytes) -> Vec<AbortedTransaction> {
    let last = Batches::new(records).map_while(Result::ok).last();
    let below = last.map_or(offset, |batch| batch.header.next_offset());
    let found = log.aborted_between(offset, below).into_iter();
    let found = found.map(|(producer_id, first_offset)| AbortedTransaction {
        producer_id,
        first_offset,
    });
    found.collect()
}

fn readable_bytes(response: &FetchResponse) -> u64 {
    let partitions = response
        .responses
        .iter()
        .flat_map(|topic| &topic.partitions);
    let sizes = partitions.filter_map(|data| data.records.as_ref());
    sizes.map(|records| records.len() as u64).sum()
}

/// A consumer gets at most what the broker allows; followers must be able to catch up.
fn byte_limit(asked: i32, follower: bool, config: &BrokerConfig) -> usize {
    let limit = if follower {
        asked
    } else {
        asked.min(config.fetch_max_bytes)
    };
    usize::try_from(limit).unwrap_or(0)
}

fn refused(partition_index: i32, code: ErrorCode) -> PartitionData {
    PartitionData {
        partition_index,
        error_code: code.code(),
        high_watermark: -1,
        records: Some(bytes::Bytes::new()),
        ..PartitionData::default()
    }
}
