//! A divider between two panels, to drag.

use session::layout::{Edge, Layout};
use session::msg::{Look, Msg};
use web_sys::Element;
use yew::prelude::*;

/// An arrow key moves a divider by so many CSS pixels.
const KEY_STEP: u16 = 16;

/// What a divider needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DividerProps {
    /// Between which panels.
    pub edge: Edge,
    /// The panel's size in CSS pixels.
    pub size: u16,
    /// What was done.
    pub act: Callback<Msg>,
}

/// A divider: dragging and arrow keys move it, a double click puts it back.
#[component]
pub fn Divider(props: &DividerProps) -> Html {
    let edge = props.edge;
    let resize = props
        .act
        .reform(move |size| Msg::Look(Look::Resized(edge, size)));
    // Where the pointer went down, and the size then.
    let grabbed = use_mut_ref(|| None::<(i32, u16)>);
    let size = props.size;
    let onpointerdown = {
        let grabbed = grabbed.clone();
        Callback::from(move |event: PointerEvent| {
            *grabbed.borrow_mut() = Some((place(edge, &event), size));
            let _ = event
                .target_unchecked_into::<Element>()
                .set_pointer_capture(event.pointer_id());
            event.prevent_default();
        })
    };
    let onpointermove = {
        let (grabbed, resize) = (grabbed.clone(), resize.clone());
        Callback::from(move |event: PointerEvent| {
            if let Some((from, before)) = *grabbed.borrow() {
                resize.emit(Some(dragged(
                    edge,
                    before,
                    place(edge, &event).saturating_sub(from),
                )));
            }
        })
    };
    let drop = Callback::from(move |_: PointerEvent| *grabbed.borrow_mut() = None);
    let ondblclick = resize.reform(|_: MouseEvent| None);
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if let Some(by) = key_step(edge, &event.key()) {
            event.prevent_default();
            resize.emit(Some(dragged(edge, size, by)));
        }
    });
    let (least, most) = edge.bounds();
    let (class, name, orientation) = match edge {
        Edge::Left => ("left-edge", "Width of the walkthrough", "vertical"),
        Edge::Right => ("right-edge", "Width of the inspector", "vertical"),
        Edge::Dock => ("dock-edge", "Height of the dock", "horizontal"),
    };
    html! {
        <div class={classes!("divider", class)} role="separator" tabindex="0" aria-label={name} aria-orientation={orientation}
            aria-valuenow={size.to_string()} aria-valuemin={least.to_string()} aria-valuemax={most.to_string()}
            title="Drag to resize, double-click to reset" {onkeydown} {ondblclick}
            {onpointerdown} {onpointermove} onpointerup={drop.clone()} onpointercancel={drop} />
    }
}

/// The sizes that were dragged, as the grid's custom properties.
pub fn style_of(layout: &Layout) -> String {
    let sizes = &layout.sizes;
    let of = |name: &str, size: Option<u16>| {
        size.map(|size| format!("--{name}-dragged:{size}px;"))
            .unwrap_or_default()
    };
    [
        of("left", sizes.left),
        of("right", sizes.right),
        of("dock", sizes.dock),
    ]
    .concat()
}

fn place(edge: Edge, event: &PointerEvent) -> i32 {
    match edge {
        Edge::Left | Edge::Right => event.client_x(),
        Edge::Dock => event.client_y(),
    }
}

/// A panel's size after its divider moved by so many CSS pixels to the right or down.
pub fn dragged(edge: Edge, before: u16, by: i32) -> u16 {
    let grows = match edge {
        Edge::Left => by,
        Edge::Right | Edge::Dock => by.saturating_neg(),
    };
    let (least, most) = edge.bounds();
    let size = i32::from(before).saturating_add(grows);
    u16::try_from(size.max(0))
        .unwrap_or(u16::MAX)
        .clamp(least, most)
}

fn key_step(edge: Edge, key: &str) -> Option<i32> {
    let step = i32::from(KEY_STEP);
    match (edge, key) {
        (Edge::Left | Edge::Right, "ArrowLeft") | (Edge::Dock, "ArrowUp") => Some(-step),
        (Edge::Left | Edge::Right, "ArrowRight") | (Edge::Dock, "ArrowDown") => Some(step),
        _ => None,
    }
}
