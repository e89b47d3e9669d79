//! Frames that are no requests: the connection goes, the broker stays.

use bytes::Bytes;
use engine::rng::Rng;
use protocol::messages::alter_partition::AlterPartitionRequest;
use protocol::{ApiKey, Request, RequestHeader};

use super::requests::tp;
use super::sim::Sim;

#[test]
fn random_frames_never_panic() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let mut rng = Rng::from_seed(3);
    for _ in 0..3_000 {
        let conn = sim.connect(1);
        let length = rng.below(80) as usize;
        let mut frame: Vec<u8> = (0..length).map(|_| rng.next_u64() as u8).collect();
        if length > 4 {
            // Plausible keys and versions, so that bodies are reached.
            frame[..2].copy_from_slice(&(rng.below(76) as i16).to_be_bytes());
            frame[2..4].copy_from_slice(&(rng.below(14) as i16).to_be_bytes());
        }
        sim.send_raw(conn, frame.into());
        sim.hang_up(conn);
    }
    assert_eq!(sim.produce(&tp("t", 0), -1, &["still here"]).error_code, 0);
}

#[test]
fn requests_cut_short_or_twisted_never_panic() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    let mut rng = Rng::from_seed(4);
    let requests: Vec<(Request, i16)> = vec![
        (sim.produce_to(&tp("t", 0), 1, &["v"]).into(), 9),
        (sim.produce_to(&tp("t", 0), -1, &["v"]).into(), 13),
        (sim.fetch_of(&tp("t", 0), 0, 0).into(), 12),
        (sim.fetch_of(&tp("t", 0), 0, 0).into(), 4),
    ];
    for round in 0..4_000 {
        let (request, version) = &requests[round % requests.len()];
        let header = RequestHeader {
            api_key: request.api_key(),
            api_version: *version,
            correlation_id: 1,
            client_id: None,
        };
        let mut frame = request.encode(&header).to_vec();
        let at = rng.below(frame.len() as u64) as usize;
        if round % 3 == 0 {
            frame.truncate(at);
        } else {
            frame[at] = rng.next_u64() as u8;
        }
        let conn = sim.connect(1);
        sim.send_raw(conn, frame.into());
        sim.hang_up(conn);
    }
    assert_eq!(sim.produce(&tp("t", 0), -1, &["still here"]).error_code, 0);
}

#[test]
fn what_is_not_for_clients_costs_the_connection() {
    let mut sim = Sim::new(1);
    let claim: Bytes = vec![
        0, 1, 0, 12, 0, 0, 0, 1, 0xff, 0xff, 0, 0x77, 0x35, 0x94, 0, 0,
    ]
    .into();
    let unknown: Bytes = vec![0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff].into();
    let header = RequestHeader {
        api_key: ApiKey::Produce.key(),
        api_version: 3,
        correlation_id: 1,
        client_id: None,
    };
    let mut old = sim.produce_to(&tp("t", 0), 1, &["v"]);
    old.transactional_id = None;
    let mut old = Request::Produce(old).encode(&header).to_vec();
    old[2..4].copy_from_slice(&2i16.to_be_bytes());
    for frame in [claim, unknown, Bytes::new(), old.into()] {
        let conn = sim.connect(1);
        sim.send_raw(conn, frame);
        assert!(sim.closed.contains(&conn));
    }
    let conn = sim.connect(1);
    sim.send(conn, AlterPartitionRequest::default(), 3);
    assert!(sim.closed.contains(&conn));
}
