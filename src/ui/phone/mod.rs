//! What only a phone's screen has: tabs for the panels, a transport row, the dock as a sheet.

use std::rc::Rc;

use present::timeline::TimelineView;
use session::layout::{PhonePanel, Sheet};
use session::msg::{Msg, Speed};
use yew::prelude::*;

/// What the tabs need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PhoneTabsProps {
    /// The open panel.
    pub panel: PhonePanel,
    /// The walkthrough's progress: `4/9`.
    pub progress: AttrValue,
    /// What was done.
    pub act: Callback<Msg>,
}

/// Tabs for the panels.
#[component]
pub fn PhoneTabs(props: &PhoneTabsProps) -> Html {
    let _ = props;
    html! { <nav class="ptabs" aria-label="Panels" /> }
}

/// What the transport row needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PhoneTransportProps {
    /// Whether time goes on.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// The timeline.
    pub timeline: Rc<TimelineView>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// Play, step, a small timeline, speed.
#[component]
pub fn PhoneTransport(props: &PhoneTransportProps) -> Html {
    let _ = props;
    html! {}
}

/// What the sheet's handle needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SheetHandleProps {
    /// How much of the screen the sheet takes now.
    pub sheet: Sheet,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The handle on the dock when it is a sheet.
#[component]
pub fn SheetHandle(props: &SheetHandleProps) -> Html {
    let _ = props;
    html! {}
}
