//! The bar above the canvas: arrangement, filter, zoom.

use present::flow::input::Arrangement;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::intent::{FlowIntent, Zoom};
use crate::ui::icons::{Glyph, Icon};

/// What the bar shows.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ToolbarProps {
    /// How the storage is arranged.
    pub arrangement: Arrangement,
    /// The filter's text.
    pub filter: AttrValue,
    /// 1 is 100 %.
    pub zoom: f64,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
}

/// The bar above the canvas.
#[component]
pub fn Toolbar(props: &ToolbarProps) -> Html {
    let percent = (props.zoom * 100.0).round();
    let zoom = |zoom: Zoom| props.on.reform(move |_: MouseEvent| FlowIntent::Zoom(zoom));
    let oninput = props.on.reform(|event: InputEvent| {
        let field: HtmlInputElement = event.target_unchecked_into();
        FlowIntent::Filter(field.value())
    });
    html! {
        <div class="sbar">
            <div class="segc" role="radiogroup" aria-label="Arrange storage by">
                { arrangement(props, Arrangement::Topics, "Topics") }
                { arrangement(props, Arrangement::Brokers, "Brokers") }
            </div>
            <label class="find">
                <Icon glyph={Glyph::Search} size={14} />
                <input id="flow-filter" type="search" placeholder="Filter by topic, key or group"
                    aria-label="Filter by topic, key or group" autocomplete="off" spellcheck="false"
                    value={props.filter.clone()} {oninput} />
                <kbd aria-hidden="true">{ "/" }</kbd>
            </label>
            <div class="zm" role="group" aria-label="Zoom">
                <button class="ib sm" aria-label="Zoom out" title="Zoom out (-)" onclick={zoom(Zoom::Out)}><Icon glyph={Glyph::Minus} size={14} /></button>
                <span aria-live="polite">{ format!("{percent:.0}%") }</span>
                <button class="ib sm" aria-label="Zoom in" title="Zoom in (+)" onclick={zoom(Zoom::In)}><Icon glyph={Glyph::Plus} size={14} /></button>
                <button class="ib sm" aria-label="Fit to screen" title="Fit to screen (F)" onclick={zoom(Zoom::Fit)}><Icon glyph={Glyph::Fit} size={14} /></button>
            </div>
        </div>
    }
}

fn arrangement(props: &ToolbarProps, is: Arrangement, name: &'static str) -> Html {
    let on = props.arrangement == is;
    let onclick = props
        .on
        .reform(move |_: MouseEvent| FlowIntent::Arrange(is));
    html! {
        <button role="radio" aria-checked={on.to_string()} class={classes!(on.then_some("on"))} {onclick}>{ name }</button>
    }
}
