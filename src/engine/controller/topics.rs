//! Topics come and go: CreateTopics and DeleteTopics.

use records::sorted::Arrange;
use records::sorted::{SortedMap, SortedSet};

use protocol::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfigs, CreatableTopicResult,
    CreateTopicsRequest, CreateTopicsResponse,
};
use protocol::messages::delete_topics::{
    DeletableTopicResult, DeleteTopicState, DeleteTopicsRequest, DeleteTopicsResponse,
};
use protocol::metadata_records::{
    ConfigRecord, MetadataRecord, PartitionRecord, RemoveTopicRecord, TopicRecord,
};
use protocol::{ErrorCode, Uuid};

use crate::config::{ResourceType, layers, topic};
use crate::controller::assignment::{
    MAX_PARTITIONS_PER_REQUEST, TOO_MANY_PARTITIONS, check_assignment, new_partition, nobody_alive,
    place,
};
use crate::controller::configs::check_lengths;
use crate::controller::{Decision, Desk, Refusal, names};
use crate::ids::{BrokerId, METADATA_TOPIC};
use crate::image::{ConfigMap, MetadataImage};

/// Makes topics, each by itself: one that is refused does not stop the others.
pub fn create(desk: &mut Desk<'_>, request: &CreateTopicsRequest) -> Decision {
    let duplicates = duplicates(request.topics.iter().map(|topic| topic.name.as_str()));
    if requested_partitions(desk, request) > MAX_PARTITIONS_PER_REQUEST {
        let too_many = Refusal::new(ErrorCode::PolicyViolation, TOO_MANY_PARTITIONS);
        let refuse = |topic: &CreatableTopic| refused_topic(&topic.name, &too_many);
        let topics = request.topics.iter().map(refuse).collect();
        return Decision::answer(CreateTopicsResponse {
            topics,
            ..Default::default()
        });
    }
    let mut response = CreateTopicsResponse::default();
    let mut records = Vec::new();
    let mut answered = SortedSet::new();
    for topic in &request.topics {
        if !answered.insert(topic.name.as_str()) {
            continue;
        }
        let planned = if duplicates.contains(topic.name.as_str()) {
            Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "Duplicate topic name.",
            ))
        } else {
            plan(desk, topic)
        };
        match planned {
            Ok(plan) => {
                response.topics.push(plan.result(desk.image));
                plan.write(&mut records);
            }
            Err(refusal) => response.topics.push(refused_topic(&topic.name, &refusal)),
        }
    }
    if request.validate_only {
        records.clear();
    }
    Decision::write(records, response)
}

/// Deletes topics by name or by id.
#[inline(never)]
pub fn delete(desk: &mut Desk<'_>, request: &DeleteTopicsRequest) -> Decision {
    let by_name = request.topic_names.iter().map(|name| DeleteTopicState {
        name: Some(name.clone()),
        topic_id: Uuid::ZERO,
    });
    let wanted: Vec<DeleteTopicState> = request.topics.iter().cloned().chain(by_name).collect();
    let mut records: Vec<MetadataRecord> = Vec::new();
    let mut deleted = SortedSet::new();
    let mut responses = Vec::new();
    for topic in &wanted {
        match find_to_delete(desk.image, topic) {
            Ok((name, id)) if deleted.insert(id) => {
                records.push(RemoveTopicRecord { topic_id: id }.into());
                let name = Some(name.to_owned());
                responses.push(DeletableTopicResult {
                    name,
                    topic_id: id,
                    ..Default::default()
                });
            }
            Ok((_, id)) => {
                let refusal = Refusal::new(ErrorCode::InvalidRequest, duplicate_sentence(topic));
                responses.retain(|result: &DeletableTopicResult| result.topic_id != id);
                records.retain(|record| *record != RemoveTopicRecord { topic_id: id }.into());
                responses.push(refused_delete(topic, refusal));
            }
            Err(refusal) => responses.push(refused_delete(topic, refusal)),
        }
    }
    Decision::write(
        records,
        DeleteTopicsResponse {
            responses,
            ..Default::default()
        },
    )
}

/// Names that occur more than once.
pub fn duplicates<'a>(names: impl Iterator<Item = &'a str>) -> SortedSet<&'a str> {
    let mut seen = SortedSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}

