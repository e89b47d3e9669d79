//! The inspector: what is selected, in detail.
//!
//! - [`record`], [`value`], [`replay`]: a record
//! - [`stored`]: a partition, a topic, a broker
//! - [`clients`]: a group, a client

pub mod clients;
pub mod record;
pub mod replay;
pub mod stored;
pub mod value;

use std::rc::Rc;

use present::inspector::{Fact, Inspected, InspectorView};
use session::layout::InspectorTab;
use session::msg::{Look, Msg};
use yew::prelude::*;

use crate::ui::dialogs::Dialog;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::inspector::clients::{ClientInspector, GroupInspector};
use crate::ui::inspector::record::RecordInspector;
use crate::ui::inspector::stored::{BrokerInspector, PartitionInspector, TopicInspector};
use crate::ui::tabs;

/// What the inspector needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct InspectorProps {
    /// What it shows.
    pub view: Rc<InspectorView>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    #[prop_or_else(Callback::noop)]
    pub on_dialog: Callback<Dialog>,
}

/// The inspector: what is selected, in detail.
#[component]
pub fn Inspector(props: &InspectorProps) -> Html {
    let InspectorProps {
        view,
        act,
        on_dialog,
    } = props;
    let collapse = act.reform(|_: MouseEvent| Msg::Look(Look::RightToggled));
    html! {
        <aside class="insp" aria-label="Inspector">
            <div class="tabs" role="tablist" aria-label="Inspector" onkeydown={tabs::onkeydown()}>
                { for TABS.map(|(tab, name)| tab_button(view, tab, name, act)) }
                <span class="fx" />
                <button class="ib sm" aria-label="Collapse panel" title="Collapse panel" onclick={collapse}><Icon glyph={Glyph::PanelRight} size={15} /></button>
            </div>
            { body(&view.body, act, on_dialog) }
        </aside>
    }
}

const TABS: [(InspectorTab, &str); 3] = [
    (InspectorTab::Record, "Record"),
    (InspectorTab::Partition, "Partition"),
    (InspectorTab::Group, "Group"),
];

fn tab_button(
    view: &InspectorView,
    tab: InspectorTab,
    name: &'static str,
    act: &Callback<Msg>,
) -> Html {
    let on = view.tab == tab;
    let onclick = act.reform(move |_: MouseEvent| Msg::Look(Look::InspectorTab(tab)));
    html! {
        <button role="tab" class={classes!(on.then_some("on"))} aria-selected={on.to_string()} {onclick}>{ name }</button>
    }
}

fn body(body: &Inspected, act: &Callback<Msg>, on_dialog: &Callback<Dialog>) -> Html {
    match body {
        Inspected::Record(view) => html! { <RecordInspector view={view} {act} {on_dialog} /> },
        Inspected::Partition(view) => {
            html! { <PartitionInspector view={view} {act} {on_dialog} /> }
        }
        Inspected::Topic(view) => html! { <TopicInspector view={view} {act} {on_dialog} /> },
        Inspected::Broker(view) => html! { <BrokerInspector view={view} /> },
        Inspected::Group(view) => html! { <GroupInspector view={view} {act} {on_dialog} /> },
        Inspected::Client(view) => html! { <ClientInspector view={view} {act} {on_dialog} /> },
        Inspected::Nothing(text) => html! { <div class="ib-b"><p class="none">{ text }</p></div> },
    }
}

/// Names and values, one below the other.
fn facts(facts: &[Fact]) -> Html {
    let rows = facts.iter().map(|fact| {
        html! { <>
            <dt title={fact.name}>{ fact.name }</dt>
            <dd title={fact.value.clone()}>
                { &fact.value }
                if let Some(note) = &fact.note { { " " }<i>{ note }</i> }
            </dd>
        </> }
    });
    html! { <dl class="kv">{ for rows }</dl> }
}
