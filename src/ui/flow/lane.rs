//! One partition: rail, log, high watermark, and a row for each group.

use std::rc::Rc;

use engine::ids::TopicPartition;
use present::flow::view_lane::{BadgeView, CellStyle, CellView, LaneView, RowView, TornView};
use present::keys::slot_class;
use session::selection::Selection;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::intent::FlowIntent;
use super::px;
use crate::ui::glyph::glyph_path;

/// One lane.
#[derive(Clone, PartialEq, Properties)]
pub struct LaneProps {
    /// What to draw.
    pub view: Rc<LaneView>,
    /// What in this lane the keyboard stands on.
    pub focus: Option<Selection>,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
}

/// One lane.
#[component]
pub fn Lane(props: &LaneProps) -> Html {
    let view = &*props.view;
    let class = classes!(
        "lane",
        view.dim.then_some("dim"),
        view.follower.then_some("follower"),
        view.flash.then_some("flash"),
    );
    let onclick = clicks(view.at.clone(), (view.to, view.log_end), props.on.clone());
    let whole = matches!(props.focus, Some(Selection::Partition(_)));
    html! {
        <g {class} role="listitem" aria-label={view.label.clone()} tabindex={whole.then_some("0")}
            data-t={view.at.topic.clone()} data-p={view.at.partition.to_string()} {onclick}>
            if view.selected {
                { area("lane-sel", view) }
            } else {
                { area("lane-hit", view) }
            }
            if let Some(bar) = &view.bar {
                <rect class="bar-log" x={px(bar.log.x)} y={px(bar.log.y)} width={px(bar.log.w)} height={px(bar.log.h)} rx="2" />
                <rect class="bar-lag" x={px(bar.lag.x)} y={px(bar.lag.y)} width={px(bar.lag.w)} height={px(bar.lag.h)} rx="2" />
            } else {
                <text class="t-part" x={px(view.name_at.0)} y={px(view.name_at.1)}>{ &view.name }</text>
                { view.badges.iter().map(badge).collect::<Html>() }
                { of(view) }
                { rail(view) }
                { log(view, props.focus.as_ref()) }
                { view.rows.iter().map(row).collect::<Html>() }
            }
        </g>
    }
}

fn area(class: &'static str, view: &LaneView) -> Html {
    html! { <rect {class} x={px(view.rect.x)} y={px(view.rect.y)} width={px(view.rect.w)} height={px(view.rect.h)} /> }
}

/// One listener a lane: what was clicked says so in `data-` attributes.
fn clicks(
    at: TopicPartition,
    (to, log_end): (i64, i64),
    on: Callback<FlowIntent>,
) -> Callback<MouseEvent> {
    Callback::from(move |event: MouseEvent| {
        let Some(target) = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        else {
            return;
        };
        let hit = |selector: &str| target.closest(selector).ok().flatten();
        if let Some(offset) =
            hit("[data-o]").and_then(|cell| cell.get_attribute("data-o")?.parse().ok())
        {
            on.emit(FlowIntent::Select(Some(Selection::Record(
                at.clone(),
                offset,
            ))));
        } else if hit("[data-older]").is_some() {
            on.emit(FlowIntent::ScrollLane(
                at.clone(),
                Some(to.saturating_sub(PAGE)),
            ));
        } else if hit("[data-newer]").is_some() {
            on.emit(FlowIntent::ScrollLane(
                at.clone(),
                Some(to.saturating_add(PAGE)).filter(|edge| *edge < log_end),
            ));
        } else {
            on.emit(FlowIntent::Select(Some(Selection::Partition(at.clone()))));
        }
        event.stop_propagation();
    })
}

/// Offsets that a click on a torn edge scrolls by.
const PAGE: i64 = 8;

fn badge(view: &BadgeView) -> Html {
    html! {
        <g class={classes!("badge", view.class)} key={view.text.clone()}>
            <title>{ &view.title }</title>
            <rect x={px(view.x)} y={px(view.y)} width="15" height="14" rx="3" />
            <text x={px(view.x + 7.5)} y={px(view.y + 10.3)}>{ &view.text }</text>
        </g>
    }
}

fn of(view: &LaneView) -> Html {
    let Some((x, y, topic, role)) = &view.of else {
        return Html::default();
    };
    html! { <>
        <text class="t-grp" x={px(*x)} y={px(*y)}>{ &topic.text }</text>
        <text class="t-role" x={px(*x)} y={px(y + 11.5)}>{ *role }</text>
    </> }
}

fn rail(view: &LaneView) -> Html {
    let Some(rail) = &view.rail else {
        return Html::default();
    };
    let on = rail.on.map(|slot| classes!("on", slot_class(slot)));
    let broken = rail.broken.then_some("broken");
    html! { <>
        <path class={classes!("rail", on.clone(), broken)} d={rail.d.clone()} />
        if !rail.head.is_empty() { <path class={classes!("railhead", on)} d={rail.head.clone()} /> }
        if let Some((x, y)) = view.leaderless { <text class="t-noleader" x={px(x)} y={px(y)}>{ "no leader" }</text> }
    </> }
}

