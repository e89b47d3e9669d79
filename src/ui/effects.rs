//! The one place where effects become calls of the browser.

use std::cell::RefCell;

use engine::time::SimTime;
use gloo::utils::document;
use session::msg::{Effect, Msg};
use session::recording::Recording;
use session::session::Session;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::ui::browser::{media, storage};

thread_local! {
    /// Kept outside the component, so that a page that had to stop can still hand it out.
    static SO_FAR: RefCell<Option<Recording>> = const { RefCell::new(None) };
}

/// Writes down what is done.
pub struct Recorder;

impl Recorder {
    /// Begins a recording; the one before it is let go.
    pub fn begin(recording: Recording) -> Recorder {
        SO_FAR.with_borrow_mut(|so_far| *so_far = Some(recording));
        Recorder
    }

    /// Notes what was done, and when in simulated time.
    pub fn note(&self, at: SimTime, msg: &Msg) {
        SO_FAR.with_borrow_mut(|so_far| {
            if let Some(recording) = so_far {
                recording.note(at, msg);
            }
        });
    }
}

/// The recording so far, as a file's text.
pub fn recording_so_far() -> Option<String> {
    SO_FAR.with(|so_far| {
        let so_far = so_far.try_borrow().ok()?;
        so_far.as_ref()?.to_json().ok()
    })
}

/// Does what only the browser can.
#[inline(never)]
pub fn perform(effect: Effect, session: &Session) {
    match effect {
        Effect::FocusTerminal(id) => focus(&format!("terminal-input-{}", id.0)),
        Effect::RememberLook => {
            media::set_theme(session.layout().theme);
            storage::remember_look(session.layout());
        }
        Effect::Announce(text) => announce(&text),
    }
}

/// Says something to a screen reader, in the region that [`crate::ui::page`] keeps for it.
pub fn announce(text: &str) {
    if let Some(region) = document().get_element_by_id("announcer") {
        region.set_text_content(Some(text));
    }
}

/// Puts the focus on an element once it has been drawn.
pub fn focus(id: &str) {
    let id = id.to_owned();
    gloo::timers::callback::Timeout::new(50, move || {
        let element = document().get_element_by_id(&id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    })
    .forget();
}