/// A topic that may be made.
struct Plan {
    name: String,
    id: Uuid,
    configs: ConfigMap,
    partitions: Vec<PartitionRecord>,
}

impl Plan {
    fn result(&self, image: &MetadataImage) -> CreatableTopicResult {
        let mut values = layers::of_topic(image, None, &self.configs);
        values.arrange_by_key(|value| value.entry.name);
        let configs = values.into_iter().map(|value| CreatableTopicConfigs {
            name: value.entry.name.to_owned(),
            value: Some(value.value),
            read_only: false,
            config_source: value.source.code(),
            is_sensitive: false,
        });
        let factor = self
            .partitions
            .first()
            .map_or(0, |partition| partition.replicas.len());
        CreatableTopicResult {
            name: self.name.clone(),
            topic_id: self.id,
            error_message: None,
            num_partitions: i32::try_from(self.partitions.len()).unwrap_or(i32::MAX),
            replication_factor: i16::try_from(factor).unwrap_or(i16::MAX),
            configs: Some(configs.collect()),
            ..Default::default()
        }
    }

    fn write(self, records: &mut Vec<MetadataRecord>) {
        let topic = TopicRecord {
            name: self.name.clone(),
            topic_id: self.id,
        };
        records.push(topic.into());
        for (name, value) in self.configs {
            let record = ConfigRecord {
                resource_type: ResourceType::Topic.code(),
                resource_name: self.name.clone(),
                name,
                value: Some(value),
            };
            records.push(record.into());
        }
        records.extend(self.partitions.into_iter().map(MetadataRecord::from));
    }
}

fn requested_partitions(desk: &Desk<'_>, request: &CreateTopicsRequest) -> i64 {
    let of_topic = |topic: &CreatableTopic| {
        let by_hand = i64::try_from(topic.assignments.len()).unwrap_or(i64::MAX);
        match topic.num_partitions {
            _ if by_hand > 0 => by_hand,
            -1 => i64::from(desk.config.num_partitions),
            count => i64::from(count),
        }
    };
    request
        .topics
        .iter()
        .fold(0, |sum, topic| sum.saturating_add(of_topic(topic).max(0)))
}

fn plan(desk: &mut Desk<'_>, topic: &CreatableTopic) -> Result<Plan, Refusal> {
    check_name(desk.image, &topic.name)?;
    let configs = check_configs(topic)?;
    let id = fresh_topic_id(desk);
    let replicas = if topic.assignments.is_empty() {
        place_by_count(desk, topic)?
    } else {
        place_by_hand(desk, topic)?
    };
    let mut partitions = Vec::with_capacity(replicas.len());
    for (index, replicas) in (0..).zip(&replicas) {
        let partition = new_partition(desk.image, id, index, replicas);
        partitions.push(partition.ok_or_else(|| nobody_alive(replicas.len()))?);
    }
    Ok(Plan {
        name: topic.name.clone(),
        id,
        configs,
        partitions,
    })
}

fn check_name(image: &MetadataImage, name: &str) -> Result<(), Refusal> {
    if name == METADATA_TOPIC {
        let why = format!("Creation of internal topic {METADATA_TOPIC} is prohibited.");
        return Err(Refusal::new(ErrorCode::InvalidRequest, why));
    }
    names::check(name).map_err(|why| Refusal::new(ErrorCode::InvalidTopicException, why))?;
    if image.topic(name).is_some() {
        let why = format!("Topic '{name}' already exists.");
        return Err(Refusal::new(ErrorCode::TopicAlreadyExists, why));
    }
    if let Some(other) = names::collision(image, name) {
        let why = format!("Topic '{name}' collides with existing topic: {other}");
        return Err(Refusal::new(ErrorCode::InvalidTopicException, why));
    }
    Ok(())
}

fn check_configs(topic: &CreatableTopic) -> Result<ConfigMap, Refusal> {
    let mut configs = ConfigMap::new();
    for config in &topic.configs {
        if let Some(value) = &config.value {
            configs.insert(config.name.clone(), value.clone());
        }
    }
    check_lengths(&configs)?;
    match topic::check_all(&configs) {
        Ok(()) => Ok(configs),
        Err(why) => Err(Refusal::new(ErrorCode::InvalidConfig, why)),
    }
}

