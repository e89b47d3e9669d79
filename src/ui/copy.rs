//! A button that puts a text on the clipboard.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

use crate::ui::browser::files;
use crate::ui::effects;
use crate::ui::icons::{Glyph, Icon};

/// The tick stands for so long.
const TICK_MILLIS: u32 = 1_500;

/// What the button needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CopyButtonProps {
    /// What it copies.
    pub text: AttrValue,
    /// Its name.
    #[prop_or(AttrValue::Static("Copy command"))]
    pub label: AttrValue,
}

/// A button that puts a text on the clipboard and says so with a tick.
#[component]
pub fn CopyButton(props: &CopyButtonProps) -> Html {
    let copied = use_state_eq(|| false);
    let onclick = {
        let (text, copied) = (props.text.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            let copied = copied.clone();
            files::copy(text.to_string(), move |done| tell(done, copied));
        })
    };
    let glyph = if *copied { Glyph::Check } else { Glyph::Copy };
    html! {
        <button type="button" class="ib sm" aria-label={props.label.clone()} title={props.label.clone()} {onclick}>
            <Icon {glyph} size={14} />
        </button>
    }
}

fn tell(done: bool, copied: UseStateHandle<bool>) {
    if !done {
        effects::announce("The browser did not let that onto the clipboard.");
        return;
    }
    effects::announce("Copied.");
    copied.set(true);
    Timeout::new(TICK_MILLIS, move || copied.set(false)).forget();
}
