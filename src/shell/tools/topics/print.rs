//! What `--describe` prints.

use records::sorted::SortedMap;

use client::admin::{ConfigEntry, PartitionDescription, TopicDescription};

use super::Topics;
use super::check::REPORTS;
use crate::io::Io;
use crate::screen::{Piece, Stream, Tone};

impl Topics {
    /// Prints the topics described, as far as the options leave them.
    pub(super) fn describe(&self, io: &mut Io<'_>, configs: &SortedMap<String, Vec<ConfigEntry>>) {
        let reporting = REPORTS.iter().any(|report| self.options.has(report));
        let only_overrides = self.options.has("topics-with-overrides");
        for topic in &self.described {
            let entries = configs.get(&topic.name).map_or(&[][..], Vec::as_slice);
            let own: Vec<&ConfigEntry> = entries
                .iter()
                .filter(|entry| entry.source != DEFAULT)
                .collect();
            if !reporting && (!only_overrides || !own.is_empty()) {
                headline(io, topic, &own);
            }
            if only_overrides {
                continue;
            }
            let min_isr = entries
                .iter()
                .find(|entry| entry.name == "min.insync.replicas")
                .and_then(|entry| entry.value.as_ref()?.parse().ok())
                .unwrap_or(1);
            for partition in &topic.partitions {
                if !reporting || self.reported(partition, min_isr) {
                    partition_line(io, &topic.name, partition);
                }
            }
        }
    }

    fn reported(&self, partition: &PartitionDescription, min_isr: usize) -> bool {
        let in_sync = partition.isr.len();
        let of = |report: &str, holds: bool| self.options.has(report) && holds;
        of(
            "under-replicated-partitions",
            in_sync < partition.replicas.len(),
        ) || of("unavailable-partitions", partition.leader < 0)
            || of("under-min-isr-partitions", in_sync < min_isr)
            || of("at-min-isr-partitions", in_sync == min_isr)
    }
}

/// `DEFAULT_CONFIG`, as DescribeConfigs numbers where a value is from.
const DEFAULT: i8 = 5;

fn headline(io: &mut Io<'_>, topic: &TopicDescription, own: &[&ConfigEntry]) {
    let factor = topic
        .partitions
        .first()
        .map_or(0, |partition| partition.replicas.len());
    let configs: Vec<String> = own
        .iter()
        .map(|entry| {
            format!(
                "{}={}",
                entry.name,
                entry.value.as_deref().unwrap_or("null")
            )
        })
        .collect();
    let count = topic.partitions.len();
    io.print("Topic: ");
    io.piece(Piece::new(Stream::Out, Tone::Topic, topic.name.clone()));
    io.line(&format!(
        "\tTopicId: {}\tPartitionCount: {count}\tReplicationFactor: {factor}\tConfigs: {}",
        topic.id,
        configs.join(",")
    ));
}

fn partition_line(io: &mut Io<'_>, topic: &str, partition: &PartitionDescription) {
    let join = |ids: &[i32]| ids.iter().map(i32::to_string).collect::<Vec<_>>().join(",");
    let leader = match partition.leader {
        id if id < 0 => "none".to_owned(),
        id => id.to_string(),
    };
    io.print("\tTopic: ");
    io.piece(Piece::new(Stream::Out, Tone::Topic, topic));
    io.line(&format!(
        "\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}\tElr: {}\tLastKnownElr: {}",
        partition.partition,
        join(&partition.replicas),
        join(&partition.isr),
        join(&partition.elr),
        join(&partition.last_known_elr),
    ));
}
