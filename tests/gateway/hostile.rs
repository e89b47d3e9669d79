//! Peers that mean no good: the server goes on serving the others, holds little, and says one line.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use protocol::Request;
use protocol::messages::api_versions::ApiVersionsRequest;
use protocol::messages::metadata::MetadataRequest;

use crate::peer::{NAMES_UNTIL, Peer, fetch_request, frame_of, produce_request};
use crate::server::{PATIENCE, Server};

const MIB: usize = 1 << 20;

fn still_serves(server: &Server) {
    let mut peer = server.connect(1);
    let before = peer.values("songs", 0).len();
    peer.produce("songs", &[vec![1]], 1).unwrap();
    assert_eq!(peer.values("songs", 0).len(), before + 1);
}

/// Random bytes that are the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        let count = self.next() % most;
        (0..count).map(|_| self.next() as u8).collect()
    }
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut bytes = (body.len() as i32).to_be_bytes().to_vec();
    bytes.extend_from_slice(body);
    bytes
}

#[test]
fn an_impossible_length_costs_the_connection_at_once_and_no_memory() {
    let server = Server::start(&["--topic", "songs:1"]);
    let before = server.memory();
    for (announced, shown) in [
        (i32::MAX, "2147483647"),
        (i32::MIN, "-2147483648"),
        (-1, "-1"),
        (104_857_601, "104857601"),
    ] {
        let mut peer = server.connect(1);
        peer.stream.write_all(&announced.to_be_bytes()).unwrap();
        assert!(peer.is_closed(), "{announced}");
        let line = format!("announced a request of {shown} bytes");
        let complaints = server.complains_of(&line);
        assert_eq!(complaints.matches(&line).count(), 1);
    }
    still_serves(&server);
    assert!(server.memory() < before + 8 * MIB);
}

#[test]
fn what_is_announced_takes_memory_only_as_it_arrives() {
    let server = Server::start(&["--topic", "songs:1"]);
    let before = server.memory();
    let mut peers = Vec::new();
    for _ in 0..100 {
        let mut peer = server.connect(1);
        peer.stream
            .write_all(&100_000_000_i32.to_be_bytes())
            .unwrap();
        peer.stream.write_all(&[0; 1000]).unwrap();
        peers.push(peer);
    }
    still_serves(&server);
    // 10 GB are announced; a connection may hold 64 KiB for what comes next.
    assert!(server.memory() < before + 100 * MIB / 16 + 16 * MIB);
    drop(peers);
    server.complains_of("of an unfinished request");
    still_serves(&server);
}

#[test]
fn unfinished_requests_and_unread_responses_are_held_up_to_the_limit() {
    let limit = (32 * MIB).to_string();
    let server = Server::start(&["--topic", "songs:1", "--buffer-limit", &limit]);
    let mut peer = server.connect(1);
    for _ in 0..32 {
        peer.produce("songs", &[vec![7; MIB / 2]], 1).unwrap();
    }
    let before = server.memory();
    // Half of them never end their requests, the others never read 16 MiB of records each.
    let mut writers: Vec<Peer> = (0..16).map(|_| server.connect(1)).collect();
    let mut readers: Vec<Peer> = (0..16).map(|_| server.connect(1)).collect();
    for reader in &mut readers {
        reader.send(fetch_request("songs", 0, 0, 1), NAMES_UNTIL);
    }
    for writer in &mut writers {
        writer
            .stream
            .write_all(&100_000_000_i32.to_be_bytes())
            .unwrap();
        for _ in 0..8 {
            // Whoever has held bytes for the longest is closed on the way.
            if writer.stream.write_all(&[0; MIB]).is_err() {
                break;
            }
        }
    }
    let complaints = server.complains_of("held bytes for the longest");
    assert!(complaints.lines().count() <= 32, "{complaints}");
    still_serves(&server);
    let grown = server.memory().saturating_sub(before);
    // The limit, and as much again for what the allocator keeps and buffers that double.
    assert!(grown < 3 * 32 * MIB, "{} MiB", grown / MIB);
}

#[test]
fn a_thousand_idle_connections_cost_little_and_hinder_nobody() {
    let server = Server::start(&["--topic", "songs:1"]);
    let _ = rlimit::increase_nofile_limit(4_096);
    let before = server.memory();
    let idle: Vec<TcpStream> = (0..1_000)
        .map(|_| TcpStream::connect(server.brokers[0]).unwrap())
        .collect();
    // A half of them have said something once.
    for stream in &idle[..500] {
        let mut peer = Peer::new(stream.try_clone().unwrap());
        peer.ask(Request::from(ApiVersionsRequest::default()), 0);
    }
    still_serves(&server);
    let each = server.memory().saturating_sub(before) / idle.len();
    assert!(each < 32 * 1024, "{each} bytes for each connection");
}

