//! From top to bottom: which topics and lanes stand where, which are open, which are folded.

use records::sorted::Arrange;
use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use session::selection::Selection;

use super::geometry::{Detail, Geometry, HEAD_H, count};
use super::input::{FlowInput, Form, LaneSort, PartitionIn, TopicIn};

/// A topic of more lanes than this shows only those that have something to say.
const OPEN_LANES: usize = 8;
/// Group rows on one lane; more are merged into the last.
const MOST_ROWS: usize = 3;
/// Elements that the drawing may have, and those that everything beside the lanes takes.
const NODES: f64 = 500.0;
const NODES_BESIDE: f64 = 130.0;

/// The storage from top to bottom.
#[derive(Debug, Clone, Default)]
pub struct Plan<'a> {
    /// Topics, each with its header and lanes.
    pub topics: Vec<TopicPlan<'a>>,
    /// Top of the first header.
    pub top: f64,
    /// Where the last lane ends.
    pub bottom: f64,
}

/// One topic.
#[derive(Debug, Clone)]
pub struct TopicPlan<'a> {
    /// The topic.
    pub topic: &'a TopicIn,
    /// Top of its header.
    pub y: f64,
    /// Where its last lane ends.
    pub bottom: f64,
    /// Whether its lanes are folded away; `None` where a click on the header does not turn that.
    pub folded: Option<bool>,
    /// Open lanes.
    pub lanes: Vec<LanePlan<'a>>,
    /// Folded runs of lanes.
    pub folds: Vec<FoldPlan<'a>>,
}

/// One open lane.
#[derive(Debug, Clone)]
pub struct LanePlan<'a> {
    /// Its name.
    pub at: TopicPartition,
    /// The partition.
    pub partition: &'a PartitionIn,
    /// Its top.
    pub y: f64,
    /// Its height.
    pub h: f64,
    /// Indices of the groups that read it.
    pub groups: Vec<usize>,
    /// How many rows it shows.
    pub rows: usize,
    /// Whether it is one of so many that it tells only what matters.
    pub brief: bool,
}

/// A folded run of lanes.
#[derive(Debug, Clone)]
pub struct FoldPlan<'a> {
    /// The lanes in it.
    pub lanes: Vec<TopicPartition>,
    /// Their partitions.
    pub partitions: Vec<&'a PartitionIn>,
    /// Its top.
    pub y: f64,
    /// The greatest lag in it.
    pub lag: i64,
}

/// Groups by the partitions they have to do with.
pub type Readers = SortedMap<TopicPartition, Vec<usize>>;

/// Which groups read which partitions.
pub fn readers(input: &FlowInput) -> Readers {
    let mut readers = Readers::new();
    for (n, group) in input.groups.iter().enumerate() {
        for at in group.partitions() {
            readers.entry(at.clone()).or_default().push(n);
        }
    }
    readers
}

impl<'a> Plan<'a> {
    /// Plans the topics of `input` from `top` down.
    pub fn of(input: &'a FlowInput, geometry: &Geometry, readers: &Readers, top: f64) -> Plan<'a> {
        let total: usize = input
            .topics
            .iter()
            .map(|topic| topic.partitions.len())
            .sum();
        let mut y = top;
        let mut topics = Vec::with_capacity(input.topics.len());
        for (n, topic) in input.topics.iter().enumerate() {
            let toggled = input.settings.toggled_topics.contains(&topic.name);
            let folded = match geometry.form {
                Form::Phone => (input.topics.len() > 1).then(|| folded(input, topic, n)),
                Form::Desk => toggled.then_some(false),
            };
            let mut plan = TopicPlan {
                topic,
                y,
                bottom: y + HEAD_H,
                folded,
                lanes: Vec::new(),
                folds: Vec::new(),
            };
            if folded == Some(true) {
                plan.bottom += 2.0;
            } else {
                plan.fill(
                    input,
                    geometry,
                    readers,
                    Crowd {
                        many: total > OPEN_LANES,
                        toggled: toggled && geometry.form == Form::Desk,
                    },
                );
            }
            y = plan.bottom;
            topics.push(plan);
        }
        Plan {
            topics,
            top,
            bottom: y,
        }
    }

    /// Open lanes, from top to bottom.
    pub fn lanes(&self) -> impl Iterator<Item = &LanePlan<'a>> {
        self.topics.iter().flat_map(|topic| topic.lanes.iter())
    }
}

/// Whether lanes are many, and whether the user turned what follows from that for this topic.
#[derive(Debug, Clone, Copy)]
struct Crowd {
    many: bool,
    toggled: bool,
}

