//! DescribeConfigs: what is in force for a resource, and where each value comes from.

use protocol::ErrorCode;
use protocol::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
    DescribeConfigsResponse, DescribeConfigsResult, DescribeConfigsSynonym,
};

use crate::api::facts::BrokerFacts;
use crate::config::layers::{self, Layer, Source};
use crate::config::{ResourceType, broker, group};
use crate::controller::names;
use crate::image::{ConfigMap, DEFAULT_BROKER, MetadataImage};

/// The answer of the broker with these facts.
#[inline(never)]
pub fn describe_configs(
    image: &MetadataImage,
    facts: &BrokerFacts,
    request: &DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    let describe = |resource: &DescribeConfigsResource| {
        let name = resource.resource_name.as_str();
        let described = match ResourceType::from_code(resource.resource_type) {
            Some(ResourceType::Topic) => describe_topic(image, facts, name),
            Some(ResourceType::Broker) => describe_broker(image, facts, name),
            Some(ResourceType::Group) => Ok(describe_group(image, name)),
            None => describe_empty(facts, resource.resource_type, name),
        };
        let mut result = DescribeConfigsResult {
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.clone(),
            error_message: None,
            ..Default::default()
        };
        match described {
            Ok(configs) => result.configs = select(configs, resource, request.include_synonyms),
            Err((error, message)) => {
                result.error_code = error.code();
                result.error_message = message;
            }
        }
        result
    };
    let results = request.resources.iter().map(describe).collect();
    DescribeConfigsResponse {
        results,
        ..Default::default()
    }
}

const BROKER_LOGGER: i8 = 8;
const CLIENT_METRICS: i8 = 16;

type Described = Result<Vec<DescribeConfigsResourceResult>, (ErrorCode, Option<String>)>;

/// Resources that exist in Kafka, and on which nothing is set here: brokers have no loggers, and
/// nobody collects the metrics of clients.
fn describe_empty(facts: &BrokerFacts, resource_type: i8, name: &str) -> Described {
    let refused = |why: String| Err((ErrorCode::InvalidRequest, Some(why)));
    match resource_type {
        BROKER_LOGGER => check_own_id(facts, name).map(|()| Vec::new()),
        CLIENT_METRICS if name.is_empty() => {
            refused("Client metrics subscription name must not be empty".to_owned())
        }
        CLIENT_METRICS => Ok(Vec::new()),
        other => refused(format!("Unsupported resource type: {other}")),
    }
}

fn check_own_id(facts: &BrokerFacts, name: &str) -> Result<(), (ErrorCode, Option<String>)> {
    let Ok(id) = name.parse::<i32>() else {
        let why = format!("Broker id must be an integer, but it is: {name}");
        return Err((ErrorCode::InvalidRequest, Some(why)));
    };
    if id != facts.id {
        let own = facts.id;
        let why =
            format!("Unexpected broker id, expected {own} or empty string, but received {name}");
        return Err((ErrorCode::InvalidRequest, Some(why)));
    }
    Ok(())
}

fn select(
    mut configs: Vec<DescribeConfigsResourceResult>,
    resource: &DescribeConfigsResource,
    with_synonyms: bool,
) -> Vec<DescribeConfigsResourceResult> {
    if let Some(keys) = resource
        .configuration_keys
        .as_ref()
        .filter(|keys| !keys.is_empty())
    {
        configs.retain(|config| keys.contains(&config.name));
    }
    if !with_synonyms {
        configs
            .iter_mut()
            .for_each(|config| config.synonyms.clear());
    }
    configs
}

fn describe_topic(image: &MetadataImage, facts: &BrokerFacts, name: &str) -> Described {
    if let Err(why) = names::check(name) {
        return Err((ErrorCode::InvalidTopicException, Some(why)));
    }
    if image.topic(name).is_none() {
        return Err((ErrorCode::UnknownTopicOrPartition, None));
    }
    let none = ConfigMap::new();
    let overrides = image.topic_overrides(name).unwrap_or(&none);
    let values = layers::of_topic(image, Some(facts), overrides).into_iter();
    let describe = |value: layers::TopicValue| DescribeConfigsResourceResult {
        name: value.entry.name.to_owned(),
        value: Some(value.value),
        config_source: value.source.code(),
        synonyms: synonyms(value.layers),
        config_type: value.entry.kind.code(),
        documentation: None,
        ..Default::default()
    };
    Ok(values.map(describe).collect())
}

