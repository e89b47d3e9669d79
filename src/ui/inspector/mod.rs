//! The inspector.

use std::rc::Rc;

use present::inspector::InspectorView;
use session::action::Composed;
use session::msg::Msg;
use yew::prelude::*;

/// What the inspector needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct InspectorProps {
    /// What it shows.
    pub view: Rc<InspectorView>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A record is to be edited before it is sent again.
    #[prop_or_else(Callback::noop)]
    pub on_compose: Callback<Composed>,
}

/// The inspector: what is selected, in detail.
#[component]
pub fn Inspector(props: &InspectorProps) -> Html {
    let _ = props;
    html! { <aside class="insp" aria-label="Inspector"></aside> }
}
