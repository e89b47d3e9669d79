//! Whatever the scene, the diagram has places for it: finite, inside the drawing, without a panic.

use engine::time::SimTime;
use present::flow::input::{Arrangement, FlowInput, Form};
use present::flow::layout::layout;
use present::flow::measure::fixed;
use present::flow::view::{FlowView, Rect};
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use session::selection::Selection;

use crate::scene::{Records, busy, design, tp};

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1e9..1e9f64,
        0.0..4000.0f64,
        Just(0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(f64::MAX),
    ]
}

fn offset() -> impl Strategy<Value = i64> {
    prop_oneof![0..400i64, any::<i64>(), Just(i64::MAX), Just(i64::MIN)]
}

#[derive(Debug, Clone)]
struct Odd {
    busy: bool,
    phone: bool,
    brokers: bool,
    viewport: (f64, f64),
    zoom: f64,
    scroll: f64,
    now: u64,
    name: String,
    offsets: [i64; 6],
    rate: f64,
    replicas: usize,
}

fn odd() -> impl Strategy<Value = Odd> {
    let looks = (
        any::<[bool; 3]>(),
        (number(), number()),
        number(),
        number(),
        any::<u64>(),
    );
    let facts = (
        any::<String>(),
        [offset(), offset(), offset(), offset(), offset(), offset()],
        number(),
        0..12usize,
    );
    (looks, facts).prop_map(
        |((flags, viewport, zoom, scroll, now), (name, offsets, rate, replicas))| Odd {
            busy: flags[0],
            phone: flags[1],
            brokers: flags[2],
            viewport,
            zoom,
            scroll,
            now,
            name,
            offsets,
            rate,
            replicas,
        },
    )
}

fn scene_of(odd: &Odd) -> (FlowInput, Records) {
    let (mut input, records) = if odd.busy { busy() } else { design() };
    let [start, hw, end, committed, position, edge] = odd.offsets;
    input.now = SimTime(odd.now);
    let settings = &mut input.settings;
    settings.viewport = odd.viewport;
    settings.zoom = odd.zoom;
    settings.scroll = odd.scroll;
    settings.form = if odd.phone { Form::Phone } else { Form::Desk };
    settings.arrangement = if odd.brokers {
        Arrangement::Brokers
    } else {
        Arrangement::Topics
    };
    settings.filter = odd.name.clone();
    let topic = input.topics[0].name.clone();
    settings.scrolled.insert(tp(&topic, 0), edge);
    settings.selection = Some(Selection::Record(tp(&topic, 0), committed));
    let partition = &mut input.topics[0].partitions[0];
    (
        partition.log_start,
        partition.high_watermark,
        partition.log_end,
    ) = (start, hw, end);
    let replica = partition.replicas[0].clone();
    partition.replicas = vec![replica; odd.replicas];
    partition.id = end as i32;
    partition.rate = odd.rate;
    input.topics[0].rate = odd.rate;
    input.producers[0].rate = Some(odd.rate);
    input.producers[0].history = vec![odd.rate; 30];
    input.producers[0].client_id.clone_from(&odd.name);
    input.groups[0].name.clone_from(&odd.name);
    let at = tp(&topic, input.topics[0].partitions[0].id);
    input.groups[0].committed.insert(at.clone(), committed);
    input.groups[0].members[0].assigned[0].position = Some(position);
    input.groups[0].members[0].assigned[0].at = at;
    (input, records)
}

fn check(view: &FlowView) {
    let (w, h) = view.size;
    assert!(
        w.is_finite() && h.is_finite() && w < 1e6 && h < 1e6,
        "{:?}",
        view.size
    );
    let inside = |what: &str, rect: Rect| {
        let finite = [rect.x, rect.y, rect.w, rect.h]
            .iter()
            .all(|value| value.is_finite());
        let within =
            rect.x >= -1.0 && rect.y >= -1.0 && rect.right() <= w + 1.0 && rect.bottom() <= h + 1.0;
        assert!(
            finite && within && rect.w >= 0.0 && rect.h >= 0.0,
            "{what} {rect:?} in {w} × {h}"
        );
    };
    for frame in &view.frames {
        inside("frame", frame.rect);
    }
    for lane in &view.lanes {
        inside("lane", lane.rect);
        let mut last = f64::MIN;
        for cell in &lane.cells {
            inside("cell", cell.rect);
            assert!(cell.rect.x > last, "cells overlap");
            last = cell.rect.x;
        }
        for row in &lane.rows {
            let marks = [Some(row.base.0), row.caret, row.flag.map(|flag| flag.x)];
            for mark in marks.into_iter().flatten() {
                assert!(
                    mark.is_finite() && mark >= lane.rect.x && mark <= lane.rect.right(),
                    "{row:?}"
                );
            }
        }
    }
    for node in &view.producers {
        inside("producer", node.rect);
    }
    for group in &view.groups {
        inside("group", group.rect);
        for member in &group.members {
            inside("member", member.rect);
        }
    }
    for edge in &view.edges.edges {
        assert!(
            !edge.d.contains("NaN") && !edge.d.contains("inf"),
            "{}",
            edge.d
        );
    }
    for dot in &view.dots {
        assert!(dot.x.is_finite() && dot.y.is_finite(), "{dot:?}");
    }
}

proptest! {
    #[test]
    fn any_scene_lays_out_inside_its_drawing(odd in odd()) {
        let (input, mut records) = scene_of(&odd);
        check(&layout(&input, &mut records, &fixed));
    }
}
