//! Configurations change: AlterConfigs (all of a resource's at once) and IncrementalAlterConfigs.

use records::sorted::SortedSet;

use protocol::ErrorCode;
use protocol::messages::{alter_configs, incremental_alter_configs};
use protocol::metadata_records::{ConfigRecord, MetadataRecord, PartitionChangeRecord};

use crate::config::value::{Kind, list_items};
use crate::config::{ResourceType, broker, group, topic};
use crate::controller::{Decision, Desk, Refusal};
use crate::image::{ConfigMap, DEFAULT_BROKER, MetadataImage, TopicImage};

/// The most bytes of a value that the metadata log takes.
pub const LONGEST_VALUE: usize = 32_767;

const MIN_ISR: &str = "min.insync.replicas";

/// What is to be done with one key.
enum Change<'a> {
    Set(&'a str),
    Delete,
    Append(&'a str),
    Subtract(&'a str),
}

/// A resource as requests name it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Resource<'a> {
    code: i8,
    name: &'a str,
}

/// Replaces all that is set on each resource.
#[inline(never)]
pub fn alter(desk: &mut Desk<'_>, request: &alter_configs::AlterConfigsRequest) -> Decision {
    let resources = request.resources.iter().map(|r| Resource {
        code: r.resource_type,
        name: &r.resource_name,
    });
    let twice = twice(resources.clone());
    let mut records = Vec::new();
    let mut responses = Vec::new();
    for (wanted, resource) in request.resources.iter().zip(resources) {
        let keys = wanted
            .configs
            .iter()
            .map(|config| (config.name.as_str(), config.value.is_none()));
        let outcome = check_request(&resource, &twice, keys).and_then(|kind| {
            let value =
                |config: &alter_configs::AlterableConfig| config.value.clone().unwrap_or_default();
            let next = wanted
                .configs
                .iter()
                .map(|config| (config.name.clone(), value(config)))
                .collect();
            settle(desk.image, kind, resource.name, next)
        });
        let (error_code, error_message) = file(outcome, &mut records);
        responses.push(alter_configs::AlterConfigsResourceResponse {
            error_code,
            error_message,
            resource_type: wanted.resource_type,
            resource_name: wanted.resource_name.clone(),
        });
    }
    if request.validate_only {
        records.clear();
    }
    Decision::write(
        records,
        alter_configs::AlterConfigsResponse {
            responses,
            ..Default::default()
        },
    )
}

/// Sets, deletes, appends to and subtracts from single keys.
#[inline(never)]
pub fn alter_incrementally(
    desk: &mut Desk<'_>,
    request: &incremental_alter_configs::IncrementalAlterConfigsRequest,
) -> Decision {
    let resources = request.resources.iter().map(|r| Resource {
        code: r.resource_type,
        name: &r.resource_name,
    });
    let twice = twice(resources.clone());
    let mut records = Vec::new();
    let mut responses = Vec::new();
    for (wanted, resource) in request.resources.iter().zip(resources) {
        let outcome = plan_increments(desk.image, wanted, &resource, &twice);
        let (error_code, error_message) = file(outcome, &mut records);
        responses.push(incremental_alter_configs::AlterConfigsResourceResponse {
            error_code,
            error_message,
            resource_type: wanted.resource_type,
            resource_name: wanted.resource_name.clone(),
        });
    }
    if request.validate_only {
        records.clear();
    }
    let response = incremental_alter_configs::IncrementalAlterConfigsResponse {
        responses,
        ..Default::default()
    };
    Decision::write(records, response)
}

/// Refuses values that the metadata log does not take.
pub fn check_lengths(configs: &ConfigMap) -> Result<(), Refusal> {
    if configs.values().all(|value| value.len() <= LONGEST_VALUE) {
        return Ok(());
    }
    let why = format!(
        "The configuration value cannot be added because it exceeds the maximum value size of \
         {LONGEST_VALUE} bytes."
    );
    Err(Refusal::new(ErrorCode::InvalidConfig, why))
}

fn plan_increments(
    image: &MetadataImage,
    wanted: &incremental_alter_configs::AlterConfigsResource,
    resource: &Resource<'_>,
    twice: &SortedSet<Resource<'_>>,
) -> Result<Vec<MetadataRecord>, Refusal> {
    let is_null = |config: &incremental_alter_configs::AlterableConfig| {
        config.config_operation != 1 && config.value.is_none()
    };
    let keys = wanted
        .configs
        .iter()
        .map(|config| (config.name.as_str(), is_null(config)));
    let kind = check_request(resource, twice, keys)?;
    let mut next = current(image, kind, resource.name)
        .cloned()
        .unwrap_or_default();
    for config in &wanted.configs {
        let value = config.value.as_deref().unwrap_or_default();
        let change = match config.config_operation {
            0 => Change::Set(value),
            1 => Change::Delete,
            2 => Change::Append(value),
            3 => Change::Subtract(value),
            other => {
                let why = format!("Unknown operation type {other}");
                return Err(Refusal::new(ErrorCode::InvalidRequest, why));
            }
        };
        apply(&mut next, kind, &config.name, &change)?;
    }
    settle(image, kind, resource.name, next)
}

fn apply(
    map: &mut ConfigMap,
    kind: ResourceType,
    key: &str,
    change: &Change<'_>,
) -> Result<(), Refusal> {
    let (operation, items) = match change {
        Change::Set(value) => {
            map.insert(key.to_owned(), (*value).to_owned());
            return Ok(());
        }
        Change::Delete => {
            map.remove(key);
            return Ok(());
        }
        Change::Append(value) => ("APPEND", list_items(value)),
        Change::Subtract(value) => ("SUBTRACT", list_items(value)),
    };
    let (key_kind, default) = entry(kind, key).unwrap_or((Kind::Text, ""));
    if key_kind != Kind::List {
        let why = format!("Can't {operation} to key {key} because its type is not LIST.");
        return Err(Refusal::new(ErrorCode::InvalidConfig, why));
    }
    let old = map.get(key).map_or(default, String::as_str).to_owned();
    let mut list = list_items(&old);
    match change {
        Change::Append(_) => {
            for item in items {
                if !list.contains(&item) {
                    list.push(item);
                }
            }
        }
        _ => list.retain(|item| !items.contains(item)),
    }
    map.insert(key.to_owned(), list.join(","));
    Ok(())
}

/// The records that make `next` what is set on a resource, if it may be.
fn settle(
    image: &MetadataImage,
    kind: ResourceType,
    name: &str,
    next: ConfigMap,
) -> Result<Vec<MetadataRecord>, Refusal> {
    check_lengths(&next)?;
    let empty = ConfigMap::new();
    let before = current(image, kind, name).unwrap_or(&empty);
    match kind {
        ResourceType::Topic => check_topic(image, name, &next)?,
        ResourceType::Broker => check_broker(name, before, &next)?,
        ResourceType::Group => {
            let mut pairs = next.iter();
            let checked = pairs.try_for_each(|(key, value)| group::check_one(key, value));
            checked.map_err(|why| Refusal::new(ErrorCode::InvalidConfig, why))?;
        }
    }
    let record = |key: &String, value: Option<&String>| {
        let record = ConfigRecord {
            resource_type: kind.code(),
            resource_name: name.to_owned(),
            name: key.clone(),
            value: value.cloned(),
        };
        MetadataRecord::from(record)
    };
    let set = next
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(*value));
    let mut records: Vec<MetadataRecord> =
        set.map(|(key, value)| record(key, Some(value))).collect();
    let gone = before.keys().filter(|key| !next.contains_key(*key));
    records.extend(gone.map(|key| record(key, None)));
    if kind != ResourceType::Group && before.get(MIN_ISR) != next.get(MIN_ISR) {
        let topics = image.topics();
        let topics = topics.filter(|topic| kind == ResourceType::Broker || topic.name == name);
        topics.for_each(|topic| end_eligibility(topic, &mut records));
    }
    Ok(records)
}

