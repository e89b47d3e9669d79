//! The storage laid out, and where the lines to and from it begin.

use records::sorted::SortedMap;
use std::rc::Rc;

use engine::ids::{BrokerId, TopicPartition};

use super::context::Context;
use super::geometry::{Detail, HEAD_H, RAIL_Y};
use super::input::RecordSource;
use super::plan::{LanePlan, Plan};
use super::route::Route;
use super::view::{FoldView, FrameView, HeadView};
use super::view_lane::LaneView;
use super::{lane, storage};

/// Where lines to a partition end.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its height at the storage's left edge.
    pub y: f64,
    /// From there into the log's end, where the lane is in sight.
    pub rail: Option<Route>,
}

/// Where a group's line leaves a partition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exit {
    /// Where the line begins inside the storage.
    pub x: f64,
    /// Its height.
    pub y: f64,
}

/// The storage, laid out.
#[derive(Debug, Clone, Default)]
pub struct Storage {
    /// Frames.
    pub frames: Vec<Rc<FrameView>>,
    /// Headers in sight.
    pub heads: Vec<Rc<HeadView>>,
    /// Lanes in sight.
    pub lanes: Vec<Rc<LaneView>>,
    /// Folds in sight.
    pub folds: Vec<Rc<FoldView>>,
    /// Where lines to every partition end.
    pub entries: SortedMap<TopicPartition, Entry>,
    /// Where every group's lines leave.
    pub exits: SortedMap<(TopicPartition, String), Exit>,
    /// Where every replica stands, and which broker leads (the Brokers arrangement).
    pub replicas: SortedMap<(TopicPartition, BrokerId), f64>,
    /// The leaders of partitions whose replicas are shown.
    pub leaders: SortedMap<TopicPartition, BrokerId>,
    /// Tops of the topics.
    pub tops: SortedMap<String, f64>,
    /// Middles of the topics' headers where they are now.
    pub middles: SortedMap<String, f64>,
    /// The lower end of all.
    pub bottom: f64,
}

impl Storage {
    /// Whether it is longer than what is in sight: the columns beside it then stand together and follow the view.
    pub fn overflows(&self, cx: &Context) -> bool {
        self.bottom > cx.geometry.sight.max(506.0)
    }

    /// The storage arranged by topics, as planned.
    pub fn by_topic(cx: &Context, plan: &Plan, source: &mut dyn RecordSource) -> Storage {
        let frame = storage::frame(cx, plan);
        let mut out = Storage {
            bottom: frame.rect.bottom() + 5.5,
            ..Storage::default()
        };
        if !cx.input.topics.is_empty() {
            out.frames.push(Rc::new(frame));
        }
        for (n, topic) in plan.topics.iter().enumerate() {
            out.tops.insert(topic.topic.name.clone(), topic.y);
            let head = storage::head(cx, topic, n == 0);
            let middle = head.rect.y + head.rect.h / 2.0;
            out.middles.insert(topic.topic.name.clone(), middle);
            if cx.geometry.sees(head.rect.y, head.rect.bottom()) {
                out.heads.push(Rc::new(head));
            }
            for lane in &topic.lanes {
                out.add_lane(cx, topic.topic, lane, source);
            }
            for fold in &topic.folds {
                out.fold_lines(cx, &fold.lanes, fold.y + HEAD_H / 2.0);
                if cx.geometry.sees(fold.y, fold.y + HEAD_H) {
                    out.folds
                        .push(Rc::new(storage::fold(cx, fold, topic.topic)));
                }
            }
            if topic.folded == Some(true) {
                let ids = topic
                    .topic
                    .partitions
                    .iter()
                    .map(|p| TopicPartition::new(topic.topic.name.clone(), p.id));
                out.fold_lines(cx, &ids.collect::<Vec<_>>(), middle);
            }
        }
        out
    }

    fn add_lane(
        &mut self,
        cx: &Context,
        topic: &super::input::TopicIn,
        plan: &LanePlan,
        source: &mut dyn RecordSource,
    ) {
        let rail_y = plan.y
            + if cx.geometry.detail == Detail::Bars {
                3.0
            } else {
                RAIL_Y
            };
        let seen = cx.geometry.sees(plan.y, plan.y + plan.h);
        let rail =
            seen.then(|| lane::rail_route(cx, plan, &lane::strip_of(cx, &plan.at, plan.partition)));
        self.entries
            .insert(plan.at.clone(), Entry { y: rail_y, rail });
        let view = seen.then(|| Rc::new(lane::lane(cx, topic, plan, source)));
        let last = plan.rows.saturating_sub(1);
        for (n, group) in plan.groups.iter().enumerate() {
            let Some(group) = cx.input.groups.get(*group) else {
                continue;
            };
            let row = if cx.geometry.detail < Detail::Full {
                0
            } else {
                n.min(last)
            };
            let drawn = view
                .as_ref()
                .and_then(|view| view.rows.get(row))
                .and_then(|row| row.rail);
            let x = drawn.map_or(cx.geometry.right + 0.5, |(from, _)| from);
            let y = plan.y + cx.geometry.row_y(row);
            self.exits
                .insert((plan.at.clone(), group.name.clone()), Exit { x, y });
        }
        self.lanes.extend(view);
    }

    fn fold_lines(&mut self, cx: &Context, lanes: &[TopicPartition], y: f64) {
        for at in lanes {
            self.entries.insert(at.clone(), Entry { y, rail: None });
            for group in cx
                .input
                .groups
                .iter()
                .filter(|group| group.partitions().contains(at))
            {
                let x = cx.geometry.right + 0.5;
                self.exits
                    .insert((at.clone(), group.name.clone()), Exit { x, y });
            }
        }
    }
}
