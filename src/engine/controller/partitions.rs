//! Partitions grow in number and change leaders: CreatePartitions and ElectLeaders.

use records::sorted::SortedMap;

use protocol::ErrorCode;
use protocol::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopic,
    CreatePartitionsTopicResult,
};
use protocol::messages::elect_leaders::{
    ElectLeadersRequest, ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};
use protocol::metadata_records::MetadataRecord;

use crate::controller::assignment::{
    MAX_PARTITIONS_PER_REQUEST, TOO_MANY_PARTITIONS, check_assignment, new_partition, nobody_alive,
    place,
};
use crate::controller::change::Change;
use crate::controller::election::{Election, Movement};
use crate::controller::topics::duplicates;
use crate::controller::{Decision, Desk, Refusal};
use crate::ids::{BrokerId, TopicPartition};
use crate::image::{MetadataImage, TopicImage};

/// Adds partitions to topics.
#[inline(never)]
pub fn create(desk: &mut Desk<'_>, request: &CreatePartitionsRequest) -> Decision {
    let duplicates = duplicates(request.topics.iter().map(|topic| topic.name.as_str()));
    let mut records = Vec::new();
    let mut results: Vec<CreatePartitionsTopicResult> = Vec::new();
    let mut budget = MAX_PARTITIONS_PER_REQUEST;
    for topic in &request.topics {
        let planned = if duplicates.contains(topic.name.as_str()) {
            if results.iter().any(|result| result.name == topic.name) {
                continue;
            }
            Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "Duplicate topic name.",
            ))
        } else {
            plan(desk, topic, &mut budget)
        };
        let mut result = CreatePartitionsTopicResult {
            name: topic.name.clone(),
            ..Default::default()
        };
        match planned {
            Ok(planned) => records.extend(planned),
            Err(refusal) => {
                result.error_code = refusal.error.code();
                result.error_message = refusal.message;
            }
        }
        results.push(result);
    }
    if request.validate_only {
        records.clear();
    }
    Decision::write(
        records,
        CreatePartitionsResponse {
            results,
            ..Default::default()
        },
    )
}

/// Elects leaders anew, the preferred ones or, if asked, unclean ones.
#[inline(never)]
pub fn elect(desk: &mut Desk<'_>, request: &ElectLeadersRequest) -> Decision {
    let election = match request.election_type {
        0 => Election::Preferred,
        1 => Election::Unclean,
        _ => {
            let error_code = ErrorCode::InvalidRequest.code();
            return Decision::answer(ElectLeadersResponse {
                error_code,
                ..Default::default()
            });
        }
    };
    let mut records = Vec::new();
    let mut results: SortedMap<String, Vec<PartitionResult>> = SortedMap::new();
    for tp in wanted_elections(desk.image, request) {
        let outcome = elect_one(desk.image, &tp, election);
        let mut result = PartitionResult {
            partition_id: tp.partition,
            error_message: None,
            ..Default::default()
        };
        match outcome {
            // Asked for all partitions, Kafka tells only of those where there was something to do.
            Err(refusal)
                if refusal.error == ErrorCode::ElectionNotNeeded
                    && request.topic_partitions.is_none() =>
            {
                continue;
            }
            Err(refusal) => {
                result.error_code = refusal.error.code();
                result.error_message = refusal.message;
            }
            Ok(record) => records.push(record),
        }
        results.entry(tp.topic).or_default().push(result);
    }
    let results = results
        .into_iter()
        .map(|(topic, partition_result)| ReplicaElectionResult {
            topic,
            partition_result,
        });
    let replica_election_results = results.collect();
    Decision::write(
        records,
        ElectLeadersResponse {
            replica_election_results,
            ..Default::default()
        },
    )
}

