//! WriteTxnMarkers: a transaction's coordinator has a leader write how the transaction ended. The
//! answer waits until the in-sync replicas have the markers.

use protocol::ErrorCode;
use protocol::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerPartitionResult, WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
};
use records::Outcome;
use records::sorted::SortedSet;
use serde::Serialize;

use crate::api::Context;
use crate::ids::{OFFSETS_TOPIC, TopicPartition};
use crate::log::append::MarkerAppend;
use crate::log::producers::MarkerClaim;
use crate::replica::Replicas;

/// From this `transaction.version` on every transaction has an epoch of its own.
const EPOCH_PER_TRANSACTION: i8 = 2;

/// Markers that wait for the high watermark; there may be none left.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DelayedMarkers {
    response: WriteTxnMarkersResponse,
    waiting: Vec<Waiting>,
    ended: Vec<EndedOffsets>,
}

/// A transaction that has ended in a partition of the offsets topic: its offsets count now, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EndedOffsets {
    /// The partition of the offsets topic.
    pub partition: i32,
    /// The producer.
    pub producer_id: i64,
    /// How it ended.
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Waiting {
    at: TopicPartition,
    /// The high watermark that confirms the marker.
    required: i64,
    leader_epoch: i32,
    producer_id: i64,
    outcome: Outcome,
    place: (usize, usize, usize),
}

/// Writes the markers; what comes back may be done at once ([`DelayedMarkers::is_done`]).
pub fn handle(context: &mut Context<'_>, request: &WriteTxnMarkersRequest) -> DelayedMarkers {
    let mut delayed = DelayedMarkers {
        response: WriteTxnMarkersResponse::default(),
        waiting: Vec::new(),
        ended: Vec::new(),
    };
    for marker in &request.markers {
        let mut result = WritableTxnMarkerResult {
            producer_id: marker.producer_id,
            topics: Vec::with_capacity(marker.topics.len()),
        };
        for topic in &marker.topics {
            let mut partitions = Vec::with_capacity(topic.partition_indexes.len());
            for index in &topic.partition_indexes {
                let at = TopicPartition::new(topic.name.clone(), *index);
                let place = (
                    delayed.response.markers.len(),
                    result.topics.len(),
                    partitions.len(),
                );
                let outcome = write(context, &at, marker);
                let code = match outcome {
                    Ok((required, leader_epoch)) => {
                        delayed.waiting.push(Waiting {
                            at,
                            required,
                            leader_epoch,
                            producer_id: marker.producer_id,
                            outcome: outcome_of(marker),
                            place,
                        });
                        ErrorCode::None
                    }
                    Err(code) => code,
                };
                partitions.push(WritableTxnMarkerPartitionResult {
                    partition_index: *index,
                    error_code: code.code(),
                });
            }
            result.topics.push(WritableTxnMarkerTopicResult {
                name: topic.name.clone(),
                partitions,
            });
        }
        delayed.response.markers.push(result);
    }
    for partition in delayed.partitions() {
        delayed.check(&partition, context.replicas);
    }
    delayed
}

impl DelayedMarkers {
    /// The partitions it waits for.
    pub fn partitions(&self) -> Vec<TopicPartition> {
        let partitions: SortedSet<TopicPartition> =
            self.waiting.iter().map(|wait| wait.at.clone()).collect();
        partitions.into_iter().collect()
    }

    /// Whether nothing is left to wait for.
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Looks at a partition again. True if nothing is left to wait for.
    pub fn check(&mut self, partition: &TopicPartition, replicas: &Replicas) -> bool {
        for wait in std::mem::take(&mut self.waiting) {
            if wait.at != *partition {
                self.waiting.push(wait);
                continue;
            }
            match replicas.led(partition, wait.leader_epoch) {
                Err(_) => self.refuse(&wait, ErrorCode::NotLeaderOrFollower),
                Ok(led) if led.log.high_watermark() < wait.required => self.waiting.push(wait),
                Ok(_) => self.confirm(&wait),
            }
        }
        self.waiting.is_empty()
    }

    /// The time is up: what is still open has timed out.
    pub fn time_out(&mut self) {
        for wait in std::mem::take(&mut self.waiting) {
            self.refuse(&wait, ErrorCode::RequestTimedOut);
        }
    }

    /// The transactions with offsets that have ended since the last call.
    pub fn take_ended(&mut self) -> Vec<EndedOffsets> {
        std::mem::take(&mut self.ended)
    }

    /// The answer.
    pub fn into_response(self) -> WriteTxnMarkersResponse {
        self.response
    }

    fn confirm(&mut self, wait: &Waiting) {
        if wait.at.topic == OFFSETS_TOPIC {
            self.ended.push(EndedOffsets {
                partition: wait.at.partition,
                producer_id: wait.producer_id,
                outcome: wait.outcome,
            });
        }
    }

    fn refuse(&mut self, wait: &Waiting, code: ErrorCode) {
        let (marker, topic, partition) = wait.place;
        let marker = self.response.markers.get_mut(marker);
        let topic = marker.and_then(|marker| marker.topics.get_mut(topic));
        let result = topic.and_then(|topic| topic.partitions.get_mut(partition));
        if let Some(result) = result {
            result.error_code = code.code();
        }
    }
}

/// Appends one marker; gives the high watermark that confirms it, and the leader's epoch.
fn write(
    context: &mut Context<'_>,
    partition: &TopicPartition,
    marker: &WritableTxnMarker,
) -> Result<(i64, i32), ErrorCode> {
    context.require(partition)?;
    let led = context.replicas.led(partition, -1)?;
    if led.is_under_min_isr() {
        return Err(ErrorCode::NotEnoughReplicas);
    }
    let leader_epoch = led.hosted.leader_epoch;
    let append = MarkerAppend {
        now_ms: context.now.as_millis(),
        leader_epoch,
        claim: MarkerClaim {
            producer_id: marker.producer_id,
            epoch: marker.producer_epoch,
            coordinator_epoch: marker.coordinator_epoch,
            epoch_per_transaction: marker.transaction_version >= EPOCH_PER_TRANSACTION,
        },
        outcome: outcome_of(marker),
    };
    let replicas = &mut *context.replicas;
    let appended = replicas.change_log(partition, context.now, |log| log.append_marker(append));
    let appended = appended.unwrap_or(Err(ErrorCode::KafkaStorageError))?;
    replicas.end_verification(partition, marker.producer_id);
    Ok((appended.last_offset.saturating_add(1), leader_epoch))
}

fn outcome_of(marker: &WritableTxnMarker) -> Outcome {
    if marker.transaction_result {
        Outcome::Commit
    } else {
        Outcome::Abort
    }
}
