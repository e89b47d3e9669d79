//! A button that does something to the cluster, and the command that would do the same.

use session::action::Action;
use session::command::command_for;
use session::msg::Msg;
use yew::prelude::*;

use crate::ui::copy::CopyButton;
use crate::ui::icons::{Glyph, Icon};

/// What a button that acts needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ActProps {
    /// What it does.
    pub action: Action,
    /// Its name.
    pub label: AttrValue,
    /// Its icon.
    #[prop_or_default]
    pub glyph: Option<Glyph>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
    /// What was done.
    pub act: Callback<Msg>,
}

/// Does something to the cluster; beside it stands the command that would do the same, ready to be copied.
#[component]
pub fn ActButton(props: &ActProps) -> Html {
    let command = command_for(&props.action);
    let onclick = {
        let action = props.action.clone();
        props
            .act
            .reform(move |_: MouseEvent| Msg::Acted(action.clone()))
    };
    html! {
        <span class="doing">
            <button class={classes!("btn", "sm", props.class.clone())} title={command.clone()} {onclick}>
                if let Some(glyph) = props.glyph { <Icon {glyph} size={14} /> }
                { &props.label }
            </button>
            if let Some(command) = command { <CopyButton text={command} label="Copy command" /> }
        </span>
    }
}

/// What a command needs to be shown.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct CommandProps {
    /// The command.
    pub text: AttrValue,
}

/// A command, ready to be copied.
#[component]
pub fn Command(props: &CommandProps) -> Html {
    html! {
        <div class="cmdline"><code>{ &props.text }</code><CopyButton text={&props.text} label="Copy command" /></div>
    }
}
