//! Heartbeat: a group member shows that it is alive and learns of rebalances.

use crate::wire::messages;

messages! {
    /// The request.
    HeartbeatRequest {
        group_id: String [0+];
        generation_id: i32 [0+];
        member_id: String [0+];
        group_instance_id: Option<String> [3+] none[3+];
    }

    /// The response.
    HeartbeatResponse {
        throttle_time_ms: i32 [1+];
        error_code: i16 [0+];
    }
}
