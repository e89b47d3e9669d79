//! Add a consumer to a group.

use present::dialogs::check::Field;
use present::dialogs::consumer::ConsumerForm;
use yew::prelude::*;

use super::Surroundings;
use super::fields::{TextField, Tick};
use super::form::{Form, FormWindow, use_form};

/// What the dialog needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ConsumerDialogProps {
    /// The group to begin with.
    pub group: Option<String>,
    /// The topic to begin with.
    pub topic: Option<String>,
    /// What surrounds it.
    pub around: Surroundings,
}

/// Add a consumer.
#[component]
pub fn ConsumerDialog(props: &ConsumerDialogProps) -> Html {
    let around = &props.around;
    let begin = || {
        ConsumerForm::new(
            props.group.as_deref(),
            props.topic.as_deref(),
            &around.facts,
        )
    };
    let form = use_form(begin);
    let typed = form.typed();
    let checked = typed.check();
    let groups: Vec<String> = around.facts.groups.keys().cloned().collect();
    let begins = "Begin with the oldest record, if the group has no committed offsets";
    html! {
        <FormWindow title="Add a consumer" verb="Add consumer" around={around.clone()} checked={checked.clone()} on_submit={form.hand_in(&checked, around)}>
            <div class="form-row">
                <TextField id="consumer-group" label="Group" choices={groups} first=true value={typed.group.clone()} hint="Members of one group share the partitions"
                    problem={form.problem(&checked, Field::Group, &typed.group)} on_input={form.edit(|form: &mut ConsumerForm, text| form.group = text)} />
                <TextField id="consumer-name" label="Client id" value={typed.client_id.clone()}
                    problem={form.problem(&checked, Field::Name, &typed.client_id)} on_input={form.edit(|form: &mut ConsumerForm, text| form.client_id = text)} />
            </div>
            <fieldset class="field">
                <legend>{ "Topics" }</legend>
                <div class="ticks">{ for around.facts.topics.keys().map(|topic| topic_tick(&form, topic)) }</div>
                if around.facts.topics.is_empty() { <p class="meta">{ "There is no topic yet." }</p> }
                if let Some(problem) = form.problem(&checked, Field::Topic, "") { <p class="bad">{ problem }</p> }
            </fieldset>
            <Tick label={begins} ticked={typed.from_beginning} on_tick={form.edit(|form: &mut ConsumerForm, ticked| form.from_beginning = ticked)} />
            <TextField id="consumer-rate" label="Records a second, at most" value={typed.rate.clone()} hint="Empty: as fast as they come"
                problem={form.problem(&checked, Field::Rate, &typed.rate)} on_input={form.edit(|form: &mut ConsumerForm, text| form.rate = text)} />
        </FormWindow>
    }
}

fn topic_tick(form: &Form<ConsumerForm>, topic: &str) -> Html {
    let ticked = form.typed().topics.contains(topic);
    let name = topic.to_owned();
    let on_tick = form.edit(move |form: &mut ConsumerForm, ticked: bool| {
        match ticked {
            true => form.topics.insert(name.clone()),
            false => form.topics.remove(&name),
        };
    });
    html! { <Tick label={topic.to_owned()} {ticked} {on_tick} /> }
}
