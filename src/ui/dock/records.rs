//! The table of records.

use std::rc::Rc;

use present::records::{RecordRow, RecordsView};
use session::dock::{DockLook, RecordsAt, RecordsQuery};
use session::msg::{Look, Msg};
use session::selection::Selection;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::ui::dock::follow::Follow;
use crate::ui::glyph::KeyGlyph;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::tabs;

/// What the table needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct RecordsProps {
    /// What it shows.
    pub view: Rc<RecordsView>,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The table of records.
#[component]
pub fn RecordsTable(props: &RecordsProps) -> Html {
    let RecordsProps { view, act } = props;
    let ask = {
        let act = act.clone();
        Callback::from(move |query| act.emit(Msg::Look(Look::Dock(DockLook::Records(query)))))
    };
    let go = |at: &Option<RecordsAt>| {
        let (ask, query, at) = (ask.clone(), view.query.clone(), at.clone());
        Callback::from(move |()| {
            if let Some(at) = at.clone() {
                ask.emit(RecordsQuery {
                    at,
                    ..query.clone()
                });
            }
        })
    };
    use_search(view, &ask);
    let name = |row: Option<&Rc<RecordRow>>| {
        row.map_or_else(String::new, |row| {
            format!("{}@{}", row.partition, row.offset)
        })
    };
    let stamp = format!("{} {}", name(view.rows.first()), name(view.rows.last()));
    html! { <>
        { toolbar(view, &ask) }
        <Follow class="grid recs" role="table" label="Records" {stamp} follows={view.query.at == RecordsAt::Newest}
            on_hold={go(&view.hold)} on_older={go(&view.older)} on_newer={go(&view.newer)} onkeydown={tabs::rows_onkeydown()}>
            { columns() }
            { for view.searched.as_ref().filter(|_| backwards(&view.query.at)).map(|_| search_on(view, &ask)) }
            <Rows rows={Rc::clone(&view.rows)} {act} />
            { for view.searched.as_ref().filter(|_| !backwards(&view.query.at)).map(|_| search_on(view, &ask)) }
            if view.rows.is_empty() && view.searched.is_none() { <p class="none">{ view.empty }</p> }
        </Follow>
    </> }
}

fn backwards(at: &RecordsAt) -> bool {
    matches!(at, RecordsAt::Newest | RecordsAt::Until(_))
}

/// A search that has found nothing yet goes on by itself.
#[hook]
fn use_search(view: &Rc<RecordsView>, ask: &Callback<RecordsQuery>) {
    let next = view.searched.as_ref().filter(|searched| searched.go_on);
    let next = next.map(|searched| RecordsQuery {
        at: searched.next.clone(),
        ..view.query.clone()
    });
    let ask = ask.clone();
    use_effect_with(next, move |next| {
        next.iter().cloned().for_each(|query| ask.emit(query))
    });
}

fn search_on(view: &RecordsView, ask: &Callback<RecordsQuery>) -> Html {
    let Some(searched) = &view.searched else {
        return Html::default();
    };
    let onclick = {
        let query = RecordsQuery {
            at: searched.next.clone(),
            ..view.query.clone()
        };
        ask.reform(move |_: MouseEvent| query.clone())
    };
    html! {
        <p class="none">
            { format!("Looked through {} records. ", searched.records) }
            <button class="btn sm" {onclick}>{ "Search on" }</button>
        </p>
    }
}

fn toolbar(view: &RecordsView, ask: &Callback<RecordsQuery>) -> Html {
    let change = |change: fn(&mut RecordsQuery, String)| {
        let (ask, query) = (ask.clone(), view.query.clone());
        Callback::from(move |text: String| {
            let mut query = query.clone();
            change(&mut query, text);
            ask.emit(query);
        })
    };
    let onchange = change(|query, topic| {
        query.topic = Some(topic).filter(|topic| !topic.is_empty());
        query.at = RecordsAt::Newest;
    })
    .reform(|event: Event| {
        let select = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        select.map(|select| select.value()).unwrap_or_default()
    });
    let oninput = change(|query, filter| {
        query.filter = filter;
        if backwards(&query.at) {
            query.at = RecordsAt::Newest;
        }
    })
    .reform(|event: InputEvent| typed(&event));
    let at = |at: RecordsAt| {
        let query = RecordsQuery {
            at,
            ..view.query.clone()
        };
        ask.reform(move |_: MouseEvent| query.clone())
    };
    let on = |at: RecordsAt| (view.query.at == at).to_string();
    html! {
        <div class="tbar">
            <select class="in tsel" aria-label="Topic" {onchange}>
                <option value="" selected={view.query.topic.is_none()}>{ "All topics" }</option>
                { for view.topics.iter().map(|topic| html! {
                    <option key={topic.clone()} value={topic.clone()} selected={view.query.topic.as_ref() == Some(topic)}>{ topic }</option>
                }) }
            </select>
            <label class="find"><Icon glyph={Glyph::Search} size={14} />
                <input type="search" placeholder="Key or value contains" aria-label="Key or value contains" value={view.query.filter.clone()} {oninput} />
            </label>
            <div class="segc">
                <button class={classes!((view.query.at == RecordsAt::Oldest).then_some("on"))} aria-pressed={on(RecordsAt::Oldest)} onclick={at(RecordsAt::Oldest)}>{ "Oldest" }</button>
                <button class={classes!((view.query.at == RecordsAt::Newest).then_some("on"))} aria-pressed={on(RecordsAt::Newest)} onclick={at(RecordsAt::Newest)}>{ "Newest" }</button>
            </div>
            <Seek view_started={view.started.0} query={view.query.clone()} {ask} />
            <span class="fx" />
            <span class="meta">{ format!("{} stored", view.total) }</span>
        </div>
    }
}

