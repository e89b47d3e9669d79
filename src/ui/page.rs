//! The page: the grid, and the panels in it.

use std::rc::Rc;

use present::flow::input::Arrangement;
use session::layout::{Arrange, Edge, Layout, PhonePanel, Sheet};
use session::msg::{Look, Msg};
use yew::prelude::*;

use crate::ui::dialogs::{Dialog, Dialogs};
use crate::ui::divider::{self, Divider};
use crate::ui::dock::Dock;
use crate::ui::flow::intent::{FlowIntent, Zoom};
use crate::ui::flow::stage::{Describe, FlowStage};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::inspector::Inspector;
use crate::ui::keyboard::Keyboard;
use crate::ui::notices::Notices;
use crate::ui::phone::sheet::{SheetHandle, shown};
use crate::ui::phone::tabs::PhoneTabs;
use crate::ui::phone::transport::PhoneTransport;
use crate::ui::timeline::Timeline;
use crate::ui::top::bar::TopBar;
use crate::ui::views::Views;
use crate::ui::walkthrough::Walkthrough;

/// What the page needs.
#[derive(Clone, PartialEq, Properties)]
pub struct PageProps {
    /// What every panel shows.
    pub views: Rc<Views>,
    /// The open dialog.
    pub dialog: Option<Dialog>,
    /// What was done.
    pub act: Callback<Msg>,
    /// What is wanted of the diagram.
    pub on_flow: Callback<FlowIntent>,
    /// A dialog opens, or closes.
    pub on_dialog: Callback<Option<Dialog>>,
    /// Answers what a record's tooltip says.
    pub describe: Describe,
}

/// The grid, and the panels in it.
#[component]
pub fn Page(props: &PageProps) -> Html {
    let PageProps {
        views,
        act,
        on_flow,
        on_dialog,
        ..
    } = props;
    let layout = &views.layout;
    let opens = on_dialog.reform(Some);
    html! {
        <div class={classes!("app", grid_classes(layout))} style={divider::style_of(layout)}>
            <TopBar view={views.top.clone()} theme={layout.theme} {act}
                on_help={on_dialog.reform(|()| Some(Dialog::Help))} />
            <PhoneTabs panel={layout.phone_panel} progress={views.walkthrough.progress()} {act} />
            <Walkthrough view={views.walkthrough.clone()} {act} on_dialog={opens.clone()} />
            { stage(props) }
            if !layout.right_open { { inspector_tab(act) } }
            <Inspector view={views.inspector.clone()} {act} on_dialog={opens.clone()} />
            <Dock view={views.dock.clone()} {act} on_dialog={opens.clone()} />
            <SheetHandle sheet={shown(layout)} {act} />
            <Timeline view={views.timeline.clone()} {act} />
            <PhoneTransport playing={views.top.playing} speed={views.top.speed}
                timeline={views.timeline.clone()} {act} />
            { dividers(layout, act) }
            <Notices view={views.notices.clone()} {act} />
            <Dialogs open={props.dialog.clone()} facts={views.dialogs.clone()}
                shortcuts={layout.shortcuts} {act} on_close={on_dialog.reform(|()| None)} />
            <Keyboard facts={views.keys.clone()} {act} on_dialog={opens}
                on_fit={on_flow.reform(|()| FlowIntent::Zoom(Zoom::Fit))} />
            <div id="announcer" class="vh" role="status" aria-live="polite" />
        </div>
    }
}

fn stage(props: &PageProps) -> Html {
    let views = &props.views;
    let arrangement = match views.settings.arrange {
        Arrange::Topics => Arrangement::Topics,
        Arrange::Brokers => Arrangement::Brokers,
    };
    html! {
        <FlowStage view={views.flow.clone()} {arrangement} filter={views.settings.filter.clone()}
            zoom={f64::from(views.settings.zoom) / 100.0} selection={views.selection.clone()}
            describe={props.describe.clone()} on={&props.on_flow} />
    }
}

/// What is left of a closed inspector: a tab that opens it.
fn inspector_tab(act: &Callback<Msg>) -> Html {
    html! {
        <button class="ib insp-tab" aria-label="Open the inspector" title="Open the inspector (])"
            onclick={act.reform(|_: MouseEvent| Msg::Look(Look::RightToggled))}>
            <Icon glyph={Glyph::PanelRight} size={15} />
        </button>
    }
}

fn dividers(layout: &Layout, act: &Callback<Msg>) -> Html {
    let sizes = &layout.sizes;
    let of = |edge: Edge, size: Option<u16>, usual: u16| {
        html! { <Divider {edge} size={size.unwrap_or(usual)} act={act.clone()} /> }
    };
    html! {
        <>
            { of(Edge::Left, sizes.left, 320) }
            { of(Edge::Right, sizes.right, 340) }
            { of(Edge::Dock, sizes.dock, 228) }
        </>
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
        (shown(layout) == Sheet::Full).then_some("sheet-full"),
        layout.projector.then_some("projector"),
    )
}
