//! What came of batches: acknowledged, tried again, split, given up.

use engine::ids::TopicPartition;
use engine::time::SimTime;
use protocol::ErrorCode;
use protocol::messages::produce::{PartitionProduceResponse, ProduceResponse};

use super::ProducerEvent;
use super::accumulator::Batch;
use super::machine::Producer;
use super::sender::Sent;
use crate::event::{ClientError, LogLevel, LogLine};
use crate::net::backoff::Backoff;
use crate::net::links::SendError;

const SENDER: &str = "org.apache.kafka.clients.producer.internals.Sender";

/// What came of one batch.
pub(super) struct Verdict {
    error: ErrorCode,
    message: Option<String>,
    base_offset: i64,
    correlation: i32,
}

impl Producer {
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
    #[inline(never)]
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
                let text = format!("Disconnected from node {node}");
                (ErrorCode::NetworkException, Some(text))
            }
            SendError::TimedOut => {
                let text = format!("Disconnected from node {node} due to timeout");
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

    pub(super) fn judge(&mut self, now: SimTime, sent: &Sent, verdict: Verdict) {
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

    #[inline(never)]
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
        self.warn(&format!("Got error produce response with correlation id {} on topic-partition {tp}, retrying ({} attempts left). Error: {}", verdict.correlation, self.config.retries.saturating_sub(attempts), verdict.text()));
        let backoff = Backoff::retry(self.config.retry_backoff_ms);
        batch.retry_at = now.plus_micros(backoff.micros(batch.attempts, &mut self.core.rng));
        batch.renumbered = false;
        if let Some(queue) = self.accumulator.queues.get_mut(tp) {
            queue.put_back(batch);
        }
    }

    #[inline(never)]
    fn split(&mut self, tp: &TopicPartition, batch: Batch) {
        let whole = batch.clone();
        self.accumulator.unlearn(&tp.topic);
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
            self.warn(&format!("Received unknown topic or partition error in produce request on partition {tp}. The topic-partition may not exist or the user may not have Describe access to it"));
            return;
        }
        let message = verdict
            .message
            .as_deref()
            .unwrap_or(verdict.error.message());
        self.warn(&format!("Received invalid metadata error in produce request on partition {tp} due to {}: {message}. Going to request metadata update now", verdict.error.exception()));
    }

    fn warn(&mut self, text: &str) {
        let prefix = &self.core.links.config.log_prefix;
        self.events.push(ProducerEvent::Log(LogLine {
            level: LogLevel::Warn,
            text: format!("{prefix} {text}"),
            logger: SENDER,
        }));
    }
}

impl Verdict {
    pub(super) fn acked(base_offset: i64) -> Verdict {
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
            Some(message) => format!("{name}. Error Message: {message}"),
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
