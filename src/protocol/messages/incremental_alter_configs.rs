//! IncrementalAlterConfigs: single settings are set, removed, or changed as lists.

use crate::wire::messages;

messages! {
    /// The request.
    IncrementalAlterConfigsRequest {
        resources: Vec<AlterConfigsResource> [0+];
        validate_only: bool [0+];
    }

    /// One of `IncrementalAlterConfigsRequest::resources`.
    AlterConfigsResource {
        resource_type: i8 [0+];
        resource_name: String [0+];
        configs: Vec<AlterableConfig> [0+];
    }

    /// One of `AlterConfigsResource::configs`.
    AlterableConfig {
        name: String [0+];
        config_operation: i8 [0+];
        value: Option<String> [0+] null[0+];
    }

    /// The response.
    IncrementalAlterConfigsResponse {
        throttle_time_ms: i32 [0+];
        responses: Vec<AlterConfigsResourceResponse> [0+];
    }

    /// One of `IncrementalAlterConfigsResponse::responses`.
    AlterConfigsResourceResponse {
        error_code: i16 [0+];
        error_message: Option<String> [0+] null[0+];
        resource_type: i8 [0+];
        resource_name: String [0+];
    }
}
