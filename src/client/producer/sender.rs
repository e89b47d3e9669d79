//! Batches to requests, and responses to acknowledgements, retries and failures.

use std::collections::BTreeMap;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, ProduceResponse,
    TopicProduceData,
};
use protocol::{ErrorCode, Request, Uuid};
use serde::Serialize;

use super::ProducerEvent;
use super::accumulator::Batch;
use super::machine::Producer;
use crate::event::{ClientError, LogLevel, LogLine};
use crate::net::backoff::Backoff;
use crate::net::core::{Ask, AskOptions};
use crate::net::links::SendError;

const SENDER: &str = "org.apache.kafka.clients.producer.internals.Sender";
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
    tp: TopicPartition,
    topic_id: Option<Uuid>,
    number: u64,
}

/// What came of one batch.
struct Verdict {
    error: ErrorCode,
    message: Option<String>,
    base_offset: i64,
    correlation: i32,
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
            let more = next.map_or(0, |batch| batch.builder.size());
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
                taken.push((sent, builder.build()));
            }
        }
        taken
    }

    fn send_batches(&mut self, now: SimTime, node: i32, batches: Vec<(Sent, bytes::Bytes)>) {
        let ids_known = batches.iter().all(|(sent, _)| sent.topic_id.is_some());
        let mut topics: BTreeMap<&str, TopicProduceData> = BTreeMap::new();
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
        self.core.send(
            now,
            Ask {
                node,
                request,
                tag,
                options,
            },
        );
        if unanswered {
            for sent in sent {
                self.judge(now, &sent, Verdict::acked(-1));
            }
        }
    }

    /// Takes the answer to a produce request.
    pub(super) fn on_produced(
        &mut self,
        now: SimTime,
        sent: &[Sent],
        correlation: i32,
        response: &ProduceResponse,
    ) {
        for sent in sent {
            let verdict = match row(response, sent) {
                Some(row) => {
                    let leader = &row.current_leader;
                    self.core.metadata.learn_leader(
                        &sent.tp,
                        leader.leader_id,
                        leader.leader_epoch,
                    );
                    Verdict {
                        error: ErrorCode::from_code(row.error_code),
                        message: row.error_message.clone(),
                        base_offset: row.base_offset,
                        correlation,
                    }
                }
                None => Verdict {
                    error: ErrorCode::UnknownServerError,
                    message: Some("The broker's answer leaves the partition out.".to_owned()),
                    base_offset: -1,
                    correlation,
                },
            };
            self.judge(now, sent, verdict);
        }
    }

    /// The answer to a produce request will not come.
    pub(super) fn on_produce_failed(
        &mut self,
        now: SimTime,
        (node, correlation): (i32, i32),
        sent: &[Sent],
        why: SendError,
    ) {
        let node = node.to_string();
        let (error, message) = match why {
            SendError::UnsupportedVersion => (ErrorCode::UnsupportedVersion, None),
            SendError::Disconnected => {
                let text = ["Disconnected from node ", &node].concat();
                (ErrorCode::NetworkException, Some(text))
            }
            SendError::TimedOut => {
                let text = ["Disconnected from node ", &node, " due to timeout"].concat();
                (ErrorCode::NetworkException, Some(text))
            }
        };
        for sent in sent {
            let verdict = Verdict {
                error,
                message: message.clone(),
                base_offset: -1,
                correlation,
            };
            self.judge(now, sent, verdict);
        }
    }

    fn judge(&mut self, now: SimTime, sent: &Sent, verdict: Verdict) {
        let Some(batch) = self.accumulator.take_back(&sent.tp, sent.number) else {
            return;
        };
        match verdict.error {
            ErrorCode::None | ErrorCode::DuplicateSequenceNumber => {
                self.acked(&sent.tp, &batch, verdict.base_offset);
            }
            ErrorCode::MessageTooLarge if batch.ids.len() > 1 => self.split(&sent.tp, batch),
            _ if self.may_retry(now, &sent.tp, &batch, &verdict) => {
                self.retry(now, &sent.tp, batch, &verdict);
            }
            error => {
                let error = ClientError::of(error.code(), verdict.message.as_deref());
                self.fail_batch(&sent.tp, &batch, &error);
            }
        }
        if is_about_metadata(verdict.error) {
            self.note_stale_metadata(&sent.tp, &verdict);
            self.core.metadata.request_update();
        }
    }

    fn acked(&mut self, tp: &TopicPartition, batch: &Batch, base_offset: i64) {
        if let Some(queue) = self.accumulator.queues.get_mut(tp) {
            queue.acked(batch);
        }
        self.accumulator.free(batch);
        let partition = tp.partition;
        for (offset, id) in (base_offset..).zip(&batch.ids) {
            let offset = if base_offset < 0 { -1 } else { offset };
            let id = *id;
            self.events.push(ProducerEvent::Acked {
                id,
                partition,
                offset,
            });
        }
    }

    fn may_retry(
        &mut self,
        now: SimTime,
        tp: &TopicPartition,
        batch: &Batch,
        verdict: &Verdict,
    ) -> bool {
        let tries_left = i64::from(batch.attempts) <= i64::from(self.config.retries);
        if !tries_left || self.deadline(batch) <= now {
            return false;
        }
        if verdict.error.is_retriable() {
            return true;
        }
        let lost_track = matches!(
            verdict.error,
            ErrorCode::OutOfOrderSequenceNumber | ErrorCode::UnknownProducerId
        );
        if !lost_track || self.identity.is_none() {
            return false;
        }
        let queue = self.accumulator.queues.get(tp);
        let is_next = queue.is_some_and(|queue| queue.is_next(batch));
        if is_next && !batch.renumbered {
            // The broker misses something that it acknowledged before, or this producer gave up on
            // something that arrived nevertheless: only a new epoch lets both agree again.
            self.bump.push(tp.clone());
        }
        true
    }

    fn retry(&mut self, now: SimTime, tp: &TopicPartition, mut batch: Batch, verdict: &Verdict) {
        let attempts = i32::try_from(batch.attempts).unwrap_or(i32::MAX);
        self.warn(&[
            "Got error produce response with correlation id ",
            &verdict.correlation.to_string(),
            " on topic-partition ",
            &tp.to_string(),
            ", retrying (",
            &self.config.retries.saturating_sub(attempts).to_string(),
            " attempts left). Error: ",
            &verdict.text(),
        ]);
        let backoff = Backoff::retry(self.config.retry_backoff_ms);
        batch.retry_at = now.plus_micros(backoff.micros(batch.attempts, &mut self.core.rng));
        batch.renumbered = false;
        if let Some(queue) = self.accumulator.queues.get_mut(tp) {
            queue.put_back(batch);
        }
    }

    fn split(&mut self, tp: &TopicPartition, batch: Batch) {
        let whole = batch.clone();
        let Some(queue) = self.accumulator.queues.get_mut(tp) else {
            return;
        };
        match batch.split() {
            Some([first, second]) => {
                queue.put_back(second);
                queue.put_back(first);
            }
            None => {
                let error = ClientError::of(ErrorCode::MessageTooLarge.code(), None);
                self.fail_batch(tp, &whole, &error);
            }
        }
    }

    /// Gives a batch up.
    pub(super) fn fail_batch(&mut self, tp: &TopicPartition, batch: &Batch, error: &ClientError) {
        if let Some(queue) = self.accumulator.queues.get_mut(tp) {
            queue.close_gap(batch);
        }
        self.accumulator.free(batch);
        for id in &batch.ids {
            let (id, error) = (*id, error.clone());
            self.events.push(ProducerEvent::Failed { id, error });
        }
    }

    /// Starts a new epoch for partitions where this producer and the broker lost track.
    pub(super) fn bump_epoch(&mut self) {
        let partitions = std::mem::take(&mut self.bump);
        let (false, Some(identity)) = (partitions.is_empty(), self.identity.as_mut()) else {
            return;
        };
        let Some(epoch) = identity.epoch.checked_add(1) else {
            self.identity = None;
            return;
        };
        identity.epoch = epoch;
        let identity = *identity;
        for tp in partitions {
            if let Some(queue) = self.accumulator.queues.get_mut(&tp) {
                queue.restart(identity);
            }
        }
    }

    fn note_stale_metadata(&mut self, tp: &TopicPartition, verdict: &Verdict) {
        let tp = tp.to_string();
        if verdict.error == ErrorCode::UnknownTopicOrPartition {
            self.warn(&[
                "Received unknown topic or partition error in produce request on partition ", &tp,
                ". The topic-partition may not exist or the user may not have Describe access to it",
            ]);
            return;
        }
        let message = verdict
            .message
            .as_deref()
            .unwrap_or(verdict.error.message());
        self.warn(&[
            "Received invalid metadata error in produce request on partition ",
            &tp,
            " due to ",
            &verdict.error.exception(),
            ": ",
            message,
            ". Going to request metadata update now",
        ]);
    }

    fn warn(&mut self, parts: &[&str]) {
        let prefix = &self.core.links.config.log_prefix;
        self.events.push(ProducerEvent::Log(LogLine {
            level: LogLevel::Warn,
            text: [prefix, " ", &parts.concat()].concat(),
            logger: SENDER,
        }));
    }
}

