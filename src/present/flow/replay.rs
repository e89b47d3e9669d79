//! Groups that read again what they, or others, have read: from where, and how far they have come.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;

use super::input::Replay;

/// Fewer records than this are caught up with before one could see it.
const WORTH_SAYING: i64 = 3;

/// What every group is reading again.
#[derive(Debug, Default)]
pub struct Replays {
    last: SortedMap<(String, TopicPartition), i64>,
    under_way: SortedMap<(String, TopicPartition), (i64, i64)>,
}

impl Replays {
    /// Notes where a group is. One that went back, or begins at the log start, reads again.
    pub fn note(
        &mut self,
        group: &str,
        at: &TopicPartition,
        position: i64,
        log_start: i64,
        high_watermark: i64,
    ) {
        let key = (group.to_owned(), at.clone());
        let before = self.last.insert(key.clone(), position);
        let peak = match before {
            Some(before) if position < before => Some(before),
            None if position <= log_start => Some(high_watermark),
            _ => None,
        };
        let known = self.under_way.get(&key).map(|(_, peak)| *peak);
        if let Some(peak) = peak.map(|peak| peak.max(known.unwrap_or(0)).min(high_watermark)) {
            self.under_way.insert(key.clone(), (position, peak));
        }
        if self
            .under_way
            .get(&key)
            .is_some_and(|(_, peak)| position >= *peak)
        {
            self.under_way.remove(&key);
        }
    }

    /// Forgets partitions that a group reads no more.
    pub fn keep(&mut self, reads: impl Fn(&str, &TopicPartition) -> bool) {
        self.last.retain(|(group, at), _| reads(group, at));
        self.under_way.retain(|(group, at), _| reads(group, at));
    }

    /// How far a group has come, if it reads again.
    pub fn of(&self, group: &str) -> Option<Replay> {
        let mine = self.under_way.iter().filter(|((name, _), _)| name == group);
        let (mut done, mut total) = (0i64, 0i64);
        for (key, (start, peak)) in mine {
            let position = self.last.get(key).copied().unwrap_or(*start);
            done = done.saturating_add(position.saturating_sub(*start));
            total = total.saturating_add(peak.saturating_sub(*start));
        }
        (total >= WORTH_SAYING).then_some(Replay { done, total })
    }
}

#[cfg(test)]
mod tests {
    use super::{Replay, Replays};
    use engine::ids::TopicPartition;

    #[test]
    fn a_group_that_went_back_reads_again_until_it_is_where_it_was() {
        let at = TopicPartition::new("t", 0);
        let mut replays = Replays::default();
        replays.note("g", &at, 20, 0, 20);
        assert_eq!(replays.of("g"), None);
        replays.note("g", &at, 5, 0, 22);
        assert_eq!(replays.of("g"), Some(Replay { done: 0, total: 15 }));
        replays.note("g", &at, 12, 0, 22);
        assert_eq!(replays.of("g"), Some(Replay { done: 7, total: 15 }));
        replays.note("g", &at, 20, 0, 30);
        assert_eq!(replays.of("g"), None);
    }

    #[test]
    fn a_new_group_that_begins_at_the_log_start_reads_what_others_have_read() {
        let at = TopicPartition::new("t", 0);
        let mut replays = Replays::default();
        replays.note("g", &at, 0, 0, 20);
        replays.note("g", &at, 12, 0, 25);
        assert_eq!(
            replays.of("g"),
            Some(Replay {
                done: 12,
                total: 20
            })
        );
        replays.keep(|_, _| false);
        assert_eq!(replays.of("g"), None);
    }
}
