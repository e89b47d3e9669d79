//! Fetch sessions (KIP-227): the broker remembers what a consumer fetches, so that a request names
//! only what changed, and an answer only what is new.
//!
//! A session also knows which of its partitions may have something to say: those where something
//! happened, or where more is left to read. A fetch looks at these alone, however many the session has.

use protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use protocol::{ErrorCode, Uuid};
use records::sorted::{SortedMap, SortedSet};
use serde::Serialize;

use crate::api::fetch::{IDS_FROM, Part};
use crate::broker::parked::Waiter;
use crate::ids::TopicPartition;
use crate::rng::Rng;
use crate::time::SimTime;

/// `max.incremental.fetch.session.cache.slots`.
const MOST_SESSIONS: usize = 1_000;
/// Partitions that all sessions may hold together, so that memory stays bounded.
const MOST_PARTITIONS: usize = 100_000;
/// `min.incremental.fetch.session.eviction.ms`: a session not used for so long gives way.
const EVICTION_MS: i64 = 120_000;
/// The epoch of a fetch outside any session, which also ends the one it names.
const FINAL_EPOCH: i32 = -1;
/// The epoch of a fetch that begins a session.
const INITIAL_EPOCH: i32 = 0;

/// How a request stands to sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Scope {
    /// It belongs to none.
    Alone,
    /// It begins one.
    Opens,
    /// It goes on with this one.
    Continues(i32),
}

/// All sessions of a broker.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FetchSessions {
    rng: Rng,
    sessions: SortedMap<i32, Session>,
    by_use: SortedSet<(SimTime, i32)>,
    partitions: usize,
    /// The sessions, and their places, that read a partition.
    watchers: SortedMap<TopicPartition, SortedSet<(i32, u64)>>,
}

/// What one client fetches. Places are in the order in which answers are filled: a partition that
/// gave records goes to the end, so that the others get their turn.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Session {
    next_epoch: i32,
    has_ids: bool,
    created: SimTime,
    used: SimTime,
    next_place: u64,
    parts: SortedMap<u64, Remembered>,
    places: SortedMap<Key, u64>,
    pending: SortedSet<u64>,
    waiting: Option<Waiter>,
}

/// A partition, and what the client was last told of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Remembered {
    part: Part,
    high_watermark: i64,
    log_start_offset: i64,
}

/// A partition as the client names it.
type Key = (Uuid, String, i32);

