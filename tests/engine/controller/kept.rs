//! A controller's log in files: snapshots stand for its beginning, and it starts again from them.

use bytes::Bytes;
use engine::controller::log::MetadataChange;
use engine::controller::restore::KeptMetadata;
use engine::controller::{Controller, ControllerConfig};
use engine::image::MetadataImage;
use engine::image::snapshot::Snapshot;
use engine::rng::Rng;
use protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use protocol::messages::fetch::{
    FetchPartition, FetchRequest, FetchTopic, PartitionData, SnapshotId,
};
use protocol::messages::fetch_snapshot::{
    FetchSnapshotRequest, PartitionSnapshot, SnapshotPiece, TopicSnapshot,
};
use protocol::{ErrorCode, Response, Uuid};
use records::Batches;

use super::lab::{CLUSTER, Lab, by_count, with_config};

/// Follows a controller's changes as whoever keeps them in files does.
#[derive(Default)]
pub struct Keeper {
    kept: KeptMetadata,
}

impl Keeper {
    pub fn follow(&mut self, controller: &mut Controller) {
        for change in controller.take_log_changes() {
            match change {
                MetadataChange::Appended(batch) => self.kept.segments.push(batch),
                MetadataChange::Snapshot {
                    snapshot,
                    log_start,
                } => {
                    self.kept.snapshot = Some(snapshot);
                    self.kept.segments.retain(|bytes| {
                        let batch = Batches::new(bytes).next().unwrap().unwrap();
                        batch.header.base_offset >= log_start
                    });
                }
            }
        }
    }

    pub fn restore(&self, lab: &Lab) -> Controller {
        let config = lab.controller.config().clone();
        Controller::restore(config, Rng::from_seed(8), lab.now, self.kept.clone()).unwrap()
    }
}

/// A snapshot of an image, and a start from files, give the same metadata.
pub fn comes_back(lab: &Lab, keeper: &Keeper) {
    let image = lab.image();
    let snapshot = Snapshot::of(image, lab.now).unwrap();
    let loaded = snapshot.load().unwrap();
    assert_eq!(&loaded, image);
    assert!(loaded.since(image).is_empty());
    let restored = keeper.restore(lab);
    assert_eq!(restored.image().to_records(), image.to_records());
    assert_eq!(
        restored.image().next_producer_id(),
        image.next_producer_id()
    );
    // It begins an epoch of its own, with one record that changes nothing.
    assert_eq!(
        restored.log().end_offset(),
        lab.controller.log().end_offset() + 1
    );
    assert!(restored.epoch() > lab.controller.epoch());
}

fn delete(lab: &mut Lab, topic: &str) {
    lab.ask(DeleteTopicsRequest {
        topics: vec![DeleteTopicState {
            name: Some(topic.to_owned()),
            ..Default::default()
        }],
        ..Default::default()
    });
}

fn busy_lab(snapshot_bytes: usize, keeper: &mut Keeper) -> Lab {
    let mut lab = Lab::with(3, |config: &mut ControllerConfig| {
        config.snapshot_bytes = snapshot_bytes;
    });
    lab.controller.keep_journal();
    for i in 0..40 {
        let topic = by_count(&format!("topic-{i}"), 3, 2);
        lab.create(with_config(topic, "retention.ms", "1234"));
        if i % 3 == 0 {
            delete(&mut lab, &format!("topic-{}", i / 2));
        }
        keeper.follow(&mut lab.controller);
    }
    lab
}

