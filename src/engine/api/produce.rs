//! Produce: batches go to the logs of the partitions led here; with `acks=all` the answer waits
//! until the in-sync replicas have them.

use records::sorted::SortedMap;
use records::{BatchHeader, Codec};

use protocol::messages::produce::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceData,
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceResponse,
};
use protocol::{ErrorCode, Uuid};
use serde::Serialize;

use crate::api::{Context, leader_hint};
use crate::ids::{OFFSETS_TOPIC, TRANSACTIONS_TOPIC, TopicPartition};
use crate::image::MetadataImage;
use crate::log::append::{AppendError, Appended, LeaderAppend, Origin};
use crate::replica::Replicas;

/// The first version that identifies topics instead of naming them.
pub const IDS_FROM: i16 = 13;
/// The first version that may carry batches in zstd.
const ZSTD_FROM: i16 = 7;
/// `acks` that asks for all in-sync replicas.
const ACKS_ALL: i16 = -1;
/// The Java admin client alone may write to internal topics.
const ADMIN_CLIENT: &str = "__admin_client";

/// A produce that waits for the high watermark; it may have nothing to wait for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DelayedProduce {
    response: ProduceResponse,
    waiting: SortedMap<TopicPartition, Waiting>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Waiting {
    /// The high watermark that confirms the batch.
    required: i64,
    /// A topic deleted and made again is another one.
    topic_id: Uuid,
    topic: usize,
    partition: usize,
}

/// Why a transaction's coordinator does not count a partition in, as the producer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Kafka's error.
    pub code: ErrorCode,
    /// What is wrong, in a sentence; may be empty.
    pub message: &'static str,
}

/// The partitions that a transaction's coordinator was asked about, and what it said.
pub type Verified = SortedMap<TopicPartition, Result<(), Checked>>;

/// Appends what a request carries; what comes back may be done at once
/// ([`DelayedProduce::is_done`]).
pub fn handle(
    context: &mut Context<'_>,
    request: &ProduceRequest,
    verified: &Verified,
) -> DelayedProduce {
    let mut delayed = DelayedProduce {
        response: ProduceResponse::default(),
        waiting: SortedMap::new(),
    };
    for topic in &request.topic_data {
        let name = context.topic_name(&topic.name, topic.topic_id, IDS_FROM);
        let place = delayed.response.responses.len();
        delayed.response.responses.push(TopicProduceResponse {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partition_responses: Vec::with_capacity(topic.partition_data.len()),
        });
        for data in &topic.partition_data {
            let answer = match &name {
                Ok(name) => {
                    let partition = TopicPartition::new(name.clone(), data.index);
                    let outcome = match verified.get(&partition) {
                        Some(Err(checked)) => Err(AppendError {
                            message: checked.message.to_owned(),
                            ..refusal(checked.code)
                        }),
                        Some(Ok(())) => append(
                            context,
                            (request.acks, Origin::VerifiedClient),
                            &partition,
                            data,
                        ),
                        None => append(context, (request.acks, Origin::Client), &partition, data),
                    };
                    if let (Ok(appended), ACKS_ALL) = (&outcome, request.acks) {
                        delayed.wait_for(context.replicas, &partition, appended, place);
                    }
                    answer(context, &partition, data.index, outcome)
                }
                Err(code) => refused(data.index, refusal(*code)),
            };
            if let Some(topic) = delayed.response.responses.get_mut(place) {
                topic.partition_responses.push(answer);
            }
        }
    }
    for partition in delayed.partitions() {
        delayed.check(&partition, context.replicas);
    }
    delayed
}

/// Whether any partition met an error.
pub fn has_error(response: &ProduceResponse) -> bool {
    let topics = response.responses.iter();
    let mut answers = topics.flat_map(|topic| &topic.partition_responses);
    answers.any(|answer| answer.error_code != 0)
}

