//! Add a producer that sends by itself, or change what one sends.

use present::dialogs::check::Field;
use present::dialogs::producer::ProducerForm;
use world::input::ClientId;
use yew::prelude::*;

use super::Surroundings;
use super::fields::{ChoiceField, TextField};
use super::form::{FormWindow, use_form};

/// What the dialog needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ProducerDialogProps {
    /// The topic to begin with.
    pub topic: Option<String>,
    /// The producer to change.
    pub edit: Option<ClientId>,
    /// What surrounds it.
    pub around: Surroundings,
}

/// Add a producer, or change one.
#[component]
pub fn ProducerDialog(props: &ProducerDialogProps) -> Html {
    let around = &props.around;
    let form = use_form(|| ProducerForm::new(props.topic.as_deref(), props.edit, &around.facts));
    let typed = form.typed();
    let checked = typed.check();
    let fixed = typed.edit.is_some();
    let (title, verb) = match fixed {
        true => (format!("What {} sends", typed.client_id), "Save"),
        false => ("Add a producer".to_owned(), "Add producer"),
    };
    let topics: Vec<String> = around.facts.topics.keys().cloned().collect();
    html! {
        <FormWindow {title} {verb} around={around.clone()} checked={checked.clone()} on_submit={form.hand_in(&checked, around)}>
            <div class="form-row">
                <TextField id="producer-name" label="Client id" {fixed} value={typed.client_id.clone()}
                    problem={form.problem(&checked, Field::Name, &typed.client_id)} on_input={form.edit(|form: &mut ProducerForm, text| form.client_id = text)} />
                <TextField id="producer-topic" label="Topic" choices={topics} first={!fixed} value={typed.topic.clone()}
                    problem={form.problem(&checked, Field::Topic, &typed.topic)} on_input={form.edit(|form: &mut ProducerForm, text| form.topic = text)} />
            </div>
            <TextField id="producer-keys" label="Keys" value={typed.keys.clone()} hint="With commas between, chosen at random. None: records without a key"
                on_input={form.edit(|form: &mut ProducerForm, text| form.keys = text)} />
            <TextField id="producer-values" label="Values" lines={3} value={typed.values.clone()} hint="In turn, one a line. {n} stands for the record's number, {key} for its key"
                on_input={form.edit(|form: &mut ProducerForm, text| form.values = text)} />
            <div class="form-row">
                <TextField id="producer-rate" label="Records a second" value={typed.rate.clone()}
                    problem={form.problem(&checked, Field::Rate, "typed")} on_input={form.edit(|form: &mut ProducerForm, text| form.rate = text)} />
                <ChoiceField id="producer-acks" label="acks" {fixed} value={typed.acks.to_string()} choices={acks()}
                    on_choose={form.edit(|form: &mut ProducerForm, text: String| form.acks = text.parse().unwrap_or(-1))} />
            </div>
        </FormWindow>
    }
}

fn acks() -> Vec<(String, String)> {
    let choice = |value: &str, words: &str| (value.to_owned(), words.to_owned());
    vec![
        choice("-1", "all: every in-sync replica has it"),
        choice("1", "1: the leader has it"),
        choice("0", "0: don't wait"),
    ]
}
