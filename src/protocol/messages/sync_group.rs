//! SyncGroup: the leader of a group hands in the assignment, every member gets its part.

use bytes::Bytes;

use crate::wire::messages;

messages! {
    /// The request.
    SyncGroupRequest {
        group_id: String [0+];
        generation_id: i32 [0+];
        member_id: String [0+];
        group_instance_id: Option<String> [3+] none[3+];
        protocol_type: Option<String> [5+] none[5+];
        protocol_name: Option<String> [5+] none[5+];
        assignments: Vec<SyncGroupRequestAssignment> [0+];
    }

    /// One of `SyncGroupRequest::assignments`.
    SyncGroupRequestAssignment {
        member_id: String [0+];
        assignment: Bytes [0+];
    }

    /// The response.
    SyncGroupResponse {
        throttle_time_ms: i32 [1+];
        error_code: i16 [0+];
        protocol_type: Option<String> [5+] none[5+];
        protocol_name: Option<String> [5+] none[5+];
        assignment: Bytes [0+];
    }
}
