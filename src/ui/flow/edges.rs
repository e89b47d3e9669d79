//! The lines between nodes and lanes. What they show is also said by nodes and lanes, so they are silent.

use std::rc::Rc;

use present::flow::route::Px;
use present::flow::view::{EdgeView, EdgesView};
use present::keys::slot_class;
use yew::prelude::*;

/// All edges.
#[derive(Clone, PartialEq, Properties)]
pub struct EdgesProps {
    /// What to draw.
    pub view: Rc<EdgesView>,
    /// The node the pointer is over: its edges stand out.
    pub hot: Option<String>,
}

/// All edges, and the arrows into members.
#[component]
pub fn Edges(props: &EdgesProps) -> Html {
    html! {
        <g class="edges" aria-hidden="true">
            { props.view.edges.iter().map(|shown| edge(shown, props.hot.as_deref())).collect::<Html>() }
            { props.view.ports.iter().map(|(d, on)| {
                let on = on.map(|slot| classes!("on", slot_class(slot)));
                html! { <path class={classes!("port", on)} d={d.clone()} /> }
            }).collect::<Html>() }
        </g>
    }
}

fn edge(view: &EdgeView, hot: Option<&str>) -> Html {
    let on = view.on.map(|slot| classes!("on", slot_class(slot)));
    let hot = hot == Some(view.node.as_str());
    let class = classes!(
        "edge",
        on,
        hot.then_some("hot"),
        view.dim.then_some("dim"),
        view.width.map(|_| "bundle")
    );
    let style = view
        .width
        .map(|width| format!("stroke-width:{}px", Px(width)));
    html! { <path {class} d={view.d.clone()} {style} /> }
}
