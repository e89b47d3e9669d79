//! AlterPartition: a leader asks for other in-sync replicas, and gets them if its view is current.

use protocol::ErrorCode;
use protocol::messages::alter_partition::{
    AlterPartitionRequest, AlterPartitionResponse, PartitionData, ResponsePartitionData,
    ResponseTopicData,
};
use protocol::metadata_records::PartitionChangeRecord;

use crate::controller::brokers::check_epoch;
use crate::controller::change::Change;
use crate::controller::election::{Movement, allowed};
use crate::controller::{Decision, Desk};
use crate::ids::BrokerId;
use crate::image::partition::{NO_LEADER_CHANGE, PartitionImage};
use crate::image::{MetadataImage, TopicImage};

/// Changes the in-sync replicas of partitions, each by itself.
#[inline(never)]
pub fn alter(desk: &mut Desk<'_>, request: &AlterPartitionRequest, version: i16) -> Decision {
    if check_epoch(desk.image, request.broker_id, request.broker_epoch).is_err() {
        let error_code = ErrorCode::StaleBrokerEpoch.code();
        return Decision::answer(AlterPartitionResponse {
            error_code,
            ..Default::default()
        });
    }
    let mut records = Vec::new();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic_data in &request.topics {
        let topic = desk.image.topic_by_id(topic_data.topic_id);
        let mut partitions: Vec<ResponsePartitionData> =
            Vec::with_capacity(topic_data.partitions.len());
        for wanted in &topic_data.partitions {
            // A second change of one partition would build on an epoch that the first made old.
            let twice = partitions
                .iter()
                .any(|done| done.partition_index == wanted.partition_index);
            let outcome = match topic {
                None => Err(ErrorCode::UnknownTopicId),
                Some(_) if twice => Err(ErrorCode::InvalidUpdateVersion),
                Some(topic) => alter_one(desk.image, topic, request.broker_id, wanted, version),
            };
            partitions.push(match outcome {
                Ok((record, answer)) => {
                    records.extend(record.map(Into::into));
                    answer
                }
                Err(error) => ResponsePartitionData {
                    partition_index: wanted.partition_index,
                    error_code: error.code(),
                    ..Default::default()
                },
            });
        }
        topics.push(ResponseTopicData {
            topic_id: topic_data.topic_id,
            partitions,
        });
    }
    Decision::write(
        records,
        AlterPartitionResponse {
            topics,
            ..Default::default()
        },
    )
}

type Altered = (Option<PartitionChangeRecord>, ResponsePartitionData);

fn alter_one(
    image: &MetadataImage,
    topic: &TopicImage,
    broker: BrokerId,
    wanted: &PartitionData,
    version: i16,
) -> Result<Altered, ErrorCode> {
    let partition = topic.partitions.get(&wanted.partition_index);
    let partition = partition.ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let isr: Vec<BrokerId> = if version >= 3 {
        wanted
            .new_isr_with_epochs
            .iter()
            .map(|state| state.broker_id)
            .collect()
    } else {
        wanted.new_isr.clone()
    };
    check_epochs(partition, broker, wanted)?;
    check_isr(partition, broker, wanted, &isr)?;
    check_eligible(image, wanted, &isr)?;
    let mut change = Change::of(image, topic, wanted.partition_index)
        .ok_or(ErrorCode::UnknownTopicOrPartition)?;
    change.isr = isr;
    change.election = allowed(image, &topic.name);
    let is_active = |broker| Movement::default().is_active(image, broker);
    let mut record = change.record(&is_active);
    let recovered = partition.recovering && wanted.leader_recovery_state == 0;
    if recovered {
        let record = record.get_or_insert_with(|| PartitionChangeRecord {
            partition_id: wanted.partition_index,
            topic_id: topic.id,
            ..Default::default()
        });
        record.leader_recovery_state = 0;
    }
    let answer = answer(partition, wanted.partition_index, record.as_ref());
    Ok((record, answer))
}

fn check_epochs(
    partition: &PartitionImage,
    broker: BrokerId,
    wanted: &PartitionData,
) -> Result<(), ErrorCode> {
    // A leader cannot know more than the controller, unless this one is the controller no more.
    if wanted.leader_epoch > partition.leader_epoch
        || wanted.partition_epoch > partition.partition_epoch
    {
        return Err(ErrorCode::NotController);
    }
    if wanted.leader_epoch < partition.leader_epoch {
        return Err(ErrorCode::FencedLeaderEpoch);
    }
    if broker != partition.leader {
        return Err(ErrorCode::InvalidRequest);
    }
    if wanted.partition_epoch < partition.partition_epoch {
        return Err(ErrorCode::InvalidUpdateVersion);
    }
    Ok(())
}

fn check_isr(
    partition: &PartitionImage,
    leader: BrokerId,
    wanted: &PartitionData,
    isr: &[BrokerId],
) -> Result<(), ErrorCode> {
    let unique =
        |(i, broker): (usize, &BrokerId)| !isr.iter().take(i).any(|earlier| earlier == broker);
    let valid = isr.iter().all(|broker| partition.replicas.contains(broker))
        && isr.iter().enumerate().all(unique)
        && isr.contains(&leader);
    let recovering = wanted.leader_recovery_state == 1;
    // While an unclean leader recovers, nobody else can be in sync with it.
    let recovery_is_sound = !recovering || (partition.recovering && isr.len() <= 1);
    if valid && recovery_is_sound {
        Ok(())
    } else {
        Err(ErrorCode::InvalidRequest)
    }
}

fn check_eligible(
    image: &MetadataImage,
    wanted: &PartitionData,
    isr: &[BrokerId],
) -> Result<(), ErrorCode> {
    let active = |broker: &BrokerId| {
        image
            .broker(*broker)
            .is_some_and(|broker| broker.is_active())
    };
    let epochs = wanted.new_isr_with_epochs.iter();
    // An older epoch means that the follower restarted since the leader saw it catch up.
    let current = |state: &protocol::messages::alter_partition::BrokerState| {
        state.broker_epoch == -1
            || image
                .broker(state.broker_id)
                .is_some_and(|b| b.epoch == state.broker_epoch)
    };
    if isr.iter().all(active) && epochs.into_iter().all(current) {
        Ok(())
    } else {
        Err(ErrorCode::IneligibleReplica)
    }
}

fn answer(
    partition: &PartitionImage,
    index: i32,
    record: Option<&PartitionChangeRecord>,
) -> ResponsePartitionData {
    let mut answer = ResponsePartitionData {
        partition_index: index,
        leader_id: partition.leader,
        leader_epoch: partition.leader_epoch,
        isr: partition.isr.clone(),
        leader_recovery_state: i8::from(partition.recovering),
        partition_epoch: partition.partition_epoch,
        ..Default::default()
    };
    let Some(record) = record else {
        return answer;
    };
    answer.partition_epoch = answer.partition_epoch.saturating_add(1);
    if let Some(isr) = &record.isr {
        answer.isr.clone_from(isr);
    }
    if record.leader != NO_LEADER_CHANGE {
        answer.leader_id = record.leader;
        answer.leader_epoch = answer.leader_epoch.saturating_add(1);
    }
    if record.leader_recovery_state >= 0 {
        answer.leader_recovery_state = record.leader_recovery_state;
    }
    answer
}
