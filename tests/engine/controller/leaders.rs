//! What leaders ask for (AlterPartition), and elections on request (ElectLeaders).

use protocol::messages::alter_partition::{
    AlterPartitionRequest, BrokerState, PartitionData, TopicData,
};
use protocol::messages::elect_leaders::{ElectLeadersRequest, TopicPartitions};
use protocol::{ErrorCode, Response, Uuid};

use super::lab::{Lab, by_hand};

#[test]
fn a_leader_shrinks_and_expands_its_in_sync_replicas() {
    let mut lab = Lab::new(3);
    lab.create_on("t", &[1, 2, 3]);
    assert_eq!(lab.alter_isr("t", &[1], |_| {}), ErrorCode::None);
    assert_eq!(lab.standing("t"), (1, vec![1], 0, 1));
    assert_eq!(lab.alter_isr("t", &[1, 2, 3], |_| {}), ErrorCode::None);
    assert_eq!(lab.standing("t"), (1, vec![1, 2, 3], 0, 2));
    let before = lab.controller.log().end_offset();
    assert_eq!(lab.alter_isr("t", &[1, 2, 3], |_| {}), ErrorCode::None);
    assert_eq!(
        lab.controller.log().end_offset(),
        before,
        "nothing changed, nothing is written"
    );
}

#[test]
fn a_leader_whose_view_is_old_or_wrong_is_refused() {
    type Change = fn(&mut AlterPartitionRequest);
    let rows: [(&str, &[i32], Change, ErrorCode); 14] = [
        (
            "broker epoch",
            &[1],
            |r| r.broker_epoch -= 1,
            ErrorCode::StaleBrokerEpoch,
        ),
        (
            "unknown broker",
            &[1],
            |r| r.broker_id = 9,
            ErrorCode::StaleBrokerEpoch,
        ),
        (
            "topic",
            &[1],
            |r| r.topics[0].topic_id = Uuid([9; 16]),
            ErrorCode::UnknownTopicId,
        ),
        (
            "partition",
            &[1],
            |r| r.topics[0].partitions[0].partition_index = 5,
            ErrorCode::UnknownTopicOrPartition,
        ),
        (
            "old leader epoch",
            &[1],
            |r| r.topics[0].partitions[0].leader_epoch = 0,
            ErrorCode::FencedLeaderEpoch,
        ),
        (
            "leader epoch to come",
            &[1],
            |r| r.topics[0].partitions[0].leader_epoch = 9,
            ErrorCode::NotController,
        ),
        (
            "old partition epoch",
            &[1],
            |r| r.topics[0].partitions[0].partition_epoch -= 1,
            ErrorCode::InvalidUpdateVersion,
        ),
        (
            "partition epoch to come",
            &[1],
            |r| r.topics[0].partitions[0].partition_epoch += 1,
            ErrorCode::NotController,
        ),
        ("not a replica", &[1, 4], |_| {}, ErrorCode::InvalidRequest),
        (
            "without the leader",
            &[2],
            |_| {},
            ErrorCode::InvalidRequest,
        ),
        ("nobody", &[], |_| {}, ErrorCode::InvalidRequest),
        ("one twice", &[1, 2, 2], |_| {}, ErrorCode::InvalidRequest),
        (
            "a fenced broker",
            &[1, 2, 3],
            |_| {},
            ErrorCode::IneligibleReplica,
        ),
        (
            "a follower that restarted since",
            &[1, 2],
            |r| r.topics[0].partitions[0].new_isr_with_epochs[1].broker_epoch = 0,
            ErrorCode::IneligibleReplica,
        ),
    ];
    let mut lab = Lab::new(4);
    lab.create_on("t", &[3, 1, 2]);
    lab.pass_with(10_000, &[1, 2, 4]);
    assert_eq!(lab.standing("t"), (1, vec![1, 2], 1, 1));
    for (case, isr, change, error) in rows {
        assert_eq!(lab.alter_isr("t", isr, change), error, "{case}");
        assert_eq!(lab.standing("t"), (1, vec![1, 2], 1, 1), "{case}");
    }
}

#[test]
fn the_older_version_names_replicas_without_epochs() {
    let mut lab = Lab::new(2);
    let topic_id = lab.create_on("t", &[1, 2]);
    let data = PartitionData {
        new_isr: vec![1],
        ..Default::default()
    };
    let request = AlterPartitionRequest {
        broker_id: 1,
        broker_epoch: lab.epochs[&1],
        topics: vec![TopicData {
            topic_id,
            partitions: vec![data],
        }],
    };
    let Response::AlterPartition(response) = lab.ask_in(2, request.into()) else {
        panic!()
    };
    let answer = &response.topics[0].partitions[0];
    assert_eq!(
        (answer.error_code, &answer.isr, answer.partition_epoch),
        (0, &vec![1], 1)
    );
    assert_eq!(lab.standing("t"), (1, vec![1], 0, 1));
}

