//! JoinGroup: a consumer enters a group or takes part in its rebalance.

use bytes::Bytes;

use crate::wire::messages;

messages! {
    /// The request.
    JoinGroupRequest {
        group_id: String [0+];
        session_timeout_ms: i32 [0+];
        rebalance_timeout_ms: i32 [1+] = -1;
        member_id: String [0+];
        group_instance_id: Option<String> [5+] none[5+];
        protocol_type: String [0+];
        protocols: Vec<JoinGroupRequestProtocol> [0+];
        reason: Option<String> [8+] none[8+];
    }

    /// One of `JoinGroupRequest::protocols`.
    JoinGroupRequestProtocol {
        name: String [0+];
        metadata: Bytes [0+];
    }

    /// The response.
    JoinGroupResponse {
        throttle_time_ms: i32 [2+];
        error_code: i16 [0+];
        generation_id: i32 [0+] = -1;
        protocol_type: Option<String> [7+] none[7+];
        protocol_name: Option<String> [0+] null[7+];
        leader: String [0+];
        skip_assignment: bool [9+];
        member_id: String [0+];
        members: Vec<JoinGroupResponseMember> [0+];
    }

    /// One of `JoinGroupResponse::members`.
    JoinGroupResponseMember {
        member_id: String [0+];
        group_instance_id: Option<String> [5+] none[5+];
        metadata: Bytes [0+];
    }
}
