//! Make a topic; give one more partitions.

use present::dialogs::check::Field;
use present::dialogs::topic::{PartitionsForm, TopicForm};
use yew::prelude::*;

use super::Surroundings;
use super::fields::TextField;
use super::form::{FormWindow, use_form};

/// What the dialog needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TopicDialogProps {
    /// What surrounds it.
    pub around: Surroundings,
}

/// Make a topic.
#[component]
pub fn TopicDialog(props: &TopicDialogProps) -> Html {
    let around = &props.around;
    let form = use_form(TopicForm::default);
    let typed = form.typed();
    let checked = form.typed().check(&around.facts);
    let brokers = match around.facts.brokers {
        1 => "1 broker runs".to_owned(),
        many => format!("{many} brokers run"),
    };
    html! {
        <FormWindow title="Create a topic" verb="Create topic" around={around.clone()} checked={checked.clone()} on_submit={form.hand_in(&checked, around)}>
            <TextField id="topic-name" label="Name" first=true value={typed.name.clone()} hint={typed.remark().map(AttrValue::from)}
                problem={form.problem(&checked, Field::Name, &typed.name)} on_input={form.edit(|form: &mut TopicForm, text| form.name = text)} />
            <div class="form-row">
                <TextField id="topic-partitions" label="Partitions" value={typed.partitions.clone()}
                    problem={form.problem(&checked, Field::Partitions, "typed")} on_input={form.edit(|form: &mut TopicForm, text| form.partitions = text)} />
                <TextField id="topic-replicas" label="Replication factor" value={typed.replicas.clone()} hint={AttrValue::from(brokers)}
                    problem={form.problem(&checked, Field::Replicas, "typed")} on_input={form.edit(|form: &mut TopicForm, text| form.replicas = text)} />
            </div>
            <TextField id="topic-configs" label="Configurations" lines={2} value={typed.configs.clone()} hint="One name=value a line, such as retention.ms=60000"
                problem={form.problem(&checked, Field::Configs, &typed.configs)} on_input={form.edit(|form: &mut TopicForm, text| form.configs = text)} />
        </FormWindow>
    }
}

/// What the dialog needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PartitionsDialogProps {
    /// The topic.
    pub topic: String,
    /// What surrounds it.
    pub around: Surroundings,
}

/// Give a topic more partitions.
#[component]
pub fn PartitionsDialog(props: &PartitionsDialogProps) -> Html {
    let around = &props.around;
    let form = use_form(|| PartitionsForm::new(&props.topic, &around.facts));
    let checked = form.typed().check(&around.facts);
    html! {
        <FormWindow title={format!("Add partitions to {}", props.topic)} verb="Add partitions" around={around.clone()} checked={checked.clone()} on_submit={form.hand_in(&checked, around)}>
            <TextField id="partitions-total" label="Partitions in all" first=true value={form.typed().total.clone()}
                hint="Records stay where they are. A key may go to another partition than before."
                problem={form.problem(&checked, Field::Partitions, "typed")} on_input={form.edit(|form: &mut PartitionsForm, text| form.total = text)} />
        </FormWindow>
    }
}
