//! Shortcuts, and what the diagram's marks mean.

use session::msg::{Look, Msg};
use yew::prelude::*;

use super::Surroundings;
use super::fields::Tick;
use super::modal::Modal;
use crate::ui::flow::legend::Legend;
use crate::ui::keyboard::shortcuts::{SHORTCUTS, Shortcut};

/// What the dialog needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct HelpDialogProps {
    /// Whether single keys act.
    pub shortcuts: bool,
    /// What surrounds it.
    pub around: Surroundings,
}

/// Shortcuts, and what the diagram's marks mean.
#[component]
pub fn HelpDialog(props: &HelpDialogProps) -> Html {
    let around = &props.around;
    let on_tick = around
        .act
        .reform(|_: bool| Msg::Look(Look::ShortcutsToggled));
    html! {
        <Modal title="Help" wide=true on_close={&around.on_close}>
            <div class="form-body help">
                <p>{ "A real Kafka cluster runs in this page: brokers, clients and tools that speak Kafka's protocol to each other. Nothing leaves your browser." }</p>
                <h3>{ "Marks" }</h3>
                <Legend />
                <p class="meta">{ "A record key has a colour and a shape, the same everywhere. Every offset marker stands on the left edge of the record that is next." }</p>
                <h3>{ "Keyboard" }</h3>
                <Tick label="Single keys act outside text fields and terminals" ticked={props.shortcuts} {on_tick} />
                <dl class="shortcuts">{ for SHORTCUTS.iter().map(shortcut) }</dl>
            </div>
        </Modal>
    }
}

fn shortcut(shortcut: &Shortcut) -> Html {
    html! {
        <div>
            <dt>{ for shortcut.keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</dt>
            <dd>{ shortcut.what }</dd>
        </div>
    }
}