fn place_by_count(
    desk: &mut Desk<'_>,
    topic: &CreatableTopic,
) -> Result<Vec<Vec<BrokerId>>, Refusal> {
    if topic.replication_factor < -1 || topic.replication_factor == 0 {
        let why = "Replication factor must be larger than 0, or -1 to use the default value.";
        return Err(Refusal::new(ErrorCode::InvalidReplicationFactor, why));
    }
    if topic.num_partitions < -1 || topic.num_partitions == 0 {
        let why = "Number of partitions was set to an invalid non-positive value.";
        return Err(Refusal::new(ErrorCode::InvalidPartitions, why));
    }
    let or_default = |given: i32, default: i32| if given == -1 { default } else { given };
    let count = or_default(topic.num_partitions, desk.config.num_partitions);
    let factor = or_default(
        i32::from(topic.replication_factor),
        i32::from(desk.config.default_replication),
    );
    place(desk, count, i16::try_from(factor).unwrap_or(i16::MAX))
}

#[inline(never)]
fn place_by_hand(desk: &Desk<'_>, topic: &CreatableTopic) -> Result<Vec<Vec<BrokerId>>, Refusal> {
    const WHAT: &str = "A manual partition assignment was specified, but";
    if topic.replication_factor != -1 {
        let why = format!("{WHAT} replication factor was not set to -1.");
        return Err(Refusal::new(ErrorCode::InvalidRequest, why));
    }
    if topic.num_partitions != -1 {
        let why = format!("{WHAT} numPartitions was not set to -1.");
        return Err(Refusal::new(ErrorCode::InvalidRequest, why));
    }
    let mut by_index: SortedMap<i32, &CreatableReplicaAssignment> = SortedMap::new();
    let mut factor = None;
    for assignment in &topic.assignments {
        let index = assignment.partition_index;
        if by_index.insert(index, assignment).is_some() {
            let why = format!("Found multiple manual partition assignments for partition {index}");
            return Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, why));
        }
        check_assignment(desk.image, index, &assignment.broker_ids, factor)?;
        factor = Some(assignment.broker_ids.len());
    }
    if !by_index.keys().copied().eq((0..).take(by_index.len())) {
        let why = "partitions should be a consecutive 0-based integer sequence";
        return Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, why));
    }
    Ok(by_index
        .values()
        .map(|assignment| assignment.broker_ids.clone())
        .collect())
}

fn fresh_topic_id(desk: &mut Desk<'_>) -> Uuid {
    loop {
        let id = Uuid(desk.rng.uuid_bytes());
        if desk.image.topic_by_id(id).is_none() {
            return id;
        }
    }
}

fn refused_topic(name: &str, refusal: &Refusal) -> CreatableTopicResult {
    CreatableTopicResult {
        name: name.to_owned(),
        error_code: refusal.error.code(),
        error_message: refusal.message.clone(),
        ..Default::default()
    }
}

#[inline(never)]
fn find_to_delete<'a>(
    image: &'a MetadataImage,
    topic: &DeleteTopicState,
) -> Result<(&'a str, Uuid), Refusal> {
    let found = match (&topic.name, topic.topic_id) {
        (None, Uuid::ZERO) => {
            let why = "Neither topic name nor id were specified.";
            return Err(Refusal::new(ErrorCode::InvalidRequest, why));
        }
        (Some(name), Uuid::ZERO) => image.topic(name).ok_or(ErrorCode::UnknownTopicOrPartition),
        (None, id) => image.topic_by_id(id).ok_or(ErrorCode::UnknownTopicId),
        (Some(_), _) => {
            let why = "You may not specify both topic name and topic id.";
            return Err(Refusal::new(ErrorCode::InvalidRequest, why));
        }
    };
    found
        .map(|topic| (topic.name.as_str(), topic.id))
        .map_err(Refusal::bare)
}

fn duplicate_sentence(topic: &DeleteTopicState) -> &'static str {
    if topic.name.is_some() {
        "Duplicate topic name."
    } else {
        "Duplicate topic id."
    }
}

fn refused_delete(topic: &DeleteTopicState, refusal: Refusal) -> DeletableTopicResult {
    DeletableTopicResult {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        error_code: refusal.error.code(),
        error_message: refusal.message,
    }
}
