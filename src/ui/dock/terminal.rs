//! A terminal: its head, its lines, and the line one types in.

use std::rc::Rc;

use present::terminal::{LineView, TerminalView};
use session::dock::DockLook;
use session::msg::{Look, Msg};
use session::selection::Selection;
use shell::terminal::TerminalId;
use yew::prelude::*;

use crate::ui::dock::follow::Follow;
use crate::ui::dock::terminal_input::TerminalInput;
use crate::ui::dock::terminal_pace::use_pace;
use crate::ui::glyph::KeyGlyph;
use crate::ui::icons::{Glyph, Icon};

/// What a terminal needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TerminalProps {
    /// What it shows.
    pub view: Rc<TerminalView>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// A terminal.
#[component]
pub fn TerminalPane(props: &TerminalProps) -> Html {
    let TerminalProps { view, act } = props;
    let id = view.id;
    let shows_records = view.lines.last().is_some_and(|line| line.record.is_some());
    let pace = use_pace(view.seen, shows_records);
    let scroll = {
        let act = act.clone();
        move |line: Option<u64>| act.emit(Msg::Look(Look::Dock(DockLook::Scrolled(id, line))))
    };
    let on_hold = {
        let (scroll, last) = (scroll.clone(), view.seen.saturating_sub(1));
        Callback::from(move |()| scroll(Some(last)))
    };
    let on_older = {
        let (scroll, older) = (scroll.clone(), view.older);
        Callback::from(move |()| older.into_iter().for_each(|line| scroll(Some(line))))
    };
    let on_newer = {
        let newer = view.newer;
        Callback::from(move |()| newer.into_iter().for_each(&scroll))
    };
    let first = view.lines.first().map_or(0, |line| line.number);
    html! { <>
        { head(view, act) }
        <Follow class="term" stamp={format!("{first}-{}-{}", view.seen, view.prompt)} follows={view.follows}
            {on_hold} {on_older} {on_newer} onclick={focus_on_click(id)}>
            <div role="log" aria-label={format!("Output of terminal {}", id.0)} aria-live={if pace.fast { "off" } else { "polite" }} aria-atomic="false">
                <Lines lines={Rc::clone(&view.lines)} {act} />
            </div>
            <div class="vh" role="status">{ pace.summary }</div>
            <TerminalInput {view} {act} />
            if let Some(command) = view.suggestion {
                { suggestion(id, command, act) }
            }
        </Follow>
    </> }
}

fn head(view: &TerminalView, act: &Callback<Msg>) -> Html {
    let id = view.id;
    let stop = act.reform(move |_: MouseEvent| Msg::Interrupted(id));
    let close = act.reform(move |_: MouseEvent| Msg::TerminalClosed(id));
    html! {
        <div class="pt">
            <span class="nm">{ format!("Terminal {}", id.0) }</span>
            <span class="pt-title" title={view.title.clone()}>{ &view.title }</span>
            if let Some(status) = view.status.filter(|_| !view.running) {
                <span class="pt-exit">{ format!("Exit {status}") }</span>
            }
            if view.background > 0 { <span>{ format!("{} in the background", view.background) }</span> }
            <span class="fx" />
            if view.running {
                <span class="dotw ok"><i />{ "Running" }</span>
                <button class="btn sm gh" title="Stop (Ctrl+C)" onclick={stop}><Icon glyph={Glyph::Stop} size={14} />{ "Stop" }</button>
            }
            if view.closable {
                <button class="ib sm" aria-label={format!("Close terminal {}", id.0)} title="Close terminal" onclick={close}><Icon glyph={Glyph::Close} size={13} /></button>
            }
        </div>
    }
}

/// A click beside the input goes to the input, unless something was marked to be copied.
fn focus_on_click(id: TerminalId) -> Callback<MouseEvent> {
    Callback::from(move |event: MouseEvent| {
        use wasm_bindgen::JsCast;
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let on_button =
            target.is_some_and(|at| at.closest("button").is_ok_and(|found| found.is_some()));
        let selection = gloo::utils::window().get_selection().ok().flatten();
        let marked = selection.is_some_and(|selection| !selection.is_collapsed());
        if !on_button && !marked {
            crate::ui::effects::focus(&format!("terminal-input-{}", id.0));
        }
    })
}

fn suggestion(id: TerminalId, command: &'static str, act: &Callback<Msg>) -> Html {
    let onclick = act.reform(move |_: MouseEvent| Msg::LineEntered(id, command.to_owned()));
    html! {
        <div class="t-try"><span>{ "Try " }</span><button {onclick}><code>{ command }</code></button></div>
    }
}

/// What the lines need.
#[derive(Debug, Clone, PartialEq, Properties)]
struct LinesProps {
    lines: Rc<Vec<LineView>>,
    act: Callback<Msg>,
}

/// The lines: drawn again only when there are others.
#[component]
fn Lines(props: &LinesProps) -> Html {
    props
        .lines
        .iter()
        .map(|line| self::line(line, &props.act))
        .collect()
}

fn line(line: &LineView, act: &Callback<Msg>) -> Html {
    let key = line.number.to_string();
    let spans: Html = line
        .spans
        .iter()
        .map(|span| match span.class {
            "" => html! { { &span.text } },
            class => html! { <span {class}>{ &span.text }</span> },
        })
        .collect();
    let error = line.is_error.then_some("t-stderr");
    let Some(record) = &line.record else {
        return html! { <div key={key.clone()} data-k={key} class={classes!("ln", error)}>{ spans }</div> };
    };
    let chosen = Selection::Record(record.partition.clone(), record.offset);
    let onclick = act.reform(move |_: MouseEvent| Msg::Selected(Some(chosen.clone())));
    let title = format!(
        "{} @ {} · {}",
        record.partition,
        record.offset,
        record.mark.spoken()
    );
    html! {
        <button key={key.clone()} data-k={key} class={classes!("ln", "rec", error, record.selected.then_some("on"))}
            {title} aria-pressed={record.selected.to_string()} tabindex="-1" {onclick}>
            <KeyGlyph mark={record.mark.clone()} />{ spans }
        </button>
    }
}
