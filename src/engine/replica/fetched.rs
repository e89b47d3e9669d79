//! What a leader answered a follower: records to append, a place to cut, or offsets to go on from.

use protocol::ErrorCode;
use protocol::messages::fetch::{FetchResponse, PartitionData};
use protocol::messages::list_offsets::ListOffsetsResponse;

use crate::replica::Replicas;
use crate::replica::fetcher::{AskedPartition, Fetcher, Followed, Stage};
use crate::time::SimTime;

impl Fetcher {
    /// The partition, if it is still followed as it was when it was asked about.
    fn still(&mut self, asked: &AskedPartition) -> Option<&mut Followed> {
        let followed = self.followed.get_mut(&asked.partition)?;
        let same =
            followed.leader_epoch == asked.leader_epoch && followed.topic_id == asked.topic_id;
        same.then_some(followed)
    }

    #[inline(never)]
    pub(super) fn take_fetch(
        &mut self,
        now: SimTime,
        backoff: SimTime,
        asked: &[AskedPartition],
        response: &FetchResponse,
        replicas: &mut Replicas,
    ) {
        for topic in &response.responses {
            for data in &topic.partitions {
                let about = asked.iter().find(|asked| {
                    asked.topic_id == topic.topic_id
                        && asked.partition.partition == data.partition_index
                });
                let Some(asked) = about else { continue };
                let Some(followed) = self.still(asked) else {
                    continue;
                };
                let error = ErrorCode::from_code(data.error_code);
                match error {
                    ErrorCode::None => {
                        if take_data(now, asked, data, replicas).is_err() {
                            followed.not_before = backoff;
                        }
                    }
                    ErrorCode::OffsetOutOfRange => followed.stage = Stage::AsksEnd,
                    ErrorCode::FencedLeaderEpoch => followed.stage = Stage::Fenced,
                    _ => followed.not_before = backoff,
                }
            }
        }
    }

    /// The leader has deleted what this log would need next, or has less than this log: go on
    /// where both can agree.
    pub(super) fn take_offset(
        &mut self,
        now: SimTime,
        backoff: SimTime,
        asked: &AskedPartition,
        response: &ListOffsetsResponse,
        replicas: &mut Replicas,
    ) {
        let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
        let answer = partitions
            .filter(|answer| answer.error_code == 0 && answer.offset >= 0)
            .find(|answer| answer.partition_index == asked.partition.partition);
        let Some(followed) = self.still(asked) else {
            return;
        };
        let Some(answer) = answer else {
            followed.not_before = backoff;
            return;
        };
        let ends = replicas
            .log(&asked.partition)
            .map(|log| log.log_end_offset());
        let (Some(end), leader_offset) = (ends, answer.offset) else {
            return;
        };
        if followed.stage == Stage::AsksEnd && leader_offset >= end {
            followed.stage = Stage::AsksStart;
            return;
        }
        followed.stage = match followed.stage {
            Stage::AsksEnd => {
                replicas.change_log(&asked.partition, now, |log| log.truncate_to(leader_offset));
                Stage::Fetching
            }
            _ => {
                if leader_offset > end {
                    replicas.change_log(&asked.partition, now, |log| log.restart_at(leader_offset));
                }
                Stage::Fetching
            }
        };
    }
}

/// Takes what a leader sent of one partition: cuts where the logs part, or appends.
#[inline(never)]
fn take_data(
    now: SimTime,
    asked: &AskedPartition,
    data: &PartitionData,
    replicas: &mut Replicas,
) -> Result<(), ErrorCode> {
    let taken = replicas.change_log(&asked.partition, now, |log| {
        if log.log_end_offset() != asked.offset {
            return Ok(());
        }
        let diverging = &data.diverging_epoch;
        if diverging.end_offset >= 0 {
            let own = log
                .leader_epochs()
                .end_offset_for(diverging.epoch, log.log_end_offset());
            let own_end = own.map_or(log.high_watermark(), |(_, end)| end);
            log.truncate_to(own_end.min(diverging.end_offset));
            return Ok(());
        }
        if let Some(records) = data.records.as_ref().filter(|records| !records.is_empty()) {
            log.append_as_follower(records)?;
        }
        log.set_high_watermark(data.high_watermark.min(log.log_end_offset()));
        log.delete_before(data.log_start_offset);
        Ok(())
    });
    taken.unwrap_or(Err(ErrorCode::KafkaStorageError))
}
