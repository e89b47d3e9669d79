//! Replicas spread over the brokers.

use std::collections::{BTreeMap, BTreeSet};

use protocol::ErrorCode;

use super::lab::{Lab, by_count};

#[test]
fn leaders_and_replicas_spread_evenly() {
    let mut lab = Lab::new(4);
    assert_eq!(lab.create(by_count("t", 12, 3)).0, ErrorCode::None);
    let (mut leaders, mut replicas) = (BTreeMap::new(), BTreeMap::new());
    for partition in lab.image().topic("t").unwrap().partitions.values() {
        *leaders.entry(partition.leader).or_insert(0) += 1;
        for broker in &partition.replicas {
            *replicas.entry(*broker).or_insert(0) += 1;
        }
        let distinct: BTreeSet<i32> = partition.replicas.iter().copied().collect();
        assert_eq!(distinct.len(), 3);
        assert_eq!(partition.isr, partition.replicas);
        assert_eq!(partition.leader, partition.replicas[0]);
    }
    assert_eq!(leaders, BTreeMap::from([(1, 3), (2, 3), (3, 3), (4, 3)]));
    assert_eq!(replicas, BTreeMap::from([(1, 9), (2, 9), (3, 9), (4, 9)]));
}

#[test]
fn a_fenced_broker_gets_replicas_but_never_leads() {
    let mut lab = Lab::new(3);
    lab.pass_with(10_000, &[1, 2]);
    assert!(!lab.image().is_alive(3));
    assert_eq!(lab.create(by_count("t", 6, 3)).0, ErrorCode::None);
    for partition in lab.image().topic("t").unwrap().partitions.values() {
        assert!(partition.replicas.contains(&3));
        assert!(!partition.isr.contains(&3));
        assert_ne!(partition.leader, 3);
    }
}

#[test]
fn the_same_seed_places_alike() {
    let place = || {
        let mut lab = Lab::new(3);
        lab.create(by_count("t", 5, 2));
        lab.image().clone()
    };
    assert_eq!(place(), place());
}
