//! DeleteRecords: the log's start moves here and then on the followers; the answer waits for them.

use records::sorted::SortedMap;

use protocol::ErrorCode;
use protocol::messages::delete_records::{
    DeleteRecordsPartitionResult, DeleteRecordsRequest, DeleteRecordsResponse,
    DeleteRecordsTopicResult,
};
use serde::Serialize;

use crate::api::Context;
use crate::ids::TopicPartition;
use crate::replica::Replicas;

/// The offset that stands for "up to the high watermark".
const HIGH_WATERMARK: i64 = -1;
/// The low watermark of an answer that has none.
const NO_WATERMARK: i64 = -1;

/// A deletion that waits for the followers; it may have nothing to wait for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DelayedDelete {
    response: DeleteRecordsResponse,
    waiting: SortedMap<TopicPartition, Waiting>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Waiting {
    required: i64,
    topic: usize,
    partition: usize,
}

/// Deletes here; what comes back may be done at once ([`DelayedDelete::is_done`]).
#[inline(never)]
pub fn handle(context: &mut Context<'_>, request: &DeleteRecordsRequest) -> DelayedDelete {
    let mut response = DeleteRecordsResponse::default();
    let mut waiting = SortedMap::new();
    for topic in &request.topics {
        let mut results = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let partition = TopicPartition::new(topic.name.clone(), asked.partition_index);
            let mut result = DeleteRecordsPartitionResult {
                partition_index: asked.partition_index,
                low_watermark: NO_WATERMARK,
                ..DeleteRecordsPartitionResult::default()
            };
            match delete(context, &partition, asked.offset) {
                Ok(required) => {
                    let wait = Waiting {
                        required,
                        topic: response.topics.len(),
                        partition: results.len(),
                    };
                    waiting.insert(partition, wait);
                }
                Err(code) => result.error_code = code.code(),
            }
            results.push(result);
        }
        response.topics.push(DeleteRecordsTopicResult {
            name: topic.name.clone(),
            partitions: results,
        });
    }
    let mut delayed = DelayedDelete { response, waiting };
    for partition in delayed.partitions() {
        delayed.check(&partition, context.replicas);
    }
    delayed
}

impl DelayedDelete {
    /// The partitions it waits for.
    pub fn partitions(&self) -> Vec<TopicPartition> {
        self.waiting.keys().cloned().collect()
    }

    /// Whether nothing is left to wait for.
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Looks at a partition again. True if nothing is left to wait for.
    pub fn check(&mut self, partition: &TopicPartition, replicas: &Replicas) -> bool {
        if let Some(wait) = self.waiting.get(partition).copied() {
            match replicas.low_watermark(partition) {
                None => self.set(partition, wait, Err(ErrorCode::NotLeaderOrFollower)),
                Some(low) if low >= wait.required => self.set(partition, wait, Ok(low)),
                Some(_) => {}
            }
        }
        self.waiting.is_empty()
    }

    /// The time is up: what is still open has timed out.
    pub fn time_out(&mut self) {
        for (partition, wait) in self.waiting.clone() {
            self.set(&partition, wait, Err(ErrorCode::RequestTimedOut));
        }
    }

    /// The answer.
    pub fn into_response(self) -> DeleteRecordsResponse {
        self.response
    }

    fn set(&mut self, partition: &TopicPartition, wait: Waiting, outcome: Result<i64, ErrorCode>) {
        self.waiting.remove(partition);
        let topic = self.response.topics.get_mut(wait.topic);
        let result = topic.and_then(|topic| topic.partitions.get_mut(wait.partition));
        if let Some(result) = result {
            match outcome {
                Ok(low) => result.low_watermark = low,
                Err(code) => result.error_code = code.code(),
            }
        }
    }
}

/// Moves the start of the log; gives the offset that all replicas must reach.
fn delete(
    context: &mut Context<'_>,
    partition: &TopicPartition,
    offset: i64,
) -> Result<i64, ErrorCode> {
    context.require(partition)?;
    let led = context.replicas.led(partition, -1)?;
    if !led.log.config().delete {
        return Err(ErrorCode::PolicyViolation);
    }
    let high_watermark = led.log.high_watermark();
    let target = if offset == HIGH_WATERMARK {
        high_watermark
    } else {
        offset
    };
    if target < 0 || target > high_watermark {
        return Err(ErrorCode::OffsetOutOfRange);
    }
    context
        .replicas
        .change_log(partition, context.now, |log| log.delete_before(target));
    Ok(target)
}
