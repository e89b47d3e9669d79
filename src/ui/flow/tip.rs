//! The tooltip of a cell: key, value, time.

use yew::prelude::*;

/// What a tooltip says, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// Lines of text.
    pub lines: Vec<String>,
}

/// A tooltip and its place.
#[derive(Clone, PartialEq, Properties)]
pub struct TipProps {
    /// What it says.
    pub tip: Tip,
    /// Where the cell is, in CSS pixels from the canvas's corner.
    pub at: (f64, f64),
}

/// The tooltip of a cell.
#[component]
pub fn TipBox(props: &TipProps) -> Html {
    let style = format!("left:{:.0}px;top:{:.0}px", props.at.0, props.at.1);
    html! {
        <div class="tip" role="tooltip" {style}>
            { props.tip.lines.iter().map(|line| html! { <div>{ line }</div> }).collect::<Html>() }
        </div>
    }
}