fn describe_broker(image: &MetadataImage, facts: &BrokerFacts, name: &str) -> Described {
    if name == DEFAULT_BROKER {
        let set = image.broker_overrides(DEFAULT_BROKER).into_iter().flatten();
        return Ok(set
            .map(|(key, value)| set_at_run_time(key, value, Source::DynamicDefaultBroker))
            .collect());
    }
    check_own_id(facts, name)?;
    let known = broker::TABLE
        .iter()
        .map(|entry| describe_broker_key(image, facts, entry));
    let set = image.broker_overrides(name).into_iter().flatten();
    let unknown = set.filter(|(key, _)| broker::find(key).is_none());
    Ok(known
        .chain(unknown.map(|(key, value)| set_at_run_time(key, value, Source::DynamicBroker)))
        .collect())
}

fn describe_broker_key(
    image: &MetadataImage,
    facts: &BrokerFacts,
    entry: &broker::BrokerEntry,
) -> DescribeConfigsResourceResult {
    let layers = layers::of_broker(image, Some(facts), entry);
    let own = layers.first().filter(|layer| layer.name == entry.name);
    let (value, source) = match own {
        Some(layer) => (Some(layer.value.clone()), layer.source),
        None => (None, Source::Default),
    };
    DescribeConfigsResourceResult {
        name: entry.name.to_owned(),
        synonyms: if value.is_some() {
            synonyms(layers)
        } else {
            Vec::new()
        },
        value,
        read_only: !entry.dynamic,
        config_source: source.code(),
        config_type: entry.kind.code(),
        documentation: None,
        ..Default::default()
    }
}

fn describe_group(image: &MetadataImage, name: &str) -> Vec<DescribeConfigsResourceResult> {
    let set = image.group_overrides(name);
    let describe = |entry: &group::GroupEntry| {
        let layer = |value: &str, source| Layer {
            name: entry.name.to_owned(),
            value: value.to_owned(),
            source,
        };
        let own = set.and_then(|map| map.get(entry.name));
        let own = own.map(|value| layer(value, Source::DynamicGroup));
        let source = own.as_ref().map_or(Source::Default, |layer| layer.source);
        let layers: Vec<Layer> = own
            .into_iter()
            .chain([layer(entry.default, Source::Default)])
            .collect();
        DescribeConfigsResourceResult {
            name: entry.name.to_owned(),
            value: layers.first().map(|layer| layer.value.clone()),
            config_source: source.code(),
            synonyms: synonyms(layers),
            config_type: entry.kind.code(),
            documentation: None,
            ..Default::default()
        }
    };
    group::TABLE.iter().map(describe).collect()
}

/// A key that is shown only because it was set. One that no table knows may belong to a plugin, so
/// Kafka keeps what it holds to itself.
fn set_at_run_time(key: &str, value: &str, source: Source) -> DescribeConfigsResourceResult {
    let known = broker::find(key);
    let value = known.map(|_| value.to_owned());
    let source = source.code();
    DescribeConfigsResourceResult {
        name: key.to_owned(),
        value: value.clone(),
        config_source: source,
        is_sensitive: known.is_none(),
        synonyms: vec![DescribeConfigsSynonym {
            name: key.to_owned(),
            value,
            source,
        }],
        config_type: known.map_or(0, |entry| entry.kind.code()),
        documentation: None,
        ..Default::default()
    }
}

fn synonyms(layers: Vec<Layer>) -> Vec<DescribeConfigsSynonym> {
    let synonym = |layer: Layer| DescribeConfigsSynonym {
        name: layer.name,
        value: Some(layer.value),
        source: layer.source.code(),
    };
    layers.into_iter().map(synonym).collect()
}
