//! DescribeProducers: what the leader of a partition knows of its producers.

use protocol::ErrorCode;
use protocol::messages::describe_producers::{
    DescribeProducersRequest, DescribeProducersResponse, PartitionResponse, ProducerState,
    TopicResponse,
};

use crate::api::Context;
use crate::controller::names;
use crate::ids::TopicPartition;

/// Answers a request.
pub fn handle(
    context: &Context<'_>,
    request: &DescribeProducersRequest,
) -> DescribeProducersResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partition_indexes.iter().map(|index| {
            let partition = TopicPartition::new(topic.name.clone(), *index);
            match producers(context, &partition) {
                Ok(active_producers) => PartitionResponse {
                    partition_index: *index,
                    active_producers,
                    ..PartitionResponse::default()
                },
                Err(code) => PartitionResponse {
                    partition_index: *index,
                    error_code: code.code(),
                    error_message: Some(code.message().to_owned()),
                    ..PartitionResponse::default()
                },
            }
        });
        TopicResponse {
            name: topic.name.clone(),
            partitions: partitions.collect(),
        }
    });
    DescribeProducersResponse {
        topics: topics.collect(),
        ..DescribeProducersResponse::default()
    }
}

fn producers(
    context: &Context<'_>,
    partition: &TopicPartition,
) -> Result<Vec<ProducerState>, ErrorCode> {
    names::check(&partition.topic).map_err(|_| ErrorCode::InvalidTopicException)?;
    context.require(partition)?;
    let led = context.replicas.led(partition, -1)?;
    let producers = led.log.producers().iter();
    let producers = producers.map(|(producer_id, state)| ProducerState {
        producer_id,
        producer_epoch: i32::from(state.epoch),
        last_sequence: state.last_sequence(),
        last_timestamp: state.last_timestamp,
        coordinator_epoch: state.coordinator_epoch,
        current_txn_start_offset: state.transaction_start.unwrap_or(-1),
    });
    Ok(producers.collect())
}
