//! The timeline.
//!
//! - [`film`]: bars, scale and marks, which move to the left as one while time goes on
//! - [`track`]: the film with its playhead, and what is read off it by mouse or keyboard

pub mod film;
pub mod track;

use std::rc::Rc;

use present::timeline::TimelineView;
use session::layout::Window;
use session::msg::{Look, Msg};
use yew::prelude::*;

use crate::ui::icons::{Glyph, Icon};
use crate::ui::top::menu::{Menu, MenuItem};
use track::Track;

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
    html! {
        <footer class="time" aria-label="Timeline">
            <div class="time-start">{ state_button(props) }</div>
            <Track view={props.view.clone()} act={&props.act} />
            <div class="time-end">{ window_menu(props) }</div>
        </footer>
    }
}

fn state_button(props: &TimelineProps) -> Html {
    let playing = props.view.playing;
    let msg = if playing { Msg::Paused } else { Msg::Played };
    let onclick = props.act.reform(move |_: MouseEvent| msg.clone());
    match playing {
        true => html! {
            <button class="btn sm live-state" aria-pressed="true" title="Time goes on. Pause (Space)" {onclick}><i />{ "Live" }</button>
        },
        false => html! {
            <button class="btn sm live-state paused" aria-pressed="false" title="Time stands still. Go on (L)" {onclick}><i />{ "Go on" }</button>
        },
    }
}

fn window_menu(props: &TimelineProps) -> Html {
    let chosen = props.view.window;
    let words = |window: Window| match window {
        Window::Minute => "60 s",
        Window::FiveMinutes => "5 min",
        Window::All => "All",
    };
    let item = |window: Window| MenuItem {
        title: words(window).to_owned(),
        about: String::new(),
        checked: Some(window == chosen),
        act: props.act.reform(move |()| Msg::Look(Look::Window(window))),
    };
    let items = [Window::Minute, Window::FiveMinutes, Window::All]
        .map(item)
        .to_vec();
    html! {
        <Menu label="Time in view" class="spd" to_left=true {items}
            button={html! { <>{ words(chosen) }<Icon glyph={Glyph::ChevronDown} size={12} /></> }} />
    }
}
