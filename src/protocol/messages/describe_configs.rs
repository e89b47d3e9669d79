//! DescribeConfigs: the settings of topics, brokers and groups, and where they come from.

use crate::wire::messages;

messages! {
    /// The request.
    DescribeConfigsRequest {
        resources: Vec<DescribeConfigsResource> [0+];
        include_synonyms: bool [1+];
        include_documentation: bool [3+];
    }

    /// One of `DescribeConfigsRequest::resources`.
    DescribeConfigsResource {
        resource_type: i8 [0+];
        resource_name: String [0+];
        configuration_keys: Option<Vec<String>> [0+] null[0+];
    }

    /// The response.
    DescribeConfigsResponse {
        throttle_time_ms: i32 [0+];
        results: Vec<DescribeConfigsResult> [0+];
    }

    /// One of `DescribeConfigsResponse::results`.
    DescribeConfigsResult {
        error_code: i16 [0+];
        error_message: Option<String> [0+] null[0+];
        resource_type: i8 [0+];
        resource_name: String [0+];
        configs: Vec<DescribeConfigsResourceResult> [0+];
    }

    /// One of `DescribeConfigsResult::configs`.
    DescribeConfigsResourceResult {
        name: String [0+];
        value: Option<String> [0+] null[0+];
        read_only: bool [0+];
        config_source: i8 [1+] = -1;
        is_sensitive: bool [0+];
        synonyms: Vec<DescribeConfigsSynonym> [1+];
        config_type: i8 [3+];
        documentation: Option<String> [3+] null[0+];
    }

    /// One of `DescribeConfigsResourceResult::synonyms`.
    DescribeConfigsSynonym {
        name: String [1+];
        value: Option<String> [1+] null[0+];
        source: i8 [1+];
    }
}
