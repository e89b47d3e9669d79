//! The controller's APIs: a broker passes such requests on as they came, and answers itself only
//! when the controller does not.

use protocol::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResourceResponse, AlterConfigsResponse,
};
use protocol::messages::alter_partition_reassignments::AlterPartitionReassignmentsResponse;
use protocol::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopicResult,
};
use protocol::messages::create_topics::{
    CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse,
};
use protocol::messages::delete_topics::{
    DeletableTopicResult, DeleteTopicsRequest, DeleteTopicsResponse,
};
use protocol::messages::describe_quorum::DescribeQuorumResponse;
use protocol::messages::elect_leaders::ElectLeadersResponse;
use protocol::messages::incremental_alter_configs::{
    AlterConfigsResourceResponse as IncrementalResult, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
};
use protocol::messages::list_partition_reassignments::ListPartitionReassignmentsResponse;
use protocol::{ApiKey, ErrorCode, Request, Response, Uuid};

/// Whether requests of an API go to the controller.
pub fn is_forwarded(api: ApiKey) -> bool {
    matches!(
        api,
        ApiKey::CreateTopics
            | ApiKey::DeleteTopics
            | ApiKey::CreatePartitions
            | ApiKey::AlterConfigs
            | ApiKey::IncrementalAlterConfigs
            | ApiKey::ElectLeaders
            | ApiKey::AlterPartitionReassignments
            | ApiKey::ListPartitionReassignments
            | ApiKey::DescribeQuorum
    )
}

/// The answer in which everything that a forwarded request asks for meets `code`. `None` for other
/// requests.
pub fn refuse(request: &Request, code: ErrorCode) -> Option<Response> {
    let response = match request {
        Request::CreateTopics(request) => create_topics(request, code).into(),
        Request::DeleteTopics(request) => delete_topics(request, code).into(),
        Request::CreatePartitions(request) => create_partitions(request, code).into(),
        Request::AlterConfigs(request) => alter_configs(request, code).into(),
        Request::IncrementalAlterConfigs(request) => incremental(request, code).into(),
        Request::ElectLeaders(_) => ElectLeadersResponse {
            error_code: code.code(),
            ..ElectLeadersResponse::default()
        }
        .into(),
        Request::AlterPartitionReassignments(_) => AlterPartitionReassignmentsResponse {
            error_code: code.code(),
            ..AlterPartitionReassignmentsResponse::default()
        }
        .into(),
        Request::ListPartitionReassignments(_) => ListPartitionReassignmentsResponse {
            error_code: code.code(),
            ..ListPartitionReassignmentsResponse::default()
        }
        .into(),
        Request::DescribeQuorum(_) => DescribeQuorumResponse {
            error_code: code.code(),
            ..DescribeQuorumResponse::default()
        }
        .into(),
        _ => return None,
    };
    Some(response)
}

fn create_topics(request: &CreateTopicsRequest, code: ErrorCode) -> CreateTopicsResponse {
    let topics = request.topics.iter().map(|topic| CreatableTopicResult {
        name: topic.name.clone(),
        error_code: code.code(),
        ..CreatableTopicResult::default()
    });
    CreateTopicsResponse {
        topics: topics.collect(),
        ..CreateTopicsResponse::default()
    }
}

fn delete_topics(request: &DeleteTopicsRequest, code: ErrorCode) -> DeleteTopicsResponse {
    let result = |name: Option<String>, topic_id: Uuid| DeletableTopicResult {
        name,
        topic_id,
        error_code: code.code(),
        ..DeletableTopicResult::default()
    };
    let named = request.topic_names.iter();
    let named = named.map(|name| result(Some(name.clone()), Uuid::ZERO));
    let topics = request.topics.iter();
    let topics = topics.map(|topic| result(topic.name.clone(), topic.topic_id));
    DeleteTopicsResponse {
        responses: named.chain(topics).collect(),
        ..DeleteTopicsResponse::default()
    }
}

fn create_partitions(
    request: &CreatePartitionsRequest,
    code: ErrorCode,
) -> CreatePartitionsResponse {
    let topics = request.topics.iter();
    let results = topics.map(|topic| CreatePartitionsTopicResult {
        name: topic.name.clone(),
        error_code: code.code(),
        ..CreatePartitionsTopicResult::default()
    });
    CreatePartitionsResponse {
        results: results.collect(),
        ..CreatePartitionsResponse::default()
    }
}

fn alter_configs(request: &AlterConfigsRequest, code: ErrorCode) -> AlterConfigsResponse {
    let resources = request.resources.iter();
    let responses = resources.map(|resource| AlterConfigsResourceResponse {
        error_code: code.code(),
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        ..AlterConfigsResourceResponse::default()
    });
    AlterConfigsResponse {
        responses: responses.collect(),
        ..AlterConfigsResponse::default()
    }
}

fn incremental(
    request: &IncrementalAlterConfigsRequest,
    code: ErrorCode,
) -> IncrementalAlterConfigsResponse {
    let resources = request.resources.iter();
    let responses = resources.map(|resource| IncrementalResult {
        error_code: code.code(),
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        ..IncrementalResult::default()
    });
    IncrementalAlterConfigsResponse {
        responses: responses.collect(),
        ..IncrementalAlterConfigsResponse::default()
    }
}
