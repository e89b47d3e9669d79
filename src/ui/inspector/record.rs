//! A record in detail.

use std::rc::Rc;

use engine::ids::TopicPartition;
use present::inspector::record::{ReadBy, RecordDetail};
use present::inspector::why::{Steps, Why};
use session::action::Action;
use session::msg::Msg;
use session::selection::Selection;
use yew::prelude::*;

use crate::ui::dialogs::Dialog;
use crate::ui::glyph::KeyGlyph;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::inspector::replay::ReplayButton;
use crate::ui::inspector::value::ValueSection;

/// What a record's details need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RecordProps {
    /// What they show.
    pub view: Rc<RecordDetail>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// A record in detail.
#[component]
pub fn RecordInspector(props: &RecordProps) -> Html {
    let RecordProps {
        view,
        act,
        on_dialog,
    } = props;
    html! { <>
        <div class="ib-b" role="tabpanel" aria-label="Record">
            { title(view, act) }
            { about(view) }
            <ValueSection key={format!("{}@{}", view.partition, view.offset)} view={Rc::clone(&view.value)} />
            { why(&view.why, view.partition.partition) }
            { read_by(&view.read_by, act) }
        </div>
        { actions(view, act, on_dialog) }
    </> }
}

fn title(view: &RecordDetail, act: &Callback<Msg>) -> Html {
    let step = |offset: Option<i64>, name: &'static str, glyph: Glyph| {
        let partition = view.partition.clone();
        let onclick = go(act, &partition, offset);
        html! {
            <button class="ib sm" aria-label={name} title={name} disabled={offset.is_none()} {onclick}><Icon {glyph} size={14} /></button>
        }
    };
    let place = view.partition.to_string();
    html! {
        <div class="rt">
            <KeyGlyph mark={view.mark.clone()} size={14} />
            <h2 title={format!("{place} @ {}", view.offset)}>{ place }{ " " }<span>{ "@" }</span>{ format!(" {}", view.offset) }</h2>
            <span class="fx" />
            { step(view.previous, "Previous record", Glyph::ChevronLeft) }
            { step(view.next, "Next record", Glyph::ChevronRight) }
        </div>
    }
}

fn go(
    act: &Callback<Msg>,
    partition: &TopicPartition,
    offset: Option<i64>,
) -> Callback<MouseEvent> {
    let (act, partition) = (act.clone(), partition.clone());
    Callback::from(move |_| {
        if let Some(offset) = offset {
            let chosen = Selection::Record(partition.clone(), offset);
            act.emit(Msg::Selected(Some(chosen)));
        }
    })
}

fn about(view: &RecordDetail) -> Html {
    html! {
        <dl class="kv">
            <dt>{ "Topic" }</dt><dd title={view.partition.topic.clone()}>{ &view.partition.topic }</dd>
            <dt>{ "Partition" }</dt>
            <dd class="two"><span>{ view.partition.partition }</span><span class="dt">{ "Offset" }</span><span>{ view.offset }<i title="In its batch, with what frames it there">{ &view.size }</i></span></dd>
            <dt>{ "Batch" }</dt><dd>{ &view.batch }</dd>
            <dt>{ "Timestamp" }</dt><dd title={view.date.clone()}>{ &view.time }{ " " }<i>{ view.time_kind }</i></dd>
            <dt>{ "Key" }</dt>
            <dd>
                if let Some((key, size)) = &view.key { <span title={key.clone()}>{ key }</span>{ " " }<i>{ size }</i> } else { <i class="first">{ "no key" }</i> }
            </dd>
            <dt>{ "Headers" }</dt><dd>{ headers(&view.headers) }</dd>
        </dl>
    }
}

fn headers(headers: &[(String, Option<String>)]) -> Html {
    if headers.is_empty() {
        return html! { <i class="first">{ "none" }</i> };
    }
    let line = |(name, value): &(String, Option<String>)| {
        html! {
            <div>{ name }{ ": " }if let Some(value) = value { { value } } else { <i>{ "null" }</i> }</div>
        }
    };
    headers.iter().map(line).collect()
}

fn why(why: &Why, partition: i32) -> Html {
    html! {
        <div class="sec">
            <div class="sh"><h3>{ format!("Why partition {partition}?") }</h3></div>
            { for why.steps.iter().map(steps) }
            if let Some(note) = &why.note { <p class="note">{ note }</p> }
        </div>
    }
}

fn steps(steps: &Steps) -> Html {
    let partitions = match steps.partitions {
        1 => "1 partition".to_owned(),
        n => format!("{n} partitions"),
    };
    html! {
        <div class="why">
            <div><span>{ "murmur2(" }<s>{ format!("\"{}\"", steps.key) }</s>{ ")" }</span><b>{ &steps.hash }</b></div>
            <div><span>{ format!("{} & 0x7fffffff", steps.hash) }</span><b>{ steps.masked }</b></div>
            <div><span>{ format!("{} mod {partitions}", steps.masked) }</span><b class="res">{ steps.partition }</b></div>
        </div>
    }
}

fn read_by(groups: &[ReadBy], act: &Callback<Msg>) -> Html {
    let row = |found: &ReadBy| {
        let chosen = Selection::Group(found.group.clone());
        let onclick = act.reform(move |_: MouseEvent| Msg::Selected(Some(chosen.clone())));
        html! {
            <div key={found.group.clone()} title={found.because.clone()}>
                <button class="gn" title={found.group.clone()} {onclick}>{ &found.group }</button>
                <span class="mn">{ found.member.clone().unwrap_or_else(|| "–".to_owned()) }</span>
                <em>{ found.progress }</em>
            </div>
        }
    };
    html! {
        <div class="sec last">
            <div class="sh"><h3>{ "Read by" }</h3></div>
            <div class="rb">{ for groups.iter().map(row) }</div>
            if groups.is_empty() { <p class="note">{ "No group reads this partition." }</p> }
        </div>
    }
}

fn actions(view: &RecordDetail, act: &Callback<Msg>, on_dialog: &Callback<Dialog>) -> Html {
    let again = Action::SendAgain(view.partition.clone(), view.offset);
    let send = act.reform(move |_: MouseEvent| Msg::Acted(again.clone()));
    let edit = {
        let compose = view.sending.compose.clone();
        let on_dialog = on_dialog.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(compose) = compose.clone() {
                on_dialog.emit(Dialog::Compose(compose));
            }
        })
    };
    let command = view.sending.command.clone();
    let title = command.unwrap_or_else(|| "Sends the same bytes; no command types them".to_owned());
    let edit_title = match view.sending.compose {
        Some(_) => "Edit and send",
        None => "Edit and send: not possible, it is no text or larger than 256 KiB",
    };
    html! {
        <div class="act">
            <ReplayButton partition={view.partition.clone()} offset={view.offset} replays={view.replays.clone()}
                read_command={view.read_command.clone()} {act} {on_dialog} />
            <div class="pair">
                <button class="btn" {title} onclick={send}><Icon glyph={Glyph::Send} size={15} />{ "Send again" }</button>
                <button class="btn" aria-label="Edit and send" title={edit_title} disabled={view.sending.compose.is_none()} onclick={edit}><Icon glyph={Glyph::Edit} size={15} /></button>
            </div>
        </div>
    }
}
