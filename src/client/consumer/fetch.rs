//! Fetching: one request a leader at a time, for partitions of which nothing is buffered.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData,
};
use protocol::{ErrorCode, Uuid};
use serde::Serialize;

use super::buffer::Fetched;
use super::machine::{Consumer, Flight};
use super::partitions::{Position, reset_timestamp};
use crate::event::{ClientError, ConsumerRecord};
use crate::net::core::{Ask, AskOptions};

/// Topics go by id from here on.
const FIRST_WITH_IDS: i16 = 13;
/// The newest version whose fields this client fills.
const NEWEST: i16 = 17;

/// A partition in a fetch request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Asked {
    pub(super) tp: TopicPartition,
    topic_id: Option<Uuid>,
    offset: i64,
}

impl Consumer {
    /// Asks every leader that has nothing else to answer.
    pub(super) fn fetch(&mut self, now: SimTime) {
        let mut by_leader: SortedMap<i32, Vec<Asked>> = SortedMap::new();
        let mut leaderless = false;
        for tp in &self.partitions.order {
            let Some(offset) = self.fetchable(now, tp) else {
                continue;
            };
            let Some(leader) = self.core.metadata.leader(tp) else {
                leaderless = true;
                continue;
            };
            by_leader.entry(leader).or_default().push(Asked {
                topic_id: self.core.metadata.topic_id(&tp.topic),
                tp: tp.clone(),
                offset,
            });
        }
        if leaderless {
            self.core.metadata.request_update();
        }
        for (node, asked) in by_leader {
            if !self.fetching.contains(&node) && self.core.links.ready(now, node) {
                self.send_fetch(now, node, asked);
            }
        }
    }

    fn fetchable(&self, now: SimTime, tp: &TopicPartition) -> Option<i64> {
        let partition = self.partitions.by_name.get(tp)?;
        let Position::At { offset, .. } = partition.position else {
            return None;
        };
        let buffered = self.buffer.iter().any(|fetched| fetched.tp == *tp);
        (!partition.paused && !buffered && partition.is_free(now)).then_some(offset)
    }

    fn send_fetch(&mut self, now: SimTime, node: i32, asked: Vec<Asked>) {
        let ids_known = asked.iter().all(|asked| asked.topic_id.is_some());
        let mut topics: Vec<FetchTopic> = Vec::new();
        for Asked {
            tp,
            topic_id,
            offset,
        } in &asked
        {
            if topics.last().is_none_or(|last| last.topic != tp.topic) {
                topics.push(FetchTopic {
                    topic: tp.topic.clone(),
                    topic_id: topic_id.unwrap_or(Uuid::ZERO),
                    partitions: Vec::new(),
                });
            }
            let epoch = self
                .core
                .metadata
                .partition(tp)
                .map_or(-1, |info| info.epoch);
            if let Some(topic) = topics.last_mut() {
                topic.partitions.push(FetchPartition {
                    partition: tp.partition,
                    current_leader_epoch: epoch,
                    fetch_offset: *offset,
                    partition_max_bytes: self.config.max_partition_fetch_bytes,
                    ..FetchPartition::default()
                });
            }
            if let Some(partition) = self.partitions.get_mut(tp) {
                partition.busy = true;
            }
        }
        let request = FetchRequest {
            max_wait_ms: self.config.fetch_max_wait_ms,
            min_bytes: self.config.fetch_min_bytes,
            max_bytes: self.config.fetch_max_bytes,
            isolation_level: i8::from(self.config.read_committed),
            topics,
            ..FetchRequest::default()
        }
        .into();
        self.fetching.insert(node);
        let options = AskOptions {
            at_most: Some(if ids_known {
                NEWEST
            } else {
                FIRST_WITH_IDS - 1
            }),
            ..AskOptions::default()
        };
        let tag = Flight::Fetch(asked);
        self.core
            .send(now, Ask::new(node, request, tag).with(options));
    }

    /// Takes an answer to a fetch.
    pub(super) fn on_fetched(
        &mut self,
        now: SimTime,
        node: i32,
        asked: &[Asked],
        body: &FetchResponse,
    ) {
        self.fetching.remove(&node);
        let whole = ErrorCode::from_code(body.error_code);
        for asked in asked {
            let Some(partition) = self.partitions.get_mut(&asked.tp) else {
                continue;
            };
            partition.busy = false;
            if self.partitions.position(&asked.tp) != Some(asked.offset) {
                continue;
            }
            match row(body, asked).filter(|_| !whole.is_error()) {
                Some(row) if row.error_code == 0 => self.on_records(asked, row),
                Some(row) => {
                    let leader = &row.current_leader;
                    let (id, epoch) = (leader.leader_id, leader.leader_epoch);
                    self.core.metadata.learn_leader(&asked.tp, id, epoch);
                    self.on_fetch_error(now, asked, ErrorCode::from_code(row.error_code));
                }
                None => self.put_off(now, &asked.tp),
            }
        }
    }

    /// A fetch will not be answered.
    pub(super) fn on_fetch_failed(&mut self, now: SimTime, node: i32, asked: &[Asked]) {
        self.fetching.remove(&node);
        for asked in asked {
            if let Some(partition) = self.partitions.get_mut(&asked.tp) {
                partition.busy = false;
                self.put_off(now, &asked.tp);
            }
        }
    }

