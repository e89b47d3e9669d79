//! BrokerRegistration: a starting broker tells the controller who it is.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    BrokerRegistrationRequest {
        broker_id: i32 [0+];
        cluster_id: String [0+];
        incarnation_id: Uuid [0+];
        listeners: Vec<Listener> [0+];
        features: Vec<Feature> [0+];
        rack: Option<String> [0+] null[0+];
        is_migrating_zk_broker: bool [1+];
        log_dirs: Vec<Uuid> [2+];
        previous_broker_epoch: i64 [3+] = -1;
    }

    /// One of `BrokerRegistrationRequest::listeners`.
    Listener {
        name: String [0+];
        host: String [0+];
        port: u16 [0+];
        security_protocol: i16 [0+];
    }

    /// One of `BrokerRegistrationRequest::features`.
    Feature {
        name: String [0+];
        min_supported_version: i16 [0+];
        max_supported_version: i16 [0+];
    }

    /// The response.
    BrokerRegistrationResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        broker_epoch: i64 [0+] = -1;
    }
}
