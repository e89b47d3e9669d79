//! What stands beside the storage: producers, groups with their members, invitations.

use std::rc::Rc;

use present::flow::view::{
    Adds, ColumnView, GroupView, InvitationView, MemberView, NodeTarget, ProducerView,
    ProgressView, node_key,
};
use present::keys::slot_class;
use session::selection::Selection;
use yew::prelude::*;

use super::intent::FlowIntent;
use super::px;
use super::storage::svg_button;

/// A column's title.
#[derive(Clone, PartialEq, Properties)]
pub struct ColumnProps {
    /// What to draw.
    pub view: ColumnView,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
}

/// A column's title, and the button that adds to it.
#[component]
pub fn Column(props: &ColumnProps) -> Html {
    let view = &props.view;
    let (label, intent) = match view.adds {
        Adds::Producer => ("Add producer", FlowIntent::AddProducer),
        Adds::Group => ("Add consumer group", FlowIntent::AddGroup(None)),
    };
    let top = view.y - 14.0;
    let press = props.on.reform(move |()| intent.clone());
    let onclick = press.reform(|event: MouseEvent| event.stop_propagation());
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            event.stop_propagation();
            press.emit(());
        }
    });
    html! { <>
        <text class="t-col" x={px(view.x)} y={px(view.y)}>{ view.title }</text>
        <g class="addb" role="button" tabindex="0" aria-label={label} {onclick} {onkeydown}>
            <title>{ label }</title>
            <rect x={px(view.add_x)} y={px(top)} width="20" height="20" rx="4" />
            <path d={format!("M{} {}v9M{} {}h9", px(view.add_x + 10.0), px(top + 5.5), px(view.add_x + 5.5), px(top + 10.0))} />
        </g>
    </> }
}

/// A producer's node.
#[derive(Clone, PartialEq, Properties)]
pub struct ProducerProps {
    /// What to draw.
    pub view: Rc<ProducerView>,
    /// Whether the keyboard stands on it.
    pub focused: bool,
    /// Whether the node stands alone in a phone's row.
    pub small: bool,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
    /// The node the pointer is over.
    pub hover: Callback<Option<String>>,
}

/// A name for a producer's node that is the same in every frame.
pub fn producer_key(view: &ProducerView) -> String {
    match &view.target {
        NodeTarget::Select(selection) => node_key(selection),
        NodeTarget::Expand(prefix) => format!("x {prefix}"),
    }
}

/// A producer, or several of one prefix.
#[component]
pub fn Producer(props: &ProducerProps) -> Html {
    let view = &*props.view;
    let r = view.rect;
    let intent = match &view.target {
        NodeTarget::Select(selection) => FlowIntent::Select(Some(selection.clone())),
        NodeTarget::Expand(prefix) => FlowIntent::Expand(prefix.clone()),
    };
    let (over, out) = hovers(&props.hover, producer_key(view));
    let class = classes!(
        "node",
        path_class(view.on),
        view.picked.then_some("picked"),
        view.paused.then_some("paused"),
        view.dim.then_some("dim"),
        view.flash.then_some("flash"),
        view.error.as_ref().map(|_| "bad"),
    );
    let (name_x, anchor) = if props.small {
        (r.x + r.w / 2.0, Some("middle"))
    } else {
        (r.x + 9.5, None)
    };
    html! {
        <g {class} role="button" tabindex={tab(props.focused)} aria-label={view.label.clone()}
            onclick={clicks(&props.on, intent)} onpointerenter={over} onpointerleave={out}>
            <rect x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} rx="6" />
            <text class="t-node" x={px(name_x)} y={px(r.y + 19.5)} text-anchor={anchor}>
                { &view.name.text }
                if let Some(full) = &view.name.full { <title>{ full }</title> }
            </text>
            if let Some(sub) = &view.sub {
                <text class="t-sub" x={px(r.x + 9.5)} y={px(r.y + 35.5)}>
                    { &sub.text }
                    if let Some(full) = &sub.full { <title>{ full }</title> }
                </text>
            }
            if !view.spark.is_empty() { <path class="spk" d={spark(&view.spark)} /> }
        </g>
    }
}

fn spark(bars: &[(f64, f64, f64)]) -> String {
    bars.iter()
        .map(|(x, y, h)| format!("M{} {}h3.6v{}h-3.6z", px(*x), px(*y), px(*h)))
        .collect()
}

/// A group's frame.
#[derive(Clone, PartialEq, Properties)]
pub struct GroupProps {
    /// What to draw.
    pub view: Rc<GroupView>,
    /// What in it the keyboard stands on.
    pub focus: Option<Selection>,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
    /// The node the pointer is over.
    pub hover: Callback<Option<String>>,
}

/// A consumer group: a frame about its members, or on the phone one node.
#[component]
pub fn Group(props: &GroupProps) -> Html {
    let view = &*props.view;
    let r = view.rect;
    let selection = Selection::Group(view.group.clone());
    let focused = props.focus.as_ref() == Some(&selection);
    let node = view.sub.is_some();
    let onclick = clicks(&props.on, FlowIntent::Select(Some(selection)));
    let frame = classes!(
        if node { "gnode" } else { "gframe" },
        path_class(view.on),
        view.picked.then_some("picked"),
    );
    html! {
        <g class={classes!("group", view.dim.then_some("dim"), tone(view))} role="group" aria-label={view.label.clone()}>
            <g role="button" class="gtitle" tabindex={tab(focused)} aria-label={view.label.clone()} {onclick}>
                <rect class={frame} x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} rx={if node { "6" } else { "8" }} />
                <text class="t-gname" x={px(r.x + 9.5)} y={px(r.y + if node { 17.5 } else { 19.5 })}>
                    { &view.name.text }
                    if let Some(full) = &view.name.full { <title>{ full }</title> }
                </text>
                if let Some(sub) = &view.sub {
                    <text class="t-sub" x={px(r.x + 9.5)} y={px(r.y + 33.5)}>{ &sub.text }</text>
                } else {
                    <text class="t-state" x={px(r.x + r.w - 9.5)} y={px(r.y + 19.5)}>{ &view.state }</text>
                }
            </g>
            { view.members.iter().map(|shown| member(props, shown)).collect::<Html>() }
            { more(props) }
            if let Some(shown) = &view.progress { { progress(shown) } }
        </g>
    }
}

