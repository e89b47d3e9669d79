//! Where records without a key go: to one partition until `batch.size` bytes went there, then to
//! another, so that batches fill up.

use records::sorted::SortedMap;

use engine::rng::Rng;
use serde::Serialize;

/// The partition each topic sticks to at the moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Partitioner {
    topics: SortedMap<String, Sticky>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Sticky {
    partition: i32,
    produced: usize,
}

/// A partition that can be chosen, and how many batches wait for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Choice {
    pub(super) partition: i32,
    pub(super) waiting: usize,
}

impl Partitioner {
    /// The partition of `topic` at the moment, if one was chosen.
    pub(super) fn current(&self, topic: &str) -> Option<i32> {
        self.topics.get(topic).map(|sticky| sticky.partition)
    }

    /// Chooses anew: the fewer batches wait for a partition, the likelier it is.
    pub(super) fn choose(&mut self, topic: &str, choices: &[Choice], rng: &mut Rng) -> Option<i32> {
        let longest = choices.iter().map(|c| c.waiting).max()?;
        let weight = |choice: &Choice| (longest + 1 - choice.waiting) as u64;
        let mut left = rng.below(choices.iter().map(weight).sum());
        let mut partition = choices.last()?.partition;
        for choice in choices {
            if left < weight(choice) {
                partition = choice.partition;
                break;
            }
            left -= weight(choice);
        }
        let produced = 0;
        self.topics.insert(
            topic.to_owned(),
            Sticky {
                partition,
                produced,
            },
        );
        Some(partition)
    }

    /// Counts bytes that went to the current partition. Says whether it is time to choose anew:
    /// after `batch_size` bytes if no batch is left half full by that, else after twice as many.
    pub(super) fn produced(
        &mut self,
        topic: &str,
        bytes: usize,
        batch_size: usize,
        batches_full: bool,
    ) -> bool {
        let Some(sticky) = self.topics.get_mut(topic) else {
            return false;
        };
        sticky.produced = sticky.produced.saturating_add(bytes);
        let enough = batch_size.max(1);
        (batches_full && sticky.produced >= enough) || sticky.produced >= enough.saturating_mul(2)
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, Partitioner};
    use engine::rng::Rng;

    #[test]
    fn sticks_until_a_batch_is_full() {
        let mut rng = Rng::from_seed(3);
        let mut partitioner = Partitioner::default();
        let choices = [0, 1, 2].map(|partition| Choice {
            partition,
            waiting: 0,
        });
        let first = partitioner.choose("t", &choices, &mut rng);
        assert_eq!(partitioner.current("t"), first);
        assert!(!partitioner.produced("t", 99, 100, true));
        assert!(partitioner.produced("t", 1, 100, true));
        assert!(!partitioner.produced("t", 99, 100, false));
        assert!(partitioner.produced("t", 1, 100, false));
    }

    #[test]
    fn spares_partitions_that_lag() {
        let mut rng = Rng::from_seed(3);
        let mut partitioner = Partitioner::default();
        let choices = [(0, 9), (1, 0)].map(|(partition, waiting)| Choice { partition, waiting });
        let picks = (0..100).filter(|_| partitioner.choose("t", &choices, &mut rng) == Some(0));
        assert!(picks.count() < 25);
    }
}
