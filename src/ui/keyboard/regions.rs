//! The page's regions, as F6 goes through them.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::map::Toward;
use crate::ui::effects;

/// Every region, in the order of F6.
const REGIONS: [&str; 7] = [
    ".top", ".ptabs", ".left", ".stage", ".insp", ".dock", ".time",
];
const FOCUSABLE: &str =
    "input:not([type=hidden]), textarea, select, button:not([disabled]), a[href], [tabindex='0']";

/// Puts the focus into the next region that can be seen, or the previous, and says which it is.
pub fn go(toward: Toward) {
    let regions: Vec<Element> = REGIONS
        .iter()
        .filter_map(|region| find(region))
        .filter(is_seen)
        .collect();
    let active = document().active_element();
    let here = regions
        .iter()
        .position(|region| region.contains(active.as_deref()));
    let count = regions.len();
    let next = match (toward, here) {
        (Toward::Next, None) => 0,
        (Toward::Next, Some(here)) => here.saturating_add(1).checked_rem(count).unwrap_or(0),
        (Toward::Previous, None | Some(0)) => count.saturating_sub(1),
        (Toward::Previous, Some(here)) => here.saturating_sub(1),
    };
    if let Some(region) = regions.get(next) {
        enter(region);
    }
}

/// Puts the focus into the diagram's filter.
pub fn focus_filter() {
    if let Some(field) = find(".stage .find input") {
        focus(&field);
    }
}

/// Takes the focus out of the terminal, to its tab.
pub fn leave_terminal() {
    match find(".dock [role=tab][aria-selected=true]") {
        Some(tab) => focus(&tab),
        None => {
            let active = document().active_element();
            if let Some(active) = active.and_then(|active| active.dyn_into::<HtmlElement>().ok()) {
                let _ = active.blur();
            }
        }
    }
}

fn enter(region: &Element) {
    let inside = region.query_selector_all(FOCUSABLE).ok();
    let first = inside.and_then(|list| {
        (0..list.length())
            .filter_map(|at| list.get(at)?.dyn_into::<Element>().ok())
            .find(is_seen)
    });
    match first {
        Some(first) => focus(&first),
        None => focus(region),
    }
    if let Some(name) = region.get_attribute("aria-label") {
        effects::announce(&name);
    }
}

fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

fn is_seen(element: &Element) -> bool {
    let rect = element.get_bounding_client_rect();
    rect.width() > 0.0 && rect.height() > 0.0
}

fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}
