//! The program itself, killed in the middle of its work.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::host::Scratch;
use crate::peer::Peer;
use crate::server::{Server, run};

/// Produces numbers from `next` on, until the server is gone; gives the last one acknowledged.
fn produce_until_the_end(stream: TcpStream, next: u32) -> u32 {
    let mut peer = Peer::new(stream);
    let mut next = next;
    while let Some(true) = peer.try_produce("songs", &value(next)) {
        next += 1;
    }
    next
}

fn value(number: u32) -> Vec<u8> {
    let mut value = number.to_be_bytes().to_vec();
    value.resize(20_000, b'x');
    value
}

#[test]
fn every_acknowledged_record_is_there_after_kill_9() {
    let scratch = Scratch::new("killed");
    let args = [
        "--data",
        scratch.text(),
        "--topic",
        "songs:1",
        "--set",
        "log.segment.bytes=1048576",
        "--set",
        "log.retention.ms=-1",
    ];
    let mut acknowledged = 0;
    for life in 0..4_u64 {
        let server = Server::start(&args);
        let mut peer = server.connect(1);
        let mut found = 0;
        loop {
            let values = peer.values("songs", i64::from(found));
            if values.is_empty() {
                break;
            }
            for value in values {
                let number = u32::from_be_bytes(value[..4].try_into().unwrap());
                assert_eq!(number, found, "life {life}");
                found += 1;
            }
        }
        // One more may have been written whose answer never came.
        assert!(
            found == acknowledged || found == acknowledged + 1,
            "{found} {acknowledged}"
        );
        let stream = TcpStream::connect(server.brokers[0]).unwrap();
        let producer = thread::spawn(move || produce_until_the_end(stream, found));
        thread::sleep(Duration::from_millis(150 + 70 * life));
        drop(server);
        acknowledged = producer.join().unwrap();
        assert!(acknowledged > found, "it was killed under load");
    }
    let segments = scratch.path().join("broker-1/songs-0");
    let segments = std::fs::read_dir(segments).unwrap();
    let logs = segments.filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.extension().is_some_and(|ending| ending == "log")
    });
    assert!(logs.count() > 1, "segments rolled");
}

#[test]
fn a_second_server_on_the_same_directory_is_told_so() {
    let scratch = Scratch::new("twice");
    let server = Server::start(&["--data", scratch.text()]);
    let second = run(&["serve", "--port", "0", "--data", scratch.text()]);
    assert_eq!(second.code, Some(1));
    assert!(
        second.stderr.contains("in use by another process"),
        "{second:?}"
    );
    assert_eq!(server.stop("TERM").code, Some(0));
    assert!(
        scratch
            .path()
            .join("broker-1/.kafka_cleanshutdown")
            .exists()
    );
    let server = Server::start(&["--data", scratch.text()]);
    assert_eq!(server.stop("INT").stderr, "");
}

#[test]
fn a_directory_that_cannot_be_made_is_a_sentence() {
    let ended = run(&["serve", "--port", "0", "--data", "/proc/no/such"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .stderr
            .contains("cannot make the directory /proc/no/such"),
        "{ended:?}"
    );
}
