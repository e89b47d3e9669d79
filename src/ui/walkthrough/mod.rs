//! The walkthrough panel.
//!
//! - [`mod@step`]: one step: what to type, what has to happen
//! - [`mod@offer`]: what stands before the steps

pub mod offer;
pub mod step;

use std::rc::Rc;

use present::walkthrough::WalkthroughView;
use session::msg::{Look, Msg};
use yew::prelude::*;

use crate::ui::dialogs::Dialog;
use crate::ui::icons::{Glyph, Icon};
use offer::offer;
use step::step;

/// What the panel needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct WalkthroughProps {
    /// What it shows.
    pub view: Rc<WalkthroughView>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// The walkthrough panel, or its rail.
#[component]
pub fn Walkthrough(props: &WalkthroughProps) -> Html {
    let view = &*props.view;
    let act = &props.act;
    let toggle = act.reform(|_: MouseEvent| Msg::Look(Look::LeftToggled));
    if !view.open {
        return html! {
            <aside class="left rail" aria-label="Walkthrough">
                <button class="ib" aria-label="Open the walkthrough" title="Open the walkthrough ([)" aria-expanded="false" onclick={toggle}>
                    <Icon glyph={Glyph::PanelLeft} size={15} />
                </button>
                <span class="rail-progress">{ view.progress() }</span>
            </aside>
        };
    }
    html! {
        <aside class="left" aria-label="Walkthrough">
            <div class="panel-head">
                <span class="meta">{ "Walkthrough" }</span>
                <button class="ib sm" aria-label="Collapse panel" title="Collapse panel ([)" aria-expanded="true" onclick={toggle}>
                    <Icon glyph={Glyph::PanelLeft} size={15} />
                </button>
            </div>
            { offer(view, act, &props.on_dialog) }
            <div class="lesson-head">
                <h2>{ view.title }</h2>
                { progress(view) }
            </div>
            <ol class="steps">{ for view.steps.iter().enumerate().map(|(at, one)| step(at, one, view, act)) }</ol>
            { foot(view, act) }
        </aside>
    }
}

fn progress(view: &WalkthroughView) -> Html {
    let part = |at: usize| match view.steps.get(at) {
        Some(step) if step.done => "done",
        _ if view.current == Some(at) => "now",
        _ => "",
    };
    let label = match view.current {
        Some(at) => format!("Step {} of {}", at.saturating_add(1), view.steps.len()),
        None => format!("{} of {} steps done", view.done, view.steps.len()),
    };
    html! {
        <div class="lesson-progress" role="progressbar" aria-valuenow={view.done.to_string()} aria-valuemin="0"
            aria-valuemax={view.steps.len().to_string()} aria-label={label}>
            { for (0..view.steps.len()).map(|at| html! { <i class={part(at)} /> }) }
            <span>{ view.progress() }</span>
        </div>
    }
}

fn foot(view: &WalkthroughView, act: &Callback<Msg>) -> Html {
    let Some(current) = view.current else {
        return html! {};
    };
    let to = |step: Option<usize>| {
        let step = step.unwrap_or(current);
        act.reform(move |_: MouseEvent| Msg::StepChosen(step))
    };
    let next = current.saturating_add(1);
    html! {
        <div class="lesson-foot">
            <button class="btn" disabled={current == 0} title={(current == 0).then_some("This is the first step")} onclick={to(current.checked_sub(1))}>
                <Icon glyph={Glyph::ChevronLeft} size={14} />{ "Previous" }
            </button>
            <button class="btn" disabled={next >= view.steps.len()} title={(next >= view.steps.len()).then_some("This is the last step")} onclick={to(Some(next))}>
                { "Next" }<Icon glyph={Glyph::ChevronRight} size={14} />
            </button>
        </div>
    }
}
