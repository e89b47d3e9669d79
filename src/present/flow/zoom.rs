//! Zooming in steps, and so that all is in sight.

use super::geometry::Geometry;
use super::input::FlowInput;
use super::plan::{Plan, readers};

/// The steps of the zoom, in per cent.
const STEPS: [u16; 10] = [30, 45, 60, 80, 100, 120, 140, 170, 200, 300];
/// Above the first lane: the storage's header; below the last: the frame's foot.
const AROUND: f64 = 48.0 + 14.0;

/// The next step closer.
pub fn closer(percent: u16) -> u16 {
    STEPS
        .into_iter()
        .find(|step| *step > percent)
        .unwrap_or(percent)
}

/// The next step away.
pub fn away(percent: u16) -> u16 {
    STEPS
        .into_iter()
        .rev()
        .find(|step| *step < percent)
        .unwrap_or(percent)
}

/// The closest step, not above 140 %, at which the whole storage is in sight.
pub fn fitting(input: &FlowInput) -> u16 {
    let fits = |percent: u16| {
        let mut at = input.clone();
        at.settings.zoom = f64::from(percent) / 100.0;
        let geometry = Geometry::of(&at.settings);
        let plan = Plan::of(&at, &geometry, &readers(&at), 0.0);
        plan.bottom + AROUND <= geometry.sight
    };
    let steps = STEPS.into_iter().rev().filter(|step| *step <= 140);
    let mut fitting = steps.skip_while(|step| !fits(*step));
    fitting.next().unwrap_or(30)
}

#[cfg(test)]
mod tests {
    use super::{away, closer, fitting};
    use crate::flow::input::{FlowInput, PartitionIn, TopicIn};

    #[test]
    fn steps_go_through_a_hundred() {
        assert_eq!(
            (closer(100), away(100), closer(87), away(87)),
            (120, 80, 100, 80)
        );
        assert_eq!((closer(300), away(30)), (300, 30));
    }

    #[test]
    fn more_lanes_are_seen_from_further_away() {
        let of = |n: i32| {
            let partitions = (0..n)
                .map(|id| PartitionIn {
                    id,
                    leader: Some(1),
                    ..PartitionIn::default()
                })
                .collect();
            let mut input = FlowInput::default();
            input.topics.push(TopicIn {
                name: "t".into(),
                partitions,
                ..TopicIn::default()
            });
            input
                .settings
                .toggled_topics
                .extend((n > 8).then(|| "t".to_owned()));
            fitting(&input)
        };
        assert_eq!((of(1), of(6), of(12), of(60)), (140, 100, 60, 30));
    }
}
