//! The composer: send a record, or many.

use present::dialogs::check::{Checked, Field};
use present::dialogs::compose::ComposeForm;
use present::dialogs::json::verdict;
use session::action::Composed;
use session::msg::Msg;
use yew::prelude::*;

use super::Surroundings;
use super::fields::{ChoiceField, TextField, Tick};
use super::form::{Form, FormWindow, use_form};
use crate::ui::icons::{Glyph, Icon};

/// A list to choose a partition from has at most so many.
const MOST_CHOICES: usize = 1_000;

/// What the composer needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ComposeDialogProps {
    /// What it begins with.
    pub record: Composed,
    /// What surrounds it.
    pub around: Surroundings,
}

/// The composer.
#[component]
pub fn ComposeDialog(props: &ComposeDialogProps) -> Html {
    let around = &props.around;
    let form = use_form(|| ComposeForm::new(&props.record, &around.facts));
    let stays = use_state_eq(|| false);
    let sent = use_state_eq(|| 0_u32);
    let checked = form.typed().check(&around.facts);
    let send = send(&form, &checked, around, &stays, &sent);
    let onkeydown = {
        let send = send.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                event.prevent_default();
                send.emit(());
            }
        })
    };
    let on_tick = {
        let stays = stays.clone();
        Callback::from(move |ticked| stays.set(ticked))
    };
    let beside = html! { <>
        <Tick label="Stay open" ticked={*stays} {on_tick} />
        <span class="meta" role="status">{ if *sent > 0 { format!("{} sent", *sent) } else { String::new() } }</span>
        <span class="meta form-key"><kbd>{ "Ctrl" }</kbd>{ " " }<kbd>{ "Enter" }</kbd></span>
    </> };
    html! {
        <FormWindow title="Send a record" verb="Send" around={around.clone()} checked={checked.clone()} on_submit={send} {beside}>
            <div class="compose" {onkeydown}>
                { destination(&form, &checked, around) }
                { content(&form, &checked) }
                { how_many(&form, &checked) }
            </div>
        </FormWindow>
    }
}

fn send(
    form: &Form<ComposeForm>,
    checked: &Checked,
    around: &Surroundings,
    stays: &UseStateHandle<bool>,
    sent: &UseStateHandle<u32>,
) -> Callback<()> {
    let (form, action, around) = (form.clone(), checked.action().cloned(), around.clone());
    let (stays, sent) = (stays.clone(), sent.clone());
    Callback::from(move |()| match action.clone() {
        Some(action) => {
            around.act.emit(Msg::Acted(action));
            sent.set(sent.saturating_add(1));
            if !*stays {
                around.on_close.emit(());
            }
        }
        None => form.show_problems(),
    })
}

fn destination(form: &Form<ComposeForm>, checked: &Checked, around: &Surroundings) -> Html {
    let typed = form.typed();
    let facts = &around.facts;
    let topics: Vec<String> = facts.topics.keys().cloned().collect();
    let count = facts
        .topics
        .get(typed.topic.trim())
        .copied()
        .unwrap_or(0)
        .min(MOST_CHOICES);
    let mut partitions = vec![(String::new(), "The partitioner's choice".to_owned())];
    partitions.extend((0..count).map(|number| (number.to_string(), format!("Partition {number}"))));
    html! {
        <div class="form-row">
            <TextField id="compose-topic" label="Topic" choices={topics} value={typed.topic.clone()}
                problem={form.problem(checked, Field::Topic, &typed.topic)} on_input={form.edit(|form: &mut ComposeForm, text| form.topic = text)} />
            <ChoiceField id="compose-partition" label="Partition" value={typed.partition.clone()} choices={partitions} hint={AttrValue::from(typed.where_to(facts))}
                problem={form.problem(checked, Field::Partition, &typed.partition)} on_choose={form.edit(|form: &mut ComposeForm, text| form.partition = text)} />
        </div>
    }
}

fn content(form: &Form<ComposeForm>, checked: &Checked) -> Html {
    let typed = form.typed();
    html! { <>
        <TextField id="compose-key" label="Key" value={typed.key.clone()} hint="Empty: no key"
            on_input={form.edit(|form: &mut ComposeForm, text| form.key = text)} />
        <TextField id="compose-value" label="Value" lines={4} first=true fixed={typed.tombstone}
            value={if typed.tombstone { String::new() } else { typed.value.clone() }}
            on_input={form.edit(|form: &mut ComposeForm, text| form.value = text)} />
        <div class="form-split">
            { json_line(typed) }
            <Tick label="Tombstone: no value at all" ticked={typed.tombstone} on_tick={form.edit(|form: &mut ComposeForm, ticked| form.tombstone = ticked)} />
        </div>
        <TextField id="compose-headers" label="Headers" lines={2} value={typed.headers.clone()} hint="One name: value a line, such as codename: pelican"
            problem={form.problem(checked, Field::Headers, &typed.headers)} on_input={form.edit(|form: &mut ComposeForm, text| form.headers = text)} />
    </> }
}

fn json_line(typed: &ComposeForm) -> Html {
    if typed.tombstone {
        return html! { <p class="meta">{ "Compaction deletes the key." }</p> };
    }
    let verdict = verdict(&typed.value);
    match verdict.is_json {
        true => {
            html! { <p class="json-ok"><Icon glyph={Glyph::Check} size={12} />{ verdict.text }</p> }
        }
        false => html! { <p class="meta">{ verdict.text }</p> },
    }
}

fn how_many(form: &Form<ComposeForm>, checked: &Checked) -> Html {
    let typed = form.typed();
    let many = typed.count.trim() != "1";
    let hint = many.then_some(AttrValue::from(
        "{n} in the value stands for the record's number",
    ));
    html! {
        <div class="form-row">
            <TextField id="compose-count" label="Records" value={typed.count.clone()} {hint}
                problem={form.problem(checked, Field::Count, "typed")} on_input={form.edit(|form: &mut ComposeForm, text| form.count = text)} />
            if many {
                <TextField id="compose-rate" label="Records a second" value={typed.rate.clone()}
                    problem={form.problem(checked, Field::Rate, "typed")} on_input={form.edit(|form: &mut ComposeForm, text| form.rate = text)} />
            }
        </div>
    }
}
