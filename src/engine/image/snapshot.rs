//! An image as the records that make it, and back: what a snapshot of the metadata holds.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use protocol::Uuid;
use protocol::metadata_records::{
    BrokerEndpoint, ConfigRecord, FeatureLevelRecord, MetadataRecord, PartitionRecord,
    ProducerIdsRecord, RegisterBrokerRecord, TopicRecord,
};
use records::{BatchBuilder, BatchError, BatchOptions, Record};
use serde::Serialize;

use crate::config::ResourceType;
use crate::ids::TopicPartition;
use crate::image::delta::ImageDelta;
use crate::image::log::{Place, ReplayError, write_batch};
use crate::image::partition::PartitionImage;
use crate::image::{BrokerRegistration, ConfigMap, MetadataImage};
use crate::time::SimTime;

/// The most records that stand in one batch of a snapshot.
const BATCH_RECORDS: usize = 1_000;
/// Types of control records: what a snapshot begins and ends with.
const HEADER_TYPE: u8 = 3;
const FOOTER_TYPE: u8 = 4;

/// All metadata at one offset, as Kafka keeps it in a `.checkpoint` file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The offset that follows the last record it stands for.
    pub end_offset: i64,
    /// The controller's epoch in which that record was written.
    pub epoch: i32,
    /// Its batches.
    pub bytes: Bytes,
}

impl Snapshot {
    /// The snapshot of an image.
    pub fn of(image: &MetadataImage, now: SimTime) -> Result<Snapshot, BatchError> {
        let mut bytes = BytesMut::new();
        let mut offset = 0i64;
        let epoch = image.epoch();
        let header = control(offset, epoch, now, HEADER_TYPE, &header_value(now))?;
        bytes.extend_from_slice(&header);
        offset = offset.saturating_add(1);
        for records in image.to_records().chunks(BATCH_RECORDS) {
            let place = Place {
                base_offset: offset,
                epoch,
                now,
            };
            bytes.extend_from_slice(&write_batch(place, records)?);
            offset = offset.saturating_add(i64::try_from(records.len()).unwrap_or(i64::MAX));
        }
        let footer = control(offset, epoch, now, FOOTER_TYPE, &[0, 0, 0])?;
        bytes.extend_from_slice(&footer);
        Ok(Snapshot {
            end_offset: image.offset().saturating_add(1),
            epoch,
            bytes: bytes.freeze(),
        })
    }

    /// The image that it holds.
    pub fn load(&self) -> Result<MetadataImage, ReplayError> {
        let mut image = MetadataImage::new();
        image.replay_log(&self.bytes).1?;
        image.offset = self.end_offset.saturating_sub(1);
        image.epoch = self.epoch;
        Ok(image)
    }
}

/// Version 0, the time of the newest record it stands for, no tagged fields.
fn header_value(now: SimTime) -> [u8; 11] {
    let mut value = [0; 11];
    if let Some(time) = value.get_mut(2..10) {
        time.copy_from_slice(&now.as_millis().to_be_bytes());
    }
    value
}

/// A batch of one control record of the quorum.
pub(crate) fn control(
    base_offset: i64,
    epoch: i32,
    now: SimTime,
    kind: u8,
    value: &[u8],
) -> Result<Bytes, BatchError> {
    let mut batch = BatchBuilder::new(BatchOptions {
        base_offset,
        partition_leader_epoch: epoch,
        control: true,
        ..BatchOptions::default()
    });
    batch.append(&Record {
        timestamp: now.as_millis(),
        key: Some(&[0, 0, 0, kind]),
        value: Some(value),
        headers: &[],
    })?;
    Ok(batch.build())
}

