//! The glyph of a record key: colour and shape together, wherever a key is named.

use present::flow::shape::outline;
use present::keys::{KeyMark, Shape};
use yew::prelude::*;

/// What a key's glyph needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct KeyGlyphProps {
    /// The key's mark.
    pub mark: KeyMark,
    /// Width and height in CSS pixels.
    #[prop_or(9)]
    pub size: u32,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// The glyph of a key in a box of its own; decorative, so the key's text stands beside it.
#[component]
pub fn KeyGlyph(props: &KeyGlyphProps) -> Html {
    let size = props.size.to_string();
    html! {
        <svg class={classes!("gl", props.class.clone())} width={size.clone()} height={size} viewBox="0 0 10 10" aria-hidden="true">
            { glyph_path(props.mark.slot, 5.0, 5.0, 3.4) }
        </svg>
    }
}

/// The glyph of a slot inside a drawing, centred on (`x`, `y`).
pub fn glyph_path(slot: u8, x: f64, y: f64, r: f64) -> Html {
    let shape = present::keys::shape_of(slot);
    let ring = (shape == Shape::Ring).then_some("ring");
    html! { <path class={classes!("g", ring, present::keys::slot_class(slot))} d={outline(shape, x, y, r)} /> }
}