fn typed(event: &InputEvent) -> String {
    let field = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    field.map(|field| field.value()).unwrap_or_default()
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct SeekProps {
    view_started: u64,
    query: RecordsQuery,
    ask: Callback<RecordsQuery>,
}

/// Goes to an offset or a time.
#[component]
fn Seek(props: &SeekProps) -> Html {
    let text = use_state(String::new);
    let place = place(&text, props.view_started);
    let bad = !text.trim().is_empty() && place.is_none();
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| text.set(typed(&event)))
    };
    let onkeydown = {
        let (ask, query) = (props.ask.clone(), props.query.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter"
                && let Some(at) = place.clone()
            {
                ask.emit(RecordsQuery {
                    at,
                    ..query.clone()
                });
            }
        })
    };
    html! {
        <input class="in mono seek" aria-label="Go to offset or time" placeholder="Offset or time ⏎"
            title="An offset (344), a time of this sitting (00:42.5), or a date (2026-11-24 22:49). Enter goes there."
            aria-invalid={bad.to_string()} value={(*text).clone()} {oninput} {onkeydown} />
    }
}

/// The place that somebody typed: a plain number is an offset, anything else a time.
fn place(text: &str, started: u64) -> Option<RecordsAt> {
    let text = text.trim();
    match text.parse::<i64>() {
        Ok(offset) if (0..1_000_000_000_000).contains(&offset) => Some(RecordsAt::Offset(offset)),
        _ => {
            present::words::typed_moment(text, engine::time::SimTime(started)).map(RecordsAt::Time)
        }
    }
}

fn columns() -> Html {
    let names = [
        "Partition",
        "Offset",
        "Time",
        "Key",
        "Value",
        "Headers",
        "Size",
    ];
    html! {
        <div class="hd" role="row">
            { for names.into_iter().map(|name| html! { <span role="columnheader">{ name }</span> }) }
        </div>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct RowsProps {
    rows: Rc<Vec<Rc<RecordRow>>>,
    act: Callback<Msg>,
}

#[component]
fn Rows(props: &RowsProps) -> Html {
    let stop = props.rows.iter().position(|row| row.selected).unwrap_or(0);
    props
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| self::row(row, at == stop, &props.act))
        .collect()
}

fn row(row: &RecordRow, stop: bool, act: &Callback<Msg>) -> Html {
    let key = format!("{}@{}", row.partition, row.offset);
    let chosen = Selection::Record(row.partition.clone(), row.offset);
    let onclick = act.reform(move |_: MouseEvent| Msg::Selected(Some(chosen.clone())));
    let place = row.partition.to_string();
    html! {
        <div key={key.clone()} data-k={key} role="row" class={classes!("tr", row.selected.then_some("on"), (!row.replicated).then_some("unrep"))}
            tabindex={if stop { "0" } else { "-1" }} aria-selected={row.selected.to_string()} {onclick}>
            <span role="cell" class="mono" title={place.clone()}>{ place }</span>
            <span role="cell" class="num" title={(!row.replicated).then_some("Not replicated yet: consumers can't read it")}>{ row.offset }</span>
            <span role="cell" class="num" title={row.date.clone()}>{ &row.time }</span>
            <span role="cell" class="mono kcell">
                if let Some(label) = &row.mark.label { <KeyGlyph mark={row.mark.clone()} /><span>{ &**label }</span> } else { <i>{ "no key" }</i> }
            </span>
            <span role="cell" class="mono">
                if let Some(value) = &row.value { { value } } else { <i>{ "null" }</i> }
            </span>
            <span role="cell" class="num">{ row.headers }</span>
            <span role="cell" class="num">{ &row.size }</span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{RecordsAt, place};

    #[test]
    fn what_is_typed_is_an_offset_or_a_time() {
        let at = |text| place(text, 1_700_000_000_000_000);
        assert_eq!(at(" 344 "), Some(RecordsAt::Offset(344)));
        assert_eq!(at("00:42"), Some(RecordsAt::Time(1_700_000_042_000)));
        assert_eq!(
            at("1700000042000"),
            Some(RecordsAt::Time(1_700_000_042_000))
        );
        assert_eq!((at("soon"), at("")), (None, None));
    }
}
