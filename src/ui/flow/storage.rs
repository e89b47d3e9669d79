//! The storage: frames with their brokers, headers of topics, folds.

use std::rc::Rc;

use present::flow::view::{
    BrokerView, EmptyAction, EmptyView, FoldView, FrameView, HeadKey, HeadView,
};
use session::selection::Selection;
use yew::prelude::*;

use super::intent::FlowIntent;
use super::px;
use crate::ui::glyph::glyph_path;

/// A frame.
#[derive(Clone, PartialEq, Properties)]
pub struct FrameProps {
    /// What to draw.
    pub view: Rc<FrameView>,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
}

/// A frame of the storage, with the brokers in its header.
#[component]
pub fn Frame(props: &FrameProps) -> Html {
    let view = &*props.view;
    let r = view.rect;
    html! { <>
        <rect class="frame" x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} rx="8" />
        if let Some(title) = &view.title { <text class="t-frame" x={px(r.x + 9.5)} y={px(view.title_y)}>{ title }</text> }
        { view.brokers.iter().map(|broker| broker_chip(broker, &props.on)).collect::<Html>() }
        if let Some(note) = &view.note {
            <text class="t-note" x={px(r.x + r.w - 10.5)} y={px(view.title_y - 1.0)} text-anchor="end">{ note }</text>
        }
    </> }
}

fn broker_chip(view: &BrokerView, on: &Callback<FlowIntent>) -> Html {
    let onclick = view.id.map(|id| {
        on.reform(move |event: MouseEvent| {
            event.stop_propagation();
            FlowIntent::Select(Some(Selection::Broker(id)))
        })
    });
    let text_x = if view.id.is_some() {
        view.x + 16.5
    } else {
        view.x + 8.5
    };
    html! {
        <g class={classes!("bk", view.tone)} role="img" aria-label={view.label.clone()} key={view.name.clone()} {onclick}>
            <rect x={px(view.x)} y={px(view.y)} width={px(view.w)} height="19" rx="4" />
            if view.id.is_some() { <circle cx={px(view.x + 8.5)} cy={px(view.y + 9.5)} r="3" /> }
            <text x={px(text_x)} y={px(view.y + 13.1)}>
                { &view.name }
                if let Some(note) = view.note { <tspan class="s" dx="4">{ note }</tspan> }
            </text>
        </g>
    }
}

/// A topic's header.
#[derive(Clone, PartialEq, Properties)]
pub struct HeadProps {
    /// What to draw.
    pub view: Rc<HeadView>,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
}

/// A topic's header: its name and the keys met in it.
#[component]
pub fn Head(props: &HeadProps) -> Html {
    let view = &*props.view;
    let r = view.rect;
    let folded = view.folded == Some(true);
    let topic = view.topic.clone();
    let turns = view.folded.is_some();
    let onclick = props.on.reform(move |event: MouseEvent| {
        event.stop_propagation();
        if turns {
            FlowIntent::ToggleTopic(topic.clone())
        } else {
            FlowIntent::Select(Some(Selection::Topic(topic.clone())))
        }
    });
    let (x, right) = (
        r.x - 0.5,
        r.x + r.w + if view.folded.is_some() { 0.5 } else { -0.5 },
    );
    html! {
        <g class={classes!("head", view.dim.then_some("dim"))} role="button" aria-label={format!("Topic {}", view.topic)}
            aria-expanded={view.folded.map(|folded| (!folded).to_string())} {onclick}>
            { ground(view) }
            <path class="hair" d={hair(view, x, right)} />
            <text class="t-topic" x={px(x + 10.0)} y={px(r.y + if folded { 19.0 } else { 18.3 })}>
                { &view.name.text }
                if let Some(full) = &view.name.full { <title>{ full }</title> }
            </text>
            { view.keys.iter().map(|shown| key(shown, r.y)).collect::<Html>() }
            if let Some(note) = &view.note { <text class="t-sub r" x={px(right - 26.0)} y={px(r.y + 19.0)}>{ note }</text> }
            if folded { <path class="chv" d={format!("M{} {}l4 4 4-4", px(right - 17.0), px(r.y + 13.0))} /> }
        </g>
    }
}

