//! Arrow keys within a row of tabs, and up and down a list of rows.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Left and right go from tab to tab.
pub fn onkeydown() -> Callback<KeyboardEvent> {
    Callback::from(|event: KeyboardEvent| {
        let forward = match event.key().as_str() {
            "ArrowRight" => true,
            "ArrowLeft" => false,
            _ => return,
        };
        let tab = |element: &Element| element.get_attribute("role").as_deref() == Some("tab");
        if step(&event, forward, tab) {
            event.prevent_default();
        }
    })
}

/// Up and down go from row to row; Enter and the space bar are a click.
pub fn rows_onkeydown() -> Callback<KeyboardEvent> {
    Callback::from(|event: KeyboardEvent| {
        let row = |element: &Element| element.get_attribute("role").as_deref() == Some("row");
        let done = match event.key().as_str() {
            "ArrowDown" => step(&event, true, row),
            "ArrowUp" => step(&event, false, row),
            "Enter" | " " => click(&event, row),
            _ => false,
        };
        if done {
            event.prevent_default();
        }
    })
}

fn target(event: &KeyboardEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn step(event: &KeyboardEvent, forward: bool, wanted: fn(&Element) -> bool) -> bool {
    let beside = |element: &Element| match forward {
        true => element.next_element_sibling(),
        false => element.previous_element_sibling(),
    };
    let mut at = target(event).filter(wanted);
    while let Some(element) = at {
        at = beside(&element);
        if let Some(found) = at.clone().filter(wanted) {
            return found
                .dyn_into::<HtmlElement>()
                .is_ok_and(|found| found.focus().is_ok());
        }
    }
    false
}

fn click(event: &KeyboardEvent, wanted: fn(&Element) -> bool) -> bool {
    let element = target(event).filter(wanted);
    let element = element.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.map(|element| element.click()).is_some()
}
