//! ListOffsets: the first and last offset of a partition, or the first record not older than a time.

use records::sorted::SortedMap;

use protocol::ErrorCode;
use protocol::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopicResponse,
};

use crate::api::Context;
use crate::ids::TopicPartition;
use crate::log::lookup::TimedOffset;
use crate::replica::Led;

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

/// `replica_id` of a consumer.
const CONSUMER: i32 = -1;
const READ_COMMITTED: i8 = 1;

/// Who asks: which offset is the last for them depends on it.
#[derive(Clone, Copy)]
struct Asker {
    consumer: bool,
    read_committed: bool,
}

/// Answers a request. A partition asked for twice is an error, as two answers could not be told
/// apart.
pub fn handle(context: &Context<'_>, request: &ListOffsetsRequest) -> ListOffsetsResponse {
    let mut times: SortedMap<(&str, i32), u32> = SortedMap::new();
    for topic in &request.topics {
        for asked in &topic.partitions {
            *times
                .entry((&topic.name, asked.partition_index))
                .or_default() += 1;
        }
    }
    let asker = Asker {
        consumer: request.replica_id == CONSUMER,
        read_committed: request.isolation_level == READ_COMMITTED,
    };
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let found = match times.get(&(topic.name.as_str(), asked.partition_index)) {
                Some(1) => find(context, asker, &topic.name, asked),
                _ => Err(ErrorCode::InvalidRequest),
            };
            answer(asked.partition_index, found)
        });
        ListOffsetsTopicResponse {
            name: topic.name.clone(),
            partitions: partitions.collect(),
        }
    });
    ListOffsetsResponse {
        topics: topics.collect(),
        ..ListOffsetsResponse::default()
    }
}

fn answer(
    partition_index: i32,
    found: Result<Option<TimedOffset>, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let nothing = ListOffsetsPartitionResponse {
        partition_index,
        ..ListOffsetsPartitionResponse::default()
    };
    match found {
        Ok(Some(found)) => ListOffsetsPartitionResponse {
            timestamp: found.timestamp,
            offset: found.offset,
            leader_epoch: found.leader_epoch,
            ..nothing
        },
        Ok(None) => nothing,
        Err(code) => ListOffsetsPartitionResponse {
            error_code: code.code(),
            ..nothing
        },
    }
}

fn find(
    context: &Context<'_>,
    asker: Asker,
    topic: &str,
    asked: &ListOffsetsPartition,
) -> Result<Option<TimedOffset>, ErrorCode> {
    let first_version = match asked.timestamp {
        0.. | LATEST | EARLIEST => 1,
        MAX_TIMESTAMP => 7,
        EARLIEST_LOCAL => 8,
        LATEST_TIERED => 9,
        EARLIEST_PENDING_UPLOAD => 11,
        _ => i16::MAX,
    };
    if context.version < first_version {
        return Err(ErrorCode::UnsupportedVersion);
    }
    let partition = TopicPartition::new(topic, asked.partition_index);
    context.require(&partition)?;
    let led = context
        .replicas
        .led(&partition, asked.current_leader_epoch)?;
    let end = match asker {
        Asker {
            consumer: false, ..
        } => led.log.log_end_offset(),
        Asker {
            read_committed: true,
            ..
        } => led.log.last_stable_offset(),
        _ => led.log.high_watermark(),
    };
    // A new leader does not know yet how far its predecessor's high watermark had come.
    let not_yet = asker.consumer && end < led.leader.epoch_start_offset;
    match asked.timestamp {
        LATEST if not_yet => Err(not_available(context.version)),
        LATEST => Ok(Some(plain(end, Some(led.hosted.leader_epoch)))),
        EARLIEST | EARLIEST_LOCAL => {
            let start = led.log.log_start_offset();
            Ok(Some(plain(start, led.log.leader_epochs().epoch_of(start))))
        }
        // Nothing is ever moved to remote storage here.
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Ok(Some(plain(-1, None))),
        timestamp => match by_time(&led, timestamp, end) {
            None if not_yet => Err(not_available(context.version)),
            found => Ok(found),
        },
    }
}

fn by_time(led: &Led<'_>, timestamp: i64, end: i64) -> Option<TimedOffset> {
    let found = if timestamp == MAX_TIMESTAMP {
        led.log.offset_of_max_timestamp()
    } else {
        led.log.offset_for_time(timestamp)
    };
    found.filter(|found| found.offset < end)
}

fn not_available(version: i16) -> ErrorCode {
    if version >= 5 {
        ErrorCode::OffsetNotAvailable
    } else {
        ErrorCode::LeaderNotAvailable
    }
}

fn plain(offset: i64, leader_epoch: Option<i32>) -> TimedOffset {
    TimedOffset {
        offset,
        timestamp: -1,
        leader_epoch: leader_epoch.unwrap_or(-1),
    }
}
