//! Leadership drifts as brokers fail and return; now and then it is put back to the preferred
//! replicas, so that no broker is left with all the work.

use records::sorted::SortedSet;

use protocol::metadata_records::MetadataRecord;
use serde::Serialize;

use crate::controller::change::Change;
use crate::controller::election::{Election, Movement};
use crate::ids::TopicPartition;
use crate::image::MetadataImage;
use crate::image::delta::ImageDelta;
use crate::time::SimTime;

/// The most elections at a time.
const MOST_ELECTIONS: usize = 1_000;

/// Which partitions are not led by their preferred replica, and when that is looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Balance {
    start: SimTime,
    interval_ms: i64,
    drifted: SortedSet<TopicPartition>,
    due: Option<SimTime>,
}

impl Balance {
    /// A look every `interval_ms` from `start` on; never if it is not above 0.
    pub fn new(start: SimTime, interval_ms: i64) -> Balance {
        Balance {
            start,
            interval_ms,
            drifted: SortedSet::new(),
            due: None,
        }
    }

    /// When it wants to be called next; nothing is due while every leader is the preferred one.
    pub fn due(&self) -> Option<SimTime> {
        self.due
    }

    /// Notes what changed.
    pub fn note(&mut self, now: SimTime, image: &MetadataImage, delta: &ImageDelta) {
        for tp in &delta.partitions_changed {
            let partition = image.partition(tp);
            if partition.is_some_and(|partition| !partition.is_led_by_preferred()) {
                self.drifted.insert(tp.clone());
            } else {
                self.drifted.remove(tp);
            }
        }
        if !delta.topics_deleted.is_empty() {
            self.drifted.retain(|tp| image.partition(tp).is_some());
        }
        self.schedule(now);
    }

    /// The elections that are due at `now`, of those that can be won.
    pub fn elections(&mut self, now: SimTime, image: &MetadataImage) -> Vec<MetadataRecord> {
        if self.due.is_none_or(|due| due > now) {
            return Vec::new();
        }
        self.due = None;
        self.schedule(now);
        let elect = |tp: &TopicPartition| {
            let topic = image.topic(&tp.topic)?;
            let mut change = Change::of(image, topic, tp.partition)?;
            change.election = Election::Preferred;
            let is_active = |broker| Movement::default().is_active(image, broker);
            change.record(&is_active).map(MetadataRecord::from)
        };
        let elections = self.drifted.iter().filter_map(elect);
        elections.take(MOST_ELECTIONS).collect()
    }

    fn schedule(&mut self, now: SimTime) {
        if self.drifted.is_empty() || self.interval_ms <= 0 {
            self.due = None;
        } else if self.due.is_none() {
            let passed = now.millis_since(self.start) / self.interval_ms;
            let next = passed.saturating_add(1).saturating_mul(self.interval_ms);
            self.due = Some(self.start.plus_millis(next));
        }
    }
}
