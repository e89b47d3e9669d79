//! The keyboard in the diagram: one tab stop, arrows from there, `G` and a letter for a group.

use std::cell::RefCell;
use std::rc::Rc;

use present::flow::focus::{Move, Went, go, group};
use present::flow::view::FlowView;
use session::selection::Selection;
use web_sys::{Element, SvgElement};
use yew::prelude::*;

use super::intent::FlowIntent;

/// What keys act on.
pub struct Keys {
    /// The diagram.
    pub view: Rc<FlowView>,
    /// What the tab stop is.
    pub stop: Option<Selection>,
    /// What the user moved to last.
    pub focus: UseStateHandle<Option<Selection>>,
    /// Whether the element of the focus is still to be focused.
    pub asked: Rc<RefCell<bool>>,
    /// Whether `G` was the last key.
    pub leap: Rc<RefCell<bool>>,
    /// What the user wants.
    pub on: Callback<FlowIntent>,
}

impl Keys {
    /// The listener for keys.
    pub fn callback(self) -> Callback<KeyboardEvent> {
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            if self.press(&event.key()) {
                event.prevent_default();
                event.stop_propagation();
            }
        })
    }

    /// Acts on a key; whether it meant anything here.
    fn press(&self, key: &str) -> bool {
        if self.leap.replace(false)
            && let Some(group) = key
                .chars()
                .next()
                .filter(|_| key.len() == 1)
                .and_then(|c| group(&self.view, c))
        {
            self.focus_on(group);
            return true;
        }
        if key.eq_ignore_ascii_case("g") {
            self.leap.replace(true);
            return true;
        }
        let Some(stop) = &self.stop else { return false };
        let step = match key {
            "ArrowUp" => Move::Up,
            "ArrowDown" => Move::Down,
            "ArrowLeft" => Move::Left,
            "ArrowRight" => Move::Right,
            "Home" => Move::Home,
            "End" => Move::End,
            "Enter" | " " => {
                self.on.emit(FlowIntent::Open(stop.clone()));
                return true;
            }
            _ => return false,
        };
        match go(&self.view, stop, step) {
            Went::To(to) => self.focus_on(to),
            Went::Scroll { to, edge } => {
                if let Some(at) = to.partition() {
                    self.on.emit(FlowIntent::ScrollLane(at.clone(), edge));
                }
                self.focus_on(to);
            }
            Went::Nowhere => {}
        }
        true
    }

    fn focus_on(&self, to: Selection) {
        self.asked.replace(true);
        self.focus.set(Some(to));
    }
}

/// Gives the browser's focus to what the user moved to, as soon as it is drawn.
#[hook]
pub fn use_focus(
    scroller: NodeRef,
    focus: Option<Selection>,
    stop: Option<Selection>,
    asked: Rc<RefCell<bool>>,
) {
    use_effect_with((focus, stop), move |(focus, stop)| {
        if focus.is_none() || focus != stop || !asked.replace(false) {
            return;
        }
        let stops =
            "[data-o][tabindex='0'],.node[tabindex='0'],.gtitle[tabindex='0'],.lane[tabindex='0']";
        let found = scroller
            .cast::<Element>()
            .and_then(|area| area.query_selector(stops).ok().flatten());
        if let Some(element) =
            found.and_then(|element| wasm_bindgen::JsCast::dyn_into::<SvgElement>(element).ok())
        {
            let _ = element.focus();
        }
    });
}
