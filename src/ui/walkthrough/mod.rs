//! The walkthrough panel.

use std::rc::Rc;

use present::walkthrough::WalkthroughView;
use session::msg::Msg;
use yew::prelude::*;

use crate::ui::dialogs::Dialog;

/// What the panel needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct WalkthroughProps {
    /// What it shows.
    pub view: Rc<WalkthroughView>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// The walkthrough panel, or its rail.
#[component]
pub fn Walkthrough(props: &WalkthroughProps) -> Html {
    html! { <aside class="left" aria-label="Walkthrough"><h2>{ props.view.title }</h2></aside> }
}
