//! Every API spoken here: one table, from which come the enums, the versions and the dispatch.

use crate::messages;
use crate::names;
use crate::wire::Value;

/// A row of the table of APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiSpec {
    /// The API.
    pub api: ApiKey,
    /// Its number on the wire.
    pub key: i16,
    /// Its name.
    pub name: &'static str,
    /// The oldest version.
    pub min_version: i16,
    /// The newest version.
    pub max_version: i16,
    /// The first version with compact lengths and tagged fields; `i16::MAX` if none.
    pub flexible_from: i16,
}

macro_rules! apis {
    ($(
        $api:ident $key:literal [$first:literal - $last:literal] flexible $flexible:expr,
        $module:ident :: $request:ident, $response:ident;
    )*) => {
        /// The APIs spoken here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {$(
            #[doc = concat!("Key ", stringify!($key), ".")]
            $api = $key,
        )*}

        /// A request of any API.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[allow(clippy::large_enum_variant)]
        pub enum Request {$(
            #[doc = concat!("Key ", stringify!($key), ".")]
            $api(messages::$module::$request),
        )*}

        /// A response of any API.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[allow(clippy::large_enum_variant)]
        pub enum Response {$(
            #[doc = concat!("Key ", stringify!($key), ".")]
            $api(messages::$module::$response),
        )*}

        impl ApiKey {
            /// Every API spoken here, by key.
            pub const ALL: &'static [ApiSpec] = &[$(
                ApiSpec {
                    api: ApiKey::$api,
                    key: $key,
                    name: stringify!($api),
                    min_version: $first,
                    max_version: $last,
                    flexible_from: $flexible,
                },
            )*];
        }

        impl Request {
            /// Which API it belongs to.
            pub fn api(&self) -> ApiKey {
                match self {$( Self::$api(_) => ApiKey::$api, )*}
            }

            /// The request of an API with every field unset.
            pub fn unset(api: ApiKey) -> Self {
                match api {$( ApiKey::$api => Self::$api(Default::default()), )*}
            }

            pub(crate) fn body(&self) -> &dyn Value {
                match self {$( Self::$api(body) => body, )*}
            }

            pub(crate) fn body_mut(&mut self) -> (&'static str, &mut dyn Value) {
                match self {$( Self::$api(body) => (stringify!($request), body), )*}
            }
        }

        impl Response {
            /// Which API it belongs to.
            pub fn api(&self) -> ApiKey {
                match self {$( Self::$api(_) => ApiKey::$api, )*}
            }

            /// The response of an API with every field unset.
            pub fn unset(api: ApiKey) -> Self {
                match api {$( ApiKey::$api => Self::$api(Default::default()), )*}
            }

            pub(crate) fn body(&self) -> &dyn Value {
                match self {$( Self::$api(body) => body, )*}
            }

            pub(crate) fn body_mut(&mut self) -> (&'static str, &mut dyn Value) {
                match self {$( Self::$api(body) => (stringify!($response), body), )*}
            }
        }

        $(
            impl From<messages::$module::$request> for Request {
                fn from(body: messages::$module::$request) -> Self {
                    Self::$api(body)
                }
            }

            impl From<messages::$module::$response> for Response {
                fn from(body: messages::$module::$response) -> Self {
                    Self::$api(body)
                }
            }
        )*
    };
}

/// No flexible version.
const NEVER: i16 = i16::MAX;