impl MetadataImage {
    /// The records that make this image out of an empty one.
    #[inline(never)]
    pub fn to_records(&self) -> Vec<MetadataRecord> {
        let mut records: Vec<MetadataRecord> = Vec::new();
        for (name, level) in &self.features {
            let record = FeatureLevelRecord {
                name: name.clone(),
                feature_level: *level,
            };
            records.push(record.into());
        }
        for broker in self.brokers.values() {
            records.push(registration(broker).into());
        }
        for topic in self.topics.values() {
            let record = TopicRecord {
                name: topic.name.clone(),
                topic_id: topic.id,
            };
            records.push(record.into());
            for (number, partition) in &topic.partitions {
                records.push(partition_record(topic.id, *number, partition).into());
            }
        }
        let configs = [
            (ResourceType::Topic, &self.topic_configs),
            (ResourceType::Broker, &self.broker_configs),
            (ResourceType::Group, &self.group_configs),
        ];
        for (kind, resources) in configs {
            for (resource, settings) in resources {
                config_records(kind, resource, settings, &mut records);
            }
        }
        if self.next_producer_id > 0 {
            let record = ProducerIdsRecord {
                broker_id: -1,
                broker_epoch: -1,
                next_producer_id: self.next_producer_id,
            };
            records.push(record.into());
        }
        records
    }

    /// What of this image is not in `older`, or no more.
    #[inline(never)]
    pub fn since(&self, older: &MetadataImage) -> ImageDelta {
        let mut delta = ImageDelta::default();
        for id in self.brokers.keys().chain(older.brokers.keys()) {
            if self.brokers.get(id) != older.brokers.get(id) {
                delta.brokers_changed.insert(*id);
            }
        }
        for (id, name) in &older.names {
            if !self.names.contains_key(id) {
                delta.topics_deleted.insert(*id, name.clone());
            }
        }
        for (id, name) in &self.names {
            if !older.names.contains_key(id) {
                delta.topics_created.insert(*id, name.clone());
            }
        }
        for (name, topic) in &self.topics {
            let known = older.topics.get(name);
            if known.is_some_and(|known| Arc::ptr_eq(known, topic)) {
                continue;
            }
            for (number, partition) in &topic.partitions {
                let same = known.is_some_and(|known| {
                    known.id == topic.id && known.partitions.get(number) == Some(partition)
                });
                if !same {
                    let changed = TopicPartition::new(name.clone(), *number);
                    delta.partitions_changed.insert(changed);
                }
            }
            if self.topic_configs.get(name) != older.topic_configs.get(name) {
                delta.configs_changed.insert(name.clone());
            }
        }
        delta.broker_configs_changed = self.broker_configs != older.broker_configs;
        delta
    }
}

fn registration(broker: &BrokerRegistration) -> RegisterBrokerRecord {
    RegisterBrokerRecord {
        broker_id: broker.id,
        incarnation_id: broker.incarnation,
        broker_epoch: broker.epoch,
        end_points: vec![BrokerEndpoint {
            name: String::from("PLAINTEXT"),
            host: broker.endpoint.host.clone(),
            port: broker.endpoint.port,
            security_protocol: 0,
        }],
        rack: broker.rack.clone(),
        fenced: broker.fenced,
        in_controlled_shutdown: broker.in_controlled_shutdown,
        ..RegisterBrokerRecord::default()
    }
}

fn partition_record(
    topic_id: Uuid,
    partition_id: i32,
    partition: &PartitionImage,
) -> PartitionRecord {
    let listed = |brokers: &Vec<i32>| (!brokers.is_empty()).then(|| brokers.clone());
    PartitionRecord {
        partition_id,
        topic_id,
        replicas: partition.replicas.clone(),
        isr: partition.isr.clone(),
        removing_replicas: partition.removing_replicas.clone(),
        adding_replicas: partition.adding_replicas.clone(),
        leader: partition.leader,
        leader_recovery_state: i8::from(partition.recovering),
        leader_epoch: partition.leader_epoch,
        partition_epoch: partition.partition_epoch,
        // A directory for each replica, none known by name.
        directories: vec![Uuid::default(); partition.replicas.len()],
        eligible_leader_replicas: listed(&partition.elr),
        last_known_elr: listed(&partition.last_known_elr),
    }
}

fn config_records(
    kind: ResourceType,
    resource: &str,
    settings: &ConfigMap,
    records: &mut Vec<MetadataRecord>,
) {
    for (name, value) in settings {
        let record = ConfigRecord {
            resource_type: kind.code(),
            resource_name: resource.to_owned(),
            name: name.clone(),
            value: Some(value.clone()),
        };
        records.push(record.into());
    }
}
