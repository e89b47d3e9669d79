//! Brokers come, fall silent, come back, and leave in order.

use engine::net::Machine;
use engine::time::Reason;
use protocol::messages::allocate_producer_ids::AllocateProducerIdsRequest;
use protocol::messages::broker_registration::BrokerRegistrationRequest;
use protocol::{ErrorCode, Response};

use super::configs::alter;
use super::lab::{Lab, registration};

#[test]
fn a_broker_is_unfenced_when_it_has_caught_up() {
    let mut lab = Lab::new(0);
    let response = lab.register(1);
    let epoch = response.broker_epoch;
    assert!(epoch >= 0);
    assert!(lab.image().broker(1).unwrap().fenced);
    let behind = lab.heartbeat(1, |request| request.current_metadata_offset = 0);
    assert!(behind.is_fenced && !behind.is_caught_up);
    let unwilling = lab.heartbeat(1, |request| request.want_fence = true);
    assert!(unwilling.is_fenced && unwilling.is_caught_up);
    let ready = lab.beat(1);
    assert!(!ready.is_fenced && ready.is_caught_up);
    assert!(lab.image().is_alive(1));
    assert_eq!(
        lab.image().broker(1).unwrap().endpoint.to_string(),
        "localhost:8098"
    );
}

#[test]
fn registrations_that_cannot_be_are_refused() {
    let mut lab = Lab::new(1);
    let mut code = |change: fn(&mut BrokerRegistrationRequest)| {
        let mut request = registration(2, 200);
        change(&mut request);
        let Response::BrokerRegistration(response) = lab.ask(request) else {
            panic!()
        };
        ErrorCode::from_code(response.error_code)
    };
    assert_eq!(
        code(|request| request.cluster_id = "other".to_owned()),
        ErrorCode::InconsistentClusterId
    );
    assert_eq!(
        code(|request| request.listeners.clear()),
        ErrorCode::InvalidRegistration
    );
    assert_eq!(
        code(|request| request.broker_id = -1),
        ErrorCode::InvalidRegistration
    );
    // Another process takes a living broker's number.
    assert_eq!(
        code(|request| request.broker_id = 1),
        ErrorCode::DuplicateBrokerRegistration
    );
    assert_eq!(code(|_| {}), ErrorCode::None);
}

#[test]
fn the_same_process_may_register_twice() {
    let mut lab = Lab::new(1);
    let epoch = lab.epochs[&1];
    let Response::BrokerRegistration(response) = lab.ask(registration(1, 1)) else {
        panic!()
    };
    assert_eq!((response.error_code, response.broker_epoch), (0, epoch));
    assert!(lab.image().is_alive(1));
}

#[test]
fn heartbeats_from_the_past_are_refused() {
    let mut lab = Lab::new(1);
    let stale = lab.heartbeat(1, |request| request.broker_epoch -= 1);
    assert_eq!(
        ErrorCode::from_code(stale.error_code),
        ErrorCode::StaleBrokerEpoch
    );
    let unknown = lab.heartbeat(5, |_| {});
    assert_eq!(
        ErrorCode::from_code(unknown.error_code),
        ErrorCode::BrokerIdNotRegistered
    );
}

#[test]
fn a_silent_broker_is_fenced_after_nine_seconds_and_leads_no_more() {
    let mut lab = Lab::new(3);
    lab.create_on("safe", &[3, 1, 2]);
    assert_eq!(lab.standing("safe"), (3, vec![3, 1, 2], 0, 0));
    assert_eq!(
        lab.controller.next_wakeup().map(|wakeup| wakeup.reason),
        Some(Reason::BrokerSession)
    );
    lab.pass_with(8_000, &[1, 2]);
    assert!(lab.image().is_alive(3));
    lab.pass_with(2_000, &[1, 2]);
    assert!(!lab.image().is_alive(3));
    assert_eq!(lab.standing("safe"), (1, vec![1, 2], 1, 1));

    // It comes back: no leadership and not in sync until the leader says so.
    lab.start(3);
    assert_eq!(lab.standing("safe"), (1, vec![1, 2], 1, 1));
    assert_eq!(lab.alter_isr("safe", &[1, 2, 3], |_| {}), ErrorCode::None);
    assert_eq!(lab.standing("safe"), (1, vec![1, 2, 3], 1, 2));
}

#[test]
fn the_last_in_sync_replica_leaves_the_partition_without_a_leader_until_it_is_back() {
    let mut lab = Lab::new(2);
    lab.create_on("t", &[1, 2]);
    lab.pass_with(10_000, &[2]);
    assert_eq!(lab.standing("t"), (2, vec![2], 1, 1));
    lab.start(1);
    lab.pass_with(10_000, &[1]);
    // 1 lives, but may lack what 2 acknowledged: 2 alone is eligible.
    assert_eq!(lab.standing("t"), (-1, vec![], 2, 2));
    assert_eq!(lab.partition("t", 0).elr, [2]);
    assert_eq!(lab.partition("t", 0).last_known_elr, [2]);
    lab.start(2);
    // Its process died, so it leads only as the last that is known, and its log is to recover.
    assert_eq!(lab.standing("t"), (2, vec![2], 3, 4));
    let partition = lab.partition("t", 0);
    assert!(partition.recovering && partition.elr.is_empty());
    assert!(partition.last_known_elr.is_empty());
}

