//! Takes a sample of rates and lag every half second of simulated time.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use serde::Serialize;
use world::client::Body;
use world::facts;
use world::world::World;

use crate::journal::{SAMPLE_MILLIS, Sample};

/// What the last sample saw, to take differences from.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Sampler {
    next_at: SimTime,
    log_ends: SortedMap<TopicPartition, i64>,
    read: u64,
}

impl Sampler {
    /// When the next sample is due, not before `now`.
    pub(crate) fn next_at(&self, now: SimTime) -> SimTime {
        self.next_at.max(now)
    }

    /// Whether one is due.
    pub(crate) fn is_due(&self, now: SimTime) -> bool {
        self.next_at <= now
    }

    /// Takes one.
    pub(crate) fn sample(&mut self, world: &World) -> Sample {
        let now = world.now();
        self.next_at = now.plus_millis(SAMPLE_MILLIS);
        let log_ends = facts::log_ends(world);
        let produced = log_ends
            .iter()
            .map(|(partition, end)| {
                let before = self.log_ends.get(partition).copied().unwrap_or(0);
                u64::try_from(end.saturating_sub(before)).unwrap_or(0)
            })
            .sum();
        let read = records_read(world);
        let consumed = read.saturating_sub(self.read);
        self.read = read;
        self.log_ends.clone_from(&log_ends);
        let lag = facts::groups(world)
            .into_iter()
            .map(|group| (group.id.clone(), facts::group_lag(world, group)))
            .collect();
        Sample {
            at: now,
            log_ends,
            produced,
            consumed,
            lag,
        }
    }
}

fn records_read(world: &World) -> u64 {
    world
        .clients()
        .filter(|(_, client)| matches!(client.body, Body::Consumer(_)))
        .map(|(_, client)| client.stats.read)
        .sum()
}
