//! The storage arranged by brokers: a frame for each, with the replicas it holds, followers paler than leaders.

use std::rc::Rc;

use engine::ids::TopicPartition;
use session::selection::Selection;

use super::context::Context;
use super::geometry::{Detail, count};
use super::input::{BrokerIn, Health, PartitionIn, RecordSource, ReplicaIn, ReplicaState, TopicIn};
use super::measure::{Font, fit};
use super::route::Route;
use super::scene::{Entry, Exit, Storage};
use super::view::{FrameView, Rect};
use super::view_lane::LaneView;
use super::{cells, storage};

const LANE_H: f64 = 34.0;
const TITLE_H: f64 = 34.0;
const FOOT: f64 = 6.0;
const GAP: f64 = 12.0;
const FIRST_Y: f64 = 10.5;
/// Room for the names of topics, which stand on every lane here.
const NAMES_W: f64 = 56.0;

/// One replica on one broker.
struct Held<'a> {
    topic: &'a TopicIn,
    partition: &'a PartitionIn,
    replica: &'a ReplicaIn,
}

/// Lays the storage out, a frame for each broker.
#[inline(never)]
pub fn storage(cx: &mut Context, source: &mut dyn RecordSource) -> Storage {
    let mut out = Storage::default();
    // Replicas are always drawn as cells with numbers: a follower that is behind shows it by its log end.
    cx.geometry.detail = Detail::Full;
    cx.geometry.names = NAMES_W;
    let mut y = FIRST_Y;
    let held: Vec<(&BrokerIn, Vec<Held>)> = cx
        .input
        .brokers
        .iter()
        .map(|b| (b, held(cx.input, b)))
        .collect();
    let lanes: usize = held.iter().map(|(_, replicas)| replicas.len()).sum();
    let in_sight = count(lanes)
        .min((cx.geometry.sight / LANE_H).ceil())
        .max(1.0);
    cx.most_cells = (84.0 / in_sight).floor().max(6.0) as usize;
    for (broker, replicas) in &held {
        let lanes = count(replicas.len());
        let h = TITLE_H + LANE_H * lanes + FOOT;
        out.frames
            .push(Rc::new(frame(cx, broker, y, h, replicas.is_empty())));
        for (n, replica) in replicas.iter().enumerate() {
            let top = y + TITLE_H + LANE_H * count(n);
            add(cx, &mut out, replica, top, broker, source);
        }
        y += h + GAP;
    }
    out.bottom = y - GAP + 5.5;
    out
}

fn held<'a>(input: &'a super::input::FlowInput, broker: &BrokerIn) -> Vec<Held<'a>> {
    let partitions = input
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(move |p| (topic, p)));
    partitions
        .filter_map(|(topic, partition)| {
            let replica = partition
                .replicas
                .iter()
                .find(|replica| replica.broker == broker.id)?;
            Some(Held {
                topic,
                partition,
                replica,
            })
        })
        .collect()
}

fn frame(cx: &Context, broker: &BrokerIn, y: f64, h: f64, bare: bool) -> FrameView {
    let geometry = &cx.geometry;
    let note = match (broker.health, bare) {
        (Health::Down, _) => Some("down: its disk stays".to_owned()),
        (_, true) => Some("no replicas".to_owned()),
        _ => None,
    };
    FrameView {
        rect: Rect::new(geometry.left + 0.5, y, geometry.storage_w(), h),
        title: None,
        title_y: y + 22.1,
        brokers: vec![storage::broker_view(
            cx,
            broker,
            geometry.left + 9.5,
            y + 7.0,
            true,
        )],
        note,
    }
}

fn add(
    cx: &Context,
    out: &mut Storage,
    held: &Held,
    y: f64,
    broker: &BrokerIn,
    source: &mut dyn RecordSource,
) {
    let geometry = &cx.geometry;
    let at = TopicPartition::new(held.topic.name.clone(), held.partition.id);
    let leads = held.replica.state == ReplicaState::Leader;
    out.replicas.insert((at.clone(), broker.id), y + 17.0);
    if leads {
        let right = geometry.right + 0.5;
        out.leaders.insert(at.clone(), broker.id);
        out.entries.insert(
            at.clone(),
            Entry {
                y: y + 17.0,
                rail: Some(
                    Route::from((geometry.left + 0.5, y + 17.0))
                        .line((geometry.name_x() - 4.0, y + 17.0)),
                ),
            },
        );
        for group in cx
            .input
            .groups
            .iter()
            .filter(|group| group.partitions().contains(&at))
        {
            out.exits.insert(
                (at.clone(), group.name.clone()),
                Exit {
                    x: right,
                    y: y + 17.0,
                },
            );
        }
        let top = out.tops.entry(at.topic.clone()).or_insert(y);
        *top = top.min(y);
        out.middles.entry(at.topic.clone()).or_insert(y + 17.0);
    }
    if geometry.sees(y, y + LANE_H) {
        out.lanes
            .push(Rc::new(replica_lane(cx, held, at, y, broker, source)));
    }
}

#[inline(never)]
fn replica_lane(
    cx: &Context,
    held: &Held,
    at: TopicPartition,
    y: f64,
    broker: &BrokerIn,
    source: &mut dyn RecordSource,
) -> LaneView {
    let geometry = &cx.geometry;
    let (topic, leader_log) = (held.topic, held.partition);
    // What this replica has: the leader's log as far as it has been copied.
    let own = PartitionIn {
        log_end: held.replica.log_end.max(leader_log.log_start),
        high_watermark: leader_log.high_watermark.min(held.replica.log_end),
        ..leader_log.clone()
    };
    let role = role(held.replica.state);
    let strip = super::lane::strip_of(cx, &at, &own);
    let selected = cx
        .input
        .settings
        .selection
        .as_ref()
        .and_then(Selection::partition)
        == Some(&at);
    let name = format!("P{}", own.id);
    let of_x = geometry.name_x() + (cx.measure)(&name, Font::PART) + 7.0;
    let of = fit(
        &topic.name,
        Font::MARK,
        geometry.strip_left() - of_x - 4.0,
        cx.measure,
    );
    let rect = Rect::new(geometry.left + 0.5, y, geometry.storage_w(), LANE_H);
    let mut view = LaneView {
        label: format!(
            "Partition {} of {} on broker {}: {role}, log end offset {}",
            own.id, topic.name, broker.id, own.log_end
        ),
        name,
        name_at: (geometry.name_x(), y + 21.5),
        selected,
        dim: !cx.filter.topic(topic),
        broker: Some(broker.id),
        follower: held.replica.state != ReplicaState::Leader,
        of: Some((of_x, y + 15.5, of, role)),
        to: strip.to,
        log_start: own.log_start,
        log_end: own.log_end,
        cell_style: geometry.detail.cells(),
        ..LaneView::bare(at, rect)
    };
    cells::log(cx, &mut view, &own, &strip, y + 4.0, source);
    if let Some(hw) = &mut view.hw {
        *hw = super::view_lane::HwView {
            x: hw.x,
            y1: y + 1.5,
            y2: y + 32.5,
            text: None,
        };
    }
    view
}

fn role(state: ReplicaState) -> &'static str {
    match state {
        ReplicaState::Leader => "leader",
        ReplicaState::InSync => "in sync",
        ReplicaState::OutOfSync => "out of sync",
    }
}
