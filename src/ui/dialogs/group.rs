//! Move a group to other offsets, or back to one record.

use engine::ids::TopicPartition;
use present::dialogs::check::Field;
use present::dialogs::group::{MoveForm, ReplayForm, Where};
use yew::prelude::*;

use super::Surroundings;
use super::fields::{ChoiceField, TextField};
use super::form::{FormWindow, use_form};

/// What the dialog needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct MoveDialogProps {
    /// The group.
    pub group: String,
    /// What surrounds it.
    pub around: Surroundings,
}

/// Move a group in all partitions of a topic.
#[component]
pub fn MoveDialog(props: &MoveDialogProps) -> Html {
    let around = &props.around;
    let form = use_form(|| MoveForm::new(&props.group, &around.facts));
    let typed = form.typed();
    let checked = typed.check(&around.facts);
    let topics: Vec<String> = around.facts.topics.keys().cloned().collect();
    let to = name_of(typed.to);
    html! {
        <FormWindow title={format!("Move group {}", props.group)} verb="Move group" around={around.clone()} checked={checked.clone()} on_submit={form.hand_in(&checked, around)}>
            <TextField id="move-topic" label="Topic" choices={topics} value={typed.topic.clone()}
                problem={form.problem(&checked, Field::Topic, &typed.topic)} on_input={form.edit(|form: &mut MoveForm, text| form.topic = text)} />
            <div class="form-row">
                <ChoiceField id="move-to" label="To" value={to} choices={places()} hint="Members that run seek; a group without members is reset"
                    on_choose={form.edit(|form: &mut MoveForm, name: String| form.to = named(&name))} />
                if matches!(typed.to, Where::Offset | Where::Time) {
                    <TextField id="move-point" label={if typed.to == Where::Time { "Time" } else { "Offset" }} first=true value={typed.point.clone()}
                        problem={form.problem(&checked, Field::Where, &typed.point)} on_input={form.edit(|form: &mut MoveForm, text| form.point = text)} />
                }
            </div>
        </FormWindow>
    }
}

/// What the dialog needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ReplayDialogProps {
    /// The record's partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// What surrounds it.
    pub around: Surroundings,
}

/// Let a group read again from a record on.
#[component]
pub fn ReplayDialog(props: &ReplayDialogProps) -> Html {
    let around = &props.around;
    let form = use_form(|| ReplayForm::new(&props.partition, props.offset, &around.facts));
    let typed = form.typed();
    let checked = typed.check();
    let groups = typed
        .groups
        .iter()
        .map(|group| (group.clone(), group.clone()))
        .collect::<Vec<_>>();
    let problem = checked
        .problem(Field::Group)
        .map(|text| AttrValue::from(text.to_owned()));
    html! {
        <FormWindow title={format!("Replay from {} @ {}", props.partition, props.offset)} verb="Replay from here" around={around.clone()} checked={checked.clone()} on_submit={form.hand_in(&checked, around)}>
            <ChoiceField id="replay-group" label="Group" value={typed.group.clone()} choices={groups} {problem}
                hint="Its members that run seek to this record; a group without members is reset to it"
                on_choose={form.edit(|form: &mut ReplayForm, group| form.group = group)} />
        </FormWindow>
    }
}

const PLACES: [(Where, &str, &str); 4] = [
    (Where::Beginning, "beginning", "The oldest record"),
    (Where::End, "end", "Behind the newest record"),
    (Where::Offset, "offset", "An offset"),
    (Where::Time, "time", "A time on the page's clock"),
];

fn places() -> Vec<(String, String)> {
    PLACES
        .iter()
        .map(|(_, name, words)| ((*name).to_owned(), (*words).to_owned()))
        .collect()
}

fn name_of(place: Where) -> &'static str {
    PLACES
        .iter()
        .find(|(at, ..)| *at == place)
        .map_or("beginning", |(_, name, _)| name)
}

fn named(name: &str) -> Where {
    PLACES
        .iter()
        .find(|(_, at, _)| *at == name)
        .map_or(Where::Beginning, |(place, ..)| *place)
}
