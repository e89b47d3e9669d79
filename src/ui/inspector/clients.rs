//! A group or a client in detail.

use std::rc::Rc;

use present::groups::GroupRow;
use present::inspector::clients::{ClientDetail, Drive, GroupDetail, Member, at_rate};
use session::action::Action;
use session::msg::Msg;
use session::selection::Selection;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use world::input::ClientId;
use yew::prelude::*;

use crate::ui::dialogs::Dialog;
use crate::ui::dock::groups::GroupActions;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::inspector::facts;

/// What a group's details need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct GroupProps {
    /// What they show.
    pub view: Rc<GroupDetail>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// A group in detail.
#[component]
pub fn GroupInspector(props: &GroupProps) -> Html {
    let GroupProps {
        view,
        act,
        on_dialog,
    } = props;
    let rows = &view.rows;
    let add = {
        let (group, topic) = (rows.id.clone(), rows.topics.first().cloned());
        on_dialog.reform(move |_: MouseEvent| Dialog::Consumer {
            group: Some(group.clone()),
            topic: topic.clone(),
        })
    };
    html! { <>
        <div class="ib-b" role="tabpanel" aria-label="Group">
            <div class="rt"><h2 title={rows.id.clone()}>{ &rows.id }</h2></div>
            { facts(&view.facts) }
            <div class="sec">
                <div class="sh"><h3>{ "Members" }</h3><span class="fx" /><button class="btn sm" onclick={add}><Icon glyph={Glyph::Plus} size={13} />{ "Add consumer" }</button></div>
                { for view.members.iter().map(|member| self::member(member, act)) }
                if view.members.is_empty() { <p class="note">{ "No members. Committed offsets stay where they are." }</p> }
            </div>
            <div class="sec last">
                <div class="sh"><h3>{ "Partitions" }</h3><span class="meta">{ "committed of log end · lag" }</span></div>
                { for rows.rows.iter().map(|row| partition(row, act)) }
            </div>
        </div>
        <div class="act wrap"><GroupActions id={rows.id.clone()} topics={rows.topics.clone()} {act} {on_dialog} /></div>
    </> }
}

fn member(member: &Member, act: &Callback<Msg>) -> Html {
    let onclick = {
        let (act, client) = (act.clone(), member.client);
        Callback::from(move |_: MouseEvent| {
            if let Some(id) = client {
                act.emit(Msg::Selected(Some(Selection::Client(id))));
            }
        })
    };
    html! {
        <div key={member.member_id.clone()} class="member" title={member.member_id.clone()}>
            <div class="line">
                <button class="gn" disabled={member.client.is_none()} {onclick}>{ &member.client_id }</button>
                <span>{ if member.leads { "leader" } else { "" } }</span><em>{ format!("lag {}", member.lag) }</em>
            </div>
            <p class="meta mono">{ &member.assignment }</p>
        </div>
    }
}

fn partition(row: &GroupRow, act: &Callback<Msg>) -> Html {
    let chosen = Selection::Partition(row.partition.clone());
    let onclick = act.reform(move |_: MouseEvent| Msg::Selected(Some(chosen.clone())));
    let number = |n: Option<i64>| n.map_or_else(|| "–".to_owned(), |n| n.to_string());
    let lag = row
        .lag
        .map_or_else(|| "–".to_owned(), |lag| lag.to_string());
    let place = row.partition.to_string();
    html! {
        <div key={place.clone()} class="line">
            <button class="gn" title={place.clone()} {onclick}>{ place }</button>
            <span>{ format!("{} of {}", number(row.committed), number(row.end)) }</span><em>{ format!("lag {lag}") }</em>
        </div>
    }
}

/// What a client's details need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ClientProps {
    /// What they show.
    pub view: Rc<ClientDetail>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// A client in detail.
