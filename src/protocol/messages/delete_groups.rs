//! DeleteGroups: empty groups go, with their offsets.

use crate::wire::messages;

messages! {
    /// The request.
    DeleteGroupsRequest {
        groups_names: Vec<String> [0+];
    }

    /// The response.
    DeleteGroupsResponse {
        throttle_time_ms: i32 [0+];
        results: Vec<DeletableGroupResult> [0+];
    }

    /// One of `DeleteGroupsResponse::results`.
    DeletableGroupResult {
        group_id: String [0+];
        error_code: i16 [0+];
    }
}