impl FetchSessions {
    /// No sessions yet.
    pub fn new(rng: Rng) -> FetchSessions {
        FetchSessions {
            rng,
            sessions: SortedMap::new(),
            by_use: SortedSet::new(),
            partitions: 0,
            watchers: SortedMap::new(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Finds a request's session and notes what the request changes in it. `part_of` finds the
    /// partition that a client names by topic, topic id and number.
    pub(crate) fn enter(
        &mut self,
        now: SimTime,
        request: &FetchRequest,
        version: i16,
        part_of: impl Fn(&str, Uuid, &FetchPartition) -> Part,
    ) -> Result<Scope, ErrorCode> {
        let id = request.session_id;
        if matches!(request.session_epoch, FINAL_EPOCH | INITIAL_EPOCH) {
            self.remove(id);
            let opens = request.session_epoch == INITIAL_EPOCH && version >= 7;
            return Ok(if opens { Scope::Opens } else { Scope::Alone });
        }
        let session = self.sessions.get_mut(&id);
        let session = session.ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.next_epoch != request.session_epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.has_ids != (version >= IDS_FROM) {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        session.next_epoch = session.next_epoch.checked_add(1).unwrap_or(1);
        self.by_use.remove(&(session.used, id));
        session.used = now;
        self.by_use.insert((now, id));
        for topic in &request.forgotten_topics_data {
            for partition in &topic.partitions {
                self.forget(id, &(topic.topic_id, topic.topic.clone(), *partition));
            }
        }
        for topic in &request.topics {
            for asked in &topic.partitions {
                self.take(id, part_of(&topic.topic, topic.topic_id, asked));
            }
        }
        if self.partitions > MOST_PARTITIONS {
            self.remove(id);
            return Err(ErrorCode::FetchSessionIdNotFound);
        }
        // A session that has nothing left to fetch is over.
        let is_over = self
            .sessions
            .get(&id)
            .is_none_or(|session| session.parts.is_empty());
        if is_over {
            self.remove(id);
            return Ok(Scope::Alone);
        }
        Ok(Scope::Continues(id))
    }

    /// The partitions of a session that may have something to say, found anew by `part_of`.
    pub(crate) fn pending(&mut self, id: i32, part_of: impl Fn(&Part) -> Part) -> Vec<(u64, Part)> {
        let Some(session) = self.sessions.get_mut(&id) else {
            return Vec::new();
        };
        let mut parts = Vec::with_capacity(session.pending.len());
        for place in session.pending.iter() {
            if let Some(remembered) = session.parts.get_mut(place) {
                let part = part_of(&remembered.part);
                if part.target != remembered.part.target {
                    unwatch(&mut self.watchers, &remembered.part, (id, *place));
                    watch(&mut self.watchers, &part, (id, *place));
                    remembered.part = part.clone();
                }
                parts.push((*place, part));
            }
        }
        parts
    }

    /// Notes which parked request waits for a session's partitions.
    pub fn wait(&mut self, id: i32, waiter: Waiter) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.waiting = Some(waiter);
        }
    }

    /// Something happened to a partition: gives the parked fetches that did not look at it so far.
    pub(crate) fn touch(&mut self, partition: &TopicPartition) -> Vec<(Waiter, u64, Part)> {
        let mut found = Vec::new();
        let Some(watchers) = self.watchers.get(partition) else {
            return found;
        };
        for (id, place) in watchers.iter() {
            let Some(session) = self.sessions.get_mut(id) else {
                continue;
            };
            if session.pending.insert(*place)
                && let Some(waiter) = session.waiting
                && let Some(remembered) = session.parts.get(place)
            {
                found.push((waiter, *place, remembered.part.clone()));
            }
        }
        found
    }

    /// Remembers what a first fetch asked and what it is told. The answer then carries the session's
    /// id, unless there is no room for one more.
    pub(crate) fn open(
        &mut self,
        now: SimTime,
        version: i16,
        parts: &[Part],
        response: &mut FetchResponse,
    ) {
        if parts.is_empty() || !self.make_room(now, parts.len()) {
            return;
        }
        let Some(id) = self.fresh_id() else {
            return;
        };
        let session = Session {
            next_epoch: 1,
            has_ids: version >= IDS_FROM,
            created: now,
            used: now,
            next_place: 0,
            parts: SortedMap::new(),
            places: SortedMap::new(),
            pending: SortedSet::new(),
            waiting: None,
        };
        self.sessions.insert(id, session);
        self.by_use.insert((now, id));
        let told = response.responses.iter();
        let told = told.flat_map(|topic| &topic.partitions);
        for (part, data) in parts.iter().zip(told) {
            let place = self.take(id, part.clone());
            if let Some(session) = self.sessions.get_mut(&id) {
                session.tell(place, data);
            }
        }
        response.session_id = id;
    }

    /// Leaves out of an answer what the client knows already, and remembers the rest as told.
    pub fn settle(&mut self, id: i32, places: &[u64], response: &mut FetchResponse) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.waiting = None;
        response.session_id = id;
        let mut places = places.iter();
        let mut moved = Vec::new();
        let mut told: Vec<FetchableTopicResponse> = Vec::new();
        for topic in std::mem::take(&mut response.responses) {
            let mut partitions = topic.partitions;
            partitions.retain(|data| {
                let Some(place) = places.next() else {
                    return false;
                };
                if data
                    .records
                    .as_ref()
                    .is_some_and(|records| !records.is_empty())
                {
                    moved.push(*place);
                }
                session.tell(*place, data)
            });
            if !partitions.is_empty() {
                told.push(FetchableTopicResponse {
                    topic: topic.topic,
                    topic_id: topic.topic_id,
                    partitions,
                });
            }
        }
        response.responses = told;
        for place in moved {
            self.move_to_end(id, place);
        }
    }

    /// Notes what a request says of one partition; gives its place.
    fn take(&mut self, id: i32, part: Part) -> u64 {
        let Some(session) = self.sessions.get_mut(&id) else {
            return 0;
        };
        let key = part.key();
        let known = session.places.get(&key).copied();
        let place = known.unwrap_or(session.next_place);
        if known.is_none() {
            session.next_place = session.next_place.saturating_add(1);
            session.places.insert(key, place);
        }
        session.pending.insert(place);
        watch(&mut self.watchers, &part, (id, place));
        match session.parts.get_mut(&place) {
            Some(remembered) => {
                if remembered.part.target != part.target {
                    unwatch(&mut self.watchers, &remembered.part, (id, place));
                }
                remembered.part = part;
            }
            None => {
                let remembered = Remembered {
                    part,
                    high_watermark: -1,
                    log_start_offset: -1,
                };
                session.parts.insert(place, remembered);
                self.partitions = self.partitions.saturating_add(1);
            }
        }
        place
    }

    fn forget(&mut self, id: i32, key: &Key) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let Some(place) = session.places.remove(key) else {
            return;
        };
        session.pending.remove(&place);
        if let Some(remembered) = session.parts.remove(&place) {
            unwatch(&mut self.watchers, &remembered.part, (id, place));
            self.partitions = self.partitions.saturating_sub(1);
        }
    }

