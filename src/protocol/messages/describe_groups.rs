//! DescribeGroups: state and members of classic groups.

use bytes::Bytes;

use crate::wire::messages;

messages! {
    /// The request.
    DescribeGroupsRequest {
        groups: Vec<String> [0+];
        include_authorized_operations: bool [3+];
    }

    /// The response.
    DescribeGroupsResponse {
        throttle_time_ms: i32 [1+];
        groups: Vec<DescribedGroup> [0+];
    }

    /// One of `DescribeGroupsResponse::groups`.
    DescribedGroup {
        error_code: i16 [0+];
        error_message: Option<String> [6+] none[6+];
        group_id: String [0+];
        group_state: String [0+];
        protocol_type: String [0+];
        protocol_data: String [0+];
        members: Vec<DescribedGroupMember> [0+];
        authorized_operations: i32 [3+] = -2_147_483_648;
    }

    /// One of `DescribedGroup::members`.
    DescribedGroupMember {
        member_id: String [0+];
        group_instance_id: Option<String> [4+] none[4+];
        client_id: String [0+];
        client_host: String [0+];
        member_metadata: Bytes [0+];
        member_assignment: Bytes [0+];
    }
}
