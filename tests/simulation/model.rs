//! The reference model: what a partition must hold, as a list, and what must never change again.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::ids::TopicPartition;
use world::facts;
use world::world::World;

/// What was acknowledged, and how far logs and watermarks have come.
#[derive(Default)]
pub struct Model {
    acknowledged: BTreeMap<TopicPartition, BTreeMap<i64, Bytes>>,
    watermarks: BTreeMap<TopicPartition, i64>,
    starts: BTreeMap<TopicPartition, i64>,
}

impl Model {
    /// A producer was told that its record is stored.
    pub fn acknowledge(&mut self, seed: u64, at: TopicPartition, offset: i64, value: Bytes) {
        let before = self
            .acknowledged
            .entry(at.clone())
            .or_default()
            .insert(offset, value);
        assert!(
            before.is_none(),
            "seed {seed}: two records were given {at} @ {offset}"
        );
    }

    /// A topic was deleted: nothing of it is promised any more.
    pub fn forget(&mut self, topic: &str) {
        self.acknowledged
            .retain(|partition, _| partition.topic != topic);
        self.watermarks
            .retain(|partition, _| partition.topic != topic);
        self.starts.retain(|partition, _| partition.topic != topic);
    }

    /// Every acknowledged record that was not deleted stands where it was promised, and high
    /// watermarks and log starts never go back.
    pub fn check(&mut self, seed: u64, world: &World) {
        for (partition, promised) in &self.acknowledged {
            let Some(log) = facts::leader_log(world, partition) else {
                continue;
            };
            let start = log.log_start_offset();
            let stored: BTreeMap<i64, Bytes> = facts::records_from(world, partition, start)
                .map(|record| (record.offset, record.value.unwrap_or_default()))
                .collect();
            for (offset, value) in promised.range(start..) {
                let found = stored.get(offset);
                assert_eq!(
                    found,
                    Some(value),
                    "seed {seed}: {partition} @ {offset} is not as acknowledged"
                );
            }
        }
        for partition in facts::user_partitions(world).collect::<Vec<_>>() {
            let Some(log) = facts::leader_log(world, &partition) else {
                continue;
            };
            let marks = [
                (&mut self.watermarks, log.high_watermark(), "high watermark"),
                (&mut self.starts, log.log_start_offset(), "log start"),
            ];
            for (marks, now, name) in marks {
                let before = marks.insert(partition.clone(), now).unwrap_or(0);
                assert!(
                    now >= before,
                    "seed {seed}: the {name} of {partition} went from {before} to {now}"
                );
            }
        }
    }
}
