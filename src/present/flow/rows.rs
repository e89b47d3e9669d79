//! The rows under a lane: for each group its committed offset, its position, and what lies between.

use engine::ids::TopicPartition;

use super::context::Context;
use super::geometry::Detail;
use super::input::GroupIn;
use super::measure::{Fitted, Font, fit};
use super::plan::LanePlan;
use super::strip::Strip;
use super::view_lane::{FlagView, RowView};

/// What a group has to do with one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The committed offset.
    pub committed: Option<i64>,
    /// The position of the member that reads it.
    pub position: Option<i64>,
    /// HW − committed, as `kafka-consumer-groups` reports it; `None` while nothing is committed.
    pub lag: Option<i64>,
    /// Whether a member is assigned to it.
    pub read: bool,
}

impl Progress {
    /// How far `group` is on `at`, whose high watermark is `high_watermark`.
    pub fn of(group: &GroupIn, at: &TopicPartition, high_watermark: i64) -> Progress {
        let committed = group.committed.get(at).copied();
        let assigned = group
            .members
            .iter()
            .flat_map(|member| &member.assigned)
            .find(|assigned| assigned.at == *at);
        Progress {
            committed,
            position: assigned.and_then(|assigned| assigned.position),
            lag: committed.map(|committed| high_watermark.saturating_sub(committed).max(0)),
            read: assigned.is_some(),
        }
    }
}

/// The rows of a lane.
pub fn rows(cx: &Context, plan: &LanePlan, strip: &Strip) -> Vec<RowView> {
    let mut readers: Vec<(&GroupIn, Progress)> = plan
        .groups
        .iter()
        .filter_map(|n| cx.input.groups.get(*n))
        .map(|group| {
            (
                group,
                Progress::of(group, &plan.at, plan.partition.high_watermark),
            )
        })
        .collect();
    if cx.geometry.detail < Detail::Full {
        let worst = readers
            .iter()
            .max_by_key(|(_, progress)| progress.lag)
            .copied();
        return worst
            .map(|(group, progress)| row(cx, plan, strip, group, progress, 0))
            .into_iter()
            .collect();
    }
    let mut merged = 0usize;
    if readers.len() > plan.rows {
        // The group furthest behind among those that share the last row speaks for them.
        let shared = readers.split_off(plan.rows.saturating_sub(1));
        merged = shared.len();
        readers.extend(shared.into_iter().max_by_key(|(_, progress)| progress.lag));
    }
    let last = readers.len().saturating_sub(1);
    readers
        .into_iter()
        .enumerate()
        .map(|(n, (group, progress))| {
            let mut view = row(cx, plan, strip, group, progress, n);
            if merged > 0 && n == last {
                let name = format!("+{merged} groups");
                view.label = format!(
                    "{merged} more groups, the furthest behind is {}",
                    view.label
                );
                view.name = fit(&name, Font::MARK, 56.0, cx.measure);
            }
            view
        })
        .collect()
}

fn row(
    cx: &Context,
    plan: &LanePlan,
    strip: &Strip,
    group: &GroupIn,
    progress: Progress,
    n: usize,
) -> RowView {
    let geometry = &cx.geometry;
    let hw = plan.partition.high_watermark;
    let y = plan.y + geometry.row_y(n);
    let lag = progress
        .lag
        .map_or_else(|| "–".to_owned(), |lag| lag.to_string());
    let room = geometry.lag_x() - (cx.measure)(&lag, Font::LAG) - 4.0 - geometry.name_x();
    let on = if progress.read { cx.on(&plan.at) } else { None };
    let committed = progress.committed.or(progress.position).unwrap_or(hw);
    let position = progress.position.unwrap_or(committed).max(committed);
    let (flag_x, caret_x, hw_x) = (
        strip.mark(committed),
        strip.mark(position),
        strip.mark(hw.max(committed)),
    );
    let span = |from: f64, to: f64| (to > from).then_some((from, to - from));
    let unread = if hw > position {
        span(caret_x, hw_x)
    } else {
        None
    };
    let leaves = match (on, unread) {
        (None, Some(_)) => hw_x,
        _ => {
            caret_x
                + if progress.position.is_some() {
                    4.0
                } else {
                    0.0
                }
        }
    };
    RowView {
        group: group.name.clone(),
        // A compact lane has no room for a name: its one row is the group furthest behind.
        name: if geometry.detail < Detail::Full {
            Fitted::default()
        } else {
            fit(&group.name, Font::MARK, room.max(8.0), cx.measure)
        },
        name_x: geometry.name_x(),
        zero: progress.lag == Some(0),
        lag_x: geometry.lag_x(),
        y,
        base: (strip.left(), flag_x),
        read: span(flag_x, caret_x),
        unread,
        rail: progress
            .read
            .then_some((leaves.min(geometry.right + 0.5), geometry.right + 0.5)),
        on,
        caret: progress.position.map(|_| caret_x),
        flag: progress.committed.map(|_| FlagView {
            x: flag_x,
            on_caret: progress.position == progress.committed,
        }),
        label: spoken(group, progress, &lag),
        lag,
    }
}

fn spoken(group: &GroupIn, progress: Progress, lag: &str) -> String {
    let told =
        |offset: Option<i64>| offset.map_or_else(|| "none".to_owned(), |offset| offset.to_string());
    let (committed, position) = (told(progress.committed), told(progress.position));
    format!(
        "{}: committed {committed}, position {position}, lag {lag}",
        group.name
    )
}
