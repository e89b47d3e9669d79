//! The timeline.

use std::rc::Rc;

use present::timeline::TimelineView;
use session::msg::Msg;
use yew::prelude::*;

/// What the timeline needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TimelineProps {
    /// What it shows.
    pub view: Rc<TimelineView>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The timeline below the panels.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    html! { <footer class="time" aria-label="Timeline">{ props.view.spoken() }</footer> }
}
