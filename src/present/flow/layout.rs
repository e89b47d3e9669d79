//! Puts the diagram together.

use std::rc::Rc;

use super::by_broker;
use super::context::{Chosen, Context, Filter};
use super::edges::Web;
use super::geometry::{Geometry, PRODUCERS_X};
use super::groups::{self, Placed};
use super::input::{Arrangement, FlowInput, Form, RecordSource};
use super::measure::Measure;
use super::motion::moving;
use super::phone;
use super::plan::{Plan, cells_per_lane, readers};
use super::producers::{self, Node};
use super::scene::Storage;
use super::view::{Adds, ColumnView, EmptyAction, EmptyView, FlowView, InvitationView, Rect};

/// Top of the first header on the desk.
const DESK_TOP: f64 = 48.0;
/// Baseline of the columns' titles.
const TITLE_Y: f64 = 34.0;

/// Lays the whole diagram out. Records come from `source`, widths of texts from `measure`.
pub fn layout(input: &FlowInput, source: &mut dyn RecordSource, measure: Measure) -> FlowView {
    let geometry = Geometry::of(&input.settings);
    let mut cx = Context {
        input,
        geometry,
        measure,
        chosen: Chosen::of(input, source),
        filter: Filter::of(&input.settings.filter),
        most_cells: 0,
    };
    match (geometry.form, input.settings.arrangement) {
        (Form::Phone, _) => phone::layout(&mut cx, source),
        (Form::Desk, Arrangement::Brokers) => {
            let storage = by_broker::storage(&mut cx, source);
            desk(&cx, storage)
        }
        (Form::Desk, Arrangement::Topics) => {
            let readers = readers(input);
            let plan = Plan::of(input, &geometry, &readers, DESK_TOP);
            cx.most_cells = cells_per_lane(&plan, &geometry);
            let storage = Storage::by_topic(&cx, &plan, source);
            desk(&cx, storage)
        }
    }
}

/// One sentence that says what is shown.
pub fn spoken(input: &FlowInput) -> String {
    let partitions: usize = input
        .topics
        .iter()
        .map(|topic| topic.partitions.len())
        .sum();
    let of = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    format!(
        "Flow diagram: {}, {} with {}, {}",
        of(input.producers.len(), "producer"),
        of(input.topics.len(), "topic"),
        of(partitions, "partition"),
        of(input.groups.len(), "consumer group"),
    )
}

fn desk(cx: &Context, storage: Storage) -> FlowView {
    let geometry = &cx.geometry;
    let stuck = storage.overflows(cx);
    let mut nodes = producers::nodes(cx);
    producers::place(&mut nodes, &storage.entries, stuck);
    let (mut placed, mut invitations) = groups::place(cx, &storage);
    let lowest = nodes
        .iter()
        .map(|n| n.rect.bottom())
        .chain(column(&placed, &invitations))
        .fold(0.0, f64::max);
    // Brokers stand there although there is no topic yet.
    let below = if storage.frames.is_empty() {
        EMPTY_TOP
    } else {
        storage.bottom + 6.5
    };
    let empty = empty(cx, below);
    let end = empty
        .iter()
        .map(|empty| empty.rect.bottom())
        .fold(lowest, f64::max);
    let height = storage.bottom.max(end + 8.0).max(geometry.sight).ceil();
    let shift = follow(cx, height, lowest);
    shift_by(shift, &mut nodes, &mut placed, &mut invitations);
    let web = Web::of(cx, &storage, &nodes, &placed);
    let (dots, dashes) = moving(cx, &web.ways, &|travel| web.way(travel));
    let seen = |rect: &Rect| geometry.sees(rect.y, rect.bottom());
    FlowView {
        size: (geometry.width, height),
        scale: geometry.scale,
        form: Form::Desk,
        label: spoken(cx.input),
        columns: columns(cx, shift),
        empty,
        producers: nodes
            .iter()
            .filter(|n| seen(&n.rect))
            .map(|n| Rc::new(producers::view(cx, n)))
            .collect(),
        groups: placed
            .iter()
            .filter(|p| seen(&p.rect))
            .map(|p| Rc::new(groups::view(cx, p)))
            .collect(),
        invitations: invitations.into_iter().filter(|i| seen(&i.rect)).collect(),
        frames: storage.frames,
        heads: storage.heads,
        lanes: storage.lanes,
        folds: storage.folds,
        edges: Rc::new(web.view),
        dots,
        dashes,
        minimap: minimap(geometry, height),
    }
}

fn column<'a>(
    placed: &'a [Placed],
    invitations: &'a [InvitationView],
) -> impl Iterator<Item = f64> + 'a {
    let groups = placed.iter().map(|placed| placed.rect.bottom());
    groups.chain(
        invitations
            .iter()
            .map(|invitation| invitation.rect.bottom()),
    )
}

/// How far the columns beside a long storage have moved along with what is in sight.
fn follow(cx: &Context, height: f64, lowest: f64) -> f64 {
    let room = (height - lowest - 8.0).max(0.0);
    cx.geometry.top.min(room).max(0.0).floor()
}

fn shift_by(
    shift: f64,
    nodes: &mut [Node],
    placed: &mut [Placed],
    invitations: &mut [InvitationView],
) {
    let rects = nodes.iter_mut().map(|node| &mut node.rect);
    let rects = rects.chain(placed.iter_mut().map(|placed| &mut placed.rect));
    for rect in rects.chain(
        invitations
            .iter_mut()
            .map(|invitation| &mut invitation.rect),
    ) {
        rect.y += shift;
    }
}

fn columns(cx: &Context, shift: f64) -> Vec<ColumnView> {
    let x = cx.geometry.groups_x();
    vec![
        ColumnView {
            title: "Producers",
            x: PRODUCERS_X,
            y: TITLE_Y + shift,
            add_x: PRODUCERS_X + 108.0,
            adds: Adds::Producer,
        },
        ColumnView {
            title: "Consumer groups",
            x,
            y: TITLE_Y + shift,
            add_x: x + 110.0,
            adds: Adds::Group,
        },
    ]
}

/// Where the words stand that say there is nothing to show, below the columns' titles.
const EMPTY_TOP: f64 = 64.0;

/// What is said while there is no cluster, or nothing in it, from `top` down.
pub fn empty(cx: &Context, top: f64) -> Option<EmptyView> {
    let geometry = &cx.geometry;
    let rect = Rect::new(geometry.left + 0.5, top + 0.5, geometry.storage_w(), 132.0);
    if cx.input.brokers.is_empty() {
        return Some(EmptyView {
            rect,
            title: "No cluster is running",
            text: "Type docker-compose up -d, or start one here.",
            action: Some(EmptyAction::StartCluster),
        });
    }
    cx.input.topics.is_empty().then_some(EmptyView {
        rect,
        title: "No topics yet",
        text: "A topic holds the records that producers send.",
        action: Some(EmptyAction::CreateTopic),
    })
}

/// Where the view lies in the whole, when the canvas overflows.
pub fn minimap(geometry: &Geometry, height: f64) -> Option<(f64, f64)> {
    (height > geometry.sight + 1.0).then(|| {
        let part = (geometry.sight / height).clamp(0.02, 1.0);
        ((geometry.top / height).clamp(0.0, 1.0 - part), part)
    })
}
