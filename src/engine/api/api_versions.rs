//! ApiVersions: what this broker speaks, exactly what [`crate::broker`] dispatches.

use protocol::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use protocol::{ApiKey, ErrorCode};

use crate::controller::FEATURES;
use crate::image::MetadataImage;

/// The APIs that a broker answers.
pub const SPOKEN: &[ApiKey] = &[
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::Metadata,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::FindCoordinator,
    ApiKey::JoinGroup,
    ApiKey::Heartbeat,
    ApiKey::LeaveGroup,
    ApiKey::SyncGroup,
    ApiKey::DescribeGroups,
    ApiKey::ListGroups,
    ApiKey::ApiVersions,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    ApiKey::DeleteRecords,
    ApiKey::InitProducerId,
    ApiKey::OffsetForLeaderEpoch,
    ApiKey::AddPartitionsToTxn,
    ApiKey::AddOffsetsToTxn,
    ApiKey::EndTxn,
    ApiKey::WriteTxnMarkers,
    ApiKey::TxnOffsetCommit,
    ApiKey::DescribeConfigs,
    ApiKey::AlterConfigs,
    ApiKey::DescribeLogDirs,
    ApiKey::CreatePartitions,
    ApiKey::DeleteGroups,
    ApiKey::ElectLeaders,
    ApiKey::IncrementalAlterConfigs,
    ApiKey::AlterPartitionReassignments,
    ApiKey::ListPartitionReassignments,
    ApiKey::OffsetDelete,
    ApiKey::DescribeQuorum,
    ApiKey::DescribeCluster,
    ApiKey::DescribeProducers,
    ApiKey::DescribeTransactions,
    ApiKey::ListTransactions,
    ApiKey::ConsumerGroupHeartbeat,
    ApiKey::ConsumerGroupDescribe,
    ApiKey::ListConfigResources,
    ApiKey::DescribeTopicPartitions,
];

/// The lowest `metadata.version` that Kafka 4.3 still runs with; other features may be off (0).
const OLDEST_METADATA_VERSION: i16 = 7;
/// Before this version a client cannot read a feature whose lowest level is 0.
const LEVEL_0_FROM: i16 = 4;

/// Answers a request. A client's name and version must look like names, as Kafka demands.
pub fn handle(
    request: &ApiVersionsRequest,
    version: i16,
    image: &MetadataImage,
) -> ApiVersionsResponse {
    let named = is_software_name(&request.client_software_name)
        && is_software_name(&request.client_software_version);
    if version >= 3 && !named {
        return ApiVersionsResponse {
            error_code: ErrorCode::InvalidRequest.code(),
            ..ApiVersionsResponse::default()
        };
    }
    ApiVersionsResponse {
        api_keys: SPOKEN.iter().map(|api| range(*api)).collect(),
        supported_features: supported_features(version),
        finalized_features_epoch: image.offset(),
        finalized_features: finalized_features(image),
        ..ApiVersionsResponse::default()
    }
}

/// The answer, in version 0, to a version that this broker does not speak: the client asks again.
pub fn unsupported() -> ApiVersionsResponse {
    ApiVersionsResponse {
        error_code: ErrorCode::UnsupportedVersion.code(),
        api_keys: vec![range(ApiKey::ApiVersions)],
        ..ApiVersionsResponse::default()
    }
}

/// The versions of an API that this broker says it speaks.
pub fn range(api: ApiKey) -> ApiVersion {
    let spec = api.spec();
    ApiVersion {
        api_key: spec.key,
        // librdkafka turns compression off unless old produce versions are offered; like Kafka this
        // broker offers them, and hangs up on whoever uses them.
        min_version: if api == ApiKey::Produce {
            0
        } else {
            spec.min_version
        },
        max_version: spec.max_version,
    }
}

fn supported_features(version: i16) -> Vec<SupportedFeatureKey> {
    let features = FEATURES.iter().map(|(name, level)| SupportedFeatureKey {
        name: (*name).to_owned(),
        min_version: if *name == "metadata.version" {
            OLDEST_METADATA_VERSION
        } else {
            0
        },
        max_version: *level,
    });
    features
        .filter(|feature| feature.min_version > 0 || version >= LEVEL_0_FROM)
        .collect()
}

fn finalized_features(image: &MetadataImage) -> Vec<FinalizedFeatureKey> {
    let features = image.features().iter();
    let features = features.map(|(name, level)| FinalizedFeatureKey {
        name: name.clone(),
        max_version_level: *level,
        min_version_level: *level,
    });
    features.collect()
}

/// Letters, digits, dots and dashes, beginning and ending with a letter or digit.
fn is_software_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}