#[component]
pub fn ClientInspector(props: &ClientProps) -> Html {
    let ClientProps {
        view,
        act,
        on_dialog,
    } = props;
    let button = |action: Action| act.reform(move |_: MouseEvent| Msg::Acted(action.clone()));
    html! { <>
        <div class="ib-b" role="tabpanel" aria-label="Client">
            <div class="rt"><h2 title={view.client_id.clone()}>{ &view.client_id }</h2><span class="meta">{ view.kind }</span></div>
            { facts(&view.facts) }
            if let Some(drive) = &view.drive { { self::drive(view.id, drive, act, on_dialog) } }
            if !view.config.is_empty() {
                <div class="sec last"><div class="sh"><h3>{ "Configuration in force" }</h3></div><div class="wide">{ facts(&view.config) }</div></div>
            }
        </div>
        <div class="act">
            <button class="btn" disabled={view.closing} title="Ends as its close() does: flushes, commits, leaves its group" onclick={button(Action::CloseClient(view.id))}>{ "Close" }</button>
            <button class="btn danger" title="Gone at once, as by kill -9: its group notices when its session ends" onclick={button(Action::KillClient(view.id))}>{ "Kill" }</button>
        </div>
    </> }
}

fn drive(id: ClientId, drive: &Drive, act: &Callback<Msg>, on_dialog: &Callback<Dialog>) -> Html {
    let toggle = {
        let action = drive.toggle.clone();
        act.reform(move |_: MouseEvent| Msg::Acted(action.clone()))
    };
    let (name, glyph) = match drive.paused {
        true => ("Resume", Glyph::Play),
        false => ("Pause", Glyph::Pause),
    };
    let rate = {
        let (act, workload) = (act.clone(), drive.workload.clone());
        Callback::from(move |event: Event| {
            let field = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let text = field.map(|field| field.value()).unwrap_or_default();
            if let Some(action) = new_rate(id, workload.as_ref(), &text) {
                act.emit(Msg::Acted(action));
            }
        })
    };
    let edit = on_dialog.reform(move |_: MouseEvent| Dialog::Producer {
        topic: None,
        edit: Some(id),
    });
    let is_producer = drive.workload.is_some();
    let (label, unlimited) = match is_producer {
        true => ("Records a second", ""),
        false => ("At most a second", "as they come"),
    };
    html! {
        <div class="sec">
            <div class="sh"><h3>{ if is_producer { "Sends by itself" } else { "Reads by itself" } }</h3>
                if drive.paused { <span class="dotw warn"><i />{ "paused" }</span> }
            </div>
            <div class="drive">
                <button class="btn sm" onclick={toggle}><Icon {glyph} size={13} />{ name }</button>
                <label>{ label }<input class="in mono" type="number" min="0" step="any" placeholder={unlimited} value={drive.rate.clone().unwrap_or_default()} onchange={rate} /></label>
                if is_producer { <button class="btn sm" onclick={edit}>{ "Change…" }</button> }
            </div>
        </div>
    }
}

/// Another rate: an empty field sets a consumer free.
fn new_rate(id: ClientId, workload: Option<&world::input::Workload>, text: &str) -> Option<Action> {
    let text = text.trim();
    match workload {
        Some(workload) => {
            let workload = at_rate(workload, records::decimal::parse(text)?)?;
            Some(Action::SetWorkload(id, Some(workload)))
        }
        None if text.is_empty() => Some(Action::SetReadRate(id, None)),
        None => {
            let rate = records::decimal::parse(text).filter(|rate| *rate >= 0.0)?;
            Some(Action::SetReadRate(id, Some(rate.ceil().min(1e9) as u32)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::new_rate;
    use session::action::Action;
    use world::input::{ClientId, Workload};

    #[test]
    fn rates_as_they_are_typed() {
        let id = ClientId(7);
        assert_eq!(new_rate(id, None, ""), Some(Action::SetReadRate(id, None)));
        assert_eq!(
            new_rate(id, None, "2.5"),
            Some(Action::SetReadRate(id, Some(3)))
        );
        assert_eq!(
            (new_rate(id, None, "-1"), new_rate(id, None, "x")),
            (None, None)
        );
        let workload = Workload {
            topic: "t".to_owned(),
            partition: None,
            interval_micros: 1,
            keys: Vec::new(),
            values: Vec::new(),
            headers: Vec::new(),
            remaining: None,
        };
        let Some(Action::SetWorkload(_, Some(changed))) = new_rate(id, Some(&workload), "4") else {
            panic!("a rate");
        };
        assert_eq!(changed.interval_micros, 250_000);
        assert_eq!(new_rate(id, Some(&workload), "0"), None);
    }
}
