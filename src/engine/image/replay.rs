//! How each kind of metadata record changes the image.
//!
//! A record that speaks of something the image does not have (a partition of a deleted topic) is
//! passed over: the controller never writes one, and a log from elsewhere must not harm anyone.

use std::sync::Arc;

use protocol::Uuid;
use protocol::metadata_records::{
    BrokerRegistrationChangeRecord, ConfigRecord, MetadataRecord, PartitionChangeRecord,
    PartitionRecord, RegisterBrokerRecord, TopicRecord,
};

use crate::config::ResourceType;
use crate::ids::TopicPartition;
use crate::image::delta::ImageDelta;
use crate::image::partition::{NO_LEADER_CHANGE, PartitionImage};
use crate::image::{BrokerRegistration, ConfigMap, MetadataImage, TopicImage};
use crate::net::Address;

impl MetadataImage {
    /// Applies one record, and notes in `delta` what it changed.
    pub fn replay(&mut self, record: &MetadataRecord, delta: &mut ImageDelta) {
        match record {
            MetadataRecord::RegisterBroker(record) => self.register_broker(record, delta),
            MetadataRecord::UnregisterBroker(record) => {
                self.brokers.remove(&record.broker_id);
                delta.brokers_changed.insert(record.broker_id);
            }
            MetadataRecord::BrokerRegistrationChange(record) => self.change_broker(record, delta),
            MetadataRecord::Topic(record) => self.create_topic(record, delta),
            MetadataRecord::RemoveTopic(record) => self.remove_topic(record.topic_id, delta),
            MetadataRecord::Partition(record) => self.create_partition(record, delta),
            MetadataRecord::PartitionChange(record) => self.change_partition(record, delta),
            MetadataRecord::Config(record) => self.change_config(record, delta),
            MetadataRecord::ProducerIds(record) => self.next_producer_id = record.next_producer_id,
            MetadataRecord::FeatureLevel(record) if record.feature_level == 0 => {
                self.features.remove(&record.name);
            }
            MetadataRecord::FeatureLevel(record) => {
                self.features
                    .insert(record.name.clone(), record.feature_level);
            }
        }
    }

    /// Notes that all records up to `offset`, written in the controller's `epoch`, are applied.
    pub(crate) fn advance_to(&mut self, offset: i64, epoch: i32) {
        self.offset = self.offset.max(offset);
        self.epoch = self.epoch.max(epoch);
    }

    fn register_broker(&mut self, record: &RegisterBrokerRecord, delta: &mut ImageDelta) {
        let endpoint = record.end_points.first();
        let endpoint = endpoint.map_or_else(
            || Address::new("", 0),
            |e| Address::new(e.host.clone(), e.port),
        );
        let registration = BrokerRegistration {
            id: record.broker_id,
            endpoint,
            epoch: record.broker_epoch,
            incarnation: record.incarnation_id,
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            rack: record.rack.clone().filter(|rack| !rack.is_empty()),
        };
        self.brokers.insert(record.broker_id, registration);
        delta.brokers_changed.insert(record.broker_id);
    }

    fn change_broker(&mut self, record: &BrokerRegistrationChangeRecord, delta: &mut ImageDelta) {
        let Some(broker) = self.brokers.get_mut(&record.broker_id) else {
            return;
        };
        match record.fenced {
            1 => broker.fenced = true,
            -1 => broker.fenced = false,
            _ => {}
        }
        if record.in_controlled_shutdown == 1 {
            broker.in_controlled_shutdown = true;
        }
        delta.brokers_changed.insert(record.broker_id);
    }

    fn create_topic(&mut self, record: &TopicRecord, delta: &mut ImageDelta) {
        if let Some(old) = self.topics.get(&record.name).map(|topic| topic.id) {
            self.remove_topic(old, delta);
        }
        let topic = TopicImage {
            name: record.name.clone(),
            id: record.topic_id,
            partitions: records::sorted::SortedMap::new(),
        };
        self.topics.insert(record.name.clone(), Arc::new(topic));
        self.names.insert(record.topic_id, record.name.clone());
        delta.create_topic(record.topic_id, &record.name);
    }

    fn remove_topic(&mut self, id: Uuid, delta: &mut ImageDelta) {
        let Some(name) = self.names.remove(&id) else {
            return;
        };
        self.topics.remove(&name);
        self.topic_configs.remove(&name);
        delta.delete_topic(id, &name);
    }

    fn create_partition(&mut self, record: &PartitionRecord, delta: &mut ImageDelta) {
        let Some(topic) = self.topic_mut(record.topic_id) else {
            return;
        };
        let partition = PartitionImage {
            replicas: record.replicas.clone(),
            isr: record.isr.clone(),
            removing_replicas: record.removing_replicas.clone(),
            adding_replicas: record.adding_replicas.clone(),
            elr: record.eligible_leader_replicas.clone().unwrap_or_default(),
            last_known_elr: record.last_known_elr.clone().unwrap_or_default(),
            leader: record.leader,
            recovering: record.leader_recovery_state == 1,
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
        };
        topic.partitions.insert(record.partition_id, partition);
        let changed = TopicPartition::new(topic.name.clone(), record.partition_id);
        delta.partitions_changed.insert(changed);
    }

    fn change_partition(&mut self, record: &PartitionChangeRecord, delta: &mut ImageDelta) {
        let Some(topic) = self.topic_mut(record.topic_id) else {
            return;
        };
        let Some(partition) = topic.partitions.get_mut(&record.partition_id) else {
            return;
        };
        let set = |list: &mut Vec<i32>, new: &Option<Vec<i32>>| {
            if let Some(new) = new {
                list.clone_from(new);
            }
        };
        set(&mut partition.isr, &record.isr);
        set(&mut partition.replicas, &record.replicas);
        set(&mut partition.removing_replicas, &record.removing_replicas);
        set(&mut partition.adding_replicas, &record.adding_replicas);
        set(&mut partition.elr, &record.eligible_leader_replicas);
        set(&mut partition.last_known_elr, &record.last_known_elr);
        if record.leader_recovery_state >= 0 {
            partition.recovering = record.leader_recovery_state == 1;
        }
        if record.leader != NO_LEADER_CHANGE {
            partition.leader = record.leader;
            partition.leader_epoch = partition.leader_epoch.saturating_add(1);
        }
        partition.partition_epoch = partition.partition_epoch.saturating_add(1);
        let changed = TopicPartition::new(topic.name.clone(), record.partition_id);
        delta.partitions_changed.insert(changed);
    }

    fn change_config(&mut self, record: &ConfigRecord, delta: &mut ImageDelta) {
        let all = match ResourceType::from_code(record.resource_type) {
            Some(ResourceType::Topic) => {
                delta.configs_changed.insert(record.resource_name.clone());
                &mut self.topic_configs
            }
            Some(ResourceType::Broker) => {
                delta.broker_configs_changed = true;
                &mut self.broker_configs
            }
            Some(ResourceType::Group) => &mut self.group_configs,
            None => return,
        };
        let map: &mut ConfigMap = all.entry(record.resource_name.clone()).or_default();
        match &record.value {
            Some(value) => {
                map.insert(record.name.clone(), value.clone());
            }
            None => {
                map.remove(&record.name);
            }
        }
        if map.is_empty() {
            all.remove(&record.resource_name);
        }
    }

    fn topic_mut(&mut self, id: Uuid) -> Option<&mut TopicImage> {
        let name = self.names.get(&id)?;
        self.topics.get_mut(name).map(Arc::make_mut)
    }
}
