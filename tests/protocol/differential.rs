//! Another implementation of the protocol reads what we write and writes the same bytes.

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey as TheirKey, RequestKind, ResponseKind};
use protocol::{Request, Response};

use crate::bytes::{Dice, Values};
use crate::conformance::{Case, cases};

/// Messages in versions that both know. Theirs knows Kafka 4.1, ours 4.3.
const SHARED_PAIRS: usize = 450;
/// Requests that were not stable in 4.1: it knows the responses only.
const RESPONSE_ONLY: [&str; 2] = ["OffsetCommitRequest v10", "OffsetFetchRequest v10"];
const TRIES: u64 = 24;

fn shared() -> Vec<(Case, TheirKey)> {
    let known = |case: Case| {
        let key = TheirKey::try_from(case.spec.key).ok()?;
        let versions = key.valid_versions();
        let known = versions.min <= case.version && case.version <= versions.max;
        (known && !RESPONSE_ONLY.contains(&&*case.name())).then_some((case, key))
    };
    cases().into_iter().filter_map(known).collect()
}

/// Reads a body with the other implementation and writes it again.
fn their_rewrite(case: &Case, key: TheirKey, mut body: Bytes) -> Result<Bytes, String> {
    let mut out = BytesMut::new();
    let version = case.version;
    if case.is_request() {
        let request = RequestKind::decode(key, &mut body, version).map_err(|e| format!("{e:?}"))?;
        request
            .encode(&mut out, version)
            .map_err(|e| format!("{e:?}"))?;
    } else {
        let response =
            ResponseKind::decode(key, &mut body, version).map_err(|e| format!("{e:?}"))?;
        response
            .encode(&mut out, version)
            .map_err(|e| format!("{e:?}"))?;
    }
    assert!(!body.has_remaining(), "{} bytes left", body.remaining());
    Ok(out.freeze())
}

/// What stands after the header.
fn body_of(case: &Case, frame: &Bytes) -> Bytes {
    let version = case.version;
    let key = TheirKey::try_from(case.spec.key).unwrap();
    let header = if case.is_request() {
        // Key, version, correlation id, client id "egg", tagged fields.
        13 + usize::from(key.request_header_version(version) == 2)
    } else {
        4 + usize::from(key.response_header_version(version) == 1)
    };
    frame.slice(header..)
}

