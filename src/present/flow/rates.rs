//! Records a second, from what the journal sampled.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use session::journal::{Journal, Sample};

/// Samples that a rate looks back over: two seconds.
const WINDOW: usize = 4;

/// Rates over the last seconds.
#[derive(Debug, Default)]
pub struct Rates<'a> {
    partitions: SortedMap<&'a TopicPartition, f64>,
}

impl<'a> Rates<'a> {
    /// The rates that a journal tells.
    pub fn of(journal: &'a Journal) -> Rates<'a> {
        let mut samples: Vec<&Sample> = journal
            .samples()
            .rev()
            .take(WINDOW.saturating_add(1))
            .collect();
        samples.reverse();
        let mut partitions = SortedMap::new();
        if let (Some(first), Some(last)) = (samples.first(), samples.last()) {
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
        Rates { partitions }
    }

    /// Records a second that a partition takes in.
    pub fn partition(&self, at: &TopicPartition) -> f64 {
        self.partitions.get(at).copied().unwrap_or(0.0)
    }
}
