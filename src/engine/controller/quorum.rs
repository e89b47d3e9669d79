//! DescribeQuorum: who keeps the metadata log, and how far each has come. The quorum here is one
//! voter; the brokers observe.

use protocol::messages::describe_quorum::{
    DescribeQuorumRequest, DescribeQuorumResponse, Listener, Node, PartitionData, ReplicaState,
    TopicData,
};
use protocol::{ErrorCode, Uuid};

use crate::controller::{Decision, Desk};
use crate::ids::{BrokerId, METADATA_TOPIC};

/// Answers from the controller that leads the log in `epoch`.
pub fn describe(desk: &mut Desk<'_>, epoch: i32, request: &DescribeQuorumRequest) -> Decision {
    let sound = matches!(request.topics.as_slice(), [topic] if topic.topic_name == METADATA_TOPIC
        && matches!(topic.partitions.as_slice(), [partition] if partition.partition_index == 0));
    if !sound {
        return Decision::answer(unknown(request));
    }
    let node_id = desk.config.node_id;
    let listen = &desk.config.listen;
    let listener = Listener {
        name: "CONTROLLER".to_owned(),
        host: listen.host.clone(),
        port: listen.port,
    };
    let partition = PartitionData {
        partition_index: 0,
        error_message: None,
        leader_id: node_id,
        leader_epoch: epoch,
        high_watermark: desk.next_offset,
        current_voters: vec![leader(desk, node_id)],
        observers: observers(desk, node_id),
        ..PartitionData::default()
    };
    Decision::answer(DescribeQuorumResponse {
        error_message: None,
        topics: vec![TopicData {
            topic_name: METADATA_TOPIC.to_owned(),
            partitions: vec![partition],
        }],
        nodes: vec![Node {
            node_id,
            listeners: vec![listener],
        }],
        ..DescribeQuorumResponse::default()
    })
}

fn leader(desk: &Desk<'_>, node_id: BrokerId) -> ReplicaState {
    let now = desk.now.as_millis();
    ReplicaState {
        replica_id: node_id,
        replica_directory_id: Uuid::ZERO,
        log_end_offset: desk.next_offset,
        last_fetch_timestamp: now,
        last_caught_up_timestamp: now,
    }
}

/// The other brokers; the one that is one node with the controller counts as its voter.
fn observers(desk: &Desk<'_>, node_id: BrokerId) -> Vec<ReplicaState> {
    let brokers = desk.image.alive_brokers();
    let others = brokers.filter(|broker| broker.id != node_id);
    let state = |broker: &crate::image::BrokerRegistration| {
        let session = desk.sessions.get(&broker.id)?;
        let heard = session.last_contact.as_millis();
        let log_end_offset = session.metadata_offset.saturating_add(1);
        Some(ReplicaState {
            replica_id: broker.id,
            replica_directory_id: Uuid::ZERO,
            log_end_offset,
            last_fetch_timestamp: heard,
            last_caught_up_timestamp: if log_end_offset >= desk.next_offset {
                heard
            } else {
                -1
            },
        })
    };
    others.filter_map(state).collect()
}

/// Only the metadata log has a quorum.
fn unknown(request: &DescribeQuorumRequest) -> DescribeQuorumResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| PartitionData {
            partition_index: partition.partition_index,
            error_code: ErrorCode::UnknownTopicOrPartition.code(),
            error_message: None,
            ..PartitionData::default()
        });
        TopicData {
            topic_name: topic.topic_name.clone(),
            partitions: partitions.collect(),
        }
    });
    DescribeQuorumResponse {
        error_message: None,
        topics: topics.collect(),
        ..DescribeQuorumResponse::default()
    }
}