/// Whoever was eligible under another minimum of in-sync replicas may lack what is committed under
/// the new one.
fn end_eligibility(topic: &TopicImage, records: &mut Vec<MetadataRecord>) {
    for (&partition_id, partition) in &topic.partitions {
        if !partition.elr.is_empty() && partition.has_leader() {
            let record = PartitionChangeRecord {
                partition_id,
                topic_id: topic.id,
                eligible_leader_replicas: Some(Vec::new()),
                ..PartitionChangeRecord::default()
            };
            records.push(record.into());
        }
    }
}

fn check_topic(image: &MetadataImage, name: &str, next: &ConfigMap) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Refusal::new(
            ErrorCode::InvalidRequest,
            "Default topic resources are not allowed.",
        ));
    }
    if image.topic(name).is_none() {
        let why = format!("The topic '{name}' does not exist.");
        return Err(Refusal::new(ErrorCode::UnknownTopicOrPartition, why));
    }
    topic::check_all(next).map_err(|why| Refusal::new(ErrorCode::InvalidConfig, why))
}

fn check_broker(name: &str, before: &ConfigMap, next: &ConfigMap) -> Result<(), Refusal> {
    let is_default = name == DEFAULT_BROKER;
    if !is_default && name.parse::<u32>().is_err() {
        let why = "Unable to parse broker name as a base 10 number.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, why));
    }
    if !is_default && before.get(MIN_ISR) != next.get(MIN_ISR) {
        let why = format!("Broker-level {MIN_ISR} cannot be altered while ELR is enabled.");
        return Err(Refusal::new(ErrorCode::InvalidConfig, why));
    }
    if is_default && before.contains_key(MIN_ISR) && !next.contains_key(MIN_ISR) {
        let why = format!("Cluster-level {MIN_ISR} cannot be removed while ELR is enabled.");
        return Err(Refusal::new(ErrorCode::InvalidConfig, why));
    }
    let changed: Vec<(&String, &String)> = next
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(*value))
        .collect();
    let is_fixed = |key: &str| broker::find(key).is_some_and(|entry| !entry.dynamic);
    let fixed: Vec<&str> = changed
        .iter()
        .map(|(key, _)| key.as_str())
        .filter(|key| is_fixed(key))
        .collect();
    if !fixed.is_empty() {
        let why = format!(
            "Cannot update these configs dynamically: [{}]",
            fixed.join(", ")
        );
        return Err(Refusal::new(ErrorCode::InvalidRequest, why));
    }
    let mut pairs = changed.into_iter();
    let checked = pairs.try_for_each(|(key, value)| broker::check_one(key, value));
    checked.map_err(|why| Refusal::new(ErrorCode::InvalidConfig, why))
}