#[test]
fn they_read_what_we_write_and_write_the_same() {
    let shared = shared();
    assert_eq!(shared.len(), SHARED_PAIRS);
    let mut failures = Vec::new();
    for (case, key) in &shared {
        for seed in 0..TRIES {
            let frame = case.frame(Values::Random(Dice::new(seed)));
            let ours = case.rewrite(&frame).unwrap();
            let body = body_of(case, &ours);
            match their_rewrite(case, *key, body.clone()) {
                Ok(theirs) if theirs == body => {}
                Ok(_) => failures.push(format!("{} {seed}: other bytes", case.name())),
                Err(e) => failures.push(format!("{} {seed}: {e}", case.name())),
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}

macro_rules! their_defaults {
    ($($api:ident $request:ident $response:ident;)*) => {
        fn their_default(case: &Case) -> Result<Bytes, String> {
            use kafka_protocol::messages as m;
            let mut out = BytesMut::new();
            let outcome = match (case.spec.name, case.is_request()) {
                $(
                    (stringify!($api), true) => {
                        RequestKind::$api(m::$request::default()).encode(&mut out, case.version)
                    }
                    (stringify!($api), false) => {
                        ResponseKind::$api(m::$response::default()).encode(&mut out, case.version)
                    }
                )*
                (name, _) => panic!("{name} is not listed"),
            };
            outcome.map_err(|e| format!("{e:?}"))?;
            Ok(out.freeze())
        }
    };
}

their_defaults! {
    Produce ProduceRequest ProduceResponse;
    Fetch FetchRequest FetchResponse;
    ListOffsets ListOffsetsRequest ListOffsetsResponse;
    Metadata MetadataRequest MetadataResponse;
    OffsetCommit OffsetCommitRequest OffsetCommitResponse;
    OffsetFetch OffsetFetchRequest OffsetFetchResponse;
    FindCoordinator FindCoordinatorRequest FindCoordinatorResponse;
    JoinGroup JoinGroupRequest JoinGroupResponse;
    Heartbeat HeartbeatRequest HeartbeatResponse;
    LeaveGroup LeaveGroupRequest LeaveGroupResponse;
    SyncGroup SyncGroupRequest SyncGroupResponse;
    DescribeGroups DescribeGroupsRequest DescribeGroupsResponse;
    ListGroups ListGroupsRequest ListGroupsResponse;
    ApiVersions ApiVersionsRequest ApiVersionsResponse;
    CreateTopics CreateTopicsRequest CreateTopicsResponse;
    DeleteTopics DeleteTopicsRequest DeleteTopicsResponse;
    DeleteRecords DeleteRecordsRequest DeleteRecordsResponse;
    InitProducerId InitProducerIdRequest InitProducerIdResponse;
    OffsetForLeaderEpoch OffsetForLeaderEpochRequest OffsetForLeaderEpochResponse;
    DescribeConfigs DescribeConfigsRequest DescribeConfigsResponse;
    AlterConfigs AlterConfigsRequest AlterConfigsResponse;
    DescribeLogDirs DescribeLogDirsRequest DescribeLogDirsResponse;
    CreatePartitions CreatePartitionsRequest CreatePartitionsResponse;
    DeleteGroups DeleteGroupsRequest DeleteGroupsResponse;
    ElectLeaders ElectLeadersRequest ElectLeadersResponse;
    IncrementalAlterConfigs IncrementalAlterConfigsRequest IncrementalAlterConfigsResponse;
    AlterPartitionReassignments
        AlterPartitionReassignmentsRequest AlterPartitionReassignmentsResponse;
    ListPartitionReassignments
        ListPartitionReassignmentsRequest ListPartitionReassignmentsResponse;
    OffsetDelete OffsetDeleteRequest OffsetDeleteResponse;
    AlterPartition AlterPartitionRequest AlterPartitionResponse;
    FetchSnapshot FetchSnapshotRequest FetchSnapshotResponse;
    DescribeQuorum DescribeQuorumRequest DescribeQuorumResponse;
    ListConfigResources ListConfigResourcesRequest ListConfigResourcesResponse;
    DescribeCluster DescribeClusterRequest DescribeClusterResponse;
    BrokerRegistration BrokerRegistrationRequest BrokerRegistrationResponse;
    BrokerHeartbeat BrokerHeartbeatRequest BrokerHeartbeatResponse;
    AllocateProducerIds AllocateProducerIdsRequest AllocateProducerIdsResponse;
    ConsumerGroupHeartbeat ConsumerGroupHeartbeatRequest ConsumerGroupHeartbeatResponse;
    ConsumerGroupDescribe ConsumerGroupDescribeRequest ConsumerGroupDescribeResponse;
    AddPartitionsToTxn AddPartitionsToTxnRequest AddPartitionsToTxnResponse;
    AddOffsetsToTxn AddOffsetsToTxnRequest AddOffsetsToTxnResponse;
    EndTxn EndTxnRequest EndTxnResponse;
    WriteTxnMarkers WriteTxnMarkersRequest WriteTxnMarkersResponse;
    TxnOffsetCommit TxnOffsetCommitRequest TxnOffsetCommitResponse;
    DescribeProducers DescribeProducersRequest DescribeProducersResponse;
    DescribeTransactions DescribeTransactionsRequest DescribeTransactionsResponse;
    ListTransactions ListTransactionsRequest ListTransactionsResponse;
    DescribeTopicPartitions DescribeTopicPartitionsRequest DescribeTopicPartitionsResponse;
}

#[test]
fn their_unset_messages_are_ours() {
    let mut failures = Vec::new();
    for (case, _) in shared() {
        let Ok(theirs) = their_default(&case) else {
            failures.push(format!(
                "{}: {}",
                case.name(),
                their_default(&case).unwrap_err()
            ));
            continue;
        };
        let unset = case.frame(Values::Unset);
        let head = unset.slice(..unset.len() - body_of(&case, &unset).len());
        let frame = Bytes::from([&head[..], &theirs[..]].concat());
        let read = if case.is_request() {
            Request::decode(&frame).map(|(_, r)| r == Request::unset(case.spec.api))
        } else {
            Response::decode(case.spec.key, case.version, &frame)
                .map(|(_, r)| r == Response::unset(case.spec.api))
        };
        if read != Ok(true) {
            failures.push(format!("{}: {read:?}", case.name()));
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}