impl Verdict {
    fn acked(base_offset: i64) -> Verdict {
        Verdict {
            error: ErrorCode::None,
            message: None,
            base_offset,
            correlation: -1,
        }
    }

    fn text(&self) -> String {
        let name = self.error.name();
        match self
            .message
            .as_deref()
            .filter(|message| !message.is_empty())
        {
            Some(message) => [name, ". Error Message: ", message].concat(),
            None => name.to_owned(),
        }
    }
}

fn row<'a>(response: &'a ProduceResponse, sent: &Sent) -> Option<&'a PartitionProduceResponse> {
    let topic = response.responses.iter().find(|topic| {
        topic.name == sent.tp.topic
            || (topic.name.is_empty() && Some(topic.topic_id) == sent.topic_id)
    })?;
    topic
        .partition_responses
        .iter()
        .find(|row| row.index == sent.tp.partition)
}

/// Whether the error means that what this producer knows of the cluster is old.
fn is_about_metadata(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::UnknownTopicOrPartition
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::NotLeaderOrFollower
            | ErrorCode::ReplicaNotAvailable
            | ErrorCode::NetworkException
            | ErrorCode::KafkaStorageError
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::UnknownTopicId
            | ErrorCode::InconsistentTopicId
            | ErrorCode::ListenerNotFound
    )
}
