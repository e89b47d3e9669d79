//! What must hold of a cluster at every moment, as sentences when it does not. Only tests and the
//! curious look at several brokers at once; brokers never do.

use records::sorted::SortedMap;
use records::{Batch, Marker, Outcome};

use protocol::Versioned;
use protocol::consumer_protocol::ConsumerProtocolAssignment;

use crate::broker::Broker;
use crate::group::consumer::TopicIdPartition;
use crate::group::{Group, GroupState};
use crate::ids::{BrokerId, TopicPartition};
use crate::log::PartitionLog;

/// All that is violated, empty if all is well.
pub fn violations(brokers: &[&Broker]) -> Vec<String> {
    let mut found = Vec::new();
    for broker in brokers {
        for (partition, log) in broker.logs() {
            offsets_ascend(broker.id(), partition, log, &mut found);
            marks_are_in_order(broker.id(), partition, log, &mut found);
            transactions_match_markers(broker.id(), partition, log, &mut found);
        }
        for group in broker.groups().groups() {
            partitions_have_one_owner(broker.id(), group, &mut found);
            members_share_nothing(broker.id(), group, &mut found);
        }
    }
    followers_agree(brokers, &mut found);
    found
}

/// Offsets of a partition never repeat or go back.
fn offsets_ascend(
    broker: BrokerId,
    partition: &TopicPartition,
    log: &PartitionLog,
    found: &mut Vec<String>,
) {
    let mut next = i64::MIN;
    for batch in log.batches_from(0) {
        if batch.base_offset < next || batch.last_offset < batch.base_offset {
            found.push(format!(
                "broker {broker}, {partition}: the batch at {} to {} follows offset {next}",
                batch.base_offset, batch.last_offset
            ));
        }
        next = batch.next_offset();
    }
    if next != i64::MIN && next > log.log_end_offset() {
        found.push(format!(
            "broker {broker}, {partition}: batches reach {next}, beyond the log's end {}",
            log.log_end_offset()
        ));
    }
}

/// The log starts at or below the high watermark, which is at or below the log's end.
fn marks_are_in_order(
    broker: BrokerId,
    partition: &TopicPartition,
    log: &PartitionLog,
    found: &mut Vec<String>,
) {
    let (start, mark, end) = (
        log.log_start_offset(),
        log.high_watermark(),
        log.log_end_offset(),
    );
    if start > mark || mark > end {
        found.push(format!(
            "broker {broker}, {partition}: log start {start}, high watermark {mark}, log end {end} \
             are not in this order"
        ));
    }
}

/// Readers of committed records never read beyond the high watermark, and every transaction that they
/// are told was aborted has its marker.
fn transactions_match_markers(
    broker: BrokerId,
    partition: &TopicPartition,
    log: &PartitionLog,
    found: &mut Vec<String>,
) {
    let (stable, mark) = (log.last_stable_offset(), log.high_watermark());
    if stable > mark {
        found.push(format!(
            "broker {broker}, {partition}: last stable offset {stable} above high watermark {mark}"
        ));
    }
    for aborted in log.transactions().aborted() {
        let batch = log.batches_from(aborted.last_offset).next();
        let marker = batch.and_then(|batch| {
            let own = batch.is_control && batch.producer_id == aborted.producer_id;
            let parsed = Batch::parse(&batch.bytes).and_then(|batch| Marker::parse(&batch));
            parsed.ok().filter(|_| own)
        });
        if marker.map(|marker| marker.outcome) != Some(Outcome::Abort) {
            found.push(format!(
                "broker {broker}, {partition}: the transaction of producer {} from {} on counts as \
                 aborted, but offset {} holds no such marker",
                aborted.producer_id, aborted.first_offset, aborted.last_offset
            ));
        }
    }
}

