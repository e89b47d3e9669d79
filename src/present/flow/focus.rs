//! Where the keyboard goes in the diagram: one tab stop, arrows from there.

use session::selection::Selection;

use super::view::{FlowView, NodeTarget};
use super::view_lane::LaneView;

/// A key that moves the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// To the lane or node above.
    Up,
    /// To the lane or node below.
    Down,
    /// To the previous offset.
    Left,
    /// To the next offset.
    Right,
    /// To the log start.
    Home,
    /// To the log end.
    End,
}

/// What a move comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Went {
    /// The focus is here now.
    To(Selection),
    /// The record lies out of sight: scroll its lane, then focus it.
    Scroll {
        /// The record.
        to: Selection,
        /// The offset at its right edge, `None` to follow the log end.
        edge: Option<i64>,
    },
    /// There is nothing there.
    Nowhere,
}

/// One stop of the way up and down.
#[derive(Debug, Clone, PartialEq)]
enum Stop<'a> {
    Node(Selection),
    Lane(&'a LaneView),
}

/// What has the focus when nothing has been focused yet: the selection if it is in sight, else the newest record.
pub fn first(view: &FlowView, selection: Option<&Selection>) -> Option<Selection> {
    if let Some(selection) = selection.filter(|selection| is_in_sight(view, selection)) {
        return Some(selection.clone());
    }
    let lane = view.lanes.first().map(|lane| lane_focus(lane, None));
    lane.or_else(|| {
        stops(view).into_iter().find_map(|stop| {
            if let Stop::Node(node) = stop {
                Some(node)
            } else {
                None
            }
        })
    })
}

/// Whether something focusable stands for `selection` in this drawing.
pub fn is_in_sight(view: &FlowView, selection: &Selection) -> bool {
    stops(view).iter().any(|stop| match (stop, selection) {
        (Stop::Node(node), selection) => node == selection,
        (Stop::Lane(lane), Selection::Record(at, offset)) => {
            lane.at == *at && !lane.follower && lane.cells.iter().any(|cell| cell.offset == *offset)
        }
        (Stop::Lane(lane), Selection::Partition(at)) => lane.at == *at && lane.cells.is_empty(),
        _ => false,
    })
}

/// Moves the focus.
pub fn go(view: &FlowView, from: &Selection, step: Move) -> Went {
    let stops = stops(view);
    let Some(here) = stops.iter().position(|stop| stands_for(stop, from)) else {
        return first(view, None).map_or(Went::Nowhere, Went::To);
    };
    match (step, stops.get(here)) {
        (Move::Up, _) => here
            .checked_sub(1)
            .map_or(Went::Nowhere, |n| enter(stops.get(n), view, from)),
        (Move::Down, _) => enter(stops.get(here.saturating_add(1)), view, from),
        (step, Some(Stop::Lane(lane))) => along(lane, from, step),
        _ => Went::Nowhere,
    }
}

/// The group that a letter stands for: the `n`th in the order shown, `A` being the first.
pub fn group(view: &FlowView, letter: char) -> Option<Selection> {
    let n = u32::from(letter.to_ascii_uppercase())
        .checked_sub(u32::from('A'))
        .filter(|n| *n < 26)?;
    let group = view.groups.get(usize::try_from(n).ok()?)?;
    Some(Selection::Group(group.group.clone()))
}

fn stops(view: &FlowView) -> Vec<Stop<'_>> {
    let mut stops: Vec<Stop> = Vec::new();
    for producer in &view.producers {
        if let NodeTarget::Select(selection) = &producer.target {
            stops.push(Stop::Node(selection.clone()));
        }
    }
    stops.extend(view.lanes.iter().map(|lane| Stop::Lane(lane)));
    for group in &view.groups {
        stops.push(Stop::Node(Selection::Group(group.group.clone())));
        let members = group.members.iter().filter_map(|member| member.client);
        stops.extend(members.map(|client| Stop::Node(Selection::Client(client))));
    }
    stops
}

fn stands_for(stop: &Stop, selection: &Selection) -> bool {
    match stop {
        Stop::Node(node) => node == selection,
        Stop::Lane(lane) => !lane.follower && selection.partition() == Some(&lane.at),
    }
}

fn enter(stop: Option<&Stop>, view: &FlowView, from: &Selection) -> Went {
    match stop {
        None => Went::Nowhere,
        Some(Stop::Node(node)) => Went::To(node.clone()),
        Some(Stop::Lane(lane)) => Went::To(lane_focus(lane, column(view, from))),
    }
}

/// The horizontal place of the focused cell, to stay in its column from lane to lane.
fn column(view: &FlowView, from: &Selection) -> Option<f64> {
    let Selection::Record(at, offset) = from else {
        return None;
    };
    let lane = view.lanes.iter().find(|lane| lane.at == *at)?;
    lane.cells
        .iter()
        .find(|cell| cell.offset == *offset)
        .map(|cell| cell.rect.x)
}

fn lane_focus(lane: &LaneView, column: Option<f64>) -> Selection {
    let nearest = |x: f64| {
        let distance = |cell: &super::view_lane::CellView| (cell.rect.x - x).abs();
        lane.cells
            .iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
    };
    match column.map_or_else(|| lane.cells.last(), nearest) {
        Some(cell) => Selection::Record(lane.at.clone(), cell.offset),
        None => Selection::Partition(lane.at.clone()),
    }
}

fn along(lane: &LaneView, from: &Selection, step: Move) -> Went {
    let Selection::Record(_, offset) = from else {
        return Went::Nowhere;
    };
    let at = |offset: i64| Selection::Record(lane.at.clone(), offset);
    let place = lane.cells.iter().position(|cell| cell.offset == *offset);
    let beside = |n: Option<usize>| n.and_then(|n| lane.cells.get(n)).map(|cell| cell.offset);
    let (inside, scroll) = match step {
        Move::Left => (
            beside(place.and_then(|n| n.checked_sub(1))),
            lane.older
                .as_ref()
                .map(|_| (offset.saturating_sub(1), Some(lane.to.saturating_sub(1)))),
        ),
        Move::Right => (
            beside(place.and_then(|n| n.checked_add(1))),
            lane.newer
                .as_ref()
                .map(|_| (offset.saturating_add(1), Some(lane.to.saturating_add(1)))),
        ),
        Move::Home => (
            lane.cells
                .first()
                .filter(|_| lane.older.is_none())
                .map(|cell| cell.offset),
            lane.older
                .as_ref()
                .map(|_| (lane.log_start, Some(lane.log_start))),
        ),
        _ => (
            lane.cells
                .last()
                .filter(|_| lane.newer.is_none())
                .map(|cell| cell.offset),
            lane.newer
                .as_ref()
                .map(|_| (lane.log_end.saturating_sub(1), None)),
        ),
    };
    match (inside, scroll) {
        (Some(offset), _) => Went::To(at(offset)),
        (None, Some((offset, edge))) => Went::Scroll {
            to: at(offset),
            edge,
        },
        (None, None) => Went::Nowhere,
    }
}