fn check_request<'a>(
    resource: &Resource<'_>,
    twice: &SortedSet<Resource<'_>>,
    keys: impl Iterator<Item = (&'a str, bool)>,
) -> Result<ResourceType, Refusal> {
    let refuse = |why: String| Err(Refusal::new(ErrorCode::InvalidRequest, why));
    if twice.contains(resource) {
        return refuse("Each resource must appear at most once.".to_owned());
    }
    let Some(kind) = ResourceType::from_code(resource.code) else {
        return refuse(format!("Unexpected resource type {}.", resource.code));
    };
    let mut seen = SortedSet::new();
    let (mut nulls, mut repeated) = (Vec::new(), Vec::new());
    for (key, is_null) in keys {
        if is_null {
            nulls.push(key);
        }
        if !seen.insert(key) {
            repeated.push(key);
        }
    }
    if !repeated.is_empty() {
        return refuse(format!(
            "Error due to duplicate config keys : {}",
            repeated.join(",")
        ));
    }
    if !nulls.is_empty() {
        return refuse(format!(
            "Null value not supported for : {}",
            nulls.join(",")
        ));
    }
    Ok(kind)
}

fn twice<'a>(resources: impl Iterator<Item = Resource<'a>>) -> SortedSet<Resource<'a>> {
    let mut seen = SortedSet::new();
    resources
        .filter(|resource| !seen.insert(resource.clone()))
        .collect()
}

fn current<'a>(image: &'a MetadataImage, kind: ResourceType, name: &str) -> Option<&'a ConfigMap> {
    match kind {
        ResourceType::Topic => image.topic_overrides(name),
        ResourceType::Broker => image.broker_overrides(name),
        ResourceType::Group => image.group_overrides(name),
    }
}

fn entry(kind: ResourceType, key: &str) -> Option<(Kind, &'static str)> {
    match kind {
        ResourceType::Topic => topic::find(key).map(|entry| (entry.kind, entry.default)),
        ResourceType::Broker => {
            broker::find(key).map(|entry| (entry.kind, entry.default().unwrap_or_default()))
        }
        ResourceType::Group => None,
    }
}

fn file(
    outcome: Result<Vec<MetadataRecord>, Refusal>,
    records: &mut Vec<MetadataRecord>,
) -> (i16, Option<String>) {
    match outcome {
        Ok(new) => {
            records.extend(new);
            (ErrorCode::None.code(), None)
        }
        Err(refusal) => (refusal.error.code(), refusal.message),
    }
}
