//! The handle on the dock when it is a sheet: dragged, pressed, or moved with arrow keys.

use session::layout::{Layout, Sheet};
use session::msg::{Look, Msg};
use web_sys::Element;
use yew::prelude::*;

/// So far a handle has to be dragged, in CSS pixels.
const ENOUGH: i32 = 40;

/// What the sheet's handle needs.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SheetHandleProps {
    /// How much of the screen the sheet takes now.
    pub sheet: Sheet,
    /// What was done.
    pub act: Callback<Msg>,
}

/// The handle on the dock when it is a sheet.
#[component]
pub fn SheetHandle(props: &SheetHandleProps) -> Html {
    let sheet = props.sheet;
    let set = props.act.reform(|sheet| Msg::Look(Look::Sheet(sheet)));
    let grabbed = use_mut_ref(|| None::<i32>);
    let onpointerdown = {
        let grabbed = grabbed.clone();
        Callback::from(move |event: PointerEvent| {
            *grabbed.borrow_mut() = Some(event.client_y());
            let _ = event
                .target_unchecked_into::<Element>()
                .set_pointer_capture(event.pointer_id());
        })
    };
    let onpointerup = {
        let set = set.clone();
        Callback::from(move |event: PointerEvent| {
            let Some(from) = grabbed.borrow_mut().take() else {
                return;
            };
            let by = event.client_y().saturating_sub(from);
            set.emit(if by.abs() < ENOUGH {
                pressed(sheet)
            } else {
                dragged(sheet, by)
            });
        })
    };
    let onkeydown = {
        let set = set.clone();
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowUp" => dragged(sheet, -ENOUGH),
                "ArrowDown" => dragged(sheet, ENOUGH),
                "Enter" | " " => pressed(sheet),
                _ => return,
            };
            event.prevent_default();
            set.emit(next);
        })
    };
    let words = match sheet {
        Sheet::Peek => "Dock: only its tabs",
        Sheet::Half => "Dock: half",
        Sheet::Full => "Dock: full",
    };
    html! {
        <button class="grab" aria-label={words} title="Drag up or down, or press" {onpointerdown} {onpointerup} {onkeydown}><i /></button>
    }
}

/// How much of the screen the sheet takes now; the dock may also have been opened or closed by a key.
pub fn shown(layout: &Layout) -> Sheet {
    match (layout.dock_open, layout.sheet) {
        (false, _) => Sheet::Peek,
        (true, Sheet::Peek) => Sheet::Half,
        (true, sheet) => sheet,
    }
}

/// Dragged up it takes more of the screen, dragged down less.
pub fn dragged(sheet: Sheet, by: i32) -> Sheet {
    match (sheet, by < 0) {
        (Sheet::Peek, true) | (Sheet::Full, false) => Sheet::Half,
        (Sheet::Half | Sheet::Full, true) => Sheet::Full,
        (Sheet::Peek | Sheet::Half, false) => Sheet::Peek,
    }
}

/// Pressed it opens, and when it is open to its fullest it closes.
pub fn pressed(sheet: Sheet) -> Sheet {
    match sheet {
        Sheet::Peek => Sheet::Half,
        Sheet::Half => Sheet::Full,
        Sheet::Full => Sheet::Peek,
    }
}
