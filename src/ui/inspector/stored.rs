//! A partition, a topic or a broker in detail.

use std::rc::Rc;

use engine::ids::TopicPartition;
use present::inspector::storage::{
    BrokerDetail, PartitionDetail, PartitionLine, Replica, TopicDetail,
};
use session::dock::{DockLook, RecordsQuery};
use session::layout::DockTab;
use session::msg::{Look, Msg};
use session::selection::Selection;
use yew::prelude::*;

use crate::ui::dialogs::Dialog;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::inspector::facts;

/// What a partition's details need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PartitionProps {
    /// What they show.
    pub view: Rc<PartitionDetail>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// A partition in detail.
#[component]
pub fn PartitionInspector(props: &PartitionProps) -> Html {
    let PartitionProps {
        view,
        act,
        on_dialog,
    } = props;
    let topic = view.partition.topic.clone();
    let (before, behind) = view.neighbours;
    let delete = {
        let (partition, offset) = (view.partition.clone(), view.delete_before);
        on_dialog
            .reform(move |_: MouseEvent| Dialog::ConfirmDeleteRecords(partition.clone(), offset))
    };
    html! { <>
        <div class="ib-b" role="tabpanel" aria-label="Partition">
            <div class="rt"><h2 title={view.partition.to_string()}>{ view.partition.to_string() }</h2><span class="fx" />
                { step(act, &topic, before, "Previous partition", Glyph::ChevronLeft) }
                { step(act, &topic, behind, "Next partition", Glyph::ChevronRight) }
            </div>
            { facts(&view.facts) }
            <div class="sec"><div class="sh"><h3>{ "Replicas" }</h3></div>{ for view.replicas.iter().map(|replica| self::replica(replica, act)) }</div>
            if !view.producers.is_empty() {
                <div class="sec"><div class="sh"><h3>{ "Idempotent producers" }</h3></div>{ facts(&view.producers) }</div>
            }
        </div>
        <div class="act many">
            <button class="btn" onclick={show_records(act, topic.clone())}>{ "Show records" }</button>
            <button class="btn" title="Deletes the records before an offset, with the command" onclick={delete}>{ "Delete records…" }</button>
            { topic_buttons(topic, on_dialog) }
        </div>
    </> }
}

fn step(
    act: &Callback<Msg>,
    topic: &str,
    number: Option<i32>,
    name: &'static str,
    glyph: Glyph,
) -> Html {
    let onclick = {
        let (act, topic) = (act.clone(), topic.to_owned());
        Callback::from(move |_: MouseEvent| {
            if let Some(number) = number {
                let chosen = Selection::Partition(TopicPartition::new(topic.clone(), number));
                act.emit(Msg::Selected(Some(chosen)));
            }
        })
    };
    html! {
        <button class="ib sm" aria-label={name} title={name} disabled={number.is_none()} {onclick}><Icon {glyph} size={14} /></button>
    }
}

fn replica(replica: &Replica, act: &Callback<Msg>) -> Html {
    let chosen = Selection::Broker(replica.broker);
    let onclick = act.reform(move |_: MouseEvent| Msg::Selected(Some(chosen.clone())));
    let (class, word) = match (replica.leads, replica.in_sync) {
        (true, _) => ("ok", "leader"),
        (false, true) => ("ok", "in sync"),
        (false, false) => ("warn", "out of sync"),
    };
    let end = replica
        .log_end
        .map_or_else(|| "no log".to_owned(), |end| format!("log end {end}"));
    html! {
        <div key={replica.broker} class="line">
            <button class="gn" {onclick}>{ format!("broker {}", replica.broker) }</button>
            <span class={classes!("dotw", class)}><i />{ word }</span>
            <em>{ end }</em>
        </div>
    }
}

fn show_records(act: &Callback<Msg>, topic: String) -> Callback<MouseEvent> {
    let act = act.clone();
    Callback::from(move |_| {
        let query = RecordsQuery {
            topic: Some(topic.clone()),
            ..RecordsQuery::default()
        };
        act.emit(Msg::Look(Look::Dock(DockLook::Records(query))));
        act.emit(Msg::Look(Look::DockTab(DockTab::Records)));
    })
}

fn topic_buttons(topic: String, on_dialog: &Callback<Dialog>) -> Html {
    let open = |dialog: fn(String) -> Dialog| {
        let topic = topic.clone();
        on_dialog.reform(move |_: MouseEvent| dialog(topic.clone()))
    };
    html! { <>
        <button class="btn" title="Gives the topic more partitions, with the command" onclick={open(Dialog::AddPartitions)}>{ "Add partitions…" }</button>
        <button class="btn danger" title="Deletes the topic and its records, with the command" onclick={open(Dialog::ConfirmDeleteTopic)}>{ "Delete topic…" }</button>
    </> }
}

/// What a topic's details need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TopicProps {
    /// What they show.
    pub view: Rc<TopicDetail>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// A topic in detail.
#[component]
pub fn TopicInspector(props: &TopicProps) -> Html {
    let TopicProps {
        view,
        act,
        on_dialog,
    } = props;
    html! { <>
        <div class="ib-b" role="tabpanel" aria-label="Topic">
            <div class="rt"><h2 title={view.name.clone()}>{ &view.name }</h2></div>
            { facts(&view.facts) }
            <div class="sec"><div class="sh"><h3>{ "Partitions" }</h3></div>{ for view.partitions.iter().map(|line| partition_line(line, act)) }</div>
        </div>
        <div class="act many">
            <button class="btn" onclick={show_records(act, view.name.clone())}>{ "Show records" }</button>
            { topic_buttons(view.name.clone(), on_dialog) }
        </div>
    </> }
}

fn partition_line(line: &PartitionLine, act: &Callback<Msg>) -> Html {
    let chosen = Selection::Partition(line.partition.clone());
    let onclick = act.reform(move |_: MouseEvent| Msg::Selected(Some(chosen.clone())));
    let leader = line.leader.map_or_else(
        || "no leader".to_owned(),
        |leader| format!("broker {leader}"),
    );
    let offsets = line
        .offsets
        .map_or_else(String::new, |(start, end)| format!("{start} – {end}"));
    html! {
        <div key={line.partition.partition} class="line">
            <button class="gn" {onclick}>{ format!("P{}", line.partition.partition) }</button><span>{ leader }</span><em>{ offsets }</em>
        </div>
    }
}

/// What a broker's details need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct BrokerProps {
    /// What they show.
    pub view: Rc<BrokerDetail>,
}

/// A broker in detail.
#[component]
pub fn BrokerInspector(props: &BrokerProps) -> Html {
    html! {
        <div class="ib-b" role="tabpanel" aria-label="Broker">
            <div class="rt"><h2>{ format!("broker {}", props.view.id) }</h2></div>
            { facts(&props.view.facts) }
        </div>
    }
}
