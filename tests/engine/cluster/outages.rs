//! Brokers that stop in order, and brokers that die: who may lead afterwards.

use protocol::ErrorCode;
use protocol::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};

use super::requests::tp;
use super::sim::{Node, Sim};

const SAFE: &[(&str, &str)] = &[("min.insync.replicas", "3")];

fn set_min_isr(sim: &mut Sim, topic: &str, value: &str) {
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: 2,
            resource_name: topic.into(),
            configs: vec![AlterableConfig {
                name: "min.insync.replicas".into(),
                config_operation: 0,
                value: Some(value.into()),
            }],
        }],
        validate_only: false,
    };
    sim.call(1, request, 1);
    sim.run_ms(100);
}

#[test]
fn a_broker_that_stops_hands_over_first_and_nobody_waits() {
    let mut sim = Sim::new(3);
    sim.create("t", 3, 3, &[]);
    let led: Vec<_> = (0..3).filter(|n| sim.leader(&tp("t", *n)) == 3).collect();
    assert_eq!(led.len(), 1, "leaders are spread");
    let partition = tp("t", led[0]);
    sim.produce(&partition, -1, &["a"]);
    sim.stop(3);
    assert!(!sim.brokers[&3].has_stopped());
    assert_ne!(sim.leader(&partition), 3, "leaders move at once");
    sim.run_ms(10);
    assert_eq!(sim.produce(&partition, -1, &["b"]).error_code, 0);
    assert!(sim.controller.image().is_alive(3), "it serves on");
    // Every other broker must have heard of it, by the next heartbeat but one at the latest.
    sim.run_ms(4_100);
    assert!(sim.brokers[&3].has_stopped());
    assert!(
        !sim.controller.image().is_alive(3),
        "fenced without a session timeout"
    );
    assert_eq!(sim.isr(&partition), [1, 2]);
    sim.kill(3);
    sim.start(3);
    sim.run_ms(3_000);
    assert_eq!(sim.isr(&partition), [1, 2, 3]);
}

#[test]
fn a_broker_alone_stops_too() {
    let mut sim = Sim::new(1);
    sim.create("t", 1, 1, &[]);
    sim.stop(1);
    sim.run_ms(100);
    assert!(sim.brokers[&1].has_stopped());
    assert_eq!(sim.elr(&tp("t", 0)), [1]);
    sim.kill(1);
    sim.start(1);
    sim.run_ms(100);
    assert_eq!(sim.leader(&tp("t", 0)), 1);
    let image = sim
        .controller
        .image()
        .partition(&tp("t", 0))
        .unwrap()
        .clone();
    assert!(!image.recovering, "it stopped in order: nothing is lost");
}

#[test]
fn who_stopped_in_order_stays_eligible_and_who_died_does_not() {
    for dies in [false, true] {
        let mut sim = Sim::new(3);
        sim.create("t", 1, 3, SAFE);
        let partition = tp("t", 0);
        sim.produce(&partition, -1, &["a"]);
        if !dies {
            sim.stop(3);
            sim.run_ms(5_000);
        }
        sim.kill(3);
        sim.run_ms(12_000);
        assert_eq!(
            (sim.isr(&partition), sim.elr(&partition)),
            (vec![1, 2], vec![3])
        );
        let denied = sim.produce(&partition, -1, &["b"]).error_code;
        assert_eq!(denied, ErrorCode::NotEnoughReplicas.code());
        // Alone, so that it does not catch up before one can look.
        for other in [1, 2] {
            sim.cut(Node::Broker(3), Node::Broker(other));
        }
        sim.start(3);
        sim.run_ms(1_000);
        let eligible = if dies { vec![] } else { vec![3] };
        assert_eq!(sim.elr(&partition), eligible, "dies: {dies}");
        sim.kill(1);
        sim.kill(2);
        sim.run_ms(12_000);
        let leader = if dies { -1 } else { 3 };
        assert_eq!(sim.leader(&partition), leader, "dies: {dies}");
        sim.heal();
        sim.start(1);
        sim.start(2);
        sim.run_ms(20_000);
        assert_eq!(sim.isr(&partition), [1, 2, 3]);
        assert_eq!(sim.elr(&partition), []);
        assert_eq!(sim.consume(&partition), ["a"]);
    }
}

#[test]
fn a_lower_minimum_ends_eligibility_as_more_will_be_committed() {
    let mut sim = Sim::new(3);
    sim.create("t", 1, 3, SAFE);
    let partition = tp("t", 0);
    sim.kill(3);
    sim.run_ms(12_000);
    assert_eq!(sim.elr(&partition), [3]);
    set_min_isr(&mut sim, "t", "2");
    assert_eq!(sim.elr(&partition), []);
    assert_eq!(sim.produce(&partition, -1, &["a"]).error_code, 0);
    set_min_isr(&mut sim, "t", "3");
    assert_eq!(
        sim.elr(&partition),
        [],
        "nor does a higher one bring it back"
    );
}
