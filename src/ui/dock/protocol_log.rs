//! The protocol log: frames, and the fields and bytes of the chosen one.

use std::rc::Rc;

use present::protocol_log::{FieldRow, FrameDetail, FrameRow, ProtocolView};
use session::dock::{DockLook, ProtocolQuery};
use session::msg::{Look, Msg};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::ui::dock::follow::Follow;
use crate::ui::dock::hex::Hex;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::tabs;

/// What the log needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ProtocolProps {
    /// What it shows.
    pub view: Rc<ProtocolView>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The protocol log.
#[component]
pub fn ProtocolLog(props: &ProtocolProps) -> Html {
    let ProtocolProps { view, act } = props;
    let ask = {
        let act = act.clone();
        Callback::from(move |query| act.emit(Msg::Look(Look::Dock(DockLook::Protocol(query)))))
    };
    let until = |until: Option<Option<u64>>| {
        let (ask, query) = (ask.clone(), view.query.clone());
        Callback::from(move |()| {
            if let Some(until) = until {
                ask.emit(ProtocolQuery {
                    until,
                    ..query.clone()
                });
            }
        })
    };
    let first = view.rows.first().map_or(0, |row| row.number);
    html! { <>
        { toolbar(view, &ask) }
        <div class={classes!("plog", view.detail.is_some().then_some("split"))}>
            <Follow class="grid frms" role="table" label="Requests and responses" stamp={format!("{first}-{:?}", view.last)}
                follows={view.query.until.is_none()} on_hold={until(view.last.map(Some))} on_older={until(view.older.map(Some))}
                on_newer={until(view.newer)} onkeydown={tabs::rows_onkeydown()}>
                { columns() }
                <Frames rows={Rc::clone(&view.rows)} query={view.query.clone()} ask={ask.clone()} />
                if view.rows.is_empty() { <p class="none">{ empty(&view.query) }</p> }
            </Follow>
            if let Some(detail) = &view.detail {
                <Detail key={detail.number} detail={Rc::clone(detail)} on_close={close(view, &ask)} />
            }
        </div>
    </> }
}

fn empty(query: &ProtocolQuery) -> &'static str {
    if query.filter.trim().is_empty() {
        "No requests yet. Whatever a client asks a broker shows here."
    } else {
        "No request or response of that API or client."
    }
}

fn close(view: &ProtocolView, ask: &Callback<ProtocolQuery>) -> Callback<MouseEvent> {
    let query = ProtocolQuery {
        selected: None,
        ..view.query.clone()
    };
    ask.reform(move |_| query.clone())
}

fn toolbar(view: &ProtocolView, ask: &Callback<ProtocolQuery>) -> Html {
    let oninput = {
        let (ask, query) = (ask.clone(), view.query.clone());
        Callback::from(move |event: InputEvent| {
            let field = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let filter = field.map(|field| field.value()).unwrap_or_default();
            ask.emit(ProtocolQuery {
                filter,
                until: None,
                ..query.clone()
            });
        })
    };
    let onchange = {
        let query = ProtocolQuery {
            with_chatter: !view.query.with_chatter,
            ..view.query.clone()
        };
        ask.reform(move |_: Event| query.clone())
    };
    html! {
        <div class="tbar">
            <label class="find"><Icon glyph={Glyph::Search} size={14} />
                <input type="search" placeholder="API or client contains" aria-label="API or client contains" value={view.query.filter.clone()} {oninput} />
            </label>
            <label class="chk"><input type="checkbox" checked={view.query.with_chatter} {onchange} />{ "Heartbeats and empty fetches" }</label>
            <span class="fx" />
            <span class="meta">{ &view.counts }</span>
        </div>
    }
}

