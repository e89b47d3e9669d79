//! The drawing: its parts, its scrolling, its keys, its tooltip.

use std::rc::Rc;

use present::flow::focus::{first, is_in_sight};
use present::flow::input::Form;
use present::flow::view::FlowView;
use session::selection::Selection;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use super::dots::Dots;
use super::edges::Edges;
use super::intent::FlowIntent;
use super::keys::{Keys, use_focus};
use super::lane::Lane;
use super::nodes::{Column, Group, Invitation, Producer, producer_key};
use super::px;
use super::sight::{tips, use_size};
use super::stage::Describe;
use super::storage::{Fold, Frame, Head, Nothing};
use super::tip::{Tip, TipBox};

/// What the canvas shows.
#[derive(Clone, PartialEq, Properties)]
pub struct CanvasProps {
    /// The diagram.
    pub view: Rc<FlowView>,
    /// What is selected on the page.
    pub selection: Option<Selection>,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
    /// What a cell's tooltip says.
    pub describe: Option<Describe>,
}

/// The drawing in its scrolling box.
#[component]
pub fn Canvas(props: &CanvasProps) -> Html {
    let view = &props.view;
    let scroller = use_node_ref();
    let scroll = use_state(|| (0.0, 0.0));
    let size = use_state(|| (0.0, 0.0));
    let focus = use_state(|| None::<Selection>);
    let asked = use_mut_ref(|| false);
    let leap = use_mut_ref(|| false);
    let hot = use_state(|| None::<String>);
    let tip = use_state(|| None::<(Tip, (f64, f64))>);
    let stop = focus
        .as_ref()
        .filter(|focus| is_in_sight(view, focus))
        .cloned()
        .or_else(|| first(view, props.selection.as_ref()));

    use_size(scroller.clone(), size.clone(), props.on.clone());
    use_focus(
        scroller.clone(),
        (*focus).clone(),
        stop.clone(),
        asked.clone(),
    );

    let onscroll = scrolls(&scroll, &props.on);
    let onkeydown = Keys {
        view: view.clone(),
        stop: stop.clone(),
        focus: focus.clone(),
        asked,
        leap,
        on: props.on.clone(),
    }
    .callback();
    let onclick = props.on.reform(|_: MouseEvent| FlowIntent::Select(None));
    let (over, out) = tips(props.describe.clone(), &scroller, &tip);
    let hover = {
        let set = hot.setter();
        use_callback((), move |key: Option<String>, ()| set.set(key))
    };
    let shown = Shown {
        view: view.clone(),
        stop,
        on: props.on.clone(),
        hover,
        hot: (*hot).clone(),
    };
    let (w, h) = (view.size.0 * view.scale, view.size.1 * view.scale);
    html! {
        <div class="canvas-box">
            <div class="canvas" ref={scroller} {onscroll}>
                <svg class={classes!("flow", if view.form == Form::Phone { "phone" } else { "desk" })}
                    viewBox={format!("0 0 {} {}", px(view.size.0), px(view.size.1))} width={px(w)} height={px(h)}
                    role="group" aria-label={view.label.clone()} {onkeydown} {onclick} onpointerover={over} onpointerout={out}>
                    { drawing(&shown) }
                </svg>
            </div>
            <Dots dots={view.dots.clone()} dashes={view.dashes.clone()} scale={view.scale} scroll={*scroll} size={*size} />
            if let Some((top, part)) = view.minimap {
                <div class="minimap" aria-hidden="true">
                    <i style={format!("top:{:.1}%;height:{:.1}%", top * 100.0, part * 100.0)}></i>
                </div>
            }
            if let Some((tip, at)) = &*tip { <TipBox tip={tip.clone()} at={*at} /> }
        </div>
    }
}

struct Shown {
    view: Rc<FlowView>,
    stop: Option<Selection>,
    on: Callback<FlowIntent>,
    hover: Callback<Option<String>>,
    hot: Option<String>,
}

fn scrolls(scroll: &UseStateHandle<(f64, f64)>, on: &Callback<FlowIntent>) -> Callback<Event> {
    let (scroll, on) = (scroll.clone(), on.clone());
    Callback::from(move |event: Event| {
        let target = event.target();
        if let Some(area) = target.and_then(|target| target.dyn_into::<Element>().ok()) {
            let at = (f64::from(area.scroll_left()), f64::from(area.scroll_top()));
            scroll.set(at);
            on.emit(FlowIntent::Scroll(at.1));
        }
    })
}

/// The parts in the order in which they cover each other.
fn drawing(shown: &Shown) -> Html {
    let view = &*shown.view;
    let on = &shown.on;
    let at = |selection: &Selection| shown.stop.as_ref() == Some(selection);
    html! { <>
        <defs>
            <pattern id="hat" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0v4" class="hatl" /></pattern>
        </defs>
        if view.form == Form::Phone { <Edges view={view.edges.clone()} hot={None::<String>} /> }
        { view.frames.iter().map(|frame| html! { <Frame view={frame.clone()} {on} /> }).collect::<Html>() }
        <g role="list" aria-label="Partitions">
            { view.lanes.iter().map(|lane| {
                let focus = shown.stop.clone().filter(|stop| stop.partition() == Some(&lane.at) && !lane.follower);
                let key = format!("{} {:?}", lane.at, lane.broker);
                html! { <Lane {key} view={lane.clone()} {focus} {on} /> }
            }).collect::<Html>() }
        </g>
        { view.folds.iter().map(|fold| html! { <Fold view={fold.clone()} {on} /> }).collect::<Html>() }
        { view.heads.iter().map(|head| html! { <Head key={head.topic.clone()} view={head.clone()} {on} /> }).collect::<Html>() }
        { view.columns.iter().map(|column| html! { <Column view={column.clone()} {on} /> }).collect::<Html>() }
        { view.groups.iter().map(|group| {
            let focus = shown.stop.clone().filter(|stop| match stop {
                Selection::Group(name) => *name == group.group,
                Selection::Client(id) => group.members.iter().any(|member| member.client == Some(*id)),
                _ => false,
            });
            html! { <Group key={group.group.clone()} view={group.clone()} {focus} {on} hover={&shown.hover} /> }
        }).collect::<Html>() }
        { view.producers.iter().map(|producer| {
            let focused = matches!(&producer.target, present::flow::view::NodeTarget::Select(selection) if at(selection));
            html! { <Producer key={producer_key(producer)} view={producer.clone()} {focused} small={view.form == Form::Phone} {on} hover={&shown.hover} /> }
        }).collect::<Html>() }
        { view.invitations.iter().map(|invitation| html! { <Invitation view={invitation.clone()} {on} /> }).collect::<Html>() }
        if let Some(empty) = &view.empty { <Nothing view={empty.clone()} {on} /> }
        if view.form == Form::Desk { <Edges view={view.edges.clone()} hot={shown.hot.clone()} /> }
    </> }
}
