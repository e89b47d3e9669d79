//! The film with its playhead. What stands at a moment is read off by mouse, or with arrow keys.

use std::rc::Rc;

use present::timeline::{Reading, TimelineView};
use session::msg::Msg;
use web_sys::Element;
use yew::prelude::*;

use super::film::{Film, Marks, per_cent};

/// What the track needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TrackProps {
    /// What it shows.
    pub view: Rc<TimelineView>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The film with its playhead, and a ghost of it where something is read off.
#[component]
pub fn Track(props: &TrackProps) -> Html {
    let view = &*props.view;
    let ghost = use_state_eq(|| None::<u64>);
    let reading = ghost
        .map(|at| view.reading(at))
        .filter(|reading| reading.at >= view.span.from);
    let place = use_node_ref();
    let onpointermove = {
        let (ghost, place, span) = (ghost.clone(), place.clone(), view.span);
        Callback::from(move |event: PointerEvent| {
            ghost.set(part_of(&place, &event).map(|part| span.moment(part)));
        })
    };
    let onpointerleave = {
        let ghost = ghost.clone();
        Callback::from(move |_: PointerEvent| ghost.set(None))
    };
    let onblur = {
        let ghost = ghost.clone();
        Callback::from(move |_: FocusEvent| ghost.set(None))
    };
    let onkeydown = on_key(props, &ghost, reading.as_ref());
    html! {
        <div class="track" {onpointermove} {onpointerleave}>
            <div class="track-inside" ref={place}>
                { slider(view, reading.as_ref(), onkeydown, onblur) }
                <div class="reel" style={format!("transform:translateX(-{})", per_cent(view.span.moved()))}>
                    <Film bars={view.bars.clone()} ticks={view.ticks.clone()} outages={view.outages.clone()} />
                    <Marks marks={view.marks.clone()} act={&props.act} />
                </div>
                { playhead(view) }
                if let Some(reading) = &reading { { ghost_playhead(view, reading) } }
            </div>
        </div>
    }
}

/// What a screen reader and the keyboard have of the track: the moment that is read off, else now.
fn slider(
    view: &TimelineView,
    reading: Option<&Reading>,
    onkeydown: Callback<KeyboardEvent>,
    onblur: Callback<FocusEvent>,
) -> Html {
    let seconds = |micros: u64| format!("{}.{}", micros / 1_000_000, micros / 100_000 % 10);
    let (at, text) = match reading {
        Some(reading) => (reading.at, format!("{}: {}", reading.time, reading.text)),
        None => (view.span.now, view.spoken()),
    };
    html! {
        <div class="track-slider" role="slider" tabindex="0" aria-label="Time" aria-valuemin={seconds(view.span.from)}
            aria-valuemax={seconds(view.span.now)} aria-valuenow={seconds(at)} aria-valuetext={text} {onkeydown} {onblur}
            title="Arrow keys read off what happened when; Enter selects it" />
    }
}

fn playhead(view: &TimelineView) -> Html {
    let x = view.span.playhead();
    html! { <>
        <div class="future" style={format!("left:{}", per_cent(x))} aria-hidden="true" />
        <svg class="playhead" style={format!("left:{}", per_cent(x))} width="12" height="37" viewBox="-6 0 12 37" aria-hidden="true">
            <path class="playhead-line" d="M0 3V36" />
            <path class="playhead-top" d="M-5.5 1h11v6.5L0 12.5l-5.5-5z" />
        </svg>
    </> }
}

fn ghost_playhead(view: &TimelineView, reading: &Reading) -> Html {
    let x = view.span.place(reading.at.saturating_sub(view.span.from));
    let side = (x > 50.0).then_some("to-left");
    html! {
        <div class={classes!("ghost", side)} style={format!("left:{}", per_cent(x))} aria-hidden="true">
            <span><b>{ &reading.time }</b>{ " " }{ &reading.text }</span>
        </div>
    }
}

fn on_key(
    props: &TrackProps,
    ghost: &UseStateHandle<Option<u64>>,
    reading: Option<&Reading>,
) -> Callback<KeyboardEvent> {
    let (view, act, ghost) = (props.view.clone(), props.act.clone(), ghost.clone());
    let mark = reading.and_then(|reading| reading.mark);
    Callback::from(move |event: KeyboardEvent| {
        let key = event.key();
        if key == "Enter" {
            let thing = mark.and_then(|mark| view.marks.get(mark)?.selects.clone());
            if let Some(thing) = thing {
                event.prevent_default();
                act.emit(Msg::Selected(Some(thing)));
            }
            return;
        }
        let Some(next) = moved(&view, *ghost, &key) else {
            return;
        };
        event.prevent_default();
        event.stop_propagation();
        ghost.set(next);
    })
}

/// Where a key moves the ghost from where it is; `Some(None)` takes it away.
pub fn moved(view: &TimelineView, ghost: Option<u64>, key: &str) -> Option<Option<u64>> {
    let span = &view.span;
    let (small, large) = (span.length / 120, span.length / 12);
    let at = ghost.unwrap_or(span.now);
    let next = match key {
        "ArrowLeft" | "ArrowDown" => at.saturating_sub(small),
        "ArrowRight" | "ArrowUp" => at.saturating_add(small),
        "PageDown" => at.saturating_sub(large),
        "PageUp" => at.saturating_add(large),
        "Home" => span.from,
        "End" => span.now,
        "Escape" if ghost.is_some() => return Some(None),
        _ => return None,
    };
    Some(Some(next.clamp(span.from, span.now)))
}

fn part_of(place: &NodeRef, event: &PointerEvent) -> Option<f64> {
    let rect = place.cast::<Element>()?.get_bounding_client_rect();
    (rect.width() > 0.0).then(|| (f64::from(event.client_x()) - rect.left()) / rect.width())
}
