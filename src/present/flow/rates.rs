//! Records a second, from what the journal sampled.

use std::collections::BTreeMap;

use engine::ids::TopicPartition;
use session::journal::{Journal, Sample};

/// Samples that a rate looks back over: two seconds.
const WINDOW: usize = 4;

/// Rates over the last seconds.
#[derive(Debug, Default)]
pub struct Rates<'a> {
    samples: Vec<&'a Sample>,
    partitions: BTreeMap<&'a TopicPartition, f64>,
}

impl<'a> Rates<'a> {
    /// The rates that a journal tells.
    pub fn of(journal: &'a Journal) -> Rates<'a> {
        const KEPT: usize = super::producers::SPARKS + 1;
        let mut samples: Vec<&Sample> = journal.samples().rev().take(KEPT).collect();
        samples.reverse();
        let before = samples.len().saturating_sub(WINDOW.saturating_add(1));
        let mut partitions = BTreeMap::new();
        if let (Some(first), Some(last)) = (samples.get(before), samples.last()) {
            let seconds = last.at.micros_since(first.at) as f64 / 1_000_000.0;
            for (at, end) in &last.log_ends {
                let grown = end
                    .saturating_sub(first.log_ends.get(at).copied().unwrap_or(0))
                    .max(0);
                partitions.insert(
                    at,
                    if seconds > 0.0 {
                        grown as f64 / seconds
                    } else {
                        0.0
                    },
                );
            }
        }
        Rates {
            samples,
            partitions,
        }
    }

    /// Records a second that a partition takes in.
    pub fn partition(&self, at: &TopicPartition) -> f64 {
        self.partitions.get(at).copied().unwrap_or(0.0)
    }

    /// Records a second that a topic took in, sample by sample, the newest last.
    pub fn history(&self, topic: &str, most: usize) -> Vec<f64> {
        let total = |sample: &Sample| -> i64 {
            let ends = sample.log_ends.iter().filter(|(at, _)| at.topic == topic);
            ends.fold(0i64, |sum, (_, end)| sum.saturating_add(*end))
        };
        let pairs = self.samples.iter().zip(self.samples.iter().skip(1));
        let all: Vec<f64> = pairs
            .map(|(a, b)| {
                let seconds = (b.at.micros_since(a.at) as f64 / 1_000_000.0).max(0.001);
                total(b).saturating_sub(total(a)).max(0) as f64 / seconds
            })
            .collect();
        let skip = all.len().saturating_sub(most);
        all.into_iter().skip(skip).collect()
    }
}