    fn on_records(&mut self, asked: &Asked, row: &PartitionData) {
        let bytes = row.records.clone().unwrap_or_default();
        if bytes.is_empty() {
            return;
        }
        let aborted = row.aborted_transactions.as_deref().unwrap_or_default();
        let aborted = aborted.iter().map(|a| (a.producer_id, a.first_offset));
        let fetched = Fetched::new(asked.tp.clone(), asked.offset, bytes, aborted);
        self.buffer.push_back(fetched);
    }

    #[inline(never)]
    fn on_fetch_error(&mut self, now: SimTime, asked: &Asked, error: ErrorCode) {
        match error {
            ErrorCode::OffsetOutOfRange => self.on_out_of_range(now, asked),
            ErrorCode::CorruptMessage => {
                self.put_off(now, &asked.tp);
                self.fail(ClientError::local(
                    "org.apache.kafka.common.KafkaException",
                    format!("Encountered corrupt message when fetching offset {} for topic-partition {}", asked.offset, asked.tp),
                ));
            }
            ErrorCode::TopicAuthorizationFailed => {
                self.put_off(now, &asked.tp);
                self.fail(ClientError::of(error.code(), None));
            }
            _ => {
                self.put_off(now, &asked.tp);
                self.core.metadata.request_update();
            }
        }
    }

    #[inline(never)]
    fn on_out_of_range(&mut self, now: SimTime, asked: &Asked) {
        let text = self.out_of_range_text(asked);
        match reset_timestamp(self.config.auto_offset_reset) {
            Some(timestamp) => {
                if let Some(partition) = self.partitions.get_mut(&asked.tp) {
                    partition.position = Position::LookUp(timestamp);
                }
            }
            None => {
                self.put_off(now, &asked.tp);
                let code = ErrorCode::OffsetOutOfRange.code();
                self.fail(ClientError {
                    exception: "org.apache.kafka.clients.consumer.OffsetOutOfRangeException".into(),
                    message: text,
                    code,
                });
            }
        }
    }

    #[inline(never)]
    fn out_of_range_text(&self, asked: &Asked) -> String {
        let epoch = self
            .partitions
            .by_name
            .get(&asked.tp)
            .and_then(|p| match p.position {
                Position::At { epoch, .. } => epoch,
                Position::Unknown | Position::LookUp(_) => None,
            });
        let epoch = epoch.map_or("Optional.empty".to_owned(), |e| format!("Optional[{e}]"));
        let info = self.core.metadata.partition(&asked.tp);
        let leader = info.and_then(|info| {
            let id = info.leader?;
            let address = self.core.metadata.brokers.get(&id)?.to_string();
            Some(format!(
                "Optional[{address} (id: {id} rack: null isFenced: false)]"
            ))
        });
        format!(
            "Fetch position FetchPosition{{offset={}, offsetEpoch={epoch}, currentLeader=LeaderAndEpoch{{leader={}, epoch={}}}}} is out of range for partition {}",
            asked.offset,
            leader.as_deref().unwrap_or("Optional.empty"),
            info.map_or(-1, |info| info.epoch),
            asked.tp
        )
    }

    /// Hands over buffered records, up to `most`, and moves positions on.
    pub(super) fn hand_over(&mut self, most: usize) -> Vec<ConsumerRecord> {
        let mut out = Vec::new();
        let mut kept = std::collections::VecDeque::new();
        while let Some(mut fetched) = self.buffer.pop_front() {
            if self.partitions.position(&fetched.tp) != Some(fetched.offset) {
                continue;
            }
            let paused = self
                .partitions
                .by_name
                .get(&fetched.tp)
                .is_some_and(|p| p.paused);
            if paused || out.len() >= most {
                kept.push_back(fetched);
                continue;
            }
            let before = out.len();
            let taken = fetched.take(most.saturating_sub(before), &mut out);
            if let Some(partition) = self.partitions.get_mut(&fetched.tp) {
                let (offset, epoch) = (fetched.offset, fetched.epoch);
                partition.position = Position::At { offset, epoch };
            }
            if out.len() > before {
                self.partitions.move_to_end(&fetched.tp);
            }
            match taken {
                Ok(true) => {}
                Ok(false) => kept.push_back(fetched),
                Err(error) => {
                    let text = format!(
                        "Record batch for partition {} at offset {} is invalid, cause: {error}",
                        fetched.tp, fetched.offset
                    );
                    self.put_off(self.now, &fetched.tp.clone());
                    self.fail(ClientError::local(
                        "org.apache.kafka.common.KafkaException",
                        text,
                    ));
                }
            }
        }
        self.buffer = kept;
        out
    }
}

fn row<'a>(body: &'a FetchResponse, asked: &Asked) -> Option<&'a PartitionData> {
    let of_topic = body.responses.iter().filter(|topic| {
        topic.topic == asked.tp.topic
            || (topic.topic.is_empty() && Some(topic.topic_id) == asked.topic_id)
    });
    of_topic
        .flat_map(|topic| &topic.partitions)
        .find(|row| row.partition_index == asked.tp.partition)
}
