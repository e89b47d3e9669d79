//! The storage's frame with its brokers, the headers of topics, and folds.

use super::context::Context;
use super::geometry::{HEAD_H, count};
use super::input::{BrokerIn, Form, Health, TopicIn};
use super::measure::{Fitted, Font, fit};
use super::plan::{FoldPlan, Plan, TopicPlan, fold_text};
use super::view::{BrokerView, FoldView, FrameView, HeadKey, HeadView, Rect};

/// From the last lane to the frame's lower edge.
const FOOT: f64 = 8.0;

/// The frame about all topics.
pub fn frame(cx: &Context, plan: &Plan) -> FrameView {
    let geometry = &cx.geometry;
    let (left, width) = (geometry.left + 0.5, geometry.storage_w());
    if geometry.form == Form::Phone {
        return FrameView {
            rect: Rect::new(left, plan.top - 0.5, width, plan.bottom - plan.top + 1.0),
            title: None,
            title_y: 0.0,
            brokers: Vec::new(),
            note: None,
        };
    }
    let factors: records::sorted::SortedSet<usize> = cx
        .input
        .topics
        .iter()
        .map(|topic| topic.replication)
        .collect();
    let note = match (factors.first(), factors.last()) {
        (Some(a), Some(b)) if a == b => Some(format!("RF {a}")),
        (Some(a), Some(b)) => Some(format!("RF {a}–{b}")),
        _ => None,
    };
    let room = width
        - 76.0
        - note
            .as_deref()
            .map_or(0.0, |note| (cx.measure)(note, Font::SUB) + 16.0);
    FrameView {
        rect: Rect::new(left, 10.5, width, plan.bottom + FOOT - 10.0),
        title: Some("Storage".into()),
        title_y: 34.0,
        brokers: brokers(cx, geometry.left + 66.5, 19.5, room),
        note,
    }
}

/// Brokers in a header: with their remarks if all have room, else names alone, else as many as fit.
pub fn brokers(cx: &Context, x: f64, y: f64, room: f64) -> Vec<BrokerView> {
    let all = &cx.input.brokers;
    for notes in [true, false] {
        let row = broker_row(cx, all, x, y, notes);
        if row.last().is_none_or(|last| last.x + last.w <= x + room) {
            return row;
        }
    }
    let mut row = broker_row(cx, all, x, y, false);
    let keep = row
        .iter()
        .filter(|broker| broker.x + broker.w + 45.0 <= x + room)
        .count();
    let hidden = row.len().saturating_sub(keep);
    row.truncate(keep);
    let end = row.last().map_or(x, |last| last.x + last.w + 7.0);
    row.push(BrokerView {
        id: None,
        x: end,
        y,
        w: 38.0,
        name: format!("+{hidden}"),
        note: None,
        tone: "",
        label: format!("{hidden} more brokers"),
    });
    row
}

fn broker_row(cx: &Context, brokers: &[BrokerIn], x: f64, y: f64, notes: bool) -> Vec<BrokerView> {
    let mut next = x;
    brokers
        .iter()
        .map(|broker| {
            let view = broker_view(cx, broker, next, y, notes);
            next += view.w + 7.0;
            view
        })
        .collect()
}

/// One broker's chip.
pub fn broker_view(cx: &Context, broker: &BrokerIn, x: f64, y: f64, notes: bool) -> BrokerView {
    let name = format!("B{}", broker.id);
    let (said, tone) = match broker.health {
        Health::Down => ("down", "e"),
        Health::CatchingUp => ("catching up", "w"),
        Health::Starting => ("starting", "w"),
        Health::Up if broker.controller => ("controller", ""),
        Health::Up => ("", ""),
    };
    let note = (notes && !said.is_empty()).then_some(said);
    let name_w = ((cx.measure)(
        &name,
        Font {
            bold: true,
            ..Font::SUB
        },
    ))
    .max(12.0);
    let w = match note {
        Some(note) => 16.5 + name_w + 4.0 + (cx.measure)(note, Font::SUB) + 9.0,
        None => 16.5 + name_w + 9.0,
    };
    let mut label = format!("Broker {}", broker.id);
    if broker.controller {
        label.push_str(", controller");
    }
    label.push_str(match broker.health {
        Health::Up => ", running",
        Health::CatchingUp => ", catching up",
        Health::Starting => ", starting",
        Health::Down => ", down",
    });
    BrokerView {
        id: Some(broker.id),
        x,
        y,
        w: w.ceil(),
        name,
        note,
        tone,
        label,
    }
}

