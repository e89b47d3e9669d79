//! Bars, scale and marks: what stays as it is drawn while time goes on.

use present::timeline::bars::Bar;
use present::timeline::marks::{MarkIcon, MarkView, Outage};
use present::timeline::span::Tick;
use session::msg::Msg;
use yew::prelude::*;

use crate::ui::glyph::glyph_path;

/// The line that the bars stand on, from above, in CSS pixels.
const BASE: f64 = 32.0;

/// What the film needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct FilmProps {
    /// Records produced.
    pub bars: Vec<Bar>,
    /// The scale.
    pub ticks: Vec<Tick>,
    /// Times without a cluster.
    pub outages: Vec<Outage>,
}

/// Bars and scale.
#[component]
pub fn Film(props: &FilmProps) -> Html {
    html! {
        <svg class="film" width="100%" height="48" aria-hidden="true">
            { for props.outages.iter().map(outage) }
            { for props.bars.iter().map(bar) }
            { for props.ticks.iter().map(tick) }
        </svg>
    }
}

/// What the marks need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct MarksProps {
    /// What happened.
    pub marks: Vec<MarkView>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The marks; those that are about something select it.
#[component]
pub fn Marks(props: &MarksProps) -> Html {
    html! { <>{ for props.marks.iter().map(|mark| one_mark(mark, &props.act)) }</> }
}

fn bar(bar: &Bar) -> Html {
    let top = BASE - bar.height;
    html! { <rect key={bar.from} class="bar" x={per_cent(bar.x)} y={px(top)} width={per_cent(bar.width)} height={px(bar.height)} /> }
}

fn outage(outage: &Outage) -> Html {
    html! { <rect class="outage" x={per_cent(outage.x)} y="16" width={per_cent(outage.width)} height="16" /> }
}

fn tick(tick: &Tick) -> Html {
    let x = per_cent(tick.x);
    let end = if tick.label.is_some() { "37" } else { "35" };
    html! { <>
        <line class="tick" x1={x.clone()} x2={x.clone()} y1="32" y2={end} />
        if let Some(label) = &tick.label { <text class={classes!("tick-label", (!tick.sparse).then_some("between"))} {x} y="45" text-anchor="middle">{ label }</text> }
    </> }
}

fn one_mark(mark: &MarkView, act: &Callback<Msg>) -> Html {
    let (kind, drawn) = match &mark.icon {
        MarkIcon::Rebalance => (
            "rebalance",
            html! { <path class="mark-diamond" d="M6 1.5 10.5 6 6 10.5 1.5 6z" /> },
        ),
        MarkIcon::Started => (
            "started",
            html! { <circle class="mark-ring" cx="6" cy="6" r="3.6" /> },
        ),
        MarkIcon::Stopped => (
            "stopped",
            html! { <path class="mark-cross" d="m2.5 2.5 7 7m0-7-7 7" /> },
        ),
        MarkIcon::Record(key) => ("record", glyph_path(key.slot, 6.0, 6.0, 3.8)),
    };
    let key_class = match &mark.icon {
        MarkIcon::Record(key) => Some(key.class()),
        _ => None,
    };
    let inside = html! { <>
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{ drawn }</svg>
        if let Some(label) = mark.label { <span>{ label }</span> }
    </> };
    let class = classes!("time-mark", kind, key_class);
    let style = format!("left:{}", per_cent(mark.x));
    let title = format!("{} · {}", mark.time, mark.title);
    match mark.selects.clone() {
        Some(thing) => {
            let select = act.reform(move |_: MouseEvent| Msg::Selected(Some(thing.clone())));
            html! { <button {class} {style} title={title.clone()} aria-label={title} tabindex="-1" onclick={select}>{ inside }</button> }
        }
        None => html! { <span {class} {style} {title}>{ inside }</span> },
    }
}

/// A part of the width, as a style or an attribute says it.
pub fn per_cent(value: f64) -> String {
    format!("{}%", (value * 1000.0).round() / 1000.0)
}

fn px(value: f64) -> String {
    ((value * 10.0).round() / 10.0).to_string()
}
