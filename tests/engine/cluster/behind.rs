//! A broker that was away so long that the metadata log no longer has what it missed.

use protocol::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};

use super::requests::tp;
use super::sim::{Node, Sim};

fn change_much(sim: &mut Sim) {
    for i in 0..30 {
        sim.create(&format!("topic-{i}"), 2, 2, &[("retention.ms", "777")]);
    }
    sim.call(
        1,
        DeleteTopicsRequest {
            topics: vec![DeleteTopicState {
                name: Some("doomed".to_owned()),
                ..DeleteTopicState::default()
            }],
            timeout_ms: 1_000,
            ..DeleteTopicsRequest::default()
        },
        6,
    );
    assert!(sim.controller.log().start_offset() > 20);
}

fn caught_up(sim: &Sim, broker: i32) {
    let broker = &sim.brokers[&broker];
    assert_eq!(broker.image(), sim.controller.image());
    let led = tp("topic-7", 0);
    let log = broker.log(&led).expect("a replica here");
    assert_eq!(log.config().retention_ms, 777);
    assert!(broker.log(&tp("doomed", 0)).is_none());
}

#[test]
fn it_fetches_a_snapshot_when_it_starts_and_when_it_is_back() {
    let mut sim = Sim::with_controller(3, |_| {}, |config| config.snapshot_bytes = 1_500);
    sim.create("doomed", 1, 3, &[]);
    sim.produce(&tp("doomed", 0), -1, &["gone soon"]);
    // One is down, with a replica of the topic on its disk; another cannot be reached.
    sim.kill(3);
    sim.cut(Node::Broker(2), Node::Controller);
    sim.run_ms(15_000);
    sim.start(4);
    sim.run_ms(1_000);
    change_much(&mut sim);
    let missed = sim.brokers[&2].image().offset();
    assert!(missed < sim.controller.log().start_offset());
    assert!(sim.brokers[&2].log(&tp("doomed", 0)).is_some());
    sim.heal();
    sim.start(3);
    sim.run_ms(15_000);
    for broker in [2, 3] {
        assert!(sim.brokers[&broker].is_serving());
        assert!(sim.brokers[&broker].log(&tp("doomed", 0)).is_none());
        assert_eq!(sim.brokers[&broker].image(), sim.controller.image());
    }
    caught_up(&sim, 1);
    caught_up(&sim, 4);
}