/// A topic's header. It sticks to the top of what is in sight while the topic's lanes are.
pub fn head(cx: &Context, plan: &TopicPlan, first: bool) -> HeadView {
    let geometry = &cx.geometry;
    let y = geometry
        .top
        .clamp(plan.y, (plan.bottom - HEAD_H).max(plan.y));
    let topic = plan.topic;
    let right = geometry.right - 10.0;
    let folded = plan.folded == Some(true);
    let note = folded.then(|| remark(topic));
    let note_w = note
        .as_deref()
        .map_or(0.0, |note| (cx.measure)(note, Font::SUB) + 24.0);
    let name_x = geometry.left + 10.0;
    let name = fit(
        &topic.name,
        Font::NAME,
        (right - name_x - note_w) * if folded { 1.0 } else { 0.62 },
        cx.measure,
    );
    let name_end = name_x + (cx.measure)(&name.text, Font::NAME) + 14.0;
    HeadView {
        topic: topic.name.clone(),
        rect: Rect::new(
            geometry.left + 0.5,
            y,
            geometry.storage_w(),
            if folded { HEAD_H + 2.0 } else { HEAD_H },
        ),
        round: first && geometry.form == Form::Phone,
        name,
        keys: if folded {
            Vec::new()
        } else {
            keys(cx, topic, name_end, right)
        },
        note,
        folded: plan.folded,
        dim: !cx.filter.topic(topic),
    }
}

/// Keys from the right end leftward, as many as have room; the first key stands leftmost.
fn keys(cx: &Context, topic: &TopicIn, from: f64, right: f64) -> Vec<HeadKey> {
    const GLYPH: f64 = 6.5;
    const GAP: f64 = 12.5;
    const MOST: usize = 8;
    let wanted: Vec<(Fitted, f64)> = topic
        .keys
        .iter()
        .take(MOST)
        .map(|key| {
            let text = fit(
                key.label.as_deref().unwrap_or("no key"),
                Font::KEY,
                72.0,
                cx.measure,
            );
            let width = (cx.measure)(&text.text, Font::KEY);
            (text, width)
        })
        .collect();
    let mut used = 0.0;
    let fits = wanted
        .iter()
        .take_while(|(_, width)| {
            used += width + GLYPH + GAP;
            right - used >= from - GAP
        })
        .count();
    let mut end = right;
    let mut out: Vec<HeadKey> = topic
        .keys
        .iter()
        .zip(wanted)
        .take(fits)
        .rev()
        .map(|(mark, (text, width))| {
            let text_x = end - width;
            end = text_x - GLYPH - GAP;
            HeadKey {
                x: text_x - GLYPH,
                text_x,
                mark: mark.clone(),
                text,
            }
        })
        .collect();
    out.reverse();
    out
}

fn remark(topic: &TopicIn) -> String {
    let n = topic.partitions.len();
    let noun = if n == 1 { "partition" } else { "partitions" };
    if topic.rate >= 0.5 {
        format!("{n} {noun} · {} msg/s", super::text::rate_text(topic.rate))
    } else {
        format!("{n} {noun}")
    }
}

/// A folded run of lanes.
pub fn fold(cx: &Context, plan: &FoldPlan, topic: &TopicIn) -> FoldView {
    let geometry = &cx.geometry;
    FoldView {
        rect: Rect::new(geometry.left + 0.5, plan.y, geometry.storage_w(), HEAD_H),
        lanes: plan.lanes.clone(),
        text: fit(
            &fold_text(plan),
            Font::SUB,
            geometry.right - geometry.left - 40.0,
            cx.measure,
        ),
        dim: !cx.filter.topic(topic),
    }
}

/// How many partitions there are in all.
pub fn partitions(cx: &Context) -> f64 {
    count(
        cx.input
            .topics
            .iter()
            .map(|topic| topic.partitions.len())
            .sum(),
    )
}
