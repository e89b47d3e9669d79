//! The dock.

use std::rc::Rc;

use present::dock::DockView;
use session::msg::Msg;
use yew::prelude::*;

/// What the dock needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DockProps {
    /// What it shows.
    pub view: Rc<DockView>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The dock: tabs, and one or two panes below them.
#[component]
pub fn Dock(props: &DockProps) -> Html {
    let _ = props;
    html! { <section class="dock" aria-label="Dock"></section> }
}