fn columns() -> Html {
    let names = [
        ("Time", "When it set off"),
        ("API", "Request → or response ←"),
        ("v", "The API's version"),
        ("From → to", "Who sent it to whom"),
        ("Bytes", "Its size without the length before it"),
        (
            "ms",
            "On the way; for a response, since its request set off",
        ),
    ];
    html! {
        <div class="hd" role="row">
            { for names.map(|(name, title)| html! { <span role="columnheader" {title}>{ name }</span> }) }
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct FramesProps {
    rows: Rc<Vec<Rc<FrameRow>>>,
    query: ProtocolQuery,
    ask: Callback<ProtocolQuery>,
}

#[component]
fn Frames(props: &FramesProps) -> Html {
    let stop = props.rows.iter().position(|row| row.selected).unwrap_or(0);
    let rows = props.rows.iter().enumerate();
    rows.map(|(at, row)| frame(row, at == stop, props))
        .collect()
}

fn frame(row: &FrameRow, stop: bool, props: &FramesProps) -> Html {
    // What one looks at stays in sight.
    let query = ProtocolQuery {
        selected: Some(row.number),
        until: props
            .query
            .until
            .or(props.rows.last().map(|last| last.number)),
        ..props.query.clone()
    };
    let onclick = props.ask.reform(move |_: MouseEvent| query.clone());
    let key = row.number.to_string();
    let (arrow, kind) = match row.is_response {
        true => ("←", "response"),
        false => ("→", "request"),
    };
    html! {
        <div key={key.clone()} data-k={key} role="row" class={classes!("tr", row.selected.then_some("on"), row.carries_records.then_some("full"))}
            tabindex={if stop { "0" } else { "-1" }} aria-selected={row.selected.to_string()} {onclick}>
            <span role="cell" class="num">{ &row.time }</span>
            <span role="cell" class="mono api"><i title={kind} aria-label={kind}>{ arrow }</i>{ row.api }</span>
            <span role="cell" class="num">{ row.version }</span>
            <span role="cell" title={format!("{} → {}", row.from, row.to)}>{ format!("{} → {}", row.from, row.to) }</span>
            <span role="cell" class="num">{ &row.bytes }</span>
            <span role="cell" class="num">{ &row.millis }</span>
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct DetailProps {
    detail: Rc<FrameDetail>,
    on_close: Callback<MouseEvent>,
}

/// A frame's fields beside its bytes: the bytes of the field that one points at or chose stand out.
#[component]
fn Detail(props: &DetailProps) -> Html {
    let hovered = use_state(|| None::<usize>);
    let chosen = use_state(|| None::<usize>);
    let detail = &props.detail;
    let field = hovered.or(*chosen).and_then(|at| detail.fields.get(at));
    let span = field.map(|field| (field.start, field.end));
    let onmouseleave = {
        let hovered = hovered.clone();
        Callback::from(move |_: MouseEvent| hovered.set(None))
    };
    let rows = detail.fields.iter().enumerate().map(|(at, field)| {
        let hover = {
            let hovered = hovered.clone();
            Callback::from(move |_: MouseEvent| hovered.set(Some(at)))
        };
        let choose = {
            let chosen = chosen.clone();
            Callback::from(move |()| chosen.set(Some(at)))
        };
        self::field(at, field, *chosen == Some(at), hover, choose)
    });
    html! {
        <div class="fdet">
            <div class="fh"><b class="mono">{ &detail.title }</b><span class="meta">{ &detail.about }</span><span class="fx" />
                <button class="ib sm" aria-label="Close" title="Close" onclick={&props.on_close}><Icon glyph={Glyph::Close} size={13} /></button>
            </div>
            <div class="flds" role="table" aria-label="Fields" {onmouseleave} onkeydown={tabs::rows_onkeydown()}>
                { for rows }
                if detail.more > 0 { <p class="none">{ format!("{} more fields", detail.more) }</p> }
                if let Some(error) = &detail.error { <p class="bad">{ error }</p> }
            </div>
            <Hex frame={detail.frame.clone()} {span} />
        </div>
    }
}

fn field(
    at: usize,
    field: &FieldRow,
    on: bool,
    onmouseenter: Callback<MouseEvent>,
    choose: Callback<()>,
) -> Html {
    let onclick = choose.reform(|_: MouseEvent| ());
    let onfocus = choose.reform(|_: FocusEvent| ());
    let bytes = field.end.saturating_sub(field.start);
    html! {
        <div key={at} role="row" class={classes!("fld", on.then_some("on"))} style={format!("padding-left: {}px", 8 + field.depth * 12)}
            tabindex={if at == 0 { "0" } else { "-1" }} {onmouseenter} {onclick} {onfocus}>
            <span role="cell" class="mono">{ field.name }</span>
            <span role="cell" class="mono fv" title={field.value.clone()}>{ &field.value }</span>
            <span role="cell" class="meta">{ format!("{}–{} · {bytes} B", field.start, field.end) }</span>
        </div>
    }
}