fn fetched(lab: &mut Lab, offset: i64) -> PartitionData {
    let request = FetchRequest {
        max_bytes: 1_000_000,
        topics: vec![FetchTopic {
            topic_id: Uuid::ONE,
            partitions: vec![FetchPartition {
                fetch_offset: offset,
                partition_max_bytes: 1_000_000,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    };
    let Response::Fetch(response) = lab.ask(request) else {
        panic!()
    };
    response.responses[0].partitions[0].clone()
}

fn piece(lab: &mut Lab, snapshot_id: &SnapshotId, position: i64, max_bytes: i32) -> SnapshotPiece {
    let request = FetchSnapshotRequest {
        max_bytes,
        topics: vec![TopicSnapshot {
            name: "__cluster_metadata".to_owned(),
            partitions: vec![PartitionSnapshot {
                snapshot_id: snapshot_id.clone(),
                position,
                ..PartitionSnapshot::default()
            }],
        }],
        ..FetchSnapshotRequest::default()
    };
    let Response::FetchSnapshot(response) = lab.ask(request) else {
        panic!()
    };
    response.topics[0].partitions[0].clone()
}

#[test]
fn the_log_is_bounded_and_a_broker_far_behind_is_sent_to_the_snapshot() {
    let mut lab = busy_lab(4_000, &mut Keeper::default());
    let log = lab.controller.log();
    let (start, end) = (log.start_offset(), log.end_offset());
    assert!(start > 0 && log.read(0, usize::MAX).len() < 12_000);
    let data = fetched(&mut lab, start);
    assert_eq!(data.snapshot_id.end_offset, -1);
    assert_eq!(data.log_start_offset, start);
    let data = fetched(&mut lab, 0);
    assert_eq!(data.error_code, 0);
    assert!(data.records.unwrap().is_empty());
    let id = data.snapshot_id;
    assert!(start <= id.end_offset && id.end_offset <= end);
    let mut bytes = Vec::new();
    loop {
        let piece = piece(&mut lab, &id, bytes.len() as i64, 1_000);
        assert_eq!(piece.error_code, 0);
        bytes.extend_from_slice(&piece.unaligned_records);
        if bytes.len() as i64 >= piece.size {
            break;
        }
        assert_eq!(piece.unaligned_records.len(), 1_000);
    }
    let snapshot = Snapshot {
        end_offset: id.end_offset,
        epoch: id.epoch,
        bytes: Bytes::from(bytes),
    };
    let mut image = snapshot.load().unwrap();
    let rest = fetched(&mut lab, id.end_offset).records.unwrap();
    image.replay_log(&rest).1.unwrap();
    assert_eq!(&image, lab.image());
    let beyond = piece(&mut lab, &id, i64::MAX, 1_000).error_code;
    assert_eq!(beyond, ErrorCode::PositionOutOfRange.code());
    let old = SnapshotId {
        end_offset: id.end_offset - 1,
        ..id
    };
    let old = piece(&mut lab, &old, 0, 1_000).error_code;
    assert_eq!(old, ErrorCode::SnapshotNotFound.code());
}

#[test]
fn a_controller_starts_again_from_what_was_kept() {
    for snapshot_bytes in [1_000, 7_000, usize::MAX] {
        let mut keeper = Keeper::default();
        let mut lab = busy_lab(snapshot_bytes, &mut keeper);
        let saved = keeper.kept.snapshot.is_some();
        assert_eq!(saved, snapshot_bytes < usize::MAX);
        comes_back(&lab, &keeper);
        let epochs = lab.epochs.clone();
        for life in 2..5 {
            let mut controller = keeper.restore(&lab);
            keeper.follow(&mut controller);
            assert_eq!(controller.epoch(), life);
            lab.replace(controller);
            // Brokers that lived on are known, and one that starts again need not wait.
            assert!(!lab.beat(2).is_fenced);
            lab.start(1);
            assert!(lab.epochs[&1] > epochs[&1]);
            keeper.follow(&mut lab.controller);
        }
        // Whoever does not come back is fenced after a session.
        lab.pass_with(12_000, &[1, 2]);
        assert!(lab.image().is_alive(1) && lab.image().is_alive(2));
        assert!(!lab.image().is_alive(3));
    }
}

#[test]
fn what_was_kept_and_is_damaged_is_refused() {
    let mut keeper = Keeper::default();
    let lab = busy_lab(7_000, &mut keeper);
    let last = keeper.kept.segments.len() - 1;
    let mut bytes = keeper.kept.segments[last].to_vec();
    bytes[70] ^= 1;
    keeper.kept.segments[last] = Bytes::from(bytes);
    let config = ControllerConfig::new(1, CLUSTER);
    let outcome = Controller::restore(config, Rng::from_seed(8), lab.now, keeper.kept.clone());
    assert!(outcome.unwrap_err().to_string().contains("metadata log"));
}

#[test]
fn a_snapshot_tells_what_changed_since_an_older_image() {
    let mut lab = busy_lab(usize::MAX, &mut Keeper::default());
    let older = lab.image().clone();
    delete(&mut lab, "topic-30");
    lab.create(by_count("topic-30", 2, 1));
    lab.create(by_count("fresh", 1, 1));
    lab.pass_with(12_000, &[1, 2]);
    lab.start(3);
    let end = lab.controller.log().end_offset();
    let mut follower: MetadataImage = older.clone();
    let rest = lab.controller.log().read(older.offset() + 1, usize::MAX);
    let (stepwise, outcome) = follower.replay_log(&rest);
    outcome.unwrap();
    assert_eq!(follower.offset(), end - 1);
    let mut at_once = lab.image().since(&older);
    // Step by step, a deleted topic's settings are not news; at once they are when it is back.
    at_once.configs_changed = stepwise.configs_changed.clone();
    assert_eq!(at_once, stepwise);
}
