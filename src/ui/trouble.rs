//! What a person sees when the program has to stop.

use gloo::file::{Blob, ObjectUrl};
use gloo::utils::document;
use std::panic::PanicHookInfo;

use crate::ui::effects;

/// From here on a panic shows itself on the page, in the notice that `index.html` keeps hidden for it.
pub fn say_when_the_page_stops() {
    yew::set_custom_panic_hook(Box::new(show));
}

/// The browser then reports the trap that follows, and `boot.js` leaves this notice as it is.
fn show(panic: &PanicHookInfo<'_>) {
    let what = panic.to_string();
    gloo::console::error!(what.as_str());
    write(
        "trouble-sentence",
        "Kafka Playground has stopped because of a mistake in it.",
    );
    write("trouble-detail", &what);
    offer_recording();
    let notice = document().get_element_by_id("trouble");
    // Nothing is left to do where even the notice is missing.
    let _ = notice.map(|notice| notice.remove_attribute("hidden"));
}

/// What was done so far, as a file to keep: replaying it leads to the mistake again.
fn offer_recording() {
    let Some(text) = effects::recording_so_far() else {
        return;
    };
    let Some(link) = document().get_element_by_id("trouble-recording") else {
        return;
    };
    let blob = Blob::new_with_options(text.as_str(), Some("application/json"));
    let url = ObjectUrl::from(blob);
    let _ = link.set_attribute("href", &url);
    let _ = link.remove_attribute("hidden");
    // The program ends here, and the address must outlive it.
    std::mem::forget(url);
}

fn write(id: &str, text: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.set_text_content(Some(text));
    }
}
