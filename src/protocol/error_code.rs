//! Kafka's error codes, one table.

use std::fmt;

macro_rules! error_codes {
    ($( $code:literal $variant:ident $name:literal $retry:ident $exception:literal $message:literal )*) => {
        /// What went wrong, as one of Kafka's error codes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[repr(i16)]
        pub enum ErrorCode {$(
            #[doc = $message]
            $variant = $code,
        )*}

        const ROWS: &[Row] = &[$(
            Row {
                code: ErrorCode::$variant,
                name: $name,
                retriable: retriable!($retry),
                exception: $exception,
                message: $message,
            },
        )*];
    };
}

macro_rules! retriable {
    (retry) => {
        true
    };
    (fail) => {
        false
    };
}

struct Row {
    code: ErrorCode,
    name: &'static str,
    retriable: bool,
    exception: &'static str,
    message: &'static str,
}

error_codes! {
    -1 UnknownServerError "UNKNOWN_SERVER_ERROR" fail "UnknownServerException"
        "The broker met an error it does not know a code for."
    0 None "NONE" fail ""
        "No error."
    1 OffsetOutOfRange "OFFSET_OUT_OF_RANGE" fail "OffsetOutOfRangeException"
        "The offset is not within the range of offsets that the partition holds."
    2 CorruptMessage "CORRUPT_MESSAGE" retry "CorruptRecordException"
        "The record batch fails its checksum, is too large, or is damaged in another way."
    3 UnknownTopicOrPartition "UNKNOWN_TOPIC_OR_PARTITION" retry "UnknownTopicOrPartitionException"
        "This server does not host this topic-partition."
    4 InvalidFetchSize "INVALID_FETCH_SIZE" fail "InvalidFetchSizeException"
        "The fetch size asked for is not valid."
    5 LeaderNotAvailable "LEADER_NOT_AVAILABLE" retry "LeaderNotAvailableException"
        "The partition has no leader at the moment; an election may be under way."
    6 NotLeaderOrFollower "NOT_LEADER_OR_FOLLOWER" retry "NotLeaderOrFollowerException"
        "This broker does not lead the partition, or holds no replica of it."
    7 RequestTimedOut "REQUEST_TIMED_OUT" retry "TimeoutException"
        "The request took longer than it was given."
    8 BrokerNotAvailable "BROKER_NOT_AVAILABLE" fail "BrokerNotAvailableException"
        "The broker is not available."
    9 ReplicaNotAvailable "REPLICA_NOT_AVAILABLE" retry "ReplicaNotAvailableException"
        "The replica is not available on this broker."
    10 MessageTooLarge "MESSAGE_TOO_LARGE" fail "RecordTooLargeException"
        "The batch is larger than the topic allows."
    11 StaleControllerEpoch "STALE_CONTROLLER_EPOCH" fail "ControllerMovedException"
        "The controller has moved to another broker."
    12 OffsetMetadataTooLarge "OFFSET_METADATA_TOO_LARGE" fail "OffsetMetadataTooLarge"
        "The metadata beside the offset is longer than allowed."
    13 NetworkException "NETWORK_EXCEPTION" retry "NetworkException"
        "The connection broke before a response came."
    14 CoordinatorLoadInProgress "COORDINATOR_LOAD_IN_PROGRESS" retry "CoordinatorLoadInProgressException"
        "The coordinator is still loading its groups or transactions."
    15 CoordinatorNotAvailable "COORDINATOR_NOT_AVAILABLE" retry "CoordinatorNotAvailableException"
        "The coordinator is not available."
    16 NotCoordinator "NOT_COORDINATOR" retry "NotCoordinatorException"
        "This broker is not the coordinator."
    17 InvalidTopicException "INVALID_TOPIC_EXCEPTION" fail "InvalidTopicException"
        "The topic's name is not valid, or the topic may not be written to."
    18 RecordListTooLarge "RECORD_LIST_TOO_LARGE" fail "RecordBatchTooLargeException"
        "The records together are larger than one segment of the log."
    19 NotEnoughReplicas "NOT_ENOUGH_REPLICAS" retry "NotEnoughReplicasException"
        "Fewer replicas are in sync than the topic demands."
    20 NotEnoughReplicasAfterAppend "NOT_ENOUGH_REPLICAS_AFTER_APPEND" retry "NotEnoughReplicasAfterAppendException"
        "The records were appended, but by then fewer replicas were in sync than the topic demands."
    21 InvalidRequiredAcks "INVALID_REQUIRED_ACKS" fail "InvalidRequiredAcksException"
        "The number of acknowledgements asked for is not valid."
    22 IllegalGeneration "ILLEGAL_GENERATION" fail "IllegalGenerationException"
        "The generation is not the group's current one."
    23 InconsistentGroupProtocol "INCONSISTENT_GROUP_PROTOCOL" fail "InconsistentGroupProtocolException"
        "The member's protocols do not fit those of the group."
    24 InvalidGroupId "INVALID_GROUP_ID" fail "InvalidGroupIdException"
        "The group id is not valid."
    25 UnknownMemberId "UNKNOWN_MEMBER_ID" fail "UnknownMemberIdException"
        "The group does not know this member."
    26 InvalidSessionTimeout "INVALID_SESSION_TIMEOUT" fail "InvalidSessionTimeoutException"
        "The session timeout lies outside what the broker allows."
    27 RebalanceInProgress "REBALANCE_IN_PROGRESS" fail "RebalanceInProgressException"
        "The group is rebalancing; join it again."
    28 InvalidCommitOffsetSize "INVALID_COMMIT_OFFSET_SIZE" fail "InvalidCommitOffsetSizeException"
        "The offset commit is larger than allowed."
    29 TopicAuthorizationFailed "TOPIC_AUTHORIZATION_FAILED" fail "TopicAuthorizationException"
        "Not allowed to use this topic."
    30 GroupAuthorizationFailed "GROUP_AUTHORIZATION_FAILED" fail "GroupAuthorizationException"
        "Not allowed to use this group."
    31 ClusterAuthorizationFailed "CLUSTER_AUTHORIZATION_FAILED" fail "ClusterAuthorizationException"
        "Not allowed to do this to the cluster."
    32 InvalidTimestamp "INVALID_TIMESTAMP" fail "InvalidTimestampException"
        "The record's timestamp lies too far from the broker's time."
    33 UnsupportedSaslMechanism "UNSUPPORTED_SASL_MECHANISM" fail "UnsupportedSaslMechanismException"
        "The broker does not offer this SASL mechanism."
    34 IllegalSaslState "ILLEGAL_SASL_STATE" fail "IllegalSaslStateException"
        "The request does not fit the state of the SASL exchange."
    35 UnsupportedVersion "UNSUPPORTED_VERSION" fail "UnsupportedVersionException"
        "The broker does not speak this version of the request."
    36 TopicAlreadyExists "TOPIC_ALREADY_EXISTS" fail "TopicExistsException"
        "A topic of this name already exists."
    37 InvalidPartitions "INVALID_PARTITIONS" fail "InvalidPartitionsException"
        "The number of partitions is not valid."
    38 InvalidReplicationFactor "INVALID_REPLICATION_FACTOR" fail "InvalidReplicationFactorException"
        "The replication factor is not positive, or larger than the number of brokers."
    39 InvalidReplicaAssignment "INVALID_REPLICA_ASSIGNMENT" fail "InvalidReplicaAssignmentException"
        "The replica assignment is not valid."
    40 InvalidConfig "INVALID_CONFIG" fail "InvalidConfigurationException"
        "The configuration is not valid."
    41 NotController "NOT_CONTROLLER" retry "NotControllerException"
        "This broker is not the controller."
    42 InvalidRequest "INVALID_REQUEST" fail "InvalidRequestException"
        "The request contradicts itself or lacks something it needs."
    43 UnsupportedForMessageFormat "UNSUPPORTED_FOR_MESSAGE_FORMAT" fail "UnsupportedForMessageFormatException"
        "The format of the records does not support the request."
    44 PolicyViolation "POLICY_VIOLATION" fail "PolicyViolationException"
        "The request goes against the broker's policy."
    45 OutOfOrderSequenceNumber "OUT_OF_ORDER_SEQUENCE_NUMBER" fail "OutOfOrderSequenceException"
        "The sequence number does not follow the last one of this producer."
    46 DuplicateSequenceNumber "DUPLICATE_SEQUENCE_NUMBER" fail "DuplicateSequenceException"
        "The broker already has a batch with this sequence number."
    47 InvalidProducerEpoch "INVALID_PRODUCER_EPOCH" fail "InvalidProducerEpochException"
        "The producer's epoch is older than the latest one for its id."
    48 InvalidTxnState "INVALID_TXN_STATE" fail "InvalidTxnStateException"
        "The transaction is in a state that does not allow this."
    49 InvalidProducerIdMapping "INVALID_PRODUCER_ID_MAPPING" fail "InvalidPidMappingException"
        "The producer id does not belong to this transactional id."
    50 InvalidTransactionTimeout "INVALID_TRANSACTION_TIMEOUT" fail "InvalidTxnTimeoutException"
        "The transaction timeout is longer than the broker allows."
    51 ConcurrentTransactions "CONCURRENT_TRANSACTIONS" retry "ConcurrentTransactionsException"
        "Another change to the same transaction is still under way."
    52 TransactionCoordinatorFenced "TRANSACTION_COORDINATOR_FENCED" fail "TransactionCoordinatorFencedException"
        "The transaction coordinator has been replaced by a newer one."
    53 TransactionalIdAuthorizationFailed "TRANSACTIONAL_ID_AUTHORIZATION_FAILED" fail "TransactionalIdAuthorizationException"
        "Not allowed to use this transactional id."
    54 SecurityDisabled "SECURITY_DISABLED" fail "SecurityDisabledException"
        "The broker has no security features switched on."
    55 OperationNotAttempted "OPERATION_NOT_ATTEMPTED" fail "OperationNotAttemptedException"
        "The operation was not tried, since another part of the request failed first."
    56 KafkaStorageError "KAFKA_STORAGE_ERROR" retry "KafkaStorageException"
        "The disk could not be read or written."
    57 LogDirNotFound "LOG_DIR_NOT_FOUND" fail "LogDirNotFoundException"
        "The broker does not have this log directory."
    58 SaslAuthenticationFailed "SASL_AUTHENTICATION_FAILED" fail "SaslAuthenticationException"
        "Authentication failed."
    59 UnknownProducerId "UNKNOWN_PRODUCER_ID" fail "UnknownProducerIdException"
        "The broker holds nothing of this producer id."
    60 ReassignmentInProgress "REASSIGNMENT_IN_PROGRESS" fail "ReassignmentInProgressException"
        "A reassignment of the partition is under way."
    61 DelegationTokenAuthDisabled "DELEGATION_TOKEN_AUTH_DISABLED" fail "DelegationTokenDisabledException"
        "Delegation tokens are switched off."
    62 DelegationTokenNotFound "DELEGATION_TOKEN_NOT_FOUND" fail "DelegationTokenNotFoundException"
        "The delegation token does not exist."
    63 DelegationTokenOwnerMismatch "DELEGATION_TOKEN_OWNER_MISMATCH" fail "DelegationTokenOwnerMismatchException"
        "The delegation token belongs to someone else."
    64 DelegationTokenRequestNotAllowed "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED" fail "UnsupportedByAuthenticationException"
        "Delegation tokens cannot be asked for over this connection."
    65 DelegationTokenAuthorizationFailed "DELEGATION_TOKEN_AUTHORIZATION_FAILED" fail "DelegationTokenAuthorizationException"
        "Not allowed to use this delegation token."
    66 DelegationTokenExpired "DELEGATION_TOKEN_EXPIRED" fail "DelegationTokenExpiredException"
        "The delegation token has expired."
    67 InvalidPrincipalType "INVALID_PRINCIPAL_TYPE" fail "InvalidPrincipalTypeException"
        "This type of principal is not supported."
    68 NonEmptyGroup "NON_EMPTY_GROUP" fail "GroupNotEmptyException"
        "The group is not empty."
    69 GroupIdNotFound "GROUP_ID_NOT_FOUND" fail "GroupIdNotFoundException"
        "The group id does not exist."
    70 FetchSessionIdNotFound "FETCH_SESSION_ID_NOT_FOUND" retry "FetchSessionIdNotFoundException"
        "The broker does not know this fetch session."
    71 InvalidFetchSessionEpoch "INVALID_FETCH_SESSION_EPOCH" retry "InvalidFetchSessionEpochException"
        "The epoch of the fetch session is not the expected one."
    72 ListenerNotFound "LISTENER_NOT_FOUND" retry "ListenerNotFoundException"
        "The leader has no listener of the name that the request came in on."
    73 TopicDeletionDisabled "TOPIC_DELETION_DISABLED" fail "TopicDeletionDisabledException"
        "Deleting topics is switched off."
    74 FencedLeaderEpoch "FENCED_LEADER_EPOCH" retry "FencedLeaderEpochException"
        "The leader epoch in the request is older than the broker's."
    75 UnknownLeaderEpoch "UNKNOWN_LEADER_EPOCH" retry "UnknownLeaderEpochException"
        "The leader epoch in the request is newer than the broker's."
    76 UnsupportedCompressionType "UNSUPPORTED_COMPRESSION_TYPE" fail "UnsupportedCompressionTypeException"
        "The client's version does not know this compression."
    77 StaleBrokerEpoch "STALE_BROKER_EPOCH" fail "StaleBrokerEpochException"
        "The broker's epoch has changed."
    78 OffsetNotAvailable "OFFSET_NOT_AVAILABLE" retry "OffsetNotAvailableException"
        "The new leader's high watermark has not caught up yet."
    79 MemberIdRequired "MEMBER_ID_REQUIRED" fail "MemberIdRequiredException"
        "The group needs a member id before the member may join."
    80 PreferredLeaderNotAvailable "PREFERRED_LEADER_NOT_AVAILABLE" retry "PreferredLeaderNotAvailableException"
        "The preferred leader is not available."
    81 GroupMaxSizeReached "GROUP_MAX_SIZE_REACHED" fail "GroupMaxSizeReachedException"
        "The group is full."
    82 FencedInstanceId "FENCED_INSTANCE_ID" fail "FencedInstanceIdException"
        "Another member has taken over this group instance id."
    83 EligibleLeadersNotAvailable "ELIGIBLE_LEADERS_NOT_AVAILABLE" retry "EligibleLeadersNotAvailableException"
        "No replica that could become leader is available."
    84 ElectionNotNeeded "ELECTION_NOT_NEEDED" retry "ElectionNotNeededException"
        "The partition already has the leader it should have."
    85 NoReassignmentInProgress "NO_REASSIGNMENT_IN_PROGRESS" fail "NoReassignmentInProgressException"
        "The partition is not being reassigned."
    86 GroupSubscribedToTopic "GROUP_SUBSCRIBED_TO_TOPIC" fail "GroupSubscribedToTopicException"
        "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it."
    87 InvalidRecord "INVALID_RECORD" fail "InvalidRecordException"
        "A record failed the broker's check."
    88 UnstableOffsetCommit "UNSTABLE_OFFSET_COMMIT" retry "UnstableOffsetCommitException"
        "Some offsets await the end of a transaction."
    89 ThrottlingQuotaExceeded "THROTTLING_QUOTA_EXCEEDED" retry "ThrottlingQuotaExceededException"
        "The quota has been used up."
    90 ProducerFenced "PRODUCER_FENCED" fail "ProducerFencedException"
        "A newer producer with the same transactional id has taken over."
    91 ResourceNotFound "RESOURCE_NOT_FOUND" fail "ResourceNotFoundException"
        "There is no such resource."
    92 DuplicateResource "DUPLICATE_RESOURCE" fail "DuplicateResourceException"
        "There is such a resource already."
    93 UnacceptableCredential "UNACCEPTABLE_CREDENTIAL" fail "UnacceptableCredentialException"
        "The credential does not meet the requirements."
    94 InconsistentVoterSet "INCONSISTENT_VOTER_SET" fail "InconsistentVoterSetException"
        "The voters named are not those of the quorum."
    95 InvalidUpdateVersion "INVALID_UPDATE_VERSION" fail "InvalidUpdateVersionException"
        "The feature's new level is not valid."
    96 FeatureUpdateFailed "FEATURE_UPDATE_FAILED" fail "FeatureUpdateFailedException"
        "The features could not be updated."
    97 PrincipalDeserializationFailure "PRINCIPAL_DESERIALIZATION_FAILURE" fail "PrincipalDeserializationException"
        "The principal in a forwarded request cannot be read."
    98 SnapshotNotFound "SNAPSHOT_NOT_FOUND" fail "SnapshotNotFoundException"
        "There is no such snapshot."
    99 PositionOutOfRange "POSITION_OUT_OF_RANGE" fail "PositionOutOfRangeException"
        "The position lies outside the snapshot."
    100 UnknownTopicId "UNKNOWN_TOPIC_ID" retry "UnknownTopicIdException"
        "This broker knows no topic with this id."
    101 DuplicateBrokerRegistration "DUPLICATE_BROKER_REGISTRATION" fail "DuplicateBrokerRegistrationException"
        "A broker with this id is already registered."
    102 BrokerIdNotRegistered "BROKER_ID_NOT_REGISTERED" fail "BrokerIdNotRegisteredException"
        "No broker with this id is registered."
    103 InconsistentTopicId "INCONSISTENT_TOPIC_ID" retry "InconsistentTopicIdException"
        "The topic id in the log is not the one in the request."
    104 InconsistentClusterId "INCONSISTENT_CLUSTER_ID" fail "InconsistentClusterIdException"
        "The cluster id is not this cluster's."
    105 TransactionalIdNotFound "TRANSACTIONAL_ID_NOT_FOUND" fail "TransactionalIdNotFoundException"
        "There is no such transactional id."
    106 FetchSessionTopicIdError "FETCH_SESSION_TOPIC_ID_ERROR" retry "FetchSessionTopicIdException"
        "The fetch session holds topics with and without ids."
    107 IneligibleReplica "INELIGIBLE_REPLICA" fail "IneligibleReplicaException"
        "A replica that may not join the in-sync replicas was named."
    108 NewLeaderElected "NEW_LEADER_ELECTED" fail "NewLeaderElectedException"
        "The change elected another leader."
    109 OffsetMovedToTieredStorage "OFFSET_MOVED_TO_TIERED_STORAGE" fail "OffsetMovedToTieredStorageException"
        "The offset lies in tiered storage."
    110 FencedMemberEpoch "FENCED_MEMBER_EPOCH" fail "FencedMemberEpochException"
        "The member's epoch is not the coordinator's; leave and join again."
    111 UnreleasedInstanceId "UNRELEASED_INSTANCE_ID" fail "UnreleasedInstanceIdException"
        "Another member still holds this group instance id."
    112 UnsupportedAssignor "UNSUPPORTED_ASSIGNOR" fail "UnsupportedAssignorException"
        "The group's members share no assignor that is supported."
    113 StaleMemberEpoch "STALE_MEMBER_EPOCH" fail "StaleMemberEpochException"
        "The member's epoch is old; a newer assignment is on its way."
    114 MismatchedEndpointType "MISMATCHED_ENDPOINT_TYPE" fail "MismatchedEndpointTypeException"
        "The request came to the wrong type of endpoint."
    115 UnsupportedEndpointType "UNSUPPORTED_ENDPOINT_TYPE" fail "UnsupportedEndpointTypeException"
        "This type of endpoint is not supported here."
    116 UnknownControllerId "UNKNOWN_CONTROLLER_ID" fail "UnknownControllerIdException"
        "The controller id is not known."
    117 UnknownSubscriptionId "UNKNOWN_SUBSCRIPTION_ID" fail "UnknownSubscriptionIdException"
        "The telemetry subscription is not known."
    118 TelemetryTooLarge "TELEMETRY_TOO_LARGE" fail "TelemetryTooLargeException"
        "The telemetry is larger than allowed."
    119 InvalidRegistration "INVALID_REGISTRATION" fail "InvalidRegistrationException"
        "The registration is not valid."
    120 TransactionAbortable "TRANSACTION_ABORTABLE" fail "TransactionAbortableException"
        "The transaction must be aborted."
    121 InvalidRecordState "INVALID_RECORD_STATE" fail "InvalidRecordStateException"
        "The records are in a state that does not allow this."
    122 ShareSessionNotFound "SHARE_SESSION_NOT_FOUND" retry "ShareSessionNotFoundException"
        "The broker does not know this share session."
    123 InvalidShareSessionEpoch "INVALID_SHARE_SESSION_EPOCH" retry "InvalidShareSessionEpochException"
        "The epoch of the share session is not the expected one."
    124 FencedStateEpoch "FENCED_STATE_EPOCH" fail "FencedStateEpochException"
        "The state epoch has been overtaken."
    125 InvalidVoterKey "INVALID_VOTER_KEY" fail "InvalidVoterKeyException"
        "The voter key does not match the receiver's."
    126 DuplicateVoter "DUPLICATE_VOTER" fail "DuplicateVoterException"
        "The voter is already in the quorum."
    127 VoterNotFound "VOTER_NOT_FOUND" fail "VoterNotFoundException"
        "The voter is not in the quorum."
    128 InvalidRegularExpression "INVALID_REGULAR_EXPRESSION" fail "InvalidRegularExpression"
        "The regular expression is not valid."
    129 RebootstrapRequired "REBOOTSTRAP_REQUIRED" fail "RebootstrapRequiredException"
        "The client should start again from its bootstrap servers."
    130 StreamsInvalidTopology "STREAMS_INVALID_TOPOLOGY" fail "StreamsInvalidTopologyException"
        "The topology is not valid."
    131 StreamsInvalidTopologyEpoch "STREAMS_INVALID_TOPOLOGY_EPOCH" fail "StreamsInvalidTopologyEpochException"
        "The topology's epoch is not valid."
    132 StreamsTopologyFenced "STREAMS_TOPOLOGY_FENCED" fail "StreamsTopologyFencedException"
        "The topology's epoch has been overtaken."
    133 ShareSessionLimitReached "SHARE_SESSION_LIMIT_REACHED" retry "ShareSessionLimitReachedException"
        "No more share sessions fit."
}

