//! `--data`: what was acknowledged outlives the process, however it ends.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use engine::rng::Rng;
use engine::time::SimTime;

use crate::host::{Host, Scratch};

fn start_time() -> SimTime {
    SimTime::from_millis(1_700_000_000_000)
}

fn number(n: u32) -> Vec<u8> {
    n.to_be_bytes().to_vec()
}

/// Every file below a directory, and how long it is.
fn sizes(dir: &Path, found: &mut BTreeMap<PathBuf, u64>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sizes(&path, found);
        } else {
            found.insert(path.clone(), path.metadata().unwrap().len());
        }
    }
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_whole_cluster_starts_again_from_its_directory() {
    let scratch = Scratch::new("again");
    let mut now = start_time();
    let mut expected = Vec::new();
    let mut cluster_id = None;
    for life in 0..4_u32 {
        // The offsets topic stays as it was made, whatever the setting says later.
        let offsets = format!("offsets.topic.num.partitions={}", 2 + life);
        let mut host = Host::open_with(scratch.path(), 3, now, &offsets).unwrap();
        assert!(host.torn.is_empty(), "{:?}", host.torn);
        if life == 0 {
            host.create("songs", 3, &[("retention.ms", "-1")]);
        } else {
            host.wait_for(|host| host.leader("songs") > 0);
            let image = host.cluster.controller().image();
            assert_eq!(image.topic_config("songs", "retention.ms"), "-1");
            assert_eq!(
                host.values("songs", host_start(life)),
                expected_from(&expected, life)
            );
            assert_eq!(host.log_start("songs"), host_start(life));
            assert_eq!(host.committed("band"), i64::from(life - 1));
        }
        let id = host.cluster.controller().config().cluster_id.clone();
        assert_eq!(*cluster_id.get_or_insert(id.clone()), id);
        for n in 0..5 {
            expected.push(number(life * 10 + n));
            host.produce("songs", &expected[expected.len() - 1..]);
        }
        host.delete_before("songs", host_start(life + 1));
        host.commit("band", i64::from(life));
        // Twice in order, twice not.
        if life % 2 == 0 {
            gateway::storage::Storage::close(&mut host.data, &host.cluster).unwrap();
            assert!(
                scratch
                    .path()
                    .join("broker-2/.kafka_cleanshutdown")
                    .exists()
            );
        }
        now = host.now.plus_millis(5);
    }
}

fn host_start(life: u32) -> i64 {
    i64::from(life * 3)
}

fn expected_from(all: &[Vec<u8>], life: u32) -> &[Vec<u8>] {
    &all[host_start(life) as usize..]
}

/// A crash in the middle of the writes of a turn leaves any part of each file that grew.
#[test]
fn nothing_acknowledged_is_lost_at_whatever_byte_a_write_is_cut_off() {
    let (live, crashed) = (Scratch::new("live"), Scratch::new("crashed"));
    let mut rng = Rng::from_seed(11);
    let mut host = Host::open(live.path(), 1, start_time()).unwrap();
    host.create(
        "songs",
        1,
        &[("retention.ms", "-1"), ("flush.messages", "3")],
    );
    host.commit("band", 0);
    let mut acknowledged = Vec::new();
    for turn in 0..60_u32 {
        let mut before = BTreeMap::new();
        sizes(live.path(), &mut before);
        let committed = host.committed("band");
        let kept = acknowledged.clone();
        if rng.below(4) == 0 {
            host.commit("band", i64::from(turn));
        } else {
            acknowledged.push(number(turn));
            host.produce("songs", &acknowledged[acknowledged.len() - 1..]);
        }
        let mut after = BTreeMap::new();
        sizes(live.path(), &mut after);
        copy(live.path(), crashed.path());
        for (path, size) in after {
            let old = before.get(&path).copied().unwrap_or(size);
            if path.extension().is_some_and(|ending| ending == "log") && size > old {
                let cut = old + rng.below(size - old + 1);
                let copied = crashed.path().join(path.strip_prefix(live.path()).unwrap());
                let file = fs::OpenOptions::new().write(true).open(copied).unwrap();
                file.set_len(cut).unwrap();
            }
        }
        let mut again = Host::open(crashed.path(), 1, host.now.plus_millis(1)).unwrap();
        again.wait_for(|host| host.leader("songs") > 0);
        let values = again.values("songs", 0);
        assert!(
            values.starts_with(&kept),
            "turn {turn}: {} of {}",
            values.len(),
            kept.len()
        );
        assert!(acknowledged.starts_with(&values), "turn {turn}");
        let now_committed = again.committed("band");
        assert!(
            [committed, i64::from(turn)].contains(&now_committed),
            "turn {turn}"
        );
        // It goes on from there, and what it writes then is there after another start.
        let offset = again.produce("songs", &[number(turn + 1_000)]);
        assert_eq!(offset, values.len() as i64);
        let now = again.now;
        drop(again);
        let mut third = Host::open(crashed.path(), 1, now).unwrap();
        assert!(third.torn.is_empty(), "{:?}", third.torn);
        third.wait_for(|host| host.leader("songs") > 0);
        assert_eq!(third.values("songs", offset), [number(turn + 1_000)]);
    }
}

