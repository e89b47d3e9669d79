//! ConsumerGroupDescribe: state and members of groups of the consumer protocol.

use crate::uuid::Uuid;
use crate::wire::messages;

messages! {
    /// The request.
    ConsumerGroupDescribeRequest {
        group_ids: Vec<String> [0+];
        include_authorized_operations: bool [0+];
    }

    /// The response.
    ConsumerGroupDescribeResponse {
        throttle_time_ms: i32 [0+];
        groups: Vec<DescribedGroup> [0+];
    }

    /// One of `ConsumerGroupDescribeResponse::groups`.
    DescribedGroup {
        error_code: i16 [0+];
        error_message: Option<String> [0+] none[0+];
        group_id: String [0+];
        group_state: String [0+];
        group_epoch: i32 [0+];
        assignment_epoch: i32 [0+];
        assignor_name: String [0+];
        members: Vec<Member> [0+];
        authorized_operations: i32 [0+] = -2_147_483_648;
    }

    /// One of `DescribedGroup::members`.
    Member {
        member_id: String [0+];
        instance_id: Option<String> [0+] none[0+];
        rack_id: Option<String> [0+] none[0+];
        member_epoch: i32 [0+];
        client_id: String [0+];
        client_host: String [0+];
        subscribed_topic_names: Vec<String> [0+];
        subscribed_topic_regex: Option<String> [0+] none[0+];
        assignment: Assignment [0+];
        target_assignment: Assignment [0+];
        member_type: i8 [1+] = -1;
    }

    /// For `Member::assignment`.
    Assignment {
        topic_partitions: Vec<TopicPartitions> [0+];
    }

    /// One of `Assignment::topic_partitions`.
    TopicPartitions {
        topic_id: Uuid [0+];
        topic_name: String [0+];
        partitions: Vec<i32> [0+];
    }
}