#[test]
fn idle_connections_are_closed_in_time_but_not_those_that_wait_for_an_answer() {
    let args = ["--topic", "songs:1", "--set", "connections.max.idle.ms=300"];
    let server = Server::start(&args);
    let (mut silent, mut slow, mut waiting) =
        (server.connect(1), server.connect(1), server.connect(1));
    slow.stream.write_all(&[0, 0]).unwrap();
    let asked = fetch_request("songs", 0, 1_000, 1);
    let correlation = waiting.send(asked, NAMES_UNTIL);
    assert!(silent.is_closed() && slow.is_closed());
    let frame = waiting.receive().expect("an answer after the idle time");
    assert_eq!(frame[..4], correlation.to_be_bytes());
    let complaints = server.complains_of("stopped in the middle of a request for 300 ms");
    assert_eq!(complaints.lines().count(), 1, "{complaints}");
}

#[test]
fn a_peer_that_sends_byte_by_byte_is_served_like_others() {
    let server = Server::start(&["--topic", "songs:1"]);
    let mut slow = server.connect(1);
    let frame = frame_of(
        &produce_request("songs", &[vec![9]], 1).into(),
        NAMES_UNTIL,
        77,
    );
    for byte in &frame {
        slow.stream.write_all(&[*byte]).unwrap();
        // Whatever it is up to, others go on.
        if slow.stream.local_addr().unwrap().port() % 2 == u16::from(*byte) % 2 {
            server.connect(1).metadata("songs");
        }
    }
    assert_eq!(slow.receive().unwrap()[..4], 77_i32.to_be_bytes());
}

#[test]
fn a_peer_that_never_reads_is_not_read_from_either() {
    let server = Server::start(&["--topic", "songs:1"]);
    let mut peer = server.connect(1);
    peer.produce("songs", &[vec![7; MIB / 2]], 1).unwrap();
    let before = server.memory();
    let mut deaf = server.connect(1);
    deaf.stream
        .set_write_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let request = frame_of(&fetch_request("songs", 0, 0, 1).into(), NAMES_UNTIL, 1);
    let give_up = Instant::now() + PATIENCE;
    // It asks until the server takes no more from it.
    let mut asked = 0;
    while deaf.stream.write_all(&request).is_ok() {
        asked += 1;
        assert!(Instant::now() < give_up, "{asked} requests were taken");
    }
    still_serves(&server);
    let grown = server.memory().saturating_sub(before);
    // One read takes 64 KiB of requests, and those are answered: half a MiB for about 100 bytes.
    assert!(
        grown < 600 * MIB,
        "{} MiB for {asked} requests",
        grown / MIB
    );
}

#[test]
fn damaged_frames_cost_their_sender_the_connection_and_nobody_else() {
    let server = Server::start(&["--topic", "songs:1"]);
    let mut dice = Dice(0x5eed_5eed);
    let good = [
        frame_of(
            &produce_request("songs", &[vec![9; 50]], 1).into(),
            NAMES_UNTIL,
            1,
        ),
        frame_of(&fetch_request("songs", 0, 0, 0).into(), NAMES_UNTIL, 1),
        frame_of(&MetadataRequest::default().into(), 12, 1),
    ];
    for round in 0..600 {
        let mut peer = server.connect(1);
        let bytes = match round % 3 {
            0 => framed(&dice.bytes(300)),
            1 => {
                let frame = &good[dice.next() as usize % good.len()];
                let cut = dice.next() as usize % frame.len();
                frame[..cut].to_vec()
            }
            _ => {
                let mut frame = good[dice.next() as usize % good.len()].clone();
                let at = 4 + dice.next() as usize % (frame.len() - 4);
                frame[at] ^= 1 << (dice.next() % 8);
                frame
            }
        };
        // The server may have closed before all was written.
        let _ = peer.stream.write_all(&bytes);
        let _ = peer.stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = peer.stream.read_to_end(&mut answer);
    }
    still_serves(&server);
    let complaints = server.complains_of("unfinished request");
    assert!(
        complaints.lines().count() <= 600,
        "no more than a line each"
    );
}

#[test]
fn a_thousand_bad_peers_do_not_fill_the_log() {
    let server = Server::start(&["--topic", "songs:1"]);
    for _ in 0..1_000 {
        let mut peer = server.connect(1);
        peer.stream.write_all(&i32::MAX.to_be_bytes()).unwrap();
        assert!(peer.is_closed());
    }
    still_serves(&server);
    let lines = server.complaints().lines().count();
    assert!((1..700).contains(&lines), "{lines} lines");
}
