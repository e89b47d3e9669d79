//! Where a value comes from: each layer may set a key, the strongest that does is in force.

use crate::api::facts::BrokerFacts;
use crate::config::broker::{self, BrokerEntry};
use crate::config::topic::{self, TopicConfig};
use crate::image::{ConfigMap, DEFAULT_BROKER, MetadataImage};

/// A layer, as DescribeConfigs numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Set on the topic.
    DynamicTopic,
    /// Set on the broker while it runs.
    DynamicBroker,
    /// Set on all brokers while they run.
    DynamicDefaultBroker,
    /// In the broker's configuration file.
    StaticBroker,
    /// Kafka's own.
    Default,
    /// Set on the group.
    DynamicGroup,
}

impl Source {
    /// Its number in responses.
    pub fn code(self) -> i8 {
        match self {
            Source::DynamicTopic => 1,
            Source::DynamicBroker => 2,
            Source::DynamicDefaultBroker => 3,
            Source::StaticBroker => 4,
            Source::Default => 5,
            Source::DynamicGroup => 8,
        }
    }
}

/// One layer's word on a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The key, as it is called in this layer.
    pub name: String,
    /// What it is set to.
    pub value: String,
    /// The layer.
    pub source: Source,
}

/// A topic's value in force, and the layers behind it, the strongest first.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicValue {
    /// The key.
    pub entry: &'static TopicConfig,
    /// The value in force.
    pub value: String,
    /// Where it comes from.
    pub source: Source,
    /// Every layer that has a word on it.
    pub layers: Vec<Layer>,
}

/// Every value in force for a topic that sets `overrides`; `facts` adds what one broker's own
/// configuration says.
pub fn of_topic(
    image: &MetadataImage,
    facts: Option<&BrokerFacts>,
    overrides: &ConfigMap,
) -> Vec<TopicValue> {
    let value = |entry: &'static TopicConfig| {
        let own = overrides.get(entry.name);
        let own = own.map(|value| layer(entry.name, value, Source::DynamicTopic));
        let broker_entry = broker::find(entry.broker_name());
        let mut inherited = broker_entry
            .map(|entry| of_broker(image, facts, entry))
            .unwrap_or_default();
        // Where the broker's key has no default of its own (only one in another unit does), Kafka
        // lists no layer unless some broker sets it.
        if broker_entry.is_some_and(|entry| entry.default().is_none())
            && inherited
                .iter()
                .all(|layer| layer.source == Source::Default)
        {
            inherited.clear();
        }
        let layers: Vec<Layer> = own.into_iter().chain(inherited).collect();
        let (value, source) = match layers.first() {
            Some(layer) => (layer.value.clone(), layer.source),
            None => (entry.default.to_owned(), Source::Default),
        };
        TopicValue {
            entry,
            value,
            source,
            layers,
        }
    };
    topic::TABLE.iter().map(value).collect()
}

/// The layers of a broker's key: set at run time on the broker, on all of them, in its file, built
/// in; in each first under its own name, then under those that stand in for it.
pub fn of_broker(
    image: &MetadataImage,
    facts: Option<&BrokerFacts>,
    entry: &BrokerEntry,
) -> Vec<Layer> {
    let own = facts.and_then(|facts| image.broker_overrides(&facts.id.to_string()));
    let wide = image.broker_overrides(DEFAULT_BROKER);
    let fixed = facts.map(|facts| &facts.static_configs);
    let mut layers = Vec::new();
    for (map, source) in [
        (own, Source::DynamicBroker),
        (wide, Source::DynamicDefaultBroker),
        (fixed, Source::StaticBroker),
    ] {
        for name in entry.synonyms() {
            let value = map.and_then(|map| map.get(name));
            layers.extend(value.map(|value| layer(name, value, source)));
        }
    }
    for name in entry.synonyms() {
        let default = broker::find(name).and_then(|entry| entry.default());
        layers.extend(default.map(|value| layer(name, value, Source::Default)));
    }
    layers
}

fn layer(name: &str, value: &str, source: Source) -> Layer {
    Layer {
        name: name.to_owned(),
        value: value.to_owned(),
        source,
    }
}
