//! ConsumerGroupHeartbeat: a member of a group of the consumer protocol joins, stays, acknowledges
//! what it lets go, and leaves.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request. What is null has not changed since the member's last one.
    ConsumerGroupHeartbeatRequest {
        group_id: String [0+];
        member_id: String [0+];
        member_epoch: i32 [0+];
        instance_id: Option<String> [0+] none[0+];
        rack_id: Option<String> [0+] none[0+];
        rebalance_timeout_ms: i32 [0+] = -1;
        subscribed_topic_names: Option<Vec<String>> [0+] none[0+];
        subscribed_topic_regex: Option<String> [1+] none[1+];
        server_assignor: Option<String> [0+] none[0+];
        topic_partitions: Option<Vec<TopicPartitions>> [0+] none[0+];
    }

    /// The response. Without an assignment the last one stands.
    ConsumerGroupHeartbeatResponse {
        throttle_time_ms: i32 [0+];
        error_code: i16 [0+];
        error_message: Option<String> [0+] none[0+];
        member_id: Option<String> [0+] none[0+];
        member_epoch: i32 [0+];
        heartbeat_interval_ms: i32 [0+];
        assignment: Option<Assignment> [0+] none[0+];
    }

    /// For `ConsumerGroupHeartbeatResponse::assignment`.
    Assignment {
        topic_partitions: Vec<TopicPartitions> [0+];
    }

    /// Partitions of a topic, in both directions.
    TopicPartitions {
        topic_id: Uuid [0+];
        partitions: Vec<i32> [0+];
    }
}
