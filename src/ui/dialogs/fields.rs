//! One field of a form, with its label, its hint and what is wrong with it.

use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// A field to type into.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TextFieldProps {
    /// Names the field in the page.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// What stands in it.
    pub value: AttrValue,
    /// It was changed.
    pub on_input: Callback<String>,
    /// What is wrong with it.
    #[prop_or_default]
    pub problem: Option<AttrValue>,
    /// A few words below it.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// What to choose from, beside typing.
    #[prop_or_default]
    pub choices: Vec<String>,
    /// So many lines; 1 is a plain field.
    #[prop_or(1)]
    pub lines: u32,
    /// Whether it cannot be changed.
    #[prop_or_default]
    pub fixed: bool,
    /// Whether the dialog opens with the cursor here.
    #[prop_or_default]
    pub first: bool,
}

/// A field to type into.
#[component]
pub fn TextField(props: &TextFieldProps) -> Html {
    let note = format!("{}-note", props.id);
    let described = (props.problem.is_some() || props.hint.is_some()).then(|| note.clone());
    html! {
        <div class="field">
            <label for={props.id.clone()}>{ &props.label }</label>
            if props.lines > 1 { { area(props, described) } } else { { line(props, described) } }
            { note_below(note, props.problem.as_ref(), props.hint.as_ref()) }
        </div>
    }
}

fn line(props: &TextFieldProps, described: Option<String>) -> Html {
    let list = (!props.choices.is_empty()).then(|| format!("{}-choices", props.id));
    let oninput = props
        .on_input
        .reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    html! { <>
        <input id={props.id.clone()} class="in mono" type="text" value={props.value.clone()} {oninput}
            autocomplete="off" autocapitalize="off" spellcheck="false" readonly={props.fixed} autofocus={props.first}
            list={list.clone()} aria-invalid={props.problem.is_some().then_some("true")} aria-describedby={described} />
        if let Some(list) = list {
            <datalist id={list}>{ for props.choices.iter().map(|choice| html! { <option value={choice.clone()} /> }) }</datalist>
        }
    </> }
}

fn area(props: &TextFieldProps, described: Option<String>) -> Html {
    let oninput = props
        .on_input
        .reform(|event: InputEvent| event.target_unchecked_into::<HtmlTextAreaElement>().value());
    html! {
        <textarea id={props.id.clone()} class="in mono" rows={props.lines.to_string()} value={props.value.clone()} {oninput}
            autocapitalize="off" spellcheck="false" readonly={props.fixed} autofocus={props.first}
            aria-invalid={props.problem.is_some().then_some("true")} aria-describedby={described} />
    }
}

fn note_below(id: String, problem: Option<&AttrValue>, hint: Option<&AttrValue>) -> Html {
    match (problem, hint) {
        (Some(problem), _) => html! { <p {id} class="bad">{ problem }</p> },
        (None, Some(hint)) => html! { <p {id} class="meta">{ hint }</p> },
        (None, None) => html! {},
    }
}

/// A field to choose from.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ChoiceFieldProps {
    /// Names the field in the page.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// What is chosen.
    pub value: AttrValue,
    /// What can be chosen: the value and its words.
    pub choices: Vec<(String, String)>,
    /// Another was chosen.
    pub on_choose: Callback<String>,
    /// What is wrong with it.
    #[prop_or_default]
    pub problem: Option<AttrValue>,
    /// A few words below it.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// Whether it cannot be changed.
    #[prop_or_default]
    pub fixed: bool,
}

/// A field to choose from.
#[component]
pub fn ChoiceField(props: &ChoiceFieldProps) -> Html {
    let note = format!("{}-note", props.id);
    let onchange = props
        .on_choose
        .reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
    let choice = |(value, words): &(String, String)| {
        let selected = *value == *props.value;
        html! { <option value={value.clone()} {selected}>{ words }</option> }
    };
    html! {
        <div class="field">
            <label for={props.id.clone()}>{ &props.label }</label>
            <select id={props.id.clone()} class="in" {onchange} disabled={props.fixed}
                aria-invalid={props.problem.is_some().then_some("true")} aria-describedby={note.clone()}>
                { for props.choices.iter().map(choice) }
            </select>
            { note_below(note, props.problem.as_ref(), props.hint.as_ref()) }
        </div>
    }
}

/// A box to tick.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TickProps {
    /// Its label.
    pub label: AttrValue,
    /// Whether it is ticked.
    pub ticked: bool,
    /// It was ticked, or no longer.
    pub on_tick: Callback<bool>,
}

/// A box to tick.
#[component]
pub fn Tick(props: &TickProps) -> Html {
    let onchange = props
        .on_tick
        .reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().checked());
    html! {
        <label class="tickbox">
            <input type="checkbox" checked={props.ticked} {onchange} />
            <span>{ &props.label }</span>
        </label>
    }
}
