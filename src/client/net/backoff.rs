//! Waiting longer after each failure.

use engine::rng::Rng;
use serde::Serialize;

/// Doubles from `first_ms` to `most_ms`, spread by a fifth to either side so that clients that
/// failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Backoff {
    pub(crate) first_ms: i64,
    pub(crate) most_ms: i64,
}

impl Backoff {
    /// `retry.backoff.ms` up to `retry.backoff.max.ms`.
    pub(crate) fn retry(first_ms: i64) -> Backoff {
        Backoff {
            first_ms,
            most_ms: first_ms.max(1_000),
        }
    }

    /// Microseconds to wait after the `failures`th failure in a row, counted from 1.
    pub(crate) fn micros(self, failures: u32, rng: &mut Rng) -> u64 {
        let first = u64::try_from(self.first_ms)
            .unwrap_or(0)
            .saturating_mul(1_000);
        let most = u64::try_from(self.most_ms)
            .unwrap_or(0)
            .saturating_mul(1_000);
        let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(20));
        let base = doubled.min(most.saturating_mul(2));
        let spread = base / 5;
        let waited = base - spread + rng.below(spread.saturating_mul(2).saturating_add(1));
        waited.min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use engine::rng::Rng;

    #[test]
    fn grows_to_its_limit() {
        let mut rng = Rng::from_seed(1);
        let backoff = Backoff {
            first_ms: 50,
            most_ms: 1_000,
        };
        let first = backoff.micros(1, &mut rng);
        assert!((40_000..=60_000).contains(&first), "{first}");
        let third = backoff.micros(3, &mut rng);
        assert!((160_000..=240_000).contains(&third), "{third}");
        assert_eq!(backoff.micros(30, &mut rng), 1_000_000);
    }
}
