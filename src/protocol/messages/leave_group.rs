//! LeaveGroup: members go, so that the group need not wait for their sessions to end.

use crate::wire::messages;

messages! {
    /// The request.
    LeaveGroupRequest {
        group_id: String [0+];
        member_id: String [0-2];
        members: Vec<MemberIdentity> [3+];
    }

    /// One of `LeaveGroupRequest::members`.
    MemberIdentity {
        member_id: String [3+];
        group_instance_id: Option<String> [3+] none[3+];
        reason: Option<String> [5+] none[5+];
    }

    /// The response.
    LeaveGroupResponse {
        throttle_time_ms: i32 [1+];
        error_code: i16 [0+];
        members: Vec<MemberResponse> [3+];
    }

    /// One of `LeaveGroupResponse::members`.
    MemberResponse {
        member_id: String [3+];
        group_instance_id: Option<String> [3+] null[3+];
        error_code: i16 [3+];
    }
}
