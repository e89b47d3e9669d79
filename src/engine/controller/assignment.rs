//! Replicas of new partitions: placed, or chosen by hand and checked.

use protocol::metadata_records::PartitionRecord;
use protocol::{ErrorCode, Uuid};
use records::sorted::Arrange;

use crate::controller::placement::Placer;
use crate::controller::{Desk, Refusal};
use crate::ids::BrokerId;
use crate::image::MetadataImage;

/// The most partitions that one request may make; Kafka's own limit.
pub const MAX_PARTITIONS_PER_REQUEST: i64 = 10_000;

/// What Kafka says to a request for more partitions than it makes at once.
pub const TOO_MANY_PARTITIONS: &str = "Excessively large number of partitions per request.";

/// The record of a new partition. Its first leader is its first replica that is active; fails when
/// none is.
pub fn new_partition(
    image: &MetadataImage,
    topic_id: Uuid,
    partition_id: i32,
    replicas: &[BrokerId],
) -> Option<PartitionRecord> {
    let is_active = |broker: &&BrokerId| {
        image
            .broker(**broker)
            .is_some_and(|broker| broker.is_active())
    };
    let isr: Vec<BrokerId> = replicas.iter().filter(is_active).copied().collect();
    let leader = *isr.first()?;
    Some(PartitionRecord {
        partition_id,
        topic_id,
        replicas: replicas.to_vec(),
        isr,
        leader,
        leader_epoch: 0,
        partition_epoch: 0,
        directories: vec![Uuid::ZERO; replicas.len()],
        ..Default::default()
    })
}

/// Checks replicas of a new partition that somebody chose by hand: one of them must be able to lead.
pub fn check_assignment(
    image: &MetadataImage,
    partition: i32,
    replicas: &[BrokerId],
    factor: Option<usize>,
) -> Result<(), Refusal> {
    check_replicas(image, replicas, factor)?;
    let mut brokers = replicas.iter().filter_map(|broker| image.broker(*broker));
    if brokers.any(|broker| broker.is_active()) {
        return Ok(());
    }
    let why = format!(
        "All brokers specified in the manual partition assignment for partition {partition} are fenced or \
         in controlled shutdown."
    );
    Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, why))
}

/// Checks replicas that somebody chose by hand; says in Kafka's words what is wrong.
pub fn check_replicas(
    image: &MetadataImage,
    replicas: &[BrokerId],
    factor: Option<usize>,
) -> Result<(), Refusal> {
    let refuse = |why: String| Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, why));
    const WHAT: &str = "The manual partition assignment includes";
    if replicas.is_empty() {
        return refuse(format!("{WHAT} an empty replica list."));
    }
    let mut sorted = replicas.to_vec();
    sorted.arrange();
    for (i, broker) in sorted.iter().enumerate() {
        if image.broker(*broker).is_none() {
            return refuse(format!(
                "{WHAT} broker {broker}, but no such broker is registered."
            ));
        }
        if i > 0 && sorted.get(i - 1) == Some(broker) {
            return refuse(format!("{WHAT} the broker {broker} more than once."));
        }
    }
    if let Some(factor) = factor.filter(|factor| *factor != replicas.len()) {
        return refuse(format!(
            "{WHAT} a partition with {} replica(s), but this is not consistent with previous partitions, \
             which have {factor} replica(s).",
            replicas.len()
        ));
    }
    Ok(())
}

/// Places `count` partitions, each `factor` times; says in Kafka's words why it can't.
pub fn place(desk: &mut Desk<'_>, count: i32, factor: i16) -> Result<Vec<Vec<BrokerId>>, Refusal> {
    let mut placer = Placer::new(desk.image, desk.rng);
    let size = usize::try_from(factor).unwrap_or(0);
    let placed: Result<Vec<Vec<BrokerId>>, String> =
        (0..count).map(|_| placer.place(size)).collect();
    placed.map_err(|why| {
        let why = format!("Unable to replicate the partition {factor} time(s): {why}");
        Refusal::new(ErrorCode::InvalidReplicationFactor, why)
    })
}

/// The refusal when no replica of a new partition could lead it.
pub fn nobody_alive(factor: usize) -> Refusal {
    let why = format!(
        "Unable to replicate the partition {factor} time(s): All brokers are currently fenced or in controlled \
         shutdown."
    );
    Refusal::new(ErrorCode::InvalidReplicationFactor, why)
}
