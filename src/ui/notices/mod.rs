//! Notices: how an action went.

use present::notices::NoticesView;
use session::msg::Msg;
use yew::prelude::*;

/// What the notices need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct NoticesProps {
    /// What they say.
    pub view: NoticesView,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The notices, over the page.
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let _ = props;
    html! {}
}
