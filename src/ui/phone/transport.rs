//! A phone's transport row: play, step, a small timeline, speed.

use std::rc::Rc;

use present::timeline::TimelineView;
use session::msg::{Msg, Speed};
use yew::prelude::*;

use crate::ui::timeline::track::Track;
use crate::ui::top::transport::{PlayButtons, speed_menu};

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
    html! {
        <div class="phone-transport">
            <PlayButtons playing={props.playing} act={&props.act} />
            <Track view={props.timeline.clone()} act={&props.act} />
            { speed_menu(props.speed, &props.act) }
        </div>
    }
}
