//! The phone: producers above, groups below, lines around the storage at right angles.

use records::sorted::Arrange;
use std::rc::Rc;

use engine::ids::TopicPartition;
use session::selection::Selection;

use super::context::Context;
use super::geometry::count;
use super::groups::total_lag;
use super::input::{Form, GroupIn, Leg, RecordSource, Travel};
use super::layout::{empty, minimap, spoken};
use super::measure::{Font, fit};
use super::motion::{Lane, Way, Ways, moving};
use super::plan::{Plan, cells_per_lane, readers};
use super::producers::{self, Node};
use super::route::Route;
use super::scene::Storage;
use super::view::{EdgeView, EdgesView, FlowView, GroupView, NodeTarget, ProducerView, Rect};

const NODES_Y: f64 = 6.5;
const NODE_H: f64 = 31.0;
const NODE_STEP: f64 = 40.0;
const GROUP_H: f64 = 43.0;
const GROUP_STEP: f64 = 52.0;
const GAP: f64 = 9.0;
const PADDING: f64 = 27.0;
const LEAST_PADDING: f64 = 14.0;
/// Left gutters of lines: of the selected path, and of all others.
const GUTTERS: (f64, f64) = (9.0, 4.0);

/// Lays out the diagram for a phone.
pub fn layout(cx: &mut Context, source: &mut dyn RecordSource) -> FlowView {
    let mut nodes = producers::nodes(cx);
    let rows = place_nodes(cx, &mut nodes);
    let top = 15.0 + NODE_STEP * count(rows.max(1));
    let readers = readers(cx.input);
    let plan = Plan::of(cx.input, &cx.geometry, &readers, top);
    cx.most_cells = cells_per_lane(&plan, &cx.geometry);
    let cx = &*cx;
    let storage = Storage::by_topic(cx, &plan, source);
    let foot = if cx.input.topics.is_empty() {
        200.0
    } else {
        plan.bottom + 0.5
    };
    let groups: Vec<(&GroupIn, Rect)> = cx
        .input
        .groups
        .iter()
        .zip(group_rects(cx, foot + 25.0))
        .collect();
    let height = groups
        .last()
        .map_or(foot + 6.0, |(_, rect)| rect.bottom() + 2.5)
        .max(cx.geometry.sight)
        .ceil();
    let mut web = PhoneWeb::default();
    for node in &nodes {
        web.writes(cx, &storage, node, top);
    }
    for (n, (group, rect)) in groups.iter().enumerate() {
        web.reads(cx, &storage, group, *rect, n, foot);
    }
    web.view.edges.arrange_by_key(|edge| edge.on.is_some());
    let (dots, dashes) = moving(cx, &web.ways, &|travel| way(&nodes, travel));
    FlowView {
        size: (cx.geometry.width, height),
        scale: cx.geometry.scale,
        form: Form::Phone,
        label: spoken(cx.input),
        columns: Vec::new(),
        frames: storage.frames,
        heads: storage.heads,
        lanes: storage.lanes,
        folds: storage.folds,
        producers: nodes
            .iter()
            .map(|node| Rc::new(producer(cx, node)))
            .collect(),
        groups: groups
            .iter()
            .map(|(group, rect)| Rc::new(group_view(cx, group, *rect)))
            .collect(),
        invitations: Vec::new(),
        edges: Rc::new(web.view),
        empty: empty(cx, 60.0),
        dots,
        dashes,
        minimap: minimap(&cx.geometry, height),
    }
}

fn place_nodes(cx: &Context, nodes: &mut [Node]) -> usize {
    let (left, right) = (cx.geometry.left + 0.5, cx.geometry.right - 0.5);
    let widths: Vec<f64> = nodes
        .iter()
        .map(|node| (cx.measure)(&producers::name(node), Font::NODE))
        .collect();
    // Nodes stand closer about their names before one of them goes to the next row.
    let n = count(nodes.len().max(1));
    let spare = right - left - widths.iter().sum::<f64>() - GAP * (n - 1.0);
    let padding = if spare / n >= LEAST_PADDING {
        (spare / n).min(PADDING)
    } else {
        PADDING
    };
    let (mut x, mut row) = (left, 0usize);
    for (node, text) in nodes.iter_mut().zip(widths) {
        let w = (text + padding)
            .floor()
            .clamp(48.0, (right - left).min(170.0));
        if x > left && x + w > right + 0.5 {
            x = left;
            row = row.saturating_add(1);
        }
        node.rect = Rect::new(x, NODES_Y + NODE_STEP * count(row), w, NODE_H);
        x += w + GAP;
    }
    row.saturating_add(1)
}

fn producer(cx: &Context, node: &Node) -> ProducerView {
    let mut view = producers::view(cx, node);
    view.name = fit(
        &producers::name(node),
        Font::NODE,
        node.rect.w - 12.0,
        cx.measure,
    );
    view.sub = None;
    view.spark = Vec::new();
    if let NodeTarget::Expand(_) = &view.target {
        view.picked = false;
    }
    view
}

fn group_rects(cx: &Context, top: f64) -> Vec<Rect> {
    let n = cx.input.groups.len();
    let columns = n.clamp(1, 2);
    let whole = cx.geometry.storage_w();
    let w = ((whole - GAP * count(columns.saturating_sub(1))) / count(columns)).floor();
    (0..n)
        .map(|n| {
            let (column, row) = (n % columns, n / columns);
            let x = cx.geometry.left + 0.5 + (w + GAP) * count(column);
            Rect::new(x, top + GROUP_STEP * count(row), w, GROUP_H)
        })
        .collect()
}