apis! {
    Produce 0 [3-13] flexible 9,
        produce::ProduceRequest, ProduceResponse;
    Fetch 1 [4-18] flexible 12,
        fetch::FetchRequest, FetchResponse;
    ListOffsets 2 [1-11] flexible 6,
        list_offsets::ListOffsetsRequest, ListOffsetsResponse;
    Metadata 3 [0-13] flexible 9,
        metadata::MetadataRequest, MetadataResponse;
    OffsetCommit 8 [2-10] flexible 8,
        offset_commit::OffsetCommitRequest, OffsetCommitResponse;
    OffsetFetch 9 [1-10] flexible 6,
        offset_fetch::OffsetFetchRequest, OffsetFetchResponse;
    FindCoordinator 10 [0-6] flexible 3,
        find_coordinator::FindCoordinatorRequest, FindCoordinatorResponse;
    JoinGroup 11 [0-9] flexible 6,
        join_group::JoinGroupRequest, JoinGroupResponse;
    Heartbeat 12 [0-4] flexible 4,
        heartbeat::HeartbeatRequest, HeartbeatResponse;
    LeaveGroup 13 [0-5] flexible 4,
        leave_group::LeaveGroupRequest, LeaveGroupResponse;
    SyncGroup 14 [0-5] flexible 4,
        sync_group::SyncGroupRequest, SyncGroupResponse;
    DescribeGroups 15 [0-6] flexible 5,
        describe_groups::DescribeGroupsRequest, DescribeGroupsResponse;
    ListGroups 16 [0-5] flexible 3,
        list_groups::ListGroupsRequest, ListGroupsResponse;
    ApiVersions 18 [0-4] flexible 3,
        api_versions::ApiVersionsRequest, ApiVersionsResponse;
    CreateTopics 19 [2-7] flexible 5,
        create_topics::CreateTopicsRequest, CreateTopicsResponse;
    DeleteTopics 20 [1-6] flexible 4,
        delete_topics::DeleteTopicsRequest, DeleteTopicsResponse;
    DeleteRecords 21 [0-2] flexible 2,
        delete_records::DeleteRecordsRequest, DeleteRecordsResponse;
    InitProducerId 22 [0-5] flexible 2,
        init_producer_id::InitProducerIdRequest, InitProducerIdResponse;
    OffsetForLeaderEpoch 23 [2-4] flexible 4,
        offset_for_leader_epoch::OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse;
    AddPartitionsToTxn 24 [0-5] flexible 3,
        add_partitions_to_txn::AddPartitionsToTxnRequest, AddPartitionsToTxnResponse;
    AddOffsetsToTxn 25 [0-4] flexible 3,
        add_offsets_to_txn::AddOffsetsToTxnRequest, AddOffsetsToTxnResponse;
    EndTxn 26 [0-5] flexible 3,
        end_txn::EndTxnRequest, EndTxnResponse;
    WriteTxnMarkers 27 [1-2] flexible 1,
        write_txn_markers::WriteTxnMarkersRequest, WriteTxnMarkersResponse;
    TxnOffsetCommit 28 [0-5] flexible 3,
        txn_offset_commit::TxnOffsetCommitRequest, TxnOffsetCommitResponse;
    DescribeConfigs 32 [1-4] flexible 4,
        describe_configs::DescribeConfigsRequest, DescribeConfigsResponse;
    AlterConfigs 33 [0-2] flexible 2,
        alter_configs::AlterConfigsRequest, AlterConfigsResponse;
    DescribeLogDirs 35 [1-5] flexible 2,
        describe_log_dirs::DescribeLogDirsRequest, DescribeLogDirsResponse;
    CreatePartitions 37 [0-3] flexible 2,
        create_partitions::CreatePartitionsRequest, CreatePartitionsResponse;
    DeleteGroups 42 [0-2] flexible 2,
        delete_groups::DeleteGroupsRequest, DeleteGroupsResponse;
    ElectLeaders 43 [0-2] flexible 2,
        elect_leaders::ElectLeadersRequest, ElectLeadersResponse;
    IncrementalAlterConfigs 44 [0-1] flexible 1,
        incremental_alter_configs::IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse;
    AlterPartitionReassignments 45 [0-1] flexible 0,
        alter_partition_reassignments::AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse;
    ListPartitionReassignments 46 [0-0] flexible 0,
        list_partition_reassignments::ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse;
    OffsetDelete 47 [0-0] flexible NEVER,
        offset_delete::OffsetDeleteRequest, OffsetDeleteResponse;
    DescribeQuorum 55 [0-2] flexible 0,
        describe_quorum::DescribeQuorumRequest, DescribeQuorumResponse;
    AlterPartition 56 [2-3] flexible 0,
        alter_partition::AlterPartitionRequest, AlterPartitionResponse;
    FetchSnapshot 59 [0-1] flexible 0,
        fetch_snapshot::FetchSnapshotRequest, FetchSnapshotResponse;
    DescribeCluster 60 [0-2] flexible 0,
        describe_cluster::DescribeClusterRequest, DescribeClusterResponse;
    DescribeProducers 61 [0-0] flexible 0,
        describe_producers::DescribeProducersRequest, DescribeProducersResponse;
    BrokerRegistration 62 [0-4] flexible 0,
        broker_registration::BrokerRegistrationRequest, BrokerRegistrationResponse;
    BrokerHeartbeat 63 [0-2] flexible 0,
        broker_heartbeat::BrokerHeartbeatRequest, BrokerHeartbeatResponse;
    DescribeTransactions 65 [0-0] flexible 0,
        describe_transactions::DescribeTransactionsRequest, DescribeTransactionsResponse;
    ListTransactions 66 [0-2] flexible 0,
        list_transactions::ListTransactionsRequest, ListTransactionsResponse;
    AllocateProducerIds 67 [0-0] flexible 0,
        allocate_producer_ids::AllocateProducerIdsRequest, AllocateProducerIdsResponse;
    ConsumerGroupHeartbeat 68 [0-1] flexible 0,
        consumer_group_heartbeat::ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse;
    ConsumerGroupDescribe 69 [0-1] flexible 0,
        consumer_group_describe::ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse;
    ListConfigResources 74 [0-1] flexible 0,
        list_config_resources::ListConfigResourcesRequest, ListConfigResourcesResponse;
    DescribeTopicPartitions 75 [0-0] flexible 0,
        describe_topic_partitions::DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse;
}

impl ApiKey {
    /// The API with this number, if it is spoken here.
    pub fn from_key(key: i16) -> Option<ApiKey> {
        Self::ALL
            .iter()
            .find(|spec| spec.key == key)
            .map(|spec| spec.api)
    }

    /// Its number on the wire.
    pub fn key(self) -> i16 {
        self as i16
    }

    /// What Kafka calls the API with this number, spoken here or not; `Unknown` if Kafka has none.
    pub fn name(key: i16) -> &'static str {
        names::api_name(key).unwrap_or("Unknown")
    }

    /// Its row of the table.
    pub fn spec(self) -> ApiSpec {
        // Every variant comes from a row, so the search always finds one.
        let found = Self::ALL.iter().find(|spec| spec.api == self).copied();
        found.unwrap_or(ApiSpec {
            api: self,
            key: self.key(),
            name: "",
            min_version: 0,
            max_version: 0,
            flexible_from: NEVER,
        })
    }
}

impl ApiSpec {
    /// Whether a version is spoken here.
    pub fn speaks(&self, version: i16) -> bool {
        self.min_version <= version && version <= self.max_version
    }

    pub(crate) fn is_flexible(&self, version: i16) -> bool {
        version >= self.flexible_from
    }

    /// A client may get this response before it knows the broker's versions, so its header never
    /// became flexible.
    pub(crate) fn has_flexible_response_header(&self, version: i16) -> bool {
        self.is_flexible(version) && self.api != ApiKey::ApiVersions
    }
}
