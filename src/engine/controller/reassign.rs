//! Replicas move to other brokers: AlterPartitionReassignments and ListPartitionReassignments.
//!
//! A reassignment first adds the new replicas. When all of them are in sync,
//! [`crate::controller::change`] takes the old ones out.

use protocol::ErrorCode;
use protocol::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, ReassignablePartition,
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use protocol::messages::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
    OngoingPartitionReassignment, OngoingTopicReassignment,
};
use protocol::metadata_records::MetadataRecord;
use records::sorted::SortedSet;

use crate::controller::assignment::check_replicas;
use crate::controller::change::Change;
use crate::controller::election::{Election, Movement, allowed};
use crate::controller::{Decision, Desk, Refusal};
use crate::ids::BrokerId;
use crate::image::partition::PartitionImage;
use crate::image::{MetadataImage, TopicImage};

/// Begins, redirects or cancels reassignments, each by itself.
pub fn alter(desk: &mut Desk<'_>, request: &AlterPartitionReassignmentsRequest) -> Decision {
    let mut records: Vec<MetadataRecord> = Vec::new();
    let mut seen = SortedSet::new();
    let mut responses = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let partitions = topic.partitions.iter().map(|wanted| {
            let outcome = if seen.insert((topic.name.as_str(), wanted.partition_index)) {
                let factor_may_change = request.allow_replication_factor_change;
                alter_one(desk.image, &topic.name, wanted, factor_may_change)
            } else {
                let why = "A partition may be reassigned only once in a request.";
                Err(Refusal::new(ErrorCode::InvalidRequest, why))
            };
            let mut answer = ReassignablePartitionResponse {
                partition_index: wanted.partition_index,
                error_message: None,
                ..Default::default()
            };
            match outcome {
                Ok(record) => records.extend(record),
                Err(refusal) => {
                    answer.error_code = refusal.error.code();
                    answer.error_message = refusal.message;
                }
            }
            answer
        });
        responses.push(ReassignableTopicResponse {
            name: topic.name.clone(),
            partitions: partitions.collect(),
        });
    }
    let response = AlterPartitionReassignmentsResponse {
        allow_replication_factor_change: request.allow_replication_factor_change,
        error_message: None,
        responses,
        ..Default::default()
    };
    Decision::write(records, response)
}

/// The reassignments in progress, of all partitions or of those asked for.
pub fn list(desk: &mut Desk<'_>, request: &ListPartitionReassignmentsRequest) -> Decision {
    let mut topics = Vec::new();
    match &request.topics {
        None => {
            for topic in desk.image.topics() {
                topics.extend(ongoing(topic, |_| true));
            }
        }
        Some(wanted) => {
            for asked in wanted {
                if let Some(topic) = desk.image.topic(&asked.name) {
                    topics.extend(ongoing(topic, |index| {
                        asked.partition_indexes.contains(&index)
                    }));
                }
            }
        }
    }
    Decision::answer(ListPartitionReassignmentsResponse {
        error_message: None,
        topics,
        ..Default::default()
    })
}

fn ongoing(topic: &TopicImage, wanted: impl Fn(i32) -> bool) -> Option<OngoingTopicReassignment> {
    let moving = topic.partitions.iter();
    let moving = moving.filter(|(index, partition)| wanted(**index) && is_moving(partition));
    let partitions: Vec<OngoingPartitionReassignment> = moving
        .map(|(index, partition)| OngoingPartitionReassignment {
            partition_index: *index,
            replicas: partition.replicas.clone(),
            adding_replicas: partition.adding_replicas.clone(),
            removing_replicas: partition.removing_replicas.clone(),
        })
        .collect();
    (!partitions.is_empty()).then(|| OngoingTopicReassignment {
        name: topic.name.clone(),
        partitions,
    })
}

fn is_moving(partition: &PartitionImage) -> bool {
    !(partition.adding_replicas.is_empty() && partition.removing_replicas.is_empty())
}

fn alter_one(
    image: &MetadataImage,
    name: &str,
    wanted: &ReassignablePartition,
    factor_may_change: bool,
) -> Result<Option<MetadataRecord>, Refusal> {
    let index = wanted.partition_index;
    let unknown = |why: String| Refusal::new(ErrorCode::UnknownTopicOrPartition, why);
    let topic = image
        .topic(name)
        .ok_or_else(|| unknown(format!("Unable to find a topic named {name}.")))?;
    let missing = || unknown(format!("Unable to find partition {name}:{index}."));
    let partition = topic.partitions.get(&index).ok_or_else(missing)?;
    let mut change = Change::of(image, topic, index).ok_or_else(missing)?;
    match &wanted.replicas {
        None => cancel(image, topic, index, &mut change)?,
        Some(target) => {
            check_replicas(image, target, None)?;
            check_factor(partition, target.len(), factor_may_change)?;
            redirect(partition, target, &mut change);
        }
    }
    let is_active = |broker| Movement::default().is_active(image, broker);
    Ok(change.record(&is_active).map(MetadataRecord::from))
}

/// The target's replicas and those that go, which stay until the new ones are in sync.
fn redirect(partition: &PartitionImage, target: &[BrokerId], change: &mut Change<'_>) {
    let missing_in = |list: &[BrokerId], from: &[BrokerId]| -> Vec<BrokerId> {
        let missing = from.iter().copied().filter(|id| !list.contains(id));
        missing
            .collect::<SortedSet<BrokerId>>()
            .into_iter()
            .collect()
    };
    change.removing = missing_in(target, &partition.replicas);
    change.adding = missing_in(&partition.replicas, target);
    change.replicas = target.iter().chain(&change.removing).copied().collect();
}

/// Takes out what the reassignment was adding.
fn cancel(
    image: &MetadataImage,
    topic: &TopicImage,
    index: i32,
    change: &mut Change<'_>,
) -> Result<(), Refusal> {
    if change.adding.is_empty() && change.removing.is_empty() {
        return Err(Refusal::new(
            ErrorCode::NoReassignmentInProgress,
            "No partition reassignment is in progress.",
        ));
    }
    let adding = std::mem::take(&mut change.adding);
    change.removing.clear();
    change.isr.retain(|broker| !adding.contains(broker));
    change.replicas.retain(|broker| !adding.contains(broker));
    if change.isr.is_empty() {
        // Only new replicas are in sync: going back loses what the old ones lack.
        if allowed(image, &topic.name) != Election::Unclean {
            let why = format!(
                "Unable to revert partition assignment for {}:{index} because it would require an \
                 unclean leader election.",
                topic.name
            );
            return Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, why));
        }
        change.election = Election::Unclean;
        change.isr.extend(change.replicas.first().copied());
    }
    Ok(())
}

fn check_factor(
    partition: &PartitionImage,
    wanted: usize,
    may_change: bool,
) -> Result<(), Refusal> {
    let removing = partition.removing_replicas.len();
    let current = partition.replicas.len().saturating_sub(removing);
    if may_change || current == wanted {
        return Ok(());
    }
    let why = format!("The replication factor is changed from {current} to {wanted}");
    Err(Refusal::new(ErrorCode::InvalidReplicationFactor, why))
}
