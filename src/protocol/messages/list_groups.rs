//! ListGroups: the groups that a broker coordinates.

use crate::wire::messages;

messages! {
    /// The request.
    ListGroupsRequest {
        states_filter: Vec<String> [4+];
        types_filter: Vec<String> [5+];
    }

    /// The response.
    ListGroupsResponse {
        throttle_time_ms: i32 [1+];
        error_code: i16 [0+];
        groups: Vec<ListedGroup> [0+];
    }

    /// One of `ListGroupsResponse::groups`.
    ListedGroup {
        group_id: String [0+];
        protocol_type: String [0+];
        group_state: String [4+];
        group_type: String [5+];
    }
}
