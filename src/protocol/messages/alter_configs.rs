//! AlterConfigs: the settings of a resource, all replaced at once; deprecated, yet kafkajs uses it.

use crate::wire::messages;

messages! {
    /// The request.
    AlterConfigsRequest {
        resources: Vec<AlterConfigsResource> [0+];
        validate_only: bool [0+];
    }

    /// One of `AlterConfigsRequest::resources`.
    AlterConfigsResource {
        resource_type: i8 [0+];
        resource_name: String [0+];
        configs: Vec<AlterableConfig> [0+];
    }

    /// One of `AlterConfigsResource::configs`.
    AlterableConfig {
        name: String [0+];
        value: Option<String> [0+] null[0+];
    }

    /// The response.
    AlterConfigsResponse {
        throttle_time_ms: i32 [0+];
        responses: Vec<AlterConfigsResourceResponse> [0+];
    }

    /// One of `AlterConfigsResponse::responses`.
    AlterConfigsResourceResponse {
        error_code: i16 [0+];
        error_message: Option<String> [0+] null[0+];
        resource_type: i8 [0+];
        resource_name: String [0+];
    }
}
