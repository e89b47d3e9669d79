//! One step: its title, and when it is open, what to type and what has to happen.

use present::walkthrough::{CommandView, GoalView, Offer, StepBody, StepView, WalkthroughView};
use session::msg::Msg;
use yew::prelude::*;

use crate::ui::copy::CopyButton;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::prose::prose;

/// One step of the list.
pub fn step(at: usize, step: &StepView, view: &WalkthroughView, act: &Callback<Msg>) -> Html {
    let open = view.current == Some(at);
    let state = match (open, step.done) {
        (true, _) => "now",
        (false, true) => "done",
        (false, false) => "todo",
    };
    let mark = match step.done {
        true => html! { <Icon glyph={Glyph::Check} size={12} /> },
        false => html! { step.number },
    };
    let choose = act.reform(move |_: MouseEvent| Msg::StepChosen(at));
    let spoken = if step.done { "Done" } else { "Step" };
    // Elsewhere than in the lecture the scene's own first action is the panel's one primary button.
    let primary = matches!(view.offer, Offer::None | Offer::Finished);
    html! {
        <li key={at} class={classes!("step", state)} aria-current={open.then_some("step")}>
            <span class="step-mark"><span class="vh">{ spoken }{ " " }</span>{ mark }</span>
            <div class="step-text">
                <button class="step-title" aria-expanded={open.to_string()} onclick={choose}>{ prose(&step.title) }</button>
                if let Some(body) = &step.body { { said(body, primary, act) } }
            </div>
        </li>
    }
}

fn said(body: &StepBody, primary: bool, act: &Callback<Msg>) -> Html {
    html! { <>
        { for body.paragraphs.iter().map(|text| html! { <p>{ prose(text) }</p> }) }
        { for body.commands.iter().enumerate().map(|(at, command)| command_block(at, command, primary, act)) }
        <ul class="goals">{ for body.goals.iter().map(goal) }</ul>
    </> }
}

fn command_block(at: usize, command: &CommandView, primary: bool, act: &Callback<Msg>) -> Html {
    let run = {
        let (act, msg) = (act.clone(), command.run.clone());
        Callback::from(move |_: MouseEvent| act.emit(msg.clone()))
    };
    html! {
        <div key={at} class="command">
            <pre>{ command_text(command) }</pre>
            <div class="command-foot">
                <span>{ &command.place }</span>
                <CopyButton text={command.line} />
                <button class={classes!("btn", "sm", primary.then_some("pri"))} disabled={command.not_now.is_some()}
                    title={command.not_now.clone()} onclick={run}>
                    <Icon glyph={Glyph::Play} size={12} />{ "Run" }
                </button>
            </div>
        </div>
    }
}

/// The program in bold; options on lines of their own where one line does not hold them.
fn command_text(command: &CommandView) -> Html {
    if command.program.is_empty() {
        return html! { command.rest.join("\n") };
    }
    let rest = match command.rest.as_slice() {
        [] => String::new(),
        [one] => format!(" {one}"),
        many => many
            .iter()
            .fold(String::new(), |text, line| format!("{text} \\\n {line}")),
    };
    html! { <><b>{ &command.program }</b>{ rest }</> }
}

fn goal(goal: &GoalView) -> Html {
    let (mark, spoken) = match goal.done {
        true => (html! { <Icon glyph={Glyph::Check} size={12} /> }, "Done:"),
        false => (
            html! { <span class="spin" aria-hidden="true" /> },
            "Not yet:",
        ),
    };
    html! {
        <li class={goal.done.then_some("ok")}>
            { mark }
            <span><span class="vh">{ spoken }{ " " }</span>{ prose(&goal.text) }</span>
            if let Some(counted) = &goal.counted { <em>{ counted }</em> }
        </li>
    }
}
