//! Tabs for the panels of a phone's screen.

use session::layout::PhonePanel;
use session::msg::{Look, Msg};
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
    let tab = |panel: PhonePanel, inside: Html| {
        let on = props.panel == panel;
        let onclick = props
            .act
            .reform(move |_: MouseEvent| Msg::Look(Look::PhonePanel(panel)));
        html! { <button class={on.then_some("on")} aria-current={on.then_some("true")} {onclick}>{ inside }</button> }
    };
    html! {
        <nav class="ptabs" aria-label="Panels">
            { tab(PhonePanel::Flow, html! { "Flow" }) }
            { tab(PhonePanel::Walkthrough, html! { <>{ "Walkthrough" }{ " " }<span class="n">{ &props.progress }</span></> }) }
            { tab(PhonePanel::Record, html! { "Record" }) }
        </nav>
    }
}
