//! Peers that mean no good: the server goes on serving the others, holds little, and says one line.

use std::io::Write;

use crate::server::Server;

const MIB: usize = 1 << 20;

fn still_serves(server: &Server) {
    let mut peer = server.connect(1);
    let before = peer.values("songs", 0).len();
    peer.produce("songs", &[vec![1]], 1).unwrap();
    assert_eq!(peer.values("songs", 0).len(), before + 1);
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
