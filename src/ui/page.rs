//! The page: the grid, and the panels in it.

use std::rc::Rc;

use present::top::TopView;
use session::layout::{Layout, PhonePanel};
use session::msg::Msg;
use session::session::Session;
use yew::prelude::*;

use crate::ui::top::bar::TopBar;

/// What every panel shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Views {
    /// The bar on top.
    pub top: TopView,
    /// What is open.
    pub layout: Layout,
}

/// The views of a sitting as it is now.
pub fn views(session: &Session) -> Views {
    Views {
        top: present::top::top(session),
        layout: session.layout().clone(),
    }
}

/// What the page needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PageProps {
    /// What every panel shows.
    pub views: Rc<Views>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The grid, and the panels in it.
#[component]
pub fn Page(props: &PageProps) -> Html {
    let layout = &props.views.layout;
    html! {
        <div class={classes!("app", grid_classes(layout))}>
            <TopBar view={props.views.top.clone()} theme={layout.theme} act={&props.act} on_help={Callback::noop()} />
            <div id="announcer" class="vh" role="status" aria-live="polite" />
        </div>
    }
}

fn grid_classes(layout: &Layout) -> Classes {
    let phone = match layout.phone_panel {
        PhonePanel::Flow => "phone-flow",
        PhonePanel::Walkthrough => "phone-walkthrough",
        PhonePanel::Record => "phone-record",
    };
    classes!(
        phone,
        (!layout.left_open).then_some("left-closed"),
        (!layout.right_open).then_some("right-closed"),
        (!layout.dock_open).then_some("dock-closed"),
        layout.projector.then_some("projector"),
    )
}
