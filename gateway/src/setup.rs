//! What must be there before the server says it is ready, made as any admin client would: topics,
//! and settings that Kafka keeps in the cluster.

use engine::config::ResourceType;
use protocol::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use protocol::{ErrorCode, Request, RequestHeader, Response};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::cluster::ClientId;
use crate::options::NewTopic;
use crate::settings::Setting;
use crate::turns::{Delivery, Door};

/// The broker that is asked.
const BROKER: i32 = 1;
const TIMEOUT_MS: i32 = 30_000;

/// An admin client inside the process.
struct Admin {
    door: Door,
    client: ClientId,
    deliveries: UnboundedReceiver<Delivery>,
}

/// Lays down settings and makes topics. A topic that is there already is left as it is.
///
/// # Errors
/// A sentence with Kafka's own reason.
pub async fn prepare(door: &Door, settings: &[Setting], topics: &[NewTopic]) -> Result<(), String> {
    let (client, deliveries) = door.open(BROKER, String::from("/127.0.0.1"));
    let mut admin = Admin {
        door: door.clone(),
        client,
        deliveries,
    };
    admin.set(settings).await?;
    admin.create(topics).await?;
    door.closed(client);
    Ok(())
}

impl Admin {
    async fn set(&mut self, settings: &[Setting]) -> Result<(), String> {
        let dynamic = settings.iter().filter(|setting| setting.is_dynamic());
        let configs: Vec<AlterableConfig> = dynamic
            .map(|setting| AlterableConfig {
                name: setting.key.clone(),
                config_operation: 0,
                value: Some(setting.value.clone()),
            })
            .collect();
        if configs.is_empty() {
            return Ok(());
        }
        let all_brokers = AlterConfigsResource {
            resource_type: ResourceType::Broker.code(),
            resource_name: String::new(),
            configs,
        };
        let request = IncrementalAlterConfigsRequest {
            resources: vec![all_brokers],
            ..IncrementalAlterConfigsRequest::default()
        };
        let Response::IncrementalAlterConfigs(response) = self.ask(request).await? else {
            return Err(garbled());
        };
        for answer in response.responses {
            check("--set", answer.error_code, answer.error_message)?;
        }
        Ok(())
    }

    async fn create(&mut self, topics: &[NewTopic]) -> Result<(), String> {
        if topics.is_empty() {
            return Ok(());
        }
        let wanted = topics.iter().map(|topic| CreatableTopic {
            name: topic.name.clone(),
            num_partitions: topic.partitions,
            replication_factor: topic.replication,
            ..CreatableTopic::default()
        });
        let request = CreateTopicsRequest {
            topics: wanted.collect(),
            timeout_ms: TIMEOUT_MS,
            ..CreateTopicsRequest::default()
        };
        let Response::CreateTopics(response) = self.ask(request).await? else {
            return Err(garbled());
        };
        for answer in response.topics {
            if answer.error_code != ErrorCode::TopicAlreadyExists.code() {
                let what = format!("--topic {}", answer.name);
                check(&what, answer.error_code, answer.error_message)?;
            }
        }
        Ok(())
    }

    async fn ask(&mut self, request: impl Into<Request>) -> Result<Response, String> {
        let request: Request = request.into();
        let header = RequestHeader {
            api_key: request.api_key(),
            api_version: request.api().spec().max_version,
            correlation_id: 0,
            client_id: Some(String::from("kafka-playground")),
        };
        self.door.frame(self.client, request.encode(&header));
        match self.deliveries.recv().await {
            Some(Delivery::Frame(frame)) => {
                Response::decode(header.api_key, header.api_version, &frame)
                    .map(|(_, response)| response)
                    .map_err(|_| garbled())
            }
            _ => Err(garbled()),
        }
    }
}

fn check(what: &str, code: i16, message: Option<String>) -> Result<(), String> {
    let error = ErrorCode::from_code(code);
    if !error.is_error() {
        return Ok(());
    }
    let why = message.unwrap_or_else(|| error.message().to_owned());
    Err(format!("{what}: {why} ({})", error.name()))
}

fn garbled() -> String {
    String::from("the cluster gave no answer to its own set-up")
}
