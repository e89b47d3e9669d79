//! The table of groups.

use std::rc::Rc;

use client::consumer::SeekTo;
use present::groups::{GroupRow, GroupRows, GroupsView};
use session::action::Action;
use session::msg::Msg;
use session::selection::Selection;
use yew::prelude::*;

use crate::ui::command::ActButton;
use crate::ui::dialogs::Dialog;
use crate::ui::icons::Glyph;
use crate::ui::tabs;

/// What the table needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct GroupsProps {
    /// What it shows.
    pub view: Rc<GroupsView>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// The table of groups.
#[component]
pub fn GroupsTable(props: &GroupsProps) -> Html {
    let GroupsProps {
        view,
        act,
        on_dialog,
    } = props;
    let names = ["Partition", "Committed", "Log end", "Lag", "Member"];
    html! {
        <div class="grid grps" role="table" aria-label="Consumer groups" onkeydown={tabs::rows_onkeydown()}>
            <div class="hd" role="row">{ for names.map(|name| html! { <span role="columnheader">{ name }</span> }) }</div>
            { for view.groups.iter().map(|group| self::group(group, act, on_dialog)) }
            if view.groups.is_empty() {
                <p class="none">{ view.empty }{ " " }<button class="btn sm" onclick={add(on_dialog)}>{ "Add group" }</button></p>
            }
        </div>
    }
}

fn add(on_dialog: &Callback<Dialog>) -> Callback<MouseEvent> {
    on_dialog.reform(|_| Dialog::Consumer {
        group: None,
        topic: None,
    })
}

fn group(group: &GroupRows, act: &Callback<Msg>, on_dialog: &Callback<Dialog>) -> Html {
    let select = {
        let chosen = Selection::Group(group.id.clone());
        act.reform(move |_: MouseEvent| Msg::Selected(Some(chosen.clone())))
    };
    let members = present::words::count(group.members, "member");
    html! {
        <div key={group.id.clone()} role="rowgroup" class={classes!("grp", group.selected.then_some("on"))}>
            <div class="gh" role="row">
                <span role="cell"><button class="gname mono" title={group.id.clone()} onclick={select}>{ &group.id }</button></span>
                <span role="cell" class="meta">{ format!("{} · {members} · lag {}", group.state, group.lag) }</span>
                <span role="cell" class="gact"><GroupActions id={group.id.clone()} topics={group.topics.clone()} {act} {on_dialog} /></span>
            </div>
            { for group.rows.iter().map(|row| self::row(row, act)) }
        </div>
    }
}

fn row(row: &GroupRow, act: &Callback<Msg>) -> Html {
    let number = |n: Option<String>| n.unwrap_or_else(|| "–".to_owned());
    let chosen = Selection::Partition(row.partition.clone());
    let onclick = act.reform(move |_: MouseEvent| Msg::Selected(Some(chosen.clone())));
    let place = row.partition.to_string();
    html! {
        <div key={place.clone()} role="row" class="tr" tabindex="-1" {onclick}>
            <span role="cell" class="mono" title={place.clone()}>{ place }</span>
            <span role="cell" class="num">{ number(row.committed.map(|n| n.to_string())) }</span>
            <span role="cell" class="num">{ number(row.end.map(|n| n.to_string())) }</span>
            <span role="cell" class="num"><b>{ number(row.lag.map(|n| n.to_string())) }</b></span>
            <span role="cell" class="mono">{ number(row.owner.as_ref().map(|(name, _)| name.clone())) }</span>
        </div>
    }
}

/// What a group's buttons need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct GroupActionsProps {
    /// The group.
    pub id: AttrValue,
    /// The topics it reads or has read.
    pub topics: Vec<String>,
    /// What was done.
    pub act: Callback<Msg>,
    /// A dialog is wanted.
    pub on_dialog: Callback<Dialog>,
}

/// What can be done to a group: read again from the start, skip to the end, move elsewhere, delete.
#[component]
pub fn GroupActions(props: &GroupActionsProps) -> Html {
    let id = props.id.to_string();
    let open = |dialog: fn(String) -> Dialog| {
        let id = id.clone();
        props
            .on_dialog
            .reform(move |_: MouseEvent| dialog(id.clone()))
    };
    let to = |label: &str, glyph: Option<Glyph>, to: SeekTo| {
        let [topic] = props.topics.as_slice() else {
            return Html::default();
        };
        let action = Action::ResetGroup(id.clone(), topic.clone(), to);
        html! { <ActButton {action} label={label.to_owned()} {glyph} class="gh" act={&props.act} /> }
    };
    html! { <>
        { to("From start", Some(Glyph::Replay), SeekTo::Beginning) }
        { to("To latest", None, SeekTo::End) }
        <button class="btn sm gh" title="To an offset, a time, the start or the end, with the command" onclick={open(Dialog::MoveGroup)}>{ "Move…" }</button>
        <button class="btn sm gh danger" title="Delete the group, with the command" onclick={open(Dialog::ConfirmDeleteGroup)}>{ "Delete…" }</button>
    </> }
}