#[test]
fn topics_go_with_their_files_and_come_back_as_others() {
    let scratch = Scratch::new("topics");
    let mut host = Host::open(scratch.path(), 1, start_time()).unwrap();
    host.create("songs", 1, &[("retention.ms", "-1")]);
    host.produce("songs", &[number(1)]);
    let dir = scratch.path().join("broker-1/songs-0");
    let id = fs::read_to_string(dir.join("partition.metadata")).unwrap();
    let request = protocol::messages::delete_topics::DeleteTopicsRequest {
        topic_names: vec!["songs".into()],
        timeout_ms: 1_000,
        ..Default::default()
    };
    host.ask(1, request, 5);
    host.wait_for(|_| !dir.exists());
    host.create("songs", 1, &[("retention.ms", "-1")]);
    host.wait_for(|_| dir.exists());
    assert_ne!(
        id,
        fs::read_to_string(dir.join("partition.metadata")).unwrap()
    );
    let now = host.now;
    drop(host);
    let mut host = Host::open(scratch.path(), 1, now).unwrap();
    host.wait_for(|host| host.leader("songs") > 0);
    assert!(host.values("songs", 0).is_empty());
}

fn refusal(dir: &Path, brokers: i32) -> String {
    match Host::open(dir, brokers, start_time()) {
        Ok(_) => panic!("it is refused"),
        Err(sentence) => sentence,
    }
}

#[test]
fn a_directory_that_cannot_be_used_is_named_in_a_sentence_and_left_as_it_is() {
    let scratch = Scratch::new("refused");
    let mut host = Host::open(scratch.path(), 1, start_time()).unwrap();
    assert!(refusal(scratch.path(), 1).contains("in use by another process"));
    host.create(
        "songs",
        1,
        &[("retention.ms", "-1"), ("segment.bytes", "1048576")],
    );
    for n in 0..4 {
        host.produce("songs", &[vec![n; 700_000]]);
    }
    drop(host);
    let dir = scratch.path().join("broker-1");
    // Files and directories of others do no harm.
    fs::create_dir(dir.join("lost+found")).unwrap();
    fs::write(dir.join("README"), "mine").unwrap();
    drop(Host::open(scratch.path(), 1, start_time()).unwrap());
    let spoil = |path: PathBuf, bytes: Option<&[u8]>, says: &str| {
        let whole = fs::read(&path).unwrap();
        match bytes {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let sentence = refusal(scratch.path(), 1);
        assert!(sentence.contains(says), "{sentence}");
        fs::write(&path, whole).unwrap();
        drop(Host::open(scratch.path(), 1, start_time()).unwrap());
    };
    let first = dir.join("songs-0/00000000000000000000.log");
    let mut damaged = fs::read(&first).unwrap();
    damaged.truncate(1_000);
    spoil(first, Some(&damaged), "more was written after it");
    spoil(dir.join("songs-0/partition.metadata"), None, "which topic");
    let marks = dir.join("replication-offset-checkpoint");
    fs::write(&marks, "0\n0\n").unwrap();
    spoil(marks, Some(b"0\nmany\n"), "not what Kafka writes");
    let meta = dir.join("meta.properties");
    let other = fs::read_to_string(&meta)
        .unwrap()
        .replace("node.id=1", "node.id=5");
    spoil(meta, Some(other.as_bytes()), "belongs to broker 5");
    let metadata = dir.join("__cluster_metadata-0/00000000000000000000.log");
    spoil(metadata, Some(b""), "holds no metadata");
    let mut host = Host::open(scratch.path(), 1, start_time()).unwrap();
    host.wait_for(|host| host.leader("songs") > 0);
    assert_eq!(host.values("songs", 0).len(), 4);
}
