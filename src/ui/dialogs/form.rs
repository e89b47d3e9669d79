//! A form in a window: its fields, the command that does the same, and its button.

use present::dialogs::check::{Checked, Field};
use session::action::Action;
use session::msg::Msg;
use yew::prelude::*;

use super::Surroundings;
use super::modal::{Modal, focus_first_problem};
use crate::ui::copy::CopyButton;

/// What is typed into a form, and whether it was handed in with something wrong.
#[derive(Clone, PartialEq)]
pub struct Form<F: PartialEq> {
    state: UseStateHandle<F>,
    tried: UseStateHandle<bool>,
}

/// A form that begins so.
#[hook]
pub fn use_form<F: Clone + PartialEq + 'static>(begin: impl FnOnce() -> F) -> Form<F> {
    Form {
        state: use_state_eq(begin),
        tried: use_state_eq(|| false),
    }
}

impl<F: Clone + PartialEq + 'static> Form<F> {
    /// What is typed so far.
    pub fn typed(&self) -> &F {
        &self.state
    }

    /// What changes the form when a field changes.
    pub fn edit<T: 'static>(&self, change: impl Fn(&mut F, T) + 'static) -> Callback<T> {
        let state = self.state.clone();
        Callback::from(move |value| {
            let mut next = (*state).clone();
            change(&mut next, value);
            state.set(next);
        })
    }

    /// What is wrong with a field: at once if something stands in it, else when the form was handed in.
    pub fn problem(&self, checked: &Checked, field: Field, text: &str) -> Option<AttrValue> {
        let problem = checked.problem(field)?;
        (*self.tried || !text.is_empty()).then(|| AttrValue::from(problem.to_owned()))
    }

    /// Hands the form in: does what it says and closes, or shows what is wrong.
    pub fn hand_in(&self, checked: &Checked, around: &Surroundings) -> Callback<()> {
        let (action, around, tried) = (
            checked.action().cloned(),
            around.clone(),
            self.tried.clone(),
        );
        Callback::from(move |()| match action.clone() {
            Some(action) => {
                around.act.emit(Msg::Acted(action));
                around.on_close.emit(());
            }
            None => {
                tried.set(true);
                focus_first_problem();
            }
        })
    }

    /// Something is wrong, and all of it is to be seen.
    pub fn show_problems(&self) {
        self.tried.set(true);
        focus_first_problem();
    }
}

/// What a form's window needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct FormWindowProps {
    /// Its title.
    pub title: AttrValue,
    /// Its button's words.
    pub verb: AttrValue,
    /// The checked form.
    pub checked: Checked,
    /// What surrounds it.
    pub around: Surroundings,
    /// The form was handed in.
    pub on_submit: Callback<()>,
    /// What stands beside the button.
    #[prop_or_default]
    pub beside: Html,
    /// The fields.
    pub children: Html,
}

/// A form in a window.
#[component]
pub fn FormWindow(props: &FormWindowProps) -> Html {
    let around = &props.around;
    let onsubmit = props
        .on_submit
        .reform(|event: SubmitEvent| event.prevent_default());
    html! {
        <Modal title={props.title.clone()} on_close={&around.on_close}>
            <form class="form" novalidate=true {onsubmit}>
                <div class="form-body">
                    if around.facts.brokers == 0 { { no_cluster(around) } }
                    { props.children.clone() }
                </div>
                { command_line(&props.checked) }
                <footer class="form-foot">
                    { props.beside.clone() }
                    <span class="fx" />
                    <button type="button" class="btn" onclick={around.on_close.reform(|_: MouseEvent| ())}>{ "Cancel" }</button>
                    <button type="submit" class="btn pri">{ &props.verb }</button>
                </footer>
            </form>
        </Modal>
    }
}

/// The command that does the same as a checked form.
fn command_line(checked: &Checked) -> Html {
    match (checked.command(), checked.action()) {
        (Some(command), _) => command_block(&command),
        (None, Some(_)) => html! {
            <p class="command-line meta">{ "None of Kafka's tools does this; a client does." }</p>
        },
        (None, None) => html! {
            <p class="command-line meta">{ "The command that does the same stands here once the form is complete." }</p>
        },
    }
}

/// A command, ready to copy.
pub fn command_block(command: &str) -> Html {
    html! {
        <div class="command-line" aria-label="The same as a command">
            <code>{ command }</code>
            <CopyButton text={command.to_owned()} />
        </div>
    }
}

fn no_cluster(around: &Surroundings) -> Html {
    let start = around
        .act
        .reform(|_: MouseEvent| Msg::Acted(Action::StartCluster(1)));
    html! {
        <p class="form-warning">
            <span>{ "No cluster runs." }</span>
            <button type="button" class="btn sm" onclick={start}>{ "Start one" }</button>
        </p>
    }
}
