//! ListConfigResources: what configurations can be set on. Version 0 knows client metrics alone.

use crate::wire::messages;

messages! {
    /// The request.
    ListConfigResourcesRequest {
        resource_types: Vec<i8> [1+];
    }

    /// The response.
    ListConfigResourcesResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        config_resources: Vec<ConfigResource> [0+];
    }

    /// One of `ListConfigResourcesResponse::config_resources`.
    ConfigResource {
        resource_name: String [0+];
        resource_type: i8 [1+] = 16;
    }
}
