//! What a server is for: requests are answered, by one broker or by several.

use std::net::TcpStream;

use protocol::messages::api_versions::ApiVersionsRequest;
use protocol::{Request, Response};

use crate::peer::{NAMES_UNTIL, Peer, fetch_request, produce_request};
use crate::server::Server;

fn value(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[test]
fn one_broker_takes_records_and_gives_them_back() {
    let server = Server::start(&["--topic", "songs:2"]);
    let mut peer = server.connect(1);
    assert_eq!(peer.produce("songs", &[value("a"), value("b")], 1), Ok(0));
    assert_eq!(peer.produce("songs", &[value("c")], -1), Ok(2));
    assert_eq!(
        peer.values("songs", 0),
        [value("a"), value("b"), value("c")]
    );
    let metadata = peer.metadata("songs");
    assert_eq!(metadata.topics[0].partitions.len(), 2);
    let (broker, bound) = (&metadata.brokers[0], server.brokers[0]);
    assert_eq!(
        format!("{}:{}", broker.host, broker.port),
        bound.to_string(),
        "clients are told where the server listens"
    );
    let ended = server.stop("TERM");
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), ""),
        "{ended:?}"
    );
}

#[test]
fn a_topic_of_three_brokers_is_replicated_and_led_by_each() {
    let server = Server::start(&["--brokers", "3", "--topic", "songs:3:3"]);
    let mut peer = server.connect(2);
    let metadata = peer.metadata("songs");
    assert_eq!(metadata.brokers.len(), 3);
    let mut leaders: Vec<i32> = metadata.topics[0]
        .partitions
        .iter()
        .inspect(|partition| assert_eq!(partition.isr_nodes.len(), 3))
        .map(|partition| partition.leader_id)
        .collect();
    leaders.sort_unstable();
    assert_eq!(leaders, [1, 2, 3]);
    let leader = peer.leader("songs");
    let mut peer = server.connect(leader);
    assert_eq!(peer.produce("songs", &[value("a")], -1), Ok(0));
    assert_eq!(peer.values("songs", 0), [value("a")]);
    assert_eq!(server.stop("INT").code, Some(0));
}

#[test]
fn a_fetch_waits_for_records_and_gets_them_at_once() {
    let server = Server::start(&["--topic", "songs:1"]);
    let (mut reader, mut writer) = (server.connect(1), server.connect(1));
    let asked = fetch_request("songs", 0, 25_000, 1);
    let correlation = reader.send(asked, NAMES_UNTIL);
    assert_eq!(writer.produce("songs", &[value("a")], 1), Ok(0));
    let frame = reader.receive().unwrap();
    let (answered, response) = Response::decode(1, NAMES_UNTIL, &frame).unwrap();
    assert_eq!(answered, correlation);
    let Response::Fetch(response) = response else {
        panic!("{response:?}")
    };
    assert!(
        response.responses[0].partitions[0]
            .records
            .as_ref()
            .is_some_and(|records| !records.is_empty())
    );
}

#[test]
fn requests_in_a_row_are_answered_in_order_and_acks_0_not_at_all() {
    let server = Server::start(&["--topic", "songs:1"]);
    let mut peer = server.connect(1);
    let mut expected = Vec::new();
    for number in 0..200 {
        let acks = if number % 3 == 0 { 0 } else { 1 };
        let request = produce_request("songs", &[value(&number.to_string())], acks);
        let correlation = peer.send(request, NAMES_UNTIL);
        if acks != 0 {
            expected.push(correlation);
        }
        if number % 7 == 0 {
            expected.push(peer.send(fetch_request("songs", 0, 0, 0), NAMES_UNTIL));
        }
    }
    for correlation in expected {
        let frame = peer.receive().expect("an answer");
        assert_eq!(frame[..4], correlation.to_be_bytes());
    }
    assert_eq!(peer.values("songs", 0).len(), 200);
}

#[test]
fn a_topic_that_cannot_be_made_is_explained() {
    let ended = crate::server::run(&["serve", "--port", "0", "--topic", "songs:1:3"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("--topic songs") && ended.stderr.contains("REPLICATION"),
        "{ended:?}"
    );
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_line_a_request_if_wanted() {
    let server = Server::start(&["--verbose"]);
    let mut peer = Peer::new(TcpStream::connect(server.brokers[0]).unwrap());
    peer.ask(Request::from(ApiVersionsRequest::default()), 0);
    drop(peer);
    let line = server.complains_of("ApiVersions v0 client=peer bytes=");
    assert!(line.contains("ms="), "{line}");
}

#[test]
fn large_answers_in_a_row_all_arrive() {
    let server = Server::start(&["--topic", "songs:1"]);
    let mut peer = server.connect(1);
    peer.produce("songs", &[vec![7; 500_000]], 1).unwrap();
    // More answers than all buffers on the way hold, before the first of them is read.
    let asked: Vec<i32> = (0..40)
        .map(|_| peer.send(fetch_request("songs", 0, 0, 0), NAMES_UNTIL))
        .collect();
    for correlation in asked {
        let frame = peer.receive().expect("an answer");
        assert_eq!(frame[..4], correlation.to_be_bytes());
        assert!(frame.len() > 500_000);
    }
}