const ERRORS: &str = "org.apache.kafka.common.errors.";
const COMMON: &str = "org.apache.kafka.common.";

impl ErrorCode {
    /// All codes, in ascending order.
    pub fn all() -> impl Iterator<Item = ErrorCode> {
        ROWS.iter().map(|row| row.code)
    }

    /// The number on the wire.
    pub fn code(self) -> i16 {
        self as i16
    }

    /// The error with this number; a number that Kafka does not have is an unknown server error.
    pub fn from_code(code: i16) -> ErrorCode {
        let found = ROWS.iter().find(|row| row.code.code() == code);
        found.map_or(ErrorCode::UnknownServerError, |row| row.code)
    }

    /// Whether there is an error.
    pub fn is_error(self) -> bool {
        self != ErrorCode::None
    }

    /// Kafka's name, like `TOPIC_ALREADY_EXISTS`.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// Whether the same request may succeed later.
    pub fn is_retriable(self) -> bool {
        self.row().is_some_and(|row| row.retriable)
    }

    /// The full name of the Java client's exception; empty for no error.
    pub fn exception(self) -> String {
        let name = self.row().map_or("", |row| row.exception);
        let package = match self {
            ErrorCode::None => "",
            ErrorCode::InvalidRecord => COMMON,
            _ => ERRORS,
        };
        let mut full = String::from(package);
        full.push_str(name);
        full
    }

    /// One sentence on what it means.
    pub fn message(self) -> &'static str {
        self.row().map_or("", |row| row.message)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.code == self)
    }
}

impl From<ErrorCode> for i16 {
    fn from(error: ErrorCode) -> i16 {
        error.code()
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