impl<'a> TopicPlan<'a> {
    fn fill(&mut self, input: &FlowInput, geometry: &Geometry, readers: &Readers, crowd: Crowd) {
        let mut order: Vec<(&'a PartitionIn, TopicPartition, i64)> = self
            .topic
            .partitions
            .iter()
            .map(|partition| {
                let at = TopicPartition::new(self.topic.name.clone(), partition.id);
                let lag = worst_lag(input, readers, &at, partition.high_watermark);
                (partition, at, lag)
            })
            .collect();
        match input.settings.sort {
            LaneSort::Number => {}
            LaneSort::Lag => order.arrange_by_key(|(_, _, lag)| std::cmp::Reverse(*lag)),
            LaneSort::Rate => order.arrange_by(|a, b| b.0.rate.total_cmp(&a.0.rate)),
        }
        let mut run: Vec<(&'a PartitionIn, TopicPartition, i64)> = Vec::new();
        for (partition, at, lag) in order {
            let shown =
                crowd.many == crowd.toggled || crowd.many && speaks(input, partition, &at, lag);
            if geometry.detail >= Detail::Full && !shown {
                run.push((partition, at, lag));
                continue;
            }
            self.fold(&mut run);
            let groups = readers.get(&at).cloned().unwrap_or_default();
            let rows = groups.len().min(if crowd.many {
                most_rows(geometry)
            } else {
                MOST_ROWS
            });
            let h = geometry.lane_h(rows);
            self.lanes.push(LanePlan {
                at,
                partition,
                y: self.bottom,
                h,
                groups,
                rows,
                brief: crowd.many,
            });
            self.bottom += h;
        }
        self.fold(&mut run);
    }

    fn fold(&mut self, run: &mut Vec<(&'a PartitionIn, TopicPartition, i64)>) {
        if run.is_empty() {
            return;
        }
        let lag = run.iter().map(|(_, _, lag)| *lag).max().unwrap_or(0);
        let (partitions, lanes) = run
            .drain(..)
            .map(|(partition, at, _)| (partition, at))
            .unzip();
        self.folds.push(FoldPlan {
            lanes,
            partitions,
            y: self.bottom,
            lag,
        });
        self.bottom += HEAD_H;
    }
}

/// The greatest lag that any group has on a partition.
pub fn worst_lag(
    input: &FlowInput,
    readers: &Readers,
    at: &TopicPartition,
    high_watermark: i64,
) -> i64 {
    let groups = readers.get(at).map(Vec::as_slice).unwrap_or_default();
    groups
        .iter()
        .filter_map(|n| input.groups.get(*n))
        .filter_map(|group| group.committed.get(at))
        .map(|committed| high_watermark.saturating_sub(*committed).max(0))
        .max()
        .unwrap_or(0)
}

/// Whether a lane among many has something to say.
fn speaks(input: &FlowInput, partition: &PartitionIn, at: &TopicPartition, lag: i64) -> bool {
    let selected = input
        .settings
        .selection
        .as_ref()
        .and_then(|selection| selection.partition())
        == Some(at);
    selected || lag > 0 || partition.leader.is_none() || input.settings.held_open.contains(at)
}

/// On the phone one topic is open: that of the selection, else the first; a tap turns any other way.
fn folded(input: &FlowInput, topic: &TopicIn, n: usize) -> bool {
    let selected = input
        .settings
        .selection
        .as_ref()
        .and_then(|selection| match selection {
            Selection::Topic(name) => Some(name.as_str()),
            other => other.partition().map(|at| at.topic.as_str()),
        });
    let selected = selected.filter(|name| input.topics.iter().any(|topic| topic.name == *name));
    let open = selected.map_or(n == 0, |name| name == topic.name);
    open == input.settings.toggled_topics.contains(&topic.name)
}

/// The text of a fold: `P4–P17 · 14 partitions · lag 0`.
pub fn fold_text(fold: &FoldPlan) -> String {
    let lanes = fold.lanes.len();
    let ids: Vec<i32> = fold.lanes.iter().map(|at| at.partition).collect();
    let ranges = ranges(&ids);
    let names = match ranges.len() {
        0..=3 => ranges.join(", "),
        _ => format!(
            "{}, …",
            ranges
                .iter()
                .take(2)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let noun = if lanes == 1 {
        "partition"
    } else {
        "partitions"
    };
    format!("{names} · {lanes} {noun} · lag {}", fold.lag)
}

/// Partitions as ranges: `P0–P4`, `P7`.
pub fn ranges(ids: &[i32]) -> Vec<String> {
    let mut sorted = ids.to_vec();
    sorted.arrange();
    let mut out: Vec<(i32, i32)> = Vec::new();
    for id in sorted {
        match out.last_mut() {
            Some((_, end)) if end.saturating_add(1) >= id => *end = id,
            _ => out.push((id, id)),
        }
    }
    out.into_iter()
        .map(|(a, b)| {
            if a == b {
                format!("P{a}")
            } else {
                format!("P{a}–P{b}")
            }
        })
        .collect()
}

/// How many cells one lane may draw, so that all in sight stay within the budget of nodes.
pub fn cells_per_lane(plan: &Plan, geometry: &Geometry) -> usize {
    const LEAST: f64 = 4.0;
    const PER_CELL: f64 = 4.0;
    /// Few lanes may be as wide as the screen.
    const FEW_LANES: f64 = 160.0;
    let seen: Vec<&LanePlan> = plan
        .lanes()
        .filter(|lane| geometry.sees(lane.y, lane.y + lane.h))
        .collect();
    let lanes = count(seen.len().max(1));
    if !seen.iter().any(|lane| lane.brief) {
        return (FEW_LANES / lanes).floor().max(LEAST) as usize;
    }
    let taken: f64 = seen
        .iter()
        .map(|lane| if lane.brief { 14.0 } else { 22.0 } + 8.0 * count(lane.rows))
        .sum();
    let left = (NODES - NODES_BESIDE - taken).max(0.0);
    (left / PER_CELL / count(seen.len().max(1)))
        .floor()
        .max(LEAST) as usize
}

/// Where lanes are many, a taller canvas shows more of them and less of each.
fn most_rows(geometry: &Geometry) -> usize {
    if geometry.sight > 560.0 { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn assignments_are_told_as_ranges() {
        assert_eq!(ranges(&[4, 0, 1, 2, 3, 7]), ["P0–P4", "P7"]);
        assert!(ranges(&[]).is_empty());
        assert_eq!(ranges(&[i32::MAX]), [format!("P{}", i32::MAX)]);
    }
}