fn plan(
    desk: &mut Desk<'_>,
    wanted: &CreatePartitionsTopic,
    budget: &mut i64,
) -> Result<Vec<MetadataRecord>, Refusal> {
    let image = desk.image;
    let topic = image.topic(&wanted.name);
    let topic = topic.ok_or_else(|| Refusal::bare(ErrorCode::UnknownTopicOrPartition))?;
    let current = topic.partition_count();
    let additional = check_count(topic, wanted.count)?;
    *budget = budget.saturating_sub(i64::from(additional));
    if *budget < 0 {
        return Err(Refusal::new(
            ErrorCode::PolicyViolation,
            TOO_MANY_PARTITIONS,
        ));
    }
    let factor = topic
        .partitions
        .get(&0)
        .map_or(1, |partition| partition.replicas.len());
    let replicas = match &wanted.assignments {
        None => place(desk, additional, i16::try_from(factor).unwrap_or(i16::MAX))?,
        Some(assignments) => {
            let by_hand = assignments
                .iter()
                .map(|assignment| assignment.broker_ids.clone())
                .collect();
            check_by_hand(desk.image, by_hand, additional, current, factor)?
        }
    };
    let mut records = Vec::new();
    for (index, replicas) in (current..).zip(&replicas) {
        let record = new_partition(image, topic.id, index, replicas);
        records.push(record.ok_or_else(|| nobody_alive(factor))?.into());
    }
    Ok(records)
}

fn check_count(topic: &TopicImage, count: i32) -> Result<i32, Refusal> {
    let current = topic.partition_count();
    let why = if count == current {
        format!("Topic already has {current} partition(s).")
    } else if count < current {
        let name = &topic.name;
        format!(
            "The topic {name} currently has {current} partition(s); {count} would not be an increase."
        )
    } else {
        return Ok(count.saturating_sub(current));
    };
    Err(Refusal::new(ErrorCode::InvalidPartitions, why))
}

fn check_by_hand(
    image: &MetadataImage,
    assignments: Vec<Vec<BrokerId>>,
    additional: i32,
    first: i32,
    factor: usize,
) -> Result<Vec<Vec<BrokerId>>, Refusal> {
    if usize::try_from(additional) != Ok(assignments.len()) {
        let why = format!(
            "Attempted to add {additional} additional partition(s), but only {} assignment(s) were specified.",
            assignments.len()
        );
        return Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, why));
    }
    for (index, replicas) in (first..).zip(&assignments) {
        check_assignment(image, index, replicas, Some(factor))?;
    }
    Ok(assignments)
}

fn wanted_elections(image: &MetadataImage, request: &ElectLeadersRequest) -> Vec<TopicPartition> {
    let of = |topic: &str, partition: i32| TopicPartition::new(topic, partition);
    match &request.topic_partitions {
        Some(topics) => {
            let topics = topics.iter();
            topics
                .flat_map(|topic| {
                    topic
                        .partitions
                        .iter()
                        .map(|index| of(&topic.topic, *index))
                })
                .collect()
        }
        None => image
            .topics()
            .flat_map(|topic| topic.partitions.keys().map(|index| of(&topic.name, *index)))
            .collect(),
    }
}

#[inline(never)]
fn elect_one(
    image: &MetadataImage,
    tp: &TopicPartition,
    election: Election,
) -> Result<MetadataRecord, Refusal> {
    let unknown = |why: String| Refusal::new(ErrorCode::UnknownTopicOrPartition, why);
    let topic = image
        .topic(&tp.topic)
        .ok_or_else(|| unknown(format!("No such topic as {}", tp.topic)))?;
    let partition = topic.partitions.get(&tp.partition);
    let partition = partition.ok_or_else(|| unknown(format!("No such partition as {tp}")))?;
    let not_needed = match election {
        Election::Preferred => partition.is_led_by_preferred(),
        _ => partition.has_leader(),
    };
    if not_needed {
        return Err(Refusal::bare(ErrorCode::ElectionNotNeeded));
    }
    let mut change = Change::of(image, topic, tp.partition)
        .ok_or_else(|| Refusal::bare(ErrorCode::UnknownTopicOrPartition))?;
    change.election = election;
    let is_active = |broker| Movement::default().is_active(image, broker);
    let record = change.record(&is_active);
    let unavailable = match election {
        Election::Preferred => ErrorCode::PreferredLeaderNotAvailable,
        _ => ErrorCode::EligibleLeadersNotAvailable,
    };
    record
        .map(MetadataRecord::from)
        .ok_or_else(|| Refusal::bare(unavailable))
}
