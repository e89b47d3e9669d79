//! How each API says how it went.

use protocol::messages::add_offsets_to_txn::AddOffsetsToTxnResponse;
use protocol::messages::add_partitions_to_txn::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopic, AddPartitionsToTxnTopicResult,
};
use protocol::messages::end_txn::EndTxnResponse;
use protocol::messages::init_producer_id::InitProducerIdResponse;
use protocol::{ErrorCode, Response};

use crate::txn::shard::Caller;

/// The first versions that know PRODUCER_FENCED.
const INIT_KNOWS_FENCED: i16 = 4;
const OTHERS_KNOW_FENCED: i16 = 2;

/// A producer of that version knows only the older error.
fn known(code: ErrorCode, version: i16, since: i16) -> i16 {
    match code {
        ErrorCode::ProducerFenced if version < since => ErrorCode::InvalidProducerEpoch.code(),
        code => code.code(),
    }
}

pub(super) fn init(caller: Caller, outcome: Result<(i64, i16), ErrorCode>) -> Response {
    let response = match outcome {
        Ok((producer_id, producer_epoch)) => InitProducerIdResponse {
            producer_id,
            producer_epoch,
            ..InitProducerIdResponse::default()
        },
        Err(code) => InitProducerIdResponse {
            error_code: known(code, caller.version, INIT_KNOWS_FENCED),
            producer_id: -1,
            producer_epoch: -1,
            ..InitProducerIdResponse::default()
        },
    };
    response.into()
}

pub(super) fn add_offsets(caller: Caller, outcome: Result<(), ErrorCode>) -> Response {
    let code = outcome.err().unwrap_or(ErrorCode::None);
    let response = AddOffsetsToTxnResponse {
        error_code: known(code, caller.version, OTHERS_KNOW_FENCED),
        ..AddOffsetsToTxnResponse::default()
    };
    response.into()
}

pub(super) fn end(caller: Caller, outcome: Result<(i64, i16), ErrorCode>) -> Response {
    let response = match outcome {
        Ok((producer_id, producer_epoch)) => EndTxnResponse {
            producer_id,
            producer_epoch,
            ..EndTxnResponse::default()
        },
        Err(code) => EndTxnResponse {
            error_code: known(code, caller.version, OTHERS_KNOW_FENCED),
            ..EndTxnResponse::default()
        },
    };
    response.into()
}

/// The same outcome for each partition.
pub(super) fn added(
    topics: &[AddPartitionsToTxnTopic],
    version: i16,
    outcome: impl Fn(&str, i32) -> ErrorCode,
) -> Vec<AddPartitionsToTxnTopicResult> {
    let results = topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|index| {
            let code = outcome(&topic.name, *index);
            AddPartitionsToTxnPartitionResult {
                partition_index: *index,
                partition_error_code: known(code, version, OTHERS_KNOW_FENCED),
            }
        });
        AddPartitionsToTxnTopicResult {
            name: topic.name.clone(),
            results_by_partition: partitions.collect(),
        }
    });
    results.collect()
}
