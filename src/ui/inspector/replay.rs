//! Lets a group read again from a record on: which group, and the command that would do the same.

use engine::ids::TopicPartition;
use present::inspector::record::Replay;
use session::msg::Msg;
use yew::prelude::*;

use crate::ui::command::Command;
use crate::ui::dialogs::Dialog;
use crate::ui::icons::{Glyph, Icon};

/// What the button needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ReplayProps {
    /// The record's partition.
    pub partition: TopicPartition,
    /// The record's offset.
    pub offset: i64,
    /// The groups to choose from.
    pub replays: Vec<Replay>,
    /// The command that reads from the record on without any group.
    pub read_command: AttrValue,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// The button, and the choice that it opens.
#[component]
pub fn ReplayButton(props: &ReplayProps) -> Html {
    let open = use_state(|| false);
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let onkeydown = {
        let open = open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && *open {
                event.stop_propagation();
                open.set(false);
            }
        })
    };
    let close = {
        let open = open.clone();
        Callback::from(move |()| open.set(false))
    };
    html! {
        <div class="replay" {onkeydown}>
            <button class="btn pri" aria-haspopup="dialog" aria-expanded={open.to_string()} onclick={toggle}>
                <Icon glyph={Glyph::Replay} size={15} />{ "Replay from here" }
            </button>
            if *open { { choice(props, &close) } }
        </div>
    }
}

fn choice(props: &ReplayProps, close: &Callback<()>) -> Html {
    let add = {
        let (on_dialog, close, topic) = (
            props.on_dialog.clone(),
            close.clone(),
            props.partition.topic.clone(),
        );
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            on_dialog.emit(Dialog::Consumer {
                group: None,
                topic: Some(topic.clone()),
            });
        })
    };
    html! {
        <div class="pop" role="dialog" aria-label={format!("Replay {} from offset {}", props.partition, props.offset)}>
            { for props.replays.iter().map(|replay| self::group(replay, props, close)) }
            if props.replays.is_empty() {
                <p class="note">{ format!("No group reads {}. Add one, or read it once:", props.partition) }</p>
                <Command text={&props.read_command} />
                <button class="btn sm" onclick={add}>{ "Add group" }</button>
            }
        </div>
    }
}

fn group(replay: &Replay, props: &ReplayProps, close: &Callback<()>) -> Html {
    let onclick = {
        let (act, close, action) = (props.act.clone(), close.clone(), replay.action.clone());
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            act.emit(Msg::Acted(action.clone()));
        })
    };
    html! {
        <div key={replay.group.clone()} class="choice">
            <button class="btn sm" {onclick}>{ format!("Replay to {}", replay.group) }</button>
            <span class="meta">{ replay.how }</span>
            <Command text={replay.command.clone()} />
        </div>
    }
}