    fn move_to_end(&mut self, id: i32, place: u64) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        // The last is at the end already, and most sessions of a busy reader have but one.
        if session.parts.keys().next_back() == Some(&place) {
            return;
        }
        let Some(remembered) = session.parts.remove(&place) else {
            return;
        };
        let end = session.next_place;
        session.next_place = end.saturating_add(1);
        if session.pending.remove(&place) {
            session.pending.insert(end);
        }
        session.places.insert(remembered.part.key(), end);
        unwatch(&mut self.watchers, &remembered.part, (id, place));
        watch(&mut self.watchers, &remembered.part, (id, end));
        session.parts.insert(end, remembered);
    }

    fn remove(&mut self, id: i32) {
        let Some(session) = self.sessions.remove(&id) else {
            return;
        };
        self.by_use.remove(&(session.used, id));
        self.partitions = self.partitions.saturating_sub(session.parts.len());
        for (place, remembered) in &session.parts {
            unwatch(&mut self.watchers, &remembered.part, (id, *place));
        }
    }

    /// Room for a session of so many partitions: the one least recently used gives way if it is stale,
    /// else one that is not new and has fewer partitions to save.
    fn make_room(&mut self, now: SimTime, size: usize) -> bool {
        if self.partitions.saturating_add(size) > MOST_PARTITIONS {
            return false;
        }
        if self.sessions.len() < MOST_SESSIONS {
            return true;
        }
        let oldest = self.by_use.first().copied();
        let stale = oldest.filter(|(used, _)| now.millis_since(*used) > EVICTION_MS);
        let victim = stale.map(|(_, id)| id).or_else(|| {
            let settled = self.sessions.iter();
            let settled = settled.filter(|(_, s)| now.millis_since(s.created) > EVICTION_MS);
            let smallest = settled.min_by_key(|(_, session)| session.parts.len());
            let smaller = smallest.filter(|(_, session)| session.parts.len() < size);
            smaller.map(|(id, _)| *id)
        });
        if let Some(id) = victim {
            self.remove(id);
        }
        victim.is_some()
    }

    fn fresh_id(&mut self) -> Option<i32> {
        let id = i32::try_from(self.rng.below(0x7fff_fffe)).ok()?;
        let id = id.saturating_add(1);
        (!self.sessions.contains_key(&id)).then_some(id)
    }
}

impl Session {
    /// Remembers what the client is told of a partition. True if it does not know that already.
    fn tell(&mut self, place: u64, data: &PartitionData) -> bool {
        let Some(remembered) = self.parts.get_mut(&place) else {
            return false;
        };
        let has_records = data
            .records
            .as_ref()
            .is_some_and(|records| !records.is_empty());
        let parts_ways = data.diverging_epoch.epoch >= 0 || data.diverging_epoch.end_offset >= 0;
        let failed = data.error_code != 0;
        let is_news = has_records
            || parts_ways
            || failed
            || data.preferred_read_replica >= 0
            || remembered.high_watermark != data.high_watermark
            || remembered.log_start_offset != data.log_start_offset;
        // After an error the client must hear when things are well again.
        remembered.high_watermark = if failed { -1 } else { data.high_watermark };
        remembered.log_start_offset = data.log_start_offset;
        let next = remembered.part.asked.fetch_offset;
        let readable = data.high_watermark > next;
        if !failed && !parts_ways && !has_records && !readable {
            self.pending.remove(&place);
        }
        is_news
    }
}

fn watch(
    watchers: &mut SortedMap<TopicPartition, SortedSet<(i32, u64)>>,
    part: &Part,
    watcher: (i32, u64),
) {
    if let Ok(partition) = &part.target {
        match watchers.get_mut(partition) {
            Some(watching) => {
                watching.insert(watcher);
            }
            None => {
                watchers.insert(partition.clone(), SortedSet::from([watcher]));
            }
        }
    }
}

fn unwatch(
    watchers: &mut SortedMap<TopicPartition, SortedSet<(i32, u64)>>,
    part: &Part,
    watcher: (i32, u64),
) {
    let Ok(partition) = &part.target else {
        return;
    };
    if let Some(watching) = watchers.get_mut(partition) {
        watching.remove(&watcher);
        if watching.is_empty() {
            watchers.remove(partition);
        }
    }
}
