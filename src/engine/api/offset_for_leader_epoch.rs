//! OffsetForLeaderEpoch: where a leader epoch ends in this leader's log.

use protocol::ErrorCode;
use protocol::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition, OffsetForLeaderTopicResult,
};

use crate::api::Context;
use crate::ids::TopicPartition;

/// Answers a request.
#[inline(never)]
pub fn handle(
    context: &Context<'_>,
    request: &OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let partition = TopicPartition::new(topic.topic.clone(), asked.partition);
            let nothing = EpochEndOffset {
                partition: asked.partition,
                ..EpochEndOffset::default()
            };
            match end_of(context, &partition, asked) {
                Ok(Some((leader_epoch, end_offset))) => EpochEndOffset {
                    leader_epoch,
                    end_offset,
                    ..nothing
                },
                Ok(None) => nothing,
                Err(code) => EpochEndOffset {
                    error_code: code.code(),
                    ..nothing
                },
            }
        });
        OffsetForLeaderTopicResult {
            topic: topic.topic.clone(),
            partitions: partitions.collect(),
        }
    });
    OffsetForLeaderEpochResponse {
        topics: topics.collect(),
        ..OffsetForLeaderEpochResponse::default()
    }
}

fn end_of(
    context: &Context<'_>,
    partition: &TopicPartition,
    asked: &OffsetForLeaderPartition,
) -> Result<Option<(i32, i64)>, ErrorCode> {
    context.require(partition)?;
    let led = context
        .replicas
        .led(partition, asked.current_leader_epoch)?;
    let epochs = led.log.leader_epochs();
    Ok(epochs.end_offset_for(asked.leader_epoch, led.log.log_end_offset()))
}