fn tone(view: &GroupView) -> Option<&'static str> {
    match view.tone {
        "err" => Some("bad"),
        "dim" => Some("joining"),
        _ => None,
    }
}

fn member(props: &GroupProps, view: &MemberView) -> Html {
    let r = view.rect;
    let selection = view.client.map(Selection::Client);
    let focused = selection.is_some() && props.focus == selection;
    let chosen = selection.unwrap_or_else(|| Selection::Group(props.view.group.clone()));
    let (over, out) = hovers(&props.hover, format!("m {} {}", props.view.group, view.id));
    let class = classes!(
        "node",
        "mem",
        path_class(view.on),
        view.picked.then_some("picked"),
        view.flash.then_some("flash"),
        view.error.then_some("bad"),
    );
    html! {
        <g {class} role="button" tabindex={tab(focused)} aria-label={view.label.clone()} key={view.id.clone()}
            onclick={clicks(&props.on, FlowIntent::Select(Some(chosen)))} onpointerenter={over} onpointerleave={out}>
            <rect x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} rx="5" />
            <text class="t-node" x={px(r.x + 7.5)} y={px(r.y + 16.0)}>
                { &view.name.text }
                if let Some(full) = &view.name.full { <title>{ full }</title> }
            </text>
            { view.chips.iter().map(|chip| html! {
                <g class="pchip" key={chip.text.clone()}>
                    <rect x={px(chip.x)} y={px(r.y + 22.0)} width={px(chip.w)} height="12" rx="3" />
                    <text x={px(chip.x - 0.5 + (chip.w + 1.0) / 2.0)} y={px(r.y + 31.1)}>{ &chip.text }</text>
                </g>
            }).collect::<Html>() }
            if let Some(note) = &view.note { <text class="t-sub r" x={px(r.x + r.w - 7.5)} y={px(r.y + 31.5)}>{ note }</text> }
        </g>
    }
}

fn more(props: &GroupProps) -> Html {
    let Some((y, text)) = &props.view.more else {
        return Html::default();
    };
    let onclick = clicks(&props.on, FlowIntent::Expand(props.view.group.clone()));
    html! { <text class="t-sub more" role="button" x={px(props.view.rect.x + 13.5)} y={px(*y)} {onclick}>{ text }</text> }
}

fn progress(view: &ProgressView) -> Html {
    let bar = view.bar;
    html! { <>
        <rect class="pbar" x={px(bar.x)} y={px(bar.y)} width={px(bar.w)} height={px(bar.h)} rx="2" />
        <rect class="pfill" x={px(bar.x)} y={px(bar.y)} width={px(view.filled)} height={px(bar.h)} rx="2" />
        <text class="t-sub" x={px(bar.x)} y={px(view.text_y)}>{ &view.text }</text>
        <text class="t-sub r" x={px(bar.x + bar.w)} y={px(view.text_y)}>{ &view.lag }</text>
    </> }
}

/// A topic nobody reads.
#[derive(Clone, PartialEq, Properties)]
pub struct InvitationProps {
    /// What to draw.
    pub view: InvitationView,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
}

/// A topic nobody reads: an invitation, not an error.
#[component]
pub fn Invitation(props: &InvitationProps) -> Html {
    let view = &props.view;
    let r = view.rect;
    let topic = view.topic.clone();
    html! {
        <g class={classes!("empty", view.dim.then_some("dim"))} role="group" aria-label={format!("No group reads {}", view.topic)}>
            <rect x={px(r.x)} y={px(r.y)} width={px(r.w)} height={px(r.h)} rx="8" />
            <text x={px(r.x + 11.5)} y={px(r.y + 21.5)}>{ "No group reads" }</text>
            <text class="m" x={px(r.x + 11.5)} y={px(r.y + 37.5)}>
                { &view.name.text }
                if let Some(full) = &view.name.full { <title>{ full }</title> }
            </text>
            { svg_button("Add group", r.x + 12.0, r.y + 58.0, 82.0, props.on.reform(move |()| FlowIntent::AddGroup(Some(topic.clone())))) }
        </g>
    }
}

fn path_class(on: Option<u8>) -> Option<Classes> {
    on.map(|slot| classes!("sel", slot_class(slot)))
}

fn tab(focused: bool) -> &'static str {
    if focused { "0" } else { "-1" }
}

fn clicks(on: &Callback<FlowIntent>, intent: FlowIntent) -> Callback<MouseEvent> {
    on.reform(move |event: MouseEvent| {
        event.stop_propagation();
        intent.clone()
    })
}

fn hovers(
    hover: &Callback<Option<String>>,
    key: String,
) -> (Callback<PointerEvent>, Callback<PointerEvent>) {
    (
        hover.reform(move |_| Some(key.clone())),
        hover.reform(|_| None),
    )
}
