//! ApiVersions: what a broker speaks: the first question on every connection.

use crate::wire::messages;

messages! {
    /// The request.
    ApiVersionsRequest {
        client_software_name: String [3+];
        client_software_version: String [3+];
    }

    /// The response.
    ApiVersionsResponse {
        error_code: i16 [0+];
        api_keys: Vec<ApiVersion> [0+];
        throttle_time_ms: i32 [1+];
        supported_features: Vec<SupportedFeatureKey> [3+] tag 0;
        finalized_features_epoch: i64 [3+] tag 1 = -1;
        finalized_features: Vec<FinalizedFeatureKey> [3+] tag 2;
        zk_migration_ready: bool [3+] tag 3;
    }

    /// One of `ApiVersionsResponse::api_keys`.
    ApiVersion {
        api_key: i16 [0+];
        min_version: i16 [0+];
        max_version: i16 [0+];
    }

    /// One of `ApiVersionsResponse::supported_features`.
    SupportedFeatureKey {
        name: String [3+];
        min_version: i16 [3+];
        max_version: i16 [3+];
    }

    /// One of `ApiVersionsResponse::finalized_features`.
    FinalizedFeatureKey {
        name: String [3+];
        max_version_level: i16 [3+];
        min_version_level: i16 [3+];
    }
}
