//! One lane: a partition's log, its high watermark and log end, and who holds it.

use engine::ids::{BrokerId, TopicPartition};
use records::sorted::Arrange;
use session::selection::Selection;

use super::cells;
use super::context::Context;
use super::geometry::{Detail, RAIL_Y, count, offsets};
use super::input::{PartitionIn, RecordSource, ReplicaIn, ReplicaState, TopicIn};
use super::measure::Font;
use super::plan::LanePlan;
use super::route::{Px, Route};
use super::strip::Strip;
use super::view::Rect;
use super::view_lane::{BadgeView, BarView, LaneView, RailView};

/// Badges of a lane; more are counted.
const MOST_BADGES: usize = 3;
const BADGE_STEP: f64 = 18.0;

/// Lays out an open lane.
pub fn lane(
    cx: &Context,
    topic: &TopicIn,
    plan: &LanePlan,
    source: &mut dyn RecordSource,
) -> LaneView {
    let partition = plan.partition;
    let geometry = &cx.geometry;
    let strip = strip_of(cx, &plan.at, partition);
    let rect = Rect::new(geometry.left + 0.5, plan.y, geometry.storage_w(), plan.h);
    let on = cx.on(&plan.at);
    let selected = cx
        .input
        .settings
        .selection
        .as_ref()
        .and_then(Selection::partition)
        == Some(&plan.at);
    let cell_y = plan.y + geometry.cell_y(plan.rows);
    let mut view = LaneView {
        label: spoken(topic, partition),
        name: format!("P{}", partition.id),
        name_at: (
            geometry.name_x(),
            cell_y
                + if geometry.detail < Detail::Full {
                    11.5
                } else {
                    17.5
                },
        ),
        selected: selected || on.is_some(),
        dim: dim(cx, topic, plan),
        to: strip.to,
        log_start: partition.log_start,
        log_end: partition.log_end,
        cell_style: geometry.detail.cells(),
        rows: super::rows::rows(cx, plan, &strip),
        ..LaneView::bare(plan.at.clone(), rect)
    };
    if geometry.detail == Detail::Bars {
        view.bar = Some(bar(cx, topic, plan));
        view.rows = Vec::new();
        return view;
    }
    view.badges = badges(cx, partition, cell_y, plan.brief);
    if partition.leader.is_none() {
        view.leaderless = Some((geometry.strip_left(), cell_y - 6.0));
    }
    if geometry.detail >= Detail::Full {
        view.rail = Some(rail(cx, plan, &strip, on));
    }
    cells::log(cx, &mut view, partition, &strip, cell_y, source);
    if partition.log_end <= partition.log_start && geometry.detail >= Detail::Full {
        let text = if partition.log_end > 0 {
            "No records left."
        } else {
            "No records yet. Send one."
        };
        view.remark = Some((strip.end_x - 10.0, cell_y + 17.0, text));
    }
    view
}

/// The part of a lane's log that is in sight.
pub fn strip_of(cx: &Context, at: &TopicPartition, partition: &PartitionIn) -> Strip {
    let edge = cx.input.settings.scrolled.get(at).copied();
    Strip::of(&cx.geometry, partition, edge, cx.most_cells, cx.measure)
}

/// The rail from the storage's left edge into the log's end.
pub fn rail_route(cx: &Context, plan: &LanePlan, strip: &Strip) -> Route {
    let y = plan.y + RAIL_Y;
    let start = Route::from((cx.geometry.left + 0.5, y));
    if cx.geometry.detail < Detail::Full {
        return start.line((strip.end_x, y));
    }
    let cell_y = plan.y + cx.geometry.cell_y(plan.rows);
    start.angles(&[(strip.rail_x(), y)], (strip.rail_x(), cell_y - 3.0), 5.0)
}

fn dim(cx: &Context, topic: &TopicIn, plan: &LanePlan) -> bool {
    let groups = plan.groups.iter().filter_map(|n| cx.input.groups.get(*n));
    !cx.filter.topic(topic) && !groups.into_iter().any(|group| cx.filter.text(&group.name))
}

fn spoken(topic: &TopicIn, partition: &PartitionIn) -> String {
    let leader = match partition.leader {
        Some(leader) => format!("leader broker {leader}"),
        None => "no leader".to_owned(),
    };
    format!(
        "Partition {} of {}: {leader}, log end offset {}, high watermark {}",
        partition.id, topic.name, partition.log_end, partition.high_watermark
    )
}