/// Up to its high watermark, every replica holds what the leader holds.
fn followers_agree(brokers: &[&Broker], found: &mut Vec<String>) {
    let mut leaders: SortedMap<&TopicPartition, (i32, &Broker)> = SortedMap::new();
    for broker in brokers {
        for (partition, hosted) in broker.replicas().all_hosted() {
            if hosted.is_led_here() {
                let newest = leaders
                    .entry(partition)
                    .or_insert((hosted.leader_epoch, broker));
                if newest.0 < hosted.leader_epoch {
                    *newest = (hosted.leader_epoch, broker);
                }
            }
        }
    }
    for (partition, (epoch, leader)) in leaders {
        for broker in brokers.iter().filter(|broker| broker.id() != leader.id()) {
            let hosted = broker.replicas().hosted(partition);
            let topic = leader.replicas().hosted(partition).map(|own| own.topic_id);
            // A replica that knows of a later leadership need not agree with one that ended.
            let comparable = hosted.is_some_and(|hosted| {
                Some(hosted.topic_id) == topic && hosted.leader_epoch <= epoch
            });
            if !comparable {
                continue;
            }
            let (Some(own), Some(copy)) = (leader.log(partition), broker.log(partition)) else {
                continue;
            };
            if let Some(offset) = first_difference(own, copy) {
                found.push(format!(
                    "{partition}: below its high watermark {}, broker {} differs at offset {offset} \
                     from broker {}, the leader in epoch {epoch}",
                    copy.high_watermark(),
                    broker.id(),
                    leader.id()
                ));
            }
        }
    }
}

/// The first committed offset of `copy` at which the leader holds something else, or nothing.
fn first_difference(leader: &PartitionLog, copy: &PartitionLog) -> Option<i64> {
    let starts = leader.log_start_offset().max(copy.log_start_offset());
    // Each replica compacts by itself, when it is time for it.
    let start = starts.max(leader.cleaned_to()).max(copy.cleaned_to());
    let end = copy.high_watermark();
    let committed = copy.batches_from(start);
    let mut committed = committed.take_while(|batch| batch.base_offset < end);
    let different = committed.find(|batch| !holds(leader, batch.base_offset, &batch.bytes));
    different.map(|batch| batch.base_offset)
}

fn holds(log: &PartitionLog, offset: i64, bytes: &[u8]) -> bool {
    let batch = log.batches_from(offset).next();
    batch.is_some_and(|batch| batch.base_offset == offset && batch.bytes == bytes)
}

/// In one generation of a group every partition has at most one owner.
fn partitions_have_one_owner(broker: BrokerId, group: &Group, found: &mut Vec<String>) {
    if !matches!(group.state, GroupState::Stable(_)) {
        return;
    }
    let mut owners: SortedMap<TopicPartition, &str> = SortedMap::new();
    for member in group.members.values() {
        // What is no consumer's assignment is for other kinds of clients to understand.
        let Ok((_, assignment)) = ConsumerProtocolAssignment::decode(&member.assignment) else {
            continue;
        };
        for topic in assignment.assigned_partitions {
            for number in topic.partitions {
                let partition = TopicPartition::new(topic.topic.clone(), number);
                if let Some(other) = owners.insert(partition.clone(), &member.id) {
                    found.push(format!(
                        "broker {broker}, group {}, generation {}: {partition} belongs to {other} \
                         and to {}",
                        group.id, group.generation, member.id
                    ));
                }
            }
        }
    }
}

/// By the consumer protocol nobody is given what another owns or has yet to let go.
fn members_share_nothing(broker: BrokerId, group: &Group, found: &mut Vec<String>) {
    let mut owners: SortedMap<TopicIdPartition, &str> = SortedMap::new();
    for member in group
        .consumer
        .iter()
        .flat_map(|consumer| consumer.members.values())
    {
        let current = &member.current;
        for at in current.assigned.keys().chain(current.revoking.keys()) {
            if let Some(other) = owners.insert(*at, &member.id) {
                found.push(format!(
                    "broker {broker}, group {}: {at:?} belongs to {other} and to {}",
                    group.id, member.id
                ));
            }
        }
    }
}
