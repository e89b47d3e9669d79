//! BrokerHeartbeat: a broker keeps its session with the controller, or asks to be fenced or shut down.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    BrokerHeartbeatRequest {
        broker_id: i32 [0+];
        broker_epoch: i64 [0+] = -1;
        current_metadata_offset: i64 [0+];
        want_fence: bool [0+];
        want_shut_down: bool [0+];
        offline_log_dirs: Vec<Uuid> [1+] tag 0;
        cordoned_log_dirs: Option<Vec<Uuid>> [2+] none[2+] tag 1;
    }

    /// The response.
    BrokerHeartbeatResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        is_caught_up: bool [0+];
        is_fenced: bool [0+] = 1;
        should_shut_down: bool [0+];
    }
}
