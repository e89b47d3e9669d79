//! What a sitting remembers of what happened: the protocol log, the timeline, rates and lag.
//! All of it is bounded.

use records::sorted::SortedMap;
use std::collections::VecDeque;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use serde::Serialize;
use world::event::Flight;

/// At most so many frames are kept.
const FRAMES_LIMIT: usize = 2_000;
/// At most so many bytes of frames are kept.
const FRAME_BYTES_LIMIT: usize = 16 * 1024 * 1024;
/// One sample of rates and lag covers this long.
pub const SAMPLE_MILLIS: i64 = 500;
/// Samples kept: an hour.
const SAMPLES_LIMIT: usize = 7_200;
/// Marks kept on the timeline.
const MARKS_LIMIT: usize = 1_000;

/// What was remembered.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Journal {
    frames: VecDeque<Flight>,
    frame_bytes: usize,
    frames_seen: u64,
    samples: VecDeque<Sample>,
    marks: VecDeque<Mark>,
}

/// Rates and lag over one [`SAMPLE_MILLIS`].
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sample {
    /// The end of the time it covers.
    pub at: SimTime,
    /// Log end offsets at that moment.
    pub log_ends: SortedMap<TopicPartition, i64>,
    /// Records appended to topics that users made, in that time.
    pub produced: u64,
    /// Records that applications read, in that time.
    pub consumed: u64,
    /// Each group's lag at that moment.
    pub lag: SortedMap<String, u64>,
}

/// Something on the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// When.
    pub at: SimTime,
    /// What.
    pub what: MarkKind,
}

/// What stands on the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum MarkKind {
    /// A group shared its partitions anew.
    Rebalance(String),
    /// The cluster was started.
    ClusterStarted,
    /// The cluster was removed.
    ClusterStopped,
}

impl Journal {
    /// The newest frames, oldest first.
    pub fn frames(&self) -> impl DoubleEndedIterator<Item = &Flight> + ExactSizeIterator {
        self.frames.iter()
    }

    /// How many frames there were in all.
    pub fn frames_seen(&self) -> u64 {
        self.frames_seen
    }

    /// The newest samples, oldest first.
    pub fn samples(&self) -> impl DoubleEndedIterator<Item = &Sample> + ExactSizeIterator {
        self.samples.iter()
    }

    /// The marks, oldest first.
    pub fn marks(&self) -> impl DoubleEndedIterator<Item = &Mark> + ExactSizeIterator {
        self.marks.iter()
    }

    pub(crate) fn note_frame(&mut self, flight: Flight) {
        self.frames_seen += 1;
        self.frame_bytes = self.frame_bytes.saturating_add(flight.frame.len());
        self.frames.push_back(flight);
        while self.frames.len() > FRAMES_LIMIT || self.frame_bytes > FRAME_BYTES_LIMIT {
            let Some(oldest) = self.frames.pop_front() else {
                break;
            };
            self.frame_bytes = self.frame_bytes.saturating_sub(oldest.frame.len());
        }
    }

    pub(crate) fn note_sample(&mut self, sample: Sample) {
        self.samples.push_back(sample);
        if self.samples.len() > SAMPLES_LIMIT {
            self.samples.pop_front();
        }
    }

    /// A group that shares anew within the same second has one mark.
    pub(crate) fn note_mark(&mut self, mark: Mark) {
        let again =
            self.marks.iter().rev().take(8).any(|earlier| {
                earlier.what == mark.what && mark.at.millis_since(earlier.at) < 1_000
            });
        if again {
            return;
        }
        self.marks.push_back(mark);
        if self.marks.len() > MARKS_LIMIT {
            self.marks.pop_front();
        }
    }
}
