//! DescribeCluster: who is in the cluster.

use protocol::ErrorCode;
use protocol::messages::describe_cluster::{
    DescribeClusterBroker, DescribeClusterRequest, DescribeClusterResponse,
};

use crate::api::facts::{BrokerFacts, CLUSTER_OPERATIONS, NO_AUTHORIZED_OPERATIONS};
use crate::api::metadata::controller_id;
use crate::image::MetadataImage;

const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

/// The answer of a broker.
#[inline(never)]
pub fn describe_cluster(
    image: &MetadataImage,
    facts: &BrokerFacts,
    request: &DescribeClusterRequest,
) -> DescribeClusterResponse {
    let refused = |error: ErrorCode, message: String| DescribeClusterResponse {
        error_code: error.code(),
        error_message: Some(message),
        ..Default::default()
    };
    match request.endpoint_type {
        BROKERS => {}
        CONTROLLERS => {
            let why = "The request was sent to an endpoint of the wrong type.";
            return refused(ErrorCode::MismatchedEndpointType, why.to_owned());
        }
        other => {
            let why = format!("Unsupported endpoint type {other}");
            return refused(ErrorCode::UnsupportedEndpointType, why);
        }
    }
    let shown = image
        .brokers()
        .filter(|broker| request.include_fenced_brokers || !broker.fenced);
    let brokers = shown.map(|broker| DescribeClusterBroker {
        broker_id: broker.id,
        host: broker.endpoint.host.clone(),
        port: i32::from(broker.endpoint.port),
        rack: broker.rack.clone(),
        is_fenced: broker.fenced,
    });
    let cluster_authorized_operations = if request.include_cluster_authorized_operations {
        CLUSTER_OPERATIONS
    } else {
        NO_AUTHORIZED_OPERATIONS
    };
    DescribeClusterResponse {
        cluster_id: facts.cluster_id.clone(),
        controller_id: controller_id(image, facts),
        brokers: brokers.collect(),
        cluster_authorized_operations,
        ..Default::default()
    }
}
