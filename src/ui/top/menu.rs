//! A menu that opens below its button: arrows move, Escape closes and gives the focus back.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// A menu and its button.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct MenuProps {
    /// The button's name for a screen reader.
    pub label: AttrValue,
    /// The button's classes.
    pub class: AttrValue,
    /// What the button shows.
    pub button: Html,
    /// The entries.
    pub items: Vec<MenuItem>,
    /// Whether it opens towards the left.
    #[prop_or_default]
    pub to_left: bool,
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuItem {
    /// What it says.
    pub title: String,
    /// A line below, or nothing.
    pub about: String,
    /// Whether it is the one in force; `None` where that makes no sense.
    pub checked: Option<bool>,
    /// What it does.
    pub act: Callback<()>,
}

/// A button that opens a menu below it.
#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let open = use_state_eq(|| false);
    let anchor = use_node_ref();
    {
        let anchor = anchor.clone();
        use_effect_with(*open, move |open| {
            if *open {
                focus_chosen(&anchor);
            }
        });
    }
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let onkeydown = {
        let (open, anchor) = (open.clone(), anchor.clone());
        Callback::from(move |event: KeyboardEvent| on_key(&event, &open, &anchor))
    };
    let onfocusout = {
        let (open, anchor) = (open.clone(), anchor.clone());
        Callback::from(move |event: FocusEvent| {
            if !stays_within(&anchor, &event) {
                open.set(false);
            }
        })
    };
    html! {
        <div class="menu-anchor" ref={anchor} {onkeydown} {onfocusout}>
            <button class={props.class.clone()} aria-label={props.label.clone()} title={props.label.clone()}
                aria-haspopup="menu" aria-expanded={open.to_string()} onclick={toggle}>
                { props.button.clone() }
            </button>
            if *open {
                <div class={classes!("menu", props.to_left.then_some("to-left"))} role="menu">
                    { for props.items.iter().map(|item| entry(item, &open)) }
                </div>
            }
        </div>
    }
}

fn entry(item: &MenuItem, open: &UseStateHandle<bool>) -> Html {
    let act = {
        let (open, act) = (open.clone(), item.act.clone());
        Callback::from(move |_: MouseEvent| {
            open.set(false);
            act.emit(());
        })
    };
    let role = if item.checked.is_some() {
        "menuitemradio"
    } else {
        "menuitem"
    };
    html! {
        <button {role} aria-checked={item.checked.map(|checked| checked.to_string())} onclick={act}>
            <span aria-hidden="true">{ if item.checked == Some(true) { "✓" } else { "" } }</span>
            <span>{ &item.title }</span>
            if !item.about.is_empty() { <small>{ &item.about }</small> }
        </button>
    }
}

fn on_key(event: &KeyboardEvent, open: &UseStateHandle<bool>, anchor: &NodeRef) {
    if !**open {
        return;
    }
    let entries = entries(anchor);
    let active = gloo::utils::document().active_element();
    let at = entries.iter().position(|entry| {
        active
            .as_ref()
            .is_some_and(|active| active == entry.unchecked_ref::<Element>())
    });
    let last = entries.len().saturating_sub(1);
    let next = match (event.key().as_str(), at) {
        ("ArrowDown", at) => at.map_or(0, |at| if at == last { 0 } else { at + 1 }),
        ("ArrowUp", at) => at.map_or(last, |at| at.checked_sub(1).unwrap_or(last)),
        ("Home", _) => 0,
        ("End", _) => last,
        ("Escape", _) => {
            open.set(false);
            if let Some(button) = button_of(anchor) {
                let _ = button.focus();
            }
            event.prevent_default();
            event.stop_propagation();
            return;
        }
        _ => return,
    };
    if let Some(entry) = entries.get(next) {
        let _ = entry.focus();
    }
    event.prevent_default();
    event.stop_propagation();
}

/// An open menu has the focus on the entry in force, or on its first.
fn focus_chosen(anchor: &NodeRef) {
    let entries = entries(anchor);
    let in_force =
        |entry: &&HtmlElement| entry.get_attribute("aria-checked").as_deref() == Some("true");
    if let Some(entry) = entries.iter().find(in_force).or(entries.first()) {
        let _ = entry.focus();
    }
}

fn entries(anchor: &NodeRef) -> Vec<HtmlElement> {
    let Some(anchor) = anchor.cast::<Element>() else {
        return Vec::new();
    };
    let Ok(found) = anchor.query_selector_all("[role^=menuitem]") else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into().ok())
        .collect()
}

fn button_of(anchor: &NodeRef) -> Option<HtmlElement> {
    anchor
        .cast::<Element>()?
        .query_selector("button")
        .ok()
        .flatten()?
        .dyn_into()
        .ok()
}

fn stays_within(anchor: &NodeRef, event: &FocusEvent) -> bool {
    let next = event
        .related_target()
        .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    next.is_some_and(|next| {
        anchor
            .cast::<Element>()
            .is_some_and(|anchor| anchor.contains(Some(&next)))
    })
}
