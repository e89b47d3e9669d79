//! One broker dies and comes back while the others go on.

use std::net::TcpStream;

use crate::peer::Peer;
use crate::server::Server;

fn follow_the_leader(server: &Server, living: usize) -> Peer {
    let leader = server.connect(living).leader("songs");
    server.connect(leader)
}

#[test]
fn nothing_acknowledged_by_all_is_lost_with_a_broker() {
    let args = [
        "--brokers",
        "3",
        "--topic",
        "songs:1:3",
        "--set",
        "broker.session.timeout.ms=500",
        "--set",
        "broker.heartbeat.interval.ms=100",
        "--set",
        "replica.lag.time.max.ms=500",
    ];
    let mut server = Server::start(&args);
    let victim = server.connect(1).leader("songs");
    let survivor = victim % 3 + 1;
    let mut peer = server.connect(victim);
    for number in 0..20_u8 {
        peer.produce("songs", &[vec![number]], -1).unwrap();
    }
    assert_eq!(
        server.order(&format!("kill {victim}")),
        format!("killed {victim}")
    );
    assert!(peer.is_closed(), "its clients lose their connections");
    assert!(
        TcpStream::connect(server.brokers[victim - 1]).is_err(),
        "nobody listens any more"
    );
    assert_eq!(
        server.order(&format!("kill {victim}")),
        format!("error: broker {victim} does not run")
    );
    // Asked again and again, the survivors name another leader once the session has run out.
    let taken = loop {
        let leader = server.connect(survivor).leader("songs");
        if leader != victim
            && let Ok(offset) = server.connect(leader).produce("songs", &[vec![20]], -1)
        {
            break offset;
        }
    };
    assert_eq!(taken, 20);
    assert_eq!(
        server.order(&format!("start {victim}")),
        format!("started {victim}")
    );
    // It is in sync again when it is named so.
    loop {
        let metadata = server.connect(victim).metadata("songs");
        if metadata.topics[0].partitions[0].isr_nodes.len() == 3 {
            break;
        }
    }
    let values = follow_the_leader(&server, survivor).values("songs", 0);
    assert_eq!(
        values,
        (0..=20_u8).map(|number| vec![number]).collect::<Vec<_>>()
    );
    assert_eq!(server.order("start 9"), "error: there is no broker 9");
    assert!(server.order("dance").starts_with("error: \"dance\""));
}
