//! ListConfigResources: what configurations can be set on.

use protocol::ErrorCode;
use protocol::messages::list_config_resources::{
    ConfigResource, ListConfigResourcesRequest, ListConfigResourcesResponse,
};

use crate::image::MetadataImage;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const BROKER_LOGGER: i8 = 8;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;
const ALL: [i8; 5] = [TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP];

/// The answer of a broker. Groups and client metrics are listed if something was set on them;
/// nothing can be set on client metrics here.
pub fn handle(
    image: &MetadataImage,
    request: &ListConfigResourcesRequest,
    version: i16,
) -> ListConfigResourcesResponse {
    let asked = if version == 0 {
        &[CLIENT_METRICS]
    } else if request.resource_types.is_empty() {
        &ALL[..]
    } else {
        request.resource_types.as_slice()
    };
    let mut response = ListConfigResourcesResponse::default();
    if !asked.iter().all(|kind| ALL.contains(kind)) {
        response.error_code = ErrorCode::UnsupportedVersion.code();
        return response;
    }
    for kind in ALL.into_iter().filter(|kind| asked.contains(kind)) {
        let names: Vec<String> = match kind {
            TOPIC => image.topics().map(|topic| topic.name.clone()).collect(),
            BROKER | BROKER_LOGGER => image.alive_brokers().map(|b| b.id.to_string()).collect(),
            GROUP => image.configured_groups().map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let resources = names.into_iter().map(|resource_name| ConfigResource {
            resource_name,
            resource_type: kind,
        });
        response.config_resources.extend(resources);
    }
    response
}
