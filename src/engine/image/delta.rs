//! What changed since an image was last looked at, so that brokers do work proportional to change.

use records::sorted::{SortedMap, SortedSet};

use protocol::Uuid;
use serde::Serialize;

use crate::ids::{BrokerId, TopicPartition};

/// What replayed records changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ImageDelta {
    /// Topics that came, by id.
    pub topics_created: SortedMap<Uuid, String>,
    /// Topics that went, by id. A topic made and deleted within the delta is in neither list.
    pub topics_deleted: SortedMap<Uuid, String>,
    /// Partitions that are new or changed in any way; those of deleted topics are not listed.
    pub partitions_changed: SortedSet<TopicPartition>,
    /// Topics whose configuration changed.
    pub configs_changed: SortedSet<String>,
    /// Whether a broker's or the cluster-wide configuration changed.
    pub broker_configs_changed: bool,
    /// Brokers that registered, went, were fenced or unfenced.
    pub brokers_changed: SortedSet<BrokerId>,
}

impl ImageDelta {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == ImageDelta::default()
    }

    pub(crate) fn create_topic(&mut self, id: Uuid, name: &str) {
        self.topics_created.insert(id, name.to_owned());
    }

    pub(crate) fn delete_topic(&mut self, id: Uuid, name: &str) {
        if self.topics_created.remove(&id).is_none() {
            self.topics_deleted.insert(id, name.to_owned());
        }
        self.configs_changed.remove(name);
        self.partitions_changed.retain(|tp| tp.topic != name);
    }
}