#[test]
fn only_the_leader_may_ask() {
    let mut lab = Lab::new(2);
    lab.create_on("t", &[1, 2]);
    let second = lab.epochs[&2];
    assert!(second > lab.epochs[&1]);
    // Both brokers' epochs are known by now, so the follower can be told from the leader.
    let partition = lab.partition("t", 0);
    let data = PartitionData {
        partition_epoch: partition.partition_epoch,
        leader_epoch: partition.leader_epoch,
        ..Default::default()
    };
    let topic_id = lab.image().topic("t").unwrap().id;
    let topics = vec![TopicData {
        topic_id,
        partitions: vec![data],
    }];
    let request = AlterPartitionRequest {
        broker_id: 2,
        broker_epoch: second,
        topics,
    };
    let Response::AlterPartition(response) = lab.ask(request) else {
        panic!()
    };
    assert_eq!(super::lab::altered(&response), ErrorCode::InvalidRequest);
}

#[test]
fn two_changes_of_one_partition_in_one_request_cannot_both_win() {
    let mut lab = Lab::new(3);
    lab.create_on("t", &[1, 2, 3]);
    lab.alter_isr("t", &[1, 2], |request| {
        let again = request.topics[0].partitions[0].clone();
        request.topics[0].partitions.push(again);
    });
    assert_eq!(lab.standing("t"), (1, vec![1, 2], 0, 1));
}

#[test]
fn preferred_leaders_come_back_on_request() {
    let mut lab = Lab::new(3);
    assert_eq!(
        lab.create(by_hand("safe", &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2]]))
            .0,
        ErrorCode::None
    );
    lab.pass_with(10_000, &[1, 2]);
    assert_eq!(
        elect(&mut lab, 0, Some(&[2])),
        [(2, ErrorCode::PreferredLeaderNotAvailable)]
    );
    lab.start(3);
    assert_eq!(lab.partition("safe", 2).leader, 1);
    lab.alter_partition_2_isr();
    assert_eq!(elect(&mut lab, 0, None), [(2, ErrorCode::None)]);
    assert_eq!(lab.partition("safe", 2).leader, 3);
    assert_eq!(
        elect(&mut lab, 0, Some(&[0])),
        [(0, ErrorCode::ElectionNotNeeded)]
    );
    assert_eq!(
        elect(&mut lab, 0, Some(&[7])),
        [(7, ErrorCode::UnknownTopicOrPartition)]
    );
    assert_eq!(
        elect(&mut lab, 1, Some(&[1])),
        [(1, ErrorCode::ElectionNotNeeded)]
    );
    assert_eq!(elect(&mut lab, 0, None), []);
}

#[test]
fn an_unclean_election_needs_somebody_alive() {
    let mut lab = Lab::new(2);
    lab.create_on("safe", &[1, 2]);
    lab.pass_with(10_000, &[2]);
    lab.pass(10_000);
    assert_eq!(lab.standing("safe").0, -1);
    assert_eq!(
        elect(&mut lab, 1, Some(&[0])),
        [(0, ErrorCode::EligibleLeadersNotAvailable)]
    );
    lab.start(1);
    assert_eq!(lab.standing("safe"), (-1, vec![], 2, 2));
    assert_eq!(elect(&mut lab, 1, Some(&[0])), [(0, ErrorCode::None)]);
    assert_eq!(lab.standing("safe"), (1, vec![1], 3, 3));
}

fn elect(lab: &mut Lab, election_type: i8, partitions: Option<&[i32]>) -> Vec<(i32, ErrorCode)> {
    let of_topic = |partitions: &[i32]| {
        vec![TopicPartitions {
            topic: "safe".to_owned(),
            partitions: partitions.to_vec(),
        }]
    };
    let request = ElectLeadersRequest {
        election_type,
        topic_partitions: partitions.map(of_topic),
        ..Default::default()
    };
    let Response::ElectLeaders(response) = lab.ask(request) else {
        panic!()
    };
    let results = response
        .replica_election_results
        .iter()
        .flat_map(|topic| &topic.partition_result);
    results
        .map(|result| (result.partition_id, ErrorCode::from_code(result.error_code)))
        .collect()
}

impl Lab {
    /// Broker 3 is in sync with partition 2 again.
    fn alter_partition_2_isr(&mut self) {
        let (leader_epoch, partition_epoch) = {
            let partition = self.partition("safe", 2);
            (partition.leader_epoch, partition.partition_epoch)
        };
        let states = [1, 2, 3].map(|broker_id| BrokerState {
            broker_id,
            broker_epoch: self.epochs[&broker_id],
        });
        let data = PartitionData {
            partition_index: 2,
            leader_epoch,
            partition_epoch,
            new_isr_with_epochs: states.to_vec(),
            ..Default::default()
        };
        let topic_id = self.image().topic("safe").unwrap().id;
        let request = AlterPartitionRequest {
            broker_id: 1,
            broker_epoch: self.epochs[&1],
            topics: vec![TopicData {
                topic_id,
                partitions: vec![data],
            }],
        };
        let Response::AlterPartition(response) = self.ask(request) else {
            panic!()
        };
        assert_eq!(super::lab::altered(&response), ErrorCode::None);
    }
}