fn group_view(cx: &Context, group: &GroupIn, rect: Rect) -> GroupView {
    let n = group.members.len();
    let noun = if n == 1 { "member" } else { "members" };
    let state = if group.state.is_empty() {
        "Empty"
    } else {
        &group.state
    };
    let sub = match group.replay {
        Some(replay) => format!("{state} · {} of {}", replay.done, replay.total),
        None if n == 0 => format!("{state} · lag {}", total_lag(cx, group)),
        None => format!("{n} {noun} · lag {}", total_lag(cx, group)),
    };
    let on = cx.chosen.as_ref().filter(|c| {
        group
            .members
            .iter()
            .any(|m| m.assigned.iter().any(|a| a.at == c.at))
    });
    GroupView {
        group: group.name.clone(),
        rect,
        name: fit(&group.name, Font::NAME, rect.w - 19.0, cx.measure),
        state: state.to_owned(),
        tone: super::groups::tone(state),
        label: format!("Consumer group {}, {sub}", group.name),
        sub: Some(fit(&sub, Font::SUB, rect.w - 19.0, cx.measure)),
        members: Vec::new(),
        more: None,
        progress: None,
        on: on.map(|c| c.slot),
        picked: cx.picked(&Selection::Group(group.name.clone())),
        dim: !cx.filter.group(group),
    }
}

fn way(nodes: &[Node], travel: &Travel) -> Option<Way> {
    let node = match &travel.leg {
        Leg::Produce { producer } => nodes
            .iter()
            .find(|n| n.producers.iter().any(|p| p.id == *producer))?
            .key(),
        Leg::Fetch { group, .. } => format!("g {group}"),
        Leg::Replicate { .. } => return None,
    };
    Some(Way {
        node,
        at: travel.at.clone(),
    })
}

#[derive(Default)]
struct PhoneWeb {
    view: EdgesView,
    ways: Ways,
    drawn: records::sorted::SortedSet<String>,
}

impl PhoneWeb {
    fn writes(&mut self, cx: &Context, storage: &Storage, node: &Node, top: f64) {
        let (x, bottom) = (
            (node.rect.x + node.rect.w / 2.0).round(),
            node.rect.bottom() + 0.5,
        );
        let key = node.key();
        for (at, rate) in node.targets() {
            let Some(entry) = storage.entries.get(at) else {
                continue;
            };
            let on = cx.on(at);
            let (gutter, channel) = if on.is_some() {
                (GUTTERS.0, top - 11.0)
            } else {
                (GUTTERS.1, top - 6.0)
            };
            let end = (cx.geometry.left + 0.5, entry.y.floor());
            let corners = [(x, channel), (gutter, channel), (gutter, end.1)];
            let route = Route::from((x, bottom)).angles(&corners, end, 5.0);
            let whole = entry
                .rail
                .as_ref()
                .map_or_else(|| route.clone(), |rail| route.clone().then(rail));
            self.ways.insert(
                Way {
                    node: key.clone(),
                    at: at.clone(),
                },
                Lane {
                    points: whole.points(),
                    rate,
                },
            );
            self.push(&route, on, !producers::matches(cx, node), &key);
        }
    }

    fn reads(
        &mut self,
        cx: &Context,
        storage: &Storage,
        group: &GroupIn,
        rect: Rect,
        n: usize,
        foot: f64,
    ) {
        let lane = count(n.min(2)) * 5.0;
        let gutter = cx.geometry.right + 5.0 + lane.min(6.0);
        let x = (rect.x + 86.5 + count(n % 2) * 3.0)
            .min(rect.right() - 10.0)
            .floor();
        let channel = foot + 9.5 + count(n % 2) * 7.0;
        let key = format!("g {}", group.name);
        let assigned: Vec<&TopicPartition> = group
            .members
            .iter()
            .flat_map(|m| &m.assigned)
            .map(|a| &a.at)
            .collect();
        for at in assigned {
            let Some(exit) = storage.exits.get(&(at.clone(), group.name.clone())) else {
                continue;
            };
            let on = cx.on(at);
            let start = (cx.geometry.right, exit.y.floor());
            let corners = [(gutter, start.1), (gutter, channel), (x, channel)];
            let route = Route::from(start).angles(&corners, (x, rect.y - 0.5), 5.0);
            let rate = group
                .members
                .iter()
                .flat_map(|m| &m.assigned)
                .find(|a| a.at == *at)
                .map_or(0.0, |a| a.rate);
            let whole = Route::from((exit.x.min(start.0), start.1))
                .line(start)
                .then(&route);
            self.ways.insert(
                Way {
                    node: key.clone(),
                    at: at.clone(),
                },
                Lane {
                    points: whole.points(),
                    rate,
                },
            );
            self.push(&route, on, !cx.filter.group(group), &key);
        }
    }

    fn push(&mut self, route: &Route, on: Option<u8>, dim: bool, node: &str) {
        let d = route.d();
        if self.drawn.insert(format!("{d}{on:?}")) {
            self.view.edges.push(EdgeView {
                d,
                on,
                width: None,
                dim,
                node: node.to_owned(),
            });
        }
    }
}
