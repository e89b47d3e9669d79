//! One lane: a partition's log, its high watermark and log end, and who holds it.

use engine::ids::{BrokerId, TopicPartition};
use session::selection::Selection;

use super::context::Context;
use super::geometry::{Detail, RAIL_Y, count, offsets};
use super::input::{CellIn, PartitionIn, RecordSource, ReplicaIn, ReplicaState, TopicIn};
use super::measure::{Font, fit};
use super::plan::LanePlan;
use super::route::{Px, Route};
use super::strip::Strip;
use super::view::{
    BadgeView, BarView, CellStyle, CellView, HwView, LaneView, RailView, Rect, SlotView, TornView,
};

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
        at: plan.at.clone(),
        rect,
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
        broker: None,
        follower: false,
        of: None,
        badges: Vec::new(),
        rail: None,
        to: strip.to,
        log_start: partition.log_start,
        log_end: partition.log_end,
        remark: None,
        leaderless: None,
        cell_style: geometry.detail.cells(),
        cells: Vec::new(),
        older: None,
        newer: None,
        slot: None,
        hw: None,
        ring: None,
        bar: None,
        rows: super::rows::rows(cx, plan, &strip),
        flash: false,
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
    log(cx, &mut view, partition, &strip, cell_y, source);
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

/// Draws a log into a lane: cells, edges, log end, high watermark.
pub fn log(
    cx: &Context,
    view: &mut LaneView,
    partition: &PartitionIn,
    strip: &Strip,
    cell_y: f64,
    source: &mut dyn RecordSource,
) {
    let h = cx.geometry.cell_h();
    let wide = view.cell_style == CellStyle::Wide;
    let records = source.cells(&view.at, strip.from, strip.to, wide);
    // A source that hands out more than was asked for must not draw outside the strip.
    let inside = records
        .into_iter()
        .filter(|record| record.offset >= strip.from && record.offset < strip.to);
    view.cells = inside
        .map(|record| cell(cx, view, partition, strip, cell_y, record))
        .collect();
    view.ring = view
        .cells
        .iter()
        .find(|cell| cell.selected)
        .map(|cell| ring(cell.rect));
    if strip.older > 0 {
        view.older = Some(torn(
            strip.boundary(strip.from) - 1.0,
            cell_y,
            h,
            strip,
            -1.0,
        ));
    }
    if strip.newer > 0 {
        view.newer = Some(torn(strip.end_x + 1.0, cell_y, h, strip, 1.0));
    } else {
        let text = if view.cell_style == CellStyle::Small {
            String::new()
        } else {
            partition.log_end.to_string()
        };
        let rect = Rect::new(strip.end_x + 0.5, cell_y + 0.5, strip.pitch - 1.0, h - 1.0);
        view.slot = Some(SlotView { rect, text });
    }
    view.hw = high_watermark(cx, view, partition, strip, cell_y);
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

fn cell(
    cx: &Context,
    view: &LaneView,
    partition: &PartitionIn,
    strip: &Strip,
    y: f64,
    record: CellIn,
) -> CellView {
    let rect = Rect::new(
        strip.boundary(record.offset) + 0.5,
        y,
        strip.pitch - 1.0,
        cx.geometry.cell_h(),
    );
    let unreplicated = record.offset >= partition.high_watermark;
    let selected = matches!(&cx.input.settings.selection,
        Some(Selection::Record(at, offset)) if *at == view.at && *offset == record.offset);
    let label = format!(
        "Offset {}, {}{}",
        record.offset,
        record.key.spoken(),
        if unreplicated {
            ", not yet replicated"
        } else {
            ""
        }
    );
    let wide = (view.cell_style == CellStyle::Wide).then(|| {
        let offset_w = (cx.measure)(&record.offset.to_string(), Font::MARK);
        let key = record.key.label.as_deref().unwrap_or("no key");
        (
            fit(key, Font::KEY, rect.w - offset_w - 30.0, cx.measure),
            fit(&record.preview, Font::KEY, rect.w - 12.0, cx.measure),
        )
    });
    CellView {
        offset: record.offset,
        rect,
        dim: !cx.filter.is_empty()
            && !cx.filter.text(&view.at.topic)
            && !cx.filter.key(&record.key),
        key: record.key,
        selected,
        unreplicated,
        wide,
        label,
    }
}

fn ring(cell: Rect) -> Rect {
    Rect::new(cell.x - 1.5, cell.y - 1.0, cell.w + 3.0, cell.h + 2.0)
}

/// A torn edge in the place of one cell: `side` −1 opens to the left, 1 to the right.
fn torn(flat: f64, y: f64, h: f64, strip: &Strip, side: f64) -> TornView {
    const TEETH: f64 = 6.0;
    let tooth = 3.0 * side;
    let reach = (strip.torn - 5.0) * side;
    let step = (h - 0.8) / TEETH;
    let mut d = format!("M{} {}h{}", Px(flat), Px(y + 0.5), Px(reach));
    for n in 0..6u8 {
        let out = if n % 2 == 0 { tooth } else { -tooth };
        d.push_str(&format!("l{} {}", Px(out), (step * 100.0).round() / 100.0));
    }
    d.push_str(&format!("h{}", Px(-reach)));
    let (n, what) = if side < 0.0 {
        (strip.older, "older")
    } else {
        (strip.newer, "newer")
    };
    let noun = if n == 1 { "record" } else { "records" };
    TornView {
        d,
        text: (flat + side * (strip.torn / 2.0 - 2.0), y + h / 2.0 + 3.0),
        label: format!("{n} {what} {noun}"),
    }
}

fn high_watermark(
    cx: &Context,
    view: &LaneView,
    partition: &PartitionIn,
    strip: &Strip,
    cell_y: f64,
) -> Option<HwView> {
    let hw = partition.high_watermark;
    if hw < strip.from || hw > strip.to {
        return None;
    }
    let x = strip.boundary(hw);
    if view.cell_style == CellStyle::Small {
        return Some(HwView {
            x,
            y1: cell_y - 2.0,
            y2: cell_y + cx.geometry.cell_h() + 2.0,
            text: None,
        });
    }
    let text = format!("HW {hw}");
    let room = x - 4.0 - (cx.measure)(&text, Font::MARK) - cx.geometry.strip_left();
    Some(HwView {
        x,
        y1: cell_y - 6.5,
        y2: cell_y + cx.geometry.cell_h() + 1.5,
        text: (room >= 0.0).then_some((x - 4.0, cell_y - 3.5, text)),
    })
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
        order.sort_by_key(|replica| replica.state != ReplicaState::Leader);
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