impl DelayedProduce {
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
            // In whatever epoch: whoever stopped leading in between has looked here then.
            let outcome = match replicas.led(partition, -1) {
                Err(_) => Some(ErrorCode::NotLeaderOrFollower),
                Ok(led) if led.hosted.topic_id != wait.topic_id => {
                    Some(ErrorCode::NotLeaderOrFollower)
                }
                Ok(led) if led.log.high_watermark() < wait.required => None,
                Ok(led) if led.is_under_min_isr() => Some(ErrorCode::NotEnoughReplicasAfterAppend),
                Ok(_) => Some(ErrorCode::None),
            };
            if let Some(code) = outcome {
                self.waiting.remove(partition);
                self.settle(wait, code);
            }
        }
        self.waiting.is_empty()
    }

    /// The time is up: what is still open has timed out.
    pub fn time_out(&mut self) {
        for wait in std::mem::take(&mut self.waiting).into_values() {
            self.settle(wait, ErrorCode::RequestTimedOut);
        }
    }

    /// The answer. A client that is told "not here" is told where, so that it need not ask for
    /// metadata first.
    pub fn into_response(self, image: &MetadataImage) -> ProduceResponse {
        let mut response = self.response;
        for topic in &mut response.responses {
            let by_id = image.topic_by_id(topic.topic_id);
            let name = by_id.map_or(topic.name.as_str(), |found| found.name.as_str());
            let name = name.to_owned();
            for answer in &mut topic.partition_responses {
                if answer.error_code == ErrorCode::NotLeaderOrFollower.code() {
                    let partition = TopicPartition::new(name.clone(), answer.index);
                    add_hint(image, &partition, answer, &mut response.node_endpoints);
                }
            }
        }
        response
    }

    fn wait_for(
        &mut self,
        replicas: &Replicas,
        partition: &TopicPartition,
        appended: &Appended,
        topic: usize,
    ) {
        let place = self.response.responses.get(topic);
        let wait = Waiting {
            required: appended.last_offset.saturating_add(1),
            topic_id: replicas
                .hosted(partition)
                .map_or(Uuid::ZERO, |hosted| hosted.topic_id),
            topic,
            partition: place.map_or(0, |topic| topic.partition_responses.len()),
        };
        // A partition named twice waits for its last batch; the first is committed by then.
        self.waiting.insert(partition.clone(), wait);
    }

    fn settle(&mut self, wait: Waiting, code: ErrorCode) {
        let topic = self.response.responses.get_mut(wait.topic);
        let answer = topic.and_then(|topic| topic.partition_responses.get_mut(wait.partition));
        if let (Some(answer), true) = (answer, code.is_error()) {
            *answer = refused(answer.index, refusal(code));
        }
    }
}

fn append(
    context: &mut Context<'_>,
    (acks, origin): (i16, Origin),
    partition: &TopicPartition,
    data: &PartitionProduceData,
) -> Result<Appended, AppendError> {
    let internal = [OFFSETS_TOPIC, TRANSACTIONS_TOPIC].contains(&partition.topic.as_str());
    if internal && context.client_id != ADMIN_CLIENT {
        return Err(refusal(ErrorCode::InvalidTopicException));
    }
    context.require(partition).map_err(refusal)?;
    let records = data.records.clone().unwrap_or_default();
    if context.version < ZSTD_FROM && in_zstd(&records) {
        return Err(refusal(ErrorCode::UnsupportedCompressionType));
    }
    if !(ACKS_ALL..=1).contains(&acks) {
        return Err(refusal(ErrorCode::InvalidRequiredAcks));
    }
    let led = context.replicas.led(partition, -1).map_err(refusal)?;
    if acks == ACKS_ALL && led.is_under_min_isr() {
        return Err(refusal(ErrorCode::NotEnoughReplicas));
    }
    let how = LeaderAppend {
        now_ms: context.now.as_millis(),
        leader_epoch: led.hosted.leader_epoch,
        origin,
    };
    let appended = context.replicas.change_log(partition, context.now, |log| {
        log.append_as_leader(&records, how)
    });
    let appended = appended.unwrap_or_else(|| Err(refusal(ErrorCode::KafkaStorageError)))?;
    if origin == Origin::VerifiedClient
        && let Ok(header) = BatchHeader::parse(&records)
    {
        let producer_id = header.producer_id;
        context.replicas.end_verification(partition, producer_id);
    }
    Ok(appended)
}

fn in_zstd(records: &[u8]) -> bool {
    let header = BatchHeader::parse(records);
    header.and_then(|header| header.codec()) == Ok(Codec::Zstd)
}

fn answer(
    context: &Context<'_>,
    partition: &TopicPartition,
    index: i32,
    outcome: Result<Appended, AppendError>,
) -> PartitionProduceResponse {
    let log = context.replicas.log(partition);
    match outcome {
        Ok(appended) => PartitionProduceResponse {
            index,
            base_offset: appended.base_offset,
            log_append_time_ms: appended.log_append_time_ms,
            log_start_offset: log.map_or(-1, |log| log.log_start_offset()),
            ..PartitionProduceResponse::default()
        },
        Err(error) => refused(index, error),
    }
}

fn refused(index: i32, error: AppendError) -> PartitionProduceResponse {
    let records = error.records.into_iter();
    let records = records.map(|(place, text)| BatchIndexAndErrorMessage {
        batch_index: place,
        batch_index_error_message: Some(text),
    });
    PartitionProduceResponse {
        index,
        error_code: error.code.code(),
        base_offset: -1,
        log_append_time_ms: -1,
        log_start_offset: -1,
        record_errors: records.collect(),
        error_message: (!error.message.is_empty()).then_some(error.message),
        ..PartitionProduceResponse::default()
    }
}

#[inline(never)]
fn add_hint(
    image: &MetadataImage,
    partition: &TopicPartition,
    answer: &mut PartitionProduceResponse,
    endpoints: &mut Vec<NodeEndpoint>,
) {
    let Some(hint) = leader_hint(image, partition) else {
        return;
    };
    answer.current_leader = LeaderIdAndEpoch {
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

fn refusal(code: ErrorCode) -> AppendError {
    AppendError {
        code,
        message: String::new(),
        records: Vec::new(),
    }
}
