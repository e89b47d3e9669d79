//! Play, pause, step, speed, and the clock.

use present::top::TopView;
use session::msg::{Msg, Speed};
use yew::prelude::*;

use crate::ui::icons::{Glyph, Icon};
use crate::ui::top::menu::{Menu, MenuItem};

/// What the transport needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TransportProps {
    /// Where time stands.
    pub view: TopView,
    /// What was done.
    pub act: Callback<Msg>,
}

/// Play, pause, step, speed, and the clock.
#[component]
pub fn Transport(props: &TransportProps) -> Html {
    let view = &props.view;
    html! {
        <div class="transport" role="toolbar" aria-label="Transport">
            <PlayButtons playing={view.playing} act={&props.act} />
            { speed_menu(view.speed, &props.act) }
            <div class="clock" role="timer" aria-live="off" aria-label="Simulated time">
                <span class={classes!("live", (!view.playing).then_some("paused"))} aria-hidden="true" />
                <span class="clock-digits">
                    { &view.clock }<span class="clock-millis">{ &view.clock_millis }</span>
                </span>
            </div>
        </div>
    }
}

/// What the buttons need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PlayButtonsProps {
    /// Whether time goes on.
    pub playing: bool,
    /// What was done.
    pub act: Callback<Msg>,
}

/// Start over, play or pause, step.
#[component]
pub fn PlayButtons(props: &PlayButtonsProps) -> Html {
    let does = |msg: Msg| {
        let act = props.act.clone();
        Callback::from(move |_: MouseEvent| act.emit(msg.clone()))
    };
    let (word, glyph, msg) = if props.playing {
        ("Pause", Glyph::Pause, Msg::Paused)
    } else {
        ("Play", Glyph::Play, Msg::Played)
    };
    html! {
        <div class="seg3">
            <button class="ib" aria-label="Start this scene over" title="Start this scene over" onclick={does(Msg::StartedOver)}>
                <Icon glyph={Glyph::StepBack} />
            </button>
            <button class="ib pp" aria-label={word} title={format!("{word} (Space)")} onclick={does(msg)}>
                <Icon {glyph} />
            </button>
            <button class="ib" aria-label="Step one event" title="Step one event (.)" onclick={does(Msg::Stepped)}>
                <Icon glyph={Glyph::StepForward} />
            </button>
        </div>
    }
}

/// The speed, and a menu of speeds.
pub fn speed_menu(speed: Speed, act: &Callback<Msg>) -> Html {
    let item = |choice: Speed| MenuItem {
        title: choice.label().to_owned(),
        about: String::new(),
        checked: Some(choice == speed),
        act: act.reform(move |()| Msg::SpeedChosen(choice)),
    };
    html! {
        <Menu label="Speed" class="spd" items={Speed::ALL.map(item).to_vec()}
            button={html! { <>{ speed.label() }<Icon glyph={Glyph::ChevronDown} size={12} /></> }} />
    }
}
