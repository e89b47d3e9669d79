//! A recorded run is run again bit for bit, and a difference is found.

use std::path::PathBuf;

use crate::server::{Server, run};

fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    folder.join(format!("{name}-{}.kprec", std::process::id()))
}

/// A run with everything in it: three brokers, records, a death, a client that leaves in the middle.
fn record(path: &str) {
    let args = [
        "--brokers",
        "3",
        "--topic",
        "songs:1:3",
        "--seed",
        "7",
        "--set",
        "broker.session.timeout.ms=500",
        "--set",
        "broker.heartbeat.interval.ms=100",
        "--record",
        path,
    ];
    let mut server = Server::start(&args);
    let leader = server.connect(1).leader("songs");
    let mut peer = server.connect(leader);
    for number in 0..50_u8 {
        peer.produce("songs", &[vec![number; 100]], -1).unwrap();
    }
    let other = leader % 3 + 1;
    server.order(&format!("kill {other}"));
    peer.produce("songs", &[vec![0; 100]], 1).unwrap();
    server.order(&format!("start {other}"));
    assert_eq!(peer.values("songs", 0).len(), 51);
    assert_eq!(server.stop("TERM").code, Some(0));
}

#[test]
fn a_run_is_the_same_again_and_a_changed_recording_is_not() {
    let path = file("same");
    let path = path.to_str().unwrap();
    record(path);
    let again = run(&["replay", path]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.stdout.starts_with("The same run: "), "{again:?}");
    assert!(!again.stdout.contains("breaks off"), "{again:?}");

    let mut bytes = std::fs::read(path).unwrap();
    // The seed stands in the plan as text.
    let seed = b"\"seed\":7";
    let at = bytes
        .windows(seed.len())
        .position(|window| window == seed)
        .unwrap();
    bytes[at + seed.len() - 1] = b'8';
    std::fs::write(path, &bytes).unwrap();
    let other = run(&["replay", path]);
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.stderr.contains("not the same run"), "{other:?}");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_recording_that_breaks_off_or_is_none_is_explained() {
    let path = file("cut");
    let path = path.to_str().unwrap();
    record(path);
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, &bytes[..bytes.len() - 20]).unwrap();
    let cut = run(&["replay", path]);
    assert_eq!(cut.code, Some(0), "{cut:?}");
    assert!(cut.stdout.contains("breaks off"), "{cut:?}");
    std::fs::write(path, b"something else").unwrap();
    let foreign = run(&["replay", path]);
    assert_eq!(foreign.code, Some(1));
    assert!(foreign.stderr.contains("not a recording"), "{foreign:?}");
    std::fs::remove_file(path).unwrap();
    assert_eq!(run(&["replay", path]).code, Some(1));
}