fn log(view: &LaneView, focus: Option<&Selection>) -> Html {
    let focused = focus.and_then(|focus| {
        if let Selection::Record(_, offset) = focus {
            Some(*offset)
        } else {
            None
        }
    });
    html! { <>
        if let Some(older) = &view.older { { torn(older, "older") } }
        { view.cells.iter().map(|shown| cell(shown, view.cell_style, focused == Some(shown.offset))).collect::<Html>() }
        if let Some(newer) = &view.newer { { torn(newer, "newer") } }
        if let Some(slot) = &view.slot {
            <g class="slot">
                <rect x={px(slot.rect.x)} y={px(slot.rect.y)} width={px(slot.rect.w)} height={px(slot.rect.h)} rx="2" />
                if !slot.text.is_empty() {
                    <text x={px(slot.rect.x + slot.rect.w / 2.0)} y={px(slot.rect.y + 16.0)}>{ &slot.text }</text>
                }
            </g>
        }
        if let Some((x, y, text)) = view.remark { <text class="t-remark" x={px(x)} y={px(y)}>{ text }</text> }
        if let Some(ring) = view.ring {
            <rect class="selring" x={px(ring.x)} y={px(ring.y)} width={px(ring.w)} height={px(ring.h)} rx="3.5" />
        }
        if let Some(hw) = &view.hw {
            <path class="hw" d={format!("M{} {}V{}", px(hw.x), px(hw.y1), px(hw.y2))} />
            if let Some((x, y, text)) = &hw.text { <text class="t-hw" x={px(*x)} y={px(*y)}>{ text }</text> }
        }
    </> }
}

fn torn(view: &TornView, side: &'static str) -> Html {
    html! {
        <g class="torn" role="button" aria-label={view.label.clone()} key={side} data-older={(side == "older").then_some("")} data-newer={(side == "newer").then_some("")}>
            <path class="older" d={view.d.clone()} />
            <text class="t-older" x={px(view.text.0)} y={px(view.text.1)}>{ "…" }</text>
        </g>
    }
}

fn cell(view: &CellView, style: CellStyle, focused: bool) -> Html {
    let class = classes!(
        "cell",
        view.key.class(),
        view.selected.then_some("sel"),
        view.unreplicated.then_some("un"),
        view.dim.then_some("dim"),
    );
    // A cell is drawn about its own corner and moved into place, so that a strip can slide.
    let place = format!(
        "transform:translate({}px,{}px)",
        px(view.rect.x),
        px(view.rect.y)
    );
    let (w, h) = (view.rect.w, view.rect.h);
    html! {
        <g {class} style={place} role="button" tabindex={if focused { "0" } else { "-1" }} aria-label={view.label.clone()}
            aria-pressed={view.selected.then_some("true")} data-o={view.offset.to_string()} key={view.offset.to_string()}>
            <rect class="c" width={px(w)} height={px(h)} rx="2" />
            if view.unreplicated { <rect class="hatch" x="0.5" y="0.5" width={px(w - 1.0)} height={px(h - 1.0)} rx="2" /> }
            { face(view, style) }
        </g>
    }
}

fn face(view: &CellView, style: CellStyle) -> Html {
    let (slot, middle) = (view.key.slot, view.rect.w / 2.0);
    match (style, &view.wide) {
        (CellStyle::Small, _) => glyph_path(slot, middle, view.rect.h / 2.0, 2.6),
        (CellStyle::Wide, Some((key, value))) => html! { <>
            <text class="wide" x="5" y="10.5"><tspan class="o">{ view.offset }</tspan>{ format!(" {}", key.text) }</text>
            <text class="wide v" x="5" y="21.5">{ &value.text }</text>
            { glyph_path(slot, view.rect.w - 8.0, 8.0, 2.9) }
        </> },
        _ => html! { <>
            <text x={px(middle)} y="11.5">{ view.offset }</text>
            { glyph_path(slot, middle, 19.0, 2.9) }
        </> },
    }
}

fn row(view: &RowView) -> Html {
    let y = view.y;
    let on = view.on.map(|slot| classes!("on", slot_class(slot)));
    let caret = |x: f64| format!("M{} {}l3.9 6.6h-7.8z", px(x), px(y - 1.4));
    let span = |class: &'static str, (x, w): (f64, f64)| {
        html! { <rect {class} x={px(x)} y={px(y - 2.5)} width={px(w)} height="5" /> }
    };
    html! {
        <g class="grow" role="group" aria-label={view.label.clone()} key={view.group.clone()}>
            <text class="t-grp" x={px(view.name_x)} y={px(y + 3.6)}>
                { &view.name.text }
                if let Some(full) = &view.name.full { <title>{ full }</title> }
            </text>
            <text class={classes!("t-lag", view.zero.then_some("z"))} x={px(view.lag_x)} y={px(y + 3.6)}>{ &view.lag }</text>
            <path class="gbase" d={format!("M{} {}H{}", px(view.base.0), px(y), px(view.base.1))} />
            if let Some(read) = view.read { { span("lagread", read) } }
            if let Some(unread) = view.unread { { span("lagun", unread) } }
            if let Some((from, to)) = view.rail { <path class={classes!("rrail", on)} d={format!("M{} {}H{}", px(from), px(y), px(to))} /> }
            if let Some(x) = view.caret { <path class="caret" d={caret(x)} /> }
            if let Some(flag) = view.flag {
                <path class="flag" d={format!("M{} {}V{}l-6.4 2.9 6.4 2.9", px(flag.x), px(if flag.on_caret { y - 1.4 } else { y + 5.2 }), px(y - 6.8))} />
            }
        </g>
    }
}