fn ground(view: &HeadView) -> Html {
    let r = view.rect;
    if view.folded == Some(true) {
        return html! { <rect class="lane-hit" x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} /> };
    }
    if view.round {
        let d = format!(
            "M{} {}v-20q0-8 8-8h{}q8 0 8 8v20z",
            px(r.x + 0.5),
            px(r.y + r.h),
            px(r.w - 17.0)
        );
        return html! { <path class="thead" {d} /> };
    }
    html! { <rect class="thead" x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} /> }
}

fn hair(view: &HeadView, x: f64, right: f64) -> String {
    let r = view.rect;
    let (top, bottom) = (r.y, r.y + r.h);
    match (view.folded == Some(true), view.round) {
        (true, _) => format!("M{} {}H{}", px(x), px(top), px(right)),
        (_, true) => format!("M{} {}H{}", px(x), px(bottom), px(right)),
        _ => format!(
            "M{} {}H{}M{} {}H{}",
            px(x),
            px(top),
            px(right),
            px(x),
            px(bottom),
            px(right)
        ),
    }
}

fn key(view: &HeadKey, y: f64) -> Html {
    html! { <>
        <text class="t-key" x={px(view.text_x)} y={px(y + 18.0)}>
            { &view.text.text }
            if let Some(full) = &view.text.full { <title>{ full }</title> }
        </text>
        { glyph_path(view.mark.slot, view.x, y + 14.4, 3.1) }
    </> }
}

/// A folded run of lanes.
#[derive(Clone, PartialEq, Properties)]
pub struct FoldProps {
    /// What to draw.
    pub view: Rc<FoldView>,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
}

/// A folded run of lanes; a click opens it.
#[component]
pub fn Fold(props: &FoldProps) -> Html {
    let view = &*props.view;
    let r = view.rect;
    let topic = view
        .lanes
        .first()
        .map(|at| at.topic.clone())
        .unwrap_or_default();
    let onclick = props.on.reform(move |event: MouseEvent| {
        event.stop_propagation();
        FlowIntent::ToggleTopic(topic.clone())
    });
    html! {
        <g class={classes!("fold", view.dim.then_some("dim"))} role="button" aria-expanded="false" aria-label={view.text.text.clone()} {onclick}>
            <rect class="lane-hit" x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} />
            <text class="t-sub" x={px(r.x + 10.0)} y={px(r.y + 18.0)}>{ &view.text.text }</text>
            <path class="chv" d={format!("M{} {}l4 4 4-4", px(r.x + r.w - 18.0), px(r.y + 12.0))} />
        </g>
    }
}

/// What is said when there is nothing to show.
#[derive(Clone, PartialEq, Properties)]
pub struct NothingProps {
    /// What to say.
    pub view: EmptyView,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
}

/// What is said when there is nothing to show, and the button that changes it.
#[component]
pub fn Nothing(props: &NothingProps) -> Html {
    let view = &props.view;
    let (x, y) = (view.rect.x + view.rect.w / 2.0, view.rect.y);
    html! {
        <g class="empty">
            <rect x={px(view.rect.x)} y={px(y)} width={px(view.rect.w)} height={px(view.rect.h)} rx="8" />
            <text class="b" x={px(x)} y={px(y + 40.0)} text-anchor="middle">{ view.title }</text>
            <text x={px(x)} y={px(y + 60.0)} text-anchor="middle">{ view.text }</text>
            if let Some(action) = view.action {
                { action_button(action, x, y + 78.0, &props.on) }
            }
        </g>
    }
}

fn action_button(action: EmptyAction, x: f64, y: f64, on: &Callback<FlowIntent>) -> Html {
    let (name, intent) = match action {
        EmptyAction::StartCluster => ("Start a cluster", FlowIntent::StartCluster),
        EmptyAction::CreateTopic => ("Create topic", FlowIntent::CreateTopic),
    };
    svg_button(
        name,
        x - 55.0,
        y,
        110.0,
        on.reform(move |()| intent.clone()),
    )
}

/// A button inside the drawing.
pub fn svg_button(name: &'static str, x: f64, y: f64, w: f64, press: Callback<()>) -> Html {
    let onclick = press.reform(|event: MouseEvent| event.stop_propagation());
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            event.stop_propagation();
            press.emit(());
        }
    });
    html! {
        <g class="btn" role="button" tabindex="0" {onclick} {onkeydown}>
            <rect x={px(x)} y={px(y)} width={px(w)} height="25" rx="5" />
            <text x={px(x + w / 2.0)} y={px(y + 16.5)}>{ name }</text>
        </g>
    }
}