#[test]
fn a_topic_that_prefers_any_leader_to_none_gets_one() {
    let mut lab = Lab::new(2);
    lab.create_on("t", &[1, 2]);
    lab.pass_with(10_000, &[2]);
    lab.start(1);
    lab.pass_with(10_000, &[1]);
    assert_eq!(lab.standing("t").0, -1);
    alter(
        &mut lab,
        2,
        "t",
        &[("unclean.leader.election.enable", 0, Some("true"))],
    );
    assert_eq!(lab.standing("t"), (1, vec![1], 3, 3));
    assert!(lab.partition("t", 0).recovering);
    assert_eq!(lab.alter_isr("t", &[1], |_| {}), ErrorCode::None);
    assert!(!lab.partition("t", 0).recovering);
}

#[test]
fn a_restart_is_refused_while_the_old_process_may_live_then_starts_fenced() {
    let mut lab = Lab::new(2);
    lab.create_on("t", &[1, 2]);
    let first = lab.epochs[&1];
    assert_eq!(
        ErrorCode::from_code(lab.register(1).error_code),
        ErrorCode::DuplicateBrokerRegistration
    );
    lab.pass_with(10_000, &[2]);
    let again = lab.register(1);
    assert_eq!(again.error_code, 0);
    assert!(again.broker_epoch > first, "broker epochs grow");
    assert!(lab.image().broker(1).unwrap().fenced);
    assert_eq!(lab.standing("t").0, 2);
}

#[test]
fn an_orderly_shutdown_hands_over_first() {
    let mut lab = Lab::new(3);
    lab.create_on("t", &[1, 2, 3]);
    let asked = lab.heartbeat(1, |request| request.want_shut_down = true);
    assert!(!asked.should_shut_down && !asked.is_fenced);
    assert_eq!(lab.standing("t"), (2, vec![2, 3], 1, 1));
    assert!(lab.image().broker(1).unwrap().in_controlled_shutdown);
    // The others have not heard of it yet.
    let waiting = lab.heartbeat(1, |request| request.want_shut_down = true);
    assert!(!waiting.should_shut_down);
    lab.beat(2);
    lab.beat(3);
    let done = lab.heartbeat(1, |request| request.want_shut_down = true);
    assert!(done.should_shut_down && done.is_fenced);
    // A clean stop needs no wait for the old session.
    lab.start(1);
    assert!(lab.image().broker(1).unwrap().is_active());
}

#[test]
fn a_broker_that_leads_nothing_may_go_at_once() {
    let mut lab = Lab::new(2);
    lab.create_on("t", &[1, 2]);
    assert!(
        lab.heartbeat(2, |request| request.want_shut_down = true)
            .should_shut_down
    );
    assert_eq!(lab.standing("t"), (1, vec![1], 0, 1));
}

#[test]
fn leadership_goes_back_to_the_preferred_replica_every_five_minutes() {
    let mut lab = Lab::new(2);
    lab.create_on("t", &[1, 2]);
    lab.pass_with(10_000, &[2]);
    lab.start(1);
    assert_eq!(lab.standing("t"), (2, vec![2], 1, 1));
    // At the first look the preferred replica is not in sync.
    lab.pass_with(300_000, &[1, 2]);
    assert_eq!(lab.standing("t").0, 2);
    assert_eq!(lab.alter_isr("t", &[1, 2], |_| {}), ErrorCode::None);
    lab.pass_with(280_000, &[1, 2]);
    assert_eq!(lab.standing("t").0, 2);
    lab.pass_with(20_000, &[1, 2]);
    assert_eq!(lab.standing("t"), (1, vec![1, 2], 2, 3));
    // Then nothing more is due.
    lab.pass_with(300_000, &[1, 2]);
    assert_eq!(lab.standing("t"), (1, vec![1, 2], 2, 3));
}

#[test]
fn producer_ids_come_in_blocks_that_never_overlap() {
    let mut lab = Lab::new(2);
    let mut allocate = |broker_id: i32, stale: i64| {
        let broker_epoch = lab.epochs[&broker_id] - stale;
        let Response::AllocateProducerIds(r) = lab.ask(AllocateProducerIdsRequest {
            broker_id,
            broker_epoch,
        }) else {
            panic!()
        };
        (
            ErrorCode::from_code(r.error_code),
            r.producer_id_start,
            r.producer_id_len,
        )
    };
    assert_eq!(allocate(1, 0), (ErrorCode::None, 0, 1000));
    assert_eq!(allocate(2, 0), (ErrorCode::None, 1000, 1000));
    assert_eq!(allocate(2, 1).0, ErrorCode::StaleBrokerEpoch);
    assert_eq!(allocate(1, 0), (ErrorCode::None, 2000, 1000));
}
