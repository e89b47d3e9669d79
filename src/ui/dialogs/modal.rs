//! The window that every dialog stands in: the browser's own, so that the page behind it is out of
//! reach for mouse, keyboard and screen reader alike.

use gloo::timers::callback::Timeout;
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement};
use yew::prelude::*;

use crate::ui::icons::{Glyph, Icon};

/// What the window needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ModalProps {
    /// Its title.
    pub title: AttrValue,
    /// Whether it is wider than most.
    #[prop_or_default]
    pub wide: bool,
    /// It is no longer wanted.
    pub on_close: Callback<()>,
    /// What stands in it.
    pub children: Html,
}

/// A window over the page.
#[component]
pub fn Modal(props: &ModalProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let before = document().active_element();
            if let Some(dialog) = node.cast::<HtmlDialogElement>() {
                let _ = dialog.show_modal();
            }
            move || give_focus_back(before)
        });
    }
    let oncancel = props
        .on_close
        .reform(|event: Event| event.prevent_default());
    let onmousedown = {
        let (node, on_close) = (node.clone(), props.on_close.clone());
        // Only the veil around the window is the dialog element itself.
        Callback::from(move |event: MouseEvent| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            if target.is_some() && target == node.cast::<Element>() {
                on_close.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class={classes!("modal", props.wide.then_some("wide"))} aria-labelledby="modal-title" {oncancel} {onmousedown}>
            <div class="modal-window">
                <header class="modal-head">
                    <h2 id="modal-title">{ &props.title }</h2>
                    <button type="button" class="ib" aria-label="Close" title="Close (Esc)" onclick={props.on_close.reform(|_: MouseEvent| ())}>
                        <Icon glyph={Glyph::Close} />
                    </button>
                </header>
                { props.children.clone() }
            </div>
        </dialog>
    }
}

/// Puts the focus on the first field that something is wrong with, once it is drawn.
pub fn focus_first_problem() {
    Timeout::new(30, || {
        let found = document()
            .query_selector("dialog [aria-invalid=true]")
            .ok()
            .flatten();
        if let Some(field) = found.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            let _ = field.focus();
        }
    })
    .forget();
}

fn give_focus_back(before: Option<Element>) {
    let Some(before) = before.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    Timeout::new(0, move || {
        let _ = before.focus();
    })
    .forget();
}
