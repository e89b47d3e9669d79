//! Batches to requests, and responses to acknowledgements, retries and failures.

use records::Codec;
use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use protocol::{Request, Uuid};
use serde::Serialize;

use super::machine::Producer;
use super::verdict::Verdict;
use crate::net::core::{Ask, AskOptions};

/// Topics go by id from here on.
const FIRST_WITH_IDS: i16 = 13;

/// What a request of a producer was for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) enum Flight {
    Identity,
    Produce(Vec<Sent>),
}

/// A batch in a produce request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Sent {
    pub(super) tp: TopicPartition,
    pub(super) topic_id: Option<Uuid>,
    pub(super) number: u64,
}

impl Producer {
    /// Sends all that is ready, to every leader that can take it.
    pub(super) fn send_ready(&mut self, now: SimTime) {
        if self.config.enable_idempotence && self.identity.is_none() {
            return;
        }
        for node in self.ready_nodes(now) {
            while self.core.links.ready(now, node)
                && self.core.links.in_flight(node) < self.config.max_in_flight.max(1)
            {
                let sent = self.take_for(now, node);
                if sent.is_empty() {
                    break;
                }
                self.send_batches(now, node, sent);
                if !self.ready_nodes(now).contains(&node) {
                    break;
                }
            }
        }
    }

    /// The leaders of partitions with a batch that need not wait any longer.
    fn ready_nodes(&mut self, now: SimTime) -> Vec<i32> {
        let hurry = self.is_in_a_hurry();
        let mut nodes = Vec::new();
        let mut leaderless = false;
        for (tp, queue) in &self.accumulator.queues {
            let Some(first) = queue.waiting.front() else {
                continue;
            };
            let full = queue.waiting.len() > 1 || first.is_full();
            let lingered = first.created.plus_millis(self.config.linger_ms) <= now;
            if !(hurry || full || lingered) || !queue.may_send(now, self.identity) {
                continue;
            }
            match self.core.metadata.leader(tp) {
                Some(leader) if !nodes.contains(&leader) => nodes.push(leader),
                Some(_) => {}
                None => leaderless = true,
            }
        }
        if leaderless {
            self.core.metadata.request_update();
        }
        nodes
    }

    /// One batch of each partition that the node leads, up to the size of a request.
    fn take_for(&mut self, now: SimTime, node: i32) -> Vec<(Sent, bytes::Bytes)> {
        let mut size = 0;
        let mut taken = Vec::new();
        let led: Vec<TopicPartition> = self
            .accumulator
            .queues
            .iter()
            .filter(|(tp, queue)| {
                queue.may_send(now, self.identity) && self.core.metadata.leader(tp) == Some(node)
            })
            .map(|(tp, _)| tp.clone())
            .collect();
        // Another partition comes first each time, so that none starves behind large ones.
        let start = usize::try_from(self.turn).unwrap_or(0) % led.len().max(1);
        self.turn = self.turn.wrapping_add(1);
        for tp in led.iter().cycle().skip(start).take(led.len()) {
            let next = self
                .accumulator
                .queues
                .get(tp)
                .and_then(|q| q.waiting.front());
            let more = next.map_or(0, |batch| batch.size());
            if size > 0 && size + more > self.config.max_request_size {
                break;
            }
            size += more;
            if let Some((number, builder)) = self.accumulator.take_next(tp, self.identity) {
                let sent = Sent {
                    topic_id: self.core.metadata.topic_id(&tp.topic),
                    tp: tp.clone(),
                    number,
                };
                let plain = builder.size();
                let bytes = builder.build();
                if self.config.compression.codec != Codec::None {
                    self.accumulator.learn(&tp.topic, plain, bytes.len());
                }
                taken.push((sent, bytes));
            }
        }
        taken
    }

    fn send_batches(&mut self, now: SimTime, node: i32, batches: Vec<(Sent, bytes::Bytes)>) {
        let ids_known = batches.iter().all(|(sent, _)| sent.topic_id.is_some());
        let mut topics: SortedMap<&str, TopicProduceData> = SortedMap::new();
        for (sent, bytes) in &batches {
            let topic = topics
                .entry(&sent.tp.topic)
                .or_insert_with(|| TopicProduceData {
                    name: sent.tp.topic.clone(),
                    topic_id: sent.topic_id.unwrap_or(Uuid::ZERO),
                    partition_data: Vec::new(),
                });
            topic.partition_data.push(PartitionProduceData {
                index: sent.tp.partition,
                records: Some(bytes.clone()),
            });
        }
        let request: Request = ProduceRequest {
            transactional_id: None,
            acks: self.config.acks,
            timeout_ms: i32::try_from(self.config.request_timeout_ms).unwrap_or(i32::MAX),
            topic_data: topics.into_values().collect(),
        }
        .into();
        let sent: Vec<Sent> = batches.into_iter().map(|(sent, _)| sent).collect();
        let unanswered = self.config.acks == 0;
        let options = AskOptions {
            at_most: (!ids_known).then_some(FIRST_WITH_IDS - 1),
            unanswered,
            ..AskOptions::default()
        };
        let tag = Flight::Produce(sent.clone());
        self.core
            .send(now, Ask::new(node, request, tag).with(options));
        if unanswered {
            for sent in sent {
                self.judge(now, &sent, Verdict::acked(-1));
            }
        }
    }
}