fn rail(cx: &Context, plan: &LanePlan, strip: &Strip, on: Option<u8>) -> RailView {
    let route = rail_route(cx, plan, strip);
    if plan.partition.leader.is_none() {
        let y = plan.y + RAIL_Y;
        let broken =
            Route::from((cx.geometry.left + 0.5, y)).line((cx.geometry.strip_left() - 4.0, y));
        return RailView {
            d: broken.d(),
            head: String::new(),
            on: None,
            broken: true,
        };
    }
    let (x, y) = route.end();
    let head = format!(
        "M{} {}h6.4L{} {}z",
        Px(x - 3.2),
        Px(y - 3.0),
        Px(x),
        Px(y + 1.8)
    );
    RailView {
        d: route.d(),
        head,
        on,
        broken: false,
    }
}

fn badges(cx: &Context, partition: &PartitionIn, cell_y: f64, brief: bool) -> Vec<BadgeView> {
    let name_end =
        cx.geometry.name_x() + (cx.measure)(&format!("P{}", partition.id), Font::PART) + 4.0;
    let start = cx.geometry.badge_x().max(name_end.ceil());
    let room = ((cx.geometry.strip_left() - start) / BADGE_STEP)
        .floor()
        .clamp(1.0, count(MOST_BADGES)) as usize;
    let y = cell_y
        + if cx.geometry.detail < Detail::Full {
            -0.5
        } else {
            6.5
        };
    // Among many lanes, a replica that is as it should be goes without saying.
    let replicas: Vec<&ReplicaIn> = partition
        .replicas
        .iter()
        .filter(|replica| !brief || replica.state != ReplicaState::InSync)
        .collect();
    let shown = if replicas.len() > room {
        room.saturating_sub(1).max(1)
    } else {
        replicas.len()
    };
    // Where not all have room, the leader is among those that do.
    let mut order = replicas.clone();
    if shown < replicas.len() {
        order.arrange_by_key(|replica| replica.state != ReplicaState::Leader);
    }
    let mut out: Vec<BadgeView> = order
        .iter()
        .take(shown)
        .enumerate()
        .map(|(n, replica)| {
            badge(
                start + BADGE_STEP * count(n),
                y,
                replica.broker,
                replica.state,
            )
        })
        .collect();
    let hidden = replicas.len().saturating_sub(shown);
    if hidden > 0 && room > 1 {
        let rest: Vec<String> = order
            .iter()
            .skip(shown)
            .map(|r| title(r.broker, r.state))
            .collect();
        out.push(BadgeView {
            x: start + BADGE_STEP * count(shown),
            y,
            text: format!("+{hidden}"),
            class: "isr",
            title: rest.join(", "),
        });
    }
    out
}

fn badge(x: f64, y: f64, broker: BrokerId, state: ReplicaState) -> BadgeView {
    let class = match state {
        ReplicaState::Leader => "lead",
        ReplicaState::InSync => "isr",
        ReplicaState::OutOfSync => "osr",
    };
    BadgeView {
        x,
        y,
        text: format!("B{broker}"),
        class,
        title: title(broker, state),
    }
}

/// `Broker 1: leader`
pub fn title(broker: BrokerId, state: ReplicaState) -> String {
    let word = match state {
        ReplicaState::Leader => "leader",
        ReplicaState::InSync => "in sync",
        ReplicaState::OutOfSync => "out of sync",
    };
    format!("Broker {broker}: {word}")
}

/// Zoomed far out: length = log, dark end = greatest lag.
fn bar(cx: &Context, topic: &TopicIn, plan: &LanePlan) -> BarView {
    let stored = |p: &PartitionIn| p.log_end.saturating_sub(p.log_start).max(0);
    let longest = topic
        .partitions
        .iter()
        .map(stored)
        .max()
        .unwrap_or(0)
        .max(1);
    let (left, right) = (cx.geometry.name_x(), cx.geometry.right - 10.0);
    let part = |n: i64| (right - left) * (offsets(n) / offsets(longest)).clamp(0.0, 1.0);
    let length = part(stored(plan.partition)).max(2.0);
    let groups = plan.groups.iter().filter_map(|n| cx.input.groups.get(*n));
    let committed = groups
        .filter_map(|group| group.committed.get(&plan.at))
        .min();
    let lag = committed.map_or(0, |c| {
        plan.partition.high_watermark.saturating_sub(*c).max(0)
    });
    let lag_w = part(lag).min(length);
    BarView {
        log: Rect::new(left, plan.y + 1.0, length, 4.0),
        lag: Rect::new(left + length - lag_w, plan.y + 1.0, lag_w, 4.0),
    }
}
